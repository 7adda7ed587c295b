//! The words for "can be bought", in the languages of shops.

mod words;

use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, MatchKind};

use crate::listing::Availability;
use Availability::{Discontinued, InStock, Limited, OutOfStock, PreOrder};
use words::{
    ALSO, ASKED, BEHIND, BESIDES, BUT, COUNTED, LEFT, NO, NOT, SENT, SOON, TOLD, WORDS, YES,
};

/// The longest text looked at, in characters.
const MAX_TEXT: usize = 200;

/// Every word that is looked for; those that ask what is in stock mean nothing.
static MEANINGS: LazyLock<Vec<(&str, Option<Availability>)>> = LazyLock::new(|| {
    let said = WORDS.into_iter().flatten();
    let said = said.map(|(word, meaning)| (*word, Some(*meaning)));
    said.chain(ASKED.iter().map(|word| (*word, None))).collect()
});

static FINDER: LazyLock<Option<AhoCorasick>> = LazyLock::new(|| {
    AhoCorasick::builder()
        .match_kind(MatchKind::LeftmostLongest)
        .build(MEANINGS.iter().map(|(word, _)| word))
        .ok()
});

/// The words, as [`parse`] looks for them: letters and digits only.
pub(super) fn spoken() -> impl Iterator<Item = &'static str> {
    const TOO_COMMON: [&str; 11] = [
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
        .into_iter()
        .flatten()
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
    if let Some(meaning) = answered(&squeezed).or_else(|| counted(&text)) {
        return Some(meaning);
    }
    let mut best: Option<Availability> = None;
    for found in FINDER.as_ref()?.find_iter(&squeezed) {
        let (word, Some(mut meaning)) = MEANINGS[found.pattern().as_usize()] else {
            // "Availability: yes"
            if let Some(meaning) = answered(&squeezed[found.end()..]) {
                return Some(meaning);
            }
            continue;
        };
        let start = places.get(found.start()).copied().unwrap_or(0);
        if !begins_a_word(&text, start, word) {
            continue;
        }
        let last = found.end().checked_sub(1).and_then(|at| places.get(at));
        let end = last.map_or(text.len(), |at| at + length_at(&text, *at));
        if is_beside(&text[..start], &text[end..], meaning) {
            continue;
        }
        let denied = || is_negated(&text[..start]) || is_denied(&text[start..]) || is_told(&text);
        if matches!(meaning, InStock | Limited) && denied() {
            meaning = OutOfStock;
        }
        if meaning == InStock && is_soon(&text[..start], &text[end..]) {
            meaning = PreOrder;
        }
        if best.is_none_or(|known| rank(meaning) < rank(known)) {
            best = Some(meaning);
        }
    }
    best
}

/// Whether a text says that an article can be bought or not, and nothing else.
pub(super) fn is_bare(text: &str) -> bool {
    let text = squeeze(text);
    let found = FINDER.as_ref().and_then(|finder| finder.find(&text));
    found.is_some_and(|found| {
        found.len() == text.len() && MEANINGS[found.pattern().as_usize()].1.is_some()
    })
}

/// Whether a text names first what can be had: "Bulk discounts available", "Options available".
/// That may be another thing than the article.
pub(super) fn names_another(text: &str) -> bool {
    let text = text.to_lowercase();
    let (squeezed, places) = squeezed(&text);
    let mut found = FINDER.iter().flat_map(|finder| finder.find_iter(&squeezed));
    let Some(only) = found.next().filter(|_| found.next().is_none()) else {
        return false;
    };
    let before = places.get(only.start()).and_then(|at| text.get(..*at));
    let is_labelled = before.is_none_or(|before| before.contains([':', '：']));
    only.start() > 0 && only.end() == squeezed.len() && !is_labelled
}

/// A plain answer to "in stock?", without what is asked.
fn answered(squeezed: &str) -> Option<Availability> {
    match squeezed {
        "true" | "1" | "y" => Some(InStock),
        "false" | "0" | "n" | "oos" => Some(OutOfStock),
        word if YES.contains(&word) => Some(InStock),
        word if NO.contains(&word) => Some(OutOfStock),
        _ => None,
    }
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

/// A text as the words are written.
pub(super) fn squeeze(text: &str) -> String {
    squeezed(&text.to_lowercase()).0
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

/// The length in bytes of the character at a place of a text.
fn length_at(text: &str, at: usize) -> usize {
    text[at..].chars().next().map_or(0, char::len_utf8)
}

/// The words of a text, without what stands between them.
fn words_of(text: &str) -> Vec<&str> {
    text.split(|c: char| !(c.is_alphanumeric() || c == '\''))
        .filter(|word| !word.is_empty())
        .collect()
}

fn is_negated(before: &str) -> bool {
    let clause = before.rsplit(BUT).next().unwrap_or(before);
    let words = words_of(clause);
    words.iter().rev().take(4).any(|word| NOT.contains(word))
}

/// "In stock: no", "Em estoque NÃO": the last word denies what is asked before.
fn is_denied(text: &str) -> bool {
    let words = words_of(text);
    words
        .last()
        .is_some_and(|last| NO.contains(last) || BEHIND.contains(last))
}

/// The words of a clause before and behind a place in it.
fn clause<'t>(before: &'t str, after: &'t str) -> (Vec<&'t str>, Vec<&'t str>) {
    const PARTS: [char; 5] = ['-', '–', ':', '：', '/'];
    let is_end = |c: char| BUT.contains(&c) || PARTS.contains(&c);
    let before = before.rsplit(is_end).next().unwrap_or(before);
    let after = after.split(is_end).next().unwrap_or(after);
    (words_of(before), words_of(after))
}

/// "Gift wrapping is available", "available in three colours", "also available as a set": what
/// a clause says is not said of the article.
fn is_beside(before: &str, after: &str, meaning: Availability) -> bool {
    let (before, after) = clause(before, after);
    let is_sent = |word: &&str| begins(word, SENT);
    let is_other = |word: &&str| begins(word, BESIDES);
    before
        .iter()
        .any(|word| ALSO.contains(word) || is_sent(word) || is_other(word))
        || after
            .iter()
            .any(|word| is_other(word) || meaning != InStock && is_sent(word))
}

fn begins(word: &str, stems: &[&str]) -> bool {
    stems.iter().any(|stem| word.starts_with(stem))
}

/// "Snart åter i lager", "available again soon": a word beside it says that it is not yet.
fn is_soon(before: &str, after: &str) -> bool {
    let (before, after) = clause(before, after);
    let mut near = before.iter().rev().take(3).chain(after.iter().take(2));
    near.any(|word| SOON.contains(word))
}

/// Whether a visitor asks in a text to be told when there is any.
fn is_told(text: &str) -> bool {
    TOLD.iter().any(|stem| {
        // Words have no gaps between them there.
        let is_without_gaps = stem.chars().any(|c| c >= '\u{590}');
        is_without_gaps && text.contains(stem)
            || words_of(text).iter().any(|word| word.starts_with(stem))
    })
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
                .all(|found| matches!(MEANINGS[found.pattern().as_usize()].1, None | Some(InStock)))
        })
        && !is_negated(text)
        && !words_of(text).iter().any(|word| begins(word, BESIDES)))
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
