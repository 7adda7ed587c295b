//! Looking at listings under notice again. A reconciler: it compares what is
//! under notice with what is planned, asks for what is due, and takes in what was
//! seen. Killed anywhere, the next run ends the same way.
//!
//! A listing counts as removed only when two captures some hours apart agree that
//! it is gone: a 404 or 410, or the definition's own sign. A block page, a
//! captcha, an error, a redirect, a page that shows something else never counts,
//! and when listings that nobody reported are gone as well, none does: then the
//! shop has a bad day.

use std::collections::{BTreeMap, BTreeSet};

use markhound_crawlers::{Definition, Target, discover};
use serde::Serialize;
use url::Url;

use super::{TakedownError, lifecycle, record_step};
use crate::app::App;
use crate::clock::Millis;
use crate::scan::{ScanError, Scanner, plan};
use crate::store::rechecks::{PlannedLook, Recheck, STARTED_BY, Seen, Watched};
use crate::store::sources::Source;
use crate::store::takedowns::Step;

/// Listings looked at in one run of a source.
const MOST: usize = 500;
/// Listings under no notice that are looked at beside them.
const CONTROLS: u32 = 3;

/// What a run of re-checks came to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Rechecked {
    /// Listings looked at.
    pub looked: usize,
    /// Of those, still there.
    pub there: usize,
    /// Of those, gone.
    pub gone: usize,
    /// Of those, not shown to us.
    pub blocked: usize,
    /// Of those, something else was shown, or nothing.
    pub unexpected: usize,
    /// Of those, gone together with listings that nobody reported.
    pub doubted: usize,
    /// Recorded as removed.
    pub removed: usize,
    /// Recorded as there again.
    pub restored: usize,
}

/// Why re-checks stopped.
#[derive(Debug, thiserror::Error)]
pub enum RecheckError {
    /// The source could not be read.
    #[error(transparent)]
    Scan(#[from] ScanError),
    /// The records could not be read or written.
    #[error(transparent)]
    Takedown(#[from] TakedownError),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] crate::store::StoreError),
}

/// What is under notice, and when it is looked at.
struct Planned {
    watched: BTreeMap<i64, Watched>,
    /// What is due first.
    rechecks: Vec<Recheck>,
    sources: BTreeMap<i64, Source>,
}

/// Plans looks for what came under notice, and takes out what is not any more. Where
/// nothing changed, nothing is written.
async fn plan(app: &App) -> Result<Planned, RecheckError> {
    let watched = watched(app).await?;
    let rechecks = app.store.rechecks().await?;
    let all = app.store.sources().await?;
    let sources: BTreeMap<i64, Source> = all.into_iter().map(|s| (s.id, s)).collect();
    let ids: BTreeSet<i64> = watched.values().map(|listing| listing.source_id).collect();
    let definitions: BTreeMap<i64, Definition> = ids
        .into_iter()
        // An import has no shop to ask.
        .filter_map(|id| Some((id, plan::definition(sources.get(&id)?).ok()?)))
        .collect();
    let known: BTreeMap<i64, &Recheck> = rechecks.iter().map(|r| (r.listing_id, r)).collect();
    let first = i64::from(app.config.notices.recheck.first_hours) * 3600;
    let looks: Vec<PlannedLook> = watched
        .values()
        .filter_map(|listing| {
            let definition = definitions.get(&listing.source_id)?;
            let url = Url::parse(&listing.url).ok()?;
            let asked = discover::item(definition, &listing.item_id, &url).url;
            let planned = known.get(&listing.listing_id);
            if planned.is_some_and(|known| known.asked == asked.as_str()) {
                return None;
            }
            Some(PlannedLook {
                listing_id: listing.listing_id,
                asked: asked.into(),
                next_at: listing.submitted.plus_seconds(first),
            })
        })
        .collect();
    let over = |listing: &&i64| !watched.contains_key(*listing);
    let ended: Vec<i64> = known.keys().filter(over).copied().collect();
    let rechecks = if looks.is_empty() && ended.is_empty() {
        rechecks
    } else {
        app.store.plan_rechecks(&looks, &ended).await?;
        app.store.rechecks().await?
    };
    Ok(Planned {
        watched,
        rechecks,
        sources,
    })
}

/// What is under notice, one a listing: the notice that is furthest from its end.
async fn watched(app: &App) -> Result<BTreeMap<i64, Watched>, RecheckError> {
    let days = i64::from(app.config.notices.recheck.watch_days);
    let since = app.clock.millis().plus_seconds(-days * 86_400);
    let mut one: BTreeMap<i64, Watched> = BTreeMap::new();
    for listing in app.store.watched(since).await? {
        let open = listing.state != "removed";
        match one.get(&listing.listing_id) {
            Some(known) if known.state != "removed" && !open => {}
            _ => {
                one.insert(listing.listing_id, listing);
            }
        }
    }
    Ok(one)
}

/// The sources that have something to be looked at now.
///
/// # Errors
/// When the database cannot be read.
pub async fn due(app: &App) -> Result<Vec<Source>, RecheckError> {
    let planned = plan(app).await?;
    let now = app.clock.millis();
    let ids: BTreeSet<i64> = planned
        .rechecks
        .iter()
        .filter(|recheck| recheck.next_at <= now)
        .filter_map(|recheck| planned.watched.get(&recheck.listing_id))
        .map(|watched| watched.source_id)
        .collect();
    let sources = planned.sources.into_values();
    Ok(sources
        .filter(|source| source.enabled && ids.contains(&source.id))
        .collect())
}

/// Looks at a source's listings that are due, and takes in what was seen. With
/// `all`, also at those that are not due yet.
///
/// # Errors
/// [`RecheckError`]; what was seen stays, and is taken in by the next run.
pub async fn run(
    app: &App,
    scanner: &Scanner,
    source: &Source,
    all: bool,
) -> Result<Rechecked, RecheckError> {
    // What an earlier run saw may end or put off what is planned.
    let mut came_to = judge(app).await?;
    let Planned {
        watched, rechecks, ..
    } = plan(app).await?;
    let now = app.clock.millis();
    let due: Vec<Recheck> = rechecks
        .into_iter()
        .filter(|recheck| all || recheck.next_at <= now)
        .filter(|recheck| {
            let of = watched.get(&recheck.listing_id);
            of.is_some_and(|watched| watched.source_id == source.id)
        })
        .take(MOST)
        .collect();
    if due.is_empty() {
        return Ok(came_to);
    }
    let definition = plan::definition(source)?;
    let mut targets: Vec<Target> = Vec::new();
    for recheck in &due {
        if let Some(of) = watched.get(&recheck.listing_id)
            && let Ok(url) = Url::parse(&of.url)
        {
            targets.push(discover::item(&definition, &of.item_id, &url));
        }
    }
    for (item, url) in app.store.controls(source.id, CONTROLS).await? {
        if let Ok(url) = Url::parse(&url) {
            targets.push(discover::item(&definition, &item, &url));
        }
    }
    let listings: Vec<i64> = due.iter().map(|recheck| recheck.listing_id).collect();
    let again = scanner.plan_again(source, &targets).await?;
    app.store.recheck_asked(&listings, again.scan_id).await?;
    scanner.look_again(source, again).await?;
    came_to.add(judge(app).await?);
    Ok(came_to)
}

impl Rechecked {
    /// Adds what another run came to.
    pub fn add(&mut self, other: Self) {
        self.looked += other.looked;
        self.there += other.there;
        self.gone += other.gone;
        self.blocked += other.blocked;
        self.unexpected += other.unexpected;
        self.doubted += other.doubted;
        self.removed += other.removed;
        self.restored += other.restored;
    }
}

/// Takes in what runs have seen and nobody has judged.
///
/// # Errors
/// When the database cannot be used.
pub async fn judge(app: &App) -> Result<Rechecked, RecheckError> {
    let watched = watched(app).await?;
    let mut came_to = Rechecked::default();
    let mut scans: BTreeMap<i64, Vec<Recheck>> = BTreeMap::new();
    for recheck in app.store.rechecks().await? {
        if let (false, Some(scan)) = (recheck.judged, recheck.scan_id) {
            scans.entry(scan).or_default().push(recheck);
        }
    }
    for (scan, rechecks) in scans {
        let scan = app.store.scan(scan).await?;
        if scan.state == "running" && scan.message.is_none() {
            continue;
        }
        let seen = app.store.signals_of(scan.id).await?;
        let doubted = is_a_bad_day(&seen, &rechecks);
        for recheck in rechecks {
            let of = watched.get(&recheck.listing_id);
            let saw = seen.iter().find(|seen| seen.url == recheck.asked);
            take_in(app, recheck, of, saw, doubted, &mut came_to).await?;
        }
    }
    Ok(came_to)
}

/// Whether the listings that nobody reported are gone as well.
fn is_a_bad_day(seen: &[Seen], rechecks: &[Recheck]) -> bool {
    let mut controls = 0;
    for page in seen {
        if rechecks.iter().any(|recheck| recheck.asked == page.url) {
            continue;
        }
        if page.signal != "gone" {
            return false;
        }
        controls += 1;
    }
    controls > 0
}

async fn take_in(
    app: &App,
    mut recheck: Recheck,
    watched: Option<&Watched>,
    seen: Option<&Seen>,
    doubted: bool,
    came_to: &mut Rechecked,
) -> Result<(), RecheckError> {
    let now = app.clock.millis();
    came_to.looked += 1;
    recheck.looks += 1;
    let signal = match seen {
        None => "unexpected",
        Some(seen) if seen.signal == "gone" && doubted => "doubted",
        // A page that shows another offer says nothing about this one.
        Some(seen) if seen.signal == "there" && watched.is_some_and(|w| w.item_id != seen.why) => {
            "unexpected"
        }
        Some(seen) => seen.signal.as_str(),
    };
    let mut soon = false;
    match (signal, seen) {
        ("there", Some(seen)) => {
            came_to.there += 1;
            recheck.gone_capture = None;
            recheck.gone_at = None;
            if let Some(of) = watched.filter(|of| of.state == "removed") {
                let note = format!("it is there again: capture {}", seen.capture_id);
                step(app, of, "restored", note, seen.at, vec![seen.capture_id]).await?;
                came_to.restored += 1;
            }
        }
        ("gone", Some(seen)) => {
            came_to.gone += 1;
            let apart = i64::from(app.config.notices.recheck.apart_hours) * 3600;
            match (recheck.gone_capture, recheck.gone_at) {
                (Some(first), Some(at)) if seen.at >= at.plus_seconds(apart) => {
                    let takes =
                        |of: &&Watched| lifecycle::next_states(&of.state).contains(&"removed");
                    if let Some(of) = watched.filter(takes) {
                        let note = format!(
                            "gone in two captures, {} ({at}) and {} ({}): {}",
                            first, seen.capture_id, seen.at, seen.why
                        );
                        // It was gone when it was first seen to be, unless more happened since.
                        let since = at.max(of.since);
                        step(
                            app,
                            of,
                            "removed",
                            note,
                            since,
                            vec![first, seen.capture_id],
                        )
                        .await?;
                        came_to.removed += 1;
                    }
                }
                (Some(_), Some(_)) => soon = true,
                _ => {
                    recheck.gone_capture = Some(seen.capture_id);
                    recheck.gone_at = Some(seen.at);
                    soon = true;
                }
            }
        }
        ("blocked", _) => came_to.blocked += 1,
        ("doubted", _) => came_to.doubted += 1,
        _ => came_to.unexpected += 1,
    }
    recheck.last_signal = Some(signal.to_owned());
    recheck.last_at = Some(seen.map_or(now, |seen| seen.at));
    recheck.next_at = next(app, watched, soon, now);
    app.store.recheck_judged(&recheck).await?;
    Ok(())
}

/// When a listing is looked at next: soon when it was gone for the first time,
/// else the later the older its notice is.
fn next(app: &App, watched: Option<&Watched>, soon: bool, now: Millis) -> Millis {
    let settings = &app.config.notices.recheck;
    if soon {
        return now.plus_seconds(i64::from(settings.apart_hours) * 3600);
    }
    let age = watched.map_or(0, |of| (now.0 - of.submitted.0).max(0) / 86_400_000);
    let (first, most) = (
        i64::from(settings.first_hours),
        i64::from(settings.most_hours),
    );
    let hours = (first * (1 + age / 4)).clamp(1, most.max(1));
    now.plus_seconds(hours * 3600)
}

async fn step(
    app: &App,
    of: &Watched,
    to_state: &str,
    note: String,
    at: Millis,
    captures: Vec<i64>,
) -> Result<(), RecheckError> {
    let captures: Vec<String> = captures.iter().map(ToString::to_string).collect();
    let step = Step {
        to_state: to_state.to_owned(),
        cases: vec![of.case_id],
        note: Some(note),
        evidence: Some(format!("captures:{}", captures.join(","))),
        ..Step::default()
    };
    record_step(app, STARTED_BY, of.notice_id, step, Some(at)).await?;
    Ok(())
}
