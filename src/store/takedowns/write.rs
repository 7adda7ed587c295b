//! Drafting notices, keeping what was attested, and recording steps.

use serde_json::json;

use super::{Attestation, Notice, NoticeDraft, Step, text_hash};
use crate::clock::Millis;
use crate::store::db::{Tx, params};
use crate::store::{Store, StoreError};
use crate::takedown::overall;

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
        tx.must_see_cases(self.sees, draft.cases.iter().copied())
            .await?;
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
