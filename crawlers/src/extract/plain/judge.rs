//! What the words beside a price say of it.

use super::clues::Clues;
use super::labels::{OFFER_WORDS, OTHER_LABELS, PRICE_LABELS, PRICE_WORDS};
use super::parts::{
    is_converted, is_in_cart, is_instalment, is_of_last_days, is_of_something_else, is_per_month,
    is_per_unit, is_per_unit_before, is_taken_off_or_added, is_tier, is_tier_behind,
};
use super::scan::LEFT_OUT;
use super::spot::Spot;
use crate::extract::price::{Said, said};

/// Lets the words of a short text say which of the prices in it are old, of
/// something else, without tax, for a unit, or the upper end of a range.
pub(super) fn judge(spots: &mut [Spot], text: &str) {
    let mut from = 0;
    // A label before the first price means that labels stand before.
    let mut leads = None;
    for at in 0..spots.len() {
        let Some(found) = text[from..].find(&spots[at].raw) else {
            continue;
        };
        let (start, end) = (from + found, from + found + spots[at].raw.len());
        // One that is struck out is left out of the text.
        let mut others = spots[at + 1..].iter();
        let next = others.find_map(|next| text[end..].find(&next.raw));
        let amount = spots[at].amount_in_raw();
        let behind_last = |text, most| {
            let lead = ending(text, most);
            lead.rsplit(LEFT_OUT).next().unwrap_or(lead)
        };
        let all_before = &text[from..start + amount.start];
        let lead = behind_last(all_before, 50);
        let tail = &text[start + amount.end..next.map_or(text.len(), |next| end + next)];
        let labelled = *leads.get_or_insert(lead.chars().any(char::is_alphabetic));
        let mut clues = spots[at].clues;
        let words = said(lead);
        if words.is_old()
            || is_one_of(&OLD_LABELS, lead)
            || is_of_last_days(behind_last(all_before, MAX_LAST_DAYS))
        {
            clues = clues.with(Clues::OLD);
        }
        let is_upper_end =
            at > 0 && matches!(lead.trim(), "-" | "–" | "—" | "~" | "to" | "bis" | "à");
        let is_offer = is_offer_label(lead, words);
        if words.is_other() && !is_offer
            || is_taken_off_or_added(lead)
            || (next.is_none() && (is_of_something_else(tail) || is_tier_behind(tail)))
            || is_tier(lead)
            || is_instalment(lead)
            || is_in_cart(lead)
            || is_per_unit(tail)
            || is_per_unit_before(lead)
            || is_converted(lead, at == 0)
            || is_per_month(tail)
            || at == 0 && is_label_of_other(lead)
            || is_upper_end
        {
            clues = clues.with(Clues::OTHER);
        }
        if is_upper_end {
            spots[at - 1].is_range = true;
            spots[at].is_range = true;
        }
        if is_price_label(lead) {
            clues = clues.with(Clues::PRICE).with(Clues::CURRENT);
            spots[at].is_labelled = true;
        }
        if is_offer {
            clues = clues.with(OFFER);
        }
        let on_tax = if labelled { words } else { said(tail) };
        if text.len() <= 90 && on_tax.is_without_tax() {
            clues = clues.with(Clues::WITHOUT_TAX);
        } else if on_tax.is_with_tax() && !(labelled && lead.chars().any(char::is_numeric)) {
            // A word beside the amount goes before the name of a class; one behind another
            // amount is said of that.
            clues = clues.without(Clues::WITHOUT_TAX);
        }
        if !spots[at].clues.has(Clues::SINGLE) {
            spots[at].clues = clues;
        }
        from = end;
    }
}

/// The longest text that names what stands behind it, in characters.
const MAX_LABEL: usize = 40;
/// The longest that speaks of the lowest price of the last days.
const MAX_LAST_DAYS: usize = 100;

/// Lets a label that stands apart, as in a list of names and values, say what
/// the price behind it is.
pub(super) fn judge_by(label: &str, spot: &mut Spot) {
    let label = label.trim();
    let is_decided = spot.clues.has(Clues::SINGLE);
    if !is_decided && label.chars().count() <= MAX_LAST_DAYS && is_of_last_days(label) {
        spot.clues = spot.clues.with(Clues::OLD);
    }
    if is_decided || label.is_empty() || label.chars().count() > MAX_LABEL {
        return;
    }
    let words = said(label);
    if words.is_old() {
        spot.clues = spot.clues.with(Clues::OLD);
    }
    let is_offer = is_offer_label(label, words);
    if words.is_other() && !is_offer
        || is_instalment(label)
        || is_per_unit_before(label)
        || is_one_of(OTHER_LABELS, label)
    {
        spot.clues = spot.clues.with(Clues::OTHER);
    }
    if words.is_without_tax() {
        spot.clues = spot.clues.with(Clues::WITHOUT_TAX);
    }
    if is_price_label(label) {
        spot.clues = spot.clues.with(Clues::PRICE).with(Clues::CURRENT);
        spot.is_labelled = true;
    }
    if is_offer {
        spot.clues = spot.clues.with(OFFER);
    }
}

/// What a price is that is named as that of an offer.
const OFFER: Clues = Clues::PRICE.with(Clues::CURRENT).with(Clues::OFFER);

/// Whether a text names a price as that of an offer: a word of offers begins in it, and it
/// speaks of a price. "Angebotspreis", "Discount price", not "Discount", nor a longer text
/// that was `said` to be of something else.
fn is_offer_label(text: &str, said: Said) -> bool {
    let label = text.trim();
    let is_other = said.is_other() && label.split_whitespace().count() > 2;
    // "Price without the discount".
    if is_other || said.is_old() || label.chars().count() > MAX_LABEL {
        return false;
    }
    // The dot that is left of a Turkish capital I.
    let lower = label.to_lowercase().replace('\u{307}', "");
    let begins = |word: &&&str| {
        lower.match_indices(**word).any(|(at, _)| {
            let is_without_gaps = word.chars().any(|c| c >= '\u{590}');
            is_without_gaps || !lower[..at].ends_with(char::is_alphabetic)
        })
    };
    PRICE_WORDS.iter().any(|word| lower.contains(word))
        && OFFER_WORDS.iter().any(|word| begins(&word))
}

/// What means an old price alone before an amount, and little else within a sentence.
const OLD_LABELS: [&str; 1] = ["van"];

/// Whether a text is nothing but the name of the price asked.
pub(super) fn is_price_label(text: &str) -> bool {
    is_one_of(PRICE_LABELS, text)
}

/// Whether what stands before an amount, behind anything set off from it, is nothing but the name
/// of something else: "Lot 12 · Estimate".
fn is_label_of_other(lead: &str) -> bool {
    let label = lead.rsplit(['·', '•', '|']).next().unwrap_or(lead);
    is_one_of(OTHER_LABELS, label)
}

fn is_one_of(labels: &[&str], text: &str) -> bool {
    let label = text
        .trim_matches(|c: char| !c.is_alphanumeric())
        .to_lowercase();
    labels.contains(&label.as_str())
}

/// The last characters of a text.
fn ending(text: &str, characters: usize) -> &str {
    let start = text.char_indices().rev().nth(characters.saturating_sub(1));
    &text[start.map_or(0, |(at, _)| at)..]
}
