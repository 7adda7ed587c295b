//! Decisions on cases, and taking them back.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::json;
use sqlx::FromRow;

use super::db::{Tx, params};
use super::{Store, StoreError};
use crate::clock::Millis;

/// Characters of a hash by which evidence is told from other evidence.
const LEAST_SEEN: usize = 16;

/// The action that gives a case a card of its own.
pub const EJECT: &str = "eject";

/// A decision as stored.
#[derive(Debug, Clone, FromRow, Serialize)]
pub struct Decision {
    /// Identifier.
    pub id: i64,
    /// The case.
    pub case_id: i64,
    /// `confirm`, `reject`, `watch`, `second_approval`, `eject` or `undo`.
    pub action: String,
    /// State before.
    pub from_state: String,
    /// State after.
    pub to_state: String,
    /// Kind of infringement as decided.
    pub kind: Option<String>,
    /// Why, in the reviewer's words.
    pub reason: Option<String>,
    /// Decisions made together share this.
    pub batch: String,
    /// What was seen: SHA-256 of the evidence.
    pub evidence_hash: String,
    /// Who.
    pub actor: String,
    /// When.
    pub at: Millis,
    /// The undo that took it back.
    pub undone_by: Option<i64>,
}

/// A change of state to be written; [`crate::review`] decides what is allowed.
#[derive(Debug, Clone)]
pub struct Move {
    /// The case.
    pub case_id: i64,
    /// The state it was seen in; another one now is a conflict.
    pub from_state: String,
    /// The state to give it.
    pub to_state: String,
    /// `confirm`, `reject`, `watch` or `second_approval`.
    pub action: String,
    /// Kind of infringement as decided.
    pub kind: Option<String>,
    /// Why.
    pub reason: Option<String>,
}

/// What a decision was made on, beside the states it starts from.
#[derive(Debug, Clone, Default)]
pub struct Sight {
    /// The evidence that was seen, by case: its SHA-256, or the beginning of it, as
    /// a page of many cases says it. Evidence that changed since must be looked at
    /// again.
    pub seen: BTreeMap<i64, String>,
    /// Cases that do not belong with the others: each gets a card of its own.
    pub eject: Vec<i64>,
}

macro_rules! select_decision {
    ($rest:literal) => {
        concat!(
            "SELECT id, case_id, action, from_state, to_state, kind, reason, batch, evidence_hash,
                actor, at, undone_by FROM decisions ",
            $rest
        )
    };
}

impl Store {
    /// The decisions on a case, oldest first.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn decisions_of(&self, case_id: i64) -> Result<Vec<Decision>, StoreError> {
        self.pools
            .all(
                select_decision!("WHERE case_id = $1 ORDER BY id"),
                params![case_id],
            )
            .await
    }

    /// The last batch of decisions of `actor` that was not taken back, or, with
    /// a case, the last decision on that case, whoever made it.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn last_decisions(
        &self,
        actor: &str,
        case_id: Option<i64>,
    ) -> Result<Vec<Decision>, StoreError> {
        match case_id {
            Some(case_id) => {
                self.pools
                    .all(
                        select_decision!(
                            "WHERE case_id = $1 AND action <> 'undo' AND undone_by IS NULL
                             ORDER BY id DESC LIMIT 1"
                        ),
                        params![case_id],
                    )
                    .await
            }
            None => {
                self.pools
                    .all(
                        select_decision!(
                            "WHERE undone_by IS NULL AND action <> 'undo' AND batch =
                                (SELECT batch FROM decisions
                                  WHERE actor = $1 AND action <> 'undo' AND undone_by IS NULL
                                  ORDER BY id DESC LIMIT 1)
                             ORDER BY id"
                        ),
                        params![actor],
                    )
                    .await
            }
        }
    }

    /// Writes decisions made together, all or none.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when a case is no longer in the state it was
    /// seen in, or somebody else has its card; [`StoreError::NotFound`]; or when
    /// the database cannot be written.
    pub async fn decide(&self, actor: &str, batch: &str, moves: &[Move]) -> Result<(), StoreError> {
        self.decide_seen(actor, batch, moves, &Sight::default())
            .await
    }

    /// [`Store::decide`], on what was seen: also puts cases out of their cards.
    ///
    /// # Errors
    /// As there, and [`StoreError::Conflict`] when the evidence is another now.
    pub async fn decide_seen(
        &self,
        actor: &str,
        batch: &str,
        moves: &[Move],
        sight: &Sight,
    ) -> Result<(), StoreError> {
        let now = self.clock.millis();
        let mut tx = self.pools.begin().await?;
        tx.hold_log().await?;
        let named = moves.iter().map(|step| step.case_id);
        tx.must_see_cases(self.sees, named.chain(sight.eject.iter().copied()))
            .await?;
        for step in moves {
            tx.must_not_be_claimed(step.case_id, actor, now).await?;
            let hash = tx.change_state(step, now).await?;
            sight.must_show(step.case_id, &hash)?;
            let id = tx.insert_decision(step, actor, batch, &hash, now).await?;
            let detail = json!({ "decision": id, "from": step.from_state, "to": step.to_state,
                "kind": step.kind, "reason": step.reason, "evidence_hash": hash });
            let action = format!("case.{}", step.action);
            tx.audit(
                now,
                actor,
                &action,
                &format!("case {}", step.case_id),
                &detail,
            )
            .await?;
            tx.let_go(step.case_id, actor).await?;
        }
        for case in &sight.eject {
            tx.must_not_be_claimed(*case, actor, now).await?;
            tx.put_out(*case, actor, batch, now).await?;
        }
        tx.commit().await
    }

    /// Takes decisions back, all or none, restoring the state before each.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when a case has moved on or its notice has left.
    pub async fn undo(&self, actor: &str, decisions: &[Decision]) -> Result<(), StoreError> {
        let now = self.clock.millis();
        let mut tx = self.pools.begin().await?;
        tx.hold_log().await?;
        let named = decisions.iter().map(|decision| decision.case_id);
        tx.must_see_cases(self.sees, named).await?;
        for decision in decisions {
            let sent: Option<(i64,)> = tx
                .optional(
                    "SELECT notice_id FROM notice_items
                     WHERE case_id = $1 AND state NOT IN ('draft', 'withdrawn') LIMIT 1",
                    params![decision.case_id],
                )
                .await?;
            if let Some((notice,)) = sent {
                return Err(StoreError::Conflict(format!(
                    "case {} cannot be undone: notice {notice} has left; withdraw it first",
                    decision.case_id
                )));
            }
            let earlier_kind: Option<(Option<String>,)> = tx
                .optional(
                    "SELECT kind FROM decisions WHERE case_id = $1 AND id < $2
                        AND action <> 'undo' AND undone_by IS NULL ORDER BY id DESC LIMIT 1",
                    params![decision.case_id, decision.id],
                )
                .await?;
            let step = Move {
                case_id: decision.case_id,
                from_state: decision.to_state.clone(),
                to_state: decision.from_state.clone(),
                action: "undo".to_owned(),
                kind: earlier_kind.and_then(|(kind,)| kind),
                reason: None,
            };
            let hash = tx.change_state(&step, now).await?;
            let id = tx
                .insert_decision(&step, actor, &decision.batch, &hash, now)
                .await?;
            if decision.action == EJECT {
                tx.readmit_case(decision.case_id, now).await?;
            }
            let taken = tx
                .run(
                    "UPDATE decisions SET undone_by = $2 WHERE id = $1 AND undone_by IS NULL",
                    params![decision.id, id],
                )
                .await?;
            if taken != 1 {
                return Err(StoreError::Conflict(format!(
                    "the decision on case {} was already undone",
                    decision.case_id
                )));
            }
            tx.run(
                "DELETE FROM notices WHERE state = 'draft' AND id IN
                    (SELECT notice_id FROM notice_items WHERE case_id = $1)",
                params![decision.case_id],
            )
            .await?;
            let detail = json!({ "decision": id, "undoes": decision.id, "to": step.to_state });
            tx.audit(
                now,
                actor,
                "case.undo",
                &format!("case {}", step.case_id),
                &detail,
            )
            .await?;
        }
        tx.commit().await
    }
}

impl Sight {
    fn must_show(&self, case: i64, now: &str) -> Result<(), StoreError> {
        match self.seen.get(&case) {
            Some(seen) if seen.len() < LEAST_SEEN || !now.starts_with(seen.as_str()) => {
                Err(StoreError::Conflict(format!(
                    "the evidence of case {case} has changed since you looked at it; look at it again"
                )))
            }
            _ => Ok(()),
        }
    }
}

impl Tx {
    /// Gives a case a card of its own. That is a decision too: it says who did it
    /// and on which evidence, and is taken back with the others of its batch.
    async fn put_out(
        &mut self,
        case: i64,
        actor: &str,
        batch: &str,
        now: Millis,
    ) -> Result<(), StoreError> {
        let found: Option<(String, Option<String>, bool)> = self
            .optional(
                "SELECT state, decided_kind, ejected FROM cases WHERE id = $1",
                params![case],
            )
            .await?;
        let Some((state, kind, ejected)) = found else {
            return Err(StoreError::not_found("case", case));
        };
        if ejected {
            return Ok(());
        }
        let step = Move {
            case_id: case,
            from_state: state.clone(),
            to_state: state,
            action: EJECT.to_owned(),
            kind,
            reason: None,
        };
        let hash = self.change_state(&step, now).await?;
        self.insert_decision(&step, actor, batch, &hash, now)
            .await?;
        self.eject_case(case, now).await?;
        let detail = json!({ "evidence_hash": hash });
        self.audit(now, actor, "case.eject", &format!("case {case}"), &detail)
            .await?;
        Ok(())
    }

    /// Moves a case from the state it was seen in; gives its evidence's hash.
    async fn change_state(&mut self, step: &Move, now: Millis) -> Result<String, StoreError> {
        let moved: Option<(String,)> = self
            .optional(
                "UPDATE cases SET state = $3, decided_kind = $4, updated_at = $5
                 WHERE id = $1 AND state = $2 RETURNING evidence_hash",
                params![
                    step.case_id,
                    &step.from_state,
                    &step.to_state,
                    step.kind.clone(),
                    now
                ],
            )
            .await?;
        if let Some((hash,)) = moved {
            return Ok(hash);
        }
        let state: Option<(String,)> = self
            .optional(
                "SELECT state FROM cases WHERE id = $1",
                params![step.case_id],
            )
            .await?;
        Err(match state {
            None => StoreError::not_found("case", step.case_id),
            Some((state,)) => StoreError::Conflict(format!(
                "case {} is {state} now, not {}; look at it again",
                step.case_id, step.from_state
            )),
        })
    }

    async fn insert_decision(
        &mut self,
        step: &Move,
        actor: &str,
        batch: &str,
        evidence_hash: &str,
        now: Millis,
    ) -> Result<i64, StoreError> {
        self.id(
            "INSERT INTO decisions (case_id, action, from_state, to_state, kind, reason, batch,
                evidence_hash, actor, at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) RETURNING id",
            params![
                step.case_id,
                &step.action,
                &step.from_state,
                &step.to_state,
                step.kind.clone(),
                step.reason.clone(),
                batch,
                evidence_hash,
                actor,
                now,
            ],
        )
        .await
    }
}
