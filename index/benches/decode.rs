//! What decoding to grey costs, for files of the sizes shops serve.
//!
//! `cargo bench -p markhound-index --bench decode`.
//! The synthetic files are sequential: the `image` crate writes no progressive JPEG. To measure
//! real files, name a folder, each of whose subfolders is measured as one group of JPEGs:
//! `MARKHOUND_BENCH_JPEGS=folder cargo bench -p markhound-index --bench decode`.

mod timing;

use std::hint::black_box;
use std::path::Path;

use image::codecs::jpeg::JpegEncoder;
use image::{Rgb, RgbImage};
use markhound_index::image::{DecodeLimits, GreyPicture, Picture};
use timing::median;

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

fn measure(what: &str, files: &[Vec<u8>]) {
    let limits = DecodeLimits::default();
    let per_file = |what: &str, read: &dyn Fn(&[u8])| {
        median(what, 15, files.len(), || files.iter().for_each(|f| read(f)));
    };
    per_file(&format!("{what}, grey"), &|file| {
        black_box(GreyPicture::decode(file, &limits).is_ok());
    });
    per_file(&format!("{what}, grey, shrunk to 512"), &|file| {
        let grey = GreyPicture::decode(file, &limits);
        black_box(grey.map(|picture| picture.shrunk_to(512)).is_ok());
    });
    per_file(&format!("{what}, RGB"), &|file| {
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
