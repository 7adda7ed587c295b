//! Programs that are told of what happens, and the messages to them.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::StatusCode;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::super::Web;
use super::super::failure::Failure;
use super::gate::Caller;
use super::input::{Asked, Json, after, bounded, limit};
use super::model::{EventKind, Message, NewWebhook, Numbered, Page, Paged, Shape, Webhook};
use crate::accounts::Role;
use crate::accounts::token::Scope;
use crate::notify;
use crate::store::webhooks::WebhookDraft;

/// Bytes of a secret.
const SECRET: usize = 32;

fn must(caller: &Caller) -> Result<(), Failure> {
    caller.must(Scope::Admin, Role::Administrator, "see or change webhooks")
}

/// Programs that are told.
#[utoipa::path(get, path = "/api/v1/webhooks", responses((status = 200, body = Vec<Webhook>)))]
pub(in super::super) async fn list(
    State(web): State<Arc<Web>>,
    caller: Caller,
) -> Result<axum::Json<Vec<Webhook>>, Failure> {
    must(&caller)?;
    let webhooks = web.app.store.webhooks().await?;
    Ok(axum::Json(webhooks.into_iter().map(Into::into).collect()))
}

/// Adds a program that is told from now on.
#[utoipa::path(post, path = "/api/v1/webhooks", request_body = NewWebhook,
    responses((status = 200, body = Numbered)))]
pub(in super::super) async fn add(
    State(web): State<Arc<Web>>,
    caller: Caller,
    Json(new): Json<NewWebhook>,
) -> Result<axum::Json<Numbered>, Failure> {
    must(&caller)?;
    bounded("url", &new.url, 2000)?;
    let refused = |error: notify::NotifyError| Failure::Unprocessable(error.to_string());
    notify::check_address(&new.url).map_err(refused)?;
    let secret = STANDARD.decode(&new.secret).ok();
    if secret.is_none_or(|secret| secret.len() != SECRET) {
        return Err(Failure::Unprocessable(format!(
            "secret must be {SECRET} bytes, base64"
        )));
    }
    let least = new.min_probability.unwrap_or(0.9);
    if !(0.0..=1.0).contains(&least) {
        return Err(Failure::Unprocessable(
            "min_probability must be 0 to 1".to_owned(),
        ));
    }
    let events = events(&new.events)?;
    let draft = WebhookDraft {
        url: new.url,
        secret: new.secret,
        events,
        shape: new.shape.unwrap_or(Shape::Json).as_str().to_owned(),
        min_probability: least,
    };
    let id = notify::add(&web.app, caller.name(), &draft).await?;
    Ok(axum::Json(Numbered { id }))
}

/// What is to be heard of, each once.
pub(super) fn events(named: &[EventKind]) -> Result<Vec<String>, Failure> {
    if !(1..=3).contains(&named.len()) {
        return Err(Failure::Unprocessable("events names 1 to 3".to_owned()));
    }
    let mut events: Vec<String> = named.iter().map(|e| e.as_str().to_owned()).collect();
    events.sort();
    events.dedup();
    Ok(events)
}

/// Removes a program that is told, and what waits for it.
#[utoipa::path(delete, path = "/api/v1/webhooks/{id}",
    params(("id" = i64, Path, minimum = 1, maximum = 9007199254740991i64)),
    responses((status = 204, description = "It hears nothing any more")))]
pub(in super::super) async fn remove(
    State(web): State<Arc<Web>>,
    caller: Caller,
    Path(id): Path<i64>,
) -> Result<StatusCode, Failure> {
    must(&caller)?;
    web.app.store.remove_webhook(caller.name(), id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Messages, the newest first.
#[utoipa::path(get, path = "/api/v1/messages", params(Paged),
    responses((status = 200, body = Page<Message>)))]
pub(in super::super) async fn messages(
    State(web): State<Arc<Web>>,
    caller: Caller,
    Asked(asked): Asked<Paged>,
) -> Result<axum::Json<Page<Message>>, Failure> {
    must(&caller)?;
    let limit = limit(asked.limit)?;
    let before = after(asked.cursor.as_deref())?;
    let messages = web.app.store.deliveries(before, limit + 1).await?;
    let page = Page::of(messages, limit, |last| last.id.to_string());
    Ok(axum::Json(page))
}

/// Sends a message again, whatever became of it.
#[utoipa::path(post, path = "/api/v1/messages/{id}/replay",
    params(("id" = i64, Path, minimum = 1, maximum = 9007199254740991i64)),
    responses((status = 204, description = "It is due now")))]
pub(in super::super) async fn replay(
    State(web): State<Arc<Web>>,
    caller: Caller,
    Path(id): Path<i64>,
) -> Result<StatusCode, Failure> {
    must(&caller)?;
    web.app.store.replay_delivery(caller.name(), id).await?;
    Ok(StatusCode::NO_CONTENT)
}
