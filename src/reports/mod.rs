//! Numbers about enforcement, from the audit log alone, so that whoever has the
//! exported log can compute them again (`docs/kpi.py` does).
//!
//! Every figure is about cases. A case belongs to the period in which the event
//! fell that the figure begins with; what became of it later counts too. What is
//! counted is said by [`DEFINITIONS`].

mod definitions;
mod history;
mod pdf;
mod table;
mod visibility;

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;

use crate::app::App;
use crate::clock::Millis;
use crate::store::StoreError;
use crate::store::audit::AuditEvent;

pub use definitions::DEFINITIONS;
pub use history::{Entry, enforcement};
pub(crate) use pdf::how_long;
pub use pdf::{Setting, enforcement_pdf};
pub use table::{ReportError, Table};

/// Events read at a time.
const BATCH: u32 = 1000;

/// What is counted together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum By {
    /// Everything.
    All,
    /// The product's brand.
    Brand,
    /// The product's SKU.
    Product,
    /// The channel of the first notice that left.
    Channel,
    /// The source.
    Source,
    /// The month a case was found in.
    Month,
}

impl By {
    /// The way a word stands for.
    #[must_use]
    pub fn named(word: &str) -> Option<Self> {
        Some(match word {
            "all" => Self::All,
            "brand" => Self::Brand,
            "product" => Self::Product,
            "channel" => Self::Channel,
            "source" => Self::Source,
            "month" => Self::Month,
            _ => return None,
        })
    }
}

/// What is counted; `None` does not narrow.
#[derive(Debug, Clone, Default)]
pub struct Scope {
    /// From this moment on.
    pub from: Option<Millis>,
    /// Before this moment.
    pub to: Option<Millis>,
    /// A brand.
    pub brand: Option<String>,
    /// A SKU.
    pub product: Option<String>,
    /// A channel.
    pub channel: Option<String>,
    /// A source.
    pub source: Option<String>,
}

impl Scope {
    fn holds(&self, at: Option<i64>) -> bool {
        at.is_some_and(|at| {
            self.from.is_none_or(|from| at >= from.0) && self.to.is_none_or(|to| at < to.0)
        })
    }

    fn wants(&self, case: &Case) -> bool {
        let same = |wanted: &Option<String>, is: &Option<String>| wanted.is_none() || wanted == is;
        same(&self.brand, &case.brand)
            && same(&self.product, &case.sku)
            && same(&self.channel, &case.channel)
            && same(&self.source, &case.source)
    }
}

/// A decision on a case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Decided {
    id: i64,
    pub at: i64,
    pub confirmed: bool,
    pub actor: String,
    pub kind: Option<String>,
}

/// A case as the log tells it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Case {
    pub id: i64,
    pub opened: Option<i64>,
    pub sku: Option<String>,
    pub brand: Option<String>,
    pub source: Option<String>,
    pub item: Option<String>,
    pub seller: Option<String>,
    /// Those that stand.
    pub decisions: Vec<Decided>,
    pub channel: Option<String>,
    pub notice: Option<i64>,
    pub right_kind: Option<String>,
    pub submitted: Option<i64>,
    pub removed: Option<i64>,
    pub verified: bool,
    pub refused: bool,
    pub counter_notice: bool,
    /// The last state, and when.
    pub state: Option<(String, i64)>,
    pub relistings: u64,
}

/// Reads the cases out of a log.
pub(crate) fn cases<'a>(events: impl Iterator<Item = &'a AuditEvent>) -> BTreeMap<i64, Case> {
    let mut cases: BTreeMap<i64, Case> = BTreeMap::new();
    let mut channels: BTreeMap<i64, (String, String)> = BTreeMap::new();
    for event in events {
        let Some(id) = event
            .subject
            .strip_prefix("case ")
            .and_then(|id| id.parse::<i64>().ok())
        else {
            continue;
        };
        let detail = &event.detail.0;
        let case = cases.entry(id).or_default();
        case.id = id;
        let at = event.at.0;
        match event.action.as_str() {
            "case.open" => {
                case.opened = Some(at);
                case.sku = text(detail, "sku");
                case.brand = text(detail, "brand");
                case.source = text(detail, "source");
                case.item = text(detail, "item");
                case.seller = text(detail, "seller");
            }
            "case.confirm" | "case.reject" => case.decisions.push(Decided {
                id: detail["decision"].as_i64().unwrap_or_default(),
                at,
                confirmed: event.action == "case.confirm",
                actor: event.actor.clone(),
                kind: text(detail, "kind"),
            }),
            "case.undo" => {
                let undone = detail["undoes"].as_i64();
                case.decisions
                    .retain(|decision| Some(decision.id) != undone);
            }
            "notice.draft" => {
                if let (Some(notice), Some(channel), Some(right)) = (
                    detail["notice"].as_i64(),
                    text(detail, "channel"),
                    text(detail, "right_kind"),
                ) {
                    channels.insert(notice, (channel, right));
                }
            }
            "notice.event" => step(case, event, detail, &channels),
            "case.relisted" => case.relistings += 1,
            _ => {}
        }
    }
    // A case drawn from under the threshold was not found by the score.
    cases.retain(|_, case| case.opened.is_some());
    cases
}

fn step(
    case: &mut Case,
    event: &AuditEvent,
    detail: &Value,
    channels: &BTreeMap<i64, (String, String)>,
) {
    let to = detail["to"].as_str().unwrap_or_default();
    let happened = detail["happened_at"]
        .as_str()
        .and_then(|at| at.parse::<jiff::Timestamp>().ok())
        .map_or(event.at.0, |at| at.as_millisecond());
    match to {
        "submitted" if case.submitted.is_none() => {
            case.submitted = Some(happened);
            case.notice = detail["notice"].as_i64();
            let of = case.notice.and_then(|notice| channels.get(&notice));
            case.channel = of.map(|(channel, _)| channel.clone());
            case.right_kind = of.map(|(_, right)| right.clone());
        }
        "removed" => {
            case.removed = case.removed.or(Some(happened));
            let captures = detail["evidence"].as_str().unwrap_or_default();
            case.verified |= captures.starts_with("captures:");
        }
        "refused" => case.refused = true,
        "counter_notice" => case.counter_notice = true,
        _ => {}
    }
    if case.submitted.is_some() {
        case.state = Some((to.to_owned(), happened));
    }
}

fn text(detail: &Value, key: &str) -> Option<String> {
    detail[key].as_str().map(ToOwned::to_owned)
}

/// The figures of one group.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Kpi {
    /// The brand, product, channel, … counted; `all` for everything.
    pub group: String,
    /// See [`DEFINITIONS`].
    pub found: u64,
    /// See [`DEFINITIONS`].
    pub decided: u64,
    /// See [`DEFINITIONS`].
    pub confirmed: u64,
    /// See [`DEFINITIONS`].
    pub rejected: u64,
    /// See [`DEFINITIONS`].
    pub precision: Option<f64>,
    /// See [`DEFINITIONS`].
    pub decision_seconds_median: Option<i64>,
    /// See [`DEFINITIONS`].
    pub decision_seconds_p90: Option<i64>,
    /// See [`DEFINITIONS`].
    pub reported: u64,
    /// See [`DEFINITIONS`].
    pub removed: u64,
    /// See [`DEFINITIONS`].
    pub verified: u64,
    /// See [`DEFINITIONS`].
    pub refused: u64,
    /// See [`DEFINITIONS`].
    pub counter_notices: u64,
    /// See [`DEFINITIONS`].
    pub removal_rate: Option<f64>,
    /// See [`DEFINITIONS`].
    pub removal_seconds_median: Option<i64>,
    /// See [`DEFINITIONS`].
    pub removal_seconds_p90: Option<i64>,
    /// See [`DEFINITIONS`].
    pub relisting_rate: Option<f64>,
    /// See [`DEFINITIONS`].
    pub visibility_before: Option<f64>,
    /// See [`DEFINITIONS`].
    pub visibility_after: Option<f64>,
}

/// The value at a share of a sorted list, by nearest rank: `ceil(share × n)`.
fn rank(sorted: &[i64], tenths: usize) -> Option<i64> {
    let at = (sorted.len() * tenths).div_ceil(10);
    sorted.get(at.checked_sub(1)?).copied()
}

#[expect(clippy::cast_precision_loss, reason = "counts of cases")]
fn share(of: u64, all: u64) -> Option<f64> {
    (all > 0).then(|| of as f64 / all as f64)
}

fn group(case: &Case, by: By) -> String {
    let named = |name: &Option<String>| name.clone().unwrap_or_else(|| "unknown".to_owned());
    match by {
        By::All => "all".to_owned(),
        By::Brand => named(&case.brand),
        By::Product => named(&case.sku),
        By::Channel => case.channel.clone().unwrap_or_else(|| "none".to_owned()),
        By::Source => named(&case.source),
        By::Month => Millis(case.opened.unwrap_or_default())
            .timestamp()
            .strftime("%Y-%m")
            .to_string(),
    }
}

/// The figures of a log, one a group, by name.
#[must_use]
pub fn kpi(events: &[AuditEvent], scope: &Scope, by: By) -> Vec<Kpi> {
    let mut groups: BTreeMap<String, Vec<&Case>> = BTreeMap::new();
    let cases = cases(events.iter());
    for case in cases.values().filter(|case| scope.wants(case)) {
        groups.entry(group(case, by)).or_default().push(case);
    }
    if by == By::All {
        groups.entry("all".to_owned()).or_default();
    }
    let mut figures: Vec<Kpi> = groups
        .into_iter()
        .map(|(group, cases)| count(group, &cases, scope))
        .collect();
    visibility::add(&mut figures, events, &cases, scope, by);
    figures
}

fn count(group: String, cases: &[&Case], scope: &Scope) -> Kpi {
    let mut kpi = Kpi {
        group,
        ..Kpi::default()
    };
    let (mut deciding, mut removing) = (Vec::new(), Vec::new());
    let mut relisted = 0;
    for case in cases {
        kpi.found += u64::from(scope.holds(case.opened));
        let first = case.decisions.first();
        if scope.holds(first.map(|decision| decision.at)) {
            kpi.decided += 1;
            let confirmed = case.decisions.last().is_some_and(|last| last.confirmed);
            kpi.confirmed += u64::from(confirmed);
            kpi.rejected += u64::from(!confirmed);
            if let (Some(opened), Some(first)) = (case.opened, first) {
                deciding.push((first.at - opened).div_euclid(1000));
            }
        }
        if scope.holds(case.submitted) {
            kpi.reported += 1;
            kpi.refused += u64::from(case.refused);
            kpi.counter_notices += u64::from(case.counter_notice);
            if let (Some(removed), Some(submitted)) = (case.removed, case.submitted) {
                kpi.removed += 1;
                kpi.verified += u64::from(case.verified);
                relisted += u64::from(case.relistings > 0);
                removing.push((removed - submitted).div_euclid(1000));
            }
        }
    }
    deciding.sort_unstable();
    removing.sort_unstable();
    kpi.precision = share(kpi.confirmed, kpi.confirmed + kpi.rejected);
    kpi.decision_seconds_median = rank(&deciding, 5);
    kpi.decision_seconds_p90 = rank(&deciding, 9);
    kpi.removal_rate = share(kpi.removed, kpi.reported);
    kpi.removal_seconds_median = rank(&removing, 5);
    kpi.removal_seconds_p90 = rank(&removing, 9);
    kpi.relisting_rate = share(relisted, kpi.removed);
    kpi
}

/// The whole audit log, oldest first.
///
/// # Errors
/// When the database cannot be read.
pub async fn log(app: &App) -> Result<Vec<AuditEvent>, StoreError> {
    let mut events = Vec::new();
    loop {
        let after = events.last().map_or(0, |event: &AuditEvent| event.seq);
        let page = app.store.audit_after(after, BATCH).await?;
        if page.is_empty() {
            return Ok(events);
        }
        events.extend(page);
    }
}
