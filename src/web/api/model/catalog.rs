//! The protected catalog.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{Money, money};
use crate::catalog::references::SetAside;
use crate::store::products::{Product as StoredProduct, ReferencePhoto, RightRow};
use crate::store::removals::Removal;

/// A protected product.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::web) struct Product {
    /// Stock keeping unit.
    sku: String,
    /// Brand.
    brand: String,
    /// Name.
    name: String,
    /// Category.
    #[schema(required = true)]
    category: Option<String>,
    /// List price.
    #[schema(required = true)]
    msrp: Option<Money>,
    /// Model numbers.
    model_numbers: Vec<String>,
    /// Other names.
    aliases: Vec<String>,
    /// Words that hint at it.
    keywords: Vec<String>,
    /// Countries it is sold in.
    countries: Vec<String>,
    /// Sellers who may sell it.
    authorised_sellers: Vec<String>,
    /// Confidentiality.
    #[schema(required = true)]
    classification: Option<String>,
    /// Date of release.
    #[schema(required = true)]
    released: Option<String>,
    /// Last change.
    #[schema(format = DateTime)]
    updated_at: String,
    /// When it was removed from the catalog; null while it is in it.
    #[schema(required = true, format = DateTime)]
    removed_at: Option<String>,
}

impl From<StoredProduct> for Product {
    fn from(of: StoredProduct) -> Self {
        Self {
            sku: of.sku,
            brand: of.brand,
            name: of.name,
            category: of.category,
            msrp: money(of.msrp, of.currency),
            model_numbers: of.model_numbers.0,
            aliases: of.aliases.0,
            keywords: of.keywords.0,
            countries: of.countries.0,
            authorised_sellers: of.authorised_sellers.0,
            classification: of.classification,
            released: of.released,
            updated_at: of.updated_at.to_string(),
            removed_at: of.removed_at.map(|at| at.to_string()),
        }
    }
}

/// A product with its rights and photos.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::web) struct ProductInFull {
    /// The product.
    pub(in crate::web) product: Product,
    /// Its rights.
    pub(in crate::web) rights: Vec<Right>,
    /// Its reference photos.
    pub(in crate::web) photos: Vec<Photo>,
    /// What a change names as what it was made on.
    pub(in crate::web) fingerprint: String,
}

/// What removing a product from the catalog did.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::web) struct Removed {
    /// Stock keeping unit.
    sku: String,
    /// Since when it is removed.
    #[schema(required = true, format = DateTime)]
    removed_at: Option<String>,
    /// Its cases that are not decided: they left the queue with it.
    undecided_cases: i64,
    /// Its cases that are confirmed or rejected: they stay as they are.
    decided_cases: i64,
    /// Notices about its cases of which something is still to come: they go on.
    notices_under_way: i64,
}

impl From<Removal> for Removed {
    fn from(of: Removal) -> Self {
        Self {
            sku: of.sku,
            removed_at: of.removed_at.map(|at| at.to_string()),
            undecided_cases: of.undecided_cases,
            decided_cases: of.decided_cases,
            notices_under_way: of.notices_under_way,
        }
    }
}

/// A right in a product.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::web) struct Right {
    /// `trademark`, `copyright`, `design` or `patent`.
    kind: String,
    /// Registration number.
    #[schema(required = true)]
    number: Option<String>,
    /// Country or office.
    #[schema(required = true)]
    jurisdiction: Option<String>,
    /// Nice or Locarno classes.
    classes: Vec<String>,
    /// The owner as registered.
    #[schema(required = true)]
    owner: Option<String>,
    /// Date of expiry.
    #[schema(required = true)]
    expiry: Option<String>,
}

impl From<RightRow> for Right {
    fn from(of: RightRow) -> Self {
        Self {
            kind: of.kind,
            number: of.number,
            jurisdiction: of.jurisdiction,
            classes: of.classes.0,
            owner: of.owner,
            expiry: of.expiry,
        }
    }
}

word! {
    /// Whether listings are held against a photo.
    MatchingWord {
        Auto => "auto",
        Always => "always",
        Never => "never",
    }
}

/// A reference photo.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::web) struct Photo {
    /// SHA-256 of its bytes.
    pub(in crate::web) hash: String,
    /// Name of the file it came as.
    file_name: String,
    /// Pixels.
    width: i64,
    /// Pixels.
    height: i64,
    /// `jpeg`, `png`, …
    format: String,
    /// `auto`, `always` or `never` held against listings.
    matching: String,
    /// Why listings are not held against it; null where they are.
    #[schema(required = true)]
    set_aside: Option<String>,
}

impl Photo {
    /// A photo as stored, and why it is not matched.
    pub(in crate::web) fn new(of: ReferencePhoto, set_aside: Option<SetAside>) -> Self {
        Self {
            hash: of.blob,
            file_name: of.file_name,
            width: of.width,
            height: of.height,
            format: of.format,
            matching: of.matching.as_str().to_owned(),
            set_aside: set_aside.map(|why| why.to_string()),
        }
    }
}

/// A product as it is to be, whole: what is left out is empty. The rules are those of a
/// catalog file.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::web) struct NewProduct {
    /// The `fingerprint` of the product that this changes; left out for a new one.
    #[schema(max_length = 64)]
    #[serde(skip_serializing)]
    pub(in crate::web) seen: Option<String>,
    /// Brand.
    #[schema(min_length = 1, max_length = 300, pattern = r"\S")]
    brand: String,
    /// Name.
    #[schema(min_length = 1, max_length = 300, pattern = r"\S")]
    name: String,
    /// Category.
    #[schema(max_length = 300)]
    category: Option<String>,
    /// List price, a decimal number as text; it needs a currency.
    #[schema(max_length = 30)]
    msrp: Option<String>,
    /// ISO 4217.
    #[schema(max_length = 30)]
    currency: Option<String>,
    /// Confidentiality, such as `public`.
    #[schema(max_length = 300)]
    classification: Option<String>,
    /// Date of release.
    #[schema(format = Date)]
    released: Option<String>,
    /// Model numbers.
    #[serde(default)]
    #[schema(max_items = 500)]
    model_numbers: Vec<String>,
    /// Other names.
    #[serde(default)]
    #[schema(max_items = 500)]
    aliases: Vec<String>,
    /// Words that hint at it.
    #[serde(default)]
    #[schema(max_items = 500)]
    keywords: Vec<String>,
    /// Countries it is sold in, two letters each.
    #[serde(default)]
    #[schema(max_items = 500)]
    countries: Vec<String>,
    /// Sellers who may sell it.
    #[serde(default)]
    #[schema(max_items = 500)]
    authorised_sellers: Vec<String>,
    /// Rights in it, no two of one kind, jurisdiction and number.
    #[serde(default)]
    #[schema(max_items = 100)]
    rights: Vec<NewRight>,
}

/// Kind of a right.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(in crate::web) enum RightKind {
    /// `trademark`
    Trademark,
    /// `copyright`
    Copyright,
    /// `design`
    Design,
    /// `patent`
    Patent,
}

/// A right as it is to be.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::web) struct NewRight {
    /// Kind of right.
    kind: RightKind,
    /// Registration number.
    #[schema(max_length = 300)]
    number: Option<String>,
    /// Country or office.
    #[schema(max_length = 300)]
    jurisdiction: Option<String>,
    /// Nice or Locarno classes.
    #[serde(default)]
    #[schema(max_items = 100)]
    classes: Vec<String>,
    /// The owner as registered.
    #[schema(max_length = 300)]
    owner: Option<String>,
    /// Date of expiry.
    #[schema(format = Date)]
    expiry: Option<String>,
}

/// A change of a product that is to be taken back.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::web) struct NewUndo {
    /// The event of the audit log that tells of it, as in the product's history.
    #[serde(deserialize_with = "super::super::whole::one")]
    pub(in crate::web) event: i64,
}

/// What became of a photo that was sent.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::web) struct PhotoSent {
    /// SHA-256 of its bytes.
    pub(in crate::web) hash: String,
    /// Whether the product had it not yet.
    pub(in crate::web) added: bool,
}

/// Whether listings are held against a photo from now on.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::web) struct PhotoChange {
    /// `auto`: unless it is common to unrelated products.
    pub(in crate::web) matching: MatchingWord,
}

/// The name of a photo.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(in crate::web) struct PhotoName {
    /// What the file is called; `photo` unless given.
    #[param(max_length = 300)]
    pub(in crate::web) name: Option<String>,
}
