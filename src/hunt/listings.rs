//! The listing index of a data directory, brought up to date with the database.
//!
//! It tails: the index knows the number of the last change it holds, and the
//! database the changes since. Whoever is to search takes in what is missing first,
//! if nobody else is at it; so a scan writes nothing here and cannot be stopped by
//! anything here. One process writes at a time, by a file lock; the others wait for
//! it, for as long as they have patience, and search what there is.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use markhound_index::listings::{
    ListingIndex, ListingIndexError, ListingText, ListingWriter, Mark,
};
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use serde::Deserialize;
use tokio::sync::{Mutex, oneshot};
use tokio::task::JoinHandle;

use crate::store::listings::{ListingChange, ListingClock};
use crate::store::{Store, StoreError};

/// Listings read and put at a time.
const BATCH: u32 = 2_000;
/// Listings between two commits: what a kill can cost, and what others wait for.
const COMMIT: usize = 10_000;
/// How often a process looks whether another has done the work.
const LOOK: Duration = Duration::from_millis(100);

/// Why listings cannot be searched.
#[derive(Debug, thiserror::Error)]
pub enum ListingsError {
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The index failed, also when it was made anew.
    #[error("{0}; `markhound reindex listings` makes the index anew")]
    Index(#[from] ListingIndexError),
    /// A worker died.
    #[error("a part of the work on the listing index stopped unexpectedly: {0}; try again")]
    Task(#[from] tokio::task::JoinError),
    /// The task that was waited for ended without a word.
    #[error("the listing index could not be brought up to date; try again")]
    Silent,
}

/// Who is told how many listings were taken in, of how many.
pub type Progress = Arc<dyn Fn(u64, u64) + Send + Sync>;

/// An index that can be searched.
#[derive(Debug)]
pub struct Ready {
    /// The index.
    pub index: Arc<ListingIndex>,
    /// Listings that changed and are not in it yet.
    pub behind: i64,
    /// What goes on: taking those in, or putting small parts together.
    work: Option<JoinHandle<()>>,
}

impl Ready {
    /// Waits until nothing goes on any more: a process that ends before leaves the
    /// index sound, but in more parts than it needs.
    pub async fn settled(self) {
        if let Some(work) = self.work {
            // What failed there was said there.
            let _ = work.await;
        }
    }
}

/// The listing index of a data directory. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Listings {
    store: Store,
    folder: PathBuf,
    open: Arc<Mutex<Option<Arc<ListingIndex>>>>,
    /// Held by the one task of this process that writes.
    turn: Arc<Mutex<()>>,
}

impl Listings {
    /// The index in a data directory; nothing is opened yet.
    #[must_use]
    pub fn of(store: &Store, data_dir: &Path) -> Self {
        Self {
            store: store.clone(),
            folder: data_dir.join("listings-index"),
            open: Arc::default(),
            turn: Arc::default(),
        }
    }

    /// The index with every listing that is in the database now; or, once patience
    /// is at an end, with those taken in by then, while the work goes on.
    ///
    /// # Errors
    /// [`ListingsError`].
    pub async fn ready(
        &self,
        patience: Option<Duration>,
        progress: Option<Progress>,
    ) -> Result<Ready, ListingsError> {
        let wanted = self.store.listing_clock().await?;
        let index = self.opened(wanted).await?;
        if is_reached(&index, wanted)? {
            index.reload()?;
            return Ok(Ready {
                index,
                behind: 0,
                work: None,
            });
        }
        let (tell, told) = oneshot::channel();
        let task = Task {
            listings: self.clone(),
            wanted,
            progress,
        };
        let work = tokio::spawn(task.run(tell));
        let outcome = match patience {
            Some(patience) => tokio::time::timeout(patience, told).await.ok(),
            None => Some(told.await),
        };
        if let Some(outcome) = outcome {
            outcome.map_err(|_| ListingsError::Silent)??;
        }
        // It may have been made anew meanwhile.
        let index = self.opened(wanted).await?;
        let mark = index.mark()?.unwrap_or_default();
        index.reload()?;
        let behind = self.store.listings_changed(mark.change).await?;
        Ok(Ready {
            index,
            behind,
            work: Some(work),
        })
    }

    /// Deletes the index, so that the next who searches makes it anew.
    ///
    /// # Errors
    /// When another process writes it, or the folder cannot be written.
    pub async fn forget(&self) -> Result<(), ListingsError> {
        let mut open = self.open.lock().await;
        let folder = self.folder.clone();
        let anew = tokio::task::spawn_blocking(move || ListingIndex::make_anew(&folder));
        *open = Some(Arc::new(anew.await??));
        Ok(())
    }

    /// The open index; one that cannot be used, or is of another database, is made
    /// anew.
    async fn opened(&self, clock: ListingClock) -> Result<Arc<ListingIndex>, ListingsError> {
        let mut open = self.open.lock().await;
        if let Some(index) = open.as_ref()
            && let Ok(mark) = index.mark()
            && mark.is_none_or(|mark| belongs(mark, clock))
        {
            return Ok(index.clone());
        }
        let folder = self.folder.clone();
        let opening = tokio::task::spawn_blocking(move || open_or_anew(&folder, clock));
        Ok(open.insert(Arc::new(opening.await??)).clone())
    }
}

/// Whether the index is of this database and not ahead of it, as after going back
/// to a backup.
fn belongs(mark: Mark, clock: ListingClock) -> bool {
    mark.era == clock.era && mark.change <= clock.change
}

fn is_reached(index: &ListingIndex, wanted: ListingClock) -> Result<bool, ListingIndexError> {
    let reached = |mark: Mark| mark.era == wanted.era && mark.change >= wanted.change;
    Ok(wanted.change == 0 || index.mark()?.is_some_and(reached))
}

fn open_or_anew(folder: &Path, clock: ListingClock) -> Result<ListingIndex, ListingIndexError> {
    let anew = |why: &str| {
        tracing::warn!("{why}; the listing index is made anew");
        patiently(|| ListingIndex::make_anew(folder))
    };
    match patiently(|| ListingIndex::open(folder)) {
        Ok(index) => match index.mark()? {
            Some(mark) if !belongs(mark, clock) => {
                anew("the listing index is of another database, or of a later state of it")
            }
            _ => Ok(index),
        },
        Err(ListingIndexError::Unusable { why, .. }) => {
            anew(&format!("the listing index cannot be used: {why}"))
        }
        Err(other) => Err(other),
    }
}

/// Making an index takes a moment, in which another process holds the lock.
fn patiently<T>(run: impl Fn() -> Result<T, ListingIndexError>) -> Result<T, ListingIndexError> {
    for _ in 0..20 {
        match run() {
            Err(ListingIndexError::Locked) => std::thread::sleep(LOOK),
            other => return other,
        }
    }
    run()
}

/// Bringing the index up to date, for one who waits or no longer does.
struct Task {
    listings: Listings,
    wanted: ListingClock,
    progress: Option<Progress>,
}

impl Task {
    async fn run(self, tell: oneshot::Sender<Result<(), ListingsError>>) {
        let _turn = self.listings.turn.clone().lock_owned().await;
        match self.take_in().await {
            Ok(writer) => {
                let _ = tell.send(Ok(()));
                if let Some(writer) = writer {
                    let tidied = tokio::task::spawn_blocking(move || writer.finish()).await;
                    if let Ok(Err(error)) = tidied {
                        tracing::warn!("{error}");
                    }
                }
            }
            Err(error) => {
                if let Err(Err(error)) = tell.send(Err(error)) {
                    tracing::warn!("{error}");
                }
            }
        }
    }

    async fn take_in(&self) -> Result<Option<ListingWriter>, ListingsError> {
        match self.tail().await {
            // Damage deep within shows only when it is read.
            Err(ListingsError::Index(error @ ListingIndexError::Engine { .. })) => {
                tracing::warn!("{error}; the listing index is made anew");
                self.listings.forget().await?;
                self.tail().await
            }
            outcome => outcome,
        }
    }

    /// Takes in the changes since the index's mark; nothing is given back when
    /// another process did it.
    async fn tail(&self) -> Result<Option<ListingWriter>, ListingsError> {
        let index = self.listings.opened(self.wanted).await?;
        let mut writer = loop {
            if is_reached(&index, self.wanted)? {
                return Ok(None);
            }
            let opened = index.clone();
            match tokio::task::spawn_blocking(move || opened.writer()).await? {
                Ok(writer) => break writer,
                Err(ListingIndexError::Locked) => tokio::time::sleep(LOOK).await,
                Err(other) => return Err(other.into()),
            }
        };
        let store = &self.listings.store;
        let era = self.wanted.era;
        let mut change = index.mark()?.map_or(0, |mark| mark.change);
        let of = u64::try_from(store.listings_changed(change).await?).unwrap_or(0);
        let (mut done, mut waiting) = (0, 0);
        if of > u64::from(BATCH) {
            tracing::info!("indexing the text of {of} listings");
        }
        let mut rows = store.listing_changes(change, BATCH).await?;
        while let Some(last) = rows.last() {
            change = last.change;
            waiting += rows.len();
            done += rows.len() as u64;
            let is_commit_due = waiting >= COMMIT;
            let put = tokio::task::spawn_blocking(move || {
                put(&mut writer, &rows)?;
                if is_commit_due {
                    writer.commit(Mark { era, change })?;
                }
                Ok::<_, ListingIndexError>(writer)
            });
            // The next are read while these are cut into words.
            let (put, next) = tokio::join!(put, store.listing_changes(change, BATCH));
            writer = put??;
            rows = next?;
            if is_commit_due {
                waiting = 0;
            }
            if let Some(progress) = &self.progress {
                progress(done, of.max(done));
            }
        }
        let committed = tokio::task::spawn_blocking(move || {
            writer.commit(Mark { era, change })?;
            Ok::<_, ListingIndexError>(writer)
        });
        Ok(Some(committed.await??))
    }
}

/// What is read of a listing's document.
#[derive(Deserialize)]
struct Described {
    #[serde(default)]
    description: Option<String>,
}

/// The description in a listing's document; none where it cannot be read.
pub(crate) fn description(data: &str) -> Option<String> {
    serde_json::from_str::<Described>(data).ok()?.description
}

fn put(writer: &mut ListingWriter, rows: &[ListingChange]) -> Result<(), ListingIndexError> {
    let mut descriptions = Vec::with_capacity(rows.len());
    for row in rows {
        if row.title.is_none() {
            writer.delete(identifier(row.listing_id));
        }
        descriptions.push(row.data.as_deref().and_then(description));
    }
    let listings: Vec<ListingText<'_>> = rows
        .iter()
        .zip(&descriptions)
        .filter_map(|(row, description)| {
            Some(ListingText {
                id: identifier(row.listing_id),
                title: row.title.as_deref()?,
                description: description.as_deref(),
                seller: row.seller.as_deref(),
                source: row.source.as_deref().unwrap_or_default(),
                price: row.price_amount.as_deref().and_then(ten_thousandths),
                currency: row.price_currency.as_deref(),
                first_seen: row.first_seen_at?.0,
                last_seen: row.last_seen_at?.0,
            })
        })
        .collect();
    writer.put(&listings)
}

fn identifier(id: i64) -> u64 {
    u64::try_from(id).unwrap_or(0)
}

/// A price as the index compares it; one too large for that has none there.
fn ten_thousandths(amount: &str) -> Option<i64> {
    let amount: Decimal = amount.parse().ok()?;
    amount.checked_mul(Decimal::from(10_000))?.round().to_i64()
}
