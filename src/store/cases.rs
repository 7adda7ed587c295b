//! Cases: one a listing and product, and the queue of them.

mod write;

use serde::Serialize;
use serde_json::Value;
use sqlx::FromRow;

use super::db::{JsonText, params};
pub use super::queue::{QueueCursor, QueueFilter, QueueOrder};
use super::sees::{brand_seen, product_seen};
use super::{Store, StoreError};
use crate::accounts::Sees;
use crate::clock::Millis;

pub use write::CaseDraft;

/// A case with what the queue shows of it.
#[derive(Debug, Clone, FromRow, Serialize)]
pub struct CaseRow {
    /// Identifier.
    pub id: i64,
    /// `open`, `confirmed`, `rejected`, `watching` or `second_approval`.
    pub state: String,
    /// Probability of infringement, 0 to 1.
    pub score: f64,
    /// Kind of infringement as scored.
    pub kind: Option<String>,
    /// Kind of infringement as decided.
    pub decided_kind: Option<String>,
    /// Picture evidence, text evidence, reasons.
    pub evidence: JsonText<Value>,
    /// SHA-256 of the evidence.
    pub evidence_hash: String,
    /// Name and version of the scoring model.
    pub model: String,
    /// The chance at which it was drawn from under the threshold, to see what
    /// the score misses; none where the score put it into the queue.
    pub audit_rate: Option<f64>,
    /// First seen over the threshold, or drawn.
    pub created_at: Millis,
    /// Last change.
    pub updated_at: Millis,
    /// The listing.
    pub listing_id: i64,
    /// Its title.
    pub title: String,
    /// Its address.
    pub url: String,
    /// The marketplace's own identifier.
    pub item_id: String,
    /// Decimal text.
    pub price_amount: Option<String>,
    /// ISO 4217.
    pub price_currency: Option<String>,
    /// Seller as written.
    pub seller: Option<String>,
    /// The source's name.
    pub source: String,
    /// The product.
    pub product_id: i64,
    /// Its SKU.
    pub sku: String,
    /// Its brand.
    pub brand: String,
    /// Its name.
    pub product: String,
    /// Its list price, decimal text.
    pub msrp: Option<String>,
    /// ISO 4217 code of the list price.
    pub msrp_currency: Option<String>,
    /// The picture to show: the one that matched, else the listing's first.
    pub picture_blob: Option<String>,
    /// Its width in pixels.
    pub picture_width: Option<i64>,
    /// Its height in pixels.
    pub picture_height: Option<i64>,
    /// The reference to show: the one that matched, else the product's first;
    /// none where a hash of an imported list matched.
    pub reference_blob: Option<String>,
    /// File name of that reference.
    pub reference_name: Option<String>,
    /// The cases it is decided with, once it has its place among them.
    pub cluster_id: Option<i64>,
    /// Probability times what one sale costs the owner, in euro.
    pub worth: f64,
    /// Whose it is; none where whoever comes first decides it.
    pub assigned_to: Option<String>,
    /// Its width in pixels.
    #[serde(skip)]
    pub reference_width: Option<i64>,
    /// Its height in pixels.
    #[serde(skip)]
    pub reference_height: Option<i64>,
}

impl CaseRow {
    /// What the hash of an imported list is called that the listing's picture
    /// has, where no photo but such a hash matched.
    #[must_use]
    pub fn listed_hash(&self) -> Option<&str> {
        self.evidence.0["listed_hash"]["label"].as_str()
    }

    /// The product's first photo may stand beside evidence of words, but beside
    /// the evidence of a hash it would be taken for what was recognised.
    pub(super) fn without_stand_in(mut self) -> Self {
        if self.listed_hash().is_some() {
            self.reference_blob = None;
            self.reference_name = None;
            self.reference_width = None;
            self.reference_height = None;
        }
        self
    }
}

/// How many of some cases were confirmed and rejected, before `rest`.
macro_rules! seller_history {
    ($($rest:expr),+) => {
        concat!(
            "SELECT CAST(COALESCE(SUM(CASE WHEN c.state = 'confirmed' THEN 1 ELSE 0 END), 0) AS BIGINT),
                    CAST(COALESCE(SUM(CASE WHEN c.state = 'rejected' THEN 1 ELSE 0 END), 0) AS BIGINT)
             FROM cases c JOIN listings l ON l.id = c.listing_id ",
            $($rest),+
        )
    };
}

/// The columns of a [`CaseRow`] and where they come from, before `rest`.
///
/// Every case has its listing, source and product. They are joined from the left so that
/// SQLite begins with the cases asked for; it would begin with the few sources and read
/// every listing of each.
macro_rules! select_case {
    ($($rest:expr),+) => {
        concat!(
            "SELECT c.id, c.state, c.score, c.kind, c.decided_kind, c.evidence, c.evidence_hash,
                c.model, c.audit_rate, c.created_at, c.updated_at, c.listing_id, l.title, l.url, l.item_id,
                l.price_amount, l.price_currency, l.seller, s.name AS source, c.product_id, p.sku,
                p.brand, p.name AS product, p.msrp, p.currency AS msrp_currency,
                pi.blob AS picture_blob, pi.width AS picture_width, pi.height AS picture_height,
                r.blob AS reference_blob, r.file_name AS reference_name,
                r.width AS reference_width, r.height AS reference_height,
                c.cluster_id, c.worth, c.assigned_to
             FROM cases c
             LEFT JOIN listings l ON l.id = c.listing_id
             LEFT JOIN sources s ON s.id = l.source_id
             LEFT JOIN products p ON p.id = c.product_id
             LEFT JOIN pictures pi ON pi.id = COALESCE(c.picture_id,
                (SELECT lp.picture_id FROM listing_pictures lp
                  WHERE lp.listing_id = c.listing_id AND lp.picture_id IS NOT NULL
                  ORDER BY lp.position LIMIT 1))
             LEFT JOIN reference_photos r ON r.id = COALESCE(c.reference_id,
                (SELECT MIN(rp.id) FROM reference_photos rp WHERE rp.product_id = c.product_id)) ",
            $($rest),+
        )
    };
}
pub(super) use select_case;

impl Store {
    /// How many cases each state holds: (state, number) pairs. Undecided ones of products
    /// that were removed are left out.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn case_counts(&self) -> Result<Vec<(String, i64)>, StoreError> {
        // Two texts: the first is answered from an index of states alone.
        let mut counts: Vec<(String, i64)> = match self.sees {
            Sees::All => {
                self.pools
                    .all(
                        "SELECT state, COUNT(*) FROM cases GROUP BY state ORDER BY state",
                        params![],
                    )
                    .await?
            }
            Sees::BrandsOf(user) => {
                self.pools
                    .all(
                        "SELECT c.state, COUNT(*) FROM user_brands ub
                         JOIN products p ON p.brand = ub.brand JOIN cases c ON c.product_id = p.id
                         WHERE ub.user_id = $1 GROUP BY c.state ORDER BY c.state",
                        params![user],
                    )
                    .await?
            }
        };
        for (state, hidden) in self.hidden_counts().await? {
            if let Some((_, count)) = counts.iter_mut().find(|(of, _)| *of == state) {
                *count -= hidden;
            }
        }
        counts.retain(|(_, count)| *count > 0);
        Ok(counts)
    }

    /// One case.
    ///
    /// # Errors
    /// [`StoreError::NotFound`], or when the database cannot be read.
    pub async fn case(&self, id: i64) -> Result<CaseRow, StoreError> {
        self.pools
            .optional(
                select_case!("WHERE c.id = $1 AND ", brand_seen!("p.brand", "$2")),
                params![id, self.sees],
            )
            .await?
            .map(CaseRow::without_stand_in)
            .ok_or_else(|| StoreError::not_found("case", id))
    }

    /// How often a seller's cases at a source were confirmed and rejected, apart
    /// from those of one listing: what was decided on it is no evidence about it.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn seller_history_beside(
        &self,
        source_id: i64,
        seller: &str,
        item_id: &str,
    ) -> Result<(i64, i64), StoreError> {
        self.pools
            .one(
                seller_history!(
                    "WHERE l.source_id = $1 AND l.seller = $2 AND l.item_id <> $3 AND ",
                    product_seen!("c.product_id", "$4")
                ),
                params![source_id, seller, item_id, self.sees],
            )
            .await
    }

    /// Whether any case was ever confirmed or rejected.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn is_anything_decided(&self) -> Result<bool, StoreError> {
        let first: Option<(i64,)> = self
            .pools
            .optional("SELECT id FROM decisions LIMIT 1", params![])
            .await?;
        Ok(first.is_some())
    }

    /// How often a seller's cases at a source were confirmed and rejected.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn seller_history(
        &self,
        source_id: i64,
        seller: &str,
    ) -> Result<(i64, i64), StoreError> {
        self.pools
            .one(
                seller_history!(
                    "WHERE l.source_id = $1 AND l.seller = $2 AND ",
                    product_seen!("c.product_id", "$3")
                ),
                params![source_id, seller, self.sees],
            )
            .await
    }

    /// The pairs (source, item id, SKU) of every case that the score put into
    /// the queue, whatever its state.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn case_pairs(&self) -> Result<Vec<(String, String, String)>, StoreError> {
        self.pools
            .all(
                "SELECT s.name, l.item_id, p.sku FROM cases c
                 JOIN listings l ON l.id = c.listing_id JOIN sources s ON s.id = l.source_id
                 JOIN products p ON p.id = c.product_id WHERE c.audit_rate IS NULL
                 ORDER BY s.name, l.item_id, p.sku",
                params![],
            )
            .await
    }
}
