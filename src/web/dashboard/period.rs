//! The period of the dashboard, and the steps its days are gathered in.

use jiff::ToSpan as _;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::clock::Millis;
use crate::store::figures::Day;

/// A day in milliseconds.
const DAY: i64 = 86_400_000;
/// Periods offered: (word in the address, words on the page).
pub(super) const PERIODS: [(&str, &str); 5] = [
    ("7", "7 days"),
    ("30", "30 days"),
    ("90", "90 days"),
    ("365", "A year"),
    ("all", "All"),
];
/// The longest periods shown by day and by week.
const BY_DAY: i64 = 45;
const BY_WEEK: i64 = 400;
/// Places of a plot, at most: what is older is left out of the drawing.
const MOST_PLACES: i64 = 240;

/// From when until when, whole days in UTC.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Period {
    /// `None`: from the beginning.
    pub(super) from: Option<Millis>,
    /// The moment after its last day, where it does not end today.
    pub(super) to: Option<Millis>,
    today: i64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    Day,
    Week,
    Month,
}

impl Period {
    /// The period that an address names; the last 90 days where it names none.
    pub(super) fn read(days: &str, from: &str, to: &str, now: Millis) -> Self {
        let today = now.0.div_euclid(DAY);
        let (from, to) = (day_of(from), day_of(to));
        if from.is_some() || to.is_some() {
            let (from, to) = match (from, to) {
                (Some(from), Some(to)) if from > to => (Some(to), Some(from)),
                other => other,
            };
            return Self {
                from: from.map(|day| Millis(day * DAY)),
                to: to.map(|day| Millis((day + 1) * DAY)),
                today,
            };
        }
        let last = match days {
            "all" => None,
            days => Some(
                days.parse()
                    .ok()
                    .filter(|n| (1..=3650).contains(n))
                    .unwrap_or(90),
            ),
        };
        Self {
            from: last.map(|days: i64| Millis((today - days + 1) * DAY)),
            to: None,
            today,
        }
    }

    fn last_day(&self) -> i64 {
        self.to
            .map_or(self.today, |to| (to.0 / DAY - 1).min(self.today))
    }

    fn first_day(&self, days: &[(i64, Day)]) -> i64 {
        let known = days.first().map(|(day, _)| *day);
        match self.from {
            Some(from) => from.0.div_euclid(DAY),
            None => known.unwrap_or_else(|| self.last_day()),
        }
    }

    fn step(&self, first: i64) -> Step {
        match self.last_day() - first + 1 {
            days if days <= BY_DAY => Step::Day,
            days if days <= BY_WEEK => Step::Week,
            _ => Step::Month,
        }
    }

    /// What a place of a plot stands for.
    pub(super) fn step_name(&self) -> &'static str {
        let first = self.from.map_or(0, |from| from.0.div_euclid(DAY));
        match self.step(first) {
            Step::Day => "day",
            Step::Week => "week",
            Step::Month => "month",
        }
    }

    /// The days in steps, those without anything too, each under its first day.
    pub(super) fn gather(&self, days: &[(i64, Day)]) -> Vec<(String, Day)> {
        let mut first = self.first_day(days);
        let step = match self.from {
            Some(_) => self.step(first),
            // The same whatever there is, so that it can be told before.
            None => self.step(0),
        };
        let last = self.last_day();
        let length = match step {
            Step::Day => 1,
            Step::Week => 7,
            Step::Month => 31,
        };
        first = first.max(last - MOST_PLACES * length);
        let mut gathered: Vec<(i64, Day)> = Vec::new();
        let mut at = begins(first, step);
        while at <= last {
            gathered.push((at, Day::default()));
            at = follows(at, step);
        }
        for (day, counts) in days {
            let begins = begins(*day, step);
            let Ok(place) = gathered.binary_search_by_key(&begins, |(at, _)| *at) else {
                continue;
            };
            let sum = &mut gathered[place].1;
            sum.found += counts.found;
            sum.confirmed += counts.confirmed;
            sum.rejected += counts.rejected;
            sum.removed += counts.removed;
        }
        let label = |day: i64| {
            let date = date(day);
            match step {
                Step::Month => date.strftime("%Y-%m").to_string(),
                _ => date.to_string(),
            }
        };
        gathered
            .into_iter()
            .map(|(day, counts)| (label(day), counts))
            .collect()
    }
}

/// The number of a day since 1970.
fn day_of(text: &str) -> Option<i64> {
    let date: Date = text.parse().ok()?;
    let at = date.to_zoned(TimeZone::UTC).ok()?.timestamp();
    let day = at.as_millisecond().div_euclid(DAY);
    // Years that a calendar of ours could show.
    (0..=36_500).contains(&day).then_some(day)
}

fn date(day: i64) -> Date {
    let zoned = Millis(day * DAY).timestamp().to_zoned(TimeZone::UTC);
    zoned.date()
}

/// The first day of the step that a day falls into; weeks begin on Monday.
fn begins(day: i64, step: Step) -> i64 {
    match step {
        Step::Day => day,
        // The first of January 1970 was a Thursday.
        Step::Week => day - (day + 3).rem_euclid(7),
        Step::Month => day - i64::from(date(day).day()) + 1,
    }
}

fn follows(day: i64, step: Step) -> i64 {
    match step {
        Step::Day => day + 1,
        Step::Week => day + 7,
        Step::Month => {
            let next = date(day).checked_add(1.month());
            next.map_or(day + 31, |next| begins_on(next, day + 31))
        }
    }
}

fn begins_on(date: Date, otherwise: i64) -> i64 {
    date.to_zoned(TimeZone::UTC).map_or(otherwise, |zoned| {
        zoned.timestamp().as_millisecond().div_euclid(DAY)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 2026-11-28, a Saturday.
    const NOW: Millis = Millis(1_795_824_000_000 + 5 * 3_600_000);
    const TODAY: i64 = 1_795_824_000_000 / DAY;

    fn found(day: i64, found: i64) -> (i64, Day) {
        let counts = Day {
            found,
            ..Day::default()
        };
        (day, counts)
    }

    #[test]
    fn nonsense_in_the_address_means_the_last_ninety_days() {
        let usual = Period::read("", "", "", NOW);
        assert_eq!(usual.from, Some(Millis((TODAY - 89) * DAY)));
        for nonsense in ["-3", "much", "999999999"] {
            assert_eq!(Period::read(nonsense, "x", "2026-99-99", NOW), usual);
        }
        let turned = Period::read("7", "2026-11-20", "2026-11-01", NOW);
        assert_eq!(turned, Period::read("", "2026-11-01", "2026-11-20", NOW));
    }

    #[test]
    fn every_day_is_gathered_once_in_days_weeks_and_months() {
        for days in ["7", "30", "90", "365", "3650", "all"] {
            let period = Period::read(days, "", "", NOW);
            let first = period.from.map_or(TODAY - 100, |from| from.0 / DAY);
            let counts: Vec<_> = (first..=TODAY).map(|day| found(day, 1)).collect();
            let gathered = period.gather(&counts);
            let sum: i64 = gathered.iter().map(|(_, day)| day.found).sum();
            assert_eq!(sum, TODAY - first + 1, "{days}");
            assert!(gathered.len() <= 240, "{days}");
        }
        let week = Period::read("7", "", "", NOW).gather(&[found(TODAY, 3)]);
        assert_eq!(week.len(), 7);
        assert_eq!(week[6], ("2026-11-28".to_owned(), found(TODAY, 3).1));
    }
}
