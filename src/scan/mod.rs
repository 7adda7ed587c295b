//! The nightly job, as data flows: a source's plan becomes a frontier of
//! targets; each target is fetched, captured, extracted, matched, scored and
//! queued, and all it led to is written in one transaction. Killed at any
//! moment, the next run goes on with the targets that are left.

pub mod audit;
mod condition;
mod error;
pub mod event;
mod exchange;
mod frontier;
mod import;
mod listed;
pub mod lock;
pub mod matcher;
pub mod origin;
mod parsed;
pub mod photos;
pub mod pictures;
pub(crate) mod place;
pub mod plan;
pub mod schedule;
pub mod service;
pub mod settings;
mod underway;
pub mod warc;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use markhound_crawlers::fetch::{Exchange, FetchError, Fetcher};
use markhound_crawlers::render::Renderer;
use markhound_crawlers::{Definition, Listing, PrepareError, Reading, Signal, Target, TargetKind};
use tokio::task::JoinSet;

use crate::app::App;
use crate::store::frontier::{Lease, LeaseRequest};
use crate::store::scans::Scan;
use crate::store::sources::Source;
use crate::store::work::{
    CaptureDraft, CaptureRef, ListingDraft, NewTarget, Outcome, Work, Written,
};
use crate::store::{imports, rechecks};
pub use error::{Ended, ScanError};
use event::{Event, ListingEvent, Observer};
use frontier::Frontier;
use lock::SourceLock;
use matcher::{Matcher, Past};
use origin::{NotHad, Origin};
use plan::Searches;
use underway::Underway;
use warc::WarcFiles;

/// Targets one scan works on at a time, those that wait to be written among
/// them; how many connections a host sees is the fetcher's business.
const WORKERS: usize = 4;
/// How long a target is leased, in seconds. A scan that goes on after a crash
/// holds the source's lock and takes all leases back at once.
const LEASE_SECONDS: i64 = 3600;

/// Runs scans. Cheap to clone.
#[derive(Clone)]
pub struct Scanner {
    app: App,
    origin: Origin,
    matcher: Arc<Matcher>,
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

/// How a definition's own sign begins in [`Signal::Gone`].
const OWN_SIGN: &str = "the definition's own sign";

/// What an item's page said, for the record.
fn signal(reading: &Reading) -> (&'static str, String) {
    match &reading.signal {
        Signal::Ok => match reading.listings.first() {
            Some(listing) => ("there", listing.item_id.clone()),
            None => ("unexpected", "it holds no listing".to_owned()),
        },
        // A shop's own sign, or its status. That a page's words sound as if the offer
        // were over is enough for a scan, and not for the record of a removal.
        Signal::Gone { why } if why.starts_with("status ") || why.starts_with(OWN_SIGN) => {
            ("gone", why.clone())
        }
        Signal::Gone { why } => ("unexpected", format!("by its words only: {why}")),
        Signal::Blocked { why } => ("blocked", why.clone()),
        Signal::Unexpected { why } => ("unexpected", why.clone()),
    }
}

impl Scanner {
    /// A scanner over an open data directory.
    #[must_use]
    pub fn new(app: App, fetcher: Fetcher, matcher: Arc<Matcher>, observer: Observer) -> Self {
        Self::over(app, Origin::Live(fetcher), matcher, observer)
    }

    fn over(app: App, origin: Origin, matcher: Arc<Matcher>, observer: Observer) -> Self {
        Self {
            app,
            origin,
            matcher,
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
        self.report(scan_id).await?;
        let app = &self.app;
        let warc = self.origin.warc_files(app, scan_id).await?;
        let only_seeds = self.app.store.scan(scan_id).await?.started_by == rechecks::STARTED_BY;
        let ended = match self.prepared(source, definition, warc.as_ref()).await? {
            Ok(definition) => {
                let job = Arc::new(Job {
                    scanner: self.clone(),
                    frontier: Frontier::of(app, &definition, scan_id).await?,
                    underway: Underway::default(),
                    warc,
                    definition,
                    renderer,
                    source: source.clone(),
                    scan_id,
                    only_seeds,
                    worker: format!("{}-{scan_id}", std::process::id()),
                    pause: std::sync::Mutex::new(None),
                });
                job.work_through().await?
            }
            Err(why) => Ended::Paused(why),
        };
        match &ended {
            Ended::Done => {
                let message = self.origin.message();
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

/// One scan under way.
struct Job {
    scanner: Scanner,
    definition: Definition,
    frontier: Frontier,
    renderer: Option<Renderer>,
    underway: Underway,
    /// None where the exchanges are in a file already.
    warc: Option<WarcFiles>,
    source: Source,
    scan_id: i64,
    /// Whether what targets lead to is left alone.
    only_seeds: bool,
    worker: String,
    pause: std::sync::Mutex<Option<String>>,
}

/// A target that was worked on, not written yet.
struct Done {
    work: Work,
    listing: Option<Listing>,
    target: String,
}

impl Job {
    /// Works on a few targets at a time until none is left. What has ended
    /// meanwhile is written together, and the next targets are leased with it.
    async fn work_through(self: &Arc<Self>) -> Result<Ended, ScanError> {
        let mut tasks: JoinSet<Result<Option<Done>, ScanError>> = JoinSet::new();
        let mut ended = Vec::new();
        loop {
            let ending = self.ending();
            let room = WORKERS.saturating_sub(tasks.len());
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
        let (written, leases) = store.finish_works_and_lease(&works, &wanted).await?;
        for ((work, (target, listing)), written) in works.iter().zip(told).zip(&written) {
            self.underway.written(work);
            self.tell(work, target, listing.as_ref(), written);
        }
        if !works.is_empty() {
            self.scanner.report(self.scan_id).await?;
        }
        Ok(leases)
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

    /// Does one target. `None` when the source asked for a pause: it stays to be done.
    async fn process(&self, lease: Lease) -> Result<Option<Done>, ScanError> {
        let found = self.follow(&lease).await?;
        Ok(found.map(|(work, listing)| Done {
            work,
            listing,
            target: lease.target,
        }))
    }

    /// The way of one target: fetch, capture, extract; and for a listing its
    /// pictures, match, score, queue. `None` when the source asked for a pause:
    /// the target stays to be done.
    async fn follow(&self, lease: &Lease) -> Result<Option<(Work, Option<Listing>)>, ScanError> {
        let mut work = Work {
            lease_id: lease.id,
            worker: self.worker.clone(),
            scan_id: self.scan_id,
            source_id: self.source.id,
            captures: Vec::new(),
            targets: Vec::new(),
            listing: None,
            signal: None,
            outcome: Outcome::Done,
        };
        let target: Target = match serde_json::from_str(&lease.target) {
            Ok(target) => target,
            Err(why) => {
                work.outcome = Outcome::Failed(format!("the frontier row is damaged: {why}"));
                return Ok(Some((work, None)));
            }
        };

        let (listing, capture) = match (&lease.listing, lease.capture_id) {
            // A list page gave it in full, and that page is captured.
            (Some(text), Some(capture)) => {
                (serde_json::from_str(text).ok(), CaptureRef::Stored(capture))
            }
            _ => {
                if let Some(why) = self.spent(&target) {
                    work.outcome = Outcome::Skipped(why);
                    return Ok(Some((work, None)));
                }
                let asked =
                    match photos::posted(&self.scanner.app, &self.definition, &target).await? {
                        Ok(asked) => asked,
                        Err(why) => {
                            work.outcome = Outcome::Skipped(why);
                            return Ok(Some((work, None)));
                        }
                    };
                let exchange = match self.exchange(&asked).await? {
                    Ok(exchange) => exchange,
                    Err(error) => return Ok(self.not_fetched(work, &error)),
                };
                work.captures.push(self.capture(&asked, &exchange).await?);
                let (app, warc) = (&self.scanner.app, self.warc.as_ref());
                work.captures
                    .extend(exchange::rendered(app, warc, &target, &exchange).await?);
                let listing = self.extract(&target, &exchange, &mut work).await?;
                if target.kind == TargetKind::Sitemap && work.outcome != Outcome::Done {
                    self.add_named_sitemaps(&mut work).await;
                }
                (listing, CaptureRef::New(0))
            }
        };
        if self.only_seeds {
            work.targets.clear();
        }
        let Some(listing) = listing else {
            return Ok(Some((work, None)));
        };

        match self.look_at(&listing, capture, &mut work).await? {
            Some(draft) => work.listing = Some(draft),
            None => return Ok(None),
        }
        Ok(Some((work, Some(listing))))
    }

    /// Why a target is not worth a request any more. What a file holds costs none.
    fn spent(&self, target: &Target) -> Option<String> {
        match self.scanner.origin {
            Origin::Live(_) => self.frontier.spent(target),
            Origin::Archive(_) => None,
        }
    }

    /// Where the definition's sitemap is not to be had, those that robots.txt names.
    async fn add_named_sitemaps(&self, work: &mut Work) {
        // Its robots.txt was asked for before, and is kept.
        let named = self.scanner.origin.named_sitemaps(&self.definition).await;
        let new = self.frontier.admit(&named);
        work.targets.extend(new.into_iter().map(plan::new_target));
    }

    /// The exchange with a target, from wherever this scan has it.
    async fn exchange(&self, target: &Target) -> Result<Result<Exchange, NotHad>, ScanError> {
        let Scanner { app, origin, .. } = &self.scanner;
        let had = match (origin, &self.renderer) {
            (Origin::Live(fetcher), Some(renderer)) => {
                let rendered = renderer.fetch(fetcher, &self.definition, target).await;
                rendered.map_err(NotHad::Fetch)
            }
            _ => origin.exchange(app, &self.definition, target).await?,
        };
        self.keep_robots().await?;
        Ok(had)
    }

    /// Keeps the exchanges with robots.txt files that were had on the way.
    async fn keep_robots(&self) -> Result<(), ScanError> {
        let (Origin::Live(fetcher), Some(warc)) = (&self.scanner.origin, &self.warc) else {
            return Ok(());
        };
        for exchange in fetcher.take_robots(&self.definition) {
            exchange::note(warc, &exchange).await?;
        }
        Ok(())
    }

    /// Keeps an exchange.
    async fn capture(
        &self,
        target: &Target,
        exchange: &Exchange,
    ) -> Result<CaptureDraft, ScanError> {
        let warc = self.warc.as_ref();
        let mut capture = exchange::capture(&self.scanner.app, warc, target, exchange).await?;
        self.scanner.origin.sign(target, &mut capture);
        Ok(capture)
    }

    /// Notes why the source wants to be left alone; no new target is taken then.
    fn ask_for_pause(&self, why: &NotHad) {
        if let Ok(mut pause) = self.pause.lock() {
            *pause = Some(why.to_string());
        }
    }

    fn not_fetched(&self, mut work: Work, error: &NotHad) -> Option<(Work, Option<Listing>)> {
        match error {
            error if error.asks_for_pause() => {
                self.ask_for_pause(error);
                return None;
            }
            NotHad::Fetch(
                FetchError::RobotsDisallowed { .. }
                | FetchError::HostRefused { .. }
                | FetchError::CrawlDelayTooLong { .. },
            ) => {
                work.outcome = Outcome::Skipped(error.to_string());
            }
            other => work.outcome = Outcome::Failed(other.to_string()),
        }
        Some((work, None))
    }

    /// Reads an exchange: new targets go into the work, a listing comes back.
    async fn extract(
        &self,
        target: &Target,
        exchange: &Exchange,
        work: &mut Work,
    ) -> Result<Option<Listing>, ScanError> {
        let origin = &self.scanner.origin;
        let reading = origin.read(&self.definition, target, exchange);
        self.frontier.learn(target, reading.as_ref().ok());
        let reading = match reading {
            Ok(reading) => reading,
            Err(error) => {
                if target.kind == TargetKind::Item {
                    work.signal = Some(("unexpected", error.to_string()));
                }
                work.outcome = Outcome::Failed(error.to_string());
                return Ok(None);
            }
        };
        if target.kind == TargetKind::Item {
            work.signal = Some(signal(&reading));
        }
        if let (Some(warc), Some(page)) = (&self.warc, work.captures.first_mut())
            && let Some(place) = &mut page.warc
        {
            let parsed = parsed::document(&self.definition, target, &reading);
            warc.write_parsed(place, exchange, parsed).await?;
        }
        work.outcome = origin.outcome(&reading);
        if let (Signal::Gone { why }, TargetKind::Sitemap) = (&reading.signal, target.kind) {
            // A shop without a sitemap may name another one in its robots.txt.
            work.outcome = Outcome::Failed(why.clone());
        }
        let is_one_item = origin.is_one_item(target, &reading);
        let new = self.frontier.admit(&reading.targets);
        work.targets.extend(new.into_iter().map(plan::new_target));
        let mut listings = reading.listings.into_iter();
        if is_one_item {
            return Ok(listings.next());
        }
        work.targets.extend(listings.map(|listing| NewTarget {
            key: format!("listing {}", listing.item_id),
            target: exchange::json(&Target::item(listing.url.clone())),
            listing: Some(exchange::json(&listing)),
        }));
        Ok(None)
    }

    /// A listing's pictures, its matches and their scores; `None` when the
    /// source asked for a pause meanwhile.
    async fn look_at(
        &self,
        listing: &Listing,
        capture: CaptureRef,
        work: &mut Work,
    ) -> Result<Option<ListingDraft>, ScanError> {
        let app = &self.scanner.app;
        let Some(pictures) = pictures::collect(self, listing, work).await? else {
            return Ok(None);
        };
        let past = Past {
            history: match &listing.seller {
                Some(seller) => {
                    let (store, item) = (&app.store, &listing.item_id);
                    store
                        .seller_history_beside(self.source.id, seller, item)
                        .await?
                }
                None => (0, 0),
            },
            relisting: {
                let hashed = pictures.iter().filter_map(pictures::Picture::hashed);
                let blobs: Vec<String> = hashed.map(|(blob, _)| blob.to_owned()).collect();
                let (store, item) = (&app.store, &listing.item_id);
                store
                    .was_confirmed_with(self.source.id, item, &blobs)
                    .await?
            },
        };
        let has_pictures = !pictures.is_empty();
        let matcher = self.scanner.matcher.clone();
        let (subject, source) = (listing.clone(), self.source.name.clone());
        let threshold = app.config.review.threshold;
        let matched = move || {
            let hashed = pictures
                .iter()
                .filter_map(pictures::Picture::hashed)
                .collect::<Vec<_>>();
            let cases = matcher.cases_and_audit(&source, &subject, &hashed, past, threshold);
            (pictures, cases)
        };
        // Text alone takes less time than handing it to another thread.
        let (pictures, cases) = if has_pictures {
            let matched = tokio::task::spawn_blocking(matched).await;
            matched.map_err(|e| ScanError::Task(e.to_string()))?
        } else {
            matched()
        };
        Ok(Some(ListingDraft {
            item_id: listing.item_id.clone(),
            url: listing.url.to_string(),
            title: listing.title.clone(),
            price_amount: listing.price.as_ref().map(|p| p.amount.to_string()),
            price_currency: listing.price.as_ref().and_then(|p| p.currency.clone()),
            seller: listing.seller.clone(),
            data: exchange::json(listing),
            capture,
            pictures: pictures.into_iter().map(|p| p.draft).collect(),
            cases: cases?,
        }))
    }
}

/// A task's own error, or that it died.
fn finished<T>(task: Result<Result<T, ScanError>, tokio::task::JoinError>) -> Result<T, ScanError> {
    task.map_err(|e| ScanError::Task(e.to_string()))?
}
