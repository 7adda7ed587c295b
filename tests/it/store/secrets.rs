//! Secrets in the database: nobody who reads it alone can use them.

use markhound::secrets::{Secrets, SecretsError, SecretsKey};
use markhound::store::StoreError;
use markhound::store::webhooks::WebhookDraft;

use super::Db;

/// What stands in the database: (webhook secrets, second factors) with this beginning.
async fn beginning_with(db: &Db, beginning: &str) -> (i64, i64) {
    let factors = match db.is_postgres() {
        true => format!("convert_from(secret, 'LATIN1') LIKE '{beginning}%'"),
        false => format!("CAST(secret AS TEXT) LIKE '{beginning}%'"),
    };
    let sql = format!(
        "SELECT (SELECT COUNT(*) FROM webhooks WHERE secret LIKE '{beginning}%'),
            (SELECT COUNT(*) FROM second_factors WHERE {factors})"
    );
    db.pairs(&sql).await[0]
}

pub async fn secrets_are_sealed_for_their_rows_and_plain_ones_are_sealed_later(db: Db) {
    let store = &db.store;
    store
        .save_user("t", "anna", "hash", "approver")
        .await
        .unwrap();
    let anna = store.user("anna").await.unwrap().unwrap();
    store
        .offer_second_factor(&anna, b"of the app")
        .await
        .unwrap();
    let draft = |secret: &str| WebhookDraft {
        url: "https://example.com/".to_owned(),
        secret: secret.to_owned(),
        events: vec!["case.new".to_owned()],
        shape: "json".to_owned(),
        min_probability: 0.0,
    };
    let first = store.add_webhook("t", &draft("Zmlyc3Q=")).await.unwrap();
    let second = store.add_webhook("t", &draft("c2Vjb25k")).await.unwrap();
    assert_eq!(beginning_with(&db, "mh1.").await, (2, 1));
    assert_eq!(store.secret_counts().await.unwrap(), (3, 0));
    let secrets = store.webhook_secrets().await.unwrap();
    assert_eq!(secrets[&first].as_deref(), Ok("Zmlyc3Q="));
    assert_eq!(secrets[&second].as_deref(), Ok("c2Vjb25k"));
    let of_anna = || async { store.second_factor(anna.id).await.unwrap().unwrap().secret };
    assert_eq!(of_anna().await, Ok(b"of the app".to_vec()));

    // One that was put into another row opens nothing.
    db.execute(&format!(
        "UPDATE webhooks SET secret = (SELECT secret FROM webhooks WHERE id = {first})
         WHERE id = {second}"
    ))
    .await;
    let secrets = store.webhook_secrets().await.unwrap();
    assert_eq!(secrets[&first].as_deref(), Ok("Zmlyc3Q="));
    let moved = secrets[&second].clone().unwrap_err();
    assert!(matches!(moved, SecretsError::Damaged { .. }), "{moved}");

    // Those of before there was a key are used as they are, and sealed by the next start.
    db.execute("UPDATE webhooks SET secret = 'cGxhaW4='").await;
    db.execute(match db.is_postgres() {
        true => "UPDATE second_factors SET secret = 'plain'::bytea",
        false => "UPDATE second_factors SET secret = CAST('plain' AS BLOB)",
    })
    .await;
    assert_eq!(of_anna().await, Ok(b"plain".to_vec()));
    assert_eq!(store.secret_counts().await.unwrap(), (0, 3));
    assert_eq!(store.seal_plain_secrets().await.unwrap(), 3);
    assert_eq!(store.seal_plain_secrets().await.unwrap(), 0);
    assert_eq!(beginning_with(&db, "mh1.").await, (2, 1));
    assert_eq!(of_anna().await, Ok(b"plain".to_vec()));
    let secrets = store.webhook_secrets().await.unwrap();
    assert_eq!(secrets[&second].as_deref(), Ok("cGxhaW4="));

    // Under another key, and without any.
    let other = store.clone().with_secrets(SecretsKey::random().into());
    let why = other.webhook_secrets().await.unwrap()[&first].clone();
    assert!(matches!(why, Err(SecretsError::OtherKey { .. })), "{why:?}");
    let none = store
        .clone()
        .with_secrets(Secrets::from(SecretsError::NoKey));
    let refused = none.add_webhook("t", &draft("AAAA")).await.unwrap_err();
    assert!(matches!(refused, StoreError::Secrets(_)), "{refused}");
    assert_eq!(
        store.webhooks().await.unwrap().len(),
        2,
        "and not kept plainly"
    );
}
