//! Scans: one run of one source, with its counters.

use serde::Serialize;
use serde_json::json;
use sqlx::FromRow;

use super::db::{Tx, params};
use super::{Store, StoreError};
use crate::clock::Millis;

/// One run of one source.
#[derive(Debug, Clone, FromRow, Serialize)]
pub struct Scan {
    /// Identifier.
    pub id: i64,
    /// The source it ran.
    pub source_id: i64,
    /// The source's name.
    pub source: String,
    /// `running`, `done` or `failed`.
    pub state: String,
    /// Who or what started it: `cli`, `schedule`, `import`, a user's name.
    pub started_by: String,
    /// Start.
    pub started_at: Millis,
    /// Last progress.
    pub updated_at: Millis,
    /// End, when it has ended.
    pub finished_at: Option<Millis>,
    /// Why it failed or waits; for an import which file it is of.
    pub message: Option<String>,
    /// Fetches that were captured.
    pub requests: i64,
    /// Listings written.
    pub listings: i64,
    /// Of those, never seen before.
    pub new_listings: i64,
    /// Pictures of those listings.
    pub pictures: i64,
    /// Cases opened or updated.
    pub cases: i64,
    /// URLs given up on.
    pub failures: i64,
    /// URLs ever planned.
    pub queued: i64,
    /// URLs done, failed or skipped.
    pub finished: i64,
}

/// A scan's counters, or what one unit of work adds to them.
#[derive(Debug, Clone, Copy, Default, FromRow)]
pub struct Progress {
    /// Fetches that were captured.
    pub requests: i64,
    /// Listings written.
    pub listings: i64,
    /// Of those, never seen before.
    pub new_listings: i64,
    /// Pictures of those listings.
    pub pictures: i64,
    /// Cases opened or updated.
    pub cases: i64,
    /// URLs given up on.
    pub failures: i64,
    /// URLs newly planned.
    pub queued: i64,
    /// URLs done, failed or skipped.
    pub finished: i64,
}

impl std::ops::AddAssign for Progress {
    fn add_assign(&mut self, other: Self) {
        self.requests += other.requests;
        self.listings += other.listings;
        self.new_listings += other.new_listings;
        self.pictures += other.pictures;
        self.cases += other.cases;
        self.failures += other.failures;
        self.queued += other.queued;
        self.finished += other.finished;
    }
}

impl Scan {
    /// With its counters as they were counted last.
    pub fn count(&mut self, progress: Progress, at: Millis) {
        self.requests = progress.requests;
        self.listings = progress.listings;
        self.new_listings = progress.new_listings;
        self.pictures = progress.pictures;
        self.cases = progress.cases;
        self.failures = progress.failures;
        self.queued = progress.queued;
        self.finished = progress.finished;
        self.updated_at = at;
    }
}

macro_rules! select_scan {
    ($rest:literal) => {
        concat!(
            "SELECT s.id, s.source_id, o.name AS source, s.state, s.started_by, s.started_at,
                s.updated_at, s.finished_at, s.message, s.requests, s.listings, s.new_listings,
                s.pictures, s.cases, s.failures,
                s.queued, s.finished
             FROM scans s JOIN sources o ON o.id = s.source_id ",
            $rest
        )
    };
}

/// Every scan with its source's name; `s` is the scan, `o` the source.
pub(super) const SCAN: &str = select_scan!("");

impl Store {
    /// The newest scans first.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn scans(&self, limit: u32) -> Result<Vec<Scan>, StoreError> {
        self.pools
            .all(select_scan!("ORDER BY s.id DESC LIMIT $1"), params![limit])
            .await
    }

    /// One scan.
    ///
    /// # Errors
    /// [`StoreError::NotFound`], or when the database cannot be read.
    pub async fn scan(&self, id: i64) -> Result<Scan, StoreError> {
        self.pools
            .optional(select_scan!("WHERE s.id = $1"), params![id])
            .await?
            .ok_or_else(|| StoreError::not_found("scan", id))
    }

    /// The newest scan of a source, whatever its state; imports of files and
    /// re-checks aside.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn last_scan(&self, source_id: i64) -> Result<Option<Scan>, StoreError> {
        self.pools
            .optional(
                select_scan!(
                    "WHERE s.source_id = $1 AND s.started_by NOT IN ($2, $3)
                     ORDER BY s.id DESC LIMIT 1"
                ),
                params![
                    source_id,
                    super::imports::STARTED_BY,
                    super::rechecks::STARTED_BY
                ],
            )
            .await
    }

    /// How often a source was scanned, imports of files aside.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn scans_of(&self, source_id: i64) -> Result<i64, StoreError> {
        let (count,): (i64,) = self
            .pools
            .one(
                "SELECT COUNT(*) FROM scans WHERE source_id = $1 AND started_by <> $2",
                params![source_id, super::imports::STARTED_BY],
            )
            .await?;
        Ok(count)
    }

    /// How many pages of items a scan asked for, and how many listings it saw last: fewer
    /// where several pages have one identifier.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn items_and_listings(&self, scan: &Scan) -> Result<(i64, i64), StoreError> {
        self.pools
            .one(
                "SELECT (SELECT COUNT(*) FROM captures WHERE scan_id = $2 AND kind = 'item'),
                    (SELECT COUNT(*) FROM listings WHERE source_id = $1 AND last_scan_id = $2)",
                params![scan.source_id, scan.id],
            )
            .await
    }

    /// The newest scan of every source that was ever scanned.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn last_scans(&self) -> Result<Vec<Scan>, StoreError> {
        self.pools
            .all(
                select_scan!("WHERE s.id IN (SELECT MAX(id) FROM scans GROUP BY source_id)"),
                params![],
            )
            .await
    }

    /// Scans that have started and not ended: running now, or cut off.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn unfinished_scans(&self) -> Result<Vec<Scan>, StoreError> {
        self.pools
            .all(
                select_scan!("WHERE s.state = 'running' ORDER BY s.id"),
                params![],
            )
            .await
    }

    /// Starts a scan of a source with its first targets, given as (dedupe key,
    /// target) pairs, in one transaction.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn start_scan(
        &self,
        source_id: i64,
        started_by: &str,
        seeds: &[(String, String)],
    ) -> Result<i64, StoreError> {
        let now = self.clock.millis();
        let mut tx = self.pools.begin().await?;
        let id = tx
            .id(
                "INSERT INTO scans (source_id, state, started_by, started_at, updated_at)
                 VALUES ($1, 'running', $2, $3, $3) RETURNING id",
                params![source_id, started_by, now],
            )
            .await?;
        tx.run_begins(source_id, started_by).await?;
        let queued = tx.push_seeds(id, seeds).await?;
        tx.add_progress(
            id,
            Progress {
                queued,
                ..Progress::default()
            },
            now,
        )
        .await?;
        let detail = json!({ "source_id": source_id, "seeds": seeds.len() });
        tx.audit(
            now,
            started_by,
            "scan.start",
            &format!("scan {id}"),
            &detail,
        )
        .await?;
        tx.commit().await?;
        Ok(id)
    }

    /// Notes why a scan waits; it stays unfinished and is resumed later.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn pause_scan(&self, id: i64, why: &str) -> Result<(), StoreError> {
        let now = self.clock.millis();
        let mut tx = self.pools.begin().await?;
        tx.run(
            "UPDATE scans SET message = $2, updated_at = $3 WHERE id = $1 AND state = 'running'",
            params![id, why, now],
        )
        .await?;
        tx.commit().await
    }

    /// Ends a scan as `done` or `failed`.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn finish_scan(
        &self,
        id: i64,
        state: &str,
        message: Option<&str>,
    ) -> Result<(), StoreError> {
        let now = self.clock.millis();
        let mut tx = self.pools.begin().await?;
        let changed = tx
            .run(
                "UPDATE scans SET state = $2, message = $3, finished_at = $4, updated_at = $4
                 WHERE id = $1 AND state = 'running'",
                params![id, state, message, now],
            )
            .await?;
        if changed > 0 {
            let detail = json!({ "state": state, "message": message });
            tx.audit(now, "scan", "scan.finish", &format!("scan {id}"), &detail)
                .await?;
            if state == "done" {
                tx.tell_results(id, now).await?;
            }
            tx.forget_results(id).await?;
        }
        tx.commit().await
    }
}

impl Tx {
    /// Takes a scan for this transaction: its workers then write one after the
    /// other, instead of waiting for each other over captures and targets that
    /// they found in another order.
    pub(super) async fn hold_scan(&mut self, scan_id: i64, now: Millis) -> Result<(), StoreError> {
        if let Self::Sqlite(_) = self {
            // A transaction that writes is alone there.
            return Ok(());
        }
        self.run(
            "UPDATE scans SET updated_at = $2 WHERE id = $1",
            params![scan_id, now],
        )
        .await?;
        Ok(())
    }

    /// Adds to a scan's counters, and says how they stand.
    pub(super) async fn add_progress(
        &mut self,
        scan_id: i64,
        progress: Progress,
        now: Millis,
    ) -> Result<Progress, StoreError> {
        self.one(
            "UPDATE scans SET requests = requests + $2, listings = listings + $3,
                new_listings = new_listings + $4, pictures = pictures + $5, cases = cases + $6,
                failures = failures + $7, queued = queued + $8, finished = finished + $9,
                updated_at = $10
             WHERE id = $1
             RETURNING requests, listings, new_listings, pictures, cases, failures, queued, finished",
            params![
                scan_id,
                progress.requests,
                progress.listings,
                progress.new_listings,
                progress.pictures,
                progress.cases,
                progress.failures,
                progress.queued,
                progress.finished,
                now,
            ],
        )
        .await
    }
}
