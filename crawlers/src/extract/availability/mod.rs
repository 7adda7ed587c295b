//! The words for "can be bought", in the languages of shops.

mod words;

use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, MatchKind};

use crate::listing::Availability;
use Availability::{Discontinued, InStock, Limited, OutOfStock, PreOrder};
use words::{BUT, COUNTED, LEFT, NO, NOT, WORDS, YES};

/// The longest text looked at, in characters.
const MAX_TEXT: usize = 200;

static FINDER: LazyLock<Option<AhoCorasick>> = LazyLock::new(|| {
    AhoCorasick::builder()
        .match_kind(MatchKind::LeftmostLongest)
        .build(WORDS.iter().map(|(word, _)| word))
        .ok()
});

/// The words, as [`parse`] looks for them: letters and digits only.
pub(super) fn spoken() -> impl Iterator<Item = &'static str> {
    const TOO_COMMON: [&str; 12] = [
        "inventory",
        "reserved",
        "retired",
        "verkauft",
        "vendu",
        "vendido",
        "venduto",
        "verkocht",
        "arrêté",
        "σύντομα",
        "доступ",
        "hamarosan",
    ];
    WORDS
        .iter()
        .map(|(word, _)| *word)
        .filter(|word| !TOO_COMMON.contains(word))
}

/// What a schema.org address, an API constant, a truth value, a count or a
/// shop's own words say; none when they say nothing known.
///
/// Of several statements the first counts, but one that an article cannot be
/// bought comes before one that it can: "Notify me when available".
pub(crate) fn parse(text: &str) -> Option<Availability> {
    let text: String = text
        .trim()
        .chars()
        .take(MAX_TEXT)
        .flat_map(char::to_lowercase)
        .collect();
    let (squeezed, places) = squeezed(&text);
    match squeezed.as_str() {
        "true" | "1" | "y" => return Some(InStock),
        "false" | "0" | "n" | "oos" => return Some(OutOfStock),
        word if YES.contains(&word) => return Some(InStock),
        word if NO.contains(&word) => return Some(OutOfStock),
        _ => {}
    }
    if let Some(meaning) = counted(&text) {
        return Some(meaning);
    }
    let mut best: Option<Availability> = None;
    for found in FINDER.as_ref()?.find_iter(&squeezed) {
        let (word, mut meaning) = WORDS[found.pattern().as_usize()];
        let start = places.get(found.start()).copied().unwrap_or(0);
        if !begins_a_word(&text, start, word) {
            continue;
        }
        let denied = || is_negated(&text[..start]) || is_denied(&text[start..]);
        if matches!(meaning, InStock | Limited) && denied() {
            meaning = OutOfStock;
        }
        if best.is_none_or(|known| rank(meaning) < rank(known)) {
            best = Some(meaning);
        }
    }
    best
}

/// Whether a text is a count of what is left.
pub(super) fn is_count(text: &str) -> bool {
    counted(&text.to_lowercase()).is_some()
}

/// The less can be bought, the more a word counts beside others.
const fn rank(meaning: Availability) -> u8 {
    match meaning {
        Discontinued => 0,
        PreOrder => 1,
        OutOfStock => 2,
        Limited => 3,
        InStock => 4,
    }
}

/// Letters and digits alone, and for each byte where it stood.
fn squeezed(text: &str) -> (String, Vec<usize>) {
    let mut out = String::new();
    let mut places = Vec::new();
    for (at, c) in text.char_indices() {
        // Combining marks are parts of Thai and Hindi words.
        if c.is_alphanumeric() || ('\u{e31}'..='\u{e4e}').contains(&c) {
            out.push(c);
            places.extend(std::iter::repeat_n(at, c.len_utf8()));
        }
    }
    (out, places)
}

/// A short word must not be the end of another: "notavailable" is found as a
/// whole, "unavailable" too, but "sold" is in "unsold".
fn begins_a_word(text: &str, start: usize, word: &str) -> bool {
    let cased = |c: char| c.is_lowercase() || c.is_uppercase();
    let before = text[..start].chars().next_back();
    word.chars().count() > 8 || !(before.is_some_and(cased) && word.starts_with(cased))
}

fn is_negated(before: &str) -> bool {
    let clause = before.rsplit(BUT).next().unwrap_or(before);
    let words: Vec<&str> = clause
        .split(|c: char| !(c.is_alphanumeric() || c == '\''))
        .filter(|w| !w.is_empty())
        .collect();
    words.iter().rev().take(4).any(|word| NOT.contains(word))
}

/// "In stock: no", "Em estoque NÃO": the last word denies what is asked before.
fn is_denied(text: &str) -> bool {
    let mut words = text.split(|c: char| !c.is_alphanumeric());
    words
        .rfind(|word| !word.is_empty())
        .is_some_and(|last| NO.contains(&last))
}

/// "3 left", "Stock: 12", "0 available".
fn counted(text: &str) -> Option<Availability> {
    let start = text.find(|c: char| c.is_ascii_digit())?;
    let digits = text[start..].bytes().take_while(u8::is_ascii_digit).count();
    let end = start + digits;
    let before = text[..start].trim_end();
    let after = &text[end..];
    let is_amount = after.starts_with(['.', ',', '%', '-', '/'])
        || after.trim_start().starts_with(['€', '$', '£', '%'])
        || before.ends_with(['€', '$', '£', '¥', '.', ',', '-', '/']);
    let second = after.contains(|c: char| c.is_ascii_digit());
    if is_amount || second || digits > 6 || text.chars().count() > 60 {
        return None;
    }
    let count: u32 = text[start..end].parse().ok()?;
    let holds = |words: &[&str]| words.iter().any(|word| holds_word(text, word));
    // "Ships in 3 days", "available in 2 weeks" count days.
    let of_time = [
        "day", "tag", "jour", "día", "dia", "giorn", "dag", "dni", "dn", "nap", "zile", "дн",
        "gün", "日", "天", "week", "woche", "semaine", "hour", "stunde", "h", "month", "monat",
    ];
    let unit = after.trim_start_matches(|c: char| !c.is_alphanumeric());
    if of_time.iter().any(|word| unit.starts_with(word)) {
        return None;
    }
    if count == 0 && (holds(LEFT) || holds_part(text, COUNTED)) {
        return Some(OutOfStock);
    }
    if holds(LEFT) {
        return Some(Limited);
    }
    (holds_part(text, COUNTED)
        && FINDER.as_ref().is_some_and(|finder| {
            // What else the words say counts more: "0 days", "out of stock (12)".
            let (squeezed, _) = squeezed(text);
            finder
                .find_iter(&squeezed)
                .all(|found| matches!(WORDS[found.pattern().as_usize()].1, InStock))
        })
        && !is_negated(text))
    .then_some(InStock)
}

fn holds_part(text: &str, words: &[&str]) -> bool {
    words.iter().any(|word| text.contains(word))
}

fn holds_word(text: &str, word: &str) -> bool {
    let cased = |c: char| c.is_lowercase() || c.is_uppercase();
    text.match_indices(word).any(|(at, _)| {
        let before = text[..at].chars().next_back();
        let after = text[at + word.len()..].chars().next();
        !(word.starts_with(cased) && (before.is_some_and(cased) || after.is_some_and(cased)))
    })
}

#[cfg(test)]
mod tests;
