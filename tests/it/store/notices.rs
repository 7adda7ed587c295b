//! Notices and their steps.

use std::path::Path;

use markhound::clock::Millis;
use markhound::review::{self, Action};
use markhound::store::takedowns::{NoticeDraft, Step};
use markhound::store::{Store, StoreError};

use super::cases::{cases, verdict};
use super::{Db, Place, admin};

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

/// The migrations of an engine up to a number, in a folder of their own.
fn migrations_up_to(engine: &str, last: &str, to: &Path) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let all = root.join("src/store/migrations").join(engine);
    for file in std::fs::read_dir(all).unwrap() {
        let file = file.unwrap();
        if file.file_name().to_str().unwrap() < last {
            std::fs::copy(file.path(), to.join(file.file_name())).unwrap();
        }
    }
}

/// Two notices of the version that knew one listing a notice.
const OLD: [&str; 7] = [
    "INSERT INTO products (id, sku, brand, name, model_numbers, aliases, keywords, countries,
        authorised_sellers, fingerprint, created_at, updated_at)
        VALUES (1, 'A', 'B', 'N', '[]', '[]', '[]', '[]', '[]', 'f', 1, 1)",
    "INSERT INTO sources (id, name, definition, queries, time_zone, enabled, created_at)
        VALUES (1, 'shop', 'd', '[]', 'UTC', TRUE, 1)",
    "INSERT INTO captures (id, kind, url, final_url, status, request, headers, hops, blob, size,
        fetched_at) VALUES (1, 'item', 'u', 'u', 200, '{}', '[]', '[]', 'b', 1, 1)",
    "INSERT INTO listings (id, source_id, item_id, url, title, data, capture_id, first_seen_at,
        last_seen_at) VALUES (1, 1, '7', 'u', 't', '{}', 1, 1, 1)",
    "INSERT INTO cases (id, listing_id, product_id, state, score, evidence, evidence_hash, model,
        created_at, updated_at) VALUES (1, 1, 1, 'confirmed', 0.9, '{}', 'h', 'm', 1, 1)",
    "INSERT INTO notices (id, case_id, right_kind, channel, state, subject, body, created_by,
        created_at, updated_at) VALUES (7, 1, 'trademark', 'shop', 'removed', 's', 'b', 'anna', 1, 3)",
    "INSERT INTO notice_events (id, notice_id, from_state, to_state, note, actor, happened_at, at)
        VALUES (3, 7, 'draft', 'submitted', 'n', 'anna', 2, 2),
               (4, 7, 'submitted', 'removed', NULL, 'anna', 3, 3)",
];

pub async fn a_database_with_notices_of_an_older_version_keeps_them(db: Db) {
    let folder = tempfile::tempdir().unwrap();
    let old = match &db.place {
        Place::Sqlite(path) => {
            migrations_up_to("sqlite", "0010", folder.path());
            let path = path.with_file_name("old.db");
            let url = format!("sqlite://{}?mode=rwc", path.display());
            let pool = sqlx::SqlitePool::connect(&url).await.unwrap();
            let migrator = sqlx::migrate::Migrator::new(folder.path()).await.unwrap();
            migrator.run(&pool).await.unwrap();
            for sql in OLD {
                sqlx::query(sql).execute(&pool).await.unwrap();
            }
            pool.close().await;
            Place::Sqlite(path)
        }
        Place::Postgres(url) => {
            migrations_up_to("postgres", "0010", folder.path());
            let name = format!("{}_old", url.rsplit_once('/').unwrap().1);
            admin(url, format!("CREATE DATABASE {name}")).await;
            let old = format!("{url}_old");
            let pool = sqlx::PgPool::connect(&old).await.unwrap();
            let migrator = sqlx::migrate::Migrator::new(folder.path()).await.unwrap();
            migrator.run(&pool).await.unwrap();
            for sql in OLD {
                sqlx::query(sql).execute(&pool).await.unwrap();
            }
            pool.close().await;
            Place::Postgres(old)
        }
    };
    let store = old.open(&db.hands).await.unwrap();
    let notice = store.notices_of(1).await.unwrap().remove(0);
    assert_eq!((notice.id, notice.state.as_str()), (7, "removed"));
    assert_eq!(notice.recipient, "shop");
    let events = store.notice_events_of(1).await.unwrap();
    assert_eq!((events.len(), events[0].case_id), (2, 1));
    // A removed listing can be noticed again, under a number of its own.
    let again = store.draft_notice("anna", &draft(1, "new")).await;
    assert!(
        again
            .unwrap_err()
            .to_string()
            .contains("notice 7 is removed")
    );
    let mut other = draft(1, "new");
    other.channel = "dmca".to_owned();
    assert_eq!(store.draft_notice("anna", &other).await.unwrap(), 8);
    store.close().await;
    if let (Place::Postgres(old), Place::Postgres(url)) = (&old, &db.place) {
        let name = old.rsplit_once('/').unwrap().1;
        admin(url, format!("DROP DATABASE {name} WITH (FORCE)")).await;
    }
}

pub async fn a_calendar_is_opened_by_its_last_token_alone(db: Db) {
    let store = &db.store;
    store
        .save_user("t", "anna", "hash", "reviewer")
        .await
        .unwrap();
    store.set_calendar_token("anna", "one").await.unwrap();
    assert_eq!(
        store
            .calendar_of("one")
            .await
            .unwrap()
            .map(|(name, _)| name)
            .as_deref(),
        Some("anna")
    );
    store.set_calendar_token("anna", "two").await.unwrap();
    assert_eq!(store.calendar_of("one").await.unwrap(), None);
    assert_eq!(
        store
            .calendar_of("two")
            .await
            .unwrap()
            .map(|(name, _)| name)
            .as_deref(),
        Some("anna")
    );
    let nobody = store.set_calendar_token("bert", "three").await;
    assert!(matches!(nobody, Err(StoreError::NotFound { .. })));
}
