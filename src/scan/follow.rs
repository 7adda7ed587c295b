//! The way of one target, in the order of its steps.

use markhound_crawlers::fetch::{Exchange, FetchError};
use markhound_crawlers::{Listing, Reading, Signal, Target, TargetKind};

use super::job::{Done, Job};
use super::matcher::Past;
use super::origin::{NotHad, Origin};
use super::parsed::Parsed;
use super::signal::signal;
use super::{ScanError, Scanner, exchange, photos, pictures, plan};
use crate::store::frontier::Lease;
use crate::store::results::{FIRST, SearchResult, SearchResults};
use crate::store::work::{CaptureDraft, CaptureRef, ListingDraft, NewTarget, Outcome, Work};

/// Whether it is where a shop's offers are looked for first. One that is not there is a
/// failure, where a page behind the last one of a list is its end: a shop without a sitemap
/// may name another one in its robots.txt, and a definition may name lists that are gone.
fn leads_to_all(target: &Target) -> bool {
    match target.kind {
        TargetKind::Sitemap => true,
        TargetKind::List => target.after.is_none() && target.query.is_none() && target.depth == 0,
        TargetKind::Item | TargetKind::Image => false,
    }
}

/// What a page of a search gave, as far as it is among the first results.
fn results(target: &Target, reading: &Reading) -> Option<SearchResults> {
    let query = target.query.clone()?;
    let place = target.after.as_ref().map_or(0, |trail| trail.entries);
    let room = FIRST.checked_sub(usize::try_from(place).ok()?)?;
    if target.kind != TargetKind::List || reading.signal != Signal::Ok || room == 0 {
        return None;
    }
    let listed = reading
        .listings
        .iter()
        .map(|listing| SearchResult::Item(listing.item_id.clone()));
    let linked = reading
        .targets
        .iter()
        .filter(|target| target.kind == TargetKind::Item)
        .map(|target| SearchResult::Url(target.url.to_string()));
    Some(SearchResults {
        query,
        place,
        entries: listed.chain(linked).take(room).collect(),
    })
}

impl Job {
    /// Does one target. `None` when the source asked for a pause: it stays to be done.
    pub(super) async fn process(&self, lease: Lease) -> Result<Option<Done>, ScanError> {
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
            results: None,
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
                    .extend(exchange::rendered(app, warc, &self.parts, &target, &exchange).await?);
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
    pub(super) async fn exchange(
        &self,
        target: &Target,
    ) -> Result<Result<Exchange, NotHad>, ScanError> {
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
    pub(super) async fn capture(
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
    pub(super) fn ask_for_pause(&self, why: &NotHad) {
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
            let parsed = Parsed::of(&self.definition, target, &reading);
            warc.write_parsed(place, exchange, &parsed)?;
        }
        work.outcome = origin.outcome(&reading);
        if let (Signal::Gone { why, .. }, true) = (&reading.signal, leads_to_all(target)) {
            work.outcome = Outcome::Failed(why.clone());
        }
        work.results = results(target, &reading);
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
        let past = self.past(listing, &pictures).await?;
        let has_pictures = !pictures.is_empty();
        let matcher = self.scanner.matcher.current();
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
            cases,
        }))
    }

    /// What was decided before of the seller and of the pictures.
    async fn past(
        &self,
        listing: &Listing,
        pictures: &[pictures::Picture],
    ) -> Result<Past, ScanError> {
        if !self.decided.anything(&self.scanner.app).await? {
            return Ok(Past::default());
        }
        let (store, item) = (&self.scanner.app.store, &listing.item_id);
        let history = match &listing.seller {
            Some(seller) => {
                let source = self.source.id;
                store.seller_history_beside(source, seller, item).await?
            }
            None => (0, 0),
        };
        let hashed = pictures.iter().filter_map(pictures::Picture::hashed);
        let blobs: Vec<String> = hashed.map(|(blob, _)| blob.to_owned()).collect();
        let relisting = store
            .was_confirmed_with(self.source.id, item, &blobs)
            .await?;
        Ok(Past { history, relisting })
    }
}
