//! Cases whose right answer is known, shown among the others to see how sure
//! reviewers are. An answer to one changes no case.

use serde::Serialize;
use serde_json::json;
use sqlx::FromRow;

use super::cases::CaseRow;
use super::db::params;
use super::sees::product_seen;
use super::{Store, StoreError};

/// How somebody did on cases whose answer is known.
#[derive(Debug, Clone, FromRow, Serialize, PartialEq, Eq)]
pub struct Sureness {
    /// Who.
    pub actor: String,
    /// Answers given.
    pub answers: i64,
    /// Of those, right.
    pub correct: i64,
    /// Infringing ones that were taken for honest.
    pub missed: i64,
    /// Honest ones that were taken for infringing.
    pub accused: i64,
}

impl Store {
    /// Makes decided cases known answers: their decision is the right one.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] for a case that is not confirmed or rejected.
    pub async fn make_known(&self, actor: &str, cases: &[i64]) -> Result<(), StoreError> {
        let now = self.clock.millis();
        let mut tx = self.pools.begin().await?;
        tx.hold_log().await?;
        tx.must_see_cases(self.sees, cases.iter().copied()).await?;
        for case in cases {
            let state: Option<(String,)> = tx
                .optional("SELECT state FROM cases WHERE id = $1", params![*case])
                .await?;
            let answer = match state.as_ref().map(|(state,)| state.as_str()) {
                None => return Err(StoreError::not_found("case", case)),
                Some("confirmed") => "confirm",
                Some("rejected") => "reject",
                Some(other) => {
                    return Err(StoreError::Conflict(format!(
                        "case {case} is {other}; only a confirmed or rejected case has a known answer"
                    )));
                }
            };
            tx.run(
                "INSERT INTO known_answers (case_id, answer, actor, at) VALUES ($1, $2, $3, $4)
                 ON CONFLICT (case_id) DO UPDATE SET answer = excluded.answer,
                    actor = excluded.actor, at = excluded.at",
                params![*case, answer, actor, now],
            )
            .await?;
            tx.audit(
                now,
                actor,
                "case.known_answer",
                &format!("case {case}"),
                &json!({ "answer": answer }),
            )
            .await?;
        }
        tx.commit().await
    }

    /// A known case that this person neither decided nor was asked before.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn known_case_for(&self, actor: &str) -> Result<Option<CaseRow>, StoreError> {
        let found: Option<(i64,)> = self
            .pools
            .optional(
                concat!(
                    "SELECT k.case_id FROM known_answers k JOIN cases c ON c.id = k.case_id
                     WHERE c.state IN ('confirmed', 'rejected')
                       AND NOT EXISTS (SELECT 1 FROM known_answer_tries t
                            WHERE t.case_id = k.case_id AND t.actor = $1)
                       AND NOT EXISTS (SELECT 1 FROM decisions d
                            WHERE d.case_id = k.case_id AND d.actor = $1)
                       AND ",
                    product_seen!("c.product_id", "$2"),
                    " ORDER BY k.case_id LIMIT 1"
                ),
                params![actor, self.sees],
            )
            .await?;
        match found {
            None => Ok(None),
            Some((case,)) => Ok(Some(self.case(case).await?)),
        }
    }

    /// Keeps an answer to a known case, if this is one that the person may be
    /// asked; whether it was kept.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn answer_known(
        &self,
        actor: &str,
        case: &CaseRow,
        answer: &str,
    ) -> Result<bool, StoreError> {
        if !matches!(&*case.state, "confirmed" | "rejected") {
            return Ok(false);
        }
        let mut tx = self.pools.begin().await?;
        let kept = tx
            .run(
                "INSERT INTO known_answer_tries (case_id, actor, answer, right_answer,
                    evidence_hash, at)
                 SELECT k.case_id, $2, $3, k.answer = $3, $4, $5 FROM known_answers k
                 WHERE k.case_id = $1 AND NOT EXISTS (SELECT 1 FROM decisions d
                        WHERE d.case_id = k.case_id AND d.actor = $2)
                 ON CONFLICT (case_id, actor) DO NOTHING",
                params![
                    case.id,
                    actor,
                    answer,
                    &case.evidence_hash,
                    self.clock.millis()
                ],
            )
            .await?;
        tx.commit().await?;
        Ok(kept == 1)
    }

    /// How many cases have a known answer.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn known_answers(&self) -> Result<i64, StoreError> {
        let (count,): (i64,) = self
            .pools
            .one("SELECT COUNT(*) FROM known_answers", params![])
            .await?;
        Ok(count)
    }

    /// Takes back the last answer of a person to a known case, if they decided
    /// nothing since; gives the case.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn take_back_known(&self, actor: &str) -> Result<Option<i64>, StoreError> {
        let mut tx = self.pools.begin().await?;
        let last: Option<(i64,)> = tx
            .optional(
                "SELECT t.case_id FROM known_answer_tries t
                 WHERE t.actor = $1 AND NOT EXISTS (SELECT 1 FROM decisions d
                    WHERE d.actor = $1 AND d.undone_by IS NULL AND d.action <> 'undo'
                      AND d.at >= t.at)
                 ORDER BY t.at DESC, t.case_id LIMIT 1",
                params![actor],
            )
            .await?;
        if let Some((case,)) = last {
            tx.run(
                "DELETE FROM known_answer_tries WHERE case_id = $1 AND actor = $2",
                params![case, actor],
            )
            .await?;
            tx.commit().await?;
        }
        Ok(last.map(|(case,)| case))
    }

    /// How everybody did, by name.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn sureness(&self) -> Result<Vec<Sureness>, StoreError> {
        self.pools
            .all(
                "SELECT t.actor, COUNT(*) AS answers,
                    CAST(SUM(CASE WHEN t.right_answer THEN 1 ELSE 0 END) AS BIGINT) AS correct,
                    CAST(SUM(CASE WHEN k.answer = 'confirm' AND t.answer = 'reject' THEN 1 ELSE 0 END)
                        AS BIGINT) AS missed,
                    CAST(SUM(CASE WHEN k.answer = 'reject' AND t.answer = 'confirm' THEN 1 ELSE 0 END)
                        AS BIGINT) AS accused
                 FROM known_answer_tries t JOIN known_answers k ON k.case_id = t.case_id
                 WHERE t.answer IN ('confirm', 'reject') GROUP BY t.actor ORDER BY t.actor",
                params![],
            )
            .await
    }
}
