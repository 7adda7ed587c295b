//! What the index knows of a title beside its words, so that the listings a product may concern can
//! be proposed without reading all of them (see [`super::candidates`]):
//!
//! * *grams*: every three neighbouring letters of the look-alike view, across words;
//! * *leads*: the words a title begins with, one of which says what is sold;
//! * *masks*: the lengths of runs in which signs hide letters, of the description too.

use std::collections::BTreeSet;

use super::analysis::{Kind, Token};
use crate::text::{fold_all, is_filler, normalise};

/// Words at the beginning of a title among which the first telling one is looked for.
const LEADS: usize = 8;
/// Runs longer than any name hide none.
const LONGEST_MASKED: usize = 40;
/// More clues of one title are not kept.
const MOST: usize = 2_000;

/// The clue of three neighbouring letters.
pub(super) fn gram(letters: &[char]) -> String {
    let mut out = String::from("g");
    out.extend(letters);
    out
}

/// The grams of folded letters, each once.
pub(super) fn grams(folded: &str) -> BTreeSet<String> {
    let letters: Vec<char> = folded.chars().collect();
    letters.windows(3).take(MOST).map(gram).collect()
}

/// The clue of a word near the beginning.
pub(super) fn lead(word: &str) -> String {
    format!("l{word}")
}

/// The clue of a run of so many characters, some of them masked.
pub(super) fn mask(length: usize) -> String {
    format!("m{length}")
}

/// The clue of any masked run.
pub(super) const MASKED: &str = "m";

/// The clue of a masked run of so many characters in a description.
pub(super) fn described_mask(length: usize) -> String {
    format!("d{length}")
}

/// The clues of a description: its masked runs. Hyphens and dots are left out, as every description
/// has some.
pub(super) fn of_description(description: &str) -> BTreeSet<String> {
    let mut out = BTreeSet::new();
    for (lengths, hides) in masked(normalise(description).plain()) {
        if hides {
            out.extend(lengths.map(described_mask));
        }
    }
    out
}

/// The clues of a title.
pub(super) fn of(title: &str, tokens: &[Token]) -> BTreeSet<String> {
    let text = normalise(title);
    let mut out = grams(text.lookalike());
    // Signs that stand for letters stand for nothing in another reading.
    if text
        .plain()
        .contains(['@', '$', '|', '!', '€', '£', '¢', '¥', '+'])
    {
        out.extend(grams(&fold_all(text.squeezed())));
    }
    let words = tokens
        .iter()
        .filter(|t| t.is_main() && !is_filler(&t.text))
        .filter(|t| !t.text.chars().all(char::is_numeric));
    if let Some(last) = words.take(LEADS).map(|t| t.position).last() {
        let near = tokens.iter().filter(|t| t.position <= last);
        out.extend(near.filter(|t| t.kind != Kind::Last).map(|t| lead(&t.text)));
    }
    for (lengths, hides) in masked(text.plain()) {
        out.extend(lengths.map(mask));
        if hides {
            out.insert(MASKED.to_owned());
        }
    }
    out
}

/// The masked runs: each with its lengths with and without the signs around it, and whether a sign in
/// it hides a letter more likely than it joins words.
fn masked(plain: &str) -> impl Iterator<Item = ([usize; 2], bool)> {
    plain.split(' ').filter_map(|run| {
        let run = run.trim_matches(|c: char| !c.is_alphanumeric() && !is_mask(c));
        let length = run.chars().count();
        if length > LONGEST_MASKED || !run.contains(is_mask) {
            return None;
        }
        let first = run.find(char::is_alphabetic)?;
        let hides = run[first..].contains(|c| is_mask(c) && c != '-' && c != '.');
        let inner = run.trim_matches(|c: char| !c.is_alphanumeric());
        Some(([length, inner.chars().count()], hides))
    })
}

/// The signs that stand for a hidden letter.
fn is_mask(ch: char) -> bool {
    matches!(
        ch,
        '*' | '_' | '#' | '.' | '?' | '•' | '·' | '~' | '-' | '×' | '¤' | '^' | '%'
    )
}
