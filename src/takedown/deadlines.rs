//! What runs out when: working days, and the deadlines of notices.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use jiff::ToSpan as _;
use jiff::civil::{Date, Weekday};
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

use super::channel::{Channel, Deadline};
use crate::clock::Millis;
use crate::store::takedowns::{Notice, NoticeEvent};

const HOLIDAYS: &str = include_str!("holidays.toml");

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Calendar {
    observed: bool,
    fixed: Vec<String>,
    nth: Vec<(i8, i8, i8)>,
    easter: Vec<i32>,
    days: Vec<Date>,
}

fn calendars() -> &'static BTreeMap<String, Calendar> {
    static CALENDARS: OnceLock<BTreeMap<String, Calendar>> = OnceLock::new();
    CALENDARS.get_or_init(|| toml::from_str(HOLIDAYS).unwrap_or_default())
}

/// Whether there is a calendar of public holidays of that name.
pub(crate) fn has_calendar(name: &str) -> bool {
    calendars().contains_key(name)
}

/// Easter Sunday by the anonymous Gregorian computus.
fn easter(year: i16) -> Option<Date> {
    let y = i32::from(year);
    let (a, b, c) = (y % 19, y / 100, y % 100);
    let h = (19 * a + b - b / 4 - (b - (b + 8) / 25 + 1) / 3 + 15) % 30;
    let l = (32 + 2 * (b % 4) + 2 * (c / 4) - h - c % 4) % 7;
    let m = (a + 11 * h + 22 * l) / 451;
    let month = (h + l - 7 * m + 114) / 31;
    let day = (h + l - 7 * m + 114) % 31 + 1;
    Date::new(year, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()
}

impl Calendar {
    fn is_holiday(&self, day: Date) -> bool {
        self.days.contains(&day)
            || self.is_fixed(day)
            || self.nth.iter().any(|(month, weekday, nth)| {
                *month == day.month()
                    && Weekday::from_monday_one_offset(*weekday)
                        .and_then(|weekday| day.nth_weekday_of_month(*nth, weekday))
                        .is_ok_and(|holiday| holiday == day)
            })
            || easter(day.year()).is_some_and(|sunday| {
                let apart = (day - sunday).get_days();
                self.easter.contains(&apart)
            })
    }

    fn is_fixed(&self, day: Date) -> bool {
        let is = |day: Date| {
            self.fixed
                .iter()
                .any(|fixed| *fixed == day.strftime("%m-%d").to_string())
        };
        if is(day) {
            return true;
        }
        self.observed
            && match day.weekday() {
                Weekday::Friday => day.tomorrow().is_ok_and(is),
                Weekday::Monday => day.yesterday().is_ok_and(is),
                _ => false,
            }
    }
}

/// Whether a day is worked on: no weekend, no public holiday.
pub(crate) fn is_working_day(day: Date, calendar: Option<&str>) -> bool {
    let weekend = matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday);
    let holiday = calendar
        .and_then(|name| calendars().get(name))
        .is_some_and(|calendar| calendar.is_holiday(day));
    !weekend && !holiday
}

/// The day that many days after `from`, working days only where `business`.
pub(crate) fn after(from: Date, days: u32, business: bool, calendar: Option<&str>) -> Date {
    if !business {
        return from.saturating_add(i64::from(days).days());
    }
    let mut day = from;
    let mut left = days;
    while left > 0 {
        let Ok(next) = day.tomorrow() else {
            return day;
        };
        day = next;
        left -= u32::from(is_working_day(day, calendar));
    }
    day
}

/// A deadline of a notice that still runs, or ran out with nothing recorded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Due {
    /// The notice.
    pub notice: i64,
    /// The cases of the listings it is about.
    pub cases: Vec<i64>,
    /// The channel's name.
    pub channel: String,
    /// The deadline's name.
    pub name: String,
    /// The state that started it.
    pub state: String,
    /// The day it began.
    pub since: Date,
    /// The day before which what it is about cannot happen.
    pub earliest: Option<Date>,
    /// The last day.
    pub on: Date,
    /// Whether that day has passed.
    pub overdue: bool,
    /// What must be done by then, or what happens then.
    pub meaning: String,
}

fn day(at: Millis) -> Date {
    at.timestamp().to_zoned(TimeZone::UTC).date()
}

/// The deadlines of a notice at a moment: of each listing by the state it is in,
/// those of the same day together.
#[must_use]
pub fn due(channel: &Channel, notice: &Notice, events: &[NoticeEvent], now: Millis) -> Vec<Due> {
    let mut last: BTreeMap<i64, &NoticeEvent> = BTreeMap::new();
    for event in events.iter().filter(|event| event.notice_id == notice.id) {
        last.insert(event.case_id, event);
    }
    let mut found: Vec<Due> = Vec::new();
    for (case, event) in last {
        for deadline in &channel.deadlines {
            if deadline.after == event.to_state {
                let new = one(deadline, notice, case, event, now);
                match found
                    .iter_mut()
                    .find(|due| due.name == new.name && due.on == new.on)
                {
                    Some(same) => same.cases.push(case),
                    None => found.push(new),
                }
            }
        }
    }
    found
}

fn one(deadline: &Deadline, notice: &Notice, case: i64, event: &NoticeEvent, now: Millis) -> Due {
    let since = day(event.happened_at);
    let count = |days| after(since, days, deadline.business, deadline.holidays.as_deref());
    let on = count(deadline.days);
    Due {
        notice: notice.id,
        cases: vec![case],
        channel: notice.channel.clone(),
        name: deadline.name.clone(),
        state: event.to_state.clone(),
        since,
        earliest: deadline.earliest.map(count),
        on,
        overdue: on < day(now),
        meaning: deadline.meaning.clone(),
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn easter_is_where_the_almanac_has_it() {
        for (year, month, day) in [
            (2024, 3, 31),
            (2025, 4, 20),
            (2026, 4, 5),
            (2027, 3, 28),
            (2038, 4, 25),
        ] {
            assert_eq!(easter(year), Some(date(year, month, day)));
        }
    }

    #[test]
    fn holidays_of_the_united_states_are_those_of_the_statute() {
        for holiday in [
            date(2026, 1, 1),
            date(2026, 1, 19),
            date(2026, 2, 16),
            date(2026, 5, 25),
            date(2026, 6, 19),
            // The 4th of July is a Saturday.
            date(2026, 7, 3),
            date(2026, 9, 7),
            date(2026, 10, 12),
            date(2026, 11, 11),
            date(2026, 11, 26),
            date(2026, 12, 25),
            date(2027, 7, 5),
        ] {
            assert!(!is_working_day(holiday, Some("US")), "{holiday}");
        }
        assert!(is_working_day(date(2026, 7, 2), Some("US")));
        assert!(is_working_day(date(2026, 11, 27), Some("US")));
    }

    #[test]
    fn working_days_leave_out_weekends_and_holidays() {
        // Thanksgiving lies between.
        assert_eq!(
            after(date(2026, 11, 20), 10, true, Some("US")),
            date(2026, 12, 7)
        );
        assert_eq!(after(date(2026, 11, 20), 10, true, None), date(2026, 12, 4));
        assert_eq!(
            after(date(2026, 11, 20), 4, false, None),
            date(2026, 11, 24)
        );
        // Good Friday and Easter Monday.
        assert_eq!(
            after(date(2026, 4, 2), 1, true, Some("EU")),
            date(2026, 4, 7)
        );
    }
}
