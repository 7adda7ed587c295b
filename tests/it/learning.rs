//! Learning from decisions, from the cases in the database to the weights that
//! the next scan scores with.

use std::collections::BTreeMap;

use markhound::learning::{self, LearningError, NIGHTLY, Nightly};
use markhound::review::{self, Action, Verdict};
use markhound::scan::matcher::Matcher;
use markhound::store::cases::CaseDraft;
use markhound_index::eval::nights::{Draws, NightOptions, Pair, World as Made, night};
use markhound_index::score::{ScoreModel, measure};
use serde_json::json;

use crate::world::{World, case, one_lease, product, source, work};

/// Pairs of one made night that the shipped weights queue, and every tenth other.
pub fn decided(listings: usize) -> Vec<(Pair, Option<f64>)> {
    let options = NightOptions {
        seed: 77,
        brands: 7_000..7_010,
        listings,
        world: Made::OTHER,
    };
    let night = night(&options, Draws::built_in()).unwrap();
    let model = ScoreModel::built_in();
    let mut pairs = Vec::new();
    for (at, pair) in night.pairs.into_iter().enumerate() {
        let flagged = model.probability(&pair.example.seen) >= 0.5;
        if flagged || at % 10 == 0 {
            pairs.push((pair, (!flagged).then_some(0.1)));
        }
    }
    pairs
}

/// Opens a case for each pair and decides it by the truth.
pub async fn review_all(world: &World, pairs: &[(Pair, Option<f64>)]) {
    let store = &world.app.store;
    store.save_product("t", &product("A"), &[]).await.unwrap();
    store.save_source("t", &source("shop")).await.unwrap();
    review_some(world, pairs, 0).await;
}

/// Of a world with the product and the source; `first` numbers the listings.
async fn review_some(world: &World, pairs: &[(Pair, Option<f64>)], first: usize) {
    let store = &world.app.store;
    let product_id = store.product("A").await.unwrap().id;
    let source_id = store.source("shop").await.unwrap().id;
    let model = ScoreModel::built_in();
    for (number, (pair, audit_rate)) in (first..).zip(pairs) {
        let seen: BTreeMap<_, _> = pair.example.seen.names().into_iter().collect();
        let score = model.probability(&pair.example.seen);
        let lease = one_lease(store, source_id, "w").await;
        let mut work = work(&lease, source_id, "w", &number.to_string());
        let listing = work.listing.as_mut().unwrap();
        listing.seller = Some(format!("seller {}", number % 40));
        listing.cases = vec![CaseDraft {
            evidence: json!({ "seen": seen }),
            audit_rate: *audit_rate,
            ..case(product_id, score)
        }];
        let id = store.finish_work(&work).await.unwrap().cases[0];
        let action = match pair.example.infringes {
            true => Action::Confirm,
            false => Action::Reject,
        };
        let verdict = Verdict {
            action,
            kind: None,
            reason: None,
        };
        review::decide(store, "anna", &[id], &verdict)
            .await
            .unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn decisions_make_new_weights_that_score_once_somebody_adopts_them() {
    let world = World::new().await;
    let app = &world.app;
    let nothing = learning::learn(app, "anna").await;
    assert!(matches!(
        nothing,
        Err(LearningError::TooFew { usable: 0, .. })
    ));

    let pairs = decided(400);
    review_all(&world, &pairs).await;
    let learnt = learning::learn(app, "anna").await.unwrap();
    let compared = learnt.comparison;
    assert_eq!(compared.decisions, pairs.len());
    assert_eq!(learnt.before, ScoreModel::built_in().id());
    let audited = pairs.iter().filter(|(_, rate)| rate.is_some()).count();
    assert_eq!(compared.audited, audited);
    assert!(
        compared.after.brier < compared.before.brier + 0.02,
        "{compared:?}"
    );
    let scoring = async || Matcher::load(app).await.unwrap().model().id();
    assert_eq!(scoring().await, ScoreModel::built_in().id());

    let store = &app.store;
    store
        .adopt_model("anna", Some(learnt.model.id))
        .await
        .unwrap();
    assert_eq!(scoring().await, "own v1");
    store.undo_adoption("anna").await.unwrap();
    assert_eq!(scoring().await, ScoreModel::built_in().id());

    let outcomes: Vec<_> = store
        .decided_cases()
        .await
        .unwrap()
        .iter()
        .map(learning::outcome)
        .collect();
    let measured = measure(&outcomes, 0.5).unwrap();
    assert_eq!(measured.count, pairs.len());
    // Each drawn one stands for ten: the share of the infringing is that of all.
    assert!(measured.prevalence < 0.35, "{measured:?}");
}

#[tokio::test]
async fn decisions_on_cases_that_do_not_say_what_was_seen_are_left_out_and_counted() {
    let world = World::new().await;
    let mut pairs = decided(200);
    pairs.truncate(30);
    review_all(&world, &pairs).await;
    let store = &world.app.store;
    let product_id = store.product("A").await.unwrap().id;
    let source_id = store.source("shop").await.unwrap().id;
    let lease = one_lease(store, source_id, "w").await;
    let mut work = work(&lease, source_id, "w", "old");
    work.listing.as_mut().unwrap().cases = vec![case(product_id, 0.9)];
    let id = store.finish_work(&work).await.unwrap().cases[0];
    let verdict = Verdict {
        action: Action::Confirm,
        kind: None,
        reason: None,
    };
    review::decide(store, "anna", &[id], &verdict)
        .await
        .unwrap();
    let learnt = learning::learn(&world.app, "anna").await.unwrap();
    assert_eq!((learnt.left_out, learnt.comparison.decisions), (1, 30));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn new_weights_are_proposed_once_a_night_where_something_was_decided_and_never_adopted() {
    let world = World::new().await;
    let (app, hands) = (&world.app, &world.hands);
    let mut nightly = Nightly::default();
    let proposed = async |nightly: &mut Nightly| {
        let learnt = nightly.tick(app).await.unwrap();
        learnt.map(|learnt| learnt.model.label())
    };
    assert_eq!(proposed(&mut nightly).await, None, "nothing was decided");

    let mut pairs = decided(300);
    let more = pairs.split_off(pairs.len() - 20);
    review_all(&world, &pairs).await;
    assert_eq!(proposed(&mut nightly).await, None, "it is not night yet");
    hands.forward(24 * 3600);
    assert_eq!(proposed(&mut nightly).await.as_deref(), Some("own v1"));
    let store = &app.store;
    let kept = store.newest_model(learning::LINE).await.unwrap().unwrap();
    assert_eq!(kept.created_by, NIGHTLY);
    assert!(store.adopted_model().await.unwrap().is_none());

    // The next night nothing was decided; also for a program that was started anew.
    hands.forward(24 * 3600);
    assert_eq!(proposed(&mut nightly).await, None);
    assert_eq!(proposed(&mut Nightly::default()).await, None);
    review_some(&world, &more, 1_000).await;
    hands.forward(3600);
    assert_eq!(proposed(&mut nightly).await, None, "this night has been");
    hands.forward(24 * 3600);
    assert_eq!(proposed(&mut nightly).await.as_deref(), Some("own v2"));
    assert!(store.adopted_model().await.unwrap().is_none());
}
