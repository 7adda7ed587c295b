//! How sources are doing: what their last scans came to, hosts that asked to be left
//! alone, and wishes for a scan now.

use std::collections::HashMap;

use serde_json::json;
use sqlx::FromRow;

use super::db::{Tx, params};
use super::{Store, StoreError, imports, rechecks};
use crate::clock::Millis;

/// Scans of a source that its health is read from.
pub const SCANS: i64 = 10;

/// What the last [`SCANS`] scans of a source came to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, FromRow)]
pub struct SourceHealth {
    /// The source.
    pub source_id: i64,
    /// Scans counted.
    pub scans: i64,
    /// Of those, failed as a whole.
    pub failed: i64,
    /// Addresses done with.
    pub finished: i64,
    /// Addresses given up on.
    pub failures: i64,
    /// Listings read.
    pub listings: i64,
}

/// A host that is left alone for a while.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct ClosedHost {
    /// Host and port.
    pub host: String,
    /// Until when.
    pub until_at: Millis,
    /// The HTTP status by which it asked for that.
    pub status: i64,
}

impl Store {
    /// The health of every source that was ever scanned; imports of files and
    /// re-checks aside.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn source_health(&self) -> Result<HashMap<i64, SourceHealth>, StoreError> {
        let rows: Vec<SourceHealth> = self
            .pools
            .all(
                "SELECT source_id, COUNT(*) AS scans,
                    COUNT(*) FILTER (WHERE state = 'failed') AS failed,
                    CAST(SUM(finished) AS BIGINT) AS finished,
                    CAST(SUM(failures) AS BIGINT) AS failures,
                    CAST(SUM(listings) AS BIGINT) AS listings
                 FROM (SELECT source_id, state, finished, failures, listings,
                        ROW_NUMBER() OVER (PARTITION BY source_id ORDER BY id DESC) AS place
                       FROM scans WHERE started_by NOT IN ($1, $2)) s
                 WHERE place <= $3 GROUP BY source_id",
                params![imports::STARTED_BY, rechecks::STARTED_BY, SCANS],
            )
            .await?;
        Ok(rows.into_iter().map(|row| (row.source_id, row)).collect())
    }

    /// Hosts that are left alone at `now`.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn closed_hosts(&self, now: Millis) -> Result<Vec<ClosedHost>, StoreError> {
        self.pools
            .all(
                "SELECT host, until_at, status FROM closed_hosts WHERE until_at > $1
                 ORDER BY host LIMIT 1000",
                params![now],
            )
            .await
    }

    /// Requests spent of each source's quota of a day, `2026-11-28`.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn quota_of(&self, day: &str) -> Result<HashMap<String, i64>, StoreError> {
        let rows: Vec<(String, i64)> = self
            .pools
            .all(
                "SELECT source, requests FROM quota_spent WHERE day = $1",
                params![day],
            )
            .await?;
        Ok(rows.into_iter().collect())
    }

    /// Why a scan gave up on addresses, the commonest reason first.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn scan_reasons(
        &self,
        scan_id: i64,
        limit: u32,
    ) -> Result<Vec<(String, i64)>, StoreError> {
        self.pools
            .all(
                "SELECT COALESCE(error, 'no reason given'), COUNT(*) FROM frontier
                 WHERE scan_id = $1 AND state = 'failed' GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT $2",
                params![scan_id, limit],
            )
            .await
    }

    /// Asks for a scan of a source as soon as the scheduler looks.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] for a source that is paused or scanned now,
    /// [`StoreError::NotFound`], or when the database cannot be written.
    pub async fn ask_for_run(&self, actor: &str, name: &str) -> Result<(), StoreError> {
        let now = self.clock.millis();
        let mut tx = self.pools.begin().await?;
        let found: Option<(i64, bool)> = tx
            .optional(
                "SELECT id, enabled FROM sources WHERE name = $1",
                params![name],
            )
            .await?;
        let Some((id, enabled)) = found else {
            return Err(StoreError::not_found("source", name));
        };
        if !enabled {
            return Err(StoreError::Conflict(format!(
                "source {name} is paused; resume it first"
            )));
        }
        let running: Option<(i64,)> = tx
            .optional(
                "SELECT id FROM scans WHERE source_id = $1 AND state = 'running'
                    AND started_by <> $2 LIMIT 1",
                params![id, imports::STARTED_BY],
            )
            .await?;
        if let Some((scan,)) = running {
            return Err(StoreError::Conflict(format!(
                "source {name} is being scanned already: scan {scan}"
            )));
        }
        let asked = tx
            .run(
                "UPDATE sources SET run_asked_by = $2, run_asked_at = $3, run_refused = NULL
                 WHERE id = $1 AND run_asked_at IS NULL",
                params![id, actor, now],
            )
            .await?;
        if asked == 1 {
            let subject = format!("source {name}");
            tx.audit(now, actor, "source.run", &subject, &json!({}))
                .await?;
        }
        tx.commit().await
    }

    /// Says why a scan that was asked for did not begin; nobody asks any more then.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn refuse_run(&self, source_id: i64, why: &str) -> Result<(), StoreError> {
        let why: String = why.chars().take(500).collect();
        let mut tx = self.pools.begin().await?;
        tx.run(
            "UPDATE sources SET run_asked_by = NULL, run_asked_at = NULL, run_refused = $2
             WHERE id = $1 AND run_asked_at IS NOT NULL",
            params![source_id, why],
        )
        .await?;
        tx.commit().await
    }
}

impl Tx {
    /// A scan begins: what was asked for happens, whoever started it.
    pub(super) async fn run_begins(
        &mut self,
        source_id: i64,
        started_by: &str,
    ) -> Result<(), StoreError> {
        if [imports::STARTED_BY, rechecks::STARTED_BY].contains(&started_by) {
            return Ok(());
        }
        self.run(
            "UPDATE sources SET run_asked_by = NULL, run_asked_at = NULL, run_refused = NULL
             WHERE id = $1 AND (run_asked_at IS NOT NULL OR run_refused IS NOT NULL)",
            params![source_id],
        )
        .await?;
        Ok(())
    }
}
