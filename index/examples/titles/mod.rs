//! Labelled titles and their catalog, and how they are split into two halves.

use std::collections::HashMap;
use std::error::Error;

use markhound_index::text::CatalogProduct;
use serde::Deserialize;

/// A labelled title.
#[derive(Debug, Clone, Deserialize)]
pub struct Labelled {
    pub title: String,
    pub kind: String,
    /// The product it concerns; nothing when it concerns none of the catalog.
    pub sku: Option<String>,
}

/// Reads a catalog: a CSV file with the columns of `markhound catalog import`.
pub fn catalog(path: &str) -> Result<Vec<CatalogProduct>, Box<dyn Error>> {
    let mut products = Vec::new();
    for row in csv::Reader::from_path(path)?.deserialize() {
        let row: HashMap<String, String> = row?;
        let list = |name: &str| -> Vec<String> {
            let cell = row.get(name).map_or("", String::as_str);
            let parts = cell.split(';').filter(|s| !s.is_empty());
            parts.map(str::to_owned).collect()
        };
        products.push(CatalogProduct {
            id: products.len() as i64,
            sku: row["sku"].clone(),
            brand: row["brand"].clone(),
            name: row["name"].clone(),
            aliases: list("aliases"),
            model_numbers: list("model_numbers"),
            keywords: list("keywords"),
            category: None,
        });
    }
    Ok(products)
}

/// Reads titles: one JSON object a line.
pub fn titles(path: &str) -> Result<Vec<Labelled>, Box<dyn Error>> {
    let text = std::fs::read_to_string(path)?;
    let lines = text.lines().filter(|l| !l.trim().is_empty());
    Ok(lines.map(serde_json::from_str).collect::<Result<_, _>>()?)
}

/// One half of the brands with the titles that concern them, and half of the other titles: those that
/// begin with the same two words stay together. Another letter than `a` and `b` takes all.
pub fn half(
    half: char,
    catalog: &[CatalogProduct],
    titles: &[Labelled],
) -> (Vec<CatalogProduct>, Vec<Labelled>) {
    let is_in = |key: &str| match half {
        'a' | 'b' => fnv(key) % 2 == u32::from(half == 'b'),
        _ => true,
    };
    let products: Vec<CatalogProduct> = catalog
        .iter()
        .filter(|p| is_in(&p.brand.to_lowercase()))
        .cloned()
        .collect();
    let titles = titles
        .iter()
        .filter(|t| match &t.sku {
            Some(sku) => products.iter().any(|p| p.sku == *sku),
            None => {
                let words: Vec<&str> = t.title.split_whitespace().take(2).collect();
                is_in(&words.join(" ").to_lowercase())
            }
        })
        .cloned()
        .collect();
    (products, titles)
}

/// FNV-1a: the same on every machine and in every version of the compiler.
fn fnv(text: &str) -> u32 {
    let hash = text.bytes().fold(0x811c_9dc5_u32, |hash, byte| {
        (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193)
    });
    hash ^ hash >> 15
}
