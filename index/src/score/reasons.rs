//! Each piece of evidence in bits and in words.

use super::weights;
use super::{Reason, ScoreInput};
use crate::image::PictureMatch;
use crate::text::{Hit, TextMatch, TextSignal, Trick};

/// Everything in the input that speaks for or against, in no order.
pub(super) fn collect(input: &ScoreInput<'_>) -> Vec<Reason> {
    let mut out = Vec::new();
    if let Some(picture) = input.picture {
        out.push(picture_reason(picture, input.reference_name));
    }
    let accessory = input.text.is_some_and(is_accessory);
    if let Some(text) = input.text {
        text_reasons(text, input.picture.is_some(), &mut out);
    }
    // A price says something about this product only when the listing is about this product.
    let about_it = input.picture.is_some()
        || input
            .text
            .is_some_and(|t| t.name_coverage >= 0.5 || !t.model_hits.is_empty());
    if let Some(ratio) = input.price_ratio
        && ratio.is_finite()
        && ratio >= 0.0
        && about_it
        && !accessory
    {
        out.push(price_reason(ratio));
    }
    seller_reasons(input, &mut out);
    out
}

fn reason(code: &str, bits: f64, text: String) -> Reason {
    Reason {
        code: code.to_owned(),
        text,
        bits,
    }
}

fn is_accessory(text: &TextMatch) -> bool {
    text.signals
        .iter()
        .any(|s| matches!(s, TextSignal::Accessory { .. }))
}

fn picture_reason(picture: &PictureMatch, name: Option<&str>) -> Reason {
    let share = ((picture.score - 0.5) * 2.0).clamp(0.0, 1.0);
    let bits = weights::PICTURE.0 + (weights::PICTURE.1 - weights::PICTURE.0) * share;
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
    reason(
        "picture",
        bits,
        if picture.reference < 0 {
            format!("A photo has the hash {name} of an imported list{done} ({because})")
        } else {
            format!("A photo is reference photo {name}{done} ({because})")
        },
    )
}

fn shown(hit: &Hit) -> String {
    if hit.tricks.is_empty() {
        format!("“{}”", hit.found)
    } else {
        format!("“{}”, written “{}”", hit.term, hit.found)
    }
}

fn text_reasons(text: &TextMatch, has_picture: bool, out: &mut Vec<Reason>) {
    let described = text.signals.iter().find_map(|s| match s {
        TextSignal::InDescription { term } => Some(term),
        _ => None,
    });
    if let Some(hit) = &text.brand_hit {
        let doubtful = hit.tricks.contains(&Trick::Misspelt);
        let bits = if doubtful {
            weights::BRAND_DOUBTFUL
        } else {
            weights::BRAND
        };
        out.push(reason(
            "brand",
            bits,
            format!("The title names the brand {}", shown(hit)),
        ));
    } else if let Some(term) = described {
        out.push(reason(
            "brand",
            weights::BRAND_DOUBTFUL,
            format!("The description names the brand “{term}”, the title does not"),
        ));
    }
    if text.name_coverage > 0.0 {
        out.push(reason(
            "name",
            weights::NAME * text.name_coverage.clamp(0.0, 1.0),
            format!(
                "The title has {:.0} % of the product's name",
                text.name_coverage * 100.0
            ),
        ));
    }
    if let Some(hit) = text.model_hits.first() {
        out.push(reason(
            "model_number",
            weights::MODEL_NUMBER,
            format!("The title has the model number {}", shown(hit)),
        ));
    }
    tricks(text, out);
    // Without knowing that the listing is about this product, code and condition say nothing.
    let about_it = has_picture
        || text.brand_hit.is_some()
        || described.is_some()
        || !text.model_hits.is_empty()
        || text.name_coverage >= 0.5;
    if about_it {
        coded(text, out);
    }
    for signal in &text.signals {
        match signal {
            TextSignal::Accessory { term } => out.push(reason(
                "accessory",
                if has_picture {
                    weights::ACCESSORY.1
                } else {
                    weights::ACCESSORY.0
                },
                format!("The goods are made for the product (“{term}”), which is an honest use of the name"),
            )),
            TextSignal::Used { term } => out.push(reason(
                "used",
                weights::USED,
                format!("The goods are said to be used (“{term}”)"),
            )),
            _ => {}
        }
    }
    let others: Vec<&str> = text
        .signals
        .iter()
        .filter_map(|s| match s {
            TextSignal::OtherBrand { term } => Some(term.as_str()),
            _ => None,
        })
        .collect();
    if !others.is_empty() {
        out.push(reason(
            "other_brand",
            weights::OTHER_BRAND,
            format!("The title also names {}", others.join(", ")),
        ));
    }
}

fn tricks(text: &TextMatch, out: &mut Vec<Reason>) {
    let played: Vec<Trick> = text
        .signals
        .iter()
        .filter_map(|s| match s {
            TextSignal::Trick { trick } => Some(*trick),
            _ => None,
        })
        .collect();
    let words = |hides: bool| -> Vec<&str> {
        played
            .iter()
            .filter(|t| t.hides() == hides)
            .map(|t| in_words(*t))
            .collect()
    };
    let hiding = words(true);
    if !hiding.is_empty() {
        out.push(reason(
            "disguised",
            weights::DISGUISED,
            format!("The name is disguised: {}", hiding.join(", ")),
        ));
    }
    let careless = words(false);
    if !careless.is_empty() {
        out.push(reason(
            "unusual_spelling",
            weights::CARELESS,
            format!("The name is written unusually: {}", careless.join(", ")),
        ));
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

fn coded(text: &TextMatch, out: &mut Vec<Reason>) {
    let mut terms: Vec<(f64, &str, bool)> = text
        .signals
        .iter()
        .filter_map(|s| match s {
            TextSignal::Coded {
                term,
                strength,
                in_description,
                ..
            } => {
                let at = usize::from(*strength).clamp(1, weights::CODED.len()) - 1;
                let share = if *in_description {
                    weights::IN_DESCRIPTION
                } else {
                    1.0
                };
                Some((weights::CODED[at] * share, term.as_str(), *in_description))
            }
            _ => None,
        })
        .collect();
    terms.sort_by(|a, b| b.0.total_cmp(&a.0));
    let Some((strongest, ..)) = terms.first() else {
        return;
    };
    let more = (weights::CODED_MORE.0 * (terms.len() - 1) as f64).min(weights::CODED_MORE.1);
    let quoted: Vec<String> = terms.iter().take(5).map(|t| format!("“{}”", t.1)).collect();
    let place = if terms.iter().all(|t| t.2) {
        "The description"
    } else {
        "The listing"
    };
    out.push(reason(
        "coded",
        strongest + more,
        format!(
            "{place} uses words that sellers of copies use: {}",
            quoted.join(", ")
        ),
    ));
}

fn price_reason(ratio: f64) -> Reason {
    let bits = weights::PRICE
        .iter()
        .find(|(below, _)| ratio < *below)
        .map_or(0.0, |&(_, bits)| bits);
    let percent = ratio * 100.0;
    let text = if percent < 1.0 {
        "The price is below 1 % of the list price".to_owned()
    } else {
        format!("The price is {percent:.0} % of the list price")
    };
    reason("price", bits, text)
}

fn seller_reasons(input: &ScoreInput<'_>, out: &mut Vec<Reason>) {
    let weigh = |n: u32| {
        let (first, doubling, most) = weights::SELLER;
        (first + doubling * f64::from(n).log2()).min(most)
    };
    let listings = |n: u32| if n == 1 { "listing" } else { "listings" };
    let (yes, no) = (input.seller_confirmed, input.seller_rejected);
    if yes > 0 {
        out.push(reason(
            "seller_confirmed",
            weigh(yes),
            format!(
                "Reviewers have confirmed {yes} {} of this seller",
                listings(yes)
            ),
        ));
    }
    if no > 0 {
        out.push(reason(
            "seller_rejected",
            -weigh(no),
            format!(
                "Reviewers have found {no} {} of this seller honest",
                listings(no)
            ),
        ));
    }
}
