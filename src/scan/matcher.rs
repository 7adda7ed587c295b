//! The catalog, ready to be matched against: derived from the database, rebuilt
//! when the catalog changes.

use std::collections::HashMap;

use markhound_crawlers::{Listing, Price};
use markhound_index::image::{Fingerprint, PDQ_ALGORITHM, PdqHashError, PictureMatch};
use markhound_index::score::{ScoreInput, Verdict, score};
use markhound_index::text::{
    CONCERNS_FROM, CatalogProduct, CatalogTextIndex, TextIndexError, TextMatch,
};
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use serde_json::{Value, json};

use super::listed::ListedHashes;
use crate::app::App;
use crate::catalog::references::{References, ReferencesError};
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
    /// The reference photos cannot be searched.
    #[error(transparent)]
    References(#[from] ReferencesError),
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
    /// The source's name.
    pub source: &'a str,
    /// The seller's earlier cases: confirmed, rejected.
    pub history: (i64, i64),
}

/// A product a listing concerns, with everything that says so.
#[derive(Debug, Clone)]
pub struct Finding {
    /// The product's identifier.
    pub product: i64,
    /// The listing's picture (its place among those given) and what it matched.
    pub picture: Option<(usize, PictureMatch)>,
    /// Label and PDQ hash of the imported list, where that is what matched.
    pub listed: Option<(String, String)>,
    /// What the text says.
    pub text: Option<TextMatch>,
    /// Asking price divided by the list price, where both are in one currency.
    pub price_ratio: Option<f64>,
    /// Whether the seller may sell the product.
    pub authorised_seller: bool,
    /// The score and its reasons.
    pub verdict: Verdict,
}

/// The catalog's indexes.
pub struct Matcher {
    version: i64,
    products: HashMap<i64, Product>,
    references: References,
    listed: ListedHashes,
    text: CatalogTextIndex,
}

impl Matcher {
    /// Builds the indexes from the database.
    ///
    /// # Errors
    /// [`MatcherError`].
    pub async fn load(app: &App) -> Result<Self, MatcherError> {
        let store = &app.store;
        let version = store.catalog_version().await?;
        let products = store.products().await?;
        let references = References::of(store, &app.data_dir, &products).await?;
        let mut listed = ListedHashes::default();
        for row in store.reference_hashes().await? {
            let (label, sku) = (row.label.clone(), row.sku.clone());
            listed
                .insert(row)
                .map_err(|why| MatcherError::Listed { label, sku, why })?;
        }
        let text = CatalogTextIndex::build(products.iter().map(in_words))?;
        let products = products
            .into_iter()
            .map(|product| (product.id, product))
            .collect();
        Ok(Self {
            version,
            products,
            references,
            listed,
            text,
        })
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
        self.products.get(&id)
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
        self.products.values()
    }

    /// The product that a listing's text speaks for most, if for any: it is
    /// among the listing's [`Matcher::findings`] without any picture.
    ///
    /// # Errors
    /// When the text index fails.
    pub fn named(
        &self,
        title: &str,
        description: Option<&str>,
    ) -> Result<Option<i64>, MatcherError> {
        let texts = self.text.search(title, description, TEXT_CANDIDATES)?;
        Ok(most_named(&texts))
    }

    /// Every product a listing may concern, scored, most probable first.
    ///
    /// # Errors
    /// When the text index fails.
    pub fn findings(
        &self,
        subject: &Subject<'_>,
        pictures: &[&Fingerprint],
    ) -> Result<Vec<Finding>, MatcherError> {
        let mut pictured: HashMap<i64, (usize, PictureMatch)> = HashMap::new();
        for (at, hashes) in pictures.iter().enumerate() {
            for found in self.search_picture(hashes) {
                let best = pictured.get(&found.product);
                if best.is_none_or(|(_, best)| is_better(&found, best)) {
                    pictured.insert(found.product, (at, found));
                }
            }
        }
        let texts = self
            .text
            .search(subject.title, subject.description, TEXT_CANDIDATES)?;
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
                Some(self.finding(product, subject, pictured.remove(&id), texts.remove(&id)))
            })
            .collect();
        findings.sort_by(|a, b| {
            b.verdict
                .probability
                .total_cmp(&a.verdict.probability)
                .then(a.product.cmp(&b.product))
        });
        Ok(findings)
    }

    /// Every product that a title probably concerns, scored, the one it
    /// concerns most probably first. Pictures are not looked at.
    ///
    /// # Errors
    /// When the text index fails.
    pub fn concerned(&self, subject: &Subject<'_>) -> Result<Vec<Finding>, MatcherError> {
        let texts = self
            .text
            .search(subject.title, subject.description, TEXT_CANDIDATES)?;
        Ok(texts
            .into_iter()
            .filter(|text| text.score >= CONCERNS_FROM)
            .filter_map(|text| {
                let product = self.products.get(&text.product)?;
                Some(self.finding(product, subject, None, Some(text)))
            })
            .collect())
    }

    fn finding(
        &self,
        product: &Product,
        subject: &Subject<'_>,
        picture: Option<(usize, PictureMatch)>,
        text: Option<TextMatch>,
    ) -> Finding {
        let price_ratio = price_ratio(product, subject.price);
        let authorised_seller = subject
            .seller
            .is_some_and(|seller| is_authorised(product, seller, subject.source));
        let count = |n: i64| u32::try_from(n).unwrap_or(0);
        let found = picture.as_ref().map(|(_, found)| found);
        let verdict = score(&ScoreInput {
            picture: found,
            reference_name: found.and_then(|found| self.reference_name(found.reference)),
            text: text.as_ref(),
            price_ratio,
            authorised_seller,
            seller_confirmed: count(subject.history.0),
            seller_rejected: count(subject.history.1),
        });
        let listed = found
            .and_then(|found| self.listed.of(found.reference))
            .map(|listed| (listed.label.clone(), listed.hash.to_string()));
        Finding {
            product: product.id,
            picture,
            listed,
            text,
            price_ratio,
            authorised_seller,
            verdict,
        }
    }

    /// The cases a listing opens: findings at or over the threshold. Pictures
    /// are given as (blob, hashes).
    ///
    /// # Errors
    /// When the text index fails.
    pub fn cases(
        &self,
        source: &str,
        listing: &Listing,
        pictures: &[(&str, &Fingerprint)],
        history: (i64, i64),
        threshold: f64,
    ) -> Result<Vec<CaseDraft>, MatcherError> {
        let subject = Subject {
            title: &listing.title,
            description: listing.description.as_deref(),
            price: listing.price.as_ref(),
            seller: listing.seller.as_deref(),
            source,
            history,
        };
        let hashes: Vec<&Fingerprint> = pictures.iter().map(|(_, hashes)| *hashes).collect();
        let findings = self.findings(&subject, &hashes)?;
        Ok(findings
            .into_iter()
            .filter(|finding| finding.verdict.probability >= threshold)
            .map(|finding| CaseDraft {
                product_id: finding.product,
                score: finding.verdict.probability,
                kind: finding.kind(),
                evidence: finding.evidence(),
                model: finding.verdict.model.clone(),
                picture_blob: finding
                    .picture
                    .as_ref()
                    .and_then(|(at, _)| pictures.get(*at))
                    .map(|(blob, _)| (*blob).to_owned()),
                reference_id: finding.picture.as_ref().map(|(_, found)| found.reference),
            })
            .collect())
    }
}

impl Finding {
    /// The kind of infringement in the database's word.
    #[must_use]
    pub fn kind(&self) -> Option<String> {
        let kind = serde_json::to_value(self.verdict.kind?).ok()?;
        kind.as_str().map(str::to_owned)
    }

    /// Everything a reviewer is shown and a packet keeps.
    #[must_use]
    pub fn evidence(&self) -> Value {
        let mut evidence = json!({
            "picture": self.picture.as_ref().map(|(_, found)| found),
            "text": self.text,
            "price_ratio": self.price_ratio,
            "authorised_seller": self.authorised_seller,
            "reasons": self.verdict.reasons,
            "probability": self.verdict.probability,
            "kind": self.verdict.kind,
            "model": self.verdict.model,
        });
        // Only where there is one: the hash of all other evidence stays as it was.
        if let Some((label, hash)) = &self.listed {
            evidence["listed_hash"] =
                json!({ "label": label, "algorithm": PDQ_ALGORITHM, "hash": hash });
        }
        evidence
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

/// Asking price over list price; nothing unless both are in the same currency.
fn price_ratio(product: &Product, price: Option<&Price>) -> Option<f64> {
    let price = price?;
    let list: Decimal = product.msrp.as_deref()?.parse().ok()?;
    let same = price.currency.is_some() && price.currency == product.currency;
    if !same || list <= Decimal::ZERO {
        return None;
    }
    (price.amount / list).to_f64()
}

/// An entry of `authorised_sellers` is a seller's name, valid everywhere, or
/// `name@source`, valid at that source only.
fn is_authorised(product: &Product, seller: &str, source: &str) -> bool {
    let fold = |text: &str| text.trim().to_lowercase();
    let (seller, source) = (fold(seller), fold(source));
    product
        .authorised_sellers
        .iter()
        .any(|entry| match entry.rsplit_once('@') {
            Some((name, at)) => fold(name) == seller && fold(at) == source,
            None => fold(entry) == seller,
        })
}
