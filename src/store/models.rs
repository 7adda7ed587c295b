//! Fitted weights, which of them score, and what they are fitted on: decisions.

use rand::RngExt as _;
use serde::Serialize;
use serde_json::{Value, json};
use sqlx::FromRow;

use super::db::{JsonText, Tx, json as to_json, params};
use super::removals::removed_products;
use super::{Store, StoreError};
use crate::clock::Millis;

/// Fitted weights as stored.
#[derive(Debug, Clone, FromRow, Serialize)]
pub struct StoredModel {
    /// Identifier.
    pub id: i64,
    /// Name of the line of models.
    pub name: String,
    /// Version within it.
    pub version: i64,
    /// The table of weights.
    #[serde(skip)]
    pub weights: String,
    /// How it compared with the one before, when it was fitted.
    pub report: JsonText<Value>,
    /// Who fitted it.
    pub created_by: String,
    /// When.
    pub created_at: Millis,
}

impl StoredModel {
    /// Name and version, as cases carry them.
    #[must_use]
    pub fn label(&self) -> String {
        format!("{} v{}", self.name, self.version)
    }
}

/// A case that was decided, with what was known of it.
#[derive(Debug, Clone, FromRow)]
pub struct DecidedCase {
    /// Identifier.
    pub id: i64,
    /// `confirmed` or `rejected`.
    pub state: String,
    /// Probability of infringement as scored.
    pub score: f64,
    /// What was known.
    pub evidence: JsonText<Value>,
    /// Name and version of the weights that scored it.
    pub model: String,
    /// The chance at which it was drawn; none where the score put it there.
    pub audit_rate: Option<f64>,
    /// The source.
    pub source_id: i64,
    /// The seller as written.
    pub seller: Option<String>,
    /// The listing.
    pub listing_id: i64,
}

macro_rules! select_model {
    ($rest:literal) => {
        concat!(
            "SELECT id, name, version, weights, report, created_by, created_at FROM score_models ",
            $rest
        )
    };
}

impl Store {
    /// The weights that score; none where those that ship do.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn adopted_model(&self) -> Result<Option<StoredModel>, StoreError> {
        self.pools
            .optional(
                select_model!(
                    "WHERE id = (SELECT model_id FROM model_adoptions ORDER BY id DESC LIMIT 1)"
                ),
                params![],
            )
            .await
    }

    /// The newest weights of a line; they need not score.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn newest_model(&self, name: &str) -> Result<Option<StoredModel>, StoreError> {
        self.pools
            .optional(
                select_model!("WHERE name = $1 ORDER BY id DESC LIMIT 1"),
                params![name],
            )
            .await
    }

    /// All fitted weights, the newest first.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn models(&self) -> Result<Vec<StoredModel>, StoreError> {
        self.pools
            .all(select_model!("ORDER BY id DESC"), params![])
            .await
    }

    /// Keeps fitted weights under the next version of their line; `table` writes
    /// them down with it. They score nothing until they are adopted.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn save_model(
        &self,
        actor: &str,
        name: &str,
        table: impl FnOnce(i64) -> String,
        report: &Value,
    ) -> Result<StoredModel, StoreError> {
        let now = self.clock.millis();
        let mut tx = self.pools.begin().await?;
        tx.hold_log().await?;
        let (version,): (i64,) = tx
            .one(
                "SELECT CAST(COALESCE(MAX(version), 0) + 1 AS BIGINT) FROM score_models
                 WHERE name = $1",
                params![name],
            )
            .await?;
        let weights = table(version);
        let id = tx
            .id(
                "INSERT INTO score_models (name, version, weights, report, created_by, created_at)
                 VALUES ($1, $2, $3, $4, $5, $6) RETURNING id",
                params![name, version, &weights, to_json(report), actor, now],
            )
            .await?;
        let detail = json!({ "report": report });
        let subject = format!("model {name} v{version}");
        tx.audit(now, actor, "model.fit", &subject, &detail).await?;
        tx.commit().await?;
        Ok(StoredModel {
            id,
            name: name.to_owned(),
            version,
            weights,
            report: JsonText(report.clone()),
            created_by: actor.to_owned(),
            created_at: now,
        })
    }

    /// Lets other weights score from now on; none for those that ship. Cases
    /// keep the score they have until they are scored anew.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when they score already, [`StoreError::NotFound`],
    /// or when the database cannot be written.
    pub async fn adopt_model(&self, actor: &str, model: Option<i64>) -> Result<(), StoreError> {
        let mut tx = self.pools.begin().await?;
        tx.hold_log().await?;
        let now_scores = tx.scoring_model().await?;
        if now_scores == model {
            return Err(StoreError::Conflict(
                "these weights score already".to_owned(),
            ));
        }
        tx.adopt(actor, model, now_scores, None, self.clock.millis())
            .await?;
        tx.commit().await
    }

    /// Whether there is an adoption that was not taken back.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn can_undo_adoption(&self) -> Result<bool, StoreError> {
        let standing: Option<(i64,)> = self
            .pools
            .optional(
                "SELECT id FROM model_adoptions a WHERE undoes IS NULL
                    AND NOT EXISTS (SELECT 1 FROM model_adoptions u WHERE u.undoes = a.id)
                 ORDER BY id DESC LIMIT 1",
                params![],
            )
            .await?;
        Ok(standing.is_some())
    }

    /// Takes the last adoption back that was not taken back yet, and gives the
    /// weights that score now: none for those that ship.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when there is none, or when the database cannot
    /// be written.
    pub async fn undo_adoption(&self, actor: &str) -> Result<Option<StoredModel>, StoreError> {
        let mut tx = self.pools.begin().await?;
        tx.hold_log().await?;
        let standing: Option<(i64, Option<i64>)> = tx
            .optional(
                "SELECT id, before_id FROM model_adoptions a WHERE undoes IS NULL
                    AND NOT EXISTS (SELECT 1 FROM model_adoptions u WHERE u.undoes = a.id)
                 ORDER BY id DESC LIMIT 1",
                params![],
            )
            .await?;
        let Some((adoption, before)) = standing else {
            return Err(StoreError::Conflict(
                "no weights were adopted; those that ship score".to_owned(),
            ));
        };
        let now_scores = tx.scoring_model().await?;
        let now = self.clock.millis();
        tx.adopt(actor, before, now_scores, Some(adoption), now)
            .await?;
        tx.commit().await?;
        self.adopted_model().await
    }

    /// The cases that are confirmed or rejected, in the order of identifiers.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn decided_cases(&self) -> Result<Vec<DecidedCase>, StoreError> {
        self.pools
            .all(
                "SELECT c.id, c.state, c.score, c.evidence, c.model, c.audit_rate, l.source_id,
                    l.seller, c.listing_id
                 FROM cases c JOIN listings l ON l.id = c.listing_id
                 WHERE c.state IN ('confirmed', 'rejected') ORDER BY c.id",
                params![],
            )
            .await
    }

    /// The scores of the open cases that the score put into the queue, highest
    /// first.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn open_scores(&self) -> Result<Vec<f64>, StoreError> {
        let rows: Vec<(f64,)> = self
            .pools
            .all(
                concat!(
                    "SELECT score FROM cases WHERE state = 'open' AND audit_rate IS NULL
                        AND product_id NOT IN ",
                    removed_products!(),
                    " ORDER BY score DESC, id"
                ),
                params![],
            )
            .await?;
        Ok(rows.into_iter().map(|(score,)| score).collect())
    }

    /// What the lots of the audit follow from; made once.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn audit_secret(&self) -> Result<String, StoreError> {
        const KNOWN: &str = "SELECT secret FROM audit_secret WHERE id = 1";
        let known: Option<(String,)> = self.pools.optional(KNOWN, params![]).await?;
        if let Some((secret,)) = known {
            return Ok(secret);
        }
        let fresh = hex::encode(rand::rng().random::<[u8; 32]>());
        let mut tx = self.pools.begin().await?;
        tx.run(
            "INSERT INTO audit_secret (id, secret) VALUES (1, $1) ON CONFLICT (id) DO NOTHING",
            params![fresh],
        )
        .await?;
        let (secret,): (String,) = tx.one(KNOWN, params![]).await?;
        tx.commit().await?;
        Ok(secret)
    }

    /// Whether another listing that was confirmed as infringing shows one of
    /// these pictures, given by SHA-256.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn was_confirmed_with(
        &self,
        source_id: i64,
        item_id: &str,
        blobs: &[String],
    ) -> Result<bool, StoreError> {
        for blob in blobs {
            let found: Option<(i64,)> = self
                .pools
                .optional(
                    "SELECT c.id FROM pictures p
                     JOIN listing_pictures lp ON lp.picture_id = p.id
                     JOIN listings l ON l.id = lp.listing_id
                     JOIN cases c ON c.listing_id = l.id
                     WHERE p.blob = $1 AND c.state = 'confirmed'
                       AND NOT (l.source_id = $2 AND l.item_id = $3) LIMIT 1",
                    params![blob, source_id, item_id],
                )
                .await?;
            if found.is_some() {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

impl Tx {
    async fn scoring_model(&mut self) -> Result<Option<i64>, StoreError> {
        let last: Option<(Option<i64>,)> = self
            .optional(
                "SELECT model_id FROM model_adoptions ORDER BY id DESC LIMIT 1",
                params![],
            )
            .await?;
        Ok(last.and_then(|(model,)| model))
    }

    async fn adopt(
        &mut self,
        actor: &str,
        model: Option<i64>,
        before: Option<i64>,
        undoes: Option<i64>,
        now: Millis,
    ) -> Result<(), StoreError> {
        let named = self.model_label(model).await?;
        let was = self.model_label(before).await?;
        self.id(
            "INSERT INTO model_adoptions (model_id, before_id, undoes, actor, at)
             VALUES ($1, $2, $3, $4, $5) RETURNING id",
            params![model, before, undoes, actor, now],
        )
        .await?;
        let detail = json!({ "before": was, "undoes": undoes });
        let action = if undoes.is_some() {
            "model.undo"
        } else {
            "model.adopt"
        };
        self.audit(now, actor, action, &format!("model {named}"), &detail)
            .await
    }

    async fn model_label(&mut self, id: Option<i64>) -> Result<String, StoreError> {
        let Some(id) = id else {
            return Ok("as shipped".to_owned());
        };
        let found: Option<(String, i64)> = self
            .optional(
                "SELECT name, version FROM score_models WHERE id = $1",
                params![id],
            )
            .await?;
        let (name, version) = found.ok_or_else(|| StoreError::not_found("model", id))?;
        Ok(format!("{name} v{version}"))
    }
}
