//! Addresses of people who want to be mailed, and of what.

use serde::Serialize;
use serde_json::json;
use sqlx::FromRow;

use crate::clock::Millis;
use crate::store::db::params;
use crate::store::webhooks::{names, written};
use crate::store::{Store, StoreError};

/// Addresses that one person may have.
pub const MOST_MAILBOXES: i64 = 5;

/// An address of somebody who wants to be mailed.
#[derive(Debug, Clone, FromRow, Serialize)]
pub struct Mailbox {
    /// Identifier.
    pub id: i64,
    /// `mailto:` and the address.
    #[serde(skip)]
    pub url: String,
    /// Whose brands it is told of: a user's number.
    pub user_id: i64,
    /// The user's name.
    pub user_name: String,
    /// Kinds of events, with commas between.
    pub events: String,
    /// Of new cases, only those of at least this probability.
    pub min_probability: f64,
    /// `instant` or `daily`.
    pub pace: String,
    /// Who added it.
    pub created_by: String,
    /// When.
    pub created_at: Millis,
    /// When the last mail was put together.
    pub mailed_at: Option<Millis>,
    /// What waits to be mailed.
    pub waiting: i64,
    /// Since when the oldest of it waits.
    pub oldest_at: Option<Millis>,
}

impl Mailbox {
    /// The address.
    #[must_use]
    pub fn address(&self) -> &str {
        written(&self.url)
    }

    /// Whether it is to be told of events of a kind.
    #[must_use]
    pub fn wants(&self, kind: &str) -> bool {
        names(&self.events, kind)
    }
}

/// An address to be added.
#[derive(Debug, Clone)]
pub struct MailboxDraft {
    /// The address.
    pub address: String,
    /// Kinds of events.
    pub events: Vec<String>,
    /// Of new cases, only those of at least this probability.
    pub min_probability: f64,
    /// `instant` or `daily`.
    pub pace: String,
}

macro_rules! select_mailbox {
    ($rest:literal) => {
        concat!(
            "SELECT w.id, w.url, w.user_id, u.name AS user_name, w.events, w.min_probability,
                w.pace, w.created_by, w.created_at, w.mailed_at,
                (SELECT COUNT(*) FROM mail_items i
                    WHERE i.webhook_id = w.id AND i.delivery_id IS NULL) AS waiting,
                (SELECT MIN(i.created_at) FROM mail_items i
                    WHERE i.webhook_id = w.id AND i.delivery_id IS NULL) AS oldest_at
             FROM webhooks w JOIN users u ON u.id = w.user_id WHERE w.shape = 'mail' ",
            $rest
        )
    };
}

impl Store {
    /// Addresses of one person, or all of them.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn mailboxes(&self, of: Option<&str>) -> Result<Vec<Mailbox>, StoreError> {
        self.pools
            .all(
                select_mailbox!("AND (CAST($1 AS TEXT) IS NULL OR u.name = $1) ORDER BY w.id"),
                params![of],
            )
            .await
    }

    /// Those whose owners may sign in: the others are not mailed.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn mailed(&self) -> Result<Vec<Mailbox>, StoreError> {
        self.pools
            .all(
                select_mailbox!("AND w.enabled AND u.disabled_at IS NULL ORDER BY w.id"),
                params![],
            )
            .await
    }

    /// One address, of one person or of anybody.
    ///
    /// # Errors
    /// [`StoreError::NotFound`], or when the database cannot be read.
    pub async fn mailbox(&self, id: i64, of: Option<&str>) -> Result<Mailbox, StoreError> {
        self.pools
            .optional(
                select_mailbox!("AND w.id = $1 AND (CAST($2 AS TEXT) IS NULL OR u.name = $2)"),
                params![id, of],
            )
            .await?
            .ok_or_else(|| StoreError::not_found("mail address", id))
    }

    /// Adds an address of a user; gives its number.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when they have it or too many,
    /// [`StoreError::NotFound`] for a user that is not there, or when the database
    /// cannot be written.
    pub async fn add_mailbox(
        &self,
        actor: &str,
        user: &str,
        draft: &MailboxDraft,
    ) -> Result<i64, StoreError> {
        let now = self.clock.millis();
        let mut tx = self.pools.begin().await?;
        tx.hold_log().await?;
        let found: Option<(i64,)> = tx
            .optional("SELECT id FROM users WHERE name = $1", params![user])
            .await?;
        let Some((user_id,)) = found else {
            return Err(StoreError::not_found("user", user));
        };
        let url = format!("mailto:{}", draft.address);
        let theirs: Vec<(String,)> = tx
            .all(
                "SELECT url FROM webhooks WHERE user_id = $1",
                params![user_id],
            )
            .await?;
        if theirs.iter().any(|(other,)| *other == url) {
            return Err(StoreError::Conflict(format!(
                "{} is mailed already; remove it first to change what it hears of",
                draft.address
            )));
        }
        if theirs.len() as i64 >= MOST_MAILBOXES {
            return Err(StoreError::Conflict(format!(
                "{user} has {} addresses already; remove one first",
                theirs.len()
            )));
        }
        let id = tx
            .id(
                "INSERT INTO webhooks (url, secret, events, shape, min_probability, enabled,
                    created_by, created_at, user_id, pace)
                 VALUES ($1, '', $2, 'mail', $3, $4, $5, $6, $7, $8) RETURNING id",
                params![
                    url,
                    draft.events.join(","),
                    draft.min_probability,
                    true,
                    actor,
                    now,
                    user_id,
                    &draft.pace
                ],
            )
            .await?;
        let detail = json!({ "user": user, "address": draft.address, "events": draft.events,
            "pace": draft.pace, "min_probability": draft.min_probability });
        tx.audit(now, actor, "mail.add", &format!("mail {id}"), &detail)
            .await?;
        tx.commit().await?;
        Ok(id)
    }

    /// Removes an address of one person or of anybody, and what waits for it.
    ///
    /// # Errors
    /// [`StoreError::NotFound`], or when the database cannot be written.
    pub async fn remove_mailbox(
        &self,
        actor: &str,
        id: i64,
        of: Option<&str>,
    ) -> Result<(), StoreError> {
        let now = self.clock.millis();
        let mailbox = self.mailbox(id, of).await?;
        let mut tx = self.pools.begin().await?;
        tx.hold_log().await?;
        let removed = tx
            .run(
                "DELETE FROM webhooks WHERE id = $1 AND shape = 'mail'",
                params![id],
            )
            .await?;
        if removed != 1 {
            return Err(StoreError::not_found("mail address", id));
        }
        let detail = json!({ "user": mailbox.user_name, "address": mailbox.address() });
        tx.audit(now, actor, "mail.remove", &format!("mail {id}"), &detail)
            .await?;
        tx.commit().await
    }
}
