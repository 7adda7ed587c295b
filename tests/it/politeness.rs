//! The shops' own access logs prove how they were read.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use markhound_crawlers::robots;
use markhound_fixtures::{AccessEntry, Practice, PracticeOptions, ShopHandle};

use crate::lab::Lab;

/// The pause each shop may expect: the slower of its definition's rate and its
/// robots.txt's Crawl-delay.
const PAUSES: [(&str, Duration); 4] = [
    ("kaufwinkel", Duration::from_millis(50)),
    ("stallhaven", Duration::from_millis(100)),
    ("hanten", Duration::from_millis(50)),
    ("baybridge", Duration::from_millis(50)),
];
/// Requests over which the pace is measured: one late request makes the next
/// gap look short, ten of them do not.
const WINDOW: usize = 10;
/// How much shorter than promised that stretch may look from the shop's side,
/// where a busy machine delays its log.
const TOLERANCE: f64 = 0.9;
/// `Retry-After: 1` as the shop's clock sees it.
const RETRY_AFTER: Duration = Duration::from_millis(950);

#[tokio::test(flavor = "multi_thread")]
async fn a_whole_scan_is_polite_and_captures_every_listing_exactly_once() {
    let practice = Practice::start(PracticeOptions::default()).await.unwrap();
    let lab = tokio::task::block_in_place(|| {
        let lab = Lab::new(&practice);
        lab.ok(&["scan", "--json"]);
        lab
    });

    let app = lab.app().await;
    for shop in practice.shops() {
        let found = app.store.item_ids(shop.id).await.unwrap();
        let once: BTreeSet<&str> = found.iter().map(|(item, _)| item.as_str()).collect();
        assert_eq!(
            (found.len(), once.len()),
            (shop.listing_count, shop.listing_count),
            "{}",
            shop.id
        );

        let log = shop.access_log();
        starts_with_robots_txt(shop, &log);
        fetches_nothing_disallowed(shop, &log).await;
        says_who_it_is(shop, &log);
        keeps_the_pace(shop, &log);
        waits_when_told_to(shop, &log);
        asks_nothing_twice(shop, &log);
    }
    assert!(
        practice
            .shops()
            .iter()
            .any(|shop| shop.access_log().iter().any(|e| e.status == 429)),
        "no shop ever said 429, so waiting was not tested"
    );
    assert_eq!(app.store.audit_first_break().await.unwrap(), None);
}

fn starts_with_robots_txt(shop: &ShopHandle, log: &[AccessEntry]) {
    assert_eq!(
        log.first().map(|e| e.path.as_str()),
        Some("/robots.txt"),
        "{}",
        shop.id
    );
    let asked = log.iter().filter(|e| e.path == "/robots.txt").count();
    assert_eq!(asked, 1, "{}: robots.txt is asked for once", shop.id);
}

async fn fetches_nothing_disallowed(shop: &ShopHandle, log: &[AccessEntry]) {
    let text = plain_get(&format!("{}/robots.txt", shop.base)).await;
    assert!(
        text.contains("Disallow"),
        "{}: its robots.txt forbids something",
        shop.id
    );
    for entry in log {
        assert!(
            entry.path == "/robots.txt"
                || robots::allowed(text.as_bytes(), "markhound", &entry.path),
            "{}: {} is disallowed",
            shop.id,
            entry.path
        );
    }
}

async fn plain_get(url: &str) -> String {
    // The binary's own process installs the TLS provider; this one has to.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let client = reqwest::Client::builder().build().unwrap();
    client.get(url).send().await.unwrap().text().await.unwrap()
}

fn says_who_it_is(shop: &ShopHandle, log: &[AccessEntry]) {
    for entry in log {
        assert!(
            entry.user_agent.starts_with("markhound/")
                && entry.user_agent.contains("+mailto:ip@brand.example"),
            "{}: {:?}",
            shop.id,
            entry.user_agent
        );
    }
}

fn keeps_the_pace(shop: &ShopHandle, log: &[AccessEntry]) {
    let (_, pause) = PAUSES.iter().find(|(id, _)| *id == shop.id).unwrap();
    for stretch in log.windows(WINDOW + 1) {
        let took = Duration::from_micros(stretch[WINDOW].at_micros - stretch[0].at_micros);
        let promised = pause.mul_f64(TOLERANCE * WINDOW as f64);
        assert!(
            took >= promised,
            "{}: {WINDOW} requests within {took:?}, at least {promised:?} was promised, from {} on",
            shop.id,
            stretch[0].path
        );
    }
}

fn waits_when_told_to(shop: &ShopHandle, log: &[AccessEntry]) {
    for (at, refused) in log
        .iter()
        .enumerate()
        .filter(|(_, e)| matches!(e.status, 429 | 503))
    {
        let again = log[at + 1..].iter().find(|e| e.path == refused.path);
        let again = again.unwrap_or_else(|| panic!("{}: {} was given up", shop.id, refused.path));
        let waited = Duration::from_micros(again.at_micros - refused.at_micros);
        assert!(
            waited >= RETRY_AFTER,
            "{}: {} again after {waited:?}",
            shop.id,
            refused.path
        );
    }
}

fn asks_nothing_twice(shop: &ShopHandle, log: &[AccessEntry]) {
    let mut answered: BTreeMap<&str, usize> = BTreeMap::new();
    for entry in log.iter().filter(|e| e.method == "GET" && e.status == 200) {
        *answered.entry(&entry.path).or_default() += 1;
    }
    for (path, times) in answered {
        assert_eq!(times, 1, "{}: {path} was fetched {times} times", shop.id);
    }
}
