//! Sellers: what is known of one, and of whom they share photos and words with.
//!
//! A seller is a name at a source. Whatever is asked is bounded: a shop may have a
//! hundred thousand listings, and one photo may stand on all of them.

mod network;
mod one;

use sqlx::FromRow;

use super::db::params;
use super::figures::FigureScope;
use super::queue::{Building, like_pattern};
use super::removals::removed_products;
use super::sees::product_seen;
use super::{Store, StoreError};
use crate::clock::Millis;

pub use network::{SharedPhoto, TitleOf};
pub use one::{MOST_COUNTED, SellerDecision, SellerListing, SellerListings, SellerNotice};

/// What sellers are listed by.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum SellerOrder {
    /// The most cases.
    #[default]
    Cases,
    /// The most confirmed cases; sellers without any are left out.
    Confirmed,
    /// The most open cases; sellers without any are left out.
    Open,
    /// The latest case.
    Latest,
}

/// A place in the list of sellers: what it is sorted by, the source, the seller.
pub type SellerCursor = (i64, i64, String);

/// A seller with what was decided about them.
#[derive(Debug, Clone, FromRow)]
pub struct SellerCount {
    /// The source.
    pub source_id: i64,
    /// The source's name.
    pub source: String,
    /// The seller as written.
    pub seller: String,
    /// What sellers are sorted by in the list that this is of.
    pub rank: i64,
    /// Cases in all.
    pub cases: i64,
    /// Of those, open.
    pub open: i64,
    /// Confirmed.
    pub confirmed: i64,
    /// Rejected.
    pub rejected: i64,
    /// Removed.
    pub removed: i64,
    /// When the last case was opened.
    pub last_at: Millis,
}

impl SellerCount {
    /// Where it stands in its list.
    #[must_use]
    pub fn place(&self) -> SellerCursor {
        (self.rank, self.source_id, self.seller.clone())
    }
}

/// The counts of sellers, of cases `f` and sources `s`.
macro_rules! seller_counts {
    () => {
        concat!(
            "COUNT(*) AS cases, COUNT(*) FILTER (WHERE f.state = 'open'
                AND f.product_id NOT IN ",
            removed_products!(),
            ") AS open,
            COUNT(*) FILTER (WHERE f.confirmed) AS confirmed,
            COUNT(*) FILTER (WHERE NOT f.confirmed) AS rejected,
            COUNT(f.removed_at) AS removed, MAX(f.opened_at) AS last_at"
        )
    };
}

impl SellerOrder {
    /// The cases that are counted, and what of them.
    fn counts(self) -> (&'static str, &'static str) {
        match self {
            Self::Cases => ("", "COUNT(*)"),
            Self::Confirmed => (" AND f.confirmed", "COUNT(*)"),
            Self::Open => (
                concat!(
                    " AND f.state = 'open' AND f.product_id NOT IN ",
                    removed_products!()
                ),
                "COUNT(*)",
            ),
            Self::Latest => ("", "MAX(f.opened_at)"),
        }
    }
}

impl Store {
    /// Sellers with cases, a page of them after `after`; `text` is a part of the name.
    /// A period narrows what the order *confirmed* counts, by the day of the decision.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn sellers(
        &self,
        scope: &FigureScope,
        text: &str,
        order: SellerOrder,
        after: Option<&SellerCursor>,
        limit: u32,
    ) -> Result<Vec<SellerCount>, StoreError> {
        let scope = &scope.through(self);
        let (counted, rank) = order.counts();
        let mut asked = Building {
            sql: format!(
                "SELECT w.source_id, s.name AS source, w.seller, w.place AS rank, {}
                 FROM (SELECT f.source_id, f.seller, {rank} AS place FROM case_figures f
                    WHERE f.seller IS NOT NULL{counted}",
                seller_counts!()
            ),
            ..Building::default()
        };
        if order == SellerOrder::Confirmed {
            asked.scope(scope, "f.decided_at");
        } else {
            asked.whose(scope);
        }
        if !text.is_empty() {
            let pattern = asked.bind(like_pattern(text));
            asked
                .sql
                .push_str(&format!(" AND LOWER(f.seller) LIKE {pattern} ESCAPE '\\'"));
        }
        asked.sql.push_str(" GROUP BY f.source_id, f.seller");
        if let Some((value, source, seller)) = after {
            let value = asked.bind(*value);
            let (source, seller) = (asked.bind(*source), asked.bind(seller));
            asked.sql.push_str(&format!(
                " HAVING {rank} < {value} OR ({rank} = {value} AND (f.source_id > {source}
                    OR (f.source_id = {source} AND f.seller > {seller})))"
            ));
        }
        let limit = asked.bind(limit);
        asked.sql.push_str(&format!(
            " ORDER BY place DESC, f.source_id, f.seller LIMIT {limit}) w
              JOIN sources s ON s.id = w.source_id
              JOIN case_figures f ON f.source_id = w.source_id AND f.seller = w.seller
              WHERE f.seller IS NOT NULL"
        ));
        asked.whose(scope);
        asked.sql.push_str(
            " GROUP BY w.source_id, s.name, w.seller, w.place
              ORDER BY w.place DESC, w.source_id, w.seller",
        );
        self.pools.all_built(asked.sql, asked.values).await
    }

    /// What was decided about one seller; `None` where they have no case.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn seller_count(
        &self,
        source_id: i64,
        seller: &str,
    ) -> Result<Option<SellerCount>, StoreError> {
        self.pools
            .optional(
                concat!(
                    "SELECT f.source_id, s.name AS source, f.seller, COUNT(*) AS rank, ",
                    seller_counts!(),
                    " FROM case_figures f JOIN sources s ON s.id = f.source_id
                     WHERE f.source_id = $1 AND f.seller = $2 AND ",
                    product_seen!("f.product_id", "$3"),
                    " GROUP BY f.source_id, s.name, f.seller"
                ),
                params![source_id, seller, self.sees],
            )
            .await
    }
}
