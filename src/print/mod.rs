//! Documents to print and file, PDF/A-1b: fonts for the scripts of the world's
//! marketplaces, pages with headers and numbers, and the words of five languages.
//!
//! The same contents make the same bytes; nothing is loaded from elsewhere.

mod breaking;
mod direction;
mod fonts;
mod language;
mod layout;
mod words;

use std::path::PathBuf;

use krilla::metadata::{DateTime, Metadata};

use crate::blobs::sha256_hex;
use crate::clock::Millis;

pub(crate) use direction::isolated;
pub(crate) use fonts::{FontFiles, Fonts};
pub use language::Language;
pub(crate) use layout::{CAPTION, Pages, Shown, Style};
pub(crate) use words::Words;

/// The software, as documents name it.
pub(crate) const SOFTWARE: &str = concat!("Markhound ", env!("CARGO_PKG_VERSION"));

/// Why a document cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum PrintError {
    /// The file cannot be put together.
    #[error("cannot write a PDF document: {0}")]
    Pdf(String),
    /// A font that the configuration names cannot be used.
    #[error("cannot use the font {path}, which packet.fonts names: {why}")]
    Font {
        /// The file.
        path: PathBuf,
        /// Why.
        why: String,
    },
}

/// What a document says about itself: nothing that is not the same each time.
/// `about` is what tells it from others.
pub(crate) fn metadata(title: String, language: &str, at: Millis, about: &str) -> Metadata {
    let moment = at.timestamp().to_zoned(jiff::tz::TimeZone::UTC);
    let number = |value: i8| u8::try_from(value).unwrap_or(0);
    let date = DateTime::new(u16::try_from(moment.year()).unwrap_or(0))
        .month(number(moment.month()))
        .day(number(moment.day()))
        .hour(number(moment.hour()))
        .minute(number(moment.minute()))
        .second(number(moment.second()))
        .utc_offset_hour(0)
        .utc_offset_minute(0);
    let id = format!("{title}{about}{at}");
    Metadata::new()
        .title(title)
        .language(language.to_owned())
        .creator(SOFTWARE.to_owned())
        .creation_date(date)
        .document_id(sha256_hex(id.as_bytes()))
}
