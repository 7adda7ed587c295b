//! Searching through everything that was ever captured, without fetching: for one
//! picture ([`find`]), for words ([`text`], in the index that [`listings`] keeps up
//! to date), or for products of the catalog ([`retro`]).
//!
//! Stored fingerprints are streamed from the database in batches, the newest
//! first, through an index of what is searched for; memory does not grow with
//! what was captured.

pub mod listings;
mod named;
pub mod retro;
pub mod text;

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use futures::{StreamExt as _, TryStreamExt as _, stream};
use markhound_index::image::{
    ALGORITHM, DecodeError, DecodeLimits, Fingerprint, GreyPicture, HashFormatError, PictureMatch,
    ReferenceIndex,
};
use serde::Serialize;

use crate::scan::matcher::MatcherError;
use crate::store::hunts::{Showing, StoredFingerprint};
use crate::store::{Store, StoreError};

/// Fingerprints read at a time: some 4 MB.
const BATCH: u32 = 128;
/// Batches searched at a time.
const WORKERS: usize = 2;
/// Pictures remembered at most while searching for one; the best are kept.
const MOST_HITS: usize = 10_000;

/// Why a hunt stopped.
#[derive(Debug, thiserror::Error)]
pub enum HuntError {
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The catalog cannot be matched against.
    #[error(transparent)]
    Matcher(#[from] MatcherError),
    /// A worker died.
    #[error("a part of the hunt stopped unexpectedly: {0}; run it again")]
    Task(#[from] tokio::task::JoinError),
}

/// Why a picture cannot be searched for.
#[derive(Debug, thiserror::Error)]
pub enum QueryError {
    /// It is no picture that can be read.
    #[error(transparent)]
    Decode(#[from] DecodeError),
    /// There is nothing in it.
    #[error(
        "the picture is a plain area with nothing to recognise; use one that shows the product"
    )]
    Plain,
}

/// What was looked at, and what could not be.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Coverage {
    /// Captured pictures that listings show.
    pub pictures: u64,
    /// Of those, searched.
    pub searched: u64,
    /// Left out: their fingerprints are of another algorithm, by its name;
    /// `markhound reindex` takes them anew.
    pub other_algorithms: BTreeMap<String, u64>,
    /// Left out: their fingerprints are damaged; `markhound reindex --all`
    /// takes them anew.
    pub damaged: u64,
}

impl Coverage {
    /// Pictures that could not be searched for what they hold.
    #[must_use]
    pub fn left_out(&self) -> u64 {
        self.damaged + self.other_algorithms.values().sum::<u64>()
    }

    /// Pictures that there was no time for.
    #[must_use]
    pub fn not_reached(&self) -> u64 {
        self.pictures
            .saturating_sub(self.searched + self.left_out())
    }

    fn add(&mut self, other: &Self) {
        self.searched += other.searched;
        self.damaged += other.damaged;
        for (name, count) in &other.other_algorithms {
            *self.other_algorithms.entry(name.clone()).or_default() += count;
        }
    }
}

/// What a search is limited to.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Matches below this score are left out, 0 to 1.
    pub min_score: f64,
    /// Listings given at most.
    pub listings: usize,
    /// How long pictures are searched; those not reached by then are counted.
    pub patience: Option<Duration>,
}

/// A listing that shows the picture.
#[derive(Debug, Clone, Serialize)]
pub struct Found {
    /// The listing, and its picture that matched best.
    #[serde(flatten)]
    pub showing: Showing,
    /// How sure the match is, 0 to 1.
    pub score: f64,
    /// What was done to the picture, as in [`PictureMatch::transform`].
    pub transform: String,
    /// Where it lies in the listing's picture: a polygon in pixels.
    pub region: Vec<[f64; 2]>,
    /// Which part of it is seen: a polygon in shares of its width and height.
    pub reference_region: Vec<[f64; 2]>,
    /// Name and version of the algorithm that found it.
    pub method: String,
}

/// The listings that show a picture.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Finds {
    /// One a listing, best first.
    pub listings: Vec<Found>,
    /// Whether more listings show it than were wanted.
    pub more: bool,
    /// What was looked at.
    pub coverage: Coverage,
}

/// A captured picture in which something was found.
#[derive(Debug, Clone)]
pub struct Hit {
    /// The picture.
    pub picture: i64,
    /// What was found in it, best first; never empty.
    pub matches: Vec<PictureMatch>,
}

impl Hit {
    fn score(&self) -> f64 {
        self.matches.first().map_or(0.0, |found| found.score)
    }
}

/// The fingerprint of a picture that is to be searched for.
///
/// # Errors
/// [`QueryError`].
pub fn fingerprint(bytes: &[u8]) -> Result<Fingerprint, QueryError> {
    let picture = GreyPicture::decode(bytes, &DecodeLimits::default())?;
    let fingerprint = Fingerprint::compute(&picture);
    if fingerprint.is_degenerate() {
        return Err(QueryError::Plain);
    }
    Ok(fingerprint)
}

/// Finds the listings that show a picture, or a part of it, best first.
/// `progress` is told how many pictures were looked at, of how many.
///
/// # Errors
/// [`HuntError`].
pub async fn find(
    store: &Store,
    query: &Fingerprint,
    limits: Limits,
    progress: &(dyn Fn(u64, u64) + Send + Sync),
) -> Result<Finds, HuntError> {
    let mut index = ReferenceIndex::new();
    index.insert(0, 0, query);
    let mut hits: Vec<Hit> = Vec::new();
    let coverage = sweep(store, Arc::new(index), limits.patience, progress, |hit| {
        if hit.score() < limits.min_score {
            return;
        }
        hits.push(hit);
        if hits.len() > 2 * MOST_HITS {
            best_first(&mut hits);
            hits.truncate(MOST_HITS);
        }
    })
    .await?;
    best_first(&mut hits);

    let mut listings: Vec<Found> = Vec::new();
    let mut seen = HashSet::new();
    let mut more = false;
    for hit in hits {
        if more {
            break;
        }
        // One more than is left tells that there are more.
        let most = u32::try_from(limits.listings + seen.len() + 1).unwrap_or(u32::MAX);
        let Some(found) = hit.matches.into_iter().next() else {
            continue;
        };
        // The best picture of a listing comes first, and stands for it.
        for showing in store.showings(hit.picture, most).await? {
            if !seen.insert(showing.listing_id) {
                continue;
            }
            more = listings.len() >= limits.listings;
            if !more {
                listings.push(Found {
                    showing,
                    score: found.score,
                    transform: found.transform.clone(),
                    region: found.region.clone(),
                    reference_region: found.reference_region.clone(),
                    method: found.method.clone(),
                });
            }
        }
    }
    Ok(Finds {
        listings,
        more,
        coverage,
    })
}

fn best_first(hits: &mut [Hit]) {
    hits.sort_by(|a, b| {
        b.score()
            .total_cmp(&a.score())
            .then(b.picture.cmp(&a.picture))
    });
}

/// Searches every picture that a listing shows for what the index holds.
async fn sweep(
    store: &Store,
    index: Arc<ReferenceIndex>,
    patience: Option<Duration>,
    progress: &(dyn Fn(u64, u64) + Send + Sync),
    mut on_hit: impl FnMut(Hit),
) -> Result<Coverage, HuntError> {
    let mut coverage = Coverage {
        pictures: u64::try_from(store.shown_pictures().await?).unwrap_or(0),
        ..Coverage::default()
    };
    let from = (store.clone(), i64::MAX);
    let batches = stream::try_unfold(from, |(store, before)| async move {
        let rows = store.shown_fingerprints(before, BATCH).await?;
        let last = rows.last().map(|row| row.id);
        Ok::<_, HuntError>(last.map(|last| (rows, (store, last))))
    });
    let mut searched = batches
        .map_ok(move |rows| {
            let index = index.clone();
            async move { Ok(tokio::task::spawn_blocking(move || search(&index, rows)).await?) }
        })
        .try_buffered(WORKERS)
        .boxed();
    let overdue = async {
        match patience {
            Some(patience) => tokio::time::sleep(patience).await,
            None => std::future::pending().await,
        }
    };
    tokio::pin!(overdue);
    loop {
        let next = tokio::select! {
            next = searched.try_next() => next?,
            () = &mut overdue => return Ok(coverage),
        };
        let Some((looked, hits)) = next else {
            // Pictures may have come or gone while it went on.
            coverage.pictures = coverage.searched + coverage.left_out();
            return Ok(coverage);
        };
        coverage.add(&looked);
        hits.into_iter().for_each(&mut on_hit);
        progress(coverage.searched + coverage.left_out(), coverage.pictures);
    }
}

fn search(index: &ReferenceIndex, rows: Vec<StoredFingerprint>) -> (Coverage, Vec<Hit>) {
    let mut coverage = Coverage::default();
    let mut hits = Vec::new();
    for row in rows {
        let Some(fingerprint) = read(&row, &mut coverage) else {
            continue;
        };
        coverage.searched += 1;
        let matches = index.search(&fingerprint);
        if !matches.is_empty() {
            hits.push(Hit {
                picture: row.id,
                matches,
            });
        }
    }
    (coverage, hits)
}

/// A stored fingerprint; one that cannot be used is counted.
fn read(row: &StoredFingerprint, coverage: &mut Coverage) -> Option<Fingerprint> {
    let mut other = |name: String| *coverage.other_algorithms.entry(name).or_default() += 1;
    if row.algorithm != ALGORITHM {
        other(row.algorithm.clone());
        return None;
    }
    match Fingerprint::from_bytes(&row.hashes) {
        Ok(fingerprint) => Some(fingerprint),
        Err(HashFormatError::OtherAlgorithm { found, .. }) => {
            other(found);
            None
        }
        Err(_) => {
            coverage.damaged += 1;
            None
        }
    }
}
