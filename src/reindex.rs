//! What is derived, made anew. Evidence and captures stay as they are.
//!
//! Fingerprints are taken from the kept bytes, when the algorithm that takes them
//! has changed; the listing index is made from the database ([`listings`]).
//!
//! Taking fingerprints works through the rows that still have an old fingerprint, a few at a
//! time, each few in one transaction; killed at any moment, the next run goes
//! on with those that are left.

use futures::{StreamExt as _, stream};
use markhound_index::image::{ALGORITHM, DecodeLimits, Fingerprint, GreyPicture};
use serde::Serialize;
use serde_json::json;

use crate::app::App;
use crate::blobs::Blobs;
use crate::hunt::listings::{Listings, ListingsError, Progress};
use crate::store::StoreError;
use crate::store::fingerprints::{Kept, Mark, Renewed, ToRenew};

/// Pictures written in one transaction: what a kill can cost.
const BATCH: u32 = 16;
/// Pictures worked on at a time.
const WORKERS: usize = 2;

/// Why taking fingerprints anew stopped. What was written stays, and the next
/// run goes on.
#[derive(Debug, thiserror::Error)]
pub enum ReindexError {
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A worker died.
    #[error("a picture's worker stopped unexpectedly: {0}; run the command again, it goes on")]
    Task(#[from] tokio::task::JoinError),
}

/// A picture whose fingerprint could not be taken.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Failed {
    /// Whose it is.
    pub of: Kept,
    /// Its identifier in the database.
    pub id: i64,
    /// SHA-256 of its bytes.
    pub blob: String,
    /// Why, and what to do.
    pub why: String,
}

/// What is told while it goes on.
#[derive(Debug)]
pub enum Event<'a> {
    /// One more picture was looked at.
    Looked,
    /// A picture's fingerprint could not be taken; the others go on.
    Failed(&'a Failed),
}

/// Who is told.
pub type Observer<'a> = &'a (dyn Fn(Event<'_>) + Send + Sync);

/// How many fingerprints were taken.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Tally {
    /// Taken anew and written.
    pub renewed: u64,
    /// Not taken; each was told.
    pub failed: u64,
}

/// What was done.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Report {
    /// Reference photos.
    pub references: Tally,
    /// Captured pictures.
    pub pictures: Tally,
}

impl Report {
    /// How many could not be taken.
    #[must_use]
    pub fn failed(&self) -> u64 {
        self.references.failed + self.pictures.failed
    }

    /// How many were taken.
    #[must_use]
    pub fn renewed(&self) -> u64 {
        self.references.renewed + self.pictures.renewed
    }
}

/// Takes every fingerprint that is not of today's [`ALGORITHM`] anew, or every
/// one there is: first those of reference photos, then those of captured
/// pictures. Ends with an event in the audit log when anything was to be done.
///
/// # Errors
/// [`ReindexError`]; what was written stays.
pub async fn run(
    app: &App,
    actor: &str,
    all: bool,
    observer: Observer<'_>,
) -> Result<Report, ReindexError> {
    let report = Report {
        references: renew(app, Kept::Reference, all, observer).await?,
        pictures: renew(app, Kept::Picture, all, observer).await?,
    };
    if report != Report::default() {
        let marks = [mark_name(Kept::Reference), mark_name(Kept::Picture)];
        let detail = json!({ "algorithm": ALGORITHM, "all": all, "report": report });
        app.store.end_renewal(actor, &marks, &detail).await?;
    }
    Ok(report)
}

/// Brings the reference photos up to date, which are few, so that the catalog
/// can be matched against; says so in the log. Does nothing when they are.
///
/// # Errors
/// [`ReindexError`].
pub async fn references(app: &App, actor: &str) -> Result<Tally, ReindexError> {
    let counts = app.store.fingerprint_counts(ALGORITHM).await?;
    if counts.pictures_outdated > 0 {
        tracing::warn!(
            pictures = counts.pictures_outdated,
            "captured pictures have fingerprints of another version, which `markhound hunt` leaves out; run `markhound reindex`"
        );
    }
    if counts.references_outdated == 0 {
        return Ok(Tally::default());
    }
    tracing::info!(
        photos = counts.references_outdated,
        algorithm = ALGORITHM,
        "taking the fingerprints of reference photos anew"
    );
    let tally = renew(app, Kept::Reference, false, &|event| {
        if let Event::Failed(failed) = event {
            tracing::warn!(
                photo = failed.id,
                why = failed.why,
                "a reference photo stays without fingerprint"
            );
        }
    })
    .await?;
    let detail = json!({ "algorithm": ALGORITHM, "all": false,
        "report": { "references": tally } });
    app.store.end_renewal(actor, &[], &detail).await?;
    Ok(tally)
}

/// Deletes the index of listings' texts and makes it anew; gives how many it holds.
///
/// # Errors
/// [`ListingsError`], such as while another process writes it.
pub async fn listings(app: &App, progress: Progress) -> Result<u64, ListingsError> {
    let listings = Listings::of(&app.store, &app.data_dir);
    listings.forget().await?;
    let ready = listings.ready(None, Some(progress)).await?;
    let count = ready.index.len();
    ready.settled().await;
    Ok(count)
}

async fn renew(
    app: &App,
    kept: Kept,
    all: bool,
    observer: Observer<'_>,
) -> Result<Tally, ReindexError> {
    // An old fingerprint says by itself that it is still to be done. Where all
    // are taken, a mark says how far that has come.
    let mark = mark_name(kept);
    let (unless, mut after) = if all {
        (None, app.store.mark(&mark).await?.unwrap_or(0))
    } else {
        (Some(ALGORITHM), 0)
    };
    let mut tally = Tally::default();
    loop {
        let rows = app
            .store
            .fingerprints_to_renew(kept, unless, after, BATCH)
            .await?;
        let Some(last) = rows.last() else {
            return Ok(tally);
        };
        after = last.id;
        let mut taken = stream::iter(rows)
            .map(|row| {
                let blobs = app.blobs.clone();
                tokio::task::spawn_blocking(move || take(&blobs, kept, &row))
            })
            .buffered(WORKERS);
        let mut renewed = Vec::new();
        while let Some(outcome) = taken.next().await {
            match outcome? {
                Ok(row) => renewed.push(row),
                Err(failed) => {
                    tally.failed += 1;
                    observer(Event::Failed(&failed));
                }
            }
            observer(Event::Looked);
        }
        let mark = all.then(|| Mark {
            name: mark.clone(),
            value: after,
        });
        app.store
            .save_fingerprints(kept, &renewed, mark.as_ref())
            .await?;
        tally.renewed += renewed.len() as u64;
    }
}

/// Another algorithm begins anew.
fn mark_name(kept: Kept) -> String {
    let of = match kept {
        Kept::Reference => "references",
        Kept::Picture => "pictures",
    };
    format!("reindex --all: {of}, {ALGORITHM}")
}

fn take(blobs: &Blobs, kept: Kept, row: &ToRenew) -> Result<Renewed, Failed> {
    let failed = |why: String| Failed {
        of: kept,
        id: row.id,
        blob: row.blob.clone(),
        why,
    };
    let bytes = blobs
        .get(&row.blob)
        .map_err(|why| failed(format!("{why}; bring it back from a backup of `blobs`")))?;
    let picture = GreyPicture::decode(&bytes, &DecodeLimits::default())
        .map_err(|why| failed(why.to_string()))?;
    Ok(Renewed {
        id: row.id,
        algorithm: ALGORITHM.to_owned(),
        hashes: Fingerprint::compute(&picture).to_bytes(),
    })
}
