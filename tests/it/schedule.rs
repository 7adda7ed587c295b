//! What `serve` starts by itself: overdue scans and those that were cut off,
//! and never a source that is being scanned.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use jiff::Timestamp;
use markhound::app::App;
use markhound::clock::Clock;
use markhound::config::Config;
use markhound::scan::lock::SourceLock;
use markhound::scan::service::{Task, due};
use markhound::store::sources::SourceDraft;

const NIGHTLY: &str = "30 2 * * *";

/// An installation with one nightly source and a clock to be moved by hand.
async fn installation(dir: &std::path::Path) -> (App, Arc<AtomicI64>) {
    let now = Arc::new(AtomicI64::new(at("2026-07-01T12:00:00Z")));
    let shown = now.clone();
    let clock =
        Clock::from_fn(move || Timestamp::from_millisecond(shown.load(Ordering::Relaxed)).unwrap());
    let app = App::open(Config::default(), dir, clock).await.unwrap();
    let draft = SourceDraft {
        name: "shop".to_owned(),
        definition: String::new(),
        base: None,
        queries: Vec::new(),
        schedule: Some(NIGHTLY.to_owned()),
        time_zone: "UTC".to_owned(),
        settings: BTreeMap::new(),
    };
    app.store.save_source("anna", &draft).await.unwrap();
    (app, now)
}

fn at(text: &str) -> i64 {
    text.parse::<Timestamp>().unwrap().as_millisecond()
}

#[tokio::test]
async fn a_missed_night_is_caught_up_once_and_a_cut_off_scan_is_resumed() {
    let dir = tempfile::tempdir().unwrap();
    let (app, now) = installation(dir.path()).await;
    assert!(
        due(&app).await.unwrap().is_empty(),
        "nothing is due before its hour"
    );

    // The machine was off for a week.
    now.store(at("2026-07-08T09:00:00Z"), Ordering::Relaxed);
    let tasks = due(&app).await.unwrap();
    assert!(matches!(tasks.as_slice(), [Task::Start(source)] if source.name == "shop"));

    let source = app.store.source("shop").await.unwrap();
    let scan = app
        .store
        .start_scan(source.id, "schedule", &[])
        .await
        .unwrap();
    let tasks = due(&app).await.unwrap();
    assert!(matches!(tasks.as_slice(), [Task::Resume(cut_off)] if cut_off.id == scan));

    app.store.finish_scan(scan, "done", None).await.unwrap();
    assert!(
        due(&app).await.unwrap().is_empty(),
        "one scan makes up for the week"
    );
    now.store(at("2026-07-09T02:30:00Z"), Ordering::Relaxed);
    assert_eq!(due(&app).await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_source_that_is_being_scanned_or_paused_is_left_alone() {
    let dir = tempfile::tempdir().unwrap();
    let (app, now) = installation(dir.path()).await;
    now.store(at("2026-07-02T02:30:00Z"), Ordering::Relaxed);
    let source = app.store.source("shop").await.unwrap();

    let lock = SourceLock::take(&app.data_dir, &source).unwrap();
    assert!(due(&app).await.unwrap().is_empty());
    drop(lock);
    assert_eq!(due(&app).await.unwrap().len(), 1);

    app.store
        .enable_source("anna", "shop", false)
        .await
        .unwrap();
    assert!(due(&app).await.unwrap().is_empty());
}
