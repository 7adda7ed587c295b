//! The history of scans, and those that run now as they go on.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use askama::Template;
use axum::extract::{Path, State};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use futures::stream;
use serde::Serialize;

use super::failure::Failure;
use super::session::Viewer;
use super::shell::{Shell, page as respond};
use super::show::{self, When};
use super::{Shared, Web};
use crate::clock::Millis;
use crate::store::scans::Scan;

/// Scans in the history.
const SHOWN: u32 = 60;
/// URLs listed on a scan's page.
const MAX_FAILURES: u32 = 500;
/// How often a browser hears of a scan that runs.
const BEAT: Duration = Duration::from_secs(1);
/// Beats after which a stream ends; the browser comes back and is asked again
/// who it is.
const MAX_BEATS: u32 = 600;

#[derive(Template)]
#[template(path = "web/templates/scans.html")]
struct ScansPage {
    shell: Shell,
    scans: Vec<ScanView>,
    has_sources: bool,
}

#[derive(Template)]
#[template(path = "web/templates/scan.html")]
struct ScanPage {
    shell: Shell,
    view: ScanView,
    failed: Vec<Problem>,
    skipped: Vec<Problem>,
    cut_off: bool,
}

/// A scan with what is computed from its counters.
struct ScanView {
    scan: Scan,
    started: When,
    took: String,
    percent: i64,
}

/// Problems of one kind, by reason.
struct Problem {
    reason: String,
    addresses: Vec<String>,
}

impl ScanPage {
    /// (heading, explanation, problems)
    fn problems(&self) -> [(&'static str, &'static str, &[Problem]); 2] {
        [
            ("Failed", "Given up after every retry.", &self.failed),
            ("Skipped", "Left out on purpose.", &self.skipped),
        ]
    }
}

impl ScanView {
    fn new(scan: Scan, now: Millis) -> Self {
        let end = scan.finished_at.unwrap_or(if scan.state == "running" {
            now
        } else {
            scan.updated_at
        });
        Self {
            started: When::new(scan.started_at, now),
            took: show::duration(end.0 - scan.started_at.0),
            percent: percent(&scan),
            scan,
        }
    }
}

/// How much of what is planned so far is finished.
fn percent(scan: &Scan) -> i64 {
    match scan.state.as_str() {
        "done" => 100,
        _ if scan.queued <= 0 => 0,
        _ => (scan.finished * 100 / scan.queued).clamp(0, 100),
    }
}

pub(super) async fn page(State(web): Shared, viewer: Viewer) -> Result<Response, Failure> {
    let now = web.app.clock.millis();
    let scans = web.app.store.scans(SHOWN).await?;
    let has_sources = !web.app.store.sources().await?.is_empty();
    respond(&ScansPage {
        shell: Shell::new(&web, viewer, "scans").await?,
        scans: scans
            .into_iter()
            .map(|scan| ScanView::new(scan, now))
            .collect(),
        has_sources,
    })
}

pub(super) async fn detail(
    State(web): Shared,
    viewer: Viewer,
    Path(id): Path<i64>,
) -> Result<Response, Failure> {
    let scan = web.app.store.scan(id).await?;
    let problems = viewer.store(&web).scan_failures(id, MAX_FAILURES).await?;
    let cut_off = problems.len() >= MAX_FAILURES as usize;
    let (mut failed, mut skipped) = (Vec::new(), Vec::new());
    for problem in problems {
        let list = if problem.state == "failed" {
            &mut failed
        } else {
            &mut skipped
        };
        let reason = problem
            .error
            .unwrap_or_else(|| "no reason given".to_owned());
        add(list, reason, address(&problem.target));
    }
    respond(&ScanPage {
        shell: Shell::new(&web, viewer, "scans").await?,
        view: ScanView::new(scan, web.app.clock.millis()),
        failed,
        skipped,
        cut_off,
    })
}

/// Adds an address under its reason.
fn add(list: &mut Vec<Problem>, reason: String, address: String) {
    match list.iter_mut().find(|problem| problem.reason == reason) {
        Some(problem) => problem.addresses.push(address),
        None => list.push(Problem {
            reason,
            addresses: vec![address],
        }),
    }
}

/// The address in a stored target; the target itself when it has none.
fn address(target: &str) -> String {
    serde_json::from_str::<serde_json::Value>(target)
        .ok()
        .and_then(|target| target.get("url")?.as_str().map(ToOwned::to_owned))
        .unwrap_or_else(|| target.to_owned())
}

/// A scan as the script of the page is told.
#[derive(Serialize)]
struct Beat {
    id: i64,
    source: String,
    state: String,
    percent: i64,
    took: String,
    requests: i64,
    listings: i64,
    new_listings: i64,
    pictures: i64,
    cases: i64,
    failures: i64,
    queued: i64,
    finished: i64,
}

/// The latest scans, told once at first and again whenever a counter moves.
pub(super) async fn events(State(web): Shared, _viewer: Viewer) -> Response {
    let stream = stream::unfold(Told::new(web), |mut told| async move {
        let event = told.next().await?;
        Some((Ok::<_, Infallible>(event), told))
    });
    Sse::new(stream)
        .keep_alive(KeepAlive::default())
        .into_response()
}

struct Told {
    web: Arc<Web>,
    last: String,
    beats: u32,
}

impl Told {
    fn new(web: Arc<Web>) -> Self {
        Self {
            web,
            last: String::new(),
            beats: 0,
        }
    }

    /// The next event; the end when the server stops or the database fails.
    async fn next(&mut self) -> Option<Event> {
        let mut closing = self.web.closing.clone();
        loop {
            if *closing.borrow() || self.beats >= MAX_BEATS {
                return None;
            }
            if self.beats > 0 {
                // An error means that nobody can close: then only time counts.
                tokio::select! {
                    Ok(_) = closing.wait_for(|closing| *closing) => return None,
                    () = tokio::time::sleep(BEAT) => {}
                }
            }
            self.beats += 1;
            let now = self.web.app.clock.millis();
            let scans = self.web.app.store.scans(SHOWN).await.ok()?;
            let beats: Vec<Beat> = scans.into_iter().map(|scan| Beat::new(scan, now)).collect();
            let data = serde_json::to_string(&beats).ok()?;
            if data != self.last {
                self.last.clone_from(&data);
                return Some(Event::default().event("scans").data(data));
            }
        }
    }
}

impl Beat {
    fn new(scan: Scan, now: Millis) -> Self {
        let view = ScanView::new(scan, now);
        let scan = view.scan;
        Self {
            id: scan.id,
            source: scan.source,
            state: scan.state,
            percent: view.percent,
            took: view.took,
            requests: scan.requests,
            listings: scan.listings,
            new_listings: scan.new_listings,
            pictures: scan.pictures,
            cases: scan.cases,
            failures: scan.failures,
            queued: scan.queued,
            finished: scan.finished,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn problems_are_gathered_by_their_reason() {
        let mut list = Vec::new();
        add(&mut list, "robots.txt".to_owned(), "http://a/1".to_owned());
        add(&mut list, "404".to_owned(), "http://a/2".to_owned());
        add(&mut list, "robots.txt".to_owned(), "http://a/3".to_owned());
        assert_eq!(list.len(), 2);
        assert_eq!(list[0].addresses, ["http://a/1", "http://a/3"]);
    }

    #[test]
    fn the_address_of_a_target_is_found_or_the_target_shown() {
        assert_eq!(
            address(r#"{"kind":"item","url":"http://a/1"}"#),
            "http://a/1"
        );
        assert_eq!(address("not json"), "not json");
    }
}
