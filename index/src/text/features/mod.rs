//! What a title shows of one product, in numbers. The fitted weights in `data/title_weights.csv` make a
//! probability of them.

mod product;
mod title;

use super::find::Quality;

pub(super) use title::Title;

/// Names the features once: as the places in an array, and as text.
macro_rules! features {
    ($($(#[$doc:meta])* $feature:ident = $name:literal,)*) => {
        /// A feature's place in [`Features`].
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(in crate::text) enum Feature {
            $($(#[$doc])* $feature,)*
        }

        /// The names of the features, in the order of [`Feature`]. Most are 0 or 1; *share*, *info*
        /// and *fit* run from 0 to 1 (see `product::Context`).
        pub const FEATURES: [&str; [$($name),*].len()] = [$($name),*];
    };
}

features! {
    Bias = "bias",
    // How the brand is written, see `Quality`.
    Abbreviated = "abbreviated",
    Slips = "slips",
    Slip = "slip",
    Embedded = "embedded",
    Split = "split",
    Scattered = "scattered",
    Reversed = "reversed",
    Masked = "masked",
    Disguised = "disguised",
    Exact = "exact",
    // What stands around it, by how sure the brand is.
    SureShare = "sure_share",
    SureInfo = "sure_info",
    SureFit = "sure_fit",
    SureAlone = "sure_alone",
    DoubtfulShare = "doubtful_share",
    DoubtfulInfo = "doubtful_info",
    DoubtfulFit = "doubtful_fit",
    DoubtfulAlone = "doubtful_alone",
    AbbreviatedShare = "abbreviated_share",
    AbbreviatedInfo = "abbreviated_info",
    AbbreviatedFit = "abbreviated_fit",
    UnnamedShare = "unnamed_share",
    UnnamedInfo = "unnamed_info",
    UnnamedFit = "unnamed_fit",
    UnnamedShareFit = "unnamed_share_fit",
    // The brand as a word.
    Ordinary = "ordinary",
    OrdinaryFit = "ordinary_fit",
    OrdinaryAlone = "ordinary_alone",
    ShortSure = "short_sure",
    ShortDoubtful = "short_doubtful",
    SeveralWords = "several_words",
    FirstSure = "first_sure",
    FirstDoubtful = "first_doubtful",
    // Model numbers.
    Model = "model",
    ModelAndBrand = "model_and_brand",
    LongModel = "long_model",
    StrangeModel = "strange_model",
    // Against it.
    Accessory = "accessory",
    AccessoryBefore = "accessory_before",
    AccessoryGoods = "accessory_goods",
    AccessoryGoodsAndBefore = "accessory_goods_and_before",
    Work = "work",
    OtherBrand = "other_brand",
    OtherBrands = "other_brands",
    StrangeFirst = "strange_first",
    StrangeFirstUnnamed = "strange_first_unnamed",
    // Elsewhere.
    Described = "described",
    DescribedShare = "described_share",
}

impl From<Quality> for Feature {
    fn from(quality: Quality) -> Self {
        match quality {
            Quality::Abbreviated => Self::Abbreviated,
            Quality::Slips => Self::Slips,
            Quality::Slip => Self::Slip,
            Quality::Embedded => Self::Embedded,
            Quality::Split => Self::Split,
            Quality::Scattered => Self::Scattered,
            Quality::Reversed => Self::Reversed,
            Quality::Masked => Self::Masked,
            Quality::Disguised => Self::Disguised,
            Quality::Exact => Self::Exact,
        }
    }
}

/// One number a feature.
pub(super) type Features = [f64; FEATURES.len()];

/// Features being filled in.
#[derive(Debug)]
struct Filled(Features);

impl Default for Filled {
    fn default() -> Self {
        Self([0.0; FEATURES.len()])
    }
}

impl Filled {
    fn set(&mut self, feature: Feature, value: f64) {
        self.0[feature as usize] = value;
    }

    fn flag(&mut self, feature: Feature, is: bool) {
        if is {
            self.set(feature, 1.0);
        }
    }
}
