use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use jiff::Timestamp;

use super::*;
use crate::clock::Clock;
use crate::config::Config;

const PASSWORD: &str = "correct horse battery";

/// An application on an empty directory, whose time the test moves.
struct Bench {
    app: App,
    seconds: Arc<AtomicI64>,
    _dir: tempfile::TempDir,
}

impl Bench {
    async fn new() -> Self {
        let seconds = Arc::new(AtomicI64::new(1_800_000_000));
        let shown = seconds.clone();
        let clock = Clock::from_fn(move || {
            Timestamp::from_second(shown.load(Ordering::SeqCst)).unwrap_or_default()
        });
        let dir = tempfile::tempdir().unwrap();
        let app = App::open(Config::default(), dir.path(), clock)
            .await
            .unwrap();
        let hash = hash_password(PASSWORD).unwrap();
        app.store
            .save_user("test", "mara", &hash, "reviewer")
            .await
            .unwrap();
        Self {
            app,
            seconds,
            _dir: dir,
        }
    }

    async fn attempt(&self, name: &str, password: &str) -> Result<SignedIn, AccountError> {
        sign_in(&self.app, name, password, "192.0.2.7").await
    }

    fn pass(&self, seconds: i64) {
        self.seconds.fetch_add(seconds, Ordering::SeqCst);
    }
}

async fn sign_in(
    app: &App,
    name: &str,
    password: &str,
    address: &str,
) -> Result<SignedIn, AccountError> {
    let user = authenticate(app, name, password, address).await?;
    start_session(app, &user, &Origin::default(), address, "").await
}

fn wait_of(result: Result<SignedIn, AccountError>) -> i64 {
    match result {
        Err(AccountError::Throttled { seconds }) => seconds,
        other => panic!("expected to be told to wait, got {other:?}"),
    }
}

#[test]
fn a_short_password_is_refused_and_a_long_enough_one_verifies() {
    assert!(matches!(
        hash_password("nine char"),
        Err(AccountError::TooShort)
    ));
    assert!(matches!(
        hash_password(&"x".repeat(MAX_PASSWORD + 1)),
        Err(AccountError::TooLong)
    ));
    // Characters count, not bytes.
    let hash = hash_password("пароль-пар").unwrap();
    assert!(hash.starts_with("$argon2id$"));
    assert!(verify("пароль-пар", &hash));
    assert!(!verify("пароль-паp", &hash));
    assert!(!verify("anything", "not a hash"));
}

#[test]
fn a_random_password_is_long_readable_and_never_the_same() {
    let (one, two) = (random_password(), random_password());
    assert_ne!(one, two);
    assert_eq!(one.len(), 23);
    assert!(one.chars().all(|c| c.is_ascii_alphanumeric() || c == '-'));
    assert!(!one.contains(['0', '1', 'i', 'l', 'o']));
}

#[tokio::test]
async fn the_right_password_starts_a_session_whose_token_is_not_stored() {
    let bench = Bench::new().await;
    let signed_in = bench.attempt(" mara ", PASSWORD).await.unwrap();
    assert_eq!(signed_in.token.len(), 64);
    assert_ne!(signed_in.token, signed_in.csrf);
    let store = &bench.app.store;
    assert!(store.session(&signed_in.token).await.unwrap().is_none());
    let session = store.session(&token_hash(&signed_in.token)).await.unwrap();
    assert_eq!(session.unwrap().name, "mara");

    bench.pass(12 * 3600 + 1);
    let ended = store.session(&token_hash(&signed_in.token)).await.unwrap();
    assert!(ended.is_none(), "a session ends after its hours");
}

#[tokio::test]
async fn an_unknown_name_and_a_wrong_password_are_not_told_apart() {
    let bench = Bench::new().await;
    let wrong = bench.attempt("mara", "wrong password").await.unwrap_err();
    let nobody = bench.attempt("nobody", PASSWORD).await.unwrap_err();
    assert!(matches!(wrong, AccountError::WrongCredentials));
    assert_eq!(wrong.to_string(), nobody.to_string());
}

#[tokio::test]
async fn each_failure_beyond_the_free_ones_doubles_the_wait() {
    let bench = Bench::new().await;
    for _ in 0..3 {
        let error = bench.attempt("mara", "wrong password").await.unwrap_err();
        assert!(matches!(error, AccountError::WrongCredentials));
    }
    // While it waits, even the right password is not looked at, in any case.
    assert_eq!(wait_of(bench.attempt("MARA", PASSWORD).await), 1);
    let mut waits = Vec::new();
    for wait in [1, 2, 4, 8] {
        bench.pass(wait);
        let error = bench.attempt("mara", "wrong password").await.unwrap_err();
        assert!(matches!(error, AccountError::WrongCredentials));
        waits.push(wait_of(bench.attempt("mara", "wrong password").await));
    }
    assert_eq!(waits, [2, 4, 8, 16]);
    bench.pass(16);
    bench.attempt("mara", PASSWORD).await.unwrap();
    // What worked wipes the slate.
    let error = bench.attempt("mara", "wrong password").await.unwrap_err();
    assert!(matches!(error, AccountError::WrongCredentials));
}

#[tokio::test]
async fn an_address_that_tries_many_names_is_slowed_too() {
    let bench = Bench::new().await;
    for n in 0..12 {
        let name = format!("guess{n}");
        let error = bench.attempt(&name, "wrong password").await.unwrap_err();
        assert!(matches!(error, AccountError::WrongCredentials));
    }
    assert_eq!(wait_of(bench.attempt("mara", PASSWORD).await), 1);
    let elsewhere = sign_in(&bench.app, "mara", PASSWORD, "192.0.2.8").await;
    assert!(elsewhere.is_ok(), "another address is not made to wait");
}

#[test]
fn the_wait_is_bounded_and_forgotten_after_a_day() {
    let now = Millis(1_800_000_000_000);
    assert_eq!(BY_NAME.wait(2, now, now), 0);
    assert_eq!(BY_NAME.wait(500, now, now), 15 * 60);
    assert_eq!(BY_ADDRESS.wait(i64::MAX, now, now), 5 * 60);
    assert_eq!(BY_NAME.wait(500, now.plus_seconds(-25 * 3600), now), 0);
    assert_eq!(in_words(1), "1 second");
    assert_eq!(in_words(61), "61 seconds");
    assert_eq!(in_words(900), "15 minutes");
}

#[test]
fn tokens_are_the_same_only_when_every_byte_is() {
    assert!(same("abc", "abc"));
    assert!(!same("abc", "abd"));
    assert!(!same("abc", "ab"));
    assert!(!same("", "a"));
}
