//! Sources and scans.

use std::collections::BTreeMap;

use markhound::store::StoreError;
use markhound::store::work::NewTarget;

use super::Db;
use crate::world::{one_lease, source, work};

pub async fn a_source_is_added_changed_paused_and_found(db: Db) {
    let store = &db.store;
    let mut draft = source("b-shop");
    let id = store.save_source("t", &draft).await.unwrap();
    store.save_source("t", &source("a-shop")).await.unwrap();
    draft.schedule = Some("0 3 * * *".to_owned());
    draft.base = Some("http://127.0.0.1:1".to_owned());
    draft.queries = vec!["chair".to_owned()];
    assert_eq!(store.save_source("t", &draft).await.unwrap(), id);
    let found = store.source("b-shop").await.unwrap();
    assert_eq!(found.schedule, draft.schedule);
    assert_eq!(found.queries.0, draft.queries);
    assert!(found.enabled);
    store.enable_source("t", "b-shop", false).await.unwrap();
    assert!(!store.source_by_id(id).await.unwrap().enabled);
    let names: Vec<String> = store
        .sources()
        .await
        .unwrap()
        .into_iter()
        .map(|source| source.name)
        .collect();
    assert_eq!(names, ["a-shop", "b-shop"]);
    for missing in [
        store.source("c").await.map(drop),
        store.source_by_id(99).await.map(drop),
        store.enable_source("t", "c", true).await,
    ] {
        assert!(matches!(
            missing,
            Err(StoreError::NotFound { what: "source", .. })
        ));
    }
}

pub async fn settings_change_only_from_what_they_were_seen_as(db: Db) {
    let store = &db.store;
    let mut draft = source("s");
    let chosen = |site: &str| BTreeMap::from([("site".to_owned(), site.to_owned())]);
    draft.settings = chosen("DE");
    store.save_source("t", &draft).await.unwrap();
    let (before, after) = (chosen("DE"), chosen("FR"));
    store
        .set_source_settings("t", "s", &before, &after)
        .await
        .unwrap();
    assert_eq!(store.source("s").await.unwrap().settings.0, after);
    let late = store
        .set_source_settings("t", "s", &before, &chosen("IT"))
        .await;
    assert!(matches!(late, Err(StoreError::Conflict(_))), "{late:?}");
    let missing = store.set_source_settings("t", "x", &before, &after).await;
    assert!(matches!(missing, Err(StoreError::NotFound { .. })));
    assert_eq!(store.source("s").await.unwrap().settings.0, after);
    // A source that is added again has what is given then.
    store.save_source("t", &source("s")).await.unwrap();
    assert!(store.source("s").await.unwrap().settings.is_empty());
    assert_eq!(store.audit_first_break().await.unwrap(), None);
}

pub async fn a_scan_counts_what_its_work_did_and_ends_once(db: Db) {
    let store = &db.store;
    let source_id = store.save_source("t", &source("s")).await.unwrap();
    assert!(store.last_scan(source_id).await.unwrap().is_none());
    let lease = one_lease(store, source_id, "w").await;
    let scan_id = lease.scan_id;
    assert!(!store.frontier_is_empty(scan_id).await.unwrap());
    let mut work = work(&lease, source_id, "w", "1");
    let target = |key: &str, listing: Option<&str>| NewTarget {
        key: key.to_owned(),
        target: "{}".to_owned(),
        listing: listing.map(str::to_owned),
    };
    // The first target is the one the scan began with.
    work.targets = vec![
        target("k", None),
        target("l", Some("{}")),
        target("l", None),
    ];
    store.finish_work(&work).await.unwrap();
    let scan = store.scan(scan_id).await.unwrap();
    assert_eq!((scan.requests, scan.listings, scan.new_listings), (1, 1, 1));
    assert_eq!((scan.queued, scan.finished, scan.failures), (2, 1, 0));
    assert_eq!((scan.pictures, scan.cases), (0, 0));
    let lease = store.lease(scan_id, "w", 9, 60).await.unwrap().remove(0);
    assert_eq!(lease.listing.as_deref(), Some("{}"));
    assert!(lease.capture_id.is_some());

    store.pause_scan(scan_id, "quota used up").await.unwrap();
    let waiting = store.unfinished_scans().await.unwrap();
    assert_eq!(waiting[0].message.as_deref(), Some("quota used up"));
    db.hands.forward(60);
    store.finish_scan(scan_id, "done", None).await.unwrap();
    let ended = store.scan(scan_id).await.unwrap();
    assert_eq!(ended.finished_at, Some(db.hands.now()));
    db.hands.forward(60);
    store
        .finish_scan(scan_id, "failed", Some("late"))
        .await
        .unwrap();
    store.pause_scan(scan_id, "late").await.unwrap();
    let last = store.last_scan(source_id).await.unwrap().unwrap();
    assert_eq!((last.state.as_str(), last.message), ("done", None));
    assert_eq!(last.finished_at, ended.finished_at);
    assert!(store.unfinished_scans().await.unwrap().is_empty());
    assert_eq!(store.scans(10).await.unwrap().len(), 1);
    assert!(matches!(
        store.scan(99).await,
        Err(StoreError::NotFound { .. })
    ));
}
