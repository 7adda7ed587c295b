//! Numbers in price texts: digits of every script, and what parts them.

use std::borrow::Cow;

use rust_decimal::Decimal;

use super::tables::{MEASURES, MULTIPLES};
use crate::extract::currency;

/// The longest text looked at, in bytes.
const MAX_TEXT: usize = 1_000;
/// The most digits of an amount.
pub(super) const MAX_DIGITS: usize = 28;
/// The zeros of scripts that have digits of their own.
const ZEROS: [u32; 19] = [
    0x660, 0x6f0, 0x966, 0x9e6, 0xa66, 0xae6, 0xb66, 0xbe6, 0xc66, 0xce6, 0xd66, 0xe50, 0xed0,
    0xf20, 0x1040, 0x17e0, 0x1810, 0x1946, 0xff10,
];

/// Digits of other scripts and full-width forms as ASCII, all spaces alike,
/// marks that cannot be seen left out.
pub(super) fn normal(text: &str) -> String {
    let text = &*with_raised_cents(text);
    let mut out = String::new();
    for c in text.chars() {
        if out.len() >= MAX_TEXT {
            break;
        }
        out.push(match c {
            '٫' | '．' | '。' => '.',
            '٬' | '،' | '，' => ',',
            '’' | '‘' | '´' | '`' | '\u{2032}' | 'ʼ' => '\'',
            '＄' | '﹩' => '$',
            '￡' => '£',
            '￦' => '₩',
            '−' | '－' => '-',
            '％' | '٪' => '%',
            '\u{ff1a}' => ':',
            '\u{ad}'
            | '\u{61c}'
            | '\u{180e}'
            | '\u{200b}'..='\u{200f}'
            | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{2064}'
            | '\u{2066}'..='\u{2069}'
            | '\u{feff}' => continue,
            'Ａ'..='Ｚ' | 'ａ'..='ｚ' => char::from_u32(u32::from(c) - 0xfee0).unwrap_or(c),
            c if c.is_whitespace() => ' ',
            c if c.is_ascii() => c,
            c => digit(c).unwrap_or(c),
        });
    }
    with_colon_as_mark(out)
}

fn digit(c: char) -> Option<char> {
    let zero = ZEROS
        .iter()
        .find(|zero| (**zero..**zero + 10).contains(&u32::from(c)))?;
    char::from_digit(u32::from(c) - zero, 10)
}

/// "34⁵⁰ €" is 34,50. One raised digit is the mark of a note.
fn with_raised_cents(text: &str) -> Cow<'_, str> {
    const RAISED: [char; 10] = ['⁰', '¹', '²', '³', '⁴', '⁵', '⁶', '⁷', '⁸', '⁹'];
    let Some(at) = text.find(RAISED) else {
        return Cow::Borrowed(text);
    };
    let (before, raised) = text.split_at(at);
    let digits = raised
        .chars()
        .map_while(|c| RAISED.iter().position(|raised| *raised == c));
    let digits: Vec<usize> = digits.collect();
    let after: usize = raised.chars().take(digits.len()).map(char::len_utf8).sum();
    let whole = before.trim_end_matches(|c: char| c.is_ascii_digit());
    // "12,50¹²" has its cents; in "1.234⁵⁰" the point parts thousands.
    let mark = match before.len() - whole.len() {
        0 if before.ends_with([',', '.']) => "",
        1 | 2 if whole.ends_with([',', '.']) => return Cow::Borrowed(text),
        0 => return Cow::Borrowed(text),
        _ => ",",
    };
    match digits[..] {
        [tens, ones] => Cow::Owned(format!("{before}{mark}{tens}{ones}{}", &raised[after..])),
        _ => Cow::Borrowed(text),
    }
}

/// "12:50 kr" is how Swedes may write 12,50.
fn with_colon_as_mark(text: String) -> String {
    let Some(at) = text.find(':') else {
        return text;
    };
    let (before, after) = (&text[..at], &text[at + 1..]);
    let cents = after.bytes().take_while(u8::is_ascii_digit).count();
    let unit = after[cents..].trim_start().to_lowercase();
    // Without anything else it is one where it can be no time of the day.
    let is_no_time = || unit.is_empty() && before.trim().parse().is_ok_and(|hours: u32| hours > 24);
    let fits = before.ends_with(|c: char| c.is_ascii_digit())
        && cents == 2
        && (unit.starts_with("kr") || unit.starts_with("sek") || is_no_time());
    if fits {
        format!("{before},{after}")
    } else {
        text
    }
}

/// A run of digits with the separators in it.
#[derive(Debug)]
pub(super) struct Number<'a> {
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) text: &'a str,
}

/// All numbers of a text, in order.
pub(super) fn numbers(text: &str) -> Vec<Number<'_>> {
    let bytes = text.as_bytes();
    let digits_from = |at: usize| {
        bytes[at..]
            .iter()
            .take_while(|b| b.is_ascii_digit())
            .count()
    };
    let mut found = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        if !bytes[at].is_ascii_digit() {
            at += 1;
            continue;
        }
        // ".75": a point that no digit or letter stands before.
        let bare_point = at > 0
            && bytes[at - 1] == b'.'
            && !at
                .checked_sub(2)
                .is_some_and(|b| bytes[b].is_ascii_alphanumeric());
        let start = at - usize::from(bare_point);
        at += digits_from(at);
        let mut groups = 1;
        let first = at - start;
        loop {
            let separator = bytes.get(at).copied().unwrap_or(0);
            let more = match separator {
                b'.' | b',' | b'\'' => digits_from((at + 1).min(bytes.len())),
                // A space parts thousands, or follows a point: "119. 95".
                b' ' if first <= 3
                    && digits_from(at + 1) == 3
                    && spaces_so_far(&text[start..at], groups) =>
                {
                    3
                }
                _ => 0,
            };
            if more > 0 {
                at += 1 + more;
                groups += 1;
                continue;
            }
            // "34 ,50": as it is printed in two sizes.
            let is_apart = separator == b' ' && matches!(bytes.get(at + 1), Some(b'.' | b','));
            if is_apart && digits_from((at + 2).min(bytes.len())) == 2 {
                at += 4;
                break;
            }
            if matches!(separator, b'.' | b',') && bytes.get(at + 1) == Some(&b' ') {
                let cents = digits_from((at + 2).min(bytes.len()));
                if cents == 2 {
                    at += 2 + cents;
                }
            }
            break;
        }
        // With more separators behind it the point was an ornament: "$.750.30".
        let start = start + usize::from(bare_point && groups > 1);
        found.push(Number {
            start,
            end: at,
            text: &text[start..at],
        });
    }
    found
}

/// Whether the number so far is parted by spaces alone (or not at all).
fn spaces_so_far(text: &str, groups: usize) -> bool {
    text.matches(' ').count() + 1 == groups
}

/// Whether a number is one that can be a price: no percentage, count, measure
/// or date.
pub(super) fn may_be_price(text: &str, number: &Number<'_>) -> bool {
    let behind = &text[number.end..];
    let after = behind.trim_start();
    !after.starts_with('%')
        && !behind.starts_with(['x', 'X', '×'])
        && !is_measure(after)
        && !is_date(number.text, behind)
}

fn is_measure(after: &str) -> bool {
    let end = after
        .find(|c: char| !(c.is_alphabetic() || c == '²'))
        .unwrap_or(after.len());
    let word = after[..end].to_lowercase();
    MEASURES.contains(&word.as_str())
}

/// "24.12.2026", "2026-12-24".
fn is_date(number: &str, behind: &str) -> bool {
    let parts: Vec<usize> = number.split('.').map(str::len).collect();
    let digits = |from: usize| {
        behind
            .get(from..from + 2)
            .is_some_and(|two| two.bytes().all(|b| b.is_ascii_digit()))
    };
    matches!(parts[..], [1 | 2, 1 | 2, 4])
        || number.len() == 4
            && behind.starts_with('-')
            && digits(1)
            && behind.get(3..4) == Some("-")
            && digits(4)
}

/// The word for a multiple behind a number: its power of ten, and where it
/// ends. A bare `k` must touch the number.
pub(super) fn multiple(text: &str, number: &Number<'_>) -> Option<(u32, usize)> {
    let behind = text[number.end..].to_lowercase();
    let after = behind.trim_start();
    let gap = behind.len() - after.len();
    if gap > 1 {
        return None;
    }
    let (word, power) = MULTIPLES
        .iter()
        .filter(|(word, _)| after.starts_with(word) && (gap == 0 || *word != "k"))
        .max_by_key(|(word, _)| word.len())?;
    let cased = |c: char| c.is_lowercase() || c.is_uppercase();
    let joined = word.ends_with(cased) && after[word.len()..].starts_with(cased);
    (!joined).then_some((*power, number.end + gap + word.len()))
}

impl Number<'_> {
    pub(super) fn amount(
        &self,
        decimal_comma: Option<bool>,
        code: Option<&str>,
    ) -> Option<Decimal> {
        let mark = self.decimal_mark(decimal_comma, code);
        let mut plain = String::new();
        for (at, c) in self.text.char_indices() {
            if c.is_ascii_digit() {
                plain.push(c);
            } else if Some(at) == mark {
                plain.push('.');
            }
        }
        if plain.len() > MAX_DIGITS {
            return None;
        }
        plain.parse().ok()
    }

    /// Where the decimal mark stands, if there is one.
    fn decimal_mark(&self, decimal_comma: Option<bool>, code: Option<&str>) -> Option<usize> {
        if self.text.starts_with('.') {
            return Some(0);
        }
        let last = self.text.rfind(['.', ','])?;
        let mark = self.text.as_bytes()[last];
        let (before, after) = (&self.text[..last], self.text[last + 1..].trim());
        if after.contains(['\'', ' ']) {
            return None;
        }
        let same_before = before.bytes().any(|b| b == mark);
        let other_before = before.bytes().any(|b| !b.is_ascii_digit() && b != mark);
        if after.len() != 3 {
            return Some(last);
        }
        if same_before {
            return None;
        }
        // "1,299.000" and "1 299,000" can only be meant one way.
        if other_before {
            return Some(last);
        }
        let whole = before.trim_start_matches('0');
        if whole.is_empty() || before.len() > 3 {
            return Some(last);
        }
        let is_decimal = match decimal_comma {
            Some(comma) => comma == (mark == b','),
            None => code.is_some_and(|code| currency::has_three_decimals(code, mark == b',')),
        };
        is_decimal.then_some(last)
    }
}
