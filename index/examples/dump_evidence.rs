//! What speaks for each reference that was looked at in a set of pictures: the training data of
//! `src/image/evidence_model.csv` (see `training/README.md`).
//!
//! `cargo run --release -p markhound-index --example dump_evidence -- SET > evidence.jsonl`, where SET
//! holds `catalog.csv` (sku, images), `refs/` and `truth.csv` (file, attack, sku). A line a candidate:
//! `[file, attack, true sku, candidate's sku, reference, [numbers…]]`.

use std::collections::HashMap;
use std::error::Error;
use std::path::{Path, PathBuf};

use markhound_index::image::{DecodeLimits, Fingerprint, GreyPicture, ReferenceIndex};
use serde_json::json;

fn fingerprint(path: &Path) -> Result<Fingerprint, Box<dyn Error>> {
    let bytes = std::fs::read(path)?;
    let picture = GreyPicture::decode(&bytes, &DecodeLimits::default())?;
    Ok(Fingerprint::compute(&picture))
}

fn main() -> Result<(), Box<dyn Error>> {
    let set = PathBuf::from(std::env::args().nth(1).ok_or("which set?")?);
    let mut index = ReferenceIndex::new();
    let mut skus = Vec::new();
    let mut files = Vec::new();
    for row in csv::Reader::from_path(set.join("catalog.csv"))?.deserialize() {
        let row: HashMap<String, String> = row?;
        for image in row["images"].split(';') {
            let taken = fingerprint(&set.join("refs").join(image))?;
            index.insert(files.len() as i64, skus.len() as i64, &taken);
            files.push(image.to_owned());
        }
        skus.push(row["sku"].clone());
    }
    eprintln!(
        "{} references; numbers: {:?}",
        index.len(),
        ReferenceIndex::evidence_names()
    );
    for row in csv::Reader::from_path(set.join("truth.csv"))?.records() {
        let row = row?;
        for (reference, product, numbers) in index.evidence(&fingerprint(&set.join(&row[0]))?) {
            let (sku, file) = (&skus[product as usize], &files[reference as usize]);
            println!("{}", json!([&row[0], &row[1], &row[2], sku, file, numbers]));
        }
    }
    Ok(())
}
