//! The bodies of captures. That of a page is in its WARC record and nowhere else;
//! what was received otherwise, and every picture, is a blob.

use std::fs::File;
use std::path::Path;

use markhound_crawlers::capture::{CaptureLimits, HttpResponse, Record, read_at};
use markhound_crawlers::coding;

use crate::blobs::{BlobError, Blobs, sha256_hex};
use crate::store::captures::StoredRecords;
use crate::store::listings::Capture;

/// Where the bodies of some captures are read from.
#[derive(Debug, Clone, Copy)]
pub struct Bodies<'a> {
    /// The blobs.
    pub blobs: &'a Blobs,
    /// The folder of the WARC files.
    pub folder: &'a Path,
    /// Where the records of the captures stand.
    pub records: &'a [StoredRecords],
    /// Captures that had one of these payloads before: revisits refer to them.
    pub originals: &'a [StoredRecords],
}

impl Bodies<'_> {
    /// The decoded body of a capture, checked against its SHA-256. Blocks.
    ///
    /// # Errors
    /// When it is missing or damaged.
    pub fn get(&self, capture: &Capture) -> Result<Vec<u8>, BlobError> {
        let place = self.records.iter().find(|place| place.id == capture.id);
        match place {
            Some(place) if !self.blobs.has(&capture.blob) => self.recorded(capture, place),
            _ => self.blobs.get(&capture.blob),
        }
    }

    fn recorded(&self, capture: &Capture, place: &StoredRecords) -> Result<Vec<u8>, BlobError> {
        let record = self.record(place)?;
        let failed = |why: &dyn std::fmt::Display| missing(place, why);
        let payload = match record.kind() {
            "revisit" => self.original(&record, place)?.payload,
            _ => record.http_response().map_err(|e| failed(&e))?.payload,
        };
        // A revisit's headers are those of its own answer.
        let headers = record.http_response().map_err(|e| failed(&e))?.headers;
        let limit = usize::try_from(capture.size).unwrap_or_default();
        let codings = coding::content_encoding(&headers);
        let body = coding::decode(codings.as_deref(), &payload, limit).map_err(|e| failed(&e))?;
        if sha256_hex(&body) == capture.blob {
            Ok(body.into())
        } else {
            let hash = capture.blob.clone();
            Err(BlobError::Damaged { hash })
        }
    }

    /// The answer that holds the payload of a revisit.
    fn original(&self, revisit: &Record, place: &StoredRecords) -> Result<HttpResponse, BlobError> {
        let named = revisit.field("WARC-Refers-To").unwrap_or_default();
        let named = named.trim_matches(['<', '>']);
        let first = self.originals.iter().find(|first| first.record == named);
        let first = first.ok_or_else(|| missing(place, &"the record it refers to is not known"))?;
        let response = self.record(first)?.http_response();
        response.map_err(|error| missing(first, &error))
    }

    fn record(&self, place: &StoredRecords) -> Result<Record, BlobError> {
        let (Ok(offset), Ok(length)) = (u64::try_from(place.start), u64::try_from(place.length))
        else {
            return Err(missing(place, &"no such place can be"));
        };
        let mut file =
            File::open(self.folder.join(&place.file)).map_err(|error| missing(place, &error))?;
        let record = read_at(&mut file, offset, length, &CaptureLimits::default())
            .map_err(|error| missing(place, &error))?;
        if record.id() == Some(place.record.as_str()) {
            Ok(record)
        } else {
            Err(missing(place, &"another record stands there"))
        }
    }
}

fn missing(place: &StoredRecords, why: &dyn std::fmt::Display) -> BlobError {
    BlobError::Record {
        file: place.file.clone(),
        offset: place.start,
        why: why.to_string(),
    }
}
