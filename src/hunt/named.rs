//! The listings whose text speaks for some products of the catalog: read among those
//! that the listing index proposes, or among all.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use futures::{StreamExt as _, TryStreamExt as _, stream};
use markhound_crawlers::Listing;
use markhound_index::listings::Wanted;
use markhound_index::text::normalise;

use super::listings::{Listings, ListingsError};
use super::{HuntError, WORKERS};
use crate::app::App;
use crate::scan::matcher::{Matcher, in_words};
use crate::store::StoreError;
use crate::store::hunts::StoredListing;

/// Listings whose text is read at a time.
const LISTINGS: u32 = 200;

/// Who is told how many texts were read, of how many.
type Told<'a> = &'a (dyn Fn(u64, u64) + Send + Sync);

/// What was read and found.
pub(super) struct Named {
    /// Listings whose text was read.
    pub(super) read: u64,
    /// Those that speak for one of the products.
    pub(super) listings: BTreeSet<i64>,
}

/// Finds them. Without `all`, texts that the listing index does not propose are left
/// unread.
pub(super) async fn listings(
    app: &App,
    matcher: &Arc<Matcher>,
    products: HashSet<i64>,
    all: bool,
    told: Told<'_>,
) -> Result<Named, HuntError> {
    let ids = if all {
        None
    } else {
        proposed(app, matcher, &products).await?
    };
    let products = Arc::new(products);
    let (read, listings) = match ids {
        Some(ids) => named_among(app, matcher, products, ids, told).await?,
        None => named(app, matcher, products, told).await?,
    };
    Ok(Named { read, listings })
}

/// The listings whose text may speak for one of the products, by the listing
/// index; nothing when reading all texts is no more work, or the index fails.
async fn proposed(
    app: &App,
    matcher: &Arc<Matcher>,
    products: &HashSet<i64>,
) -> Result<Option<Vec<i64>>, HuntError> {
    let all = u64::try_from(app.store.listing_count().await?).unwrap_or(0);
    let wanted = wanted(matcher, products);
    let asked = async {
        let ready = Listings::of(&app.store, &app.data_dir)
            .ready(None, None)
            .await?;
        let index = ready.index.clone();
        let ids = tokio::task::spawn_blocking(move || index.candidates(&wanted)).await??;
        ready.settled().await;
        Ok::<_, ListingsError>(ids)
    };
    match asked.await {
        // Reading one by one costs more than reading through.
        Ok(ids) if ids.len() as u64 > all / 3 => Ok(None),
        Ok(ids) => Ok(Some(
            ids.into_iter()
                .filter_map(|id| i64::try_from(id).ok())
                .collect(),
        )),
        Err(ListingsError::Store(error)) => Err(error.into()),
        Err(why) => {
            tracing::warn!("{why}; all texts are read instead");
            Ok(None)
        }
    }
}

/// The products in words, each with those of its brand's other products.
fn wanted(matcher: &Matcher, products: &HashSet<i64>) -> Vec<Wanted> {
    let brand = |name: &str| normalise(name).squeezed().to_owned();
    let mut brands: HashMap<String, Vec<String>> = HashMap::new();
    for product in matcher.products() {
        let words = brands.entry(brand(&product.brand)).or_default();
        words.push(product.name.clone());
        words.extend(product.keywords.iter().cloned());
        words.extend(product.category.clone());
    }
    let known = products.iter().filter_map(|id| matcher.product(*id));
    known
        .map(|product| Wanted {
            product: in_words(product),
            brand_words: brands
                .get(&brand(&product.brand))
                .cloned()
                .unwrap_or_default(),
        })
        .collect()
}

/// Of the listings proposed, those whose text speaks for one of the products.
async fn named_among(
    app: &App,
    matcher: &Arc<Matcher>,
    products: Arc<HashSet<i64>>,
    ids: Vec<i64>,
    told: Told<'_>,
) -> Result<(u64, BTreeSet<i64>), HuntError> {
    let of = ids.len() as u64;
    let batches: Vec<Vec<i64>> = ids.chunks(LISTINGS as usize).map(<[i64]>::to_vec).collect();
    let mut read = stream::iter(batches)
        .map(|ids| {
            let (matcher, products) = (matcher.clone(), products.clone());
            async move {
                let mut rows = Vec::with_capacity(ids.len());
                for id in ids {
                    match app.store.stored_listing(id).await {
                        Ok(row) => rows.push(row),
                        // It is gone since.
                        Err(StoreError::NotFound { .. }) => {}
                        Err(error) => return Err(error.into()),
                    }
                }
                let read = move || spoken_for(&matcher, &products, rows);
                Ok::<_, HuntError>(tokio::task::spawn_blocking(read).await?)
            }
        })
        .buffered(WORKERS);
    let mut listings = BTreeSet::new();
    let mut done = 0;
    while let Some(outcome) = read.next().await {
        let (count, found) = outcome?;
        done += count;
        listings.extend(found);
        told(done, of.max(done));
    }
    Ok((done, listings))
}

/// How many listings were read, and which of them speak for one of the products.
fn spoken_for(
    matcher: &Matcher,
    products: &HashSet<i64>,
    rows: Vec<StoredListing>,
) -> (u64, Vec<i64>) {
    let count = rows.len() as u64;
    let mut found = Vec::new();
    for row in rows {
        // A damaged one is told when it is matched, if it comes to that.
        let Ok(listing) = serde_json::from_str::<Listing>(&row.data) else {
            continue;
        };
        let named = matcher.named(&listing.title, listing.description.as_deref());
        if named.is_some_and(|product| products.contains(&product)) {
            found.push(row.id);
        }
    }
    (count, found)
}

/// The listings whose text speaks for one of the products, of all; and how many
/// were read.
async fn named(
    app: &App,
    matcher: &Arc<Matcher>,
    products: Arc<HashSet<i64>>,
    told: Told<'_>,
) -> Result<(u64, BTreeSet<i64>), HuntError> {
    let store = &app.store;
    let of = u64::try_from(store.listing_count().await?).unwrap_or(0);
    let batches = stream::try_unfold((store.clone(), 0), |(store, after)| async move {
        let rows = store.stored_listings(after, LISTINGS).await?;
        let last = rows.last().map(|row| row.id);
        Ok::<_, HuntError>(last.map(|last| (rows, (store, last))))
    });
    let matcher = matcher.clone();
    let mut read = batches
        .map_ok(move |rows| {
            let (matcher, products) = (matcher.clone(), products.clone());
            let read = move || spoken_for(&matcher, &products, rows);
            async move { Ok(tokio::task::spawn_blocking(read).await?) }
        })
        .try_buffered(WORKERS)
        .boxed();
    let mut listings = BTreeSet::new();
    let mut done = 0;
    while let Some((count, found)) = read.try_next().await? {
        done += count;
        listings.extend(found);
        told(done, of.max(done));
    }
    Ok((done, listings))
}
