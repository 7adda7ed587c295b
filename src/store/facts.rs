//! What queues are narrowed by of a case's listing, kept small beside the cases.

use std::collections::HashMap;

use super::db::{Tx, numbers, params};
use super::{Store, StoreError};
use crate::languages;

/// How far titles of before languages were kept have been read: the last case; the end
/// of all numbers once they all are.
const READ: &str = "case_facts.language";

/// What is kept of a listing.
pub(super) struct Facts<'a> {
    pub(super) title: &'a str,
    pub(super) seller: Option<&'a str>,
    /// Decimal text.
    pub(super) price: Option<&'a str>,
    /// The language of the marketplace, where it is known.
    pub(super) marketplace: Option<&'a str>,
}

impl Facts<'_> {
    fn price(&self) -> Option<f64> {
        let price: f64 = self.price?.parse().ok()?;
        price.is_finite().then_some(price)
    }

    /// The language that the title's script settles; none where the marketplace's stays.
    fn language(&self) -> &'static str {
        languages::of_title(self.title, self.marketplace).unwrap_or_default()
    }

    /// Title and seller as they are searched for. Longer titles are no titles.
    fn words(&self) -> String {
        let words = format!("{}\n{}", self.title, self.seller.unwrap_or_default());
        words.to_lowercase().chars().take(1000).collect()
    }
}

impl Tx {
    /// Keeps what is known of a case's listing.
    pub(super) async fn write_facts(
        &mut self,
        case: i64,
        source_id: i64,
        facts: &Facts<'_>,
    ) -> Result<(), StoreError> {
        self.run(
            "INSERT INTO case_facts (case_id, source_id, seller, price, words, language)
             VALUES ($1, $2, $3, $4, $5, $6)
             ON CONFLICT (case_id) DO UPDATE SET source_id = excluded.source_id,
                seller = excluded.seller, price = excluded.price, words = excluded.words,
                language = excluded.language",
            params![
                case,
                source_id,
                facts.seller,
                facts.price(),
                facts.words(),
                facts.language()
            ],
        )
        .await?;
        Ok(())
    }

    /// Brings what is known of a listing's cases up to date after it was seen again.
    pub(super) async fn refresh_facts(
        &mut self,
        listing: i64,
        facts: &Facts<'_>,
    ) -> Result<(), StoreError> {
        self.run(
            "UPDATE case_facts SET seller = $2, price = $3, words = $4, language = $5
             WHERE case_id IN (SELECT id FROM cases WHERE listing_id = $1)",
            params![
                listing,
                facts.seller,
                facts.price(),
                facts.words(),
                facts.language()
            ],
        )
        .await?;
        Ok(())
    }

    /// The languages of marketplaces, by their sources' numbers.
    pub(super) async fn languages_of(
        &mut self,
        sources: &[i64],
    ) -> Result<HashMap<i64, String>, StoreError> {
        let rows: Vec<(i64, String)> = self
            .all_in(
                "SELECT id, language FROM sources WHERE language IS NOT NULL AND id IN",
                params![],
                numbers(sources),
                "",
            )
            .await?;
        Ok(rows.into_iter().collect())
    }
}

impl Store {
    /// Reads the languages of the titles of the next `limit` cases that were kept before
    /// there were any, and gives how many were looked at: none once all are.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn read_languages(&self, limit: u32) -> Result<usize, StoreError> {
        let after = self.mark(READ).await?.unwrap_or(0);
        if after == i64::MAX {
            return Ok(0);
        }
        let titles: Vec<(i64, String, Option<String>)> = self
            .pools
            .all(
                "SELECT f.case_id, l.title, s.language FROM case_facts f
                 JOIN cases c ON c.id = f.case_id JOIN listings l ON l.id = c.listing_id
                 JOIN sources s ON s.id = f.source_id
                 WHERE f.case_id > $1 ORDER BY f.case_id LIMIT $2",
                params![after, limit],
            )
            .await?;
        for (case, title, marketplace) in &titles {
            let Some(language) = languages::of_title(title, marketplace.as_deref()) else {
                continue;
            };
            // One by one: scans write these rows in an order of their own. What one has
            // written meanwhile is newer.
            let mut tx = self.pools.begin().await?;
            tx.run(
                "UPDATE case_facts SET language = $2 WHERE case_id = $1 AND EXISTS
                        (SELECT 1 FROM cases c JOIN listings l ON l.id = c.listing_id
                         WHERE c.id = case_id AND l.title = $3)",
                params![*case, language, title],
            )
            .await?;
            tx.commit().await?;
        }
        let reached = titles.last().map_or(i64::MAX, |(case, ..)| *case);
        let mut tx = self.pools.begin().await?;
        tx.run(
            "INSERT INTO marks (name, value, at) VALUES ($1, $2, $3)
                 ON CONFLICT (name) DO UPDATE SET value = excluded.value, at = excluded.at",
            params![READ, reached, self.clock.millis()],
        )
        .await?;
        tx.commit().await?;
        Ok(titles.len())
    }
}
