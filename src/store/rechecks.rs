//! Listings under notice that are looked at again, and what was seen.

use serde::Serialize;
use sqlx::FromRow;

use super::db::{Value, params};
use super::{Store, StoreError};
use crate::clock::Millis;

/// Who the scans are started by that look at listings again.
pub const STARTED_BY: &str = "recheck";

/// A listing that is under notice, or was taken down.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct Watched {
    /// The notice.
    pub notice_id: i64,
    /// The case.
    pub case_id: i64,
    /// The listing.
    pub listing_id: i64,
    /// Its source.
    pub source_id: i64,
    /// The marketplace's own identifier.
    pub item_id: String,
    /// Its address.
    pub url: String,
    /// Where it stands.
    pub state: String,
    /// Since when, as it happened.
    pub since: Millis,
    /// When the notice was submitted.
    pub submitted: Millis,
}

/// When a listing is looked at again, and what was seen last.
#[derive(Debug, Clone, PartialEq, Eq, FromRow, Serialize)]
pub struct Recheck {
    /// The listing.
    pub listing_id: i64,
    /// The address it is asked at.
    pub asked: String,
    /// The run that asked last.
    pub scan_id: Option<i64>,
    /// When it is looked at next.
    pub next_at: Millis,
    /// How often it was looked at.
    pub looks: i64,
    /// Whether what that run saw was taken in.
    pub judged: bool,
    /// `there`, `gone`, `blocked`, `unexpected` or `doubted`.
    pub last_signal: Option<String>,
    /// When.
    pub last_at: Option<Millis>,
    /// The first capture since it was last there that said it is gone.
    pub gone_capture: Option<i64>,
    /// When that was taken.
    pub gone_at: Option<Millis>,
}

/// A look at a listing that is to be planned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlannedLook {
    /// The listing.
    pub listing_id: i64,
    /// The address it is asked at.
    pub asked: String,
    /// When.
    pub next_at: Millis,
}

/// What a capture of an item's page said.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct Seen {
    /// The capture.
    pub capture_id: i64,
    /// The address that was asked.
    pub url: String,
    /// `there`, `gone`, `blocked` or `unexpected`.
    pub signal: String,
    /// What said so; for a listing that is there, its identifier.
    pub why: String,
    /// When.
    pub at: Millis,
}

impl Store {
    /// Listings that a notice is under way for, and those taken down since a
    /// moment.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn watched(&self, removed_since: Millis) -> Result<Vec<Watched>, StoreError> {
        self.pools
            .all(
                "SELECT i.notice_id, i.case_id, c.listing_id, l.source_id, l.item_id, l.url,
                    i.state,
                    COALESCE((SELECT MAX(e.happened_at) FROM notice_events e
                      WHERE e.notice_id = i.notice_id AND e.case_id = i.case_id), i.updated_at)
                        AS since,
                    COALESCE((SELECT MIN(e.happened_at) FROM notice_events e
                      WHERE e.notice_id = i.notice_id AND e.case_id = i.case_id
                        AND e.to_state = 'submitted'), i.updated_at) AS submitted
                 FROM notice_items i
                 JOIN cases c ON c.id = i.case_id JOIN listings l ON l.id = c.listing_id
                 WHERE i.state IN ('submitted', 'acknowledged', 'escalated', 'refused',
                        'counter_notice', 'restored')
                    OR (i.state = 'removed' AND i.updated_at >= $1)
                 ORDER BY c.listing_id, i.notice_id",
                params![removed_since],
            )
            .await
    }

    /// Plans the next looks at listings where none is planned, and takes those out that
    /// are not looked at any more.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn plan_rechecks(
        &self,
        planned: &[PlannedLook],
        ended: &[i64],
    ) -> Result<(), StoreError> {
        let mut tx = self.pools.begin().await?;
        let rows = planned
            .iter()
            .map(|look| params![look.listing_id, &look.asked, look.next_at, 0_i64, true]);
        tx.insert(
            "INSERT INTO rechecks (listing_id, asked, next_at, looks, judged)",
            rows.collect(),
            "ON CONFLICT (listing_id) DO UPDATE SET asked = excluded.asked",
        )
        .await?;
        let _: Vec<(i64,)> = tx
            .all_in(
                "DELETE FROM rechecks WHERE listing_id IN",
                params![],
                ended.iter().map(|id| Value::from(*id)).collect(),
                "RETURNING listing_id",
            )
            .await?;
        tx.commit().await
    }

    /// Has a listing looked at again now, where it is looked at at all and was not
    /// since `not_since`.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn recheck_soon(&self, listing_id: i64, not_since: Millis) -> Result<(), StoreError> {
        let now = self.clock.millis();
        let mut tx = self.pools.begin().await?;
        tx.run(
            "UPDATE rechecks SET next_at = $2 WHERE listing_id = $1 AND next_at > $2
                AND (last_at IS NULL OR last_at <= $3)",
            params![listing_id, now, not_since],
        )
        .await?;
        tx.commit().await
    }

    /// Everything that is looked at again, what is due first.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn rechecks(&self) -> Result<Vec<Recheck>, StoreError> {
        self.pools
            .all(
                "SELECT listing_id, asked, scan_id, next_at, looks, judged, last_signal, last_at,
                    gone_capture, gone_at FROM rechecks ORDER BY next_at, listing_id",
                params![],
            )
            .await
    }

    /// Notes that a run asks for listings; what it sees is taken in later.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn recheck_asked(&self, listings: &[i64], scan_id: i64) -> Result<(), StoreError> {
        let mut tx = self.pools.begin().await?;
        let _: Vec<(i64,)> = tx
            .all_in(
                "UPDATE rechecks SET scan_id = $1, judged = $2 WHERE listing_id IN",
                params![scan_id, false],
                listings.iter().map(|id| Value::from(*id)).collect(),
                "RETURNING listing_id",
            )
            .await?;
        tx.commit().await
    }

    /// Keeps what a look showed, and when the next one is.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn recheck_judged(&self, recheck: &Recheck) -> Result<(), StoreError> {
        let mut tx = self.pools.begin().await?;
        tx.run(
            "UPDATE rechecks SET next_at = $2, looks = $3, judged = $4, last_signal = $5,
                last_at = $6, gone_capture = $7, gone_at = $8 WHERE listing_id = $1",
            params![
                recheck.listing_id,
                recheck.next_at,
                recheck.looks,
                true,
                recheck.last_signal.clone(),
                recheck.last_at,
                recheck.gone_capture,
                recheck.gone_at,
            ],
        )
        .await?;
        tx.commit().await
    }

    /// What the item pages of a scan said.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn signals_of(&self, scan_id: i64) -> Result<Vec<Seen>, StoreError> {
        self.pools
            .all(
                "SELECT c.id AS capture_id, c.url, g.signal, g.why, c.fetched_at AS at
                 FROM captures c JOIN capture_signals g ON g.capture_id = c.id
                 WHERE c.scan_id = $1 AND c.kind = 'item' ORDER BY c.id",
                params![scan_id],
            )
            .await
    }

    /// Listings of a source that are under no notice, the last seen first: what a
    /// shop that answers at all must still show.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn controls(
        &self,
        source_id: i64,
        limit: u32,
    ) -> Result<Vec<(String, String)>, StoreError> {
        self.pools
            .all(
                "SELECT l.item_id, l.url FROM listings l WHERE l.source_id = $1
                    AND NOT EXISTS (SELECT 1 FROM cases c JOIN notice_items i ON i.case_id = c.id
                        WHERE c.listing_id = l.id)
                 ORDER BY l.last_seen_at DESC, l.id DESC LIMIT $2",
                params![source_id, limit],
            )
            .await
    }

    /// Keeps how far the search for relistings has come, and when the run that came
    /// so far began.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn set_mark(&self, name: &str, value: i64, at: Millis) -> Result<(), StoreError> {
        let mut tx = self.pools.begin().await?;
        tx.run(
            "INSERT INTO marks (name, value, at) VALUES ($1, $2, $3)
             ON CONFLICT (name) DO UPDATE SET value = excluded.value, at = excluded.at",
            params![name, value, at],
        )
        .await?;
        tx.commit().await
    }
}
