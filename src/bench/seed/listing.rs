//! A made listing: who offers it, with which words and photo, at what price.

use std::collections::BTreeMap;

use markhound_index::image::ALGORITHM;
use rand::RngExt as _;
use rand::rngs::StdRng;
use serde_json::json;

use super::photos::{Photo, own_photo};
use super::{CASES_OF_A_PRODUCT, Goods, SeedError};
use crate::app::App;
use crate::store::cases::CaseDraft;
use crate::store::work::{CaptureRef, DecodedPicture, ListingDraft, PictureDraft};

/// Sellers of copies of a product have so many listings of it, about.
const LISTINGS_OF_A_COPIER: f64 = 4.0;
/// Listings of copies that show one of the owner's photos.
const WITH_OWNERS_PHOTO: f64 = 0.6;
/// Listings of copies whose title is taken from another one's.
const WITH_TAKEN_TITLE: f64 = 0.35;

/// A few are copied much, most of them little.
pub(super) fn skewed(rng: &mut StdRng, below: usize) -> usize {
    let share = rng.random::<f64>().powi(2);
    ((share * below as f64) as usize).min(below - 1)
}

/// What sellers have of their own.
#[derive(Default)]
pub(super) struct Sellers {
    /// Titles of copies, by product.
    titles: BTreeMap<usize, Vec<String>>,
    photos: BTreeMap<String, DecodedPicture>,
}

pub(super) fn listing(
    app: &App,
    rng: &mut StdRng,
    goods: &Goods,
    photos: &[Photo],
    (which, infringes): (usize, bool),
    sellers: &mut Sellers,
    item: i64,
) -> Result<ListingDraft, SeedError> {
    const SAID: [&str; 24] = [
        "new", "2026", "free", "shipping", "sale", "original", "style", "replica", "aaa", "mirror",
        "quality", "dupe", "best", "price", "in", "stock", "fast", "gift", "luxury", "designer",
        "inspired", "1:1", "with", "box",
    ];
    const GOODS: [&str; 16] = [
        "cover", "spare", "part", "vintage", "used", "bundle", "black", "blue", "oak", "leather",
        "set", "of", "two", "large", "for", "repair",
    ];
    let words = if infringes { &SAID[..] } else { &GOODS[..] };
    let said: Vec<&str> = (0..rng.random_range(4..9))
        .map(|_| words[rng.random_range(0..words.len())])
        .collect();
    let (taken, own) = (
        sellers.titles.entry(which).or_default(),
        &mut sellers.photos,
    );
    let fresh = format!("{} {} {}", goods.brand, goods.name, said.join(" "));
    let title = if infringes && !taken.is_empty() && rng.random::<f64>() < WITH_TAKEN_TITLE {
        taken[rng.random_range(0..taken.len())].clone()
    } else {
        fresh
    };
    if infringes && taken.len() < 12 {
        taken.push(title.clone());
    }
    // A copier of the product, of as many as its copies ask for, or anybody.
    let copiers = (CASES_OF_A_PRODUCT as f64 / LISTINGS_OF_A_COPIER) as usize;
    let seller = if infringes {
        format!("copier {which} {}", skewed(rng, copiers))
    } else {
        format!("shop {}", rng.random_range(0..20_000))
    };
    let matched = infringes && rng.random::<f64>() < WITH_OWNERS_PHOTO;
    let photo = &photos[goods.photo];
    let (url, shown) = if matched {
        photo.shown[rng.random_range(0..photo.shown.len())].clone()
    } else {
        // A copier shows one of two photos, anybody else one of their own.
        let whose = format!("{seller} {}", rng.random_range(0..2));
        let shown = match own.get(&whose) {
            Some(shown) if infringes => shown.clone(),
            _ => own_photo(app, rng, photos)?,
        };
        own.insert(whose.clone(), shown.clone());
        (whose, shown)
    };
    let ratio = if infringes {
        0.15 + rng.random::<f64>() * 0.4
    } else {
        0.6 + rng.random::<f64>() * 0.5
    };
    let score: f64 = if infringes {
        1.0 - rng.random::<f64>().powi(3) * 0.45
    } else {
        0.55 + rng.random::<f64>() * 0.35
    };
    let kind = match (infringes, matched) {
        (true, true) => "copied_photo",
        (true, false) => "counterfeit",
        (false, _) => "trademark_misuse",
    };
    let (w, h) = (f64::from(shown.width), f64::from(shown.height));
    let corners = [[0.0, 0.0], [w, 0.0], [w, h], [0.0, h]];
    let picture = matched.then(|| {
        json!({ "reference": goods.reference, "product": goods.id, "score": 0.98,
            "method": ALGORITHM, "transform": "identity", "region": corners, "placed": corners,
            "reference_region": [[0.0, 0.0], [1.0, 0.0], [1.0, 1.0], [0.0, 1.0]],
            "distance": 4, "inliers": 180 })
    });
    let price = format!("{:.2}", goods.msrp * ratio);
    Ok(ListingDraft {
        item_id: item.to_string(),
        url: format!("https://shop.example/item/{item}"),
        title: title.clone(),
        price_amount: Some(price.clone()),
        price_currency: Some("EUR".to_owned()),
        seller: Some(seller),
        data: json!({ "title": title, "provenance": {} }).to_string(),
        capture: CaptureRef::New(0),
        pictures: vec![PictureDraft {
            url: format!("https://shop.example/{url}?{}", photo.file),
            capture: None,
            decoded: Some(shown.clone()),
            error: None,
        }],
        cases: vec![CaseDraft {
            product_id: goods.id,
            score,
            kind: Some(kind.to_owned()),
            evidence: json!({ "picture": picture,
                "text": { "hits": [{ "term": goods.brand, "start": 0, "end": goods.brand.len(),
                    "tricks": [] }] },
                "price_ratio": ratio, "authorised_seller": false,
                "reasons": [
                    { "code": "text", "text": format!("The title names {} {}", goods.brand, goods.name), "bits": 4.1 },
                    { "code": "price", "text": format!("The price is {:.0} % of the list price", ratio * 100.0), "bits": 2.2 },
                    { "code": "seller", "text": "Nothing is known of the seller", "bits": 0.1 },
                    { "code": "base", "text": "The starting point", "bits": -2.0 }],
                "probability": score, "kind": kind, "model": "bench v1" }),
            model: "bench v1".to_owned(),
            picture_blob: Some(shown.blob.clone()),
            reference_id: Some(goods.reference).filter(|_| matched),
            audit_rate: None,
        }],
    })
}
