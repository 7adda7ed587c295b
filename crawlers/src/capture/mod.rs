//! Captures: HTTP exchanges kept as they were, and those that others kept.
//!
//! [`WarcWriter`] writes an [`HttpRecord`] as WARC 1.1 (ISO 28500:2017), one
//! gzip member a record, and says where each record lies, so that
//! [`read_at`] finds it again without reading the file. [`WarcReader`] and
//! [`Exchanges`] read WARC files of any program; [`import_file`] reads WARC,
//! WACZ, HAR, MHTML and saved pages, told apart by their content.
//!
//! All that is read is taken to be hostile: every size and count is bounded by
//! [`CaptureLimits`], and what is broken costs its own entry only, which is
//! reported with its place.
//!
//! ```
//! use markhound_crawlers::capture::{CaptureLimits, FileInfo, HttpRecord, WarcWriter, read_at};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let at: jiff::Timestamp = "2026-11-25T02:10:00.125Z".parse()?;
//! let info = FileInfo::new("shop.warc.gz", "markhound/0.1", at);
//! let mut writer = WarcWriter::create(Vec::new(), &info)?;
//! let exchange = HttpRecord::get("https://shop.example/watch".parse()?, 200, "<h1>Watch</h1>", at);
//! let written = writer.write(&exchange, None, None)?;
//!
//! let mut file = std::io::Cursor::new(writer.into_inner());
//! let place = &written.response;
//! let record = read_at(&mut file, place.offset, place.length, &CaptureLimits::default())?;
//! assert_eq!(record.http_response()?.payload, exchange.payload);
//! # Ok(()) }
//! ```

mod digest;
mod draft;
mod error;
mod exchange;
mod head;
mod http;
mod import;
mod limits;
mod pair;
mod reader;
mod record;
mod revisit;
mod stream;
mod writer;

pub use draft::RecordPlace;
pub use error::{CaptureError, Problem};
pub use exchange::{Captured, Earlier, HttpRecord, payload_digest};
pub use http::HttpResponse;
pub use import::{Format, ImportOptions, import, import_file};
pub use limits::CaptureLimits;
pub use pair::Exchanges;
pub use reader::WarcReader;
pub use record::{Record, parse_member, read_at};
pub use writer::{FileInfo, WarcWriter, Written};

#[cfg(test)]
mod tests;
