//! From a file to checked rows.

use std::collections::HashMap;
use std::io::Read as _;
use std::path::Path;

use super::fields::{self, RawRow};
use super::{CatalogError, Reading, Row, RowError, csv, encoding, json};

/// The largest catalog file read, in bytes: 256 MiB.
const MAX_FILE: u64 = 256 << 20;

/// What a format's parser hands on: rows with raw cells, and what it could not
/// make rows of.
#[derive(Debug, Default)]
pub(crate) struct Parsed {
    pub rows: Vec<RawRow>,
    pub errors: Vec<RowError>,
    pub warnings: Vec<String>,
    /// Whether `|` separates list items as `;` does.
    pub bar_splits: bool,
}

/// Parses and checks a catalog file; nothing is written. `images` is the folder
/// the pictures are in; without it they are looked for beside the file.
///
/// # Errors
/// [`CatalogError`] when the file as a whole cannot be used; errors of rows are
/// in the [`Reading`].
pub fn read(file: &Path, images: Option<&Path>) -> Result<Reading, CatalogError> {
    let bytes = bytes_of(file)?;
    let images_dir = match images {
        Some(dir) => {
            let missing = |source| CatalogError::ImagesFolder {
                path: dir.to_owned(),
                source,
            };
            if !std::fs::metadata(dir).map_err(missing)?.is_dir() {
                return Err(missing(std::io::ErrorKind::NotADirectory.into()));
            }
            dir.to_owned()
        }
        None => match file.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => folder.to_owned(),
            _ => ".".into(),
        },
    };
    let decoded = encoding::decode(&bytes);
    let start = decoded.text.trim_start();
    let mut parsed = if start.starts_with(['[', '{']) {
        json::parse(file, &decoded, &csv::CATALOG)?
    } else {
        csv::parse(file, &decoded, &csv::CATALOG)?
    };
    if let Some(warning) = decoded.warning {
        parsed.warnings.insert(0, warning);
    }
    Ok(check(parsed, images_dir))
}

fn bytes_of(file: &Path) -> Result<Vec<u8>, CatalogError> {
    let reading = |source| CatalogError::Read {
        path: file.to_owned(),
        source,
    };
    let opened = std::fs::File::open(file).map_err(reading)?;
    let mut bytes = Vec::new();
    opened
        .take(MAX_FILE + 1)
        .read_to_end(&mut bytes)
        .map_err(reading)?;
    if bytes.len() as u64 > MAX_FILE {
        return Err(CatalogError::TooLarge {
            path: file.to_owned(),
            size: std::fs::metadata(file).map(|m| m.len()).unwrap_or(MAX_FILE),
            limit: MAX_FILE,
        });
    }
    Ok(bytes)
}

/// Checks every row's cells; a SKU that stands in the file twice counts where
/// it stands first.
fn check(parsed: Parsed, images_dir: std::path::PathBuf) -> Reading {
    let mut reading = Reading {
        rows: Vec::with_capacity(parsed.rows.len()),
        errors: parsed.errors,
        warnings: parsed.warnings,
        images_dir,
    };
    let mut seen: HashMap<String, u64> = HashMap::new();
    for raw in parsed.rows {
        let (line, unit) = (raw.line, raw.unit);
        let checked = fields::check(&raw, parsed.bar_splits);
        let mut usable = checked.draft;
        let sku = usable.as_ref().map(|draft| draft.sku.clone());
        reading.errors.extend(checked.errors);
        if let Some(sku) = sku {
            if let Some(first) = seen.get(&sku) {
                usable = None;
                reading.errors.push(RowError {
                    line,
                    unit,
                    column: Some("sku".to_owned()),
                    reason: format!(
                        "{sku:?} stands in the file already, at {first}; the first one is kept"
                    ),
                    sku: Some(sku),
                });
            } else {
                seen.insert(sku, line);
            }
        }
        if let Some(draft) = usable {
            reading.rows.push(Row {
                line,
                unit,
                draft,
                images: checked.images,
            });
        }
    }
    reading.errors.sort_by_key(|error| error.line);
    reading
}
