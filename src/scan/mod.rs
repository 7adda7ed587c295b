//! The nightly job, as data flows: a source's plan becomes a frontier of
//! targets; each target is fetched, captured, extracted, matched, scored and
//! queued, and all it led to is written in one transaction. Killed at any
//! moment, the next run goes on with the targets that are left.

mod allowed;
pub mod audit;
mod condition;
mod decided;
mod error;
pub mod event;
mod exchange;
mod finding;
mod follow;
mod frontier;
mod import;
mod job;
mod listed;
pub mod live;
pub mod lock;
pub mod matcher;
pub mod origin;
mod parsed;
pub mod photos;
pub mod pictures;
pub(crate) mod place;
pub mod plan;
pub mod rarity;
pub mod schedule;
mod seller_age;
pub mod service;
pub mod settings;
mod signal;
mod underway;
pub mod warc;

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use markhound_crawlers::fetch::{FetchError, Fetcher};
use markhound_crawlers::render::Renderer;
use markhound_crawlers::{Definition, PrepareError, Target};

use crate::app::App;
use crate::store::scans::Scan;
use crate::store::sources::Source;
use crate::store::{imports, rechecks};
use decided::Decided;
pub use error::{Ended, ScanError};
use event::{Event, Observer};
use exchange::Parts;
use frontier::Frontier;
use job::Job;
use live::LiveMatcher;
use lock::SourceLock;
use matcher::Matcher;
use origin::Origin;
use plan::Searches;
use underway::Underway;
use warc::WarcFiles;

/// Runs scans. Cheap to clone.
#[derive(Clone)]
pub struct Scanner {
    app: App,
    origin: Origin,
    matcher: LiveMatcher,
    observer: Observer,
    stop: Arc<AtomicBool>,
}

/// Listings that are about to be looked at again; the source is held meanwhile.
#[derive(Debug)]
pub struct Again {
    /// The scan's number.
    pub scan_id: i64,
    lock: SourceLock,
}

impl Scanner {
    /// A scanner over an open data directory.
    #[must_use]
    pub fn new(app: App, fetcher: Fetcher, matcher: Arc<Matcher>, observer: Observer) -> Self {
        Self::over(app, Origin::Live(fetcher), matcher, observer)
    }

    fn over(app: App, origin: Origin, matcher: Arc<Matcher>, observer: Observer) -> Self {
        Self {
            matcher: LiveMatcher::new(app.clone(), matcher),
            app,
            origin,
            observer,
            stop: Arc::new(AtomicBool::new(false)),
        }
    }

    /// Lets targets under way end and takes no new ones.
    pub fn stop(&self) {
        self.stop.store(true, Ordering::Relaxed);
    }

    /// Starts a scan of a source and runs it to its end. A scan of the source
    /// that was cut off earlier is closed first.
    ///
    /// # Errors
    /// [`ScanError`]; what was written stays.
    pub async fn scan(
        &self,
        source: &Source,
        started_by: &str,
        searches: &Searches,
    ) -> Result<(Scan, Ended), ScanError> {
        let lock = SourceLock::take(&self.app.data_dir, source)?;
        for old in self.app.store.unfinished_scans().await? {
            if old.source_id == source.id && old.started_by != imports::STARTED_BY {
                let message = "cut off, and a new scan was started instead of resuming it";
                self.app
                    .store
                    .finish_scan(old.id, "failed", Some(message))
                    .await?;
            }
        }
        let definition = plan::definition(source)?;
        let renderer = self.renderer(&definition)?;
        let seeds = plan::seeds(&definition, searches);
        let id = self
            .app
            .store
            .start_scan(source.id, started_by, &seeds)
            .await?;
        self.run(source, definition, renderer, id, lock).await
    }

    /// Plans to look at listings again that are known: the targets given and
    /// nothing they lead to. Nothing is fetched before [`Self::look_again`].
    ///
    /// # Errors
    /// [`ScanError`]; what was written stays.
    pub async fn plan_again(
        &self,
        source: &Source,
        targets: &[Target],
    ) -> Result<Again, ScanError> {
        let lock = SourceLock::take(&self.app.data_dir, source)?;
        let seeds: Vec<(String, String)> = targets
            .iter()
            .map(plan::new_target)
            .map(|target| (target.key, target.target))
            .collect();
        let store = &self.app.store;
        let scan_id = store
            .start_scan(source.id, rechecks::STARTED_BY, &seeds)
            .await?;
        Ok(Again { scan_id, lock })
    }

    /// Looks at what was planned.
    ///
    /// # Errors
    /// [`ScanError`]; what was written stays.
    pub async fn look_again(
        &self,
        source: &Source,
        again: Again,
    ) -> Result<(Scan, Ended), ScanError> {
        let definition = plan::definition(source)?;
        let renderer = self.renderer(&definition)?;
        self.run(source, definition, renderer, again.scan_id, again.lock)
            .await
    }

    /// Goes on with a scan that was cut off.
    ///
    /// # Errors
    /// [`ScanError`]; what was written stays.
    pub async fn resume(&self, scan: &Scan) -> Result<(Scan, Ended), ScanError> {
        self.goes_on_with(scan)?;
        let source = self.app.store.source_by_id(scan.source_id).await?;
        let lock = SourceLock::take(&self.app.data_dir, &source)?;
        // The lock proves that nobody works on these targets any more.
        self.app.store.release_leases(scan.id).await?;
        let definition = plan::definition(&source)?;
        let renderer = self.renderer(&definition)?;
        self.run(&source, definition, renderer, scan.id, lock).await
    }

    /// A browser for a source that needs one; it starts with the first page.
    fn renderer(&self, definition: &Definition) -> Result<Option<Renderer>, FetchError> {
        let needed = definition.needs_rendering();
        needed
            .then(|| Renderer::new(&self.app.config.render))
            .transpose()
    }

    async fn run(
        &self,
        source: &Source,
        definition: Definition,
        renderer: Option<Renderer>,
        scan_id: i64,
        _lock: SourceLock,
    ) -> Result<(Scan, Ended), ScanError> {
        let counted = self.report(scan_id).await?;
        let app = &self.app;
        let warc = self.origin.warc_files(app, source, scan_id).await?;
        let only_seeds = counted.started_by == rechecks::STARTED_BY;
        let ended = match self.prepared(source, definition, warc.as_ref()).await? {
            Ok(definition) => {
                let job = Arc::new(Job {
                    scanner: self.clone(),
                    frontier: Frontier::of(app, &definition, scan_id).await?,
                    underway: Underway::default(),
                    warc,
                    definition,
                    renderer,
                    parts: Parts::default(),
                    source: source.clone(),
                    scan_id,
                    only_seeds,
                    worker: format!("{}-{scan_id}", std::process::id()),
                    decided: Decided::default(),
                    pause: Mutex::default(),
                    counted: Mutex::new(counted),
                });
                // As a task of its own: whoever waits for it may be no worker of the
                // runtime, and would be woken from sleep for each statement.
                let work = tokio::spawn(async move { job.work_through().await });
                work.await.map_err(|e| ScanError::Task(e.to_string()))??
            }
            Err(why) => Ended::Paused(why),
        };
        match &ended {
            Ended::Done => {
                let message = match self.origin.message() {
                    Some(message) => Some(message),
                    None => self.one_for_many(scan_id).await?,
                };
                self.app
                    .store
                    .finish_scan(scan_id, "done", message.as_deref())
                    .await?;
            }
            Ended::Paused(why) => self.app.store.pause_scan(scan_id, why).await?,
            Ended::Stopped => {}
        }
        let scan = self.report(scan_id).await?;
        Ok((scan, ended))
    }

    /// What to say of a scan in which most pages have the identifier of another: that of a
    /// listing found at many addresses, or a number that all products share, each of which
    /// takes the place of the one before.
    async fn one_for_many(&self, scan_id: i64) -> Result<Option<String>, ScanError> {
        const FEW: i64 = 10;
        let scan = self.app.store.scan(scan_id).await?;
        let (items, apart) = self.app.store.items_and_listings(&scan).await?;
        // Of a list that holds whole listings many may show the same.
        let pages = scan.listings.min(items);
        Ok((pages >= FEW && apart * 2 <= pages).then(|| {
            format!(
                "{pages} pages have {apart} identifier(s) only; where they are of different \
                 products, take the place that gives it out of `fields.id` in the definition, \
                 and their addresses tell them apart"
            )
        }))
    }

    /// The definition with what has to be known of a shop before it is read, or
    /// why that is for later.
    async fn prepared(
        &self,
        source: &Source,
        definition: Definition,
        warc: Option<&WarcFiles>,
    ) -> Result<Result<Definition, String>, ScanError> {
        match self.origin.prepared(&definition).await {
            Ok(prepared) => {
                if let Some(warc) = warc {
                    for exchange in &prepared.exchanges {
                        exchange::note(warc, exchange).await?;
                    }
                }
                Ok(Ok(prepared.definition))
            }
            Err(PrepareError::Fetch { error, .. }) => Ok(Err(error.to_string())),
            Err(error @ PrepareError::NoCurrency { .. }) => {
                (self.observer)(&Event::Failed {
                    source: source.name.clone(),
                    target: definition.base().to_string(),
                    why: format!("{error}; prices are kept without one"),
                });
                Ok(Ok(definition))
            }
        }
    }

    async fn report(&self, scan_id: i64) -> Result<Scan, ScanError> {
        let scan = self.app.store.scan(scan_id).await?;
        (self.observer)(&Event::Progress(scan.clone()));
        Ok(scan)
    }
}
