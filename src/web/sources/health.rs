//! How each source is doing, in a word and in numbers.

use std::collections::HashMap;

use markhound_crawlers::Definition;

use super::super::failure::Failure;
use super::super::show::When;
use crate::clock::Millis;
use crate::scan::{ScanError, plan};
use crate::store::Store;
use crate::store::scans::Scan;
use crate::store::source_health::{ClosedHost, SourceHealth};
use crate::store::sources::Source;

/// Of the addresses of the last scans, so many in a hundred may be given up on.
pub(crate) const BUDGET_PER_CENT: i64 = 5;
/// Reasons listed.
const MOST_REASONS: u32 = 4;

/// How a source is doing.
pub(crate) struct Health {
    pub(crate) source: String,
    /// The name of its place on the page of sources.
    pub(crate) anchor: String,
    pub(crate) word: Word,
    pub(crate) counts: SourceHealth,
    pub(crate) last: Option<Last>,
    /// The scan that runs now.
    pub(crate) running: Option<i64>,
    /// The marketplace asked to be left alone: until when, and by which status.
    pub(crate) blocked: Option<(When, i64)>,
    /// Requests of today, where a quota counts them.
    pub(crate) today: Option<i64>,
    /// Why the last scan gave up on addresses, where [`give_reasons`] was asked for it.
    pub(crate) reasons: Vec<(String, i64)>,
    /// What the source's definition is read as, or what is wrong with it.
    pub(crate) definition: Result<Definition, ScanError>,
}

/// A scan that was.
pub(crate) struct Last {
    pub(crate) id: i64,
    pub(crate) at: When,
    pub(crate) scan: Scan,
}

/// The state in a word; the worst of what is so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Word {
    Paused,
    Broken,
    Blocked,
    Running,
    Asked,
    Failed,
    Spent,
    New,
    Well,
}

impl Health {
    pub(crate) fn word(&self) -> &'static str {
        match self.word {
            Word::Paused => "Paused",
            Word::Broken => "Definition broken",
            Word::Blocked => "Blocked",
            Word::Running => "Running",
            Word::Asked => "Starting",
            Word::Failed => "Failed",
            Word::Spent => "Over budget",
            Word::New => "Never scanned",
            Word::Well => "Well",
        }
    }

    pub(crate) fn colour(&self) -> &'static str {
        match self.word {
            Word::Paused | Word::Spent => "warn",
            Word::Broken | Word::Blocked | Word::Failed => "bad",
            Word::Running | Word::Asked => "open",
            Word::New => "",
            Word::Well => "good",
        }
    }

    /// The share of addresses that were given up on.
    pub(crate) fn failing(&self) -> String {
        if self.counts.finished == 0 {
            return "–".to_owned();
        }
        let tenths = self.counts.failures * 1000 / self.counts.finished;
        format!("{}.{} %", tenths / 10, tenths % 10)
    }

    /// How much of the error budget is spent, in per cent.
    pub(crate) fn spent(&self) -> i64 {
        let budget = self.counts.finished * BUDGET_PER_CENT;
        if budget == 0 {
            return 0;
        }
        (self.counts.failures * 10_000 / budget).clamp(0, 999)
    }

    /// The same as the width of a bar.
    pub(crate) fn width(&self) -> i64 {
        self.spent().min(100)
    }
}

/// The health of sources, in their order.
pub(crate) async fn of(
    store: &Store,
    sources: &[Source],
    now: Millis,
) -> Result<Vec<Health>, Failure> {
    let today = now.timestamp().strftime("%Y-%m-%d").to_string();
    let (counts, closed, last, running, quota) = tokio::try_join!(
        store.source_health(),
        store.closed_hosts(now),
        store.last_scans(),
        store.unfinished_scans(),
        store.quota_of(&today),
    )?;
    let mut last: HashMap<i64, Scan> = last.into_iter().map(|s| (s.source_id, s)).collect();
    let running: HashMap<i64, i64> = running.iter().map(|s| (s.source_id, s.id)).collect();
    let mut all = Vec::with_capacity(sources.len());
    for source in sources {
        let definition = plan::definition(source);
        let last = last.remove(&source.id);
        let mut health = Health {
            source: source.name.clone(),
            anchor: anchor(&source.name),
            word: Word::Well,
            counts: counts.get(&source.id).copied().unwrap_or_default(),
            running: running.get(&source.id).copied(),
            blocked: blocked(source, definition.as_ref().ok(), &closed, now),
            today: quota.get(&source.name).copied(),
            last: last.map(|scan| Last {
                id: scan.id,
                at: When::new(scan.started_at, now),
                scan,
            }),
            reasons: Vec::new(),
            definition,
        };
        health.word = match &health.definition {
            Ok(_) => word(source, &health),
            Err(_) => Word::Broken,
        };
        all.push(health);
    }
    Ok(all)
}

/// Adds why the last scans gave up on addresses, for whoever may see what was searched
/// for: reasons may name it.
pub(crate) async fn give_reasons(store: &Store, all: &mut [Health]) -> Result<(), Failure> {
    if !store.sees().everything() {
        return Ok(());
    }
    for health in all {
        if let Some(last) = health.last.as_ref().filter(|last| last.scan.failures > 0) {
            health.reasons = store.scan_reasons(last.id, MOST_REASONS).await?;
        }
    }
    Ok(())
}

/// The state of a source whose definition is whole.
fn word(source: &Source, health: &Health) -> Word {
    let failed = health
        .last
        .as_ref()
        .is_some_and(|last| last.scan.state == "failed");
    if health.running.is_some() {
        Word::Running
    } else if !source.enabled {
        Word::Paused
    } else if health.blocked.is_some() {
        Word::Blocked
    } else if source.run_asked_at.is_some() {
        Word::Asked
    } else if failed {
        Word::Failed
    } else if health.last.is_none() {
        Word::New
    } else if health.spent() > 100 {
        Word::Spent
    } else {
        Word::Well
    }
}

fn blocked(
    source: &Source,
    definition: Option<&Definition>,
    closed: &[ClosedHost],
    now: Millis,
) -> Option<(When, i64)> {
    let base = match &source.base {
        Some(base) => url::Url::parse(base).ok()?,
        None => definition?.base().clone(),
    };
    let host = base.host_str()?;
    let named = |closed: &&ClosedHost| {
        let rest = closed.host.strip_prefix(host);
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(':'))
    };
    let found = closed.iter().find(named)?;
    Some((When::new(found.until_at, now), found.status))
}

/// A name that can stand behind the `#` of an address.
pub(crate) fn anchor(name: &str) -> String {
    let plain = |c: char| if c.is_ascii_alphanumeric() { c } else { '-' };
    format!("s-{}", name.chars().take(80).map(plain).collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn health(failures: i64, finished: i64) -> Health {
        Health {
            source: String::new(),
            anchor: String::new(),
            word: Word::Well,
            counts: SourceHealth {
                failures,
                finished,
                ..SourceHealth::default()
            },
            last: None,
            running: None,
            blocked: None,
            today: None,
            reasons: Vec::new(),
            definition: Err(ScanError::Busy(String::new())),
        }
    }

    #[test]
    fn a_budget_is_spent_when_one_address_in_twenty_was_given_up_on() {
        assert_eq!(health(0, 0).spent(), 0);
        assert_eq!(health(1, 20).spent(), 100);
        assert_eq!(health(1, 40).spent(), 50);
        assert_eq!(health(3, 4).spent(), 999);
        assert_eq!(health(7, 1000).failing(), "0.7 %");
        assert_eq!(health(0, 0).failing(), "–");
    }

    #[test]
    fn the_place_of_a_source_on_the_page_is_plain_letters() {
        assert_eq!(anchor("a b\"<x>"), "s-a-b--x-");
    }
}
