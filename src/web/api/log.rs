//! The audit log.

use std::sync::Arc;

use axum::extract::State;

use super::super::Web;
use super::super::failure::Failure;
use super::gate::Caller;
use super::input::{Asked, after, limit};
use super::model::{Event, Page, Paged};

/// Events of the audit log, the newest first.
#[utoipa::path(get, path = "/api/v1/audit", params(Paged),
    responses((status = 200, body = Page<Event>)))]
pub(in super::super) async fn audit(
    State(web): State<Arc<Web>>,
    caller: Caller,
    Asked(asked): Asked<Paged>,
) -> Result<axum::Json<Page<Event>>, Failure> {
    caller.must_read()?;
    let limit = limit(asked.limit)?;
    let before = after(asked.cursor.as_deref())?;
    let events = caller.store(&web).audit_page(before, limit + 1).await?;
    let page = Page::of(events, limit, |last| last.seq.to_string());
    Ok(axum::Json(page))
}
