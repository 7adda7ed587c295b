//! Evidence packets: everything about a case in one zip file.
//!
//! [`export`] writes it, [`verify_with`] checks it. A packet is a bag (BagIt 1.0,
//! RFC 8493): the captured answers as they were received, in a WARC file of their
//! own, the pictures, the match evidence, decisions and notices with their place in
//! the hash-chained audit log, a report to read, and manifests that `bagit.py` and
//! `sha256sum -c` understand. The tag manifest, which fixes all of it, is signed.
//!
//! # What the check can show, and what it cannot
//! Every file carries a SHA-256 in a manifest, and the records are held
//! against each other: captured bodies against their descriptions, pictures
//! against captures, evidence, decisions and notices against the audit events,
//! whose hashes are computed anew. A byte changed, a file added or taken out is
//! found. A forgery that makes every one of those anew, consistent in itself, lacks
//! the signature of the key it claims; whoever checks must know that key from
//! elsewhere ([`Trust`]). Not found is what the holder of the key forges himself:
//! against that stand the timestamps of others.

mod bag;
mod batch;
mod collection;
mod content;
mod dossier;
mod export;
mod files;
mod held;
pub mod keys;
mod outward;
mod pdf;
mod reasons;
mod report;
pub mod stamp;
mod timeline;
mod verify;
mod wacz;
mod warc;

use std::path::PathBuf;

use crate::blobs::BlobError;
use crate::print::PrintError;
use crate::store::StoreError;
use keys::KeyError;

pub use crate::print::Language;
pub use batch::{Folder, Written, export_each};
pub use collection::{card_title, export_together};
pub use export::{Exported, Options, export, export_as};
pub use verify::{Check, Signer, Trust, Verification, verify, verify_with};

/// Name of the format, in `packet.json`.
pub const FORMAT: &str = "markhound packet";
/// Version of the format.
pub const VERSION: u64 = 2;

/// Name of the format of packets about several cases.
pub const COLLECTION: &str = "markhound packet collection";
/// Version of that format.
pub const COLLECTION_VERSION: u64 = 1;

/// The most cases in one packet.
const MAX_CASES: usize = 500;
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
        "{packet} holds more than a packet can: {files} files and {bytes} bytes; at most {MAX_FILES} files of {MAX_FILE} bytes each and {MAX_TOTAL} bytes in all"
    )]
    TooLarge {
        /// What the packet is called, such as `case-42`.
        packet: String,
        /// Files until then.
        files: usize,
        /// Bytes until then.
        bytes: u64,
    },
    /// Another batch writes into the folder.
    #[error(
        "another export writes into {path}; wait for it to end, or choose another folder with -o"
    )]
    Busy {
        /// The folder.
        path: PathBuf,
    },
    /// Too many cases for one packet.
    #[error(
        "{cases} cases are more than one packet can hold, which is {MAX_CASES}; choose fewer, or write a packet for each"
    )]
    TooManyCases {
        /// How many.
        cases: usize,
    },
    /// The zip file cannot be made.
    #[error("cannot write the packet's zip file: {0}")]
    Zip(#[from] zip::result::ZipError),
    /// The key that signs cannot be used.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// A file of certificates cannot be used.
    #[error("cannot use the certificates in {path}: {why}")]
    Certificates {
        /// The file.
        path: PathBuf,
        /// Why.
        why: String,
    },
    /// No authority can be asked for timestamps.
    #[error("cannot ask for timestamps: {0}")]
    Timestamps(String),
    /// A file is no packet that this installation wrote.
    #[error(
        "{path} has no signature of a packet that was written here, so nothing is known of its timestamps"
    )]
    NotOurs {
        /// The file.
        path: PathBuf,
    },
    /// The report cannot be made.
    #[error("cannot write the packet's report: {0}")]
    Report(#[from] askama::Error),
    /// A document to print cannot be made.
    #[error(transparent)]
    Print(#[from] PrintError),
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
    /// The WARC records cannot be indexed.
    #[error("the packet would not be complete: its WARC records cannot be indexed: {0}")]
    Wacz(String),
    /// The database failed, or there is no such case.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The work was cut off.
    #[error("writing the packet was cut off; run it again")]
    Aborted,
}
