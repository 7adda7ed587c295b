//! Why there is no vector, or why a vector cannot be used.

use super::vector::{EMBEDDING_DIMENSIONS_MAX, EMBEDDING_MODEL_NAME_MAX};

/// Why a vector could not be made, read or compared.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EmbeddingError {
    /// The model's name is empty or too long to be stored.
    #[error(
        "cannot name a model by {length} bytes: a name has 1 to {EMBEDDING_MODEL_NAME_MAX}; give \
         it one of that length"
    )]
    Name {
        /// Bytes of the name.
        length: usize,
    },
    /// The vector has no dimension, or more than are taken.
    #[error(
        "cannot use a vector of {found} dimensions from model {model:?}: 1 to \
         {EMBEDDING_DIMENSIONS_MAX} are taken; choose the model's output that describes the whole \
         picture"
    )]
    Dimensions {
        /// The model's name.
        model: String,
        /// How many dimensions there were.
        found: usize,
    },
    /// A value of the vector is infinite or not a number.
    #[error(
        "cannot use the vector of model {model:?}: its value {place} is not a finite number; check \
         the model's export and the mean and deviation it is given"
    )]
    NotFinite {
        /// The model's name.
        model: String,
        /// Which value, counted from 0.
        place: usize,
    },
    /// All values are zero: such a vector has no direction to compare.
    #[error(
        "cannot use the vector of model {model:?}: all its values are zero; the picture has nothing \
         the model sees, leave it out"
    )]
    Zero {
        /// The model's name.
        model: String,
    },
    /// The vector was made by another model or version.
    #[error(
        "cannot compare a vector of model {found:?} with those of {expected:?}; make it again from \
         the picture with that model"
    )]
    OtherModel {
        /// The model the vector names.
        found: String,
        /// The model that was expected.
        expected: String,
    },
    /// The same model's name, but another number of dimensions.
    #[error(
        "cannot compare a vector of {found} dimensions with those of {expected}, though both name \
         model {model:?}; give each version of a model its own name"
    )]
    OtherDimensions {
        /// The model's name.
        model: String,
        /// Dimensions of the vector.
        found: usize,
        /// Dimensions that were expected.
        expected: usize,
    },
    /// The bytes are not a whole stored vector.
    #[error(
        "cannot read a stored vector of {length} bytes: {what}; make it again from the picture"
    )]
    Damaged {
        /// How many bytes there were.
        length: usize,
        /// What is wrong with them.
        what: &'static str,
    },
    /// The model failed on the picture.
    #[error(
        "cannot compute the vector of a picture of {width}×{height} pixels with model {model:?}: \
         {source}; leave the picture out, and check the model with another runtime if all fail"
    )]
    Failed {
        /// The model's name.
        model: String,
        /// Width of the picture in pixels.
        width: u32,
        /// Height of the picture in pixels.
        height: u32,
        /// What the model's runtime said.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
}
