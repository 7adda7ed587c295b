//! Runs the catalog text index over titles and prints what it finds, one JSON object a line in the
//! form of `markhound check titles --json`; the probability is that of concerning the product.
//!
//! `cargo run -p markhound-index --example measure_titles -- catalog.csv titles.jsonl > out.jsonl`

use std::collections::HashMap;
use std::error::Error;
use std::io::{BufRead, BufReader};
use std::time::Instant;

use markhound_index::text::{CatalogProduct, CatalogTextIndex};
use serde_json::{Value, json};

fn main() -> Result<(), Box<dyn Error>> {
    let mut args = std::env::args().skip(1);
    let (catalog, titles) = (
        args.next().ok_or("which catalog?")?,
        args.next().ok_or("which titles?")?,
    );
    let mut skus = Vec::new();
    let mut products = Vec::new();
    for row in csv::Reader::from_path(catalog)?.deserialize() {
        let row: HashMap<String, String> = row?;
        let list = |name: &str| -> Vec<String> {
            row.get(name)
                .map(|v| {
                    v.split(';')
                        .filter(|s| !s.is_empty())
                        .map(str::to_owned)
                        .collect()
                })
                .unwrap_or_default()
        };
        products.push(CatalogProduct {
            id: skus.len() as i64,
            sku: row["sku"].clone(),
            brand: row["brand"].clone(),
            name: row["name"].clone(),
            aliases: list("aliases"),
            model_numbers: list("model_numbers"),
            keywords: list("keywords"),
            category: None,
        });
        skus.push(row["sku"].clone());
    }
    let index = CatalogTextIndex::build(products)?;
    let lines: Vec<String> = BufReader::new(std::fs::File::open(titles)?)
        .lines()
        .collect::<Result<_, _>>()?;
    let start = Instant::now();
    for line in &lines {
        let title: Value = serde_json::from_str(line)?;
        let title = title["title"].as_str().ok_or("a line without a title")?;
        let matches: Vec<Value> = index
            .search(title, None, 10)?
            .into_iter()
            .map(|m| json!({"sku": skus[m.product as usize], "probability": m.score}))
            .collect();
        println!("{}", json!({"title": title, "matches": matches}));
    }
    let seconds = start.elapsed().as_secs_f64();
    eprintln!(
        "{} titles, {:.0} a second",
        lines.len(),
        lines.len() as f64 / seconds
    );
    Ok(())
}
