//! Listing exports: tables of listings that another program or a person made,
//! in CSV or JSON.

mod columns;
mod row;

use std::collections::HashSet;
use std::path::Path;

use markhound_crawlers::{Definition, Listing};
use url::Url;

use columns::column;
use row::Reader;

use crate::catalog::csv::{self, Columns};
use crate::catalog::{CatalogError, RowError, Unit, encoding, json};

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
