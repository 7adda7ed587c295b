//! CSS selectors for the pictures of a product.

use std::collections::HashSet;

use scraper::{ElementRef, Selector};
use url::Url;

use super::names::names_of_all;
use super::page::{Page, Product, all};
use super::places::Place;
use super::selectors::MAX_ELEMENTS;
use crate::discover::canonical::resolve;
use crate::extract::{attribute_of, without_size};

/// Attributes in which pictures wait to be loaded, the largest first.
const PICTURE: [&str; 8] = [
    "data-zoom-image",
    "data-large_image",
    "data-srcset",
    "srcset",
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

/// A sample's pictures. The place may show them in another size than they were found in.
struct Wanted<'a> {
    page: &'a Page,
    images: &'a [Url],
    /// Their addresses without what tells the size.
    any_size: HashSet<String>,
}

impl<'a> Wanted<'a> {
    fn of(product: &'a Product) -> Self {
        let images = &product.listing.images;
        Self {
            page: &product.page,
            images,
            any_size: images.iter().map(without_size).collect(),
        }
    }

    fn has(&self, url: &Url) -> bool {
        self.any_size.contains(&without_size(url))
    }

    /// Whether an element shows one of them.
    fn is_shown_by(&self, element: ElementRef<'_>, attributes: &[&'static str]) -> bool {
        let values = attributes
            .iter()
            .filter_map(|name| attribute_of(element, &[name]));
        let mut urls = values.filter_map(|value| resolve(&self.page.base, value));
        urls.any(|url| self.has(&url))
    }
}

fn pictures_of(products: &[Product], tags: &str, attributes: &[&'static str]) -> Option<Place> {
    let is_shown = |product: &Product| {
        let from = product.listing.provenance.get("images");
        from.is_some_and(|from| from.source == "page")
    };
    // Where some were found in the page, those that data name are the same in other sizes.
    let any_shown = products.iter().any(is_shown);
    let wanted: Vec<Wanted<'_>> = products
        .iter()
        .filter(|product| !product.listing.images.is_empty())
        .filter(|product| !any_shown || is_shown(product))
        .map(Wanted::of)
        .collect();
    let elements: Vec<ElementRef<'_>> = wanted
        .iter()
        .flat_map(|wanted| {
            let elements = all(wanted.page, tags).into_iter();
            elements
                .filter(|element| wanted.is_shown_by(*element, attributes))
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
    let mut exact: Option<((usize, usize), String)> = None;
    let mut likely = None;
    for name in names_of_all(elements.into_iter()) {
        let Ok(selector) = Selector::parse(&name) else {
            continue;
        };
        let shown: Vec<Vec<Url>> = wanted
            .iter()
            .map(|wanted| pictures_at(wanted.page, &selector, &attributes))
            .collect();
        let each = || shown.iter().zip(&wanted);
        let begins = |(urls, wanted): (&Vec<Url>, &Wanted<'_>)| {
            let first = |urls: &[Url]| urls.first().map(without_size);
            first(urls) == first(wanted.images)
        };
        if !each().all(begins) {
            continue;
        }
        if each().all(|(urls, wanted)| urls.iter().all(|url| wanted.has(url))) {
            let same = |(urls, wanted): (&Vec<Url>, &Wanted<'_>)| {
                let of_one_size = urls.iter().filter(|url| wanted.images.contains(url));
                of_one_size.count()
            };
            let rank = (
                each().map(same).sum(),
                shown.iter().map(Vec::len).sum::<usize>(),
            );
            if exact.as_ref().is_none_or(|(best, _)| rank > *best) {
                exact = Some((rank, name));
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
    let values = elements.filter_map(|element| attribute_of(element, attributes));
    let mut urls: Vec<Url> = Vec::new();
    for url in values.filter_map(|value| resolve(&page.base, value)) {
        if !urls.contains(&url) {
            urls.push(url);
        }
    }
    urls
}

/// Whether no picture is shown for two products.
fn differ(shown: &[Vec<Url>]) -> bool {
    let mut seen = HashSet::new();
    let once: Vec<HashSet<&Url>> = shown.iter().map(|urls| urls.iter().collect()).collect();
    shown.len() > 1 && once.into_iter().flatten().all(|url| seen.insert(url))
}
