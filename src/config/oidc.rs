//! `[server.oidc]`: signing in by an OpenID provider.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use url::Url;

use crate::accounts::Role;

/// In [`Oidc::brands`]: every brand.
pub const EVERY_BRAND: &str = "*";

/// An OpenID provider by which people sign in.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Oidc {
    /// The provider's issuer, as it writes it itself.
    pub issuer: String,
    /// What the provider knows this program by.
    pub client_id: String,
    /// The environment variable that holds the client's secret; none for a public
    /// client, which proves itself by PKCE alone.
    #[serde(default)]
    pub client_secret_env: Option<String>,
    /// How the secret is told.
    #[serde(default)]
    pub client_auth: ClientAuth,
    /// What stands on the button.
    #[serde(default = "Oidc::usual_label")]
    pub label: String,
    /// What is asked for, `openid` among them.
    #[serde(default = "Oidc::usual_scopes")]
    pub scopes: Vec<String>,
    /// Whether the provider's userinfo endpoint is asked too, where it has one.
    #[serde(default = "Oidc::yes")]
    pub userinfo: bool,
    /// The claim that names a person.
    #[serde(default = "Oidc::usual_name")]
    pub name_claim: String,
    /// By what somebody who signs in so for the first time is taken for a user that
    /// there is.
    #[serde(default)]
    pub match_existing: MatchBy,
    /// Whether users that are not there yet are added.
    #[serde(default)]
    pub create: bool,
    /// The role of users that are added, and of those to whom `roles` gives none.
    #[serde(default)]
    pub role: Option<Role>,
    /// The claim that says what `roles` is about; a path such as `realm_access.roles`.
    #[serde(default)]
    pub role_claim: Option<String>,
    /// The role each of its values gives; of several the highest counts.
    #[serde(default)]
    pub roles: BTreeMap<String, Role>,
    /// The claim that says which brands somebody sees.
    #[serde(default)]
    pub brand_claim: Option<String>,
    /// The brand each of its values stands for; empty: the values are brands.
    #[serde(default)]
    pub brands: BTreeMap<String, String>,
    /// Whether people who sign out here are offered to sign out at the provider too,
    /// where it has a place for that.
    #[serde(default = "Oidc::yes")]
    pub sign_out_there: bool,
    /// Whether the provider is asked to send them back to the page of signing in
    /// afterwards; that address must be registered with it.
    #[serde(default)]
    pub back_after_sign_out: bool,
    /// Values of the claim `amr` by which the provider has asked for a second factor.
    #[serde(default)]
    pub second_factor_amr: Vec<String>,
    /// Values of the claim `acr` by which it has.
    #[serde(default)]
    pub second_factor_acr: Vec<String>,
}

/// How a client tells its secret.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum ClientAuth {
    /// In the header `Authorization` (`client_secret_basic`).
    #[default]
    Basic,
    /// In the form (`client_secret_post`).
    Post,
}

/// By what somebody is taken for a user that there is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum MatchBy {
    /// By nothing: an administrator binds them.
    #[default]
    Nothing,
    /// By the claim that names them, which must be the user's name.
    Name,
    /// By their mail address, which must be verified and the user's name.
    Email,
}

impl Oidc {
    fn usual_label() -> String {
        "Sign in with your organisation".to_owned()
    }

    fn usual_scopes() -> Vec<String> {
        ["openid", "profile", "email"].map(str::to_owned).to_vec()
    }

    fn usual_name() -> String {
        "preferred_username".to_owned()
    }

    fn yes() -> bool {
        true
    }

    /// The issuer's address.
    ///
    /// # Errors
    /// What is wrong with it, with the key.
    pub fn issuer_url(&self) -> Result<Url, String> {
        let url = Url::parse(&self.issuer)
            .map_err(|error| format!("server.oidc.issuer is no address: {error}"))?;
        if !is_protected(&url) {
            return Err(
                "server.oidc.issuer must begin with https:// (http:// only on this machine)"
                    .to_owned(),
            );
        }
        let plain = url.query().is_none()
            && url.fragment().is_none()
            && url.username().is_empty()
            && url.password().is_none();
        if !plain {
            return Err(
                "server.oidc.issuer must be an address without user name, query and fragment"
                    .to_owned(),
            );
        }
        Ok(url)
    }

    /// Looks for what contradicts itself.
    pub(super) fn check(&self) -> Result<(), String> {
        self.issuer_url()?;
        if self.issuer.contains("{tenant") || self.issuer.contains("/common/") {
            return Err(
                "server.oidc.issuer must name one tenant by its id, not all of them".to_owned(),
            );
        }
        for (key, value) in [
            ("client_id", &self.client_id),
            ("label", &self.label),
            ("name_claim", &self.name_claim),
        ] {
            if value.trim().is_empty() {
                return Err(format!("server.oidc.{key} must not be empty"));
            }
        }
        if !self.scopes.iter().any(|scope| scope == "openid") {
            return Err("server.oidc.scopes must have \"openid\" among them".to_owned());
        }
        if self
            .scopes
            .iter()
            .any(|scope| scope.is_empty() || scope.contains(char::is_whitespace))
        {
            return Err("server.oidc.scopes must be words, one each".to_owned());
        }
        if self.role_claim.is_some() && self.roles.is_empty() {
            return Err(
                "server.oidc.role_claim needs [server.oidc.roles]: which value gives which role"
                    .to_owned(),
            );
        }
        if self.role_claim.is_none() && !self.roles.is_empty() {
            return Err(
                "server.oidc.roles needs server.oidc.role_claim: which claim they are values of"
                    .to_owned(),
            );
        }
        if self.brand_claim.is_none() && !self.brands.is_empty() {
            return Err(
                "server.oidc.brands needs server.oidc.brand_claim: which claim they are values of"
                    .to_owned(),
            );
        }
        if self.create && self.role.is_none() && self.role_claim.is_none() {
            return Err(
                "server.oidc.create needs server.oidc.role, or roles by server.oidc.role_claim"
                    .to_owned(),
            );
        }
        Ok(())
    }
}

/// Whether what goes to an address is hidden from others: by TLS, or because it stays on
/// this machine.
#[must_use]
pub fn is_protected(url: &Url) -> bool {
    match (url.scheme(), url.host()) {
        ("https", Some(_)) => true,
        ("http", Some(url::Host::Domain(name))) => name == "localhost",
        ("http", Some(url::Host::Ipv4(address))) => address.is_loopback(),
        ("http", Some(url::Host::Ipv6(address))) => address.is_loopback(),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::config::Config;

    const LEAST: &str = "[server]\npublic_url = \"https://markhound.example\"\n[server.oidc]\n\
        issuer = \"https://login.example/realms/main\"\nclient_id = \"markhound\"\n";

    fn parsed(more: &str) -> Result<Config, String> {
        let text = format!("{LEAST}{more}");
        Config::parse(&text, Path::new("markhound.toml")).map_err(|error| error.to_string())
    }

    #[test]
    fn an_issuer_and_a_client_are_enough() {
        let config = parsed("").expect("it is enough");
        let oidc = config.server.oidc.expect("it is there");
        assert_eq!(oidc.scopes, ["openid", "profile", "email"]);
        assert_eq!(oidc.match_existing, MatchBy::Nothing);
        assert!(!oidc.create && oidc.userinfo);
        assert!(config.server.password_sign_in);
    }

    #[test]
    fn what_is_wrong_is_said_with_the_key() {
        for (more, key) in [
            ("scopes = [\"profile\"]\n", "server.oidc.scopes"),
            ("scopes = [\"openid email\"]\n", "server.oidc.scopes"),
            ("label = \" \"\n", "server.oidc.label"),
            ("create = true\n", "server.oidc.create"),
            ("role_claim = \"groups\"\n", "server.oidc.role_claim"),
            ("[server.oidc.roles]\na = \"viewer\"\n", "server.oidc.roles"),
            ("[server.oidc.brands]\na = \"A\"\n", "server.oidc.brands"),
            ("role = \"owner\"\n", "role"),
            ("issuers = \"x\"\n", "issuers"),
        ] {
            let why = parsed(more).expect_err(more);
            assert!(why.contains(key), "{more}: {why}");
        }
        for (from, to, key) in [
            ("https://login", "http://login", "server.oidc.issuer"),
            ("/realms/main", "/?realm=main", "server.oidc.issuer"),
            ("realms/main", "common/v2.0", "server.oidc.issuer"),
            (
                "https://login.example/realms/main",
                "login",
                "server.oidc.issuer",
            ),
            ("\"markhound\"", "\"\"", "server.oidc.client_id"),
            (
                "public_url = \"https://markhound.example\"",
                "",
                "server.public_url",
            ),
            ("https://markhound.example", "ftp://x", "server.public_url"),
            ("markhound.example", "a.example/?x", "server.public_url"),
        ] {
            let text = LEAST.replace(from, to);
            let why = Config::parse(&text, Path::new("m.toml")).expect_err(to);
            assert!(why.to_string().contains(key), "{to}: {why}");
        }
        let off = Config::parse("[server]\npassword_sign_in = false\n", Path::new("m.toml"));
        let why = off.expect_err("nobody could sign in").to_string();
        assert!(why.contains("server.password_sign_in"), "{why}");
    }
}
