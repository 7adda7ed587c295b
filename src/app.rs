//! What every command works with: configuration, database, blobs, clock.

use std::path::{Path, PathBuf};

use crate::accounts::Sees;
use crate::blobs::{BlobError, Blobs};
use crate::clock::Clock;
use crate::config::Config;
use crate::store::{Store, StoreError};

/// The open data directory. Cheap to clone.
#[derive(Debug, Clone)]
pub struct App {
    /// The configuration in force.
    pub config: Config,
    /// The directory of the database, the blobs and the locks.
    pub data_dir: PathBuf,
    /// The database.
    pub store: Store,
    /// Captured bytes.
    pub blobs: Blobs,
    /// The time.
    pub clock: Clock,
}

/// Why a data directory cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum AppError {
    /// The directory cannot be created or written.
    #[error(
        "cannot use the data directory {path}: {source}; name another with --data-dir, or make this one writable"
    )]
    DataDir {
        /// The directory.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The database cannot be opened.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The blobs cannot be opened.
    #[error(transparent)]
    Blobs(#[from] BlobError),
}

impl App {
    /// The same application as somebody sees it.
    #[must_use]
    pub fn seen_by(&self, sees: Sees) -> Self {
        Self {
            store: self.store.seen_by(sees),
            ..self.clone()
        }
    }

    /// Opens a data directory, creating it and its database where there are none.
    ///
    /// # Errors
    /// [`AppError`].
    pub async fn open(config: Config, data_dir: &Path, clock: Clock) -> Result<Self, AppError> {
        std::fs::create_dir_all(data_dir).map_err(|source| AppError::DataDir {
            path: data_dir.to_owned(),
            source,
        })?;
        let store = Store::open_sqlite(&Store::sqlite_path(data_dir), clock.clone()).await?;
        let blobs = Blobs::open(data_dir)?;
        Ok(Self {
            config,
            data_dir: data_dir.to_owned(),
            store,
            blobs,
            clock,
        })
    }
}
