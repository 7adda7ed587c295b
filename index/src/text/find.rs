//! Mentions of the catalog's terms in a text, through the tricks that hide them.

use super::distance;
use super::evidence::Trick;
use super::normalise::{Glyph, Normalised, TrickSet};
use super::terms::{Term, TermKind, Terms};
use super::words::{Word, is_cjk};

/// A hostile text repeats a term thousands of times; the first mentions are enough.
const MOST: usize = 500;
/// Words of a title that are compared for slips.
const COMPARED_WORDS: usize = 60;
/// The signs that stand for a hidden letter.
const MASKS: [char; 9] = ['*', '_', '#', '.', '?', '•', '·', '~', '-'];

/// A term found in a text.
#[derive(Debug, Clone, Copy)]
pub(super) struct Mention {
    /// The term's place in [`Terms::terms`].
    pub term: usize,
    /// First and last glyph, both inclusive.
    pub first: usize,
    pub last: usize,
    pub tricks: TrickSet,
    /// Letters were wrong or hidden, so that it may be another word after all.
    pub doubtful: bool,
}

impl Mention {
    fn overlaps(&self, other: &Self) -> bool {
        self.first <= other.last && other.first <= self.last
    }
}

/// All mentions of the catalog's terms, in the order of the text.
pub(super) fn mentions(terms: &Terms, text: &Normalised, words: &[Word]) -> Vec<Mention> {
    let mut out = Vec::new();
    for found in terms
        .exact
        .find_overlapping_iter(&text.squeezed.text)
        .take(MOST * 4)
    {
        let place = found.pattern().as_usize();
        let Some((first, last)) = text.squeezed.span(found.start(), found.end()) else {
            continue;
        };
        if let Some(tricks) = accept(text, &terms.terms[place], first, last) {
            out.push(Mention {
                term: place,
                first,
                last,
                tricks,
                doubtful: false,
            });
        }
        if out.len() >= MOST {
            break;
        }
    }
    let exact = out.len();
    for found in terms
        .folded
        .find_overlapping_iter(&text.lookalike.text)
        .take(MOST * 4)
    {
        let place = terms.folded_terms[found.pattern().as_usize()];
        let Some((first, last)) = text.lookalike.span(found.start(), found.end()) else {
            continue;
        };
        let term = &terms.terms[place];
        let Some(disguise) = disguise(text, term, first, last) else {
            continue;
        };
        let Some(tricks) = accept(text, term, first, last) else {
            continue;
        };
        let mention = Mention {
            term: place,
            first,
            last,
            tricks: tricks.union(disguise),
            doubtful: false,
        };
        if !out.iter().any(|m| m.term == place && m.overlaps(&mention)) {
            out.push(mention);
        }
        if out.len() >= MOST + exact {
            break;
        }
    }
    doubtful(terms, text, words, &mut out);
    out.sort_by_key(|m| (m.first, m.last));
    out
}

/// Whether a stretch of glyphs stands for itself, and what was done to keep it apart or together.
fn accept(text: &Normalised, term: &Term, first: usize, last: usize) -> Option<TrickSet> {
    let glyphs = &text.glyphs;
    let edge = |inner: &Glyph, outer: Option<&Glyph>, outer_first: bool| {
        let Some(outer) = outer else { return true };
        let (left, right) = if outer_first {
            (outer, inner)
        } else {
            (inner, outer)
        };
        !outer.ch.is_alphanumeric()
            || is_cjk(outer.ch)
            || is_cjk(inner.ch)
            || (term.kind != TermKind::Model
                && term.squeezed.len() >= 4
                && (!left.upper && right.upper || left.ch.is_alphabetic() && right.ch.is_numeric()))
    };
    let before = first.checked_sub(1).and_then(|i| glyphs.get(i));
    let stretch = glyphs.get(first..=last)?;
    if !edge(stretch.first()?, before, true) || !edge(stretch.last()?, glyphs.get(last + 1), false)
    {
        return None;
    }
    let mut tricks = stretch
        .iter()
        .fold(TrickSet::default(), |all, g| all.union(g.tricks));

    // Pieces: runs that nothing separates. A sign that stands for a letter belongs to its run.
    let is_letter =
        |g: &Glyph| g.ch.is_alphanumeric() || matches!(g.ch, '@' | '$' | '|' | '!' | '€');
    let (mut pieces, mut single, mut length) = (0usize, 0usize, 0usize);
    let mut only_spaces = true;
    for (i, glyph) in stretch.iter().enumerate() {
        if is_letter(glyph) {
            length += 1;
        } else {
            only_spaces &= glyph.ch.is_whitespace() || glyph.ch == '-';
        }
        if length > 0 && (!is_letter(glyph) || i + 1 == stretch.len()) {
            pieces += 1;
            single += usize::from(length == 1);
            length = 0;
        }
    }
    if term.kind == TermKind::Model {
        return (pieces <= term.words + 2).then_some(tricks);
    }
    if pieces > term.words {
        let apart = pieces >= 3 && single * 2 >= pieces;
        if !apart && only_spaces {
            return None;
        }
        tricks.add(Trick::Spaced);
    } else if pieces < term.words {
        tricks.add(Trick::Glued);
    }
    Some(tricks)
}

/// How a stretch that only looks like the term differs from it; nothing when it does not differ or
/// hardly anything of it is letters.
fn disguise(text: &Normalised, term: &Term, first: usize, last: usize) -> Option<TrickSet> {
    let stretch = text.glyphs.get(first..=last)?;
    let plain: Vec<char> = stretch
        .iter()
        .map(|g| g.ch)
        .filter(|c| c.is_alphanumeric() || "@$|!€£¢¥+".contains(*c))
        .collect();
    if plain == term.squeezed {
        return None;
    }
    let letters = plain.iter().filter(|c| c.is_ascii_lowercase()).count();
    let foreign = plain
        .iter()
        .filter(|c| c.is_alphabetic() && !c.is_ascii())
        .count();
    let signs = plain.len() - letters - foreign;
    // "1111" could be anything; so could a Cyrillic word of three letters.
    if (letters + foreign) * 10 < plain.len() * 3 || (letters == 0 && plain.len() < 5) {
        return None;
    }
    let mut tricks = TrickSet::default();
    if foreign > 0 {
        tricks.add(Trick::Homoglyph);
    }
    let own_digits = term.squeezed.iter().filter(|c| c.is_ascii_digit()).count();
    if signs > own_digits {
        tricks.add(Trick::Leet);
    }
    if foreign == 0 && signs <= own_digits {
        // Only Latin letters that look like others: "rn" for "m", "I" for "l".
        if plain.len() < 5 {
            return None;
        }
        tricks.add(Trick::Homoglyph);
    }
    Some(tricks)
}

/// Brand names with slips or hidden letters.
fn doubtful(terms: &Terms, text: &Normalised, words: &[Word], out: &mut Vec<Mention>) {
    let latin: Vec<(usize, &Term)> = terms
        .terms
        .iter()
        .enumerate()
        .filter(|(_, t)| t.kind != TermKind::Model && t.is_latin() && t.squeezed.len() >= 4)
        .collect();
    let runs = masked_runs(text);
    for (place, term) in latin {
        let slips = distance::slips_allowed(term.squeezed.len());
        let found = (slips > 0)
            .then(|| misspelt(term, slips, words))
            .flatten()
            .map(|(first, last)| (first, last, Trick::Misspelt))
            .or_else(|| masked(term, &runs).map(|(first, last)| (first, last, Trick::Masked)));
        let Some((first, last, trick)) = found else {
            continue;
        };
        let mut tricks = text.glyphs[first..=last]
            .iter()
            .fold(TrickSet::default(), |all, g| all.union(g.tricks));
        tricks.add(trick);
        let mention = Mention {
            term: place,
            first,
            last,
            tricks,
            doubtful: true,
        };
        // What is surely one thing is not doubtfully another.
        if !out.iter().any(|m| m.overlaps(&mention)) {
            out.push(mention);
        }
    }
}

fn misspelt(term: &Term, slips: usize, words: &[Word]) -> Option<(usize, usize)> {
    let words = &words[..words.len().min(COMPARED_WORDS)];
    words.windows(term.words.min(4)).find_map(|window| {
        let joined: Vec<char> = window.iter().flat_map(|w| w.text.chars()).collect();
        let first_agrees = joined.first() == term.squeezed.first()
            || joined.get(1) == term.squeezed.first() && joined.first() == term.squeezed.get(1);
        (first_agrees
            && joined != term.squeezed
            && distance::within(&joined, &term.squeezed, slips))
        .then(|| (window[0].first, window[window.len() - 1].last))
    })
}

/// Runs without spaces that hold a mask between letters: first glyph and characters.
fn masked_runs(text: &Normalised) -> Vec<(usize, Vec<char>)> {
    let mut out = Vec::new();
    let mut run: Vec<char> = Vec::new();
    for i in 0..=text.glyphs.len() {
        match text.glyphs.get(i) {
            Some(g) if !g.ch.is_whitespace() => run.push(g.ch),
            _ => {
                let start = i - run.len();
                let characters = std::mem::take(&mut run);
                if (3..=60).contains(&characters.len())
                    && characters.iter().any(|c| MASKS.contains(c))
                    && out.len() < COMPARED_WORDS
                {
                    out.push((start, characters));
                }
            }
        }
    }
    out
}

/// The run, or neighbouring runs, that is the term with some letters masked.
fn masked(term: &Term, runs: &[(usize, Vec<char>)]) -> Option<(usize, usize)> {
    runs.iter().find_map(|(start, run)| {
        if run.len() != term.squeezed.len() {
            return None;
        }
        let mut hidden = 0;
        for (seen, wanted) in run.iter().zip(&term.squeezed) {
            if seen != wanted {
                if !MASKS.contains(seen) {
                    return None;
                }
                hidden += 1;
            }
        }
        (hidden > 0 && hidden * 2 <= run.len() && run.len() - hidden >= 2)
            .then(|| (*start, start + run.len() - 1))
    })
}
