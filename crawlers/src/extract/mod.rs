//! From bytes to values: pages and JSON answers, and the listings in them.

mod assemble;
pub(crate) mod availability;
mod bounds;
mod contested;
mod currency;
mod document;
pub mod embedded;
mod encoding;
pub(crate) mod files;
mod opengraph;
mod page;
mod plain;
pub mod price;
mod rows;
mod shown;
pub mod since;
mod sizes;
mod srcset;
mod structured;
mod text;

pub(crate) use assemble::{Lookup, Rules, listing};
pub(crate) use currency::code_of as currency_code;
pub(crate) use document::{Document, Page, attribute_of};
pub(crate) use encoding::decode;
pub use page::{read_page, shown_images};
pub(crate) use plain::without_number;
pub(crate) use rows::labelled;
pub(crate) use shown::fill_as_shown;
pub(crate) use sizes::without_size;
pub(crate) use text::{own_text_of, text_of, tidy};
