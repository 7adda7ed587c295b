//! Removing products from the catalog, and bringing them back.
//!
//! A removed product keeps its row, its rights and its photos: cases, captures, packets,
//! notices and the log name them. It is held against nothing, and its cases that are not
//! decided wait out of sight until it comes back: no row of theirs is changed, the
//! conditions here leave them out wherever cases wait for somebody.

use serde::Serialize;
use serde_json::json;

use super::db::{Tx, params};
use super::products::{PRODUCT_BY_SKU, Product};
use super::sees::brand_seen;
use super::{Store, StoreError};
use crate::accounts::Sees;
use crate::clock::Millis;

/// The products that were removed, by number.
macro_rules! removed_products {
    () => {
        "(SELECT gone.id FROM products gone WHERE gone.removed_at IS NOT NULL)"
    };
}
pub(super) use removed_products;

/// What a removal does, or would do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Removal {
    /// The product's SKU.
    pub sku: String,
    /// When it was removed; none while it is in the catalog.
    pub removed_at: Option<Millis>,
    /// Its cases that are not decided: they leave the queue with it.
    pub undecided_cases: i64,
    /// Its cases that are confirmed or rejected: they stay as they are.
    pub decided_cases: i64,
    /// Notices of its cases of which something is still to come: they go on.
    pub notices_under_way: i64,
    /// Its reference photos: listings are held against them no more.
    pub photos: i64,
}

impl Store {
    /// What removing a product would do, or did.
    ///
    /// # Errors
    /// [`StoreError::NotFound`], or when the database cannot be read.
    pub async fn removal(&self, sku: &str) -> Result<Removal, StoreError> {
        let product = self.product(sku).await?;
        let (undecided_cases, decided_cases): (i64, i64) = self
            .pools
            .one(
                "SELECT COUNT(*) FILTER (WHERE state NOT IN ('confirmed', 'rejected')),
                    COUNT(*) FILTER (WHERE state IN ('confirmed', 'rejected'))
                 FROM case_figures WHERE product_id = $1",
                params![product.id],
            )
            .await?;
        let (notices_under_way,): (i64,) = self
            .pools
            .one(
                "SELECT COUNT(DISTINCT i.notice_id) FROM cases c
                 JOIN notice_items i ON i.case_id = c.id
                 WHERE c.product_id = $1 AND i.state NOT IN ('removed', 'withdrawn', 'closed')",
                params![product.id],
            )
            .await?;
        let (photos,): (i64,) = self
            .pools
            .one(
                "SELECT COUNT(*) FROM reference_photos WHERE product_id = $1",
                params![product.id],
            )
            .await?;
        Ok(Removal {
            sku: product.sku,
            removed_at: product.removed_at,
            undecided_cases,
            decided_cases,
            notices_under_way,
            photos,
        })
    }

    /// Removes a product from the catalog. Its cases that are not decided leave the queue
    /// with it; notices under way go on. Whether it was there: removing it twice changes
    /// nothing.
    ///
    /// # Errors
    /// [`StoreError::NotFound`], or when the database cannot be written.
    pub async fn remove_product(&self, actor: &str, sku: &str) -> Result<bool, StoreError> {
        let now = self.clock.millis();
        let mut tx = self.pools.begin().await?;
        tx.hold_log().await?;
        let product = tx.whole_product(sku, self.sees).await?;
        if product.removed_at.is_some() {
            return Ok(false);
        }
        tx.run(
            "UPDATE products SET removed_at = $2, removed_by = $3, updated_at = $2 WHERE id = $1",
            params![product.id, now, actor],
        )
        .await?;
        let (undecided,): (i64,) = tx
            .one(
                "SELECT COUNT(*) FROM case_figures
                 WHERE product_id = $1 AND state NOT IN ('confirmed', 'rejected')",
                params![product.id],
            )
            .await?;
        let detail = json!({ "brand": product.brand, "name": product.name,
            "fingerprint": product.fingerprint, "undecided_cases": undecided });
        tx.catalog_changed(now, actor, "catalog.remove", sku, &detail)
            .await?;
        tx.product_changed(product.id).await?;
        tx.commit().await?;
        Ok(true)
    }

    /// Brings a removed product back as it was, with its undecided cases. What was
    /// captured meanwhile is still to be searched for it. `undoes` is the event of the log
    /// that this takes back. Whether it was removed.
    ///
    /// # Errors
    /// [`StoreError::NotFound`], or when the database cannot be written.
    pub async fn restore_product(
        &self,
        actor: &str,
        sku: &str,
        undoes: Option<i64>,
    ) -> Result<bool, StoreError> {
        let now = self.clock.millis();
        let mut tx = self.pools.begin().await?;
        tx.hold_log().await?;
        let product = tx.whole_product(sku, self.sees).await?;
        let Some(removed_at) = product.removed_at else {
            return Ok(false);
        };
        tx.back_in_catalog(product.id, now).await?;
        let mut detail = json!({ "removed_at": removed_at.to_string() });
        if let Some(undoes) = undoes {
            detail["undoes"] = undoes.into();
        }
        tx.catalog_changed(now, actor, "catalog.restore", sku, &detail)
            .await?;
        tx.product_changed(product.id).await?;
        tx.commit().await?;
        Ok(true)
    }

    /// How many products were removed from the catalog.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn removed_count(&self) -> Result<i64, StoreError> {
        let (count,): (i64,) = self
            .pools
            .one(
                concat!(
                    "SELECT COUNT(*) FROM products WHERE removed_at IS NOT NULL AND ",
                    brand_seen!("brand", "$1")
                ),
                params![self.sees],
            )
            .await?;
        Ok(count)
    }

    /// How many undecided cases of removed products each state holds: (state, number)
    /// pairs.
    pub(super) async fn hidden_counts(&self) -> Result<Vec<(String, i64)>, StoreError> {
        self.pools
            .all(
                concat!(
                    // The few removed products come first, in either engine's plan.
                    "SELECT f.state, COUNT(*) FROM products p CROSS JOIN case_figures f
                     WHERE f.product_id = p.id AND p.removed_at IS NOT NULL
                       AND f.state NOT IN ('confirmed', 'rejected') AND ",
                    brand_seen!("p.brand", "$1"),
                    " GROUP BY f.state"
                ),
                params![self.sees],
            )
            .await
    }
}

impl Tx {
    /// The product of this SKU, removed or not, where they may see it.
    async fn whole_product(&mut self, sku: &str, sees: Sees) -> Result<Product, StoreError> {
        let product: Option<Product> = self.optional(PRODUCT_BY_SKU, params![sku]).await?;
        let product = product.ok_or_else(|| StoreError::not_found("product", sku))?;
        self.must_see_brand(sees, &product.brand, sku).await?;
        Ok(product)
    }

    /// The row of a product is one of the catalog again; what was captured since it was
    /// removed is to be hunted through.
    pub(super) async fn back_in_catalog(
        &mut self,
        product_id: i64,
        now: Millis,
    ) -> Result<(), StoreError> {
        self.run(
            "UPDATE products SET removed_at = NULL, removed_by = NULL, hunted = NULL,
                updated_at = $2 WHERE id = $1",
            params![product_id, now],
        )
        .await?;
        self.run(
            "UPDATE reference_photos SET hunted_at = NULL WHERE product_id = $1",
            params![product_id],
        )
        .await?;
        Ok(())
    }
}
