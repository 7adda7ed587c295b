//! The protected catalog: reading, checking and writing product files.
//!
//! [`read()`] parses and checks a file without writing anything, [`plan`] says
//! what importing it would do, [`import`] does it, [`export_csv`] and
//! [`export_json`] write a file that imports back as it is.
//!
//! # The file
//! CSV with a header line, or JSON: an array of objects, `{"products": […]}`,
//! or one object a line. Columns, in any order and case: `sku`, `brand`, `name`
//! (required); `model_numbers`, `aliases`, `keywords`, `images`, `countries`,
//! `authorised_sellers` (lists); `category`, `msrp`, `currency`,
//! `classification`, `released`, `rights`. Other columns are named in a warning
//! and ignored.
//!
//! - CSV may be separated by `,`, `;` or tabs; the header line tells. UTF-8 with
//!   or without a byte order mark and UTF-16 are read; a file that is no UTF-8
//!   at all is read as Windows-1252, with a warning.
//! - A list in a cell is split at `;`, in a file separated by `;` at `|` as
//!   well, or is a JSON array, which is how a value with a `;` in it is written.
//! - `rights` is a JSON array of objects with `kind` (`trademark`, `copyright`,
//!   `design`, `patent`), `number`, `jurisdiction`, `classes`, `owner`, `expiry`.
//! - `msrp` is a plain amount, `1299.00`, or with a decimal comma, `1.299,00`,
//!   where that can be read in one way only.
//! - `images` are paths relative to the images folder.
//!
//! A row in error is listed with its line, column and reason and left out; the
//! other rows are kept. A picture in error costs its product only that picture.

pub(crate) mod csv;
pub mod edit;
pub(crate) mod encoding;
mod export;
pub(crate) mod fields;
pub mod hashes;
mod import;
pub(crate) mod json;
mod money;
mod photos;
pub mod rates;
pub(crate) mod read;
pub mod references;
mod rights;

use std::path::PathBuf;

use serde::Serialize;

use crate::blobs::BlobError;
use crate::store::StoreError;
use crate::store::import::ProductDraft;

pub use export::{export_csv, export_json};
pub use import::{Imported, Plan, import, plan};
pub use read::read;

/// Every column a catalog file can have, in the order an export writes them.
pub const COLUMNS: [&str; 15] = [
    "sku",
    "brand",
    "name",
    "model_numbers",
    "aliases",
    "keywords",
    "images",
    "category",
    "msrp",
    "currency",
    "countries",
    "classification",
    "released",
    "authorised_sellers",
    "rights",
];

/// The columns without which nothing can be imported.
pub const REQUIRED: [&str; 3] = ["sku", "brand", "name"];

/// A catalog file, parsed and checked.
#[derive(Debug, Clone)]
pub struct Reading {
    /// The rows that can be imported, in the file's order.
    pub rows: Vec<Row>,
    /// What is wrong with the others, and with pictures.
    pub errors: Vec<RowError>,
    /// What was ignored or guessed.
    pub warnings: Vec<String>,
    /// The folder that [`Row::images`] are relative to.
    pub images_dir: PathBuf,
}

/// A row that can be imported.
#[derive(Debug, Clone)]
pub struct Row {
    /// Where it begins in the file, from 1.
    pub line: u64,
    /// What `line` counts.
    pub unit: Unit,
    /// The product.
    pub draft: ProductDraft,
    /// Its reference photos, relative to [`Reading::images_dir`]; they are
    /// looked at by [`plan`] and [`import`].
    pub images: Vec<PathBuf>,
}

/// What a row's number counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Unit {
    /// Lines of the file.
    Line,
    /// Objects of a JSON array of products.
    Product,
    /// Objects of a JSON array of listings.
    Listing,
}

/// What is wrong with a row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RowError {
    /// Where the row begins in the file, from 1.
    pub line: u64,
    /// What `line` counts.
    pub unit: Unit,
    /// The column in error, when it is one.
    pub column: Option<String>,
    /// The row's SKU, when it has one.
    pub sku: Option<String>,
    /// What is wrong, and what would be right.
    pub reason: String,
}

impl std::fmt::Display for RowError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let unit = match self.unit {
            Unit::Line => "line",
            Unit::Product => "product",
            Unit::Listing => "listing",
        };
        write!(f, "{unit} {}", self.line)?;
        if let Some(sku) = &self.sku {
            write!(f, " ({sku})")?;
        }
        if let Some(column) = &self.column {
            write!(f, ", {column}")?;
        }
        write!(f, ": {}", self.reason)
    }
}

/// Why a catalog file cannot be used at all.
#[derive(Debug, thiserror::Error)]
pub enum CatalogError {
    /// The file cannot be read.
    #[error("cannot read the catalog {path}: {source}")]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The file is larger than any catalog.
    #[error(
        "the catalog {path} has {size} bytes, at most {limit} are read; split it into several files"
    )]
    TooLarge {
        /// The file.
        path: PathBuf,
        /// Its size in bytes.
        size: u64,
        /// The limit in bytes.
        limit: u64,
    },
    /// The file has no header or no product.
    #[error("the catalog {path} is empty; its first line must name the columns {REQUIRED:?}")]
    Empty {
        /// The file.
        path: PathBuf,
    },
    /// Required columns are missing from the header.
    #[error(
        "the catalog {path} has no column {}; its header has: {}", .missing.join(", "), .found.join(", ")
    )]
    MissingColumns {
        /// The file.
        path: PathBuf,
        /// The required columns that are missing.
        missing: Vec<String>,
        /// The columns that are there.
        found: Vec<String>,
    },
    /// A column stands in the header twice.
    #[error("the catalog {path} has the column {column} twice; leave one of them out")]
    DuplicateColumn {
        /// The file.
        path: PathBuf,
        /// The column.
        column: String,
    },
    /// The file is neither a catalog in CSV nor in JSON.
    #[error("the catalog {path} cannot be read: {why}")]
    Malformed {
        /// The file.
        path: PathBuf,
        /// What is wrong and where.
        why: String,
    },
    /// The images folder is not there.
    #[error("there is no images folder {path}: {source}; name the right one with --images")]
    ImagesFolder {
        /// The folder.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The export cannot be written.
    #[error("cannot write the catalog: {0}")]
    Write(std::io::Error),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A photo cannot be kept.
    #[error(transparent)]
    Blob(#[from] BlobError),
}
