//! Addresses of the token's owner that are mailed of what happens.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::StatusCode;

use super::super::Web;
use super::super::failure::Failure;
use super::super::mail::{of, queue_test};
use super::gate::Caller;
use super::hooks::events;
use super::input::{Json, bounded};
use super::model::{Mailbox, NewMailbox, Numbered, Pace};
use crate::accounts::Role;
use crate::accounts::token::Scope;
use crate::notify;
use crate::store::mails::MailboxDraft;

fn must(caller: &Caller) -> Result<(), Failure> {
    caller.must(Scope::Admin, Role::Manager, "see or change mail")
}

/// Addresses of the token's owner.
#[utoipa::path(get, path = "/api/v1/mail", responses((status = 200, body = Vec<Mailbox>)))]
pub(in super::super) async fn list(
    State(web): State<Arc<Web>>,
    caller: Caller,
) -> Result<axum::Json<Vec<Mailbox>>, Failure> {
    must(&caller)?;
    let mailboxes = web.app.store.mailboxes(Some(caller.name())).await?;
    Ok(axum::Json(mailboxes.into_iter().map(Into::into).collect()))
}

/// Adds an address: it is mailed of the brands that the token's owner sees.
#[utoipa::path(post, path = "/api/v1/mail", request_body = NewMailbox,
    responses((status = 200, body = Numbered)))]
pub(in super::super) async fn add(
    State(web): State<Arc<Web>>,
    caller: Caller,
    Json(new): Json<NewMailbox>,
) -> Result<axum::Json<Numbered>, Failure> {
    must(&caller)?;
    bounded("address", &new.address, 254)?;
    let draft = MailboxDraft {
        events: events(&new.events)?,
        address: new.address,
        min_probability: new.min_probability.unwrap_or(0.9),
        pace: new.pace.unwrap_or(Pace::Instant).as_str().to_owned(),
    };
    let refused = |error: notify::NotifyError| Failure::Unprocessable(error.to_string());
    notify::check_draft(&web.app, &draft).map_err(refused)?;
    let id = notify::add_mailbox(&web.app, caller.name(), caller.name(), &draft).await?;
    Ok(axum::Json(Numbered { id }))
}

/// Removes an address, and what waits for it.
#[utoipa::path(delete, path = "/api/v1/mail/{id}",
    params(("id" = i64, Path, minimum = 1, maximum = 9007199254740991i64)),
    responses((status = 204, description = "It is mailed no more")))]
pub(in super::super) async fn remove(
    State(web): State<Arc<Web>>,
    caller: Caller,
    Path(id): Path<i64>,
) -> Result<StatusCode, Failure> {
    must(&caller)?;
    let store = &web.app.store;
    store
        .remove_mailbox(caller.name(), id, of(&caller.viewer))
        .await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Sends a mail that only shows that mail arrives; one a minute.
#[utoipa::path(post, path = "/api/v1/mail/{id}/test",
    params(("id" = i64, Path, minimum = 1, maximum = 9007199254740991i64)),
    responses((status = 204, description = "It is the next to be sent")))]
pub(in super::super) async fn test(
    State(web): State<Arc<Web>>,
    caller: Caller,
    Path(id): Path<i64>,
) -> Result<StatusCode, Failure> {
    must(&caller)?;
    queue_test(&web.app, &caller.viewer, id).await?;
    Ok(StatusCode::NO_CONTENT)
}
