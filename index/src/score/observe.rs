//! From evidence to bins.

use super::factors::*;
use super::{Condition, ScoreInput};
use crate::image::PictureMatch;
use crate::text::{CONCERNS_FROM, TextMatch, TextSignal, Trick};

/// Sorts all that is known into bins.
#[must_use]
pub fn observe(input: &ScoreInput<'_>) -> Observation {
    let mut bins = [0; FACTORS_COUNT];
    let accessory = input.text.is_some_and(is_accessory);
    let condition = condition(input);
    bins[TITLE] = input
        .text
        .map_or(0, |text| 1 + place(&TITLE_ENDS, text.score));
    bins[SHOWN] = photo(input);
    bins[DESCRIBED] = u8::from(input.text.is_some_and(|t| described(t).is_some()));
    bins[PHOTO] = photo(input);
    bins[EDIT] = input.picture.map_or(0, edit);
    bins[BRAND] = input.text.map_or(0, brand);
    bins[DISGUISE] = input.text.map_or(0, disguise);
    bins[CODED] = input.text.map_or(0, coded);
    let ratio = ratio(input);
    bins[PRICE] = match (ratio, condition) {
        (None, _) => 0,
        (Some(_), _) if accessory => 1,
        (Some(_), Condition::Used) => 2,
        (Some(ratio), _) => 3 + place(&PRICE_ENDS, ratio),
    };
    bins[USED_PRICE] = match (condition, ratio) {
        (Condition::Used, Some(ratio)) if !accessory => 2 + place(&USED_PRICE_ENDS, ratio),
        (Condition::Used, _) => 1,
        _ => 0,
    };
    bins[CONDITION] = match condition {
        Condition::Unknown => 0,
        Condition::New => 1,
        Condition::Used => 2,
    };
    let decided = |n: u32| match (input.seller_known, n) {
        (false, _) => 0,
        (true, 0) => 1,
        (true, 1) => 2,
        (true, 2..=3) => 3,
        (true, 4..=7) => 4,
        (true, _) => 5,
    };
    bins[CONFIRMED] = decided(input.seller_confirmed);
    bins[REJECTED] = decided(input.seller_rejected).min(4);
    bins[AGE] = match input.seller_age_days {
        None => 0,
        Some(..30) => 1,
        Some(30..183) => 2,
        Some(183..730) => 3,
        Some(_) => 4,
    };
    bins[PLACE] = known(input.sold_where_it_is, 1, 2);
    bins[RELISTING] = if input.pictures == 0 {
        0
    } else {
        1 + u8::from(input.relisting)
    };
    bins[ACCESSORY] = match (accessory, input.picture.is_some()) {
        (false, _) => 0,
        (true, false) => 1,
        (true, true) => 2,
    };
    // Where the title speaks for the product all the same, "for" was something else, such as "for men".
    if input.text.is_some_and(|text| text.score < CONCERNS_FROM) {
        bins[MADE_FOR] = bins[ACCESSORY];
    }
    bins[OTHER_BRAND] = u8::from(input.text.is_some_and(|t| {
        t.signals
            .iter()
            .any(|s| matches!(s, TextSignal::OtherBrand { .. }))
    }));
    bins[RELEASE] = known(input.released, 1, 2);
    if let Some(text) = input.text {
        let share = place(&NAME_ENDS, text.telling);
        // Another brand that looks like this one sells goods of other names.
        (bins[NAME], bins[DOUBTFUL_NAME]) = match is_doubtful(text) {
            true => (1, 1 + share),
            false => (2 + share, 0),
        };
    }
    Observation(bins)
}

fn known(what: Option<bool>, yes: u8, no: u8) -> u8 {
    match what {
        None => 0,
        Some(true) => yes,
        Some(false) => no,
    }
}

/// The price as a share of the list price, where it is a number that can be one.
pub(super) fn ratio(input: &ScoreInput<'_>) -> Option<f64> {
    input.price_ratio.filter(|r| r.is_finite() && *r >= 0.0)
}

pub(super) fn is_accessory(text: &TextMatch) -> bool {
    text.signals
        .iter()
        .any(|s| matches!(s, TextSignal::Accessory { .. }))
}

/// Used, when either the seller's words or the marketplace's field says so.
pub(super) fn condition(input: &ScoreInput<'_>) -> Condition {
    let said = input.text.is_some_and(|text| {
        text.signals
            .iter()
            .any(|s| matches!(s, TextSignal::Used { .. }))
    });
    if said {
        Condition::Used
    } else {
        input.condition
    }
}

/// The brand, where only the description names it.
pub(super) fn described(text: &TextMatch) -> Option<&str> {
    text.signals.iter().find_map(|s| match s {
        TextSignal::InDescription { term } => Some(term.as_str()),
        _ => None,
    })
}

/// The tricks played on the name that do, or do not, serve to hide it.
pub(super) fn tricks(text: &TextMatch, hiding: bool) -> Vec<Trick> {
    let played = text.signals.iter().filter_map(|s| match s {
        TextSignal::Trick { trick } => Some(*trick),
        _ => None,
    });
    played.filter(|t| t.hides() == hiding).collect()
}

fn photo(input: &ScoreInput<'_>) -> u8 {
    match input.picture {
        Some(found) if found.reference < 0 => 2,
        Some(found) => 3 + place(&PHOTO_ENDS, found.score),
        None if input.pictures == 0 => 0,
        None => 1,
    }
}

fn edit(found: &PictureMatch) -> u8 {
    let has = |word: &str| found.transform.split('+').any(|step| step == word);
    if has("mirror") || has("rotated") {
        3
    } else if has("panel") || has("region") {
        4
    } else if has("crop") || has("trimmed") {
        2
    } else {
        1
    }
}

/// Whether the brand is there in letters that may be another word.
fn is_doubtful(text: &TextMatch) -> bool {
    let hit = text.brand_hit.as_ref();
    hit.is_some_and(|hit| hit.tricks.contains(&Trick::Misspelt))
}

fn brand(text: &TextMatch) -> u8 {
    match &text.brand_hit {
        Some(_) if is_doubtful(text) => 2,
        Some(_) => 3,
        None => u8::from(described(text).is_some()),
    }
}

fn disguise(text: &TextMatch) -> u8 {
    if !tricks(text, true).is_empty() {
        2
    } else {
        u8::from(!tricks(text, false).is_empty())
    }
}

/// The coded terms: strength 1 to 3, the term, whether it stands in the description alone.
/// The plainest come first, and those of the title before those of the description.
#[must_use]
pub fn coded_terms(text: &TextMatch) -> Vec<(u8, &str, bool)> {
    let mut terms: Vec<(u8, &str, bool)> = text
        .signals
        .iter()
        .filter_map(|s| match s {
            TextSignal::Coded {
                term,
                strength,
                in_description,
                ..
            } => Some(((*strength).clamp(1, 3), term.as_str(), *in_description)),
            _ => None,
        })
        .collect();
    terms.sort_by_key(|t| (std::cmp::Reverse(t.0), t.2));
    terms
}

fn coded(text: &TextMatch) -> u8 {
    let terms = coded_terms(text);
    let mut sure: Vec<&str> = terms
        .iter()
        .filter(|t| t.0 >= 2 && !t.2)
        .map(|t| t.1)
        .collect();
    sure.sort_unstable();
    sure.dedup();
    match terms.first() {
        None => 0,
        Some(_) if sure.len() >= 2 => 7,
        Some(&(strength, _, in_description)) => {
            let pair = 2 * strength;
            if in_description { pair - 1 } else { pair }
        }
    }
}
