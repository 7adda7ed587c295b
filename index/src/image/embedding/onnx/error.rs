//! Why a model cannot be used.

use std::path::PathBuf;

/// Why a model could not be loaded.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OnnxError {
    /// An option is out of its range.
    #[error("cannot load the model {path}: {what}; correct the options given with it")]
    Options {
        /// The model's file.
        path: PathBuf,
        /// Which option, and its range.
        what: &'static str,
    },
    /// The file cannot be read.
    #[error("cannot read the model {path}: {source}; check the path and its permissions")]
    Read {
        /// The model's file.
        path: PathBuf,
        /// What the operating system said.
        source: std::io::Error,
    },
    /// The file is larger than allowed.
    #[error(
        "refused to load the model {path}: it has more than {max_model_bytes} bytes; raise the \
         limit in its options if the machine has several times that much memory"
    )]
    TooLarge {
        /// The model's file.
        path: PathBuf,
        /// The limit that was passed in.
        max_model_bytes: u64,
    },
    /// The file is not in the ONNX format, or is cut off.
    #[error(
        "cannot read {path} as a model: {what}; export the model to ONNX, and fetch the file again \
         if it was one"
    )]
    NotOnnx {
        /// The model's file.
        path: PathBuf,
        /// What is missing or what the parser said.
        what: String,
    },
    /// The weights lie in other files, which are not read.
    #[error(
        "cannot load the model {path}: its weights lie in files beside it, which are not read; save \
         it as a single file"
    )]
    ExternalData {
        /// The model's file.
        path: PathBuf,
    },
    /// The model does not take one picture of the expected shape.
    #[error(
        "cannot feed the model {path}: {expected} is given, but it takes {found}; correct side and \
         layout in its options, or export the image encoder alone"
    )]
    Input {
        /// The model's file.
        path: PathBuf,
        /// The input that would be given.
        expected: String,
        /// The inputs the model has.
        found: String,
    },
    /// The model has no output that is a vector.
    #[error(
        "cannot read a vector from the model {path}: {expected} is wanted, but it gives {found}; \
         correct output and pooling in its options"
    )]
    Output {
        /// The model's file.
        path: PathBuf,
        /// The output that is wanted.
        expected: String,
        /// The outputs the model has.
        found: String,
    },
    /// The model uses operators that the runtime does not have.
    #[error(
        "cannot run the model {path}: the runtime lacks its operators {operators:?}; export it with \
         an operator set from 9 to 18 and no operators of its own"
    )]
    Operators {
        /// The model's file.
        path: PathBuf,
        /// The operators' names, at most ten, in alphabetical order.
        operators: Vec<String>,
    },
    /// The runtime could not make sense of the model.
    #[error(
        "cannot run the model {path}: {what}; check it with the `onnx` package's checker, or export \
         it again with another operator set (9 to 18)"
    )]
    Unusable {
        /// The model's file.
        path: PathBuf,
        /// What the runtime said, cut at 500 characters.
        what: String,
    },
}
