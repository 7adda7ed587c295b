//! Listings, their pictures and captures, as stored.

use serde::Serialize;
use serde_json::Value;
use sqlx::FromRow;

use super::db::{JsonText, params};
use super::sees::{listing_seen, product_seen};
use super::{Store, StoreError};
use crate::clock::Millis;

/// A capture as stored.
#[derive(Debug, Clone, FromRow, Serialize)]
pub struct Capture {
    /// Identifier.
    pub id: i64,
    /// `sitemap`, `list`, `item` or `image`; of a rendered page `part`, `rendered`
    /// or `screenshot` as well.
    pub kind: String,
    /// The address asked for.
    pub url: String,
    /// The address that answered.
    pub final_url: String,
    /// HTTP status.
    pub status: i64,
    /// Request headers.
    pub request: JsonText<Value>,
    /// Response headers.
    pub headers: JsonText<Value>,
    /// Redirects on the way.
    pub hops: JsonText<Value>,
    /// Address and port of the peer.
    pub peer: Option<String>,
    /// SHA-256 of the decoded body.
    pub blob: String,
    /// Bytes of the decoded body.
    pub size: i64,
    /// When it was fetched.
    pub fetched_at: Millis,
}

/// A listing as stored.
#[derive(Debug, Clone, FromRow, Serialize)]
pub struct ListingRow {
    /// Identifier.
    pub id: i64,
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
    /// The whole extracted listing with provenance.
    pub data: JsonText<Value>,
    /// The capture it was last read from.
    pub capture_id: i64,
    /// First seen.
    pub first_seen_at: Millis,
    /// Last seen.
    pub last_seen_at: Millis,
    /// Scans that saw it.
    pub times_seen: i64,
}

/// A picture of a listing as stored.
#[derive(Debug, Clone, FromRow, Serialize)]
pub struct ListingPicture {
    /// Place in the listing, from 0.
    pub position: i64,
    /// Its address.
    pub url: String,
    /// Identifier of the picture.
    pub picture_id: Option<i64>,
    /// SHA-256 of its bytes.
    pub blob: Option<String>,
    /// Pixels.
    pub width: Option<i64>,
    /// Pixels.
    pub height: Option<i64>,
    /// The capture it came in.
    pub capture_id: Option<i64>,
    /// Why there is no picture.
    pub error: Option<String>,
}

/// The capture of a picture that this scan has already fetched.
#[derive(Debug, Clone, FromRow)]
pub struct KnownPicture {
    /// The capture.
    pub capture_id: i64,
    /// SHA-256 of the bytes.
    pub blob: String,
}

/// The identifiers of the captures of listing `$1`.
macro_rules! captures_of_listing {
    () => {
        "(SELECT capture_id FROM listings WHERE id = $1
          UNION SELECT part_id FROM capture_parts
                WHERE page_id = (SELECT capture_id FROM listings WHERE id = $1)
          UNION SELECT capture_id FROM listing_pictures
                WHERE listing_id = $1 AND capture_id IS NOT NULL)"
    };
}
pub(super) use captures_of_listing;

/// How far the history of listings has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, FromRow)]
pub struct ListingClock {
    /// Tells one database's history from another's.
    pub era: i64,
    /// The number of the last change.
    pub change: i64,
}

/// A listing that changed, with what of it can be searched for.
#[derive(Debug, Clone, FromRow)]
pub struct ListingChange {
    /// The change's number.
    pub change: i64,
    /// The listing.
    pub listing_id: i64,
    /// Title as written; none when the listing is gone.
    pub title: Option<String>,
    /// Decimal text.
    pub price_amount: Option<String>,
    /// ISO 4217.
    pub price_currency: Option<String>,
    /// Seller as written.
    pub seller: Option<String>,
    /// The extracted listing: JSON.
    pub data: Option<String>,
    /// The source's name.
    pub source: Option<String>,
    /// First seen.
    pub first_seen_at: Option<Millis>,
    /// Last seen.
    pub last_seen_at: Option<Millis>,
}

/// A listing as a search shows it.
#[derive(Debug, Clone, FromRow, Serialize)]
pub struct FoundListing {
    /// Identifier.
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
    /// The extracted listing: JSON.
    #[serde(skip)]
    pub data: String,
    /// SHA-256 of its first picture that could be read.
    pub picture_blob: Option<String>,
    /// The listing's most probable case, if it has one.
    pub case_id: Option<i64>,
}

impl Store {
    /// How far the history of listings has come.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn listing_clock(&self) -> Result<ListingClock, StoreError> {
        self.pools
            .one("SELECT era, change FROM listing_clock", params![])
            .await
    }

    /// The listings that changed after a change, each once, with the last of its
    /// changes, in their order.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn listing_changes(
        &self,
        after: i64,
        limit: u32,
    ) -> Result<Vec<ListingChange>, StoreError> {
        self.pools
            .all(
                "SELECT ch.change, ch.listing_id, l.title, l.price_amount, l.price_currency,
                    l.seller, l.data, s.name AS source, l.first_seen_at, l.last_seen_at
                 FROM listing_changes ch
                 LEFT JOIN listings l ON l.id = ch.listing_id
                 LEFT JOIN sources s ON s.id = l.source_id
                 WHERE ch.change > $1 ORDER BY ch.change LIMIT $2",
                params![after, limit],
            )
            .await
    }

    /// How many listings changed after a change.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn listings_changed(&self, after: i64) -> Result<i64, StoreError> {
        let (count,): (i64,) = self
            .pools
            .one(
                "SELECT COUNT(*) FROM listing_changes WHERE change > $1",
                params![after],
            )
            .await?;
        Ok(count)
    }

    /// One listing as a search shows it, if it is still there.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn found_listing(&self, id: i64) -> Result<Option<FoundListing>, StoreError> {
        self.pools
            .optional(
                concat!(
                    "SELECT l.id AS listing_id, s.name AS source, l.item_id, l.url, l.title,
                    l.price_amount, l.price_currency, l.seller, l.first_seen_at, l.last_seen_at,
                    l.data,
                    (SELECT p.blob FROM listing_pictures lp JOIN pictures p ON p.id = lp.picture_id
                      WHERE lp.listing_id = l.id ORDER BY lp.position LIMIT 1) AS picture_blob,
                    (SELECT c.id FROM cases c WHERE c.listing_id = l.id AND ",
                    product_seen!("c.product_id", "$2"),
                    "
                      ORDER BY c.score DESC, c.id LIMIT 1) AS case_id
                 FROM listings l JOIN sources s ON s.id = l.source_id WHERE l.id = $1 AND ",
                    listing_seen!("l.id", "$2")
                ),
                params![id, self.sees],
            )
            .await
    }

    /// A picture that this scan has already captured from `url`.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn picture_in_scan(
        &self,
        scan_id: i64,
        url: &str,
    ) -> Result<Option<KnownPicture>, StoreError> {
        self.pools
            .optional(
                "SELECT id AS capture_id, blob FROM captures
                 WHERE scan_id = $1 AND kind = 'image' AND url = $2",
                params![scan_id, url],
            )
            .await
    }

    /// One listing.
    ///
    /// # Errors
    /// [`StoreError::NotFound`], or when the database cannot be read.
    pub async fn listing(&self, id: i64) -> Result<ListingRow, StoreError> {
        self.pools
            .optional(
                concat!(
                    "SELECT l.id, s.name AS source, l.item_id, l.url, l.title, l.price_amount,
                    l.price_currency, l.seller, l.data, l.capture_id, l.first_seen_at,
                    l.last_seen_at, l.times_seen
                 FROM listings l JOIN sources s ON s.id = l.source_id WHERE l.id = $1 AND ",
                    listing_seen!("l.id", "$2")
                ),
                params![id, self.sees],
            )
            .await?
            .ok_or_else(|| StoreError::not_found("listing", id))
    }

    /// The listings of a source by item id: (item id, listing id) pairs.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn item_ids(&self, source: &str) -> Result<Vec<(String, i64)>, StoreError> {
        self.pools
            .all(
                "SELECT l.item_id, l.id FROM listings l JOIN sources s ON s.id = l.source_id
                 WHERE s.name = $1 ORDER BY l.item_id",
                params![source],
            )
            .await
    }

    /// The pictures of a listing, in order.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn listing_pictures(&self, listing: i64) -> Result<Vec<ListingPicture>, StoreError> {
        self.pools
            .all(
                "SELECT lp.position, lp.url, lp.picture_id, p.blob, p.width, p.height,
                    lp.capture_id, lp.error
                 FROM listing_pictures lp LEFT JOIN pictures p ON p.id = lp.picture_id
                 WHERE lp.listing_id = $1 ORDER BY lp.position",
                params![listing],
            )
            .await
    }

    /// Every capture a listing came from: its page's, what belongs to that where
    /// it was rendered, and those of its pictures.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn captures_of_listing(&self, listing: i64) -> Result<Vec<Capture>, StoreError> {
        self.pools
            .all(
                concat!(
                    "SELECT id, kind, url, final_url, status, request, headers, hops, peer, blob,
                        size, fetched_at FROM captures WHERE id IN ",
                    captures_of_listing!(),
                    " ORDER BY id"
                ),
                params![listing],
            )
            .await
    }

    /// Whether the blob is a listing's picture or a reference photo, that is,
    /// something the review page may show.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn is_picture(&self, blob: &str) -> Result<bool, StoreError> {
        let found: Option<(i64,)> = self
            .pools
            .optional(
                concat!(
                    "SELECT p.id FROM pictures p WHERE p.blob = $1
                    AND (CAST($2 AS BIGINT) IS NULL OR EXISTS (SELECT 1 FROM listing_pictures lp
                        WHERE lp.picture_id = p.id AND ",
                    listing_seen!("lp.listing_id", "$2"),
                    "))
                 UNION ALL SELECT r.id FROM reference_photos r WHERE r.blob = $1 AND ",
                    product_seen!("r.product_id", "$2"),
                    " LIMIT 1"
                ),
                params![blob, self.sees],
            )
            .await?;
        Ok(found.is_some())
    }
}
