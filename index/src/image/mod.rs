//! Pictures: decoding within limits, perceptual hashes, and the search through reference photos.
//!
//! [`Picture::decode`] and [`GreyPicture::decode`] turn untrusted bytes into pixels, [`PictureHashes::compute`] reduces them
//! to what is stored, [`ReferenceIndex::search`] finds the catalog's photos again in a listing's.

mod decode;
mod hashes;
mod luma;
mod polygon;
mod pyramid;
mod search;
mod stored;
mod trim;
mod verify;
mod views;

pub use decode::{DecodeError, DecodeLimits, GreyPicture, Picture};
pub use hashes::{ALGORITHM, PictureHashes};
pub use search::{PictureMatch, ReferenceIndex};
pub use stored::HashFormatError;

#[cfg(test)]
mod tests;
