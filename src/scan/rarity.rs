//! How rare words are among the listings that were captured: what the catalog's
//! words are weighed by.

use std::sync::Arc;
use std::time::Duration;

use markhound_index::text::{Rarity, RarityError};

use crate::app::App;
use crate::hunt::listings::Listings;
use crate::store::StoreError;
use crate::store::products::Product;

/// How long the listing index may take to take in what is missing.
const PATIENCE: Duration = Duration::from_secs(10);

/// Why there are no counts at all.
#[derive(Debug, thiserror::Error)]
pub enum RarityFailed {
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The table that ships is damaged.
    #[error("cannot read the built-in word counts: {0}; this is a fault of the program")]
    Shipped(#[from] RarityError),
}

/// Counted in the listing index, without the listings that name one of these
/// products' brands. Where too little was captured, or the index cannot be had
/// or brought up to date soon, the table that ships: so what is counted follows
/// from the database alone.
///
/// # Errors
/// [`RarityFailed`].
pub async fn of_listings(app: &App, products: &[Arc<Product>]) -> Result<Rarity, RarityFailed> {
    let shipped = Rarity::built_in()?;
    let captured = app.store.listing_clock().await?.change;
    if u64::try_from(captured).unwrap_or(0) < Rarity::ENOUGH {
        return Ok(shipped);
    }
    let listings = Listings::of(&app.store, &app.data_dir);
    let ready = match listings.ready(Some(PATIENCE), None).await {
        Ok(ready) if ready.behind == 0 => ready,
        Ok(ready) => {
            tracing::info!(
                behind = ready.behind,
                "the listing index is behind; words are weighed by the table that ships"
            );
            return Ok(shipped);
        }
        // A scan does not fail for want of it; whoever searches is told.
        Err(error) => {
            tracing::warn!(%error, "words are weighed by the table that ships");
            return Ok(shipped);
        }
    };
    let names: Vec<String> = products.iter().flat_map(|product| names(product)).collect();
    let counting = tokio::task::spawn_blocking(move || {
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        ready.index.rarity(&names)
    });
    match counting.await {
        Ok(Ok(counted)) if counted.is_enough() => Ok(counted),
        Ok(Ok(_)) => Ok(shipped),
        Ok(Err(error)) => {
            tracing::warn!(%error, "words are weighed by the table that ships");
            Ok(shipped)
        }
        Err(error) => {
            tracing::warn!(%error, "words are weighed by the table that ships");
            Ok(shipped)
        }
    }
}

fn names(product: &Product) -> impl Iterator<Item = String> {
    let aliases = product.aliases.0.iter().cloned();
    std::iter::once(product.brand.clone()).chain(aliases)
}
