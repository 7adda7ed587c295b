//! Decisions and taking them back: from a form, which goes on to the next page,
//! or from a script, which is told in JSON.

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
use crate::review::{self, Action, Verdict};
use crate::store::decisions::Decision;

pub(super) async fn decide(
    State(web): State<Arc<Web>>,
    Path(id): Path<i64>,
    posted: Posted,
) -> Result<Response, Failure> {
    posted.must_decide()?;
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
    let verdict = Verdict {
        action,
        kind,
        reason: posted.get("reason").map(ToOwned::to_owned),
    };
    // Where to go on is looked up before the case leaves the queue.
    let next = match posted.queue() {
        Some(query) if !posted.json => next_case(&web, id, query).await?,
        _ => None,
    };
    review::decide(&web.app.store, &posted.viewer.name, &[id], &verdict).await?;
    if posted.json {
        let said = show::done(action.as_str()).unwrap_or("decided");
        let body = json!({ "case": id, "state": action.state(),
            "message": format!("Case {id} {said}.") });
        return Ok(Json(body).into_response());
    }
    let to = next
        .or_else(|| posted.back().map(ToOwned::to_owned))
        .unwrap_or_else(|| "/queue".to_owned());
    Ok(go(&to, action.as_str(), id))
}

/// The address of the case that follows `id` in the queue of that query.
async fn next_case(web: &Web, id: i64, query: &str) -> Result<Option<String>, Failure> {
    let address = format!("/queue?{query}");
    let filter = address
        .parse()
        .ok()
        .and_then(|uri| axum::extract::Query::<Filter>::try_from_uri(&uri).ok())
        .map(|query| query.0)
        .unwrap_or_default();
    let case = web.app.store.case(id).await?;
    let after = Some((case.score, case.id));
    let following = web.app.store.queue(&filter.for_store(), after, 1).await?;
    Ok(Some(match following.first() {
        Some(next) => format!("/case/{}?{}", next.id, filter.link()),
        None => format!("/queue?{}", filter.link()),
    }))
}

/// To a local address, with what was done to say there.
pub(super) fn go(to: &str, did: &str, case: i64) -> Response {
    let (path, query) = to.split_once('?').unwrap_or((to, ""));
    let path = path.split('#').next().unwrap_or("/queue");
    let mut fields: Vec<(String, String)> = url::form_urlencoded::parse(query.as_bytes())
        .into_owned()
        .filter(|(name, _)| name != "did")
        .collect();
    fields.push(("did".to_owned(), format!("{did}.{case}")));
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
    let undone: Vec<Decision> = review::undo(&web.app.store, &posted.viewer.name, case).await?;
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
        Some(back) if back.starts_with("/queue") => back.to_owned(),
        // A case page stays with the case that is open again.
        Some(back) => {
            let query = back.split_once('?').map_or("", |(_, query)| query);
            format!("/case/{}?{query}", first.case_id)
        }
        None => "/queue".to_owned(),
    };
    Ok(go(&to, "undo", first.case_id))
}
