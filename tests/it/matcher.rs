//! What the matcher takes from the database: a catalog that is edited while a
//! scan runs, and how rare words are among the captured listings.

use std::sync::Arc;
use std::time::Duration;

use markhound::scan::live::LiveMatcher;
use markhound::scan::matcher::{Finding, Matcher, Subject};
use markhound::scan::rarity;
use markhound::store::import::{ProductDraft, ReferenceDraft};
use markhound::store::matching::Matching;
use markhound_index::image::{ALGORITHM, DecodeLimits, Fingerprint, GreyPicture};
use markhound_index::text::Rarity;

use crate::world::{PHOTO, World, photo, product, reference, source, work};

fn named(matcher: &Matcher, title: &str) -> Option<String> {
    let product = matcher.product(matcher.named(title, None)?)?;
    Some(product.sku.clone())
}

fn other(sku: &str, brand: &str) -> ProductDraft {
    ProductDraft {
        brand: brand.to_owned(),
        name: format!("{brand} Walnut Sideboard"),
        aliases: Vec::new(),
        ..product(sku)
    }
}

#[tokio::test]
async fn a_catalog_edited_during_a_scan_is_matched_against_soon_without_anybody_waiting() {
    let world = World::new().await;
    let store = &world.app.store;
    store.save_product("t", &product("A"), &[]).await.unwrap();
    let first = Arc::new(Matcher::load(&world.app).await.unwrap());
    let live = LiveMatcher::new(world.app.clone(), first.clone());
    let title = "Quorvex walnut sideboard";
    assert_eq!(named(&live.current(), title), None);

    store
        .save_product("t", &other("B", "Quorvex"), &[])
        .await
        .unwrap();
    let arrived = async || {
        while live.current().version() == first.version() {
            // The clock moves, or the catalog would not be looked at again.
            world.hands.forward(1);
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(60), arrived())
        .await
        .expect("the edit arrives");
    assert_eq!(named(&live.current(), title).as_deref(), Some("B"));
}

#[tokio::test]
async fn a_product_removed_during_a_scan_is_not_matched_any_more_until_it_is_back() {
    let world = World::new().await;
    let store = &world.app.store;
    let bytes = std::fs::read(photo(PHOTO)).unwrap();
    let picture = GreyPicture::decode(&bytes, &DecodeLimits::default()).unwrap();
    let print = Fingerprint::compute(&picture);
    let its_photo = ReferenceDraft {
        hashes: print.to_bytes(),
        algorithm: ALGORITHM.to_owned(),
        ..reference(&"a".repeat(64))
    };
    store
        .save_product("t", &other("A", "Quorvex"), &[its_photo])
        .await
        .unwrap();
    store.save_product("t", &product("B"), &[]).await.unwrap();
    let first = Arc::new(Matcher::load(&world.app).await.unwrap());
    let live = LiveMatcher::new(world.app.clone(), first);
    let title = "Quorvex walnut sideboard";
    let follow = async || {
        let newest = store.catalog_version().await.unwrap();
        let arrived = async {
            while live.current().version() != newest {
                // The clock moves, or the catalog would not be looked at again.
                world.hands.forward(1);
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(Duration::from_secs(60), arrived)
            .await
            .expect("the change arrives");
        let matcher = live.current();
        let photos = matcher.references().index().search(&print).len();
        (named(&matcher, title), photos)
    };
    assert_eq!(follow().await, (Some("A".to_owned()), 1));
    store.remove_product("t", "A").await.unwrap();
    assert_eq!(follow().await, (None, 0));
    // What is read anew as a whole says the same.
    let anew = Matcher::load(&world.app).await.unwrap();
    assert_eq!(named(&anew, title), None);
    assert_eq!(anew.products().count(), 1);
    store.restore_product("t", "A", None).await.unwrap();
    assert_eq!(follow().await, (Some("A".to_owned()), 1));
}

#[tokio::test]
async fn what_changed_alone_is_read_and_the_same_matcher_comes_of_it() {
    let world = World::new().await;
    let store = &world.app.store;
    for (sku, brand) in [("C", "Velora"), ("A", "Quorvex"), ("D", "Brandelo")] {
        store
            .save_product("t", &other(sku, brand), &[])
            .await
            .unwrap();
    }
    let before = Matcher::load(&world.app).await.unwrap();
    store
        .save_product("t", &other("A", "Zentrix"), &[])
        .await
        .unwrap();
    store
        .save_product("t", &other("B", "Quorvex"), &[])
        .await
        .unwrap();
    let (read, anew) = (
        before.reload(&world.app).await.unwrap(),
        Matcher::load(&world.app).await.unwrap(),
    );
    assert_eq!(read.version(), anew.version());
    assert_eq!(read.products().count(), 4);
    for (title, sku) in [
        ("Zentrix walnut sideboard", Some("A")),
        ("Quorvex walnut sideboard", Some("B")),
        ("Velora sideboard walnut", Some("C")),
        ("garden hose", None),
    ] {
        assert_eq!(named(&read, title).as_deref(), sku, "{title}");
        let subject = Subject {
            title,
            ..Subject::default()
        };
        // What a word weighs follows from the catalog an index was built of, so a
        // probability may differ, by less than anybody sees.
        let said = |matcher: &Matcher| -> Vec<(i64, String)> {
            let found = matcher.findings(&subject, &[]);
            let said = |f: &Finding| (f.product, format!("{:.2}", f.verdict.probability));
            found.iter().map(said).collect()
        };
        assert_eq!(said(&read), said(&anew), "{title}");
    }
}

#[tokio::test]
async fn the_photos_are_indexed_again_when_photos_changed_and_not_for_words() {
    let world = World::new().await;
    let store = &world.app.store;
    let bytes = std::fs::read(photo(PHOTO)).unwrap();
    let picture = GreyPicture::decode(&bytes, &DecodeLimits::default()).unwrap();
    let photo = ReferenceDraft {
        hashes: Fingerprint::compute(&picture).to_bytes(),
        algorithm: ALGORITHM.to_owned(),
        ..reference(&"a".repeat(64))
    };
    let file = [photo.file_name.clone()];
    store
        .save_product("t", &other("A", "Quorvex"), &[photo])
        .await
        .unwrap();
    let before = Matcher::load(&world.app).await.unwrap();
    assert_eq!(before.references().index().len(), 1);
    store
        .save_product("t", &other("A", "Zentrix"), &[])
        .await
        .unwrap();
    let words = before.reload(&world.app).await.unwrap();
    assert!(words.version() > before.version());
    assert_eq!(
        words.references().version(),
        before.references().version(),
        "the index is the one of before"
    );
    store
        .set_matching("t", "A", &file, Matching::Never)
        .await
        .unwrap();
    let set_aside = words.reload(&world.app).await.unwrap();
    assert_eq!(set_aside.references().index().len(), 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn words_are_weighed_by_the_listings_that_do_not_name_the_brand_once_there_are_enough() {
    let world = World::new().await;
    let store = &world.app.store;
    store.save_product("t", &product("A"), &[]).await.unwrap();
    let products: Vec<_> = store.products().await.unwrap();
    let products: Vec<_> = products.into_iter().map(Arc::new).collect();
    let shipped = Rarity::built_in().unwrap();
    let counted = async || rarity::of_listings(&world.app, &products).await.unwrap();
    assert_eq!(counted().await, shipped, "nothing was captured");

    let source_id = store.save_source("t", &source("shop")).await.unwrap();
    let seeds: Vec<_> = (0..1_200)
        .map(|n| (format!("k{n}"), "{\"url\":\"x\"}".to_owned()))
        .collect();
    let scan = store.start_scan(source_id, "t", &seeds).await.unwrap();
    let leases = store.lease(scan, "w", 1_200, 60).await.unwrap();
    let mut works = Vec::new();
    for (n, lease) in leases.iter().enumerate() {
        let mut work = work(lease, source_id, "w", &n.to_string());
        // A tenth is what was searched for.
        work.listing.as_mut().unwrap().title = match n % 10 {
            0 => format!("{} Fjordal armchair {n}", products[0].brand),
            _ => format!("Lounge armchair {n}"),
        };
        works.push(work);
    }
    for some in works.chunks(300) {
        store.finish_works(some).await.unwrap();
    }
    let table = counted().await;
    assert_eq!(table.listings(), 1_080);
    assert!(table.of("lounge").is_some_and(|r| r < 1e-6));
    assert!(table.of("fjordal").is_some_and(|r| r > 0.999));
    assert_eq!(
        counted().await,
        table,
        "the same listings, the same numbers"
    );
}

#[tokio::test]
async fn how_long_a_seller_is_there_weighs_and_is_said() {
    let world = World::new().await;
    let product = other("A", "Quorvex");
    let store = &world.app.store;
    store.save_product("t", &product, &[]).await.unwrap();
    let matcher = Matcher::load(&world.app).await.unwrap();
    let today = world.app.clock.now().to_string();
    let weighed = |since: Option<&str>| {
        let subject = Subject {
            title: "Quorvex walnut sideboard",
            seller: Some("nightmarket77"),
            seller_since: since,
            ..Subject::default()
        };
        let verdict = matcher.findings(&subject, &[]).remove(0).verdict;
        let said: Vec<String> = verdict.reasons.into_iter().map(|r| r.text).collect();
        (verdict.probability, said.join("; "))
    };
    let (unknown, _) = weighed(None);
    let (young, said) = weighed(Some(&today[..10]));
    assert!(young > unknown, "{young} against {unknown}");
    assert!(said.contains("month"), "{said}");
    let (old, said) = weighed(Some("2003"));
    assert!(old < unknown, "{old} against {unknown}");
    assert!(said.contains("for years"), "{said}");
    // What could be of any age is not taken for one.
    assert!((weighed(Some(&today[..4])).0 - unknown).abs() < 1e-12);
}
