//! One's own tokens of the API: making one, which is shown once, and revoking.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect, Response};

use super::Web;
use super::account::show_account;
use super::failure::Failure;
use super::session::Posted;
use crate::accounts::AccountError;
use crate::accounts::token::{self, MOST_DAYS, Scope, USUAL_DAYS};

/// The most characters of a token's name.
const MAX_NAME: usize = 100;

pub(super) async fn add(State(web): State<Arc<Web>>, posted: Posted) -> Result<Response, Failure> {
    let viewer = &posted.viewer;
    let name = posted.get("name").unwrap_or_default();
    if name.is_empty() || name.chars().count() > MAX_NAME {
        return Err(Failure::BadRequest(format!(
            "a token needs a name of at most {MAX_NAME} characters"
        )));
    }
    let scopes: Vec<Scope> = posted
        .named("scope.")
        .iter()
        .map(|word| word.parse())
        .collect::<Result<_, _>>()
        .map_err(Failure::BadRequest)?;
    let days = match posted.get("days") {
        None => USUAL_DAYS,
        Some(days) => days
            .parse()
            .ok()
            .filter(|days| (1..=MOST_DAYS).contains(days))
            .ok_or_else(|| Failure::BadRequest(format!("a token lives 1 to {MOST_DAYS} days")))?,
    };
    let user = viewer.user(&web).await?;
    let issued = token::issue(&web.app, &viewer.name, &user, name, &scopes, days).await;
    let (_, made) = issued.map_err(|error| match error {
        AccountError::Store(error) => error.into(),
        other => Failure::Internal(other.to_string()),
    })?;
    show_account(&web, posted.viewer, Some(made)).await
}

/// Revokes one of one's own, or, for an administrator, anybody's.
pub(super) async fn revoke(
    State(web): State<Arc<Web>>,
    Path(id): Path<i64>,
    posted: Posted,
) -> Result<Response, Failure> {
    let viewer = &posted.viewer;
    let of = (!viewer.may_administer()).then_some(viewer.name.as_str());
    web.app.store.revoke_token(&viewer.name, id, of).await?;
    Ok(Redirect::to("/account").into_response())
}
