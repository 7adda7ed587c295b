//! Catalogs in JSON: a list, `{"products": […]}`, or an object a line.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::{Map, Value};

use super::csv::{Columns, short, unknown_warning};
use super::encoding::Decoded;
use super::fields::{Cell, RawRow, shape};
use super::read::Parsed;
use super::{CatalogError, RowError, Unit};

/// The most unknown names that are remembered for the warning.
const MAX_UNKNOWN: usize = 100;

/// Parses a JSON file into raw rows.
///
/// # Errors
/// When the file as a whole is not JSON or holds no list of products.
pub(crate) fn parse(
    file: &Path,
    decoded: &Decoded,
    table: &Columns,
) -> Result<Parsed, CatalogError> {
    let text = decoded.text.as_str();
    let malformed = |why: String| CatalogError::Malformed {
        path: file.to_owned(),
        why,
    };
    let mut parsed = Parsed::default();
    let mut unknown = Vec::new();
    match serde_json::from_str::<Value>(text) {
        Ok(Value::Array(items)) => {
            for (item, number) in items.into_iter().zip(1..) {
                row(item, (number, table.unit), table, &mut parsed, &mut unknown);
            }
        }
        Ok(Value::Object(mut document)) => match document.remove(table.list) {
            Some(Value::Array(items)) => {
                for (item, number) in items.into_iter().zip(1..) {
                    row(item, (number, table.unit), table, &mut parsed, &mut unknown);
                }
            }
            Some(other) => {
                let why = format!("{:?} must be a list, not {}", table.list, shape(&other));
                return Err(malformed(why));
            }
            None => row(
                Value::Object(document),
                (1, Unit::Line),
                table,
                &mut parsed,
                &mut unknown,
            ),
        },
        Ok(other) => {
            let why = format!(
                "it holds {} where a list of {} must be",
                shape(&other),
                table.list
            );
            return Err(malformed(why));
        }
        Err(_) if is_an_object_a_line(text) => lines(text, table, &mut parsed, &mut unknown),
        Err(why) => return Err(malformed(format!("it is not valid JSON: {why}"))),
    }
    if parsed.rows.is_empty() && parsed.errors.is_empty() {
        return Err(CatalogError::Empty {
            path: file.to_owned(),
        });
    }
    parsed.warnings.extend(unknown_warning(&unknown));
    Ok(parsed)
}

/// Whether the first line that is not blank is an object of its own.
fn is_an_object_a_line(text: &str) -> bool {
    text.lines()
        .find(|line| !line.trim().is_empty())
        .is_some_and(|line| serde_json::from_str::<Map<String, Value>>(line).is_ok())
}

fn lines(text: &str, table: &Columns, parsed: &mut Parsed, unknown: &mut Vec<String>) {
    for (line, number) in text.lines().zip(1..) {
        if line.trim().is_empty() {
            continue;
        }
        match serde_json::from_str(line) {
            Ok(item) => row(item, (number, Unit::Line), table, parsed, unknown),
            Err(why) => parsed.errors.push(RowError {
                line: number,
                unit: Unit::Line,
                column: None,
                sku: None,
                reason: format!("not valid JSON: {why}"),
            }),
        }
    }
}

fn row(
    item: Value,
    (line, unit): (u64, Unit),
    table: &Columns,
    parsed: &mut Parsed,
    unknown: &mut Vec<String>,
) {
    let Value::Object(fields) = item else {
        parsed.errors.push(RowError {
            line,
            unit,
            column: None,
            sku: None,
            reason: format!("must be an object, not {}", shape(&item)),
        });
        return;
    };
    let mut cells = BTreeMap::new();
    for (name, value) in fields {
        match ((table.find)(&name), value) {
            (None, _) => {
                let name = short(&name);
                if unknown.len() < MAX_UNKNOWN && !unknown.contains(&name) {
                    unknown.push(name);
                }
            }
            (Some(_), Value::Null) => {}
            (Some(column), Value::String(text)) => {
                cells.insert(column, Cell::Text(text));
            }
            (Some(column), Value::Number(number)) => {
                cells.insert(column, Cell::Number(number.to_string()));
            }
            (Some(column), other) => {
                cells.insert(column, Cell::Json(other));
            }
        }
    }
    parsed.rows.push(RawRow { line, unit, cells });
}
