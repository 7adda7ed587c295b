//! What a listing's picture costs from its bytes to its matches, against a large catalog.
//!
//! `cargo bench -p markhound-index --bench cascade`. Without more, the pictures are the sample
//! catalog's photos; real ones are better, since references are made of parts of photos and of few
//! photos look much alike: `MARKHOUND_BENCH_PHOTOS=folder`, and `MARKHOUND_BENCH_REFERENCES=n` for
//! another number than 10,000. Every second photo is a query, saved anew with 800 pixels on the longer
//! side; references are made of the others, so that no query is related to one.

mod timing;

use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::time::Instant;

use bytes::Bytes;
use image::RgbImage;
use image::codecs::jpeg::JpegEncoder;
use image::imageops::{FilterType, resize};
use markhound_index::eval::{Random, made_reference};
use markhound_index::image::{DecodeLimits, Fingerprint, GreyPicture, Picture, ReferenceIndex};
use timing::median;

/// Queries, at most.
const QUERIES: usize = 200;
/// Photos that references are made of, at most.
const MATERIAL: usize = 400;
const ROUNDS: usize = 5;

fn photos(folder: &Path) -> Vec<RgbImage> {
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder)
        .expect("a folder of photos")
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| path.extension().is_some_and(|e| e == "jpg"))
        .collect();
    files.sort();
    files
        .iter()
        .take(QUERIES + MATERIAL)
        .filter_map(|path| {
            let picture = Picture::decode(&std::fs::read(path).ok()?, &DecodeLimits::default());
            Some(at_most(picture.ok()?.pixels(), 800))
        })
        .collect()
}

fn at_most(photo: &RgbImage, longer: u32) -> RgbImage {
    let scale = f64::from(longer) / f64::from(photo.width().max(photo.height()));
    let side = |v: u32| (f64::from(v) * scale).round().max(1.0) as u32;
    resize(
        photo,
        side(photo.width()),
        side(photo.height()),
        FilterType::Triangle,
    )
}

fn jpeg(photo: &RgbImage) -> Vec<u8> {
    let mut out = Vec::new();
    JpegEncoder::new_with_quality(&mut out, 85)
        .encode_image(photo)
        .expect("memory takes it");
    out
}

fn main() {
    let sample = concat!(env!("CARGO_MANIFEST_DIR"), "/../fixtures/photos");
    let folder = std::env::var("MARKHOUND_BENCH_PHOTOS").unwrap_or_else(|_| sample.to_owned());
    let wanted = std::env::var("MARKHOUND_BENCH_REFERENCES");
    let wanted: i64 = wanted.ok().and_then(|n| n.parse().ok()).unwrap_or(10_000);
    let photos = photos(Path::new(&folder));
    let queries: Vec<Vec<u8>> = photos.iter().step_by(2).map(jpeg).take(QUERIES).collect();
    let material: Vec<&RgbImage> = photos.iter().skip(1).step_by(2).collect();
    println!(
        "{} queries, references made of {} photos",
        queries.len(),
        material.len()
    );

    let mut random = Random::new(1, "bench", 0);
    let mut index = ReferenceIndex::new();
    let mut building = 0.0;
    for reference in 0..wanted {
        let [first, second] = [(); 2].map(|()| material[random.below(material.len())]);
        let made = made_reference(first, second, &mut random);
        let picture = GreyPicture::from_picture(&Picture::from_rgb(made));
        let stored = Fingerprint::compute(&picture).to_bytes();
        let start = Instant::now();
        let fingerprint = Fingerprint::from_bytes(&stored).expect("as it was written");
        index.insert(reference, reference, &fingerprint);
        building += start.elapsed().as_secs_f64();
    }
    println!("{wanted} references from their stored form: {building:.2} s");
    let mut file = Vec::new();
    let start = Instant::now();
    index.save(&[0; 32], &mut file).expect("memory takes it");
    let saved = start.elapsed().as_secs_f64();
    let each = file.len() as f64 / wanted as f64;
    println!("written as a file: {saved:.2} s, {each:.0} bytes a reference");
    let file = Bytes::from(file);
    median("opened from that file", ROUNDS, 1, || {
        black_box(ReferenceIndex::open(file.clone(), &[0; 32]).expect("a whole file"));
    });

    let limits = DecodeLimits::default();
    let decode = |bytes: &Vec<u8>| GreyPicture::decode(bytes, &limits).expect("a picture");
    let pictures: Vec<GreyPicture> = queries.iter().map(decode).collect();
    let prints: Vec<Fingerprint> = pictures.iter().map(Fingerprint::compute).collect();
    let each = queries.len();
    median("decode", ROUNDS, each, || {
        queries
            .iter()
            .for_each(|bytes| drop(black_box(decode(bytes))));
    });
    median("fingerprint", ROUNDS, each, || {
        pictures
            .iter()
            .for_each(|p| drop(black_box(Fingerprint::compute(p))));
    });
    median("search", ROUNDS, each, || {
        prints
            .iter()
            .for_each(|print| drop(black_box(index.search(print))));
    });
    median("all three, one core", ROUNDS, each, || {
        for bytes in &queries {
            black_box(index.search(&Fingerprint::compute(&decode(bytes))));
        }
    });
    let found = prints
        .iter()
        .filter(|print| !index.search(print).is_empty());
    println!(
        "{} of {each} unrelated pictures matched something",
        found.count()
    );
}
