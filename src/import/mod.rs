//! Listings out of pages that somebody else captured, and out of listing
//! exports: for marketplaces that may not be crawled.
//!
//! An import is a scan over an archive. [`archive::Archive`] is read once, its
//! bytes go into the blob store, and the scanner asks it for pages and pictures
//! where it would ask the web; so all that follows is a scan's own: captures,
//! listings, pictures, cases, one transaction a page, and going on after a kill.
//! Nothing is fetched.

pub mod archive;
pub mod export;
pub mod read;
pub mod walk;

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use markhound_crawlers::capture::CaptureError;
use markhound_crawlers::{Definition, DefinitionError};
use sha2::{Digest as _, Sha256};

use crate::app::App;
use crate::blobs::BlobError;
use crate::scan::event::Observer;
use crate::scan::matcher::Matcher;
use crate::scan::{Ended, ScanError, Scanner, plan};
use crate::store::StoreError;
use crate::store::imports::{ImportedFile, Tally};
use crate::store::scans::Scan;
use crate::store::sources::{Source, SourceDraft};
use archive::Archive;
use walk::Options;

/// The name of the source that imports go to unless another is named.
pub const SOURCE: &str = "import";

const DEFINITION: &str = include_str!("source.toml");

/// Why a file cannot be imported.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// It cannot be read.
    #[error("cannot read {path}: {source}")]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// It is larger than any export.
    #[error("{path} is a listing export of more than {limit} bytes; split it into several files")]
    TooLarge {
        /// The file.
        path: PathBuf,
        /// The limit in bytes.
        limit: u64,
    },
    /// It is no capture, or not one that can be read.
    #[error(transparent)]
    Capture(#[from] CaptureError),
    /// It is no listing export, or not one that can be read.
    #[error(transparent)]
    Export(#[from] export::ExportError),
    /// The bytes cannot be kept.
    #[error(transparent)]
    Blobs(#[from] BlobError),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The definition for imports is damaged.
    #[error(transparent)]
    Definition(#[from] DefinitionError),
    /// The scan over the file stopped.
    #[error(transparent)]
    Scan(#[from] ScanError),
}

/// What importing one file led to.
#[derive(Debug)]
pub enum Imported {
    /// The file was imported before, by this scan; nothing was changed.
    Before(Scan),
    /// There is no page in it that could hold a listing; nothing was changed.
    Nothing(Arc<Archive>),
    /// It was read.
    Now(Box<Done>),
}

/// A file that was imported.
#[derive(Debug)]
pub struct Done {
    /// What was read, and what was left out.
    pub archive: Arc<Archive>,
    /// The scan over it.
    pub scan: Scan,
    /// How that ended.
    pub ended: Ended,
    /// Whether an import that was cut off went on.
    pub resumed: bool,
    /// What became of the pages and pictures.
    pub tally: Tally,
}

/// The source to import into: the one of this name, or that for pages of
/// whatever shop, which is made where there is none.
///
/// # Errors
/// When the named source does not exist, or the database cannot be written.
pub async fn source(app: &App, name: Option<&str>, actor: &str) -> Result<Source, ImportError> {
    let wanted = name.unwrap_or(SOURCE);
    match app.store.source(wanted).await {
        Err(StoreError::NotFound { .. }) if wanted == SOURCE => {}
        found => return Ok(found?),
    }
    let draft = SourceDraft {
        name: SOURCE.to_owned(),
        definition: DEFINITION.to_owned(),
        base: None,
        queries: Vec::new(),
        schedule: None,
        time_zone: "UTC".to_owned(),
        settings: BTreeMap::new(),
    };
    app.store.save_source(actor, &draft).await?;
    // There is nothing to scan.
    app.store.enable_source(actor, SOURCE, false).await?;
    Ok(app.store.source(SOURCE).await?)
}

/// What reads the pages imported into a source; none for the source of
/// imports, whose pages are of whatever shop.
///
/// # Errors
/// When the source's definition cannot be used.
pub fn definition(source: &Source) -> Result<Option<Definition>, ImportError> {
    let definition = plan::definition(source)?;
    Ok((definition.id() != SOURCE).then_some(definition))
}

/// Imports one file into a source. The same file again changes nothing; one
/// whose import was cut off goes on.
///
/// # Errors
/// [`ImportError`]; what was written stays, and the same call goes on with it.
pub async fn file(
    app: &App,
    source: &Source,
    path: &Path,
    options: Options,
    matcher: Arc<Matcher>,
    observer: Observer,
) -> Result<Imported, ImportError> {
    let hashed = path.to_owned();
    let sha256 = blocking(move || sha256(&hashed)).await?;
    let file = ImportedFile {
        name: file_name(path),
        sha256,
        url: options.url.as_ref().map(ToString::to_string),
    };
    let before = app.store.import_of(source.id, &file).await?;
    if let Some(scan) = before.as_ref().filter(|scan| scan.state == "done") {
        return Ok(Imported::Before(scan.clone()));
    }
    let (read, blobs, now) = (path.to_owned(), app.blobs.clone(), app.clock.now());
    let archive = blocking(move || Archive::read(&read, file, options, &blobs, now)).await?;
    let archive = Arc::new(archive);
    if before.is_none() && archive.targets().next().is_none() {
        return Ok(Imported::Nothing(archive));
    }
    let scanner = Scanner::of_archive(app.clone(), archive.clone(), matcher, observer);
    let resumed = before.is_some();
    let (scan, ended) = match before {
        Some(scan) => scanner.resume(&scan).await?,
        None => scanner.import(source, &archive).await?,
    };
    let tally = app.store.import_tally(scan.id).await?;
    Ok(Imported::Now(Box::new(Done {
        archive,
        scan,
        ended,
        resumed,
        tally,
    })))
}

/// SHA-256 of a file, in lower-case hexadecimal, without holding it in memory.
fn sha256(path: &Path) -> Result<String, ImportError> {
    let failed = |source| ImportError::Read {
        path: path.to_owned(),
        source,
    };
    let mut file = File::open(path).map_err(failed)?;
    let mut digest = Sha256::new();
    let mut buffer = vec![0; 1 << 16];
    loop {
        let read = file.read(&mut buffer).map_err(failed)?;
        if read == 0 {
            return Ok(hex::encode(digest.finalize()));
        }
        digest.update(&buffer[..read]);
    }
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, ImportError> + Send + 'static,
) -> Result<T, ImportError> {
    tokio::task::spawn_blocking(work)
        .await
        .map_err(|error| ScanError::Task(error.to_string()))?
}

/// A file's name for people, without folders.
fn file_name(path: &Path) -> String {
    let name = path.file_name().unwrap_or(path.as_os_str());
    name.to_string_lossy().into_owned()
}
