//! Where captures stand in the WARC files.

use sqlx::FromRow;

use super::db::params;
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

impl Store {
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
