//! Sellers: what is known of one, and of whom they share photos and words with.
//!
//! A seller is a name at a source. Whatever is asked is bounded: a shop may have a
//! hundred thousand listings, and one photo may stand on all of them.

use serde::Serialize;
use sqlx::FromRow;

use super::db::{numbers, params};
use super::figures::FigureScope;
use super::queue::{Building, like_pattern};
use super::removals::removed_products;
use super::sees::{listing_seen, notice_seen, product_seen};
use super::{Store, StoreError};
use crate::clock::Millis;

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

/// One listing of a seller, with its weightiest case.
#[derive(Debug, Clone, FromRow)]
pub struct SellerListing {
    /// Identifier.
    pub id: i64,
    /// Title as written.
    pub title: String,
    /// Address.
    pub url: String,
    /// Decimal text.
    pub price_amount: Option<String>,
    /// ISO 4217.
    pub price_currency: Option<String>,
    /// First seen.
    pub first_seen_at: Millis,
    /// Last seen.
    pub last_seen_at: Millis,
    /// Its first picture that was read.
    pub blob: Option<String>,
    /// The case, if there is one.
    pub case_id: Option<i64>,
    /// Its state.
    pub state: Option<String>,
}

/// A decision on one of a seller's cases.
#[derive(Debug, Clone, FromRow)]
pub struct SellerDecision {
    /// The case.
    pub case_id: i64,
    /// `confirm`, `reject`, …
    pub action: String,
    /// Why.
    pub reason: Option<String>,
    /// Who.
    pub actor: String,
    /// When.
    pub at: Millis,
    /// Whether it was taken back.
    pub undone: bool,
    /// The listing's title.
    pub title: String,
}

/// A notice about one of a seller's listings.
#[derive(Debug, Clone, FromRow)]
pub struct SellerNotice {
    /// The notice.
    pub id: i64,
    /// The case.
    pub case_id: i64,
    /// The channel it goes by.
    pub channel: String,
    /// The right it rests on.
    pub right_kind: String,
    /// How it stands for this listing.
    pub state: String,
    /// Since when.
    pub updated_at: Millis,
}

/// A photo that another seller shows too.
#[derive(Debug, Clone, PartialEq, Eq, FromRow, Serialize)]
pub struct SharedPhoto {
    /// SHA-256 of the photo.
    pub blob: String,
    /// The other seller's source.
    pub source: String,
    /// The other seller.
    pub seller: String,
    /// Listings of theirs that show it.
    pub listings: i64,
}

/// A title of a case, and whose it is.
#[derive(Debug, Clone, FromRow)]
pub struct TitleOf {
    /// The case.
    pub case_id: i64,
    /// Its card.
    pub cluster_id: i64,
    /// The source's name.
    pub source: String,
    /// The seller.
    pub seller: String,
    /// The title.
    pub title: String,
}

/// Listings of a seller, counted up to [`MOST_COUNTED`].
#[derive(Debug, Clone, Copy, FromRow)]
pub struct SellerListings {
    /// How many.
    pub listings: i64,
    /// When the first was first seen.
    pub first_seen_at: Option<Millis>,
    /// When the last was last seen.
    pub last_seen_at: Option<Millis>,
}

/// Listings of a seller that are counted, the newest.
pub const MOST_COUNTED: i64 = 10_000;

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

    /// How many listings a seller has, and since when.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn seller_listing_count(
        &self,
        source_id: i64,
        seller: &str,
    ) -> Result<SellerListings, StoreError> {
        self.pools
            .one(
                concat!(
                    "SELECT COUNT(*) AS listings, MIN(first_seen_at) AS first_seen_at,
                        MAX(last_seen_at) AS last_seen_at
                     FROM (SELECT first_seen_at, last_seen_at FROM listings
                            WHERE source_id = $1 AND seller = $2 AND ",
                    listing_seen!("listings.id", "$4"),
                    " ORDER BY id DESC LIMIT $3) l"
                ),
                params![source_id, seller, MOST_COUNTED, self.sees],
            )
            .await
    }

    /// A seller's listings, the newest first, below the number `before`.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn seller_listings(
        &self,
        source_id: i64,
        seller: &str,
        before: Option<i64>,
        limit: u32,
    ) -> Result<Vec<SellerListing>, StoreError> {
        self.pools
            .all(
                concat!(
                    "SELECT l.id, l.title, l.url, l.price_amount, l.price_currency, l.first_seen_at,
                    l.last_seen_at,
                    (SELECT p.blob FROM listing_pictures lp JOIN pictures p ON p.id = lp.picture_id
                      WHERE lp.listing_id = l.id ORDER BY lp.position LIMIT 1) AS blob,
                    c.id AS case_id, c.state
                 FROM listings l LEFT JOIN cases c ON c.id =
                    (SELECT b.id FROM cases b WHERE b.listing_id = l.id AND ",
                    product_seen!("b.product_id", "$5"),
                    " ORDER BY b.score DESC, b.id LIMIT 1)
                 WHERE l.source_id = $1 AND l.seller = $2 AND l.id < $3 AND ",
                    listing_seen!("l.id", "$5"),
                    " ORDER BY l.id DESC LIMIT $4"
                ),
                params![
                    source_id,
                    seller,
                    before.unwrap_or(i64::MAX),
                    limit,
                    self.sees
                ],
            )
            .await
    }

    /// The last decisions on a seller's cases, the newest first.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn seller_decisions(
        &self,
        source_id: i64,
        seller: &str,
        limit: u32,
    ) -> Result<Vec<SellerDecision>, StoreError> {
        self.pools
            .all(
                concat!(
                    "SELECT d.case_id, d.action, d.reason, d.actor, d.at,
                    d.undone_by IS NOT NULL AS undone, l.title
                 FROM decisions d JOIN cases c ON c.id = d.case_id
                 JOIN listings l ON l.id = c.listing_id
                 WHERE d.action <> 'undo' AND d.case_id IN
                    (SELECT case_id FROM case_figures
                      WHERE source_id = $1 AND seller = $2 AND ",
                    product_seen!("product_id", "$4"),
                    ") ORDER BY d.id DESC LIMIT $3"
                ),
                params![source_id, seller, limit, self.sees],
            )
            .await
    }

    /// The last notices about a seller's listings, the newest first.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn seller_notices(
        &self,
        source_id: i64,
        seller: &str,
        limit: u32,
    ) -> Result<Vec<SellerNotice>, StoreError> {
        self.pools
            .all(
                concat!(
                    "SELECT n.id, i.case_id, n.channel, n.right_kind, i.state, i.updated_at
                 FROM notice_items i JOIN notices n ON n.id = i.notice_id
                 WHERE i.case_id IN
                    (SELECT case_id FROM case_figures WHERE source_id = $1 AND seller = $2)
                 AND ",
                    notice_seen!("n.id", "$4"),
                    " ORDER BY n.id DESC, i.position LIMIT $3"
                ),
                params![source_id, seller, limit, self.sees],
            )
            .await
    }

    /// Photos of a seller's newest listings that other sellers show too, those on most
    /// of their listings first.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn shared_photos(
        &self,
        source_id: i64,
        seller: &str,
    ) -> Result<Vec<SharedPhoto>, StoreError> {
        self.pools
            .all(
                concat!(
                    "WITH mine AS (SELECT id FROM listings WHERE source_id = $1 AND seller = $2
                    AND ",
                    listing_seen!("listings.id", "$3"),
                    " ORDER BY id DESC LIMIT 300),
                 shown AS (SELECT DISTINCT picture_id FROM listing_pictures
                    WHERE listing_id IN (SELECT id FROM mine) AND picture_id IS NOT NULL
                    LIMIT 300),
                 others AS (SELECT lp.picture_id, l.source_id, l.seller, l.id FROM shown
                    JOIN listing_pictures lp ON lp.picture_id = shown.picture_id
                    JOIN listings l ON l.id = lp.listing_id
                    WHERE l.seller IS NOT NULL AND NOT (l.source_id = $1 AND l.seller = $2) AND ",
                    listing_seen!("l.id", "$3"),
                    " LIMIT 5000)
                 SELECT p.blob, s.name AS source, o.seller, COUNT(DISTINCT o.id) AS listings
                 FROM others o JOIN pictures p ON p.id = o.picture_id
                 JOIN sources s ON s.id = o.source_id
                 GROUP BY p.blob, s.name, o.seller
                 ORDER BY 4 DESC, s.name, o.seller, p.blob LIMIT 400"
                ),
                params![source_id, seller, self.sees],
            )
            .await
    }

    /// Titles of a seller's newest cases, and of the cases of others on the same cards.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn titles_around(
        &self,
        source_id: i64,
        seller: &str,
    ) -> Result<(Vec<TitleOf>, Vec<TitleOf>), StoreError> {
        let own: Vec<TitleOf> = self
            .pools
            .all(
                concat!(
                    "SELECT c.id AS case_id, c.cluster_id, s.name AS source, f.seller, l.title
                 FROM case_figures f JOIN cases c ON c.id = f.case_id
                 JOIN listings l ON l.id = c.listing_id JOIN sources s ON s.id = f.source_id
                 WHERE f.source_id = $1 AND f.seller = $2 AND c.cluster_id IS NOT NULL AND ",
                    product_seen!("f.product_id", "$3"),
                    " ORDER BY c.id DESC LIMIT 100"
                ),
                params![source_id, seller, self.sees],
            )
            .await?;
        let mut cards: Vec<i64> = own.iter().map(|title| title.cluster_id).collect();
        cards.sort_unstable();
        cards.dedup();
        cards.truncate(40);
        // A card is of one product: who sees one of its cases sees all.
        let others = self
            .pools
            .all_in(
                "SELECT c.id AS case_id, c.cluster_id, s.name AS source, f.seller, l.title
                 FROM cases c JOIN case_figures f ON f.case_id = c.id
                 LEFT JOIN listings l ON l.id = c.listing_id
                 LEFT JOIN sources s ON s.id = f.source_id
                 WHERE f.seller IS NOT NULL AND NOT (f.source_id = $1 AND f.seller = $2)
                   AND c.cluster_id IN",
                params![source_id, seller],
                numbers(&cards),
                "ORDER BY c.id DESC LIMIT 1500",
            )
            .await?;
        Ok((own, others))
    }
}
