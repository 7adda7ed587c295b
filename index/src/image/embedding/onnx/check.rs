//! What a model says of itself, looked at before the runtime builds anything from it.

use std::collections::{BTreeSet, HashSet};
use std::path::Path;

use tract_onnx::Onnx;
use tract_onnx::pb::tensor_proto::{DataLocation, DataType};
use tract_onnx::pb::tensor_shape_proto::dimension::Value as Side;
use tract_onnx::pb::type_proto::Value as Type;
use tract_onnx::pb::{GraphProto, ModelProto, ValueInfoProto};

use super::{Layout, OnnxError, OnnxOptions};

/// Most names an error lists.
const LISTED: usize = 10;

/// The shape of the input that will be given.
pub(super) fn input_shape(options: &OnnxOptions) -> [usize; 4] {
    let side = options.side as usize;
    match options.layout {
        Layout::ChannelsFirst => [1, 3, side, side],
        Layout::ChannelsLast => [1, side, side, 3],
    }
}

/// Refuses a model that cannot be run with the options, and gives the name of its output.
pub(super) fn check(
    model: &ModelProto,
    runtime: &Onnx,
    path: &Path,
    options: &OnnxOptions,
) -> Result<String, OnnxError> {
    let graph = model
        .graph
        .as_ref()
        .filter(|graph| model.ir_version > 0 && !graph.node.is_empty());
    let Some(graph) = graph else {
        return Err(OnnxError::NotOnnx {
            path: path.to_owned(),
            what: "it holds no graph of operators".to_owned(),
        });
    };
    let external = Some(DataLocation::External as i32);
    if graph
        .initializer
        .iter()
        .any(|t| t.data_location == external)
    {
        return Err(OnnxError::ExternalData {
            path: path.to_owned(),
        });
    }
    check_operators(graph, runtime, path)?;
    check_input(graph, path, options)?;
    find_output(graph, path, options)
}

fn check_operators(graph: &GraphProto, runtime: &Onnx, path: &Path) -> Result<(), OnnxError> {
    let known = &runtime.op_register.0;
    let missing: BTreeSet<&str> = graph
        .node
        .iter()
        .map(|node| node.op_type.as_str())
        .filter(|name| !known.contains_key(*name))
        .collect();
    if missing.is_empty() {
        return Ok(());
    }
    Err(OnnxError::Operators {
        path: path.to_owned(),
        operators: missing.into_iter().take(LISTED).map(cut).collect(),
    })
}

fn check_input(graph: &GraphProto, path: &Path, options: &OnnxOptions) -> Result<(), OnnxError> {
    // Old exports list the weights among the inputs.
    let weights: HashSet<&str> = graph.initializer.iter().map(|t| t.name.as_str()).collect();
    let inputs: Vec<_> = graph
        .input
        .iter()
        .filter(|input| !weights.contains(input.name.as_str()))
        .collect();
    let expected = input_shape(options);
    let fits = matches!(inputs.as_slice(), [input] if takes(input, &expected));
    if fits {
        return Ok(());
    }
    let [_, a, b, c] = expected;
    Err(OnnxError::Input {
        path: path.to_owned(),
        expected: format!("one input of 1×{a}×{b}×{c} 32-bit floats"),
        found: list(inputs.into_iter()),
    })
}

/// True when a declared input takes 32-bit floats of the shape; what it leaves open fits.
fn takes(input: &ValueInfoProto, shape: &[usize; 4]) -> bool {
    let Some(Type::TensorType(tensor)) = input.r#type.as_ref().and_then(|t| t.value.as_ref())
    else {
        return false;
    };
    if tensor.elem_type != DataType::Float as i32 {
        return false;
    }
    tensor.shape.as_ref().is_none_or(|declared| {
        declared.dim.len() == shape.len()
            && declared
                .dim
                .iter()
                .zip(shape)
                .all(|(side, wanted)| match side.value {
                    // Some exporters write -1 or 0 for a side that is open.
                    Some(Side::DimValue(value)) => value <= 0 || value == *wanted as i64,
                    _ => true,
                })
    })
}

fn find_output(
    graph: &GraphProto,
    path: &Path,
    options: &OnnxOptions,
) -> Result<String, OnnxError> {
    let missing = |expected| OnnxError::Output {
        path: path.to_owned(),
        expected,
        found: list(graph.output.iter()),
    };
    // The runtime takes it for granted that a node makes each output.
    let made: HashSet<&str> = graph
        .node
        .iter()
        .flat_map(|node| node.output.iter().map(String::as_str))
        .collect();
    if let Some(lost) = graph
        .output
        .iter()
        .find(|output| !made.contains(output.name.as_str()))
    {
        let lost = cut(&lost.name);
        return Err(missing(format!("an operator that makes output {lost:?}")));
    }
    let found = match &options.output {
        Some(name) => graph.output.iter().find(|output| output.name == *name),
        None => graph.output.first(),
    };
    found.map(|output| output.name.clone()).ok_or_else(|| {
        missing(match &options.output {
            Some(name) => format!("an output named {name:?}"),
            None => "an output".to_owned(),
        })
    })
}

/// Names and shapes, for an error.
fn list<'a>(values: impl ExactSizeIterator<Item = &'a ValueInfoProto>) -> String {
    let count = values.len();
    let listed: Vec<_> = values.take(LISTED).map(describe).collect();
    match count {
        0 => "none".to_owned(),
        1..=LISTED => listed.join(", "),
        _ => format!("{} and {} more", listed.join(", "), count - LISTED),
    }
}

fn describe(value: &ValueInfoProto) -> String {
    let name = cut(&value.name);
    let Some(Type::TensorType(tensor)) = value.r#type.as_ref().and_then(|t| t.value.as_ref())
    else {
        return format!("{name:?}");
    };
    let sides: Vec<_> = tensor
        .shape
        .iter()
        .flat_map(|shape| shape.dim.iter().take(8))
        .map(|side| match &side.value {
            Some(Side::DimValue(value)) => value.to_string(),
            Some(Side::DimParam(name)) => cut(name),
            None => "?".to_owned(),
        })
        .collect();
    let kind = match DataType::try_from(tensor.elem_type) {
        Ok(kind) => kind.as_str_name(),
        Err(_) => "unknown type",
    };
    format!("{name:?} ({}, {kind})", sides.join("×"))
}

/// A name of the file at a length an error can hold.
fn cut(name: &str) -> String {
    name.chars().take(60).collect()
}
