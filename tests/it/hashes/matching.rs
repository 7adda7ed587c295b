//! What is recognised by imported hashes, and how it is told.

use image::imageops;
use markhound::packet;
use markhound::review::{self, Action, Verdict};
use markhound::scan::matcher::{Matcher, Past};
use markhound::store::cases::CaseDraft;
use markhound::store::reference_hashes::ReferenceHashDraft;
use markhound::store::work::{CaptureRef, PictureDraft};
use markhound::takedown;
use markhound_index::image::{DecodeLimits, Fingerprint, GreyPicture, PdqHash};
use serde_json::Value;

use super::{catalog, file, ok, pdq_of_a, run};
use crate::desk::Desk;
use crate::world::{PHOTO, World, capture, decoded, one_lease, photo, work};

const LABEL: &str = "theirs <1>.jpg";

fn fingerprint() -> Fingerprint {
    let bytes = std::fs::read(photo(PHOTO)).unwrap();
    Fingerprint::compute(&GreyPicture::decode(&bytes, &DecodeLimits::default()).unwrap())
}

/// The hash with its first bits turned.
fn off_by(hash: PdqHash, bits: usize) -> PdqHash {
    let mut words = hash.0;
    for bit in 0..bits {
        words[bit / 64] ^= 1 << (bit % 64);
    }
    PdqHash(words)
}

async fn plant(world: &World, sku: &str, hash: PdqHash, quality: Option<u8>) {
    let draft = ReferenceHashDraft {
        algorithm: "pdq".to_owned(),
        hash: hash.to_string(),
        quality,
        label: LABEL.to_owned(),
    };
    let store = &world.app.store;
    let added = store.add_reference_hashes("t", sku, "list", &[draft]).await;
    assert_eq!(added.unwrap(), 1);
}

/// The matches of a product in the photo: reference, score, distance.
async fn matches(world: &World, sku: &str) -> Vec<(i64, f64, Option<u32>)> {
    let matcher = Matcher::load(&world.app).await.unwrap();
    let product = world.app.store.product(sku).await.unwrap().id;
    matcher
        .search_picture(&fingerprint())
        .into_iter()
        .filter(|found| found.product == product)
        .map(|found| (found.reference, found.score, found.distance))
        .collect()
}

#[tokio::test]
async fn a_hash_matches_up_to_31_bits_away_and_the_nearer_the_surer() {
    let world = catalog().await;
    let hash = pdq_of_a(&world).await;
    for (bits, score) in [(0, Some(1.0)), (31, Some(0.6)), (32, None)] {
        plant(&world, "B", off_by(hash, bits), None).await;
        let found = matches(&world, "B").await;
        let expected: Vec<_> = score.into_iter().map(|s| (s, Some(bits as u32))).collect();
        let told: Vec<_> = found.iter().map(|m| (m.1, m.2)).collect();
        assert_eq!(told, expected);
        assert!(found.iter().all(|m| m.0 < 0));
        let store = &world.app.store;
        store.remove_reference_hashes("t", "B", None).await.unwrap();
    }
    // What an import refuses is not matched either when it is there.
    plant(&world, "B", hash, Some(49)).await;
    assert_eq!(matches(&world, "B").await, []);
}

#[tokio::test]
async fn a_photo_that_matches_better_is_named_and_not_the_hash() {
    let world = catalog().await;
    let hash = pdq_of_a(&world).await;
    let alone = matches(&world, "A").await;
    assert_eq!(alone.len(), 1);
    assert!(alone[0].0 > 0);
    plant(&world, "A", off_by(hash, 20), None).await;
    assert_eq!(matches(&world, "A").await, alone);
}

#[tokio::test]
async fn a_planted_hash_is_found_in_turned_mirrored_and_framed_pictures() {
    let world = catalog().await;
    let hash = pdq_of_a(&world).await;
    file(&world, "l.txt", &format!("{hash},100,{LABEL}\n"));
    ok(super::hashes(&world, &["import", "l.txt", "--sku", "B"]));
    let picture = image::open(photo(PHOTO)).unwrap().to_rgb8();
    let (w, h) = picture.dimensions();
    let mut framed = image::RgbImage::from_pixel(w + 160, h + 160, image::Rgb([255; 3]));
    imageops::replace(&mut framed, &picture, 80, 80);
    let blank = image::RgbImage::from_fn(300, 200, |x, y| image::Rgb([(x * y % 251) as u8; 3]));
    for (picture, transform) in [
        (picture.clone(), Some("identity")),
        (imageops::flip_horizontal(&picture), Some("mirror")),
        (imageops::rotate90(&picture), Some("rotated")),
        (imageops::flip_vertical(&picture), Some("mirror+rotated")),
        (framed, Some("identity")),
        (blank, None),
    ] {
        let (w, h) = (f64::from(picture.width()), f64::from(picture.height()));
        picture.save(world.dir.path().join("p.png")).unwrap();
        let said = ok(run(&world, &["check", "image", "p.png", "--json"]));
        let row: Value = serde_json::from_str(&said).unwrap();
        let of_b = |m: &&Value| m["sku"] == "B";
        let found = row["matches"].as_array().unwrap().iter().find(of_b);
        assert_eq!(
            found.map(|m| &m["transform"]),
            transform.map(Value::from).as_ref()
        );
        let Some(found) = found else { continue };
        assert_eq!(
            (&found["method"], &found["reference"]),
            (&"pdq list".into(), &LABEL.into())
        );
        assert_eq!(found["inliers"], Value::Null);
        let whole = [[0.0, 0.0], [w, 0.0], [w, h], [0.0, h]];
        assert_eq!(found["region"], serde_json::json!(whole));
    }
    let shown = photo(PHOTO).display().to_string();
    let said = ok(run(&world, &["check", "image", &shown]));
    assert!(
        said.contains(&format!("(hash from an imported list: {LABEL})")),
        "{said}"
    );
}

/// The case that a listing with the photo opens against a planted hash.
async fn draft() -> CaseDraft {
    let world = catalog().await;
    plant(&world, "B", pdq_of_a(&world).await, None).await;
    let matcher = Matcher::load(&world.app).await.unwrap();
    let listing: markhound_crawlers::Listing = serde_json::from_value(serde_json::json!({
        "item_id": "9001", "url": "http://127.0.0.1:8081/item/9001", "title": "Chair",
    }))
    .unwrap();
    let print = fingerprint();
    let mut cases = matcher.cases("s", &listing, &[("blob", &print)], Past::default(), 0.5);
    let product = world.app.store.product("B").await.unwrap().id;
    cases.retain(|case| case.product_id == product);
    cases.remove(0)
}

#[tokio::test]
async fn a_planted_hash_opens_a_case_that_is_shown_without_a_reference_photo() {
    let draft = draft().await;
    assert!(draft.reference_id.is_some_and(|id| id < 0));
    assert!(draft.score > 0.5);
    let reasons = draft.evidence["reasons"].to_string();
    assert!(
        reasons.contains("has the hash theirs <1>.jpg of an imported list"),
        "{reasons}"
    );

    // The product there has a photo, which is not what was recognised.
    let desk = Desk::open().await;
    let app = &desk.world.app;
    let product = app.store.product("OST-FJ210").await.unwrap().id;
    let source = app.store.source("kaufwinkel").await.unwrap().id;
    let bytes = std::fs::read(photo(PHOTO)).unwrap();
    let blob = app.blobs.put(&bytes).unwrap();
    let page = b"<html>9001</html>";
    let lease = one_lease(&app.store, source, "w").await;
    let mut work = work(&lease, source, "w", "9001");
    let (at, image) = (desk.world.hands.now(), "http://127.0.0.1:8081/img/9001.jpg");
    work.captures[0].blob = app.blobs.put(page).unwrap();
    work.captures[0].size = i64::try_from(page.len()).unwrap();
    work.captures[0].fetched_at = at;
    work.captures
        .push(capture("image", image, &blob, bytes.len(), at));
    let listing = work.listing.as_mut().unwrap();
    listing.pictures.push(PictureDraft {
        url: image.to_owned(),
        capture: Some(CaptureRef::New(1)),
        decoded: Some(decoded(&blob)),
        error: None,
    });
    listing.cases.push(CaseDraft {
        product_id: product,
        picture_blob: Some(blob),
        ..draft
    });
    let case = app.store.finish_work(&work).await.unwrap().cases[0];
    let row = app.store.case(case).await.unwrap();
    assert_eq!(row.listed_hash(), Some(LABEL));
    assert_eq!((row.reference_blob, row.reference_name), (None, None));

    let mara = desk.person("mara").await;
    let shown = "Hash from an imported list: <span dir=\"auto\">theirs &#60;1&#62;.jpg</span>";
    let page = mara.text(&format!("/case/{case}")).await;
    assert!(page.contains(shown) && !page.contains("alt=\"Reference photo of"));
    assert!(page.contains("The photo is used") && page.contains("pdq list"));
    // In the queue it may stand on a card behind another case of the seller.
    let card = mara.text(&format!("/queue/card/{case}")).await;
    assert!(card.contains(shown));

    let verdict = Verdict {
        action: Action::Confirm,
        kind: Some("copied_photo".to_owned()),
        reason: None,
    };
    let decided = review::decide(&app.store, "anna", &[case], &verdict).await;
    decided.unwrap();
    let notice = takedown::draft(app, "anna", case, None).await.unwrap();
    let claim = "has the perceptual hash of our photograph theirs <1>.jpg.";
    assert!(notice.body.contains(claim), "{}", notice.body);
    let out = desk.world.dir.path().join("packets");
    let written = packet::export(app, "anna", case, &out).await.unwrap();
    let verification = packet::verify(&written).unwrap();
    assert!(verification.ok, "{:?}", verification.checks);
    desk.close().await;
}
