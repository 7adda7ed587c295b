//! What the weights must do, whatever their numbers.

use super::*;
use crate::text::{CatalogProduct, CatalogTextIndex};

fn text(title: &str) -> Option<TextMatch> {
    let product = |id, brand: &str, name: &str, models: &[&str]| CatalogProduct {
        id,
        sku: format!("S-{id}"),
        brand: brand.to_owned(),
        name: name.to_owned(),
        model_numbers: models.iter().map(|m| (*m).to_owned()).collect(),
        ..CatalogProduct::default()
    };
    CatalogTextIndex::build([
        product(1, "Velora", "Velora Aria Leather Tote", &["VL-2210"]),
        product(2, "Quorvex", "Quorvex Field Camera", &["QX-900"]),
    ])
    .expect("the index builds")
    .search(title, None, 5)
    .expect("the index answers")
    .into_iter()
    .find(|m| m.product == 1)
}

fn photo(transform: &str, score: f64) -> PictureMatch {
    PictureMatch {
        reference: 7,
        product: 1,
        score,
        method: "test".to_owned(),
        transform: transform.to_owned(),
        region: Vec::new(),
        distance: Some(6),
        reference_region: Vec::new(),
        compared: Some(90),
        inliers: Some(90),
    }
}

fn judge(title: &str, price_ratio: Option<f64>) -> Verdict {
    score(&ScoreInput {
        text: text(title).as_ref(),
        price_ratio,
        ..ScoreInput::default()
    })
}

fn queued(verdict: &Verdict) -> bool {
    verdict.probability >= QUEUE_THRESHOLD
}

#[test]
fn the_reasons_add_up_to_the_probability() {
    let picture = photo("mirror+crop", 0.8);
    let found = text("V3l0ra Aria tote 1:1 AAA quality");
    for authorised_seller in [false, true] {
        let verdict = score(&ScoreInput {
            picture: Some(&picture),
            text: found.as_ref(),
            price_ratio: Some(0.2),
            authorised_seller,
            seller_confirmed: 3,
            seller_rejected: 1,
            ..ScoreInput::default()
        });
        let sum: f64 = verdict.reasons.iter().map(|r| r.bits).sum();
        assert!((verdict.probability - 1.0 / (1.0 + (-sum).exp2())).abs() < 1e-12);
    }
}

#[test]
fn an_authorised_seller_wins_over_everything() {
    let picture = photo("identity", 1.0);
    let verdict = score(&ScoreInput {
        picture: Some(&picture),
        text: text("Velora replica").as_ref(),
        price_ratio: Some(0.1),
        authorised_seller: true,
        seller_confirmed: 50,
        ..ScoreInput::default()
    });
    assert!(verdict.probability < 0.001);
    assert_eq!(verdict.reasons[0].code, "authorised_seller");
    assert_eq!(verdict.kind, None);
}

#[test]
fn a_copied_photo_is_enough_by_itself() {
    let picture = photo("mirror", 0.5);
    let verdict = score(&ScoreInput {
        picture: Some(&picture),
        ..ScoreInput::default()
    });
    assert!(queued(&verdict));
    assert_eq!(verdict.kind, Some(InfringementKind::CopiedPhoto));
    assert_eq!(
        verdict.reasons[0].text,
        "A photo is reference photo 7, mirrored (90 of 90 blocks of pixels agree, hash distance 6 of 256)"
    );
    let named = score(&ScoreInput {
        picture: Some(&picture),
        reference_name: Some("front.jpg"),
        ..ScoreInput::default()
    });
    assert!(
        named.reasons[0]
            .text
            .starts_with("A photo is reference photo front.jpg, mirrored")
    );
}

#[test]
fn naming_the_product_at_its_price_is_honest() {
    for price in [None, Some(0.9), Some(1.2)] {
        let verdict = judge("Velora Aria leather tote VL-2210 new", price);
        assert!(!queued(&verdict), "{verdict:?}");
    }
    assert!(!queued(&score(&ScoreInput::default())));
}

#[test]
fn naming_the_product_at_half_its_price_or_with_code_is_not() {
    for (title, price) in [
        ("Velora Aria leather tote", Some(0.3)),
        ("Velora Aria leather tote replica", None),
        ("Velora Aria tote 1:1", Some(1.0)),
        ("Ｖ3lоra Aria tote", Some(0.8)),
    ] {
        let verdict = judge(title, price);
        assert!(queued(&verdict), "{title}: {verdict:?}");
    }
}

#[test]
fn accessories_and_used_goods_are_honest() {
    for (title, price) in [
        ("Strap for Velora Aria leather tote", Some(0.1)),
        ("Riemen passend für Velora Aria Leather Tote", Some(0.05)),
        ("Velora Aria leather tote pre-owned", Some(0.3)),
    ] {
        let verdict = judge(title, price);
        assert!(!queued(&verdict), "{title}: {verdict:?}");
    }
}

#[test]
fn a_price_that_is_no_number_counts_as_unknown() {
    for price in [f64::NAN, f64::INFINITY, -1.0] {
        let verdict = judge("Velora Aria leather tote", Some(price));
        assert!(verdict.reasons.iter().all(|r| r.code != "price"));
        assert!(verdict.probability.is_finite());
    }
}
