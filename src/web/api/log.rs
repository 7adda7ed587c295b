//! The audit log.

use std::sync::Arc;

use axum::extract::State;
use serde::Deserialize;
use utoipa::IntoParams;

use super::super::Web;
use super::super::failure::Failure;
use super::gate::Caller;
use super::input::{Asked, after, bounded, limit};
use super::model::{Event, Page};
use crate::store::lists::AuditFilter;

/// What events are narrowed to.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(in super::super) struct Narrowed {
    /// Who.
    #[param(max_length = 200)]
    actor: Option<String>,
    /// What, such as `case.confirm`.
    #[param(max_length = 200)]
    action: Option<String>,
    /// To what, such as `case 42`.
    #[param(max_length = 200)]
    subject: Option<String>,
    /// Entries of a page, 50 unless given.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<u32>,
    /// `next` of the page before.
    #[param(pattern = "^[0-9]{1,18}$")]
    cursor: Option<String>,
}

/// Events of the audit log, the newest first.
#[utoipa::path(get, path = "/api/v1/audit", params(Narrowed),
    responses((status = 200, body = Page<Event>)))]
pub(in super::super) async fn audit(
    State(web): State<Arc<Web>>,
    caller: Caller,
    Asked(asked): Asked<Narrowed>,
) -> Result<axum::Json<Page<Event>>, Failure> {
    caller.must_read()?;
    let limit = limit(asked.limit)?;
    let before = after(asked.cursor.as_deref())?;
    let wanted = AuditFilter {
        actor: asked.actor.unwrap_or_default(),
        action: asked.action.unwrap_or_default(),
        subject: asked.subject.unwrap_or_default(),
    };
    for (name, text) in [
        ("actor", &wanted.actor),
        ("action", &wanted.action),
        ("subject", &wanted.subject),
    ] {
        bounded(name, text, 200)?;
    }
    let store = caller.store(&web);
    let events = store.audit_by(&wanted, before, limit + 1).await?;
    let page = Page::of(events, limit, |last| last.seq.to_string());
    Ok(axum::Json(page))
}
