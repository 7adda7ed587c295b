//! When a source is scanned next: a cron expression in a time zone.
//!
//! A reconciler: it compares what should have run with what has. A run that was
//! missed is caught up once; a scan that is still running is left alone.

use std::str::FromStr;

use croner::Cron;
use jiff::{Timestamp, tz::TimeZone};

use crate::clock::Millis;
use crate::store::sources::Source;

/// Why a schedule cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ScheduleError {
    /// Not a cron expression.
    #[error(
        "{expression:?} is not a cron expression (minute hour day month weekday, such as \"30 2 * * *\"): {why}"
    )]
    Expression {
        /// As given.
        expression: String,
        /// Why.
        why: String,
    },
    /// Not a time zone.
    #[error("{0:?} is not an IANA time zone, such as \"Europe/Berlin\" or \"UTC\"")]
    TimeZone(String),
}

/// The first moment of a schedule after `after`; `None` when there is none.
///
/// # Errors
/// [`ScheduleError`] when the expression or the zone cannot be read.
pub fn next_after(
    expression: &str,
    time_zone: &str,
    after: Timestamp,
) -> Result<Option<Timestamp>, ScheduleError> {
    let cron = Cron::from_str(expression).map_err(|error| ScheduleError::Expression {
        expression: expression.to_owned(),
        why: error.to_string(),
    })?;
    let zone =
        TimeZone::get(time_zone).map_err(|_| ScheduleError::TimeZone(time_zone.to_owned()))?;
    let next = cron.find_next_occurrence(&after.to_zoned(zone), false).ok();
    Ok(next.map(|zoned| zoned.timestamp()))
}

/// Whether a source should be scanned now: somebody asked for it, or its schedule has
/// passed a moment since the last scan started (or since the source was added).
///
/// # Errors
/// [`ScheduleError`] when its schedule cannot be read.
pub fn is_due(
    source: &Source,
    last_start: Option<Millis>,
    now: Timestamp,
) -> Result<bool, ScheduleError> {
    if source.enabled && source.run_asked_at.is_some() {
        return Ok(true);
    }
    let Some(expression) = source.schedule.as_deref().filter(|_| source.enabled) else {
        return Ok(false);
    };
    let since = last_start.unwrap_or(source.created_at).timestamp();
    Ok(next_after(expression, &source.time_zone, since)?.is_some_and(|at| at <= now))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::db::JsonText;

    fn source(schedule: &str, zone: &str, created: &str) -> Source {
        Source {
            id: 1,
            name: "shop".into(),
            definition: String::new(),
            base: None,
            queries: JsonText(Vec::new()),
            settings: JsonText::default(),
            schedule: Some(schedule.into()),
            time_zone: zone.into(),
            enabled: true,
            created_at: at(created).into(),
            run_asked_by: None,
            run_asked_at: None,
            run_refused: None,
        }
    }

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn a_nightly_scan_is_due_after_its_local_time_and_once() {
        let source = source("30 2 * * *", "Europe/Berlin", "2026-07-01T12:00:00Z");
        assert!(!is_due(&source, None, at("2026-07-02T00:29:00Z")).unwrap());
        assert!(is_due(&source, None, at("2026-07-02T00:30:00Z")).unwrap());
        let started = Some(Millis::from(at("2026-07-02T00:30:05Z")));
        assert!(!is_due(&source, started, at("2026-07-02T23:00:00Z")).unwrap());
    }

    #[test]
    fn runs_missed_while_the_machine_was_off_are_caught_up_by_one_scan() {
        let source = source("30 2 * * *", "UTC", "2026-07-01T12:00:00Z");
        let before = Some(Millis::from(at("2026-07-02T02:30:00Z")));
        let now = at("2026-07-09T08:00:00Z");
        assert!(is_due(&source, before, now).unwrap());
        assert!(!is_due(&source, Some(Millis::from(now)), now).unwrap());
    }

    #[test]
    fn a_source_that_somebody_wants_scanned_is_due_without_a_schedule() {
        let mut source = source("", "UTC", "2026-07-01T12:00:00Z");
        source.schedule = None;
        assert!(!is_due(&source, None, at("2026-07-02T00:00:00Z")).unwrap());
        source.run_asked_at = Some(Millis(1));
        assert!(is_due(&source, None, at("2026-07-02T00:00:00Z")).unwrap());
    }

    #[test]
    fn a_night_with_a_clock_change_still_has_its_scan() {
        // On 29 March 2026 the hour from 02:00 to 03:00 does not exist in Berlin.
        let source = source("30 2 * * *", "Europe/Berlin", "2026-03-28T12:00:00Z");
        assert!(is_due(&source, None, at("2026-03-29T06:00:00Z")).unwrap());
    }

    #[test]
    fn a_paused_source_is_never_due_and_nonsense_is_named() {
        let mut paused = source("* * * * *", "UTC", "2026-07-01T12:00:00Z");
        paused.enabled = false;
        paused.run_asked_at = Some(Millis(1));
        assert!(!is_due(&paused, None, at("2026-07-09T08:00:00Z")).unwrap());
        assert!(matches!(
            next_after("soon", "UTC", at("2026-07-01T12:00:00Z")),
            Err(ScheduleError::Expression { .. })
        ));
        assert!(matches!(
            next_after("0 2 * * *", "Atlantis", at("2026-07-01T12:00:00Z")),
            Err(ScheduleError::TimeZone(_))
        ));
    }
}
