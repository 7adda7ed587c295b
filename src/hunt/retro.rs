//! The retro-hunt: products that came into the catalog after listings were
//! captured are searched for in all of them, and what a scan would have queued
//! is queued.
//!
//! A listing is concerned when one of its pictures shows a reference photo of
//! the products, or when its text speaks for one of them; it is then matched in
//! full, by [`Matcher::cases`], as a scan does. Which texts are read is proposed by
//! the listing index; without one, or when it proposes most of them, all are.

use std::collections::{BTreeSet, HashSet};
use std::sync::Arc;

use futures::{StreamExt as _, stream};
use markhound_crawlers::Listing;
use markhound_index::image::{Fingerprint, ReferenceIndex};
use serde::Serialize;
use serde_json::json;

use super::{Coverage, HuntError, WORKERS, named, read, sweep};
use crate::app::App;
use crate::catalog::references::ReferencesError;
use crate::scan::matcher::{Matcher, MatcherError, Past};
use crate::store::StoreError;
use crate::store::cases::CaseDraft;
use crate::store::hunts::{Change, Queued, StoredListing};

/// How often a listing is matched anew when a scan sees it meanwhile.
const TRIES: u32 = 3;

/// What is hunted for, and what is done with it.
#[derive(Debug, Clone)]
pub struct Hunt {
    /// SKUs; none for the products that were not hunted yet as they are now.
    pub skus: Vec<String>,
    /// Whether every listing's text is read, not only those that the listing index
    /// proposes.
    pub all_texts: bool,
    /// Whether cases are opened and updated, or only told.
    pub queue: bool,
    /// Who the audit log names.
    pub actor: String,
}

/// A case over the threshold.
#[derive(Debug, Clone, Serialize)]
pub struct Row {
    /// The case; none when it would be opened.
    pub case: Option<i64>,
    /// What became of it.
    pub change: Change,
    /// The listing.
    pub listing_id: i64,
    /// The source's name.
    pub source: String,
    /// The marketplace's own identifier.
    pub item_id: String,
    /// Title as written.
    pub title: String,
    /// Canonical address.
    pub url: String,
    /// The product's SKU.
    pub sku: String,
    /// Probability of infringement, 0 to 1.
    pub score: f64,
    /// Kind of infringement.
    pub kind: Option<String>,
    /// SHA-256 of the picture that matched.
    pub picture_blob: Option<String>,
}

/// What is told while it goes on.
#[derive(Debug)]
pub enum Event {
    /// Pictures searched, of all.
    Pictures(u64, u64),
    /// Listings whose text was read, of all.
    Texts(u64, u64),
    /// Listings matched in full, of those concerned.
    Matched(u64, u64),
    /// A case over the threshold.
    Case(Box<Row>),
    /// A listing could not be matched; the others go on.
    Failed {
        /// The listing.
        listing_id: i64,
        /// Why.
        why: String,
    },
}

/// What was done.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Report {
    /// SKUs of the products hunted for.
    pub products: Vec<String>,
    /// Their reference photos.
    pub photos: u64,
    /// Pictures looked at.
    #[serde(flatten)]
    pub coverage: Coverage,
    /// Listings whose text was read.
    pub texts: u64,
    /// Listings matched in full.
    pub concerned: u64,
    /// Cases opened, or that would be.
    pub opened: u64,
    /// Cases updated, or that would be.
    pub updated: u64,
    /// Cases that are as they were.
    pub unchanged: u64,
    /// Listings that could not be matched.
    pub failed: u64,
    /// Whether the products and photos count as hunted from now on.
    pub remembered: bool,
}

type Observer<'a> = &'a (dyn Fn(Event) + Send + Sync);

/// Hunts. Doing it twice changes nothing the second time.
///
/// # Errors
/// [`HuntError`]; cases written until then stay.
pub async fn run(app: &App, hunt: &Hunt, observer: Observer<'_>) -> Result<Report, HuntError> {
    let store = &app.store;
    let skus = if hunt.skus.is_empty() {
        store.unhunted_products().await?
    } else {
        hunt.skus.clone()
    };
    let mut report = Report {
        products: skus,
        ..Report::default()
    };
    if report.products.is_empty() {
        return Ok(report);
    }
    let matcher = Arc::new(Matcher::load(app).await?);
    let mut products = HashSet::new();
    let mut prints = Vec::new();
    let mut photos = Vec::new();
    let mut index = ReferenceIndex::new();
    for sku in &report.products {
        let product = store.product(sku).await?;
        if product.removed_at.is_some() {
            return Err(StoreError::removed(sku).into());
        }
        products.insert(product.id);
        prints.push((product.id, product.fingerprint.clone()));
        for photo in store.reference_photos_of(product.id).await? {
            let hashes = Fingerprint::from_bytes(&photo.hashes);
            let hashes = hashes.map_err(|why| ReferencesError::Hashes {
                file: photo.file_name.clone(),
                product: product.id,
                why,
            });
            if matcher.references().set_aside(photo.id).is_none() {
                index.insert(photo.id, product.id, &hashes.map_err(MatcherError::from)?);
            }
            photos.push(photo.id);
        }
    }
    report.photos = photos.len() as u64;

    let mut pictures = Vec::new();
    let told = |done, of| observer(Event::Pictures(done, of));
    report.coverage = sweep(store, Arc::new(index), None, &told, |hit| {
        pictures.push(hit.picture);
    })
    .await?;
    let told = |done, of| observer(Event::Texts(done, of));
    let named = named::listings(app, &matcher, products, hunt.all_texts, &told).await?;
    let mut concerned = named.listings;
    report.texts = named.read;
    for picture in pictures {
        concerned.extend(store.listings_showing(picture).await?);
    }
    report.concerned = concerned.len() as u64;
    match_all(app, hunt, &matcher, concerned, observer, &mut report).await?;

    if hunt.queue {
        // Photos are hunted for again while something could not be looked at.
        report.remembered = report.failed == 0 && report.coverage.left_out() == 0;
        if !report.remembered {
            prints.clear();
            photos.clear();
        }
        let detail = json!({ "report": report });
        store
            .end_retro_hunt(&hunt.actor, &prints, &photos, &detail)
            .await?;
    }
    Ok(report)
}

async fn match_all(
    app: &App,
    hunt: &Hunt,
    matcher: &Arc<Matcher>,
    listings: BTreeSet<i64>,
    observer: Observer<'_>,
    report: &mut Report,
) -> Result<(), HuntError> {
    let of = listings.len() as u64;
    let mut outcomes = stream::iter(listings)
        .map(|id| async move { (id, match_one(app, hunt, matcher, id).await) })
        .buffered(WORKERS);
    let mut done = 0;
    while let Some((listing_id, outcome)) = outcomes.next().await {
        match outcome? {
            Ok(rows) => {
                for row in rows {
                    match row.change {
                        Change::Opened => report.opened += 1,
                        Change::Updated => report.updated += 1,
                        Change::Unchanged => report.unchanged += 1,
                    }
                    observer(Event::Case(Box::new(row)));
                }
            }
            Err(why) => {
                report.failed += 1;
                observer(Event::Failed { listing_id, why });
            }
        }
        done += 1;
        observer(Event::Matched(done, of));
    }
    Ok(())
}

/// Matches one listing as stored; the inner error is the listing's own.
async fn match_one(
    app: &App,
    hunt: &Hunt,
    matcher: &Arc<Matcher>,
    id: i64,
) -> Result<Result<Vec<Row>, String>, HuntError> {
    for _ in 0..TRIES {
        let stored = app.store.stored_listing(id).await?;
        let listing: Listing = match serde_json::from_str(&stored.data) {
            Ok(listing) => listing,
            Err(why) => {
                return Ok(Err(format!(
                    "the stored listing cannot be read: {why}; scan its source again"
                )));
            }
        };
        let cases = cases(app, matcher, &stored, listing.clone()).await?;
        let queued = if hunt.queue {
            app.store.queue_cases(&hunt.actor, &stored, &cases).await?
        } else {
            as_they_stand(app, id, &cases).await?
        };
        if queued.kept {
            return Ok(Ok(rows(matcher, &stored, &listing, &cases, &queued)));
        }
    }
    Ok(Err("a scan keeps seeing it; it is matched there".to_owned()))
}

async fn cases(
    app: &App,
    matcher: &Arc<Matcher>,
    stored: &StoredListing,
    listing: Listing,
) -> Result<Vec<CaseDraft>, HuntError> {
    let store = &app.store;
    let pictures = store.fingerprints_of_listing(stored.id).await?;
    let blobs: Vec<String> = pictures.iter().map(|row| row.blob.clone()).collect();
    let item = listing.item_id.clone();
    let past = Past {
        history: match &listing.seller {
            Some(seller) => {
                store
                    .seller_history_beside(stored.source_id, seller, &item)
                    .await?
            }
            None => (0, 0),
        },
        relisting: store
            .was_confirmed_with(stored.source_id, &item, &blobs)
            .await?,
    };
    let (matcher, source) = (matcher.clone(), stored.source.clone());
    let threshold = app.config.review.threshold;
    let cases = tokio::task::spawn_blocking(move || {
        let mut counted = Coverage::default();
        let hashes: Vec<(&str, Fingerprint)> = pictures
            .iter()
            .filter_map(|row| Some((row.blob.as_str(), read(row, &mut counted)?)))
            .collect();
        let hashed: Vec<(&str, &Fingerprint)> = hashes
            .iter()
            .map(|(blob, hashes)| (*blob, hashes))
            .collect();
        matcher.cases(&source, &listing, &hashed, past, threshold)
    });
    Ok(cases.await?)
}

/// What [`crate::store::Store::queue_cases`] would write.
async fn as_they_stand(app: &App, listing: i64, cases: &[CaseDraft]) -> Result<Queued, HuntError> {
    let mut queued = Queued {
        kept: true,
        ..Queued::default()
    };
    for case in cases {
        let known = app.store.case_of(listing, case.product_id).await?;
        queued.cases.push(match known {
            None => (None, Change::Opened),
            Some((id, hash)) if hash == case.evidence_hash() => (Some(id), Change::Unchanged),
            Some((id, _)) => (Some(id), Change::Updated),
        });
    }
    Ok(queued)
}

fn rows(
    matcher: &Matcher,
    stored: &StoredListing,
    listing: &Listing,
    cases: &[CaseDraft],
    queued: &Queued,
) -> Vec<Row> {
    let row = |(case, (id, change)): (&CaseDraft, &(Option<i64>, Change))| Row {
        case: *id,
        change: *change,
        listing_id: stored.id,
        source: stored.source.clone(),
        item_id: listing.item_id.clone(),
        title: listing.title.clone(),
        url: listing.url.to_string(),
        sku: matcher
            .product(case.product_id)
            .map_or_else(String::new, |product| product.sku.clone()),
        score: case.score,
        kind: case.kind.clone(),
        picture_blob: case.picture_blob.clone(),
    };
    cases.iter().zip(&queued.cases).map(row).collect()
}
