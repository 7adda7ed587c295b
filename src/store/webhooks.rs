//! Webhooks: who wants to hear of what, and the messages to them.

use serde::Serialize;
use serde_json::json;
use sqlx::FromRow;

use super::db::{Tx, params};
use super::mails::MailItem;
use super::secrets::of_webhook;
use super::{Store, StoreError};
use crate::clock::Millis;

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

/// A message to one receiver.
#[derive(Debug, Clone, FromRow, Serialize)]
pub struct Delivery {
    /// Identifier.
    pub id: i64,
    /// The receiver.
    pub webhook_id: i64,
    /// Where it goes.
    pub url: String,
    /// `json` or `slack`; `mail` where it is one to a person.
    pub shape: String,
    /// What happened: the same word is never told twice.
    pub event: String,
    /// Its kind.
    pub kind: String,
    /// What is sent.
    #[serde(skip)]
    pub body: String,
    /// `waiting`, `sent` or `given_up`.
    pub state: String,
    /// How often it was tried.
    pub attempts: i64,
    /// When it is tried next.
    pub next_at: Millis,
    /// The last answer's status.
    pub last_status: Option<i64>,
    /// Why the last try failed.
    pub last_error: Option<String>,
    /// When it was put here.
    pub created_at: Millis,
    /// When it was taken.
    pub sent_at: Option<Millis>,
}

impl Delivery {
    /// Where it goes, as a person writes it.
    #[must_use]
    pub fn to(&self) -> &str {
        written(&self.url)
    }
}

/// A receiver's address as a person writes it.
pub(super) fn written(url: &str) -> &str {
    url.strip_prefix("mailto:").unwrap_or(url)
}

/// Whether a kind is among kinds with commas between.
pub(super) fn names(events: &str, kind: &str) -> bool {
    events.split(',').any(|wanted| wanted == kind)
}

/// A message to be put here.
#[derive(Debug, Clone)]
pub struct Message {
    /// The receiver.
    pub webhook_id: i64,
    /// What happened.
    pub event: String,
    /// Its kind.
    pub kind: String,
    /// What is sent.
    pub body: String,
}

const WEBHOOKS: &str = "SELECT id, url, events, shape, min_probability, enabled,
    created_by, created_at FROM webhooks WHERE shape <> 'mail' ORDER BY id";

macro_rules! select_delivery {
    ($rest:literal) => {
        concat!(
            "SELECT d.id, d.webhook_id, w.url, w.shape, d.event, d.kind, d.body, d.state, d.attempts,
                d.next_at, d.last_status, d.last_error, d.created_at, d.sent_at
             FROM deliveries d JOIN webhooks w ON w.id = d.webhook_id ",
            $rest
        )
    };
}

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

    /// Puts messages, and what is to be mailed, where they wait to be sent, each once, and
    /// says how far was looked.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn queue_messages(
        &self,
        messages: &[Message],
        items: &[MailItem],
        mark: Option<(&str, i64)>,
    ) -> Result<u64, StoreError> {
        if messages.is_empty() && items.is_empty() && mark.is_none() {
            return Ok(0);
        }
        let now = self.clock.millis();
        let mut tx = self.pools.begin().await?;
        let mut queued = 0;
        for message in messages {
            queued += u64::from(tx.queue_message(message, now).await?.is_some());
        }
        for item in items {
            queued += tx
                .run(
                    "INSERT INTO mail_items (webhook_id, event, kind, subject, created_at)
                     VALUES ($1, $2, $3, $4, $5) ON CONFLICT (webhook_id, event) DO NOTHING",
                    params![item.webhook_id, &item.event, &item.kind, item.subject, now],
                )
                .await?;
        }
        if let Some((name, value)) = mark {
            tx.run(
                "INSERT INTO marks (name, value, at) VALUES ($1, $2, $3)
                 ON CONFLICT (name) DO UPDATE SET value = excluded.value, at = excluded.at",
                params![name, value, now],
            )
            .await?;
        }
        tx.commit().await?;
        Ok(queued)
    }

    /// Takes messages that are due, so that no other process sends them meanwhile:
    /// each is due again `lease` milliseconds later unless its end is told.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn take_due(&self, most: u32, lease: i64) -> Result<Vec<Delivery>, StoreError> {
        let now = self.clock.millis();
        let mut tx = self.pools.begin().await?;
        let due: Vec<Delivery> = tx
            .all(
                select_delivery!(
                    "WHERE d.state = 'waiting' AND d.next_at <= $1 AND w.enabled
                       AND (w.user_id IS NULL OR EXISTS (SELECT 1 FROM users u
                            WHERE u.id = w.user_id AND u.disabled_at IS NULL))
                     ORDER BY d.next_at, d.id LIMIT $2"
                ),
                params![now, most],
            )
            .await?;
        let mut taken = Vec::with_capacity(due.len());
        for delivery in due {
            let mine = tx
                .run(
                    "UPDATE deliveries SET next_at = $3, attempts = attempts + 1
                     WHERE id = $1 AND next_at = $2 AND state = 'waiting'",
                    params![delivery.id, delivery.next_at, Millis(now.0 + lease)],
                )
                .await?;
            if mine == 1 {
                taken.push(delivery);
            }
        }
        tx.commit().await?;
        Ok(taken)
    }

    /// Tells how a try to send a message ended: when it is tried next, or that it was
    /// taken or given up.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn delivery_ended(
        &self,
        id: i64,
        status: Option<u16>,
        error: Option<&str>,
        next_at: Option<Millis>,
    ) -> Result<(), StoreError> {
        let now = self.clock.millis();
        let (state, sent_at) = match (error, next_at) {
            (None, _) => ("sent", Some(now)),
            (Some(_), Some(_)) => ("waiting", None),
            (Some(_), None) => ("given_up", None),
        };
        let mut tx = self.pools.begin().await?;
        tx.run(
            "UPDATE deliveries SET state = $2, last_status = $3, last_error = $4,
                next_at = COALESCE($5, next_at), sent_at = $6 WHERE id = $1",
            params![id, state, status, error, next_at, sent_at],
        )
        .await?;
        tx.commit().await
    }

    /// The last messages below a number, the newest first.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn deliveries(
        &self,
        before: Option<i64>,
        most: u32,
    ) -> Result<Vec<Delivery>, StoreError> {
        self.pools
            .all(
                select_delivery!("WHERE d.id < $1 ORDER BY d.id DESC LIMIT $2"),
                params![before.unwrap_or(i64::MAX), most],
            )
            .await
    }

    /// The last mails to a person, the newest first.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn mails_to(&self, user: &str, most: u32) -> Result<Vec<Delivery>, StoreError> {
        self.pools
            .all(
                select_delivery!(
                    "JOIN users u ON u.id = w.user_id WHERE u.name = $1 ORDER BY d.id DESC LIMIT $2"
                ),
                params![user, most],
            )
            .await
    }

    /// One message.
    ///
    /// # Errors
    /// [`StoreError::NotFound`], or when the database cannot be read.
    pub async fn delivery(&self, id: i64) -> Result<Delivery, StoreError> {
        self.pools
            .optional(select_delivery!("WHERE d.id = $1"), params![id])
            .await?
            .ok_or_else(|| StoreError::not_found("message", id))
    }

    /// Sends a message again: it is due now, whatever became of it.
    ///
    /// # Errors
    /// [`StoreError::NotFound`], or when the database cannot be written.
    pub async fn replay_delivery(&self, actor: &str, id: i64) -> Result<(), StoreError> {
        let now = self.clock.millis();
        let mut tx = self.pools.begin().await?;
        tx.hold_log().await?;
        let found = tx
            .run(
                "UPDATE deliveries SET state = 'waiting', attempts = 0, next_at = $2 WHERE id = $1",
                params![id, now],
            )
            .await?;
        if found != 1 {
            return Err(StoreError::not_found("message", id));
        }
        let subject = format!("message {id}");
        tx.audit(now, actor, "webhook.replay", &subject, &json!({}))
            .await?;
        tx.commit().await
    }
}

impl Tx {
    /// Puts a message where it waits to be sent; gives its number, or none where its
    /// receiver has one of this event.
    pub(super) async fn queue_message(
        &mut self,
        message: &Message,
        now: Millis,
    ) -> Result<Option<i64>, StoreError> {
        let made: Option<(i64,)> = self
            .optional(
                "INSERT INTO deliveries (webhook_id, event, kind, body, state, attempts,
                    next_at, created_at)
                 VALUES ($1, $2, $3, $4, 'waiting', 0, $5, $5)
                 ON CONFLICT (webhook_id, event) DO NOTHING RETURNING id",
                params![
                    message.webhook_id,
                    &message.event,
                    &message.kind,
                    &message.body,
                    now
                ],
            )
            .await?;
        Ok(made.map(|(id,)| id))
    }
}
