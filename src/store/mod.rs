//! The database: the only place with SQL.
//!
//! One file an aggregate. Each public function is one use case in one
//! transaction, keyed so that doing it again changes nothing. The same SQL text
//! serves SQLite and PostgreSQL (see [`db`]); only the lease statement of the
//! frontier differs.

pub mod audit;
pub mod captures;
pub mod cards;
pub mod cases;
pub mod claims;
pub mod clusters;
pub mod db;
pub mod decisions;
mod facts;
mod few;
pub mod figures;
pub mod fingerprints;
pub mod frontier;
pub mod hunts;
pub mod identities;
pub mod import;
pub mod imports;
pub mod known_answers;
pub mod listings;
pub mod lists;
pub mod mails;
pub mod matching;
pub mod models;
pub mod notes;
pub mod packets;
pub mod politeness;
pub mod preferences;
pub mod products;
pub mod queue;
pub mod rechecks;
pub mod reference_hashes;
pub mod relistings;
pub mod removals;
pub mod results;
pub mod scans;
pub mod second_factors;
mod secrets;
pub mod seed;
mod sees;
pub mod sellers;
pub mod sessions;
pub mod source_health;
pub mod sources;
pub mod takedowns;
pub mod tokens;
pub mod users;
pub mod webhooks;
pub mod work;

use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use sqlx::migrate::{MigrateError, Migrator};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{ConnectOptions as _, Connection as _};

use crate::accounts::Sees;
use crate::clock::Clock;
use crate::secrets::{Secrets, SecretsError};
use db::Pools;

static SQLITE: Migrator = sqlx::migrate!("src/store/migrations/sqlite");
static POSTGRES: Migrator = sqlx::migrate!("src/store/migrations/postgres");

/// How long a write waits for those before it.
const WRITER_WAIT: Duration = Duration::from_secs(120);

/// What can go wrong between the application and its database.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The database file or server cannot be opened.
    #[error(
        "cannot open the database {at}: {why}; check that the path exists and that you may write there"
    )]
    Open {
        /// The path or address, without a password.
        at: String,
        /// What the engine said.
        why: String,
    },
    /// The database was written by a later version of the program.
    #[error(
        "the database was written by a newer version of markhound (its schema has step {found}, this program knows up to {known}); use that version, or restore a backup made before the upgrade"
    )]
    Newer {
        /// The unknown migration step in the database.
        found: i64,
        /// The last step this program knows.
        known: i64,
    },
    /// The schema could not be brought up to date.
    #[error("cannot bring the database schema up to date: {0}")]
    Migrate(MigrateError),
    /// The data directory or the database file may not be written.
    #[error(
        "the database is read-only; make the data directory and the files in it writable for this user"
    )]
    ReadOnly,
    /// No space is left for the database.
    #[error(
        "the disk that holds the database is full; free some space and run the same command again, nothing was lost"
    )]
    DiskFull,
    /// Others kept the database busy for too long.
    #[error(
        "the database is busy: another process keeps it locked, or the disk is very slow; try again"
    )]
    Locked,
    /// Something was asked for that is not there.
    #[error("there is no {what} {id}")]
    NotFound {
        /// The kind of thing, in the user's words.
        what: &'static str,
        /// Its identifier as the user gave it.
        id: String,
    },
    /// The request contradicts the state of the record.
    #[error("{0}")]
    Conflict(String),
    /// A secret cannot be sealed or opened.
    #[error(transparent)]
    Secrets(#[from] SecretsError),
    /// Any other failure of the engine.
    #[error("database error: {0}")]
    Sql(sqlx::Error),
}

impl StoreError {
    fn not_found(what: &'static str, id: impl ToString) -> Self {
        Self::NotFound {
            what,
            id: id.to_string(),
        }
    }

    /// Why a product cannot be changed, or searched for, that was removed from the catalog.
    pub(crate) fn removed(sku: &str) -> Self {
        Self::Conflict(format!(
            "product {sku} was removed from the catalog; restore it first"
        ))
    }
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        if matches!(error, sqlx::Error::PoolTimedOut) {
            return Self::Locked;
        }
        // SQLite's primary result codes are the low byte of the extended code
        // (https://sqlite.org/rescode.html); 53100 is PostgreSQL's disk_full.
        let code = error
            .as_database_error()
            .and_then(|e| e.code())
            .map(|c| c.into_owned());
        let primary = code
            .as_deref()
            .and_then(|c| c.parse::<u32>().ok())
            .map(|c| c & 0xff);
        match (code.as_deref(), primary) {
            (Some("53100"), _) => Self::DiskFull,
            (Some(c), _) if c.len() == 5 => Self::Sql(error),
            (_, Some(13)) => Self::DiskFull,
            (_, Some(8)) => Self::ReadOnly,
            (_, Some(5 | 6)) => Self::Locked,
            _ => Self::Sql(error),
        }
    }
}

/// The database, the clock its writes are dated by, what may be seen of it, and what its
/// secrets are sealed with ([`Store::with_secrets`]).
/// Cheap to clone.
#[derive(Debug, Clone)]
pub struct Store {
    pools: Pools,
    clock: Clock,
    sees: Sees,
    secrets: Arc<Secrets>,
}

impl Store {
    /// Opens, creating it where there is none, the SQLite database at `path`
    /// and brings its schema up to date.
    ///
    /// # Errors
    /// [`StoreError::Open`], [`StoreError::ReadOnly`], [`StoreError::DiskFull`]
    /// or, for a schema of a later version, [`StoreError::Newer`].
    pub async fn open_sqlite(path: &Path, clock: Clock) -> Result<Self, StoreError> {
        let opening = |why: sqlx::Error| why_not_open(path, why);
        let options = SqliteConnectOptions::new()
            .filename(path)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            // A decision that was acknowledged survives a power cut.
            .synchronous(SqliteSynchronous::Full)
            // In pages of 4 KiB. A scan writes some pages again and again: the longer
            // the log, the fewer of them are copied.
            .pragma("wal_autocheckpoint", "4000")
            .foreign_keys(true)
            .busy_timeout(Duration::from_secs(10));
        // Changing the schema of a large database takes its time, which is no fault.
        let quiet = options.clone().disable_statement_logging();
        let mut changing = quiet.connect().await.map_err(opening)?;
        let changed = SQLITE.run(&mut changing).await;
        migrate(&SQLITE, changed).map_err(|error| match error {
            StoreError::Migrate(MigrateError::Execute(why)) => why_not_open(path, why),
            other => other,
        })?;
        changing.close().await.map_err(opening)?;
        let write = SqlitePoolOptions::new()
            .max_connections(1)
            // A file does not hang up: asking it each time only costs.
            .test_before_acquire(false)
            // One writer: on a slow disk the others queue for it, which is no fault.
            .acquire_timeout(WRITER_WAIT)
            .acquire_slow_threshold(WRITER_WAIT)
            // What a statement of many rows would have to take back stays in memory.
            .connect_with(options.clone().pragma("temp_store", "memory"))
            .await
            .map_err(opening)?;
        let read = SqlitePoolOptions::new()
            .max_connections(4)
            .test_before_acquire(false)
            .connect_with(options.read_only(true))
            .await
            .map_err(opening)?;
        Ok(Self {
            pools: Pools::Sqlite { write, read },
            clock,
            sees: Sees::All,
            secrets: Arc::new(SecretsError::NoKey.into()),
        })
    }

    /// Connects to a PostgreSQL database (`postgres://user@host/name`) and
    /// brings its schema up to date.
    ///
    /// # Errors
    /// As [`Store::open_sqlite`].
    pub async fn open_postgres(url: &str, clock: Clock) -> Result<Self, StoreError> {
        let opening = |why: sqlx::Error| {
            let at = url.rsplit('@').next().unwrap_or_default().to_owned();
            StoreError::Open {
                at,
                why: why.to_string(),
            }
        };
        let options: PgConnectOptions = url.parse().map_err(opening)?;
        let quiet = options.clone().disable_statement_logging();
        let mut changing = quiet.connect().await.map_err(opening)?;
        migrate(&POSTGRES, POSTGRES.run(&mut changing).await)?;
        changing.close().await.map_err(opening)?;
        let pool = PgPoolOptions::new()
            .max_connections(8)
            .connect_with(options)
            .await
            .map_err(opening)?;
        Ok(Self {
            pools: Pools::Postgres(pool),
            clock,
            sees: Sees::All,
            secrets: Arc::new(SecretsError::NoKey.into()),
        })
    }

    /// The clock this store dates its writes by.
    #[must_use]
    pub fn clock(&self) -> &Clock {
        &self.clock
    }

    /// The name of the engine, for `doctor`.
    #[must_use]
    pub fn engine(&self) -> &'static str {
        match self.pools {
            Pools::Sqlite { .. } => "SQLite",
            Pools::Postgres(_) => "PostgreSQL",
        }
    }

    /// Closes the pools; a SQLite write-ahead log is folded back into its file.
    pub async fn close(&self) {
        match &self.pools {
            Pools::Sqlite { write, read } => {
                read.close().await;
                write.close().await;
            }
            Pools::Postgres(pool) => pool.close().await,
        }
    }

    /// The database file under a data directory.
    #[must_use]
    pub fn sqlite_path(data_dir: &Path) -> PathBuf {
        data_dir.join("markhound.db")
    }
}

/// SQLite says "unable to open" for many things; a try to write beside the file
/// tells them apart.
fn why_not_open(path: &Path, error: sqlx::Error) -> StoreError {
    let why = match StoreError::from(error) {
        StoreError::Sql(why) => why.to_string(),
        other => return other,
    };
    let folder = path.parent().unwrap_or(Path::new("."));
    match tempfile::tempfile_in(folder).map_err(|e| e.kind()) {
        Err(ErrorKind::ReadOnlyFilesystem | ErrorKind::PermissionDenied) => StoreError::ReadOnly,
        Err(ErrorKind::StorageFull) => StoreError::DiskFull,
        _ => StoreError::Open {
            at: path.display().to_string(),
            why,
        },
    }
}

fn migrate(known: &Migrator, outcome: Result<(), MigrateError>) -> Result<(), StoreError> {
    outcome.map_err(|error| match error {
        MigrateError::VersionMissing(found) | MigrateError::VersionTooNew(found, _) => {
            let known = known.iter().map(|m| m.version).max().unwrap_or_default();
            StoreError::Newer { found, known }
        }
        MigrateError::Execute(why) | MigrateError::ExecuteMigration(why, _) => {
            match StoreError::from(why) {
                StoreError::Sql(why) => StoreError::Migrate(MigrateError::Execute(why)),
                other => other,
            }
        }
        other => StoreError::Migrate(other),
    })
}
