//! Passwords and signing in.
//!
//! A password is kept as an argon2id hash; a session's token only as its
//! SHA-256. Guessing is slowed by a delay that doubles with each failure, per
//! name and per address, and a name that does not exist costs as long and says
//! the same as a wrong password.

pub mod oidc;
mod role;
pub mod second;
mod sees;
pub mod token;
pub mod totp;

use std::sync::OnceLock;

use argon2::Argon2;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher as _, PasswordVerifier as _};
use rand::RngExt as _;
use tokio::sync::Mutex;

use crate::app::App;
use crate::blobs::sha256_hex;
use crate::clock::Millis;
use crate::store::StoreError;
use crate::store::sessions::SessionStart;
use crate::store::users::User;

pub use role::Role;
pub use sees::Sees;

pub use crate::store::sessions::Origin;

/// The fewest characters of a password.
pub const MIN_PASSWORD: usize = 10;
/// The most bytes of a password: more only costs time.
pub const MAX_PASSWORD: usize = 1_000;
/// What stands in the place of a hash of who has no password: nothing hashes to it.
pub const NO_PASSWORD: &str = "!";
/// The most characters of a name that is looked up.
const MAX_NAME: usize = 100;
/// Failures are forgotten after a day without one.
const MEMORY_SECONDS: i64 = 24 * 3600;

/// How guessing is slowed under one kind of subject.
struct Throttle {
    /// Failures that cost nothing.
    free: u32,
    /// The longest wait in seconds.
    longest: i64,
}

const BY_NAME: Throttle = Throttle {
    free: 3,
    longest: 15 * 60,
};
/// An office may sit behind one address: more is free, the wait is shorter.
const BY_ADDRESS: Throttle = Throttle {
    free: 12,
    longest: 5 * 60,
};

/// Attempts are checked one after another.
static ONE_AT_A_TIME: Mutex<()> = Mutex::const_new(());

/// A session that has just begun.
#[derive(Clone)]
pub struct SignedIn {
    /// The secret of the session, for the browser's cookie alone.
    pub token: String,
    /// The token every form of the session must carry.
    pub csrf: String,
    /// When the session ends.
    pub expires_at: Millis,
}

impl std::fmt::Debug for SignedIn {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SignedIn")
            .field("expires_at", &self.expires_at)
            .finish_non_exhaustive()
    }
}

/// Why a password is not taken or a sign-in refused.
#[derive(Debug, thiserror::Error)]
pub enum AccountError {
    /// Fewer than [`MIN_PASSWORD`] characters.
    #[error("the password is too short: use at least {MIN_PASSWORD} characters")]
    TooShort,
    /// More than [`MAX_PASSWORD`] bytes.
    #[error("the password is too long: use at most {MAX_PASSWORD} bytes")]
    TooLong,
    /// No such name, or not its password: the two are not told apart.
    #[error("the name or the password is wrong")]
    WrongCredentials,
    /// The right password, but only administrators sign in by one here.
    #[error("passwords are for administrators here; sign in by the button")]
    NoPasswords,
    /// Not a code of their app, used before, or no recovery code.
    #[error("the code is wrong or was used before: take the one the app shows now")]
    WrongCode,
    /// The code was not given in time.
    #[error("that took too long: sign in again")]
    TooLate,
    /// Too many failures; nothing was checked.
    #[error("too many failed attempts: try again in {}", in_words(*.seconds))]
    Throttled {
        /// How long to wait.
        seconds: i64,
    },
    /// The hash could not be made.
    #[error("cannot hash the password: {0}")]
    Hash(argon2::password_hash::Error),
    /// The database could not be read or written.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Seconds in words: `40 seconds`, `2 minutes`.
fn in_words(seconds: i64) -> String {
    match seconds {
        ..=1 => "1 second".to_owned(),
        2..=99 => format!("{seconds} seconds"),
        _ => format!(
            "{} minutes",
            seconds.div_euclid(60) + i64::from(seconds % 60 > 0)
        ),
    }
}

/// The argon2id hash of a password in PHC form, with a salt of its own. Takes
/// tens of milliseconds: call it where blocking is allowed.
///
/// # Errors
/// [`AccountError::TooShort`] or [`AccountError::TooLong`].
pub fn hash_password(password: &str) -> Result<String, AccountError> {
    if password.chars().count() < MIN_PASSWORD {
        return Err(AccountError::TooShort);
    }
    if password.len() > MAX_PASSWORD {
        return Err(AccountError::TooLong);
    }
    hash(password)
}

/// [`hash_password`], beside the async workers.
///
/// # Errors
/// As there.
pub async fn hashed(password: String) -> Result<String, AccountError> {
    blocking(move || hash_password(&password)).await
}

fn hash(password: &str) -> Result<String, AccountError> {
    Argon2::default()
        .hash_password(password.as_bytes())
        .map(|hash| hash.to_string())
        .map_err(AccountError::Hash)
}

/// A password of 99 random bits in four groups.
#[must_use]
pub fn random_password() -> String {
    random_groups(4, 5)
}

/// So many groups of so many random letters and digits, without those that are
/// mistaken for each other; nearly five bits each.
fn random_groups(groups: usize, letters: usize) -> String {
    const LETTERS: &[u8; 31] = b"23456789abcdefghjkmnpqrstuvwxyz";
    let mut rng = rand::rng();
    let mut letter = || char::from(LETTERS[rng.random_range(0..LETTERS.len())]);
    let groups: Vec<String> = (0..groups)
        .map(|_| (0..letters).map(|_| letter()).collect())
        .collect();
    groups.join("-")
}

/// Checks a name and password: whose they are.
///
/// Attempts are checked one after another, so that many at once cannot slip
/// past the delay, and so that hashing takes one core and 19 MiB at most.
///
/// # Errors
/// [`AccountError::WrongCredentials`] or [`AccountError::Throttled`], or when
/// the database cannot be used.
pub async fn authenticate(
    app: &App,
    name: &str,
    password: &str,
    address: &str,
) -> Result<User, AccountError> {
    let _turn = ONE_AT_A_TIME.lock().await;

    let name: String = name.trim().chars().take(MAX_NAME).collect();
    let subjects = [
        (format!("name {}", name.to_lowercase()), BY_NAME),
        (format!("address {address}"), BY_ADDRESS),
    ];
    must_not_wait(app, &subjects).await?;

    // Made before the name is looked up: the first attempt after a start must
    // not tell by its time whether the name exists.
    let nobodys = nobodys_hash().await?;
    let user = app.store.user(&name).await?;
    // Who has no password costs as long as a wrong one.
    let stored = user
        .as_ref()
        .map(|user| user.password_hash.clone())
        .filter(|hash| hash != NO_PASSWORD)
        .unwrap_or(nobodys);
    let given: String = password.to_owned();
    let matches = blocking(move || verify(&given, &stored)).await;
    let Some(user) = user.filter(|user| matches && user.disabled_at.is_none()) else {
        count_failure(app, &subjects).await?;
        return Err(AccountError::WrongCredentials);
    };
    forget_failures(app, &subjects).await?;
    Ok(user)
}

/// Whose failures are counted, and how each is slowed.
type Subjects = [(String, Throttle)];

/// Refuses an attempt that comes too soon after failures.
async fn must_not_wait(app: &App, subjects: &Subjects) -> Result<(), AccountError> {
    let now = app.clock.millis();
    let mut seconds = 0;
    for (subject, throttle) in subjects {
        let (failures, last) = app.store.login_failures(subject).await?;
        seconds = seconds.max(throttle.wait(failures, last, now));
    }
    match seconds {
        0 => Ok(()),
        seconds => Err(AccountError::Throttled { seconds }),
    }
}

async fn count_failure(app: &App, subjects: &Subjects) -> Result<(), StoreError> {
    let forget_before = app.clock.millis().plus_seconds(-MEMORY_SECONDS);
    for (subject, _) in subjects {
        app.store
            .count_login_failure(subject, forget_before)
            .await?;
    }
    Ok(())
}

async fn forget_failures(app: &App, subjects: &Subjects) -> Result<(), StoreError> {
    for (subject, _) in subjects {
        app.store.clear_login_failures(subject).await?;
    }
    Ok(())
}

/// Starts a session of somebody who has proven who they are.
///
/// # Errors
/// When the database cannot be used.
pub async fn start_session(
    app: &App,
    user: &User,
    origin: &Origin,
    address: &str,
    browser: &str,
) -> Result<SignedIn, AccountError> {
    let now = app.clock.millis();
    let hours = i64::from(app.config.server.session_hours.max(1));
    let signed_in = SignedIn {
        token: secret(),
        csrf: secret(),
        expires_at: now.plus_seconds(hours * 3600),
    };
    let start = SessionStart {
        token_hash: &token_hash(&signed_in.token),
        csrf: &signed_in.csrf,
        expires_at: signed_in.expires_at,
        address,
        browser,
        origin: origin.clone(),
    };
    app.store.start_session(user, &start).await?;
    Ok(signed_in)
}

/// Compares in a time that does not depend on where the texts differ.
#[must_use]
pub fn same(a: &str, b: &str) -> bool {
    a.len() == b.len() && a.bytes().zip(b.bytes()).fold(0, |d, (a, b)| d | (a ^ b)) == 0
}

/// What is kept of a session's token.
#[must_use]
pub fn token_hash(token: &str) -> String {
    sha256_hex(token.as_bytes())
}

impl Throttle {
    /// Seconds still to wait after `failures`, the last of them at `last`.
    fn wait(&self, failures: i64, last: Millis, now: Millis) -> i64 {
        let counted = failures - i64::from(self.free);
        if counted < 0 || last < now.plus_seconds(-MEMORY_SECONDS) {
            return 0;
        }
        let delay = 1_i64
            .checked_shl(u32::try_from(counted.min(30)).unwrap_or(30))
            .unwrap_or(self.longest)
            .min(self.longest);
        let left = last.plus_seconds(delay).0 - now.0;
        if left <= 0 { 0 } else { (left + 999) / 1000 }
    }
}

fn verify(password: &str, stored: &str) -> bool {
    password.len() <= MAX_PASSWORD
        && PasswordHash::new(stored).is_ok_and(|parsed| {
            Argon2::default()
                .verify_password(password.as_bytes(), &parsed)
                .is_ok()
        })
}

/// A hash that nobody's password has, made once: checking against it takes as
/// long as against a real one.
async fn nobodys_hash() -> Result<String, AccountError> {
    static HASH: OnceLock<String> = OnceLock::new();
    if let Some(hash) = HASH.get() {
        return Ok(hash.clone());
    }
    let made = blocking(|| hash(&secret())).await?;
    Ok(HASH.get_or_init(|| made).clone())
}

/// Runs a slow computation beside the async workers.
async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    match tokio::task::spawn_blocking(work).await {
        Ok(done) => done,
        // The computation neither panics nor is cancelled but by the runtime's
        // own end.
        Err(error) => match error.try_into_panic() {
            Ok(panic) => std::panic::resume_unwind(panic),
            Err(_) => std::future::pending().await,
        },
    }
}

/// 256 random bits in hexadecimal.
fn secret() -> String {
    hex::encode(rand::rng().random::<[u8; 32]>())
}

#[cfg(test)]
mod tests;
