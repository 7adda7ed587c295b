//! Days as queries write them.

const DAY: i64 = 86_400_000;

/// The first millisecond of a day, month or year in UTC.
pub(super) fn millis(text: &str) -> Result<i64, String> {
    let wrong = || format!("\"{text}\" is no day; write it as 2026-03-01, 2026-03 or 2026");
    let mut parts = text.split('-');
    let mut next = |digits: usize| match parts.next() {
        None => Ok(None),
        Some(part) if part.len() == digits && part.bytes().all(|b| b.is_ascii_digit()) => {
            part.parse::<i64>().map(Some).map_err(|_| wrong())
        }
        Some(_) => Err(wrong()),
    };
    let year = next(4)?.ok_or_else(wrong)?;
    let month = next(2)?.unwrap_or(1);
    let day = next(2)?.unwrap_or(1);
    if parts.next().is_some() {
        return Err(wrong());
    }
    if !(1..=12).contains(&month) || day < 1 || day > length(year, month) {
        return Err(format!("there is no day {text} in the calendar"));
    }
    Ok(days(year, month, day) * DAY)
}

fn is_leap(year: i64) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

fn length(year: i64, month: i64) -> i64 {
    match month {
        2 if is_leap(year) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Days from 1970-01-01.
fn days(year: i64, month: i64, day: i64) -> i64 {
    let before = year - 1;
    let years = before * 365 + before / 4 - before / 100 + before / 400;
    let months: i64 = (1..month).map(|month| length(year, month)).sum();
    years + months + day - 1 - 719_162
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_months_and_years_are_read_and_others_refused() {
        assert_eq!(millis("1970-01-01"), Ok(0));
        assert_eq!(millis("2026-11-02"), Ok(1_793_577_600_000));
        assert_eq!(millis("2000-03"), millis("2000-03-01"));
        assert_eq!(millis("2024-02-29").map(|at| at + DAY), millis("2024-03"));
        assert_eq!(millis("0001"), Ok(-719_162 * DAY));
        for wrong in [
            "",
            "2026-3-1",
            "yesterday",
            "2026-03-01-01",
            "20260301",
            "2026-",
        ] {
            assert!(millis(wrong).unwrap_err().contains("2026-03-01"), "{wrong}");
        }
        for none in ["2026-02-29", "2026-13", "2026-00", "2026-04-31"] {
            assert!(millis(none).unwrap_err().contains("calendar"), "{none}");
        }
    }
}
