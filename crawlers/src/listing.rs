//! What is read from one offer on a marketplace.

use std::collections::BTreeMap;

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use url::Url;

/// The longest title kept, in characters.
pub const MAX_TITLE: usize = 500;
/// The longest description kept, in characters.
pub const MAX_DESCRIPTION: usize = 20_000;
/// The longest of every other text value kept, in characters.
pub const MAX_SHORT: usize = 300;
/// The longest raw text kept as provenance, in characters.
pub const MAX_RAW: usize = 1_000;
/// The most pictures kept of one listing.
pub const MAX_IMAGES: usize = 40;
/// The most beaten candidates kept for one field.
pub const MAX_CANDIDATES: usize = 8;

/// One offer, as it stood in one capture.
///
/// Every text is bounded in length (the constants of this module's source say
/// how), every URL is absolute and canonical, and [`Listing::provenance`] says
/// for each value where it was read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Listing {
    /// The identifier the marketplace itself uses, stable between visits.
    pub item_id: String,
    /// Where a person sees the offer.
    pub url: Url,
    /// The offer's title, white space collapsed.
    pub title: String,
    /// The offer's text with the markup taken out.
    #[serde(default)]
    pub description: Option<String>,
    /// The asking price.
    #[serde(default)]
    pub price: Option<Price>,
    /// Who sells, as the marketplace names them.
    #[serde(default)]
    pub seller: Option<String>,
    /// Since when the seller is on the marketplace, as it says: a date, a month or a
    /// year (`2019-03-12`, `2019-03`, `2019`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seller_since: Option<String>,
    /// Where the article is said to be.
    #[serde(default)]
    pub location: Option<String>,
    /// The pictures, first the main one, each URL once.
    #[serde(default)]
    pub images: Vec<Url>,
    /// Whether it can be bought.
    #[serde(default)]
    pub availability: Option<Availability>,
    /// The brand the seller states.
    #[serde(default)]
    pub brand: Option<String>,
    /// The GTIN, EAN or UPC the seller states.
    #[serde(default)]
    pub gtin: Option<String>,
    /// The manufacturer's part number the seller states.
    #[serde(default)]
    pub mpn: Option<String>,
    /// New, used and so on, in the marketplace's own word.
    #[serde(default)]
    pub condition: Option<String>,
    /// Field name to where its value came from.
    #[serde(default)]
    pub provenance: BTreeMap<String, Provenance>,
}

/// An amount of money. Never a float.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Price {
    /// The amount in main units; written as a decimal string.
    pub amount: Decimal,
    /// ISO 4217 code, or none where the page does not say (a bare `$`).
    #[serde(default)]
    pub currency: Option<String>,
}

/// Whether an offer can be bought.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Availability {
    /// Can be bought now.
    InStock,
    /// Few are left.
    Limited,
    /// Can be ordered ahead.
    PreOrder,
    /// Cannot be bought now.
    OutOfStock,
    /// Is no longer sold.
    Discontinued,
}

/// Where a value was read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Provenance {
    /// `json-ld`, `microdata`, `rdfa`, `meta`, `selector`, `api`, `url`,
    /// `definition`, or `page` for what was found by how the page is built.
    pub source: String,
    /// The text as it stood there, bounded.
    pub raw: String,
    /// What else was on the page for this field, and was not taken.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub candidates: Vec<Candidate>,
    /// Whether another place states another value, not only another spelling
    /// of it (48 and 48.00 are the same).
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub conflict: bool,
}

/// A value that was found and not taken.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Candidate {
    /// As in [`Provenance::source`].
    pub source: String,
    /// The text as it stood there, bounded.
    pub raw: String,
}
