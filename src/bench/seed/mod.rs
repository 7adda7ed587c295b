//! A made database of any size for measuring the review page: cases as a night
//! leaves them, of which the truth is known, and listings that concern nobody.
//!
//! How sellers share photos and words is assumed, not measured; the numbers are
//! the constants here and in `listing.rs`. The photos are those of the sample catalog, in three sizes.

mod listing;
mod photos;

use std::collections::{BTreeMap, BTreeSet};

use markhound_fixtures::write_sample_catalog;
use markhound_index::image::DecodeError;
use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};
use serde::Serialize;

use crate::app::App;
use crate::blobs::BlobError;
use crate::catalog;
use crate::store::StoreError;
use crate::store::import::ProductDraft;
use crate::store::sources::SourceDraft;
use crate::store::work::{CaptureDraft, Outcome, Work};
use listing::{Sellers, listing, skewed};
use photos::{Photo, photos};

/// Marketplaces.
const SOURCES: usize = 6;
/// Cases a product has, about: a catalog grows with what is found for it.
const CASES_OF_A_PRODUCT: usize = 60;
/// Of the cases, so many infringe.
const INFRINGING: f64 = 0.85;
/// Works written in one transaction.
const AT_ONCE: u32 = 50;

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
                    signal: None,
                    results: None,
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
            model_numbers: vec![format!("M{}", number + 100)],
            msrp: Some(format!("{msrp}")),
            currency: Some("EUR".to_owned()),
            ..ProductDraft::default()
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
