//! Catalogs in CSV: separator, header and rows, with the file's own line numbers.

use std::path::Path;

use super::encoding::Decoded;
use super::fields::{Cell, RawRow};
use super::read::Parsed;
use super::{COLUMNS, CatalogError, REQUIRED, RowError, Unit};

/// The longest list of unknown column names spelt out in a warning.
const NAMED: usize = 20;

/// What columns a kind of table has.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Columns {
    /// The column that a name in the header stands for.
    pub find: fn(&str) -> Option<&'static str>,
    /// The columns a header must have.
    pub required: &'static [&'static str],
    /// The column that names a row in errors.
    pub name: &'static str,
    /// The name under which a JSON object may hold the rows.
    pub list: &'static str,
    /// What the rows of a JSON array are.
    pub unit: Unit,
}

/// The columns of a catalog.
pub(super) const CATALOG: Columns = Columns {
    find: column,
    required: &REQUIRED,
    name: "sku",
    list: "products",
    unit: Unit::Product,
};

/// Parses a CSV file into raw rows.
///
/// # Errors
/// When there is no header, or it lacks a required column or has one twice.
pub(crate) fn parse(
    file: &Path,
    decoded: &Decoded,
    table: &Columns,
) -> Result<Parsed, CatalogError> {
    let text = decoded.text.as_str();
    let (start, forced) = directive(text);
    let separator = forced.unwrap_or_else(|| detect_separator(&text[start..], table));
    let mut reader = ::csv::ReaderBuilder::new()
        .delimiter(separator)
        .has_headers(false)
        .flexible(true)
        .from_reader(&text.as_bytes()[start..]);
    let mut lines = Lines::new(&text[start..], line_count(&text[..start]));
    let mut parsed = Parsed {
        bar_splits: separator == b';',
        ..Parsed::default()
    };

    let mut record = ::csv::StringRecord::new();
    let mut columns: Option<Vec<Option<&'static str>>> = None;
    let mut width = 0;
    loop {
        let from = reader.position().byte();
        match reader.read_record(&mut record) {
            Ok(true) => {}
            Ok(false) => break,
            // Reading from memory fails only on text that is no UTF-8, and this is.
            Err(error) => {
                return Err(CatalogError::Malformed {
                    path: file.to_owned(),
                    why: error.to_string(),
                });
            }
        }
        let span = lines.span(from, reader.position().byte());
        let Some(columns) = &columns else {
            width = record.len();
            columns = Some(header(file, &record, table, &mut parsed.warnings)?);
            continue;
        };
        if record.iter().all(|cell| cell.trim().is_empty()) {
            continue;
        }
        let sku = columns
            .iter()
            .position(|column| *column == Some(table.name))
            .and_then(|at| record.get(at))
            .map(|sku| sku.trim().to_owned())
            .filter(|sku| !sku.is_empty());
        let mut refuse = |reason: String| {
            parsed.errors.push(RowError {
                line: span.first,
                unit: Unit::Line,
                column: None,
                sku: sku.clone(),
                reason,
            });
        };
        if span.open_quote {
            refuse(format!(
                "a quote opened here is never closed, so everything down to line {} became one cell; close it, or double a quote that belongs to the text",
                span.last
            ));
        } else if decoded
            .damaged
            .iter()
            .any(|line| (span.first..=span.last).contains(line))
        {
            refuse(
                "the row holds bytes that are not UTF-8; save the file as \"CSV UTF-8\"".to_owned(),
            );
        } else if record.len() != width {
            refuse(format!(
                "the row has {} fields and the header {width}; put a cell that holds the separator {:?} in quotes",
                record.len(),
                char::from(separator)
            ));
        } else {
            parsed.rows.push(RawRow {
                line: span.first,
                unit: Unit::Line,
                cells: columns
                    .iter()
                    .zip(record.iter())
                    .filter_map(|(column, cell)| {
                        column.map(|name| (name, Cell::Text(cell.to_owned())))
                    })
                    .collect(),
            });
        }
    }
    if columns.is_none() {
        return Err(CatalogError::Empty {
            path: file.to_owned(),
        });
    }
    Ok(parsed)
}

/// Which column each cell of a row belongs to; unknown ones are named in a warning.
fn header(
    file: &Path,
    record: &::csv::StringRecord,
    table: &Columns,
    warnings: &mut Vec<String>,
) -> Result<Vec<Option<&'static str>>, CatalogError> {
    let mut columns = Vec::with_capacity(record.len());
    let mut unknown = Vec::new();
    for cell in record {
        let column = (table.find)(cell);
        if let Some(name) = column.filter(|name| columns.contains(&Some(*name))) {
            return Err(CatalogError::DuplicateColumn {
                path: file.to_owned(),
                column: name.to_owned(),
            });
        }
        if column.is_none() && !cell.trim().is_empty() {
            unknown.push(short(cell));
        }
        columns.push(column);
    }
    let missing: Vec<String> = table
        .required
        .iter()
        .filter(|name| !columns.contains(&Some(**name)))
        .map(|name| (*name).to_owned())
        .collect();
    if !missing.is_empty() {
        return Err(CatalogError::MissingColumns {
            path: file.to_owned(),
            missing,
            found: record.iter().take(NAMED).map(short).collect(),
        });
    }
    if let Some(warning) = unknown_warning(&unknown) {
        warnings.push(warning);
    }
    Ok(columns)
}

/// The column a header cell names: case, spaces, hyphens and the American
/// spelling make no difference.
pub(super) fn column(cell: &str) -> Option<&'static str> {
    let name: String = cell
        .trim()
        .chars()
        .map(|c| match c {
            ' ' | '-' => '_',
            _ => c.to_ascii_lowercase(),
        })
        .collect();
    let name = match name.as_str() {
        "authorized_sellers" => "authorised_sellers",
        other => other,
    };
    COLUMNS.into_iter().find(|column| *column == name)
}

/// A warning that names columns that mean nothing here.
pub(super) fn unknown_warning(unknown: &[String]) -> Option<String> {
    let more = match unknown.len().saturating_sub(NAMED) {
        0 => String::new(),
        n => format!(" and {n} more"),
    };
    (!unknown.is_empty()).then(|| {
        let named = unknown[..unknown.len().min(NAMED)].join(", ");
        format!("ignored columns that are not known: {named}{more}")
    })
}

pub(super) fn short(cell: &str) -> String {
    cell.trim().chars().take(60).collect()
}

/// The line `sep=;` that some spreadsheets put first: where the header begins
/// and the separator it names.
fn directive(text: &str) -> (usize, Option<u8>) {
    let end = text.find('\n').map_or(text.len(), |at| at + 1);
    let line = text[..end].trim_end();
    match line.strip_prefix("sep=").map(str::as_bytes) {
        Some(&[separator]) => (end, Some(separator)),
        _ => (0, None),
    }
}

/// The separator by which the header line names the most known columns.
fn detect_separator(text: &str, table: &Columns) -> u8 {
    let line = text.lines().find(|line| !line.trim().is_empty());
    let known = |separator: u8| {
        line.unwrap_or_default()
            .split(char::from(separator))
            .filter(|cell| (table.find)(cell.trim().trim_matches('"')).is_some())
            .count()
    };
    // The last of equals wins, so the comma stands last.
    [b'\t', b';', b',']
        .into_iter()
        .max_by_key(|separator| known(*separator))
        .unwrap_or(b',')
}

fn line_count(text: &str) -> u64 {
    text.bytes().filter(|&b| b == b'\n').count() as u64
}

/// Counts lines from byte offsets. The reader's own count is off by the blank
/// lines before a row and by the second half of a CR LF.
struct Lines<'a> {
    text: &'a [u8],
    counted_to: usize,
    line: u64,
}

/// The lines a row covers.
struct Span {
    first: u64,
    last: u64,
    open_quote: bool,
}

impl<'a> Lines<'a> {
    fn new(text: &'a str, before: u64) -> Self {
        Self {
            text: text.as_bytes(),
            counted_to: 0,
            line: before + 1,
        }
    }

    fn line_at(&mut self, at: usize) -> u64 {
        while self.counted_to < at {
            let byte = self.text[self.counted_to];
            self.counted_to += 1;
            let lone_cr = byte == b'\r' && self.text.get(self.counted_to) != Some(&b'\n');
            self.line += u64::from(byte == b'\n' || lone_cr);
        }
        self.line
    }

    fn span(&mut self, from: u64, to: u64) -> Span {
        let clamp = |at: u64| {
            usize::try_from(at)
                .unwrap_or(usize::MAX)
                .min(self.text.len())
        };
        let (mut from, mut to) = (clamp(from), clamp(to));
        let is_break = |at: usize| matches!(self.text[at], b'\n' | b'\r');
        while from < to && is_break(from) {
            from += 1;
        }
        while to > from && is_break(to - 1) {
            to -= 1;
        }
        let quotes = self.text[from..to].iter().filter(|&&b| b == b'"').count();
        Span {
            first: self.line_at(from),
            last: self.line_at(to),
            open_quote: to == self.text.len() && quotes % 2 == 1 || {
                // A quoted cell at the end of the file may be followed by line breaks only.
                quotes % 2 == 1 && self.text[to..].iter().all(u8::is_ascii_whitespace)
            },
        }
    }
}
