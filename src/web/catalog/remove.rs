//! Removing a product from the catalog, after saying what that does, and bringing it back.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Path, State};
use axum::response::Response;

use super::super::failure::Failure;
use super::super::session::{Posted, Viewer};
use super::super::shell::{Shell, page as respond};
use super::super::{Shared, Web, show};
use super::edit::{must_manage, to_product};
use crate::store::products::Product;
use crate::store::removals::Removal;

#[derive(Template)]
#[template(path = "web/templates/product_remove.html")]
struct RemovePage {
    shell: Shell,
    product: Product,
    address: String,
    removal: Removal,
}

/// What removing the product would do.
pub(in super::super) async fn confirm_removal(
    State(web): Shared,
    viewer: Viewer,
    Path(sku): Path<String>,
) -> Result<Response, Failure> {
    must_manage(&viewer)?;
    let store = viewer.store(&web);
    let product = store.product(&sku).await?;
    if product.removed_at.is_some() {
        return Ok(to_product(&sku, "gone"));
    }
    respond(&RemovePage {
        removal: store.removal(&sku).await?,
        address: format!("/product/{}", show::segment(&sku)),
        product,
        shell: Shell::new(&web, viewer, "catalog").await?,
    })
}

pub(in super::super) async fn remove_product(
    State(web): State<Arc<Web>>,
    Path(sku): Path<String>,
    posted: Posted,
) -> Result<Response, Failure> {
    must_manage(&posted.viewer)?;
    let store = posted.store(&web);
    store.remove_product(&posted.viewer.name, &sku).await?;
    Ok(to_product(&sku, "gone"))
}

pub(in super::super) async fn restore(
    State(web): State<Arc<Web>>,
    Path(sku): Path<String>,
    posted: Posted,
) -> Result<Response, Failure> {
    must_manage(&posted.viewer)?;
    let store = posted.store(&web);
    let name = &posted.viewer.name;
    let restored = store.restore_product(name, &sku, None).await?;
    Ok(to_product(&sku, if restored { "back" } else { "same" }))
}
