//! How a scan ends, well or not.

use std::path::PathBuf;

use markhound_crawlers::fetch::FetchError;

use super::matcher::MatcherError;
use crate::blobs::BlobError;
use crate::store::StoreError;

/// Why a scan stopped before its end. What was written stays, and the scan can
/// be resumed.
#[derive(Debug, thiserror::Error)]
pub enum ScanError {
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The blobs cannot be written.
    #[error(transparent)]
    Blobs(#[from] BlobError),
    /// The catalog cannot be matched against.
    #[error(transparent)]
    Matcher(#[from] MatcherError),
    /// The source's definition cannot be used.
    #[error("source {source_name} cannot be scanned: {why}")]
    Source {
        /// The source's name.
        source_name: String,
        /// What is wrong.
        why: String,
    },
    /// The source is being scanned by another process.
    #[error("source {0} is being scanned by another process; wait for it or stop it")]
    Busy(String),
    /// The lock file cannot be used.
    #[error("cannot lock {path}: {source}; check that the data directory is writable")]
    Lock {
        /// The lock file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// Certificates that the configuration names cannot be trusted.
    #[error(
        "cannot trust the certificates in {path}: {why}; `fetch.trusted_certificates` names PEM files"
    )]
    Certificates {
        /// The file.
        path: PathBuf,
        /// Why.
        why: String,
    },
    /// The fetcher could not be made.
    #[error(transparent)]
    Fetch(#[from] FetchError),
    /// A task died.
    #[error("a part of the scan stopped unexpectedly: {0}; run it again with --resume")]
    Task(String),
}

/// How a scan ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ended {
    /// Nothing is left to do.
    Done,
    /// The source asked for a pause; the scan goes on later.
    Paused(String),
    /// It was told to stop; the scan goes on later.
    Stopped,
}
