//! The definitions that come with the program, and the saved answers of their
//! tests.

use super::Definition;

/// Files beside the definitions, by their path there.
macro_rules! files {
    ($($path:literal),* $(,)?) => {
        &[$(($path, include_str!(concat!("../../definitions/", $path)))),*]
    };
}

const FILES: &[(&str, &str)] = files![
    "ebay.toml",
    "etsy.toml",
    "rakuten.toml",
    "aliexpress.toml",
    "shopify.toml",
    "woocommerce-store.toml",
    "magento-graphql.toml",
    "schema-org.toml",
];

const SAMPLES: &[(&str, &str)] = files![
    "samples/aliexpress/item.json",
    "samples/aliexpress/list-last.json",
    "samples/aliexpress/list.json",
    "samples/ebay/auction.json",
    "samples/ebay/image.json",
    "samples/ebay/item.json",
    "samples/ebay/list.json",
    "samples/etsy/item.json",
    "samples/etsy/list-last.json",
    "samples/etsy/list.json",
    "samples/magento-graphql/list.json",
    "samples/rakuten/list.json",
    "samples/schema-org/item.html",
    "samples/schema-org/sitemap.xml",
    "samples/shopify/product.json",
    "samples/shopify/products.json",
    "samples/woocommerce-store/item.json",
    "samples/woocommerce-store/list.json",
];

/// All of them; a test reads each, so none is ever left out here.
pub(super) fn all() -> Vec<Definition> {
    FILES
        .iter()
        .filter_map(|(name, text)| Definition::parse(text, name).ok())
        .collect()
}

/// The text of one, by its file's name without the ending.
pub(super) fn text(id: &str) -> Option<&'static str> {
    FILES
        .iter()
        .find(|(name, _)| name.strip_suffix(".toml") == Some(id))
        .map(|(_, text)| *text)
}

/// A saved answer, by its path beside the definitions.
pub(super) fn sample(path: &str) -> Option<&'static [u8]> {
    SAMPLES
        .iter()
        .find(|(name, _)| *name == path)
        .map(|(_, text)| text.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::definition::case::{CaseKind, ExpectedNext, ExpectedSignal};

    #[test]
    fn every_definition_that_ships_can_be_read() {
        for (name, text) in FILES {
            if let Err(error) = Definition::parse(text, name) {
                panic!("{error}");
            }
        }
    }

    #[test]
    fn every_definition_that_ships_passes_its_own_tests() {
        let load = |path: &str| {
            sample(path)
                .map(<[u8]>::to_vec)
                .ok_or_else(|| format!("{path} is no sample"))
        };
        let mut failed = String::new();
        let mut ran = 0;
        for definition in all() {
            for report in definition.run_tests(&load) {
                ran += 1;
                for difference in report.differences {
                    failed += &format!("{} {}: {difference:?}\n", definition.id(), report.name);
                }
            }
        }
        assert_eq!(failed, "");
        assert!(ran >= 5 * FILES.len(), "{ran} tests");
    }

    #[test]
    fn every_definition_that_ships_is_tested_for_lists_items_ends_gone_and_blocked() {
        for definition in all() {
            let tests = &definition.schema.tests;
            let has = |what: &str, fits: &dyn Fn(&crate::definition::case::Case) -> bool| {
                assert!(tests.iter().any(fits), "{}: {what}", definition.id());
            };
            has("list", &|t| {
                t.kind != CaseKind::Item && t.expect.signal.is_none()
            });
            has("item", &|t| {
                t.kind == CaseKind::Item && t.expect.listings.is_some()
            });
            has("end", &|t| t.expect.next == Some(ExpectedNext::Is(false)));
            has("gone", &|t| t.expect.signal == Some(ExpectedSignal::Gone));
            has("blocked", &|t| {
                t.expect.signal == Some(ExpectedSignal::Blocked)
            });
        }
    }

    #[test]
    fn a_test_that_fails_says_field_expected_and_got() {
        let text = text("etsy")
            .expect("etsy")
            .replace("price = \"43.90\"", "price = \"48.00\"");
        let definition = Definition::parse(&text, "etsy").expect("a definition");
        let load = |path: &str| Ok(sample(path).unwrap_or_default().to_vec());
        let reports = definition.run_tests(&load);
        assert!(!reports[0].passed);
        let difference = &reports[0].differences[0];
        assert_eq!(
            (&*difference.field, &*difference.expected, &*difference.got),
            ("listings[0].price", "48", "43.9")
        );
        assert!(reports[1].passed);
        let missing = definition.run_tests(&|_| Err("no such file".to_owned()));
        assert_eq!(missing[0].differences[0].field, "response");
    }
}
