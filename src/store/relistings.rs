//! Listings that came back after one like them was removed.

use serde::Serialize;
use serde_json::json;
use sqlx::FromRow;

use super::db::{numbers, params};
use super::rechecks::STARTED_BY;
use super::sees::case_seen;
use super::{Store, StoreError};
use crate::clock::Millis;

/// A listing that is new, and what it is new with.
#[derive(Debug, Clone, FromRow)]
pub struct Newcomer {
    /// The number of its last change.
    pub change: i64,
    /// The listing.
    pub listing_id: i64,
    /// Its source.
    pub source_id: i64,
    /// Its title.
    pub title: String,
    /// Its seller.
    pub seller: Option<String>,
    /// First seen.
    pub first_seen_at: Millis,
    /// A case of it, if it has one.
    pub case_id: Option<i64>,
    /// The product of that case.
    pub product_id: Option<i64>,
    /// The reference photo that it shows.
    pub reference_id: Option<i64>,
}

/// A listing that was taken down.
#[derive(Debug, Clone, FromRow)]
pub struct TakenDown {
    /// The case.
    pub case_id: i64,
    /// The listing.
    pub listing_id: i64,
    /// Its source.
    pub source_id: i64,
    /// The product.
    pub product_id: i64,
    /// Its title.
    pub title: String,
    /// Its seller.
    pub seller: Option<String>,
    /// The reference photo that it showed.
    pub reference_id: Option<i64>,
    /// When it was removed first.
    pub removed_at: Millis,
    /// When that was first recorded.
    pub recorded_at: Millis,
}

/// A picture of a listing with its fingerprint.
#[derive(Debug, Clone, FromRow)]
pub struct ShownPicture {
    /// The listing.
    pub listing_id: i64,
    /// The picture.
    pub picture_id: i64,
    /// Name and version of the algorithm.
    pub algorithm: String,
    /// The fingerprint.
    pub hashes: Vec<u8>,
}

/// A listing that is one taken down come back.
#[derive(Debug, Clone, PartialEq, FromRow, Serialize)]
pub struct Relisting {
    /// The new listing.
    pub listing_id: i64,
    /// The case of the old one.
    pub case_id: i64,
    /// How sure the photos match, 0 to 1.
    pub by_photo: Option<f64>,
    /// Whether the seller is the same.
    pub by_seller: bool,
    /// How alike the titles are, 0 to 1.
    pub by_text: Option<f64>,
    /// In words.
    pub why: String,
    /// When it was linked.
    pub at: Millis,
}

macro_rules! select_relisting {
    ($($rest:expr),+) => {
        concat!(
            "SELECT listing_id, case_id, by_photo, by_seller, by_text, why, at FROM relistings ",
            $($rest),+
        )
    };
}

impl Store {
    /// Listings that changed after a change and were first seen since a moment, with
    /// their cases, in the order of the changes. These are numbered as they become
    /// visible, which identifiers are not.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn newcomers(
        &self,
        after: i64,
        since: Millis,
        limit: u32,
    ) -> Result<Vec<Newcomer>, StoreError> {
        self.pools
            .all(
                "SELECT ch.change, l.id AS listing_id, l.source_id, l.title, l.seller,
                    l.first_seen_at, c.id AS case_id, c.product_id, c.reference_id
                 FROM listing_changes ch JOIN listings l ON l.id = ch.listing_id
                 LEFT JOIN cases c ON c.listing_id = l.id AND c.audit_rate IS NULL
                 WHERE ch.change IN (SELECT h.change FROM listing_changes h
                    JOIN listings n ON n.id = h.listing_id
                    WHERE h.change > $1 AND n.first_seen_at >= $2
                    ORDER BY h.change LIMIT $3)
                 ORDER BY ch.change, c.id",
                params![after, since, limit],
            )
            .await
    }

    /// Listings that were taken down at some time.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn taken_down(&self) -> Result<Vec<TakenDown>, StoreError> {
        self.pools
            .all(
                "SELECT c.id AS case_id, c.listing_id, l.source_id, c.product_id, l.title,
                    l.seller, c.reference_id, MIN(e.happened_at) AS removed_at,
                    MIN(e.at) AS recorded_at
                 FROM notice_events e JOIN cases c ON c.id = e.case_id
                 JOIN listings l ON l.id = c.listing_id WHERE e.to_state = 'removed'
                 GROUP BY c.id, c.listing_id, l.source_id, c.product_id, l.title, l.seller,
                    c.reference_id
                 ORDER BY c.id",
                params![],
            )
            .await
    }

    /// The pictures that listings show, a listing's together and in their order.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn shown_by(&self, listings: &[i64]) -> Result<Vec<ShownPicture>, StoreError> {
        self.pools
            .all_in(
                "SELECT lp.listing_id, p.id AS picture_id, p.algorithm, p.hashes
                 FROM listing_pictures lp JOIN pictures p ON p.id = lp.picture_id
                 WHERE lp.listing_id IN",
                params![],
                numbers(listings),
                "ORDER BY lp.listing_id, lp.position",
            )
            .await
    }

    /// How far the search for relistings has come: the last change looked at, and when.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn mark_and_time(&self, name: &str) -> Result<Option<(i64, Millis)>, StoreError> {
        self.pools
            .optional("SELECT value, at FROM marks WHERE name = $1", params![name])
            .await
    }

    /// Keeps that a listing is one taken down come back; says whether that was new.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn link_relisting(
        &self,
        relisting: &Relisting,
        new_case: Option<i64>,
    ) -> Result<bool, StoreError> {
        let mut tx = self.pools.begin().await?;
        tx.hold_log().await?;
        let added = tx
            .run(
                "INSERT INTO relistings (listing_id, case_id, by_photo, by_seller, by_text, why, at)
                 VALUES ($1, $2, $3, $4, $5, $6, $7)
                 ON CONFLICT (listing_id, case_id) DO NOTHING",
                params![
                    relisting.listing_id,
                    relisting.case_id,
                    relisting.by_photo,
                    relisting.by_seller,
                    relisting.by_text,
                    &relisting.why,
                    relisting.at,
                ],
            )
            .await?;
        if added == 1 {
            let detail = json!({ "listing_id": relisting.listing_id, "case": new_case,
                "by_photo": relisting.by_photo, "by_seller": relisting.by_seller,
                "by_text": relisting.by_text });
            let subject = format!("case {}", relisting.case_id);
            tx.audit(relisting.at, STARTED_BY, "case.relisted", &subject, &detail)
                .await?;
        }
        tx.commit().await?;
        Ok(added == 1)
    }

    /// The old cases that a listing is a relisting of.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn relisting_of(&self, listing_id: i64) -> Result<Vec<Relisting>, StoreError> {
        self.pools
            .all(
                select_relisting!(
                    "WHERE listing_id = $1 AND ",
                    case_seen!("case_id", "$2"),
                    " ORDER BY case_id"
                ),
                params![listing_id, self.sees],
            )
            .await
    }

    /// The listings that came back of a case.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn relistings(&self, case_id: i64) -> Result<Vec<Relisting>, StoreError> {
        self.pools
            .all(
                select_relisting!(
                    "WHERE case_id = $1 AND ",
                    case_seen!("case_id", "$2"),
                    " ORDER BY listing_id"
                ),
                params![case_id, self.sees],
            )
            .await
    }

    /// How many listings of a seller at a source were reported: (reported,
    /// removed), whatever became of them later.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn reported_of_seller(
        &self,
        source: &str,
        seller: &str,
    ) -> Result<(i64, i64), StoreError> {
        self.pools
            .one(
                "SELECT COUNT(DISTINCT CASE WHEN e.to_state = 'submitted' THEN c.listing_id END),
                        COUNT(DISTINCT CASE WHEN e.to_state = 'removed' THEN c.listing_id END)
                 FROM notice_events e JOIN cases c ON c.id = e.case_id
                 JOIN listings l ON l.id = c.listing_id JOIN sources s ON s.id = l.source_id
                 WHERE s.name = $1 AND l.seller = $2",
                params![source, seller],
            )
            .await
    }
}
