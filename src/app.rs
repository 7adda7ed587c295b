//! What every command works with: configuration, database, blobs, clock.

use std::path::{Path, PathBuf};

use crate::accounts::Sees;
use crate::blobs::{BlobError, Blobs};
use crate::clock::Clock;
use crate::config::Config;
use crate::secrets::{self, Secrets, SecretsError, SecretsKey};
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
        let store = with_secrets(store, &config, data_dir).await?;
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

/// Where the key of the database's secrets is.
#[must_use]
pub fn secrets_key(config: &Config, data_dir: &Path) -> PathBuf {
    let named = config.secrets_key.clone();
    named.unwrap_or_else(|| data_dir.join(secrets::KEY_FILE))
}

/// The store with the key of its secrets, which the first start makes; what was kept
/// before there was one is sealed. Without the key everything else goes on.
async fn with_secrets(store: Store, config: &Config, data_dir: &Path) -> Result<Store, StoreError> {
    let path = secrets_key(config, data_dir);
    let secrets: Secrets = match SecretsKey::read(&path) {
        Ok(Some(key)) => key.into(),
        // A new one would open none of those that are sealed already, and whoever names a
        // file wants that one.
        Ok(None) if config.secrets_key.is_some() || store.secret_counts().await?.0 > 0 => {
            SecretsError::Missing { path }.into()
        }
        Ok(None) => SecretsKey::make(&path).map_or_else(Into::into, Into::into),
        Err(why) => why.into(),
    };
    let store = store.with_secrets(secrets);
    match store.secrets().key() {
        Ok(_) => {
            store.seal_plain_secrets().await?;
        }
        Err(why) => tracing::warn!("{why}"),
    }
    Ok(store)
}
