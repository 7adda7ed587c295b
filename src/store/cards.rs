//! The queue card by card: a cluster is one card, at the place of its first case.
//!
//! The first case of a cluster is the one before which, in the order asked for,
//! none of the cluster stands that fits the filter: an index on the cluster tells
//! that without looking at the other cards.

use std::collections::HashMap;

use super::cases::{CaseRow, select_case};
use super::clusters::{Mark, Member};
use super::db::{numbers, params};
use super::few::Few;
use super::queue::{Building, Found, QueueCursor, QueueFilter, QueueOrder};
use super::sees::brand_seen;
use super::{Store, StoreError};
use crate::accounts::Sees;
use crate::clock::Millis;

/// Columns of a [`Member`]. The joins are outer ones, although nothing is missing, so
/// that every plan begins with the cases: SQLite would begin a large card with all
/// listings of a source.
const MEMBER: &str = "SELECT c.id, c.cluster_id, c.state, c.score, c.evidence_hash, l.title,
        l.seller, s.name AS source, l.price_amount, l.price_currency, pi.blob AS picture_blob,
        k.ordinary IS NOT NULL AS ordinary
     FROM cases c
     LEFT JOIN clusters k ON k.id = c.cluster_id
     LEFT JOIN listings l ON l.id = c.listing_id
     LEFT JOIN sources s ON s.id = l.source_id
     LEFT JOIN pictures pi ON pi.id = COALESCE(c.picture_id,
        (SELECT lp.picture_id FROM listing_pictures lp
          WHERE lp.listing_id = c.listing_id AND lp.picture_id IS NOT NULL
          ORDER BY lp.position LIMIT 1))
     WHERE 1 = 1";

/// Columns of a [`Mark`].
const MARK: &str = "SELECT c.id, c.score, c.evidence_hash, m.source_id, m.seller FROM cases c
     LEFT JOIN case_facts m ON m.case_id = c.id WHERE 1 = 1";

impl Building {
    /// A statement on the cases of one card.
    fn of_card(columns: &str, lead: &CaseRow, filter: &QueueFilter) -> Self {
        let mut asked = Self {
            sql: columns.to_owned(),
            ..Self::default()
        };
        match lead.cluster_id {
            Some(cluster) => {
                let filter = QueueFilter {
                    cluster: Some(cluster),
                    ..filter.clone()
                };
                asked.narrow(&filter, "c", Found::ByCluster);
            }
            None => {
                let id = asked.bind(lead.id);
                asked.sql.push_str(&format!(" AND c.id = {id}"));
            }
        }
        asked
    }

    /// The statement that gives the first case of each card.
    pub(super) fn leads(
        filter: &QueueFilter,
        order: QueueOrder,
        after: Option<QueueCursor>,
        columns: &str,
        few: Option<Few>,
    ) -> Self {
        let mut leads = Self {
            sql: format!("SELECT {columns} FROM cases c WHERE 1 = 1"),
            few,
            ..Self::default()
        };
        leads.narrow(filter, "c", Found::ByFilter);
        if let Some(at) = after {
            leads.beyond(order, at, false);
        }
        let (column, better) = match order {
            QueueOrder::Oldest => (order.column(), "<"),
            _ => (order.column(), ">"),
        };
        leads.sql.push_str(&format!(
            " AND NOT EXISTS (SELECT 1 FROM cases b WHERE b.cluster_id = c.cluster_id
                AND (b.{column} {better} c.{column} OR (b.{column} = c.{column} AND b.id < c.id))"
        ));
        leads.narrow(filter, "b", Found::ByCluster);
        leads.sql.push(')');
        leads
    }
}

impl Store {
    /// A page of cards by their first cases.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn cards(
        &self,
        filter: &QueueFilter,
        order: QueueOrder,
        after: Option<QueueCursor>,
        limit: u32,
    ) -> Result<Vec<CaseRow>, StoreError> {
        let few = self.few(filter).await?;
        let mut leads = Building::leads(&filter.through(self), order, after, "c.id", few);
        leads.sql.push_str(&order.sort(false));
        let limit = leads.bind(limit);
        leads.sql.push_str(&format!(" LIMIT {limit}"));
        self.cases_in(leads, order).await
    }

    /// How many cards there are, counted up to `most`.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn count_cards(&self, filter: &QueueFilter, most: u32) -> Result<i64, StoreError> {
        let mut leads = Building {
            sql: "SELECT COUNT(*) FROM (SELECT DISTINCT COALESCE(c.cluster_id, -c.id) AS card
                  FROM cases c WHERE 1 = 1"
                .to_owned(),
            few: self.few(filter).await?,
            ..Building::default()
        };
        leads.narrow(&filter.through(self), "c", Found::ByFilter);
        let most = leads.bind(most);
        leads.sql.push_str(&format!(" LIMIT {most}) AS cards"));
        let counted: Vec<(i64,)> = self.pools.all_built(leads.sql, leads.values).await?;
        Ok(counted.first().map_or(0, |(count,)| *count))
    }

    /// Cases by their numbers, in that order.
    ///
    /// # Errors
    /// [`StoreError::NotFound`], or when the database cannot be read.
    pub async fn cases_numbered(&self, ids: &[i64]) -> Result<Vec<CaseRow>, StoreError> {
        let found: Vec<CaseRow> = self
            .pools
            .all_in(
                select_case!("WHERE ", brand_seen!("p.brand", "$1"), " AND c.id IN"),
                params![self.sees],
                numbers(ids),
                "",
            )
            .await?;
        let found: HashMap<i64, CaseRow> = found.into_iter().map(|case| (case.id, case)).collect();
        ids.iter()
            .map(|id| {
                let case = found.get(id).cloned();
                case.map(CaseRow::without_stand_in)
                    .ok_or_else(|| StoreError::not_found("case", id))
            })
            .collect()
    }

    /// The cases of a card that fit the filter, most probable first, as its page
    /// shows them; at most so many.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn card_members(
        &self,
        lead: &CaseRow,
        filter: &QueueFilter,
        most: u32,
    ) -> Result<Vec<Member>, StoreError> {
        let mut asked = Building::of_card(MEMBER, lead, &filter.through(self));
        let most = asked.bind(most);
        asked
            .sql
            .push_str(&format!(" ORDER BY c.score DESC, c.id LIMIT {most}"));
        self.pools.all_built(asked.sql, asked.values).await
    }

    /// The cases of a card that fit the filter, most probable first: all of them,
    /// and only what a decision must know. Of a case without a place, that case
    /// alone.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn card_marks(
        &self,
        lead: &CaseRow,
        filter: &QueueFilter,
    ) -> Result<Vec<Mark>, StoreError> {
        let mut asked = Building::of_card(MARK, lead, &filter.through(self));
        asked.sql.push_str(" ORDER BY c.score DESC, c.id LIMIT 500");
        self.pools.all_built(asked.sql, asked.values).await
    }

    /// How many open cases of the catalog's products were found before a moment.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn waiting_since(&self, before: Millis) -> Result<i64, StoreError> {
        // Two texts: the first is answered from indexes alone.
        let (count,): (i64,) = match self.sees {
            Sees::All => self
                .pools
                .one(
                    "SELECT (SELECT COUNT(*) FROM cases WHERE state = 'open' AND created_at < $1)
                            - (SELECT COUNT(*) FROM products p CROSS JOIN case_figures f
                               WHERE f.product_id = p.id AND p.removed_at IS NOT NULL
                                 AND f.state = 'open' AND f.opened_at < $1)",
                    params![before],
                )
                .await?,
            Sees::BrandsOf(user) => {
                self.pools
                    .one(
                        "SELECT COUNT(*) FROM cases c WHERE c.state = 'open' AND c.created_at < $1
                            AND c.product_id IN (SELECT p.id FROM products p
                                JOIN user_brands ub ON ub.brand = p.brand
                                WHERE ub.user_id = $2 AND p.removed_at IS NULL)",
                        params![before, user],
                    )
                    .await?
            }
        };
        Ok(count)
    }
}
