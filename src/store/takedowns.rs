//! Notices and the dated events of their lifecycle.

use serde::Serialize;
use serde_json::json;
use sqlx::FromRow;

use super::db::params;
use super::{Store, StoreError};
use crate::clock::Millis;

/// A notice as stored.
#[derive(Debug, Clone, FromRow, Serialize)]
pub struct Notice {
    /// Identifier.
    pub id: i64,
    /// The case it is about.
    pub case_id: i64,
    /// The right it rests on, while that is in the catalog.
    pub right_id: Option<i64>,
    /// `trademark`, `copyright`, …
    pub right_kind: String,
    /// Where it goes.
    pub channel: String,
    /// `draft`, `submitted`, `acknowledged`, `removed` or `refused`.
    pub state: String,
    /// Subject line.
    pub subject: String,
    /// Text.
    pub body: String,
    /// Who drafted it.
    pub created_by: String,
    /// When.
    pub created_at: Millis,
    /// Last event.
    pub updated_at: Millis,
}

/// A dated step in a notice's life.
#[derive(Debug, Clone, FromRow, Serialize)]
pub struct NoticeEvent {
    /// Identifier.
    pub id: i64,
    /// The notice.
    pub notice_id: i64,
    /// State before.
    pub from_state: String,
    /// State after.
    pub to_state: String,
    /// A reference number, an answer.
    pub note: Option<String>,
    /// Who recorded it.
    pub actor: String,
    /// When it happened.
    pub happened_at: Millis,
    /// When it was recorded.
    pub at: Millis,
}

/// A notice to be drafted.
#[derive(Debug, Clone)]
pub struct NoticeDraft {
    /// The case it is about.
    pub case_id: i64,
    /// The right it rests on.
    pub right_id: Option<i64>,
    /// `trademark`, `copyright`, …
    pub right_kind: String,
    /// Where it goes.
    pub channel: String,
    /// Subject line.
    pub subject: String,
    /// Text.
    pub body: String,
}

/// SHA-256 of a notice's subject, a line break and its text: what the audit log
/// keeps of a draft.
#[must_use]
pub fn text_hash(subject: &str, body: &str) -> String {
    crate::blobs::sha256_hex(format!("{subject}\n{body}").as_bytes())
}

macro_rules! select_notice {
    ($rest:literal) => {
        concat!(
            "SELECT id, case_id, right_id, right_kind, channel, state, subject, body, created_by,
                created_at, updated_at FROM notices ",
            $rest
        )
    };
}

impl Store {
    /// Writes a draft for a confirmed case; a draft of the same right and
    /// channel is replaced.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when the case is not confirmed or such a notice
    /// has already left.
    pub async fn draft_notice(&self, actor: &str, draft: &NoticeDraft) -> Result<i64, StoreError> {
        let now = self.clock.millis();
        let mut tx = self.pools.begin().await?;
        tx.hold_log().await?;
        let state: Option<(String,)> = tx
            .optional(
                "SELECT state FROM cases WHERE id = $1",
                params![draft.case_id],
            )
            .await?;
        match state {
            None => return Err(StoreError::not_found("case", draft.case_id)),
            Some((state,)) if state != "confirmed" => {
                return Err(StoreError::Conflict(format!(
                    "case {} is {state}; confirm it before drafting a notice",
                    draft.case_id
                )));
            }
            Some(_) => {}
        }
        let drafted: Option<(i64,)> = tx
            .optional(
                "INSERT INTO notices (case_id, right_id, right_kind, channel, state, subject, body,
                    created_by, created_at, updated_at)
                 VALUES ($1, $2, $3, $4, 'draft', $5, $6, $7, $8, $8)
                 ON CONFLICT (case_id, right_kind, channel) DO UPDATE SET
                    right_id = excluded.right_id, subject = excluded.subject, body = excluded.body,
                    created_by = excluded.created_by, updated_at = excluded.updated_at
                    WHERE notices.state = 'draft'
                 RETURNING id",
                params![
                    draft.case_id,
                    draft.right_id,
                    &draft.right_kind,
                    &draft.channel,
                    &draft.subject,
                    &draft.body,
                    actor,
                    now,
                ],
            )
            .await?;
        let Some((id,)) = drafted else {
            return Err(StoreError::Conflict(format!(
                "a {} notice for case {} has already left by {}",
                draft.right_kind, draft.case_id, draft.channel
            )));
        };
        let detail = json!({ "notice": id, "right_kind": draft.right_kind,
            "channel": draft.channel, "text_hash": text_hash(&draft.subject, &draft.body) });
        tx.audit(
            now,
            actor,
            "notice.draft",
            &format!("case {}", draft.case_id),
            &detail,
        )
        .await?;
        tx.commit().await?;
        Ok(id)
    }

    /// Records a step of a notice from the state it was seen in.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when the notice is in another state now.
    pub async fn record_notice_event(
        &self,
        actor: &str,
        notice: &Notice,
        to_state: &str,
        note: Option<&str>,
        happened_at: Millis,
    ) -> Result<(), StoreError> {
        let now = self.clock.millis();
        let mut tx = self.pools.begin().await?;
        tx.hold_log().await?;
        let changed = tx
            .run(
                "UPDATE notices SET state = $3, updated_at = $4 WHERE id = $1 AND state = $2",
                params![notice.id, &notice.state, to_state, now],
            )
            .await?;
        if changed != 1 {
            return Err(StoreError::Conflict(format!(
                "notice {} is no longer {}; look at it again",
                notice.id, notice.state
            )));
        }
        tx.run(
            "INSERT INTO notice_events
                (notice_id, from_state, to_state, note, actor, happened_at, at)
             VALUES ($1, $2, $3, $4, $5, $6, $7)",
            params![
                notice.id,
                &notice.state,
                to_state,
                note,
                actor,
                happened_at,
                now
            ],
        )
        .await?;
        let detail = json!({ "notice": notice.id, "from": notice.state, "to": to_state,
            "note": note, "happened_at": happened_at });
        tx.audit(
            now,
            actor,
            "notice.event",
            &format!("case {}", notice.case_id),
            &detail,
        )
        .await?;
        tx.commit().await
    }

    /// One notice.
    ///
    /// # Errors
    /// [`StoreError::NotFound`], or when the database cannot be read.
    pub async fn notice(&self, id: i64) -> Result<Notice, StoreError> {
        self.pools
            .optional(select_notice!("WHERE id = $1"), params![id])
            .await?
            .ok_or_else(|| StoreError::not_found("notice", id))
    }

    /// The newest notices first, in one state when given.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn notices(
        &self,
        state: Option<&str>,
        limit: u32,
    ) -> Result<Vec<Notice>, StoreError> {
        self.pools
            .all(
                select_notice!(
                    "WHERE (CAST($1 AS TEXT) IS NULL OR state = $1) ORDER BY id DESC LIMIT $2"
                ),
                params![state, limit],
            )
            .await
    }

    /// The notices of a case.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn notices_of(&self, case_id: i64) -> Result<Vec<Notice>, StoreError> {
        self.pools
            .all(
                select_notice!("WHERE case_id = $1 ORDER BY id"),
                params![case_id],
            )
            .await
    }

    /// The events of all notices of a case, oldest first.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn notice_events_of(&self, case_id: i64) -> Result<Vec<NoticeEvent>, StoreError> {
        self.pools
            .all(
                "SELECT e.id, e.notice_id, e.from_state, e.to_state, e.note, e.actor,
                    e.happened_at, e.at
                 FROM notice_events e JOIN notices n ON n.id = e.notice_id
                 WHERE n.case_id = $1 ORDER BY e.id",
                params![case_id],
            )
            .await
    }
}
