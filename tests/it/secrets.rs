//! The key of the database's secrets: made at the first start, named by the
//! configuration, and lost.

use std::path::Path;

use markhound::accounts::{AccountError, second, totp};
use markhound::app::App;
use markhound::clock::Clock;
use markhound::config::Config;
use markhound::secrets::{KEY_FILE, SecretsError, SecretsKey};
use markhound::store::StoreError;
use markhound::store::users::User;
use markhound::store::webhooks::WebhookDraft;

use crate::lab::markhound;

async fn open(data: &Path, key: Option<&Path>) -> App {
    let config = Config {
        secrets_key: key.map(Path::to_owned),
        ..Config::default()
    };
    App::open(config, data, Clock::system()).await.unwrap()
}

async fn anna(app: &App) -> User {
    app.store.user("anna").await.unwrap().unwrap()
}

/// Whether the code that her app shows is taken.
async fn code_is_taken(app: &App, secret: &[u8]) -> Result<(), AccountError> {
    let code = totp::code(secret, app.clock.millis().0 / 30_000);
    second::check_code(app, &anna(app).await, &code, "127.0.0.1").await
}

#[tokio::test]
async fn a_lost_key_is_told_and_not_replaced_and_all_else_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let app = open(&data, None).await;
    let key = data.join(KEY_FILE);
    assert!(!SecretsKey::is_open_to_others(&key));
    let secret = totp::new_secret();
    let store = &app.store;
    store
        .save_user("t", "anna", "hash", "reviewer")
        .await
        .unwrap();
    store
        .offer_second_factor(&anna(&app).await, &secret)
        .await
        .unwrap();
    let recovery = totp::recovery_hash("lost-and-found");
    store
        .confirm_second_factor(&anna(&app).await, &[recovery])
        .await
        .unwrap();
    let draft = WebhookDraft {
        url: "https://example.com/".to_owned(),
        secret: "c2VjcmV0".to_owned(),
        events: vec!["case.new".to_owned()],
        shape: "json".to_owned(),
        min_probability: 0.0,
    };
    let webhook = store.add_webhook("t", &draft).await.unwrap();
    app.store.close().await;

    let kept = folder.path().join("kept.key");
    std::fs::rename(&key, &kept).unwrap();
    let app = open(&data, None).await;
    assert!(
        !key.exists(),
        "another key would open nothing of what there is"
    );
    let why = app.store.secrets().key().unwrap_err();
    assert_eq!(why, SecretsError::Missing { path: key.clone() });
    let secrets = app.store.webhook_secrets().await.unwrap();
    assert_eq!(secrets[&webhook], Err(why));
    let refused = code_is_taken(&app, &secret).await.unwrap_err();
    assert!(
        matches!(refused, AccountError::Store(StoreError::Secrets(_))),
        "{refused}"
    );
    let her = anna(&app).await;
    second::check_code(&app, &her, "lost-and-found", "127.0.0.1")
        .await
        .unwrap();
    app.store.close().await;
    let doctor = markhound()
        .args(["--data-dir", data.to_str().unwrap(), "doctor"])
        .output()
        .unwrap();
    let said = String::from_utf8(doctor.stdout).unwrap();
    let line = said.lines().find(|line| line.contains("secrets"));
    let line = line.expect("a line about secrets");
    assert!(
        line.starts_with("LOOK") && line.contains("Put it back"),
        "{line}"
    );
    assert!(line.contains("openssl rand -base64 32"), "{line}");

    // Put back, or named by the configuration, it opens them again.
    std::fs::copy(&kept, &key).unwrap();
    let app = open(&data, None).await;
    code_is_taken(&app, &secret).await.unwrap();
    app.store.close().await;
    std::fs::remove_file(&key).unwrap();
    let app = open(&data, Some(&kept)).await;
    let secrets = app.store.webhook_secrets().await.unwrap();
    assert_eq!(secrets[&webhook].as_deref(), Ok("c2VjcmV0"));
    assert!(!key.exists());
    app.store.close().await;
}

#[tokio::test]
async fn a_key_file_that_the_configuration_names_is_never_made() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let named = folder.path().join("named.key");
    let app = open(&data, Some(&named)).await;
    assert!(!named.exists() && !data.join(KEY_FILE).exists());
    let why = app.store.secrets().key().unwrap_err();
    assert_eq!(why, SecretsError::Missing { path: named });
}
