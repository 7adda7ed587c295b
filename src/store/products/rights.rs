//! Rights in products.

use serde::{Deserialize, Serialize};
use sqlx::FromRow;

use crate::store::db::{JsonText, numbers, params};
use crate::store::sees::product_seen;
use crate::store::{Store, StoreError};

/// A registered or claimed right in a product.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Right {
    /// `trademark`, `copyright`, `design` or `patent`.
    pub kind: String,
    /// Registration number, where there is one.
    #[serde(default)]
    pub number: Option<String>,
    /// Country or office, such as `EU`, `US`, `DE`.
    #[serde(default)]
    pub jurisdiction: Option<String>,
    /// Nice or Locarno classes.
    #[serde(default)]
    pub classes: Vec<String>,
    /// The owner as registered.
    #[serde(default)]
    pub owner: Option<String>,
    /// Date of expiry, `YYYY-MM-DD`.
    #[serde(default)]
    pub expiry: Option<String>,
}

/// A right with its identifier.
#[derive(Debug, Clone, FromRow, Serialize)]
pub struct RightRow {
    /// Identifier.
    pub id: i64,
    /// The product it protects.
    pub product_id: i64,
    /// `trademark`, `copyright`, `design` or `patent`.
    pub kind: String,
    /// Registration number.
    pub number: Option<String>,
    /// Country or office.
    pub jurisdiction: Option<String>,
    /// Nice or Locarno classes.
    pub classes: JsonText<Vec<String>>,
    /// The owner as registered.
    pub owner: Option<String>,
    /// Date of expiry, `YYYY-MM-DD`.
    pub expiry: Option<String>,
}

/// Every column of a [`RightRow`].
macro_rules! select_right {
    ($($rest:expr),+) => {
        concat!(
            "SELECT id, product_id, kind, number, jurisdiction, classes, owner, expiry
             FROM rights ",
            $($rest),+
        )
    };
}
pub(in crate::store) use select_right;

impl Store {
    /// Rights of every product, those removed included, by product and kind.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn rights(&self) -> Result<Vec<RightRow>, StoreError> {
        self.pools
            .all(
                select_right!(
                    "WHERE ",
                    product_seen!("product_id", "$1"),
                    " ORDER BY product_id, id"
                ),
                params![self.sees],
            )
            .await
    }

    /// Rights of some products, by product.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn rights_in(&self, products: &[i64]) -> Result<Vec<RightRow>, StoreError> {
        self.pools
            .all_in(
                select_right!(
                    "WHERE ",
                    product_seen!("product_id", "$1"),
                    " AND product_id IN"
                ),
                params![self.sees],
                numbers(products),
                "ORDER BY product_id, id",
            )
            .await
    }

    /// The rights in one product.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn rights_of(&self, product_id: i64) -> Result<Vec<RightRow>, StoreError> {
        self.pools
            .all(
                select_right!(
                    "WHERE product_id = $1 AND ",
                    product_seen!("product_id", "$2"),
                    " ORDER BY id"
                ),
                params![product_id, self.sees],
            )
            .await
    }
}
