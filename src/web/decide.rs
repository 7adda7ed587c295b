//! Decisions and taking them back: from a form, which goes on to the next page,
//! or from a script, which is told in JSON.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use serde_json::json;

use super::Web;
use super::failure::Failure;
use super::filter::Filter;
use super::session::Posted;
use super::show;
use crate::review::{self, Action, Decided, Looked, MOST_TOGETHER, Verdict};
use crate::store::Store;
use crate::store::decisions::Decision;

/// Decides one case.
pub(super) async fn decide(
    State(web): State<Arc<Web>>,
    Path(id): Path<i64>,
    posted: Posted,
) -> Result<Response, Failure> {
    posted.must_decide()?;
    let verdict = verdict(&posted)?;
    // Where to go on is looked up before the case leaves the queue.
    let next = match posted.queue() {
        Some(query) if !posted.json => next_case(&web, &posted.store(&web), id, query).await?,
        _ => None,
    };
    let looked = Looked {
        cases: vec![id],
        seen: seen(posted.get("seen"))?,
        first_only: !posted.viewer.may_approve(),
        ..Looked::default()
    };
    let decided = make(&web, &posted, &looked, &verdict).await?;
    if posted.json {
        let state = decided.first().map(|one| one.state.clone());
        let mut body = told(&decided, &verdict, 0);
        body["case"] = json!(id);
        body["state"] = json!(state);
        return Ok(Json(body).into_response());
    }
    let to = next
        .or_else(|| posted.back().map(ToOwned::to_owned))
        .unwrap_or_else(|| "/queue".to_owned());
    Ok(go(&to, did(&decided, &verdict), id))
}

/// Decides the cases of a card, and puts out those that do not belong there.
pub(super) async fn decide_card(
    State(web): State<Arc<Web>>,
    posted: Posted,
) -> Result<Response, Failure> {
    posted.must_decide()?;
    let verdict = verdict(&posted)?;
    let eject = numbers(posted.get("eject"))?;
    let mut cases = numbers(posted.get("cases"))?;
    cases.retain(|case| !eject.contains(case));
    if cases.is_empty() && eject.is_empty() {
        return Err(Failure::BadRequest("no case was named".to_owned()));
    }
    let mut seen = seen(posted.get("seen"))?;
    seen.retain(|case, _| cases.contains(case));
    let looked = Looked {
        cases,
        seen,
        eject,
        first_only: !posted.viewer.may_approve(),
    };
    let decided = make(&web, &posted, &looked, &verdict).await?;
    if posted.json {
        return Ok(Json(told(&decided, &verdict, looked.eject.len())).into_response());
    }
    let to = posted.back().unwrap_or("/queue").to_owned();
    let (did, first) = (did(&decided, &verdict), decided.first());
    let named = match decided.len() {
        0 | 1 => first
            .map_or_else(|| looked.eject[0], |one| one.case)
            .to_string(),
        n => format!("{n}x"),
    };
    Ok(go_saying(&to, did, &named))
}

/// Decides, or keeps the answer to a case whose answer is known.
async fn make(
    web: &Web,
    posted: &Posted,
    looked: &Looked,
    verdict: &Verdict,
) -> Result<Vec<Decided>, Failure> {
    let (store, actor) = (&posted.store(web), posted.viewer.name.as_str());
    if let ([id], true) = (&looked.cases[..], looked.eject.is_empty()) {
        let case = store.case(*id).await?;
        let answer = verdict.action.as_str();
        if store.answer_known(actor, &case, answer).await? {
            return Ok(vec![Decided {
                case: *id,
                state: verdict.action.state().to_owned(),
                second_person: Vec::new(),
            }]);
        }
    }
    Ok(review::decide_card(store, actor, looked, verdict).await?)
}

fn verdict(posted: &Posted) -> Result<Verdict, Failure> {
    let action: Action = posted
        .get("action")
        .unwrap_or_default()
        .parse()
        .map_err(Failure::BadRequest)?;
    let kind = posted.get("kind").map(ToOwned::to_owned);
    if let Some(kind) = &kind
        && !show::KINDS.iter().any(|(known, _)| known == kind)
    {
        return Err(Failure::BadRequest(
            "there is no such kind of infringement".to_owned(),
        ));
    }
    Ok(Verdict {
        action,
        kind,
        reason: posted.get("reason").map(ToOwned::to_owned),
    })
}

/// Numbers of cases, separated by commas; each once, in their order.
pub(super) fn numbers(list: Option<&str>) -> Result<Vec<i64>, Failure> {
    let mut numbers = Vec::new();
    for number in list
        .unwrap_or_default()
        .split(',')
        .filter(|n| !n.is_empty())
    {
        let number: i64 = number
            .trim()
            .parse()
            .map_err(|_| Failure::BadRequest("a case's number is no number".to_owned()))?;
        if numbers.len() == MOST_TOGETHER {
            return Err(Failure::BadRequest(format!(
                "at most {MOST_TOGETHER} cases are named at once"
            )));
        }
        if !numbers.contains(&number) {
            numbers.push(number);
        }
    }
    Ok(numbers)
}

/// `case:hash` pairs: the evidence that was on the page.
fn seen(list: Option<&str>) -> Result<BTreeMap<i64, String>, Failure> {
    let pairs = list
        .unwrap_or_default()
        .split(',')
        .filter(|p| !p.is_empty());
    pairs
        .map(|pair| {
            let (case, hash) = pair.split_once(':')?;
            Some((case.trim().parse().ok()?, hash.to_owned()))
        })
        .collect::<Option<_>>()
        .ok_or_else(|| Failure::BadRequest("what was seen is not said as expected".to_owned()))
}

/// The word for what was done: a confirmation may have become a request.
fn did(decided: &[Decided], verdict: &Verdict) -> &'static str {
    let asked = |one: &Decided| !one.second_person.is_empty();
    match verdict.action {
        _ if decided.is_empty() => "eject",
        Action::Confirm if decided.iter().all(asked) => Action::SecondApproval.as_str(),
        action => action.as_str(),
    }
}

fn told(decided: &[Decided], verdict: &Verdict, ejected: usize) -> serde_json::Value {
    let said = show::done(did(decided, verdict)).unwrap_or("decided");
    let mut message = match decided {
        [] => String::new(),
        [one] => format!("Case {} {said}.", one.case),
        many => format!("{} cases {said}.", many.len()),
    };
    let waiting: Vec<&Decided> = decided
        .iter()
        .filter(|one| !one.second_person.is_empty())
        .collect();
    if let Some(one) = waiting.first() {
        let why = one.second_person.join("; ");
        message.push_str(&match waiting.len() {
            n if n == decided.len() => format!(" A second person must confirm: {why}."),
            n => format!(" {n} wait for a second person: {why}."),
        });
    }
    if ejected > 0 {
        message.push_str(&match ejected {
            1 => " One case has a card of its own now.".to_owned(),
            n => format!(" {n} cases have cards of their own now."),
        });
    }
    json!({ "cases": decided, "message": message.trim() })
}

/// The address of the case that follows `id` in the queue of that query.
async fn next_case(
    web: &Web,
    store: &Store,
    id: i64,
    query: &str,
) -> Result<Option<String>, Failure> {
    let filter = Filter::read(query);
    let case = store.case(id).await?;
    let after = Some((filter.order().of(&case), case.id));
    let wanted = filter.for_store(web.app.clock.millis());
    let following = store.queue_by(&wanted, filter.order(), after, 1).await?;
    Ok(Some(match following.first() {
        Some(next) => format!("/case/{}?{}", next.id, filter.link()),
        None => format!("/queue?{}", filter.link()),
    }))
}

/// To a local address, with what was done to say there.
pub(super) fn go(to: &str, did: &str, case: i64) -> Response {
    go_saying(to, did, &case.to_string())
}

fn go_saying(to: &str, did: &str, what: &str) -> Response {
    let (path, query) = to.split_once('?').unwrap_or((to, ""));
    let path = path.split('#').next().unwrap_or("/queue");
    let mut fields: Vec<(String, String)> = url::form_urlencoded::parse(query.as_bytes())
        .into_owned()
        .filter(|(name, _)| name != "did")
        .collect();
    fields.push(("did".to_owned(), format!("{did}.{what}")));
    let query = url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs(fields)
        .finish();
    Redirect::to(&format!("{path}?{query}")).into_response()
}

/// Takes back the last decision on a case, whoever made it.
pub(super) async fn undo_case(
    State(web): State<Arc<Web>>,
    Path(id): Path<i64>,
    posted: Posted,
) -> Result<Response, Failure> {
    undo(&web, &posted, Some(id)).await
}

/// Takes back what this person did last.
pub(super) async fn undo_last(
    State(web): State<Arc<Web>>,
    posted: Posted,
) -> Result<Response, Failure> {
    undo(&web, &posted, None).await
}

async fn undo(web: &Web, posted: &Posted, case: Option<i64>) -> Result<Response, Failure> {
    posted.must_decide()?;
    let (store, actor) = (&posted.store(web), posted.viewer.name.as_str());
    if case.is_none()
        && posted.json
        && let Some(known) = store.take_back_known(actor).await?
    {
        let message = format!("Case {known} is back in the queue.");
        let cases = [json!({ "case": known, "state": "open" })];
        return Ok(Json(json!({ "cases": cases, "message": message })).into_response());
    }
    let undone: Vec<Decision> = review::undo(store, actor, case).await?;
    let Some(first) = undone.first() else {
        return Err(Failure::Conflict(
            "there is no decision left to undo".to_owned(),
        ));
    };
    if posted.json {
        let cases: Vec<_> = undone
            .iter()
            .map(|decision| json!({ "case": decision.case_id, "state": decision.from_state }))
            .collect();
        let message = match undone.len() {
            1 => format!("Case {} is back in the queue.", first.case_id),
            n => format!("{n} cases are back in the queue."),
        };
        return Ok(Json(json!({ "cases": cases, "message": message })).into_response());
    }
    let to = match posted.back() {
        Some(back) if back.starts_with("/queue") || back.starts_with("/review") => back.to_owned(),
        // A case page stays with the case that is open again.
        Some(back) => {
            let query = back.split_once('?').map_or("", |(_, query)| query);
            format!("/case/{}?{query}", first.case_id)
        }
        None => "/queue".to_owned(),
    };
    Ok(match undone.len() {
        1 => go(&to, "undo", first.case_id),
        n => go_saying(&to, "undo", &format!("{n}x")),
    })
}
