//! Decisions on cases: what is allowed, and taking it back.

use std::str::FromStr;

use rand::RngExt as _;
use serde::Serialize;

use crate::store::cases::CaseRow;
use crate::store::decisions::{Decision, Move};
use crate::store::{Store, StoreError};

/// What a reviewer can do with a case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// It infringes.
    Confirm,
    /// It does not.
    Reject,
    /// Look again later.
    Watch,
    /// Another person must agree.
    SecondApproval,
}

impl Action {
    /// The word in the database and on the command line.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Confirm => "confirm",
            Self::Reject => "reject",
            Self::Watch => "watch",
            Self::SecondApproval => "second_approval",
        }
    }

    /// The state it leads to.
    #[must_use]
    pub fn state(self) -> &'static str {
        match self {
            Self::Confirm => "confirmed",
            Self::Reject => "rejected",
            Self::Watch => "watching",
            Self::SecondApproval => "second_approval",
        }
    }
}

impl FromStr for Action {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        [
            Self::Confirm,
            Self::Reject,
            Self::Watch,
            Self::SecondApproval,
        ]
        .into_iter()
        .find(|action| action.as_str() == text)
        .ok_or_else(|| {
            format!("{text:?} is no decision; use confirm, reject, watch or second_approval")
        })
    }
}

/// A decision to be made on one or many cases.
#[derive(Debug, Clone)]
pub struct Verdict {
    /// What to do.
    pub action: Action,
    /// Kind of infringement; for a confirmation the scored kind when unset.
    pub kind: Option<String>,
    /// Why, in the reviewer's words; at most 2,000 characters are kept.
    pub reason: Option<String>,
}

/// Decides cases together, all or none. A batch can be undone as one.
///
/// # Errors
/// [`StoreError::Conflict`] when a case is decided already or the second
/// approval would come from the person who asked for it.
pub async fn decide(
    store: &Store,
    actor: &str,
    case_ids: &[i64],
    verdict: &Verdict,
) -> Result<(), StoreError> {
    let mut moves = Vec::with_capacity(case_ids.len());
    for &id in case_ids {
        let case = store.case(id).await?;
        check(store, actor, &case, verdict.action).await?;
        let kind = match verdict.action {
            Action::Confirm => verdict.kind.clone().or_else(|| case.kind.clone()),
            _ => verdict.kind.clone(),
        };
        moves.push(Move {
            case_id: id,
            from_state: case.state,
            to_state: verdict.action.state().to_owned(),
            action: verdict.action.as_str().to_owned(),
            kind,
            reason: verdict
                .reason
                .as_deref()
                .map(|r| r.chars().take(2000).collect()),
        });
    }
    let batch = hex::encode(rand::rng().random::<[u8; 8]>());
    store.decide(actor, &batch, &moves).await
}

async fn check(
    store: &Store,
    actor: &str,
    case: &CaseRow,
    action: Action,
) -> Result<(), StoreError> {
    let id = case.id;
    if matches!(case.state.as_str(), "confirmed" | "rejected") {
        return Err(StoreError::Conflict(format!(
            "case {id} is already {}; undo that decision first",
            case.state
        )));
    }
    if case.state == action.state() {
        return Err(StoreError::Conflict(format!(
            "case {id} is already {}",
            case.state
        )));
    }
    if case.state == "second_approval" && action == Action::Confirm {
        let asked = store.last_decisions(actor, Some(id)).await?;
        if asked.iter().any(|decision| decision.actor == actor) {
            return Err(StoreError::Conflict(format!(
                "case {id} waits for a second approval, which must come from another person than {actor}"
            )));
        }
    }
    Ok(())
}

/// Takes back the last decision on `case_id`, or else the last batch of
/// `actor`, and gives the decisions taken back; none when there was none.
///
/// # Errors
/// [`StoreError::Conflict`] when a notice has left or a case has moved on.
pub async fn undo(
    store: &Store,
    actor: &str,
    case_id: Option<i64>,
) -> Result<Vec<Decision>, StoreError> {
    let decisions = store.last_decisions(actor, case_id).await?;
    store.undo(actor, &decisions).await?;
    Ok(decisions)
}
