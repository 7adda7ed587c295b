//! Which of the targets found are worth a request: traps are left.

use std::sync::{Mutex, MutexGuard, PoisonError};

use markhound_crawlers::discover::{Budget, Ruling};
use markhound_crawlers::{Definition, Reading, Target};

use super::ScanError;
use crate::app::App;

/// Frontier rows read at a time when a scan goes on.
const ROWS_AT_ONCE: i64 = 1000;

/// What a scan has learnt of where its source's traps are.
pub(super) struct Frontier {
    budget: Mutex<Budget>,
}

impl Frontier {
    /// That of a scan, which may be under way already.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub(super) async fn of(
        app: &App,
        definition: &Definition,
        scan_id: i64,
    ) -> Result<Self, ScanError> {
        let mut budget = Budget::new(definition);
        let mut last = 0;
        loop {
            let rows = app
                .store
                .frontier_after(scan_id, last, ROWS_AT_ONCE)
                .await?;
            let Some((id, _)) = rows.last() else {
                break;
            };
            last = *id;
            for target in rows
                .iter()
                .filter_map(|(_, text)| serde_json::from_str(text).ok())
            {
                let _ = budget.rule(&target);
            }
        }
        Ok(Self {
            budget: Mutex::new(budget),
        })
    }

    /// Why a target is not worth a request any more, if it is not.
    pub(super) fn spent(&self, target: &Target) -> Option<String> {
        self.budget().spent(target)
    }

    /// Takes note of what a target led to.
    pub(super) fn learn(&self, target: &Target, reading: Option<&Reading>) {
        self.budget().learn(target, reading);
    }

    /// The targets that are new and no trap.
    pub(super) fn admit<'a>(&self, targets: &'a [Target]) -> Vec<&'a Target> {
        let mut budget = self.budget();
        let admitted = targets.iter().filter(|target| match budget.rule(target) {
            Ruling::Take => true,
            Ruling::Known => false,
            Ruling::Trap { why } => {
                tracing::info!(url = %target.url, why, "left as a trap");
                false
            }
        });
        admitted.collect()
    }

    fn budget(&self) -> MutexGuard<'_, Budget> {
        self.budget.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
