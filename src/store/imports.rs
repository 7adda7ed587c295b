//! Imports: scans over a file, found again by the file's SHA-256.

use serde::Serialize;
use serde_json::json;

use super::db::params;
use super::scans::{Progress, Scan};
use super::{Store, StoreError};

/// Who starts scans over files, in [`Scan::started_by`]. Only the import of the
/// same file goes on with one.
pub const STARTED_BY: &str = "import";

/// What became of an import's pages and pictures.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Tally {
    /// Pages, whether or not they hold listings.
    pub pages: i64,
    /// Pages that were left out or failed: why, and how many.
    pub left_out: Vec<(String, i64)>,
    /// Of those, the ones that failed.
    pub failed: i64,
    /// Pictures of its listings that were not to be had.
    pub missing_pictures: i64,
}

/// A file as its import is known by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportedFile {
    /// Its name, without folders.
    pub name: String,
    /// SHA-256 of its bytes, in lower-case hexadecimal.
    pub sha256: String,
    /// The address it was said to be from, if one was given: the same bytes
    /// with another address are read anew.
    pub url: Option<String>,
}

impl ImportedFile {
    /// The message of its scan, by which that is found again.
    pub(crate) fn message(&self) -> String {
        format!("import of {}{}", self.name, self.ending())
    }

    fn ending(&self) -> String {
        match &self.url {
            None => format!(" (SHA-256 {})", self.sha256),
            Some(url) => format!(" (from {url}, SHA-256 {})", self.sha256),
        }
    }
}

impl Store {
    /// Starts a scan over a file with its pages as (dedupe key, target) pairs,
    /// in one transaction.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn start_import(
        &self,
        source_id: i64,
        file: &ImportedFile,
        seeds: &[(String, String)],
    ) -> Result<i64, StoreError> {
        let now = self.clock.millis();
        let mut tx = self.pools.begin().await?;
        let message = file.message();
        let id = tx
            .id(
                "INSERT INTO scans (source_id, state, started_by, started_at, updated_at, message)
                 VALUES ($1, 'running', $2, $3, $3, $4) RETURNING id",
                params![source_id, STARTED_BY, now, &message],
            )
            .await?;
        let queued = tx.push_seeds(id, seeds).await?;
        let progress = Progress {
            queued,
            ..Progress::default()
        };
        tx.add_progress(id, progress, now).await?;
        let detail = json!({ "source_id": source_id, "seeds": seeds.len(), "file": file.name, "sha256": file.sha256 });
        let subject = format!("scan {id}");
        tx.audit(now, STARTED_BY, "scan.start", &subject, &detail)
            .await?;
        tx.commit().await?;
        Ok(id)
    }

    /// The newest import of a file into a source that ended well or can go on.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn import_of(
        &self,
        source_id: i64,
        file: &ImportedFile,
    ) -> Result<Option<Scan>, StoreError> {
        let alike: Vec<(i64, String)> = self
            .pools
            .all(
                "SELECT id, message FROM scans WHERE source_id = $1 AND started_by = $2
                    AND message LIKE $3 AND state IN ('running', 'done')
                 ORDER BY id DESC LIMIT 100",
                params![source_id, STARTED_BY, format!("%SHA-256 {})", file.sha256)],
            )
            .await?;
        // The name says nothing: the same bytes may lie elsewhere.
        let ending = file.ending();
        let same = |(_, message): &(i64, String)| message.ends_with(&ending);
        match alike.into_iter().find(same) {
            Some((id, _)) => self.scan(id).await.map(Some),
            None => Ok(None),
        }
    }

    /// What became of an import's pages and pictures.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn import_tally(&self, scan_id: i64) -> Result<Tally, StoreError> {
        let (pages,): (i64,) = self
            .pools
            .one(
                "SELECT COUNT(*) FROM frontier WHERE scan_id = $1 AND listing IS NULL",
                params![scan_id],
            )
            .await?;
        let left_out: Vec<(String, i64)> = self
            .pools
            .all(
                "SELECT COALESCE(error, ''), COUNT(*) FROM frontier
                 WHERE scan_id = $1 AND state IN ('failed', 'skipped')
                 GROUP BY error ORDER BY COUNT(*) DESC, error LIMIT 100",
                params![scan_id],
            )
            .await?;
        let (failed,): (i64,) = self
            .pools
            .one(
                "SELECT COUNT(*) FROM frontier WHERE scan_id = $1 AND state = 'failed'",
                params![scan_id],
            )
            .await?;
        let (missing_pictures,): (i64,) = self
            .pools
            .one(
                "SELECT COUNT(*) FROM listing_pictures p JOIN listings l ON l.id = p.listing_id
                 WHERE l.last_scan_id = $1 AND p.picture_id IS NULL",
                params![scan_id],
            )
            .await?;
        Ok(Tally {
            pages,
            left_out,
            failed,
            missing_pictures,
        })
    }
}
