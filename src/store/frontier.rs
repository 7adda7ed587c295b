//! The frontier: one row a URL a scan still has to fetch, leased to one worker
//! at a time.

use sqlx::FromRow;

use super::db::{Tx, Value, numbers, params};
use super::{Store, StoreError};
use crate::clock::Millis;

/// A leased row of the frontier.
#[derive(Debug, Clone, FromRow)]
pub struct Lease {
    /// Identifier.
    pub id: i64,
    /// The scan it belongs to.
    pub scan_id: i64,
    /// The target as the crawlers' library wrote it, JSON.
    pub target: String,
    /// A listing that a list page gave in full, JSON: only its pictures are
    /// still to be fetched.
    pub listing: Option<String>,
    /// The capture that listing came from.
    pub capture_id: Option<i64>,
}

/// What a worker asks of a frontier.
#[derive(Debug, Clone, Copy)]
pub struct LeaseRequest<'a> {
    /// The scan.
    pub scan_id: i64,
    /// Who asks.
    pub worker: &'a str,
    /// Rows at most.
    pub limit: u32,
    /// For how long, in seconds.
    pub seconds: i64,
}

/// A URL that failed, for reports.
#[derive(Debug, Clone, FromRow, serde::Serialize)]
pub struct Failure {
    /// What was to be fetched, JSON.
    pub target: String,
    /// `failed` or `skipped`.
    pub state: String,
    /// Why.
    pub error: Option<String>,
}

/// The one statement that differs: PostgreSQL skips rows that another worker is
/// just leasing; SQLite has one writer and no such clause. Pending rows and lapsed
/// leases are asked for apart, so that the index gives the first few of each: by one
/// condition every row of the scan would be read each time.
const LEASE_SQLITE: &str = "UPDATE frontier SET state = 'leased', leased_by = $2,
        leased_until = $3, attempts = attempts + 1
    WHERE id IN (SELECT id FROM (SELECT id FROM frontier
                     WHERE scan_id = $1 AND state = 'pending'
                     ORDER BY id LIMIT $5)
                 UNION ALL SELECT id FROM (SELECT id FROM frontier
                     WHERE scan_id = $1 AND state = 'leased' AND leased_until < $4 AND leased_by <> $2
                     ORDER BY id LIMIT $5)
                 LIMIT $5)
    RETURNING id, scan_id, target, listing, capture_id";
const LEASE_POSTGRES: &str = "UPDATE frontier SET state = 'leased', leased_by = $2,
        leased_until = $3, attempts = attempts + 1
    WHERE id IN (SELECT id FROM (SELECT id FROM frontier
                     WHERE scan_id = $1 AND state = 'pending'
                     ORDER BY id LIMIT $5 FOR UPDATE SKIP LOCKED) AS pending
                 UNION ALL SELECT id FROM (SELECT id FROM frontier
                     WHERE scan_id = $1 AND state = 'leased' AND leased_until < $4 AND leased_by <> $2
                     ORDER BY id LIMIT $5 FOR UPDATE SKIP LOCKED) AS lapsed
                 LIMIT $5)
    RETURNING id, scan_id, target, listing, capture_id";

impl Store {
    /// Leases rows of a scan. A lapsed lease is taken from others, never from
    /// the worker that asks: it knows best that it is still at work.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn lease(
        &self,
        scan_id: i64,
        worker: &str,
        limit: u32,
        seconds: i64,
    ) -> Result<Vec<Lease>, StoreError> {
        let wanted = LeaseRequest {
            scan_id,
            worker,
            limit,
            seconds,
        };
        let mut tx = self.pools.begin().await?;
        let rows = tx.lease(&wanted, self.clock.millis()).await?;
        tx.commit().await?;
        Ok(rows)
    }

    /// Gives back every lease of a scan whose workers are known to be gone.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn release_leases(&self, scan_id: i64) -> Result<u64, StoreError> {
        let mut tx = self.pools.begin().await?;
        let released = tx
            .run(
                "UPDATE frontier SET state = 'pending', leased_by = NULL, leased_until = NULL
                 WHERE scan_id = $1 AND state = 'leased'",
                params![scan_id],
            )
            .await?;
        tx.commit().await?;
        Ok(released)
    }

    /// All targets of a scan whose row comes after `last`, with their rows, at
    /// most `most`.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn frontier_after(
        &self,
        scan_id: i64,
        last: i64,
        most: i64,
    ) -> Result<Vec<(i64, String)>, StoreError> {
        self.pools
            .all(
                "SELECT id, target FROM frontier WHERE scan_id = $1 AND id > $2
                 ORDER BY id LIMIT $3",
                params![scan_id, last, most],
            )
            .await
    }

    /// Whether nothing of a scan is pending or leased.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn frontier_is_empty(&self, scan_id: i64) -> Result<bool, StoreError> {
        let left: Option<(i64,)> = self
            .pools
            .optional(
                "SELECT id FROM frontier WHERE scan_id = $1 AND state IN ('pending', 'leased')
                 LIMIT 1",
                params![scan_id],
            )
            .await?;
        Ok(left.is_none())
    }

    /// URLs of a scan that failed or were skipped, at most `limit`; none for whoever
    /// sees some brands only, for searches name products.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn scan_failures(
        &self,
        scan_id: i64,
        limit: u32,
    ) -> Result<Vec<Failure>, StoreError> {
        if !self.sees.everything() {
            return Ok(Vec::new());
        }
        self.pools
            .all(
                "SELECT target, state, error FROM frontier
                 WHERE scan_id = $1 AND state IN ('failed', 'skipped') ORDER BY id LIMIT $2",
                params![scan_id, limit],
            )
            .await
    }
}

impl Tx {
    pub(super) async fn lease(
        &mut self,
        wanted: &LeaseRequest<'_>,
        now: Millis,
    ) -> Result<Vec<Lease>, StoreError> {
        let sql = match self {
            Self::Sqlite(_) => LEASE_SQLITE,
            Self::Postgres(_) => LEASE_POSTGRES,
        };
        let until = now.plus_seconds(wanted.seconds);
        let values = params![wanted.scan_id, wanted.worker, until, now, wanted.limit];
        let mut rows: Vec<Lease> = self.all(sql, values).await?;
        rows.sort_by_key(|row| row.id);
        Ok(rows)
    }

    /// Adds targets unless the scan has them already; says how many were added.
    /// A row is scan, key, target, listing, capture and `pending`.
    pub(super) async fn push_targets(&mut self, rows: Vec<Vec<Value>>) -> Result<i64, StoreError> {
        let added = self
            .insert(
                "INSERT INTO frontier (scan_id, dedupe, target, listing, capture_id, state)",
                rows,
                "ON CONFLICT (scan_id, dedupe) DO NOTHING",
            )
            .await?;
        Ok(i64::try_from(added).unwrap_or(i64::MAX))
    }

    /// The first targets of a scan, (key, target) each; says how many were added.
    pub(super) async fn push_seeds(
        &mut self,
        scan_id: i64,
        seeds: &[(String, String)],
    ) -> Result<i64, StoreError> {
        let nothing = || None::<String>;
        let rows = seeds
            .iter()
            .map(|(key, target)| params![scan_id, key, target, nothing(), None::<i64>, "pending"]);
        self.push_targets(rows.collect()).await
    }

    /// Ends rows that are still leased to `worker`: they are done. Says which they were; the
    /// lease of the others was lost to another worker, then nothing of that work
    /// may be written.
    pub(super) async fn leases_done(
        &mut self,
        worker: &str,
        ids: &[i64],
    ) -> Result<Vec<i64>, StoreError> {
        let ended: Vec<(i64,)> = self
            .all_in(
                "UPDATE frontier SET state = 'done', error = NULL, leased_by = NULL,
                    leased_until = NULL
                 WHERE leased_by = $1 AND state = 'leased' AND id IN",
                params![worker],
                numbers(ids),
                "RETURNING id",
            )
            .await?;
        Ok(ended.into_iter().map(|(id,)| id).collect())
    }

    /// Ends a row that is still leased to `worker`, and was skipped or failed; false as in [`Self::leases_done`].
    pub(super) async fn end_lease(
        &mut self,
        id: i64,
        worker: &str,
        state: &str,
        why: &str,
    ) -> Result<bool, StoreError> {
        let changed = self
            .run(
                "UPDATE frontier SET state = $3, error = $4, leased_by = NULL, leased_until = NULL
                 WHERE id = $1 AND leased_by = $2 AND state = 'leased'",
                params![id, worker, state, why],
            )
            .await?;
        Ok(changed == 1)
    }
}
