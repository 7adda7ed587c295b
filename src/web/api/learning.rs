//! What decisions taught: fitted weights, letting them score, and taking that back.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use markhound_index::score::{LEAST, ScoreModel};

use super::super::Web;
use super::super::failure::Failure;
use super::super::shell::count_of;
use super::gate::Caller;
use super::input::Json;
use super::model::{Learning, NewAdoption, Weights};
use crate::accounts::Role;
use crate::accounts::token::Scope;
use crate::learning;
use crate::store::models::StoredModel;

/// Fitted weights that are listed.
const MOST: usize = 200;
const WHAT: &str = "change the weights that score";

/// The weights that score, and those that were fitted to decisions.
#[utoipa::path(get, path = "/api/v1/learning", responses((status = 200, body = Learning)))]
pub(in super::super) async fn show(
    State(web): State<Arc<Web>>,
    caller: Caller,
) -> Result<axum::Json<Learning>, Failure> {
    caller.must_read()?;
    // Weights are of all decisions, and of no brand, as on the page.
    let store = &web.app.store;
    let adopted = store.adopted_model().await?;
    let counts = store.case_counts().await?;
    let models = store.models().await?;
    Ok(axum::Json(Learning {
        scoring: match &adopted {
            Some(model) => model.label(),
            None => ScoreModel::built_in().id(),
        },
        shipped: adopted.is_none(),
        decided: count_of(&counts, "confirmed") + count_of(&counts, "rejected"),
        needed: i64::try_from(LEAST).unwrap_or(i64::MAX),
        can_undo: store.can_undo_adoption().await?,
        weights: models
            .into_iter()
            .take(MOST)
            .map(StoredModel::into)
            .collect(),
    }))
}

/// Fits weights to all decisions, now. They score once they are adopted.
#[utoipa::path(post, path = "/api/v1/learning/fits", responses((status = 200, body = Weights)))]
pub(in super::super) async fn fit(
    State(web): State<Arc<Web>>,
    caller: Caller,
) -> Result<axum::Json<Weights>, Failure> {
    caller.must(Scope::Admin, Role::Administrator, WHAT)?;
    let learnt = learning::learn(&web.app, caller.name()).await?;
    Ok(axum::Json(learnt.model.into()))
}

/// Lets weights score from now on.
#[utoipa::path(post, path = "/api/v1/learning/adoptions", request_body = NewAdoption,
    responses((status = 204, description = "They score")))]
pub(in super::super) async fn adopt(
    State(web): State<Arc<Web>>,
    caller: Caller,
    Json(new): Json<NewAdoption>,
) -> Result<StatusCode, Failure> {
    caller.must(Scope::Admin, Role::Administrator, WHAT)?;
    let store = &web.app.store;
    store.adopt_model(caller.name(), new.weights).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Takes the last adoption back.
#[utoipa::path(post, path = "/api/v1/learning/undo",
    responses((status = 204, description = "Those before score again")))]
pub(in super::super) async fn undo(
    State(web): State<Arc<Web>>,
    caller: Caller,
) -> Result<StatusCode, Failure> {
    caller.must(Scope::Admin, Role::Administrator, WHAT)?;
    web.app.store.undo_adoption(caller.name()).await?;
    Ok(StatusCode::NO_CONTENT)
}
