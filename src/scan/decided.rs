//! Whether anything was ever decided. Where nothing was, no listing has a past to
//! ask for, which spares a scan two questions a listing.

use std::sync::atomic::{AtomicI64, Ordering};

use super::ScanError;
use crate::app::App;

/// How long a no is believed, in milliseconds: somebody may decide during a scan.
const BELIEVED: i64 = 2000;
/// In place of a time: it was a yes, which stays one.
const YES: i64 = i64::MAX;

/// What is known so far.
#[derive(Debug)]
pub(super) struct Decided {
    /// Until when the last no is believed, in milliseconds.
    until: AtomicI64,
}

impl Default for Decided {
    fn default() -> Self {
        Self {
            until: AtomicI64::new(i64::MIN),
        }
    }
}

impl Decided {
    /// Whether any case was ever confirmed or rejected.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub(super) async fn anything(&self, app: &App) -> Result<bool, ScanError> {
        let until = self.until.load(Ordering::Relaxed);
        if until == YES {
            return Ok(true);
        }
        let now = app.clock.millis().0;
        if now < until {
            return Ok(false);
        }
        // The others go on with the no there was while this one asks.
        self.until.fetch_max(now + BELIEVED, Ordering::Relaxed);
        let decided = app.store.is_anything_decided().await?;
        if decided {
            self.until.store(YES, Ordering::Relaxed);
        }
        Ok(decided)
    }
}
