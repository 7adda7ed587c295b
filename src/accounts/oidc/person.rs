//! Who somebody is here, by what the provider says of them.

use super::claims::Claims;
use crate::accounts::{MAX_NAME, Role};
use crate::config::{EVERY_BRAND, MatchBy, Oidc};
use crate::hidden::is_hidden;
use crate::store::identities::{Arrival, NotLetIn, Seen};

/// Names that stand in the log for the program itself.
const RESERVED: [&str; 5] = ["system", "schedule", "doctor", "import", "recheck"];

/// Somebody as the configuration reads them.
///
/// # Errors
/// [`NotLetIn::NoRole`] where roles follow from their claims, and none does.
pub(super) fn read(
    settings: &Oidc,
    claims: &Claims,
    brands: &[String],
) -> Result<Arrival, NotLetIn> {
    let role = role(settings, claims)?;
    Ok(Arrival {
        issuer: settings.issuer.clone(),
        subject: claims.subject().to_owned(),
        name: name(settings, claims),
        take_existing: settings.match_existing != MatchBy::Nothing,
        add: settings.create,
        brands: brands_of(settings, claims, brands),
        role,
        first_role: settings.role.unwrap_or_default(),
    })
}

/// Their name here. A mail address counts only when the provider has verified it:
/// elsewhere everybody can write down whatever address they like.
fn name(settings: &Oidc, claims: &Claims) -> Option<String> {
    let claim = match settings.match_existing {
        MatchBy::Email => "email",
        MatchBy::Name | MatchBy::Nothing => &settings.name_claim,
    };
    if claim == "email" && !claims.email_is_verified() {
        return None;
    }
    let name = claims.text(claim)?;
    let fits = !name.is_empty()
        && name.trim() == name
        && name.chars().count() <= MAX_NAME
        && !name.chars().any(is_hidden)
        && !RESERVED.contains(&name.to_lowercase().as_str());
    fits.then(|| name.to_owned())
}

/// The role they have from now on; none: the one they have.
fn role(settings: &Oidc, claims: &Claims) -> Result<Option<Role>, NotLetIn> {
    let Some(claim) = &settings.role_claim else {
        return Ok(None);
    };
    let values = claims.texts(claim);
    let given = values.iter().filter_map(|value| settings.roles.get(*value));
    match given.max().copied().or(settings.role) {
        Some(role) => Ok(Some(role)),
        None => Err(NotLetIn::NoRole),
    }
}

/// The brands they see from now on. Of those that the provider names, these are left out
/// which are not in the catalog.
fn brands_of(settings: &Oidc, claims: &Claims, known: &[String]) -> Seen {
    let Some(claim) = &settings.brand_claim else {
        return Seen::AsBefore;
    };
    let values = claims.texts(claim).into_iter();
    let named: Vec<&str> = match settings.brands.is_empty() {
        true => values.collect(),
        false => values
            .filter_map(|value| settings.brands.get(value))
            .map(String::as_str)
            .collect(),
    };
    if !settings.brands.is_empty() && named.contains(&EVERY_BRAND) {
        return Seen::All;
    }
    let theirs = named
        .into_iter()
        .filter(|brand| known.iter().any(|one| one == brand));
    Seen::These(theirs.map(ToOwned::to_owned).collect())
}

#[cfg(test)]
mod tests {
    use serde_json::{Map, Value, json};

    use super::*;
    use crate::config::Config;

    fn settings(more: &str) -> Oidc {
        let text = format!(
            "[server]\npublic_url = \"https://m.example\"\n[server.oidc]\n\
             issuer = \"https://a.example\"\nclient_id = \"m\"\n{more}"
        );
        let config = Config::parse(&text, std::path::Path::new("m.toml")).expect(more);
        config.server.oidc.expect("it is there")
    }

    fn claims(value: Value) -> Claims {
        let mut claims = Claims::default();
        let Value::Object(mut map) = value else {
            panic!("no object")
        };
        map.insert("sub".to_owned(), json!("s"));
        claims.set(map);
        claims
    }

    fn named(more: &str, value: Value) -> Option<String> {
        let arrival = read(&settings(more), &claims(value), &[]).expect("a role");
        arrival.name
    }

    #[test]
    fn a_name_is_plain_and_a_mail_address_verified() {
        let name = |name: &str| named("", json!({ "preferred_username": name }));
        assert_eq!(name("mara"), Some("mara".to_owned()));
        assert_eq!(name("Zoë Ångström"), Some("Zoë Ångström".to_owned()));
        let long = "m".repeat(101);
        for bad in [
            "",
            " mara",
            "ma\u{200b}ra",
            "\u{202e}aram",
            "a\nb",
            "System",
            &long,
        ] {
            assert_eq!(name(bad), None, "{bad:?}");
        }
        assert_eq!(named("", json!({ "preferred_username": ["mara"] })), None);
        let mail =
            json!({ "email": "m@x.example", "email_verified": true, "preferred_username": "adam" });
        let unverified = json!({ "email": "m@x.example", "preferred_username": "adam" });
        for more in ["match_existing = \"email\"\n", "name_claim = \"email\"\n"] {
            assert_eq!(named(more, mail.clone()), Some("m@x.example".to_owned()));
            assert_eq!(named(more, unverified.clone()), None);
        }
    }

    #[test]
    fn of_several_groups_the_highest_role_counts_and_none_is_no_role() {
        let by_group = "role_claim = \"realm_access.roles\"\n[server.oidc.roles]\n\
            look = \"viewer\"\nlead = \"manager\"\nwork = \"reviewer\"\n";
        let role = |more: &str, groups: Value| {
            let claims = claims(json!({ "realm_access": { "roles": groups } }));
            read(&settings(more), &claims, &[]).map(|arrival| arrival.role)
        };
        assert_eq!(
            role(by_group, json!(["work", "lead", "x"])),
            Ok(Some(Role::Manager))
        );
        assert_eq!(role(by_group, json!("look")), Ok(Some(Role::Viewer)));
        for nothing in [
            json!([]),
            json!(["Lead"]),
            json!(null),
            json!({ "lead": 1 }),
        ] {
            assert_eq!(role(by_group, nothing), Err(NotLetIn::NoRole));
        }
        let otherwise = format!("role = \"viewer\"\n{by_group}");
        assert_eq!(role(&otherwise, json!([])), Ok(Some(Role::Viewer)));
        assert_eq!(role("role = \"viewer\"\n", json!(["lead"])), Ok(None));
    }

    #[test]
    fn brands_are_those_of_the_catalog_that_are_named_and_a_star_is_meant_in_a_map_only() {
        let known = ["Ostrelund".to_owned(), "Velora".to_owned()];
        let seen = |more: &str, value: Value| {
            let claims = claims(json!({ "brands": value }));
            let arrival = read(&settings(more), &claims, &known).expect("a role");
            arrival.brands
        };
        let plain = "brand_claim = \"brands\"\n";
        let mapped =
            "brand_claim = \"brands\"\n[server.oidc.brands]\ngv = \"Velora\"\nall = \"*\"\n";
        let these = |brands: &[&str]| Seen::These(brands.iter().map(ToString::to_string).collect());
        assert_eq!(seen("", json!(["Velora"])), Seen::AsBefore);
        assert_eq!(seen(plain, json!(["Velora", "Other"])), these(&["Velora"]));
        assert_eq!(seen(plain, json!(["*"])), these(&[]));
        assert_eq!(seen(plain, Value::Object(Map::new())), these(&[]));
        assert_eq!(seen(mapped, json!(["gv", "Ostrelund"])), these(&["Velora"]));
        assert_eq!(seen(mapped, json!(["gv", "all"])), Seen::All);
    }
}
