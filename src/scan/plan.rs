//! What a scan asks for: searches planned from the catalog where the source can
//! search, a walk through the shop where it cannot.

use std::collections::BTreeSet;

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

/// The searches that find a catalog: each brand, each product's name, aliases
/// and model numbers; sorted, each once. `skus` narrows it to some products, an
/// empty list does not.
#[must_use]
pub fn queries(products: &[Product], skus: &[String]) -> Vec<String> {
    let mut queries = BTreeSet::new();
    let wanted = |product: &&Product| skus.is_empty() || skus.contains(&product.sku);
    for product in products.iter().filter(wanted) {
        queries.insert(product.brand.clone());
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
