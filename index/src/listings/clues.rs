//! What the index knows of a title beside its words, so that the listings a product may concern can
//! be proposed without reading all of them (see [`super::candidates`]):
//!
//! * *grams*: every three neighbouring letters of the look-alike view, across words;
//! * *leads*: the words a title begins with, one of which says what is sold;
//! * *masks*: the lengths of runs in which signs hide letters.

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
    masks(text.plain(), &mut out);
    out
}

fn masks(plain: &str, out: &mut BTreeSet<String>) {
    for run in plain.split(' ') {
        let run = run.trim_matches(|c: char| !c.is_alphanumeric() && !is_mask(c));
        let length = run.chars().count();
        if length > LONGEST_MASKED || !run.contains(is_mask) {
            continue;
        }
        let Some(first) = run.find(char::is_alphabetic) else {
            continue;
        };
        out.insert(mask(length));
        // A hyphen or dot joins words far more often than it hides a letter.
        if run[first..].contains(|c| is_mask(c) && c != '-' && c != '.') {
            out.insert(MASKED.to_owned());
        }
        // Signs of the sentence may stand around it.
        let inner = run.trim_matches(|c: char| !c.is_alphanumeric());
        out.insert(mask(inner.chars().count()));
    }
}

/// The signs that stand for a hidden letter.
fn is_mask(ch: char) -> bool {
    matches!(
        ch,
        '*' | '_' | '#' | '.' | '?' | '•' | '·' | '~' | '-' | '×' | '¤' | '^' | '%'
    )
}
