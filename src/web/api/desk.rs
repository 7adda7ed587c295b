//! The desk around the cases: saved queues, cards that are taken, rules, known answers.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::StatusCode;

use super::super::Web;
use super::super::failure::Failure;
use super::super::filter::Filter;
use super::super::review::{LEASE, MOST_CARDS, wanted};
use super::super::settings::keep_queue;
use super::cases::{Answer, card_of, together};
use super::gate::Caller;
use super::input::{Json, bounded};
use super::model::{Card, Held, Kept, NewClaim, NewQueue, Queue, Rules};
use crate::accounts::Role;
use crate::accounts::token::Scope;
use crate::review::rules::Rules as StoredRules;

/// Queues that were given a name, by name.
#[utoipa::path(get, path = "/api/v1/queues", responses((status = 200, body = Vec<Queue>)))]
pub(in super::super) async fn queues(
    State(web): State<Arc<Web>>,
    caller: Caller,
) -> Answer<Vec<Queue>> {
    caller.must_read()?;
    let saved = caller.store(&web).saved_filters().await?;
    Ok(axum::Json(saved.into_iter().map(Into::into).collect()))
}

/// Gives a queue a name.
#[utoipa::path(post, path = "/api/v1/queues", request_body = NewQueue,
    responses((status = 204, description = "It is kept")))]
pub(in super::super) async fn save_queue(
    State(web): State<Arc<Web>>,
    caller: Caller,
    Json(new): Json<NewQueue>,
) -> Result<StatusCode, Failure> {
    caller.must(Scope::Decide, Role::Reviewer, "name queues")?;
    bounded("name", &new.name, 60)?;
    bounded("query", &new.query, 2000)?;
    let name = new.name.trim();
    if name.is_empty() {
        return Err(Failure::Unprocessable("a queue needs a name".to_owned()));
    }
    keep_queue(&caller.store(&web), caller.name(), name, &new.query).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Forgets a named queue; its cases stay.
#[utoipa::path(delete, path = "/api/v1/queues/{id}",
    params(("id" = i64, Path, minimum = 1, maximum = 9007199254740991i64)),
    responses((status = 204, description = "It is gone")))]
pub(in super::super) async fn drop_queue(
    State(web): State<Arc<Web>>,
    caller: Caller,
    Path(id): Path<i64>,
) -> Result<StatusCode, Failure> {
    caller.must(Scope::Decide, Role::Reviewer, "forget queues")?;
    match caller.store(&web).drop_filter(id).await? {
        true => Ok(StatusCode::NO_CONTENT),
        false => Err(Failure::NotFound(format!("there is no queue {id}"))),
    }
}

/// Takes the next cards of a queue that nobody else has, for two minutes.
#[utoipa::path(post, path = "/api/v1/claims", request_body = NewClaim,
    responses((status = 200, body = Vec<Card>)))]
pub(in super::super) async fn claim(
    State(web): State<Arc<Web>>,
    caller: Caller,
    Json(new): Json<NewClaim>,
) -> Answer<Vec<Card>> {
    caller.must(Scope::Decide, Role::Reviewer, "decide cases")?;
    let query = new.query.unwrap_or_default();
    bounded("query", &query, 2000)?;
    let most = usize::try_from(new.want).ok();
    let most = most.filter(|most| (1..=MOST_CARDS).contains(most));
    let most =
        most.ok_or_else(|| Failure::Unprocessable(format!("want must be 1 to {MOST_CARDS}")))?;
    let store = caller.store(&web);
    let filter = Filter::read(&query);
    let wanted = wanted(&filter, caller.name(), web.app.clock.millis());
    let leads = store
        .claim_cards(caller.name(), &wanted, filter.order(), None, most, LEASE)
        .await?;
    let mut cards = Vec::with_capacity(leads.len());
    for lead in leads {
        cards.push(card_of(&store, lead, &wanted).await?);
    }
    Ok(axum::Json(cards))
}

fn held(held: Held) -> Result<Vec<i64>, Failure> {
    together(&held.cases)?;
    // Beyond this a number of JSON is not told apart from its neighbours.
    if held.cases.iter().any(|case| !(1..1 << 53).contains(case)) {
        return Err(Failure::Unprocessable(
            "cases names what is no case's number".to_owned(),
        ));
    }
    Ok(held.cases)
}

/// Keeps cards that were taken for two minutes more.
#[utoipa::path(put, path = "/api/v1/claims", request_body = Held,
    responses((status = 200, body = Kept)))]
pub(in super::super) async fn keep(
    State(web): State<Arc<Web>>,
    caller: Caller,
    Json(cases): Json<Held>,
) -> Answer<Kept> {
    caller.must(Scope::Decide, Role::Reviewer, "decide cases")?;
    let (store, cases) = (caller.store(&web), held(cases)?);
    let kept = store.keep_claims(caller.name(), &cases, LEASE).await?;
    Ok(axum::Json(Kept { kept }))
}

/// Lets cards go, so that others get them at once.
#[utoipa::path(post, path = "/api/v1/claims/end", request_body = Held,
    responses((status = 204, description = "They are anybody's")))]
pub(in super::super) async fn leave(
    State(web): State<Arc<Web>>,
    caller: Caller,
    Json(cases): Json<Held>,
) -> Result<StatusCode, Failure> {
    caller.must(Scope::Decide, Role::Reviewer, "decide cases")?;
    let (store, cases) = (caller.store(&web), held(cases)?);
    store.let_go(caller.name(), Some(&cases)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Makes a decided case a known answer, by which reviewers are measured.
#[utoipa::path(post, path = "/api/v1/cases/{id}/known",
    params(("id" = i64, Path, minimum = 1, maximum = 9007199254740991i64)),
    responses((status = 204, description = "It is one")))]
pub(in super::super) async fn known(
    State(web): State<Arc<Web>>,
    caller: Caller,
    Path(id): Path<i64>,
) -> Result<StatusCode, Failure> {
    caller.must(Scope::Decide, Role::Manager, "make known answers")?;
    caller.store(&web).make_known(caller.name(), &[id]).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// When a confirmation needs a second person.
#[utoipa::path(get, path = "/api/v1/rules", responses((status = 200, body = Rules)))]
pub(in super::super) async fn rules(State(web): State<Arc<Web>>, caller: Caller) -> Answer<Rules> {
    caller.must_read()?;
    let rules = StoredRules::load(&web.app.store).await?;
    Ok(axum::Json(rules.into()))
}

/// Puts other rules in force.
#[utoipa::path(put, path = "/api/v1/rules", request_body = Rules,
    responses((status = 200, body = Rules)))]
pub(in super::super) async fn set_rules(
    State(web): State<Arc<Web>>,
    caller: Caller,
    Json(new): Json<Rules>,
) -> Answer<Rules> {
    caller.must(Scope::Admin, Role::Manager, "change rules")?;
    let rules = new.checked().ok_or_else(|| {
        Failure::Unprocessable(
            "damage_from is at most 1,000,000,000 and known_answer_every at most 1,000,000"
                .to_owned(),
        )
    })?;
    rules.save(&web.app.store, caller.name()).await?;
    Ok(axum::Json(rules.into()))
}
