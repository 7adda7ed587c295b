//! What is in a page of any shop, without a definition.

use std::sync::LazyLock;

use url::Url;

use super::assemble::{Rules, listing};
use super::document::Document;
use crate::definition::Definition;
use crate::discover::canonical::canonical;
use crate::listing::Listing;

/// The template that knows where schema.org and OpenGraph put things.
static GENERIC: LazyLock<Option<Definition>> = LazyLock::new(|| {
    Definition::builtin()
        .into_iter()
        .find(|d| d.id() == "schema-org")
});

/// The listings of a saved page: one for each schema.org Product in JSON-LD,
/// else one from meta and OpenGraph elements if those offer something.
///
/// `content_type` is the header the page came with, if known; `url` is what
/// links are relative to. Never fails: a page without an offer has none.
#[must_use]
pub fn read_page(html: &[u8], content_type: Option<&str>, url: &Url) -> Vec<Listing> {
    let Some(generic) = GENERIC.as_ref() else {
        return Vec::new();
    };
    let rules = Rules::of(generic);
    let document = Document::html(html, content_type);
    let Document::Html(page) = &document else {
        return Vec::new();
    };
    let url = canonical(url.clone());
    let base = document.base(&url);
    let read = |product: usize| {
        let lookup = |locator: &_| {
            // Meta elements speak of the page, that is of its first product.
            match locator {
                crate::definition::locator::Locator::JsonLd(_) => {
                    document.values_of(locator, product)
                }
                _ if product == 0 => document.values(locator),
                _ => Vec::new(),
            }
        };
        listing(&rules, &lookup, &base, &url)
    };
    if page.products.is_empty() {
        let offer = read(0).filter(|found| found.price.is_some() || is_product_page(&document));
        return offer.into_iter().collect();
    }
    (0..page.products.len()).filter_map(read).collect()
}

/// Whether OpenGraph calls the page a product.
fn is_product_page(document: &Document) -> bool {
    let kind = crate::definition::locator::Locator::Meta("og:type".to_owned());
    document
        .values(&kind)
        .iter()
        .any(|value| value.to_ascii_lowercase().contains("product"))
}
