//! What a PDQ hash costs: one, and all eight ways, of grey and coloured planes.
//!
//! `cargo bench -p markhound-index --bench pdq`.

mod timing;

use std::hint::black_box;

use markhound_index::image::{GreyPlane, Pdq, PdqVariants, RgbPlane};
use timing::median;

fn photo(width: usize, height: usize, channels: usize) -> Vec<u8> {
    let wave = |x: usize, y: usize, k: usize| {
        ((x * (k % 7 + 1) + y * (k % 5 + 1) + 131 * k) as f64 / 37.0).sin() * 24.0
    };
    (0..height)
        .flat_map(|y| (0..width * channels).map(move |x| (x / channels, y)))
        .map(|(x, y)| (128.0 + (1..6).map(|k| wave(x, y, k)).sum::<f64>()) as u8)
        .collect()
}

fn main() {
    for (width, height) in [(256, 256), (400, 533), (800, 800), (1273, 1580)] {
        let (grey, rgb) = (photo(width, height, 1), photo(width, height, 3));
        let grey = GreyPlane::new(&grey, width, height).expect("the length is right");
        let rgb = RgbPlane::new(&rgb, width, height).expect("the length is right");
        median(&format!("PDQ of grey {width}×{height}"), 501, 1, || {
            black_box(Pdq::of(&grey));
        });
        median("… in eight ways", 501, 1, || {
            black_box(PdqVariants::of(&grey));
        });
        median("… in eight ways, of RGB", 501, 1, || {
            black_box(PdqVariants::of(&rgb));
        });
    }
}
