//! The marketplaces that are read, and when.

use std::collections::HashMap;
use std::sync::Arc;

use askama::Template;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect, Response};

use super::failure::Failure;
use super::session::{Posted, Viewer};
use super::shell::{Shell, page as respond};
use super::show::{self, When};
use super::{Shared, Web};
use crate::clock::Millis;
use crate::scan::plan;
use crate::scan::schedule::next_after;
use crate::scan::settings::{self, Choice};
use crate::store::scans::Scan;
use crate::store::sources::Source;

#[derive(Template)]
#[template(path = "web/templates/sources.html")]
struct SourcesPage {
    shell: Shell,
    sources: Vec<SourceView>,
    may_administer: bool,
}

struct SourceView {
    source: Source,
    /// The marketplace's own name.
    title: Option<String>,
    base: Option<String>,
    tier: Option<&'static str>,
    language: Option<String>,
    terms: Option<String>,
    /// What is wrong with its definition.
    broken: Option<String>,
    next: Next,
    last: Option<(Scan, When)>,
    settings: Vec<Choice>,
}

enum Next {
    At(When),
    Paused,
    Unscheduled,
    Wrong(String),
}

impl SourceView {
    fn new(source: Source, last: Option<Scan>, now: Millis) -> Self {
        let definition = plan::definition(&source);
        let read = definition.as_ref().ok();
        Self {
            title: read.map(|d| d.name().to_owned()),
            base: source
                .base
                .clone()
                .or_else(|| read.map(|d| d.base().to_string())),
            tier: read.map(|d| d.tier()),
            language: read.and_then(|d| d.language()).map(ToOwned::to_owned),
            terms: read.and_then(|d| d.terms_note()).map(ToOwned::to_owned),
            settings: settings::choices(&source).unwrap_or_default(),
            broken: definition.as_ref().err().map(ToString::to_string),
            next: next(&source, now),
            last: last.map(|scan| {
                let at = When::new(scan.started_at, now);
                (scan, at)
            }),
            source,
        }
    }
}

fn next(source: &Source, now: Millis) -> Next {
    if !source.enabled {
        return Next::Paused;
    }
    let Some(expression) = &source.schedule else {
        return Next::Unscheduled;
    };
    match next_after(expression, &source.time_zone, now.timestamp()) {
        Ok(Some(at)) => Next::At(When::new(at.into(), now)),
        Ok(None) => Next::Unscheduled,
        Err(error) => Next::Wrong(error.to_string()),
    }
}

pub(super) async fn page(State(web): Shared, viewer: Viewer) -> Result<Response, Failure> {
    let now = web.app.clock.millis();
    let mut last: HashMap<i64, Scan> = web
        .app
        .store
        .last_scans()
        .await?
        .into_iter()
        .map(|scan| (scan.source_id, scan))
        .collect();
    let sources = web.app.store.sources().await?;
    let may_administer = viewer.may_manage();
    respond(&SourcesPage {
        shell: Shell::new(&web, viewer, "sources").await?,
        sources: sources
            .into_iter()
            .map(|source| {
                let scan = last.remove(&source.id);
                SourceView::new(source, scan, now)
            })
            .collect(),
        may_administer,
    })
}

/// Pauses a source or lets it run again.
pub(super) async fn enable(
    State(web): State<Arc<Web>>,
    Path(name): Path<String>,
    posted: Posted,
) -> Result<Response, Failure> {
    posted.must_manage("pause a source")?;
    let enabled = posted.get("enabled") == Some("yes");
    web.app
        .store
        .enable_source(&posted.viewer.name, &name, enabled)
        .await?;
    Ok(Redirect::to("/sources").into_response())
}
