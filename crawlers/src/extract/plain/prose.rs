//! Amounts that a paragraph speaks of: in the middle of running text an amount may be of
//! anything, whatever its element is called. Shops call the amounts in their articles prices
//! too.

use super::clues::Clues;
use super::frame::{Frame, MAX_TEXT};
use super::judge::is_price_label;
use super::scan::Scan;
use crate::extract::price::said;
use crate::extract::text::tidy;

/// More words than these stand before an amount in running text.
const MOST_WORDS: usize = 4;
/// What ends a sentence or sets apart what follows.
const ENDS: [char; 8] = ['.', '!', '?', '。', '！', '？', '(', '\n'];

impl<'a> Frame<'a> {
    /// Takes the name of a price from what stands behind a sentence in a paragraph, but for a
    /// label that names it again.
    pub(super) fn note_prose(&self, scan: &mut Scan<'a>) {
        if self.name() != "p" || self.first_spot == scan.spots.len() {
            return;
        }
        let text = tidy(&self.text, 4 * MAX_TEXT);
        for spot in &mut scan.spots[self.first_spot..] {
            let lead = text.split_once(&spot.raw).map_or("", |(lead, _)| lead);
            if is_running(lead) {
                spot.in_prose = true;
                spot.clues = spot.clues.without(Clues::PRICE.with(Clues::CURRENT));
            }
        }
    }
}

/// Whether a sentence has ended in a text, and no label of a price stands behind it.
fn is_running(lead: &str) -> bool {
    let Some((sentences, rest)) = lead.trim_end().rsplit_once(ENDS) else {
        return false;
    };
    let words = sentences.split_whitespace();
    let words = words.filter(|word| word.chars().any(char::is_alphabetic));
    words.count() > MOST_WORDS && !is_price_label(rest) && !said(rest).is_now()
}
