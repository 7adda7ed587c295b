//! What is counted of many cases, and lists that go on.

use markhound::review::{self, Action};
use markhound::store::cases::QueueFilter;
use markhound::store::figures::{FigureScope, Totals};
use markhound::store::lists::{AuditFilter, ProductFilter, ProductOrder, ScanFilter, ScanOrder};
use markhound::store::sellers::SellerOrder;
use markhound::store::takedowns::{NoticeDraft, Step};
use markhound::store::work::{CaptureRef, PictureDraft};

use super::Db;
use super::cases::{cases, verdict};
use crate::world::{capture, case, decoded, one_lease, product, work};

const HOUR: i64 = 3600;

async fn totals(db: &Db) -> Totals {
    db.store.totals(&FigureScope::default()).await.unwrap()
}

pub async fn figures_follow_decisions_undo_notices_and_sellers_that_change_their_name(db: Db) {
    let store = &db.store;
    let ids = cases(&db, "A", "shop", &[0.9, 0.8, 0.7]).await;
    assert_eq!(totals(&db).await.found, 3);
    let now = db.hands.now();
    let waiting = store.waiting(&FigureScope::default(), now).await.unwrap();
    assert_eq!(waiting.by_age, [3, 0, 0, 0, 0, 0]);

    db.hands.forward(2 * HOUR);
    let anna = "anna";
    review::decide(store, anna, &ids[..2], &verdict(Action::Confirm))
        .await
        .unwrap();
    db.hands.forward(30 * HOUR);
    review::decide(store, anna, &ids[2..], &verdict(Action::Reject))
        .await
        .unwrap();
    let counted = totals(&db).await;
    assert_eq!((counted.decided, counted.confirmed), (3, 2));
    let spans = (counted.deciding.median, counted.deciding.p90);
    assert_eq!(spans, (Some(2 * HOUR), Some(32 * HOUR)));
    let (deciding, _) = store.spans(&FigureScope::default()).await.unwrap();
    assert_eq!(deciding, [0, 2, 0, 1, 0, 0]);
    let waiting = store.waiting(&FigureScope::default(), db.hands.now()).await;
    assert_eq!(waiting.unwrap().oldest, None);

    // Taken back and decided anew: the first that stands counts.
    review::undo(store, anna, Some(ids[2])).await.unwrap();
    assert_eq!(totals(&db).await.decided, 2);
    db.hands.forward(8 * HOUR);
    review::decide(store, anna, &ids[2..], &verdict(Action::Confirm))
        .await
        .unwrap();
    let counted = totals(&db).await;
    assert_eq!((counted.decided, counted.confirmed), (3, 3));
    assert_eq!(counted.deciding.p90, Some(40 * HOUR));

    let draft = NoticeDraft {
        cases: ids[..1].to_vec(),
        right_id: None,
        right_kind: "trademark".to_owned(),
        channel: "shop".to_owned(),
        recipient: "shop".to_owned(),
        subject: "s".to_owned(),
        body: "b".to_owned(),
        sheet: serde_json::Value::Null,
        repeats: None,
    };
    let notice = store.draft_notice(anna, &draft).await.unwrap();
    let mut from = "draft";
    for (to, after) in [
        ("submitted", 0),
        ("removed", 50 * HOUR),
        ("restored", 60 * HOUR),
    ] {
        let step = Step {
            to_state: to.to_owned(),
            ..Step::default()
        };
        let at = markhound::clock::Millis(db.hands.now().0 + after * 1000);
        let seen = [(ids[0], from.to_owned())];
        store
            .record_notice_step(anna, notice, &seen, &step, at)
            .await
            .unwrap();
        from = to;
    }
    let counted = totals(&db).await;
    assert_eq!((counted.reported, counted.removed), (1, 1));
    assert_eq!(counted.removing.median, Some(50 * HOUR));
    let days = store.days(&FigureScope::default()).await.unwrap();
    let of = |count: fn(&markhound::store::figures::Day) -> i64| -> i64 {
        days.iter().map(|(_, day)| count(day)).sum()
    };
    assert_eq!(
        (of(|d| d.found), of(|d| d.confirmed), of(|d| d.removed)),
        (3, 3, 1)
    );

    // The same listing under another name.
    let source = store.source("shop").await.unwrap();
    let lease = one_lease(store, source.id, "w").await;
    let mut again = work(&lease, source.id, "w", "A-0");
    again.listing.as_mut().unwrap().seller = Some("renamed".to_owned());
    store.finish_work(&again).await.unwrap();
    let all = FigureScope::default();
    let sellers = store
        .sellers(&all, "", SellerOrder::Confirmed, None, 9)
        .await
        .unwrap();
    let counts: Vec<_> = sellers
        .iter()
        .map(|s| (&*s.seller, s.confirmed, s.removed))
        .collect();
    assert_eq!(counts, [("moebel_<b>4you</b>", 2, 0), ("renamed", 1, 1)]);
    let elsewhere = FigureScope {
        source: Some("elsewhere".to_owned()),
        brand: Some("Ostrelund".to_owned()),
        ..FigureScope::default()
    };
    assert_eq!(store.totals(&elsewhere).await.unwrap(), Totals::default());
    let later = FigureScope {
        from: Some(markhound::clock::Millis(db.hands.now().0 + 1)),
        ..FigureScope::default()
    };
    let none = store
        .sellers(&later, "", SellerOrder::Confirmed, None, 9)
        .await;
    assert!(none.unwrap().is_empty());
}

pub async fn lists_go_on_where_they_were_left(db: Db) {
    let store = &db.store;
    for n in 0..7 {
        cases(&db, &format!("S{n}"), &format!("shop-{}", n % 2), &[0.9]).await;
        db.hands.forward(1);
    }
    for order in [
        ScanOrder::Latest,
        ScanOrder::Cases,
        ScanOrder::Failures,
        ScanOrder::Listings,
    ] {
        let filter = ScanFilter {
            source: "shop-0".to_owned(),
            order,
            ..ScanFilter::default()
        };
        let (mut after, mut seen) = (None, Vec::new());
        loop {
            let page = store.scans_by(&filter, after, 3).await.unwrap();
            let Some(last) = page.last() else { break };
            after = Some((order.of(last), last.id));
            seen.extend(page.iter().map(|scan| scan.id));
        }
        seen.sort_unstable();
        seen.dedup();
        assert_eq!(seen.len(), 4, "{order:?}");
    }
    for order in [ProductOrder::Name, ProductOrder::Sku, ProductOrder::Changed] {
        let filter = ProductFilter {
            text: "FJ-21".to_owned(),
            order,
            ..ProductFilter::default()
        };
        let (mut after, mut seen) = (None, Vec::new());
        loop {
            let page = store.products_by(&filter, after.as_ref(), 2).await.unwrap();
            seen.extend(page.iter().map(|product| product.sku.clone()));
            after = page.last().cloned();
            if after.is_none() {
                break;
            }
        }
        assert_eq!(seen.len(), 7, "{order:?}");
        let first = if order == ProductOrder::Changed {
            "S6"
        } else {
            "S0"
        };
        assert_eq!(seen[0], first, "{order:?}");
        seen.sort_unstable();
        seen.dedup();
        assert_eq!(seen.len(), 7, "{order:?}");
    }
    let ends_by = |day: &str| ProductFilter {
        ends_by: Some(day.to_owned()),
        ..ProductFilter::default()
    };
    assert!(
        store
            .products_by(&ends_by("2031-09-13"), None, 9)
            .await
            .unwrap()
            .is_empty()
    );
    assert_eq!(
        store
            .products_by(&ends_by("2031-09-14"), None, 9)
            .await
            .unwrap()
            .len(),
        7
    );
    assert_eq!(store.product_counts("2031-09-14").await.unwrap(), (7, 7));
    let mut draft = product("BARE");
    draft.rights.clear();
    store.save_product("t", &draft, &[]).await.unwrap();
    assert_eq!(store.product_counts("2000-01-01").await.unwrap(), (8, 1));

    let actions = store.audit_actions().await.unwrap();
    assert_eq!(
        actions,
        ["case.open", "catalog.save", "scan.start", "source.save"]
    );
    let filter = AuditFilter {
        action: "case.open".to_owned(),
        ..AuditFilter::default()
    };
    let events = store.audit_by(&filter, None, 3).await.unwrap();
    let rest = store
        .audit_by(&filter, Some(events[2].seq), 9)
        .await
        .unwrap();
    assert_eq!((events.len(), rest.len()), (3, 4));
    let mine = AuditFilter {
        actor: "nobody".to_owned(),
        ..AuditFilter::default()
    };
    assert!(store.audit_by(&mine, None, 9).await.unwrap().is_empty());
    let ids: Vec<i64> = store
        .products()
        .await
        .unwrap()
        .iter()
        .map(|p| p.id)
        .collect();
    assert_eq!(store.undecided_of(&ids).await.unwrap().len(), 7);
    let health = store.source_health().await.unwrap();
    let source = store.source("shop-0").await.unwrap();
    let mut german = crate::world::source("shop-1");
    german.definition = "id = \"test\"\nlanguage = \"DE\"".to_owned();
    store.save_source("t", &german).await.unwrap();
    assert_eq!(store.languages().await.unwrap(), ["de"]);
    for (language, count) in [("de", 3), ("fr", 0)] {
        let filter = QueueFilter {
            language: Some(language.to_owned()),
            ..QueueFilter::default()
        };
        assert_eq!(store.queue(&filter, None, 9).await.unwrap().len(), count);
    }
    assert_eq!(
        (health[&source.id].scans, health[&source.id].listings),
        (4, 4)
    );
}

pub async fn a_seller_is_known_with_those_who_show_the_same_photos(db: Db) {
    let store = &db.store;
    store.save_product("t", &product("A"), &[]).await.unwrap();
    let product_id = store.product("A").await.unwrap().id;
    let source = crate::world::source("shop");
    let source = store.save_source("t", &source).await.unwrap();
    let photo = "cd".repeat(32);
    for (item, seller) in [
        ("1", "first"),
        ("2", "second"),
        ("3", "second"),
        ("4", "other"),
    ] {
        let lease = one_lease(store, source, "w").await;
        let mut work = work(&lease, source, "w", item);
        let url = format!("http://127.0.0.1:8081/{item}.jpg");
        work.captures
            .push(capture("image", &url, &photo, 9, db.hands.now()));
        let listing = work.listing.as_mut().unwrap();
        listing.seller = Some(seller.to_owned());
        listing.title = "Grey lounge chair with a footstool, new in box".to_owned();
        if seller != "other" {
            listing.pictures.push(PictureDraft {
                url,
                capture: Some(CaptureRef::New(1)),
                decoded: Some(decoded(&photo)),
                error: None,
            });
        }
        listing.cases.push(case(product_id, 0.9));
        store.finish_work(&work).await.unwrap();
    }
    let shared = store.shared_photos(source, "first").await.unwrap();
    assert_eq!(shared.len(), 1);
    assert_eq!((&*shared[0].seller, shared[0].listings), ("second", 2));
    assert!(
        store
            .shared_photos(source, "other")
            .await
            .unwrap()
            .is_empty()
    );
    let (own, others) = store.titles_around(source, "first").await.unwrap();
    assert_eq!((own.len(), others.len()), (1, 3));
    let listed = store.seller_listing_count(source, "second").await.unwrap();
    assert_eq!(listed.listings, 2);
    let page = store
        .seller_listings(source, "second", None, 1)
        .await
        .unwrap();
    assert_eq!(page[0].blob.as_deref(), Some(&*photo));
    let rest = store
        .seller_listings(source, "second", Some(page[0].id), 9)
        .await;
    assert_eq!(rest.unwrap().len(), 1);
    let count = store.seller_count(source, "second").await.unwrap().unwrap();
    assert_eq!((count.cases, count.open), (2, 2));
    assert!(
        store
            .seller_count(source, "nobody")
            .await
            .unwrap()
            .is_none()
    );
    review::decide(store, "anna", &[own[0].case_id], &verdict(Action::Reject))
        .await
        .unwrap();
    let decisions = store.seller_decisions(source, "first", 9).await.unwrap();
    assert_eq!((decisions.len(), decisions[0].undone), (1, false));
    assert!(
        store
            .seller_notices(source, "first", 9)
            .await
            .unwrap()
            .is_empty()
    );
}
