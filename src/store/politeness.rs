//! What fetchers must not forget: quotas used, hosts that asked to be left
//! alone. All processes that share the database keep them together.

use jiff::Timestamp;
use jiff::civil::Date;
use markhound_crawlers::fetch::{Closed, Memory, MemoryError, Remembering};

use super::db::params;
use super::{Store, StoreError};
use crate::clock::Millis;

impl Store {
    /// Spends one request of a source's quota of a UTC day; false when `quota`
    /// are spent.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn spend_quota(
        &self,
        source: &str,
        day: Date,
        quota: u64,
    ) -> Result<bool, StoreError> {
        if quota == 0 {
            return Ok(false);
        }
        let quota = i64::try_from(quota).unwrap_or(i64::MAX);
        let mut tx = self.pools.begin().await?;
        let spent = tx
            .run(
                "INSERT INTO quota_spent (source, day, requests) VALUES ($1, $2, 1)
                 ON CONFLICT (source, day) DO UPDATE SET requests = quota_spent.requests + 1
                 WHERE quota_spent.requests < $3",
                params![source, day.to_string(), quota],
            )
            .await?;
        tx.commit().await?;
        Ok(spent == 1)
    }

    /// Notes that a host is to be left alone; a later time that is known stays.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn close_host(&self, host: &str, closed: Closed) -> Result<(), StoreError> {
        let mut tx = self.pools.begin().await?;
        tx.run(
            "INSERT INTO closed_hosts (host, until_at, status) VALUES ($1, $2, $3)
             ON CONFLICT (host) DO UPDATE SET until_at = excluded.until_at, status = excluded.status
             WHERE closed_hosts.until_at < excluded.until_at",
            params![host, Millis::from(closed.until), closed.status],
        )
        .await?;
        tx.commit().await
    }

    /// Until when a host is to be left alone, if `now` is before that.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn closed_host(
        &self,
        host: &str,
        now: Timestamp,
    ) -> Result<Option<Closed>, StoreError> {
        let row: Option<(i64, i64)> = self
            .pools
            .optional(
                "SELECT until_at, status FROM closed_hosts WHERE host = $1 AND until_at > $2",
                params![host, Millis::from(now)],
            )
            .await?;
        Ok(row.map(|(until, status)| Closed {
            until: Millis(until).timestamp(),
            status: u16::try_from(status).unwrap_or(503),
        }))
    }
}

impl Memory for Store {
    fn spend<'a>(&'a self, source: &'a str, day: Date, quota: u64) -> Remembering<'a, bool> {
        Box::pin(async move { told(self.spend_quota(source, day, quota).await) })
    }

    fn close<'a>(&'a self, host: &'a str, closed: Closed) -> Remembering<'a, ()> {
        Box::pin(async move { told(self.close_host(host, closed).await) })
    }

    fn closed<'a>(&'a self, host: &'a str, now: Timestamp) -> Remembering<'a, Option<Closed>> {
        Box::pin(async move { told(self.closed_host(host, now).await) })
    }
}

fn told<T>(outcome: Result<T, StoreError>) -> Result<T, MemoryError> {
    outcome.map_err(|error| MemoryError(error.to_string()))
}
