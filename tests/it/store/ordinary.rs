//! Cards of offers that are like no other case.

use markhound::review::{self, Action, Looked};
use markhound::store::work::ListingDraft;

use super::Db;
use super::cases::verdict;
use super::triage::{listed, place, saved};

/// An offer at an ordinary price that rests on words alone.
fn ordinary(listing: &mut ListingDraft, likely: f64) {
    listing.price_amount = Some("520.00".to_owned());
    listing.cases[0].kind = Some("trademark_misuse".to_owned());
    listing.cases[0].score = likely;
}

async fn offered(db: &Db, item: &str, product: i64, seller: &str, likely: f64) -> i64 {
    listed(db, item, &[product], |listing| {
        listing.seller = Some(seller.to_owned());
        ordinary(listing, likely);
    })
    .await[0]
}

/// What the sizes of clusters say, and how many cases sit in each.
async fn sizes_are_right(db: &Db) {
    let places = db.store.case_places().await.unwrap();
    for (cluster, size) in db.pairs("SELECT id, size FROM clusters").await {
        let sit = places.iter().filter(|(_, at, ..)| *at == cluster).count();
        assert_eq!(size, sit as i64, "cluster {cluster}");
    }
}

pub async fn offers_at_an_ordinary_price_that_are_like_nobody_stand_together(db: Db) {
    let a = saved(&db, "A").await;
    let b = saved(&db, "B").await;
    let first = offered(&db, "1", a, "anna", 0.62).await;
    let second = offered(&db, "2", a, "bert", 0.68).await;
    let card = place(&db, first).await;
    assert_eq!(place(&db, second).await, card);

    let likelier = offered(&db, "3", a, "cora", 0.71).await;
    let other = offered(&db, "4", b, "dora", 0.62).await;
    let cheap = listed(&db, "5", &[a], |listing| {
        ordinary(listing, 0.62);
        listing.price_amount = Some("99.00".to_owned());
    })
    .await[0];
    let unpriced = listed(&db, "6", &[a], |listing| {
        ordinary(listing, 0.62);
        listing.price_amount = None;
    })
    .await[0];
    let copy = listed(&db, "7", &[a], |listing| {
        ordinary(listing, 0.62);
        listing.cases[0].kind = Some("counterfeit".to_owned());
    })
    .await[0];
    for case in [likelier, other, cheap, unpriced, copy] {
        assert_ne!(place(&db, case).await, card);
    }
    let members = db.store.case(first).await.unwrap();
    let filter = markhound::store::cases::QueueFilter::default();
    let members = db.store.card_members(&members, &filter, 9).await.unwrap();
    assert_eq!(members.len(), 2);
    assert!(members.iter().all(|member| member.ordinary));
    sizes_are_right(&db).await;
}

pub async fn who_shares_something_with_an_ordinary_offer_takes_it_away(db: Db) {
    let a = saved(&db, "A").await;
    let first = offered(&db, "1", a, "anna", 0.62).await;
    let second = offered(&db, "2", a, "bert", 0.64).await;
    let third = offered(&db, "3", a, "cora", 0.66).await;
    let card = place(&db, first).await;

    // Bert sells another one, far too cheap: the two go, the others stay.
    let cheap = listed(&db, "4", &[a], |listing| {
        listing.seller = Some("BERT".to_owned());
        ordinary(listing, 0.62);
        listing.price_amount = Some("99.00".to_owned());
    })
    .await[0];
    let berts = place(&db, cheap).await;
    assert_ne!(berts, card);
    assert_eq!(place(&db, second).await, berts);
    for stays in [first, third] {
        assert_eq!(place(&db, stays).await, card);
    }
    // His next comes to them, though it is an ordinary offer itself.
    let next = offered(&db, "5", a, "bert", 0.65).await;
    assert_eq!(place(&db, next).await, berts);
    // Seen again, all stay where they are.
    offered(&db, "2", a, "bert", 0.64).await;
    offered(&db, "1", a, "anna", 0.62).await;
    assert_eq!(place(&db, second).await, berts);
    assert_eq!(place(&db, first).await, card);
    sizes_are_right(&db).await;
}

pub async fn an_ordinary_offer_scored_anew_stands_where_it_belongs(db: Db) {
    let a = saved(&db, "A").await;
    let first = offered(&db, "1", a, "anna", 0.62).await;
    let second = offered(&db, "2", a, "bert", 0.64).await;
    let high = offered(&db, "3", a, "cora", 0.81).await;
    let card = place(&db, first).await;
    offered(&db, "2", a, "bert", 0.83).await;
    assert_eq!(place(&db, second).await, place(&db, high).await);
    sizes_are_right(&db).await;

    // Put out, it has a card of its own, and its keys lead nobody to the old one.
    let looked = Looked {
        cases: vec![high],
        eject: vec![second],
        ..Looked::default()
    };
    review::decide_card(&db.store, "anna", &looked, &verdict(Action::Reject))
        .await
        .unwrap();
    let cheap = listed(&db, "4", &[a], |listing| {
        listing.seller = Some("bert".to_owned());
        ordinary(listing, 0.83);
        listing.price_amount = Some("99.00".to_owned());
    })
    .await[0];
    let places = [card, place(&db, high).await, place(&db, second).await];
    assert!(!places.contains(&place(&db, cheap).await));
    sizes_are_right(&db).await;
    review::undo(&db.store, "anna", None).await.unwrap();
    assert_eq!(place(&db, second).await, place(&db, cheap).await);
    sizes_are_right(&db).await;
}
