//! `markhound bench` on what is small enough for a test.

use serde_json::Value;

use crate::lab::{markhound, stderr};

/// Targets a scan of four connections at the fastest pace works on at a time: what a kill
/// can cut off.
const IN_FLIGHT: u64 = 64;

fn crawl(args: &[&str]) -> Value {
    let mut command = markhound();
    let folder = tempfile::tempdir().unwrap();
    let output = command
        .current_dir(folder.path())
        .args(["bench", "crawl", "--json", "--page-size", "9300"])
        .args(args)
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    serde_json::from_slice(&output.stdout).unwrap()
}

#[test]
fn a_crawl_killed_twice_finds_every_page_and_repeats_only_what_was_in_flight() {
    let report = crawl(&["--pages", "160", "--kill", "2"]);
    assert_eq!(report["found"], 160, "{report}");
    assert_eq!(report["kills"], 2);
    let repeated = report["repeated"].as_u64().unwrap();
    assert!(repeated <= 2 * IN_FLIGHT, "{report}");
    assert_eq!(report["requests"].as_u64().unwrap(), 160 + repeated);
    assert!(report["pages_per_second"].is_null(), "{report}");
}

#[test]
fn an_undisturbed_crawl_asks_once_for_each_page_and_says_what_it_cost() {
    let report = crawl(&["--pages", "30"]);
    assert_eq!(
        (&report["found"], &report["repeated"]),
        (&30.into(), &0.into()),
        "{report}"
    );
    assert!(
        report["pages_per_second"].as_f64().unwrap() > 0.0,
        "{report}"
    );
    assert!(
        report["bytes_kept_per_page"].as_u64().unwrap() > 9300,
        "{report}"
    );
}

#[test]
fn a_made_night_has_as_many_cases_as_asked_for_and_no_card_of_two_products() {
    let folder = tempfile::tempdir().unwrap();
    let seed = || {
        let output = markhound()
            .current_dir(folder.path())
            .args(["bench", "seed", "--cases", "150", "--listings", "400"])
            .args(["--data-dir", "night", "--json"])
            .output()
            .unwrap();
        (output.status.code(), stderr(&output), output.stdout)
    };
    let (code, told, made) = seed();
    assert_eq!(code, Some(0), "{told}");
    let made: Value = serde_json::from_slice(&made).unwrap();
    assert_eq!(made["cases"], 150, "{made}");
    assert_eq!(made["listings"], 400);
    assert_eq!(made["of_two_products"], 0);
    let cards = made["cards"].as_u64().unwrap();
    assert!((4..150).contains(&cards), "{made}");
    // Made cases never come among real ones.
    let (code, told, _) = seed();
    assert_eq!(code, Some(1));
    assert!(told.contains("holds a catalog already"), "{told}");
}
