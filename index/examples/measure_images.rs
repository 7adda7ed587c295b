//! Runs the picture search over an evaluation set and prints what it finds, one JSON object a line
//! in the form of `markhound check image --json`.
//!
//! `cargo run -p markhound-index --example measure_images -- SET > out.jsonl`, where SET holds
//! `catalog.csv` (sku, images), `refs/` and `truth.csv` (file first). Timings go to stderr.

use std::error::Error;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use markhound_index::image::{DecodeLimits, Fingerprint, GreyPicture, ReferenceIndex};
use serde_json::json;

fn hashes(path: &Path) -> Result<(Fingerprint, Duration, Duration), Box<dyn Error>> {
    let bytes = std::fs::read(path)?;
    let start = Instant::now();
    let picture = GreyPicture::decode(&bytes, &DecodeLimits::default())?;
    let decoded = start.elapsed();
    let hashes = Fingerprint::compute(&picture);
    Ok((hashes, decoded, start.elapsed() - decoded))
}

fn main() -> Result<(), Box<dyn Error>> {
    let set = PathBuf::from(std::env::args().nth(1).ok_or("which set?")?);
    let mut index = ReferenceIndex::new();
    let mut skus = Vec::new();
    for row in csv::Reader::from_path(set.join("catalog.csv"))?.deserialize() {
        let row: std::collections::HashMap<String, String> = row?;
        let product = skus.len() as i64;
        skus.push(row["sku"].clone());
        for image in row["images"].split(';') {
            let (hashes, ..) = hashes(&set.join("refs").join(image))?;
            index.insert(index.len() as i64, product, &hashes);
        }
    }
    eprintln!("{} references", index.len());
    let (mut decode, mut hash, mut search) = (Duration::ZERO, Duration::ZERO, Duration::ZERO);
    let mut pictures = 0;
    for row in csv::Reader::from_path(set.join("truth.csv"))?.records() {
        let file = row?[0].to_owned();
        let (query, decoded, hashed) = hashes(&set.join(&file))?;
        let start = Instant::now();
        let found = index.search(&query);
        search += start.elapsed();
        decode += decoded;
        hash += hashed;
        pictures += 1;
        let matches: Vec<_> = found
            .iter()
            .map(|m| {
                json!({"sku": skus[m.product as usize], "reference": m.reference, "score": m.score,
                    "method": m.method, "transform": m.transform, "region": m.region,
                    "inliers": m.inliers, "distance": m.distance})
            })
            .collect();
        println!(
            "{}",
            json!({"file": file, "matches": matches, "error": null})
        );
    }
    let each = |d: Duration| d.as_secs_f64() * 1e3 / f64::from(pictures);
    eprintln!(
        "{pictures} pictures: decode {:.2} ms, hash {:.2} ms, search {:.2} ms each",
        each(decode),
        each(hash),
        each(search)
    );
    Ok(())
}
