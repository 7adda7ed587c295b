//! The demonstration finds what it should, measured against the truth.

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
