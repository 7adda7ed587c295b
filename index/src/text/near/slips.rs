//! Names with letters that are wrong, missing, added or swapped.

use super::super::distance;
use super::super::evidence::Trick;
use super::super::find::{Mention, Quality};
use super::super::lookalike;
use super::super::terms::{Terms, letter_set};
use super::super::words::{Word, is_filler};
use super::{LONGEST, LONGEST_NAME, mention};

/// Words, or a few words together, that are a name but for some slips.
pub(super) fn misspelt(terms: &Terms, words: &[Word], out: &mut Vec<Mention>) {
    // Disguised words have slips as well.
    let read: Vec<String> = words
        .iter()
        .map(|w| lookalike::read_as(&w.text).unwrap_or_else(|| w.text.clone()))
        .collect();
    let mut joined: Vec<char> = Vec::new();
    let mut candidates = Vec::new();
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
            terms.slips.candidates(&joined, &mut candidates);
            let letters = letter_set(&joined);
            for &number in &candidates {
                let key = &terms.near[number as usize];
                let allowed = distance::slips_allowed(key.length);
                if (key.letters ^ letters).count_ones() as usize > allowed * 2 {
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
