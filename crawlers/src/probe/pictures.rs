//! CSS selectors for the pictures of a product.

use std::collections::HashSet;

use scraper::{ElementRef, Selector};
use url::Url;

use super::page::{Page, Product, all};
use super::selectors::{MAX_ELEMENTS, Place, names_of_all};
use crate::discover::canonical::resolve;

/// Attributes in which pictures wait to be loaded, the largest first.
const PICTURE: [&str; 6] = [
    "data-zoom-image",
    "data-large_image",
    "data-src",
    "data-original",
    "data-lazy",
    "src",
];

/// Where the pictures of the product stand, and no others: those that are shown, else
/// those that are linked to.
pub(super) fn of_images(products: &[Product]) -> Option<Place> {
    pictures_of(products, "img", &PICTURE).or_else(|| pictures_of(products, "a[href]", &["href"]))
}

fn pictures_of(products: &[Product], tags: &str, attributes: &[&'static str]) -> Option<Place> {
    let is_shown = |product: &Product| {
        let from = product.listing.provenance.get("images");
        from.is_some_and(|from| from.source == "page")
    };
    // Where some were found in the page, those that data name are the same in other sizes.
    let any_shown = products.iter().any(is_shown);
    let wanted: Vec<(&Product, HashSet<&Url>)> = products
        .iter()
        .filter(|product| !product.listing.images.is_empty())
        .filter(|product| !any_shown || is_shown(product))
        .map(|product| (product, product.listing.images.iter().collect()))
        .collect();
    let shows = |product: &Product, element: ElementRef<'_>, images: &HashSet<&Url>| {
        let values = attributes.iter().filter_map(|name| element.attr(name));
        values
            .filter_map(|value| resolve(&product.page.base, value))
            .any(|url| images.contains(&url))
    };
    let elements: Vec<ElementRef<'_>> = wanted
        .iter()
        .flat_map(|(product, images)| {
            let elements = all(&product.page, tags).into_iter();
            elements
                .filter(|element| shows(product, *element, images))
                .take(MAX_ELEMENTS)
        })
        .collect();
    // A page with one picture shows it at once; others load theirs later.
    let attributes: Vec<&'static str> = attributes
        .iter()
        .copied()
        .filter(|name| {
            *name == "src" || elements.iter().any(|element| element.attr(name).is_some())
        })
        .collect();
    let mut exact: Option<(usize, String)> = None;
    let mut likely = None;
    for name in names_of_all(elements.into_iter()) {
        let Ok(selector) = Selector::parse(&name) else {
            continue;
        };
        let shown: Vec<Vec<Url>> = wanted
            .iter()
            .map(|(product, _)| pictures_at(&product.page, &selector, &attributes))
            .collect();
        let each = || shown.iter().zip(&wanted);
        let begins = |(urls, (product, _)): (&Vec<Url>, &(&Product, HashSet<&Url>))| {
            urls.first() == product.listing.images.first()
        };
        if !each().all(begins) {
            continue;
        }
        let found: usize = shown.iter().map(Vec::len).sum();
        let has_no_others = |(urls, (_, images)): (&Vec<Url>, &(&Product, HashSet<&Url>))| {
            urls.iter().all(|url| images.contains(url))
        };
        if each().all(has_no_others) {
            if exact.as_ref().is_none_or(|(most, _)| found > *most) {
                exact = Some((found, name));
            }
        } else if likely.is_none() && differ(&shown) {
            likely = Some(name);
        }
    }
    // The structural reader may have been too careful: pictures that stand
    // around the first one and differ from product to product are taken too.
    let css = exact.map(|(_, name)| name).or(likely)?;
    Some(Place::Css {
        css,
        attributes,
        own_text: false,
    })
}

/// The pictures that a definition with this place would read.
fn pictures_at(page: &Page, selector: &Selector, attributes: &[&'static str]) -> Vec<Url> {
    let elements = page.document.dom.select(selector).take(100);
    let value = |element: ElementRef<'_>| {
        let values = attributes.iter().filter_map(|name| element.attr(name));
        let mut values = values.filter(|value| !value.trim_start().starts_with("data:"));
        resolve(&page.base, values.next()?)
    };
    elements.filter_map(value).collect()
}

/// Whether no picture is shown for two products.
fn differ(shown: &[Vec<Url>]) -> bool {
    let mut seen = HashSet::new();
    let once: Vec<HashSet<&Url>> = shown.iter().map(|urls| urls.iter().collect()).collect();
    shown.len() > 1 && once.into_iter().flatten().all(|url| seen.insert(url))
}
