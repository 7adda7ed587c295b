//! `[server]`: the review page.

use std::net::SocketAddr;

use serde::{Deserialize, Serialize};

use super::oidc::Oidc;

/// The review page.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Server {
    /// Address and port to listen on.
    pub listen: SocketAddr,
    /// Whether cookies are sent over HTTPS only. Unset: yes, unless the page
    /// listens on a loopback address.
    pub secure_cookies: Option<bool>,
    /// Hours until a session ends.
    pub session_hours: u16,
    /// The address under which browsers reach the page: `https://markhound.example`;
    /// links in mail lead there.
    pub public_url: Option<String>,
    /// Whether others than administrators may sign in by a password.
    pub password_sign_in: bool,
    /// The OpenID provider by which people sign in.
    pub oidc: Option<Oidc>,
}

impl Default for Server {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 8080)),
            secure_cookies: None,
            session_hours: 12,
            public_url: None,
            password_sign_in: true,
            oidc: None,
        }
    }
}

impl Server {
    /// Whether cookies are sent over HTTPS only.
    #[must_use]
    pub fn cookies_are_secure(&self) -> bool {
        self.secure_cookies
            .unwrap_or(!self.listen.ip().is_loopback())
    }

    /// The address of a page of ours as browsers outside know it; none where the
    /// configuration does not say it.
    #[must_use]
    pub fn public(&self, path: &str) -> Option<String> {
        let base = self.public_url.as_ref()?;
        Some(format!("{}{path}", base.trim_end_matches('/')))
    }

    /// Looks for what contradicts itself.
    pub(super) fn check(&self) -> Result<(), String> {
        if let Some(base) = &self.public_url {
            let url = url::Url::parse(base)
                .map_err(|error| format!("server.public_url is no address: {error}"))?;
            let plain = matches!(url.scheme(), "http" | "https")
                && url.path() == "/"
                && url.query().is_none()
                && url.fragment().is_none()
                && url.username().is_empty()
                && url.password().is_none();
            if !plain {
                return Err(
                    "server.public_url must be like https://markhound.example: no path, query or user name"
                        .to_owned(),
                );
            }
        }
        match &self.oidc {
            Some(_) if self.public_url.is_none() => Err(
                "server.public_url must say where browsers reach this page: the provider of [server.oidc] sends them back there"
                    .to_owned(),
            ),
            Some(oidc) => oidc.check(),
            None if !self.password_sign_in => Err(
                "server.password_sign_in = false needs [server.oidc]: how else are people to sign in?"
                    .to_owned(),
            ),
            None => Ok(()),
        }
    }
}
