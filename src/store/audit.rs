//! The audit log: a hash chain of everything anybody decided.

use serde::Serialize;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use sqlx::FromRow;

use super::db::{JsonText, Tx, json as to_json, params};
use super::lists::AuditFilter;
use super::sees::event_seen;
use super::{Store, StoreError};
use crate::clock::Millis;

/// One link of the chain.
#[derive(Debug, Clone, FromRow, Serialize)]
pub struct AuditEvent {
    /// Position in the chain, from 1.
    pub seq: i64,
    /// When it happened.
    pub at: Millis,
    /// Who did it: a user's name, or `scan`, `system`.
    pub actor: String,
    /// What was done, such as `case.confirm`.
    pub action: String,
    /// What it was done to, such as `case 42`.
    pub subject: String,
    /// Everything needed to understand it later.
    pub detail: JsonText<Value>,
    /// The hash of the event before this one.
    pub prev_hash: String,
    /// SHA-256 over `prev_hash` and this event's fields.
    pub hash: String,
}

impl AuditEvent {
    /// The hash this event must carry: SHA-256 of the JSON array
    /// `[seq, at, actor, action, subject, detail, prev_hash]`, `at` in
    /// milliseconds and `detail` as the text that is stored.
    #[must_use]
    pub fn computed_hash(&self) -> String {
        let detail = to_json(&self.detail.0);
        event_hash(
            self.seq,
            self.at,
            [&self.actor, &self.action, &self.subject],
            &detail,
            &self.prev_hash,
        )
    }
}

fn event_hash(seq: i64, at: Millis, who_what: [&str; 3], detail: &str, prev: &str) -> String {
    let [actor, action, subject] = who_what;
    let line = json!([seq, at.0, actor, action, subject, detail, prev]).to_string();
    hex::encode(Sha256::digest(line.as_bytes()))
}

impl Tx {
    /// Takes the log for this transaction before it locks any row that another
    /// one may hold while it waits for the log: on PostgreSQL they would wait
    /// for each other. Whatever touches several cases, or changes the catalog, begins with
    /// this.
    pub(super) async fn hold_log(&mut self) -> Result<(), StoreError> {
        self.run("UPDATE audit_head SET seq = seq WHERE id = 1", params![])
            .await?;
        Ok(())
    }

    /// Appends an event inside the transaction that makes the change, so that
    /// neither is ever there without the other.
    pub(super) async fn audit(
        &mut self,
        at: Millis,
        actor: &str,
        action: &str,
        subject: &str,
        detail: &Value,
    ) -> Result<(), StoreError> {
        // Updating the head first serialises writers on both engines.
        let (seq, prev): (i64, String) = self
            .one(
                "UPDATE audit_head SET seq = seq + 1 WHERE id = 1 RETURNING seq, hash",
                params![],
            )
            .await?;
        let detail = to_json(detail);
        let hash = event_hash(seq, at, [actor, action, subject], &detail, &prev);
        self.run(
            "INSERT INTO audit_events (seq, at, actor, action, subject, detail, prev_hash, hash)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
            params![seq, at, actor, action, subject, detail, prev, &hash],
        )
        .await?;
        self.run(
            "UPDATE audit_head SET hash = $1 WHERE id = 1",
            params![hash],
        )
        .await?;
        Ok(())
    }
}

impl Store {
    /// Appends an event that has no other database change beside it, such as
    /// a packet export.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn audit(
        &self,
        actor: &str,
        action: &str,
        subject: &str,
        detail: &Value,
    ) -> Result<(), StoreError> {
        let mut tx = self.pools.begin().await?;
        tx.audit(self.clock.millis(), actor, action, subject, detail)
            .await?;
        tx.commit().await
    }

    /// The newest events first, at most `limit`, below `before` when given.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn audit_page(
        &self,
        before: Option<i64>,
        limit: u32,
    ) -> Result<Vec<AuditEvent>, StoreError> {
        self.audit_by(&AuditFilter::default(), before, limit).await
    }

    /// Events after one, oldest first.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn audit_after(&self, after: i64, limit: u32) -> Result<Vec<AuditEvent>, StoreError> {
        self.pools
            .all(
                concat!(
                    "SELECT seq, at, actor, action, subject, detail, prev_hash, hash
                     FROM audit_events WHERE seq > $1 AND ",
                    event_seen!("subject", "actor", "$3"),
                    " ORDER BY seq LIMIT $2"
                ),
                params![after, limit, self.sees],
            )
            .await
    }

    /// All events about one subject, oldest first.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn audit_of(&self, subject: &str) -> Result<Vec<AuditEvent>, StoreError> {
        self.pools
            .all(
                concat!(
                    "SELECT seq, at, actor, action, subject, detail, prev_hash, hash
                     FROM audit_events WHERE subject = $1 AND ",
                    event_seen!("subject", "actor", "$2"),
                    " ORDER BY seq"
                ),
                params![subject, self.sees],
            )
            .await
    }

    /// Walks the chain and names the first event that does not fit, or `None`
    /// when every hash holds.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn audit_first_break(&self) -> Result<Option<i64>, StoreError> {
        let mut prev = "0".repeat(64);
        let mut after = 0_i64;
        loop {
            let page: Vec<AuditEvent> = self
                .pools
                .all(
                    "SELECT seq, at, actor, action, subject, detail, prev_hash, hash
                     FROM audit_events WHERE seq > $1 ORDER BY seq LIMIT 1000",
                    params![after],
                )
                .await?;
            for event in &page {
                if event.seq != after + 1
                    || event.prev_hash != prev
                    || event.hash != event.computed_hash()
                {
                    return Ok(Some(event.seq));
                }
                after = event.seq;
                prev.clone_from(&event.hash);
            }
            if page.is_empty() {
                let (seq, hash): (i64, String) = self
                    .pools
                    .one("SELECT seq, hash FROM audit_head WHERE id = 1", params![])
                    .await?;
                return Ok((seq != after || hash != prev).then_some(after + 1));
            }
        }
    }
}
