//! Fingerprints and hunts: batches, marks, and cases queued once.

use markhound::store::fingerprints::{Kept, Mark, Renewed};
use markhound::store::hunts::Change;
use markhound::store::work::{CaptureRef, PictureDraft};

use super::Db;
use crate::world::{case, decoded, one_lease, product, reference, source, work};

/// Two listings that show one picture, the second also another of its own.
async fn two_listings(db: &Db) -> (i64, [i64; 2]) {
    let store = &db.store;
    store
        .save_product("test", &product("A-1"), &[reference(&"11".repeat(32))])
        .await
        .unwrap();
    let product = store.product("A-1").await.unwrap().id;
    let source = store.save_source("test", &source("shop")).await.unwrap();
    let mut listings = Vec::new();
    for (item, blobs) in [("1", &["aa"][..]), ("2", &["bb", "aa", "aa"])] {
        let lease = one_lease(store, source, "w").await;
        let mut work = work(&lease, source, "w", item);
        for blob in blobs {
            work.listing.as_mut().unwrap().pictures.push(PictureDraft {
                url: format!("http://127.0.0.1:8081/{blob}.jpg"),
                capture: Some(CaptureRef::New(0)),
                decoded: Some(decoded(&blob.repeat(32))),
                error: None,
            });
        }
        listings.push(store.finish_work(&work).await.unwrap().listing_id.unwrap());
    }
    (product, [listings[0], listings[1]])
}

pub async fn fingerprints_are_counted_and_renewed_in_batches(db: Db) {
    two_listings(&db).await;
    let store = &db.store;
    let counts = store.fingerprint_counts("new").await.unwrap();
    assert_eq!((counts.references, counts.references_outdated), (1, 1));
    assert_eq!((counts.pictures, counts.pictures_outdated), (2, 2));
    let first = store.fingerprints_to_renew(Kept::Picture, Some("new"), 0, 1);
    let first = first.await.unwrap();
    let renewed = |id| Renewed {
        id,
        algorithm: "new".to_owned(),
        hashes: vec![7, 8],
    };
    let mark = Mark {
        name: "m".to_owned(),
        value: first[0].id,
    };
    let version = store.catalog_version().await.unwrap();
    for _ in 0..2 {
        store
            .save_fingerprints(Kept::Picture, &[renewed(first[0].id)], Some(&mark))
            .await
            .unwrap();
    }
    assert_eq!(store.mark("m").await.unwrap(), Some(first[0].id));
    assert_eq!(store.catalog_version().await.unwrap(), version);
    let left = store.fingerprints_to_renew(Kept::Picture, Some("new"), 0, 9);
    assert_eq!(left.await.unwrap().len(), 1);
    let all = store.fingerprints_to_renew(Kept::Picture, None, 0, 9);
    assert_eq!(all.await.unwrap().len(), 2);

    let photos = store.fingerprints_to_renew(Kept::Reference, Some("new"), 0, 9);
    let photo = renewed(photos.await.unwrap()[0].id);
    store
        .save_fingerprints(Kept::Reference, &[photo], None)
        .await
        .unwrap();
    assert_eq!(store.catalog_version().await.unwrap(), version + 1);
    let detail = serde_json::json!({});
    store
        .end_renewal("anna", &["m".to_owned()], &detail)
        .await
        .unwrap();
    assert_eq!(store.mark("m").await.unwrap(), None);
    assert_eq!(store.catalog_version().await.unwrap(), version + 2);
    assert_eq!(store.audit_of("fingerprints").await.unwrap().len(), 1);
    let counts = store.fingerprint_counts("new").await.unwrap();
    assert_eq!(
        (counts.references_outdated, counts.pictures_outdated),
        (0, 1)
    );
}

pub async fn pictures_come_newest_first_with_the_listings_that_show_them(db: Db) {
    let (_, [one, two]) = two_listings(&db).await;
    let store = &db.store;
    assert_eq!(store.shown_pictures().await.unwrap(), 2);
    let newest = store.shown_fingerprints(i64::MAX, 1).await.unwrap();
    let oldest = store.shown_fingerprints(newest[0].id, 9).await.unwrap();
    assert_eq!((newest.len(), oldest.len()), (1, 1));
    assert_eq!(oldest[0].blob, "aa".repeat(32));
    let showings = store.showings(oldest[0].id, 9).await.unwrap();
    let shown: Vec<_> = showings.iter().map(|s| s.listing_id).collect();
    assert_eq!(shown, [one, two], "each once, though one shows it twice");
    assert_eq!(store.showings(oldest[0].id, 1).await.unwrap().len(), 1);
    let of_two = store.fingerprints_of_listing(two).await.unwrap();
    let blobs: Vec<_> = of_two.iter().map(|row| &row.blob[..2]).collect();
    assert_eq!(blobs, ["bb", "aa", "aa"]);
    let ids: Vec<_> = store.stored_listings(one, 9).await.unwrap();
    assert_eq!(ids.iter().map(|l| l.id).collect::<Vec<_>>(), [two]);
}

pub async fn cases_are_queued_once_and_not_over_a_listing_seen_meanwhile(db: Db) {
    let (product, [one, _]) = two_listings(&db).await;
    let store = &db.store;
    let listing = store.stored_listing(one).await.unwrap();
    let drafts = [case(product, 0.9)];
    let queued = store.queue_cases("anna", &listing, &drafts).await.unwrap();
    let (id, change) = queued.cases[0];
    assert_eq!((queued.kept, change), (true, Change::Opened));
    db.hands.forward(60);
    let row = store.case(id.unwrap()).await.unwrap();
    let again = store.queue_cases("anna", &listing, &drafts).await.unwrap();
    assert_eq!(again.cases, [(id, Change::Unchanged)]);
    let same = store.case(id.unwrap()).await.unwrap();
    assert_eq!(same.updated_at, row.updated_at, "it is not touched");
    let other = [case(product, 0.8)];
    let updated = store.queue_cases("anna", &listing, &other).await.unwrap();
    assert_eq!(updated.cases, [(id, Change::Updated)]);
    let events = store.audit_of(&format!("case {}", id.unwrap())).await;
    let events = events.unwrap();
    assert_eq!(events.len(), 2);
    assert_eq!(
        (&*events[1].action, &*events[1].actor),
        ("case.update", "anna")
    );

    db.execute(&format!(
        "UPDATE listings SET times_seen = 2 WHERE id = {one}"
    ))
    .await;
    let late = store.queue_cases("anna", &listing, &drafts).await.unwrap();
    assert!(!late.kept);
    assert_eq!(store.case(id.unwrap()).await.unwrap().score, 0.8);
}

pub async fn photos_stay_to_be_hunted_for_until_they_were(db: Db) {
    let (product, _) = two_listings(&db).await;
    let store = &db.store;
    assert_eq!(store.unhunted_products().await.unwrap(), ["A-1"]);
    let photo = store.reference_photos_of(product).await.unwrap()[0].id;
    let detail = serde_json::json!({});
    let print = store.product("A-1").await.unwrap().fingerprint;
    let (hunted, photos) = ([(product, print)], [photo]);
    let ended = store.end_retro_hunt("anna", &[], &[], &detail);
    ended.await.unwrap();
    assert_eq!(store.unhunted_products().await.unwrap(), ["A-1"]);
    let ended = store.end_retro_hunt("anna", &[], &photos, &detail);
    ended.await.unwrap();
    assert_eq!(store.unhunted_products().await.unwrap(), ["A-1"]);
    let ended = store.end_retro_hunt("anna", &hunted, &photos, &detail);
    ended.await.unwrap();
    assert!(store.unhunted_products().await.unwrap().is_empty());
    // A changed product is to be hunted for again, and one without photos too.
    let mut changed = crate::world::product("A-1");
    changed.aliases.push("Fjord".to_owned());
    store.save_product("test", &changed, &[]).await.unwrap();
    let other = crate::world::product("A-0");
    store.save_product("test", &other, &[]).await.unwrap();
    assert_eq!(store.unhunted_products().await.unwrap(), ["A-0", "A-1"]);
    for sku in ["A-0", "A-1"] {
        let product = store.product(sku).await.unwrap();
        let hunted = [(product.id, product.fingerprint)];
        let ended = store.end_retro_hunt("anna", &hunted, &[], &detail);
        ended.await.unwrap();
    }
    assert!(store.unhunted_products().await.unwrap().is_empty());
    // Another photo of the product is to be hunted for again.
    let more = [reference(&"22".repeat(32))];
    let draft = crate::world::product("A-1");
    store.save_product("test", &draft, &more).await.unwrap();
    assert_eq!(store.unhunted_products().await.unwrap(), ["A-1"]);
}

pub async fn changes_of_listings_are_numbered_in_their_order_and_each_listing_stands_once(db: Db) {
    let (_, [one, two]) = two_listings(&db).await;
    let store = &db.store;
    let order = async |after: i64| -> Vec<(i64, bool)> {
        let changes = store.listing_changes(after, 9).await.unwrap();
        assert!(
            changes
                .windows(2)
                .all(|pair| pair[0].change < pair[1].change)
        );
        let there = changes.iter().map(|c| (c.listing_id, c.title.is_some()));
        there.collect()
    };
    assert_eq!(order(0).await, [(one, true), (two, true)]);
    let clock = store.listing_clock().await.unwrap();
    assert!(order(clock.change).await.is_empty());
    assert_eq!(store.listings_changed(0).await.unwrap(), 2);
    let first = &store.listing_changes(0, 1).await.unwrap()[0];
    assert_eq!(first.source.as_deref(), Some("shop"));
    assert_eq!(first.price_amount.as_deref(), Some("178.00"));

    // A case touches no listing; being seen again does.
    let listing = store.stored_listing(one).await.unwrap();
    store.queue_cases("anna", &listing, &[]).await.unwrap();
    assert_eq!(store.listing_clock().await.unwrap(), clock);
    db.execute(&format!(
        "UPDATE listings SET last_seen_at = last_seen_at + 1 WHERE id = {one}"
    ))
    .await;
    assert_eq!(order(0).await, [(two, true), (one, true)]);
    assert_eq!(order(clock.change).await, [(one, true)]);
    db.execute(&format!(
        "DELETE FROM listing_pictures WHERE listing_id = {two}"
    ))
    .await;
    db.execute(&format!("DELETE FROM listings WHERE id = {two}"))
        .await;
    assert_eq!(order(0).await, [(one, true), (two, false)]);
    let last = store.listing_clock().await.unwrap();
    assert_eq!((last.era, last.change), (clock.era, clock.change + 2));
    assert_eq!(
        db.reopen().await.unwrap().listing_clock().await.unwrap(),
        last
    );
}
