//! Whether a page is that of one product: what speaks for it is counted.

use scraper::ElementRef;
use url::Url;

use super::asked::ELSEWHERE;
use super::clues::{self, Clues};
use super::scan::{self, Heading, NOT_READ, Scan};
use super::spot::Spot;
use super::title::{self, Title};
use super::{labels, ways, words};
use crate::extract::document::Page;
use crate::extract::structured::squeezed;
use crate::listing::Availability;

/// Whether a price follows at once on the heading that the page is named after: nothing
/// that leads on and no other heading stands between them.
fn price_follows(scan: &Scan<'_>, price: usize, heading: &Title) -> bool {
    const MOST_WITHIN: usize = 60;
    const MOST_BETWEEN: usize = 15;
    const MOST_LETTERS: usize = 12;
    let Some(element) = scan.headings.iter().find(|h| h.order == heading.order) else {
        return false;
    };
    let within = element.element.descendants().take(MOST_WITHIN);
    let within = within.filter(|node| node.value().is_element()).count();
    // The heading is among its own descendants.
    let between = heading.order + within..price;
    if between.len() > MOST_BETWEEN || !scan.names.contains(&squeezed(&heading.text)) {
        return false;
    }
    let is_between = |order: usize| between.contains(&order);
    // In a sentence it may be of anything.
    let letters = |text: &str| text.chars().filter(|c| c.is_alphabetic()).count();
    let is_set_off = |spot: &Spot| {
        spot.order == price && !spot.in_link && !spot.in_prose && letters(&spot.raw) <= MOST_LETTERS
    };
    price > heading.order
        && scan.spots.iter().any(is_set_off)
        && !scan.headings.iter().any(|other| is_between(other.order))
        && !scan.links.iter().any(|link| is_between(*link))
}

/// Whether a page is one of several of a list, with a single product on it: the heading above
/// the price is that of another page, and numbers lead to the others of the list.
fn lists_one(page: &Page, scan: &Scan<'_>, url: &Url, price: usize, title: &Title) -> bool {
    let is_between = |heading: &&Heading<'_>| {
        let elsewhere = NOT_READ.with(Clues::REVIEW).with(Clues::HIDDEN);
        (title.order + 1..price).contains(&heading.order) && !heading.clues.has(elsewhere)
    };
    let nearest = scan.headings.iter().filter(is_between);
    let nearest = nearest.max_by_key(|heading| heading.order);
    let is_of_another = nearest.is_some_and(|heading| {
        title::leads_elsewhere(heading, url)
            && title::link_of(heading).is_some_and(ways::leads_elsewhere)
    });
    is_of_another && is_numbered(page, url)
}

/// Whether a link with nothing but a number on it leads to another page.
fn is_numbered(page: &Page, url: &Url) -> bool {
    const MOST_DIGITS: usize = 3;
    let elements = page.dom.tree.root().descendants();
    let mut links = elements
        .filter_map(ElementRef::wrap)
        .filter(|element| element.value().name() == "a");
    links.any(|link| {
        let text: String = link.text().take(3).collect();
        let text = text.trim();
        let is_number =
            (1..=MOST_DIGITS).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
        let to = link.attr("href").filter(|_| is_number);
        let to = to.filter(|href| ways::leads_elsewhere(href));
        to.and_then(|href| url.join(href).ok())
            .is_some_and(|to| to.host_str() == url.host_str() && to != *url)
    })
}

/// Whether a page shows several products and nothing of one of its own: an amount beside them is
/// that of what narrows the list.
pub(super) fn is_list(scan: &Scan<'_>, buy: bool, has_stock: bool, has_pictures: bool) -> bool {
    const FEWEST: usize = 2;
    let has_own = buy || has_stock || has_pictures || scan.contacts || scan.bids;
    scan.cards >= FEWEST && !has_own
}

/// Whether a page is that of one product: what speaks for it is counted.
pub(super) fn is_product(
    page: &Page,
    scan: &Scan<'_>,
    url: &Url,
    price: Option<usize>,
    buy: bool,
    stock: Option<Availability>,
    heading: Option<&Title>,
) -> bool {
    if heading.is_some_and(|heading| clues::is_cart_heading(&heading.text)) {
        return false;
    }
    let named = price.zip(heading);
    if named.is_some_and(|(price, heading)| lists_one(page, scan, url, price, heading)) {
        return false;
    }
    let follows = named.is_some_and(|(price, heading)| price_follows(scan, price, heading));
    let (price, heading) = (price.is_some(), heading.is_some());
    let kind = page.meta("og:type").join(" ").to_ascii_lowercase();
    let mut score = 0;
    score += if price { 2 } else { 0 };
    score += if follows { 2 } else { 0 };
    let is_named =
        |spot: &Spot| spot.clues.has(Clues::PRICE) && !spot.clues.has(ELSEWHERE.with(Clues::CARD));
    score += if price && scan.spots.iter().any(is_named) {
        1
    } else {
        0
    };
    score += if buy { 2 } else { 0 };
    // Many buttons that buy, and no price of one's own: a list.
    let elsewhere = Clues::RELATED.with(Clues::FRAME).with(Clues::CARD);
    let buys = |button: &&scan::Button| button.buys && !button.clues.has(elsewhere);
    score -= if !price && scan.buttons.iter().filter(buys).count() >= 3 {
        3
    } else {
        0
    };
    score += if scan.asks_quantity { 1 } else { 0 };
    score += if stock.is_some() { 1 } else { 0 };
    // What is sold out has nothing that buys it.
    let is_sold_out = matches!(
        stock,
        Some(Availability::OutOfStock | Availability::Discontinued)
    );
    score += if price && !buy && is_sold_out { 2 } else { 0 };
    // On a page of an advertisement one writes or bids to who sells.
    if scan.contacts {
        let is_asked = |spot: &Spot| !spot.clues.has(Clues::RELATED.with(Clues::CARD));
        let names_seller =
            words::labelled(scan, labels::SELLER_LABELS, Clues::SELLER, |_| true).is_some();
        score += if scan.spots.iter().any(is_asked) {
            3
        } else {
            0
        };
        score += if names_seller { 1 } else { 0 };
    }
    // What is bid for has a page of its own, and often names nobody.
    score += if scan.bids && !scan.spots.is_empty() {
        4
    } else {
        0
    };
    score += if scan.is_named_product { 1 } else { 0 };
    score += if kind.contains("product") { 2 } else { 0 };
    score += if words::labelled(scan, words::NUMBER, Clues::NONE, |_| true).is_some() {
        1
    } else {
        0
    };
    score -= if kind.contains("article") || kind.contains("blog") {
        2
    } else {
        0
    };
    score -= if scan.cards >= 6 && !(buy && price) {
        3
    } else {
        0
    };
    heading && score >= 4
}
