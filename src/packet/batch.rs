//! Packets of many cases, one after the other in the order asked for and some at a
//! time. Cut off anywhere, it goes on where it was: what is written and is still as
//! the case stands is left as it is.

use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use futures::{Stream, StreamExt as _};
use tokio::sync::OnceCell;

use super::dossier::subject;
use super::export::{Exported, Options, Witnesses, at_a_time, blocking, export_with, file_name};
use super::{PacketError, bag, stamp};
use crate::app::App;
use crate::store::StoreError;

/// How temporary files of packets begin, and the folders of parts of one.
pub(super) const UNFINISHED: [&str; 2] = [".packet-", ".packets-"];

/// What became of a case of a batch.
#[derive(Debug)]
pub enum Written {
    /// Its packet was written.
    Now(Exported),
    /// Its packet was there, written from the case as it stands.
    Before(PathBuf),
}

/// A folder that packets are written into by one batch at a time.
pub struct Folder {
    path: PathBuf,
    /// Held while it works; not on systems where a folder cannot be locked.
    _lock: Option<File>,
}

impl Folder {
    /// Makes the folder where there is none, and takes away what a batch that was cut
    /// off left unfinished in it.
    ///
    /// # Errors
    /// When it cannot be written to, or another batch writes into it.
    pub fn take(path: &Path) -> Result<Self, PacketError> {
        let writing = |source| PacketError::Write {
            path: path.to_owned(),
            source,
        };
        std::fs::create_dir_all(path).map_err(writing)?;
        let folder = match File::open(path) {
            Ok(folder) => folder,
            Err(_) => return Ok(Self::unlocked(path)),
        };
        match folder.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(PacketError::Busy {
                    path: path.to_owned(),
                });
            }
            Err(TryLockError::Error(_)) => return Ok(Self::unlocked(path)),
        }
        for entry in std::fs::read_dir(path).map_err(writing)? {
            let entry = entry.map_err(writing)?;
            let name = entry.file_name();
            let name = name.to_string_lossy();
            if !UNFINISHED.iter().any(|prefix| name.starts_with(prefix)) {
                continue;
            }
            let of = entry.path();
            let gone = match entry.file_type().map_err(writing)?.is_dir() {
                true => std::fs::remove_dir_all(of),
                false => std::fs::remove_file(of),
            };
            gone.map_err(writing)?;
        }
        Ok(Self {
            path: path.to_owned(),
            _lock: Some(folder),
        })
    }

    /// Puts timestamps that are known into packets there where that was cut off.
    pub async fn mend(&self, app: &App) {
        stamp::sweep(app, &self.path).await;
    }

    fn unlocked(path: &Path) -> Self {
        Self {
            path: path.to_owned(),
            _lock: None,
        }
    }
}

/// Writes a packet for each case, in their order. With `resume`, not for those whose
/// packet lies there as it was written, from the case as it stands.
pub fn export_each<'a>(
    app: &'a App,
    actor: &'a str,
    ids: &'a [i64],
    folder: &'a Folder,
    options: &'a Options,
    resume: bool,
) -> impl Stream<Item = (i64, Result<Written, PacketError>)> + 'a {
    // Read with the first that is written.
    let witnesses: Arc<OnceCell<Witnesses>> = Arc::new(OnceCell::new());
    futures::stream::iter(ids.iter().copied())
        .map(move |id| {
            let witnesses = Arc::clone(&witnesses);
            async move {
                let dir = &folder.path;
                let written = one(app, actor, id, dir, options, resume, &witnesses).await;
                (id, written)
            }
        })
        .buffered(at_a_time())
}

async fn one(
    app: &App,
    actor: &str,
    id: i64,
    dir: &Path,
    options: &Options,
    resume: bool,
    witnesses: &OnceCell<Witnesses>,
) -> Result<Written, PacketError> {
    if resume && let Some(path) = there(app, id, dir, options).await? {
        return Ok(Written::Before(path));
    }
    let witnesses = witnesses
        .get_or_try_init(|| async { Witnesses::configured(app) })
        .await?;
    let exported = export_with(app, actor, id, dir, options, witnesses).await?;
    Ok(Written::Now(exported))
}

/// The packet that lies where one would be written, if it is the last that was written
/// there and nothing happened to the case since.
async fn there(
    app: &App,
    id: i64,
    dir: &Path,
    options: &Options,
) -> Result<Option<PathBuf>, StoreError> {
    let path = dir.join(file_name(id, options));
    let Ok(lasting) = std::path::absolute(&path) else {
        return Ok(None);
    };
    let known = app
        .store
        .packet_at(&subject(id), &lasting.display().to_string())
        .await?;
    let Some(signature) = known else {
        return Ok(None);
    };
    // A file of that name may be another, or half of one copied.
    let of = path.clone();
    let found = blocking(move || bag::signature_of(&of)).await;
    let same = found.is_ok_and(|found| hex::encode(found) == signature);
    Ok(same.then_some(path))
}
