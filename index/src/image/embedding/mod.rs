//! Embedding vectors: what a learned model makes of a picture, and the search through them.
//!
//! An [`Embedder`] turns a picture into a vector of unit length, an [`Embedding`]; of two pictures
//! that show the same thing the cosine is near 1. An [`EmbeddingIndex`] finds the nearest of many.
//! With the cargo feature `onnx` an `OnnxEmbedder` runs a model the operator brings along in the
//! ONNX format; no model is part of this package. Scans do not use embeddings.

mod dot;
mod error;
mod index;
#[cfg(feature = "onnx")]
mod onnx;
#[cfg(test)]
mod tests;
mod vector;

use super::decode::Picture;
pub use error::EmbeddingError;
pub use index::{EmbeddingIndex, EmbeddingNeighbour};
#[cfg(feature = "onnx")]
pub use onnx::{Fit, Layout, OnnxEmbedder, OnnxError, OnnxOptions, Pooling, ResizeFilter};
pub use vector::{EMBEDDING_DIMENSIONS_MAX, EMBEDDING_MODEL_NAME_MAX, Embedding};

/// Turns pictures into vectors.
pub trait Embedder: Send + Sync {
    /// Name and version of the model, 1 to [`EMBEDDING_MODEL_NAME_MAX`] bytes. It is stored with
    /// every vector, and vectors of different names are never compared: whatever changes the
    /// vectors (weights, preparation of the picture) has to change the name.
    fn name(&self) -> &str;

    /// The vector of a picture. The same picture always gives the same vector on the same machine.
    ///
    /// # Errors
    /// [`EmbeddingError`] when the model fails on the picture, or what it gives has no direction: a
    /// value that is infinite or not a number, or only zeros.
    fn embed(&self, picture: &Picture) -> Result<Embedding, EmbeddingError>;
}
