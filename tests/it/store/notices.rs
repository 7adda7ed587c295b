//! Notices and their steps.

use markhound::clock::Millis;
use markhound::review::{self, Action};
use markhound::store::takedowns::{NoticeDraft, Step};
use markhound::store::{Store, StoreError};

use super::Db;
use super::cases::{cases, verdict};

fn draft(case_id: i64, body: &str) -> NoticeDraft {
    NoticeDraft {
        cases: vec![case_id],
        right_id: None,
        right_kind: "trademark".to_owned(),
        channel: "shop".to_owned(),
        recipient: "shop".to_owned(),
        subject: "Trade mark infringement".to_owned(),
        body: body.to_owned(),
        sheet: serde_json::Value::Null,
        repeats: None,
    }
}

async fn submit(
    store: &Store,
    actor: &str,
    notice: i64,
    note: Option<&str>,
    now: Millis,
) -> Result<(), StoreError> {
    let case = store.notice_items(notice).await.unwrap()[0].case_id;
    let step = Step {
        to_state: "submitted".to_owned(),
        note: note.map(ToOwned::to_owned),
        ..Step::default()
    };
    let seen = [(case, "draft".to_owned())];
    store
        .record_notice_step(actor, notice, &seen, &step, now)
        .await
}

async fn confirmed(db: &Db) -> i64 {
    let ids = cases(db, "A", "shop", &[0.9]).await;
    review::decide(&db.store, "anna", &ids, &verdict(Action::Confirm))
        .await
        .unwrap();
    ids[0]
}

pub async fn a_notice_is_drafted_anew_until_it_leaves(db: Db) {
    let store = &db.store;
    let open = cases(&db, "B", "shop", &[0.9]).await[0];
    let refused = store.draft_notice("anna", &draft(open, "x")).await;
    assert!(matches!(refused, Err(StoreError::Conflict(_))));
    let refused = store.draft_notice("anna", &draft(999, "x")).await;
    assert!(matches!(refused, Err(StoreError::NotFound { .. })));

    let case = confirmed(&db).await;
    let id = store
        .draft_notice("anna", &draft(case, "one"))
        .await
        .unwrap();
    assert_eq!(
        store
            .draft_notice("bert", &draft(case, "two"))
            .await
            .unwrap(),
        id
    );
    let notice = store.notice(id).await.unwrap();
    assert_eq!(
        (notice.body.as_str(), notice.created_by.as_str()),
        ("two", "bert")
    );
    let now = db.hands.now();
    submit(store, "anna", id, None, now).await.unwrap();
    let left = store.draft_notice("anna", &draft(case, "three")).await;
    assert!(matches!(left, Err(StoreError::Conflict(_))));
    assert_eq!(store.notices(None, 10).await.unwrap().len(), 1);
    assert_eq!(store.notices(Some("draft"), 10).await.unwrap().len(), 0);
    assert_eq!(store.notices(Some("submitted"), 10).await.unwrap().len(), 1);
    assert_eq!(store.notices_of(case).await.unwrap()[0].body, "two");
    let steps = store.notice_events_of(case).await.unwrap();
    assert_eq!(
        (steps[0].to_state.as_str(), steps[0].note.as_deref()),
        ("submitted", None)
    );
    assert!(matches!(
        store.notice(99).await,
        Err(StoreError::NotFound { .. })
    ));
}

pub async fn a_step_from_a_state_that_is_gone_is_refused(db: Db) {
    let store = &db.store;
    let case = confirmed(&db).await;
    let id = store.draft_notice("anna", &draft(case, "x")).await.unwrap();
    let now = db.hands.now();
    let (one, two) = tokio::join!(
        submit(store, "anna", id, Some("a"), now),
        submit(store, "bert", id, Some("b"), now),
    );
    assert_ne!(one.is_ok(), two.is_ok());
    assert_eq!(store.notice_events_of(case).await.unwrap().len(), 1);
    assert_eq!(store.audit_first_break().await.unwrap(), None);
}

pub async fn a_decision_whose_notice_has_left_cannot_be_undone(db: Db) {
    let store = &db.store;
    let case = confirmed(&db).await;
    store.draft_notice("anna", &draft(case, "x")).await.unwrap();
    // A draft goes with the decision it rests on.
    review::undo(store, "anna", Some(case)).await.unwrap();
    assert!(store.notices_of(case).await.unwrap().is_empty());
    review::decide(store, "anna", &[case], &verdict(Action::Confirm))
        .await
        .unwrap();
    let id = store.draft_notice("anna", &draft(case, "x")).await.unwrap();
    let now = db.hands.now();
    submit(store, "anna", id, None, now).await.unwrap();
    let error = review::undo(store, "anna", Some(case)).await.unwrap_err();
    assert!(error.to_string().contains("has left"), "{error}");
    assert_eq!(store.case(case).await.unwrap().state, "confirmed");
}
