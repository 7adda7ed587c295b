//! The second step of signing in: a code of an authenticator app, or a recovery code.

use serde::{Deserialize, Serialize};

use super::{
    AccountError, BY_ADDRESS, BY_NAME, ONE_AT_A_TIME, Origin, Role, SignedIn, authenticate,
    count_failure, forget_failures, must_not_wait, secret, start_session, token_hash, totp,
};
use crate::app::App;
use crate::clock::Millis;
use crate::store::users::User;
use crate::store::{Store, StoreError};

/// How long somebody may take to give the code, in seconds.
const PATIENCE: i64 = 5 * 60;
/// The setting's name in the database.
const SETTING: &str = "sign_in";

/// How people sign in.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct SignInRules {
    /// From this role on a second factor is a must; none: for nobody.
    pub second_factor_from: Option<Role>,
}

impl SignInRules {
    /// The rules in force.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn load(store: &Store) -> Result<Self, StoreError> {
        store.setting(SETTING).await
    }

    /// Puts these rules in force.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn save(&self, store: &Store, actor: &str) -> Result<(), StoreError> {
        store.set_setting(actor, SETTING, self).await
    }

    /// Whether it is a must from this role on.
    #[must_use]
    pub fn is_from(&self, role: &Role) -> bool {
        self.second_factor_from.as_ref() == Some(role)
    }

    /// Whether somebody of this role must have a second factor.
    #[must_use]
    pub fn ask(&self, role: Role) -> bool {
        self.second_factor_from.is_some_and(|from| role >= from)
    }
}

/// What follows from a right password.
#[derive(Debug, Clone)]
pub enum Passed {
    /// A session began.
    SignedIn(SignedIn),
    /// A code is owed first; this token says by whom.
    OwesCode {
        /// For the browser's cookie alone.
        token: String,
        /// Until when it can be given.
        expires_at: Millis,
    },
}

/// Checks a name and password: a session begins, or a code is owed.
///
/// # Errors
/// As [`authenticate`]; and [`AccountError::NoPasswords`].
pub async fn begin(
    app: &App,
    name: &str,
    password: &str,
    address: &str,
    browser: &str,
) -> Result<Passed, AccountError> {
    let user = authenticate(app, name, password, address).await?;
    if !app.config.server.password_sign_in && user.role() < Role::Administrator {
        return Err(AccountError::NoPasswords);
    }
    owed_or_begun(app, &user, &Origin::default(), address, browser).await
}

/// What follows for somebody who has proven who they are: a session begins, or a code is
/// owed.
///
/// # Errors
/// When the database cannot be used.
pub async fn owed_or_begun(
    app: &App,
    user: &User,
    origin: &Origin,
    address: &str,
    browser: &str,
) -> Result<Passed, AccountError> {
    if origin.vouched || !has_second_factor(&app.store, user).await? {
        let signed_in = start_session(app, user, origin, address, browser).await?;
        return Ok(Passed::SignedIn(signed_in));
    }
    let token = secret();
    let expires_at = app.clock.millis().plus_seconds(PATIENCE);
    app.store
        .await_code(user.id, &token_hash(&token), expires_at, origin)
        .await?;
    Ok(Passed::OwesCode { token, expires_at })
}

/// Gives the code that is owed: a session begins.
///
/// # Errors
/// [`AccountError::WrongCode`], [`AccountError::TooLate`] or
/// [`AccountError::Throttled`]; or when the database cannot be used.
pub async fn give_code(
    app: &App,
    token: &str,
    code: &str,
    address: &str,
    browser: &str,
) -> Result<SignedIn, AccountError> {
    let known_by = token_hash(token);
    let owing = app.store.owing_code(&known_by).await?;
    let (user, origin) = owing.ok_or(AccountError::TooLate)?;
    check_code(app, &user, code, address).await?;
    app.store.owe_no_code(&known_by).await?;
    start_session(app, &user, &origin, address, browser).await
}

/// Checks a code of a user's app, or one of their recovery codes, and uses it up.
///
/// # Errors
/// [`AccountError::WrongCode`] or [`AccountError::Throttled`].
pub async fn check_code(
    app: &App,
    user: &User,
    code: &str,
    address: &str,
) -> Result<(), AccountError> {
    // One after another, so that many at once cannot slip past the delay.
    let _turn = ONE_AT_A_TIME.lock().await;
    let subjects = [
        (format!("code {}", user.name.to_lowercase()), BY_NAME),
        (format!("address {address}"), BY_ADDRESS),
    ];
    must_not_wait(app, &subjects).await?;
    if takes(app, user, code).await? {
        forget_failures(app, &subjects).await?;
        return Ok(());
    }
    count_failure(app, &subjects).await?;
    Err(AccountError::WrongCode)
}

async fn takes(app: &App, user: &User, code: &str) -> Result<bool, StoreError> {
    let store = &app.store;
    let Some(factor) = store.second_factor(user.id).await? else {
        return Ok(false);
    };
    let now = app.clock.millis();
    let by_app = match &factor.secret {
        Ok(secret) => totp::accepted(secret, code, now, factor.last_step),
        Err(_) => None,
    };
    if let Some(step) = by_app {
        return store.take_step(user.id, step).await;
    }
    // Recovery codes do without the secret.
    if factor.confirmed_at.is_some() {
        let hash = totp::recovery_hash(code);
        if store.use_recovery_code(user, &hash).await? {
            return Ok(true);
        }
    }
    // Whether a code of the app was right cannot be told then: no failure of theirs.
    factor.secret?;
    Ok(false)
}

/// Whether a user's second factor counts.
///
/// # Errors
/// When the database cannot be read.
pub async fn has_second_factor(store: &Store, user: &User) -> Result<bool, StoreError> {
    let factor = store.second_factor(user.id).await?;
    Ok(factor.is_some_and(|factor| factor.confirmed_at.is_some()))
}
