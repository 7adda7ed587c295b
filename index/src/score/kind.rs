//! How a listing seems to infringe, and the right that it would rest on.

use serde::{Deserialize, Serialize};

use super::observe::{self, condition, ratio};
use super::{Condition, ScoreInput};
use crate::text::Trick;

/// Goods offered as new below this share of the list price are hardly genuine: of genuine offers one
/// in a hundred is.
const HARDLY_GENUINE: f64 = 0.5;

/// How a listing infringes, as far as the evidence tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
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
    /// Genuine goods outside the countries they are meant for.
    GreyMarket,
    /// A product that is not out yet.
    Leak,
}

/// The kind of right that a claim rests on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RightKind {
    /// The brand's name or sign.
    Trademark,
    /// A photo or a text.
    Copyright,
    /// How the product looks.
    Design,
    /// How the product works. Nothing in a listing tells that by itself; a reviewer may choose it.
    Patent,
}

impl InfringementKind {
    /// The right it rests on first of all; `photo` says whether the owner's photo was found.
    #[must_use]
    pub fn right(self, photo: bool) -> RightKind {
        match self {
            Self::CopiedPhoto => RightKind::Copyright,
            Self::Leak if photo => RightKind::Copyright,
            Self::CopiedDesign => RightKind::Design,
            Self::Counterfeit | Self::TrademarkMisuse | Self::GreyMarket | Self::Leak => {
                RightKind::Trademark
            }
        }
    }
}

/// What the evidence speaks for; nothing when it names neither a photo nor a word.
pub(super) fn kind(input: &ScoreInput<'_>) -> Option<InfringementKind> {
    use InfringementKind::{
        CopiedDesign, CopiedPhoto, Counterfeit, GreyMarket, Leak, TrademarkMisuse,
    };
    let text = input.text;
    let named = text.is_some_and(|t| {
        let surely = |hit: &crate::text::Hit| !hit.tricks.contains(&Trick::Misspelt);
        t.brand_hit.as_ref().is_some_and(surely) || !t.model_hits.is_empty()
    });
    let photo = input.picture.is_some();
    let resembles = text.is_some_and(|t| t.brand_hit.is_some() || t.name_coverage > 0.0);
    if !photo && !named && !resembles {
        return None;
    }
    if input.released == Some(false) {
        return Some(Leak);
    }
    let strongest = text.map_or(0, |t| {
        let terms = observe::coded_terms(t);
        terms.first().map_or(0, |term| term.0)
    });
    let hidden = text.is_some_and(|t| !observe::tricks(t, true).is_empty());
    let used = condition(input) == Condition::Used;
    let cheap = !used && ratio(input).is_some_and(|r| r < HARDLY_GENUINE);
    // "Inspired by" and "designer style" admit that the goods are not the brand's own.
    let admits_other = strongest == 2 && !hidden;
    let copy = strongest == 3 || hidden || (cheap && !admits_other);
    let imported = input.sold_where_it_is == Some(false)
        && named
        && !copy
        && strongest < 2
        && ratio(input).is_none_or(|r| r >= HARDLY_GENUINE);
    Some(match (photo, named) {
        (_, true) if copy => Counterfeit,
        (_, true) if imported => GreyMarket,
        (true, _) => CopiedPhoto,
        (false, true) => TrademarkMisuse,
        // A title that has the product's words without its brand sells the looks.
        (false, false) if hidden => Counterfeit,
        (false, false) => CopiedDesign,
    })
}
