//! Pages in the manner of many shop programs, without structured data, and
//! what stands in them: `samples/pages/*.html` beside `*.json`.

use std::path::{Path, PathBuf};

use serde_json::Value;
use url::Url;

use crate::extract::read_page;
use crate::listing::Listing;

const FIELDS: [&str; 6] = [
    "title",
    "price",
    "currency",
    "images",
    "availability",
    "seller",
];

fn pages(folder: &str) -> Vec<(String, String, Value)> {
    let folder: PathBuf = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("src/extract/samples")
        .join(folder);
    let mut pages = Vec::new();
    for file in std::fs::read_dir(&folder).expect("the samples").flatten() {
        let path = file.path();
        if path.extension().is_some_and(|e| e == "html") {
            let html = std::fs::read_to_string(&path).expect("a page");
            let expected =
                std::fs::read_to_string(path.with_extension("json")).expect("what stands in it");
            let name = path
                .file_stem()
                .unwrap_or_default()
                .to_string_lossy()
                .into_owned();
            pages.push((name, html, serde_json::from_str(&expected).expect("JSON")));
        }
    }
    pages.sort_by(|a, b| a.0.cmp(&b.0));
    pages
}

fn value(listing: &Listing, field: &str) -> Value {
    let text = |value: Option<String>| value.map_or(Value::Null, Value::String);
    match field {
        "title" => Value::String(listing.title.clone()),
        "price" => text(listing.price.as_ref().map(|price| price.amount.to_string())),
        "currency" => text(
            listing
                .price
                .as_ref()
                .and_then(|price| price.currency.clone()),
        ),
        "images" => listing
            .images
            .iter()
            .map(|url| Value::String(url.path().to_owned()))
            .collect(),
        "availability" => serde_json::to_value(listing.availability).expect("JSON"),
        _ => text(listing.seller.clone()),
    }
}

/// Right fields, all fields, wrong prices.
fn measure(folder: &str) -> (usize, usize, usize) {
    let (mut right, mut total, mut wrong_prices) = (0, 0, 0);
    for (name, html, expected) in pages(folder) {
        let url = Url::parse(expected["url"].as_str().expect("a URL")).expect("a URL");
        let found = read_page(html.as_bytes(), Some("text/html; charset=utf-8"), &url);
        if expected["none"] == true {
            total += 1;
            right += usize::from(found.is_empty());
            if let Some(listing) = found.first() {
                println!(
                    "{name}: a listing where none is: {:?} {:?}",
                    listing.title, listing.price
                );
            }
            continue;
        }
        total += FIELDS.len();
        let Some(listing) = found.first().filter(|_| found.len() == 1) else {
            println!("{name}: {} listings", found.len());
            continue;
        };
        for field in FIELDS {
            let (is, wanted) = (value(listing, field), &expected[field]);
            if is == *wanted {
                right += 1;
            } else {
                wrong_prices += usize::from(field == "price" && !is.is_null());
                println!("{name}.{field}: {is} instead of {wanted}");
            }
        }
    }
    println!("{folder}: {right} of {total} fields, {wrong_prices} wrong prices");
    (right, total, wrong_prices)
}

#[test]
fn pages_of_many_shop_programs_are_read_by_how_they_are_built() {
    let (right, total, wrong_prices) = measure("pages");
    assert!(right * 100 >= total * 95 && wrong_prices == 0);
}
