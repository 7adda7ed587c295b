//! What people write down about cases, and whose they are.

use serde::Serialize;
use serde_json::json;
use sqlx::FromRow;

use super::db::params;
use super::sees::brand_seen;
use super::{Store, StoreError};
use crate::clock::Millis;

/// A note on a case.
#[derive(Debug, Clone, FromRow, Serialize)]
pub struct Note {
    /// Identifier.
    pub id: i64,
    /// The case.
    pub case_id: i64,
    /// What it says.
    pub text: String,
    /// Who wrote it.
    pub actor: String,
    /// When.
    pub at: Millis,
}

/// How a case came out that has something in common with another.
#[derive(Debug, Clone, FromRow, Serialize)]
pub struct Earlier {
    /// The case.
    pub id: i64,
    /// `confirmed` or `rejected`.
    pub state: String,
    /// Kind as decided.
    pub decided_kind: Option<String>,
    /// The listing's title.
    pub title: String,
    /// The seller.
    pub seller: Option<String>,
    /// The product's SKU.
    pub sku: String,
    /// When it was decided.
    pub updated_at: Millis,
}

impl Store {
    /// Writes a note on each of these cases.
    ///
    /// # Errors
    /// [`StoreError::NotFound`], or when the database cannot be written.
    pub async fn note(&self, actor: &str, cases: &[i64], text: &str) -> Result<(), StoreError> {
        let now = self.clock.millis();
        let mut tx = self.pools.begin().await?;
        tx.hold_log().await?;
        tx.must_see_cases(self.sees, cases.iter().copied()).await?;
        for case in cases {
            let there: Option<(i64,)> = tx
                .optional("SELECT id FROM cases WHERE id = $1", params![*case])
                .await?;
            if there.is_none() {
                return Err(StoreError::not_found("case", case));
            }
            tx.run(
                "INSERT INTO case_notes (case_id, text, actor, at) VALUES ($1, $2, $3, $4)",
                params![*case, text, actor, now],
            )
            .await?;
            let detail = json!({ "text": text });
            tx.audit(now, actor, "case.note", &format!("case {case}"), &detail)
                .await?;
        }
        tx.commit().await
    }

    /// The notes on a case, oldest first.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn notes_of(&self, case: i64) -> Result<Vec<Note>, StoreError> {
        self.pools
            .all(
                "SELECT id, case_id, text, actor, at FROM case_notes WHERE case_id = $1 ORDER BY id",
                params![case],
            )
            .await
    }

    /// Gives cases to a person, or to whoever comes first.
    ///
    /// # Errors
    /// [`StoreError::NotFound`], or when the database cannot be written.
    pub async fn assign(
        &self,
        actor: &str,
        cases: &[i64],
        to: Option<&str>,
    ) -> Result<(), StoreError> {
        let now = self.clock.millis();
        let mut tx = self.pools.begin().await?;
        tx.hold_log().await?;
        tx.must_see_cases(self.sees, cases.iter().copied()).await?;
        if let Some(name) = to {
            let decides = tx.decider(name).await?.ok_or_else(|| {
                StoreError::Conflict(format!(
                    "{name} is nobody who decides cases; assign them to a reviewer"
                ))
            })?;
            let seen = tx.must_see_cases(decides, cases.iter().copied()).await;
            seen.map_err(|error| match error {
                StoreError::NotFound { id, .. } => StoreError::Conflict(format!(
                    "case {id} is of a brand that {name} may not see; assign it to somebody else"
                )),
                other => other,
            })?;
        }
        for case in cases {
            let changed = tx
                .run(
                    "UPDATE cases SET assigned_to = $2 WHERE id = $1",
                    params![*case, to],
                )
                .await?;
            if changed == 0 {
                return Err(StoreError::not_found("case", case));
            }
            let detail = json!({ "to": to });
            tx.audit(now, actor, "case.assign", &format!("case {case}"), &detail)
                .await?;
        }
        tx.commit().await
    }

    /// Decided cases whose listings show a picture of this one's, the last decided
    /// first; those of its own listing are left out.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn earlier_on_picture(
        &self,
        case: i64,
        most: u32,
    ) -> Result<Vec<Earlier>, StoreError> {
        self.pools
            .all(
                concat!(
                    // Joined from the left, or SQLite would go through all decided cases.
                    "SELECT e.id, e.state, e.decided_kind, l.title, l.seller, p.sku, e.updated_at
                 FROM (SELECT DISTINCT o.listing_id FROM cases c
                        JOIN listing_pictures lp ON lp.listing_id = c.listing_id
                        JOIN listing_pictures o ON o.picture_id = lp.picture_id
                        WHERE c.id = $1 AND o.listing_id <> c.listing_id) shown
                 LEFT JOIN cases e ON e.listing_id = shown.listing_id
                 LEFT JOIN listings l ON l.id = e.listing_id
                 LEFT JOIN products p ON p.id = e.product_id
                 WHERE COALESCE(e.state, '') IN ('confirmed', 'rejected') AND ",
                    brand_seen!("p.brand", "$3"),
                    "
                 ORDER BY e.updated_at DESC, e.id LIMIT $2"
                ),
                params![case, most, self.sees],
            )
            .await
    }

    /// The last decided other cases of a seller at a source.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn earlier_of_seller(
        &self,
        case: i64,
        most: u32,
    ) -> Result<Vec<Earlier>, StoreError> {
        self.pools
            .all(
                concat!(
                    // As above; the figures of cases have an index by seller.
                    "SELECT e.id, e.state, e.decided_kind, l.title, l.seller, p.sku, e.updated_at
                 FROM cases c JOIN listings own ON own.id = c.listing_id
                 LEFT JOIN case_figures f ON f.source_id = own.source_id AND f.seller = own.seller
                 LEFT JOIN cases e ON e.id = f.case_id
                 LEFT JOIN listings l ON l.id = e.listing_id
                 LEFT JOIN products p ON p.id = e.product_id
                 WHERE c.id = $1 AND COALESCE(f.state, '') IN ('confirmed', 'rejected')
                    AND COALESCE(e.listing_id, own.id) <> own.id AND ",
                    brand_seen!("p.brand", "$3"),
                    "
                 ORDER BY e.updated_at DESC, e.id LIMIT $2"
                ),
                params![case, most, self.sees],
            )
            .await
    }
}
