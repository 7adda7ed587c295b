//! Messages to receivers: they wait, are taken, tried again, and sent anew by hand.

use serde::Serialize;
use serde_json::json;
use sqlx::FromRow;

use super::written;
use crate::clock::Millis;
use crate::store::db::{Tx, params};
use crate::store::mails::MailItem;
use crate::store::{Store, StoreError};

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
    pub(in crate::store) async fn queue_message(
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
