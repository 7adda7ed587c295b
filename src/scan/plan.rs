//! What a scan asks for: searches planned from the catalog where the source can
//! search, a walk through the shop where it cannot.

use std::collections::BTreeSet;

use jiff::Timestamp;
use markhound_crawlers::discover::{self, NamedImage};
use markhound_crawlers::{Definition, Target};

use super::{ScanError, exchange};
use crate::store::products::Product;
use crate::store::sources::Source;
use crate::store::work::NewTarget;

/// The definition of a source, with the settings chosen and the user's base
/// address when there is one.
///
/// # Errors
/// [`ScanError::Source`] when it cannot be used.
pub fn definition(source: &Source) -> Result<Definition, ScanError> {
    let unusable = |why: String| ScanError::Source {
        source_name: source.name.clone(),
        why,
    };
    let definition = Definition::parse_with(&source.definition, &source.name, &source.settings)
        .map_err(|error| unusable(error.to_string()))?;
    let definition = match &source.base {
        Some(base) => definition
            .with_base(base)
            .map_err(|error| unusable(error.to_string()))?,
        None => definition,
    };
    if definition.is_template() {
        return Err(unusable(
            "its definition is a template; add it again with --base".to_owned(),
        ));
    }
    Ok(definition)
}

/// Whether a marketplace may be told of a product: it is classified as public or
/// not at all, and its release is not still to come.
pub(super) fn is_public(product: &Product, now: Timestamp) -> bool {
    let classified = product.classification.as_deref().unwrap_or("public");
    // Dates are `YYYY-MM-DD`: their order is that of the text.
    let today = now.to_string();
    let released = product.released.as_deref().unwrap_or_default();
    classified.eq_ignore_ascii_case("public") && released <= today.get(..10).unwrap_or_default()
}

/// The searches that find a catalog: each brand, each product's name, aliases
/// and model numbers; sorted, each once. Of a product that is a secret, or not
/// released yet at the time `now`, the brand alone is searched for. `skus` narrows
/// it to some products, an empty list does not.
#[must_use]
pub fn queries(products: &[Product], skus: &[String], now: Timestamp) -> Vec<String> {
    let mut queries = BTreeSet::new();
    let wanted = |product: &&Product| skus.is_empty() || skus.contains(&product.sku);
    for product in products.iter().filter(wanted) {
        queries.insert(product.brand.clone());
        if !is_public(product, now) {
            continue;
        }
        queries.insert(product.name.clone());
        queries.extend(product.aliases.iter().cloned());
        queries.extend(product.model_numbers.iter().cloned());
    }
    queries.retain(|query| !query.trim().is_empty());
    queries.into_iter().collect()
}

/// What a scan searches for, where its source can search.
#[derive(Debug, Clone, Default)]
pub struct Searches {
    /// Searches by words.
    pub words: Vec<String>,
    /// Searches by reference photos.
    pub photos: Vec<NamedImage>,
}

/// The first targets of a scan, as frontier rows: the searches by words first,
/// so that it is them which a quota is enough for.
pub(super) fn seeds(definition: &Definition, searches: &Searches) -> Vec<(String, String)> {
    let words = discover::seeds(definition, &searches.words);
    let photos = discover::seeds_by_named_image(definition, &searches.photos);
    words
        .iter()
        .chain(&photos)
        .map(new_target)
        .map(|target| (target.key, target.target))
        .collect()
}

pub(super) fn new_target(target: &Target) -> NewTarget {
    NewTarget {
        key: target.key(),
        target: exchange::json(target),
        listing: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Millis;
    use crate::store::db::JsonText;

    fn product(name: &str, classification: Option<&str>, released: Option<&str>) -> Product {
        Product {
            id: 1,
            sku: name.to_owned(),
            brand: "Ostrelund".to_owned(),
            name: name.to_owned(),
            category: None,
            model_numbers: JsonText(vec![format!("{name}-1")]),
            aliases: JsonText::default(),
            keywords: JsonText::default(),
            msrp: None,
            currency: None,
            countries: JsonText::default(),
            classification: classification.map(str::to_owned),
            released: released.map(str::to_owned),
            authorised_sellers: JsonText::default(),
            fingerprint: String::new(),
            created_at: Millis(0),
            updated_at: Millis(0),
            removed_at: None,
        }
    }

    #[test]
    fn no_marketplace_is_asked_for_a_secret_by_its_name() {
        let products = [
            product("Open", None, None),
            product("Public", Some("PUBLIC"), Some("2026-11-25")),
            product("Secret", Some("confidential"), None),
            product("Future", None, Some("2026-11-26")),
        ];
        let now = "2026-11-25T23:59:59Z".parse().unwrap();
        let expected = ["Open", "Open-1", "Ostrelund", "Public", "Public-1"];
        assert_eq!(queries(&products, &[], now), expected);
        let secret = ["Secret".to_owned()];
        assert_eq!(queries(&products, &secret, now), ["Ostrelund"]);
    }
}
