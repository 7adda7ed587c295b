//! From evidence to a probability, with a reason for every part of it.

use serde::{Deserialize, Serialize};

use crate::image::PictureMatch;
use crate::text::TextMatch;

/// Name and version of the weights.
pub const MODEL: &str = "hand-set v1";

/// At this probability and above, a listing goes to the review queue.
pub const QUEUE_THRESHOLD: f64 = 0.5;

/// All that is known about one listing and one product.
#[derive(Debug, Clone, Copy, Default)]
pub struct ScoreInput<'a> {
    /// The best match of a listing's picture with one of the product's reference photos.
    pub picture: Option<&'a PictureMatch>,
    /// What the listing's text says about the product.
    pub text: Option<&'a TextMatch>,
    /// Asked price divided by the product's list price, in the same currency.
    pub price_ratio: Option<f64>,
    /// The seller may sell the product.
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
    /// The product's looks copied, without the brand.
    CopiedDesign,
    /// Genuine goods outside their market.
    GreyMarket,
    /// A product that is not out yet.
    Leak,
}

/// One part of a verdict.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Reason {
    /// A stable name for programs, such as "price_low".
    pub code: String,
    /// Plain words for a reviewer.
    pub text: String,
    /// What it adds to the logit, in bits: +1 doubles the odds, −1 halves them.
    pub bits: f64,
}

/// How likely a listing infringes on a product, and why.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Verdict {
    /// 0 to 1.
    pub probability: f64,
    /// How it infringes, when it seems to.
    pub kind: Option<InfringementKind>,
    /// Every part of the sum; their bits add up to the logit exactly.
    pub reasons: Vec<Reason>,
    /// Name and version of the weights.
    pub model: String,
}

/// Adds the evidence up.
#[must_use]
pub fn score(_input: &ScoreInput<'_>) -> Verdict {
    Verdict {
        probability: 0.0,
        kind: None,
        reasons: Vec::new(),
        model: MODEL.to_owned(),
    }
}
