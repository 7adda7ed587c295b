//! Hours of the day in which a shop is left alone.

use jiff::civil::Time;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use serde::{Deserialize, Serialize};

/// A daily window in which nothing is sent, `from` included, `to` not. It may
/// go over midnight.
///
/// ```toml
/// quiet_hours = { from = "22:00", to = "06:00", time_zone = "Europe/Berlin" }
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Written", into = "Written")]
pub struct QuietHours {
    from: Time,
    to: Time,
    zone: TimeZone,
    written: Written,
}

/// The same as it is written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    from: String,
    to: String,
    #[serde(default = "utc")]
    time_zone: String,
}

fn utc() -> String {
    "UTC".to_owned()
}

impl TryFrom<Written> for QuietHours {
    type Error = String;

    fn try_from(written: Written) -> Result<Self, String> {
        let time = |text: &str| -> Result<Time, String> {
            text.parse()
                .map_err(|_| format!("`{text}` is no time of day like `22:30`"))
        };
        let (from, to) = (time(&written.from)?, time(&written.to)?);
        if from == to {
            return Err("quiet hours that begin and end at the same time".to_owned());
        }
        let zone = TimeZone::get(&written.time_zone).map_err(|_| {
            format!(
                "`{}` is no IANA time zone like `Europe/Berlin`",
                written.time_zone
            )
        })?;
        Ok(Self {
            from,
            to,
            zone,
            written,
        })
    }
}

impl From<QuietHours> for Written {
    fn from(hours: QuietHours) -> Self {
        hours.written
    }
}

impl QuietHours {
    /// When they are over, if `now` lies in them. An hour that a change of
    /// clocks skips or doubles is read as the zone's own rule says.
    #[must_use]
    pub fn over_at(&self, now: Timestamp) -> Option<Timestamp> {
        let here = now.to_zoned(self.zone.clone());
        let time = here.time();
        let within = if self.from < self.to {
            self.from <= time && time < self.to
        } else {
            self.from <= time || time < self.to
        };
        if !within {
            return None;
        }
        let today = here.date();
        [Some(today), today.checked_add(1.day()).ok()]
            .into_iter()
            .flatten()
            .filter_map(|day| day.to_datetime(self.to).to_zoned(self.zone.clone()).ok())
            .map(|end| end.timestamp())
            .find(|end| *end > now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hours(from: &str, to: &str, zone: &str) -> QuietHours {
        let text = format!("from = \"{from}\"\nto = \"{to}\"\ntime_zone = \"{zone}\"\n");
        toml::from_str(&text).expect("quiet hours")
    }

    fn over_at(hours: &QuietHours, now: &str) -> Option<String> {
        let now = now.parse().expect("a time");
        hours.over_at(now).map(|end| end.to_string())
    }

    #[test]
    fn a_window_lies_in_the_zone_it_names_and_may_go_over_midnight() {
        let night = hours("22:00", "06:30", "Europe/Berlin");
        assert_eq!(over_at(&night, "2026-11-23T20:59:59Z"), None);
        let end = Some("2026-11-24T05:30:00Z".to_owned());
        assert_eq!(over_at(&night, "2026-11-23T21:00:00Z"), end);
        assert_eq!(over_at(&night, "2026-11-24T05:29:59Z"), end);
        assert_eq!(over_at(&night, "2026-11-24T05:30:00Z"), None);
        let noon = hours("12:00", "13:00", "UTC");
        assert_eq!(
            over_at(&noon, "2026-11-23T12:00:00Z").as_deref(),
            Some("2026-11-23T13:00:00Z")
        );
        assert_eq!(over_at(&noon, "2026-11-23T22:00:00Z"), None);
    }

    #[test]
    fn an_end_that_a_change_of_clocks_skips_still_comes() {
        // On 29 March 2026 the hour from 02:00 to 03:00 does not exist in Berlin.
        let night = hours("23:00", "02:30", "Europe/Berlin");
        assert_eq!(
            over_at(&night, "2026-03-29T00:30:00Z").as_deref(),
            Some("2026-03-29T01:30:00Z")
        );
    }

    #[test]
    fn nonsense_is_named() {
        for (from, to, zone, named) in [
            ("25:00", "06:00", "UTC", "`25:00`"),
            ("22:00", "soon", "UTC", "`soon`"),
            ("22:00", "06:00", "Atlantis", "`Atlantis`"),
            ("22:00", "22:00", "UTC", "same time"),
        ] {
            let text = format!("from = \"{from}\"\nto = \"{to}\"\ntime_zone = \"{zone}\"\n");
            let error = toml::from_str::<QuietHours>(&text).expect_err("nonsense");
            assert!(error.to_string().contains(named), "{error}");
        }
    }
}
