//! Marketplaces and their scans.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::store::scans::Scan as StoredScan;
use crate::web::sources::{Next, SourceView};

/// A marketplace that is read, and how it is doing.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::web) struct Source {
    /// Its name.
    name: String,
    /// The marketplace's own name.
    #[schema(required = true)]
    title: Option<String>,
    /// Its address.
    #[schema(required = true)]
    base: Option<String>,
    /// Its language.
    #[schema(required = true)]
    language: Option<String>,
    /// Cron expression of its scans.
    #[schema(required = true)]
    schedule: Option<String>,
    /// Time zone of that.
    time_zone: String,
    /// Whether it is scanned by schedule.
    enabled: bool,
    /// How it is doing: `well`, `running`, `starting`, `paused`, `blocked`, `failed`,
    /// `over_budget`, `never_scanned` or `definition_broken`.
    state: String,
    /// What is wrong with its definition or schedule.
    #[schema(required = true)]
    problem: Option<String>,
    /// When it is scanned next.
    #[schema(required = true, format = DateTime)]
    next_scan_at: Option<String>,
    /// The scan that runs now.
    #[schema(required = true)]
    running: Option<i64>,
    /// Its last scan.
    #[schema(required = true)]
    last_scan: Option<i64>,
    /// Since when a scan is asked for that has not begun.
    #[schema(required = true, format = DateTime)]
    asked_at: Option<String>,
    /// Why the last scan that was asked for did not begin.
    #[schema(required = true)]
    refused: Option<String>,
    /// Until when the marketplace asked to be left alone.
    #[schema(required = true, format = DateTime)]
    blocked_until: Option<String>,
    /// Requests of today, where a quota counts them.
    #[schema(required = true)]
    requests_today: Option<i64>,
    /// What its last scans came to.
    budget: ErrorBudget,
}

/// What the last ten scans of a source came to.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::web) struct ErrorBudget {
    /// Scans counted.
    scans: i64,
    /// Of those, failed as a whole.
    failed: i64,
    /// Addresses done with.
    addresses: i64,
    /// Addresses given up on.
    given_up: i64,
    /// How much of what may be given up on was, in per cent.
    spent_per_cent: i64,
    /// Why addresses were given up on in the last scan, the commonest first; empty for
    /// whoever sees some brands only.
    reasons: Vec<GivenUp>,
}

/// Why addresses were given up on.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::web) struct GivenUp {
    /// Why.
    reason: String,
    /// How many.
    addresses: i64,
}

impl From<SourceView> for Source {
    fn from(of: SourceView) -> Self {
        let (source, health) = (of.source, of.health);
        let (next_scan_at, wrong) = match of.next {
            Next::At(at) => (Some(at.iso), None),
            Next::Wrong(why) => (None, Some(why)),
            Next::Paused | Next::Unscheduled => (None, None),
        };
        Self {
            title: of.title,
            base: of.base,
            language: of.language,
            state: health.word().to_lowercase().replace(' ', "_"),
            problem: of.broken.or(wrong),
            next_scan_at,
            running: health.running,
            last_scan: health.last.as_ref().map(|last| last.id),
            asked_at: of.asked.map(|at| at.iso),
            refused: source.run_refused,
            blocked_until: health.blocked.as_ref().map(|(until, _)| until.iso.clone()),
            requests_today: health.today,
            budget: ErrorBudget {
                scans: health.counts.scans,
                failed: health.counts.failed,
                addresses: health.counts.finished,
                given_up: health.counts.failures,
                spent_per_cent: health.spent(),
                reasons: health
                    .reasons
                    .into_iter()
                    .map(|(reason, addresses)| GivenUp { reason, addresses })
                    .collect(),
            },
            name: source.name,
            schedule: source.schedule,
            time_zone: source.time_zone,
            enabled: source.enabled,
        }
    }
}

/// Whether a source is scanned by schedule.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::web) struct SourceChange {
    /// False pauses it.
    pub(in crate::web) enabled: bool,
}

/// A scan.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::web) struct Scan {
    /// Its number.
    id: i64,
    /// The source's name.
    source: String,
    /// `running`, `done` or `failed`.
    state: String,
    /// Who started it.
    started_by: String,
    /// When.
    #[schema(format = DateTime)]
    started_at: String,
    /// When it ended.
    #[schema(required = true, format = DateTime)]
    finished_at: Option<String>,
    /// What was said at its end.
    #[schema(required = true)]
    message: Option<String>,
    /// Requests made.
    requests: i64,
    /// Listings seen.
    listings: i64,
    /// Of these, never seen before.
    new_listings: i64,
    /// Cases written.
    cases: i64,
    /// Addresses given up.
    failures: i64,
    /// Addresses planned so far.
    queued: i64,
    /// Of these, done.
    finished: i64,
}

impl From<StoredScan> for Scan {
    fn from(of: StoredScan) -> Self {
        Self {
            id: of.id,
            source: of.source,
            state: of.state,
            started_by: of.started_by,
            started_at: of.started_at.to_string(),
            finished_at: of.finished_at.map(|at| at.to_string()),
            message: of.message,
            requests: of.requests,
            listings: of.listings,
            new_listings: of.new_listings,
            cases: of.cases,
            failures: of.failures,
            queued: of.queued,
            finished: of.finished,
        }
    }
}
