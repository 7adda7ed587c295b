//! What a verdict must be like, whatever the weights are, and what the shipped ones must do.

use super::factors::PRICE;
use super::*;
use crate::eval::Random;
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
        placed: Vec::new(),
        compared: Some(90),
        inliers: Some(90),
    }
}

/// A listing with one picture of a seller of whom nothing is known.
fn input<'a>(text: Option<&'a TextMatch>, price_ratio: Option<f64>) -> ScoreInput<'a> {
    ScoreInput {
        text,
        price_ratio,
        pictures: 1,
        seller_known: true,
        ..ScoreInput::default()
    }
}

fn built_in(input: &ScoreInput<'_>) -> Verdict {
    score(ScoreModel::built_in(), input)
}

fn judge(title: &str, price_ratio: Option<f64>) -> Verdict {
    built_in(&input(text(title).as_ref(), price_ratio))
}

fn queued(verdict: &Verdict) -> bool {
    verdict.probability >= QUEUE_THRESHOLD
}

fn adds_up(reasons: &[Reason], probability: f64) {
    let sum: f64 = reasons.iter().map(|r| r.bits).sum();
    let said = model::from_bits(sum);
    assert!(
        (said - probability).abs() < 1e-12,
        "{said} {probability} {reasons:?}"
    );
}

#[test]
fn the_reasons_of_both_questions_add_up_exactly_with_any_weights() {
    let found = text("V3l0ra Aria tote 1:1 AAA quality");
    let mut random = Random::new(1, "weights", 0);
    for round in 0..200 {
        let mut model = ScoreModel::blank();
        model.base = [random.between(-8.0, 3.0), random.between(-8.0, 3.0)];
        for weights in &mut model.weights {
            weights
                .iter_mut()
                .for_each(|w| *w = random.between(-6.0, 6.0));
        }
        if round % 2 == 0 {
            let knots = vec![(0.1, 0.05), (0.5, 0.3), (0.8, 0.9)];
            model.calibration = Calibration::from_knots(knots).expect("it rises");
        }
        let picture = photo("mirror+crop", random.between(0.5, 1.0));
        let allowed = (round % 5 == 0).then_some(Allowed::Seller);
        let verdict = score(
            &model,
            &ScoreInput {
                picture: random.chance(0.5).then_some(&picture),
                seller_confirmed: 3,
                seller_rejected: 1,
                condition: random.pick([Condition::Used, Condition::New]),
                sold_where_it_is: random.pick([None, Some(true), Some(false)]),
                allowed,
                ..input(found.as_ref(), Some(random.between(0.0, 2.0)))
            },
        );
        adds_up(&verdict.reasons, verdict.probability);
        adds_up(&verdict.concerns_reasons, verdict.concerns);
        assert_eq!(
            verdict.reasons.last().map(|r| r.code.as_str()),
            Some("base")
        );
    }
}

#[test]
fn what_is_kept_of_an_observation_gives_the_same_probability_again() {
    let found = text("Velora Aria tote replica");
    let input = input(found.as_ref(), Some(0.3));
    let seen = observe(&input);
    let names = seen.names();
    let back = Observation::from_names(|name| {
        names
            .iter()
            .find(|(factor, _)| *factor == name)
            .map(|n| n.1)
    })
    .expect("all names are known");
    let model = ScoreModel::built_in();
    let apart = model.probability(&back) - score(model, &input).probability;
    assert!(apart.abs() < 1e-12, "{apart}");
}

#[test]
fn whatever_is_allowed_wins_over_everything_and_is_the_first_reason() {
    let picture = photo("identity", 1.0);
    let found = text("Velora replica");
    for (allowed, words) in [
        (Allowed::Seller, "authorised"),
        (Allowed::Marketplace, "marketplace"),
        (Allowed::ListedSeller, "list of allowed sellers"),
        (Allowed::ListedListing, "list of allowed listings"),
    ] {
        let verdict = built_in(&ScoreInput {
            picture: Some(&picture),
            allowed: Some(allowed),
            seller_confirmed: 50,
            ..input(found.as_ref(), Some(0.1))
        });
        assert!(verdict.probability < 0.001);
        assert_eq!(verdict.reasons[0].code, "allowed");
        assert!(
            verdict.reasons[0].text.contains(words),
            "{:?}",
            verdict.reasons[0]
        );
        assert_eq!((verdict.kind, verdict.right), (None, None));
    }
}

#[test]
fn a_copied_photo_without_the_brand_is_queued_as_one() {
    let picture = photo("mirror", 0.97);
    let verdict = built_in(&ScoreInput {
        picture: Some(&picture),
        ..input(None, Some(0.3))
    });
    assert!(queued(&verdict), "{verdict:?}");
    assert_eq!(verdict.kind, Some(InfringementKind::CopiedPhoto));
    assert_eq!(verdict.right, Some(RightKind::Copyright));
    let words = "A photo is reference photo 7, mirrored (90 of 90 blocks of pixels agree, hash distance 6 of 256)";
    assert!(verdict.reasons.iter().any(|r| r.text == words));
    let named = built_in(&ScoreInput {
        picture: Some(&picture),
        reference_name: Some("front.jpg"),
        ..input(None, None)
    });
    let words = "A photo is reference photo front.jpg, mirrored";
    assert!(named.reasons.iter().any(|r| r.text.starts_with(words)));
}

#[test]
fn naming_the_product_at_its_price_is_honest() {
    for price in [None, Some(0.9), Some(1.05)] {
        let verdict = judge("Velora Aria leather tote VL-2210 new", price);
        assert!(!queued(&verdict), "{verdict:?}");
    }
    assert!(!queued(&built_in(&ScoreInput::default())));
}

#[test]
fn where_neither_words_nor_a_picture_speak_for_the_product_nothing_else_does() {
    for pictures in [0, 3] {
        let input = ScoreInput {
            pictures,
            seller_known: true,
            seller_confirmed: 9,
            price_ratio: Some(0.05),
            ..ScoreInput::default()
        };
        let verdict = built_in(&input);
        assert!(verdict.probability < 0.001, "{verdict:?}");
        assert_eq!(verdict.reasons[0].code, "nothing");
        assert_eq!(verdict.kind, None);
        let again = ScoreModel::built_in().probability(&observe(&input));
        assert!((again - verdict.probability).abs() < 1e-12);
    }
}

#[test]
fn naming_the_product_at_a_third_of_its_price_or_with_code_is_not() {
    for (title, price) in [
        ("Velora Aria leather tote", Some(0.15)),
        ("Velora Aria leather tote replica", Some(0.4)),
        ("Velora Aria tote 1:1", Some(0.3)),
        ("Ｖ3lоra Aria tote", Some(0.3)),
    ] {
        let verdict = judge(title, price);
        assert!(queued(&verdict), "{title}: {verdict:?}");
        assert_eq!(verdict.right, Some(RightKind::Trademark));
    }
}

#[test]
fn accessories_and_used_goods_are_honest() {
    for (title, price) in [
        ("Strap for Velora Aria leather tote", Some(0.1)),
        ("Riemen passend für Velora Aria Leather Tote", Some(0.05)),
        ("Velora Aria leather tote pre-owned", Some(0.45)),
    ] {
        let verdict = judge(title, price);
        assert!(!queued(&verdict), "{title}: {verdict:?}");
    }
}

#[test]
fn a_price_that_is_no_number_counts_as_unknown() {
    for price in [f64::NAN, f64::INFINITY, -1.0] {
        let found = text("Velora Aria leather tote");
        let seen = observe(&input(found.as_ref(), price.into()));
        assert_eq!(seen.bin(PRICE), 0);
        assert!(
            judge("Velora Aria leather tote", Some(price))
                .probability
                .is_finite()
        );
    }
}

#[test]
fn kinds_and_rights_follow_from_the_evidence() {
    use InfringementKind::*;
    let picture = photo("identity", 0.97);
    let kind = |title: &str, change: &dyn Fn(&mut ScoreInput<'_>)| {
        let found = text(title);
        let mut input = input(found.as_ref(), Some(0.7));
        change(&mut input);
        let kind = seeming_kind(&input);
        kind.map(|kind| (kind, kind.right(input.picture.is_some())))
    };
    let plain = "Velora Aria leather tote";
    let same = |_: &mut ScoreInput<'_>| {};
    assert_eq!(
        kind(plain, &|i| i.sold_where_it_is = Some(false)),
        Some((GreyMarket, RightKind::Trademark))
    );
    assert_eq!(
        kind(plain, &|i| i.released = Some(false)),
        Some((Leak, RightKind::Trademark))
    );
    assert_eq!(
        kind(plain, &|i| i.price_ratio = Some(0.2)),
        Some((Counterfeit, RightKind::Trademark))
    );
    assert_eq!(
        kind("leather tote inspired by Velora", &same),
        Some((TrademarkMisuse, RightKind::Trademark))
    );
    assert_eq!(
        kind("Aria leather tote", &same),
        Some((CopiedDesign, RightKind::Design))
    );
    let leaked = ScoreInput {
        picture: Some(&picture),
        released: Some(false),
        ..ScoreInput::default()
    };
    assert_eq!(
        seeming_kind(&leaked).map(|k| k.right(true)),
        Some(RightKind::Copyright)
    );
    assert_eq!(seeming_kind(&ScoreInput::default()), None);
}

#[test]
fn a_doubt_about_the_product_never_adds_and_says_how_large_it_is() {
    let picture = photo("identity", 1.0);
    for title in ["Velora Aria tote 1:1 replica", "Velora", "Aria tote", "bag"] {
        let found = text(title);
        let verdict = score(
            ScoreModel::built_in(),
            &ScoreInput {
                picture: (title == "Velora").then_some(&picture),
                ..input(found.as_ref(), Some(0.2))
            },
        );
        let doubt = verdict.reasons.iter().find(|r| r.code == "concerns");
        let doubt = doubt.expect("it is always among them");
        assert!(doubt.bits <= 1e-9, "{title}: {doubt:?}");
        let percent = (1.0 - verdict.concerns) * 100.0;
        let said = match percent {
            p if p < 0.1 => "less than 0.1 %".to_owned(),
            p if p < 10.0 => format!("{p:.1} %"),
            p => format!("{p:.0} %"),
        };
        assert!(doubt.text.contains(&said), "{}", doubt.text);
    }
}
