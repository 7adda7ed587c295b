//! Pictures: decoding within limits, perceptual hashes, and the search through reference photos.
//!
//! [`Picture::decode`] turns untrusted bytes into pixels, [`PictureHashes::compute`] reduces them
//! to what is stored, [`ReferenceIndex::search`] finds the catalog's photos again in a listing's.

mod decode;
mod hashes;
mod search;

pub use decode::{DecodeError, DecodeLimits, Picture};
pub use hashes::{ALGORITHM, HashFormatError, PictureHashes};
pub use search::{PictureMatch, ReferenceIndex};
