//! Listings looked at again, and those that came back.

use markhound::clock::Millis;
use markhound::review::{self, Action};
use markhound::store::rechecks::{PlannedLook, Recheck};
use markhound::store::relistings::Relisting;
use markhound::store::takedowns::{NoticeDraft, Step};

use super::Db;
use super::cases::{cases, verdict};
use crate::world::{decoded, one_lease, work};

/// Cases under one submitted notice.
async fn noticed(db: &Db, count: usize) -> (i64, Vec<i64>) {
    let ids = cases(db, "A", "shop", &vec![0.9; count]).await;
    review::decide(&db.store, "anna", &ids, &verdict(Action::Confirm))
        .await
        .unwrap();
    let draft = NoticeDraft {
        cases: ids.clone(),
        right_id: None,
        right_kind: "trademark".to_owned(),
        channel: "marketplace".to_owned(),
        recipient: "shop".to_owned(),
        subject: "s".to_owned(),
        body: "b".to_owned(),
        sheet: serde_json::Value::Null,
        repeats: None,
    };
    let notice = db.store.draft_notice("anna", &draft).await.unwrap();
    step(db, notice, &ids, "draft", "submitted").await;
    (notice, ids)
}

async fn step(db: &Db, notice: i64, cases: &[i64], from: &str, to: &str) {
    let seen: Vec<(i64, String)> = cases.iter().map(|case| (*case, from.to_owned())).collect();
    let step = Step {
        to_state: to.to_owned(),
        ..Step::default()
    };
    let now = db.hands.now();
    db.store
        .record_notice_step("anna", notice, &seen, &step, now)
        .await
        .unwrap();
}

pub async fn what_is_under_notice_is_watched_until_long_after_its_removal(db: Db) {
    let store = &db.store;
    let (notice, ids) = noticed(&db, 3).await;
    let submitted = db.hands.now();
    db.hands.forward(3600);
    step(&db, notice, &ids[..1], "submitted", "removed").await;
    step(&db, notice, &ids[1..2], "submitted", "withdrawn").await;
    let removed = db.hands.now();
    let watched = store.watched(Millis(0)).await.unwrap();
    let states: Vec<_> = watched
        .iter()
        .map(|w| (w.case_id, w.state.as_str(), w.since, w.submitted))
        .collect();
    assert_eq!(
        states,
        [
            (ids[0], "removed", removed, submitted),
            (ids[2], "submitted", submitted, submitted),
        ]
    );
    assert_eq!(
        store.watched(removed.plus_seconds(1)).await.unwrap().len(),
        1
    );
    assert_eq!(store.taken_down().await.unwrap()[0].removed_at, removed);
    assert_eq!(
        store
            .reported_of_seller("shop", "moebel_<b>4you</b>")
            .await
            .unwrap(),
        (3, 1)
    );
    assert_eq!(
        store.outcomes_by_channel().await.unwrap(),
        [
            ("marketplace".to_owned(), "removed".to_owned(), 1),
            ("marketplace".to_owned(), "submitted".to_owned(), 3),
        ]
    );
    assert_eq!(store.open_notices().await.unwrap().len(), 1);
    assert_eq!(store.open_notice_events().await.unwrap().len(), 5);
}

pub async fn what_a_look_showed_is_kept_with_its_capture(db: Db) {
    let store = &db.store;
    let (_, ids) = noticed(&db, 2).await;
    let source = store.source("shop").await.unwrap();
    let listing = store.case(ids[0]).await.unwrap().listing_id;
    assert!(store.controls(source.id, 3).await.unwrap().is_empty());
    for (asked, next_at) in [("http://shop/1", Millis(5)), ("http://shop/2", Millis(9))] {
        let look = PlannedLook {
            listing_id: listing,
            asked: asked.to_owned(),
            next_at,
        };
        store.plan_rechecks(&[look], &[]).await.unwrap();
    }
    let planned = store.rechecks().await.unwrap().remove(0);
    assert_eq!(
        (planned.asked.as_str(), planned.next_at, planned.judged),
        ("http://shop/2", Millis(5), true)
    );

    let lease = one_lease(store, source.id, "w").await;
    store
        .recheck_asked(&[listing], lease.scan_id)
        .await
        .unwrap();
    let mut gone = work(&lease, source.id, "w", "9");
    gone.listing = None;
    gone.captures[0].url = "http://shop/2".to_owned();
    gone.signal = Some(("gone", "status 404".to_owned()));
    store.finish_work(&gone).await.unwrap();
    let seen = store.signals_of(lease.scan_id).await.unwrap().remove(0);
    assert_eq!(
        (seen.signal.as_str(), seen.why.as_str()),
        ("gone", "status 404")
    );
    let asked = store.rechecks().await.unwrap().remove(0);
    assert_eq!((asked.scan_id, asked.judged), (Some(lease.scan_id), false));
    let judged = Recheck {
        next_at: Millis(77),
        looks: 1,
        judged: true,
        last_signal: Some("gone".to_owned()),
        last_at: Some(seen.at),
        gone_capture: Some(seen.capture_id),
        gone_at: Some(seen.at),
        ..asked
    };
    store.recheck_judged(&judged).await.unwrap();
    assert_eq!(store.rechecks().await.unwrap(), [judged]);
    store.recheck_soon(listing, Millis(i64::MAX)).await.unwrap();
    let next = store.rechecks().await.unwrap()[0].next_at;
    assert_eq!(next, Millis(77), "it is due already");
    db.hands.forward(-10_000_000_000);
    let now = db.hands.now();
    let earlier = Millis(seen.at.0 - 1);
    store.recheck_soon(listing, earlier).await.unwrap();
    let next = store.rechecks().await.unwrap()[0].next_at;
    assert_eq!(next, Millis(77), "it was looked at since");
    store.recheck_soon(listing, Millis(i64::MAX)).await.unwrap();
    assert_eq!(
        store.rechecks().await.unwrap()[0].next_at,
        now.min(Millis(77))
    );
    store.plan_rechecks(&[], &[listing]).await.unwrap();
    assert!(store.rechecks().await.unwrap().is_empty());
}

pub async fn a_listing_that_came_back_is_linked_once_and_on_record(db: Db) {
    let store = &db.store;
    let (_, ids) = noticed(&db, 1).await;
    let source = store.source("shop").await.unwrap();
    let lease = one_lease(store, source.id, "w").await;
    let mut new = work(&lease, source.id, "w", "again");
    new.listing
        .as_mut()
        .unwrap()
        .pictures
        .push(markhound::store::work::PictureDraft {
            url: "http://shop/p".to_owned(),
            capture: None,
            decoded: Some(decoded(&"cd".repeat(32))),
            error: None,
        });
    let listing = store.finish_work(&new).await.unwrap().listing_id.unwrap();
    let old = store.case(ids[0]).await.unwrap().listing_id;
    let newcomers = store.newcomers(0, Millis(0), 10).await.unwrap();
    let known: Vec<_> = newcomers
        .iter()
        .map(|new| (new.listing_id, new.case_id))
        .collect();
    assert_eq!(known, [(old, Some(ids[0])), (listing, None)]);
    let change = newcomers[0].change;
    let after = store.newcomers(change, Millis(0), 10).await.unwrap();
    assert_eq!(after.len(), 1);
    let later = Millis(db.hands.now().0 + 1);
    assert!(store.newcomers(0, later, 10).await.unwrap().is_empty());
    let shown = store.shown_by(&[old, listing]).await.unwrap();
    assert_eq!(shown.len(), 1);
    assert_eq!(
        (shown[0].listing_id, &*shown[0].hashes),
        (listing, &[4, 5, 6][..])
    );
    let relisting = Relisting {
        listing_id: listing,
        case_id: ids[0],
        by_photo: Some(0.93),
        by_seller: true,
        by_text: None,
        why: "its seller is the same".to_owned(),
        at: db.hands.now(),
    };
    assert!(store.link_relisting(&relisting, None).await.unwrap());
    assert!(!store.link_relisting(&relisting, None).await.unwrap());
    assert_eq!(
        store.relisting_of(listing).await.unwrap(),
        std::slice::from_ref(&relisting)
    );
    assert_eq!(store.relistings(ids[0]).await.unwrap(), [relisting]);
    let events = store.audit_of(&format!("case {}", ids[0])).await.unwrap();
    assert_eq!(
        events
            .iter()
            .filter(|e| e.action == "case.relisted")
            .count(),
        1
    );
    assert_eq!(
        store.audit_after(0, 1000).await.unwrap().len(),
        store.audit_page(None, 1000).await.unwrap().len()
    );
    store.set_mark("relisting", 5, Millis(1)).await.unwrap();
    store.set_mark("relisting", 7, later).await.unwrap();
    let kept = store.mark_and_time("relisting").await.unwrap();
    assert_eq!(kept, Some((7, later)));
    assert_eq!(store.mark("relisting").await.unwrap(), Some(7));
}
