//! Of whom sellers share photos and words with.

use serde::Serialize;
use sqlx::FromRow;

use crate::store::db::{numbers, params};
use crate::store::sees::{listing_seen, product_seen};
use crate::store::{Store, StoreError};

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

impl Store {
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
