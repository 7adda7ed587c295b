//! How long a seller has been on the marketplace.

use jiff::civil::Date;

/// Sellers of this age in days and more are all alike to the score.
const OLD: i64 = 730;

/// The days from `since` (a date, a month or a year, as in
/// [`markhound_crawlers::Listing::seller_since`]) to `today` (`YYYY-MM-DD`). Of a month the
/// first day counts; of a year the last, and only where that is so long ago that the day
/// makes no difference. None where that cannot be told, or lies in the future.
pub(super) fn days(since: &str, today: &str) -> Option<u32> {
    let today: Date = today.parse().ok()?;
    let days_from = |date: &str| {
        let from: Date = date.parse().ok()?;
        Some(i64::from((today - from).get_days()))
    };
    let days = match since.len() {
        4 => days_from(&format!("{since}-12-31")).filter(|days| *days >= OLD)?,
        7 => days_from(&format!("{since}-01"))?,
        _ => days_from(since)?,
    };
    u32::try_from(days).ok()
}

#[cfg(test)]
mod tests {
    use super::days;

    #[test]
    fn ages_are_as_exact_as_what_is_said() {
        for (since, expected) in [
            ("2026-11-01", Some(27)),
            ("2026-11", Some(27)),
            ("2026-11-28", Some(0)),
            ("2026-11-29", None),
            ("2021-11-28", Some(1826)),
            // The days of such a year are told apart by the score.
            ("2025", None),
            ("2024", None),
            ("2026", None),
            ("2019", Some(2524)),
            ("soon", None),
            ("", None),
        ] {
            assert_eq!(days(since, "2026-11-28"), expected, "{since}");
        }
    }
}
