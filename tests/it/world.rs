//! A small world for tests: an open data directory, a clock that only the test
//! moves, and one listing that copies one product.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use markhound::accounts::hash_password;
use markhound::app::App;
use markhound::clock::{Clock, Millis};
use markhound::config::{Config, NoticeRole};
use markhound::store::Store;
use markhound::store::cases::CaseDraft;
use markhound::store::frontier::Lease;
use markhound::store::import::{ProductDraft, ReferenceDraft};
use markhound::store::products::Right;
use markhound::store::sources::SourceDraft;
use markhound::store::takedowns::Notice;
use markhound::store::users::User;
use markhound::store::work::{
    CaptureDraft, CaptureRef, DecodedPicture, ListingDraft, Outcome, PictureDraft, Work,
};
use markhound::takedown::TakedownError;
use markhound::takedown::attest::{self, Shown};
use markhound_index::image::{DecodeLimits, Picture};
use serde_json::json;

/// 2026-11-02 08:00 UTC.
pub const START: i64 = 1_793_606_400_000;

/// A clock that stands still until the test moves it.
#[derive(Clone)]
pub struct Hands(Arc<AtomicI64>);

impl Hands {
    pub fn new() -> Self {
        Self(Arc::new(AtomicI64::new(START)))
    }

    pub fn clock(&self) -> Clock {
        let at = self.0.clone();
        Clock::from_fn(move || Millis(at.load(Ordering::SeqCst)).timestamp())
    }

    pub fn now(&self) -> Millis {
        Millis(self.0.load(Ordering::SeqCst))
    }

    pub fn forward(&self, seconds: i64) {
        self.0.fetch_add(seconds * 1000, Ordering::SeqCst);
    }
}

/// An open data directory that is removed with it.
pub struct World {
    pub app: App,
    pub hands: Hands,
    pub dir: tempfile::TempDir,
}

impl World {
    pub async fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let hands = Hands::new();
        let app = App::open(Config::default(), &dir.path().join("data"), hands.clock())
            .await
            .unwrap();
        Self { app, hands, dir }
    }

    /// Around an application that is open already, whose clock it does not move.
    pub fn over(app: App) -> Self {
        Self {
            app,
            hands: Hands::new(),
            dir: tempfile::tempdir().unwrap(),
        }
    }
}

/// Says who sends notices, and that anna attests.
pub fn with_sender(world: &mut World) {
    let notices = &mut world.app.config.notices;
    notices.name = Some("Ostrelund Brand Protection".to_owned());
    notices.address = Some("Kajgatan 1, Göteborg".to_owned());
    notices.email = Some("ip@ostrelund.example".to_owned());
    notices.phone = Some("+46 31 000 00".to_owned());
    notices.role = Some(NoticeRole::Owner);
    notices.country = Some("DE".to_owned());
    let signs = ("anna".to_owned(), "Anna Lindqvist".to_owned());
    notices.people = BTreeMap::from([signs]);
}

/// The account of anna.
pub async fn anna(app: &App) -> User {
    if let Some(user) = app.store.user("anna").await.unwrap() {
        return user;
    }
    let hash = hash_password("a password for tests").unwrap();
    let store = &app.store;
    store
        .save_user("t", "anna", &hash, "reviewer")
        .await
        .unwrap();
    store.user("anna").await.unwrap().unwrap()
}

/// Anna sees what would leave, in the channel's usual form, and attests it.
pub async fn attest(app: &App, notice: i64) -> Result<Notice, TakedownError> {
    let user = anna(app).await;
    let seen = attest::preview(app, "anna", notice, None, None).await?;
    attest::attest(app, &user, notice, &Shown::all_of(&seen)).await
}

/// A photograph of the sample catalog.
pub fn photo(name: &str) -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    root.join("fixtures/photos").join(name)
}

pub const PHOTO: &str = "kari-shea-398668-unsplash.jpg";

pub fn right(kind: &str) -> Right {
    Right {
        kind: kind.to_owned(),
        number: (kind != "copyright").then(|| format!("EU-{kind}-1")),
        jurisdiction: Some("EU".to_owned()),
        classes: vec!["20".to_owned()],
        owner: Some("Ostrelund Möbler AB".to_owned()),
        expiry: (kind != "copyright").then(|| "2031-09-14".to_owned()),
    }
}

pub fn product(sku: &str) -> ProductDraft {
    ProductDraft {
        sku: sku.to_owned(),
        brand: "Ostrelund".to_owned(),
        name: "Fjordal Lounge Armchair".to_owned(),
        category: None,
        model_numbers: vec!["FJ-210".to_owned()],
        aliases: Vec::new(),
        keywords: Vec::new(),
        msrp: Some("649".to_owned()),
        currency: Some("EUR".to_owned()),
        countries: vec!["DE".to_owned()],
        classification: None,
        released: None,
        authorised_sellers: Vec::new(),
        rights: vec![right("copyright"), right("trademark")],
    }
}

pub fn reference(blob: &str) -> ReferenceDraft {
    ReferenceDraft {
        file_name: PHOTO.to_owned(),
        blob: blob.to_owned(),
        width: 640,
        height: 480,
        format: "jpeg".to_owned(),
        algorithm: "test v1".to_owned(),
        hashes: vec![1, 2, 3],
    }
}

pub fn source(name: &str) -> SourceDraft {
    SourceDraft {
        name: name.to_owned(),
        definition: "id = \"test\"".to_owned(),
        base: None,
        queries: Vec::new(),
        schedule: None,
        time_zone: "UTC".to_owned(),
        settings: BTreeMap::new(),
    }
}

pub fn capture(kind: &str, url: &str, blob: &str, size: usize, at: Millis) -> CaptureDraft {
    CaptureDraft {
        kind: kind.to_owned(),
        url: url.to_owned(),
        final_url: url.to_owned(),
        status: 200,
        request: json!([["user-agent", "markhound-test"]]).to_string(),
        headers: json!([["content-type", "text/html"]]).to_string(),
        hops: "[]".to_owned(),
        peer: Some("127.0.0.1:8081".to_owned()),
        blob: blob.to_owned(),
        size: i64::try_from(size).unwrap(),
        fetched_at: at,
        warc: None,
        directives: Vec::new(),
    }
}

/// Evidence with numbers that do not survive careless handling.
pub fn case(product_id: i64, score: f64) -> CaseDraft {
    CaseDraft {
        product_id,
        score,
        kind: Some("copied_photo".to_owned()),
        evidence: json!({
            "picture": { "reference": 1, "product": product_id, "score": 0.912_345_678_901_234_5,
                "method": "test v1", "transform": "mirror",
                "region": [[10.5, 12.0], [600.25, 12.0], [600.25, 470.125], [10.5, 470.125]],
                "reference_region": [[0.0, 0.25], [1.0, 0.25], [1.0, 1.0], [0.0, 1.0]],
                "distance": 6, "inliers": 211 },
            "text": null,
            "price_ratio": 0.274_268_104_776_579_3,
            "authorised_seller": false,
            "reasons": [{ "code": "picture", "text": "The photo is the reference photo, mirrored",
                "bits": 7.4 }],
            "probability": score,
            "kind": "copied_photo",
            "model": "hand-set v1",
        }),
        model: "hand-set v1".to_owned(),
        picture_blob: None,
        reference_id: None,
        audit_rate: None,
    }
}

/// One piece of finished work: a page with one listing and, when a picture's
/// blob is given, its picture.
pub fn work(lease: &Lease, source_id: i64, worker: &str, item: &str) -> Work {
    Work {
        lease_id: lease.id,
        worker: worker.to_owned(),
        scan_id: lease.scan_id,
        source_id,
        captures: vec![capture(
            "item",
            &format!("http://127.0.0.1:8081/item/{item}"),
            &"ab".repeat(32),
            9,
            Millis(START),
        )],
        targets: Vec::new(),
        signal: None,
        results: None,
        listing: Some(ListingDraft {
            item_id: item.to_owned(),
            url: format!("http://127.0.0.1:8081/item/{item}"),
            title: format!("Lounge chair {item}, 100% like Fjordal"),
            price_amount: Some("178.00".to_owned()),
            price_currency: Some("EUR".to_owned()),
            seller: Some("moebel_<b>4you</b>".to_owned()),
            data: json!({ "provenance": { "price": { "source": "json-ld", "raw": "178,00 €",
                "candidates": [{ "source": "meta", "raw": "<script>alert(1)</script>" }] } } })
            .to_string(),
            capture: CaptureRef::New(0),
            pictures: Vec::new(),
            cases: Vec::new(),
        }),
        outcome: Outcome::Done,
    }
}

pub fn decoded(blob: &str) -> DecodedPicture {
    DecodedPicture {
        blob: blob.to_owned(),
        width: 640,
        height: 480,
        format: "jpeg".to_owned(),
        algorithm: "test v1".to_owned(),
        hashes: vec![4, 5, 6],
    }
}

/// Leases the one target of a new scan of `source_id`.
pub async fn one_lease(store: &Store, source_id: i64, worker: &str) -> Lease {
    let seeds = [("k".to_owned(), "{\"url\":\"x\"}".to_owned())];
    let scan = store.start_scan(source_id, "test", &seeds).await.unwrap();
    store.lease(scan, worker, 1, 60).await.unwrap().remove(0)
}

/// Imports the product, scans the listing that copies it, and gives the case.
pub async fn open_case(world: &World) -> i64 {
    let app = &world.app;
    let page = b"<html><h1>Lounge chair</h1></html>";
    // Small, because packets are checked thousands of times.
    let picture = std::fs::read(photo(PHOTO)).unwrap();
    let picture = Picture::decode(&picture, &DecodeLimits::default()).unwrap();
    let picture = picture.thumbnail_jpeg(160);
    let (page_blob, blob) = (
        app.blobs.put(page).unwrap(),
        app.blobs.put(&picture).unwrap(),
    );
    let store = &app.store;
    store
        .save_product("test", &product("OST-FJ210"), &[reference(&blob)])
        .await
        .unwrap();
    let product_id = store.product("OST-FJ210").await.unwrap().id;
    let reference_id = store.reference_photos_of(product_id).await.unwrap()[0].id;
    let source_id = store
        .save_source("test", &source("kaufwinkel"))
        .await
        .unwrap();
    let lease = one_lease(store, source_id, "w").await;
    world.hands.forward(60);
    let at = world.hands.now();
    let mut work = work(&lease, source_id, "w", "7001");
    let image = "http://127.0.0.1:8081/img/7001.jpg";
    work.captures[0].blob = page_blob;
    work.captures[0].size = i64::try_from(page.len()).unwrap();
    work.captures[0].fetched_at = at;
    work.captures
        .push(capture("image", image, &blob, picture.len(), at));
    let listing = work.listing.as_mut().unwrap();
    listing.pictures.push(PictureDraft {
        url: image.to_owned(),
        capture: Some(CaptureRef::New(1)),
        decoded: Some(decoded(&blob)),
        error: None,
    });
    listing.cases.push(CaseDraft {
        picture_blob: Some(blob),
        reference_id: Some(reference_id),
        ..case(product_id, 0.971_234_567_890_123_4)
    });
    let written = store.finish_work(&work).await.unwrap();
    world.hands.forward(60);
    written.cases[0]
}

/// A listing with a case, beside the one of [`open_case`].
pub struct CaseOf<'a> {
    pub product: i64,
    pub item: &'a str,
}

impl<'a> CaseOf<'a> {
    pub fn new(product: i64, item: &'a str) -> Self {
        Self { product, item }
    }
}

/// Scans one more listing at the world's source, and gives its case.
pub async fn case_of(world: &World, of: &CaseOf<'_>) -> i64 {
    let store = &world.app.store;
    let source = store.source("kaufwinkel").await.unwrap();
    let lease = one_lease(store, source.id, "w").await;
    let mut work = work(&lease, source.id, "w", of.item);
    let listing = work.listing.as_mut().unwrap();
    listing.cases.push(case(of.product, 0.95));
    store.finish_work(&work).await.unwrap().cases[0]
}
