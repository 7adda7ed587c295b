//! From evidence to a probability, with a reason for every part of it.
//!
//! Two questions are answered one after the other: does the listing offer this product, or what is
//! passed off as it ([`Head::Concerns`])? And if so, does it infringe ([`Head::Infringes`])? Each
//! piece of evidence falls into a bin ([`observe()`]), each bin adds bits to a sum, and the sum is
//! the binary logarithm of the odds. The weights are fitted ([`fit()`]) and kept as a table
//! ([`ScoreModel`]). [`Verdict::reasons`] holds every part, so that a reviewer sees the whole
//! calculation.

mod calibration;
mod factors;
mod fit;
mod kind;
mod measure;
mod model;
mod observe;
mod reasons;
mod refit;
mod shift;

use serde::{Deserialize, Serialize};

use crate::image::PictureMatch;
use crate::text::TextMatch;

pub use calibration::{Calibration, shift_prior};
pub use factors::{FACTORS, FACTORS_COUNT, Factor, Head, Observation};
pub use fit::{Example, fit, held_out, outcomes};
pub use kind::{InfringementKind, RightKind};
pub use measure::{
    ECE_GROUPS, Measured, Outcome, measure, precision_at, recall_at, recall_at_precision,
};
pub use model::{ModelError, ScoreModel};
pub use observe::{coded_terms, observe};
pub use refit::{Comparison, FOLDS, LEAST, RIDGE, Refit, refit};
pub use shift::{Shift, Spread};

use model::{from_bits, to_bits};

/// At this probability and above, a listing goes to the review queue.
pub const QUEUE_THRESHOLD: f64 = 0.5;

/// Below this probability no kind of infringement is named.
const NAMED_FROM: f64 = 0.25;

/// Where the sum lands for what is allowed, and where nothing speaks for the product, whatever else
/// is known.
const SETTLED_BITS: f64 = -12.0;

/// Whether goods are new, as far as the marketplace or the seller says.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Condition {
    /// Nothing is said, or nothing that is understood.
    #[default]
    Unknown,
    /// New.
    New,
    /// Used, refurbished, an exhibit.
    Used,
}

/// Why a listing is honest whatever it looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Allowed {
    /// The product's owner has authorised the seller.
    Seller,
    /// The product may be sold by anybody on this marketplace.
    Marketplace,
    /// The seller is on the list of sellers that are left alone.
    ListedSeller,
    /// The listing itself is on the list of listings that are left alone.
    ListedListing,
}

/// All that is known about one listing and one product.
#[derive(Debug, Clone, Copy, Default)]
pub struct ScoreInput<'a> {
    /// The best match of a listing's picture with one of the product's reference photos; one whose
    /// reference is negative was found by a hash alone, without a photo.
    pub picture: Option<&'a PictureMatch>,
    /// How many of the listing's pictures were looked at.
    pub pictures: usize,
    /// What the reviewer knows that reference photo or hash by, such as its file name.
    pub reference_name: Option<&'a str>,
    /// What the listing's text says about the product.
    pub text: Option<&'a TextMatch>,
    /// Asked price divided by the product's list price. Values that are not finite or below zero
    /// count as unknown.
    pub price_ratio: Option<f64>,
    /// How prices in two currencies were compared, in words such as "at the rate of 2025".
    pub price_note: Option<&'a str>,
    /// Condition as the marketplace's field says.
    pub condition: Condition,
    /// Whether a seller is named.
    pub seller_known: bool,
    /// How many of the seller's listings reviewers have confirmed as infringing.
    pub seller_confirmed: u32,
    /// How many of the seller's listings reviewers have rejected.
    pub seller_rejected: u32,
    /// How many days ago the seller came to the marketplace.
    pub seller_age_days: Option<u32>,
    /// Whether the goods are in a country for which the product is meant.
    pub sold_where_it_is: Option<bool>,
    /// Whether a listing with one of the same pictures was confirmed as infringing before.
    pub relisting: bool,
    /// Whether the product is out.
    pub released: Option<bool>,
    /// Why it is honest whatever it looks like; this wins over everything.
    pub allowed: Option<Allowed>,
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
    /// Probability that the listing infringes, 0 to 1.
    pub probability: f64,
    /// Probability that the listing concerns the product, 0 to 1.
    pub concerns: f64,
    /// How it infringes, when it seems to.
    pub kind: Option<InfringementKind>,
    /// The right that this would rest on.
    pub right: Option<RightKind>,
    /// Every part of the sum, the weightiest first and the starting point last. With `s` the sum of
    /// their bits, the probability is `1 / (1 + 2^−s)`.
    pub reasons: Vec<Reason>,
    /// In the same way, every part of the probability that the listing concerns the product.
    pub concerns_reasons: Vec<Reason>,
    /// Name and version of the weights.
    pub model: String,
}

/// Adds the evidence up with a model's weights.
#[must_use]
pub fn score(model: &ScoreModel, input: &ScoreInput<'_>) -> Verdict {
    let seen = observe(input);
    let mut concerns_reasons = reasons::of_head(model, Head::Concerns, &seen, input);
    let concerns_bits = reasons::order(&mut concerns_reasons);
    let concerns = from_bits(concerns_bits);

    let mut reasons = reasons::of_head(model, Head::Infringes, &seen, input);
    let given: f64 = reasons.iter().map(|r| r.bits).sum();
    let both = concerns * from_bits(given);
    reasons.push(reasons::doubt(concerns, to_bits(both) - given));
    let probability = model.calibration.apply(both);
    if !model.calibration.knots().is_empty() {
        reasons.push(reasons::curve(to_bits(probability) - to_bits(both)));
    }
    let left = SETTLED_BITS - reasons.iter().map(|r| r.bits).sum::<f64>();
    if let Some(allowed) = input.allowed {
        reasons.push(reasons::allowed(allowed, left));
    } else if seen.is_empty() {
        reasons.push(reasons::nothing(left));
    }
    let probability = from_bits(reasons::order(&mut reasons));
    let kind = (probability >= NAMED_FROM)
        .then(|| kind::kind(input))
        .flatten();
    Verdict {
        probability,
        concerns,
        kind,
        right: kind.map(|kind| kind.right(input.picture.is_some())),
        reasons,
        concerns_reasons,
        model: model.id(),
    }
}

/// How a listing seems to infringe, supposing that it does; nothing when the evidence names neither
/// a photo nor a word.
#[must_use]
pub fn seeming_kind(input: &ScoreInput<'_>) -> Option<InfringementKind> {
    kind::kind(input)
}

#[cfg(test)]
mod tests;
