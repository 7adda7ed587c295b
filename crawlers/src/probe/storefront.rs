//! Shops that answer with JSON to whoever asks.

use std::sync::Arc;

use serde_json::Value;

use super::page::api_sample;
use super::report::{Sample, Tier};
use super::{End, Probe, draft};
use crate::definition::{Definition, authority};
use crate::discover::seeds;
use crate::listing::Listing;
use crate::{prepare, read};

/// How many products are asked for.
const PRODUCTS: u32 = 3;

/// A shop program with open JSON.
struct Kind {
    /// The shipped definition.
    id: &'static str,
    name: &'static str,
    /// What its pages have in their source.
    hints: [&'static str; 2],
    /// The products in an answer; none where it has another shape.
    products: fn(&Value) -> Option<&Vec<Value>>,
    /// What each product has.
    marks: [&'static str; 2],
}

const KINDS: [Kind; 3] = [
    Kind {
        id: "shopify",
        name: "Shopify",
        hints: ["cdn.shopify.com", "Shopify."],
        products: |answer| answer.get("products")?.as_array(),
        marks: ["handle", "variants"],
    },
    Kind {
        id: "woocommerce-store",
        name: "WooCommerce",
        hints: ["woocommerce", "wp-content"],
        products: Value::as_array,
        marks: ["permalink", "prices"],
    },
    Kind {
        id: "magento-graphql",
        name: "Magento 2",
        hints: ["Magento_", "mage/"],
        products: |answer| answer.pointer("/data/products/items")?.as_array(),
        marks: ["sku", "price_range"],
    },
];

impl Probe<'_> {
    /// Asks for the products as each shop program offers them, first as the
    /// one the home page looks like.
    pub(super) async fn storefront(&mut self, source: &str) -> Option<End> {
        let mut kinds: Vec<&Kind> = KINDS.iter().collect();
        kinds.sort_by_key(|kind| !kind.hints.iter().any(|hint| source.contains(hint)));
        for kind in kinds {
            if let Some(end) = self.try_kind(kind).await {
                return Some(end);
            }
        }
        None
    }

    async fn try_kind(&mut self, kind: &'static Kind) -> Option<End> {
        let definition = asking(kind, &self.base)?;
        let target = seeds(&definition, &[]).into_iter().next()?;
        let exchange = self.asker.guess(&definition, &target).await?;
        let Ok(answer) = serde_json::from_slice::<Value>(&exchange.body) else {
            self.asker.showed("a page, no JSON".to_owned());
            return None;
        };
        let Some(products) = (kind.products)(&answer) else {
            self.asker
                .showed(format!("JSON, but not that of {}", kind.name));
            return None;
        };
        let fits = |product: &Value| kind.marks.iter().all(|mark| product.get(mark).is_some());
        if products.is_empty() {
            self.asker
                .showed(format!("as {} answers, but without any product", kind.name));
            return None;
        }
        let listings =
            read(&definition, &target, &exchange).map_or_else(|_| Vec::new(), |r| r.listings);
        if !products.iter().all(fits) || listings.is_empty() {
            self.asker
                .showed(format!("JSON, but not that of {}", kind.name));
            return None;
        }
        self.asker.showed(format!(
            "{} product(s) as {} states them",
            listings.len(),
            kind.name
        ));
        let samples = self.with_currency(&definition, listings).await;
        let host = authority(&self.base);
        let draft = draft::of_template(kind.id, Some(&self.base), &host, &[]);
        Some(End {
            tier: Tier::Storefront,
            why: format!(
                "{} answers {} with its products in JSON",
                host,
                target.url.path()
            ),
            samples,
            draft: Some(draft),
        })
    }

    /// The listings as samples; asks the shop for its currency if they have none.
    async fn with_currency(
        &mut self,
        definition: &Definition,
        mut listings: Vec<Listing>,
    ) -> Vec<Sample> {
        let lacks = |listing: &Listing| {
            listing
                .price
                .as_ref()
                .is_some_and(|price| price.currency.is_none())
        };
        if !definition.schema.price.currency_from.is_empty()
            && listings.iter().any(lacks)
            && let Ok(prepared) = prepare(self.asker.fetcher, definition).await
        {
            let said = prepared.currency.clone();
            self.asker.noted(&prepared.exchanges, said.as_deref());
            for price in listings
                .iter_mut()
                .filter_map(|listing| listing.price.as_mut())
            {
                price.currency = price.currency.take().or_else(|| said.clone());
            }
        }
        if listings.iter().any(lacks) {
            self.warnings.push(
                "the shop does not say in which currency its prices are; set `price.currency`"
                    .to_owned(),
            );
        }
        listings.iter().map(api_sample).collect()
    }
}

/// The shipped definition, asking for few products at the program's own pace.
fn asking(kind: &Kind, base: &url::Url) -> Option<Definition> {
    let mut builtin = Definition::builtin().into_iter();
    let template = builtin.find(|definition| definition.id() == kind.id)?;
    let definition = template.with_base(base.as_str()).ok()?;
    let mut schema = Arc::unwrap_or_clone(definition.schema);
    schema.discover.limit = PRODUCTS;
    schema.rate = Default::default();
    Some(Definition {
        schema: Arc::new(schema),
    })
}
