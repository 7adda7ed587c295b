//! The vector itself and its stored form.

use std::sync::Arc;

use super::EmbeddingError;
use super::dot::dot;

/// Most dimensions a vector may have. Image models have 128 to 4,096.
pub const EMBEDDING_DIMENSIONS_MAX: usize = 8192;
/// Longest name of a model, in bytes of UTF-8.
pub const EMBEDDING_MODEL_NAME_MAX: usize = 255;

/// The first bytes of every stored vector: the format's name and version.
const MAGIC: &[u8; 5] = b"MHEV\x01";
/// How far from 1 the length of a stored vector may be; rounding to `f32` leaves it nearer by far.
const LENGTH_TOLERANCE: f64 = 1e-3;

/// A vector of length 1, with the name of the model that made it.
#[derive(Debug, Clone, PartialEq)]
pub struct Embedding {
    model: Arc<str>,
    values: Box<[f32]>,
}

impl Embedding {
    /// Scales a model's output to length 1.
    ///
    /// # Errors
    /// [`EmbeddingError`] when the name is empty or longer than [`EMBEDDING_MODEL_NAME_MAX`], there
    /// are no values or more than [`EMBEDDING_DIMENSIONS_MAX`], one is not finite, or all are zero.
    pub fn new(model: impl Into<Arc<str>>, values: &[f32]) -> Result<Self, EmbeddingError> {
        let model = model.into();
        check_shape(&model, values.len())?;
        if let Some(place) = values.iter().position(|v| !v.is_finite()) {
            return Err(EmbeddingError::NotFinite {
                model: model.to_string(),
                place,
            });
        }
        // In f64 neither the largest nor the smallest f32 values over- or underflow.
        let length = length(values);
        if length == 0.0 {
            return Err(EmbeddingError::Zero {
                model: model.to_string(),
            });
        }
        let values = values
            .iter()
            .map(|&v| (f64::from(v) / length) as f32)
            .collect();
        Ok(Self { model, values })
    }

    /// Takes values that are of length 1 already, as [`EmbeddingIndex`](super::EmbeddingIndex)
    /// keeps them.
    pub(super) fn from_unit(model: Arc<str>, values: &[f32]) -> Self {
        Self {
            model,
            values: values.into(),
        }
    }

    /// Name and version of the model that made the vector.
    #[must_use]
    pub fn model(&self) -> &str {
        &self.model
    }

    /// The values; the sum of their squares is 1.
    #[must_use]
    pub fn values(&self) -> &[f32] {
        &self.values
    }

    /// The cosine of the angle between two vectors, -1 to 1: 1 for the same direction, 0 for
    /// nothing in common. What counts as alike depends on the model.
    ///
    /// # Errors
    /// [`EmbeddingError`] when the vectors are of different models or numbers of dimensions.
    pub fn cosine(&self, other: &Self) -> Result<f32, EmbeddingError> {
        other.check_like(&self.model, self.values.len())?;
        Ok(dot(&self.values, &other.values))
    }

    /// Refuses a vector that cannot be compared with those of a model.
    pub(super) fn check_like(&self, model: &str, dimensions: usize) -> Result<(), EmbeddingError> {
        check_model(&self.model, model)?;
        if self.values.len() != dimensions {
            return Err(EmbeddingError::OtherDimensions {
                model: model.to_owned(),
                found: self.values.len(),
                expected: dimensions,
            });
        }
        Ok(())
    }

    /// The stored form: "MHEV", a version byte, the name's length (one byte) and the name, the
    /// number of dimensions (two bytes), the values (`f32`). Numbers are little-endian.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let size = MAGIC.len() + 3 + self.model.len() + 4 * self.values.len();
        let mut out = Vec::with_capacity(size);
        out.extend(MAGIC);
        // Both numbers fit: the constructors check them.
        out.push(self.model.len() as u8);
        out.extend(self.model.as_bytes());
        out.extend((self.values.len() as u16).to_le_bytes());
        out.extend(self.values.iter().flat_map(|v| v.to_le_bytes()));
        out
    }

    /// Reads the stored form of a vector that the named model is to have made. The values come back
    /// bit for bit.
    ///
    /// # Errors
    /// [`EmbeddingError::OtherModel`] when another model made it, [`EmbeddingError::Damaged`] when
    /// the bytes are not a whole vector of finite values and length 1.
    pub fn from_bytes(bytes: &[u8], model: &str) -> Result<Self, EmbeddingError> {
        let damaged = |what| EmbeddingError::Damaged {
            length: bytes.len(),
            what,
        };
        let cut = || damaged("they end too early");
        let rest = bytes
            .strip_prefix(MAGIC)
            .ok_or_else(|| damaged("they do not begin as a stored vector of version 1 does"))?;
        let (&name_length, rest) = rest.split_first().ok_or_else(cut)?;
        let (name, rest) = rest
            .split_at_checked(usize::from(name_length))
            .ok_or_else(cut)?;
        let name = std::str::from_utf8(name).map_err(|_| damaged("the model's name is no text"))?;
        check_model(name, model)?;
        let (count, rest) = rest.split_first_chunk::<2>().ok_or_else(cut)?;
        let count = usize::from(u16::from_le_bytes(*count));
        check_shape(name, count)
            .map_err(|_| damaged("the name or the number of dimensions is out of range"))?;
        let (values, after) = rest.as_chunks::<4>();
        if values.len() != count || !after.is_empty() {
            return Err(damaged("the number of values is not the one stated"));
        }
        let values: Box<[f32]> = values.iter().map(|v| f32::from_le_bytes(*v)).collect();
        // Not a number is far from 1 too: the comparison is false for it.
        let is_unit = (length(&values) - 1.0).abs() <= LENGTH_TOLERANCE;
        if !is_unit {
            return Err(damaged("the values do not have length 1"));
        }
        Ok(Self {
            model: name.into(),
            values,
        })
    }
}

/// The Euclidean length.
fn length(values: &[f32]) -> f64 {
    let squares: f64 = values.iter().map(|&v| f64::from(v) * f64::from(v)).sum();
    squares.sqrt()
}

/// Refuses a name or a number of dimensions that the stored form does not hold.
pub(super) fn check_shape(model: &str, dimensions: usize) -> Result<(), EmbeddingError> {
    if model.is_empty() || model.len() > EMBEDDING_MODEL_NAME_MAX {
        return Err(EmbeddingError::Name {
            length: model.len(),
        });
    }
    if dimensions == 0 || dimensions > EMBEDDING_DIMENSIONS_MAX {
        return Err(EmbeddingError::Dimensions {
            model: model.to_owned(),
            found: dimensions,
        });
    }
    Ok(())
}

fn check_model(found: &str, expected: &str) -> Result<(), EmbeddingError> {
    if found == expected {
        return Ok(());
    }
    Err(EmbeddingError::OtherModel {
        found: found.to_owned(),
        expected: expected.to_owned(),
    })
}
