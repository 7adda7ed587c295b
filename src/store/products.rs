//! The protected catalog: products, their rights and reference photos.

mod photos;
mod rights;

use serde::Serialize;
use sqlx::FromRow;

use super::db::{JsonText, Tx, params};
use super::sees::brand_seen;
use super::{Store, StoreError};
use crate::accounts::Sees;
use crate::clock::Millis;

pub use photos::{ReferenceName, ReferencePhoto};
pub(super) use rights::select_right;
pub use rights::{Right, RightRow};

/// A product as stored.
#[derive(Debug, Clone, FromRow, Serialize)]
pub struct Product {
    /// Identifier.
    pub id: i64,
    /// Stock keeping unit.
    pub sku: String,
    /// Brand name.
    pub brand: String,
    /// Product name.
    pub name: String,
    /// Category.
    pub category: Option<String>,
    /// Model numbers.
    pub model_numbers: JsonText<Vec<String>>,
    /// Other names.
    pub aliases: JsonText<Vec<String>>,
    /// Hints.
    pub keywords: JsonText<Vec<String>>,
    /// Recommended price, decimal text.
    pub msrp: Option<String>,
    /// ISO 4217 code of `msrp`.
    pub currency: Option<String>,
    /// Countries it is sold in.
    pub countries: JsonText<Vec<String>>,
    /// Confidentiality.
    pub classification: Option<String>,
    /// Date of release.
    pub released: Option<String>,
    /// Sellers who may sell it.
    pub authorised_sellers: JsonText<Vec<String>>,
    /// Hash of the imported row: tells an unchanged row from a changed one.
    pub fingerprint: String,
    /// First import.
    pub created_at: Millis,
    /// Last change.
    pub updated_at: Millis,
    /// When it was removed from the catalog; none while it is in it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub removed_at: Option<Millis>,
}

/// Every column of a [`Product`], of `products p`.
macro_rules! select_product {
    ($($rest:expr),+) => {
        concat!(
            "SELECT p.id, p.sku, p.brand, p.name, p.category, p.model_numbers, p.aliases,
                p.keywords, p.msrp, p.currency, p.countries, p.classification, p.released,
                p.authorised_sellers, p.fingerprint, p.created_at, p.updated_at, p.removed_at
             FROM products p ",
            $($rest),+
        )
    };
}
pub(super) use select_product;

const PRODUCT: &str = select_product!(
    "WHERE p.removed_at IS NULL AND ",
    brand_seen!("p.brand", "$1"),
    " ORDER BY p.sku"
);
const EVERY_PRODUCT: &str =
    select_product!("WHERE ", brand_seen!("p.brand", "$1"), " ORDER BY p.sku");
pub(super) const PRODUCT_BY_SKU: &str = select_product!("WHERE p.sku = $1");
const SEEN_PRODUCT_BY_SKU: &str =
    select_product!("WHERE p.sku = $1 AND ", brand_seen!("p.brand", "$2"));
const PRODUCT_BY_ID: &str = select_product!("WHERE p.id = $1 AND ", brand_seen!("p.brand", "$2"));

impl Store {
    /// All products of the catalog by SKU; none that was removed from it.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn products(&self) -> Result<Vec<Product>, StoreError> {
        self.pools.all(PRODUCT, params![self.sees]).await
    }

    /// All products, those that were removed from the catalog included, by SKU.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn every_product(&self) -> Result<Vec<Product>, StoreError> {
        self.pools.all(EVERY_PRODUCT, params![self.sees]).await
    }

    /// The products that were changed after a version of the catalog.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn products_changed_after(&self, version: i64) -> Result<Vec<i64>, StoreError> {
        let ids: Vec<(i64,)> = self
            .pools
            .all(
                "SELECT id FROM products WHERE version > $1 ORDER BY id",
                params![version],
            )
            .await?;
        Ok(ids.into_iter().map(|(id,)| id).collect())
    }

    /// The product with this SKU, in the catalog or removed from it.
    ///
    /// # Errors
    /// [`StoreError::NotFound`], or when the database cannot be read.
    pub async fn product(&self, sku: &str) -> Result<Product, StoreError> {
        self.pools
            .optional(SEEN_PRODUCT_BY_SKU, params![sku, self.sees])
            .await?
            .ok_or_else(|| StoreError::not_found("product", sku))
    }

    /// The product with this identifier, in the catalog or removed from it.
    ///
    /// # Errors
    /// [`StoreError::NotFound`], or when the database cannot be read.
    pub async fn product_by_id(&self, id: i64) -> Result<Product, StoreError> {
        self.pools
            .optional(PRODUCT_BY_ID, params![id, self.sees])
            .await?
            .ok_or_else(|| StoreError::not_found("product", id))
    }

    /// The products that have a photo, by SKU.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn products_with_photo(&self, blob: &str) -> Result<Vec<Product>, StoreError> {
        self.pools
            .all(
                select_product!(
                    "WHERE p.id IN (SELECT product_id FROM reference_photos WHERE blob = $1) AND ",
                    brand_seen!("p.brand", "$2"),
                    " ORDER BY p.sku"
                ),
                params![blob, self.sees],
            )
            .await
    }

    /// Every brand that something is kept of, by name: whose brands somebody sees is said
    /// of these.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn brands(&self) -> Result<Vec<String>, StoreError> {
        let rows: Vec<(String,)> = self
            .pools
            .all(
                concat!(
                    "SELECT DISTINCT brand FROM products WHERE ",
                    brand_seen!("brand", "$1"),
                    " ORDER BY brand"
                ),
                params![self.sees],
            )
            .await?;
        Ok(rows.into_iter().map(|(brand,)| brand).collect())
    }

    /// Every brand of the catalog, by name: those of which all products were removed are
    /// left out.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn brands_in_catalog(&self) -> Result<Vec<String>, StoreError> {
        let rows: Vec<(String,)> = self
            .pools
            .all(
                concat!(
                    "SELECT DISTINCT brand FROM products WHERE removed_at IS NULL AND ",
                    brand_seen!("brand", "$1"),
                    " ORDER BY brand"
                ),
                params![self.sees],
            )
            .await?;
        Ok(rows.into_iter().map(|(brand,)| brand).collect())
    }

    /// How often the catalog has changed; derived indexes compare it with the
    /// value they were built at.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn catalog_version(&self) -> Result<i64, StoreError> {
        let (version,): (i64,) = self
            .pools
            .one(
                "SELECT version FROM catalog_version WHERE id = 1",
                params![],
            )
            .await?;
        Ok(version)
    }

    /// The catalog's version at which reference photos were last added, removed, set
    /// aside or read anew.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn photos_version(&self) -> Result<i64, StoreError> {
        let (version,): (i64,) = self
            .pools
            .one("SELECT photos FROM catalog_version WHERE id = 1", params![])
            .await?;
        Ok(version)
    }
}

impl Tx {
    /// The number of a product of the catalog that is to be changed.
    pub(super) async fn product_id(&mut self, sku: &str, sees: Sees) -> Result<i64, StoreError> {
        let product: Option<(i64, Option<i64>)> = self
            .optional(
                concat!(
                    "SELECT id, removed_at FROM products WHERE sku = $1 AND ",
                    brand_seen!("brand", "$2")
                ),
                params![sku, sees],
            )
            .await?;
        match product {
            Some((id, None)) => Ok(id),
            Some((_, Some(_))) => Err(StoreError::removed(sku)),
            None => Err(StoreError::not_found("product", sku)),
        }
    }

    /// A product is read anew by whoever keeps the catalog in memory. This comes after the
    /// catalog's version has grown, which holds the row: no two products of different
    /// versions could come to have the same otherwise.
    pub(super) async fn product_changed(&mut self, product_id: i64) -> Result<(), StoreError> {
        self.run(
            "UPDATE products SET version = (SELECT version FROM catalog_version WHERE id = 1)
             WHERE id = $1",
            params![product_id],
        )
        .await?;
        Ok(())
    }

    /// Derived indexes, that of the photos included, are out of date, and the log says why.
    pub(super) async fn catalog_changed(
        &mut self,
        now: Millis,
        actor: &str,
        action: &str,
        sku: &str,
        detail: &serde_json::Value,
    ) -> Result<(), StoreError> {
        self.run(
            "UPDATE catalog_version SET version = version + 1, photos = version + 1 WHERE id = 1",
            params![],
        )
        .await?;
        self.audit(now, actor, action, &format!("product {sku}"), detail)
            .await
    }
}
