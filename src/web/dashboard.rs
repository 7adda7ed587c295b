//! The dashboard: what came in, what was decided and what is gone, over a period
//! that stands in the address.

mod period;

use askama::Template;
use axum::extract::{Query, State};
use axum::response::Response;
use serde::Deserialize;

use super::Shared;
use super::failure::Failure;
use super::plots::{Bars, Lines, Series, Unit};
use super::sellers;
use super::session::Viewer;
use super::shell::{Shell, page as respond};
use super::show::{self, When};
use super::sources::health::{self, Health};
use crate::store::figures::{Day, FigureScope, Ranks, Totals};
use crate::store::sellers::{SellerCount, SellerOrder};
use period::{PERIODS, Period};

/// Sellers listed.
const WORST: u32 = 10;
/// Names of the spans that ages and durations are counted in.
const SPANS: [&str; 6] = [
    "under 1 h",
    "1 to 4 h",
    "4 to 24 h",
    "1 to 3 days",
    "3 to 7 days",
    "over 7 days",
];

#[derive(Template)]
#[template(path = "web/templates/dashboard.html")]
struct Dashboard {
    shell: Shell,
    asked: Asked,
    sources: Vec<String>,
    brands: Vec<String>,
    tiles: Vec<Tile>,
    overview: Lines,
    precision: Lines,
    deciding: Bars,
    removing: Bars,
    waiting: Bars,
    oldest: Option<When>,
    worst: Vec<Worst>,
    health: Vec<Health>,
    empty: Option<Empty>,
}

/// What is missing before there is anything to count.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Empty {
    Catalog,
    Sources,
    Scan,
}

/// A figure with its definition.
struct Tile {
    name: &'static str,
    value: String,
    beside: Option<String>,
    definition: &'static str,
    address: Option<String>,
}

struct Worst {
    count: SellerCount,
    address: String,
}

/// The query of `/dashboard`; what makes no sense counts as not given.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    days: String,
    from: String,
    to: String,
    brand: String,
    source: String,
}

impl Asked {
    fn days_is(&self, word: &str) -> bool {
        let days = if self.days.is_empty() {
            "90"
        } else {
            &self.days
        };
        self.from.is_empty() && self.to.is_empty() && days == word
    }

    fn scope(&self, period: &Period) -> FigureScope {
        FigureScope {
            from: period.from,
            to: period.to,
            ..sellers::scope_of(&self.brand, &self.source)
        }
    }

    /// Whether anything but the period narrows the figures.
    fn narrows(&self) -> bool {
        !self.brand.is_empty() || !self.source.is_empty()
    }
}

pub(super) async fn page(
    State(web): Shared,
    viewer: Viewer,
    Query(asked): Query<Asked>,
) -> Result<Response, Failure> {
    let store = &viewer.store(&web);
    let now = web.app.clock.millis();
    let period = Period::read(&asked.days, &asked.from, &asked.to, now);
    let scope = asked.scope(&period);
    let counted = tokio::try_join!(
        store.totals(&scope),
        store.days(&scope),
        store.spans(&scope),
        store.waiting(&scope, now),
        store.sellers(&scope, "", SellerOrder::Confirmed, None, WORST),
    );
    let (totals, days, (deciding, removing), waiting, worst) = counted?;
    let (sources, brands) = tokio::try_join!(store.sources(), store.brands_in_catalog())?;
    let empty = if brands.is_empty() {
        Some(Empty::Catalog)
    } else if sources.is_empty() {
        Some(Empty::Sources)
    } else if store.scans(1).await?.is_empty() {
        Some(Empty::Scan)
    } else {
        None
    };
    let health = health::of(store, &sources, now).await?;
    respond(&Dashboard {
        shell: Shell::new(&web, viewer, "dashboard").await?,
        tiles: tiles(&totals, &asked),
        overview: overview(&period, &days),
        precision: precision(&period, &days),
        deciding: bars(
            "deciding",
            "Time to decision",
            "Cases decided in the period, by the time from the opening to the first confirm or \
             reject that stands.",
            deciding,
            4,
        ),
        removing: bars(
            "removing",
            "Time to removal",
            "Cases reported in the period and removed since, by the time from the day of the \
             report to the day of the removal.",
            removing,
            6,
        ),
        waiting: bars(
            "waiting",
            "Age of the queue",
            "Cases that are open now, by the time since they were opened; the period does not \
             count here.",
            waiting.by_age,
            4,
        ),
        oldest: waiting.oldest.map(|at| When::new(at, now)),
        worst: worst
            .into_iter()
            .map(|count| Worst {
                address: sellers::address(&count.source, &count.seller),
                count,
            })
            .collect(),
        health: health
            .into_iter()
            .filter(|health| asked.source.is_empty() || health.source == asked.source)
            .collect(),
        sources: sources.into_iter().map(|source| source.name).collect(),
        brands,
        empty,
        asked,
    })
}

fn tiles(totals: &Totals, asked: &Asked) -> Vec<Tile> {
    let queue = |state: &str| {
        let query = show::filled(&[
            ("state", state),
            ("brand", &asked.brand),
            ("source", &asked.source),
        ]);
        Some(format!("/queue?{query}"))
    };
    let share = |of: i64, all: i64| (all > 0).then(|| format!("{} %", per_cent(of, all)));
    let span = |seconds: Option<i64>| {
        seconds.map_or_else(|| "–".to_owned(), |seconds| show::duration(seconds * 1000))
    };
    let spans = |ranks: Ranks| {
        ranks
            .p90
            .map(|p90| format!("90 % within {}", span(Some(p90))))
    };
    vec![
        Tile {
            name: "Found",
            value: show::number(&totals.found),
            beside: None,
            definition: "Cases that the score opened in the period; those drawn by lot from under \
                the threshold are not counted.",
            address: queue("all"),
        },
        Tile {
            name: "Confirmed",
            value: show::number(&totals.confirmed),
            beside: Some(format!("of {} decided", show::number(&totals.decided))),
            definition: "Of the cases first decided in the period, those whose last standing \
                decision is confirm.",
            address: queue("confirmed"),
        },
        Tile {
            name: "Precision",
            value: share(totals.confirmed, totals.decided).unwrap_or_else(|| "–".to_owned()),
            beside: Some("of the queue as reviewed".to_owned()),
            definition: "Confirmed / (confirmed + rejected), of the cases decided in the period.",
            address: None,
        },
        Tile {
            name: "Removed",
            value: show::number(&totals.removed),
            beside: Some(match share(totals.removed, totals.reported) {
                Some(share) => {
                    format!("{share} of {} reported", show::number(&totals.reported))
                }
                None => "nothing reported".to_owned(),
            }),
            definition: "Of the cases whose listing was first reported in the period, those \
                recorded as removed at any time since.",
            address: Some("/takedown".to_owned()),
        },
        Tile {
            name: "Time to decision",
            value: span(totals.deciding.median),
            beside: spans(totals.deciding),
            definition: "Median from the opening to the first confirm or reject, of the cases \
                decided in the period; nearest rank.",
            address: None,
        },
        Tile {
            name: "Time to removal",
            value: span(totals.removing.median),
            beside: spans(totals.removing),
            definition: "Median from the report to the first removal, of the cases reported in \
                the period and removed since; nearest rank.",
            address: None,
        },
    ]
}

/// A share as whole per cent, rounded; all only where it is all.
fn per_cent(of: i64, all: i64) -> i64 {
    let whole = (of * 200 + all) / (2 * all.max(1));
    if whole == 100 && of < all { 99 } else { whole }
}

fn overview(period: &Period, days: &[(i64, Day)]) -> Lines {
    let gathered = period.gather(days);
    let of = |name, value: fn(&Day) -> i64| Series {
        name,
        values: gathered.iter().map(|(_, day)| Some(value(day))).collect(),
    };
    Lines {
        id: "overview",
        title: "Found, confirmed, removed",
        definition: format!(
            "By {}, each on the day it happened: cases opened by the score, cases first decided \
             whose standing decision is confirm, cases first recorded as removed.",
            period.step_name()
        ),
        places: gathered.iter().map(|(place, _)| place.clone()).collect(),
        series: vec![
            of("found", |day| day.found),
            of("confirmed", |day| day.confirmed),
            of("removed", |day| day.removed),
        ],
        unit: Unit::Count,
        wide: true,
    }
}

fn precision(period: &Period, days: &[(i64, Day)]) -> Lines {
    let gathered = period.gather(days);
    let value = |day: &Day| {
        let all = day.confirmed + day.rejected;
        (all > 0).then(|| per_cent(day.confirmed, all))
    };
    Lines {
        id: "precision",
        title: "Precision of the queue",
        definition: format!(
            "Confirmed of confirmed and rejected, of the cases first decided in each {}; none \
             where nothing was decided.",
            period.step_name()
        ),
        places: gathered.iter().map(|(place, _)| place.clone()).collect(),
        series: vec![Series {
            name: "precision",
            values: gathered.iter().map(|(_, day)| value(day)).collect(),
        }],
        unit: Unit::PerCent,
        wide: false,
    }
}

fn bars(
    id: &'static str,
    title: &'static str,
    definition: &'static str,
    counts: [i64; 6],
    late: usize,
) -> Bars {
    let bars = SPANS.iter().zip(counts).enumerate();
    Bars {
        id,
        title,
        definition: definition.to_owned(),
        bars: bars
            .map(|(at, (span, count))| ((*span).to_owned(), count, at >= late))
            .collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::per_cent;

    #[test]
    fn a_share_is_all_only_where_nothing_is_missing() {
        assert_eq!(per_cent(1, 3), 33);
        assert_eq!(per_cent(2, 3), 67);
        assert_eq!(per_cent(999, 1000), 99);
        assert_eq!(per_cent(5, 5), 100);
        assert_eq!(per_cent(0, 0), 0);
    }
}
