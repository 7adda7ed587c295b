//! Cards and cases: lists, decisions, undo, notes, assignments.

mod narrowed;

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::extract::{Path, State as Of};
use axum::http::StatusCode;

use super::super::Web;
use super::super::failure::Failure;
use super::gate::Caller;
use super::input::{Asked, Json, bounded, limit, queue_cursor};
use super::model::{
    Card, Case, CaseInFull, Decided, Kind, Member, NewAssignment, NewDecision, NewDecisions,
    NewNote, Page, page,
};
use crate::accounts::Role;
use crate::accounts::token::Scope;
use crate::review::{self, Looked, MOST_TOGETHER, Verdict};
use crate::store::Store;
use crate::store::cases::{CaseRow, QueueFilter};
use narrowed::Narrowed;

pub(super) type Answer<T> = Result<axum::Json<T>, Failure>;

/// Cards of the queue, each with its cases.
#[utoipa::path(get, path = "/api/v1/cards", params(Narrowed),
    responses((status = 200, body = Page<Card>)))]
pub(in super::super) async fn cards(
    Of(web): Of<Arc<Web>>,
    caller: Caller,
    Asked(asked): Asked<Narrowed>,
) -> Answer<Page<Card>> {
    caller.must_read()?;
    let store = caller.store(&web);
    let (filter, limit) = (asked.filter()?, limit(asked.limit)?);
    let after = queue_cursor(asked.cursor.as_deref())?;
    let rows = store
        .cards(&filter, asked.order(), after, limit + 1)
        .await?;
    let (rows, next) = page(rows, limit, |last| asked.place(last));
    let mut items = Vec::with_capacity(rows.len());
    for row in rows {
        items.push(card_of(&store, row, &filter).await?);
    }
    Ok(axum::Json(Page { items, next }))
}

/// The card that a case is the first of, with those of its cases that fit.
pub(super) async fn card_of(
    store: &Store,
    lead: CaseRow,
    filter: &QueueFilter,
) -> Result<Card, Failure> {
    let marks = store.card_marks(&lead, filter).await?;
    Ok(Card {
        cases: marks
            .into_iter()
            .map(|mark| Member {
                id: mark.id,
                probability: mark.score,
                evidence_hash: mark.evidence_hash,
            })
            .collect(),
        case: lead.into(),
    })
}

/// Cases, one by one.
#[utoipa::path(get, path = "/api/v1/cases", params(Narrowed),
    responses((status = 200, body = Page<Case>)))]
pub(in super::super) async fn list(
    Of(web): Of<Arc<Web>>,
    caller: Caller,
    Asked(asked): Asked<Narrowed>,
) -> Answer<Page<Case>> {
    caller.must_read()?;
    let (filter, limit) = (asked.filter()?, limit(asked.limit)?);
    let after = queue_cursor(asked.cursor.as_deref())?;
    let rows = caller
        .store(&web)
        .queue_by(&filter, asked.order(), after, limit + 1)
        .await?;
    Ok(axum::Json(Page::of(rows, limit, |last| asked.place(last))))
}

/// One case with evidence, decisions, notes and notices.
#[utoipa::path(get, path = "/api/v1/cases/{id}",
    params(("id" = i64, Path, minimum = 1, maximum = 9007199254740991i64)),
    responses((status = 200, body = CaseInFull)))]
pub(in super::super) async fn show(
    Of(web): Of<Arc<Web>>,
    caller: Caller,
    Path(id): Path<i64>,
) -> Answer<CaseInFull> {
    caller.must_read()?;
    let store = caller.store(&web);
    let row = store.case(id).await?;
    let evidence = row.evidence.0.clone();
    let decisions = store.decisions_of(id).await?;
    let notes = store.notes_of(id).await?;
    let notices = store.notices_of(id).await?;
    Ok(axum::Json(CaseInFull {
        case: row.into(),
        evidence,
        decisions: decisions.into_iter().map(Into::into).collect(),
        notes: notes.into_iter().map(Into::into).collect(),
        notices: notices.into_iter().map(Into::into).collect(),
    }))
}

fn verdict(
    action: super::model::Action,
    kind: Option<Kind>,
    reason: Option<String>,
) -> Result<Verdict, Failure> {
    bounded("reason", reason.as_deref().unwrap_or_default(), 2000)?;
    Ok(Verdict {
        action: action.as_str().parse().map_err(Failure::Unprocessable)?,
        kind: kind.map(|kind| kind.as_str().to_owned()),
        reason: reason.filter(|reason| !reason.trim().is_empty()),
    })
}

fn hash(hash: &str) -> Result<(), Failure> {
    let fits = hash.len() == 64 && hash.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
    fits.then_some(()).ok_or_else(|| {
        Failure::Unprocessable("an evidence hash is 64 hexadecimal digits".to_owned())
    })
}

async fn decided(
    web: &Web,
    caller: &Caller,
    looked: &Looked,
    verdict: &Verdict,
) -> Answer<Vec<Decided>> {
    let store = caller.store(web);
    let decided = review::decide_card(&store, caller.name(), looked, verdict).await?;
    Ok(axum::Json(
        decided
            .into_iter()
            .map(|one| Decided {
                case: one.case,
                state: one.state,
                second_person: one.second_person,
            })
            .collect(),
    ))
}

/// Decides one case.
#[utoipa::path(post, path = "/api/v1/cases/{id}/decisions",
    params(("id" = i64, Path, minimum = 1, maximum = 9007199254740991i64)),
    request_body = NewDecision, responses((status = 200, body = Vec<Decided>)))]
pub(in super::super) async fn decide(
    Of(web): Of<Arc<Web>>,
    caller: Caller,
    Path(id): Path<i64>,
    Json(new): Json<NewDecision>,
) -> Answer<Vec<Decided>> {
    caller.must(Scope::Decide, Role::Reviewer, "decide cases")?;
    if let Some(seen) = &new.evidence_hash {
        hash(seen)?;
    }
    let looked = Looked {
        cases: vec![id],
        seen: new
            .evidence_hash
            .map(|hash| (id, hash))
            .into_iter()
            .collect(),
        first_only: !caller.viewer.may_approve(),
        ..Looked::default()
    };
    let verdict = verdict(new.action, new.kind, new.reason)?;
    decided(&web, &caller, &looked, &verdict).await
}

/// Refuses none, and more than are taken together.
pub(super) fn together(cases: &[i64]) -> Result<(), Failure> {
    let fits = (1..=MOST_TOGETHER).contains(&cases.len());
    fits.then_some(()).ok_or_else(|| {
        Failure::Unprocessable(format!("cases must name 1 to {MOST_TOGETHER} of them"))
    })
}

/// Decides several cases, all or none; they can be undone as one.
#[utoipa::path(post, path = "/api/v1/decisions", request_body = NewDecisions,
    responses((status = 200, body = Vec<Decided>)))]
pub(in super::super) async fn decide_many(
    Of(web): Of<Arc<Web>>,
    caller: Caller,
    Json(new): Json<NewDecisions>,
) -> Answer<Vec<Decided>> {
    caller.must(Scope::Decide, Role::Reviewer, "decide cases")?;
    together(&new.cases)?;
    let mut seen = BTreeMap::new();
    for of in new.seen.unwrap_or_default() {
        hash(&of.evidence_hash)?;
        seen.insert(of.case, of.evidence_hash);
    }
    let mut cases = new.cases;
    let mut once = std::collections::BTreeSet::new();
    cases.retain(|case| once.insert(*case));
    let looked = Looked {
        cases,
        seen,
        first_only: !caller.viewer.may_approve(),
        ..Looked::default()
    };
    let verdict = verdict(new.action, new.kind, new.reason)?;
    decided(&web, &caller, &looked, &verdict).await
}

/// Takes back the last decision on a case, whoever made it.
#[utoipa::path(post, path = "/api/v1/cases/{id}/undo",
    params(("id" = i64, Path, minimum = 1, maximum = 9007199254740991i64)),
    responses((status = 200, body = Vec<Decided>)))]
pub(in super::super) async fn undo(
    Of(web): Of<Arc<Web>>,
    caller: Caller,
    Path(id): Path<i64>,
) -> Answer<Vec<Decided>> {
    undone(&web, &caller, Some(id)).await
}

/// Takes back what the token's owner decided last, as one.
#[utoipa::path(post, path = "/api/v1/undo", responses((status = 200, body = Vec<Decided>)))]
pub(in super::super) async fn undo_last(
    Of(web): Of<Arc<Web>>,
    caller: Caller,
) -> Answer<Vec<Decided>> {
    undone(&web, &caller, None).await
}

async fn undone(web: &Web, caller: &Caller, case: Option<i64>) -> Answer<Vec<Decided>> {
    caller.must(Scope::Decide, Role::Reviewer, "undo decisions")?;
    let store = caller.store(web);
    let undone = review::undo(&store, caller.name(), case).await?;
    if undone.is_empty() {
        return Err(Failure::Conflict(
            "there is no decision left to undo".to_owned(),
        ));
    }
    Ok(axum::Json(
        undone
            .into_iter()
            .map(|one| Decided {
                case: one.case_id,
                state: one.from_state,
                second_person: Vec::new(),
            })
            .collect(),
    ))
}

/// Writes a note on a case.
#[utoipa::path(post, path = "/api/v1/cases/{id}/notes",
    params(("id" = i64, Path, minimum = 1, maximum = 9007199254740991i64)),
    request_body = NewNote, responses((status = 204, description = "It is kept")))]
pub(in super::super) async fn note(
    Of(web): Of<Arc<Web>>,
    caller: Caller,
    Path(id): Path<i64>,
    Json(new): Json<NewNote>,
) -> Result<StatusCode, Failure> {
    caller.must(Scope::Decide, Role::Reviewer, "write notes")?;
    bounded("text", &new.text, 2000)?;
    let text = new.text.trim();
    if text.is_empty() {
        return Err(Failure::Unprocessable("a note needs words".to_owned()));
    }
    let store = caller.store(&web);
    store.note(caller.name(), &[id], text).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Gives a case to somebody, or to whoever comes first.
#[utoipa::path(put, path = "/api/v1/cases/{id}/assignee",
    params(("id" = i64, Path, minimum = 1, maximum = 9007199254740991i64)),
    request_body = NewAssignment, responses((status = 204, description = "It is theirs")))]
pub(in super::super) async fn assign(
    Of(web): Of<Arc<Web>>,
    caller: Caller,
    Path(id): Path<i64>,
    Json(new): Json<NewAssignment>,
) -> Result<StatusCode, Failure> {
    caller.must(Scope::Decide, Role::Reviewer, "assign cases")?;
    bounded("to", new.to.as_deref().unwrap_or_default(), 100)?;
    let store = caller.store(&web);
    store
        .assign(caller.name(), &[id], new.to.as_deref())
        .await?;
    Ok(StatusCode::NO_CONTENT)
}
