//! Pictures: decoding within limits, perceptual hashes, and the search through reference photos.
//!
//! [`Picture::decode`] and [`GreyPicture::decode`] turn untrusted bytes into pixels, [`Fingerprint::compute`] reduces them
//! to what is stored, [`ReferenceIndex::search`] finds the catalog's photos again in a listing's.

mod candidates;
mod decode;
mod embedding;
mod evidence;
mod features;
mod fingerprint;
mod geometry;
mod guided;
mod hamming;
mod hash_list;
mod hashing;
mod index_file;
mod luma;
mod pdq;
pub(crate) mod polygon;
mod report;
mod search;
mod shelf;
mod stored;
mod template;
mod trim;
mod verify;
mod views;
mod votes;

pub use decode::{DecodeError, DecodeLimits, GreyPicture, Picture};
pub use embedding::{
    EMBEDDING_DIMENSIONS_MAX, EMBEDDING_MODEL_NAME_MAX, Embedder, Embedding, EmbeddingError,
    EmbeddingIndex, EmbeddingNeighbour,
};
#[cfg(feature = "onnx")]
pub use embedding::{Fit, Layout, OnnxEmbedder, OnnxError, OnnxOptions, Pooling, ResizeFilter};
pub use fingerprint::{ALGORITHM, Fingerprint, IMG_HASH_ALGORITHM, raw_descriptions};
pub use hamming::{Backend, Code, HammingIndex, Neighbour, hamming_distance};
pub use hash_list::{
    HASH_LIST_LINE_MAX, HashListEntry, HashListError, HashListForm, HashListReader,
    HashListWriteError, LineProblem, write_hash_list,
};
pub use index_file::{IndexFileError, IndexFileKey};
pub use pdq::{
    Dihedral, GreyPlane, PDQ_ALGORITHM, PDQ_QUALITY_ADVISED, PDQ_SAME_WITHIN, Pdq, PdqHash,
    PdqHashError, PdqVariants, Plane, PlaneError, RgbPlane,
};
pub use report::PictureMatch;
pub use search::ReferenceIndex;
pub use stored::HashFormatError;

#[cfg(test)]
mod tests;
