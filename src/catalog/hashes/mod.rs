//! Lists of picture hashes: the catalog's own written out, others' read in.
//!
//! [`export_hashes`] collects the catalog's hashes, [`read_hashes`] checks a
//! list without writing anything, [`import_hashes`] keeps its hashes for a
//! product, or says what that would do.

mod counted;
mod export;
mod read;

use std::collections::HashSet;

use markhound_index::image::{HashListError, PDQ_ALGORITHM};
use serde::Serialize;

use crate::app::App;
use crate::store::StoreError;
use crate::store::reference_hashes::ReferenceHashDraft;

pub use export::{ExportedHash, HashExport, export_hashes};
pub use read::{BadLine, HashReading, read_hashes};

/// Hashes of one list, at most.
const MOST_HASHES: usize = 1_000_000;

/// Why a list of hashes cannot be imported at all.
#[derive(Debug, thiserror::Error)]
pub enum HashImportError {
    /// The list breaks off.
    #[error("{0}; nothing was imported")]
    List(#[from] HashListError),
    /// More hashes than one import takes.
    #[error(
        "the list has more than {MOST_HASHES} hashes; nothing was imported, split it and import the parts"
    )]
    TooMany,
    /// The database failed, or there is no such product.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What importing a list does, or would do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct HashImported {
    /// The product.
    pub sku: String,
    /// Hashes that the product did not have.
    pub added: u64,
    /// Lines whose hash it has already.
    pub known: u64,
    /// How many of the list's hashes are kept for export only: matching takes
    /// PDQ hashes alone.
    pub export_only: u64,
    /// How many lines give no usable hash.
    pub bad_lines: u64,
    /// The first thousand of them.
    pub bad: Vec<BadLine>,
    /// Whether nothing was written because that was asked for.
    pub dry_run: bool,
}

/// Keeps the hashes of a list for a product, or only says what that would do.
///
/// # Errors
/// When there is no such product, or the database cannot be written.
pub async fn import_hashes(
    app: &App,
    actor: &str,
    sku: &str,
    list: &str,
    reading: HashReading,
    dry_run: bool,
) -> Result<HashImported, HashImportError> {
    let kept = app.store.reference_hashes_of(sku).await?;
    let there: HashSet<(&str, &str)> = kept
        .iter()
        .map(|row| (row.algorithm.as_str(), row.hash.as_str()))
        .collect();
    let all = reading.hashes.len() as u64 + reading.repeated;
    let export_only = |d: &&ReferenceHashDraft| d.algorithm != PDQ_ALGORITHM;
    let export_only = reading.hashes.iter().filter(export_only).count() as u64;
    let mut new = reading.hashes;
    new.retain(|draft| !there.contains(&(draft.algorithm.as_str(), draft.hash.as_str())));
    let added = if dry_run {
        new.len() as u64
    } else {
        app.store
            .add_reference_hashes(actor, sku, list, &new)
            .await?
    };
    Ok(HashImported {
        sku: sku.to_owned(),
        added,
        known: all - added,
        export_only,
        bad_lines: reading.bad_lines,
        bad: reading.bad,
        dry_run,
    })
}

/// Text that can stand on a line of a list.
fn one_line(text: &str) -> String {
    text.replace(char::is_control, " ")
}
