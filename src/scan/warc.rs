//! The WARC files of a scan: every exchange, written before it is parsed.
//!
//! A process writes a file of its own for each scan it works on. What it wrote
//! and could not put into the database before it ended is cut off by the next
//! one, so that a file never ends in half a record.

use std::collections::HashMap;
use std::fs::{self, File, OpenOptions};
use std::io::{Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use markhound_crawlers::capture::{
    Earlier, FileInfo, HttpRecord, WarcWriter, Written, payload_digest,
};
use markhound_crawlers::fetch::{Exchange, Hop};
use serde::Serialize;

use super::ScanError;
use crate::app::App;
use crate::blobs::BlobError;
use crate::store::sources::Source;
use crate::store::work::{CaptureDraft, WarcPlace};

/// The folder of a data directory that holds the WARC files.
pub const FOLDER: &str = "captures";

/// How many payloads of a scan are remembered.
const MOST_PAYLOADS: usize = 100_000;

/// What one process writes of one scan. Cheap to clone.
#[derive(Clone)]
pub(super) struct WarcFiles {
    app: App,
    scan_id: i64,
    user_agent: String,
    /// Whether pages of the source may have been captured by an earlier scan.
    is_known: bool,
    open: Arc<Mutex<Option<Open>>>,
    /// The payloads of this scan's pages that are in the database, by digest.
    payloads: Arc<Mutex<HashMap<String, Earlier>>>,
}

/// What is known of an exchange's payload before it is written.
#[derive(Clone)]
pub(super) struct Payload {
    digest: String,
    earlier: Option<Earlier>,
}

impl Payload {
    /// Its SHA-256 in hexadecimal.
    pub(super) fn sha256_hex(&self) -> &str {
        self.digest.trim_start_matches("sha256:")
    }
}

struct Open {
    name: String,
    writer: WarcWriter<File>,
}

impl WarcFiles {
    /// Ready to write. Files that an earlier process left of this scan are cut
    /// where the database's knowledge of them ends.
    ///
    /// # Errors
    /// When the database cannot be read or a file not be cut.
    pub(super) async fn of(
        app: &App,
        source: &Source,
        scan_id: i64,
        user_agent: &str,
    ) -> Result<Self, ScanError> {
        let folder = app.data_dir.join(FOLDER);
        for name in names(&folder, scan_id) {
            let path = folder.join(&name);
            let end = app.store.warc_end(&name).await?;
            cut(&path, end).map_err(|source| BlobError::Write { path, source })?;
        }
        Ok(Self {
            app: app.clone(),
            scan_id,
            user_agent: user_agent.to_owned(),
            is_known: app.store.scans_of(source.id).await? > 1,
            open: Arc::default(),
            payloads: Arc::default(),
        })
    }

    /// An exchange's payload, and the record that first held it, if there is one. A
    /// page of a shop that no scan has been to can only be like another of this scan,
    /// which spares the database a question for each.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub(super) async fn payload(
        &self,
        exchange: &Exchange,
        is_page: bool,
    ) -> Result<Payload, ScanError> {
        let digest = payload_digest(&exchange.raw);
        let earlier = if exchange.raw.is_empty() {
            None
        } else if is_page && !self.is_known {
            self.payloads().get(&digest).cloned()
        } else {
            let found = self.app.store.first_capture_of(&digest).await?;
            found.and_then(|first| {
                Some(Earlier {
                    record_id: first.record_id,
                    url: first.url.parse().ok()?,
                    at: first.fetched_at.timestamp(),
                })
            })
        };
        Ok(Payload { digest, earlier })
    }

    /// Takes note of captures that are in the database now.
    pub(super) fn remember(&self, captures: &[CaptureDraft]) {
        if self.is_known {
            return;
        }
        let mut payloads = self.payloads();
        for capture in captures.iter().filter(|capture| capture.kind != "image") {
            let (Some(place), Ok(url)) = (&capture.warc, capture.final_url.parse()) else {
                continue;
            };
            if payloads.len() < MOST_PAYLOADS {
                payloads
                    .entry(place.payload.clone())
                    .or_insert_with(|| Earlier {
                        record_id: place.record_id.clone(),
                        url,
                        at: capture.fetched_at.timestamp(),
                    });
            }
        }
    }

    fn payloads(&self) -> MutexGuard<'_, HashMap<String, Earlier>> {
        self.payloads.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Writes an exchange with the redirects on its way. It survives a power cut
    /// after the next [`Self::sync`].
    ///
    /// # Errors
    /// When the file cannot be written; then it is as it was.
    pub(super) fn write(
        &self,
        exchange: &Exchange,
        payload: &Payload,
    ) -> Result<WarcPlace, BlobError> {
        let mut records: Vec<HttpRecord> = exchange.hops.iter().map(hop).collect();
        records.push(record(exchange, payload));
        self.append(&records, payload.earlier.as_ref())
    }

    /// Makes all that was written survive a power cut: before the database
    /// names it.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub(super) fn sync(&self) -> Result<(), BlobError> {
        let mut open = self.open();
        let Some(Open { name, writer }) = open.as_mut() else {
            return Ok(());
        };
        let path = self.app.data_dir.join(FOLDER).join(&*name);
        let synced = writer.get_mut().sync_data();
        synced.map_err(|source| BlobError::Write { path, source })
    }

    /// Writes what was parsed out of an exchange beside it. Nothing is written
    /// where the file is not the open one any more.
    ///
    /// # Errors
    /// When the file cannot be written; then it is as it was.
    pub(super) fn write_parsed(
        &self,
        place: &mut WarcPlace,
        exchange: &Exchange,
        parsed: &impl Serialize,
    ) -> Result<(), BlobError> {
        let is_open = |open: &Open| open.name == place.file;
        if !self.open().as_ref().is_some_and(is_open) {
            return Ok(());
        }
        let (id, url, at) = (&place.record_id, &exchange.url, exchange.fetched_at);
        let (name, record) = self.whole(|writer| writer.write_parsed(id, url, at, parsed))?;
        if name == place.file {
            place.beside.push((record.offset, record.length));
        }
        Ok(())
    }

    fn open(&self) -> MutexGuard<'_, Option<Open>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn append(
        &self,
        records: &[HttpRecord],
        earlier: Option<&Earlier>,
    ) -> Result<WarcPlace, BlobError> {
        let (file, (last, mut beside)) = self.whole(|writer| append(writer, records, earlier))?;
        beside.extend(last.chain.map(|chain| (chain.offset, chain.length)));
        beside.sort_unstable();
        beside.dedup();
        Ok(WarcPlace {
            file,
            offset: last.response.offset,
            length: last.response.length,
            record_id: last.response.record_id,
            payload: last.payload_digest,
            beside,
        })
    }

    /// Writes all of something into the open file, or nothing of it; says which
    /// file that is.
    fn whole<T>(
        &self,
        write: impl FnOnce(&mut WarcWriter<File>) -> std::io::Result<T>,
    ) -> Result<(String, T), BlobError> {
        let folder = self.app.data_dir.join(FOLDER);
        let failed = |path: PathBuf| |source| BlobError::Write { path, source };
        let mut open = self.open();
        if open.is_none() {
            *open = Some(self.begin(&folder).map_err(failed(folder.clone()))?);
        }
        let Some(Open { name, writer }) = open.as_mut() else {
            unreachable!("it was opened above");
        };
        let name = name.clone();
        let start = writer.offset();
        let written = write(writer);
        if written.is_err() {
            // Half an exchange is none. A file that cannot be cut is left alone.
            let file = writer.get_mut();
            let cut = file
                .set_len(start)
                .and_then(|()| file.seek(SeekFrom::Start(start)));
            if cut.is_err() || writer.offset() != start {
                *open = None;
            }
        }
        let written = written.map_err(failed(folder.join(&name)))?;
        Ok((name, written))
    }

    fn begin(&self, folder: &Path) -> std::io::Result<Open> {
        fs::create_dir_all(folder)?;
        let mut number = 1 + names(folder, self.scan_id).count();
        loop {
            let name = format!("scan-{:06}-{number}.warc.gz", self.scan_id);
            let path = folder.join(&name);
            match OpenOptions::new().write(true).create_new(true).open(&path) {
                Ok(file) => {
                    let software = concat!("markhound/", env!("CARGO_PKG_VERSION"));
                    let now = self.app.clock.now();
                    let mut info = FileInfo::new(&name, software, now);
                    info.user_agent.clone_from(&self.user_agent);
                    let operator = self.app.config.fetch.contact.clone();
                    info.operator = operator.unwrap_or_default();
                    let writer = WarcWriter::create(file, &info)?;
                    return Ok(Open { name, writer });
                }
                Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => number += 1,
                Err(error) => return Err(error),
            }
        }
    }
}

/// The records of the answer, and where those stand that belong to it.
type Placed = (Written, Vec<(u64, u64)>);

fn append(
    writer: &mut WarcWriter<File>,
    records: &[HttpRecord],
    earlier: Option<&Earlier>,
) -> std::io::Result<Placed> {
    let (answer, redirects) = records
        .split_last()
        .ok_or_else(|| std::io::Error::other("nothing was to be written"))?;
    let mut beside = Vec::new();
    for redirect in redirects {
        let written = writer.write(redirect, None, None)?;
        beside.extend([written.request, written.response].map(|r| (r.offset, r.length)));
    }
    // Only the answer itself may be a revisit.
    let written = writer.write(answer, earlier, None)?;
    beside.push((written.request.offset, written.request.length));
    Ok((written, beside))
}

/// The WARC files of a scan.
fn names(folder: &Path, scan_id: i64) -> impl Iterator<Item = String> + use<> {
    let start = format!("scan-{scan_id:06}-");
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .filter(move |name| name.starts_with(&start) && name.ends_with(".warc.gz"))
}

/// Cuts a file at the end of the last record that the database knows of.
fn cut(path: &Path, end: Option<u64>) -> std::io::Result<()> {
    let Some(end) = end else {
        return fs::remove_file(path);
    };
    let file = OpenOptions::new().write(true).open(path)?;
    if file.metadata()?.len() > end {
        file.set_len(end)?;
        file.sync_all()?;
    }
    Ok(())
}

fn record(exchange: &Exchange, payload: &Payload) -> HttpRecord {
    HttpRecord {
        url: exchange.url.clone(),
        method: exchange.method.clone(),
        request_headers: exchange.request_headers.clone(),
        request_body: posted(&exchange.request_body),
        status: exchange.status,
        reason: None,
        headers: exchange.headers.clone(),
        payload: exchange.raw.clone(),
        payload_digest: Some(payload.digest.clone()),
        peer: exchange.peer,
        at: exchange.fetched_at,
        tls_chain: exchange.tls_chain.clone(),
    }
}

fn hop(hop: &Hop) -> HttpRecord {
    HttpRecord {
        url: hop.url.clone(),
        method: hop.method.clone(),
        request_headers: hop.request_headers.clone(),
        request_body: posted(&hop.request_body),
        status: hop.status,
        reason: None,
        headers: hop.headers.clone(),
        payload: hop.raw.clone(),
        payload_digest: None,
        peer: hop.peer,
        at: hop.fetched_at,
        tls_chain: Vec::new(),
    }
}

fn posted(body: &Bytes) -> Option<Bytes> {
    (!body.is_empty()).then(|| body.clone())
}
