//! Notices, the listings each is about, and the dated events of their lifecycle.

use serde::Serialize;
use serde_json::{Value, json};
use sqlx::FromRow;

use super::db::{JsonText, Tx, params};
use super::{Store, StoreError};
use crate::clock::Millis;
use crate::takedown::overall;

/// A notice as stored.
#[derive(Debug, Clone, FromRow, Serialize)]
pub struct Notice {
    /// Identifier.
    pub id: i64,
    /// The case it is about, the first of them; among the notices of a case,
    /// that case.
    pub case_id: i64,
    /// The right it rests on, while that is in the catalog.
    pub right_id: Option<i64>,
    /// `trademark`, `copyright`, …
    pub right_kind: String,
    /// The channel by which it goes.
    pub channel: String,
    /// Who gets it: a source's name, or the seller.
    pub recipient: String,
    /// `draft`, `attested`, `submitted`, …; among the notices of a case, the
    /// state of that case's listing.
    pub state: String,
    /// Subject line.
    pub subject: String,
    /// Text.
    pub body: String,
    /// The form in which it was attested.
    pub form: Option<String>,
    /// SHA-256 of what leaves, exactly.
    pub outgoing: Option<String>,
    /// Who attested it.
    pub attested_by: Option<String>,
    /// When.
    pub attested_at: Option<Millis>,
    /// When the program sent it; none where a person did.
    pub sent_at: Option<Millis>,
    /// The number that the channel gave it.
    pub external_id: Option<String>,
    /// The earlier notice that it repeats.
    pub repeats: Option<i64>,
    /// Who drafted it.
    pub created_by: String,
    /// When.
    pub created_at: Millis,
    /// Last event.
    pub updated_at: Millis,
}

/// A listing of a notice.
#[derive(Debug, Clone, PartialEq, Eq, FromRow, Serialize)]
pub struct NoticeItem {
    /// The notice.
    pub notice_id: i64,
    /// The case.
    pub case_id: i64,
    /// Its listing.
    pub listing_id: i64,
    /// Where this listing stands.
    pub state: String,
    /// Last event.
    pub updated_at: Millis,
    /// The listing's title.
    pub title: String,
    /// Its address.
    pub url: String,
    /// Its seller.
    pub seller: Option<String>,
}

/// A dated step of a listing's way.
#[derive(Debug, Clone, FromRow, Serialize)]
pub struct NoticeEvent {
    /// Identifier.
    pub id: i64,
    /// The notice.
    pub notice_id: i64,
    /// The case of the listing.
    pub case_id: i64,
    /// State before.
    pub from_state: String,
    /// State after.
    pub to_state: String,
    /// A reference number, an answer.
    pub note: Option<String>,
    /// What shows it: SHA-256 of a file that is kept, or captures.
    pub evidence: Option<String>,
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
    /// The cases it is about.
    pub cases: Vec<i64>,
    /// The right it rests on.
    pub right_id: Option<i64>,
    /// `trademark`, `copyright`, …
    pub right_kind: String,
    /// The channel by which it goes.
    pub channel: String,
    /// Who gets it.
    pub recipient: String,
    /// Subject line.
    pub subject: String,
    /// Text.
    pub body: String,
    /// The channel's form, filled in: JSON.
    pub sheet: Value,
    /// The earlier notice that it repeats.
    pub repeats: Option<i64>,
}

/// What a person attests.
#[derive(Debug, Clone)]
pub struct Attestation {
    /// The form in which it leaves.
    pub form: String,
    /// SHA-256 of what leaves; the bytes are in the blob store.
    pub outgoing: String,
    /// The form, filled in, with signature and statements: JSON.
    pub sheet: Value,
    /// When.
    pub at: Millis,
}

/// A step to be recorded.
#[derive(Debug, Clone, Default)]
pub struct Step {
    /// The state reached.
    pub to_state: String,
    /// The listings' cases that reach it; none named: all that can.
    pub cases: Vec<i64>,
    /// A reference number, an answer.
    pub note: Option<String>,
    /// What shows it.
    pub evidence: Option<String>,
    /// The number that the channel gave the notice.
    pub external_id: Option<String>,
    /// Whether the program sent it.
    pub sent: bool,
}

/// What notices are narrowed to; `None` does not narrow.
#[derive(Debug, Clone, Default)]
pub struct NoticeFilter {
    /// A state.
    pub state: Option<String>,
    /// A channel's name.
    pub channel: Option<String>,
}

/// SHA-256 of a notice's subject, a line break and its text: what the audit log
/// keeps of a draft.
#[must_use]
pub fn text_hash(subject: &str, body: &str) -> String {
    crate::blobs::sha256_hex(format!("{subject}\n{body}").as_bytes())
}

macro_rules! select_notice {
    ($case:literal, $state:literal, $rest:literal) => {
        concat!(
            "SELECT n.id, ",
            $case,
            " AS case_id, n.right_id, n.right_kind, n.channel,
                n.recipient, ",
            $state,
            " AS state, n.subject, n.body, n.form, n.outgoing,
                n.attested_by, n.attested_at, n.sent_at, n.external_id, n.repeats, n.created_by,
                n.created_at, n.updated_at FROM notices n ",
            $rest
        )
    };
}

const EVENTS: &str = "SELECT id, notice_id, case_id, from_state, to_state, note, evidence, actor,
    happened_at, at FROM notice_events WHERE notice_id = $1 ORDER BY id";

impl Store {
    /// Writes a draft for confirmed cases; a draft of the same first case, right
    /// and channel is replaced.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when a case is not confirmed, or a notice by
    /// this channel and right that covers it is under way.
    pub async fn draft_notice(&self, actor: &str, draft: &NoticeDraft) -> Result<i64, StoreError> {
        let now = self.clock.millis();
        let lead = *draft
            .cases
            .first()
            .ok_or_else(|| StoreError::Conflict("a notice needs a case".to_owned()))?;
        let mut tx = self.pools.begin().await?;
        tx.hold_log().await?;
        for case in &draft.cases {
            tx.may_be_noticed(*case, draft).await?;
        }
        let id = tx
            .id(
                "INSERT INTO notices (case_id, right_id, right_kind, channel, recipient, state,
                    subject, body, sheet, repeats, created_by, created_at, updated_at)
                 VALUES ($1, $2, $3, $4, $5, 'draft', $6, $7, $8, $9, $10, $11, $11)
                 ON CONFLICT (case_id, right_kind, channel) WHERE state = 'draft' DO UPDATE SET
                    right_id = excluded.right_id, recipient = excluded.recipient,
                    subject = excluded.subject, body = excluded.body, sheet = excluded.sheet,
                    repeats = excluded.repeats, created_by = excluded.created_by,
                    updated_at = excluded.updated_at
                 RETURNING id",
                params![
                    lead,
                    draft.right_id,
                    &draft.right_kind,
                    &draft.channel,
                    &draft.recipient,
                    &draft.subject,
                    &draft.body,
                    draft.sheet.to_string(),
                    draft.repeats,
                    actor,
                    now,
                ],
            )
            .await?;
        tx.run("DELETE FROM notice_items WHERE notice_id = $1", params![id])
            .await?;
        for (case, position) in draft.cases.iter().zip(0_i64..) {
            tx.run(
                "INSERT INTO notice_items (notice_id, case_id, position, state, updated_at)
                 VALUES ($1, $2, $3, 'draft', $4)",
                params![id, *case, position, now],
            )
            .await?;
        }
        let mut detail = json!({ "notice": id, "right_kind": draft.right_kind,
            "channel": draft.channel, "text_hash": text_hash(&draft.subject, &draft.body),
            "recipient": draft.recipient });
        if let Some(repeats) = draft.repeats {
            detail["repeats"] = repeats.into();
        }
        for case in &draft.cases {
            tx.audit(now, actor, "notice.draft", &format!("case {case}"), &detail)
                .await?;
        }
        tx.commit().await?;
        Ok(id)
    }

    /// Keeps what a person attested; the notice leaves as it is then, or not.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when it is no draft any more, or another one
    /// than was seen.
    pub async fn attest_notice(
        &self,
        actor: &str,
        notice: &Notice,
        attested: &Attestation,
    ) -> Result<(), StoreError> {
        let mut tx = self.pools.begin().await?;
        tx.hold_log().await?;
        let changed = tx
            .run(
                "UPDATE notices SET form = $4, outgoing = $5, sheet = $6, attested_by = $7,
                    attested_at = $8 WHERE id = $1 AND state = 'draft' AND updated_at = $2
                    AND subject = $3",
                params![
                    notice.id,
                    notice.updated_at,
                    &notice.subject,
                    &attested.form,
                    &attested.outgoing,
                    attested.sheet.to_string(),
                    actor,
                    attested.at,
                ],
            )
            .await?;
        if changed != 1 {
            return Err(StoreError::Conflict(format!(
                "notice {} is no longer the draft that was shown; look at it again",
                notice.id
            )));
        }
        let step = Step {
            to_state: "attested".to_owned(),
            evidence: Some(format!("sha256:{}", attested.outgoing)),
            ..Step::default()
        };
        let items = tx.items(notice.id).await?;
        tx.step(
            actor,
            notice.id,
            &items,
            &step,
            attested.at,
            self.clock.millis(),
        )
        .await?;
        tx.commit().await
    }

    /// Records a step of listings of a notice, each from the state it was seen in.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when one is in another state now.
    pub async fn record_notice_step(
        &self,
        actor: &str,
        notice_id: i64,
        seen: &[(i64, String)],
        step: &Step,
        happened_at: Millis,
    ) -> Result<(), StoreError> {
        let now = self.clock.millis();
        let mut tx = self.pools.begin().await?;
        tx.hold_log().await?;
        tx.step(actor, notice_id, seen, step, happened_at, now)
            .await?;
        tx.run(
            "UPDATE notices SET external_id = COALESCE($2, external_id),
                sent_at = CASE WHEN $3 THEN $4 ELSE sent_at END WHERE id = $1",
            params![notice_id, step.external_id.clone(), step.sent, happened_at],
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
            .optional(
                select_notice!("n.case_id", "n.state", "WHERE n.id = $1"),
                params![id],
            )
            .await?
            .ok_or_else(|| StoreError::not_found("notice", id))
    }

    /// A notice's form, filled in; `null` for one drafted by an older version.
    ///
    /// # Errors
    /// [`StoreError::NotFound`], or when the database cannot be read.
    pub async fn notice_sheet(&self, id: i64) -> Result<Value, StoreError> {
        let found: Option<(JsonText<Value>,)> = self
            .pools
            .optional("SELECT sheet FROM notices WHERE id = $1", params![id])
            .await?;
        found
            .map(|(sheet,)| sheet.0)
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
        let filter = NoticeFilter {
            state: state.map(ToOwned::to_owned),
            channel: None,
        };
        self.notices_by(&filter, limit).await
    }

    /// The newest notices first, narrowed.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn notices_by(
        &self,
        filter: &NoticeFilter,
        limit: u32,
    ) -> Result<Vec<Notice>, StoreError> {
        self.pools
            .all(
                select_notice!(
                    "n.case_id",
                    "n.state",
                    "WHERE (CAST($1 AS TEXT) IS NULL OR n.state = $1)
                       AND (CAST($2 AS TEXT) IS NULL OR n.channel = $2)
                     ORDER BY n.id DESC LIMIT $3"
                ),
                params![filter.state.clone(), filter.channel.clone(), limit],
            )
            .await
    }

    /// The notices that a case's listing is in, with that listing's state.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn notices_of(&self, case_id: i64) -> Result<Vec<Notice>, StoreError> {
        self.pools
            .all(
                select_notice!(
                    "i.case_id",
                    "i.state",
                    "JOIN notice_items i ON i.notice_id = n.id WHERE i.case_id = $1 ORDER BY n.id"
                ),
                params![case_id],
            )
            .await
    }

    /// The listings of a notice, in its order.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn notice_items(&self, notice_id: i64) -> Result<Vec<NoticeItem>, StoreError> {
        self.pools
            .all(
                "SELECT i.notice_id, i.case_id, c.listing_id, i.state, i.updated_at, l.title,
                    l.url, l.seller
                 FROM notice_items i JOIN cases c ON c.id = i.case_id
                 JOIN listings l ON l.id = c.listing_id
                 WHERE i.notice_id = $1 ORDER BY i.position",
                params![notice_id],
            )
            .await
    }

    /// The events of a notice, oldest first.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn notice_events(&self, notice_id: i64) -> Result<Vec<NoticeEvent>, StoreError> {
        self.pools.all(EVENTS, params![notice_id]).await
    }

    /// The events of a case's listing in all its notices, oldest first.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn notice_events_of(&self, case_id: i64) -> Result<Vec<NoticeEvent>, StoreError> {
        self.pools
            .all(
                "SELECT id, notice_id, case_id, from_state, to_state, note, evidence, actor,
                    happened_at, at FROM notice_events WHERE case_id = $1 ORDER BY id",
                params![case_id],
            )
            .await
    }

    /// The events of every notice that has not come to its end, oldest first.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn open_notice_events(&self) -> Result<Vec<NoticeEvent>, StoreError> {
        self.pools
            .all(
                "SELECT e.id, e.notice_id, e.case_id, e.from_state, e.to_state, e.note,
                    e.evidence, e.actor, e.happened_at, e.at
                 FROM notice_events e JOIN notices n ON n.id = e.notice_id
                 WHERE n.state NOT IN ('draft', 'withdrawn', 'closed') ORDER BY e.id",
                params![],
            )
            .await
    }

    /// The notices that have left and not come to their end.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn open_notices(&self) -> Result<Vec<Notice>, StoreError> {
        self.pools
            .all(
                select_notice!(
                    "n.case_id",
                    "n.state",
                    "WHERE n.state NOT IN ('draft', 'withdrawn', 'closed') ORDER BY n.id"
                ),
                params![],
            )
            .await
    }

    /// What became of the listings reported by each channel and right:
    /// (channel, state, number).
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn outcomes_by_channel(&self) -> Result<Vec<(String, String, i64)>, StoreError> {
        self.pools
            .all(
                "SELECT n.channel, e.to_state, COUNT(DISTINCT e.case_id)
                 FROM notice_events e JOIN notices n ON n.id = e.notice_id
                 WHERE e.to_state IN ('submitted', 'removed', 'refused', 'counter_notice')
                 GROUP BY n.channel, e.to_state ORDER BY n.channel, e.to_state",
                params![],
            )
            .await
    }

    /// Gives a user a calendar of deadlines under a token, of which only the
    /// hash is kept; one that they had before ends.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] for a user that is not there.
    pub async fn set_calendar_token(&self, user: &str, token_hash: &str) -> Result<(), StoreError> {
        let now = self.clock.millis();
        let mut tx = self.pools.begin().await?;
        let found: Option<(i64,)> = tx
            .optional("SELECT id FROM users WHERE name = $1", params![user])
            .await?;
        let (id,) = found.ok_or_else(|| StoreError::not_found("user", user))?;
        tx.run(
            "DELETE FROM calendar_tokens WHERE user_id = $1",
            params![id],
        )
        .await?;
        tx.run(
            "INSERT INTO calendar_tokens (token_hash, user_id, created_at) VALUES ($1, $2, $3)",
            params![token_hash, id, now],
        )
        .await?;
        let detail = json!({ "user": user });
        tx.audit(
            now,
            user,
            "calendar.token",
            &format!("user {user}"),
            &detail,
        )
        .await?;
        tx.commit().await
    }

    /// Whose calendar a token opens.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn calendar_of(&self, token_hash: &str) -> Result<Option<String>, StoreError> {
        let found: Option<(String,)> = self
            .pools
            .optional(
                "SELECT u.name FROM calendar_tokens t JOIN users u ON u.id = t.user_id
                 WHERE t.token_hash = $1",
                params![token_hash],
            )
            .await?;
        Ok(found.map(|(name,)| name))
    }
}

impl Tx {
    /// Refuses a case that is not confirmed or whose notice is under way.
    async fn may_be_noticed(&mut self, case: i64, draft: &NoticeDraft) -> Result<(), StoreError> {
        let state: Option<(String,)> = self
            .optional("SELECT state FROM cases WHERE id = $1", params![case])
            .await?;
        match state {
            None => return Err(StoreError::not_found("case", case)),
            Some((state,)) if state != "confirmed" => {
                return Err(StoreError::Conflict(format!(
                    "case {case} is {state}; confirm it before drafting a notice"
                )));
            }
            Some(_) => {}
        }
        let under_way: Option<(i64, String)> = self
            .optional(
                "SELECT n.id, i.state FROM notice_items i JOIN notices n ON n.id = i.notice_id
                 WHERE i.case_id = $1 AND n.right_kind = $2 AND n.channel = $3
                   AND i.state NOT IN ('draft', 'withdrawn', 'refused', 'restored', 'closed')
                 ORDER BY n.id DESC LIMIT 1",
                params![case, &draft.right_kind, &draft.channel],
            )
            .await?;
        match under_way {
            Some((notice, state)) => Err(StoreError::Conflict(format!(
                "a {} notice for case {case} has already left by {}: notice {notice} is {state}; \
                 escalate it, or withdraw it first",
                draft.right_kind, draft.channel
            ))),
            None => Ok(()),
        }
    }

    async fn items(&mut self, notice: i64) -> Result<Vec<(i64, String)>, StoreError> {
        self.all(
            "SELECT case_id, state FROM notice_items WHERE notice_id = $1 ORDER BY position",
            params![notice],
        )
        .await
    }

    async fn step(
        &mut self,
        actor: &str,
        notice: i64,
        seen: &[(i64, String)],
        step: &Step,
        happened_at: Millis,
        now: Millis,
    ) -> Result<(), StoreError> {
        for (case, from) in seen {
            let changed = self
                .run(
                    "UPDATE notice_items SET state = $4, updated_at = $5
                     WHERE notice_id = $1 AND case_id = $2 AND state = $3",
                    params![notice, *case, from, &step.to_state, now],
                )
                .await?;
            if changed != 1 {
                return Err(StoreError::Conflict(format!(
                    "notice {notice} is no longer {from} for case {case}; look at it again"
                )));
            }
            self.run(
                "INSERT INTO notice_events
                    (notice_id, case_id, from_state, to_state, note, evidence, actor, happened_at,
                     at)
                 VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
                params![
                    notice,
                    *case,
                    from,
                    &step.to_state,
                    step.note.clone(),
                    step.evidence.clone(),
                    actor,
                    happened_at,
                    now,
                ],
            )
            .await?;
            let mut detail = json!({ "notice": notice, "from": from, "to": step.to_state,
                "note": step.note, "happened_at": happened_at });
            if let Some(evidence) = &step.evidence {
                detail["evidence"] = evidence.as_str().into();
            }
            if let Some(number) = &step.external_id {
                detail["external_id"] = number.as_str().into();
            }
            self.audit(now, actor, "notice.event", &format!("case {case}"), &detail)
                .await?;
        }
        let states: Vec<String> = self
            .items(notice)
            .await?
            .into_iter()
            .map(|(_, state)| state)
            .collect();
        self.run(
            "UPDATE notices SET state = $2, updated_at = $3 WHERE id = $1",
            params![notice, overall(&states), now],
        )
        .await?;
        Ok(())
    }
}
