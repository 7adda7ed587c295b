//! What queues are narrowed by of a case's listing, kept small beside the cases.

use super::StoreError;
use super::db::{Tx, params};

/// What is kept of a listing.
pub(super) struct Facts<'a> {
    pub(super) title: &'a str,
    pub(super) seller: Option<&'a str>,
    /// Decimal text.
    pub(super) price: Option<&'a str>,
}

impl Facts<'_> {
    fn price(&self) -> Option<f64> {
        let price: f64 = self.price?.parse().ok()?;
        price.is_finite().then_some(price)
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
            "INSERT INTO case_facts (case_id, source_id, seller, price, words)
             VALUES ($1, $2, $3, $4, $5)
             ON CONFLICT (case_id) DO UPDATE SET source_id = excluded.source_id,
                seller = excluded.seller, price = excluded.price, words = excluded.words",
            params![case, source_id, facts.seller, facts.price(), facts.words()],
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
            "UPDATE case_facts SET seller = $2, price = $3, words = $4
             WHERE case_id IN (SELECT id FROM cases WHERE listing_id = $1)",
            params![listing, facts.seller, facts.price(), facts.words()],
        )
        .await?;
        Ok(())
    }
}
