//! Fingerprints of an older algorithm are taken anew.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use markhound::reindex::{self, Event, Failed, Report};
use markhound::scan::matcher::Matcher;
use markhound::store::fingerprints::{FingerprintCounts, Kept};
use markhound_index::image::ALGORITHM;
use tokio::sync::Notify;

use super::Scanned;
use crate::lab::{markhound, stderr};

/// Bytes that name an algorithm of the past.
const OLD: &str = "algorithm = 'phash 0', hashes = x'4d48504807706861736820300000'";

async fn counts(scanned: &Scanned) -> FingerprintCounts {
    let store = &scanned.app.store;
    store.fingerprint_counts(ALGORITHM).await.unwrap()
}

async fn prints(scanned: &Scanned) -> Vec<(i64, Vec<u8>)> {
    let rows = scanned.app.store.shown_fingerprints(i64::MAX, 9999);
    let rows = rows.await.unwrap();
    rows.into_iter().map(|row| (row.id, row.hashes)).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn old_fingerprints_are_refused_then_taken_anew_and_a_cut_off_run_goes_on() {
    let scanned = Scanned::whole().await;
    let store = &scanned.app.store;
    let before = prints(&scanned).await;
    scanned.execute(&format!("UPDATE pictures SET {OLD}")).await;
    scanned
        .execute(&format!("UPDATE reference_photos SET {OLD}"))
        .await;
    let refused = Matcher::load(&scanned.app).await.err().unwrap().to_string();
    assert!(refused.contains("markhound reindex"), "{refused}");
    let doctor = markhound()
        .args(["doctor", "--data-dir"])
        .arg(&scanned.app.data_dir)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&doctor.stdout).into_owned();
    let pictures = before.len();
    assert!(
        said.contains(&format!("{pictures} of {pictures} captured pictures")),
        "{said}"
    );

    // What `serve`, `scan` and `demo` do when they start.
    let version = store.catalog_version().await.unwrap();
    let tally = reindex::references(&scanned.app, "system").await.unwrap();
    assert_eq!(tally.failed, 0);
    assert!(tally.renewed >= 30);
    Matcher::load(&scanned.app).await.unwrap();
    assert!(store.catalog_version().await.unwrap() > version);
    let again = reindex::references(&scanned.app, "system").await.unwrap();
    assert_eq!(again.renewed, 0);

    // Cut off after some pictures, as by a kill.
    let (seen, enough) = (AtomicU64::new(0), Notify::new());
    let count = |_: Event<'_>| {
        if seen.fetch_add(1, Ordering::SeqCst) == 39 {
            enough.notify_one();
        }
    };
    tokio::select! {
        _ = reindex::run(&scanned.app, "test", false, &count) => panic!("it ended too soon"),
        () = enough.notified() => {}
    }
    let left = counts(&scanned).await.pictures_outdated;
    assert!(left > 0 && left < pictures as i64, "{left} of {pictures}");
    let report = reindex::run(&scanned.app, "test", false, &|_| {})
        .await
        .unwrap();
    assert_eq!(report.pictures.renewed, left as u64, "and none twice");
    assert_eq!(counts(&scanned).await.pictures_outdated, 0);
    assert_eq!(prints(&scanned).await, before);
    let events = store.audit_of("fingerprints").await.unwrap();
    assert_eq!(events.len(), 2, "one for the photos, one for the pictures");

    let nothing = reindex::run(&scanned.app, "test", false, &|_| {}).await;
    assert_eq!(nothing.unwrap(), Report::default());
    assert_eq!(store.audit_of("fingerprints").await.unwrap().len(), 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pictures_that_are_missing_or_broken_are_listed_and_do_not_stop_the_others() {
    let scanned = Scanned::whole().await;
    let app = &scanned.app;
    scanned.execute(&format!("UPDATE pictures SET {OLD}")).await;
    let rows = app
        .store
        .fingerprints_to_renew(Kept::Picture, Some(ALGORITHM), 0, 2)
        .await
        .unwrap();
    let gone = app.data_dir.join("blobs").join(&rows[0].blob[..2]);
    std::fs::remove_file(gone.join(&rows[0].blob)).unwrap();
    let broken = app.blobs.put(b"no picture").unwrap();
    scanned
        .execute(&format!(
            "UPDATE pictures SET blob = '{broken}' WHERE id = {}",
            rows[1].id
        ))
        .await;
    let failed: Arc<Mutex<Vec<Failed>>> = Arc::default();
    let told = |event: Event<'_>| {
        if let Event::Failed(one) = event {
            failed.lock().unwrap().push(one.clone());
        }
    };
    let report = reindex::run(app, "test", false, &told).await.unwrap();
    assert_eq!(report.failed(), 2);
    assert_eq!(counts(&scanned).await.pictures_outdated, 2);
    let ids: Vec<i64> = failed.lock().unwrap().iter().map(|f| f.id).collect();
    assert_eq!(ids, [rows[0].id, rows[1].id]);
    assert!(failed.lock().unwrap()[0].why.contains("backup"));

    let output = markhound()
        .args(["reindex", "--json", "--data-dir"])
        .arg(&app.data_dir)
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(3), "{}", stderr(&output));
    let lines = String::from_utf8(output.stdout).unwrap();
    let last: serde_json::Value = serde_json::from_str(lines.lines().last().unwrap()).unwrap();
    assert_eq!(last["pictures"]["failed"], 2);
    assert_eq!(last["pictures"]["renewed"], 0);
    assert_eq!(lines.lines().count(), 3);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn taking_all_anew_goes_on_where_it_was_cut_off() {
    let scanned = Scanned::whole().await;
    let app = &scanned.app;
    let all = counts(&scanned).await;
    let (seen, enough) = (AtomicU64::new(0), Notify::new());
    let count = |_: Event<'_>| {
        if seen.fetch_add(1, Ordering::SeqCst) == all.references as u64 + 39 {
            enough.notify_one();
        }
    };
    tokio::select! {
        _ = reindex::run(app, "test", true, &count) => panic!("it ended too soon"),
        () = enough.notified() => {}
    }
    let report = reindex::run(app, "test", true, &|_| {}).await.unwrap();
    assert_eq!(report.references.renewed, 0);
    assert!(report.pictures.renewed < all.pictures as u64 - 16);
    let report = reindex::run(app, "test", true, &|_| {}).await.unwrap();
    assert_eq!(report.renewed(), (all.references + all.pictures) as u64);
}
