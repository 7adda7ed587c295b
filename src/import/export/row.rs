//! One row of an export as a listing.

use markhound_crawlers::price::{self, Evidence};
use markhound_crawlers::{Availability, Definition, Listing, Price, Provenance, since};
use serde_json::Value;
use url::Url;

use super::TABLE;
use crate::catalog::RowError;
use crate::catalog::fields::{Cell, RawRow};
use crate::import::read::qualified;

/// The longest title, in characters; as the crawlers keep it.
const MAX_TITLE: usize = 500;
/// The longest description, in characters.
const MAX_DESCRIPTION: usize = 20_000;
/// The longest of every other text, in characters.
const MAX_SHORT: usize = 300;
/// The most pictures of a listing.
const MAX_IMAGES: usize = 40;
/// The longest address, in bytes.
const MAX_URL: usize = 4096;
/// The longest raw text kept as provenance, in characters.
const MAX_RAW: usize = 1_000;

/// Reads one row.
pub(super) struct Reader<'a> {
    pub(super) row: &'a RawRow,
    pub(super) errors: &'a mut Vec<RowError>,
}

impl Reader<'_> {
    pub(super) fn listing(
        &mut self,
        base: Option<&Url>,
        definition: Option<&Definition>,
    ) -> Option<Listing> {
        let Some(title) = self.text("title", MAX_TITLE) else {
            self.fail("title", "is empty, and it is required");
            return None;
        };
        let url = self.url(base)?;
        let id = self.text("item_id", MAX_SHORT);
        let item_id = match (id, definition) {
            (Some(id), Some(_)) => id,
            (None, Some(definition)) => definition
                .id_in(&url)
                .unwrap_or_else(|| bounded(url.as_str(), MAX_SHORT)),
            (Some(id), None) => qualified(&url, &id),
            (None, None) => bounded(url.as_str(), MAX_SHORT),
        };
        Some(Listing {
            item_id,
            price: self.price(&url),
            images: self.images(&url),
            description: self.text("description", MAX_DESCRIPTION),
            seller: self.text("seller", MAX_SHORT),
            seller_since: self
                .text("seller_since", MAX_SHORT)
                .and_then(|text| since::parse(&text)),
            location: self.text("location", MAX_SHORT),
            availability: self.availability(),
            brand: self.text("brand", MAX_SHORT),
            gtin: self.text("gtin", MAX_SHORT),
            mpn: self.text("mpn", MAX_SHORT),
            condition: self.text("condition", MAX_SHORT),
            provenance: self.provenance(),
            url,
            title,
        })
    }

    pub(super) fn fail(&mut self, column: &str, reason: &str) {
        let name = self.row.cells.get(TABLE.name).and_then(|cell| match cell {
            Cell::Text(text) | Cell::Number(text) => Some(bounded(text.trim(), 60)),
            Cell::Json(_) => None,
        });
        self.errors.push(RowError {
            line: self.row.line,
            unit: self.row.unit,
            column: Some(column.to_owned()),
            sku: name.filter(|name| !name.is_empty()),
            reason: reason.to_owned(),
        });
    }

    fn text(&self, column: &str, longest: usize) -> Option<String> {
        let text = match self.row.cells.get(column)? {
            Cell::Text(text) | Cell::Number(text) => text.split_whitespace(),
            Cell::Json(_) => return None,
        };
        let text = text.collect::<Vec<_>>().join(" ");
        (!text.is_empty()).then(|| bounded(&text, longest))
    }

    fn url(&mut self, base: Option<&Url>) -> Option<Url> {
        let text = self.text("url", MAX_URL);
        let Some(text) = text else {
            self.fail("url", "is empty, and it is required");
            return None;
        };
        let url = match base {
            Some(base) => base.join(&text),
            None => Url::parse(&text),
        };
        let url = url.ok().filter(is_web);
        if url.is_none() {
            self.fail(
                "url",
                "is no http or https address; give what it is relative to with --url",
            );
        }
        url
    }

    /// The price; one that cannot be read is listed, and the listing has none.
    fn price(&mut self, url: &Url) -> Option<Price> {
        let stated = self.text("currency", MAX_SHORT);
        let (text, exact, own) = match self.row.cells.get("price")? {
            Cell::Number(text) => (text.clone(), true, None),
            Cell::Text(_) => (self.text("price", MAX_SHORT)?, false, None),
            // As a `Listing` has it.
            Cell::Json(value) => {
                let part = |name: &str| match &value[name] {
                    Value::String(text) => Some(text.clone()),
                    Value::Number(number) => Some(number.to_string()),
                    _ => None,
                };
                (part("amount").unwrap_or_default(), true, part("currency"))
            }
        };
        let stated = own.or(stated);
        let evidence = Evidence {
            language: None,
            host: url.host_str(),
        };
        let currency = stated.as_deref().and_then(currency);
        let exact = exact.then(|| text.parse().ok()).flatten();
        let written = match &currency {
            Some(code) if exact.is_none() && !text.contains(char::is_alphabetic) => {
                format!("{text} {code}")
            }
            _ => text.clone(),
        };
        let parsed = price::parse_with(&written, &evidence, None);
        let Some(amount) = exact.or(parsed.amount) else {
            let why =
                format!("no price can be read from {text:?}; the listing is kept without one");
            self.fail("price", &why);
            return None;
        };
        Some(Price {
            amount,
            currency: currency.or(parsed.currency),
        })
    }

    fn images(&mut self, page: &Url) -> Vec<Url> {
        let written: Vec<String> = match self.row.cells.get("images") {
            None => Vec::new(),
            Some(Cell::Json(Value::Array(items))) => items.iter().filter_map(image).collect(),
            Some(Cell::Json(other)) => image(other).into_iter().collect(),
            Some(Cell::Text(text) | Cell::Number(text)) => {
                match serde_json::from_str::<Vec<Value>>(text) {
                    Ok(items) => items.iter().filter_map(image).collect(),
                    Err(_) => text
                        .split(|c: char| matches!(c, ';' | '|') || c.is_whitespace())
                        .map(str::to_owned)
                        .collect(),
                }
            }
        };
        let mut images = Vec::new();
        for text in written
            .iter()
            .filter(|text| !text.trim().is_empty())
            .take(MAX_IMAGES)
        {
            let short_enough = text.len() <= MAX_URL;
            match page
                .join(text.trim())
                .ok()
                .filter(|url| short_enough && is_web(url))
            {
                Some(url) if images.contains(&url) => {}
                Some(url) => images.push(url),
                None => {
                    let why = format!("{:?} is no picture's address", bounded(text, 60));
                    self.fail("images", &why);
                }
            }
        }
        images
    }

    fn availability(&self) -> Option<Availability> {
        let text = self.text("availability", MAX_SHORT)?;
        serde_json::from_value(Value::String(text)).ok()
    }

    /// Each column is its own witness.
    fn provenance(&self) -> std::collections::BTreeMap<String, Provenance> {
        let cells = self.row.cells.iter();
        cells
            .map(|(column, cell)| {
                let raw = match cell {
                    Cell::Text(text) | Cell::Number(text) => bounded(text, MAX_RAW),
                    Cell::Json(value) => bounded(&value.to_string(), MAX_RAW),
                };
                let provenance = Provenance {
                    source: "export".to_owned(),
                    raw,
                    candidates: Vec::new(),
                    conflict: false,
                };
                ((*column).to_owned(), provenance)
            })
            .filter(|(column, _)| column != "provenance" && column != "event")
            .collect()
    }
}

/// A picture in a JSON list: its address, or an object that has it.
fn image(value: &Value) -> Option<String> {
    let named = || value.get("url").or_else(|| value.get("src"));
    let text = value.as_str().or_else(|| named()?.as_str());
    text.map(str::to_owned)
}

/// A code of three letters, or what a sign can only mean.
fn currency(text: &str) -> Option<String> {
    let is_code = text.len() == 3 && text.bytes().all(|b| b.is_ascii_alphabetic());
    match is_code {
        true => Some(text.to_ascii_uppercase()),
        false => price::parse(&format!("1 {text}"), None, None).currency,
    }
}

fn is_web(url: &Url) -> bool {
    matches!(url.scheme(), "http" | "https") && url.has_host()
}

fn bounded(text: &str, longest: usize) -> String {
    text.chars().take(longest).collect()
}
