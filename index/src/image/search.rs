//! The search through reference photos.
use serde::{Deserialize, Serialize};

use super::PictureHashes;

/// A reference photo found in a picture.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PictureMatch {
    /// The reference photo's id.
    pub reference: i64,
    /// The product the reference photo belongs to.
    pub product: i64,
    /// How sure the match is, 0 to 1.
    pub score: f64,
    /// The algorithm and its version.
    pub method: String,
    /// What was done to the reference: "identity", "mirror", "trimmed", "region …" and so on.
    pub transform: String,
    /// Where in the query picture the reference lies: a polygon in its pixels.
    pub region: Vec<[f64; 2]>,
    /// Hamming distance of the two hashes, of 256.
    pub distance: u32,
    /// How many of the reference's textured blocks agree with the query's pixels.
    pub inliers: Option<u32>,
}

/// The catalog's reference photos, in memory.
#[derive(Debug, Clone, Default)]
pub struct ReferenceIndex {
    references: Vec<(i64, i64, PictureHashes)>,
}

impl ReferenceIndex {
    /// An empty index.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }
    /// Adds a reference photo, or replaces it.
    pub fn insert(&mut self, reference: i64, product: i64, hashes: &PictureHashes) {
        self.remove(reference);
        self.references.push((reference, product, hashes.clone()));
    }
    /// Takes a reference photo out.
    pub fn remove(&mut self, reference: i64) {
        self.references.retain(|r| r.0 != reference);
    }
    /// How many reference photos there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.references.len()
    }
    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.references.is_empty()
    }
    /// The references found in a picture, best first, at most one match a reference.
    #[must_use]
    pub fn search(&self, _query: &PictureHashes) -> Vec<PictureMatch> {
        Vec::new()
    }
}
