//! One scan under way: a few targets at a time, and what ended meanwhile written together.

use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use markhound_crawlers::render::Renderer;
use markhound_crawlers::{Definition, Listing};
use tokio::task::JoinSet;
use tokio::time::{Instant, timeout_at};

use super::decided::Decided;
use super::event::{Event, ListingEvent};
use super::exchange::Parts;
use super::frontier::Frontier;
use super::underway::Underway;
use super::warc::WarcFiles;
use super::{Ended, ScanError, Scanner};
use crate::store::frontier::{Lease, LeaseRequest};
use crate::store::scans::Scan;
use crate::store::sources::Source;
use crate::store::work::{Outcome, Work, Written};

/// Targets worked on at a time for each connection the source allows: while some
/// wait to be written, the others are fetched.
const PER_CONNECTION: usize = 2;
/// What has ended waits so long for others to be written with it.
const GATHER: Duration = Duration::from_millis(20);
/// The most targets that are worked on beside those, at a source that may be asked
/// many times within [`GATHER`].
const MOST_AHEAD: usize = 56;
/// How long a target is leased, in seconds. A scan that goes on after a crash
/// holds the source's lock and takes all leases back at once.
const LEASE_SECONDS: i64 = 3600;

/// One scan under way.
pub(super) struct Job {
    pub(super) scanner: Scanner,
    pub(super) definition: Definition,
    pub(super) frontier: Frontier,
    pub(super) renderer: Option<Renderer>,
    /// What rendered pages were given.
    pub(super) parts: Parts,
    pub(super) underway: Underway,
    /// None where the exchanges are in a file already.
    pub(super) warc: Option<WarcFiles>,
    pub(super) source: Source,
    pub(super) scan_id: i64,
    /// Whether what targets lead to is left alone.
    pub(super) only_seeds: bool,
    pub(super) worker: String,
    pub(super) decided: Decided,
    pub(super) pause: Mutex<Option<String>>,
    /// The counters, as they were written last.
    pub(super) counted: Mutex<Scan>,
}

/// A target that was worked on, not written yet.
pub(super) struct Done {
    pub(super) work: Work,
    pub(super) listing: Option<Listing>,
    pub(super) target: String,
}

impl Job {
    /// Works on a few targets at a time until none is left. What has ended
    /// meanwhile is written together, and the next targets are leased with it.
    pub(super) async fn work_through(self: &Arc<Self>) -> Result<Ended, ScanError> {
        let mut tasks: JoinSet<Result<Option<Done>, ScanError>> = JoinSet::new();
        let mut ended = Vec::new();
        let origin = &self.scanner.origin;
        let connections = origin.connections(&self.definition);
        let ahead = origin.within(&self.definition, GATHER).min(MOST_AHEAD);
        let workers = connections * PER_CONNECTION + ahead;
        loop {
            let ending = self.ending();
            let room = workers.saturating_sub(tasks.len());
            let limit = if ending.is_some() { 0 } else { room };
            for lease in self.write(std::mem::take(&mut ended), limit).await? {
                let job = self.clone();
                tasks.spawn(async move { job.process(lease).await });
            }
            let Some(task) = tasks.join_next().await else {
                // Nothing under way that could find more.
                return match ending {
                    Some(ending) => {
                        let store = &self.scanner.app.store;
                        store.release_leases(self.scan_id).await?;
                        Ok(ending)
                    }
                    None => Ok(Ended::Done),
                };
            };
            ended.extend(finished(task)?);
            let until = Instant::now() + GATHER;
            while ended.len() < workers / PER_CONNECTION
                && let Ok(Some(task)) = timeout_at(until, tasks.join_next()).await
            {
                ended.extend(finished(task)?);
            }
            while let Some(task) = tasks.try_join_next() {
                ended.extend(finished(task)?);
            }
        }
    }

    /// Why no new target is to be taken, if so.
    fn ending(&self) -> Option<Ended> {
        let pause = self.pause.lock().map(|p| p.clone()).unwrap_or_default();
        match pause {
            Some(why) => Some(Ended::Paused(why)),
            None if self.scanner.stop.load(Ordering::Relaxed) => Some(Ended::Stopped),
            None => None,
        }
    }

    /// Writes all that targets led to, leases at most `limit` more, and tells of it.
    async fn write(&self, ended: Vec<Done>, limit: usize) -> Result<Vec<Lease>, ScanError> {
        let store = &self.scanner.app.store;
        let wanted = LeaseRequest {
            scan_id: self.scan_id,
            worker: &self.worker,
            limit: u32::try_from(limit).unwrap_or(0),
            seconds: LEASE_SECONDS,
        };
        let (works, told): (Vec<Work>, Vec<_>) = ended
            .into_iter()
            .map(|done| (done.work, (done.target, done.listing)))
            .unzip();
        if works.iter().any(|work| !work.captures.is_empty()) {
            self.sync().await?;
        }
        let finished = store.finish_works_and_lease(&works, &wanted).await?;
        for ((work, (target, listing)), written) in works.iter().zip(told).zip(&finished.written) {
            self.underway.written(work);
            if let (Some(warc), true) = (&self.warc, written.kept) {
                warc.remember(&work.captures);
            }
            self.tell(work, target, listing.as_ref(), written);
        }
        if let Some(progress) = finished.counted {
            let mut scan = self.counted.lock().unwrap_or_else(PoisonError::into_inner);
            scan.count(progress, self.scanner.app.clock.millis());
            (self.scanner.observer)(&Event::Progress(scan.clone()));
        }
        Ok(finished.leases)
    }

    /// Makes the exchanges survive that the database is about to name.
    async fn sync(&self) -> Result<(), ScanError> {
        let Some(warc) = self.warc.clone() else {
            return Ok(());
        };
        let synced = tokio::task::spawn_blocking(move || warc.sync()).await;
        Ok(synced.map_err(|e| ScanError::Task(e.to_string()))??)
    }

    fn tell(&self, work: &Work, target: String, listing: Option<&Listing>, written: &Written) {
        let source = &self.source.name;
        if let Outcome::Failed(why) | Outcome::Skipped(why) = &work.outcome {
            (self.scanner.observer)(&Event::Failed {
                source: source.clone(),
                target,
                why: why.clone(),
            });
        }
        if let (Some(listing), Some(draft), true) = (listing, &work.listing, written.kept) {
            let event = ListingEvent::new(source, listing, draft, written);
            (self.scanner.observer)(&Event::Listing(Box::new(event)));
        }
    }
}

/// A task's own error, or that it died.
fn finished<T>(task: Result<Result<T, ScanError>, tokio::task::JoinError>) -> Result<T, ScanError> {
    task.map_err(|e| ScanError::Task(e.to_string()))?
}
