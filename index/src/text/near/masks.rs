//! Names some letters of which are hidden behind signs.

use std::collections::HashMap;

use super::super::evidence::Trick;
use super::super::find::{Mention, Quality};
use super::super::lookalike;
use super::super::normalise::Normalised;
use super::super::terms::Terms;
use super::{COMPARED_WORDS, LONGEST, LONGEST_NAME, mention};

/// The signs that stand for a hidden letter.
const MASKS: [char; 13] = [
    '*', '_', '#', '.', '?', '•', '·', '~', '-', '×', '¤', '^', '%',
];

/// Names by their length and each of their letters; digits are filed as the letters they stand for.
#[derive(Debug, Default)]
pub(in crate::text) struct MaskIndex {
    names: HashMap<(usize, usize, char), Vec<u32>>,
}

impl MaskIndex {
    /// Files names, given as letters; numbers in answers are places in this list.
    pub(in crate::text) fn build<'a>(names: impl IntoIterator<Item = &'a [char]>) -> Self {
        let mut out = Self::default();
        for (number, name) in names
            .into_iter()
            .enumerate()
            .filter(|(_, n)| n.len() <= LONGEST)
        {
            for (at, &ch) in name.iter().enumerate() {
                let ch = lookalike::latin(ch).unwrap_or(ch);
                out.names
                    .entry((name.len(), at, ch))
                    .or_default()
                    .push(number as u32);
            }
        }
        out
    }

    /// Names of a run's length that have one of the letters it shows: the fewest that any shows.
    fn candidates(&self, run: &[(usize, char)]) -> &[u32] {
        let shown = run
            .iter()
            .enumerate()
            .filter(|(_, (_, ch))| !MASKS.contains(ch));
        let names = shown.map(|(at, &(_, ch))| {
            let letter = lookalike::latin(ch).unwrap_or(ch);
            self.names
                .get(&(run.len(), at, letter))
                .map_or(&[][..], Vec::as_slice)
        });
        names.min_by_key(|names| names.len()).unwrap_or_default()
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
pub(super) fn masked(terms: &Terms, text: &Normalised, out: &mut Vec<Mention>) {
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
    for &number in terms.masks.candidates(run) {
        let key = &terms.near[number as usize];
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
