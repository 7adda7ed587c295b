//! A scan over a file that somebody else captured.

use std::sync::Arc;

use super::event::Observer;
use super::lock::SourceLock;
use super::matcher::Matcher;
use super::origin::Origin;
use super::{Ended, ScanError, Scanner, plan};
use crate::app::App;
use crate::import::archive::Archive;
use crate::store::imports::STARTED_BY;
use crate::store::scans::Scan;
use crate::store::sources::Source;

impl Scanner {
    /// A scanner over a file, which fetches nothing.
    #[must_use]
    pub fn of_archive(
        app: App,
        archive: Arc<Archive>,
        matcher: Arc<Matcher>,
        observer: Observer,
    ) -> Self {
        Self::over(app, Origin::Archive(archive), matcher, observer)
    }

    /// Starts a scan over a file and runs it to its end.
    ///
    /// # Errors
    /// [`ScanError`]; what was written stays.
    pub async fn import(
        &self,
        source: &Source,
        archive: &Archive,
    ) -> Result<(Scan, Ended), ScanError> {
        let lock = SourceLock::take(&self.app.data_dir, source)?;
        let definition = plan::definition(source)?;
        let seeds: Vec<(String, String)> = archive
            .targets()
            .map(|target| plan::new_target(&target))
            .map(|target| (target.key, target.target))
            .collect();
        let id = self
            .app
            .store
            .start_import(source.id, &archive.file, &seeds)
            .await?;
        self.run(source, definition, None, id, lock).await
    }

    /// A scan over a file goes on over that file only, and one of a shop only
    /// there.
    pub(super) fn goes_on_with(&self, scan: &Scan) -> Result<(), ScanError> {
        let is_import = scan.started_by == STARTED_BY;
        if is_import == matches!(self.origin, Origin::Archive(_)) {
            return Ok(());
        }
        Err(ScanError::Source {
            source_name: scan.source.clone(),
            why: format!(
                "scan {} is the import of a file; `markhound import` of the same file goes on with it",
                scan.id
            ),
        })
    }
}
