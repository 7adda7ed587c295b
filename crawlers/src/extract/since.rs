//! Since when a seller is there, in the words of marketplaces.
//!
//! Pages say it to the day, the month or only the year ("Member since Mar 2019"),
//! and services as a count of seconds. What is kept is a date cut to what was
//! said: `2019-03-12`, `2019-03` or `2019` (ISO 8601, reduced precision).

use jiff::{Timestamp, civil::Date, tz::TimeZone};

/// The longest text looked at, in characters.
const MAX_TEXT: usize = 120;
/// The first year a seller on the web can be there since.
const FIRST_YEAR: i16 = 1994;
/// No later year is believed.
const LAST_YEAR: i16 = 2100;

/// The names of the months by their first letters, as long as they must be to be
/// told apart: English, German, French, Spanish, Portuguese, Italian, Dutch, Polish,
/// Russian.
const MONTHS: [&[&str]; 12] = [
    &["jan", "jän", "janv", "ene", "gen", "sty", "янв"],
    &["feb", "fév", "fev", "lut", "фев"],
    &["mar", "mär", "maa", "мар"],
    &["apr", "avr", "abr", "kwi", "апр"],
    &["may", "mai", "mag", "mei", "maj", "май", "мая"],
    &["jun", "juin", "giu", "cze", "июн"],
    &["jul", "juil", "lug", "lip", "июл"],
    &["aug", "aoû", "aou", "ago", "sie", "авг"],
    &["sep", "set", "wrz", "сен"],
    &["oct", "okt", "out", "ott", "paź", "paz", "окт"],
    &["nov", "lis", "ноя"],
    &["dec", "dez", "déc", "dic", "gru", "дек"],
];

/// Year, month and day, which stand behind the numbers: `2019年3月`.
const UNITS: [&str; 6] = ["年", "月", "日", "년", "월", "일"];

/// The date in a text such as `Member since March 2019`, `2019-03-12T08:00:00Z`,
/// `03/2019`, `2019年3月` or `1552377600` (seconds since 1970), cut to what it says.
/// None where no date, or more than one year, stands in it. A day and a month that
/// could be each other (`04/05/2019`) leave the year.
#[must_use]
pub fn parse(text: &str) -> Option<String> {
    let text = text.trim();
    if text.chars().count() > MAX_TEXT {
        return None;
    }
    if let Some(moment) = counted(text) {
        return date(moment.to_zoned(TimeZone::UTC).date());
    }
    let lower = text.to_lowercase();
    let words: Vec<Word<'_>> = words(&lower);
    let mut years = words
        .iter()
        .enumerate()
        .filter_map(|(at, word)| Some((at, word.year()?)));
    let (at, year) = years.next()?;
    if years.any(|(_, other)| other != year) {
        return None;
    }
    let month_name = words.iter().position(|word| word.month().is_some());
    if let Some(named) = month_name {
        let month = words[named].month()?;
        // "12 March 2019", "March 12, 2019".
        let beside = [named.checked_sub(1), Some(named + 1)];
        let day = beside
            .into_iter()
            .flatten()
            .filter(|&near| near != at)
            .find_map(|near| words.get(near)?.number(1..=31));
        return written(year, Some(month), day);
    }
    let number = |at: Option<usize>| words.get(at?)?.number(1..=31);
    // 2019-03-12, 2019年3月12日
    if let Some(month) = number(Some(at + 1)).filter(|month| *month <= 12) {
        return written(year, Some(month), number(Some(at + 2)));
    }
    match (number(at.checked_sub(2)), number(at.checked_sub(1))) {
        // 12.03.2019: with points the day is first everywhere.
        (Some(day), Some(month)) if month <= 12 && (day > 12 || lower.contains('.')) => {
            written(year, Some(month), Some(day))
        }
        (Some(month), Some(day)) if day > 12 && month <= 12 => {
            written(year, Some(month), Some(day))
        }
        (Some(_), Some(_)) => written(year, None, None),
        (None, Some(month)) if month <= 12 => written(year, Some(month), None),
        _ => written(year, None, None),
    }
}

/// A run of letters or of digits.
struct Word<'a>(&'a str);

impl Word<'_> {
    fn year(&self) -> Option<i16> {
        let year = (self.0.len() == 4).then(|| self.0.parse().ok())??;
        (FIRST_YEAR..=LAST_YEAR).contains(&year).then_some(year)
    }

    fn number(&self, range: std::ops::RangeInclusive<i8>) -> Option<i8> {
        let number = (self.0.len() <= 2).then(|| self.0.parse().ok())??;
        range.contains(&number).then_some(number)
    }

    /// The month a name stands for.
    fn month(&self) -> Option<i8> {
        let begins = |names: &[&str]| names.iter().any(|name| self.0.starts_with(name));
        let at = MONTHS.iter().position(|names| begins(names))?;
        i8::try_from(at + 1).ok()
    }
}

/// The runs of letters and the runs of digits of a text, but for those of a time of day.
fn words(text: &str) -> Vec<Word<'_>> {
    let mut words = Vec::new();
    let mut start = 0;
    while let Some(first) = text[start..].chars().next() {
        let same = |c: char| {
            if first.is_ascii_digit() {
                c.is_ascii_digit()
            } else {
                c.is_alphabetic()
            }
        };
        let rest = &text[start..];
        let length = rest.find(|c| !same(c)).unwrap_or(rest.len());
        let end = start + length.max(first.len_utf8());
        let word = &text[start..end];
        if first.is_alphanumeric() && !is_of_time(text, start, end) && !UNITS.contains(&word) {
            words.push(Word(word));
        }
        start = end;
    }
    words
}

/// Whether a colon binds the run at `start..end` to other digits, as in `08:15`.
fn is_of_time(text: &str, start: usize, end: usize) -> bool {
    let bytes = text.as_bytes();
    let digit = |at: Option<usize>| {
        at.and_then(|at| bytes.get(at))
            .is_some_and(u8::is_ascii_digit)
    };
    let colon = |at: Option<usize>| at.and_then(|at| bytes.get(at)) == Some(&b':');
    colon(start.checked_sub(1)) && digit(start.checked_sub(2))
        || colon(Some(end)) && digit(Some(end + 1))
}

/// A count of seconds or milliseconds since 1970, as services give it.
fn counted(text: &str) -> Option<Timestamp> {
    let count: i64 = text.parse().ok()?;
    match text.len() {
        9 | 10 => Timestamp::from_second(count).ok(),
        12 | 13 => Timestamp::from_millisecond(count).ok(),
        _ => None,
    }
}

fn date(date: Date) -> Option<String> {
    written(date.year(), Some(date.month()), Some(date.day()))
}

/// The date as it is kept; less of it where a part is missing or cannot be.
fn written(year: i16, month: Option<i8>, day: Option<i8>) -> Option<String> {
    if !(FIRST_YEAR..=LAST_YEAR).contains(&year) {
        return None;
    }
    let whole = month.zip(day).and_then(|(m, d)| Date::new(year, m, d).ok());
    Some(match (whole, month) {
        (Some(date), _) => date.to_string(),
        (None, Some(month)) => format!("{year}-{month:02}"),
        (None, None) => year.to_string(),
    })
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn dates_are_cut_to_what_is_said() {
        let cases = [
            ("Member since Mar 2019", Some("2019-03")),
            ("Member since March 12, 2019", Some("2019-03-12")),
            ("Aktiv seit 04.05.2021", Some("2021-05-04")),
            ("Mitglied seit Jänner 2018", Some("2018-01")),
            ("Membre depuis le 3 août 2016", Some("2016-08-03")),
            ("Miembro desde septiembre de 2020", Some("2020-09")),
            ("Vendedor desde 2015", Some("2015")),
            ("На сайте с 5 мая 2017", Some("2017-05-05")),
            ("2019-03-12T23:59:59Z", Some("2019-03-12")),
            ("2019-03-12 08:15", Some("2019-03-12")),
            ("08:15, 12 March 2019", Some("2019-03-12")),
            ("Since:2019", Some("2019")),
            ("2019年3月", Some("2019-03")),
            ("开店时间：2012年11月8日", Some("2012-11-08")),
            ("03/2019", Some("2019-03")),
            ("25/12/2019", Some("2019-12-25")),
            ("12/25/2019", Some("2019-12-25")),
            ("04/05/2019", Some("2019")),
            ("1552377600", Some("2019-03-12")),
            ("1552377600000", Some("2019-03-12")),
            ("2019-13-40", Some("2019")),
            ("2019-02-31", Some("2019-02")),
            ("from 2015 to 2019", None),
            ("Top seller", None),
            ("12 reviews", None),
            ("1066", None),
            ("", None),
        ];
        for (text, expected) in cases {
            assert_eq!(parse(text).as_deref(), expected, "{text}");
        }
        assert_eq!(parse(&"since 2019 ".repeat(1000)), None);
    }
}
