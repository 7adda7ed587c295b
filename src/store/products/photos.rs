//! Reference photos of products, with their hashes or by name alone.

use serde::Serialize;
use sqlx::FromRow;

use crate::store::db::{numbers, params};
use crate::store::matching::Matching;
use crate::store::removals::removed_products;
use crate::store::sees::product_seen;
use crate::store::{Store, StoreError};

/// A reference photo with its perceptual hashes.
#[derive(Debug, Clone, FromRow, Serialize)]
pub struct ReferencePhoto {
    /// Identifier.
    pub id: i64,
    /// The product it shows.
    pub product_id: i64,
    /// Name of the imported file.
    pub file_name: String,
    /// SHA-256 of the bytes, hexadecimal: their address in the blob store.
    pub blob: String,
    /// Pixels.
    pub width: i64,
    /// Pixels.
    pub height: i64,
    /// `jpeg`, `png`, …
    pub format: String,
    /// Name and version of the hash algorithm.
    pub algorithm: String,
    /// Whether listings are held against it.
    #[sqlx(try_from = "String")]
    pub matching: Matching,
    /// The hashes, in the index library's own form.
    #[serde(skip)]
    pub hashes: Vec<u8>,
}

/// What a reference photo is called, which bytes it is and whether it is used.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct ReferenceName {
    /// Identifier.
    pub id: i64,
    /// The product it shows.
    pub product_id: i64,
    /// Name of the imported file.
    pub file_name: String,
    /// SHA-256 of the bytes.
    pub blob: String,
    /// Name and version of the hash algorithm.
    pub algorithm: String,
    /// Whether listings are held against it.
    #[sqlx(try_from = "String")]
    pub matching: Matching,
}

/// Every column of a [`ReferencePhoto`].
macro_rules! select_photo {
    ($($rest:expr),+) => {
        concat!(
            "SELECT id, product_id, file_name, blob, width, height, format, algorithm,
                matching, hashes
             FROM reference_photos ",
            $($rest),+
        )
    };
}

/// Every column of a [`ReferenceName`].
macro_rules! select_name {
    ($($rest:expr),+) => {
        concat!(
            "SELECT id, product_id, file_name, blob, algorithm, matching FROM reference_photos ",
            $($rest),+
        )
    };
}

impl Store {
    /// Every reference photo, of removed products as well, by product.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn reference_photos(&self) -> Result<Vec<ReferencePhoto>, StoreError> {
        self.pools
            .all(select_photo!("ORDER BY product_id, id"), params![])
            .await
    }

    /// Reference photos of the catalog with numbers over `after`, in their order, at most
    /// `limit`.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn reference_photos_after(
        &self,
        after: i64,
        limit: i64,
    ) -> Result<Vec<ReferencePhoto>, StoreError> {
        self.pools
            .all(
                select_photo!(
                    "WHERE id > $1 AND product_id NOT IN ",
                    removed_products!(),
                    " ORDER BY id LIMIT $2"
                ),
                params![after, limit],
            )
            .await
    }

    /// Name and bytes of every reference photo of the catalog, without its hashes, by
    /// product.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn reference_names(&self) -> Result<Vec<ReferenceName>, StoreError> {
        self.pools
            .all(
                select_name!(
                    "WHERE product_id NOT IN ",
                    removed_products!(),
                    " ORDER BY product_id, id"
                ),
                params![],
            )
            .await
    }

    /// The same of every product, those removed from the catalog included.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn every_reference_name(&self) -> Result<Vec<ReferenceName>, StoreError> {
        self.pools
            .all(select_name!("ORDER BY product_id, id"), params![])
            .await
    }

    /// The same of one product, in the catalog or removed from it.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn reference_names_of(
        &self,
        product_id: i64,
    ) -> Result<Vec<ReferenceName>, StoreError> {
        self.pools
            .all(
                select_name!("WHERE product_id = $1 ORDER BY id"),
                params![product_id],
            )
            .await
    }

    /// The reference photos of one product.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn reference_photos_of(
        &self,
        product_id: i64,
    ) -> Result<Vec<ReferencePhoto>, StoreError> {
        self.pools
            .all(
                select_photo!(
                    "WHERE product_id = $1 AND ",
                    product_seen!("product_id", "$2"),
                    " ORDER BY id"
                ),
                params![product_id, self.sees],
            )
            .await
    }

    /// The first reference photo of each of these products: (product, blob) pairs.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn first_reference_blobs(
        &self,
        products: &[i64],
    ) -> Result<Vec<(i64, String)>, StoreError> {
        self.pools
            .all_in(
                concat!(
                    "SELECT product_id, blob FROM reference_photos WHERE ",
                    product_seen!("product_id", "$1"),
                    " AND id IN (SELECT MIN(id) FROM reference_photos WHERE product_id IN"
                ),
                params![self.sees],
                numbers(products),
                "GROUP BY product_id)",
            )
            .await
    }
}
