//! Mail: who wants to be mailed of what, and what waits for them. The mails themselves
//! wait, are tried again and are replayed as the other messages
//! ([`super::webhooks`]).

use serde::Serialize;
use serde_json::json;
use sqlx::FromRow;

use super::db::{numbers, params};
use super::sees::brand_seen;
use super::webhooks::{Message, names, written};
use super::{Store, StoreError};
use crate::clock::Millis;

/// Addresses that one person may have.
pub const MOST_MAILBOXES: i64 = 5;
/// Items of one mail; what is over waits for the next.
pub const MOST_ITEMS: u32 = 5_000;

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

/// Something to be mailed.
#[derive(Debug, Clone, FromRow)]
pub struct MailItem {
    /// The mailbox.
    pub webhook_id: i64,
    /// What happened: the same word is never mailed twice.
    pub event: String,
    /// Its kind.
    pub kind: String,
    /// The case, scan or notice.
    pub subject: i64,
}

/// A new case as a mail tells of it.
#[derive(Debug, Clone, FromRow)]
pub struct MailedCase {
    /// The case.
    pub id: i64,
    /// Probability.
    pub score: f64,
    /// Where it stands.
    pub state: String,
    /// SKU.
    pub sku: String,
    /// Brand.
    pub brand: String,
    /// The product's name.
    pub product: String,
    /// The listing's title as written.
    pub title: String,
    /// Its seller as written.
    pub seller: Option<String>,
    /// The source's name.
    pub source: String,
}

/// A failed scan as a mail tells of it.
#[derive(Debug, Clone, FromRow)]
pub struct MailedScan {
    /// The scan.
    pub id: i64,
    /// The source's name.
    pub source: String,
    /// Why it failed.
    pub message: Option<String>,
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

/// A mail that waits: its words are made when it is sent.
fn mail(mailbox: i64, event: String, kind: &str) -> Message {
    Message {
        webhook_id: mailbox,
        event,
        kind: kind.to_owned(),
        body: String::new(),
    }
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

    /// The oldest of what waits for a mailbox.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn mail_waiting(&self, mailbox: i64) -> Result<Vec<MailItem>, StoreError> {
        self.pools
            .all(
                "SELECT webhook_id, event, kind, subject FROM mail_items
                 WHERE webhook_id = $1 AND delivery_id IS NULL ORDER BY id LIMIT $2",
                params![mailbox, MOST_ITEMS],
            )
            .await
    }

    /// What a mail is about.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn mail_of(&self, delivery: i64) -> Result<Vec<MailItem>, StoreError> {
        self.pools
            .all(
                "SELECT webhook_id, event, kind, subject FROM mail_items
                 WHERE delivery_id = $1 ORDER BY id",
                params![delivery],
            )
            .await
    }

    /// Makes one mail of the oldest that waits for a mailbox, to be sent as any message;
    /// gives whether something waited.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn put_mail_together(&self, mailbox: i64) -> Result<bool, StoreError> {
        let now = self.clock.millis();
        let mut tx = self.pools.begin().await?;
        let items: Vec<(i64,)> = tx
            .all(
                "SELECT id FROM mail_items WHERE webhook_id = $1 AND delivery_id IS NULL
                 ORDER BY id LIMIT $2",
                params![mailbox, MOST_ITEMS],
            )
            .await?;
        let (Some((first,)), Some((last,))) = (items.first(), items.last()) else {
            return Ok(false);
        };
        // Two processes that do the same at once name it alike: one of them does it.
        let mail = mail(mailbox, format!("mail.{first}"), "mail");
        let Some(delivery) = tx.queue_message(&mail, now).await? else {
            return Ok(false);
        };
        tx.run(
            "UPDATE mail_items SET delivery_id = $3
             WHERE webhook_id = $1 AND delivery_id IS NULL AND id <= $2",
            params![mailbox, *last, delivery],
        )
        .await?;
        tx.run(
            "UPDATE webhooks SET mailed_at = $2 WHERE id = $1",
            params![mailbox, now],
        )
        .await?;
        tx.commit().await?;
        Ok(true)
    }

    /// Queues a mail that only shows that mail arrives, one a minute at most; gives
    /// its number, or none where there was one this minute.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn queue_test_mail(&self, mailbox: i64) -> Result<Option<i64>, StoreError> {
        let now = self.clock.millis();
        let event = format!("mail.test.{}", now.0.div_euclid(60_000));
        let mut tx = self.pools.begin().await?;
        let mail = mail(mailbox, event, "mail.test");
        let made = tx.queue_message(&mail, now).await?;
        tx.commit().await?;
        Ok(made)
    }

    /// Cases as a mail tells of them, those that may be seen, the most probable first.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn mailed_cases(&self, cases: &[i64]) -> Result<Vec<MailedCase>, StoreError> {
        let mut found: Vec<MailedCase> = self
            .pools
            .all_in(
                concat!(
                    "SELECT c.id, c.score, c.state, p.sku, p.brand, p.name AS product, l.title,
                        l.seller, s.name AS source
                     FROM cases c JOIN listings l ON l.id = c.listing_id
                     JOIN sources s ON s.id = l.source_id JOIN products p ON p.id = c.product_id
                     WHERE ",
                    brand_seen!("p.brand", "$1"),
                    " AND c.id IN"
                ),
                params![self.sees],
                numbers(cases),
                "",
            )
            .await?;
        found.sort_by(|a, b| b.score.total_cmp(&a.score).then(a.id.cmp(&b.id)));
        Ok(found)
    }

    /// Failed scans as a mail tells of them. Why one failed may name what was searched
    /// for, so whoever sees some brands only is not told.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn mailed_scans(&self, scans: &[i64]) -> Result<Vec<MailedScan>, StoreError> {
        let mut found: Vec<MailedScan> = self
            .pools
            .all_in(
                "SELECT sc.id, s.name AS source, sc.message FROM scans sc
                 JOIN sources s ON s.id = sc.source_id WHERE sc.id IN",
                params![],
                numbers(scans),
                "",
            )
            .await?;
        if !self.sees.everything() {
            for scan in &mut found {
                scan.message = None;
            }
        }
        found.sort_by_key(|scan| scan.id);
        Ok(found)
    }
}
