//! Where captures stand in the WARC files.

use sqlx::FromRow;

use super::db::{JsonText, params};
use super::listings::captures_of_listing;
use super::{Store, StoreError};
use crate::clock::Millis;

/// The capture that a payload was first received in.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct FirstCapture {
    /// The WARC-Record-ID of its response.
    pub record_id: String,
    /// The address that answered.
    pub url: String,
    /// When.
    pub fetched_at: Millis,
}

/// A response in a WARC file.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct StoredResponse {
    /// The capture.
    pub id: i64,
    /// The file's name.
    pub file: String,
    /// Where the record begins, in bytes.
    pub start: i64,
    /// How long it is, in bytes.
    pub length: i64,
    /// The digest of the payload as received.
    pub payload: String,
}

/// Where all records of a capture stand in a WARC file.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct StoredRecords {
    /// The capture.
    pub id: i64,
    /// The file's name.
    pub file: String,
    /// Where the answer's record begins, in bytes.
    pub start: i64,
    /// How long it is, in bytes.
    pub length: i64,
    /// The answer's WARC-Record-ID.
    pub record: String,
    /// The digest of the payload as received.
    pub payload: String,
    /// Offset and length of the records that belong to it.
    pub beside: JsonText<Vec<(i64, i64)>>,
}

/// How many captures that had a payload first are looked at.
const FIRST: i64 = 8;

impl Store {
    /// The WARC records of a listing's captures; see
    /// [`Store::captures_of_listing`].
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn warc_records_of(&self, listing: i64) -> Result<Vec<StoredRecords>, StoreError> {
        self.pools
            .all(
                concat!(
                    "SELECT id, warc_file AS file, warc_offset AS start, warc_length AS length,
                        warc_record AS record, payload, COALESCE(warc_beside, '[]') AS beside
                     FROM captures WHERE warc_file IS NOT NULL AND payload IS NOT NULL AND id IN ",
                    captures_of_listing!(),
                    " ORDER BY id"
                ),
                params![listing],
            )
            .await
    }

    /// The records of the captures that had a payload first.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn first_records_of(&self, payload: &str) -> Result<Vec<StoredRecords>, StoreError> {
        self.pools
            .all(
                "SELECT id, warc_file AS file, warc_offset AS start, warc_length AS length,
                    warc_record AS record, payload, COALESCE(warc_beside, '[]') AS beside
                 FROM captures WHERE payload = $1 AND warc_file IS NOT NULL
                 ORDER BY id LIMIT $2",
                params![payload, FIRST],
            )
            .await
    }

    /// [`Self::warc_records_of`], and the captures that had one of their payloads
    /// before.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn warc_records_and_originals_of(
        &self,
        listing: i64,
    ) -> Result<(Vec<StoredRecords>, Vec<StoredRecords>), StoreError> {
        let records = self.warc_records_of(listing).await?;
        let mut originals = Vec::new();
        for place in &records {
            originals.extend(self.first_records_of(&place.payload).await?);
        }
        Ok((records, originals))
    }

    /// The responses of captures after `last`, at most `most`.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn warc_responses_after(
        &self,
        last: i64,
        most: i64,
    ) -> Result<Vec<StoredResponse>, StoreError> {
        self.pools
            .all(
                "SELECT id, warc_file AS file, warc_offset AS start, warc_length AS length, payload
                 FROM captures WHERE id > $1 AND warc_file IS NOT NULL AND payload IS NOT NULL
                 ORDER BY id LIMIT $2",
                params![last, most],
            )
            .await
    }

    /// Every WARC file that captures stand in, with the end of the last of them.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn warc_files(&self) -> Result<Vec<(String, i64)>, StoreError> {
        self.pools
            .all(
                "SELECT warc_file, MAX(warc_offset + warc_length) FROM captures
                 WHERE warc_file IS NOT NULL GROUP BY warc_file ORDER BY warc_file",
                params![],
            )
            .await
    }

    /// The capture that a payload, named by its digest as a WARC has it, was
    /// first received in.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn first_capture_of(
        &self,
        payload: &str,
    ) -> Result<Option<FirstCapture>, StoreError> {
        self.pools
            .optional(
                "SELECT warc_record AS record_id, final_url AS url, fetched_at FROM captures
                 WHERE payload = $1 AND warc_record IS NOT NULL ORDER BY id LIMIT 1",
                params![payload],
            )
            .await
    }

    /// Where the last record of a WARC file ends that is in the database, in
    /// bytes; nothing when none is.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn warc_end(&self, file: &str) -> Result<Option<u64>, StoreError> {
        let end: Option<(i64,)> = self
            .pools
            .optional(
                "SELECT warc_offset + warc_length FROM captures
                 WHERE warc_file = $1 ORDER BY warc_offset DESC LIMIT 1",
                params![file],
            )
            .await?;
        Ok(end.and_then(|(end,)| u64::try_from(end).ok()))
    }
}
