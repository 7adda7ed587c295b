//! One seller: their listings, and what was decided about these and reported.

use sqlx::FromRow;

use crate::clock::Millis;
use crate::store::db::params;
use crate::store::sees::{listing_seen, notice_seen, product_seen};
use crate::store::{Store, StoreError};

/// One listing of a seller, with its weightiest case.
#[derive(Debug, Clone, FromRow)]
pub struct SellerListing {
    /// Identifier.
    pub id: i64,
    /// Title as written.
    pub title: String,
    /// Address.
    pub url: String,
    /// Decimal text.
    pub price_amount: Option<String>,
    /// ISO 4217.
    pub price_currency: Option<String>,
    /// First seen.
    pub first_seen_at: Millis,
    /// Last seen.
    pub last_seen_at: Millis,
    /// Its first picture that was read.
    pub blob: Option<String>,
    /// The case, if there is one.
    pub case_id: Option<i64>,
    /// Its state.
    pub state: Option<String>,
}

/// A decision on one of a seller's cases.
#[derive(Debug, Clone, FromRow)]
pub struct SellerDecision {
    /// The case.
    pub case_id: i64,
    /// `confirm`, `reject`, …
    pub action: String,
    /// Why.
    pub reason: Option<String>,
    /// Who.
    pub actor: String,
    /// When.
    pub at: Millis,
    /// Whether it was taken back.
    pub undone: bool,
    /// The listing's title.
    pub title: String,
}

/// A notice about one of a seller's listings.
#[derive(Debug, Clone, FromRow)]
pub struct SellerNotice {
    /// The notice.
    pub id: i64,
    /// The case.
    pub case_id: i64,
    /// The channel it goes by.
    pub channel: String,
    /// The right it rests on.
    pub right_kind: String,
    /// How it stands for this listing.
    pub state: String,
    /// Since when.
    pub updated_at: Millis,
}

/// Listings of a seller, counted up to [`MOST_COUNTED`].
#[derive(Debug, Clone, Copy, FromRow)]
pub struct SellerListings {
    /// How many.
    pub listings: i64,
    /// When the first was first seen.
    pub first_seen_at: Option<Millis>,
    /// When the last was last seen.
    pub last_seen_at: Option<Millis>,
}

/// Listings of a seller that are counted, the newest.
pub const MOST_COUNTED: i64 = 10_000;

impl Store {
    /// How many listings a seller has, and since when.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn seller_listing_count(
        &self,
        source_id: i64,
        seller: &str,
    ) -> Result<SellerListings, StoreError> {
        self.pools
            .one(
                concat!(
                    "SELECT COUNT(*) AS listings, MIN(first_seen_at) AS first_seen_at,
                        MAX(last_seen_at) AS last_seen_at
                     FROM (SELECT first_seen_at, last_seen_at FROM listings
                            WHERE source_id = $1 AND seller = $2 AND ",
                    listing_seen!("listings.id", "$4"),
                    " ORDER BY id DESC LIMIT $3) l"
                ),
                params![source_id, seller, MOST_COUNTED, self.sees],
            )
            .await
    }

    /// A seller's listings, the newest first, below the number `before`.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn seller_listings(
        &self,
        source_id: i64,
        seller: &str,
        before: Option<i64>,
        limit: u32,
    ) -> Result<Vec<SellerListing>, StoreError> {
        self.pools
            .all(
                concat!(
                    "SELECT l.id, l.title, l.url, l.price_amount, l.price_currency, l.first_seen_at,
                    l.last_seen_at,
                    (SELECT p.blob FROM listing_pictures lp JOIN pictures p ON p.id = lp.picture_id
                      WHERE lp.listing_id = l.id ORDER BY lp.position LIMIT 1) AS blob,
                    c.id AS case_id, c.state
                 FROM listings l LEFT JOIN cases c ON c.id =
                    (SELECT b.id FROM cases b WHERE b.listing_id = l.id AND ",
                    product_seen!("b.product_id", "$5"),
                    " ORDER BY b.score DESC, b.id LIMIT 1)
                 WHERE l.source_id = $1 AND l.seller = $2 AND l.id < $3 AND ",
                    listing_seen!("l.id", "$5"),
                    " ORDER BY l.id DESC LIMIT $4"
                ),
                params![
                    source_id,
                    seller,
                    before.unwrap_or(i64::MAX),
                    limit,
                    self.sees
                ],
            )
            .await
    }

    /// The last decisions on a seller's cases, the newest first.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn seller_decisions(
        &self,
        source_id: i64,
        seller: &str,
        limit: u32,
    ) -> Result<Vec<SellerDecision>, StoreError> {
        self.pools
            .all(
                concat!(
                    "SELECT d.case_id, d.action, d.reason, d.actor, d.at,
                    d.undone_by IS NOT NULL AS undone, l.title
                 FROM decisions d JOIN cases c ON c.id = d.case_id
                 JOIN listings l ON l.id = c.listing_id
                 WHERE d.action <> 'undo' AND d.case_id IN
                    (SELECT case_id FROM case_figures
                      WHERE source_id = $1 AND seller = $2 AND ",
                    product_seen!("product_id", "$4"),
                    ") ORDER BY d.id DESC LIMIT $3"
                ),
                params![source_id, seller, limit, self.sees],
            )
            .await
    }

    /// The last notices about a seller's listings, the newest first.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn seller_notices(
        &self,
        source_id: i64,
        seller: &str,
        limit: u32,
    ) -> Result<Vec<SellerNotice>, StoreError> {
        self.pools
            .all(
                concat!(
                    "SELECT n.id, i.case_id, n.channel, n.right_kind, i.state, i.updated_at
                 FROM notice_items i JOIN notices n ON n.id = i.notice_id
                 WHERE i.case_id IN
                    (SELECT case_id FROM case_figures WHERE source_id = $1 AND seller = $2)
                 AND ",
                    notice_seen!("n.id", "$4"),
                    " ORDER BY n.id DESC, i.position LIMIT $3"
                ),
                params![source_id, seller, limit, self.sees],
            )
            .await
    }
}
