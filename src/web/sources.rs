//! The marketplaces that are read, and when; how they are doing, and scans now.

pub(super) mod health;

use std::sync::Arc;

use askama::Template;
use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;

use super::failure::Failure;
use super::session::{Posted, Viewer};
use super::sheet::Sheet;
use super::shell::{Shell, page as respond};
use super::show::{self, When};
use super::{Shared, Web};
use crate::clock::Millis;
use crate::scan::schedule::next_after;
use crate::scan::settings::{self, Choice};
use crate::store::Store;
use crate::store::sources::Source;
use health::Health;

#[derive(Template)]
#[template(path = "web/templates/sources.html")]
struct SourcesPage {
    shell: Shell,
    sources: Vec<SourceView>,
    may_administer: bool,
    /// What was just asked for.
    said: Option<&'static str>,
}

pub(super) struct SourceView {
    pub(super) source: Source,
    /// The marketplace's own name.
    pub(super) title: Option<String>,
    pub(super) base: Option<String>,
    pub(super) tier: Option<&'static str>,
    pub(super) language: Option<String>,
    pub(super) terms: Option<String>,
    /// What is wrong with its definition.
    pub(super) broken: Option<String>,
    pub(super) next: Next,
    pub(super) health: Health,
    /// Since when somebody waits for a scan.
    pub(super) asked: Option<When>,
    pub(super) settings: Vec<Choice>,
}

pub(super) enum Next {
    At(When),
    Paused,
    Unscheduled,
    Wrong(String),
}

impl SourceView {
    fn new(source: Source, health: Health, now: Millis) -> Self {
        let definition = &health.definition;
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
            asked: source.run_asked_at.map(|at| When::new(at, now)),
            health,
            source,
        }
    }
}

/// Every source with how it is doing, as somebody sees it.
pub(super) async fn views(store: &Store, now: Millis) -> Result<Vec<SourceView>, Failure> {
    let sources = store.sources().await?;
    let mut health = health::of(store, &sources, now).await?;
    health::give_reasons(store, &mut health).await?;
    let both = sources.into_iter().zip(health);
    Ok(both
        .map(|(source, health)| SourceView::new(source, health, now))
        .collect())
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

/// The query of `/sources`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    did: String,
}

pub(super) async fn page(
    State(web): Shared,
    viewer: Viewer,
    Query(asked): Query<Asked>,
) -> Result<Response, Failure> {
    let sources = views(&viewer.store(&web), web.app.clock.millis()).await?;
    let may_administer = viewer.may_manage();
    respond(&SourcesPage {
        shell: Shell::new(&web, viewer, "sources").await?,
        sources,
        may_administer,
        said: match asked.did.as_str() {
            "run" => Some(
                "The scan is asked for. It begins within half a minute, where the scheduler runs.",
            ),
            "pause" => Some("The source is paused. A scan that runs goes on to its end."),
            "resume" => Some("The source is scanned again at its next time."),
            _ => None,
        },
    })
}

/// The list as a sheet.
pub(super) async fn sheet(web: &Web, store: &Store) -> Result<Sheet, Failure> {
    let now = web.app.clock.millis();
    let mut sheet = Sheet::new(
        "sources",
        &[
            "source",
            "state",
            "title",
            "base",
            "tier",
            "language",
            "schedule",
            "time_zone",
            "next_scan",
            "last_scan",
            "last_state",
            "scans",
            "failed",
            "addresses",
            "given_up",
        ],
    );
    let sources = store.sources().await?;
    let health = health::of(store, &sources, now).await?;
    for (source, health) in sources.into_iter().zip(health) {
        let view = SourceView::new(source, health, now);
        let next = match &view.next {
            Next::At(at) => Some(at.iso.clone()),
            _ => None,
        };
        let last = view.health.last.as_ref();
        sheet.row(vec![
            view.source.name.clone().into(),
            view.health.word().into(),
            view.title.into(),
            view.base.into(),
            view.tier.into(),
            view.language.into(),
            view.source.schedule.into(),
            view.source.time_zone.into(),
            next.into(),
            last.map(|last| last.at.iso.clone()).into(),
            last.map(|last| last.scan.state.clone()).into(),
            view.health.counts.scans.into(),
            view.health.counts.failed.into(),
            view.health.counts.finished.into(),
            view.health.counts.failures.into(),
        ]);
    }
    Ok(sheet)
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
    let did = if enabled { "resume" } else { "pause" };
    Ok(Redirect::to(&format!("/sources?did={did}#{}", health::anchor(&name))).into_response())
}

/// Asks for a scan now. Nothing is fetched by this process on behalf of the page: the
/// scheduler takes the wish up, and scans the source as at any other time.
pub(super) async fn run(
    State(web): State<Arc<Web>>,
    Path(name): Path<String>,
    posted: Posted,
) -> Result<Response, Failure> {
    posted.must_manage("start a scan")?;
    web.app
        .store
        .ask_for_run(&posted.viewer.name, &name)
        .await?;
    Ok(Redirect::to(&format!("/sources?did=run#{}", health::anchor(&name))).into_response())
}
