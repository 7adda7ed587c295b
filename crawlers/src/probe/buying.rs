//! The control that buys, which says by itself that a product can be had.

use scraper::{ElementRef, Selector};

use super::names::names_of_all;
use super::page::{Page, Product, all};
use super::places::{Place, USABLE};
use super::selectors::MAX_ELEMENTS;
use super::stock;
use crate::extract::{availability, text_of, tidy};
use crate::listing::Availability;

/// The control that buys, where the samples are in stock by it alone.
pub(super) fn of_buying(products: &[Product]) -> Option<Place> {
    let wanted: Vec<(&Page, &str)> = products
        .iter()
        .filter_map(|product| {
            let from = product.listing.provenance.get("availability")?;
            let by_control = from.source == "page" && availability::parse(&from.raw).is_none();
            by_control.then_some((&product.page, &*from.raw))
        })
        .collect();
    let (page, raw) = wanted.first()?;
    [("button, a", None), ("input", Some("value"))]
        .into_iter()
        .find_map(|(tags, attribute)| {
            let text = |element: ElementRef<'_>| match attribute {
                Some(name) => tidy(element.attr(name).unwrap_or_default(), 200),
                None => text_of(element),
            };
            // What a control says may be followed by what it says when pointed at.
            let says = |element: ElementRef<'_>, raw: &str| {
                let (own, raw) = (text(element), tidy(raw, 200));
                let title = tidy(element.attr("title").unwrap_or_default(), 200);
                own == raw || (!own.is_empty() && raw == format!("{own} {title}"))
            };
            let controls = all(page, tags).into_iter();
            let controls = controls.filter(|element| says(*element, raw));
            let css = names_of_all(controls.take(MAX_ELEMENTS))
                .into_iter()
                .filter_map(|name| shown_to_buy(name + USABLE, products))
                .find(|name| {
                    let Ok(selector) = Selector::parse(name) else {
                        return false;
                    };
                    wanted.iter().all(|(page, raw)| {
                        let found = page.document.dom.select(&selector).next();
                        found.is_some_and(|element| says(element, raw))
                    })
                })?;
            let selector = Selector::parse(&css).ok()?;
            let mut words: Vec<String> = Vec::new();
            for (page, _) in &wanted {
                let said = page.document.dom.select(&selector).next().map(text);
                words.extend(said.filter(|word| !words.contains(word)));
            }
            Some(Place::Buying {
                css,
                attribute,
                words,
            })
        })
}

/// The name of a control that buys, without those that are hidden on samples that cannot be
/// had; none where it is shown there.
fn shown_to_buy(name: String, products: &[Product]) -> Option<String> {
    let mut name = name;
    let cannot_be_had =
        |product: &&Product| product.listing.availability == Some(Availability::OutOfStock);
    for product in products.iter().filter(cannot_be_had) {
        let selector = Selector::parse(&name).ok()?;
        if let Some(control) = product.page.document.dom.select(&selector).next() {
            let class = stock::hiding_class(control)?;
            name = format!("{name}:not(.{class})");
        }
    }
    Some(name)
}
