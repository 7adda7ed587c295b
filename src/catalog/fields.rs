//! From raw cells to a product: every rule about a single row.

use std::collections::BTreeMap;
use std::path::{Component, Path, PathBuf};

use jiff::civil::Date;
use serde_json::Value;

use super::{REQUIRED, RowError, Unit, money, rights};
use crate::store::import::ProductDraft;

/// The longest text of a cell, in characters.
const MAX_TEXT: usize = 300;
/// The longest SKU, in characters.
const MAX_SKU: usize = 100;
/// The most values of a list.
const MAX_LIST: usize = 500;

/// A row before it is checked.
#[derive(Debug)]
pub(crate) struct RawRow {
    pub line: u64,
    pub unit: Unit,
    pub cells: BTreeMap<&'static str, Cell>,
}

/// What stands in a cell.
#[derive(Debug, Clone)]
pub(crate) enum Cell {
    /// Text, of which lists are split.
    Text(String),
    /// A number as JSON writes it.
    Number(String),
    /// A JSON document: a list, rights, or something that does not belong there.
    Json(Value),
}

/// A checked row; `draft` is there when nothing but pictures is wrong.
#[derive(Debug, Default)]
pub(super) struct Checked {
    pub draft: Option<ProductDraft>,
    pub images: Vec<PathBuf>,
    pub errors: Vec<RowError>,
}

/// Checks every cell and lists all that is wrong with the row.
pub(super) fn check(row: &RawRow, bar_splits: bool) -> Checked {
    let mut check = Check {
        row,
        bar_splits,
        sku: None,
        errors: Vec::new(),
    };
    check.sku = check.text("sku", MAX_SKU);
    for column in REQUIRED {
        if check.is_empty(column) {
            check.fail(column, "is empty, and it is required");
        }
    }
    let currency = check.parsed("currency", money::currency);
    let draft = ProductDraft {
        sku: check.sku.clone().unwrap_or_default(),
        brand: check.text("brand", MAX_TEXT).unwrap_or_default(),
        name: check.text("name", MAX_TEXT).unwrap_or_default(),
        category: check.text("category", MAX_TEXT),
        model_numbers: check.list("model_numbers"),
        aliases: check.list("aliases"),
        keywords: check.list("keywords"),
        msrp: check.msrp(currency.as_deref()),
        countries: check.countries(),
        classification: check
            .text("classification", MAX_TEXT)
            .map(|word| word.to_lowercase()),
        released: check.parsed("released", date),
        authorised_sellers: check.list("authorised_sellers"),
        rights: check.rights(),
        currency,
    };
    // From here on only pictures can be wrong, and they do not cost the row.
    let usable = check.errors.is_empty();
    let mut images = Vec::new();
    for name in check.list("images") {
        match relative(&name) {
            Ok(path) if images.contains(&path) => {}
            Ok(path) => images.push(path),
            Err(why) => check.fail("images", &why),
        }
    }
    Checked {
        draft: usable.then_some(draft),
        images,
        errors: check.errors,
    }
}

struct Check<'a> {
    row: &'a RawRow,
    bar_splits: bool,
    sku: Option<String>,
    errors: Vec<RowError>,
}

impl Check<'_> {
    fn fail(&mut self, column: &str, reason: &str) {
        self.errors.push(RowError {
            line: self.row.line,
            unit: self.row.unit,
            column: Some(column.to_owned()),
            sku: self.sku.clone(),
            reason: reason.to_owned(),
        });
    }

    fn is_empty(&self, column: &str) -> bool {
        match self.row.cells.get(column) {
            None => true,
            Some(Cell::Text(text)) => tidy(text).is_empty(),
            Some(_) => false,
        }
    }

    fn text(&mut self, column: &'static str, longest: usize) -> Option<String> {
        let text = match self.row.cells.get(column)? {
            Cell::Text(text) | Cell::Number(text) => tidy(text),
            Cell::Json(value) => {
                self.fail(column, &format!("must be text, not {}", shape(value)));
                return None;
            }
        };
        if text.chars().count() > longest {
            self.fail(column, &format!("has more than {longest} characters"));
            return None;
        }
        (!text.is_empty()).then_some(text)
    }

    fn parsed(
        &mut self,
        column: &'static str,
        parse: impl Fn(&str) -> Result<String, String>,
    ) -> Option<String> {
        let text = self.text(column, MAX_TEXT)?;
        parse(&text).map_err(|why| self.fail(column, &why)).ok()
    }

    fn msrp(&mut self, currency: Option<&str>) -> Option<String> {
        let is_number = matches!(self.row.cells.get("msrp"), Some(Cell::Number(_)));
        let text = self.text("msrp", MAX_TEXT)?;
        match (money::amount(&text, is_number, currency), currency) {
            (Ok(amount), Some(_)) => Some(amount),
            (Ok(_), None) => {
                if self.is_empty("currency") {
                    self.fail("currency", "is needed, because there is an msrp");
                }
                None
            }
            (Err(why), _) => {
                self.fail("msrp", &why);
                None
            }
        }
    }

    fn countries(&mut self) -> Vec<String> {
        let mut countries = Vec::new();
        for country in self.list("countries") {
            let code = country.to_uppercase();
            if code.len() == 2 && code.bytes().all(|b| b.is_ascii_uppercase()) {
                countries.push(code);
            } else {
                self.fail(
                    "countries",
                    &format!("{country:?} is not a country code of two letters, such as DE"),
                );
            }
        }
        countries
    }

    fn rights(&mut self) -> Vec<crate::store::products::Right> {
        let parsed = match self.row.cells.get("rights") {
            None => return Vec::new(),
            Some(Cell::Text(text)) if text.trim().is_empty() => return Vec::new(),
            Some(Cell::Text(text)) => {
                serde_json::from_str(text).map_err(|why| vec![format!("not valid JSON: {why}")])
            }
            Some(Cell::Number(text)) => Ok(Value::String(text.clone())),
            Some(Cell::Json(value)) => Ok(value.clone()),
        };
        parsed
            .and_then(|value| rights::parse(&value))
            .unwrap_or_else(|reasons| {
                for reason in reasons {
                    self.fail("rights", &reason);
                }
                Vec::new()
            })
    }

    fn list(&mut self, column: &'static str) -> Vec<String> {
        let array = match self.row.cells.get(column) {
            None => return Vec::new(),
            Some(Cell::Json(Value::Array(items))) => Some(items.clone()),
            Some(Cell::Json(other)) => {
                let why = format!("must be a list or text, not {}", shape(other));
                self.fail(column, &why);
                return Vec::new();
            }
            Some(Cell::Text(text)) if text.trim_start().starts_with('[') => {
                serde_json::from_str(text).ok()
            }
            Some(_) => None,
        };
        let items: Vec<String> = match (array, self.row.cells.get(column)) {
            (Some(items), _) => {
                let mut texts = Vec::with_capacity(items.len());
                for item in &items {
                    match item {
                        Value::String(text) => texts.push(text.clone()),
                        Value::Number(number) => texts.push(number.to_string()),
                        other => {
                            let why = format!("holds {} where text must be", shape(other));
                            self.fail(column, &why);
                        }
                    }
                }
                texts
            }
            (None, Some(Cell::Text(text) | Cell::Number(text))) => text
                .split(|c| c == ';' || (self.bar_splits && c == '|'))
                .map(str::to_owned)
                .collect(),
            _ => Vec::new(),
        };
        let mut kept: Vec<String> = Vec::new();
        for item in items.iter().map(|item| tidy(item)) {
            if item.chars().count() > MAX_TEXT {
                self.fail(
                    column,
                    &format!("holds a value of more than {MAX_TEXT} characters"),
                );
            } else if !item.is_empty() && !kept.contains(&item) {
                kept.push(item);
            }
            if kept.len() > MAX_LIST {
                self.fail(column, &format!("holds more than {MAX_LIST} values"));
                break;
            }
        }
        kept
    }
}

/// One line of text: white space and control characters become single spaces.
fn tidy(text: &str) -> String {
    text.split(|c: char| c.is_whitespace() || c.is_control())
        .filter(|word| !word.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}

/// A JSON value's kind, for messages.
pub(super) fn shape(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "true or false",
        Value::Number(_) => "a number",
        Value::String(_) => "text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

/// Checks a date that must be written `YYYY-MM-DD`.
pub(super) fn date(text: &str) -> Result<String, String> {
    let wrong = || format!("{text:?} is not a date; write it as YYYY-MM-DD, such as 2031-09-14");
    let shaped = text.len() == 10
        && text.bytes().enumerate().all(|(at, byte)| match at {
            4 | 7 => byte == b'-',
            _ => byte.is_ascii_digit(),
        });
    if !shaped || text.parse::<Date>().is_err() {
        return Err(wrong());
    }
    Ok(text.to_owned())
}

/// A path below the images folder, or why it is none.
fn relative(name: &str) -> Result<PathBuf, String> {
    let slashed = name.replace('\\', "/");
    let drive = slashed.as_bytes().get(1) == Some(&b':');
    let mut path = PathBuf::new();
    for part in Path::new(&slashed).components() {
        match part {
            Component::Normal(part) => path.push(part),
            Component::CurDir => {}
            _ => return Err(outside(name)),
        }
    }
    if drive || path.as_os_str().is_empty() {
        return Err(outside(name));
    }
    Ok(path)
}

fn outside(name: &str) -> String {
    format!(
        "{name:?} leaves the images folder; name a file below it, without `..` or a leading slash"
    )
}
