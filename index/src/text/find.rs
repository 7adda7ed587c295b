//! Mentions of the catalog's terms in a text, through the tricks that hide them.

use super::evidence::Trick;
use super::near;
use super::normalise::{Glyph, Normalised, TrickSet};
use super::terms::{Term, TermKind, Terms};
use super::words::{Word, is_cjk};

/// A hostile text repeats a term thousands of times; the first mentions are enough.
const MOST: usize = 500;

/// How a term was recognised, the least sure way first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Quality {
    /// Initials or consonants.
    Abbreviated,
    /// More than one slip.
    Slips,
    /// One slip.
    Slip,
    /// The beginning of a longer word.
    Embedded,
    /// Split by spaces into pieces longer than one letter.
    Split,
    /// The words of a name, not side by side.
    Scattered,
    /// Letters in reverse.
    Reversed,
    /// Letters hidden behind signs.
    Masked,
    /// Look-alike letters, digits or signs.
    Disguised,
    /// The term itself, whatever stands between its letters.
    Exact,
}

/// A term found in a text.
#[derive(Debug, Clone, Copy)]
pub(super) struct Mention {
    /// The term's place in [`Terms::terms`].
    pub term: usize,
    /// First and last glyph, both inclusive.
    pub first: usize,
    pub last: usize,
    pub tricks: TrickSet,
    pub quality: Quality,
}

impl Mention {
    /// Letters were wrong, missing or moved, so that it may be another word after all.
    pub(super) fn is_doubtful(&self) -> bool {
        self.quality < Quality::Masked
    }

    pub(super) fn overlaps(&self, other: &Self) -> bool {
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
        let place = terms.exact_terms[found.pattern().as_usize()];
        let Some((first, last)) = text.squeezed.span(found.start(), found.end()) else {
            continue;
        };
        if let Some((tricks, quality)) = accept(text, &terms.terms[place], first, last) {
            out.push(Mention {
                term: place,
                first,
                last,
                tricks,
                quality,
            });
        }
        if out.len() >= MOST {
            break;
        }
    }
    models(terms, text, &mut out);
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
        let Some((tricks, quality)) = accept(text, term, first, last) else {
            continue;
        };
        let mention = Mention {
            term: place,
            first,
            last,
            tricks: tricks.union(disguise),
            quality: quality.min(Quality::Disguised),
        };
        if !out.iter().any(|m| m.term == place && m.overlaps(&mention)) {
            out.push(mention);
        }
        if out.len() >= MOST + exact {
            break;
        }
    }
    near::mentions(terms, text, words, &mut out);
    out.sort_by_key(|m| (m.first, m.last));
    out
}

/// Adds the mentions of model numbers. They begin and end where a run of letters and digits does, so
/// that looking up what lies between such places finds them all.
fn models(terms: &Terms, text: &Normalised, out: &mut Vec<Mention>) {
    let squeezed = &text.squeezed;
    let mut edges: Vec<usize> = Vec::new();
    let mut before: Option<(usize, char)> = None;
    for (at, ch) in squeezed.text.char_indices() {
        let glyph = squeezed.glyphs.get(at).map_or(0, |&glyph| glyph as usize);
        if before.is_none_or(|(last, b)| last + 1 != glyph || is_cjk(b) || is_cjk(ch)) {
            edges.push(at);
        }
        before = Some((glyph, ch));
    }
    edges.push(squeezed.text.len());
    let most = out.len() + MOST;
    for (nth, &start) in edges.iter().enumerate() {
        let ends = edges[nth + 1..].iter().take(terms.model_pieces);
        for &end in ends.take_while(|&&end| end - start <= terms.longest_model) {
            let Some(&place) = terms.models.get(&squeezed.text[start..end]) else {
                continue;
            };
            let Some((first, last)) = squeezed.span(start, end) else {
                continue;
            };
            if let Some((tricks, quality)) = accept(text, &terms.terms[place], first, last)
                && out.len() < most
            {
                out.push(Mention {
                    term: place,
                    first,
                    last,
                    tricks,
                    quality,
                });
            }
        }
    }
}

/// Whether a stretch of glyphs stands for itself, and what was done to keep it apart or together.
fn accept(
    text: &Normalised,
    term: &Term,
    first: usize,
    last: usize,
) -> Option<(TrickSet, Quality)> {
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
    if !edge(stretch.first()?, before, true) {
        return None;
    }
    let whole = edge(stretch.last()?, glyphs.get(last + 1), false);
    if !whole && (term.kind == TermKind::Model || term.squeezed.len() < 4) {
        return None;
    }
    let mut quality = if whole {
        Quality::Exact
    } else {
        Quality::Embedded
    };
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
        return (pieces <= term.words + 2).then_some((tricks, quality));
    }
    if pieces > term.words {
        let apart = pieces >= 3 && single * 2 >= pieces;
        if !apart && only_spaces {
            if term.squeezed.len() < 4 || pieces > term.words + 4 {
                return None;
            }
            quality = quality.min(Quality::Split);
        }
        tricks.add(Trick::Spaced);
    } else if pieces < term.words || !whole {
        tricks.add(Trick::Glued);
    }
    Some((tricks, quality))
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
