//! Products that are removed from the catalog and brought back.

use markhound::store::StoreError;
use markhound::store::cases::{QueueFilter, QueueOrder};
use markhound::store::figures::FigureScope;
use markhound::store::import::Saved;
use markhound::store::lists::ProductFilter;
use markhound::store::reference_hashes::ReferenceHashDraft;

use super::Db;
use crate::world::{case, one_lease, product, reference, source, work};

/// Two products of two brands with a case each; the numbers of the cases.
async fn two_products(db: &Db) -> [i64; 2] {
    let store = &db.store;
    let source = store.save_source("t", &source("shop")).await.unwrap();
    let mut cases = Vec::new();
    for (sku, brand, item) in [("A", "Velora", "1"), ("B", "Quorvex", "2")] {
        let mut draft = product(sku);
        draft.brand = brand.to_owned();
        let photo = reference(&sku.to_lowercase().repeat(64));
        store.save_product("t", &draft, &[photo]).await.unwrap();
        let product = store.product(sku).await.unwrap().id;
        let lease = one_lease(store, source, "w").await;
        let mut work = work(&lease, source, "w", item);
        work.listing
            .as_mut()
            .unwrap()
            .cases
            .push(case(product, 0.9));
        cases.extend(store.finish_work(&work).await.unwrap().cases);
    }
    [cases[0], cases[1]]
}

async fn queued(db: &Db, removed: bool, state: Option<&str>) -> Vec<i64> {
    let filter = QueueFilter {
        state: state.map(ToOwned::to_owned),
        removed,
        ..QueueFilter::default()
    };
    let cards = db.store.cards(&filter, QueueOrder::Score, None, 9).await;
    let cards: Vec<i64> = cards.unwrap().iter().map(|case| case.id).collect();
    let mut cases: Vec<i64> = db
        .store
        .queue(&filter, None, 9)
        .await
        .unwrap()
        .iter()
        .map(|case| case.id)
        .collect();
    cases.sort_unstable();
    let mut sorted = cards.clone();
    sorted.sort_unstable();
    assert_eq!(sorted, cases, "cards and cases tell the same");
    let count = db.store.count_cards(&filter, 99).await.unwrap();
    assert_eq!(count, cards.len() as i64);
    cases
}

pub async fn a_removed_product_leaves_lists_and_queue_and_comes_back_as_it_was(db: Db) {
    let store = &db.store;
    let [own, other] = two_products(&db).await;
    let hash = ReferenceHashDraft {
        algorithm: "pdq".to_owned(),
        hash: "ab".repeat(32),
        quality: None,
        label: "front".to_owned(),
    };
    store
        .add_reference_hashes("t", "A", "list", &[hash])
        .await
        .unwrap();
    let unhunted = store.unhunted_products().await.unwrap();
    assert_eq!(unhunted, ["A", "B"]);
    let before = store.product("A").await.unwrap();
    store
        .end_retro_hunt(
            "t",
            &[(before.id, before.fingerprint.clone())],
            &[1],
            &serde_json::json!({}),
        )
        .await
        .unwrap();

    let version = store.photos_version().await.unwrap();
    let would = store.removal("A").await.unwrap();
    assert_eq!((would.undecided_cases, would.decided_cases), (1, 0));
    assert_eq!((would.photos, would.removed_at), (1, None));
    assert!(store.remove_product("anna", "A").await.unwrap());
    assert!(!store.remove_product("anna", "A").await.unwrap());
    assert!(store.photos_version().await.unwrap() > version);
    assert_eq!(
        store.products_changed_after(version).await.unwrap(),
        [before.id]
    );

    let skus: Vec<String> = store
        .products()
        .await
        .unwrap()
        .into_iter()
        .map(|p| p.sku)
        .collect();
    assert_eq!(skus, ["B"]);
    assert_eq!(store.every_product().await.unwrap().len(), 2);
    assert_eq!(store.brands_in_catalog().await.unwrap(), ["Quorvex"]);
    assert_eq!(store.brands().await.unwrap(), ["Quorvex", "Velora"]);
    assert_eq!(store.reference_names().await.unwrap().len(), 1);
    assert_eq!(store.reference_photos_after(0, 9).await.unwrap().len(), 1);
    assert!(store.reference_hashes().await.unwrap().is_empty());
    assert_eq!(store.product_counts("2000-01-01").await.unwrap().0, 1);
    assert_eq!(store.unhunted_products().await.unwrap(), ["B"]);
    let gone = ProductFilter {
        removed: true,
        ..ProductFilter::default()
    };
    for (filter, sku) in [(gone, "A"), (ProductFilter::default(), "B")] {
        let listed = store.products_by(&filter, None, 9).await.unwrap();
        assert_eq!(listed.iter().map(|p| &*p.sku).collect::<Vec<_>>(), [sku]);
    }

    for state in [Some("open"), None] {
        assert_eq!(queued(&db, false, state).await, [other]);
        assert_eq!(queued(&db, true, state).await, [own]);
    }
    assert_eq!(store.case_counts().await.unwrap(), [("open".to_owned(), 1)]);
    let later = markhound::clock::Millis(db.hands.now().0 + 86_400_000);
    assert_eq!(store.waiting_since(later).await.unwrap(), 1);
    let waiting = store.waiting(&FigureScope::default(), later).await.unwrap();
    assert_eq!(waiting.by_age.iter().sum::<i64>(), 1);
    assert_eq!(store.open_scores().await.unwrap().len(), 1);
    let seller = store.case(own).await.unwrap().seller.unwrap();
    let count = store.seller_count(1, &seller).await.unwrap().unwrap();
    assert_eq!((count.cases, count.open), (2, 1));

    // It can be looked at, and is not changed before it is back.
    assert_eq!(store.case(own).await.unwrap().sku, "A");
    let draft = product("A");
    for refused in [
        store
            .edit_product("anna", &draft, &before.fingerprint, None)
            .await
            .unwrap_err(),
        store
            .edit_product("anna", &draft, "", None)
            .await
            .unwrap_err(),
        store
            .remove_photo("anna", "A", &"a".repeat(64))
            .await
            .unwrap_err(),
        store
            .remove_reference_hashes("anna", "A", None)
            .await
            .unwrap_err(),
    ] {
        assert!(
            matches!(&refused, StoreError::Conflict(why) if why.contains("restore it first")),
            "{refused:?}"
        );
    }

    assert!(store.restore_product("anna", "A", None).await.unwrap());
    assert!(!store.restore_product("anna", "A", None).await.unwrap());
    let after = store.product("A").await.unwrap();
    assert_eq!(
        (after.id, &after.fingerprint, after.removed_at),
        (before.id, &before.fingerprint, None)
    );
    assert_eq!(queued(&db, false, Some("open")).await, [own, other]);
    assert!(queued(&db, true, None).await.is_empty());
    assert_eq!(store.reference_hashes().await.unwrap().len(), 1);
    // What was captured meanwhile was not held against it.
    assert_eq!(store.unhunted_products().await.unwrap(), ["A", "B"]);
    let log = store.audit_of("product A").await.unwrap();
    let said: Vec<&str> = log.iter().map(|event| &*event.action).collect();
    assert_eq!(
        said,
        [
            "catalog.save",
            "catalog.hashes_import",
            "catalog.remove",
            "catalog.restore"
        ]
    );
    assert_eq!(log[2].detail.0["undecided_cases"], 1);
}

pub async fn a_decided_case_stays_and_what_was_matched_before_the_removal_opens_none(db: Db) {
    let store = &db.store;
    let [own, other] = two_products(&db).await;
    let verdict = markhound::review::Verdict {
        action: markhound::review::Action::Confirm,
        kind: None,
        reason: None,
    };
    markhound::review::decide(store, "anna", &[own], &verdict)
        .await
        .unwrap();
    store.remove_product("anna", "A").await.unwrap();
    assert_eq!(queued(&db, false, Some("confirmed")).await, [own]);
    assert_eq!(queued(&db, false, None).await, [own, other]);
    assert_eq!(
        store.case_counts().await.unwrap(),
        [("confirmed".to_owned(), 1), ("open".to_owned(), 1)]
    );

    // A worker that matched its listing against the catalog as it was before.
    let ids: Vec<i64> = store
        .every_product()
        .await
        .unwrap()
        .iter()
        .map(|p| p.id)
        .collect();
    let shop = store.source("shop").await.unwrap().id;
    let lease = one_lease(store, shop, "w").await;
    let mut late = work(&lease, shop, "w", "3");
    late.listing.as_mut().unwrap().cases = vec![case(ids[0], 0.9), case(ids[1], 0.8)];
    let written = store.finish_work(&late).await.unwrap();
    assert!(written.kept);
    assert_eq!(written.cases.len(), 1, "the other product's alone");
    assert_eq!(store.case(written.cases[0]).await.unwrap().sku, "B");
    let listing = store
        .stored_listing(written.listing_id.unwrap())
        .await
        .unwrap();
    let hunted = store
        .queue_cases("hunt", &listing, &[case(ids[0], 0.9)])
        .await
        .unwrap();
    assert_eq!(
        hunted.cases,
        [(None, markhound::store::hunts::Change::Unchanged)]
    );
}

pub async fn importing_a_removed_product_again_brings_it_back_and_says_so(db: Db) {
    let store = &db.store;
    two_products(&db).await;
    store.remove_product("anna", "A").await.unwrap();
    let stored = store.product("A").await.unwrap();
    let rights = store.rights_of(stored.id).await.unwrap();
    let same = markhound::catalog::edit::draft_of(&stored, &rights);
    let version = store.photos_version().await.unwrap();
    let saved = store.save_product("anna", &same, &[]).await.unwrap();
    assert_eq!(saved, Saved::Restored);
    assert!(
        store.photos_version().await.unwrap() > version,
        "its photos are indexed again"
    );
    assert_eq!(store.products().await.unwrap().len(), 2);
    assert_eq!(
        store.save_product("anna", &same, &[]).await.unwrap(),
        Saved::Unchanged
    );

    store.remove_product("anna", "A").await.unwrap();
    let mut other = same.clone();
    other.name = "Renamed".to_owned();
    assert_eq!(
        store.save_product("anna", &other, &[]).await.unwrap(),
        Saved::Restored
    );
    let log = store.audit_of("product A").await.unwrap();
    let last = &log.last().unwrap().detail.0;
    assert_eq!(last["saved"], "restored");
    assert_eq!(last["changes"]["name"]["after"], "Renamed");
}
