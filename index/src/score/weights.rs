//! The one table of weights, in bits: +1 doubles the odds, −1 halves them.
//!
//! They are set by hand, from what each sort of evidence should be able to do on its own (see the
//! comment at each), and named so in every verdict. They are to be replaced by fitted ones.

/// Name and version of the weights.
pub const MODEL: &str = "hand-set v1";

/// Before any evidence: about one listing in 33 that a search for a brand brings up infringes.
pub(super) const BASE: f64 = -5.0;

/// A matched photo, at score 0.5 and at 1. Copied photos are the strongest evidence there is, and
/// must bring a listing that names no brand over the threshold by themselves.
pub(super) const PICTURE: (f64, f64) = (5.5, 8.0);

/// The brand in the title. By itself it only says that the listing is about the product.
pub(super) const BRAND: f64 = 1.2;
/// A brand that is misspelt, or stands only in the description.
pub(super) const BRAND_DOUBTFUL: f64 = 0.5;
/// All words of the product's name in the title; a share of them counts that share. Together with
/// the brand and a model number this stays below the threshold: honest dealers write such titles.
pub(super) const NAME: f64 = 1.5;
/// A model number.
pub(super) const MODEL_NUMBER: f64 = 0.8;

/// The brand's letters were disguised to get past searches. Honest sellers have no reason to; with
/// the brand and part of the name it reaches the threshold.
pub(super) const DISGUISED: f64 = 4.0;
/// Accents, slips and words run together: mostly carelessness.
pub(super) const CARELESS: f64 = 0.3;

/// Coded terms by strength (1 to 3). A word that means a copy is enough with the brand and part of
/// the name; "OEM" is not.
pub(super) const CODED: [f64; 3] = [1.0, 3.0, 4.2];
/// Each further coded term, and how much they may add together.
pub(super) const CODED_MORE: (f64, f64) = (0.5, 1.5);
/// A coded term that stands only in the description counts this share: descriptions say "no replica".
pub(super) const IN_DESCRIPTION: f64 = 0.5;

/// Price asked as a share of the list price: below the first number, the second counts. Only one
/// genuine offer in a hundred is below half the usual price.
pub(super) const PRICE: [(f64, f64); 5] = [
    (0.2, 4.2),
    (0.35, 3.7),
    (0.5, 3.2),
    (0.75, 1.0),
    (f64::INFINITY, -0.5),
];
/// Used goods are cheap for an honest reason.
pub(super) const USED: f64 = -3.0;

/// The goods are made for the product. Names the brand honestly; with a copied photo it may still
/// be a copied photo.
pub(super) const ACCESSORY: (f64, f64) = (-5.0, -1.5);
/// Another brand in the title: a comparison, a bundle, or a listing about that one.
pub(super) const OTHER_BRAND: f64 = -1.5;

/// The seller's first confirmed (rejected) listing, each doubling of their number, and the most
/// they add (take away).
pub(super) const SELLER: (f64, f64, f64) = (1.5, 0.75, 4.0);

/// Where the sum lands for an authorised seller, whatever else is known.
pub(super) const AUTHORISED_TOTAL: f64 = -12.0;
