//! Currency codes and signs.

mod tables;

use std::collections::HashMap;
use std::sync::LazyLock;

use tables::{
    CODES, COUNTRIES, GENERIC_DOMAINS, LANGUAGES, SIGNS, THREE_BEHIND_A_COMMA, THREE_DECIMALS,
};

/// A sign, and the one currency it stands for.
type Sign = (&'static str, Option<&'static str>);

/// The signs by their first character in lower case.
static BY_FIRST: LazyLock<HashMap<char, Vec<&'static Sign>>> = LazyLock::new(|| {
    let mut map: HashMap<char, Vec<_>> = HashMap::new();
    for entry in SIGNS {
        let first = entry.0.chars().flat_map(char::to_lowercase).next();
        map.entry(first.unwrap_or_default())
            .or_default()
            .push(entry);
    }
    map
});

/// A sign or code found in a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Found {
    /// Where it stands, in bytes.
    pub start: usize,
    /// Where it ends, in bytes.
    pub end: usize,
    /// As written.
    pub written: String,
    /// The code, where it can be only one.
    pub code: Option<&'static str>,
}

/// Which ASCII characters a sign or a code begins with. Most places of a text
/// need no closer look.
static ASCII_BEGINS: LazyLock<[bool; 128]> = LazyLock::new(|| {
    std::array::from_fn(|byte| {
        let c = char::from(byte as u8);
        c.is_ascii_alphabetic() || BY_FIRST.contains_key(&c)
    })
});

/// All signs and codes of a text, in order, the longest at each place.
pub(crate) fn find_all(text: &str) -> Vec<Found> {
    found_in(text).collect()
}

/// Whether a text holds any sign or code.
pub(crate) fn is_named_in(text: &str) -> bool {
    found_in(text).next().is_some()
}

fn found_in(text: &str) -> impl Iterator<Item = Found> {
    let begins = &*ASCII_BEGINS;
    let bytes = text.as_bytes();
    let mut at = 0;
    std::iter::from_fn(move || {
        while at < bytes.len() {
            let byte = bytes[at];
            // What begins with a letter does not begin within a word.
            let within_word =
                at > 0 && byte.is_ascii_alphabetic() && bytes[at - 1].is_ascii_alphabetic();
            if byte.is_ascii() && (within_word || !begins[usize::from(byte)]) {
                at += 1;
                continue;
            }
            if let Some(hit) = longest_at(text, at) {
                at = hit.end;
                return Some(hit);
            }
            at += text[at..].chars().next().map_or(1, char::len_utf8);
        }
        None
    })
}

fn longest_at(text: &str, start: usize) -> Option<Found> {
    let rest = &text[start..];
    let before = text[..start].chars().next_back();
    let code = rest
        .get(..3)
        .filter(|_| stands_alone(before, &rest[3..], rest))
        .and_then(known);
    let first = rest.chars().flat_map(char::to_lowercase).next();
    let sign = first
        .and_then(|first| BY_FIRST.get(&first))
        .into_iter()
        .flatten()
        .filter_map(|(sign, code)| {
            let written = prefix_of(rest, sign)?;
            stands_alone(before, &rest[written.len()..], written).then_some((written, *code))
        })
        .max_by_key(|(written, _)| written.len());
    match (sign, code) {
        (Some((written, sign_code)), code) if code.is_none() || written.len() > 3 => Some(Found {
            start,
            end: start + written.len(),
            written: written.to_owned(),
            code: sign_code,
        }),
        (_, Some(code)) => Some(Found {
            start,
            end: start + 3,
            written: rest[..3].to_owned(),
            code: Some(code),
        }),
        _ => None,
    }
}

/// The beginning of `text` that is `sign`; words in any case, except those of
/// one or two Latin letters, which would be found in every sentence.
fn prefix_of<'a>(text: &'a str, sign: &str) -> Option<&'a str> {
    if let Some(written) = text.get(..sign.len())
        && written == sign
    {
        return Some(written);
    }
    let mut end = 0;
    let mut wanted = sign.chars().flat_map(char::to_lowercase);
    let mut next = wanted.next();
    for c in text.chars() {
        let Some(want) = next else { break };
        if c.to_lowercase().next() != Some(want) {
            return None;
        }
        end += c.len_utf8();
        next = wanted.next();
    }
    if next.is_some() {
        return None;
    }
    if sign.chars().filter(|c| c.is_alphabetic()).count() < 2
        || matches!(
            sign,
            "RM" | "TL"
                | "kn"
                | "zl"
                | "KD"
                | "SR"
                | "QR"
                | "BD"
                | "JD"
                | "LE"
                | "KM"
                | "Tk"
                | "сом"
                | "сум"
        )
    {
        return None;
    }
    Some(&text[..end])
}

/// A sign that begins or ends with a letter must not be part of a word.
fn stands_alone(before: Option<char>, after: &str, written: &str) -> bool {
    let cased = |c: char| c.is_alphabetic() && (c.is_lowercase() || c.is_uppercase());
    let first = written.chars().next().is_some_and(cased);
    let last = written.chars().next_back().is_some_and(cased) || written.len() > 3 && first;
    let joined_before = first && before.is_some_and(cased);
    let joined_after = last && after.chars().next().is_some_and(cased);
    !joined_before && !joined_after
}

fn known(text: &str) -> Option<&'static str> {
    if !text.bytes().all(|b| b.is_ascii_alphabetic()) {
        return None;
    }
    // `Eur` and `eur` are written; `all`, `top`, `try` and `mop` are words.
    const LOOSE: &str =
        "EUR USD GBP CHF PLN CZK SEK NOK DKK HUF INR AUD CAD NZD SGD HKD UAH RUB BRL JPY CNY";
    let find = |codes: &'static str| {
        codes
            .split(' ')
            .find(|code| code.eq_ignore_ascii_case(text))
    };
    if text.bytes().all(|b| b.is_ascii_uppercase()) {
        find(CODES)
    } else {
        find(LOOSE)
    }
}

/// The code that a `currency` field states: a code in any case, or a sign.
pub(crate) fn code_of(text: &str) -> Option<String> {
    let text = text.trim();
    if text.len() == 3
        && let Some(code) = CODES
            .split(' ')
            .find(|code| code.eq_ignore_ascii_case(text))
    {
        return Some(code.to_owned());
    }
    let short: String = text.chars().take(40).collect();
    find_all(&short)
        .into_iter()
        .find_map(|found| found.code)
        .map(str::to_owned)
}

/// Whether a text is the code of a currency, in capitals.
pub(crate) fn is_code(text: &str) -> bool {
    text.len() == 3 && CODES.split(' ').any(|code| code == text)
}

/// Whether three digits behind a point (or a comma) are decimals in it.
pub(crate) fn has_three_decimals(code: &str, comma: bool) -> bool {
    let codes: &[&str] = if comma {
        &THREE_BEHIND_A_COMMA
    } else {
        &THREE_DECIMALS
    };
    codes.contains(&code)
}

/// Whether a code found elsewhere can explain an ambiguous sign.
pub(crate) fn may_mean(sign: &str, code: &str) -> bool {
    const DOLLARS: [&str; 24] = [
        "USD", "CAD", "AUD", "NZD", "SGD", "HKD", "TWD", "MXN", "ARS", "CLP", "COP", "UYU", "BBD",
        "BMD", "BND", "BSD", "BZD", "FJD", "JMD", "KYD", "NAD", "TTD", "XCD", "DOP",
    ];
    let sign = sign.to_lowercase();
    let codes: &[&str] = match sign.trim_end_matches('.') {
        "$" => &DOLLARS,
        "¥" | "￥" => &["JPY", "CNY"],
        "元" => &["CNY", "TWD", "HKD"],
        "kr" => &["SEK", "NOK", "DKK", "ISK"],
        "rs" | "₨" | "रु" => &["INR", "PKR", "LKR", "NPR", "MUR", "SCR"],
        "fr" => &["CHF"],
        "£" | "₤" => &["GBP", "EGP"],
        "lei" => &["RON", "MDL"],
        "جنيه" => &["EGP", "SDG"],
        "دينار" => &["KWD", "BHD", "JOD", "IQD", "TND", "DZD", "LYD"],
        "درهم" => &["AED", "MAD"],
        "ريال" | "﷼" => &["SAR", "QAR", "OMR", "YER", "IRR"],
        _ => &[],
    };
    codes.contains(&code)
}

/// What is known of the page a price stands on.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Evidence<'a> {
    /// A BCP 47 language tag (`en-CA`, `sv`), as `html lang` or a definition
    /// has it.
    pub language: Option<&'a str>,
    /// The host the page came from.
    pub host: Option<&'a str>,
}

/// The one currency that an ambiguous sign can mean in that language and on
/// that host. None when they say nothing, or contradict each other.
pub(crate) fn resolve(sign: &str, evidence: &Evidence<'_>) -> Option<&'static str> {
    let of_country = |country: &str| {
        let code = COUNTRIES.iter().find(|(known, _)| *known == country)?.1;
        may_mean(sign, code).then_some(code)
    };
    let by_language = evidence.language.and_then(|tag| {
        let tag = tag.to_ascii_lowercase();
        let mut parts = tag.split(['-', '_']);
        let language = parts.next()?;
        let is_traditional = parts.clone().any(|part| part == "hant");
        match parts.find(|part| part.len() == 2) {
            None if is_traditional => None,
            Some(region) => of_country(region),
            None => of_country(LANGUAGES.iter().find(|(known, _)| *known == language)?.1),
        }
    });
    let by_host = evidence.host.and_then(|host| {
        let domain = host
            .trim_end_matches('.')
            .rsplit('.')
            .next()?
            .to_ascii_lowercase();
        of_country(&domain).filter(|_| !GENERIC_DOMAINS.contains(&domain.as_str()))
    });
    match (by_language, by_host) {
        (Some(one), Some(other)) => (one == other).then_some(one),
        (one, other) => one.or(other),
    }
}
