//! The audit log, newest first, narrowed by who, what and to what, and the check of
//! its chain.

use askama::Template;
use axum::extract::{Query, State};
use axum::response::Response;
use serde::Deserialize;

use super::Shared;
use super::failure::Failure;
use super::session::Viewer;
use super::sheet::Sheet;
use super::shell::{Shell, page as respond};
use super::show::{self, When};
use crate::store::Store;
use crate::store::audit::AuditEvent;
use crate::store::lists::AuditFilter;

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
    asked: AuditQuery,
    link: String,
    actions: Vec<String>,
}

/// What walking the chain showed.
enum Check {
    Whole(i64),
    BrokenAt(i64),
}

/// The query of `/audit`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct AuditQuery {
    actor: String,
    action: String,
    subject: String,
    before: Option<i64>,
    check: Option<String>,
}

impl AuditQuery {
    fn filter(&self) -> AuditFilter {
        let bounded = |text: &str| text.trim().chars().take(200).collect();
        AuditFilter {
            actor: bounded(&self.actor),
            action: bounded(&self.action),
            subject: bounded(&self.subject),
        }
    }

    fn narrows(&self) -> bool {
        [&self.actor, &self.action, &self.subject]
            .iter()
            .any(|field| !field.trim().is_empty())
    }

    fn link(&self) -> String {
        show::filled(&[
            ("actor", self.actor.trim()),
            ("action", self.action.trim()),
            ("subject", self.subject.trim()),
        ])
    }
}

/// The list as a sheet.
pub(super) async fn sheet(store: &Store, asked: &AuditQuery) -> Result<Sheet, Failure> {
    let mut sheet = Sheet::new(
        "audit",
        &[
            "seq",
            "at",
            "actor",
            "action",
            "subject",
            "detail",
            "prev_hash",
            "hash",
        ],
    );
    let room = Sheet::ROOM + 1;
    let events = store.audit_by(&asked.filter(), asked.before, room).await?;
    for event in events {
        sheet.row(vec![
            event.seq.into(),
            event.at.to_string().into(),
            event.actor.into(),
            event.action.into(),
            event.subject.into(),
            event.detail.0.to_string().into(),
            event.prev_hash.into(),
            event.hash.into(),
        ]);
    }
    Ok(sheet)
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
    let events = store.audit_by(&query.filter(), query.before, PAGE).await?;
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
        link: query.link(),
        actions: store.audit_actions().await?,
        asked: query,
    })
}
