//! A made database of any size for measuring the review page: cases as a night
//! leaves them, of which the truth is known, and listings that concern nobody.
//!
//! How sellers share photos and words is assumed, not measured; the numbers are
//! the constants below. The photos are those of the sample catalog, in three sizes.

use std::collections::{BTreeMap, BTreeSet};

use image::RgbImage;
use image::codecs::jpeg::JpegEncoder;
use markhound_fixtures::write_sample_catalog;
use markhound_index::image::{
    ALGORITHM, DecodeError, DecodeLimits, Fingerprint, GreyPicture, Picture,
};
use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};
use serde::Serialize;
use serde_json::json;

use crate::app::App;
use crate::blobs::BlobError;
use crate::catalog;
use crate::store::StoreError;
use crate::store::cases::CaseDraft;
use crate::store::import::{ProductDraft, ReferenceDraft};
use crate::store::sources::SourceDraft;
use crate::store::work::{
    CaptureDraft, CaptureRef, DecodedPicture, ListingDraft, Outcome, PictureDraft, Work,
};

/// Marketplaces.
const SOURCES: usize = 6;
/// Cases a product has, about: a catalog grows with what is found for it.
const CASES_OF_A_PRODUCT: usize = 60;
/// Of the cases, so many infringe.
const INFRINGING: f64 = 0.85;
/// Sellers of copies of a product have so many listings of it, about.
const LISTINGS_OF_A_COPIER: f64 = 4.0;
/// Listings of copies that show one of the owner's photos.
const WITH_OWNERS_PHOTO: f64 = 0.6;
/// Listings of copies whose title is taken from another one's.
const WITH_TAKEN_TITLE: f64 = 0.35;
/// Works written in one transaction.
const AT_ONCE: u32 = 50;
/// Sizes in which sellers show a photo.
const SIDES: [u32; 3] = [640, 512, 420];

/// Why it cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum SeedError {
    /// The sample catalog cannot be written.
    #[error(transparent)]
    Fixtures(#[from] markhound_fixtures::FixtureError),
    /// The sample catalog cannot be imported.
    #[error(transparent)]
    Catalog(#[from] catalog::CatalogError),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A photo cannot be kept.
    #[error(transparent)]
    Blob(#[from] BlobError),
    /// A photo of the sample catalog cannot be read.
    #[error("a photo of the sample catalog cannot be decoded: {0}")]
    Photo(#[from] DecodeError),
    /// A photo cannot be cut.
    #[error("a photo of the sample catalog cannot be cut: {0}")]
    Cut(#[from] image::ImageError),
    /// A temporary folder cannot be used.
    #[error("cannot use a temporary folder: {0}")]
    Folder(#[from] std::io::Error),
}

/// What is to be made.
#[derive(Debug, Clone, Copy)]
pub struct Wanted {
    /// Open cases.
    pub cases: usize,
    /// Listings in all, those of the cases included.
    pub listings: usize,
    /// Everything drawn by lot follows from it.
    pub seed: u64,
}

/// What was made, and how its cards compare with the truth.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Made {
    /// Products in the catalog.
    pub products: usize,
    /// Listings.
    pub listings: usize,
    /// Open cases.
    pub cases: usize,
    /// Cards they are on.
    pub cards: usize,
    /// Cards with cases of more than one product.
    pub of_two_products: usize,
    /// Cards with both infringing and honest listings.
    pub mixed: usize,
    /// Cases that one decision for their card would decide wrongly, if the most of
    /// each card were decided rightly.
    pub outvoted: usize,
    /// Cases on the largest card.
    pub largest: usize,
}

struct Photo {
    file: String,
    /// Small, to cut other people's photos out of.
    pixels: RgbImage,
    /// As sellers show it.
    shown: Vec<(String, DecodedPicture)>,
    reference: ReferenceDraft,
}

struct Goods {
    id: i64,
    brand: String,
    name: String,
    msrp: f64,
    photo: usize,
    reference: i64,
}

/// Makes it.
///
/// # Errors
/// When the sample catalog or the database cannot be written.
pub async fn seed(app: &App, wanted: Wanted, said: impl Fn(usize)) -> Result<Made, SeedError> {
    let mut rng = StdRng::seed_from_u64(wanted.seed);
    let photos = photos(app)?;
    let goods = goods(app, &photos, wanted.cases, &mut rng).await?;
    let mut sources = Vec::new();
    for number in 1..=SOURCES {
        let draft = SourceDraft {
            name: format!("market-{number}"),
            definition: "id = \"bench\"".to_owned(),
            base: None,
            queries: Vec::new(),
            schedule: None,
            time_zone: "UTC".to_owned(),
            settings: BTreeMap::new(),
        };
        sources.push(app.store.save_source("bench", &draft).await?);
    }
    let mut truth: BTreeMap<i64, bool> = BTreeMap::new();
    let mut sellers = Sellers::default();
    for (at, source) in sources.iter().enumerate() {
        let share = wanted.cases / SOURCES + usize::from(at < wanted.cases % SOURCES);
        let keys: Vec<(String, String)> = (0..share)
            .map(|n| (n.to_string(), "{}".to_owned()))
            .collect();
        let scan = app.store.start_scan(*source, "bench", &keys).await?;
        loop {
            let leases = app.store.lease(scan, "bench", AT_ONCE, 3600).await?;
            if leases.is_empty() {
                break;
            }
            let mut works = Vec::with_capacity(leases.len());
            let mut infringing = Vec::with_capacity(leases.len());
            for lease in leases {
                let which = skewed(&mut rng, goods.len());
                let infringes = rng.random::<f64>() < INFRINGING;
                infringing.push(infringes);
                works.push(Work {
                    lease_id: lease.id,
                    worker: "bench".to_owned(),
                    scan_id: scan,
                    source_id: *source,
                    captures: vec![capture(app, &lease.id.to_string())],
                    targets: Vec::new(),
                    listing: Some(listing(
                        app,
                        &mut rng,
                        &goods[which],
                        &photos,
                        (which, infringes),
                        &mut sellers,
                        lease.id,
                    )?),
                    outcome: Outcome::Done,
                });
            }
            for (written, infringes) in app.store.finish_works(&works).await?.iter().zip(infringing)
            {
                truth.extend(written.cases.iter().map(|case| (*case, infringes)));
            }
            said(truth.len());
        }
        app.store.finish_scan(scan, "done", None).await?;
    }
    let mut written = truth.len();
    while written < wanted.listings {
        let count = (wanted.listings - written).min(20_000);
        let source = sources[written / 20_000 % SOURCES];
        app.store
            .seed_listings(source, number(written), number(count))
            .await?;
        written += count;
        said(written);
    }
    app.store.refresh_statistics().await?;
    let mut made = compare(&app.store.case_places().await?, &truth);
    made.products = goods.len();
    made.listings = written;
    Ok(made)
}

fn number(of: usize) -> i64 {
    i64::try_from(of).unwrap_or(i64::MAX)
}

/// How the cards compare with the truth.
fn compare(places: &[(i64, i64, i64, String, String)], truth: &BTreeMap<i64, bool>) -> Made {
    let mut cards: BTreeMap<i64, (BTreeSet<i64>, usize, usize)> = BTreeMap::new();
    for (case, cluster, product, ..) in places {
        let Some(infringes) = truth.get(case) else {
            continue;
        };
        let (products, yes, no) = cards.entry(*cluster).or_default();
        products.insert(*product);
        *(if *infringes { yes } else { no }) += 1;
    }
    Made {
        cases: truth.len(),
        cards: cards.len(),
        of_two_products: cards.values().filter(|card| card.0.len() > 1).count(),
        mixed: cards
            .values()
            .filter(|(_, yes, no)| *yes > 0 && *no > 0)
            .count(),
        outvoted: cards.values().map(|(_, yes, no)| yes.min(no)).sum(),
        largest: cards
            .values()
            .map(|(_, yes, no)| yes + no)
            .max()
            .unwrap_or(0),
        ..Made::default()
    }
}

fn photos(app: &App) -> Result<Vec<Photo>, SeedError> {
    let folder = tempfile::tempdir()?;
    let sample = write_sample_catalog(folder.path())?;
    let mut files: Vec<_> = std::fs::read_dir(&sample.images)?.collect::<Result<_, _>>()?;
    files.sort_by_key(std::fs::DirEntry::file_name);
    let mut photos = Vec::with_capacity(files.len());
    for file in files {
        let bytes = std::fs::read(file.path())?;
        let picture = Picture::decode(&bytes, &DecodeLimits::default())?;
        let name = file.file_name().to_string_lossy().into_owned();
        let own = look(app, &bytes)?;
        let mut shown = Vec::new();
        for side in SIDES {
            let bytes = picture.thumbnail_jpeg(side);
            shown.push((format!("{side}-{name}"), look(app, &bytes)?));
        }
        photos.push(Photo {
            reference: ReferenceDraft {
                file_name: name.clone(),
                blob: own.blob,
                width: own.width,
                height: own.height,
                format: own.format,
                algorithm: own.algorithm,
                hashes: own.hashes,
            },
            file: name,
            pixels: image::load_from_memory(&picture.thumbnail_jpeg(320))?.to_rgb8(),
            shown,
        });
    }
    Ok(photos)
}

fn look(app: &App, bytes: &[u8]) -> Result<DecodedPicture, SeedError> {
    let pixels = GreyPicture::decode(bytes, &DecodeLimits::default())?;
    Ok(DecodedPicture {
        blob: app.blobs.put(bytes)?,
        width: pixels.full_width(),
        height: pixels.full_height(),
        format: pixels.format().to_owned(),
        algorithm: ALGORITHM.to_owned(),
        hashes: Fingerprint::compute(&pixels).to_bytes(),
    })
}

/// A photo that nobody else has: a piece of one of ours. Its fingerprint is left
/// out, as it is alike no other.
fn own_photo(app: &App, rng: &mut StdRng, photos: &[Photo]) -> Result<DecodedPicture, SeedError> {
    let pixels = &photos[rng.random_range(0..photos.len())].pixels;
    let (w, h) = pixels.dimensions();
    let (w, h) = (rng.random_range(w / 3..w), rng.random_range(h / 3..h));
    let x = rng.random_range(0..=pixels.width() - w);
    let y = rng.random_range(0..=pixels.height() - h);
    let piece = image::imageops::crop_imm(pixels, x, y, w, h).to_image();
    let mut bytes = Vec::new();
    JpegEncoder::new_with_quality(&mut bytes, 70).encode_image(&piece)?;
    Ok(DecodedPicture {
        blob: app.blobs.put(&bytes)?,
        width: w,
        height: h,
        format: "jpeg".to_owned(),
        algorithm: ALGORITHM.to_owned(),
        hashes: Vec::new(),
    })
}

async fn goods(
    app: &App,
    photos: &[Photo],
    cases: usize,
    rng: &mut StdRng,
) -> Result<Vec<Goods>, SeedError> {
    let folder = tempfile::tempdir()?;
    let sample = write_sample_catalog(folder.path())?;
    let reading = catalog::read(&sample.csv, Some(&sample.images))?;
    catalog::import(app, "bench", &reading, |_, _| {}).await?;
    let brands = app.store.brands().await?;
    const FIRST: [&str; 12] = [
        "Alder", "Brisk", "Corvin", "Delta", "Ember", "Fjell", "Garnet", "Halden", "Isar",
        "Juniper", "Kestrel", "Lumen",
    ];
    const SECOND: [&str; 10] = [
        "chair", "lamp", "shoe", "bag", "watch", "speaker", "vase", "jacket", "tent", "camera",
    ];
    let mut goods = Vec::new();
    for number in 0..(cases / CASES_OF_A_PRODUCT).clamp(4, 4000) {
        let photo = number % photos.len();
        let msrp = (3.0 + rng.random::<f64>() * 5.0).exp().round();
        let name = format!(
            "{} {} {}",
            FIRST[number % FIRST.len()],
            SECOND[number / FIRST.len() % SECOND.len()],
            number + 100
        );
        let brand = brands[number % brands.len()].clone();
        let sku = format!("MADE-{number:04}");
        let draft = ProductDraft {
            sku: sku.clone(),
            brand: brand.clone(),
            name: name.clone(),
            category: None,
            model_numbers: vec![format!("M{}", number + 100)],
            aliases: Vec::new(),
            keywords: Vec::new(),
            msrp: Some(format!("{msrp}")),
            currency: Some("EUR".to_owned()),
            countries: Vec::new(),
            classification: None,
            released: None,
            authorised_sellers: Vec::new(),
            rights: Vec::new(),
        };
        let reference = [photos[photo].reference.clone()];
        app.store.save_product("bench", &draft, &reference).await?;
        let id = app.store.product(&sku).await?.id;
        let reference = app.store.reference_photos_of(id).await?;
        goods.push(Goods {
            id,
            brand,
            name,
            msrp,
            photo,
            reference: reference.first().map_or(-1, |photo| photo.id),
        });
    }
    Ok(goods)
}

fn capture(app: &App, item: &str) -> CaptureDraft {
    let url = format!("https://shop.example/item/{item}");
    CaptureDraft {
        kind: "item".to_owned(),
        url: url.clone(),
        final_url: url,
        status: 200,
        request: "[]".to_owned(),
        headers: "[]".to_owned(),
        hops: "[]".to_owned(),
        peer: None,
        blob: "00".repeat(32),
        size: 0,
        fetched_at: app.clock.millis(),
        warc: None,
        directives: Vec::new(),
    }
}

/// A few are copied much, most of them little.
fn skewed(rng: &mut StdRng, below: usize) -> usize {
    let share = rng.random::<f64>().powi(2);
    ((share * below as f64) as usize).min(below - 1)
}

/// What sellers have of their own.
#[derive(Default)]
struct Sellers {
    /// Titles of copies, by product.
    titles: BTreeMap<usize, Vec<String>>,
    photos: BTreeMap<String, DecodedPicture>,
}

fn listing(
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cards_are_compared_with_the_truth() {
        let place =
            |case, cluster, product| (case, cluster, product, String::new(), "open".to_owned());
        let places = [
            place(1, 7, 1),
            place(2, 7, 1),
            place(3, 7, 1),
            place(4, 8, 1),
            place(5, 9, 1),
            place(6, 9, 2),
        ];
        let truth = BTreeMap::from([
            (1, true),
            (2, true),
            (3, false),
            (4, false),
            (5, true),
            (6, true),
        ]);
        let made = compare(&places, &truth);
        assert_eq!((made.cases, made.cards), (6, 3));
        assert_eq!((made.of_two_products, made.mixed, made.outvoted), (1, 1, 1));
        assert_eq!(made.largest, 3);
    }
}
