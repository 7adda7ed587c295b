//! The protected catalog.

use std::sync::Arc;

use axum::extract::{Path, State};

use super::super::Web;
use super::super::failure::Failure;
use super::gate::Caller;
use super::input::{Asked, after, bounded, limit};
use super::model::{Page, Paged, Product, ProductInFull};

/// Products, in the order they came into the catalog.
#[utoipa::path(get, path = "/api/v1/products", params(Paged),
    responses((status = 200, body = Page<Product>)))]
pub(in super::super) async fn products(
    State(web): State<Arc<Web>>,
    caller: Caller,
    Asked(asked): Asked<Paged>,
) -> Result<axum::Json<Page<Product>>, Failure> {
    caller.must_read()?;
    let limit = limit(asked.limit)?;
    let after = after(asked.cursor.as_deref())?.unwrap_or(0);
    let store = caller.store(&web);
    let products = store.products_after(after, limit + 1).await?;
    let page = Page::of(products, limit, |last| last.id.to_string());
    Ok(axum::Json(page))
}

/// One product with its rights.
#[utoipa::path(get, path = "/api/v1/products/{sku}",
    params(("sku" = String, Path, min_length = 1, max_length = 200)),
    responses((status = 200, body = ProductInFull)))]
pub(in super::super) async fn product(
    State(web): State<Arc<Web>>,
    caller: Caller,
    Path(sku): Path<String>,
) -> Result<axum::Json<ProductInFull>, Failure> {
    caller.must_read()?;
    bounded("sku", &sku, 200)?;
    let store = caller.store(&web);
    let product = store.product(&sku).await?;
    let rights = store.rights_of(product.id).await?;
    Ok(axum::Json(ProductInFull {
        product: product.into(),
        rights: rights.into_iter().map(Into::into).collect(),
    }))
}
