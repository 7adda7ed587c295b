//! The provider as it is asked: its own description, its keys, tokens for codes. Every
//! answer is bounded in size and time, and no redirect is followed.

use std::collections::HashMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use markhound_crawlers::fetch::{Fetcher, ServiceAnswer};
use serde::Deserialize;
use serde_json::{Map, Value};
use tokio::sync::Mutex;
use url::Url;
use url::form_urlencoded::{Serializer, byte_serialize};

use super::jws::{self, Algorithm, Key, Untrusted};
use crate::app::App;
use crate::clock::{Clock, Millis};
use crate::config::{ClientAuth, Oidc, is_protected};
use crate::scan::service::provider_fetcher;

/// The largest answer that is read, in bytes.
const MOST_ANSWER: usize = 1 << 20;
/// How long a description and keys are used before they are asked for again, in seconds.
const FRESH: i64 = 3600;
/// How soon keys are asked for again when a token names one that is not among them.
const SOONEST: i64 = 30;
/// What a browser may bring where it signs out.
const SIGN_OUT_PARAMETERS: [&str; 6] = [
    "id_token_hint",
    "logout_hint",
    "client_id",
    "post_logout_redirect_uri",
    "state",
    "ui_locales",
];
/// How long a provider that could not be asked is left alone, in seconds.
const REST: i64 = 10;

/// Why an answer of the provider's is of no use; the reason is for the log.
#[derive(Debug)]
pub(super) enum Trouble {
    /// There was none, or the configuration lets nobody ask.
    Unreachable(String),
    /// It is not one to be believed.
    Untrusted(String),
}

/// A provider, and what is known of it.
#[derive(Debug)]
pub struct Provider {
    pub(super) settings: Oidc,
    clock: Clock,
    fetcher: Result<Asking, String>,
    known: Mutex<Known>,
}

struct Asking(Fetcher);

impl std::fmt::Debug for Asking {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Asking")
    }
}

#[derive(Debug, Default)]
struct Known {
    description: Option<(Description, Millis)>,
    keys: Option<(Vec<Key>, Millis)>,
    /// When keys were asked for because of a token that named another one.
    pressed_at: Option<Millis>,
    /// The last failure.
    failed: Option<(String, Millis)>,
}

/// What a provider says of itself (OpenID Connect Discovery).
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Description {
    issuer: String,
    authorization_endpoint: Url,
    token_endpoint: Url,
    jwks_uri: Url,
    userinfo_endpoint: Option<Url>,
    /// Where people sign out there (OpenID Connect RP-Initiated Logout). Not an address
    /// yet: a bad one is no reason not to sign people in.
    #[serde(default)]
    end_session_endpoint: Value,
    #[serde(default)]
    code_challenge_methods_supported: Option<Vec<String>>,
    #[serde(default)]
    response_types_supported: Option<Vec<String>>,
    /// Whether it names itself when it sends somebody back (RFC 9207).
    #[serde(default)]
    authorization_response_iss_parameter_supported: bool,
}

/// What the token endpoint gives.
#[derive(Deserialize)]
pub(super) struct Tokens {
    pub(super) id_token: String,
    pub(super) access_token: Option<String>,
    pub(super) token_type: Option<String>,
}

/// What the token endpoint says when it refuses.
#[derive(Deserialize)]
struct TokenRefusal {
    error: String,
}

impl Provider {
    /// The provider of the configuration, which nobody has asked yet; none where it names
    /// none.
    #[must_use]
    pub fn of(app: &App) -> Option<Self> {
        let settings = app.config.server.oidc.clone()?;
        let fetcher = settings.issuer_url().and_then(|issuer| {
            let fetcher = provider_fetcher(app, &issuer);
            fetcher.map(Asking).map_err(|error| error.to_string())
        });
        Some(Self {
            settings,
            clock: app.clock.clone(),
            fetcher,
            known: Mutex::default(),
        })
    }

    /// What stands on the button.
    #[must_use]
    pub fn label(&self) -> &str {
        &self.settings.label
    }

    /// Whether a session of this issuer is one that it began.
    #[must_use]
    pub fn is(&self, issuer: Option<&str>) -> bool {
        issuer == Some(self.settings.issuer.as_str())
    }

    /// Looks whether the provider can be used, for `doctor`: what there is to say of it.
    ///
    /// # Errors
    /// What is wrong, in words for the engineer.
    pub async fn examine(&self) -> Result<String, String> {
        self.secret()?;
        let described = self.description().await?;
        let keys = self.keys(&described).await?;
        if keys.is_empty() {
            return Err(format!(
                "{} has no key for signatures that is taken (RS256, ES256, EdDSA and kin)",
                described.jwks_uri
            ));
        }
        let pkce = match &described.code_challenge_methods_supported {
            Some(methods) if methods.iter().any(|m| m == "S256") => "PKCE",
            _ => "PKCE is sent, though it does not say that it checks it",
        };
        Ok(format!(
            "{}, {} key(s), {pkce}",
            described.issuer,
            keys.len()
        ))
    }

    fn secret(&self) -> Result<Option<String>, String> {
        let Some(name) = &self.settings.client_secret_env else {
            return Ok(None);
        };
        match std::env::var(name) {
            Ok(secret) if !secret.is_empty() => Ok(Some(secret)),
            _ => Err(format!(
                "set the environment variable {name} to the client's secret (server.oidc.client_secret_env)"
            )),
        }
    }

    fn fetcher(&self) -> Result<&Fetcher, String> {
        let Asking(fetcher) = self.fetcher.as_ref().map_err(Clone::clone)?;
        Ok(fetcher)
    }

    async fn document(&self, url: &Url, token: Option<&str>) -> Result<Value, String> {
        let mut headers = vec![("accept", "application/json".to_owned())];
        if let Some(token) = token {
            headers.push(("authorization", format!("Bearer {token}")));
        }
        let fetcher = self.fetcher()?;
        let answer = fetcher.get_with(url, &headers, MOST_ANSWER).await;
        let answer = answer.map_err(|error| error.to_string())?;
        if answer.status != 200 {
            return Err(format!("{url} answered {}", answer.status));
        }
        serde_json::from_slice(&answer.body).map_err(|error| format!("{url} is no JSON: {error}"))
    }

    /// What it says of itself, asked for now and then.
    pub(super) async fn description(&self) -> Result<Description, String> {
        let now = self.clock.millis();
        {
            let known = self.known.lock().await;
            match (&known.description, &known.failed) {
                (Some((described, at)), _) if now < at.plus_seconds(FRESH) => {
                    return Ok(described.clone());
                }
                // Whoever comes meanwhile must not make us ask again and again.
                (_, Some((why, at))) if now < at.plus_seconds(REST) => return Err(why.clone()),
                _ => {}
            }
        }
        // Not under the lock: a provider that hangs would hold up everybody in a row.
        let asked = self.ask_for_description().await;
        let mut known = self.known.lock().await;
        match asked {
            Ok(described) => {
                known.description = Some((described.clone(), now));
                known.failed = None;
                Ok(described)
            }
            Err(why) => {
                known.failed = Some((why.clone(), now));
                Err(why)
            }
        }
    }

    async fn ask_for_description(&self) -> Result<Description, String> {
        let issuer = &self.settings.issuer;
        let address = format!(
            "{}/.well-known/openid-configuration",
            issuer.trim_end_matches('/')
        );
        let url = Url::parse(&address).map_err(|error| error.to_string())?;
        let document = self.document(&url, None).await?;
        let described: Description = serde_json::from_value(document)
            .map_err(|error| format!("{url} does not describe an OpenID provider: {error}"))?;
        if described.issuer != *issuer {
            let other: String = described.issuer.chars().take(200).collect();
            return Err(format!(
                "{url} is of the issuer {other:?}, and server.oidc.issuer says {issuer:?}: write it exactly so if that is the one"
            ));
        }
        let endpoints = [
            &described.authorization_endpoint,
            &described.token_endpoint,
            &described.jwks_uri,
        ];
        for endpoint in endpoints.into_iter().chain(&described.userinfo_endpoint) {
            if !is_protected(endpoint) {
                return Err(format!("{url} names {endpoint}, which is not https"));
            }
        }
        let types = &described.response_types_supported;
        if types
            .as_ref()
            .is_some_and(|all| !all.iter().any(|t| t == "code"))
        {
            return Err(format!("{url} does not offer the authorization code flow"));
        }
        Ok(described)
    }

    async fn keys(&self, described: &Description) -> Result<Vec<Key>, String> {
        let now = self.clock.millis();
        if let Some((keys, at)) = &self.known.lock().await.keys
            && now < at.plus_seconds(FRESH)
        {
            return Ok(keys.clone());
        }
        self.ask_for_keys(described, now).await
    }

    async fn ask_for_keys(&self, described: &Description, now: Millis) -> Result<Vec<Key>, String> {
        let keys = jws::keys(&self.document(&described.jwks_uri, None).await?);
        self.known.lock().await.keys = Some((keys.clone(), now));
        Ok(keys)
    }

    /// What a token says whose signature is of one of the provider's keys. For one that is
    /// not known the keys are asked for again, which nobody can bring about all the time.
    pub(super) async fn verified(
        &self,
        described: &Description,
        token: &str,
    ) -> Result<(Map<String, Value>, Algorithm), Trouble> {
        let untrusted = |error: Untrusted| Trouble::Untrusted(error.to_string());
        let keys = self.keys(described).await;
        let outcome = jws::verify(token, &keys.map_err(Trouble::Unreachable)?);
        if outcome != Err(Untrusted::UnknownKey) {
            return outcome.map_err(untrusted);
        }
        let now = self.clock.millis();
        {
            let mut known = self.known.lock().await;
            let pressed = known.pressed_at;
            if pressed.is_some_and(|at| now < at.plus_seconds(SOONEST)) {
                return Err(untrusted(Untrusted::UnknownKey));
            }
            known.pressed_at = Some(now);
        }
        let keys = self.ask_for_keys(described, now).await;
        jws::verify(token, &keys.map_err(Trouble::Unreachable)?).map_err(untrusted)
    }

    /// The tokens that a code stands for.
    pub(super) async fn exchange(
        &self,
        described: &Description,
        code: &str,
        verifier: &str,
        redirect: &str,
    ) -> Result<Tokens, Trouble> {
        let mut form = HashMap::from([
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", redirect),
            ("code_verifier", verifier),
        ]);
        let mut headers = vec![("accept", "application/json".to_owned())];
        let secret = self.secret().map_err(Trouble::Unreachable)?;
        let client = &self.settings.client_id;
        match (&secret, self.settings.client_auth) {
            (Some(secret), ClientAuth::Basic) => {
                // RFC 6749, 2.3.1: each is encoded as in a form first.
                let part = |text: &str| byte_serialize(text.as_bytes()).collect::<String>();
                let pair = STANDARD.encode(format!("{}:{}", part(client), part(secret)));
                headers.push(("authorization", format!("Basic {pair}")));
            }
            (Some(secret), ClientAuth::Post) => {
                form.insert("client_id", client);
                form.insert("client_secret", secret);
            }
            (None, _) => {
                form.insert("client_id", client);
            }
        }
        let body = Serializer::new(String::new()).extend_pairs(form).finish();
        let kind = "application/x-www-form-urlencoded";
        let fetcher = self.fetcher().map_err(Trouble::Unreachable)?;
        let url = &described.token_endpoint;
        let answer = fetcher.post_with(url, kind, &headers, body.into(), MOST_ANSWER);
        let answer = answer.await;
        let answer = answer.map_err(|error| Trouble::Unreachable(error.to_string()))?;
        match answer.status {
            200 => serde_json::from_slice(&answer.body)
                .map_err(|error| Trouble::Untrusted(format!("{url} gave no token: {error}"))),
            500.. => Err(Trouble::Unreachable(refused(url, &answer))),
            _ => Err(Trouble::Untrusted(refused(url, &answer))),
        }
    }

    /// What the userinfo endpoint says, where there is one and it is to be asked.
    pub(super) async fn userinfo(
        &self,
        described: &Description,
        tokens: &Tokens,
    ) -> Result<Option<Map<String, Value>>, Trouble> {
        let (Some(url), Some(token)) = (&described.userinfo_endpoint, &tokens.access_token) else {
            return Ok(None);
        };
        let bearer = tokens.token_type.as_deref().unwrap_or("Bearer");
        if !self.settings.userinfo || !bearer.eq_ignore_ascii_case("bearer") {
            return Ok(None);
        }
        let said = self.document(url, Some(token)).await;
        match said.map_err(Trouble::Unreachable)? {
            Value::Object(claims) => Ok(Some(claims)),
            _ => Err(Trouble::Untrusted(format!("{url} says nothing"))),
        }
    }
}

/// Why the token endpoint gave none: its own word for it, if it is one.
fn refused(url: &Url, answer: &ServiceAnswer) -> String {
    let word = serde_json::from_slice::<TokenRefusal>(&answer.body).map(|refusal| refusal.error);
    match word {
        Ok(word) => format!(
            "{url} gave no token: {}",
            word.chars()
                .filter(char::is_ascii_graphic)
                .take(60)
                .collect::<String>()
        ),
        Err(_) => format!("{url} answered {}", answer.status),
    }
}

impl Description {
    /// Where a browser is sent, with these parameters.
    pub(super) fn authorization(&self, parameters: &[(&str, &str)]) -> Url {
        let mut url = self.authorization_endpoint.clone();
        url.query_pairs_mut().extend_pairs(parameters);
        url
    }

    /// Where a browser signs out, with these parameters; none where it has no such place,
    /// or one that browsers must not be sent to.
    pub(super) fn sign_out(&self, parameters: &[(&str, &str)]) -> Option<Url> {
        let endpoint = self.end_session_endpoint.as_str()?;
        let mut url = Url::parse(endpoint).ok().filter(is_protected)?;
        if !url.username().is_empty() || url.password().is_some() {
            return None;
        }
        // What is in its query already must not speak for us.
        let own: Vec<(String, String)> = url
            .query_pairs()
            .filter(|(name, _)| !SIGN_OUT_PARAMETERS.contains(&&**name))
            .map(|(name, value)| (name.into_owned(), value.into_owned()))
            .collect();
        url.set_fragment(None);
        url.query_pairs_mut()
            .clear()
            .extend_pairs(own)
            .extend_pairs(parameters);
        Some(url)
    }

    /// Whether it must name itself when it sends somebody back.
    pub(super) fn names_itself(&self) -> bool {
        self.authorization_response_iss_parameter_supported
    }
}
