//! From evidence to a probability, with a reason for every part of it.
//!
//! Each piece of evidence adds bits to a sum that begins below zero; the sum is the binary logarithm
//! of the odds. [`Verdict::reasons`] holds every part, so that a reviewer sees the whole calculation.

mod reasons;
mod weights;

use serde::{Deserialize, Serialize};

use crate::image::PictureMatch;
use crate::text::TextMatch;

pub use weights::MODEL;

/// At this probability and above, a listing goes to the review queue.
pub const QUEUE_THRESHOLD: f64 = 0.5;

/// Below this probability no kind of infringement is named.
const NAMED_FROM: f64 = 0.25;

/// All that is known about one listing and one product.
#[derive(Debug, Clone, Copy, Default)]
pub struct ScoreInput<'a> {
    /// The best match of a listing's picture with one of the product's reference photos; one whose
    /// reference is negative was found by a hash alone, without a photo.
    pub picture: Option<&'a PictureMatch>,
    /// What the reviewer knows that reference photo or hash by, such as its file name.
    pub reference_name: Option<&'a str>,
    /// What the listing's text says about the product.
    pub text: Option<&'a TextMatch>,
    /// Asked price divided by the product's list price, in the same currency. Values that are not
    /// finite or below zero count as unknown.
    pub price_ratio: Option<f64>,
    /// The seller may sell the product; this wins over everything.
    pub authorised_seller: bool,
    /// How many of the seller's listings reviewers have confirmed as infringing.
    pub seller_confirmed: u32,
    /// How many of the seller's listings reviewers have rejected.
    pub seller_rejected: u32,
}

/// How a listing infringes, as far as the evidence tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum InfringementKind {
    /// A copy sold under the brand.
    Counterfeit,
    /// The owner's photo used to sell.
    CopiedPhoto,
    /// The brand's name used for goods that are not the brand's.
    TrademarkMisuse,
    /// The product's looks copied, without the brand. Not told apart by this model.
    CopiedDesign,
    /// Genuine goods outside their market. Not told apart by this model.
    GreyMarket,
    /// A product that is not out yet. Not told apart by this model.
    Leak,
}

/// One part of a verdict.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Reason {
    /// A stable name for programs, such as "price" or "picture".
    pub code: String,
    /// Plain words for a reviewer.
    pub text: String,
    /// What it adds to the sum: +1 doubles the odds, −1 halves them.
    pub bits: f64,
}

/// How likely a listing infringes on a product, and why.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Verdict {
    /// 0 to 1.
    pub probability: f64,
    /// How it infringes, when it seems to.
    pub kind: Option<InfringementKind>,
    /// Every part of the sum, the weightiest first and the starting point last. With `s` the sum of
    /// their bits, the probability is `1 / (1 + 2^−s)`.
    pub reasons: Vec<Reason>,
    /// Name and version of the weights.
    pub model: String,
}

/// Adds the evidence up.
#[must_use]
pub fn score(input: &ScoreInput<'_>) -> Verdict {
    let mut reasons = reasons::collect(input);
    reasons.sort_by(|a, b| b.bits.abs().total_cmp(&a.bits.abs()));
    reasons.push(Reason {
        code: "base".to_owned(),
        text: "Starting point before any evidence".to_owned(),
        bits: weights::BASE,
    });
    if input.authorised_seller {
        let so_far: f64 = reasons.iter().map(|r| r.bits).sum();
        reasons.insert(
            0,
            Reason {
                code: "authorised_seller".to_owned(),
                text: "The seller is authorised to sell this product; nothing else counts"
                    .to_owned(),
                bits: weights::AUTHORISED_TOTAL - so_far,
            },
        );
    }
    let sum: f64 = reasons.iter().map(|r| r.bits).sum();
    let probability = 1.0 / (1.0 + (-sum).exp2());
    Verdict {
        probability,
        kind: (probability >= NAMED_FROM)
            .then(|| kind(input, &reasons))
            .flatten(),
        reasons,
        model: MODEL.to_owned(),
    }
}

/// What sort of infringement the evidence speaks for.
fn kind(input: &ScoreInput<'_>, reasons: &[Reason]) -> Option<InfringementKind> {
    let bits = |code: &str| {
        reasons
            .iter()
            .filter(|r| r.code == code)
            .map(|r| r.bits)
            .sum::<f64>()
    };
    let copy = bits("coded") >= weights::CODED[1] || bits("price") >= 3.0;
    let named = input
        .text
        .is_some_and(|t| t.brand_hit.is_some() || !t.model_hits.is_empty());
    if input.picture.is_some() {
        // The owner's photo over a price or a word that only a copy has: the photo serves to sell
        // the copy under the brand.
        return Some(if named && copy {
            InfringementKind::Counterfeit
        } else {
            InfringementKind::CopiedPhoto
        });
    }
    if !named && input.text.is_none_or(|t| t.name_coverage <= 0.0) {
        return None;
    }
    // "Inspired by" sells other goods on the brand's name; a disguised brand or an impossible price
    // sells copies as the brand's.
    let admits_other =
        bits("coded") > 0.0 && bits("coded") < weights::CODED[2] && bits("price") < 3.0;
    Some(if copy && !admits_other {
        InfringementKind::Counterfeit
    } else {
        InfringementKind::TrademarkMisuse
    })
}

#[cfg(test)]
mod tests;
