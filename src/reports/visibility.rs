//! How visible infringing offers are: what share of the first results of searches
//! they are, when the search was first looked at in the period and when last.

use std::collections::{BTreeMap, BTreeSet};

use super::{By, Case, Kpi, Scope};
use crate::store::audit::AuditEvent;

/// How many results were looked at, and how many of them infringe.
#[derive(Debug, Clone, Copy, Default)]
struct Seen {
    infringing: u64,
    all: u64,
}

impl Seen {
    fn add(&mut self, other: Self) {
        self.infringing += other.infringing;
        self.all += other.all;
    }

    #[expect(clippy::cast_precision_loss, reason = "counts of results")]
    fn share(self) -> Option<f64> {
        (self.all > 0).then(|| self.infringing as f64 / self.all as f64)
    }
}

/// Adds the shares to figures that are of everything or of a source: a search is of
/// no brand and no product. Of a search that was looked at once nothing is said.
pub(super) fn add(
    figures: &mut [Kpi],
    events: &[AuditEvent],
    cases: &BTreeMap<i64, Case>,
    scope: &Scope,
    by: By,
) {
    if !matches!(by, By::All | By::Source) {
        return;
    }
    let infringing: BTreeSet<(&str, &str)> = cases
        .values()
        .filter(|case| scope.wants(case))
        .filter(|case| case.decisions.last().is_some_and(|last| last.confirmed))
        .filter_map(|case| Some((case.source.as_deref()?, case.item.as_deref()?)))
        .collect();
    // The first and the last look at each search, and how many there were.
    let mut searches: BTreeMap<(&str, &str), (Seen, Seen, u64)> = BTreeMap::new();
    for event in events.iter().filter(|event| event.action == "scan.results") {
        let detail = &event.detail.0;
        let (Some(source), Some(query), Some(results)) = (
            detail["source"].as_str(),
            detail["query"].as_str(),
            detail["results"].as_array(),
        ) else {
            continue;
        };
        let other = scope.source.as_deref().is_some_and(|only| only != source);
        if other || !scope.holds(Some(event.at.0)) {
            continue;
        }
        let items = results.iter().filter_map(|item| item.as_str());
        let seen = Seen {
            infringing: items
                .filter(|item| infringing.contains(&(source, *item)))
                .count() as u64,
            all: results.len() as u64,
        };
        searches
            .entry((source, query))
            .and_modify(|(_, last, looks)| {
                *last = seen;
                *looks += 1;
            })
            .or_insert((seen, seen, 1));
    }
    for kpi in figures {
        let (mut before, mut after) = (Seen::default(), Seen::default());
        for ((source, _), (first, last, looks)) in &searches {
            if *looks > 1 && (by == By::All || kpi.group == *source) {
                before.add(*first);
                after.add(*last);
            }
        }
        kpi.visibility_before = before.share();
        kpi.visibility_after = after.share();
    }
}
