//! Numbers in addresses that say of what kind they are: `UID_7` and `CID_3`,
//! `floor-lamp-p7` and `lamps-c3`, `p1200` and `c17`.

use super::words::{LIST, PRODUCT};

/// The most letters of an abbreviation: `UID`.
const SHORT: usize = 4;
/// The fewest digits behind a single letter: `-v2` is a version.
const LEAST_DIGITS: usize = 3;

/// What stands before the number in the last part of an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind<'a> {
    /// The part begins with it: `UID_`.
    Whole(&'a str),
    /// A name stands before it: `-p`.
    Behind(&'a str),
}

impl<'a> Kind<'a> {
    /// The kind of a last part without its ending, and its number or numbers; none of a
    /// product's own name, as in `stool-7`.
    pub(super) fn of(part: &'a str) -> Option<(Self, &'a str)> {
        let is_numbers = |text: &str| text.split(['-', '_']).all(is_number);
        if let Some(mark) = part.find(['-', '_'])
            && says_kind(&part[..mark])
            && is_numbers(&part[mark + 1..])
        {
            return Some((Self::Whole(&part[..=mark]), &part[mark + 1..]));
        }
        if part.as_bytes().first()?.is_ascii_alphabetic()
            && part[1..].len() >= LEAST_DIGITS
            && is_number(&part[1..])
        {
            return Some((Self::Whole(&part[..1]), &part[1..]));
        }
        let mark = part.rfind(['-', '_', '~'])?;
        let number = part.get(mark + 2..)?;
        let letter = part.as_bytes()[mark + 1].is_ascii_alphabetic();
        let is_long = number.len() >= LEAST_DIGITS && is_number(number);
        (letter && is_long).then(|| (Self::Behind(&part[mark..mark + 2]), number))
    }

    /// The part of a glob for this kind, with its identifier.
    pub(super) fn with_id(self) -> String {
        match self {
            Self::Whole(name) => format!("{name}{{id}}"),
            Self::Behind(name) => format!("*{name}{{id}}"),
        }
    }
}

/// Whether a word says of what kind a number is.
fn says_kind(word: &str) -> bool {
    let lower = word.to_ascii_lowercase();
    let is_letters = !word.is_empty() && word.bytes().all(|b| b.is_ascii_alphabetic());
    let is_short = word.len() == 1 || (word.len() <= SHORT && word != lower);
    let is_word = |words: &[&str]| words.contains(&lower.as_str());
    (is_letters && is_short) || is_word(&PRODUCT) || is_word(&LIST)
}

/// Whether a text is nothing but digits.
pub(super) fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_of_the_kind_that_stands_before_it() {
        for (part, kind) in [
            ("UID_7", Some((Kind::Whole("UID_"), "7"))),
            ("CID_3_2", Some((Kind::Whole("CID_"), "3_2"))),
            ("p-12", Some((Kind::Whole("p-"), "12"))),
            ("category_12", Some((Kind::Whole("category_"), "12"))),
            ("floor-lamp-p7001", Some((Kind::Behind("-p"), "7001"))),
            ("p1200037", Some((Kind::Whole("p"), "1200037"))),
            ("p12", None),
            ("stool-7", None),
            ("floor-lamp-7", None),
            ("lamp-v2", None),
            ("lámpa-é123", None),
            ("lamp", None),
            ("-", None),
            ("", None),
        ] {
            assert_eq!(Kind::of(part), kind, "{part}");
        }
    }
}
