//! Hashes of pictures that the catalog holds without the pictures.

use serde::Serialize;
use serde_json::json;
use sqlx::FromRow;

use super::db::params;
use super::{Store, StoreError};
use crate::clock::Millis;

/// A hash from an imported list.
#[derive(Debug, Clone, PartialEq, Eq, FromRow, Serialize)]
pub struct ReferenceHash {
    /// Identifier; never given twice.
    pub id: i64,
    /// The product whose picture was hashed.
    pub product_id: i64,
    /// That product's SKU.
    pub sku: String,
    /// `pdq`, or the name of an `img_hash` algorithm.
    pub algorithm: String,
    /// 64 hexadecimal digits: PDQ's own text form, else the hash's bytes.
    pub hash: String,
    /// 0 to 100, where the list said.
    pub quality: Option<i64>,
    /// What the list calls the picture.
    pub label: String,
    /// When it was imported.
    pub created_at: Millis,
}

/// A hash to be stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReferenceHashDraft {
    /// `pdq`, or the name of an `img_hash` algorithm.
    pub algorithm: String,
    /// 64 hexadecimal digits.
    pub hash: String,
    /// 0 to 100, where the list says.
    pub quality: Option<u8>,
    /// What the list calls the picture.
    pub label: String,
}

impl Store {
    /// Every hash of the imported lists, by product, of the products of the catalog.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn reference_hashes(&self) -> Result<Vec<ReferenceHash>, StoreError> {
        self.pools
            .all(
                "SELECT h.id, h.product_id, p.sku, h.algorithm, h.hash, h.quality, h.label,
                    h.created_at
                 FROM reference_hashes h JOIN products p ON p.id = h.product_id
                 WHERE p.removed_at IS NULL ORDER BY p.sku, h.id",
                params![],
            )
            .await
    }

    /// The hashes imported for one product, in the order of their import.
    ///
    /// # Errors
    /// [`StoreError::NotFound`], or when the database cannot be read.
    pub async fn reference_hashes_of(&self, sku: &str) -> Result<Vec<ReferenceHash>, StoreError> {
        let product = self.product(sku).await?;
        self.pools
            .all(
                "SELECT h.id, h.product_id, p.sku, h.algorithm, h.hash, h.quality, h.label,
                    h.created_at
                 FROM reference_hashes h JOIN products p ON p.id = h.product_id
                 WHERE h.product_id = $1 ORDER BY h.id",
                params![product.id],
            )
            .await
    }

    /// Keeps the hashes that the product does not have and gives their number;
    /// `list` is what the audit log calls the list. Adding the same again
    /// changes nothing.
    ///
    /// # Errors
    /// [`StoreError::NotFound`], or when the database cannot be written.
    pub async fn add_reference_hashes(
        &self,
        actor: &str,
        sku: &str,
        list: &str,
        hashes: &[ReferenceHashDraft],
    ) -> Result<u64, StoreError> {
        let now = self.clock.millis();
        let mut tx = self.pools.begin().await?;
        tx.hold_log().await?;
        let product_id = tx.product_id(sku, self.sees).await?;
        let mut added = 0;
        for hash in hashes {
            added += tx
                .run(
                    "INSERT INTO reference_hashes
                        (product_id, algorithm, hash, quality, label, created_at)
                     VALUES ($1, $2, $3, $4, $5, $6)
                     ON CONFLICT (product_id, algorithm, hash) DO NOTHING",
                    params![
                        product_id,
                        &hash.algorithm,
                        &hash.hash,
                        hash.quality.map(u16::from),
                        &hash.label,
                        now,
                    ],
                )
                .await?;
        }
        if added > 0 {
            let detail = json!({ "list": list, "added": added });
            tx.catalog_changed(now, actor, "catalog.hashes_import", sku, &detail)
                .await?;
        }
        tx.commit().await?;
        Ok(added)
    }

    /// Drops the hashes imported for a product, all or those of one label, and
    /// gives their number. Cases that rest on them keep their evidence.
    ///
    /// # Errors
    /// [`StoreError::NotFound`], or when the database cannot be written.
    pub async fn remove_reference_hashes(
        &self,
        actor: &str,
        sku: &str,
        label: Option<&str>,
    ) -> Result<u64, StoreError> {
        let now = self.clock.millis();
        let mut tx = self.pools.begin().await?;
        tx.hold_log().await?;
        let product_id = tx.product_id(sku, self.sees).await?;
        let removed = tx
            .run(
                "DELETE FROM reference_hashes WHERE product_id = $1
                    AND (CAST($2 AS TEXT) IS NULL OR label = $2)",
                params![product_id, label],
            )
            .await?;
        if removed > 0 {
            let detail = json!({ "label": label, "removed": removed });
            tx.catalog_changed(now, actor, "catalog.hashes_remove", sku, &detail)
                .await?;
        }
        tx.commit().await?;
        Ok(removed)
    }
}
