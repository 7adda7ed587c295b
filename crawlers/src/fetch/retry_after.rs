//! The `Retry-After` header (RFC 9110, section 10.2.3).

use std::time::Duration;

use jiff::Timestamp;

/// How long to wait: a number of seconds, or an HTTP date in one of its three
/// formats (RFC 9110, section 5.6.7) seen from `now`; a date that has passed
/// is no time at all. None for anything else, a negative number among it.
///
/// Fractions are read although the RFC has none. What is too large for a
/// duration is the longest there is: whoever waits has a bound of their own.
pub(super) fn retry_after(text: &str, now: Timestamp) -> Option<Duration> {
    let text = text.trim();
    let is_number = text.starts_with(|c: char| c.is_ascii_digit())
        && text.chars().all(|c| c.is_ascii_digit() || c == '.');
    if is_number {
        let seconds: f64 = text.parse().ok()?;
        return Some(Duration::try_from_secs_f64(seconds).unwrap_or(Duration::MAX));
    }
    // HTTP knows no year 10000, but one day more than a timestamp does.
    let date = httpdate::parse_http_date(text).ok()?;
    let date = Timestamp::try_from(date).unwrap_or(Timestamp::MAX);
    Some(Duration::try_from(date.duration_since(now)).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Option<Duration> {
        let now = "2026-11-23T10:00:00Z".parse().expect("a time");
        retry_after(text, now)
    }

    #[test]
    fn seconds_are_read_with_fractions_and_without_a_bound() {
        assert_eq!(read(" 7 "), Some(Duration::from_secs(7)));
        assert_eq!(read("0"), Some(Duration::ZERO));
        assert_eq!(read("1.5"), Some(Duration::from_millis(1500)));
        assert_eq!(read("007"), Some(Duration::from_secs(7)));
        assert_eq!(read("31536000"), Some(Duration::from_secs(31_536_000)));
        let absurd = "9".repeat(400);
        for absurd in ["99999999999999999999999", &absurd] {
            assert_eq!(read(absurd), Some(Duration::MAX), "{absurd}");
        }
    }

    #[test]
    fn dates_are_read_in_all_three_formats() {
        for date in [
            "Mon, 23 Nov 2026 10:01:30 GMT",
            "Monday, 23-Nov-26 10:01:30 GMT",
            "Mon Nov 23 10:01:30 2026",
        ] {
            assert_eq!(read(date), Some(Duration::from_secs(90)), "{date}");
        }
    }

    #[test]
    fn a_date_that_has_passed_is_no_time_at_all() {
        for date in [
            "Mon, 23 Nov 2026 09:00:00 GMT",
            "Thu, 01 Jan 1970 00:00:00 GMT",
        ] {
            assert_eq!(read(date), Some(Duration::ZERO), "{date}");
        }
    }

    #[test]
    fn garbage_says_nothing() {
        for text in [
            "",
            "-5",
            "+5",
            "soon",
            "5s",
            "1.2.3",
            ".5",
            "1e3",
            "NaN",
            "inf",
            "5, 6",
            "١٢",
            "2026-11-23T10:01:30Z",
            "Mon, 99 Nov 2026 10:01:30 GMT",
            "\u{fffd}",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
