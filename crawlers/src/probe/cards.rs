//! Boxes of products in lists, told by how they are built: several alike, each with a
//! price and a picture that leads on, or in lists without pictures a name that does. Where
//! products' addresses are like all others, only these tell which links lead to products.

use std::collections::{HashMap, HashSet};

use scraper::ElementRef;
use url::Url;

use super::page::{Page, all};
use crate::discover::canonical::resolve;
use crate::discover::deeds::does_something;
use crate::extract::{price, text_of};

/// The longest text looked at as a price.
const LONGEST: usize = 40;
/// The most prices of a page that are looked at.
const MAX_PRICES: usize = 1_000;
/// The most elements around a price that may be the box of one product.
const MAX_AROUND: usize = 8;
/// So many boxes that are alike are a list.
const LEAST: usize = 2;

/// Where the boxes of a page lead, each address once.
pub(super) fn of(page: &Page) -> Vec<Url> {
    let mut seen = HashSet::new();
    let urls = groups(page).into_iter().flatten();
    urls.filter(|url| seen.insert(url.clone())).collect()
}

/// The same by how the boxes are built, the most that are alike first: a list has others
/// than the columns beside it.
pub(super) fn groups(page: &Page) -> Vec<Vec<Url>> {
    let elements = all(page, "body *");
    let prices = elements.iter().copied().filter(|e| is_price(*e));
    let prices: Vec<ElementRef<'_>> = prices.take(MAX_PRICES).collect();
    let pictured = boxes(page, &elements, &prices, true);
    match pictured.is_empty() {
        true => boxes(page, &elements, &prices, false),
        false => pictured,
    }
}

fn boxes(
    page: &Page,
    elements: &[ElementRef<'_>],
    prices: &[ElementRef<'_>],
    by_picture: bool,
) -> Vec<Vec<Url>> {
    let priced = prices
        .iter()
        .filter_map(|price| box_around(page, *price, by_picture));
    let mut alike: HashMap<String, Vec<Url>> = HashMap::new();
    for (name, url) in priced {
        add(alike.entry(name).or_default(), url);
    }
    alike.retain(|_, urls| urls.len() >= LEAST);
    // What is sold out may show no price.
    for element in elements {
        if let Some(urls) = alike.get_mut(&name_of(*element)) {
            let leads_to = leads_to(page, *element, by_picture);
            if let [url] = &leads_to[..] {
                add(urls, url.clone());
            }
        }
    }
    let mut groups: Vec<Vec<Url>> = alike.into_values().collect();
    groups.sort_by(|a, b| b.len().cmp(&a.len()).then_with(|| a.cmp(b)));
    groups
}

fn add(urls: &mut Vec<Url>, url: Url) {
    if !urls.contains(&url) {
        urls.push(url);
    }
}

/// Whether an element holds an amount of money and little else.
fn is_price(element: ElementRef<'_>) -> bool {
    // Most elements are longer, or have no digit: they need not be put together.
    let mut length = 0;
    let mut has_digit = false;
    for text in element.text() {
        length += text.trim().len();
        has_digit |= text.contains(|c: char| c.is_numeric());
        if length > LONGEST {
            return false;
        }
    }
    if !has_digit {
        return false;
    }
    // A sign is enough: `$` may be the dollar of many countries.
    let price = price::parse(&text_of(element), None, None);
    price.amount.is_some() && (price.currency.is_some() || price.symbol.is_some())
}

/// The name of the smallest element around a price in which a picture, or any link, leads
/// to a page, and that page; none where they lead to several.
fn box_around(page: &Page, price: ElementRef<'_>, by_picture: bool) -> Option<(String, Url)> {
    let around = price.ancestors().filter_map(ElementRef::wrap);
    let (element, mut urls) = around.take(MAX_AROUND).find_map(|element| {
        let urls = leads_to(page, element, by_picture);
        (!urls.is_empty()).then_some((element, urls))
    })?;
    let url = urls.pop()?;
    urls.is_empty().then(|| (name_of(element), url))
}

fn name_of(element: ElementRef<'_>) -> String {
    let classes: Vec<&str> = element.value().classes().collect();
    format!("{} {}", element.value().name(), classes.join(" "))
}

/// The pages of this shop that an element leads to, at most two.
fn leads_to(page: &Page, element: ElementRef<'_>, by_picture: bool) -> Vec<Url> {
    let mut urls: Vec<Url> = Vec::new();
    for link in element.descendants().filter_map(ElementRef::wrap) {
        let is_link = link.value().name() == "a" && (!by_picture || holds_picture(link));
        let href = link.attr("href").filter(|_| is_link);
        let leads_on = |url: &Url| {
            url.origin() == page.url.origin() && *url != page.url && !does_something(url)
        };
        if let Some(url) = href
            .and_then(|href| resolve(&page.base, href))
            .filter(leads_on)
            && !urls.contains(&url)
        {
            urls.push(url);
        }
        if urls.len() > 1 {
            break;
        }
    }
    urls
}

fn holds_picture(link: ElementRef<'_>) -> bool {
    let mut inside = link.descendants().filter_map(ElementRef::wrap);
    inside.any(|element| element.value().name() == "img")
}
