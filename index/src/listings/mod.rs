//! The listing index: every captured listing's text, to be searched by people and for products.
//!
//! [`ListingIndex`] is what is read, [`ListingWriter`] what it is brought up to date with: one process
//! at a time holds the writer, by a file lock; any number read. It is derived: with each commit it
//! remembers how far in the history of listings it has come ([`Mark`]), so that after a kill it goes
//! on from there, and it can be deleted and made anew at any time.
//!
//! ```
//! use markhound_index::listings::{ListingIndex, ListingText, Mark, Query, Search};
//!
//! let index = ListingIndex::in_memory()?;
//! let mut writer = index.writer()?;
//! writer.put(&[ListingText { id: 7, title: "V3l0ra bag", source: "shop", ..ListingText::default() }])?;
//! writer.commit(Mark { era: 1, change: 1 })?;
//! index.reload()?;
//! let query = Query::parse("velora bag")?;
//! assert_eq!(index.search(&query, &Search::default())?.hits[0].id, 7);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod analysis;
mod candidates;
mod clues;
mod page;
mod query;
mod rarity;
mod schema;
mod snippet;
mod stretches;
mod writer;

pub use candidates::Wanted;
pub use page::{Cursor, CursorError, Hit, Page, Search, Sort};
pub use query::{MAX_QUERY, Query, QueryError};
pub use snippet::{Piece, Within};
pub use writer::ListingWriter;

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, VecDeque};
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use tantivy::directory::MmapDirectory;
use tantivy::{Index, IndexReader, ReloadPolicy, Searcher, TantivyError};

use schema::{FORMAT, Fields};

/// States of the index that are kept for people who page through them.
const SNAPSHOTS: usize = 6;

/// What cannot be done with the index, and what to do about it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ListingIndexError {
    /// The folder cannot be used.
    #[error("cannot {action} the listing index in {folder}: {source}")]
    Folder {
        /// What was tried.
        action: &'static str,
        /// The folder, or the lock beside it.
        folder: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// It was written by another version of the program, or is no index.
    #[error(
        "the listing index in {folder} is of another version or damaged ({why}); it is to be made anew"
    )]
    Unusable {
        /// The folder.
        folder: PathBuf,
        /// What is wrong with it.
        why: String,
    },
    /// Another process writes it.
    #[error("another process is bringing the listing index up to date")]
    Locked,
    /// The search library failed.
    #[error("cannot {action} the listing index: {source}")]
    Engine {
        /// What was tried.
        action: &'static str,
        /// What it said.
        source: TantivyError,
    },
}

fn failed(action: &'static str) -> impl Fn(TantivyError) -> ListingIndexError {
    move |source| ListingIndexError::Engine { action, source }
}

/// What is indexed of a listing.
#[derive(Debug, Clone, Copy, Default)]
pub struct ListingText<'a> {
    /// Its identifier.
    pub id: u64,
    /// Title as written.
    pub title: &'a str,
    /// Description as written.
    pub description: Option<&'a str>,
    /// Seller as written.
    pub seller: Option<&'a str>,
    /// The source's name.
    pub source: &'a str,
    /// Asking price in ten-thousandths of the main unit.
    pub price: Option<i64>,
    /// ISO 4217.
    pub currency: Option<&'a str>,
    /// Milliseconds since 1970.
    pub first_seen: i64,
    /// Milliseconds since 1970.
    pub last_seen: i64,
}

/// How far in the history of listings the index has come.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Mark {
    /// Which history: another database has another.
    pub era: i64,
    /// The last change that is in the index.
    pub change: i64,
}

impl Mark {
    fn to_payload(self) -> String {
        format!("{FORMAT} {} {}", self.era, self.change)
    }

    fn from_payload(payload: &str) -> Option<Self> {
        let mut parts = payload.split(' ').map(str::parse::<i64>);
        let mut next = || parts.next()?.ok();
        if next()? != i64::from(FORMAT) {
            return None;
        }
        Some(Self {
            era: next()?,
            change: next()?,
        })
    }
}

/// The text of every captured listing. Reads; see [`ListingIndex::writer`] for writing.
pub struct ListingIndex {
    index: Index,
    fields: Fields,
    reader: IndexReader,
    /// None for an index in memory.
    folder: Option<PathBuf>,
    snapshots: Mutex<VecDeque<(u64, Searcher)>>,
}

impl std::fmt::Debug for ListingIndex {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ListingIndex")
            .field("folder", &self.folder)
            .field("listings", &self.len())
            .finish_non_exhaustive()
    }
}

impl ListingIndex {
    /// An empty index in memory.
    ///
    /// # Errors
    /// When the search library fails.
    pub fn in_memory() -> Result<Self, ListingIndexError> {
        let (schema, _) = schema::schema();
        Self::of(Index::create_in_ram(schema), None)
    }

    /// Opens the index in a folder; one that is not there is made, empty.
    ///
    /// # Errors
    /// [`ListingIndexError::Unusable`] for an index of another version or a damaged one:
    /// [`ListingIndex::make_anew`] helps.
    pub fn open(folder: &Path) -> Result<Self, ListingIndexError> {
        if !folder.join("meta.json").exists() {
            let lock = lock(folder)?;
            // Another process may have made it meanwhile.
            if !folder.join("meta.json").exists() {
                create(folder)?;
            }
            drop(lock);
        }
        let unusable = |why: String| ListingIndexError::Unusable {
            folder: folder.to_owned(),
            why,
        };
        let index = Index::open_in_dir(folder).map_err(|why| unusable(why.to_string()))?;
        let (wanted, _) = schema::schema();
        if index.schema() != wanted {
            return Err(unusable("it has other fields".to_owned()));
        }
        let metas = index
            .load_metas()
            .map_err(|why| unusable(why.to_string()))?;
        let known = |payload: &String| Mark::from_payload(payload).is_some();
        if !metas.segments.is_empty() && !metas.payload.as_ref().is_some_and(known) {
            return Err(unusable("it is of another format".to_owned()));
        }
        Self::of(index, Some(folder.to_owned())).map_err(|why| unusable(why.to_string()))
    }

    /// Deletes what is in the folder and makes an empty index there.
    ///
    /// # Errors
    /// [`ListingIndexError::Locked`] while another process writes it, and when the folder cannot be
    /// written.
    pub fn make_anew(folder: &Path) -> Result<Self, ListingIndexError> {
        let lock = lock(folder)?;
        create(folder)?;
        drop(lock);
        Self::open(folder)
    }

    fn of(index: Index, folder: Option<PathBuf>) -> Result<Self, ListingIndexError> {
        let (_, fields) = schema::schema();
        let reader = index
            .reader_builder()
            .reload_policy(ReloadPolicy::Manual)
            .try_into()
            .map_err(failed("open"))?;
        Ok(Self {
            index,
            fields,
            reader,
            folder,
            snapshots: Mutex::default(),
        })
    }

    /// How many listings it holds.
    #[must_use]
    pub fn len(&self) -> u64 {
        self.reader.searcher().num_docs()
    }

    /// Whether it holds none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How far the index has come, by whichever process; nothing when it is empty. The state that is
    /// searched is at least as new when [`ListingIndex::reload`] is called afterwards.
    ///
    /// # Errors
    /// When the folder cannot be read.
    pub fn mark(&self) -> Result<Option<Mark>, ListingIndexError> {
        let metas = self.index.load_metas().map_err(failed("read"))?;
        Ok(metas.payload.as_deref().and_then(Mark::from_payload))
    }

    /// Takes in what was committed since, by any process.
    ///
    /// # Errors
    /// When the folder cannot be read.
    pub fn reload(&self) -> Result<(), ListingIndexError> {
        let metas = self.index.load_metas().map_err(failed("read"))?;
        let committed = metas.segments.iter().map(|s| (s.id(), s.delete_opstamp()));
        let committed: BTreeMap<_, _> = committed.collect();
        if *self.reader.searcher().generation().segments() == committed {
            return Ok(());
        }
        self.reader.reload().map_err(failed("reload"))
    }

    /// The right to write; one at a time, of all processes.
    ///
    /// # Errors
    /// [`ListingIndexError::Locked`] while another holds it.
    pub fn writer(&self) -> Result<ListingWriter, ListingIndexError> {
        let Some(folder) = &self.folder else {
            return ListingWriter::new(&self.index, self.fields, None);
        };
        let lock = lock(folder)?;
        // Which files belong to the index is read when it is opened, and others have written since:
        // with an older list theirs would never be deleted.
        let index = Index::open_in_dir(folder).map_err(failed("open"))?;
        ListingWriter::new(&index, self.fields, Some(lock))
    }

    /// The present state and its name, which is the same in every process.
    fn snapshot(&self) -> (u64, Searcher) {
        let searcher = self.reader.searcher();
        let mut name = 0xcbf2_9ce4_8422_2325_u64;
        for (segment, deletes) in searcher.generation().segments() {
            let stamp = deletes.map_or(0, |stamp| stamp + 1);
            for byte in segment.uuid_string().bytes().chain(stamp.to_le_bytes()) {
                name = (name ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
            }
        }
        let mut kept = self
            .snapshots
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if !kept.iter().any(|(known, _)| *known == name) {
            kept.push_back((name, searcher.clone()));
            if kept.len() > SNAPSHOTS {
                kept.pop_front();
            }
        }
        (name, searcher)
    }

    /// A state that was searched before, if it is still kept.
    fn earlier(&self, name: u64) -> Option<Searcher> {
        let kept = self
            .snapshots
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let found = kept.iter().find(|(known, _)| *known == name);
        found.map(|(_, searcher)| searcher.clone())
    }
}

/// The lock beside the folder: the folder itself is deleted when the index is made anew. The
/// operating system gives it back however the process ends.
fn lock(folder: &Path) -> Result<File, ListingIndexError> {
    let mut name = folder.as_os_str().to_owned();
    name.push(".lock");
    let path = PathBuf::from(name);
    let broken = |source| ListingIndexError::Folder {
        action: "lock",
        folder: path.clone(),
        source,
    };
    if let Some(parent) = path.parent() {
        std::fs::create_dir_all(parent).map_err(broken)?;
    }
    let file = File::options()
        .create(true)
        .truncate(false)
        .write(true)
        .open(&path)
        .map_err(broken)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(std::fs::TryLockError::WouldBlock) => Err(ListingIndexError::Locked),
        Err(std::fs::TryLockError::Error(source)) => Err(broken(source)),
    }
}

/// An empty index in an empty folder.
fn create(folder: &Path) -> Result<(), ListingIndexError> {
    let broken = |action| {
        move |source| ListingIndexError::Folder {
            action,
            folder: folder.to_owned(),
            source,
        }
    };
    match std::fs::remove_dir_all(folder) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            return Err(broken("delete")(error));
        }
        _ => {}
    }
    std::fs::create_dir_all(folder).map_err(broken("make"))?;
    let directory = MmapDirectory::open(folder)
        .map_err(TantivyError::from)
        .map_err(failed("make"))?;
    let (schema, _) = schema::schema();
    Index::create(directory, schema, tantivy::IndexSettings::default()).map_err(failed("make"))?;
    Ok(())
}
