//! The demonstration finds what it should, measured against the truth.

use std::sync::Arc;
use std::time::Duration;

use markhound::app::App;
use markhound::clock::Clock;
use markhound::config::Config;
use markhound::demo;
use markhound::scan::event::Observer;
use markhound::scan::service;

use crate::lab::{markhound, stderr};

#[test]
fn the_demonstration_reaches_the_promised_precision_and_recall() {
    let output = markhound()
        .current_dir(tempfile::tempdir().unwrap().path())
        .args(["demo", "--once", "--json"])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    println!(
        "demo --once: precision {} recall {}",
        report["precision"], report["recall"]
    );
    let shops = report["shops"].as_object().unwrap();
    assert_eq!(shops.len(), 4);
    for (shop, count) in shops {
        assert!(count["listings"].as_u64().unwrap() >= 60, "{shop}: {count}");
        assert_eq!(count["captured"], count["listings"], "{shop}");
        assert_eq!(count["unknown"], 0, "{shop}");
    }
    assert!(report["total"]["listings"].as_u64().unwrap() >= 240);
    assert!(
        report["recall"].as_f64().unwrap() >= 0.60,
        "{:#}",
        report["missed"]
    );
    assert!(
        report["precision"].as_f64().unwrap() >= 0.90,
        "{:#}",
        report["wrong"]
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_demonstration_takes_up_a_scan_that_is_asked_for_on_the_page() {
    let mut config = Config::default();
    config.fetch.allow_private_hosts = vec!["127.0.0.1".to_owned()];
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let app = App::open(config, &data, Clock::system()).await.unwrap();
    let demo = demo::set_up(&app).await.unwrap();
    let quiet: Observer = Arc::new(|_| {});
    let scanner = service::scanner(&app, &demo.sources, &demo.credentials, quiet);
    let scanner = scanner.await.unwrap();
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let taking_up = tokio::spawn(demo::scan_when_asked(app.clone(), scanner, async {
        let _ = stopped.await;
    }));
    let store = &app.store;
    assert!(store.scans(9).await.unwrap().is_empty(), "nobody asked yet");
    let shop = &demo.sources[0].name;
    store.ask_for_run("adam", shop).await.unwrap();
    let mut beat = tokio::time::interval(Duration::from_millis(100));
    let ended = async {
        loop {
            beat.tick().await;
            let scans = store.scans(9).await.unwrap();
            if let Some(scan) = scans.iter().find(|scan| scan.finished_at.is_some()) {
                break scan.clone();
            }
        }
    };
    let scan = tokio::time::timeout(Duration::from_secs(300), ended);
    let scan = scan.await.expect("it is taken up and ends");
    assert_eq!((&*scan.source, &*scan.state), (&**shop, "done"));
    assert_eq!(scan.started_by, "adam");
    assert!(scan.listings > 0);
    assert_eq!(store.scans(9).await.unwrap().len(), 1, "one shop, once");
    assert_eq!(store.source(shop).await.unwrap().run_asked_at, None);
    drop(stop);
    taking_up.await.unwrap();
    demo.practice.stop().await;
}
