//! What of the database one person may see.
//!
//! A case is of its product's brand. A listing, and its pictures, may be seen by
//! whoever may see one of its cases, and by everybody where it has none: it is a
//! public page then, and nobody's. A notice is seen by whoever may see every case it
//! is about. The conditions are pieces of statements; `$n` is bound to the store's
//! [`Sees`], which is NULL where nothing is hidden.

use super::db::{Tx, Value, numbers, params};
use super::{Store, StoreError};
use crate::accounts::Sees;

/// A condition: nothing is hidden from them, or this brand is on their list.
macro_rules! brand_seen {
    ($brand:literal, $who:literal) => {
        concat!(
            "(CAST(",
            $who,
            " AS BIGINT) IS NULL OR ",
            $brand,
            " IN (SELECT ub.brand FROM user_brands ub WHERE ub.user_id = ",
            $who,
            "))"
        )
    };
}
pub(super) use brand_seen;

/// A condition: the product of this number is of a brand they may see.
macro_rules! product_seen {
    ($product:literal, $who:literal) => {
        concat!(
            "(CAST(",
            $who,
            " AS BIGINT) IS NULL OR ",
            $product,
            " IN (SELECT sp.id FROM products sp JOIN user_brands ub ON ub.brand = sp.brand
                WHERE ub.user_id = ",
            $who,
            "))"
        )
    };
}
pub(super) use product_seen;

/// A condition: so is the product of the case of this number.
macro_rules! case_seen {
    ($case:literal, $who:literal) => {
        concat!(
            "(CAST(", $who, " AS BIGINT) IS NULL OR EXISTS (SELECT 1 FROM cases sc
                JOIN products sp ON sp.id = sc.product_id JOIN user_brands ub ON ub.brand = sp.brand
                WHERE sc.id = ", $case, " AND ub.user_id = ", $who, "))"
        )
    };
}
pub(super) use case_seen;

/// A condition: the listing of this number has no case, or one they may see.
macro_rules! listing_seen {
    ($listing:literal, $who:literal) => {
        concat!(
            "(CAST(",
            $who,
            " AS BIGINT) IS NULL
                OR NOT EXISTS (SELECT 1 FROM cases sc WHERE sc.listing_id = ",
            $listing,
            ")
                OR EXISTS (SELECT 1 FROM cases sc JOIN products sp ON sp.id = sc.product_id
                    JOIN user_brands ub ON ub.brand = sp.brand
                    WHERE sc.listing_id = ",
            $listing,
            " AND ub.user_id = ",
            $who,
            "))"
        )
    };
}
pub(super) use listing_seen;

/// A condition: every case of the notice of this number is one they may see.
macro_rules! notice_seen {
    ($notice:literal, $who:literal) => {
        concat!(
            "(CAST(",
            $who,
            " AS BIGINT) IS NULL OR NOT EXISTS (SELECT 1 FROM notice_items si
                JOIN cases sc ON sc.id = si.case_id JOIN products sp ON sp.id = sc.product_id
                WHERE si.notice_id = ",
            $notice,
            " AND sp.brand NOT IN
                    (SELECT ub.brand FROM user_brands ub WHERE ub.user_id = ",
            $who,
            ")))"
        )
    };
}
pub(super) use notice_seen;

/// A condition on an event of the log, by its columns: it is about a case or a
/// product they may see, or about something that is of no brand and they did it.
macro_rules! event_seen {
    ($subject:literal, $actor:literal, $who:literal) => {
        concat!(
            "(CAST(",
            $who,
            " AS BIGINT) IS NULL OR CASE
                WHEN ",
            $subject,
            " LIKE 'case %' THEN EXISTS (SELECT 1 FROM cases sc
                    JOIN products sp ON sp.id = sc.product_id
                    JOIN user_brands ub ON ub.brand = sp.brand
                    WHERE sc.id = CAST(substr(",
            $subject,
            ", 6) AS BIGINT) AND ub.user_id = ",
            $who,
            ")
                WHEN ",
            $subject,
            " LIKE 'product %' THEN EXISTS (SELECT 1 FROM products sp
                    JOIN user_brands ub ON ub.brand = sp.brand
                    WHERE sp.sku = substr(",
            $subject,
            ", 9) AND ub.user_id = ",
            $who,
            ")
                ELSE ",
            $actor,
            " = (SELECT su.name FROM users su WHERE su.id = ",
            $who,
            ") END)"
        )
    };
}
pub(super) use event_seen;

impl From<Sees> for Value {
    fn from(sees: Sees) -> Self {
        Self::Int(sees.list_of())
    }
}

impl Store {
    /// The same database as somebody sees it.
    #[must_use]
    pub fn seen_by(&self, sees: Sees) -> Self {
        Self {
            sees,
            ..self.clone()
        }
    }

    /// Which brands are seen through this store.
    #[must_use]
    pub fn sees(&self) -> Sees {
        self.sees
    }
}

impl Tx {
    /// Refuses cases that are not there or may not be seen: the two are not told
    /// apart.
    pub(super) async fn must_see_cases(
        &mut self,
        sees: Sees,
        cases: impl IntoIterator<Item = i64>,
    ) -> Result<(), StoreError> {
        let Sees::BrandsOf(user) = sees else {
            return Ok(());
        };
        let cases: Vec<i64> = cases.into_iter().collect();
        let seen: Vec<(i64,)> = self
            .all_in(
                "SELECT c.id FROM cases c JOIN products p ON p.id = c.product_id
                 JOIN user_brands ub ON ub.brand = p.brand
                 WHERE ub.user_id = $1 AND c.id IN",
                params![user],
                numbers(&cases),
                "",
            )
            .await?;
        match cases.iter().find(|case| !seen.contains(&(**case,))) {
            Some(hidden) => Err(StoreError::not_found("case", hidden)),
            None => Ok(()),
        }
    }

    /// Refuses a product of a brand that may not be seen as one that is not there.
    pub(super) async fn must_see_brand(
        &mut self,
        sees: Sees,
        brand: &str,
        sku: &str,
    ) -> Result<(), StoreError> {
        if sees.everything() {
            return Ok(());
        }
        let seen: Option<(i64,)> = self
            .optional(
                concat!("SELECT CAST(1 AS BIGINT) WHERE ", brand_seen!("$1", "$2")),
                params![brand, sees],
            )
            .await?;
        seen.map(|_| ())
            .ok_or_else(|| StoreError::not_found("product", sku))
    }
}
