//! Evidence packets: everything about a case in one zip file.
//!
//! [`export`] writes it, [`verify()`] checks it. A packet holds the captured
//! answers as they were received, in a WARC file of their own, the pictures, the match evidence, decisions
//! and notices with their place in the hash-chained audit log, a report to read,
//! and `manifest-sha256.txt`, which `sha256sum -c` understands.
//!
//! # What the check can show, and what it cannot
//! Every file carries a SHA-256 in the manifest, and the records are held
//! against each other: captured bodies against their descriptions, pictures
//! against captures, evidence, decisions and notices against the audit events,
//! whose hashes are computed anew. A byte changed, a file added or taken out is
//! found. Not found is a forgery that makes every one of those anew, consistent
//! in itself: the packet is not signed yet. Whoever must rule that out compares
//! the packet's SHA-256 with the audit log of the installation it came from,
//! where every export is on record.

mod archive;
mod dossier;
mod export;
mod files;
mod report;
mod verify;
mod warc;

use std::path::PathBuf;

use crate::blobs::BlobError;
use crate::store::StoreError;

pub use export::export;
pub use verify::{Check, Verification, verify};

/// Name of the format, in `packet.json`.
pub const FORMAT: &str = "markhound packet";
/// Version of the format.
pub const VERSION: u64 = 1;

/// The manifest's name in the packet.
pub(crate) const MANIFEST: &str = "manifest-sha256.txt";

/// The most files in a packet.
const MAX_FILES: usize = 20_000;
/// The largest file in a packet, in bytes: 256 MiB.
const MAX_FILE: u64 = 256 << 20;
/// The largest sum of all files in a packet, in bytes: 2 GiB.
const MAX_TOTAL: u64 = 2 << 30;

/// Why a packet cannot be written or read.
#[derive(Debug, thiserror::Error)]
pub enum PacketError {
    /// The packet's file cannot be written.
    #[error("cannot write the packet {path}: {source}; check free space and permissions there")]
    Write {
        /// The file or folder.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The packet's file cannot be read.
    #[error("cannot read the packet {path}: {source}")]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The case holds more than a packet can.
    #[error(
        "case {case_id} holds more than a packet can: {files} files and {bytes} bytes; at most {MAX_FILES} files of {MAX_FILE} bytes each and {MAX_TOTAL} bytes in all"
    )]
    TooLarge {
        /// The case.
        case_id: i64,
        /// Files until then.
        files: usize,
        /// Bytes until then.
        bytes: u64,
    },
    /// The zip file cannot be made.
    #[error("cannot write the packet's zip file: {0}")]
    Zip(#[from] zip::result::ZipError),
    /// The report cannot be made.
    #[error("cannot write the packet's report: {0}")]
    Report(#[from] askama::Error),
    /// A captured body or a picture is missing or damaged.
    #[error("the packet would not be complete: {0}")]
    Blob(#[from] BlobError),
    /// A WARC record of a capture is missing or damaged.
    #[error(
        "the packet would not be complete: the WARC record at byte {offset} of captures/{file} in the data directory is missing or damaged: {why}"
    )]
    Warc {
        /// The file's name.
        file: String,
        /// Where the record should begin.
        offset: i64,
        /// What is wrong.
        why: String,
    },
    /// The database failed, or there is no such case.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The work was cut off.
    #[error("writing the packet was cut off; run it again")]
    Aborted,
}
