//! Webhooks: who wants to hear of what, and the messages to them.

mod deliveries;

use serde::Serialize;
use serde_json::json;
use sqlx::FromRow;

use super::db::params;
use super::secrets::of_webhook;
use super::{Store, StoreError};
use crate::clock::Millis;

pub use deliveries::{Delivery, Message};

/// Receivers that there may be.
const MOST_WEBHOOKS: i64 = 50;

/// A receiver.
#[derive(Clone, FromRow, Serialize)]
pub struct Webhook {
    /// Identifier.
    pub id: i64,
    /// Where messages go.
    pub url: String,
    /// Kinds of events, with commas between.
    pub events: String,
    /// `json` or `slack`.
    pub shape: String,
    /// Of new cases, only those of at least this probability.
    pub min_probability: f64,
    /// Whether it hears anything.
    pub enabled: bool,
    /// Who added it.
    pub created_by: String,
    /// When.
    pub created_at: Millis,
}

impl std::fmt::Debug for Webhook {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Webhook({}, {})", self.id, self.url)
    }
}

impl Webhook {
    /// Whether it wants to hear of events of a kind.
    #[must_use]
    pub fn wants(&self, kind: &str) -> bool {
        self.enabled && names(&self.events, kind)
    }
}

/// A receiver to be added.
#[derive(Debug, Clone)]
pub struct WebhookDraft {
    /// Where messages go.
    pub url: String,
    /// What messages are signed with: base64.
    pub secret: String,
    /// Kinds of events.
    pub events: Vec<String>,
    /// `json` or `slack`.
    pub shape: String,
    /// Of new cases, only those of at least this probability.
    pub min_probability: f64,
}

/// A receiver's address as a person writes it.
pub(super) fn written(url: &str) -> &str {
    url.strip_prefix("mailto:").unwrap_or(url)
}

/// Whether a kind is among kinds with commas between.
pub(super) fn names(events: &str, kind: &str) -> bool {
    events.split(',').any(|wanted| wanted == kind)
}

const WEBHOOKS: &str = "SELECT id, url, events, shape, min_probability, enabled,
    created_by, created_at FROM webhooks WHERE shape <> 'mail' ORDER BY id";

impl Store {
    /// All receivers.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn webhooks(&self) -> Result<Vec<Webhook>, StoreError> {
        self.pools.all(WEBHOOKS, params![]).await
    }

    /// Adds a receiver; gives its number.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when there are too many, or when the database cannot
    /// be written.
    pub async fn add_webhook(&self, actor: &str, draft: &WebhookDraft) -> Result<i64, StoreError> {
        let now = self.clock.millis();
        let mut tx = self.pools.begin().await?;
        tx.hold_log().await?;
        let count = tx
            .id(
                "SELECT COUNT(*) FROM webhooks WHERE shape <> 'mail'",
                params![],
            )
            .await?;
        if count >= MOST_WEBHOOKS {
            return Err(StoreError::Conflict(format!(
                "there are {count} webhooks already; remove one first"
            )));
        }
        let id = tx
            .id(
                "INSERT INTO webhooks (url, secret, events, shape, min_probability, enabled,
                    created_by, created_at)
                 VALUES ($1, '', $2, $3, $4, $5, $6, $7) RETURNING id",
                params![
                    &draft.url,
                    draft.events.join(","),
                    &draft.shape,
                    draft.min_probability,
                    true,
                    actor,
                    now
                ],
            )
            .await?;
        // It is sealed for its row, whose number is known from here on.
        let secret = self
            .secrets
            .seal(&of_webhook(id), draft.secret.as_bytes())?;
        tx.run(
            "UPDATE webhooks SET secret = $2 WHERE id = $1",
            params![id, secret],
        )
        .await?;
        let detail = json!({ "url": draft.url, "events": draft.events, "shape": draft.shape });
        let subject = format!("webhook {id}");
        tx.audit(now, actor, "webhook.add", &subject, &detail)
            .await?;
        tx.commit().await?;
        Ok(id)
    }

    /// Removes a receiver and what waits for it.
    ///
    /// # Errors
    /// [`StoreError::NotFound`], or when the database cannot be written.
    pub async fn remove_webhook(&self, actor: &str, id: i64) -> Result<(), StoreError> {
        let now = self.clock.millis();
        let mut tx = self.pools.begin().await?;
        tx.hold_log().await?;
        tx.run("DELETE FROM deliveries WHERE webhook_id = $1", params![id])
            .await?;
        let removed = tx
            .run(
                "DELETE FROM webhooks WHERE id = $1 AND shape <> 'mail'",
                params![id],
            )
            .await?;
        if removed != 1 {
            return Err(StoreError::not_found("webhook", id));
        }
        let subject = format!("webhook {id}");
        tx.audit(now, actor, "webhook.remove", &subject, &json!({}))
            .await?;
        tx.commit().await
    }
}
