//! The catalog's reference photos in memory, read again when it changes.

use std::collections::HashMap;
use std::sync::Arc;

use markhound_index::image::ReferenceIndex;

use crate::scan::matcher::{MatcherError, reference_index};
use crate::store::{Store, StoreError};

/// The reference photos as they were at a version of the catalog. Cheap to clone.
#[derive(Clone)]
pub(super) struct References {
    version: i64,
    pub(super) index: Arc<ReferenceIndex>,
    blobs: Arc<HashMap<i64, String>>,
}

impl References {
    /// Those kept when they still hold, else those of the database; or why
    /// these cannot be used.
    pub(super) async fn up_to_date(
        store: &Store,
        kept: Option<Self>,
    ) -> Result<Result<Self, String>, StoreError> {
        let version = store.catalog_version().await?;
        if let Some(kept) = kept.filter(|kept| kept.version == version) {
            return Ok(Ok(kept));
        }
        let mut blobs = HashMap::new();
        let read = reference_index(store, |photo| {
            blobs.insert(photo.id, photo.blob);
        });
        let index = match read.await {
            Ok(index) => index,
            Err(MatcherError::Hashes { why, .. }) => return Ok(Err(why.to_string())),
            Err(MatcherError::Store(error)) => return Err(error),
            Err(other) => return Ok(Err(other.to_string())),
        };
        Ok(Ok(Self {
            version,
            index: Arc::new(index),
            blobs: Arc::new(blobs),
        }))
    }

    /// SHA-256 of a reference photo's bytes.
    pub(super) fn blob(&self, reference: i64) -> String {
        self.blobs.get(&reference).cloned().unwrap_or_default()
    }
}
