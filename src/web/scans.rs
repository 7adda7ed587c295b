//! The history of scans, and those that run now as they go on.

mod live;

use askama::Template;
use axum::extract::{Path, Query, State};
use axum::response::Response;
use serde::Deserialize;

use super::Shared;
use super::failure::Failure;
use super::session::Viewer;
use super::sheet::Sheet;
use super::shell::{Shell, page as respond};
use super::show::{self, When};
use crate::clock::Millis;
use crate::store::Store;
use crate::store::lists::{ScanFilter, ScanOrder};
use crate::store::scans::Scan;

pub(super) use live::events;

/// Scans on a page, and those that a browser hears of.
const SHOWN: u32 = 60;
/// Orders offered: (word in the address, words on the page).
const ORDERS: [(&str, &str); 4] = [
    ("", "Latest first"),
    ("cases", "Most cases first"),
    ("listings", "Most listings first"),
    ("failures", "Most failures first"),
];
/// States offered.
const STATES: [&str; 3] = ["running", "done", "failed"];
/// URLs listed on a scan's page.
const MAX_FAILURES: u32 = 500;

#[derive(Template)]
#[template(path = "web/templates/scans.html")]
struct ScansPage {
    shell: Shell,
    scans: Vec<ScanView>,
    asked: Asked,
    sources: Vec<String>,
    /// The query of the page that follows.
    next: Option<String>,
    link: String,
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
    /// How fast it goes, and how long that will take; empty when it does not run.
    pace: String,
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
            pace: pace(&scan, end.0 - scan.started_at.0),
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

/// The query of `/scans`; what makes no sense counts as not given.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    source: String,
    state: String,
    sort: String,
    after: String,
}

impl Asked {
    fn filter(&self) -> ScanFilter {
        let state = STATES.iter().find(|state| **state == self.state);
        ScanFilter {
            source: self.source.chars().take(200).collect(),
            state: state.map_or_else(String::new, |state| (*state).to_owned()),
            order: match self.sort.as_str() {
                "cases" => ScanOrder::Cases,
                "listings" => ScanOrder::Listings,
                "failures" => ScanOrder::Failures,
                _ => ScanOrder::Latest,
            },
        }
    }

    fn cursor(&self) -> Option<(i64, i64)> {
        let (value, id) = self.after.split_once(':')?;
        Some((value.parse().ok()?, id.parse().ok()?))
    }

    fn narrows(&self) -> bool {
        !self.source.is_empty() || !self.state.is_empty()
    }

    fn link(&self, after: &str) -> String {
        show::filled(&[
            ("source", &self.source),
            ("state", &self.state),
            ("sort", &self.sort),
            ("after", after),
        ])
    }

    /// Whether these are the latest scans, which are told of as they go on.
    fn is_live(&self) -> bool {
        !self.narrows() && self.sort.is_empty() && self.after.is_empty()
    }
}

/// How fast a running scan goes, and how long what is planned so far will take at that.
fn pace(scan: &Scan, millis: i64) -> String {
    if scan.state != "running" || scan.finished <= 0 || millis < 1000 {
        return String::new();
    }
    let a_minute = scan.finished.saturating_mul(60_000) / millis;
    let left = (scan.queued - scan.finished).max(0);
    let left = show::duration(left.saturating_mul(millis) / scan.finished);
    format!("{a_minute} addresses a minute; what is planned so far takes {left} more")
}

pub(super) async fn page(
    State(web): Shared,
    viewer: Viewer,
    Query(asked): Query<Asked>,
) -> Result<Response, Failure> {
    let now = web.app.clock.millis();
    let (store, filter) = (&web.app.store, asked.filter());
    let mut scans = store.scans_by(&filter, asked.cursor(), SHOWN + 1).await?;
    let more = scans.len() > SHOWN as usize;
    scans.truncate(SHOWN as usize);
    let next = scans.last().filter(|_| more);
    let next = next.map(|last| asked.link(&format!("{}:{}", filter.order.of(last), last.id)));
    let sources = store.sources().await?;
    respond(&ScansPage {
        shell: Shell::new(&web, viewer, "scans").await?,
        scans: scans
            .into_iter()
            .map(|scan| ScanView::new(scan, now))
            .collect(),
        sources: sources.into_iter().map(|source| source.name).collect(),
        next,
        link: asked.link(""),
        asked,
    })
}

/// The list as a sheet.
pub(super) async fn sheet(store: &Store, asked: &Asked) -> Result<Sheet, Failure> {
    let mut sheet = Sheet::new(
        "scans",
        &[
            "scan",
            "source",
            "state",
            "started_by",
            "started_at",
            "finished_at",
            "requests",
            "listings",
            "new_listings",
            "pictures",
            "cases",
            "failures",
            "planned",
            "finished",
            "message",
        ],
    );
    let room = Sheet::ROOM + 1;
    for scan in store.scans_by(&asked.filter(), None, room).await? {
        sheet.row(vec![
            scan.id.into(),
            scan.source.into(),
            scan.state.into(),
            scan.started_by.into(),
            scan.started_at.to_string().into(),
            scan.finished_at.map(|at| at.to_string()).into(),
            scan.requests.into(),
            scan.listings.into(),
            scan.new_listings.into(),
            scan.pictures.into(),
            scan.cases.into(),
            scan.failures.into(),
            scan.queued.into(),
            scan.finished.into(),
            scan.message.into(),
        ]);
    }
    Ok(sheet)
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
