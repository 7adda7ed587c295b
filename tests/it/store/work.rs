//! Leases, and the work that is written under them.

use std::collections::HashSet;

use markhound::clock::Millis;
use markhound::review::{self, Action, Verdict};
use markhound::store::StoreError;
use markhound::store::cases::CaseDraft;
use markhound::store::frontier::LeaseRequest;
use markhound::store::work::{CaptureRef, NewTarget, Outcome, PictureDraft, Work, Written};

use super::Db;
use crate::world::{START, capture, case, decoded, one_lease, product, source, work};

async fn shop(db: &Db) -> i64 {
    db.store.save_source("t", &source("shop")).await.unwrap()
}

async fn scan_of(db: &Db, source_id: i64, rows: usize) -> i64 {
    let seeds: Vec<(String, String)> = (0..rows)
        .map(|row| (format!("k{row}"), format!("{{\"row\":{row}}}")))
        .collect();
    db.store.start_scan(source_id, "t", &seeds).await.unwrap()
}

pub async fn eight_workers_lease_two_hundred_rows_and_none_twice(db: Db) {
    let source_id = shop(&db).await;
    let scan = scan_of(&db, source_id, 200).await;
    let workers = (0..8).map(|number| {
        let store = db.store.clone();
        tokio::spawn(async move {
            let (worker, mut mine) = (format!("w{number}"), Vec::new());
            loop {
                let rows = store.lease(scan, &worker, 7, 60).await.unwrap();
                if rows.is_empty() {
                    return mine;
                }
                mine.extend(rows.into_iter().map(|row| row.id));
            }
        })
    });
    let mut leased = Vec::new();
    for worker in futures::future::join_all(workers).await {
        leased.extend(worker.unwrap());
    }
    assert_eq!(leased.len(), 200);
    assert_eq!(leased.iter().collect::<HashSet<_>>().len(), 200);
    assert_eq!(db.store.release_leases(scan).await.unwrap(), 200);
    assert_eq!(db.store.lease(scan, "w", 500, 60).await.unwrap().len(), 200);
}

pub async fn a_lease_that_ran_out_goes_to_the_next_worker(db: Db) {
    let source_id = shop(&db).await;
    let scan = scan_of(&db, source_id, 1).await;
    let first = db.store.lease(scan, "one", 1, 60).await.unwrap();
    db.hands.forward(60);
    assert!(db.store.lease(scan, "two", 1, 60).await.unwrap().is_empty());
    db.hands.forward(1);
    let second = db.store.lease(scan, "two", 1, 60).await.unwrap();
    assert_eq!(first[0].id, second[0].id);
}

pub async fn work_finished_twice_is_written_once(db: Db) {
    let source_id = shop(&db).await;
    let lease = one_lease(&db.store, source_id, "w").await;
    let work = work(&lease, source_id, "w", "1");
    let first = db.store.finish_work(&work).await.unwrap();
    assert!(first.kept && first.is_new);
    let events = db.store.audit_page(None, 100).await.unwrap().len();
    assert_eq!(
        db.store.finish_work(&work).await.unwrap(),
        Written::default()
    );
    let listing = db.store.listing(first.listing_id.unwrap()).await.unwrap();
    assert_eq!(listing.times_seen, 1);
    let scan = db.store.scan(lease.scan_id).await.unwrap();
    assert_eq!((scan.requests, scan.listings, scan.finished), (1, 1, 1));
    assert_eq!(db.store.audit_page(None, 100).await.unwrap().len(), events);
}

pub async fn work_of_a_lost_lease_writes_nothing(db: Db) {
    let source_id = shop(&db).await;
    let lease = one_lease(&db.store, source_id, "slow").await;
    db.hands.forward(61);
    let taken = db.store.lease(lease.scan_id, "quick", 1, 60).await.unwrap();
    assert_eq!(taken[0].id, lease.id);
    let late = work(&lease, source_id, "slow", "1");
    assert!(!db.store.finish_work(&late).await.unwrap().kept);
    assert!(db.store.item_ids("shop").await.unwrap().is_empty());
    let scan = db.store.scan(lease.scan_id).await.unwrap();
    assert_eq!((scan.requests, scan.finished), (0, 0));
    let done = work(&taken[0], source_id, "quick", "1");
    assert!(db.store.finish_work(&done).await.unwrap().kept);
    assert_eq!(db.store.item_ids("shop").await.unwrap().len(), 1);
    assert!(db.store.frontier_is_empty(lease.scan_id).await.unwrap());
}

pub async fn works_written_together_count_each_and_a_lost_one_leaves_the_others(db: Db) {
    let source_id = shop(&db).await;
    let scan = scan_of(&db, source_id, 4).await;
    let lost = db.store.lease(scan, "slow", 1, 60).await.unwrap().remove(0);
    db.hands.forward(61);
    let mut leases = db.store.lease(scan, "quick", 9, 60).await.unwrap();
    leases.retain(|lease| lease.id != lost.id);
    assert_eq!(leases.len(), 3);
    let mut works: Vec<_> = leases
        .iter()
        .zip(["1", "2", "2"])
        .map(|(lease, item)| work(lease, source_id, "quick", item))
        .collect();
    works.insert(1, work(&lost, source_id, "slow", "9"));
    works[0].targets.push(NewTarget {
        key: "found on the way".to_owned(),
        target: "{}".to_owned(),
        listing: None,
    });

    let wanted = LeaseRequest {
        scan_id: scan,
        worker: "quick",
        limit: 9,
        seconds: 60,
    };
    let finished = db.store.finish_works_and_lease(&works, &wanted).await;
    let finished = finished.unwrap();
    let written = finished.written.iter();
    let kept: Vec<_> = written.map(|w| (w.kept, w.is_new)).collect();
    assert_eq!(
        kept,
        [(true, true), (false, false), (true, true), (true, false)]
    );
    assert_eq!(finished.leases.len(), 1, "what was found on the way");
    let counted = finished.counted.unwrap();
    let scan = db.store.scan(scan).await.unwrap();
    assert_eq!((scan.listings, scan.new_listings, scan.finished), (3, 2, 3));
    assert_eq!((counted.listings, counted.new_listings), (3, 2));
    assert_eq!((counted.finished, counted.queued), (3, scan.queued));
}

pub async fn the_worker_that_asks_is_not_given_its_own_lapsed_lease(db: Db) {
    let source_id = shop(&db).await;
    let scan = scan_of(&db, source_id, 1).await;
    assert_eq!(db.store.lease(scan, "one", 1, 60).await.unwrap().len(), 1);
    db.hands.forward(61);
    assert!(db.store.lease(scan, "one", 1, 60).await.unwrap().is_empty());
    assert_eq!(db.store.lease(scan, "two", 1, 60).await.unwrap().len(), 1);
}

pub async fn a_listing_seen_in_two_scans_stays_one_with_its_case_and_decision(db: Db) {
    let store = &db.store;
    let source_id = shop(&db).await;
    store.save_product("t", &product("A"), &[]).await.unwrap();
    let product_id = store.product("A").await.unwrap().id;
    let mut seen = Vec::new();
    for (round, score) in [(1, 0.9), (2, 0.9), (3, 0.8)] {
        let lease = one_lease(store, source_id, "w").await;
        let mut work = work(&lease, source_id, "w", "1");
        let listing = work.listing.as_mut().unwrap();
        listing.title = format!("round {round}");
        listing.cases = vec![case(product_id, score)];
        let written = store.finish_work(&work).await.unwrap();
        assert_eq!(written.is_new, round == 1);
        seen.push((written.listing_id.unwrap(), written.cases[0]));
        if round == 1 {
            let verdict = Verdict {
                action: Action::Confirm,
                kind: None,
                reason: Some("clear".to_owned()),
            };
            let ids = [written.cases[0]];
            review::decide(store, "anna", &ids, &verdict).await.unwrap();
        }
        db.hands.forward(86_400);
    }
    assert!(seen.iter().all(|pair| *pair == seen[0]));
    let (listing_id, case_id) = seen[0];
    let listing = store.listing(listing_id).await.unwrap();
    assert_eq!((listing.times_seen, listing.title.as_str()), (3, "round 3"));
    assert!(listing.last_seen_at > listing.first_seen_at);
    let case = store.case(case_id).await.unwrap();
    assert_eq!((case.state.as_str(), case.score), ("confirmed", 0.8));
    assert_eq!(case.decided_kind.as_deref(), Some("copied_photo"));
    assert_eq!(store.decisions_of(case_id).await.unwrap().len(), 1);
    assert_eq!(store.case_pairs().await.unwrap().len(), 1);
    // The same evidence again is no news, other evidence is.
    let events = store.audit_of(&format!("case {case_id}")).await.unwrap();
    let actions: Vec<&str> = events.iter().map(|e| e.action.as_str()).collect();
    assert_eq!(actions, ["case.open", "case.confirm", "case.update"]);
    assert_eq!(
        events[2].detail["evidence_hash"],
        case.evidence_hash.as_str()
    );
    assert_eq!(store.audit_first_break().await.unwrap(), None);
}

pub async fn work_with_nothing_optional_is_kept(db: Db) {
    let store = &db.store;
    let source_id = shop(&db).await;
    store.save_product("t", &product("A"), &[]).await.unwrap();
    let lease = one_lease(store, source_id, "w").await;
    let mut work = work(&lease, source_id, "w", "1");
    work.captures[0].peer = None;
    let listing = work.listing.as_mut().unwrap();
    listing.price_amount = None;
    listing.price_currency = None;
    listing.seller = None;
    listing.pictures = vec![PictureDraft {
        url: "http://127.0.0.1/gone.jpg".to_owned(),
        capture: None,
        decoded: None,
        error: None,
    }];
    listing.cases = vec![CaseDraft {
        kind: None,
        ..case(store.product("A").await.unwrap().id, 0.6)
    }];
    let written = store.finish_work(&work).await.unwrap();
    let id = written.listing_id.unwrap();
    let picture = store.listing_pictures(id).await.unwrap().remove(0);
    assert_eq!(
        (picture.blob, picture.error, picture.width),
        (None, None, None)
    );
    let captures = store.captures_of_listing(id).await.unwrap();
    assert_eq!((captures.len(), captures[0].peer.as_deref()), (1, None));
    let case = store.case(written.cases[0]).await.unwrap();
    assert_eq!(
        (case.kind, case.picture_blob, case.reference_blob),
        (None, None, None)
    );
    assert!(matches!(
        store.listing(99).await,
        Err(StoreError::NotFound { .. })
    ));
}

pub async fn workers_that_share_pictures_do_not_lock_each_other_out(db: Db) {
    // Two shops, because scans share pictures and nothing else.
    let mut scans = Vec::new();
    for name in ["one", "two"] {
        let source_id = db.store.save_source("t", &source(name)).await.unwrap();
        scans.push((source_id, scan_of(&db, source_id, 80).await));
    }
    let workers = (0..8).map(|number: usize| {
        let (store, (source_id, scan)) = (db.store.clone(), scans[number % 2]);
        tokio::spawn(async move {
            let worker = format!("w{number}");
            // The rows the scan began with; what is found on the way stays.
            for _ in 0..20 {
                let lease = store.lease(scan, &worker, 1, 60).await.unwrap().remove(0);
                let mut done = with_pictures(&lease, source_id, &worker);
                if number % 4 < 2 {
                    done.listing.as_mut().unwrap().pictures.reverse();
                    done.captures.reverse();
                    done.targets.reverse();
                }
                assert!(store.finish_work(&done).await.unwrap().kept);
            }
        })
    });
    for worker in futures::future::join_all(workers).await {
        worker.unwrap();
    }
    for (_, scan) in scans {
        let done = db.store.scan(scan).await.unwrap();
        assert_eq!((done.listings, done.pictures), (80, 480));
        assert_eq!((done.queued, done.finished), (86, 80));
    }
}

pub async fn reviewers_and_workers_do_not_lock_each_other_out(db: Db) {
    let ids = super::cases::cases(&db, "A", "shop", &[0.9; 6]).await;
    let source_id = db.store.source("shop").await.unwrap().id;
    let product_id = db.store.product("A").await.unwrap().id;
    let scan = scan_of(&db, source_id, 60).await;
    let worker = {
        let store = db.store.clone();
        tokio::spawn(async move {
            for (round, number) in (0..60).zip((0..6).cycle()) {
                let lease = store.lease(scan, "w", 1, 60).await.unwrap().remove(0);
                let mut done = work(&lease, source_id, "w", &format!("A-{number}"));
                let score = 0.9 - f64::from(round) / 1000.0;
                done.listing.as_mut().unwrap().cases = vec![case(product_id, score)];
                assert!(store.finish_work(&done).await.unwrap().kept);
            }
        })
    };
    let reviewers = [false, true].map(|backwards| {
        let (store, mut ids) = (db.store.clone(), ids.clone());
        if backwards {
            ids.reverse();
        }
        tokio::spawn(async move {
            let verdict = super::cases::verdict(Action::Watch);
            for _ in 0..20 {
                // The other one may have been quicker; nothing else may go wrong.
                for outcome in [
                    review::decide(&store, "anna", &ids, &verdict)
                        .await
                        .map(drop),
                    review::undo(&store, "anna", None).await.map(drop),
                ] {
                    let fine = matches!(outcome, Ok(()) | Err(StoreError::Conflict(_)));
                    assert!(fine, "{outcome:?}");
                }
            }
        })
    });
    worker.await.unwrap();
    for reviewer in reviewers {
        reviewer.await.unwrap();
    }
    assert_eq!(db.store.audit_first_break().await.unwrap(), None);
}

/// A listing with six captures, targets and pictures that all listings share.
fn with_pictures(lease: &markhound::store::frontier::Lease, source_id: i64, worker: &str) -> Work {
    let mut work = work(lease, source_id, worker, &format!("i{}", lease.id));
    for number in 0..6 {
        let url = format!("http://127.0.0.1/{number}.jpg");
        work.captures
            .push(capture("image", &url, &"ab".repeat(32), 9, Millis(START)));
        work.targets.push(NewTarget {
            key: url,
            target: "{}".to_owned(),
            listing: None,
        });
    }
    work.listing.as_mut().unwrap().pictures = (0..6)
        .map(|number| PictureDraft {
            url: format!("http://127.0.0.1/{number}.jpg"),
            capture: Some(CaptureRef::New(number)),
            decoded: Some(decoded(&format!("{number}").repeat(64))),
            error: None,
        })
        .collect();
    work
}

pub async fn what_failed_or_was_skipped_is_listed(db: Db) {
    let store = &db.store;
    let source_id = shop(&db).await;
    let scan = scan_of(&db, source_id, 3).await;
    let outcomes = [
        Outcome::Failed("status 500".to_owned()),
        Outcome::Skipped("robots.txt".to_owned()),
        Outcome::Done,
    ];
    for outcome in outcomes {
        let lease = store.lease(scan, "w", 1, 60).await.unwrap().remove(0);
        let mut done = work(&lease, source_id, "w", "1");
        done.listing = None;
        done.outcome = outcome;
        let url = format!("http://127.0.0.1/{}.jpg", lease.id);
        done.captures = vec![capture("image", &url, &"cd".repeat(32), 3, db.hands.now())];
        store.finish_work(&done).await.unwrap();
        let known = store.picture_in_scan(scan, &url).await.unwrap().unwrap();
        assert_eq!(known.blob, "cd".repeat(32));
    }
    assert!(store.picture_in_scan(scan, "x").await.unwrap().is_none());
    let failures = store.scan_failures(scan, 10).await.unwrap();
    let told: Vec<(&str, Option<&str>)> = failures
        .iter()
        .map(|failure| (failure.state.as_str(), failure.error.as_deref()))
        .collect();
    assert_eq!(
        told,
        [
            ("failed", Some("status 500")),
            ("skipped", Some("robots.txt"))
        ]
    );
    assert_eq!(store.scan(scan).await.unwrap().failures, 1);
    assert!(store.frontier_is_empty(scan).await.unwrap());
}
