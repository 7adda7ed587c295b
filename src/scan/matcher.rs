//! The catalog, ready to be matched against: derived from the database, rebuilt
//! when the catalog changes.

mod build;
mod score;

use std::collections::HashMap;
use std::sync::Arc;

use markhound_crawlers::{Listing, Price};
use markhound_index::image::{Fingerprint, PdqHashError, PictureMatch};
use markhound_index::score::{ModelError, ScoreModel};
use markhound_index::text::{
    CONCERNS_FROM, CatalogProduct, LayeredTextIndex, Rarity, TextIndexError, TextMatch,
};

use super::audit::Audit;
pub use super::finding::{Compared, Finding};
use super::listed::ListedHashes;
use super::rarity::RarityFailed;
use crate::catalog::rates::{Rates, RatesError};
use crate::catalog::references::{References, ReferencesError};
use crate::config::Review;
use crate::store::StoreError;
use crate::store::cases::CaseDraft;
use crate::store::products::Product;

/// Products a listing's text is compared with in full.
const TEXT_CANDIDATES: usize = 20;

/// Why the catalog cannot be matched against.
#[derive(Debug, thiserror::Error)]
pub enum MatcherError {
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The text index failed.
    #[error("the catalog's text index failed: {0}")]
    Text(#[from] TextIndexError),
    /// The task that builds the text index died.
    #[error("building the catalog's text index ended early: {0}; try again")]
    Task(#[from] tokio::task::JoinError),
    /// There are no counts to weigh words by.
    #[error(transparent)]
    Rarity(#[from] RarityFailed),
    /// The reference photos cannot be searched.
    #[error(transparent)]
    References(#[from] ReferencesError),
    /// The adopted weights cannot be read.
    #[error(
        "the weights {label} cannot be used: {why}; `markhound eval models --undo` takes them back"
    )]
    Model {
        /// Name and version.
        label: String,
        /// Why.
        why: ModelError,
    },
    /// The configured currency rates cannot be used.
    #[error(transparent)]
    Rates(#[from] RatesError),
    /// A hash of an imported list cannot be read.
    #[error(
        "the hash {label} imported for product {sku} cannot be used: {why}; run `markhound catalog hashes remove` for it and import its list again"
    )]
    Listed {
        /// What the list calls the hash.
        label: String,
        /// The product's SKU.
        sku: String,
        /// Why.
        why: PdqHashError,
    },
}

/// What is asked about one listing, from wherever it comes.
#[derive(Debug, Clone, Default)]
pub struct Subject<'a> {
    /// Title as written.
    pub title: &'a str,
    /// Description as written.
    pub description: Option<&'a str>,
    /// Asking price.
    pub price: Option<&'a Price>,
    /// Seller as written.
    pub seller: Option<&'a str>,
    /// Since when the seller is there, as in [`Listing::seller_since`].
    pub seller_since: Option<&'a str>,
    /// The source's name.
    pub source: &'a str,
    /// The marketplace's identifier of the listing.
    pub item: &'a str,
    /// Condition in the marketplace's word.
    pub condition: Option<&'a str>,
    /// Where the goods are said to be.
    pub location: Option<&'a str>,
    /// What was decided before.
    pub past: Past,
}

/// What reviewers decided before that has to do with a listing.
#[derive(Debug, Clone, Copy, Default)]
pub struct Past {
    /// The seller's other cases: confirmed, rejected.
    pub history: (i64, i64),
    /// Whether another listing with one of its pictures was confirmed.
    pub relisting: bool,
}

/// The catalog's indexes.
pub struct Matcher {
    version: i64,
    products: HashMap<i64, Arc<Product>>,
    references: Arc<References>,
    listed: ListedHashes,
    text: LayeredTextIndex,
    /// What the text index was built with.
    rarity: Arc<Rarity>,
    model: ScoreModel,
    rates: Rates,
    review: Review,
    audit: Audit,
    /// Today's date in UTC, as `YYYY-MM-DD`: such dates sort as text.
    today: String,
}

impl Matcher {
    /// The weights that score.
    #[must_use]
    pub fn model(&self) -> &ScoreModel {
        &self.model
    }

    /// The catalog version it was built at.
    #[must_use]
    pub fn version(&self) -> i64 {
        self.version
    }

    /// The reference photos.
    #[must_use]
    pub fn references(&self) -> &References {
        &self.references
    }

    /// The product with this identifier.
    #[must_use]
    pub fn product(&self, id: i64) -> Option<&Product> {
        self.products.get(&id).map(|product| &**product)
    }

    /// The file name of a reference photo or, for a negative number, the label
    /// of an imported hash.
    #[must_use]
    pub fn reference_name(&self, id: i64) -> Option<&str> {
        match self.references.photo(id) {
            Some(photo) => Some(&photo.file_name),
            None => self.listed.of(id).map(|listed| listed.label.as_str()),
        }
    }

    /// The reference photos found in one picture, best first; and imported
    /// hashes, by negative numbers, of products that no photo matched.
    #[must_use]
    pub fn search_picture(&self, hashes: &Fingerprint) -> Vec<PictureMatch> {
        let mut found = self.references.index().search(hashes);
        let mut listed = self.listed.search(hashes);
        listed.retain(|hit| {
            // A photo that was laid over the picture says more than a hash.
            !found.iter().any(|photo| photo.product == hit.product)
        });
        found.extend(listed);
        // Stable: photos and hashes of one score stay in their order.
        found.sort_by(|a, b| b.score.total_cmp(&a.score));
        found
    }

    /// Every product.
    pub fn products(&self) -> impl Iterator<Item = &Product> {
        self.products.values().map(|product| &**product)
    }

    /// The product that a listing's text speaks for most, if for any: it is
    /// among the listing's [`Matcher::findings`] without any picture.
    #[must_use]
    pub fn named(&self, title: &str, description: Option<&str>) -> Option<i64> {
        most_named(&self.text.search(title, description, TEXT_CANDIDATES))
    }

    /// Every product a listing may concern, scored, most probable first.
    #[must_use]
    pub fn findings(&self, subject: &Subject<'_>, pictures: &[&Fingerprint]) -> Vec<Finding> {
        if self.products.is_empty() {
            return Vec::new();
        }
        let mut pictured: HashMap<i64, (usize, PictureMatch)> = HashMap::new();
        for (at, hashes) in pictures.iter().enumerate() {
            for found in self.search_picture(hashes) {
                let best = pictured.get(&found.product);
                if best.is_none_or(|(_, best)| is_better(&found, best)) {
                    pictured.insert(found.product, (at, found));
                }
            }
        }
        let shown: Vec<i64> = pictured.keys().copied().collect();
        let (title, description) = (subject.title, subject.description);
        let texts = self
            .text
            .search_for(title, description, TEXT_CANDIDATES, &shown);
        // A title names one product: of the products that only the text speaks
        // for, the best one is meant.
        let named = most_named(&texts);
        let mut texts: HashMap<i64, TextMatch> =
            texts.into_iter().map(|t| (t.product, t)).collect();
        let mut concerned: Vec<i64> = pictured.keys().copied().chain(named).collect();
        concerned.sort_unstable();
        concerned.dedup();

        let mut findings: Vec<Finding> = concerned
            .into_iter()
            .filter_map(|id| {
                let product = self.products.get(&id)?;
                let (picture, text) = (pictured.remove(&id), texts.remove(&id));
                Some(self.finding(product, subject, (picture, pictures.len()), text))
            })
            .collect();
        findings.sort_by(|a, b| {
            b.verdict
                .probability
                .total_cmp(&a.verdict.probability)
                .then(a.product.cmp(&b.product))
        });
        findings
    }

    /// Every product that a title probably concerns, scored, the one it
    /// concerns most probably first. Pictures are not looked at.
    #[must_use]
    pub fn concerned(&self, subject: &Subject<'_>) -> Vec<Finding> {
        let texts = self
            .text
            .search(subject.title, subject.description, TEXT_CANDIDATES);
        texts
            .into_iter()
            .filter(|text| text.score >= CONCERNS_FROM)
            .filter_map(|text| {
                let product = self.products.get(&text.product)?;
                Some(self.finding(product, subject, (None, 0), Some(text)))
            })
            .collect()
    }

    /// The cases a listing opens: findings at or over the threshold. Pictures
    /// are given as (blob, hashes).
    #[must_use]
    pub fn cases(
        &self,
        source: &str,
        listing: &Listing,
        pictures: &[(&str, &Fingerprint)],
        past: Past,
        threshold: f64,
    ) -> Vec<CaseDraft> {
        let mut cases = self.cases_and_audit(source, listing, pictures, past, threshold);
        cases.retain(|case| case.audit_rate.is_none());
        cases
    }

    /// As [`Matcher::cases`], and the findings under the threshold that are drawn
    /// for the audit. What is allowed is never drawn.
    #[must_use]
    pub fn cases_and_audit(
        &self,
        source: &str,
        listing: &Listing,
        pictures: &[(&str, &Fingerprint)],
        past: Past,
        threshold: f64,
    ) -> Vec<CaseDraft> {
        let subject = Subject {
            title: &listing.title,
            description: listing.description.as_deref(),
            price: listing.price.as_ref(),
            seller: listing.seller.as_deref(),
            seller_since: listing.seller_since.as_deref(),
            source,
            item: &listing.item_id,
            condition: listing.condition.as_deref(),
            location: listing.location.as_deref(),
            past,
        };
        let hashes: Vec<&Fingerprint> = pictures.iter().map(|(_, hashes)| *hashes).collect();
        let mut cases = Vec::new();
        for finding in self.findings(&subject, &hashes) {
            let probability = finding.verdict.probability;
            let audit_rate = if probability >= threshold {
                None
            } else {
                let sku = self.product(finding.product).map_or("", |p| p.sku.as_str());
                let drawn = self.audit.drawn(source, &listing.item_id, sku, probability);
                let (Some(rate), None) = (drawn, finding.allowed) else {
                    continue;
                };
                Some(rate)
            };
            cases.push(CaseDraft {
                product_id: finding.product,
                score: probability,
                kind: finding.kind(),
                evidence: finding.evidence(),
                model: finding.verdict.model.clone(),
                picture_blob: finding
                    .picture
                    .as_ref()
                    .and_then(|(at, _)| pictures.get(*at))
                    .map(|(blob, _)| (*blob).to_owned()),
                reference_id: finding.picture.as_ref().map(|(_, found)| found.reference),
                audit_rate,
            });
        }
        cases
    }
}

/// What of a product is looked for in texts.
#[must_use]
pub fn in_words(product: &Product) -> CatalogProduct {
    CatalogProduct {
        id: product.id,
        sku: product.sku.clone(),
        brand: product.brand.clone(),
        name: product.name.clone(),
        aliases: product.aliases.0.clone(),
        model_numbers: product.model_numbers.0.clone(),
        keywords: product.keywords.0.clone(),
        category: product.category.clone(),
    }
}

/// The product of the strongest text match.
fn most_named(texts: &[TextMatch]) -> Option<i64> {
    let best = texts.iter().max_by(|a, b| a.score.total_cmp(&b.score));
    best.map(|text| text.product)
}

/// Whether a match says more than another of the same product: a photo says
/// more than a hash, as it was compared and can be shown.
fn is_better(new: &PictureMatch, old: &PictureMatch) -> bool {
    let photo = |m: &PictureMatch| m.reference >= 0;
    if photo(new) == photo(old) {
        old.score < new.score
    } else {
        photo(new)
    }
}
