//! Prices as shops write them.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::currency::{self, Found};

/// The longest text looked at, in bytes.
const MAX_TEXT: usize = 1_000;
/// The most digits of an amount.
const MAX_DIGITS: usize = 28;

/// What a price text says.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ParsedPrice {
    /// The amount, if there is one.
    pub amount: Option<Decimal>,
    /// ISO 4217 code, where it can be only one: not for a bare `$`.
    pub currency: Option<String>,
    /// The sign or code as written.
    pub symbol: Option<String>,
}

/// Reads a price text: the first amount in it, its currency sign or code.
///
/// `hint` is text near the price, looked at for a currency when the price
/// text has none, or has only an ambiguous sign. `decimal_comma` says how an
/// amount like `1.299` is meant: `Some(true)` one thousand, `Some(false)` one
/// and a bit; without it the form that is more usual decides.
#[must_use]
pub fn parse(text: &str, hint: Option<&str>, decimal_comma: Option<bool>) -> ParsedPrice {
    let text = normal(text);
    let hint = normal(hint.unwrap_or_default());
    let signs = currency::find_all(&text);
    let numbers = numbers(&text);
    let number = choose(&text, &numbers, &signs);
    let own = number.map_or_else(|| signs.first(), |number| nearest(number, &signs));
    let hinted = currency::find_all(&hint);
    let symbol = own
        .filter(|found| found.code.is_some())
        .or_else(|| {
            hinted
                .iter()
                .find(|found| found.code.is_some() && own.is_none_or(|own| may_mean(own, found)))
        })
        .or(own)
        .or_else(|| hinted.first());
    let code = symbol.and_then(|found| found.code);
    let amount = number.map_or_else(
        || is_free(&text).then_some(Decimal::ZERO),
        |number| match cents_behind(&text, number, &numbers, &signs) {
            Some(cents) => format!("{}.{cents}", number.text).parse().ok(),
            None => number.amount(decimal_comma, code),
        },
    );
    ParsedPrice {
        amount,
        currency: code.map(str::to_owned),
        // The sign of the price itself, though the hint may say which it is.
        symbol: own.or(symbol).map(|found| found.written.clone()),
    }
}

/// An amount written for machines (`1299.00`): digits, at most one point and
/// not three digits behind it. None for everything else.
pub(crate) fn machine(text: &str) -> Option<Decimal> {
    let text = text.trim();
    let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    if text.len() > MAX_DIGITS || !digits(whole) || !digits(fraction) || fraction.len() == 3 {
        return None;
    }
    text.parse().ok()
}

/// Whether a code found beside the price can explain an ambiguous sign in it.
fn may_mean(sign: &Found, other: &Found) -> bool {
    let code = other.code.unwrap_or_default();
    match sign.written.as_str() {
        "$" => [
            "USD", "CAD", "AUD", "NZD", "SGD", "HKD", "TWD", "MXN", "ARS", "CLP", "COP", "UYU",
        ]
        .contains(&code),
        "¥" | "￥" | "元" => ["JPY", "CNY"].contains(&code),
        written if written.to_lowercase().starts_with("kr") => {
            ["SEK", "NOK", "DKK", "ISK"].contains(&code)
        }
        written if written.to_lowercase().starts_with("rs") => {
            ["INR", "PKR", "LKR", "NPR", "MUR"].contains(&code)
        }
        _ => false,
    }
}

/// Digits of other scripts and full-width forms as ASCII, all spaces alike.
fn normal(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars() {
        if out.len() >= MAX_TEXT {
            break;
        }
        out.push(match c {
            '\u{660}'..='\u{669}' => digit(c, 0x660),
            '\u{6f0}'..='\u{6f9}' => digit(c, 0x6f0),
            '\u{966}'..='\u{96f}' => digit(c, 0x966),
            '\u{ff10}'..='\u{ff19}' => digit(c, 0xff10),
            '٫' => '.',
            '٬' | '，' => ',',
            '．' => '.',
            '’' | '´' | '`' | '\u{2032}' => '\'',
            '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{feff}' => continue,
            c if c.is_whitespace() => ' ',
            c => c,
        });
    }
    out
}

fn digit(c: char, zero: u32) -> char {
    char::from_digit(u32::from(c) - zero, 10).unwrap_or(c)
}

fn is_free(text: &str) -> bool {
    let word = text
        .trim_matches(|c: char| !c.is_alphabetic())
        .to_lowercase();
    FREE.contains(&word.as_str())
}

/// A run of digits with the separators in it.
#[derive(Debug)]
struct Number<'a> {
    start: usize,
    end: usize,
    text: &'a str,
}

fn numbers(text: &str) -> Vec<Number<'_>> {
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

/// The number that is the price: beside a currency sign if one is, else the
/// first that is no percentage and no count.
fn choose<'a, 'n>(
    text: &str,
    numbers: &'n [Number<'a>],
    signs: &[Found],
) -> Option<&'n Number<'a>> {
    let is_price = |number: &&Number<'_>| {
        let after = text[number.end..].trim_start();
        !after.starts_with('%') && !text[number.end..].starts_with(['x', 'X', '×'])
    };
    let beside = |number: &&Number<'_>| {
        signs
            .iter()
            .any(|sign| gap(text, number, sign).is_some_and(|gap| gap.trim().is_empty()))
    };
    let Some(chosen) = numbers.iter().filter(is_price).find(beside) else {
        return numbers.iter().find(is_price);
    };
    // "From 26 to 50 €": the first of a range, though the sign is beside the second.
    let first = numbers.iter().take_while(|n| n.end <= chosen.start).last();
    let of_range = |first: &&Number<'_>| {
        let joint = text[first.end..chosen.start].trim().to_lowercase();
        RANGE.contains(&joint.as_str())
    };
    Some(first.filter(of_range).unwrap_or(chosen))
}

/// What stands between the ends of a range.
const RANGE: [&str; 10] = ["-", "–", "—", "~", "to", "bis", "à", "a", "do", "до"];
/// Texts that mean a price of nothing.
const FREE: [&str; 8] = [
    "free",
    "gratis",
    "kostenlos",
    "gratuit",
    "gratuito",
    "бесплатно",
    "無料",
    "免费",
];

/// "35€ 99": the cents behind the sign, at the end of the text.
fn cents_behind<'n>(
    text: &str,
    number: &Number<'_>,
    numbers: &'n [Number<'n>],
    signs: &[Found],
) -> Option<&'n str> {
    let sign = signs.iter().find(|sign| sign.start == number.end)?;
    let cents = numbers.iter().find(|n| n.start >= sign.end)?;
    let fits = number.text.bytes().all(|b| b.is_ascii_digit())
        && cents.text.len() == 2
        && text[sign.end..cents.start].len() <= 1
        && text[cents.end..].trim().is_empty();
    fits.then_some(cents.text)
}

fn gap<'t>(text: &'t str, number: &Number<'_>, sign: &Found) -> Option<&'t str> {
    text.get(sign.end..number.start)
        .or_else(|| text.get(number.end..sign.start))
}

/// The sign nearest to the number. Of two as near, the one that can be only
/// one currency.
fn nearest<'s>(number: &Number<'_>, signs: &'s [Found]) -> Option<&'s Found> {
    signs.iter().min_by_key(|sign| {
        let distance = if sign.end <= number.start {
            number.start - sign.end
        } else {
            sign.start.saturating_sub(number.end)
        };
        (distance.min(200) / 2, sign.code.is_none())
    })
}

impl Number<'_> {
    fn amount(&self, decimal_comma: Option<bool>, code: Option<&str>) -> Option<Decimal> {
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
            None => code.is_some_and(currency::has_three_decimals),
        };
        is_decimal.then_some(last)
    }
}

#[cfg(test)]
#[path = "price_tests.rs"]
mod tests;
