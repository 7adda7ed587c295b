//! Searching through everything captured: stored fingerprints in batches, the
//! listings that show a picture, and the cases a retro-hunt opens.

use serde::Serialize;
use serde_json::Value;
use sqlx::FromRow;

use super::cases::CaseDraft;
use super::db::params;
use super::sees::{listing_seen, product_seen};
use super::{Store, StoreError};
use crate::clock::Millis;

/// A captured picture's fingerprint.
#[derive(Debug, Clone, FromRow)]
pub struct StoredFingerprint {
    /// The picture.
    pub id: i64,
    /// SHA-256 of its bytes.
    pub blob: String,
    /// Name and version of the algorithm.
    pub algorithm: String,
    /// The fingerprint.
    pub hashes: Vec<u8>,
}

/// A listing and one picture it shows.
#[derive(Debug, Clone, FromRow, Serialize)]
pub struct Showing {
    /// The listing.
    pub listing_id: i64,
    /// The source's name.
    pub source: String,
    /// The marketplace's own identifier.
    pub item_id: String,
    /// Canonical address.
    pub url: String,
    /// Title as written.
    pub title: String,
    /// Decimal text.
    pub price_amount: Option<String>,
    /// ISO 4217.
    pub price_currency: Option<String>,
    /// Seller as written.
    pub seller: Option<String>,
    /// First seen.
    pub first_seen_at: Millis,
    /// Last seen.
    pub last_seen_at: Millis,
    /// The picture.
    pub picture_id: i64,
    /// Its address.
    pub picture_url: String,
    /// SHA-256 of its bytes.
    pub picture_blob: String,
    /// Pixels.
    pub width: i64,
    /// Pixels.
    pub height: i64,
    /// The listing's most probable case, if it has one.
    pub case_id: Option<i64>,
}

/// What is matched of a stored listing.
#[derive(Debug, Clone, FromRow)]
pub struct StoredListing {
    /// Identifier.
    pub id: i64,
    /// The source.
    pub source_id: i64,
    /// The source's name.
    pub source: String,
    /// Scans that saw it: tells whether it was seen again meanwhile.
    pub times_seen: i64,
    /// The extracted listing: JSON.
    pub data: String,
}

/// What a case becomes, or became.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Change {
    /// There was none.
    Opened,
    /// Its evidence is another now.
    Updated,
    /// It is as it was.
    Unchanged,
}

/// What became of the cases of one listing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Queued {
    /// False when the listing was seen again meanwhile; then nothing was written.
    pub kept: bool,
    /// Each case in the order given; no identifier where it is only to be opened.
    pub cases: Vec<(Option<i64>, Change)>,
}

impl Store {
    /// How many captured pictures listings show.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn shown_pictures(&self) -> Result<i64, StoreError> {
        let (count,): (i64,) = self
            .pools
            .one(
                "SELECT COUNT(*) FROM pictures p
                 WHERE EXISTS (SELECT 1 FROM listing_pictures lp WHERE lp.picture_id = p.id)",
                params![],
            )
            .await?;
        Ok(count)
    }

    /// Fingerprints of pictures that listings show, the newest first, below an
    /// identifier.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn shown_fingerprints(
        &self,
        before: i64,
        limit: u32,
    ) -> Result<Vec<StoredFingerprint>, StoreError> {
        self.pools
            .all(
                "SELECT p.id, p.blob, p.algorithm, p.hashes FROM pictures p
                 WHERE p.id < $1
                   AND EXISTS (SELECT 1 FROM listing_pictures lp WHERE lp.picture_id = p.id)
                 ORDER BY p.id DESC LIMIT $2",
                params![before, limit],
            )
            .await
    }

    /// The fingerprints of one listing's pictures, in the listing's order.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn fingerprints_of_listing(
        &self,
        listing: i64,
    ) -> Result<Vec<StoredFingerprint>, StoreError> {
        self.pools
            .all(
                "SELECT p.id, p.blob, p.algorithm, p.hashes FROM listing_pictures lp
                 JOIN pictures p ON p.id = lp.picture_id
                 WHERE lp.listing_id = $1 ORDER BY lp.position",
                params![listing],
            )
            .await
    }

    /// The listings that show a picture, by identifier, each once with the
    /// first place where it does.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn showings(&self, picture: i64, limit: u32) -> Result<Vec<Showing>, StoreError> {
        self.pools
            .all(
                concat!(
                    "SELECT l.id AS listing_id, s.name AS source, l.item_id, l.url, l.title,
                    l.price_amount, l.price_currency, l.seller, l.first_seen_at, l.last_seen_at,
                    p.id AS picture_id, lp.url AS picture_url, p.blob AS picture_blob, p.width,
                    p.height,
                    (SELECT c.id FROM cases c WHERE c.listing_id = l.id AND ",
                    product_seen!("c.product_id", "$3"),
                    "
                      ORDER BY c.score DESC, c.id LIMIT 1) AS case_id
                 FROM pictures p
                 JOIN listing_pictures lp ON lp.picture_id = p.id
                 JOIN listings l ON l.id = lp.listing_id
                 JOIN sources s ON s.id = l.source_id
                 WHERE p.id = $1 AND lp.position = (SELECT MIN(first.position)
                    FROM listing_pictures first
                    WHERE first.listing_id = lp.listing_id AND first.picture_id = p.id)
                    AND ",
                    listing_seen!("l.id", "$3"),
                    "
                 ORDER BY l.id LIMIT $2"
                ),
                params![picture, limit, self.sees],
            )
            .await
    }

    /// The listings that show any of a picture's copies: identifiers.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn listings_showing(&self, picture: i64) -> Result<Vec<i64>, StoreError> {
        let rows: Vec<(i64,)> = self
            .pools
            .all(
                "SELECT DISTINCT listing_id FROM listing_pictures WHERE picture_id = $1",
                params![picture],
            )
            .await?;
        Ok(rows.into_iter().map(|(id,)| id).collect())
    }

    /// Listings after an identifier, in the order of identifiers.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn stored_listings(
        &self,
        after: i64,
        limit: u32,
    ) -> Result<Vec<StoredListing>, StoreError> {
        self.pools
            .all(
                "SELECT l.id, l.source_id, s.name AS source, l.times_seen, l.data
                 FROM listings l JOIN sources s ON s.id = l.source_id
                 WHERE l.id > $1 ORDER BY l.id LIMIT $2",
                params![after, limit],
            )
            .await
    }

    /// One listing as it is matched.
    ///
    /// # Errors
    /// [`StoreError::NotFound`], or when the database cannot be read.
    pub async fn stored_listing(&self, id: i64) -> Result<StoredListing, StoreError> {
        self.pools
            .optional(
                "SELECT l.id, l.source_id, s.name AS source, l.times_seen, l.data
                 FROM listings l JOIN sources s ON s.id = l.source_id WHERE l.id = $1",
                params![id],
            )
            .await?
            .ok_or_else(|| StoreError::not_found("listing", id))
    }

    /// How many listings there are.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn listing_count(&self) -> Result<i64, StoreError> {
        let (count,): (i64,) = self
            .pools
            .one("SELECT COUNT(*) FROM listings", params![])
            .await?;
        Ok(count)
    }

    /// The evidence hash of a listing's case for a product, and the case.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn case_of(
        &self,
        listing: i64,
        product: i64,
    ) -> Result<Option<(i64, String)>, StoreError> {
        self.pools
            .optional(
                "SELECT id, evidence_hash FROM cases WHERE listing_id = $1 AND product_id = $2",
                params![listing, product],
            )
            .await
    }

    /// Opens the cases of a stored listing, or brings them up to date, in one
    /// transaction. A case whose evidence is as it was is not touched.
    ///
    /// # Errors
    /// When the database cannot be written; then nothing is.
    pub async fn queue_cases(
        &self,
        actor: &str,
        listing: &StoredListing,
        cases: &[CaseDraft],
    ) -> Result<Queued, StoreError> {
        let now = self.clock.millis();
        let mut tx = self.pools.begin().await?;
        tx.hold_log().await?;
        // A scan that saw the listing again knows it better than what was read.
        let as_read = tx
            .run(
                "UPDATE listings SET times_seen = times_seen WHERE id = $1 AND times_seen = $2",
                params![listing.id, listing.times_seen],
            )
            .await?;
        if as_read == 0 {
            return Ok(Queued::default());
        }
        let mut queued = Queued {
            kept: true,
            ..Queued::default()
        };
        for case in cases {
            let known: Option<(i64, String)> = tx
                .optional(
                    "SELECT id, evidence_hash FROM cases WHERE listing_id = $1 AND product_id = $2",
                    params![listing.id, case.product_id],
                )
                .await?;
            queued.cases.push(match known {
                Some((id, hash)) if hash == case.evidence_hash() => (Some(id), Change::Unchanged),
                known => {
                    let id = tx.upsert_case(actor, listing.id, case, now).await?;
                    let change = match (id, known) {
                        (None, _) => Change::Unchanged,
                        (_, None) => Change::Opened,
                        _ => Change::Updated,
                    };
                    (id, change)
                }
            });
        }
        tx.commit().await?;
        Ok(queued)
    }

    /// SKUs of the products that everything captured was not yet searched for as
    /// they are now: new ones, changed ones, and those with another photo.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn unhunted_products(&self) -> Result<Vec<String>, StoreError> {
        let rows: Vec<(String,)> = self
            .pools
            .all(
                "SELECT sku FROM products WHERE removed_at IS NULL
                    AND (hunted IS NULL OR hunted <> fingerprint OR id IN
                        (SELECT product_id FROM reference_photos WHERE hunted_at IS NULL))
                 ORDER BY sku",
                params![],
            )
            .await?;
        Ok(rows.into_iter().map(|(sku,)| sku).collect())
    }

    /// Remembers that these products, as their fingerprints say, and these
    /// reference photos were searched for, and writes the event `hunt.retro`.
    ///
    /// # Errors
    /// When the database cannot be written; then nothing is.
    pub async fn end_retro_hunt(
        &self,
        actor: &str,
        products: &[(i64, String)],
        photos: &[i64],
        detail: &Value,
    ) -> Result<(), StoreError> {
        let now = self.clock.millis();
        let mut tx = self.pools.begin().await?;
        for (id, fingerprint) in products {
            tx.run(
                "UPDATE products SET hunted = $2 WHERE id = $1",
                params![*id, fingerprint],
            )
            .await?;
        }
        for id in photos {
            tx.run(
                "UPDATE reference_photos SET hunted_at = $2 WHERE id = $1",
                params![*id, now],
            )
            .await?;
        }
        tx.audit(now, actor, "hunt.retro", "catalog", detail)
            .await?;
        tx.commit().await
    }
}
