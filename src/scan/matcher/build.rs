//! Making a matcher of the database, whole or of what changed.

use std::collections::HashSet;
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
        let products = products.into_iter().map(Arc::new).collect();
        Self::with(app, version, products, None).await
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
        let known = self.products.values();
        let mut products: Vec<Arc<Product>> = known
            .filter(|product| !new.contains(&product.id))
            .cloned()
            .collect();
        for id in new {
            match store.product_by_id(id).await {
                Ok(product) => products.push(Arc::new(product)),
                // It is gone since.
                Err(StoreError::NotFound { .. }) => {}
                Err(error) => return Err(error.into()),
            }
        }
        let of_those = products.iter().filter(|p| changed.contains(&p.id));
        let words = of_those.map(|product| in_words(product)).collect();
        let text = self.text.with_changes(changed, words, &self.rarity)?;
        Self::with(app, version, products, Some((text, self.rarity.clone()))).await
    }

    /// The rest of it; without a text index one is built.
    async fn with(
        app: &App,
        version: i64,
        mut products: Vec<Arc<Product>>,
        text: Option<(LayeredTextIndex, Arc<Rarity>)>,
    ) -> Result<Self, MatcherError> {
        let store = &app.store;
        // Whichever way they came: of equal products the first is named.
        products.sort_by(|a, b| a.sku.cmp(&b.sku));
        let references = References::of(store, &app.data_dir, &products).await?;
        let mut listed = ListedHashes::default();
        for row in store.reference_hashes().await? {
            let (label, sku) = (row.label.clone(), row.sku.clone());
            listed
                .insert(row)
                .map_err(|why| MatcherError::Listed { label, sku, why })?;
        }
        let (text, rarity) = match text {
            Some(text) => text,
            None => text_of(app, &products).await?,
        };
        let products = products
            .into_iter()
            .map(|product| (product.id, product))
            .collect();
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
            version,
            products,
            references,
            listed,
            text,
            rarity,
            model,
            rates: Rates::of(&app.config.currency_rates)?,
            audit: Audit::new(secret, review.audit_share, review.audit_by),
            review,
            today: app.clock.now().strftime("%Y-%m-%d").to_string(),
        })
    }
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
