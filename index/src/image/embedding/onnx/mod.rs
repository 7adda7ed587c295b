//! Runs an image model of the ONNX format (<https://onnx.ai>) on the processor, by `tract`.
//!
//! A model is code of sorts: it says what is computed, and how much memory that takes. Its size is
//! bounded and its output checked, but only models whose origin is known should be loaded.

mod check;
mod error;
mod options;
mod prepare;
#[cfg(test)]
mod tests;

use std::fs::File;
use std::io::Read;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::Arc;

use sha2::{Digest, Sha256};
use tract_onnx::pb::ModelProto;
use tract_onnx::prelude::*;

use super::vector::EMBEDDING_DIMENSIONS_MAX;
use super::{Embedder, Embedding, EmbeddingError};
use crate::image::Picture;
pub use error::OnnxError;
pub use options::{Fit, Layout, OnnxOptions, Pooling, ResizeFilter};

/// An image model the operator brought along, ready to run.
///
/// It can be shared between threads; each [`embed`](Embedder::embed) runs on its caller's.
pub struct OnnxEmbedder {
    name: Arc<str>,
    options: OnnxOptions,
    plan: Arc<TypedRunnableModel>,
    dimensions: usize,
}

impl std::fmt::Debug for OnnxEmbedder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("OnnxEmbedder")
            .field("name", &self.name)
            .field("options", &self.options)
            .field("dimensions", &self.dimensions)
            .finish_non_exhaustive()
    }
}

impl OnnxEmbedder {
    /// Loads a model and makes it ready for pictures of the options' size. Seconds for a large one.
    ///
    /// # Errors
    /// [`OnnxError`] when an option is out of range, the file is missing, too large or not ONNX, its
    /// weights are elsewhere, it does not take one picture of the size or give one vector of at most
    /// [`EMBEDDING_DIMENSIONS_MAX`] dimensions, or the runtime cannot run it.
    pub fn load(path: impl AsRef<Path>, options: &OnnxOptions) -> Result<Self, OnnxError> {
        let path = path.as_ref();
        if let Some(what) = options.problem() {
            return Err(OnnxError::Options {
                path: path.to_owned(),
                what,
            });
        }
        let bytes = read(path, options.max_model_bytes)?;
        let digest = Sha256::new()
            .chain_update(options.signature())
            .chain_update([0])
            .chain_update(&bytes)
            .finalize();
        let digest: String = digest.iter().take(8).map(|b| format!("{b:02x}")).collect();

        let runtime = tract_onnx::onnx().with_ignore_value_info(true);
        let proto = guard(|| runtime.proto_model_for_read(&mut bytes.as_slice()));
        let proto = proto.map_err(|what| OnnxError::NotOnnx {
            path: path.to_owned(),
            what,
        })?;
        drop(bytes);
        let output = check::check(&proto, &runtime, path, options)?;
        let shape = check::input_shape(options);
        let plan = guard(|| build(&runtime, &proto, &shape, &output));
        let plan = plan.map_err(|what| OnnxError::Unusable {
            path: path.to_owned(),
            what,
        })?;
        let dimensions = dimensions(&plan, options.pooling).map_err(|found| OnnxError::Output {
            path: path.to_owned(),
            expected: match options.pooling {
                Pooling::Whole => format!("1×dimensions, at most {EMBEDDING_DIMENSIONS_MAX},"),
                Pooling::FirstToken => {
                    format!("1×tokens×dimensions, at most {EMBEDDING_DIMENSIONS_MAX},")
                }
            },
            found: format!("{output:?} of {found}"),
        })?;
        Ok(Self {
            name: format!("{}/{digest}", options.name).into(),
            options: options.clone(),
            plan,
            dimensions,
        })
    }

    /// Dimensions of the vectors.
    #[must_use]
    pub fn dimensions(&self) -> usize {
        self.dimensions
    }

    fn run(&self, picture: &Picture) -> Result<Vec<f32>, String> {
        if picture.width() == 0 || picture.height() == 0 {
            return Err("the picture is empty".to_owned());
        }
        let input = prepare::prepare(picture, &self.options);
        guard(|| {
            let input = Tensor::from_shape(&check::input_shape(&self.options), &input)?;
            let outputs = self.plan.run(tvec!(input.into()))?;
            let output = outputs
                .first()
                .ok_or_else(|| TractError::msg("no output"))?;
            let output = output.cast_to::<f32>()?;
            // Of the tokens' rows the first comes first.
            let values = output.try_as_plain_ram()?.as_slice::<f32>()?;
            match values.get(..self.dimensions) {
                Some(vector) => Ok(vector.to_vec()),
                None => Err(TractError::msg("the output is shorter than the model said")),
            }
        })
    }
}

impl Embedder for OnnxEmbedder {
    /// The name in the options, a slash, and 16 hexadecimal digits of the SHA-256 of the options
    /// and the file.
    fn name(&self) -> &str {
        &self.name
    }

    fn embed(&self, picture: &Picture) -> Result<Embedding, EmbeddingError> {
        let values = self.run(picture).map_err(|what| EmbeddingError::Failed {
            model: self.name.to_string(),
            width: picture.width(),
            height: picture.height(),
            source: what.into(),
        })?;
        Embedding::new(Arc::clone(&self.name), &values)
    }
}

/// Reads a file that must not be larger than allowed, even while it grows.
fn read(path: &Path, max_model_bytes: u64) -> Result<Vec<u8>, OnnxError> {
    let failed = |source| OnnxError::Read {
        path: path.to_owned(),
        source,
    };
    let file = File::open(path).map_err(failed)?;
    let too_large = || OnnxError::TooLarge {
        path: path.to_owned(),
        max_model_bytes,
    };
    let length = file.metadata().map_err(failed)?.len();
    if length > max_model_bytes {
        return Err(too_large());
    }
    let mut bytes = Vec::with_capacity(length as usize);
    file.take(max_model_bytes.saturating_add(1))
        .read_to_end(&mut bytes)
        .map_err(failed)?;
    if bytes.len() as u64 > max_model_bytes {
        return Err(too_large());
    }
    Ok(bytes)
}

/// Fixes the input's shape and keeps what the one output needs.
fn build(
    runtime: &tract_onnx::Onnx,
    proto: &ModelProto,
    shape: &[usize],
    output: &str,
) -> TractResult<Arc<TypedRunnableModel>> {
    runtime
        .model_for_proto_model(proto)?
        .with_input_fact(0, f32::fact(shape).into())?
        .with_outputs_by_name([output])?
        .into_optimized()?
        .into_runnable()
}

/// Dimensions of the vector in the output, or the output's shape when there is no vector in it.
fn dimensions(plan: &TypedRunnableModel, pooling: Pooling) -> Result<usize, String> {
    let fact = plan.model().output_fact(0).map_err(|error| short(&error))?;
    let Some(shape) = fact.shape.as_concrete() else {
        return Err(format!("{:?}, which depends on the picture", fact.shape));
    };
    let found = match (pooling, shape) {
        (Pooling::Whole, [1, sides @ ..]) if sides.iter().filter(|s| **s != 1).count() <= 1 => {
            sides.iter().product()
        }
        (Pooling::FirstToken, [1, tokens, dimensions]) if *tokens > 0 => *dimensions,
        _ => 0,
    };
    if (1..=EMBEDDING_DIMENSIONS_MAX).contains(&found) {
        return Ok(found);
    }
    let sides: Vec<_> = shape.iter().map(usize::to_string).collect();
    Err(sides.join("×"))
}

/// Runs the runtime and turns its panics into errors: it is made for sound models, and indexes
/// without looking in some places. Nothing it may have left half done is used afterwards.
fn guard<T>(work: impl FnOnce() -> TractResult<T>) -> Result<T, String> {
    match catch_unwind(AssertUnwindSafe(work)) {
        Ok(result) => result.map_err(|error| short(&error)),
        Err(_) => Err("the runtime panicked".to_owned()),
    }
}

/// The error and its causes; some hold a whole operator, weights and all.
fn short(error: &TractError) -> String {
    format!("{error:#}").chars().take(500).collect()
}
