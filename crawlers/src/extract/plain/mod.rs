//! A product page read by how it is built: no structured data, no definition.
//!
//! Shops differ in markup, and agree in what a visitor must see: a heading,
//! near it the price asked, a button that buys, pictures, a word on stock.
//! [`scan`] walks through the page once and notes every place that may be one
//! of these with what it stands in; here the best of each is chosen. A wrong
//! price is worse than none: where two amounts are as likely, there is none,
//! and both are kept as candidates.

mod clues;
mod images;
mod names;
mod phrases;
mod scan;
mod spot;
mod title;
mod words;

use std::collections::BTreeMap;

use rust_decimal::Decimal;
use scraper::ElementRef;
use url::Url;

use super::document::Page;
use super::price::{self, Evidence};
use super::text::{bounded, text_of, tidy};
use crate::listing::{
    Availability, Candidate, Listing, MAX_CANDIDATES, MAX_DESCRIPTION, MAX_RAW, MAX_SHORT, Price,
    Provenance,
};
use clues::Clues;
use scan::{Scan, scan};
use spot::Spot;

/// How provenance names what was found by the page's structure.
pub(super) const SOURCE: &str = "page";
/// How much better than the next a price must be.
const MARGIN: f32 = 0.6;
/// How likely a price must be at least.
const LEAST: f32 = 2.0;
/// How long an unnamed paragraph must be to describe, in characters.
const MIN_PARAGRAPH: usize = 50;
/// Where no price stands.
const ELSEWHERE: Clues = Clues::RELATED
    .with(Clues::FRAME)
    .with(Clues::OLD)
    .with(Clues::OTHER)
    .with(Clues::REVIEW)
    .with(Clues::HIDDEN);

/// What was found, each with the text it was read from.
pub(super) struct Found {
    pub(super) price: Option<(Price, String)>,
    /// Prices that were not taken, the likeliest first.
    pub(super) other_prices: Vec<String>,
    availability: Option<(Availability, String)>,
    seller: Option<String>,
    title: Option<String>,
    images: Vec<Url>,
    brand: Option<String>,
    gtin: Option<String>,
    description: Option<String>,
    is_product: bool,
}

/// Reads a page, whatever it is.
pub(super) fn read(page: &Page, base: &Url) -> Found {
    let scan = scan(&page.dom);
    let heading = title::choose(page, &scan);
    let anchor = heading.as_ref().map_or(0, |heading| heading.order);
    let in_card = heading.as_ref().is_some_and(|heading| heading.in_card);
    let buttons: Vec<&scan::Button> = scan
        .buttons
        .iter()
        .filter(|button| {
            !button.clues.has(Clues::RELATED.with(Clues::FRAME))
                && (in_card || !button.clues.has(Clues::CARD))
        })
        .collect();
    let buy = buttons
        .iter()
        .find(|button| button.order > anchor)
        .or(buttons.last())
        .copied();
    let currency = only_currency(&scan);
    let evidence = Evidence {
        language: page.language.as_deref(),
        host: base.host_str(),
    };
    let (price, other_prices) =
        choose_price(&scan, anchor, buy, in_card, currency.as_deref(), &evidence);
    let place = price.as_ref().map_or(anchor, |(_, _, order)| *order);
    let availability = choose_availability(&scan, anchor, place, buy);
    let name = heading.as_ref().map(|heading| heading.text.clone());
    let images = images::of_product(
        &scan.pictures,
        name.as_deref().unwrap_or_default(),
        anchor,
        base,
    );
    let is_product = is_product(
        page,
        &scan,
        price.is_some(),
        buy.is_some(),
        availability.is_some(),
        heading.is_some(),
    );
    Found {
        price: price.map(|(price, raw, _)| (price, raw)),
        other_prices,
        availability,
        seller: words::labelled(&scan, phrases::SELLER_LABELS, Clues::SELLER),
        brand: words::labelled(&scan, words::BRAND, Clues::default()),
        gtin: words::labelled(&scan, words::GTIN, Clues::default())
            .filter(|text| text.chars().filter(char::is_ascii_digit).count() >= 8),
        description: description(&scan, anchor),
        title: name,
        images,
        is_product,
    }
}

/// The currency of the page's prices, if they all name the same.
fn only_currency(scan: &Scan<'_>) -> Option<String> {
    let mut codes = scan
        .spots
        .iter()
        .filter_map(|spot| spot.parsed.currency.as_deref());
    let first = codes.next()?;
    codes.all(|code| code == first).then(|| first.to_owned())
}

/// The price asked, its text and where it stands; and the others.
fn choose_price(
    scan: &Scan<'_>,
    anchor: usize,
    buy: Option<&scan::Button>,
    in_card: bool,
    currency: Option<&str>,
    evidence: &Evidence<'_>,
) -> (Option<(Price, String, usize)>, Vec<String>) {
    let elsewhere = if in_card {
        ELSEWHERE
    } else {
        ELSEWHERE.with(Clues::CARD)
    };
    let likely = |elsewhere: Clues| -> Vec<(&Spot, f32)> {
        let spots = scan.spots.iter().filter(|spot| !spot.clues.has(elsewhere));
        spots
            .map(|spot| (spot, likelihood(spot, anchor, buy)))
            .collect()
    };
    let mut spots = likely(elsewhere);
    // A "regular price" that is not struck out is the price, if it is alone.
    if !spots.iter().any(|(_, score)| *score >= LEAST) {
        spots = likely(elsewhere.without(Clues::OLD).with(Clues::STRUCK));
    }
    // Without tax only where nothing is said with it.
    if spots
        .iter()
        .any(|(spot, score)| !spot.clues.has(Clues::WITHOUT_TAX) && *score > 1.0)
    {
        spots.retain(|(spot, _)| !spot.clues.has(Clues::WITHOUT_TAX));
    }
    spots.sort_by(|a, b| b.1.total_cmp(&a.1));
    let rest = |taken: Option<Decimal>| {
        let near = spots.iter().map(|(spot, _)| *spot);
        let far = scan.spots.iter().filter(|spot| {
            spot.clues.has(Clues::OLD) && !spot.clues.has(Clues::RELATED.with(Clues::CARD))
        });
        let mut raws: Vec<String> = Vec::new();
        for spot in near.chain(far) {
            if spot.parsed.amount != taken && !raws.contains(&spot.raw) {
                raws.push(spot.raw.clone());
            }
        }
        raws.truncate(MAX_CANDIDATES);
        raws
    };
    let Some((best, score)) = spots.first() else {
        return (None, rest(None));
    };
    let second = spots
        .iter()
        .find(|(spot, _)| spot.parsed.amount != best.parsed.amount);
    if *score < LEAST || second.is_some_and(|(_, other)| score - other < MARGIN) {
        return (None, rest(None));
    }
    // The same amount elsewhere may name the currency that this place lacks.
    let with_sign = spots
        .iter()
        .map(|(spot, _)| *spot)
        .find(|spot| spot.parsed.amount == best.parsed.amount && spot.parsed.symbol.is_some());
    let shown = if best.parsed.symbol.is_some() {
        *best
    } else {
        with_sign.unwrap_or(best)
    };
    let parsed = price::parse_with(&shown.raw, evidence, None);
    let Some(amount) = parsed.amount else {
        return (None, rest(None));
    };
    let currency = parsed.currency.or_else(|| match &parsed.symbol {
        None => currency.map(str::to_owned),
        Some(symbol) => currency
            .filter(|code| super::currency::may_mean(symbol, code))
            .map(str::to_owned),
    });
    let price = Price { amount, currency };
    (
        Some((price, shown.raw.clone(), best.order)),
        rest(best.parsed.amount),
    )
}

fn likelihood(spot: &Spot, anchor: usize, buy: Option<&scan::Button>) -> f32 {
    let near = |distance: usize, reach: f32| (-(distance as f32) / reach).exp();
    let has = |clue, worth| if spot.clues.has(clue) { worth } else { 0.0 };
    let mut score = has(Clues::PRICE, 3.0) + has(Clues::CURRENT, 1.5)
        - has(Clues::DESCRIPTION, 3.0)
        - has(Clues::WITHOUT_TAX, 1.5);
    score += if spot.parsed.symbol.is_some() {
        1.5
    } else {
        0.0
    };
    score += if spot.is_emphasised { 0.5 } else { 0.0 };
    score -= if spot.in_link { 2.0 } else { 0.0 };
    // A price within a sentence is one it speaks of.
    score -= if !spot.clues.has(Clues::PRICE) && spot.is_spoken_of() {
        3.0
    } else {
        0.0
    };
    score -= if spot.raw.chars().filter(|c| c.is_alphabetic()).count() > 20 {
        1.5
    } else {
        0.0
    };
    score -= if spot.parsed.amount.is_some_and(|amount| amount.is_zero()) {
        2.0
    } else {
        0.0
    };
    if spot.order >= anchor {
        score += 3.0 * near(spot.order - anchor, 120.0);
    } else {
        score += 2.0 * near(anchor - spot.order, 20.0) - 0.5;
    }
    if let Some(buy) = buy {
        let (distance, reach) = if buy.order >= spot.order {
            (buy.order - spot.order, 60.0)
        } else {
            (spot.order - buy.order, 30.0)
        };
        score += 2.0 * near(distance, reach);
    }
    score
}

/// What is said of stock nearest to the price; else what the button says.
fn choose_availability(
    scan: &Scan<'_>,
    anchor: usize,
    place: usize,
    buy: Option<&scan::Button>,
) -> Option<(Availability, String)> {
    let elsewhere = Clues::RELATED
        .with(Clues::FRAME)
        .with(Clues::CARD)
        .with(Clues::REVIEW)
        .with(Clues::HIDDEN)
        .with(Clues::DESCRIPTION)
        .with(Clues::CHOICE);
    let lines = scan
        .lines
        .iter()
        .filter(|line| !line.clues.has(elsewhere) && line.text.chars().count() <= 100);
    let mut best: Option<(i64, Availability, &str)> = None;
    for line in lines {
        let named = line.clues.has(Clues::STOCK);
        let distance = line.order.abs_diff(place).min(line.order.abs_diff(anchor)) as i64;
        if !named && (!line.is_leaf && line.text.chars().count() > 60 || distance > 120) {
            continue;
        }
        if !named && !words::speaks_of_stock(&line.text) {
            continue;
        }
        let Some(meaning) = super::availability::parse(&line.text) else {
            continue;
        };
        let score =
            i64::from(named) * 100 - distance.min(200) - line.text.chars().count() as i64 / 10;
        if best.as_ref().is_none_or(|(known, _, _)| score > *known) {
            best = Some((score, meaning, &line.text));
        }
    }
    if let Some((_, meaning, text)) = best {
        return Some((meaning, text.to_owned()));
    }
    let button = buy?;
    match super::availability::parse(&button.text) {
        Some(meaning) => Some((meaning, button.text.clone())),
        None if clues::is_buying(&button.text) && !button.disabled => {
            Some((Availability::InStock, button.text.clone()))
        }
        None => None,
    }
}

/// Whether a page is that of one product: what speaks for it is counted.
fn is_product(
    page: &Page,
    scan: &Scan<'_>,
    price: bool,
    buy: bool,
    stock: bool,
    heading: bool,
) -> bool {
    let kind = page.meta("og:type").join(" ").to_ascii_lowercase();
    let mut score = 0;
    score += if price { 2 } else { 0 };
    let is_named =
        |spot: &Spot| spot.clues.has(Clues::PRICE) && !spot.clues.has(ELSEWHERE.with(Clues::CARD));
    score += if price && scan.spots.iter().any(is_named) {
        1
    } else {
        0
    };
    score += if buy { 2 } else { 0 };
    score += if scan.asks_quantity { 1 } else { 0 };
    score += if stock { 1 } else { 0 };
    score += if scan.is_named_product { 1 } else { 0 };
    score += if kind.contains("product") { 2 } else { 0 };
    score += if words::labelled(scan, words::NUMBER, Clues::default()).is_some() {
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

/// The longest text that is called a description; else the paragraph behind
/// the heading, if it is more than a note.
fn description(scan: &Scan<'_>, anchor: usize) -> Option<String> {
    let text = |element: &ElementRef<'_>| tidy(&text_of(*element), MAX_DESCRIPTION);
    let length = |text: &String| text.chars().count();
    let called = scan.descriptions.iter().map(text);
    called
        .filter(|text| length(text) > 20)
        .max_by_key(length)
        .or_else(|| {
            let near = |order: usize| order >= anchor && order - anchor <= 150;
            let behind = scan.paragraphs.iter().filter(|(order, _)| near(*order));
            behind
                .map(|(_, element)| text(element))
                .find(|text| length(text) >= MIN_PARAGRAPH)
        })
}

impl Found {
    /// The page as a listing, if it is that of a product.
    pub(super) fn into_listing(self, url: &Url) -> Option<Listing> {
        if !self.is_product {
            return None;
        }
        let title = self.title.clone()?;
        let mut listing = Listing {
            item_id: bounded(url.as_str(), MAX_SHORT),
            url: url.clone(),
            title: title.clone(),
            description: None,
            price: None,
            seller: None,
            location: None,
            images: Vec::new(),
            availability: None,
            brand: None,
            gtin: None,
            mpn: None,
            condition: None,
            provenance: BTreeMap::new(),
        };
        listing
            .provenance
            .insert("title".to_owned(), noted(&title, &[]));
        self.fill(&mut listing);
        Some(listing)
    }

    /// Adds to a listing what it lacks.
    pub(super) fn fill(self, listing: &mut Listing) {
        let notes = &mut listing.provenance;
        let mut note = |field: &str, raw: &str, others: &[String]| {
            notes.insert(field.to_owned(), noted(raw, others));
        };
        if listing.price.is_none() {
            match self.price {
                Some((price, raw)) => {
                    note("price", &raw, &self.other_prices);
                    if price.currency.is_some() {
                        note("currency", &raw, &[]);
                    }
                    listing.price = Some(price);
                }
                // Not decided; the candidates are for a person to look at.
                None if !self.other_prices.is_empty() => note("price", "", &self.other_prices),
                None => {}
            }
        }
        if listing.images.is_empty() && !self.images.is_empty() {
            note("images", self.images[0].as_str(), &[]);
            listing.images = self.images;
        }
        if listing.availability.is_none()
            && let Some((availability, raw)) = self.availability
        {
            note("availability", &raw, &[]);
            listing.availability = Some(availability);
        }
        for (field, into, value, limit) in [
            ("seller", &mut listing.seller, self.seller, MAX_SHORT),
            ("brand", &mut listing.brand, self.brand, MAX_SHORT),
            (
                "description",
                &mut listing.description,
                self.description,
                MAX_DESCRIPTION,
            ),
        ] {
            if into.is_none()
                && let Some(value) = value
            {
                note(field, &value, &[]);
                *into = Some(tidy(&value, limit));
            }
        }
        if listing.gtin.is_none()
            && let Some(raw) = self.gtin
        {
            note("gtin", &raw, &[]);
            listing.gtin = super::assemble::gtin(&raw);
        }
    }
}

fn noted(raw: &str, others: &[String]) -> Provenance {
    let candidate = |raw: &String| Candidate {
        source: SOURCE.to_owned(),
        raw: bounded(raw, MAX_RAW),
    };
    Provenance {
        source: SOURCE.to_owned(),
        raw: bounded(raw, MAX_RAW),
        candidates: others.iter().map(candidate).collect(),
        conflict: raw.is_empty(),
    }
}

#[cfg(test)]
mod tests;
