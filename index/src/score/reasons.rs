//! Each bin in words, with its bits.

use super::factors::*;
use super::model::ScoreModel;
use super::observe::{coded_terms, described, is_accessory, ratio, tricks};
use super::{Allowed, Reason, ScoreInput};
use crate::image::PictureMatch;
use crate::text::{Hit, TextMatch, TextSignal, Trick};

/// Coded terms that are quoted.
const QUOTED: usize = 5;

fn reason(code: &str, bits: f64, text: String) -> Reason {
    Reason {
        code: code.to_owned(),
        text,
        bits,
    }
}

/// Every part of a head's sum, in the order of the factors, the starting point last. What has no
/// weight and says nothing is left out.
pub(super) fn of_head(
    model: &ScoreModel,
    head: Head,
    seen: &Observation,
    input: &ScoreInput<'_>,
) -> Vec<Reason> {
    let mut out = Vec::new();
    for (at, factor) in FACTORS.iter().enumerate().filter(|(_, f)| f.head == head) {
        let bin = seen.bin(at);
        let bits = model.weight(at, bin);
        if bits != 0.0 || bin != 0 {
            out.push(reason(factor.name, bits, words(at, bin, input)));
        }
    }
    out.push(reason(
        "base",
        model.base(head),
        "Starting point: where a usual listing of those considered stands".to_owned(),
    ));
    out
}

/// Brings reasons into the order in which they are read, what settles the matter first and the
/// starting point last, and gives their sum.
pub(super) fn order(reasons: &mut [Reason]) -> f64 {
    reasons.sort_by(|a, b| {
        let rank = |r: &Reason| match r.code.as_str() {
            "allowed" | "nothing" => 0,
            "base" => 2,
            _ => 1,
        };
        rank(a)
            .cmp(&rank(b))
            .then(b.bits.abs().total_cmp(&a.bits.abs()))
    });
    reasons.iter().map(|r| r.bits).sum()
}

/// What it takes away that the listing may not be about the product at all. However much the rest
/// weighs, the sum cannot be surer than that it is: so a small doubt costs the more bits, the more
/// the rest has given.
pub(super) fn doubt(concerns: f64, bits: f64) -> Reason {
    let doubt = match (1.0 - concerns) * 100.0 {
        p if p < 0.1 => "less than 0.1 %".to_owned(),
        p if p < 10.0 => format!("{p:.1} %"),
        p => format!("{p:.0} %"),
    };
    reason(
        "concerns",
        bits,
        format!(
            "The listing may be about something else, with {doubt}, and the score can be no surer than that"
        ),
    )
}

/// What the curve adds that makes probabilities come true.
pub(super) fn curve(bits: f64) -> Reason {
    reason(
        "calibration",
        bits,
        "Correction by what came out for listings of like sums".to_owned(),
    )
}

/// What lets a listing alone.
pub(super) fn allowed(why: Allowed, bits: f64) -> Reason {
    let why = match why {
        Allowed::Seller => "The seller is authorised to sell this product",
        Allowed::Marketplace => "This product may be sold on this marketplace",
        Allowed::ListedSeller => "The seller is on the list of allowed sellers",
        Allowed::ListedListing => "The listing is on the list of allowed listings",
    };
    reason("allowed", bits, format!("{why}; nothing else counts"))
}

/// That nothing was found which the rest could be about.
pub(super) fn nothing(bits: f64) -> Reason {
    let why = "Neither words nor a picture of the listing speak for this product";
    reason("nothing", bits, format!("{why}; nothing else counts"))
}

fn percent(share: f64) -> String {
    match share * 100.0 {
        p if p < 1.0 => "less than 1 %".to_owned(),
        p if p > 99.0 => "more than 99 %".to_owned(),
        p => format!("{p:.0} %"),
    }
}

/// A bin of a factor in words, with what it was sorted by where that is known.
fn words(factor: usize, bin: usize, input: &ScoreInput<'_>) -> String {
    let name = FACTORS[factor].bins[bin];
    match (factor, input.text) {
        (TITLE, Some(text)) => title(text),
        (TITLE, None) => "The title says nothing of this product".to_owned(),
        (SHOWN | PHOTO, _) => match (input.picture, bin) {
            (Some(picture), _) => picture_words(picture, input.reference_name),
            (None, 0) => "There is no picture to compare".to_owned(),
            (None, _) => "No picture shows a reference photo".to_owned(),
        },
        (NAME | DOUBTFUL_NAME, _) => name_words(factor, bin),
        (DESCRIBED, _) if bin == 0 => "The description adds nothing about the brand".to_owned(),
        (DESCRIBED | BRAND, Some(text)) => brand(text),
        (BRAND, None) => "The brand is not named".to_owned(),
        (EDIT, _) => match bin {
            0 => "No reference photo was found".to_owned(),
            1 => "The photo is shown as it is".to_owned(),
            2 => "The photo was cut or framed".to_owned(),
            3 => "The photo was mirrored or turned, as is done to get past searches".to_owned(),
            _ => "The photo was put into another picture".to_owned(),
        },
        (DISGUISE, Some(text)) if bin > 0 => disguise(text, bin == 2),
        (DISGUISE, _) => "The name is not disguised".to_owned(),
        (CODED, Some(text)) if bin > 0 => coded(text),
        (CODED, _) => "No words that sellers of copies use".to_owned(),
        (PRICE | USED_PRICE, _) => price(factor, bin, input),
        (CONDITION, _) => match bin {
            0 => "Nothing is said about the condition".to_owned(),
            1 => "The goods are said to be new".to_owned(),
            _ => used(input.text),
        },
        (CONFIRMED, _) => match (bin, input.seller_confirmed) {
            (0, _) => "The seller is not known".to_owned(),
            (1, _) => "No listing of this seller was confirmed before".to_owned(),
            (_, n) => format!("Reviewers have confirmed {} of this seller", listings(n)),
        },
        (REJECTED, _) => match (bin, input.seller_rejected) {
            (0, _) => "The seller is not known, so neither is an honest past".to_owned(),
            (1, _) => "No listing of this seller was rejected before".to_owned(),
            (_, n) => format!("Reviewers have found {} of this seller honest", listings(n)),
        },
        (AGE, _) => match bin {
            0 => "How long the seller has been there is not known".to_owned(),
            _ => format!("The seller has been there for {name}").replace("for older", "for years"),
        },
        (PLACE, _) => match bin {
            0 => "Where the goods are is not known".to_owned(),
            1 => "The goods are in a country where the product is sold".to_owned(),
            _ => "The goods are in a country where the product is not sold".to_owned(),
        },
        (RELISTING, _) => match bin {
            0 => "There is no picture to have been seen before".to_owned(),
            1 => "No listing with the same pictures was confirmed before".to_owned(),
            _ => "A listing with the same picture was confirmed before".to_owned(),
        },
        (ACCESSORY | MADE_FOR, text) => accessory(factor, text, bin),
        (OTHER_BRAND, Some(text)) if bin > 0 => other_brands(text),
        (OTHER_BRAND, _) => "The title names no other brand of the catalog".to_owned(),
        (RELEASE, _) => match bin {
            0 => "When the product came out is not known".to_owned(),
            1 => "The product is out".to_owned(),
            _ => "The product is not out yet".to_owned(),
        },
        _ => format!("{}: {name}", FACTORS[factor].name),
    }
}

fn listings(n: u32) -> String {
    format!("{n} {}", if n == 1 { "listing" } else { "listings" })
}

fn name_words(factor: usize, bin: usize) -> String {
    let found = match bin.saturating_sub(usize::from(factor == NAME)) {
        1 => "no word of the product's name is there",
        2 => "of the product's name only common words are there",
        3 => "of the product's name only words are there that many other names have",
        4 => "a word of the product's name is there that few others have",
        _ => "the word or number is there that tells the product from others",
    };
    match (factor, bin) {
        (NAME, 0) => "There are no words that could be the product's name".to_owned(),
        (NAME, 1) => "The brand is in doubt, so the name is weighed with it".to_owned(),
        (NAME, _) => format!("In the title, {found}"),
        (_, 0) => "The brand is not in doubt".to_owned(),
        _ => format!("The brand is in doubt; {found}"),
    }
}

fn title(text: &TextMatch) -> String {
    let mut found = Vec::new();
    if let Some(hit) = &text.brand_hit {
        found.push(format!("the brand {}", shown(hit)));
    }
    if text.name_coverage > 0.0 {
        found.push(format!(
            "{:.0} % of the product's name",
            text.name_coverage * 100.0
        ));
    }
    if let Some(hit) = text.model_hits.first() {
        found.push(format!("the model number {}", shown(hit)));
    }
    let share = percent(text.score);
    if found.is_empty() {
        return format!("The title speaks for this product with {share}");
    }
    format!(
        "The title has {}: it speaks for this product with {share}",
        found.join(", ")
    )
}

fn brand(text: &TextMatch) -> String {
    match (&text.brand_hit, described(text)) {
        (Some(hit), _) => format!("The title names the brand {}", shown(hit)),
        (None, Some(term)) => {
            format!("The description names the brand “{term}”, the title does not")
        }
        (None, None) => "The brand is not named".to_owned(),
    }
}

fn disguise(text: &TextMatch, hiding: bool) -> String {
    let played: Vec<&str> = tricks(text, hiding).into_iter().map(in_words).collect();
    let played = played.join(", ");
    if hiding {
        format!("The name is disguised: {played}")
    } else {
        format!("The name is written unusually: {played}")
    }
}

fn coded(text: &TextMatch) -> String {
    let terms = coded_terms(text);
    let place = if terms.iter().all(|t| t.2) {
        "The description"
    } else {
        "The listing"
    };
    let quoted: Vec<String> = terms
        .iter()
        .take(QUOTED)
        .map(|t| format!("“{}”", t.1))
        .collect();
    format!(
        "{place} uses words that sellers of copies use: {}",
        quoted.join(", ")
    )
}

fn price(factor: usize, bin: usize, input: &ScoreInput<'_>) -> String {
    let Some(ratio) = ratio(input) else {
        return match (factor, bin) {
            (USED_PRICE, 0) => "The goods are not said to be used".to_owned(),
            _ => "The price cannot be compared with the list price".to_owned(),
        };
    };
    let percent = ratio * 100.0;
    let mut said = if percent < 1.0 {
        "The price is below 1 % of the list price".to_owned()
    } else {
        format!("The price is {percent:.0} % of the list price")
    };
    if let Some(note) = input.price_note {
        said.push_str(&format!(", {note}"));
    }
    match (factor, bin) {
        (PRICE, 1) => said.push_str(", which says nothing of goods made for the product"),
        (PRICE, 2) => said.push_str(", which is another matter for used goods"),
        (USED_PRICE, 0) => return "The goods are not said to be used".to_owned(),
        (USED_PRICE, 1) => {
            return "The price says nothing of goods made for the product".to_owned();
        }
        (USED_PRICE, _) => said.push_str(" for used goods"),
        _ => {}
    }
    said
}

fn used(text: Option<&TextMatch>) -> String {
    let term = text.and_then(|text| {
        text.signals.iter().find_map(|s| match s {
            TextSignal::Used { term } => Some(term),
            _ => None,
        })
    });
    match term {
        Some(term) => format!("The goods are said to be used (“{term}”)"),
        None => "The goods are said to be used".to_owned(),
    }
}

fn accessory(factor: usize, text: Option<&TextMatch>, bin: usize) -> String {
    let term = text.filter(|t| is_accessory(t)).and_then(|text| {
        text.signals.iter().find_map(|s| match s {
            TextSignal::Accessory { term } => Some(term),
            _ => None,
        })
    });
    match (term, bin) {
        (Some(term), _) if factor == MADE_FOR => {
            format!("The goods are made for the product (“{term}”), so they may be another")
        }
        (Some(term), 1) => format!(
            "The goods are made for the product (“{term}”), which is an honest use of the name"
        ),
        (Some(term), _) => format!("The goods are made for the product (“{term}”)"),
        (None, _) => "The goods are not said to be made for the product".to_owned(),
    }
}

fn other_brands(text: &TextMatch) -> String {
    let others: Vec<&str> = text
        .signals
        .iter()
        .filter_map(|s| match s {
            TextSignal::OtherBrand { term } => Some(term.as_str()),
            _ => None,
        })
        .collect();
    format!("The title also names {}", others.join(", "))
}

fn picture_words(picture: &PictureMatch, name: Option<&str>) -> String {
    let done = match picture.transform.as_str() {
        "identity" => String::new(),
        transform => {
            let words: Vec<&str> = transform
                .split('+')
                .map(|step| match step {
                    "mirror" => "mirrored",
                    "trimmed" => "with a border around it",
                    "panel" => "as one panel of a collage or screenshot",
                    "region" => "as part of the picture",
                    "crop" => "cropped",
                    "rotated" => "turned",
                    other => other,
                })
                .collect();
            format!(", {}", words.join(", "))
        }
    };
    let name = name.map_or_else(|| picture.reference.to_string(), str::to_owned);
    let mut because = Vec::new();
    match (picture.inliers, picture.compared) {
        (Some(n), Some(of)) => because.push(format!("{n} of {of} blocks of pixels agree")),
        (Some(n), None) => because.push(format!("{n} blocks of pixels agree")),
        _ => {}
    }
    if let Some(distance) = picture.distance {
        because.push(format!("hash distance {distance} of 256"));
    }
    let because = because.join(", ");
    if picture.reference < 0 {
        format!("A photo has the hash {name} of an imported list{done} ({because})")
    } else {
        format!("A photo is reference photo {name}{done} ({because})")
    }
}

fn shown(hit: &Hit) -> String {
    if hit.tricks.is_empty() {
        format!("“{}”", hit.found)
    } else {
        format!("“{}”, written “{}”", hit.term, hit.found)
    }
}

fn in_words(trick: Trick) -> &'static str {
    match trick {
        Trick::Homoglyph => "look-alike letters",
        Trick::Leet => "digits or signs for letters",
        Trick::ZeroWidth => "invisible characters between the letters",
        Trick::Spaced => "letters set apart",
        Trick::FullWidth => "full-width letters",
        Trick::Styled => "decorative letters",
        Trick::Accents => "added accents",
        Trick::Bidi => "letters turned around by control characters",
        Trick::Masked => "letters hidden behind signs",
        Trick::Misspelt => "misspelt",
        Trick::Glued => "words run together",
        Trick::Reversed => "letters in reverse",
        Trick::Abbreviated => "abbreviated",
        Trick::Transliterated => "in another script",
    }
}
