//! Prices as shops write them.

mod numbers;
mod others;
mod ranges;
mod spoken;
mod tables;
mod tax;
mod words;

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

pub use super::currency::Evidence;
use super::currency::{self, Found};
use numbers::{MAX_DIGITS, Number, may_be_price, multiple, normal, numbers};
pub(super) use ranges::is_range;
use tables::{FREE, FROM_OR_TO, MINOR, RANGE};
use words::blemish;
pub(super) use words::{Said, begins_with_other, said};

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

/// Reads a price text: the amount asked, its currency sign or code.
///
/// Of several amounts the one asked now counts ("was 20 now 15" is 15), of a
/// range the lower end, with tax rather than without; where nothing tells
/// them apart, the first. An amount taken off (`-5,00 €`) is no price.
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
    let number = choose(&text, &numbers, &signs).filter(|_| !is_taken_off(&text));
    let own = number.map_or_else(|| signs.first(), |number| nearest(number, &signs));
    let hinted = currency::find_all(&hint);
    // "34,50 $ CAD": the code beside a sign says which it is.
    let beside = own.and_then(|own| {
        signs.iter().find(|next| {
            let between = text.get(own.end..next.start);
            between.is_some_and(|text| text.trim().is_empty())
                && next
                    .code
                    .is_some_and(|code| currency::may_mean(&own.written, code))
        })
    });
    let symbol = own
        .filter(|found| found.code.is_some())
        .or(beside)
        .or_else(|| {
            hinted.iter().find(|found| {
                let code = found.code.unwrap_or_default();
                !code.is_empty() && own.is_none_or(|own| currency::may_mean(&own.written, code))
            })
        })
        .or(own)
        .or_else(|| hinted.first());
    let code = symbol.and_then(|found| found.code);
    let minor = number
        .filter(|_| own.is_none())
        .and_then(|number| minor_unit(&text, number));
    let amount = number.map_or_else(
        || is_free(&text).then_some(Decimal::ZERO),
        |number| amount(&text, number, &numbers, &signs, decimal_comma, code),
    );
    let hundredth = Decimal::new(1, 2);
    ParsedPrice {
        amount: amount.map(|amount| {
            if minor.is_some() {
                amount * hundredth
            } else {
                without_noise(amount)
            }
        }),
        currency: code.or(minor.flatten()).map(str::to_owned),
        // The sign of the price itself, though the hint may say which it is.
        symbol: own.or(symbol).map(|found| found.written.clone()),
    }
}

/// Whether a text holds a currency's sign or code: what [`parse`] would find,
/// without reading amounts.
pub(super) fn names_currency(text: &str) -> bool {
    if text.is_ascii() {
        currency::is_named_in(text)
    } else {
        currency::is_named_in(&normal(text))
    }
}

/// Reads a price text like [`parse`], and where its sign is ambiguous (`$`,
/// `kr`, `¥`, `Rs`) or missing lets the page's language and host say which
/// currency is meant, if they agree.
#[must_use]
pub fn parse_with(text: &str, evidence: &Evidence<'_>, decimal_comma: Option<bool>) -> ParsedPrice {
    let mut parsed = parse(text, None, decimal_comma);
    if parsed.currency.is_none()
        && let Some(symbol) = &parsed.symbol
        && let Some(code) = currency::resolve(symbol, evidence)
    {
        // With the currency known, "1.299" may mean another amount.
        parsed.amount = parse(text, Some(code), decimal_comma)
            .amount
            .or(parsed.amount);
        parsed.currency = Some(code.to_owned());
    }
    parsed
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
    text.parse().ok().map(without_noise)
}

/// What was meant by an amount that a program has printed with all digits of a binary fraction:
/// `12.950000000000001`, `1.11000000000000009770`.
fn without_noise(amount: Decimal) -> Decimal {
    // From so many digits behind the mark on they may be noise, down to so many they are not.
    const NOISY: u32 = 10;
    const MEANT: u32 = 5;
    // What such a fraction is wrong by, in parts of the amount.
    let least_part = Decimal::new(1, 14);
    if amount.scale() < NOISY {
        return amount;
    }
    let meant = amount.round_dp(MEANT).normalize();
    let noise = amount
        .checked_sub(meant)
        .and_then(|rest| rest.abs().checked_div(meant));
    match noise.is_some_and(|noise| noise < least_part) {
        true => meant,
        false => amount,
    }
}

/// A minus that touches the amount or its sign: what is taken off.
fn is_taken_off(text: &str) -> bool {
    let rest = text.trim_start().strip_prefix('-').unwrap_or_default();
    let next_is_sign = currency::find_all(rest).first().is_some_and(|sign| {
        sign.start == 0
            && rest[sign.end..]
                .trim_start()
                .starts_with(|c: char| c.is_ascii_digit())
    });
    let number = rest
        .bytes()
        .take_while(|b| b.is_ascii_digit() || matches!(b, b'.' | b','))
        .count();
    let is_percentage = rest[number..].trim_start().starts_with('%');
    next_is_sign || (number > 0 && !is_percentage)
}

fn is_free(text: &str) -> bool {
    let word = text
        .trim_matches(|c: char| !c.is_alphabetic())
        .to_lowercase();
    FREE.contains(&word.as_str())
}

/// The number that is the price: beside a currency sign if one is, and of
/// several the one least spoken against.
fn choose<'a, 'n>(
    text: &str,
    numbers: &'n [Number<'a>],
    signs: &[Found],
) -> Option<&'n Number<'a>> {
    let fit: Vec<usize> = (0..numbers.len())
        .filter(|at| may_be_price(text, &numbers[*at]) && !is_count(text, numbers, *at, signs))
        .collect();
    let is_beside = |at: &&usize| {
        let number = &numbers[**at];
        signs.iter().any(|sign| {
            gap(text, number, sign)
                .is_some_and(|gap| gap.trim_matches([' ', ':', '-', '–', '.', ',']).is_empty())
        })
    };
    let mut beside: Vec<usize> = fit.iter().filter(is_beside).copied().collect();
    if beside.is_empty() {
        beside = fit;
    }
    // Where the first amount has no words before it, those on tax stand behind.
    let trails = numbers.first().is_none_or(|first| {
        let lead = &text[..first.start];
        let sign = signs.iter().find(|sign| sign.end <= first.start);
        sign.map_or(lead, |sign| &lead[..sign.start])
            .trim()
            .is_empty()
    });
    let spoken_against = |at: &usize| {
        let number = &numbers[*at];
        let lead = &text[at.checked_sub(1).map_or(0, |before| numbers[before].end)..number.start];
        let tail = &text[number.end..numbers.get(at + 1).map_or(text.len(), |next| next.start)];
        blemish(lead, tail, if trails { tail } else { lead })
    };
    let best = if beside.len() > 1 {
        beside.iter().take(40).min_by_key(|at| spoken_against(at))
    } else {
        beside.first()
    };
    let chosen = &numbers[*best?];
    // "From 26 to 50 €": the first of a range, though the sign is beside the second.
    let first = numbers.iter().take_while(|n| n.end <= chosen.start).last();
    let of_range = |first: &&Number<'_>| {
        let joint = text[first.end..chosen.start].trim().to_lowercase();
        RANGE.contains(&joint.as_str()) && may_be_price(text, first)
    };
    // "3万5000円", "4 99 €": what stands before is the larger part.
    let goes_on = |first: &&Number<'_>| {
        multiple(text, first).is_some_and(|(power, end)| power >= 4 && end == chosen.start)
            || cents_apart(text, first, numbers, signs).is_some()
    };
    let first = first.filter(|first| of_range(first) || goes_on(first));
    Some(first.unwrap_or(chosen))
}

/// Whether a number is how many, and the sign behind it belongs to the next: "from 5 € 31.05".
fn is_count(text: &str, numbers: &[Number<'_>], at: usize, signs: &[Found]) -> bool {
    let (number, Some(next)) = (&numbers[at], numbers.get(at + 1)) else {
        return false;
    };
    let is_whole = number.text.bytes().all(|byte| byte.is_ascii_digit());
    let cents = next.text.rsplit_once(['.', ',']).map(|(_, cents)| cents);
    if !is_whole || cents.is_none_or(|cents| cents.len() != 2) {
        return false;
    }
    let is_between = |sign: &Found| {
        let before = text.get(number.end..sign.start);
        let behind = text.get(sign.end..next.start);
        before
            .zip(behind)
            .is_some_and(|(a, b)| a.trim().is_empty() && b.trim().is_empty())
    };
    let lead = text[..number.start].trim_end().to_lowercase();
    let word = lead.rsplit(|c: char| !c.is_alphabetic()).next();
    word.is_some_and(|word| FROM_OR_TO.contains(&word)) && signs.iter().any(is_between)
}

/// The number with what stands behind it: cents, a multiple.
fn amount(
    text: &str,
    number: &Number<'_>,
    numbers: &[Number<'_>],
    signs: &[Found],
    decimal_comma: Option<bool>,
    code: Option<&str>,
) -> Option<Decimal> {
    if let Some(cents) = cents_apart(text, number, numbers, signs) {
        let whole = number.amount(Some(true), code)?;
        return whole.checked_add(Decimal::new(cents.parse().ok()?, 2));
    }
    let amount = number.amount(decimal_comma, code)?;
    let Some((power, end)) = multiple(text, number) else {
        return Some(amount);
    };
    let scale = Decimal::from(10_u64.pow(power));
    // "1.5 million" and "1,5 Mio" both mean a fraction; "1.200 k" is rare.
    let multiplied = number
        .amount(Some(number.text.contains(',')), code)?
        .checked_mul(scale)?;
    // "3万5000円", "1万2千円": what is left over follows.
    let rest = numbers.iter().find(|next| next.start == end && power >= 4);
    let rest = rest
        .and_then(|next| {
            let (power, _) = multiple(text, next).unwrap_or_default();
            let units = next.amount(decimal_comma, code)?;
            units.checked_mul(Decimal::from(10_u64.pow(power)))
        })
        .filter(|rest| *rest < scale);
    multiplied.checked_add(rest.unwrap_or_default())
}

/// "35€ 99", "12 руб. 50 коп.", "4 99 €": the cents that stand apart.
fn cents_apart<'n>(
    text: &str,
    number: &Number<'_>,
    numbers: &'n [Number<'n>],
    signs: &[Found],
) -> Option<&'n str> {
    let next = numbers.iter().find(|next| next.start >= number.end)?;
    let between = &text[number.end..next.start];
    let behind = text[next.end..].trim_start();
    let is_digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    let fits = next.text.len() == 2
        && is_digits(next.text)
        && (is_digits(number.text) || number.text.contains(' '));
    if !fits || between.len() > 16 {
        return None;
    }
    let sign = signs
        .iter()
        .find(|sign| sign.start >= number.end && sign.end <= next.start);
    let Some(sign) = sign else {
        // Nothing but the two numbers and the sign.
        let alone = text[..number.start].trim().is_empty()
            && between == " "
            && signs.iter().any(|sign| {
                sign.start >= next.end
                    && text[next.end..sign.start].trim().is_empty()
                    && text[sign.end..].trim().is_empty()
            });
        return alone.then_some(next.text);
    };
    let around = text[number.end..sign.start].len() + text[sign.end..next.start].len();
    let is_minor = starts_with_minor(behind).is_some();
    (around <= 2 && (behind.is_empty() || is_minor)).then_some(next.text)
}

/// "99p", "50 cents": an amount in hundredths, and the currency if the word
/// tells it.
fn minor_unit(text: &str, number: &Number<'_>) -> Option<Option<&'static str>> {
    let behind = &text[number.end..];
    let is_whole = number.text.len() <= 3 && number.text.bytes().all(|b| b.is_ascii_digit());
    let (word, code) = starts_with_minor(behind.trim_start())?;
    // Grams, and the abbreviation of "pages".
    let touches = behind.starts_with(word);
    (is_whole && word != "gr" && (word != "p" || touches)).then_some(code)
}

fn starts_with_minor(text: &str) -> Option<(&'static str, Option<&'static str>)> {
    let lower: String = text.chars().take(10).collect::<String>().to_lowercase();
    let fits = |word: &str| {
        lower
            .strip_prefix(word)
            .is_some_and(|rest| !rest.starts_with(char::is_alphanumeric))
    };
    MINOR.into_iter().find(|(word, _)| fits(word))
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

#[cfg(test)]
mod tests;
