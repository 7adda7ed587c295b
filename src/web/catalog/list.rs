//! The list of products, on a page and as a sheet.

use std::collections::HashMap;

use askama::Template;
use axum::extract::{Query, State};
use axum::response::Response;
use serde::Deserialize;

use super::super::Shared;
use super::super::failure::Failure;
use super::super::session::Viewer;
use super::super::sheet::Sheet;
use super::super::shell::{Shell, page as respond};
use super::super::show;
use super::{Entry, Expiry, RightView, SOON_DAYS};
use crate::clock::Millis;
use crate::store::Store;
use crate::store::lists::{ProductFilter, ProductOrder};
use crate::store::products::Product;

/// Products on a page.
const PAGE: u32 = 60;
/// Orders offered: (word in the address, words on the page).
const ORDERS: [(&str, &str); 3] = [
    ("", "Brand and name"),
    ("sku", "SKU"),
    ("changed", "Last changed first"),
];

#[derive(Template)]
#[template(path = "web/templates/catalog.html")]
struct CatalogPage {
    shell: Shell,
    products: Vec<Entry>,
    asked: Asked,
    brands: Vec<String>,
    /// Products in all, and those of which a right needs attention.
    count: i64,
    warnings: i64,
    /// Products that were removed.
    removed: i64,
    next: Option<String>,
    link: String,
    may_administer: bool,
}

/// The query of `/catalog`; what makes no sense counts as not given.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(in super::super) struct Asked {
    q: String,
    brand: String,
    /// `attention`: products of which a right ends soon, or that have none; `removed`:
    /// those that were removed from the catalog.
    only: String,
    sort: String,
    /// Continue after the product with this SKU.
    after: String,
}

impl Asked {
    fn filter(&self, now: Millis) -> ProductFilter {
        ProductFilter {
            text: self.text(),
            brand: self.brand.chars().take(300).collect(),
            ends_by: self.attention().then(|| soon(now)),
            removed: self.removed(),
            order: match self.sort.as_str() {
                "sku" => ProductOrder::Sku,
                "changed" => ProductOrder::Changed,
                _ => ProductOrder::Name,
            },
        }
    }

    fn text(&self) -> String {
        self.q.trim().chars().take(200).collect()
    }

    fn attention(&self) -> bool {
        self.only == "attention"
    }

    fn removed(&self) -> bool {
        self.only == "removed"
    }

    fn narrows(&self) -> bool {
        !self.text().is_empty() || !self.brand.is_empty() || self.attention() || self.removed()
    }

    fn link(&self, after: &str) -> String {
        let text = self.text();
        let only = match &*self.only {
            known @ ("attention" | "removed") => known,
            _ => "",
        };
        show::filled(&[
            ("q", &text),
            ("brand", &self.brand),
            ("only", only),
            ("sort", &self.sort),
            ("after", after),
        ])
    }
}

/// The last day of those that are warned of.
fn soon(now: Millis) -> String {
    let until = Millis(now.0 + i64::from(SOON_DAYS) * 86_400_000);
    until.timestamp().strftime("%Y-%m-%d").to_string()
}

pub(in super::super) async fn page(
    State(web): Shared,
    viewer: Viewer,
    Query(asked): Query<Asked>,
) -> Result<Response, Failure> {
    let store = &viewer.store(&web);
    let now = web.app.clock.millis();
    let after = match asked.after.as_str() {
        "" => None,
        // A product that is gone meanwhile: from the beginning.
        sku => store.product(sku).await.ok(),
    };
    let mut products = store
        .products_by(&asked.filter(now), after.as_ref(), PAGE + 1)
        .await?;
    let more = products.len() > PAGE as usize;
    products.truncate(PAGE as usize);
    let next = products.last().filter(|_| more);
    let next = next.map(|last| asked.link(&last.sku));
    let (count, warnings) = store.product_counts(&soon(now)).await?;
    let may_administer = viewer.may_manage();
    respond(&CatalogPage {
        shell: Shell::new(&web, viewer, "catalog").await?,
        brands: store.brands_in_catalog().await?,
        removed: store.removed_count().await?,
        count,
        warnings,
        products: entries(store, products, now).await?,
        next,
        link: asked.link(""),
        asked,
        may_administer,
    })
}

/// Products with what the list shows beside them.
async fn entries(
    store: &Store,
    products: Vec<Product>,
    now: Millis,
) -> Result<Vec<Entry>, Failure> {
    let ids: Vec<i64> = products.iter().map(|product| product.id).collect();
    let undecided: HashMap<i64, i64> = store.undecided_of(&ids).await?.into_iter().collect();
    let photos = store.first_reference_blobs(&ids).await?;
    let mut photos: HashMap<i64, String> = photos.into_iter().collect();
    let mut rights: HashMap<i64, Vec<RightView>> = HashMap::new();
    for right in store.rights_in(&ids).await? {
        let of_product = rights.entry(right.product_id).or_default();
        of_product.push(RightView::new(right, now));
    }
    let entry = |product: Product| {
        let id = product.id;
        Entry::new(
            product,
            rights.remove(&id).unwrap_or_default(),
            photos.remove(&id),
            undecided.get(&id).copied().unwrap_or(0),
        )
    };
    Ok(products.into_iter().map(entry).collect())
}

/// The list as a sheet.
pub(in super::super) async fn sheet(
    store: &Store,
    asked: &Asked,
    now: Millis,
) -> Result<Sheet, Failure> {
    let mut sheet = Sheet::new(
        "catalog",
        &[
            "sku",
            "brand",
            "name",
            "category",
            "model_numbers",
            "msrp",
            "currency",
            "classification",
            "released",
            "rights",
            "first_expiry",
            "undecided_cases",
            "updated_at",
        ],
    );
    let room = Sheet::ROOM + 1;
    let products = store.products_by(&asked.filter(now), None, room).await?;
    for part in products.chunks(500) {
        for entry in entries(store, part.to_vec(), now).await? {
            let expiries = entry
                .rights
                .iter()
                .filter_map(|right| right.right.expiry.clone());
            let first_expiry = expiries.min();
            let rights: Vec<&str> = entry.rights.iter().map(|r| r.right.kind.as_str()).collect();
            let product = &entry.product;
            sheet.row(vec![
                product.sku.clone().into(),
                product.brand.clone().into(),
                product.name.clone().into(),
                product.category.clone().into(),
                product.model_numbers.0.join("; ").into(),
                product.msrp.clone().into(),
                product.currency.clone().into(),
                product.classification.clone().into(),
                product.released.clone().into(),
                rights.join("; ").into(),
                first_expiry.into(),
                entry.undecided.into(),
                product.updated_at.to_string().into(),
            ]);
        }
    }
    Ok(sheet)
}
