//! Listing exports: tables of listings that another program or a person made,
//! in CSV or JSON.

use std::collections::HashSet;
use std::path::Path;

use markhound_crawlers::price::{self, Evidence};
use markhound_crawlers::{Availability, Definition, Listing, Price, Provenance};
use serde_json::Value;
use url::Url;

use super::read::qualified;
use crate::catalog::csv::{self, Columns};
use crate::catalog::fields::{Cell, RawRow};
use crate::catalog::{CatalogError, RowError, Unit, encoding, json};

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

/// Names of columns, as exports of shops and tools write them.
const NAMES: [(&str, &[&str]); 16] = [
    (
        "item_id",
        &[
            "id",
            "item",
            "itemid",
            "listing_id",
            "product_id",
            "asin",
            "sku",
        ],
    ),
    (
        "url",
        &[
            "link",
            "item_url",
            "listing_url",
            "product_url",
            "page",
            "address",
        ],
    ),
    (
        "title",
        &[
            "name",
            "item_title",
            "listing_title",
            "product",
            "product_name",
            "product_title",
        ],
    ),
    ("description", &["text", "body", "details"]),
    ("price", &["amount", "asking_price", "current_price"]),
    ("currency", &["currency_code", "price_currency"]),
    (
        "seller",
        &["seller_name", "vendor", "shop", "store", "merchant"],
    ),
    ("location", &["item_location", "ships_from", "city"]),
    (
        "images",
        &[
            "image",
            "image_url",
            "image_urls",
            "image_link",
            "pictures",
            "picture",
            "photos",
            "photo",
        ],
    ),
    ("availability", &["stock"]),
    ("brand", &["manufacturer"]),
    ("gtin", &["ean", "upc", "gtin13", "barcode"]),
    ("mpn", &["model", "model_number", "part_number"]),
    ("condition", &["item_condition", "state"]),
    // Ours, when our own output is read back: they say nothing new.
    ("provenance", &["source", "archive"]),
    ("event", &[]),
];

const TABLE: Columns = Columns {
    find: column,
    required: &["url", "title"],
    name: "item_id",
    list: "listings",
    unit: Unit::Listing,
};

/// What an export holds.
#[derive(Debug, Default)]
pub struct Export {
    /// The listings, each once.
    pub listings: Vec<Listing>,
    /// What is wrong with rows; a row without title or address is left out.
    pub errors: Vec<RowError>,
    /// What was ignored or guessed.
    pub warnings: Vec<String>,
}

/// Why a file is no export.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct ExportError(String);

/// Whether a file is an export rather than a capture: by its name, or for JSON
/// by what it begins with (a HAR file begins with `{"log"`).
#[must_use]
pub fn is_export(path: &Path, head: &[u8]) -> bool {
    let extension = path.extension().unwrap_or_default().to_ascii_lowercase();
    match extension.to_str().unwrap_or_default() {
        "csv" | "tsv" | "txt" | "jsonl" | "ndjson" => return true,
        "har" => return false,
        _ => {}
    }
    let text = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head);
    let text = text.trim_ascii_start();
    match text.strip_prefix(b"{") {
        Some(object) => !object.trim_ascii_start().starts_with(b"\"log\""),
        None => text.starts_with(b"["),
    }
}

/// Reads an export. Addresses may be relative to `base`; without ids those of
/// the definition's URLs count, else the addresses themselves.
///
/// # Errors
/// When the file as a whole cannot be used; errors of rows are in the [`Export`].
pub fn read(
    name: &str,
    bytes: &[u8],
    base: Option<&Url>,
    definition: Option<&Definition>,
) -> Result<Export, ExportError> {
    let decoded = encoding::decode(bytes);
    let file = Path::new(name);
    let is_json = decoded.text.trim_start().starts_with(['[', '{']);
    let parsed = match is_json {
        true => json::parse(file, &decoded, &TABLE),
        false => csv::parse(file, &decoded, &TABLE),
    };
    let parsed = parsed.map_err(said)?;
    let mut export = Export {
        errors: parsed.errors,
        warnings: decoded.warning.into_iter().chain(parsed.warnings).collect(),
        ..Export::default()
    };
    let mut seen = HashSet::new();
    for row in &parsed.rows {
        let mut reader = Reader {
            row,
            errors: &mut export.errors,
        };
        let Some(listing) = reader.listing(base, definition) else {
            continue;
        };
        if seen.insert(listing.item_id.clone()) {
            export.listings.push(listing);
        } else {
            reader.fail(
                "item_id",
                "stands in the file already; the first one is kept",
            );
        }
    }
    export.errors.sort_by_key(|error| error.line);
    Ok(export)
}

/// The catalog's readers speak of catalogs.
fn said(error: CatalogError) -> ExportError {
    ExportError(match error {
        CatalogError::Empty { path } => format!("{} holds no listing", path.display()),
        CatalogError::MissingColumns {
            path,
            missing,
            found,
        } => format!(
            "{} has no column {}, which a listing export needs; its header has: {}",
            path.display(),
            missing.join(", "),
            found.join(", ")
        ),
        CatalogError::DuplicateColumn { path, column } => format!(
            "{} has two columns for {column}; leave one of them out",
            path.display()
        ),
        CatalogError::Malformed { path, why } => {
            format!("{} cannot be read as listings: {why}", path.display())
        }
        other => other.to_string(),
    })
}

/// The column a name stands for: case, spaces and hyphens make no difference.
fn column(cell: &str) -> Option<&'static str> {
    let name: String = cell
        .trim()
        .chars()
        .map(|c| match c {
            ' ' | '-' | '.' => '_',
            _ => c.to_ascii_lowercase(),
        })
        .collect();
    let known = |(column, others): &&(&'static str, &[&str])| {
        *column == name || others.contains(&name.as_str())
    };
    NAMES.iter().find(known).map(|(column, _)| *column)
}

/// Reads one row.
struct Reader<'a> {
    row: &'a RawRow,
    errors: &'a mut Vec<RowError>,
}

impl Reader<'_> {
    fn listing(&mut self, base: Option<&Url>, definition: Option<&Definition>) -> Option<Listing> {
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

    fn fail(&mut self, column: &str, reason: &str) {
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
