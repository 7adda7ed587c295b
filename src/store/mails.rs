//! Mail: who wants to be mailed of what, and what waits for them. The mails themselves
//! wait, are tried again and are replayed as the other messages
//! ([`super::webhooks`]).

mod mailboxes;

use sqlx::FromRow;

use super::db::{numbers, params};
use super::sees::brand_seen;
use super::webhooks::Message;
use super::{Store, StoreError};

pub use mailboxes::{MOST_MAILBOXES, Mailbox, MailboxDraft};

/// Items of one mail; what is over waits for the next.
pub const MOST_ITEMS: u32 = 5_000;

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
