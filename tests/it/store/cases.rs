//! The queue and the decisions on its cases.

use markhound::review::{self, Action, Verdict};
use markhound::store::StoreError;
use markhound::store::cases::QueueFilter;
use markhound::store::decisions::Move;

use super::Db;
use crate::world::{case, one_lease, product, reference, source, work};

/// Cases of one product, one a score, each of its own listing.
pub async fn cases(db: &Db, sku: &str, shop: &str, scores: &[f64]) -> Vec<i64> {
    let store = &db.store;
    store.save_product("t", &product(sku), &[]).await.unwrap();
    let product_id = store.product(sku).await.unwrap().id;
    let source_id = store.save_source("t", &source(shop)).await.unwrap();
    let mut ids = Vec::new();
    for (number, score) in scores.iter().enumerate() {
        let lease = one_lease(store, source_id, "w").await;
        let mut work = work(&lease, source_id, "w", &format!("{sku}-{number}"));
        work.listing.as_mut().unwrap().cases = vec![case(product_id, *score)];
        ids.push(store.finish_work(&work).await.unwrap().cases[0]);
    }
    ids
}

pub fn verdict(action: Action) -> Verdict {
    Verdict {
        action,
        kind: None,
        reason: None,
    }
}

async fn states(db: &Db, ids: &[i64]) -> Vec<String> {
    let mut states = Vec::new();
    for id in ids {
        states.push(db.store.case(*id).await.unwrap().state);
    }
    states
}

pub async fn a_decision_is_undone_alone_and_a_batch_as_one(db: Db) {
    let ids = cases(&db, "A", "shop", &[0.9, 0.8, 0.7]).await;
    let store = &db.store;
    review::decide(store, "anna", &ids, &verdict(Action::Watch))
        .await
        .unwrap();
    review::decide(store, "anna", &ids[..2], &verdict(Action::Confirm))
        .await
        .unwrap();
    assert_eq!(
        states(&db, &ids).await,
        ["confirmed", "confirmed", "watching"]
    );

    let undone = review::undo(store, "anna", None).await.unwrap();
    assert_eq!(undone.len(), 2);
    assert_eq!(states(&db, &ids).await, ["watching"; 3]);
    let undone = review::undo(store, "bert", Some(ids[2])).await.unwrap();
    assert_eq!(undone[0].actor, "anna");
    assert_eq!(states(&db, &ids).await, ["watching", "watching", "open"]);
    let undone = review::undo(store, "anna", None).await.unwrap();
    assert_eq!(undone.len(), 2, "what was undone alone is not undone again");
    assert_eq!(states(&db, &ids).await, ["open"; 3]);
    assert!(review::undo(store, "anna", None).await.unwrap().is_empty());
    // An undo of what was undone already changes nothing.
    assert!(store.undo("anna", &undone).await.is_err());

    let history = store.decisions_of(ids[0]).await.unwrap();
    let actions: Vec<&str> = history.iter().map(|d| d.action.as_str()).collect();
    assert_eq!(actions, ["watch", "confirm", "undo", "undo"]);
    assert_eq!(history[1].undone_by, Some(history[2].id));
    assert_eq!(store.case(ids[0]).await.unwrap().decided_kind, None);
    assert_eq!(store.audit_first_break().await.unwrap(), None);
}

pub async fn a_decision_on_a_case_that_moved_on_is_refused_and_writes_nothing(db: Db) {
    let ids = cases(&db, "A", "shop", &[0.9, 0.8]).await;
    let store = &db.store;
    review::decide(store, "anna", &ids[1..], &verdict(Action::Confirm))
        .await
        .unwrap();
    let step = |case_id| Move {
        case_id,
        from_state: "open".to_owned(),
        to_state: "rejected".to_owned(),
        action: "reject".to_owned(),
        kind: None,
        reason: None,
    };
    let moves = [step(ids[0]), step(ids[1])];
    let error = store.decide("bert", "b", &moves).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        format!(
            "case {} is confirmed now, not open; look at it again",
            ids[1]
        )
    );
    assert_eq!(states(&db, &ids).await, ["open", "confirmed"]);
    assert!(store.decisions_of(ids[0]).await.unwrap().is_empty());
    let error = store.decide("bert", "b", &[step(999)]).await.unwrap_err();
    assert!(matches!(error, StoreError::NotFound { what: "case", .. }));

    let both = review::decide(store, "bert", &ids, &verdict(Action::Reject)).await;
    assert!(matches!(both, Err(StoreError::Conflict(_))));
    assert_eq!(states(&db, &ids).await, ["open", "confirmed"]);
    // Two people decide at once: one of them is told.
    let (yes, no) = (verdict(Action::Confirm), verdict(Action::Reject));
    let (one, two) = tokio::join!(
        review::decide(store, "anna", &ids[..1], &yes),
        review::decide(store, "bert", &ids[..1], &no),
    );
    assert_ne!(one.is_ok(), two.is_ok());
    assert_eq!(store.decisions_of(ids[0]).await.unwrap().len(), 1);
}

pub async fn a_second_approval_comes_from_somebody_else(db: Db) {
    let ids = cases(&db, "A", "shop", &[0.9]).await;
    let store = &db.store;
    review::decide(store, "anna", &ids, &verdict(Action::SecondApproval))
        .await
        .unwrap();
    let own = review::decide(store, "anna", &ids, &verdict(Action::Confirm)).await;
    assert!(matches!(own, Err(StoreError::Conflict(_))));
    review::decide(store, "bert", &ids, &verdict(Action::Confirm))
        .await
        .unwrap();
    assert_eq!(states(&db, &ids).await, ["confirmed"]);
}

pub async fn the_queue_narrows_and_pages_without_losing_or_doubling(db: Db) {
    // Equal scores, so that a page ends among them.
    let first = cases(&db, "A", "one", &[0.9, 0.7, 0.7, 0.7, 0.6]).await;
    let second = cases(&db, "B", "two", &[0.95, 0.7, 0.51]).await;
    let store = &db.store;
    let mut after = None;
    let mut seen: Vec<(f64, i64)> = Vec::new();
    loop {
        let page = store
            .queue(&QueueFilter::default(), after, 2)
            .await
            .unwrap();
        let Some(last) = page.last() else { break };
        after = Some((last.score, last.id));
        seen.extend(page.iter().map(|case| (case.score, case.id)));
    }
    let mut sorted = seen.clone();
    sorted.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
    assert_eq!(seen, sorted);
    assert_eq!(seen.len(), first.len() + second.len());

    review::decide(store, "anna", &second[..1], &verdict(Action::Reject))
        .await
        .unwrap();
    let count = async |filter: QueueFilter| store.queue(&filter, None, 100).await.unwrap().len();
    let some = |text: &str| Some(text.to_owned());
    let all = QueueFilter::default;
    for (filter, expected) in [
        (
            QueueFilter {
                state: some("open"),
                ..all()
            },
            7,
        ),
        (
            QueueFilter {
                state: some("rejected"),
                ..all()
            },
            1,
        ),
        (
            QueueFilter {
                source: some("one"),
                ..all()
            },
            5,
        ),
        (
            QueueFilter {
                sku: some("B"),
                ..all()
            },
            3,
        ),
        (
            QueueFilter {
                brand: some("Ostrelund"),
                ..all()
            },
            8,
        ),
        (
            QueueFilter {
                brand: some("Nobody"),
                ..all()
            },
            0,
        ),
        (
            QueueFilter {
                min_score: Some(0.7),
                ..all()
            },
            6,
        ),
        (
            QueueFilter {
                text: some("LOUNGE chair a-1"),
                ..all()
            },
            1,
        ),
        (
            QueueFilter {
                text: some("MOEBEL_"),
                ..all()
            },
            8,
        ),
        (
            QueueFilter {
                text: some("100%"),
                ..all()
            },
            8,
        ),
        (
            QueueFilter {
                text: some("100_"),
                ..all()
            },
            0,
        ),
        (
            QueueFilter {
                text: some("\\"),
                ..all()
            },
            0,
        ),
        (
            QueueFilter {
                state: some("open"),
                sku: some("B"),
                min_score: Some(0.6),
                ..all()
            },
            1,
        ),
    ] {
        assert_eq!(count(filter.clone()).await, expected, "{filter:?}");
    }
    let counts = store.case_counts().await.unwrap();
    assert_eq!(counts, [("open".to_owned(), 7), ("rejected".to_owned(), 1)]);
    assert_eq!(store.case_pairs().await.unwrap().len(), 8);
}

pub async fn the_history_of_a_seller_counts_what_was_decided(db: Db) {
    let ids = cases(&db, "A", "shop", &[0.9, 0.8, 0.7, 0.6]).await;
    let store = &db.store;
    let source_id = store.source("shop").await.unwrap().id;
    let seller = store.case(ids[0]).await.unwrap().seller.unwrap();
    let history = async |name: &str| store.seller_history(source_id, name).await.unwrap();
    assert_eq!(history(&seller).await, (0, 0));
    review::decide(store, "anna", &ids[..2], &verdict(Action::Confirm))
        .await
        .unwrap();
    review::decide(store, "anna", &ids[2..3], &verdict(Action::Reject))
        .await
        .unwrap();
    assert_eq!(history(&seller).await, (2, 1));
    assert_eq!(history("somebody else").await, (0, 0));
    let last = store.last_decisions("anna", None).await.unwrap();
    assert_eq!(last[0].case_id, ids[2]);
}

pub async fn a_reference_that_is_no_photo_is_not_stored_as_one(db: Db) {
    let store = &db.store;
    let photo = reference(&"aa".repeat(32));
    store
        .save_product("t", &product("A"), &[photo])
        .await
        .unwrap();
    let product_id = store.product("A").await.unwrap().id;
    let source_id = store.save_source("t", &source("s")).await.unwrap();
    let lease = one_lease(store, source_id, "w").await;
    let mut work = work(&lease, source_id, "w", "1");
    let mut draft = case(product_id, 0.9);
    draft.reference_id = Some(-7);
    draft.evidence["listed_hash"] = serde_json::json!({ "label": "theirs" });
    work.listing.as_mut().unwrap().cases = vec![draft];
    let id = store.finish_work(&work).await.unwrap().cases[0];
    let mut rows = store
        .queue(&QueueFilter::default(), None, 10)
        .await
        .unwrap();
    rows.push(store.case(id).await.unwrap());
    for row in rows {
        assert_eq!(row.listed_hash(), Some("theirs"));
        assert_eq!((row.reference_blob, row.reference_name), (None, None));
    }
}
