//! The captures of a packet as a web archive that replays offline: WACZ 1.1.1.
//!
//! ```text
//! archive/captures.warc.gz    the records as the scan wrote them
//! indexes/index.cdx           where each answer stands in it (CDXJ)
//! pages/pages.jsonl           where to begin
//! datapackage.json            the hash of each of these
//! datapackage-digest.json     the hash of that, and a signature where there is a certificate
//! ```
//!
//! Everything is stored, not deflated, so that a browser can seek in it.

mod index;
mod sign;

use std::io::{Cursor, Write as _};

use serde_json::{Value, json};
use zip::ZipWriter;

use super::dossier::Dossier;
use super::{PacketError, bag};
use crate::blobs::sha256_hex;
use crate::clock::Millis;

pub(super) use index::{Entry, entries, lines};
pub(super) use sign::{Certificate, check as check_signature, check_late, ordered};

/// The file's name in the packet.
pub(super) const NAME: &str = "captures.wacz";
/// The WARC file's folder and name in it.
pub(super) const ARCHIVE: &str = "archive/";
pub(super) const INDEX: &str = "indexes/index.cdx";
pub(super) const PAGES: &str = "pages/pages.jsonl";
pub(super) const DATAPACKAGE: &str = "datapackage.json";
pub(super) const DIGEST: &str = "datapackage-digest.json";
/// Where a signature stands that came after the packet was sealed: a file like
/// [`DIGEST`], which is itself part of what the packet's manifests fix.
///
/// The signature of an archive is no signature without its timestamp (WACZ signing
/// 0.1.0), and verifiers want that within ten minutes of `created`. So where no
/// authority answers, nothing of it is kept: the hash is signed anew, as of then, when
/// one does.
pub(super) const LATE: &str = "datapackage-digest.json";
/// The version of the format that is written.
pub(super) const VERSION: &str = "1.1.1";

/// An archive that only lacks its signature.
pub(super) struct Unsigned {
    files: Vec<(String, Vec<u8>)>,
    /// `sha256:` and the hash of datapackage.json: what is signed.
    pub hash: String,
    /// When it says it was made.
    pub created: String,
}

/// RFC 3339 without fractions: what verifiers of signatures read.
pub(super) fn seconds(at: Millis) -> String {
    at.timestamp().strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// Puts an archive together around a WARC file.
pub(super) fn prepare(
    dossier: &Dossier,
    name: &str,
    warc: Vec<u8>,
) -> Result<Unsigned, PacketError> {
    let entries = entries(&warc[..], warc.len() as u64, name).map_err(PacketError::Wacz)?;
    let index = lines(&entries).into_bytes();
    let pages = pages(dossier, &entries);
    let created = seconds(dossier.exported_at);
    let mut files = vec![
        (format!("{ARCHIVE}{name}"), warc),
        (INDEX.to_owned(), index),
        (PAGES.to_owned(), pages.into_bytes()),
    ];
    let resources: Vec<Value> = files
        .iter()
        .map(|(path, bytes)| {
            json!({
                "name": path.rsplit('/').next(),
                "path": path,
                "hash": format!("sha256:{}", sha256_hex(bytes)),
                "bytes": bytes.len(),
            })
        })
        .collect();
    let case = &dossier.case;
    let datapackage = json!({
        "profile": "data-package",
        "resources": resources,
        "wacz_version": VERSION,
        "created": created,
        "software": concat!("markhound ", env!("CARGO_PKG_VERSION")),
        "title": format!("Case {}: {}", case.id, case.title),
        "mainPageUrl": case.url,
    });
    let datapackage = super::files::pretty(&datapackage);
    let hash = format!("sha256:{}", sha256_hex(&datapackage));
    files.push((DATAPACKAGE.to_owned(), datapackage));
    Ok(Unsigned {
        files,
        hash,
        created,
    })
}

impl Unsigned {
    /// The zip file, with the signature if there is one.
    pub fn finish(mut self, signed: Option<Value>) -> Result<Vec<u8>, PacketError> {
        let digest = digest(&self.hash, signed);
        self.files.push((DIGEST.to_owned(), digest));
        let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
        for (path, bytes) in &self.files {
            zip.start_file(path.as_str(), bag::options())?;
            zip.write_all(bytes)
                .map_err(|error| PacketError::Zip(error.into()))?;
        }
        Ok(zip.finish()?.into_inner())
    }
}

/// The file with the hash of datapackage.json, and a signature if there is one.
pub(super) fn digest(hash: &str, signed: Option<Value>) -> Vec<u8> {
    let mut digest = json!({ "path": DATAPACKAGE, "hash": hash });
    if let Some(signed) = signed {
        digest["signedData"] = signed;
    }
    super::files::pretty(&digest)
}

/// The pages somebody would begin with: those the listing was read from.
fn pages(dossier: &Dossier, entries: &[Entry]) -> String {
    let header = json!({ "format": "json-pages-1.0", "id": "pages", "title": "All Pages" });
    let mut text = format!("{header}\n");
    for capture in &dossier.captures {
        let is_page = matches!(capture.kind.as_str(), "item" | "rendered")
            || capture.id == dossier.listing.capture_id;
        if !is_page {
            continue;
        }
        let url = capture.final_url.split('#').next().unwrap_or_default();
        if !entries.iter().any(|entry| entry.url == url) {
            continue;
        }
        let page = json!({
            "id": format!("capture-{}", capture.id),
            "url": url,
            "ts": seconds(capture.fetched_at),
            "title": dossier.case.title,
        });
        text.push_str(&format!("{page}\n"));
    }
    text
}
