//! Cards, claims, decisions of many at once and the rules that guard them.

use std::collections::{BTreeMap, BTreeSet};

use markhound::review::rules::Rules;
use markhound::review::{self, Action, Looked, Verdict};
use markhound::store::StoreError;
use markhound::store::cases::{CaseDraft, QueueFilter, QueueOrder};
use markhound::store::clusters::MOST_CASES;
use markhound::store::work::ListingDraft;

use super::Db;
use super::cases::verdict;
use crate::world::{case, one_lease, product, source, work};

const MINUTE: i64 = 60_000;

/// A scanned listing with cases of these products, changed as wanted.
pub(super) async fn listed(
    db: &Db,
    item: &str,
    products: &[i64],
    change: impl FnOnce(&mut ListingDraft),
) -> Vec<i64> {
    let store = &db.store;
    let source_id = store.save_source("t", &source("shop")).await.unwrap();
    let lease = one_lease(store, source_id, "w").await;
    let mut work = work(&lease, source_id, "w", item);
    let listing = work.listing.as_mut().unwrap();
    // Nothing in common with any other, but what the test gives it.
    listing.seller = Some(format!("seller {item}"));
    listing.title = format!("t{item}");
    listing.cases = products.iter().map(|id| case(*id, 0.9)).collect();
    change(listing);
    store.finish_work(&work).await.unwrap().cases
}

pub(super) async fn saved(db: &Db, sku: &str) -> i64 {
    let store = &db.store;
    store.save_product("t", &product(sku), &[]).await.unwrap();
    store.product(sku).await.unwrap().id
}

pub(super) async fn place(db: &Db, case: i64) -> i64 {
    db.store.case(case).await.unwrap().cluster_id.unwrap()
}

fn open() -> QueueFilter {
    QueueFilter {
        state: Some("open".to_owned()),
        ..QueueFilter::default()
    }
}

pub async fn cases_that_share_a_seller_or_words_are_one_card_and_never_of_two_products(db: Db) {
    let (a, b) = (saved(&db, "A").await, saved(&db, "B").await);
    let by = |name: &'static str| {
        move |listing: &mut ListingDraft| listing.seller = Some(name.to_owned())
    };
    let one = listed(&db, "1", &[a, b], by("Chair Palace")).await;
    let two = listed(&db, "2", &[a], by(" chair palace ")).await;
    let other = listed(&db, "3", &[a], by("somebody")).await;
    assert_eq!(place(&db, one[0]).await, place(&db, two[0]).await);
    assert_ne!(place(&db, one[0]).await, place(&db, one[1]).await);
    assert_ne!(place(&db, one[0]).await, place(&db, other[0]).await);

    // One that has something of both brings them together.
    let words = "grey wool cover oak legs free shipping from stock";
    listed(&db, "4", &[a], |listing| {
        listing.title = words.to_owned();
        listing.seller = Some("somebody".to_owned());
    })
    .await;
    let bridge = listed(&db, "5", &[a], |listing| {
        listing.title = words.to_uppercase();
        listing.seller = Some("Chair Palace".to_owned());
    })
    .await;
    for case in [one[0], two[0], other[0]] {
        assert_eq!(place(&db, case).await, place(&db, bridge[0]).await);
    }
    let cards = db.store.cards(&open(), QueueOrder::Score, None, 50).await;
    assert_eq!(cards.unwrap().len(), 2);
    let products: BTreeMap<i64, BTreeSet<i64>> =
        db.store.case_places().await.unwrap().into_iter().fold(
            BTreeMap::new(),
            |mut map, (_, cluster, product, _, _)| {
                map.entry(cluster).or_default().insert(product);
                map
            },
        );
    assert!(products.values().all(|products| products.len() == 1));
}

pub async fn a_case_scored_as_another_kind_leaves_its_card(db: Db) {
    let a = saved(&db, "A").await;
    let same = |listing: &mut ListingDraft| listing.seller = Some("one seller".to_owned());
    let first = listed(&db, "1", &[a], same).await[0];
    let second = listed(&db, "2", &[a], same).await[0];
    assert_eq!(place(&db, first).await, place(&db, second).await);
    let again = listed(&db, "2", &[a], |listing| {
        same(listing);
        listing.cases[0].kind = Some("counterfeit".to_owned());
    })
    .await;
    assert_eq!(again, [second]);
    assert_ne!(place(&db, first).await, place(&db, second).await);
}

pub async fn a_card_has_room_for_as_many_as_can_be_looked_through(db: Db) {
    let mut products = Vec::new();
    for number in 0..3 {
        products.push(saved(&db, &format!("P{number}")).await);
    }
    let most = usize::try_from(MOST_CASES).unwrap();
    let mut of_first = Vec::new();
    for number in 0..most + 5 {
        let ids = listed(&db, &number.to_string(), &products, |listing| {
            listing.seller = Some("a big shop".to_owned());
        })
        .await;
        of_first.push(ids[0]);
    }
    let mut sizes: BTreeMap<i64, usize> = BTreeMap::new();
    for case in of_first {
        *sizes.entry(place(&db, case).await).or_default() += 1;
    }
    let mut sizes: Vec<usize> = sizes.into_values().collect();
    sizes.sort_unstable();
    assert_eq!(sizes, [5, most]);
}

pub async fn what_does_not_belong_gets_a_card_of_its_own_and_undo_brings_it_back(db: Db) {
    let a = saved(&db, "A").await;
    let mut ids = Vec::new();
    for item in ["1", "2", "3"] {
        let same = |listing: &mut ListingDraft| listing.seller = Some("one seller".to_owned());
        ids.extend(listed(&db, item, &[a], same).await);
    }
    let store = &db.store;
    let card = place(&db, ids[0]).await;
    let looked = Looked {
        cases: ids[..2].to_vec(),
        seen: BTreeMap::new(),
        eject: vec![ids[2]],
        ..Looked::default()
    };
    review::decide_card(store, "anna", &looked, &verdict(Action::Reject))
        .await
        .unwrap();
    assert_ne!(place(&db, ids[2]).await, card);
    assert_eq!(store.case(ids[2]).await.unwrap().state, "open");
    // Seen again, it stays where it was put.
    listed(&db, "3", &[a], |listing| {
        listing.seller = Some("one seller".to_owned());
    })
    .await;
    assert_ne!(place(&db, ids[2]).await, card);
    let trail = store.decisions_of(ids[2]).await.unwrap();
    assert_eq!((&*trail[0].action, &*trail[0].actor), ("eject", "anna"));

    review::undo(store, "anna", None).await.unwrap();
    for id in ids {
        let case = store.case(id).await.unwrap();
        assert_eq!((&*case.state, case.cluster_id), ("open", Some(card)));
    }
    assert_eq!(store.audit_first_break().await.unwrap(), None);
}

pub async fn a_decision_on_evidence_that_changed_since_is_refused(db: Db) {
    let a = saved(&db, "A").await;
    let id = listed(&db, "1", &[a], |_| {}).await[0];
    let store = &db.store;
    let hash = store.case(id).await.unwrap().evidence_hash;
    let looked = |hash: String| Looked {
        cases: vec![id],
        seen: BTreeMap::from([(id, hash)]),
        ..Looked::default()
    };
    listed(&db, "1", &[a], |listing| {
        listing.cases[0].evidence["probability"] = 0.1.into();
    })
    .await;
    let old = review::decide_card(store, "anna", &looked(hash), &verdict(Action::Confirm)).await;
    let error = old.unwrap_err().to_string();
    assert!(error.contains("has changed since"), "{error}");
    assert_eq!(store.case(id).await.unwrap().state, "open");
    let now = store.case(id).await.unwrap().evidence_hash;
    review::decide_card(
        store,
        "anna",
        &looked(now.clone()),
        &verdict(Action::Confirm),
    )
    .await
    .unwrap();
    let decision = &store.decisions_of(id).await.unwrap()[0];
    assert_eq!(decision.evidence_hash, now);
}

pub async fn two_reviewers_at_once_never_get_the_same_card(db: Db) {
    let mut products = Vec::new();
    for number in 0..20 {
        products.push(saved(&db, &format!("P{number}")).await);
    }
    for item in ["1", "2"] {
        listed(&db, item, &products, |_| {}).await;
    }
    let clear = |name: &'static str| {
        let store = db.store.clone();
        async move {
            let mut cases = Vec::new();
            loop {
                let cards = store
                    .claim_cards(name, &open(), QueueOrder::Score, None, 3, 2 * MINUTE)
                    .await
                    .unwrap();
                if cards.is_empty() {
                    return cases;
                }
                for card in cards {
                    let done =
                        review::decide(&store, name, &[card.id], &verdict(Action::Reject)).await;
                    done.unwrap();
                    cases.push(card.id);
                }
            }
        }
    };
    let (anna, bert) = tokio::join!(tokio::spawn(clear("anna")), tokio::spawn(clear("bert")),);
    let (anna, bert) = (anna.unwrap(), bert.unwrap());
    let all: BTreeSet<i64> = anna.iter().chain(&bert).copied().collect();
    assert_eq!(all.len(), 40);
    assert_eq!(anna.len() + bert.len(), 40, "none was decided twice");
    assert!(db.store.claims().await.unwrap().is_empty());
}

pub async fn a_claim_is_kept_by_its_holder_and_ends_by_the_clock(db: Db) {
    let a = saved(&db, "A").await;
    let id = listed(&db, "1", &[a], |_| {}).await[0];
    let store = &db.store;
    let next = async |name: &str| {
        store
            .claim_cards(name, &open(), QueueOrder::Worth, None, 1, 2 * MINUTE)
            .await
            .unwrap()
            .len()
    };
    assert_eq!(next("anna").await, 1);
    assert_eq!(next("bert").await, 0);
    let other = review::decide(store, "bert", &[id], &verdict(Action::Reject)).await;
    let error = other.unwrap_err().to_string();
    assert!(error.starts_with("anna has case"), "{error}");

    db.hands.forward(90);
    assert_eq!(
        store.keep_claims("anna", &[id], 2 * MINUTE).await.unwrap(),
        1
    );
    db.hands.forward(90);
    assert_eq!(next("bert").await, 0, "she said that she still has it");
    db.hands.forward(31);
    assert_eq!(next("bert").await, 1);
    assert_eq!(
        store.keep_claims("anna", &[id], 2 * MINUTE).await.unwrap(),
        0
    );
    assert!(!store.claim_case("anna", id, MINUTE).await.unwrap());
    store.let_go("bert", Some(&[id])).await.unwrap();
    assert!(store.claim_case("anna", id, MINUTE).await.unwrap());
}

pub async fn a_thousand_cases_decided_at_once_are_undone_to_what_each_was(db: Db) {
    let mut products = Vec::new();
    for number in 0..50 {
        products.push(saved(&db, &format!("P{number}")).await);
    }
    let mut ids = Vec::new();
    for item in 0..20 {
        ids.extend(listed(&db, &item.to_string(), &products, |_| {}).await);
    }
    assert_eq!(ids.len(), 1000);
    let store = &db.store;
    let watched: Vec<i64> = ids.iter().copied().step_by(3).collect();
    let asked: Vec<i64> = ids.iter().copied().skip(1).step_by(3).collect();
    review::decide(store, "bert", &watched, &verdict(Action::Watch))
        .await
        .unwrap();
    let request = Verdict {
        kind: Some("leak".to_owned()),
        ..verdict(Action::SecondApproval)
    };
    review::decide(store, "bert", &asked, &request)
        .await
        .unwrap();
    let shape = async || {
        let mut all = Vec::new();
        let mut after = None;
        loop {
            let page = store
                .queue(&QueueFilter::default(), after, 500)
                .await
                .unwrap();
            let Some(last) = page.last() else { break };
            after = Some((last.score, last.id));
            all.extend(page.into_iter().map(|c| (c.id, c.state, c.decided_kind)));
        }
        all
    };
    let before = shape().await;
    review::decide(store, "anna", &ids, &verdict(Action::Confirm))
        .await
        .unwrap();
    assert!(
        shape()
            .await
            .iter()
            .all(|(_, state, _)| state == "confirmed")
    );
    let undone = review::undo(store, "anna", None).await.unwrap();
    assert_eq!(undone.len(), 1000);
    assert_eq!(shape().await, before);
    let more = [ids.clone(), vec![ids[0] + 5000]].concat();
    let many = review::decide(store, "anna", &more, &verdict(Action::Confirm)).await;
    assert!(matches!(many, Err(StoreError::Conflict(_))));
    assert_eq!(store.audit_first_break().await.unwrap(), None);
}

pub async fn a_thousand_decisions_one_after_another_are_undone_one_after_another(db: Db) {
    let mut products = Vec::new();
    for number in 0..5 {
        products.push(saved(&db, &format!("P{number}")).await);
    }
    let mut ids = Vec::new();
    for item in 0..4 {
        ids.extend(listed(&db, &item.to_string(), &products, |_| {}).await);
    }
    let store = &db.store;
    let steps = 1000 / ids.len() / 2;
    for _ in 0..steps {
        for id in &ids {
            review::decide(store, "anna", &[*id], &verdict(Action::Watch))
                .await
                .unwrap();
            review::decide(store, "anna", &[*id], &verdict(Action::SecondApproval))
                .await
                .unwrap();
        }
    }
    let mut undone = 0;
    while !review::undo(store, "anna", None).await.unwrap().is_empty() {
        undone += 1;
    }
    assert_eq!(undone, 1000);
    for id in ids {
        assert_eq!(store.case(id).await.unwrap().state, "open");
    }
}

pub async fn rules_send_a_confirmation_to_a_second_person(db: Db) {
    let store = &db.store;
    let mut secret = product("S");
    secret.classification = Some("Confidential".to_owned());
    store.save_product("t", &secret, &[]).await.unwrap();
    let secret = store.product("S").await.unwrap().id;
    let plain = saved(&db, "A").await;
    let by = |listing: &mut ListingDraft| listing.seller = Some("one seller".to_owned());
    let ids = listed(&db, "1", &[plain, secret], by).await;
    let later = listed(&db, "2", &[plain], by).await[0];
    let rules = |change: fn(&mut Rules)| {
        let mut rules = Rules::default();
        change(&mut rules);
        rules
    };
    let why = async |rules: Rules, case: i64, kind: Option<&str>| {
        rules.save(store, "boss").await.unwrap();
        let confirm = Verdict {
            kind: kind.map(str::to_owned),
            ..verdict(Action::Confirm)
        };
        let decided = review::decide(store, "anna", &[case], &confirm)
            .await
            .unwrap();
        let state = store.case(case).await.unwrap().state;
        assert_eq!(state, decided[0].state);
        review::undo(store, "anna", None).await.unwrap();
        let why = decided[0].second_person.join("; ");
        assert_eq!(state == "confirmed", why.is_empty());
        why
    };
    assert_eq!(why(Rules::default(), ids[0], None).await, "");
    let first = rules(|rules| rules.first_action = true);
    let said = "the first action against this seller";
    assert_eq!(why(first.clone(), ids[0], None).await, said);
    let confidential = rules(|rules| rules.confidential = true);
    assert_eq!(why(confidential.clone(), ids[0], None).await, "");
    assert_eq!(
        why(confidential, ids[1], None).await,
        "a confidential product"
    );
    let expert = rules(|rules| rules.patent_or_design = true);
    assert_eq!(why(expert.clone(), ids[0], None).await, "");
    assert_eq!(
        why(expert, ids[0], Some("copied_design")).await,
        "a patent or design claim"
    );
    // The list price is 649 euro, and the case is nine in ten.
    let damage = |from: u32| Rules {
        damage_from: Some(from),
        ..Rules::default()
    };
    assert_eq!(why(damage(600), ids[0], None).await, "");
    assert_eq!(
        why(damage(500), ids[0], None).await,
        "worth 584 euro, from 500 on two decide"
    );

    // The second person's word counts, and the first one's does not count twice.
    first.save(store, "boss").await.unwrap();
    let confirm = verdict(Action::Confirm);
    review::decide(store, "anna", &ids[..1], &confirm)
        .await
        .unwrap();
    let twice = review::decide(store, "anna", &ids[..1], &confirm).await;
    assert!(matches!(twice, Err(StoreError::Conflict(_))));
    review::decide(store, "bert", &ids[..1], &confirm)
        .await
        .unwrap();
    assert_eq!(store.case(ids[0]).await.unwrap().state, "confirmed");
    let decided = review::decide(store, "anna", &[later], &confirm)
        .await
        .unwrap();
    assert_eq!(decided[0].state, "confirmed", "no longer the first action");
}

pub async fn known_answers_measure_reviewers_and_change_no_case(db: Db) {
    let a = saved(&db, "A").await;
    let ids = listed(&db, "1", &[a], |_| {}).await;
    let store = &db.store;
    let early = store.make_known("boss", &ids).await;
    assert!(matches!(early, Err(StoreError::Conflict(_))));
    review::decide(store, "boss", &ids, &verdict(Action::Confirm))
        .await
        .unwrap();
    store.make_known("boss", &ids).await.unwrap();
    assert!(store.known_case_for("boss").await.unwrap().is_none());
    let known = store.known_case_for("anna").await.unwrap().unwrap();
    assert_eq!(known.id, ids[0]);
    assert!(store.answer_known("anna", &known, "reject").await.unwrap());
    assert!(!store.answer_known("anna", &known, "confirm").await.unwrap());
    assert!(store.known_case_for("anna").await.unwrap().is_none());
    assert_eq!(store.case(ids[0]).await.unwrap().state, "confirmed");
    // Taken back, it can be answered anew; after a decision of hers it cannot.
    assert_eq!(store.take_back_known("anna").await.unwrap(), Some(ids[0]));
    assert_eq!(store.take_back_known("anna").await.unwrap(), None);
    assert!(store.answer_known("anna", &known, "reject").await.unwrap());
    let other = listed(&db, "2", &[a], |_| {}).await;
    review::decide(store, "anna", &other, &verdict(Action::Reject))
        .await
        .unwrap();
    assert_eq!(store.take_back_known("anna").await.unwrap(), None);
    let sure = store.sureness().await.unwrap();
    assert_eq!(
        (sure[0].answers, sure[0].correct, sure[0].missed),
        (1, 0, 1)
    );
}

pub async fn cases_from_before_there_were_cards_are_put_in_their_places(db: Db) {
    let a = saved(&db, "A").await;
    let same = |listing: &mut ListingDraft| listing.seller = Some("one seller".to_owned());
    let mut ids = listed(&db, "1", &[a], same).await;
    ids.extend(listed(&db, "2", &[a], same).await);
    db.execute("UPDATE cases SET cluster_id = NULL").await;
    db.execute("DELETE FROM cluster_keys").await;
    let store = &db.store;
    let cards = store
        .cards(&open(), QueueOrder::Score, None, 9)
        .await
        .unwrap();
    assert_eq!(cards.len(), 2, "each is a card of its own until then");
    assert_eq!(store.place_cases(1).await.unwrap(), 1);
    assert_eq!(store.place_cases(9).await.unwrap(), 1);
    assert_eq!(store.place_cases(9).await.unwrap(), 0);
    assert_eq!(place(&db, ids[0]).await, place(&db, ids[1]).await);
}

pub async fn the_queue_narrows_by_everything_it_shows(db: Db) {
    let a = saved(&db, "A").await;
    let store = &db.store;
    store.save_user("t", "anna", "x", "reviewer").await.unwrap();
    let dear = listed(&db, "1", &[a], |listing| {
        listing.price_amount = Some("500.50".to_owned());
        listing.cases = vec![CaseDraft {
            kind: Some("leak".to_owned()),
            ..case(a, 0.7)
        }];
    })
    .await[0];
    db.hands.forward(3600);
    let cheap = listed(&db, "2", &[a], |listing| {
        listing.price_amount = Some("9".to_owned());
        listing.cases = vec![case(a, 0.8)];
    })
    .await[0];
    store.assign("t", &[cheap], Some("anna")).await.unwrap();
    let nobody = store.assign("t", &[cheap], Some("nobody")).await;
    assert!(matches!(nobody, Err(StoreError::Conflict(_))));
    let found = store.case(cheap).await.unwrap().created_at;
    let all = QueueFilter::default;
    let some = |text: &str| Some(text.to_owned());
    for (filter, expected) in [
        (all(), vec![cheap, dear]),
        (
            QueueFilter {
                kind: some("leak"),
                ..all()
            },
            vec![dear],
        ),
        (
            QueueFilter {
                seller: some("seller 2"),
                ..all()
            },
            vec![cheap],
        ),
        (
            QueueFilter {
                seller: some("seller"),
                ..all()
            },
            vec![],
        ),
        (
            QueueFilter {
                min_price: Some(100.0),
                ..all()
            },
            vec![dear],
        ),
        (
            QueueFilter {
                max_price: Some(100.0),
                ..all()
            },
            vec![cheap],
        ),
        (
            QueueFilter {
                below_score: Some(0.75),
                ..all()
            },
            vec![dear],
        ),
        (
            QueueFilter {
                since: Some(found),
                ..all()
            },
            vec![cheap],
        ),
        (
            QueueFilter {
                until: Some(found),
                ..all()
            },
            vec![dear],
        ),
        (
            QueueFilter {
                assigned_to: some("anna"),
                ..all()
            },
            vec![cheap],
        ),
        (
            QueueFilter {
                open_to: some("bert"),
                ..all()
            },
            vec![dear],
        ),
        (
            QueueFilter {
                open_to: some("anna"),
                ..all()
            },
            vec![cheap, dear],
        ),
    ] {
        let cases = store.queue(&filter, None, 9).await.unwrap();
        let ids: Vec<i64> = cases.iter().map(|case| case.id).collect();
        assert_eq!(ids, expected, "{filter:?}");
        let cards = store
            .cards(&filter, QueueOrder::Score, None, 9)
            .await
            .unwrap();
        let leads: Vec<i64> = cards.iter().map(|case| case.id).collect();
        assert_eq!(leads, expected, "{filter:?}");
        assert_eq!(
            store.count_cards(&filter, 9).await.unwrap(),
            i64::try_from(expected.len()).unwrap()
        );
    }
    for (order, first) in [
        (QueueOrder::Score, cheap),
        (QueueOrder::Worth, cheap),
        (QueueOrder::Oldest, dear),
    ] {
        let page = store.queue_by(&all(), order, None, 1).await.unwrap();
        assert_eq!(page[0].id, first, "{order:?}");
        let at = Some((order.of(&page[0]), page[0].id));
        let next = store.queue_by(&all(), order, at, 9).await.unwrap();
        assert_eq!(next.len(), 1, "{order:?}");
        let at = (order.of(&next[0]), next[0].id);
        let before = store.queue_before(&all(), order, at).await.unwrap();
        assert_eq!(before, Some(first), "{order:?}");
    }
}
