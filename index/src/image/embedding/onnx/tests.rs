//! The tests of the ONNX runtime, on a model of a kilobyte that `samples/make.py` made.

use std::path::{Path, PathBuf};

use image::{Rgb, RgbImage};

use super::*;

fn samples() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src/image/embedding/samples")
}

fn tiny() -> PathBuf {
    samples().join("tiny.onnx")
}

fn options() -> OnnxOptions {
    OnnxOptions {
        side: 8,
        ..OnnxOptions::sscd("tiny-1")
    }
}

/// The picture of `samples/make.py`.
fn picture() -> Picture {
    Picture::from_rgb(RgbImage::from_fn(8, 8, |x, y| {
        Rgb([0, 1, 2].map(|c| ((x * 29 + y * 17 + c * 71 + x * y * 5) % 256) as u8))
    }))
}

fn expected(output: &str) -> Vec<f32> {
    let text = std::fs::read_to_string(samples().join("tiny.json")).expect("the sample is there");
    let all: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    serde_json::from_value(all[output].clone()).expect("numbers")
}

fn assert_like_onnxruntime(options: &OnnxOptions, output: &str) {
    let model = OnnxEmbedder::load(tiny(), options).expect("the sample loads");
    let found = model.embed(&picture()).expect("a vector");
    let expected = Embedding::new(model.name(), &expected(output)).expect("a vector");
    assert_eq!(model.dimensions(), expected.values().len());
    for (found, expected) in found.values().iter().zip(expected.values()) {
        assert!((found - expected).abs() < 1e-5, "{found} for {expected}");
    }
}

/// Loads the sample with its bytes changed, from a file of its own.
fn load_changed(test: &str, change: impl FnOnce(&mut Vec<u8>)) -> Result<OnnxEmbedder, OnnxError> {
    let mut bytes = std::fs::read(tiny()).expect("the sample is there");
    change(&mut bytes);
    let name = format!("markhound-onnx-{test}-{}", std::process::id());
    let path = std::env::temp_dir().join(name);
    std::fs::write(&path, bytes).expect("the temporary folder can be written");
    let result = OnnxEmbedder::load(&path, &options());
    std::fs::remove_file(&path).expect("the file is ours");
    result
}

fn replace(bytes: &mut [u8], from: &[u8], to: &[u8]) {
    let places = bytes.windows(from.len()).position(|window| window == from);
    let place = places.expect("the sample holds it");
    bytes[place..place + to.len()].copy_from_slice(to);
}

#[test]
fn the_vector_is_that_of_onnxruntime() {
    assert_like_onnxruntime(&options(), "vector");
}

#[test]
fn the_first_token_of_a_named_output_is_that_of_onnxruntime() {
    let options = OnnxOptions {
        output: Some("tokens".to_owned()),
        pooling: Pooling::FirstToken,
        ..options()
    };
    assert_like_onnxruntime(&options, "first_token");
}

#[test]
fn the_name_changes_with_the_options_and_the_file() {
    let name = |options: &OnnxOptions| {
        let model = OnnxEmbedder::load(tiny(), options).expect("the sample loads");
        model.name().to_owned()
    };
    let first = name(&options());
    assert!(first.starts_with("tiny-1/") && first.len() == "tiny-1/".len() + 16);
    assert_eq!(first, name(&options()));
    let other = OnnxOptions {
        fit: Fit::CropCentre { shorter: 9 },
        ..options()
    };
    assert_ne!(first, name(&other));
    let changed = load_changed("name", |bytes| replace(bytes, b"tiny", b"tina"));
    assert_ne!(first, changed.expect("only a name was changed").name());
}

#[test]
fn pictures_of_every_shape_are_prepared() {
    for fit in [Fit::Squeeze, Fit::CropCentre { shorter: 10 }] {
        let model = OnnxEmbedder::load(tiny(), &OnnxOptions { fit, ..options() }).expect("loads");
        for (width, height) in [(1, 1), (1, 500), (500, 1), (7, 9), (100, 60)] {
            let grey = RgbImage::from_pixel(width, height, Rgb([90, 120, 40]));
            let found = model.embed(&Picture::from_rgb(grey)).expect("a vector");
            let small = RgbImage::from_pixel(8, 8, Rgb([90, 120, 40]));
            let small = model.embed(&Picture::from_rgb(small)).expect("a vector");
            assert!(found.cosine(&small).expect("one model") > 0.9999);
        }
        let empty = Picture::from_rgb(RgbImage::new(0, 0));
        let error = model.embed(&empty).expect_err("there is nothing in it");
        assert!(matches!(error, EmbeddingError::Failed { .. }), "{error}");
    }
}

#[test]
fn cropping_leaves_the_edges_out() {
    let options = OnnxOptions {
        fit: Fit::CropCentre { shorter: 16 },
        ..options()
    };
    let middle = picture();
    let framed = RgbImage::from_fn(24, 16, |x, y| match (x.checked_sub(8), y.checked_sub(4)) {
        (Some(x @ ..8), Some(y @ ..8)) => *middle.pixels().get_pixel(x, y),
        _ => Rgb([255, 0, 255]),
    });
    assert_eq!(
        prepare::prepare(&Picture::from_rgb(framed), &options),
        prepare::prepare(
            &middle,
            &OnnxOptions {
                fit: Fit::Squeeze,
                ..options.clone()
            }
        )
    );
}

#[test]
fn layouts_differ_in_the_order_of_values_only() {
    let first = prepare::prepare(&picture(), &options());
    let last = OnnxOptions {
        layout: Layout::ChannelsLast,
        ..options()
    };
    let last = prepare::prepare(&picture(), &last);
    for place in 0..64 {
        for channel in 0..3 {
            assert_eq!(
                first[channel * 64 + place].to_bits(),
                last[place * 3 + channel].to_bits()
            );
        }
    }
}

#[test]
fn a_missing_file_is_named() {
    let error = OnnxEmbedder::load("no/such/model.onnx", &options()).expect_err("missing");
    assert!(matches!(error, OnnxError::Read { .. }), "{error}");
    assert!(error.to_string().contains("no/such/model.onnx"));
}

#[test]
fn what_is_no_model_is_refused() {
    for (test, bytes) in [
        ("empty", &b""[..]),
        ("html", b"<!DOCTYPE html><title>404</title>"),
        ("zip", b"PK\x03\x04\x14\x00\x00\x00archive/data.pkl"),
    ] {
        let error = load_changed(test, |all| *all = bytes.to_vec()).expect_err("no model");
        assert!(matches!(error, OnnxError::NotOnnx { .. }), "{error}");
    }
}

#[test]
fn a_model_cut_off_anywhere_is_refused_without_a_panic() {
    let length = std::fs::metadata(tiny())
        .expect("the sample is there")
        .len() as usize;
    for keep in (0..length - 20).step_by(37) {
        let result = load_changed("cut", |bytes| bytes.truncate(keep));
        assert!(result.is_err(), "{keep} bytes were enough");
    }
}

#[test]
fn a_model_over_the_limit_is_refused() {
    let options = OnnxOptions {
        max_model_bytes: 1000,
        ..options()
    };
    let error = OnnxEmbedder::load(tiny(), &options).expect_err("too large");
    assert!(matches!(error, OnnxError::TooLarge { .. }), "{error}");
}

#[test]
fn an_input_of_another_shape_is_described() {
    for options in [
        OnnxOptions {
            side: 16,
            ..options()
        },
        OnnxOptions {
            layout: Layout::ChannelsLast,
            ..options()
        },
    ] {
        let error = OnnxEmbedder::load(tiny(), &options).expect_err("another shape");
        assert!(matches!(error, OnnxError::Input { .. }), "{error}");
        assert!(
            error.to_string().contains("\"image\" (batch×3×8×8, FLOAT)"),
            "{error}"
        );
    }
}

#[test]
fn an_output_that_is_missing_or_no_vector_is_described() {
    for (output, pooling) in [
        (Some("logits"), Pooling::Whole),
        (Some("tokens"), Pooling::Whole),
        (None, Pooling::FirstToken),
    ] {
        let options = OnnxOptions {
            output: output.map(str::to_owned),
            pooling,
            ..options()
        };
        let error = OnnxEmbedder::load(tiny(), &options).expect_err("no vector");
        assert!(matches!(error, OnnxError::Output { .. }), "{error}");
    }
}

#[test]
fn an_operator_the_runtime_lacks_is_named() {
    let error = load_changed("operator", |bytes| replace(bytes, b"Relu", b"Rulu"));
    match error.expect_err("no such operator") {
        OnnxError::Operators { operators, .. } => assert_eq!(operators, ["Rulu"]),
        other => panic!("{other}"),
    }
}

/// What is said of the sample after a change to its declarations.
fn check_changed(change: impl FnOnce(&mut tract_onnx::pb::GraphProto)) -> OnnxError {
    let runtime = tract_onnx::onnx();
    let mut model = runtime
        .proto_model_for_path(tiny())
        .expect("the sample is ONNX");
    change(model.graph.as_mut().expect("the sample has a graph"));
    check::check(&model, &runtime, &tiny(), &options()).expect_err("the change is a fault")
}

#[test]
fn weights_in_other_files_are_refused() {
    let error = check_changed(|graph| graph.initializer[0].data_location = Some(1));
    assert!(matches!(error, OnnxError::ExternalData { .. }), "{error}");
}

#[test]
fn a_second_input_is_refused_and_both_are_named() {
    let error = check_changed(|graph| {
        let mut text = graph.input[0].clone();
        text.name = "input_ids".to_owned();
        graph.input.push(text);
    });
    assert!(matches!(error, OnnxError::Input { .. }), "{error}");
    let text = error.to_string();
    assert!(
        text.contains("\"image\"") && text.contains("\"input_ids\""),
        "{text}"
    );
}

#[test]
fn an_output_that_no_operator_makes_is_refused() {
    let error = check_changed(|graph| graph.output[1].name = "nothing".to_owned());
    assert!(matches!(error, OnnxError::Output { .. }), "{error}");
}

#[test]
fn an_output_that_is_not_finite_is_refused() {
    let bias = expected_bias();
    let model = load_changed("nan", |bytes| {
        replace(bytes, &bias, &f32::NAN.to_le_bytes())
    });
    let error = model
        .expect("it loads")
        .embed(&picture())
        .expect_err("not a number");
    assert!(
        matches!(error, EmbeddingError::NotFinite { place: 0, .. }),
        "{error}"
    );
}

/// The bytes of the first value of the weights named "bias", by the formula of `samples/make.py`.
fn expected_bias() -> [u8; 4] {
    (4.0_f64.sin() as f32 * 0.5).to_le_bytes()
}

#[test]
fn options_out_of_range_are_refused() {
    for options in [
        OnnxOptions {
            side: 0,
            ..options()
        },
        OnnxOptions {
            side: 2000,
            ..options()
        },
        OnnxOptions {
            name: String::new(),
            ..options()
        },
        OnnxOptions {
            deviation: [1.0, 0.0, 1.0],
            ..options()
        },
        OnnxOptions {
            mean: [f32::NAN; 3],
            ..options()
        },
        OnnxOptions {
            fit: Fit::CropCentre { shorter: 7 },
            ..options()
        },
    ] {
        let error = OnnxEmbedder::load(tiny(), &options).expect_err("out of range");
        assert!(matches!(error, OnnxError::Options { .. }), "{error}");
    }
}
