//! Making a matcher of the database, whole or of what changed.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use markhound_index::score::ScoreModel;
use markhound_index::text::{CatalogProduct, CatalogTextIndex, LayeredTextIndex, Rarity};

use super::{Matcher, MatcherError, in_words};
use crate::app::App;
use crate::catalog::rates::Rates;
use crate::catalog::references::References;
use crate::scan::audit::Audit;
use crate::scan::listed::ListedHashes;
use crate::scan::rarity;
use crate::store::StoreError;
use crate::store::products::Product;

/// Where more products changed since the text index was built, it is built anew.
const MOST_CHANGED: usize = 500;

impl Matcher {
    /// Builds the indexes from the database.
    ///
    /// # Errors
    /// [`MatcherError`].
    pub async fn load(app: &App) -> Result<Self, MatcherError> {
        // Before the products: a change in between makes it look old, not new.
        let version = app.store.catalog_version().await?;
        let products = app.store.products().await?;
        let products: HashMap<i64, Arc<Product>> = products
            .into_iter()
            .map(|product| (product.id, Arc::new(product)))
            .collect();
        let ordered = in_order(products.values());
        let references = References::of(&app.store, &app.data_dir, &ordered).await?;
        let (text, rarity) = text_of(app, &ordered).await?;
        let parts = Parts {
            version,
            products,
            references: Arc::new(references),
            text,
            rarity,
        };
        Self::with(app, parts).await
    }

    /// As [`Matcher::load`], from one that was loaded before: of a large catalog
    /// only the products that changed since are read and indexed.
    ///
    /// # Errors
    /// [`MatcherError`].
    pub async fn reload(&self, app: &App) -> Result<Self, MatcherError> {
        let store = &app.store;
        let version = store.catalog_version().await?;
        let new: HashSet<i64> = store
            .products_changed_after(self.version)
            .await?
            .into_iter()
            .collect();
        let mut changed = self.text.changed().clone();
        changed.extend(&new);
        if changed.len() > MOST_CHANGED {
            return Self::load(app).await;
        }
        let mut products = self.products.clone();
        for id in new {
            match store.product_by_id(id).await {
                Ok(product) if product.removed_at.is_none() => {
                    products.insert(id, Arc::new(product))
                }
                // It was removed from the catalog, or is gone.
                Ok(_) | Err(StoreError::NotFound { .. }) => products.remove(&id),
                Err(error) => return Err(error.into()),
            };
        }
        let of_those = changed.iter().filter_map(|id| products.get(id));
        let mut words: Vec<CatalogProduct> = of_those.map(|product| in_words(product)).collect();
        words.sort_by(|a, b| a.sku.cmp(&b.sku));
        let text = self.text.with_changes(changed, words, &self.rarity)?;
        let references = match store.photos_version().await? > self.references.version() {
            false => self.references.clone(),
            true => {
                let products = in_order(products.values());
                Arc::new(References::of(store, &app.data_dir, &products).await?)
            }
        };
        let parts = Parts {
            version,
            products,
            references,
            text,
            rarity: self.rarity.clone(),
        };
        Self::with(app, parts).await
    }

    /// The rest of it, which is small.
    async fn with(app: &App, parts: Parts) -> Result<Self, MatcherError> {
        let store = &app.store;
        let mut listed = ListedHashes::default();
        for row in store.reference_hashes().await? {
            let (label, sku) = (row.label.clone(), row.sku.clone());
            listed
                .insert(row)
                .map_err(|why| MatcherError::Listed { label, sku, why })?;
        }
        let model = match store.adopted_model().await? {
            None => ScoreModel::built_in().clone(),
            Some(stored) => {
                ScoreModel::parse(&stored.weights).map_err(|why| MatcherError::Model {
                    label: stored.label(),
                    why,
                })?
            }
        };
        let review = app.config.review.clone();
        let secret = store.audit_secret().await?;
        Ok(Self {
            version: parts.version,
            products: parts.products,
            references: parts.references,
            listed,
            text: parts.text,
            rarity: parts.rarity,
            model,
            rates: Rates::of(&app.config.currency_rates)?,
            audit: Audit::new(secret, review.audit_share, review.audit_by),
            review,
            today: app.clock.now().strftime("%Y-%m-%d").to_string(),
        })
    }
}

/// Of a matcher, what is large.
struct Parts {
    version: i64,
    products: HashMap<i64, Arc<Product>>,
    references: Arc<References>,
    text: LayeredTextIndex,
    rarity: Arc<Rarity>,
}

/// Products by SKU, whichever way they came: of equal ones the first is named.
fn in_order<'a>(products: impl Iterator<Item = &'a Arc<Product>>) -> Vec<Arc<Product>> {
    let mut products: Vec<Arc<Product>> = products.cloned().collect();
    products.sort_by(|a, b| a.sku.cmp(&b.sku));
    products
}

/// The index of all products' words, and what they are weighed by.
async fn text_of(
    app: &App,
    products: &[Arc<Product>],
) -> Result<(LayeredTextIndex, Arc<Rarity>), MatcherError> {
    let rarity = Arc::new(rarity::of_listings(app, products).await?);
    let words: Vec<CatalogProduct> = products.iter().map(|product| in_words(product)).collect();
    let weighed = rarity.clone();
    // Of a large catalog it takes most of a second, in which others want the thread.
    let build = move || CatalogTextIndex::build_with(words, &weighed);
    let text = tokio::task::spawn_blocking(build).await??;
    Ok((text.into(), rarity))
}
