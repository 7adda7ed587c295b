//! Names that are not written letter by letter: with slips, masked letters, in reverse, with their
//! words apart, abbreviated.

use std::collections::HashMap;

use super::distance;
use super::evidence::Trick;
use super::find::{Mention, Quality};
use super::lookalike;
use super::normalise::{Normalised, TrickSet};
use super::terms::{Terms, letter_set};
use super::words::{Word, is_filler};

/// Words of a title that are compared.
const COMPARED_WORDS: usize = 60;
/// Words of a name that are compared as one.
const LONGEST_NAME: usize = 4;
/// The longest name that is compared, in letters.
const LONGEST: usize = 40;
/// The signs that stand for a hidden letter.
const MASKS: [char; 13] = [
    '*', '_', '#', '.', '?', '•', '·', '~', '-', '×', '¤', '^', '%',
];

/// Adds the mentions that are not written letter by letter, where nothing surer was found.
pub(super) fn mentions(terms: &Terms, text: &Normalised, words: &[Word], out: &mut Vec<Mention>) {
    let words = &words[..words.len().min(COMPARED_WORDS)];
    let mut found = Vec::new();
    masked(terms, text, &mut found);
    in_parts(terms, words, &mut found);
    misspelt(terms, words, &mut found);
    abbreviated(terms, words, &mut found);
    // The surer come first: what is surely one thing is not doubtfully another.
    found.sort_by_key(|m: &Mention| (std::cmp::Reverse(m.quality), m.first, m.term));
    for mut mention in found {
        if out
            .iter()
            .any(|m| m.overlaps(&mention) && m.quality > mention.quality)
        {
            continue;
        }
        let written = text
            .glyphs
            .get(mention.first..=mention.last)
            .unwrap_or_default();
        mention.tricks = written
            .iter()
            .fold(mention.tricks, |all, g| all.union(g.tricks));
        out.push(mention);
    }
}

fn mention(
    term: usize,
    first: usize,
    last: usize,
    quality: Quality,
    trick: Option<Trick>,
) -> Mention {
    let mut tricks = TrickSet::default();
    if let Some(trick) = trick {
        tricks.add(trick);
    }
    Mention {
        term,
        first,
        last,
        tricks,
        quality,
    }
}

/// Words, or a few words together, that are a name but for some slips.
fn misspelt(terms: &Terms, words: &[Word], out: &mut Vec<Mention>) {
    // Disguised words have slips as well.
    let read: Vec<String> = words
        .iter()
        .map(|w| lookalike::read_as(&w.text).unwrap_or_else(|| w.text.clone()))
        .collect();
    let mut joined: Vec<char> = Vec::new();
    for from in 0..words.len() {
        joined.clear();
        for (word, read) in words[from..].iter().zip(&read[from..]).take(LONGEST_NAME) {
            joined.extend(read.chars());
            if joined.len() > LONGEST {
                break;
            }
            let single = std::ptr::eq(word, &words[from]);
            if joined.len() < 3 || joined.iter().all(|c| !c.is_ascii_lowercase()) {
                continue;
            }
            if single && is_filler(&word.text) {
                break;
            }
            let letters = letter_set(&joined);
            let begin = terms
                .near
                .partition_point(|key| key.length + 3 < joined.len());
            for key in &terms.near[begin..] {
                if key.length > joined.len() + 3 {
                    break;
                }
                let allowed = distance::slips_allowed(key.length);
                if allowed == 0 || (key.letters ^ letters).count_ones() as usize > allowed * 2 {
                    continue;
                }
                let term = &terms.terms[key.term];
                if joined == term.squeezed {
                    continue;
                }
                let Some(slips) = distance::slips(&joined, &term.squeezed, allowed) else {
                    continue;
                };
                let same_start = joined.first() == term.squeezed.first();
                let quality = if slips == 1 && (same_start || key.length >= 6) {
                    Quality::Slip
                } else {
                    Quality::Slips
                };
                out.push(mention(
                    key.term,
                    words[from].first,
                    word.last,
                    quality,
                    Some(Trick::Misspelt),
                ));
            }
        }
    }
}

/// A run of signs without spaces: first glyph and characters.
type Run = (usize, Vec<char>);

/// The runs of a text; those longer than any name are left out.
fn runs(text: &Normalised) -> Vec<Run> {
    let mut out: Vec<Run> = Vec::new();
    let mut run: Vec<char> = Vec::new();
    for i in 0..=text.glyphs.len() {
        match text.glyphs.get(i) {
            Some(g) if !g.ch.is_whitespace() => run.push(g.ch),
            _ if !run.is_empty() => {
                let start = i - run.len();
                out.push((start, std::mem::take(&mut run)));
                if out.len() >= COMPARED_WORDS {
                    break;
                }
            }
            _ => {}
        }
    }
    out
}

/// Neighbouring runs that are a name with some letters masked.
fn masked(terms: &Terms, text: &Normalised, out: &mut Vec<Mention>) {
    if !text.glyphs.iter().any(|g| MASKS.contains(&g.ch)) {
        return;
    }
    let runs = runs(text);
    let mut joined: Vec<(usize, char)> = Vec::new();
    for from in 0..runs.len() {
        joined.clear();
        for (start, run) in &runs[from..runs.len().min(from + LONGEST_NAME)] {
            if joined.len() + run.len() > LONGEST {
                break;
            }
            joined.extend(run.iter().enumerate().map(|(i, &c)| (start + i, c)));
            if !joined.iter().any(|(_, c)| MASKS.contains(c)) {
                continue;
            }
            compare_masked(terms, &joined, out);
            // Signs around a word belong to the sentence, a hyphen within to the name.
            let inner: Vec<(usize, char)> = joined
                .iter()
                .copied()
                .filter(|(_, c)| {
                    c.is_alphanumeric() || (MASKS.contains(c) && *c != '-') || "@$!|".contains(*c)
                })
                .collect();
            if inner.len() != joined.len() {
                compare_masked(terms, &inner, out);
            }
            let letters = |(_, c): &&(usize, char)| !c.is_alphanumeric();
            let before = inner.iter().take_while(letters).count();
            let behind = inner.iter().rev().take_while(letters).count();
            if before + behind > 0 && before + behind < inner.len() {
                compare_masked(terms, &inner[before..inner.len() - behind], out);
            }
        }
    }
}

fn compare_masked(terms: &Terms, run: &[(usize, char)], out: &mut Vec<Mention>) {
    let (Some(first), Some(last)) = (run.first(), run.last()) else {
        return;
    };
    let begin = terms.near.partition_point(|key| key.length < run.len());
    for key in terms.near[begin..]
        .iter()
        .take_while(|key| key.length == run.len())
    {
        let term = &terms.terms[key.term];
        let mut hidden = 0;
        let agrees = run.iter().zip(&term.squeezed).all(|(&(_, seen), &wanted)| {
            if seen == wanted || lookalike::latin(seen) == Some(wanted) {
                return true;
            }
            hidden += 1;
            MASKS.contains(&seen)
        });
        if agrees && hidden > 0 && hidden * 2 <= run.len() && run.len() - hidden >= 2 {
            out.push(mention(
                key.term,
                first.0,
                last.0,
                Quality::Masked,
                Some(Trick::Masked),
            ));
        }
    }
}

/// Where a part of a name was found: the word's place and whether it was in reverse.
#[derive(Debug, Clone, Copy)]
struct PartFound {
    word: usize,
    reversed: bool,
}

/// Names whose words stand apart, or whose letters stand in reverse.
fn in_parts(terms: &Terms, words: &[Word], out: &mut Vec<Mention>) {
    let mut found: HashMap<usize, Vec<Option<PartFound>>> = HashMap::new();
    for (at, word) in words.iter().enumerate() {
        let backwards: String = word.text.chars().rev().collect();
        let reversed = (backwards != word.text).then_some((backwards, true));
        for (spelling, reversed) in std::iter::once((word.text.clone(), false)).chain(reversed) {
            for &place in terms.parts.get(&spelling).into_iter().flatten() {
                let term = &terms.terms[place];
                if term.parts.len() == 1 && (!reversed || spelling.len() < 4) {
                    continue;
                }
                let parts = found
                    .entry(place)
                    .or_insert_with(|| vec![None; term.parts.len()]);
                for (part, slot) in term.parts.iter().zip(parts.iter_mut()) {
                    if *part == spelling && slot.is_none_or(|s| s.reversed && !reversed) {
                        *slot = Some(PartFound { word: at, reversed });
                    }
                }
            }
        }
    }
    for (place, parts) in found {
        let Some(parts) = parts.into_iter().collect::<Option<Vec<PartFound>>>() else {
            continue;
        };
        let reversed = parts.iter().any(|p| p.reversed);
        let from = parts.iter().map(|p| p.word).min().unwrap_or_default();
        let to = parts.iter().map(|p| p.word).max().unwrap_or_default();
        let longest = parts
            .iter()
            .max_by_key(|p| words[p.word].last - words[p.word].first)
            .map_or(from, |p| p.word);
        // Words far apart are marked by their longest alone.
        let (first, last) = if to - from < parts.len() {
            (words[from].first, words[to].last)
        } else {
            (words[longest].first, words[longest].last)
        };
        let (quality, trick) = if reversed {
            (Quality::Reversed, Some(Trick::Reversed))
        } else {
            (Quality::Scattered, None)
        };
        out.push(mention(place, first, last, quality, trick));
    }
}

/// Words that are a name's initials or consonants.
fn abbreviated(terms: &Terms, words: &[Word], out: &mut Vec<Mention>) {
    for word in words.iter().filter(|w| !is_filler(&w.text)) {
        for &term in terms.short_forms.get(&word.text).into_iter().flatten() {
            out.push(mention(
                term,
                word.first,
                word.last,
                Quality::Abbreviated,
                Some(Trick::Abbreviated),
            ));
        }
    }
}
