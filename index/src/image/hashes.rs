//! What is kept of a picture.
use serde::{Deserialize, Serialize};

use super::Picture;

/// Name and version of the hashes; stored with each set.
pub const ALGORITHM: &str = "img_hash gradient 16x16 v1";

/// Why stored hashes cannot be used.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum HashFormatError {
    /// The hashes were made by another algorithm or version.
    #[error(
        "cannot use stored picture hashes of algorithm {found:?}: this program computes {expected:?}; hash the picture again"
    )]
    OtherAlgorithm {
        /// What the stored bytes name.
        found: String,
        /// [`ALGORITHM`].
        expected: &'static str,
    },
    /// The bytes are not a whole set of hashes.
    #[error("cannot read stored picture hashes of {length} bytes: {what}; hash the picture again")]
    Damaged {
        /// How many bytes there were.
        length: usize,
        /// What is wrong with them.
        what: &'static str,
    },
}

/// Everything that is kept of a picture to find it again.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PictureHashes {
    pub(super) algorithm: String,
}

impl PictureHashes {
    /// Hashes a picture.
    #[must_use]
    pub fn compute(_picture: &Picture) -> Self {
        Self {
            algorithm: ALGORITHM.to_owned(),
        }
    }
    /// Whether the picture is too flat to be told from others; such a picture matches nothing.
    #[must_use]
    pub fn is_degenerate(&self) -> bool {
        false
    }
    /// The stored form.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        self.algorithm.clone().into_bytes()
    }
    /// Reads the stored form.
    ///
    /// # Errors
    /// [`HashFormatError`] for another algorithm version or damaged bytes.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, HashFormatError> {
        let found = String::from_utf8_lossy(bytes).into_owned();
        if found != ALGORITHM {
            return Err(HashFormatError::OtherAlgorithm {
                found,
                expected: ALGORITHM,
            });
        }
        Ok(Self { algorithm: found })
    }
}
