//! Listings in bulk, for measurements: nothing was captured for them.

use super::db::{Tx, params};
use super::{Store, StoreError};

impl Store {
    /// Writes listings that concern no product, numbered from `from` on. They lean
    /// on a capture that is there already.
    ///
    /// # Errors
    /// When there is no capture, or the database cannot be written.
    pub async fn seed_listings(
        &self,
        source_id: i64,
        from: i64,
        count: i64,
    ) -> Result<(), StoreError> {
        if count <= 0 {
            return Ok(());
        }
        let now = self.clock.millis();
        let mut tx = self.pools.begin().await?;
        let capture = tx
            .id("SELECT id FROM captures ORDER BY id LIMIT 1", params![])
            .await?;
        tx.run(
            "WITH RECURSIVE n(i) AS (
                SELECT CAST($1 AS BIGINT) UNION ALL SELECT i + 1 FROM n WHERE i < $2)
             INSERT INTO listings (source_id, item_id, url, title, price_amount, price_currency,
                seller, data, capture_id, times_seen, first_seen_at, last_seen_at)
             SELECT $3, 'bulk-' || i, 'https://shop.example/item/bulk-' || i,
                'Goods of another kind, number ' || i, '19.90', 'EUR', 'shop ' || (i % 5000),
                '{}', $4, 1, $5, $5 FROM n",
            params![from, from + count - 1, source_id, capture, now],
        )
        .await?;
        tx.commit().await
    }

    /// Lets PostgreSQL count again what its plans rest on, as it does by itself in time.
    /// SQLite never does, so a database to measure on has no statistics either.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn refresh_statistics(&self) -> Result<(), StoreError> {
        let mut tx = self.pools.begin().await?;
        if matches!(tx, Tx::Postgres(_)) {
            tx.run("ANALYZE", params![]).await?;
        }
        tx.commit().await
    }
}
