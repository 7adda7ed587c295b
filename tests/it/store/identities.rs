//! Who users are at an OpenID provider.

use markhound::store::StoreError;
use markhound::store::identities::{Arrival, NotLetIn, Seen, Visit};
use markhound::store::sessions::{Origin, SessionStart};

use super::Db;

const ISSUER: &str = "https://login.example";

pub async fn a_visit_ends_once_in_its_browser_and_by_the_clock(db: Db) {
    let store = &db.store;
    let visit = |next: &str| Visit {
        nonce: "n".to_owned(),
        verifier: "v".to_owned(),
        next: next.to_owned(),
        again: next == "/b",
    };
    let until = db.hands.now().plus_seconds(900);
    for (state, next) in [("a", "/a"), ("b", "/b")] {
        store
            .send_to_provider(state, "browser", &visit(next), until)
            .await
            .unwrap();
    }
    assert_eq!(store.back_from_provider("a", "other").await.unwrap(), None);
    let back = store.back_from_provider("a", "browser").await.unwrap();
    assert_eq!(back, Some(visit("/a")));
    assert_eq!(
        store.back_from_provider("a", "browser").await.unwrap(),
        None
    );
    db.hands.forward(900);
    let late = store.back_from_provider("b", "browser").await.unwrap();
    assert_eq!(late, Some(visit("/b")), "to the last moment");
    let until = db.hands.now().plus_seconds(900);
    store
        .send_to_provider("c", "browser", &visit("/c"), until)
        .await
        .unwrap();
    db.hands.forward(901);
    assert_eq!(
        store.back_from_provider("c", "browser").await.unwrap(),
        None
    );
}

pub async fn a_subject_is_one_user_and_unbinding_ends_their_sessions(db: Db) {
    let store = &db.store;
    let arrival = Arrival {
        issuer: ISSUER.to_owned(),
        subject: "s-1".to_owned(),
        name: Some("pia".to_owned()),
        ..Arrival::default()
    };
    let refused = store.arrive(&arrival).await.unwrap().unwrap_err();
    assert_eq!(refused, NotLetIn::Unknown);
    let nameless = Arrival {
        name: None,
        add: true,
        ..arrival.clone()
    };
    let refused = store.arrive(&nameless).await.unwrap().unwrap_err();
    assert_eq!(refused, NotLetIn::Nameless);
    let brandless = Arrival {
        add: true,
        brands: Seen::These(Vec::new()),
        ..arrival.clone()
    };
    let refused = store.arrive(&brandless).await.unwrap().unwrap_err();
    assert_eq!(refused, NotLetIn::NoBrand);
    assert!(store.user("pia").await.unwrap().is_none(), "nothing stays");
    let added = Arrival {
        add: true,
        ..arrival.clone()
    };
    let pia = store.arrive(&added).await.unwrap().unwrap();
    assert_eq!(store.arrive(&arrival).await.unwrap().unwrap().id, pia.id);

    store
        .save_user("t", "mara", "hash", "viewer")
        .await
        .unwrap();
    let twice = store.bind_identity("t", "mara", ISSUER, "s-1").await;
    assert!(matches!(twice, Err(StoreError::Conflict(_))));
    let nobody = store.bind_identity("t", "olga", ISSUER, "s-2").await;
    assert!(matches!(nobody, Err(StoreError::NotFound { .. })));
    // The same subject of another provider is somebody else.
    store
        .bind_identity("t", "mara", "https://other.example", "s-1")
        .await
        .unwrap();
    store
        .bind_identity("t", "mara", ISSUER, "s-2")
        .await
        .unwrap();
    store
        .bind_identity("t", "mara", ISSUER, "s-3")
        .await
        .unwrap();
    let bound = store.identities(Some("mara")).await.unwrap();
    let subjects: Vec<&str> = bound.iter().map(|one| &*one.subject).collect();
    assert_eq!(subjects, ["s-3", "s-1"], "one a provider");

    let until = db.hands.now().plus_seconds(60);
    let start = SessionStart {
        token_hash: "t1",
        csrf: "csrf",
        expires_at: until,
        origin: Origin {
            issuer: Some(ISSUER.to_owned()),
            vouched: true,
            proven_at: Some(db.hands.now()),
        },
        ..SessionStart::default()
    };
    store.start_session(&pia, &start).await.unwrap();
    let session = store.session("t1").await.unwrap().unwrap();
    assert!(session.vouched);
    assert_eq!(session.proven_at, Some(db.hands.now()));
    let listed = store.sessions(Some("pia")).await.unwrap();
    assert_eq!(listed[0].issuer.as_deref(), Some(ISSUER));
    let by = Origin::default();
    store.await_code(pia.id, "half", until, &by).await.unwrap();
    assert_eq!(store.unbind_identities("t", "pia").await.unwrap(), 1);
    assert!(store.session("t1").await.unwrap().is_none());
    assert!(store.owing_code("half").await.unwrap().is_none());
    assert_eq!(store.unbind_identities("t", "pia").await.unwrap(), 0);
    assert_eq!(store.audit_first_break().await.unwrap(), None);
}
