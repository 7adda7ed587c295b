//! A product page read by how it is built: no structured data, no definition.
//!
//! Shops differ in markup, and agree in what a visitor must see: a heading,
//! near it the price asked, a button that buys, pictures, a word on stock.
//! [`scan`] walks through the page once and notes every place that may be one
//! of these with what it stands in; here the best of each is chosen. A wrong
//! price is worse than none: where two amounts are as likely, there is none,
//! and both are kept as candidates.

mod around;
mod article;
mod asked;
mod bare;
mod body;
mod called;
mod choices;
mod chooser;
mod clues;
mod complete;
mod counts;
mod currency;
mod description;
mod former;
mod frame;
mod gallery;
mod images;
mod judge;
mod labels;
mod maker;
mod names;
mod nesting;
mod noscript;
mod notes;
mod offered;
mod own;
mod parts;
mod phrases;
mod pictured;
mod pieces;
mod prose;
mod scan;
mod shop;
mod spot;
mod stock;
mod tables;
mod texts;
mod title;
mod verdict;
mod ways;
mod words;

use std::collections::BTreeMap;

use url::Url;

use super::document::Page;
use super::price::Evidence;
use super::text::{bounded, tidy};
use crate::definition::schema::Shown;
use crate::listing::{
    Availability, Candidate, Listing, MAX_DESCRIPTION, MAX_RAW, MAX_SHORT, Price, Provenance,
};
use clues::Clues;
pub(super) use description::without_first_heading;
pub(super) use former::asked_text_of;
use scan::walk;
pub(crate) use title::without_number;

/// How provenance names what was found by the page's structure.
pub(super) const SOURCE: &str = "page";
/// What was found, each with the text it was read from.
pub(super) struct Found {
    pub(super) price: Option<(Price, String)>,
    /// Prices that were not taken, the likeliest first.
    pub(super) other_prices: Vec<String>,
    availability: Option<(Availability, String)>,
    seller: Option<String>,
    title: Option<String>,
    pub(super) images: Vec<Url>,
    /// The addresses of these in all sizes that the page names.
    image_forms: Vec<Url>,
    brand: Option<String>,
    gtin: Option<String>,
    mpn: Option<String>,
    description: Option<String>,
    is_product: bool,
    /// What was said elsewhere of fields that are filled in.
    beaten: BTreeMap<String, Vec<Candidate>>,
}

/// Reads a page, whatever it is: that at `url`, its links relative to `base`.
pub(super) fn read(page: &Page, base: &Url, url: &Url) -> Found {
    let evidence = Evidence {
        language: page.language.as_deref(),
        host: base.host_str(),
    };
    let mut scan = walk(page, true);
    let mut heading = title::choose(page, &scan, url, &evidence);
    // The page's own box is called one of many.
    if heading.as_ref().is_some_and(|heading| heading.in_card) {
        scan = walk(page, false);
        heading = title::choose(page, &scan, url, &evidence);
    }
    let anchor = heading.as_ref().map_or(0, |heading| heading.order);
    let in_card = heading.as_ref().is_some_and(|heading| heading.in_card);
    let mut buttons: Vec<&scan::Button> = scan
        .buttons
        .iter()
        .filter(|button| {
            !button.clues.has(Clues::RELATED.with(Clues::FRAME))
                && (in_card || !button.clues.has(Clues::CARD))
        })
        .collect();
    // Of the buttons for what is there and what is not, scripts show one.
    let is_shown = |button: &&scan::Button| !button.clues.has(Clues::HIDDEN);
    if buttons.iter().any(is_shown) {
        buttons.retain(is_shown);
    }
    let buy = buttons
        .iter()
        .find(|button| button.order > anchor)
        .or(buttons.last())
        .copied();
    let currency = asked::only_currency(&scan);
    let (price, other_prices) =
        asked::choose(&scan, anchor, buy, in_card, currency.as_deref(), &evidence);
    let place = price.as_ref().map_or(anchor, |(_, _, order)| *order);
    let in_description = heading
        .as_ref()
        .is_some_and(|heading| heading.in_description);
    let availability = stock::choose(&scan, anchor, place, buy, in_description);
    let name = heading.as_ref().map(|heading| heading.text.clone());
    let pictured = pictured::of_product(
        &scan.pictures,
        name.as_deref().unwrap_or_default(),
        anchor,
        (base, url),
    );
    let is_list = verdict::is_list(
        &scan,
        buy.is_some(),
        availability.is_some(),
        !pictured.urls.is_empty(),
    );
    let is_product = !is_list
        && verdict::is_product(
            page,
            &scan,
            url,
            price.as_ref().map(|(_, _, order)| *order),
            buy.is_some(),
            availability.as_ref().map(|(meaning, _)| *meaning),
            heading.as_ref(),
        );
    Found {
        price: price.map(|(mut price, raw, _)| {
            currency::settle(&mut price, &raw, page);
            (price, raw)
        }),
        other_prices,
        availability,
        seller: words::labelled(&scan, labels::SELLER_LABELS, Clues::SELLER, |_| true),
        brand: maker::choose(&scan, heading.as_ref()),
        gtin: words::labelled(&scan, article::GTIN, Clues::NONE, words::is_gtin),
        mpn: number_of(&scan, heading.as_ref()),
        description: description::choose(page, &scan, heading.as_ref()),
        title: name,
        images: pictured.urls,
        image_forms: pictured.forms,
        is_product,
        beaten: BTreeMap::new(),
    }
}

/// The article's number by its label, or within the heading, else that under which the shop
/// counts it.
fn number_of(scan: &scan::Scan<'_>, heading: Option<&title::Title>) -> Option<String> {
    let labelled = |labels: &[&str]| words::labelled(scan, labels, Clues::NONE, words::is_number);
    let given = article::NUMBER
        .iter()
        .filter(|label| !article::COUNTED.contains(label));
    let given: Vec<&str> = given.copied().collect();
    let number = labelled(&given).or_else(|| heading?.number.clone());
    number.or_else(|| labelled(&article::COUNTED))
}

impl Found {
    /// What the page's product is called, if the page is that of one.
    pub(super) fn product(&self) -> Option<&str> {
        self.title().filter(|_| self.is_product)
    }

    /// What the page is about, whatever it is.
    pub(super) fn title(&self) -> Option<&str> {
        self.title.as_deref()
    }

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
            seller_since: None,
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

    /// What was found, of these fields alone.
    pub(super) fn only(self, has: impl Fn(Shown) -> bool) -> Self {
        let (price, other_prices) = match has(Shown::Price) {
            true => (self.price, self.other_prices),
            false => (None, Vec::new()),
        };
        Self {
            price,
            other_prices,
            availability: self.availability.filter(|_| has(Shown::Availability)),
            seller: self.seller.filter(|_| has(Shown::Seller)),
            images: match has(Shown::Images) {
                true => self.images,
                false => Vec::new(),
            },
            image_forms: self.image_forms,
            brand: self.brand.filter(|_| has(Shown::Brand)),
            gtin: self.gtin.filter(|_| has(Shown::Gtin)),
            mpn: self.mpn.filter(|_| has(Shown::Mpn)),
            description: self.description.filter(|_| has(Shown::Description)),
            title: self.title,
            is_product: self.is_product,
            beaten: self.beaten,
        }
    }

    /// Adds to a listing what it lacks.
    pub(super) fn fill(self, listing: &mut Listing) {
        let notes = &mut listing.provenance;
        let mut beaten = self.beaten;
        let mut note = |field: &str, raw: &str, others: &[String]| {
            let mut noted = noted(raw, others);
            noted
                .candidates
                .extend(beaten.remove(field).into_iter().flatten());
            notes.insert(field.to_owned(), noted);
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
            ("mpn", &mut listing.mpn, self.mpn, MAX_SHORT),
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
