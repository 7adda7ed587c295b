//! What sign-in, tokens and webhooks keep.

use markhound::accounts::token::Scope;
use markhound::accounts::{Role, Sees};
use markhound::store::StoreError;
use markhound::store::sessions::Origin;
use markhound::store::tokens::TokenDraft;
use markhound::store::users::{User, UserChange};
use markhound::store::webhooks::{Message, WebhookDraft};

use super::Db;

async fn anna(db: &Db) -> User {
    let store = &db.store;
    store
        .save_user("t", "anna", "hash", "approver")
        .await
        .unwrap();
    store.user("anna").await.unwrap().unwrap()
}

pub async fn a_code_and_a_recovery_code_are_taken_once(db: Db) {
    let store = &db.store;
    let user = anna(&db).await;
    store.offer_second_factor(&user, &[1, 2, 3]).await.unwrap();
    store.offer_second_factor(&user, &[4, 5, 6]).await.unwrap();
    let factor = store.second_factor(user.id).await.unwrap().unwrap();
    assert_eq!(
        (factor.secret, factor.confirmed_at),
        (Ok(vec![4, 5, 6]), None)
    );
    assert!(store.take_step(user.id, 7).await.unwrap());
    for step in [7, 6] {
        assert!(!store.take_step(user.id, step).await.unwrap(), "{step}");
    }
    let codes = ["a".to_owned(), "b".to_owned()];
    store.confirm_second_factor(&user, &codes).await.unwrap();
    let again = store.offer_second_factor(&user, &[7]).await;
    assert!(matches!(again, Err(StoreError::Conflict(_))));
    assert!(store.use_recovery_code(&user, "a").await.unwrap());
    assert!(!store.use_recovery_code(&user, "a").await.unwrap());
    assert_eq!(store.recovery_codes_left(user.id).await.unwrap(), 1);
    assert!(store.reset_second_factor("adam", "anna").await.unwrap());
    assert!(!store.use_recovery_code(&user, "b").await.unwrap());

    let until = db.hands.now().plus_seconds(300);
    let sent_by = Origin {
        issuer: Some("https://login.example".to_owned()),
        proven_at: Some(db.hands.now()),
        ..Origin::default()
    };
    store
        .await_code(user.id, "half", until, &sent_by)
        .await
        .unwrap();
    let owing = store.owing_code("half").await.unwrap();
    let (owing, by) = owing.unwrap();
    assert_eq!((&*owing.name, by), ("anna", sent_by));
    db.hands.forward(301);
    assert!(store.owing_code("half").await.unwrap().is_none());
}

pub async fn a_token_bears_its_owners_role_and_brands_until_it_ends(db: Db) {
    let store = &db.store;
    let user = anna(&db).await;
    let draft = TokenDraft {
        name: "nightly".to_owned(),
        token_hash: "h1".to_owned(),
        scopes: vec![Scope::Read, Scope::Decide],
        expires_at: db.hands.now().plus_seconds(60),
    };
    let id = store.add_token("t", &user, &draft).await.unwrap();
    let bearer = store.bearer("h1").await.unwrap().unwrap();
    assert_eq!((bearer.role(), bearer.sees()), (Role::Approver, Sees::All));
    assert!(bearer.has(Scope::Decide) && !bearer.has(Scope::Admin));
    let stopped = |enabled| UserChange {
        enabled: Some(enabled),
        ..UserChange::default()
    };
    store
        .change_user("t", "anna", &stopped(false))
        .await
        .unwrap();
    assert!(store.bearer("h1").await.unwrap().is_none());
    store
        .change_user("t", "anna", &stopped(true))
        .await
        .unwrap();
    assert!(store.bearer("h1").await.unwrap().is_some());
    store.revoke_token("t", id, Some("anna")).await.unwrap();
    assert!(store.bearer("h1").await.unwrap().is_none());
    let twice = store.revoke_token("t", id, None).await;
    assert!(matches!(twice, Err(StoreError::NotFound { .. })));
}

pub async fn a_request_with_a_key_is_begun_once(db: Db) {
    let store = &db.store;
    let user = anna(&db).await.id;
    assert!(store.begin_once(user, "k", "r").await.unwrap().is_none());
    let going = store.begin_once(user, "k", "r").await.unwrap().unwrap();
    assert_eq!(going.status, None);
    let answer = Some((200, "application/json", &b"{}"[..]));
    store.end_once(user, "k", answer).await.unwrap();
    let done = store.begin_once(user, "k", "r").await.unwrap().unwrap();
    assert_eq!((done.status, done.body), (Some(200), Some(b"{}".to_vec())));
    // One that failed here, and one that never ended, are begun again.
    assert!(store.begin_once(user, "l", "r").await.unwrap().is_none());
    store.end_once(user, "l", None).await.unwrap();
    assert!(store.begin_once(user, "l", "r").await.unwrap().is_none());
    db.hands.forward(121);
    assert!(store.begin_once(user, "l", "r").await.unwrap().is_none());
}

pub async fn a_message_is_queued_once_and_taken_by_one(db: Db) {
    let store = &db.store;
    let draft = WebhookDraft {
        url: "https://hooks.example.com/".to_owned(),
        secret: "c2VjcmV0".to_owned(),
        events: vec!["case.new".to_owned()],
        shape: "json".to_owned(),
        min_probability: 0.9,
    };
    let webhook_id = store.add_webhook("t", &draft).await.unwrap();
    let message = Message {
        webhook_id,
        event: "case.new.1".to_owned(),
        kind: "case.new".to_owned(),
        body: "{}".to_owned(),
    };
    let messages = [message.clone(), message];
    let queued = store.queue_messages(&messages, &[], Some(("m", 5))).await;
    assert_eq!(queued.unwrap(), 1);
    assert_eq!(store.mark("m").await.unwrap(), Some(5));
    let (one, other) = tokio::join!(store.take_due(10, 60_000), store.take_due(10, 60_000));
    let (one, other) = (one.unwrap(), other.unwrap());
    assert_eq!(one.len() + other.len(), 1);
    let id = one.iter().chain(&other).next().unwrap().id;
    let next = db.hands.now().plus_seconds(30);
    let failed = store.delivery_ended(id, Some(500), Some("it answered 500"), Some(next));
    failed.await.unwrap();
    assert!(store.take_due(10, 60_000).await.unwrap().is_empty());
    db.hands.forward(31);
    assert_eq!(store.take_due(10, 60_000).await.unwrap()[0].attempts, 1);
    store
        .delivery_ended(id, Some(204), None, None)
        .await
        .unwrap();
    assert_eq!(store.deliveries(None, 5).await.unwrap()[0].state, "sent");
    store.replay_delivery("t", id).await.unwrap();
    assert_eq!(store.take_due(10, 60_000).await.unwrap().len(), 1);
    store.remove_webhook("t", webhook_id).await.unwrap();
    assert!(store.deliveries(None, 5).await.unwrap().is_empty());
}
