//! What a provider's token must say to be believed, and what is read out of it.

use serde_json::{Map, Value};
use sha2::{Digest as _, Sha256, Sha384, Sha512};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::jws::Algorithm;
use crate::accounts::same;
use crate::clock::Millis;

/// By how much the provider's clock may differ from ours, in seconds.
const LEEWAY: i64 = 60;
/// The longest subject, by the standard.
const MOST_SUBJECT: usize = 255;
/// The most values of one claim that are looked at.
const MOST_VALUES: usize = 1_000;

/// What a token is held against.
pub(super) struct Expected<'a> {
    pub(super) issuer: &'a str,
    pub(super) client_id: &'a str,
    pub(super) nonce: &'a str,
    pub(super) now: Millis,
    /// The access token that came beside it.
    pub(super) access_token: Option<&'a str>,
    pub(super) algorithm: Algorithm,
}

/// Claims about a person that are believed.
#[derive(Debug, Clone, Default)]
pub(super) struct Claims(Map<String, Value>);

/// Checks what a token with a right signature says (OpenID Connect Core, 3.1.3.7).
///
/// # Errors
/// What is wrong with it, for the log.
pub(super) fn check(claims: Map<String, Value>, by: &Expected<'_>) -> Result<Claims, String> {
    let text = |name: &str| claims.get(name).and_then(Value::as_str);
    let seconds = |name: &str| match claims.get(name) {
        None => Ok(None),
        Some(value) => match value.as_f64() {
            #[expect(
                clippy::cast_possible_truncation,
                reason = "a time far away saturates and is refused as such"
            )]
            Some(seconds) => Ok(Some(seconds as i64)),
            None => Err(format!("its {name} is no time")),
        },
    };
    if text("iss") != Some(by.issuer) {
        return Err("its token is of another issuer".to_owned());
    }
    let audience: Vec<&str> = match claims.get("aud") {
        Some(Value::String(one)) => vec![one],
        Some(Value::Array(all)) => all.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    };
    if !audience.contains(&by.client_id) {
        return Err("its token is for another client".to_owned());
    }
    match claims.get("azp") {
        Some(party) if party.as_str() != Some(by.client_id) => {
            return Err("its token was issued to another client".to_owned());
        }
        None if audience.len() > 1 => {
            return Err("its token is for several clients and says not whose it is".to_owned());
        }
        _ => {}
    }
    let now = by.now.0.div_euclid(1000);
    let ends = seconds("exp")?.ok_or("its token has no end")?;
    if ends.saturating_add(LEEWAY) <= now {
        return Err("its token has expired; does one of the clocks go wrong?".to_owned());
    }
    let issued = seconds("iat")?.ok_or("its token says not when it was issued")?;
    for from in [Some(issued), seconds("nbf")?].into_iter().flatten() {
        if from.saturating_sub(LEEWAY) > now {
            return Err("its token is of the future; does one of the clocks go wrong?".to_owned());
        }
    }
    if !text("nonce").is_some_and(|nonce| same(nonce, by.nonce)) {
        return Err("its token was not made for this sign-in".to_owned());
    }
    if let (Some(hash), Some(token)) = (claims.get("at_hash"), by.access_token)
        && hash.as_str() != Some(&half_hash(by.algorithm, token))
    {
        return Err("its token belongs to another access token".to_owned());
    }
    let subject = text("sub").unwrap_or_default();
    if subject.is_empty()
        || subject.len() > MOST_SUBJECT
        || !subject.bytes().all(|byte| (0x20..0x7f).contains(&byte))
    {
        return Err("its token names nobody".to_owned());
    }
    Ok(Claims(claims))
}

/// The left half of a hash, by the algorithm of the token that holds it.
fn half_hash(algorithm: Algorithm, text: &str) -> String {
    let hash = match algorithm {
        Algorithm::Rs256 | Algorithm::Ps256 | Algorithm::Es256 => Sha256::digest(text).to_vec(),
        Algorithm::Rs384 | Algorithm::Es384 => Sha384::digest(text).to_vec(),
        Algorithm::Rs512 | Algorithm::EdDsa => Sha512::digest(text).to_vec(),
    };
    URL_SAFE_NO_PAD.encode(&hash[..hash.len() / 2])
}

impl Claims {
    /// What the provider knows the person by.
    pub(super) fn subject(&self) -> &str {
        self.text("sub").unwrap_or_default()
    }

    /// Adds what the userinfo endpoint said; what the token says already stays.
    ///
    /// # Errors
    /// Where it is about somebody else (OpenID Connect Core, 5.3.2).
    pub(super) fn add(&mut self, userinfo: Map<String, Value>) -> Result<(), String> {
        if userinfo.get("sub").and_then(Value::as_str) != Some(self.subject()) {
            return Err("its userinfo is about somebody else than its token".to_owned());
        }
        // An address is verified, or not, where it stands.
        let other_mail =
            self.0.contains_key("email") && self.0.get("email") != userinfo.get("email");
        for (name, value) in userinfo {
            if other_mail && name == "email_verified" {
                continue;
            }
            self.0.entry(name).or_insert(value);
        }
        Ok(())
    }

    #[cfg(test)]
    pub(super) fn set(&mut self, claims: Map<String, Value>) {
        self.0 = claims;
    }

    /// A claim by its name, or by a path of names with full stops between.
    fn get(&self, path: &str) -> Option<&Value> {
        if let Some(value) = self.0.get(path) {
            return Some(value);
        }
        let mut names = path.split('.');
        let first = self.0.get(names.next()?)?;
        names.try_fold(first, |value, name| value.get(name))
    }

    /// Whether the provider has asked them who they are since then.
    pub(super) fn was_asked_since(&self, since: Millis) -> bool {
        let at = self.get("auth_time").and_then(Value::as_i64);
        at.is_some_and(|at| at >= since.0.div_euclid(1000))
    }

    /// A claim that is a text.
    pub(super) fn text(&self, path: &str) -> Option<&str> {
        self.get(path).and_then(Value::as_str)
    }

    /// A claim that is a list of texts, or one.
    pub(super) fn texts(&self, path: &str) -> Vec<&str> {
        match self.get(path) {
            Some(Value::String(one)) => vec![one],
            Some(Value::Array(all)) => {
                let texts = all.iter().filter_map(Value::as_str);
                texts.take(MOST_VALUES).collect()
            }
            _ => Vec::new(),
        }
    }

    /// Whether the provider has verified the mail address. Some write the word.
    pub(super) fn email_is_verified(&self) -> bool {
        match self.get("email_verified") {
            Some(Value::Bool(verified)) => *verified,
            Some(Value::String(word)) => word == "true",
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const NOW: i64 = 1_793_606_400;

    fn object(value: Value) -> Map<String, Value> {
        match value {
            Value::Object(map) => map,
            other => panic!("{other} is no object"),
        }
    }

    fn right() -> Value {
        json!({ "iss": "https://a", "aud": "c", "sub": "s", "nonce": "n",
            "exp": NOW + 300, "iat": NOW, "email": "a@b.example" })
    }

    fn checked(claims: Value) -> Result<Claims, String> {
        let by = Expected {
            issuer: "https://a",
            client_id: "c",
            nonce: "n",
            now: Millis(NOW * 1000),
            access_token: Some("jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Y"),
            algorithm: Algorithm::Rs256,
        };
        check(object(claims), &by)
    }

    #[test]
    fn each_claim_that_is_missing_or_wrong_is_enough_to_refuse() {
        assert_eq!(checked(right()).expect("right").subject(), "s");
        for name in ["iss", "aud", "sub", "nonce", "exp", "iat"] {
            let mut claims = right();
            claims.as_object_mut().expect("one").remove(name);
            assert!(checked(claims).is_err(), "without {name}");
        }
        for (name, value) in [
            ("iss", json!("https://a/")),
            ("iss", json!(["https://a"])),
            ("aud", json!("d")),
            ("aud", json!([])),
            ("aud", json!(["c", "d"])),
            ("azp", json!("d")),
            ("azp", json!(7)),
            ("exp", json!(NOW - 60)),
            ("exp", json!("soon")),
            ("exp", json!(-1e300)),
            ("iat", json!(NOW + 61)),
            ("nbf", json!(NOW + 61)),
            ("nbf", json!(1e300)),
            ("nbf", json!({})),
            ("nonce", json!("m")),
            ("nonce", json!(null)),
            ("sub", json!("")),
            ("sub", json!(7)),
            ("sub", json!("s\u{202e}")),
            ("sub", json!("s".repeat(256))),
            ("at_hash", json!("x")),
            ("at_hash", json!(1)),
        ] {
            let mut claims = right();
            claims[name] = value.clone();
            assert!(checked(claims).is_err(), "{name}: {value}");
        }
    }

    #[test]
    fn clocks_may_differ_by_less_than_a_minute_and_several_audiences_name_their_party() {
        for (name, value) in [
            ("exp", json!(NOW - 59)),
            ("iat", json!(NOW + 59)),
            ("nbf", json!(NOW)),
            ("exp", json!(1_793_606_400.5)),
            ("aud", json!(["c"])),
            ("azp", json!("c")),
            // The standard's own example.
            ("at_hash", json!("77QmUPtjPfzWtF2AnpK9RQ")),
        ] {
            let mut claims = right();
            claims[name] = value.clone();
            assert!(checked(claims).is_ok(), "{name}: {value}");
        }
        let mut several = right();
        (several["aud"], several["azp"]) = (json!(["d", "c"]), json!("c"));
        assert!(checked(several).is_ok());
    }

    #[test]
    fn userinfo_adds_what_the_token_leaves_out_and_is_of_the_same_person() {
        let mut claims = checked(right()).expect("right");
        let other = json!({ "sub": "t", "groups": ["admins"] });
        assert!(claims.add(object(other)).is_err());
        assert!(claims.add(object(json!({ "groups": ["admins"] }))).is_err());
        let other_mail = json!({ "sub": "s", "email": "x@y.example", "email_verified": true });
        claims.add(object(other_mail)).expect("the same person");
        assert!(!claims.email_is_verified(), "it is about the other address");
        let more = json!({ "sub": "s", "email": "a@b.example", "email_verified": "true",
            "groups": ["a", 1, "b"], "realm_access": { "roles": "r" }, "x.y": "z" });
        claims.add(object(more)).expect("the same person");
        assert_eq!(claims.text("email"), Some("a@b.example"));
        assert!(claims.email_is_verified());
        assert_eq!(claims.texts("groups"), ["a", "b"]);
        assert_eq!(claims.texts("realm_access.roles"), ["r"]);
        assert_eq!(claims.text("x.y"), Some("z"));
        assert!(claims.texts("realm_access.none.x").is_empty());
    }
}
