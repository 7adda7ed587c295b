//! What listings say is searched, in an index that follows the database.

use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use markhound::hunt::listings::Listings;
use markhound::hunt::text::{self, TextFinds};
use markhound::store::Store;
use markhound_index::listings::{ListingIndex, Query, Search};
use sqlx::{AssertSqlSafe, Connection as _, Executor as _};

use crate::lab::{markhound, stderr};
use crate::world::{World, one_lease, source, work};

/// A world with listings of these titles.
async fn world(titles: &[&str]) -> World {
    let world = World::new().await;
    let store = &world.app.store;
    let source = store.save_source("test", &source("shop")).await.unwrap();
    for (title, item) in titles.iter().zip(1..) {
        let lease = one_lease(store, source, "w").await;
        let mut work = work(&lease, source, "w", &item.to_string());
        work.listing.as_mut().unwrap().title = (*title).to_owned();
        store.finish_work(&work).await.unwrap();
    }
    world
}

async fn execute(data: &Path, sql: &str) {
    let url = format!("sqlite://{}", data.join("markhound.db").display());
    let mut raw = sqlx::SqliteConnection::connect(&url).await.unwrap();
    raw.execute(AssertSqlSafe(sql.to_owned())).await.unwrap();
    raw.close().await.unwrap();
}

async fn finds(listings: &Listings, store: &Store, asked: &str) -> TextFinds {
    let ready = listings.ready(None, None).await.unwrap();
    assert_eq!(ready.behind, 0);
    let query = Query::parse(asked).unwrap();
    let search = Search::default();
    let finds = text::search(store, &ready.index, &query, &search);
    let finds = finds.await.unwrap();
    ready.settled().await;
    finds
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_just_written_is_found_and_what_is_gone_is_not() {
    let world = world(&["Velora bag", "V3L0RA purse"]).await;
    let app = &world.app;
    let listings = Listings::of(&app.store, &app.data_dir);
    let finds = async |asked| finds(&listings, &app.store, asked).await;
    assert_eq!(finds("velora").await.total, 2);
    let found = &finds("velora bag").await.listings[0];
    assert_eq!(found.listing.item_id, "1");
    assert!(found.title_pieces[0].hit && found.title_pieces[0].text == "Velora");
    let data = r#"{"description": "genuine lumarek leather"}"#;
    execute(
        &app.data_dir,
        &format!("UPDATE listings SET title = 'Another', data = '{data}' WHERE item_id = '1'"),
    )
    .await;
    assert_eq!(finds("velora").await.total, 1);
    let found = &finds("lumarek").await.listings[0];
    assert_eq!(found.excerpt.as_deref(), Some("genuine lumarek leather"));
    execute(&app.data_dir, "DELETE FROM listings WHERE item_id = '2'").await;
    assert_eq!(finds("velora").await.total, 0);
    assert_eq!(finds("").await.total, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_index_that_is_missing_damaged_or_of_another_database_is_made_anew() {
    let world = world(&["Velora bag", "purse"]).await;
    let app = &world.app;
    let folder = app.data_dir.join("listings-index");
    let open = || Listings::of(&app.store, &app.data_dir);
    let kept = open();
    assert_eq!(finds(&kept, &app.store, "velora").await.total, 1);

    std::fs::remove_dir_all(&folder).unwrap();
    assert_eq!(finds(&open(), &app.store, "velora").await.total, 1);
    // Another process made it anew while this one had it open.
    assert_eq!(finds(&kept, &app.store, "velora").await.total, 1);

    std::fs::write(folder.join("meta.json"), "{}").unwrap();
    assert_eq!(finds(&open(), &app.store, "velora").await.total, 1);
    assert_eq!(finds(&kept, &app.store, "velora").await.total, 1);

    execute(&app.data_dir, "UPDATE listing_clock SET era = era + 1").await;
    assert_eq!(finds(&open(), &app.store, "velora").await.total, 1);
    // As after going back to a backup.
    execute(
        &app.data_dir,
        "DELETE FROM listing_changes WHERE listing_id = 2",
    )
    .await;
    execute(&app.data_dir, "UPDATE listing_clock SET change = 1").await;
    assert_eq!(finds(&open(), &app.store, "").await.total, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_has_no_patience_searches_what_there_is_and_is_told_what_is_missing() {
    let world = world(&["Velora bag"]).await;
    let app = &world.app;
    let listings = Listings::of(&app.store, &app.data_dir);
    let other = ListingIndex::open(&app.data_dir.join("listings-index")).unwrap();
    let writing = other.writer().unwrap();
    let patience = Some(Duration::from_millis(200));
    let ready = listings.ready(patience, None).await.unwrap();
    assert_eq!((ready.behind, ready.index.len()), (1, 0));
    drop(writing);
    ready.settled().await;
    let ready = listings.ready(patience, None).await.unwrap();
    assert_eq!((ready.behind, ready.index.len()), (0, 1));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_who_search_at_once_take_the_same_listings_in_once() {
    let world = world(&["Velora bag", "purse", "hat"]).await;
    let app = &world.app;
    let (one, other) = (
        Listings::of(&app.store, &app.data_dir),
        Listings::of(&app.store, &app.data_dir),
    );
    let (one, other, third) = tokio::join!(
        finds(&one, &app.store, ""),
        finds(&other, &app.store, ""),
        finds(&one, &app.store, "hat")
    );
    assert_eq!((one.total, other.total, third.total), (3, 3, 1));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_while_indexing_it_goes_on_and_nothing_is_lost_or_doubled() {
    let world = world(&["Velora bag"]).await;
    let app = &world.app;
    let many = "WITH RECURSIVE n(i) AS (SELECT 2 UNION ALL SELECT i + 1 FROM n WHERE i < 14000)
        INSERT INTO listings (source_id, item_id, url, title, data, capture_id, first_seen_at,
            last_seen_at)
        SELECT source_id, i, 'http://127.0.0.1/' || i, 'Velora ' || i, '{}', capture_id, 1, 1
        FROM n JOIN (SELECT source_id, capture_id FROM listings LIMIT 1)";
    execute(&app.data_dir, many).await;
    let data = app.data_dir.display().to_string();
    let run = |args: &[&str]| {
        let mut command = markhound();
        command.args(args).args(["--data-dir", &data, "--json"]);
        command
    };
    let mut child = run(&["reindex", "listings"])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let folder = app.data_dir.join("listings-index");
    let begun = || {
        let index = ListingIndex::open(&folder).ok()?;
        index.mark().ok()?.filter(|mark| mark.change > 0)
    };
    while begun().is_none() && child.try_wait().unwrap().is_none() {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    child.kill().unwrap();
    child.wait().unwrap();
    let output = run(&["hunt", "velora", "--limit", "3"]).output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let found: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(found["total"], 14_000);
    assert_eq!(ListingIndex::open(&folder).unwrap().len(), 14_000);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_command_pages_limits_and_tells_what_is_wrong_with_a_query() {
    let titles: Vec<String> = (0..25)
        .map(|n| format!("Velora bag \u{1b}[31m{n}"))
        .collect();
    let world = world(&titles.iter().map(String::as_str).collect::<Vec<_>>()).await;
    let data = world.app.data_dir.display().to_string();
    let run = |args: &[&str]| {
        let output = markhound()
            .args(args)
            .args(["--data-dir", &data])
            .output()
            .unwrap();
        let text = String::from_utf8(output.stdout.clone()).unwrap();
        (output.status.code(), text, stderr(&output))
    };
    let mut seen = Vec::new();
    let mut from: Option<String> = None;
    loop {
        let mut args = vec!["hunt", "velora", "bag", "--limit", "10", "--json"];
        if let Some(from) = &from {
            args.extend(["--from", from]);
        }
        let (_, text, _) = run(&args);
        let page: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!(page["total"], 25);
        let items = page["listings"].as_array().unwrap().iter();
        seen.extend(items.map(|l| l["listing_id"].as_i64().unwrap()));
        match page["next"].as_str() {
            Some(next) => from = Some(next.to_owned()),
            None => break,
        }
    }
    seen.sort_unstable();
    assert_eq!(seen, (1..=25).collect::<Vec<i64>>());

    let (code, text, _) = run(&["hunt", "velora", "--since", "2026-11", "--source", "shop"]);
    assert!(
        code == Some(0) && text.contains("25 listings") && !text.contains('\u{1b}'),
        "{text}"
    );
    let (_, text, _) = run(&["hunt", "velora", "--before", "2026-11-02"]);
    assert_eq!(text, "0 listings\n");
    let (code, _, told) = run(&["hunt", "bag", "price:cheap"]);
    assert!(code == Some(1) && told.contains("at character 11") && told.contains("price:10..50"));
    let (code, _, told) = run(&["hunt", "velora", "--source", "sohp"]);
    assert!(
        code == Some(1) && told.contains("there is no source sohp"),
        "{told}"
    );
    let (code, _, _) = run(&["hunt", "velora", "--image", "x.jpg"]);
    assert_eq!(code, Some(2));
    let (code, text, _) = run(&["reindex", "listings"]);
    assert!(code == Some(0) && text.contains("25 listings"), "{text}");
}
