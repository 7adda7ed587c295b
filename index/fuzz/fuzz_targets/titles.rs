//! Any bytes as a title and a description, against a small catalog.
#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use markhound_index::text::{CatalogProduct, CatalogTextIndex};

static INDEX: LazyLock<CatalogTextIndex> = LazyLock::new(|| {
    let product = |id, brand: &str, name: &str, model: &str| CatalogProduct {
        id,
        brand: brand.to_owned(),
        name: name.to_owned(),
        model_numbers: vec![model.to_owned()],
        aliases: vec!["\u{30f4}\u{30a7}\u{30ed}\u{30fc}\u{30e9}".to_owned()],
        ..CatalogProduct::default()
    };
    CatalogTextIndex::build([
        product(1, "Velora", "Velora Aria Leather Tote", "VL-2210.A"),
        product(2, "Nordic Pine", "Nordic Pine Lounge Chair", "88410"),
    ])
    .expect("the index builds")
});

fuzz_target!(|bytes: &[u8]| {
    let text = String::from_utf8_lossy(bytes);
    let (title, description) = text.split_once('\n').unwrap_or((&text, ""));
    let found = INDEX.search(title, Some(description), 5);
    for found in found {
        assert!((0.0..=1.0).contains(&found.score));
        for hit in &found.hits {
            assert_eq!(title.get(hit.start..hit.end), Some(hit.found.as_str()));
        }
    }
});
