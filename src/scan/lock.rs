//! One scan a source at a time, across processes.
//!
//! The operating system gives a file lock back when its process ends, however
//! it ends; so who can take the lock knows that nobody else works on that
//! source, even right after a `kill -9`.

use std::fs::{File, TryLockError};
use std::path::Path;

use super::ScanError;
use crate::store::sources::Source;

/// Held while a source is scanned.
#[derive(Debug)]
pub struct SourceLock {
    _file: File,
}

impl SourceLock {
    /// Takes the lock of a source.
    ///
    /// # Errors
    /// [`ScanError::Busy`] when another scan of the source is running.
    pub fn take(data_dir: &Path, source: &Source) -> Result<Self, ScanError> {
        let folder = data_dir.join("locks");
        let path = folder.join(format!("source-{}.lock", source.id));
        let failed = |error| ScanError::Lock {
            path: path.clone(),
            source: error,
        };
        std::fs::create_dir_all(&folder).map_err(failed)?;
        let file = File::options()
            .create(true)
            .truncate(false)
            .write(true)
            .open(&path)
            .map_err(failed)?;
        match file.try_lock() {
            Ok(()) => Ok(Self { _file: file }),
            Err(TryLockError::WouldBlock) => Err(ScanError::Busy(source.name.clone())),
            Err(TryLockError::Error(error)) => Err(failed(error)),
        }
    }
}
