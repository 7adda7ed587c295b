//! `source probe` against the practice marketplaces, by the program itself.

use std::collections::BTreeMap;
use std::process::Output;

use markhound_crawlers::fetch::{FetchOptions, Fetcher, Limits};
use markhound_crawlers::{Definition, Listing, discover, read};
use markhound_fixtures::{DEFAULT_SEED, PracticeListing, Shop, listings};
use serde_json::Value;

use crate::lab::{markhound, shared_practice};

/// The program in a directory where this machine may be asked, at a test's pace.
fn probe(arguments: &[&str]) -> (tempfile::TempDir, Output) {
    let folder = tempfile::tempdir().unwrap();
    let config = "[fetch]\nallow_private_hosts = [\"127.0.0.1\"]\n\
        [fetch.limits]\nrequests_per_second = 500.0\n";
    std::fs::write(folder.path().join("markhound.toml"), config).unwrap();
    let output = markhound()
        .current_dir(folder.path())
        .args(["source", "probe"])
        .args(arguments)
        .output()
        .unwrap();
    (folder, output)
}

fn base(id: &str) -> &'static str {
    &shared_practice().shop(id).unwrap().base
}

fn report(id: &str) -> (Option<i32>, Value) {
    let (_folder, output) = probe(&[base(id), "--json"]);
    let document = serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|error| panic!("{id}: {error}: {output:?}"));
    (output.status.code(), document)
}

#[test]
fn each_practice_marketplace_is_known_for_what_it_is() {
    let tiers = [
        ("hanten", 0, "storefront"),
        ("kaufwinkel", 0, "structured"),
        ("stallhaven", 0, "selectors"),
        // Its API is that of another host, and asks for credentials.
        ("baybridge", 1, "unknown"),
    ];
    for (id, code, tier) in tiers {
        let (status, report) = report(id);
        assert_eq!(report["tier"], tier, "{id}: {report:#}");
        assert_eq!(status, Some(code), "{id}");
        assert_eq!(report["draft"].is_null(), code == 1, "{id}");
        let asked = report["attempts"].as_array().unwrap();
        assert!(asked.len() <= 24, "{id}: {} requests", asked.len());
        assert!(
            asked[0]["url"].as_str().unwrap().ends_with("/robots.txt"),
            "{id}"
        );
    }
    let (_, hanten) = report("hanten");
    assert_eq!(hanten["draft"]["template"], "woocommerce-store");
}

#[test]
fn people_are_shown_what_was_asked_found_and_is_to_be_done_next() {
    let (folder, output) = probe(&[base("kaufwinkel"), "-o", "draft.toml"]);
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.contains("tier C, structured data"), "{text}");
    assert!(text.contains("200 /sitemap-produkte-1.xml"), "{text}");
    assert!(text.contains("markhound source lint draft.toml"), "{text}");
    let draft = std::fs::read_to_string(folder.path().join("draft.toml")).unwrap();
    assert!(Definition::parse(&draft, "draft.toml").is_ok());
    let linted = markhound()
        .current_dir(folder.path())
        .args(["source", "lint", "draft.toml"])
        .output()
        .unwrap();
    assert!(linted.status.success(), "{linted:?}");
}

#[test]
fn wrong_addresses_are_wrong_usage_and_private_ones_are_refused() {
    let (_folder, output) = probe(&["ftp://shop.example"]);
    assert_eq!(output.status.code(), Some(2));
    let folder = tempfile::tempdir().unwrap();
    let output = markhound()
        .current_dir(folder.path())
        .args(["source", "probe", base("hanten")])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1));
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(said.contains("was refused"), "{said}");
}

#[test]
fn marketplaces_known_by_their_host_need_no_network_and_no_contact() {
    let (_folder, output) = probe(&["www.ebay.de"]);
    assert_eq!(output.status.code(), Some(0));
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.contains("tier A, official API"), "{text}");
    assert!(
        text.contains("EBAY_CLIENT_ID and EBAY_CLIENT_SECRET"),
        "{text}"
    );
    let (_folder, output) = probe(&["https://www.amazon.de/dp/B0"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stdout).contains("markhound import"));
}

/// Every listing that a draft reads, by title.
async fn walk(toml: &str) -> BTreeMap<String, Vec<Listing>> {
    let toml = toml.replace("per_second = 1\n", "per_second = 500\n");
    let definition = Definition::parse(&toml, "draft.toml").unwrap();
    let clock = markhound::clock::Clock::system();
    let fetcher = Fetcher::new(FetchOptions {
        allow_private_hosts: vec!["127.0.0.1".to_owned()],
        limits: Limits {
            requests_per_second: 500.0,
            ..Limits::default()
        },
        ..FetchOptions::new("markhound/0.1 (+mailto:ip@brand.example)", clock.as_fn())
    })
    .unwrap();
    let mut seen = std::collections::BTreeSet::new();
    let mut open = discover::seeds(&definition, &[]);
    let mut found: BTreeMap<String, Vec<Listing>> = BTreeMap::new();
    while let Some(target) = open.pop() {
        if !seen.insert(target.key()) {
            continue;
        }
        let exchange = fetcher.fetch(&definition, &target).await.unwrap();
        let reading = read(&definition, &target, &exchange).unwrap();
        open.extend(reading.targets);
        for listing in reading.listings {
            found
                .entry(listing.title.clone())
                .or_default()
                .push(listing);
        }
    }
    found
}

fn of(shop: Shop) -> Vec<PracticeListing> {
    listings(DEFAULT_SEED)
        .into_iter()
        .filter(|listing| listing.shop == shop)
        .collect()
}

/// Every listing of the shop is read once, with its price in its currency.
async fn reads_all(id: &str, shop: Shop, currency: &str) {
    let (_, report) = report(id);
    let toml = report["draft"]["toml"].as_str().unwrap();
    let mut found = walk(toml).await;
    let total: usize = found.values().map(Vec::len).sum();
    let offered = of(shop);
    assert_eq!(total, offered.len(), "{id}\n{toml}");
    for listing in offered {
        let title = listing
            .title
            .split_whitespace()
            .collect::<Vec<_>>()
            .join(" ");
        let price = format!(
            "{}.{:02}",
            listing.price_minor / 100,
            listing.price_minor % 100
        );
        let same = found
            .get_mut(&title)
            .unwrap_or_else(|| panic!("{id}: no `{title}`"));
        let at = same.iter().position(|read| {
            let read = read.price.as_ref().unwrap();
            let amount = format!("{:.2}", read.amount);
            amount == price && read.currency.as_deref() == Some(currency)
        });
        let at = at.unwrap_or_else(|| panic!("{id}: {title}: {price} is not {same:?}\n{toml}"));
        let read = same.remove(at);
        assert_eq!(
            read.images.len(),
            listing.pictures.len(),
            "{id}: {title}\n{toml}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_draft_of_a_shop_with_structured_data_reads_all_of_it() {
    tokio::task::block_in_place(shared_practice);
    reads_all("kaufwinkel", Shop::Kaufwinkel, "EUR").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_draft_of_a_shop_of_plain_pages_reads_all_of_it() {
    tokio::task::block_in_place(shared_practice);
    reads_all("stallhaven", Shop::Stallhaven, "GBP").await;
}
