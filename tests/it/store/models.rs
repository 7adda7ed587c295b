//! Fitted weights, which of them score, and the audit's cases.

use markhound::review::{self, Action};
use markhound::store::StoreError;
use markhound::store::work::{CaptureRef, PictureDraft};
use serde_json::json;

use super::Db;
use super::cases::{cases, verdict};
use crate::world::{case, decoded, one_lease, product, source, work};

pub async fn weights_are_versioned_adopted_and_taken_back_on_record(db: Db) {
    let store = &db.store;
    assert!(store.adopted_model().await.unwrap().is_none());
    assert!(matches!(
        store.undo_adoption("anna").await,
        Err(StoreError::Conflict(_))
    ));
    let table = |version: i64| format!("table {version}");
    let report = json!({ "decisions": 500 });
    let first = store
        .save_model("anna", "own", table, &report)
        .await
        .unwrap();
    let second = store
        .save_model("bert", "own", table, &report)
        .await
        .unwrap();
    assert_eq!(
        (first.label(), second.label()),
        ("own v1".into(), "own v2".into())
    );
    assert_eq!(second.weights, "table 2");
    let newest = async |name: &str| store.newest_model(name).await.unwrap().map(|m| m.id);
    assert_eq!(
        (newest("own").await, newest("other").await),
        (Some(second.id), None)
    );
    assert!(!store.can_undo_adoption().await.unwrap());
    assert!(
        store.adopted_model().await.unwrap().is_none(),
        "nothing is adopted silently"
    );

    store.adopt_model("anna", Some(first.id)).await.unwrap();
    store.adopt_model("bert", Some(second.id)).await.unwrap();
    assert!(matches!(
        store.adopt_model("bert", Some(second.id)).await,
        Err(StoreError::Conflict(_))
    ));
    let missing = store.adopt_model("bert", Some(99)).await;
    assert!(
        matches!(missing, Err(StoreError::NotFound { .. })),
        "{missing:?}"
    );

    let scoring = async || store.adopted_model().await.unwrap().map(|m| m.version);
    assert_eq!(scoring().await, Some(2));
    assert!(store.can_undo_adoption().await.unwrap());
    store.undo_adoption("anna").await.unwrap();
    assert_eq!(scoring().await, Some(1));
    store.undo_adoption("anna").await.unwrap();
    assert_eq!(scoring().await, None);
    assert!(!store.can_undo_adoption().await.unwrap());
    assert!(store.undo_adoption("anna").await.is_err());

    let events = store.audit_page(None, 10).await.unwrap();
    let told: Vec<(&str, &str)> = events
        .iter()
        .map(|e| (e.action.as_str(), e.subject.as_str()))
        .collect();
    assert_eq!(
        told,
        [
            ("model.undo", "model as shipped"),
            ("model.undo", "model own v1"),
            ("model.adopt", "model own v2"),
            ("model.adopt", "model own v1"),
            ("model.fit", "model own v2"),
            ("model.fit", "model own v1"),
        ]
    );
    assert_eq!(store.audit_first_break().await.unwrap(), None);
}

pub async fn a_drawn_case_is_marked_and_never_hides_one_over_the_threshold(db: Db) {
    let store = &db.store;
    store.save_product("t", &product("A"), &[]).await.unwrap();
    let product_id = store.product("A").await.unwrap().id;
    let source_id = store.save_source("t", &source("shop")).await.unwrap();
    let seen = async |item: &str, score: f64, audit_rate: Option<f64>| {
        let lease = one_lease(store, source_id, "w").await;
        let mut work = work(&lease, source_id, "w", item);
        let mut draft = case(product_id, score);
        draft.audit_rate = audit_rate;
        work.listing.as_mut().unwrap().cases = vec![draft];
        let id = store.finish_work(&work).await.unwrap().cases[0];
        store.case(id).await.unwrap()
    };
    let drawn = seen("1", 0.1, Some(0.05)).await;
    assert_eq!((drawn.audit_rate, drawn.score), (Some(0.05), 0.1));
    assert!(store.case_pairs().await.unwrap().is_empty());
    assert!(store.open_scores().await.unwrap().is_empty());
    let again = seen("1", 0.2, Some(0.05)).await;
    assert_eq!((again.id, again.score), (drawn.id, 0.2));
    let over = seen("1", 0.9, None).await;
    assert_eq!((over.id, over.audit_rate), (drawn.id, None));
    let fallen = seen("1", 0.1, Some(0.05)).await;
    assert_eq!((fallen.score, fallen.audit_rate), (0.9, None));
    assert_eq!(store.open_scores().await.unwrap(), [0.9]);
    let events = store.audit_of(&format!("case {}", drawn.id)).await.unwrap();
    assert_eq!(events[0].action, "case.audit");

    review::decide(store, "anna", &[over.id], &verdict(Action::Confirm))
        .await
        .unwrap();
    let decided = store.decided_cases().await.unwrap();
    assert_eq!((decided.len(), decided[0].audit_rate), (1, None));
    let secret = store.audit_secret().await.unwrap();
    assert_eq!(secret.len(), 64);
    assert_eq!(
        db.reopen().await.unwrap().audit_secret().await.unwrap(),
        secret
    );
}

pub async fn what_was_decided_on_a_listing_is_no_evidence_about_itself(db: Db) {
    let ids = cases(&db, "A", "shop", &[0.9, 0.8]).await;
    let store = &db.store;
    let source_id = store.source("shop").await.unwrap().id;
    review::decide(store, "anna", &ids[..1], &verdict(Action::Confirm))
        .await
        .unwrap();
    let seller = store.case(ids[0]).await.unwrap().seller.unwrap();
    let beside = async |item: &str| {
        store
            .seller_history_beside(source_id, &seller, item)
            .await
            .unwrap()
    };
    assert_eq!(beside("A-0").await, (0, 0));
    assert_eq!(beside("A-1").await, (1, 0));
}

pub async fn a_picture_of_a_confirmed_listing_is_known_again_in_another(db: Db) {
    let store = &db.store;
    store.save_product("t", &product("A"), &[]).await.unwrap();
    let product_id = store.product("A").await.unwrap().id;
    let source_id = store.save_source("t", &source("shop")).await.unwrap();
    let blob = "cd".repeat(32);
    let lease = one_lease(store, source_id, "w").await;
    let mut work = work(&lease, source_id, "w", "1");
    let listing = work.listing.as_mut().unwrap();
    listing.cases = vec![case(product_id, 0.9)];
    listing.pictures.push(PictureDraft {
        url: "http://127.0.0.1:8081/1.jpg".to_owned(),
        capture: Some(CaptureRef::New(0)),
        decoded: Some(decoded(&blob)),
        error: None,
    });
    let id = store.finish_work(&work).await.unwrap().cases[0];
    let blobs = ["00".repeat(32), blob];
    let known = async |item: &str| {
        store
            .was_confirmed_with(source_id, item, &blobs)
            .await
            .unwrap()
    };
    assert!(!known("2").await, "nothing is confirmed yet");
    review::decide(store, "anna", &[id], &verdict(Action::Confirm))
        .await
        .unwrap();
    assert!(known("2").await);
    assert!(!known("1").await, "a listing is no relisting of itself");
}
