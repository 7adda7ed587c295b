//! Signing in by an OpenID provider: the authorization code flow with PKCE.
//!
//! [`begin`] sends a browser to the provider, [`finish`] takes it back. In between only
//! hashes are kept of what the browser brings again (the state in its address, a secret in
//! its cookie), and each visit is good once, in the browser that began it. Whom the
//! provider vouches for becomes a user by what the configuration says (`person.rs`), owes
//! a code like anybody else unless the provider has asked for a second factor, and then
//! has a session as after a password.

mod claims;
mod jws;
mod person;
mod provider;

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest as _, Sha256};
use url::Url;

use self::claims::{Claims, Expected};
use super::second::{self, Passed};
use super::{
    AccountError, BY_ADDRESS, Origin, count_failure, forget_failures, must_not_wait, secret,
    token_hash,
};
use crate::app::App;
use crate::config::Oidc;
use crate::store::StoreError;
use crate::store::identities::{NotLetIn, Visit};
use crate::store::users::User;

use provider::Trouble;

pub use provider::Provider;

/// Where the provider sends browsers back to.
pub const BACK: &str = "/sign-in/oidc/back";
/// How long somebody may take at the provider, in seconds.
pub const PATIENCE: i64 = 15 * 60;
/// How long the page that says that somebody is signed out waits for the provider's word.
const SIGN_OUT_PATIENCE: Duration = Duration::from_secs(3);
/// The longest code, state or word of an error that is looked at.
const MOST_PARAMETER: usize = 8 << 10;
/// What a secret of ours looks like: 256 bits in hexadecimal.
const SECRET_LENGTH: usize = 64;

/// Why nobody was signed in.
#[derive(Debug, thiserror::Error)]
pub enum OidcError {
    /// The provider cannot be asked; the reason is for the log.
    #[error("the sign-in service does not answer; try again in a moment, or ask an administrator")]
    Unreachable(String),
    /// What it answered is not to be believed; the reason is for the log.
    #[error(
        "what the sign-in service answered cannot be trusted, so nobody was signed in; try again, or ask an administrator"
    )]
    Untrusted(String),
    /// It sent the browser back without a code: its own word for that.
    #[error("the sign-in service did not let you in ({0})")]
    Declined(String),
    /// No visit of this browser is awaited: it took too long, or was ended already.
    #[error(
        "this sign-in took too long, was begun in another browser, or was ended already; begin again"
    )]
    NotAwaited,
    /// The provider vouches for them, but they are not let in here.
    #[error(transparent)]
    NotLetIn(#[from] NotLetIn),
    /// Too many failures, or the database.
    #[error(transparent)]
    Account(#[from] AccountError),
}

impl From<StoreError> for OidcError {
    fn from(error: StoreError) -> Self {
        Self::Account(error.into())
    }
}

impl From<Trouble> for OidcError {
    fn from(trouble: Trouble) -> Self {
        match trouble {
            Trouble::Unreachable(why) => Self::Unreachable(why),
            Trouble::Untrusted(why) => Self::Untrusted(why),
        }
    }
}

/// A browser that is sent to the provider.
#[derive(Debug)]
pub struct Sent {
    /// Where it goes.
    pub to: Url,
    /// What it is known by when it comes back: for its cookie alone.
    pub browser: String,
}

/// What a browser brings back.
#[derive(Debug, Clone, Default)]
pub struct Brought<'a> {
    /// The state, which was in the address it was sent to.
    pub state: &'a str,
    /// What it is known by, out of its cookie.
    pub browser: &'a str,
    /// The code that stands for tokens.
    pub code: &'a str,
    /// The provider's word for why there is none.
    pub error: &'a str,
    /// Who says to have sent it (RFC 9207).
    pub issuer: Option<&'a str>,
}

/// What a browser is sent to the provider for.
#[derive(Debug, Clone, Default)]
pub struct Errand<'a> {
    /// The page it wanted.
    pub next: &'a str,
    /// Whether the provider is to ask anew who it is, though they are signed in there.
    pub again: bool,
    /// What its cookie has from another visit, which may still be under way.
    pub browser: Option<&'a str>,
}

/// Sends a browser to the provider.
///
/// # Errors
/// [`OidcError::Unreachable`], or when the database cannot be written.
pub async fn begin(app: &App, provider: &Provider, errand: &Errand<'_>) -> Result<Sent, OidcError> {
    let described = provider.description().await.map_err(unreachable)?;
    let settings = &provider.settings;
    let redirect = redirect(app)?;
    let state = secret();
    let visit = Visit {
        nonce: secret(),
        verifier: secret(),
        next: errand.next.to_owned(),
        again: errand.again,
    };
    let browser = errand.browser.filter(|known| known.len() == SECRET_LENGTH);
    let browser = browser.map_or_else(secret, str::to_owned);
    let until = app.clock.millis().plus_seconds(PATIENCE);
    app.store
        .send_to_provider(&token_hash(&state), &token_hash(&browser), &visit, until)
        .await?;
    let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(&visit.verifier));
    let (scope, acr) = (
        settings.scopes.join(" "),
        settings.second_factor_acr.join(" "),
    );
    let mut parameters = vec![
        ("response_type", "code"),
        ("client_id", &settings.client_id),
        ("redirect_uri", &redirect),
        ("scope", &scope),
        ("state", &state),
        ("nonce", &visit.nonce),
        ("code_challenge", &challenge),
        ("code_challenge_method", "S256"),
    ];
    if !acr.is_empty() {
        parameters.push(("acr_values", &acr));
    }
    if visit.again {
        parameters.extend([("prompt", "login"), ("max_age", "0")]);
    }
    Ok(Sent {
        to: described.authorization(&parameters),
        browser,
    })
}

/// Takes a browser back from the provider: a session begins, or a code is owed. Gives the
/// page that was wanted, too.
///
/// # Errors
/// [`OidcError`].
pub async fn finish(
    app: &App,
    provider: &Provider,
    brought: &Brought<'_>,
    address: &str,
    browser: &str,
) -> Result<(Passed, String), OidcError> {
    let parts = [brought.state, brought.browser, brought.code, brought.error];
    if parts.iter().any(|part| part.len() > MOST_PARAMETER) {
        return Err(OidcError::NotAwaited);
    }
    let (state, known_by) = (token_hash(brought.state), token_hash(brought.browser));
    let visit = app.store.back_from_provider(&state, &known_by).await?;
    // Counted only from here on: another site's page can ask for this address in
    // somebody's name, but not with a visit of theirs. And apart from passwords, by which
    // an administrator gets in while the provider is at fault.
    let visit = visit.ok_or(OidcError::NotAwaited)?;
    let subjects = [(format!("visits from {address}"), BY_ADDRESS)];
    must_not_wait(app, &subjects).await?;
    let outcome = arrive(app, provider, brought, &visit).await;
    let (user, origin) = match outcome {
        Ok(arrived) => arrived,
        Err(refused) => {
            refused.write_down(app, provider, address).await?;
            if matches!(refused.error, OidcError::Untrusted(_)) {
                count_failure(app, &subjects).await?;
            }
            return Err(refused.error);
        }
    };
    forget_failures(app, &subjects).await?;
    let passed = second::owed_or_begun(app, &user, &origin, address, browser).await?;
    Ok((passed, visit.next))
}

/// Where a browser signs out at the provider, after its session here has ended; none where
/// the provider has no place for that, does not answer soon, or it is not to be offered.
/// It is told which client sends the browser and no more: no token of it is kept here.
pub async fn sign_out(app: &App, provider: &Provider) -> Option<Url> {
    let settings = &provider.settings;
    if !settings.sign_out_there {
        return None;
    }
    let described = tokio::time::timeout(SIGN_OUT_PATIENCE, provider.description());
    let described = described.await.ok()?.ok()?;
    let back = match settings.back_after_sign_out {
        true => app.config.server.public("/sign-in"),
        false => None,
    };
    let mut parameters = vec![("client_id", &*settings.client_id)];
    parameters.extend(back.iter().map(|to| ("post_logout_redirect_uri", &**to)));
    described.sign_out(&parameters)
}

/// Why nobody arrived, and who it was, where the provider had said that.
struct Refused {
    error: OidcError,
    /// The provider's subject.
    who: Option<String>,
}

impl<E: Into<OidcError>> From<E> for Refused {
    fn from(error: E) -> Self {
        Self {
            error: error.into(),
            who: None,
        }
    }
}

impl Refused {
    /// Puts it into the log, where it is the provider's or somebody's doing.
    async fn write_down(
        &self,
        app: &App,
        provider: &Provider,
        address: &str,
    ) -> Result<(), StoreError> {
        let why = match &self.error {
            OidcError::Unreachable(why) | OidcError::Untrusted(why) => why.clone(),
            OidcError::Declined(_) | OidcError::NotLetIn(_) => self.error.to_string(),
            OidcError::NotAwaited | OidcError::Account(_) => return Ok(()),
        };
        let issuer = &provider.settings.issuer;
        let subject = match &self.who {
            Some(who) => format!("identity {who}"),
            None => {
                tracing::warn!(issuer, why, "a sign-in by the provider failed");
                format!("address {address}")
            }
        };
        app.store.refuse_sign_in(issuer, &subject, &why).await
    }
}

/// Who a code stands for, and how they have proven it.
async fn arrive(
    app: &App,
    provider: &Provider,
    brought: &Brought<'_>,
    visit: &Visit,
) -> Result<(User, Origin), Refused> {
    let settings = &provider.settings;
    let described = provider.description().await;
    let described = described.map_err(Trouble::Unreachable)?;
    match brought.issuer {
        Some(issuer) if issuer != settings.issuer => {
            return Err(untrusted("another issuer sent the browser back").into());
        }
        None if described.names_itself() => {
            return Err(untrusted("the browser was sent back by nobody named").into());
        }
        _ => {}
    }
    if !brought.error.is_empty() {
        return Err(OidcError::Declined(word(brought.error)).into());
    }
    if brought.code.is_empty() {
        return Err(OidcError::Declined("without a code".to_owned()).into());
    }
    let redirect = redirect(app)?;
    let tokens = provider
        .exchange(&described, brought.code, &visit.verifier, &redirect)
        .await?;
    let (said, algorithm) = provider.verified(&described, &tokens.id_token).await?;
    let now = app.clock.millis();
    let expected = Expected {
        issuer: &settings.issuer,
        client_id: &settings.client_id,
        nonce: &visit.nonce,
        now,
        access_token: tokens.access_token.as_deref(),
        algorithm,
    };
    let mut claims = claims::check(said, &expected).map_err(untrusted)?;
    // Whether there was a second factor is for the signed token alone to say, and so is
    // when they were asked.
    let anew = claims.was_asked_since(now.plus_seconds(-PATIENCE));
    let origin = Origin {
        issuer: Some(settings.issuer.clone()),
        vouched: vouches(settings, &claims),
        proven_at: (visit.again && anew).then_some(now),
    };
    if let Some(more) = provider.userinfo(&described, &tokens).await? {
        claims.add(more).map_err(untrusted)?;
    }
    let brands = match settings.brand_claim {
        Some(_) => app.store.brands().await?,
        None => Vec::new(),
    };
    let arrived = match person::read(settings, &claims, &brands) {
        Ok(arrival) => app.store.arrive(&arrival).await?,
        Err(refused) => Err(refused),
    };
    match arrived {
        Ok(user) => Ok((user, origin)),
        Err(why) => Err(Refused {
            error: why.into(),
            who: Some(claims.subject().to_owned()),
        }),
    }
}

fn vouches(settings: &Oidc, claims: &Claims) -> bool {
    let methods = claims.texts("amr");
    let class = claims.text("acr");
    settings
        .second_factor_amr
        .iter()
        .any(|method| methods.contains(&method.as_str()))
        || class.is_some_and(|class| settings.second_factor_acr.iter().any(|one| one == class))
}

/// Where the provider sends browsers back to, as it knows the address.
fn redirect(app: &App) -> Result<String, OidcError> {
    let redirect = app.config.server.public(BACK);
    redirect.ok_or_else(|| unreachable("server.public_url is not set".to_owned()))
}

fn unreachable(why: String) -> OidcError {
    tracing::warn!(why, "the OpenID provider cannot be asked");
    OidcError::Unreachable(why)
}

fn untrusted(why: impl Into<String>) -> OidcError {
    OidcError::Untrusted(why.into())
}

/// A word of the provider's that came by way of the browser: what of it is one.
fn word(text: &str) -> String {
    let plain = text
        .chars()
        .filter(|c| c.is_ascii_alphanumeric() || *c == '_');
    plain.take(40).collect()
}
