//! The audit log, newest first, and the check of its chain.

use askama::Template;
use axum::extract::{Query, State};
use axum::response::Response;
use serde::Deserialize;

use super::Shared;
use super::failure::Failure;
use super::session::Viewer;
use super::shell::{Shell, page as respond};
use super::show::{self, When};
use crate::store::audit::AuditEvent;

/// Events on a page.
const PAGE: u32 = 100;

#[derive(Template)]
#[template(path = "web/templates/audit.html")]
struct AuditPage {
    shell: Shell,
    events: Vec<(AuditEvent, When)>,
    /// Where the next page begins.
    older: Option<i64>,
    is_first: bool,
    check: Option<Check>,
}

/// What walking the chain showed.
enum Check {
    Whole(i64),
    BrokenAt(i64),
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct AuditQuery {
    before: Option<i64>,
    check: Option<String>,
}

pub(super) async fn page(
    State(web): Shared,
    viewer: Viewer,
    Query(query): Query<AuditQuery>,
) -> Result<Response, Failure> {
    let store = &viewer.store(&web);
    let whole = &web.app.store;
    let now = web.app.clock.millis();
    let check = match query.check {
        Some(_) => Some(match whole.audit_first_break().await? {
            Some(seq) => Check::BrokenAt(seq),
            None => {
                let newest = whole.audit_page(None, 1).await?;
                Check::Whole(newest.first().map_or(0, |event| event.seq))
            }
        }),
        None => None,
    };
    let events = store.audit_page(query.before, PAGE).await?;
    let older = events
        .last()
        .filter(|last| events.len() == PAGE as usize && last.seq > 1)
        .map(|last| last.seq);
    respond(&AuditPage {
        shell: Shell::new(&web, viewer, "audit").await?,
        events: events
            .into_iter()
            .map(|event| {
                let at = When::new(event.at, now);
                (event, at)
            })
            .collect(),
        older,
        is_first: query.before.is_none(),
        check,
    })
}
