//! Pictures: decoding within limits, perceptual hashes, and the search through reference photos.
//!
//! [`Picture::decode`] turns untrusted bytes into pixels, [`PictureHashes::compute`] reduces them
//! to what is stored, [`ReferenceIndex::search`] finds the catalog's photos again in a listing's.

mod decode;
mod hamming;
mod hash_list;
mod hashes;
mod luma;
mod pdq;
mod polygon;
mod pyramid;
mod search;
mod stored;
mod trim;
mod verify;
mod views;

pub use decode::{DecodeError, DecodeLimits, Picture};
pub use hamming::{Backend, Code, HammingIndex, Neighbour, hamming_distance};
pub use hash_list::{
    HASH_LIST_LINE_MAX, HashListEntry, HashListError, HashListForm, HashListReader,
    HashListWriteError, LineProblem, write_hash_list,
};
pub use hashes::{ALGORITHM, PictureHashes};
pub use pdq::{
    Dihedral, GreyPlane, PDQ_ALGORITHM, PDQ_QUALITY_ADVISED, PDQ_SAME_WITHIN, Pdq, PdqHash,
    PdqHashError, PdqVariants, Plane, PlaneError, RgbPlane,
};
pub use search::{PictureMatch, ReferenceIndex};
pub use stored::HashFormatError;

#[cfg(test)]
mod tests;
