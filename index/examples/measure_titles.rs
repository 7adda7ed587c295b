//! Runs the catalog text index over titles and prints what it finds, one JSON object a line in the
//! form of `markhound check titles --json`; the probability is that of concerning the product.
//!
//! `cargo run --release -p markhound-index --example measure_titles -- catalog.csv titles.jsonl > out.jsonl`
//!
//! With `a` or `b` and a file behind, only that half of the brands and of the other titles is taken
//! (see `fit_titles`), and the labels of the titles taken are written to the file.

mod titles;

use std::error::Error;
use std::fmt::Write as _;
use std::time::Instant;

use markhound_index::text::CatalogTextIndex;
use serde_json::{Value, json};

fn main() -> Result<(), Box<dyn Error>> {
    let mut args = std::env::args().skip(1);
    let mut products = titles::catalog(&args.next().ok_or("which catalog?")?)?;
    let mut lines = titles::titles(&args.next().ok_or("which titles?")?)?;
    if let (Some(half), Some(truth)) = (args.next(), args.next()) {
        let half = half.chars().next().unwrap_or('a');
        (products, lines) = titles::half(half, &products, &lines);
        let mut labels = String::new();
        for line in &lines {
            let (title, kind, sku) = (&line.title, &line.kind, &line.sku);
            writeln!(
                labels,
                "{}",
                json!({"title": title, "kind": kind, "sku": sku})
            )?;
        }
        std::fs::write(truth, labels)?;
    }
    for (id, product) in products.iter_mut().enumerate() {
        product.id = id as i64;
    }
    let index = CatalogTextIndex::build(products.iter().cloned())?;
    let start = Instant::now();
    for line in &lines {
        let matches: Vec<Value> = index
            .search(&line.title, None, 5)
            .into_iter()
            .map(|m| json!({"sku": products[m.product as usize].sku, "probability": m.score}))
            .collect();
        println!("{}", json!({"title": line.title, "matches": matches}));
    }
    let seconds = start.elapsed().as_secs_f64();
    eprintln!(
        "{} titles, {:.0} a second",
        lines.len(),
        lines.len() as f64 / seconds
    );
    Ok(())
}
