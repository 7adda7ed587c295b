//! Names that are not written letter by letter: with slips, masked letters, in reverse, with their
//! words apart, abbreviated.

mod masks;
mod parts;
mod slip_index;
mod slips;

use super::evidence::Trick;
use super::find::{Mention, Quality};
use super::normalise::{Normalised, TrickSet};
use super::terms::Terms;
use super::words::Word;

pub(super) use masks::MaskIndex;
pub(super) use parts::PartIndex;
pub(crate) use parts::short_forms;
pub(super) use slip_index::SlipIndex;

/// Words of a title that are compared.
const COMPARED_WORDS: usize = 60;
/// Words of a name that are compared as one.
const LONGEST_NAME: usize = 4;
/// The longest name that is compared, in letters.
const LONGEST: usize = 40;
/// Adds the mentions that are not written letter by letter, where nothing surer was found.
pub(super) fn mentions(terms: &Terms, text: &Normalised, words: &[Word], out: &mut Vec<Mention>) {
    let words = &words[..words.len().min(COMPARED_WORDS)];
    let mut found = Vec::new();
    masks::masked(terms, text, &mut found);
    parts::in_parts(terms, words, &mut found);
    slips::misspelt(terms, words, &mut found);
    parts::abbreviated(terms, words, &mut found);
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
