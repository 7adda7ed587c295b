//! Searches by the catalog's reference photos, where a source can.
//!
//! A frontier row names the photo by its SHA-256. The photo itself is read,
//! made smaller and put into the request when it is asked for, and the rights
//! to show it are looked at once more then.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use markhound_crawlers::discover::{self, NamedImage};
use markhound_crawlers::{Definition, Target};
use markhound_index::image::{DecodeLimits, Picture};

use super::ScanError;
use super::plan;
use crate::app::App;
use crate::blobs::Blobs;
use crate::store::matching::Matching;
use crate::store::products::Product;
use crate::store::sources::Source;

/// How a photo's name begins in the frontier; its SHA-256 follows.
const NAME: &str = "photo:";
/// Searches by photos spend at most this part of a source's daily quota.
const QUOTA_SHARE: u64 = 10;
/// The longer sides tried, in pixels, until the photo is small enough.
const SIDES: [u32; 4] = [1000, 700, 480, 320];
/// The largest photo that is sent, in bytes, whatever a marketplace would take.
const MOST_BYTES: usize = 1 << 20;

/// The photos that a scan searches by: those of products that are no secret,
/// the first of every product before the second of any. Where they are more
/// than the configuration and the source's quota allow, the next scan begins
/// where this one stops. None for a source that cannot search so.
///
/// # Errors
/// When the database cannot be read.
pub async fn plan(
    app: &App,
    source: &Source,
    definition: &Definition,
    products: &[Product],
    skus: &[String],
) -> Result<Vec<NamedImage>, ScanError> {
    let most = most(app, definition);
    if most == 0 || !definition.can_search_by_image() {
        return Ok(Vec::new());
    }
    let photos = ranked(app, products, skus).await?;
    if photos.len() <= most {
        return Ok(photos);
    }
    let scans = app.store.scans_of(source.id).await?;
    let start = usize::try_from(scans)
        .unwrap_or(0)
        .wrapping_mul(most)
        .checked_rem(photos.len())
        .unwrap_or(0);
    let from_there = photos.iter().cycle().skip(start);
    Ok(from_there.take(most).cloned().collect())
}

/// How many photos one scan searches by.
fn most(app: &App, definition: &Definition) -> usize {
    let quota = definition
        .daily_quota()
        .and_then(|quota| usize::try_from(quota / QUOTA_SHARE).ok());
    let configured = app.config.fetch.photo_searches;
    quota.map_or(configured, |quota| configured.min(quota))
}

/// All photos that may be searched by, each once.
async fn ranked(
    app: &App,
    products: &[Product],
    skus: &[String],
) -> Result<Vec<NamedImage>, ScanError> {
    let wanted: BTreeMap<i64, &Product> = products
        .iter()
        .filter(|product| skus.is_empty() || skus.contains(&product.sku))
        .filter(|product| plan::is_public(product, app.clock.now()))
        .map(|product| (product.id, product))
        .collect();
    let secret = secret_blobs(app, products).await?;
    let mut rank: BTreeMap<i64, usize> = BTreeMap::new();
    let mut seen = BTreeSet::new();
    let mut photos = Vec::new();
    for photo in app.store.reference_names().await? {
        let Some(product) = wanted.get(&photo.product_id) else {
            continue;
        };
        if photo.matching == Matching::Never
            || secret.contains(&photo.blob)
            || !seen.insert(photo.blob.clone())
        {
            continue;
        }
        let rank = rank.entry(photo.product_id).or_default();
        photos.push((*rank, photo.product_id, named(&product.sku, &photo.blob)));
        *rank += 1;
    }
    photos.sort_by_key(|(rank, product, _)| (*rank, *product));
    Ok(photos.into_iter().map(|(_, _, photo)| photo).collect())
}

/// The photos that belong to a product which is a secret too.
async fn secret_blobs(app: &App, products: &[Product]) -> Result<BTreeSet<String>, ScanError> {
    let secret: BTreeSet<i64> = products
        .iter()
        .filter(|product| !plan::is_public(product, app.clock.now()))
        .map(|product| product.id)
        .collect();
    if secret.is_empty() {
        return Ok(BTreeSet::new());
    }
    let photos = app.store.reference_names().await?.into_iter();
    let theirs = photos.filter(|photo| secret.contains(&photo.product_id));
    Ok(theirs.map(|photo| photo.blob).collect())
}

fn named(sku: &str, blob: &str) -> NamedImage {
    NamedImage {
        sku: sku.to_owned(),
        name: format!("{NAME}{blob}"),
    }
}

/// A target as it is asked for, with the photo it searches by in its place; or
/// why that may or can not be asked for any more. Every other target is given
/// back as it is.
///
/// # Errors
/// When the database cannot be read.
pub(super) async fn posted<'t>(
    app: &App,
    definition: &Definition,
    target: &'t Target,
) -> Result<Result<Cow<'t, Target>, String>, ScanError> {
    let Some(image) = discover::image_of(definition, target) else {
        return Ok(Ok(Cow::Borrowed(target)));
    };
    let Some(blob) = image.name.strip_prefix(NAME) else {
        return Ok(Ok(Cow::Borrowed(target)));
    };
    let products = app.store.products_with_photo(blob).await?;
    if !products.iter().any(|product| product.sku == image.sku) {
        return Ok(Err(format!("{} has this photo no longer", image.sku)));
    }
    if let Some(secret) = products
        .iter()
        .find(|product| !plan::is_public(product, app.clock.now()))
    {
        let sku = &secret.sku;
        return Ok(Err(format!(
            "the photo is not shown to marketplaces: {sku} is not public"
        )));
    }
    let most = definition.largest_image().unwrap_or(0).min(MOST_BYTES);
    let (blobs, blob) = (app.blobs.clone(), blob.to_owned());
    let small = tokio::task::spawn_blocking(move || shrunk(&blobs, &blob, most))
        .await
        .map_err(|e| ScanError::Task(e.to_string()))?;
    Ok(small.and_then(|jpeg| {
        discover::with_image(definition, target, &jpeg)
            .map(Cow::Owned)
            .ok_or_else(|| "the definition does not search by photos any more".to_owned())
    }))
}

/// A photo as a JPEG of at most `most` bytes. Blocks.
fn shrunk(blobs: &Blobs, blob: &str, most: usize) -> Result<Vec<u8>, String> {
    let bytes = blobs.get(blob).map_err(|error| error.to_string())?;
    let picture = Picture::decode(&bytes, &DecodeLimits::default())
        .map_err(|error| format!("the reference photo cannot be read: {error}"))?;
    SIDES
        .iter()
        .map(|side| picture.thumbnail_jpeg(*side))
        .find(|jpeg| !jpeg.is_empty() && jpeg.len() <= most)
        .ok_or_else(|| format!("the photo cannot be made smaller than {most} bytes"))
}
