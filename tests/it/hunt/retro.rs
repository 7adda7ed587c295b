//! Products that came into the catalog later are found in what was captured.

use std::collections::BTreeSet;
use std::sync::Mutex;

use markhound::app::App;
use markhound::hunt::retro::{self, Event, Hunt, Report};
use markhound::store::cases::QueueFilter;

use super::Scanned;

const LATE: [&str; 3] = ["OST-BR700", "OST-FJ210", "OST-SV540"];

/// (listing, product, score in thousandths, kind) of every case of the late products.
async fn cases(app: &App, late: &[&str]) -> BTreeSet<(String, String, i64, Option<String>)> {
    let rows = app
        .store
        .queue(&QueueFilter::default(), None, 10_000)
        .await
        .unwrap();
    rows.into_iter()
        .filter(|row| late.contains(&row.sku.as_str()))
        .map(|row| (row.item_id, row.sku, (row.score * 1000.0) as i64, row.kind))
        .collect()
}

async fn hunt(app: &App, skus: &[&str], queue: bool) -> (Report, Vec<String>) {
    hunt_in(app, skus, queue, false).await
}

async fn hunt_in(app: &App, skus: &[&str], queue: bool, all_texts: bool) -> (Report, Vec<String>) {
    let hunt = Hunt {
        skus: skus.iter().map(ToString::to_string).collect(),
        all_texts,
        queue,
        actor: "anna".to_owned(),
    };
    let told = Mutex::new(Vec::new());
    let observer = |event: Event| match event {
        Event::Case(row) => told.lock().unwrap().push(row.item_id),
        Event::Failed { why, .. } => panic!("{why}"),
        _ => {}
    };
    let report = retro::run(app, &hunt, &observer).await.unwrap();
    (report, told.into_inner().unwrap())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_retro_hunt_opens_the_cases_that_a_scan_would_have_opened_and_twice_is_once() {
    let late = &LATE[..];
    let (known, later) = tokio::join!(Scanned::whole(), Scanned::without(late));
    let wanted = cases(&known.app, late).await;
    assert!(wanted.len() >= 3, "{wanted:?}");
    let app = &later.app;
    assert_eq!(cases(app, late).await, BTreeSet::new());
    // The products there before were in the catalog when the shop was scanned.
    let (first, _) = hunt(app, &[], true).await;
    assert_eq!((first.opened, first.updated), (0, 0), "{first:?}");
    assert!(first.remembered);
    let requests = app.store.scan(1).await.unwrap().requests;

    later.import_the_rest().await;
    let (looked, listed) = hunt(app, &[], false).await;
    assert_eq!(looked.products, late);
    assert!(looked.opened as usize >= wanted.len() && listed.len() >= wanted.len());
    assert!(!looked.remembered);
    // The index proposes what reading every text finds.
    let (all, mut listed_all) = hunt_in(app, &[], false, true).await;
    let mut listed = listed;
    listed.sort();
    listed_all.sort();
    assert_eq!((all.concerned, listed_all), (looked.concerned, listed));
    let listings = app.store.listing_count().await.unwrap();
    assert_eq!(all.texts, u64::try_from(listings).unwrap());
    assert_eq!(cases(app, late).await, BTreeSet::new(), "only told");

    let (report, _) = hunt(app, &[], true).await;
    assert_eq!(cases(app, late).await, wanted);
    assert_eq!(report.opened, looked.opened);
    assert!(report.remembered);
    assert_eq!(app.store.scan(1).await.unwrap().requests, requests);
    let event = &app.store.audit_of("catalog").await.unwrap()[1];
    assert_eq!((&*event.action, &*event.actor), ("hunt.retro", "anna"));
    assert_eq!(app.store.audit_first_break().await.unwrap(), None);

    let before = app.store.audit_page(None, 1).await.unwrap()[0].seq;
    let (nothing, _) = hunt(app, &[], true).await;
    assert!(nothing.products.is_empty());
    let (again, _) = hunt(app, late, true).await;
    assert_eq!((again.opened, again.updated), (0, 0));
    assert_eq!(again.unchanged, again.unchanged.max(report.opened));
    assert_eq!(cases(app, late).await, wanted);
    let after = app.store.audit_page(None, 1).await.unwrap()[0].seq;
    assert_eq!(after, before + 1, "nothing but that it was hunted again");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn photos_stay_to_be_hunted_for_while_pictures_cannot_be_looked_at() {
    let scanned = Scanned::whole().await;
    scanned
        .execute("UPDATE pictures SET algorithm = 'phash 0' WHERE id = 1")
        .await;
    let (report, _) = hunt(&scanned.app, &["OST-FJ210"], true).await;
    assert_eq!(report.coverage.left_out(), 1);
    assert!(!report.remembered);
    scanned
        .execute("UPDATE pictures SET hashes = x'00' WHERE id = 2")
        .await;
    let (report, _) = hunt(&scanned.app, &["OST-FJ210"], true).await;
    assert_eq!(
        (report.coverage.left_out(), report.coverage.damaged),
        (2, 1)
    );
}
