//! Where a scan's exchanges come from: the shop itself, or a file that somebody
//! else captured.

use std::sync::Arc;
use std::time::Duration;

use markhound_crawlers::fetch::{Exchange, FetchError, Fetcher};
use markhound_crawlers::{
    Definition, PrepareError, Prepared, ReadError, Reading, Signal, Target, TargetKind, prepare,
    read,
};

use super::ScanError;
use super::warc::WarcFiles;
use crate::app::App;
use crate::import::archive::Archive;
use crate::import::{export, read as imported};
use crate::store::sources::Source;
use crate::store::work::{CaptureDraft, Outcome};

/// What a page is said to be that holds no listing, such as a list of them.
pub const NO_LISTING: &str = "no listing on the page";

/// Where exchanges come from. Cheap to clone.
#[derive(Clone)]
pub(super) enum Origin {
    /// The web, politely.
    Live(Fetcher),
    /// A file; nothing is fetched.
    Archive(Arc<Archive>),
}

/// Why there is no exchange.
#[derive(Debug, thiserror::Error)]
pub(super) enum NotHad {
    /// It could not be fetched.
    #[error(transparent)]
    Fetch(#[from] FetchError),
    /// The file does not have it.
    #[error("not in the archive")]
    NotInArchive,
}

impl NotHad {
    /// Whether the source wants to be left alone; see [`FetchError::asks_for_pause`].
    pub(super) fn asks_for_pause(&self) -> bool {
        match self {
            Self::Fetch(error) => error.asks_for_pause(),
            Self::NotInArchive => false,
        }
    }
}

impl Origin {
    /// The exchange with a target.
    pub(super) async fn exchange(
        &self,
        app: &App,
        definition: &Definition,
        target: &Target,
    ) -> Result<Result<Exchange, NotHad>, ScanError> {
        match self {
            Self::Live(fetcher) => {
                let fetched = fetcher.fetch(definition, target).await;
                Ok(fetched.map_err(NotHad::Fetch))
            }
            Self::Archive(archive) => {
                let (archive, blobs, target) = (archive.clone(), app.blobs.clone(), target.clone());
                let found = tokio::task::spawn_blocking(move || archive.exchange(&target, &blobs))
                    .await
                    .map_err(|e| ScanError::Task(e.to_string()))??;
                Ok(found.ok_or(NotHad::NotInArchive))
            }
        }
    }

    /// A definition with what has to be known of a shop before it is read, such
    /// as the currency of its prices, with the exchanges that say so.
    ///
    /// # Errors
    /// [`PrepareError`].
    pub(super) async fn prepared(&self, definition: &Definition) -> Result<Prepared, PrepareError> {
        match self {
            Self::Live(fetcher) => prepare(fetcher, definition).await,
            Self::Archive(_) => Ok(Prepared {
                definition: definition.clone(),
                exchanges: Vec::new(),
                currency: None,
            }),
        }
    }

    /// How many exchanges may be under way at a time.
    pub(super) fn connections(&self, definition: &Definition) -> usize {
        match self {
            Self::Live(fetcher) => fetcher.connections(definition) as usize,
            Self::Archive(_) => 2,
        }
    }

    /// How many exchanges may begin within a span; none where each has to wait.
    pub(super) fn within(&self, definition: &Definition, span: Duration) -> usize {
        match self {
            Self::Live(fetcher) => {
                let begin = fetcher.per_second(definition) * span.as_secs_f64();
                // Truncated on purpose: half a request is none.
                begin.clamp(0.0, 1000.0) as usize
            }
            // Nobody is waited for.
            Self::Archive(_) => 16,
        }
    }

    /// The sitemaps that robots.txt names; none where it names none or cannot be read.
    pub(super) async fn named_sitemaps(&self, definition: &Definition) -> Vec<Target> {
        match self {
            Self::Live(fetcher) => fetcher.named_sitemaps(definition).await.unwrap_or_default(),
            Self::Archive(_) => Vec::new(),
        }
    }

    /// Where what is fetched is written.
    pub(super) async fn warc_files(
        &self,
        app: &App,
        source: &Source,
        scan_id: i64,
    ) -> Result<Option<WarcFiles>, ScanError> {
        match self {
            Self::Live(fetcher) => {
                let files = WarcFiles::of(app, source, scan_id, fetcher.user_agent()).await?;
                Ok(Some(files))
            }
            Self::Archive(_) => Ok(None),
        }
    }

    /// Reads an exchange.
    pub(super) fn read(
        &self,
        definition: &Definition,
        target: &Target,
        exchange: &Exchange,
    ) -> Result<Reading, ReadError> {
        match self {
            Self::Live(_) => read(definition, target, exchange),
            Self::Archive(archive) if target.url.scheme() == "file" => {
                let (base, definition) = (archive.base(), archive.definition());
                let export = export::read(&archive.file.name, &exchange.body, base, definition);
                Ok(Reading {
                    targets: Vec::new(),
                    listings: export.map(|export| export.listings).unwrap_or_default(),
                    signal: Signal::Ok,
                })
            }
            Self::Archive(archive) => imported::page(archive.definition(), target, exchange),
        }
    }

    /// How a page's target ended by what the page was. What a file has in place
    /// of an offer is left out, and no failure: nobody can ask for it again.
    pub(super) fn outcome(&self, reading: &Reading) -> Outcome {
        let is_archive = matches!(self, Self::Archive(_));
        match &reading.signal {
            Signal::Ok if is_archive && reading.listings.is_empty() => {
                Outcome::Skipped(NO_LISTING.to_owned())
            }
            Signal::Gone { why, .. } if is_archive => {
                Outcome::Skipped(format!("the offer was over: {why}"))
            }
            Signal::Ok | Signal::Gone { .. } => Outcome::Done,
            Signal::Blocked { why } if is_archive => Outcome::Skipped(format!("blocked: {why}")),
            Signal::Blocked { why } => Outcome::Failed(format!("blocked: {why}")),
            Signal::Unexpected { why } if is_archive => Outcome::Skipped(why.clone()),
            Signal::Unexpected { why } => Outcome::Failed(why.clone()),
            Signal::Other { why } => Outcome::Skipped(why.clone()),
        }
    }

    /// Whether a page's one listing is read with the page itself, rather than
    /// as a target of its own.
    pub(super) fn is_one_item(&self, target: &Target, reading: &Reading) -> bool {
        target.kind == TargetKind::Item
            && (matches!(self, Self::Live(_)) || reading.listings.len() < 2)
    }

    /// Notes in a capture which file it comes from.
    pub(super) fn sign(&self, target: &Target, capture: &mut CaptureDraft) {
        if let Self::Archive(archive) = self {
            let provenance = archive.provenance(target);
            capture.request =
                serde_json::json!({ "method": "GET", "archive": provenance }).to_string();
        }
    }

    /// What a finished scan keeps as its message.
    pub(super) fn message(&self) -> Option<String> {
        match self {
            Self::Live(_) => None,
            Self::Archive(archive) => Some(archive.file.message()),
        }
    }
}
