//! Clusters: cases of one product and one kind that one decision can be right
//! for. What makes cases alike is said in [`crate::alike`].
//!
//! A case is put in its place in the transaction that writes it, by a look at its
//! keys. Where they lead to several clusters, the smaller ones become part of the
//! largest: a case moves only into a cluster at least as large as its own, so that
//! n cases cost n·log n moves at most.
//!
//! Who is like nobody and offers the product at an ordinary price stands together
//! with its like: [`ordinary`] says which cases these are.

mod eject;
mod ordinary;
mod place;

use serde::Serialize;
use sqlx::FromRow;

use super::db::params;
use super::{Store, StoreError};

/// Cases a cluster has room for: as many as a reviewer can look through.
pub const MOST_CASES: i64 = 200;

/// A case as its card shows it in a row of its likes.
#[derive(Debug, Clone, FromRow, Serialize)]
pub struct Member {
    /// The case.
    pub id: i64,
    /// Its cluster, once it has one.
    pub cluster_id: Option<i64>,
    /// `open`, `confirmed`, …
    pub state: String,
    /// Probability of infringement, 0 to 1.
    pub score: f64,
    /// SHA-256 of its evidence.
    pub evidence_hash: String,
    /// The listing's title.
    pub title: String,
    /// Seller as written.
    pub seller: Option<String>,
    /// The source's name.
    pub source: String,
    /// Decimal text.
    pub price_amount: Option<String>,
    /// ISO 4217.
    pub price_currency: Option<String>,
    /// The picture that matched, else the listing's first.
    pub picture_blob: Option<String>,
    /// Whether it stands among ordinary offers that are like no other case.
    pub ordinary: bool,
}

/// What a decision on a card must know of each of its cases.
#[derive(Debug, Clone, FromRow, Serialize)]
pub struct Mark {
    /// The case.
    pub id: i64,
    /// Probability of infringement, 0 to 1.
    pub score: f64,
    /// SHA-256 of its evidence.
    pub evidence_hash: String,
    /// The source.
    pub source_id: Option<i64>,
    /// Seller as written.
    pub seller: Option<String>,
}

/// What became of the cases of a cluster: how many are in which state.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, FromRow, Serialize)]
pub struct ClusterHistory {
    /// Confirmed ones.
    pub confirmed: i64,
    /// Rejected ones.
    pub rejected: i64,
}

impl Store {
    /// Puts up to `most` cases in their places that have none yet, such as those
    /// of a database from before there were clusters; gives how many it was.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn place_cases(&self, most: u32) -> Result<u32, StoreError> {
        let now = self.clock.millis();
        let waiting: Option<(i64,)> = self
            .pools
            .optional(
                "SELECT id FROM cases WHERE cluster_id IS NULL LIMIT 1",
                params![],
            )
            .await?;
        if waiting.is_none() {
            return Ok(0);
        }
        let mut tx = self.pools.begin().await?;
        // Whoever writes cases holds the log: two would make two clusters of one key.
        tx.hold_log().await?;
        let cases: Vec<(i64,)> = tx
            .all(
                "SELECT id FROM cases WHERE cluster_id IS NULL ORDER BY id LIMIT $1",
                params![most],
            )
            .await?;
        for (case,) in &cases {
            tx.place_case(*case, now).await?;
        }
        tx.commit().await?;
        Ok(u32::try_from(cases.len()).unwrap_or(u32::MAX))
    }

    /// What became of the decided cases of a cluster.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn cluster_history(&self, cluster: i64) -> Result<ClusterHistory, StoreError> {
        self.pools
            .one(
                "SELECT
                    CAST(COALESCE(SUM(CASE WHEN state = 'confirmed' THEN 1 ELSE 0 END), 0) AS BIGINT) AS confirmed,
                    CAST(COALESCE(SUM(CASE WHEN state = 'rejected' THEN 1 ELSE 0 END), 0) AS BIGINT) AS rejected
                 FROM cases WHERE cluster_id = $1 AND state IN ('confirmed', 'rejected')",
                params![cluster],
            )
            .await
    }

    /// Every case that has a place: (case, cluster, product, kind, state).
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn case_places(&self) -> Result<Vec<(i64, i64, i64, String, String)>, StoreError> {
        self.pools
            .all(
                "SELECT c.id, c.cluster_id, k.product_id, k.kind, c.state FROM cases c
                 JOIN clusters k ON k.id = c.cluster_id ORDER BY c.id",
                params![],
            )
            .await
    }
}
