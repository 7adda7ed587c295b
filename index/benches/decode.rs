//! What decoding to grey costs, for files of the sizes shops serve.
//!
//! `cargo bench -p markhound-index --bench decode`. Medians without a framework, as in `index.rs`.
//! The synthetic files are sequential: the `image` crate writes no progressive JPEG. To measure
//! real files, name a folder, each of whose subfolders is measured as one group of JPEGs:
//! `MARKHOUND_BENCH_JPEGS=folder cargo bench -p markhound-index --bench decode`.

use std::hint::black_box;
use std::path::Path;
use std::time::{Duration, Instant};

use image::codecs::jpeg::JpegEncoder;
use image::{Rgb, RgbImage};
use markhound_index::image::{DecodeLimits, GreyPicture, Picture};

/// Gradients with the grain of a photo.
fn photo(width: u32, height: u32) -> RgbImage {
    let mut state = 1u32;
    RgbImage::from_fn(width, height, |x, y| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let grain = f64::from(state >> 24) / 255.0 * 12.0;
        let (x, y) = (f64::from(x), f64::from(y));
        let shape =
            (x / 37.0).sin() * 50.0 + (y / 23.0).cos() * 40.0 + ((x + y) / 91.0).sin() * 30.0;
        let value = |tint: f64| (120.0 + shape * tint + grain) as u8;
        Rgb([value(1.0), value(0.9), value(0.7)])
    })
}

fn jpeg(width: u32, height: u32) -> Vec<u8> {
    let mut out = Vec::new();
    JpegEncoder::new_with_quality(&mut out, 85)
        .encode_image(&photo(width, height))
        .expect("memory takes it");
    out
}

/// Prints the median time per file over some rounds through all of them.
fn median(what: &str, files: &[Vec<u8>], mut run: impl FnMut(&[u8])) {
    let rounds = 15;
    let mut times: Vec<Duration> = (0..rounds)
        .map(|_| {
            let start = Instant::now();
            for file in files {
                run(file);
            }
            start.elapsed()
        })
        .collect();
    times.sort();
    let each = times[rounds / 2].as_secs_f64() / files.len() as f64;
    println!("{what:45} {:>10.3} ms {:>12.0}/s", each * 1e3, 1.0 / each);
}

fn measure(what: &str, files: &[Vec<u8>]) {
    let limits = DecodeLimits::default();
    median(&format!("{what}, grey"), files, |file| {
        black_box(GreyPicture::decode(file, &limits).is_ok());
    });
    median(&format!("{what}, grey, shrunk to 512"), files, |file| {
        black_box(
            GreyPicture::decode(file, &limits)
                .map(|picture| picture.shrunk_to(512))
                .is_ok(),
        );
    });
    median(&format!("{what}, RGB"), files, |file| {
        black_box(Picture::decode(file, &limits).is_ok());
    });
}

/// The files of a folder, those that cannot be read left out.
fn files(folder: &Path) -> Vec<Vec<u8>> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    entries
        .filter_map(|entry| std::fs::read(entry.path()).ok())
        .collect()
}

fn main() {
    for (width, height) in [(400, 533), (800, 800), (1273, 1580)] {
        let files = vec![jpeg(width, height); 8];
        measure(&format!("synthetic {width}×{height}"), &files);
    }
    let Some(folder) = std::env::var_os("MARKHOUND_BENCH_JPEGS") else {
        println!("no real files: MARKHOUND_BENCH_JPEGS names no folder");
        return;
    };
    let mut groups: Vec<_> = std::fs::read_dir(folder)
        .expect("a folder of folders")
        .flatten()
        .map(|entry| entry.path())
        .collect();
    groups.sort();
    for group in groups {
        let files = files(&group);
        if !files.is_empty() {
            measure(
                &group.file_name().unwrap_or_default().to_string_lossy(),
                &files,
            );
        }
    }
}
