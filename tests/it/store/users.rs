//! Users, sessions and failed sign-ins.

use markhound::clock::Millis;
use markhound::store::sessions::SessionStart;

use super::Db;

pub async fn a_session_ends_by_the_clock_and_with_a_new_password(db: Db) {
    let store = &db.store;
    let id = store
        .save_user("t", "anna", "hash", "reviewer")
        .await
        .unwrap();
    assert!(store.user("bert").await.unwrap().is_none());
    let anna = store.user("anna").await.unwrap().unwrap();
    assert_eq!((anna.id, anna.role.as_str()), (id, "reviewer"));
    let until = db.hands.now().plus_seconds(3600);
    let start = |token_hash, expires_at| SessionStart {
        token_hash,
        csrf: "csrf",
        expires_at,
        ..SessionStart::default()
    };
    let first = start("t1", until);
    store.start_session(&anna, &first).await.unwrap();
    let session = store.session("t1").await.unwrap().unwrap();
    assert_eq!(
        (session.name.as_str(), session.csrf.as_str()),
        ("anna", "csrf")
    );
    assert_eq!(session.expires_at, until);
    assert!(store.session("t2").await.unwrap().is_none());
    db.hands.forward(3600);
    assert!(store.session("t1").await.unwrap().is_some());
    db.hands.forward(1);
    assert!(store.session("t1").await.unwrap().is_none());

    let until = db.hands.now().plus_seconds(3600);
    for token in ["t2", "t3"] {
        let next = start(token, until);
        store.start_session(&anna, &next).await.unwrap();
    }
    store.end_session("t2").await.unwrap();
    assert!(store.session("t2").await.unwrap().is_none());
    assert!(store.session("t3").await.unwrap().is_some());
    let again = store
        .save_user("t", "anna", "other", "administrator")
        .await
        .unwrap();
    assert_eq!(again, id);
    assert!(store.session("t3").await.unwrap().is_none());
    let users = store.users().await.unwrap();
    assert_eq!((users.len(), users[0].role.as_str()), (1, "administrator"));
    assert!(!format!("{users:?}").contains("other"));
}

pub async fn failed_sign_ins_are_counted_and_forgotten(db: Db) {
    let store = &db.store;
    let start = db.hands.now();
    assert_eq!(store.login_failures("anna").await.unwrap(), (0, Millis(0)));
    for _ in 0..3 {
        store
            .count_login_failure("anna", start.plus_seconds(-900))
            .await
            .unwrap();
    }
    store
        .count_login_failure("10.0.0.1", start.plus_seconds(-900))
        .await
        .unwrap();
    assert_eq!(store.login_failures("anna").await.unwrap(), (3, start));
    db.hands.forward(901);
    let now = db.hands.now();
    store
        .count_login_failure("anna", now.plus_seconds(-900))
        .await
        .unwrap();
    assert_eq!(store.login_failures("anna").await.unwrap(), (1, now));
    assert_eq!(store.login_failures("10.0.0.1").await.unwrap().0, 0);
    store.clear_login_failures("anna").await.unwrap();
    assert_eq!(store.login_failures("anna").await.unwrap().0, 0);
}
