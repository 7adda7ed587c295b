//! Whether a source may send a request at all now.

use jiff::tz::TimeZone;

use super::host::forgetful;
use super::{FetchError, Fetcher};
use crate::definition::Definition;

impl Fetcher {
    /// Fails in quiet hours and when the daily quota (UTC days) is used up;
    /// spends one of it otherwise. To be asked right before sending.
    pub(super) async fn may_send(&self, definition: &Definition) -> Result<(), FetchError> {
        let now = self.now();
        let rate = &definition.schema.rate;
        let windows = [&rate.quiet_hours, &self.limits().quiet_hours];
        let ends = windows
            .into_iter()
            .flatten()
            .filter_map(|hours| hours.over_at(now));
        if let Some(until) = ends.max() {
            return Err(FetchError::QuietHours {
                source_id: definition.id().to_owned(),
                until,
            });
        }
        let Some(quota) = rate.daily_quota else {
            return Ok(());
        };
        let today = now.to_zoned(TimeZone::UTC).date();
        let memory = &self.inner.options.memory;
        let spent = memory.spend(definition.id(), today, quota).await;
        if spent.map_err(forgetful)? {
            return Ok(());
        }
        Err(FetchError::RateBudget {
            source_id: definition.id().to_owned(),
            quota,
        })
    }
}
