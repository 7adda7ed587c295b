//! Pictures: one by its hash, and what a picture is found in.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::response::Response;

use super::super::Web;
use super::super::failure::Failure;
use super::super::find::{self, MOST_BYTES, Refusal};
use super::super::picture;
use super::gate::Caller;
use super::input::{Asked, Raw};
use super::model::{Finds, ShowsProduct, Side};

/// A captured or reference picture, re-encoded.
#[utoipa::path(get, path = "/api/v1/pictures/{hash}",
    params(("hash" = String, Path, pattern = "^[0-9a-f]{64}$"), Side),
    responses((status = 200, body = Vec<u8>, content_type = "image/jpeg")))]
pub(in super::super) async fn show(
    State(web): State<Arc<Web>>,
    caller: Caller,
    Path(hash): Path<String>,
    Asked(asked): Asked<Side>,
    headers: HeaderMap,
) -> Result<Response, Failure> {
    caller.must_read()?;
    if asked.w.is_some_and(|side| !(1..=2000).contains(&side)) {
        return Err(Failure::BadRequest("w must be 1 to 2000".to_owned()));
    }
    picture::answer(&web, &caller.store(&web), hash, asked.w, &headers).await
}

/// Says which captured listings show a picture, and which products it matches. The
/// picture is the body, at most 20 MiB; nothing of it is kept.
#[utoipa::path(post, path = "/api/v1/find",
    request_body(content = Vec<u8>, content_type = "application/octet-stream"),
    responses((status = 200, body = Finds)))]
pub(in super::super) async fn find(
    State(web): State<Arc<Web>>,
    caller: Caller,
    body: Raw<MOST_BYTES>,
) -> Result<axum::Json<Finds>, Failure> {
    caller.must_read()?;
    let bytes = body.bytes().await?;
    let found = find::look(&web, &caller.store(&web), &bytes)
        .await
        .map_err(Refusal::failure)?;
    Ok(axum::Json(Finds {
        listings: found
            .listings
            .into_iter()
            .map(|hit| hit.found.into())
            .collect(),
        more: found.more,
        not_searched: found.left_out + found.not_reached,
        products: found
            .products
            .into_iter()
            .map(|found| ShowsProduct {
                sku: found.product.sku,
                brand: found.product.brand,
                name: found.product.name,
                per_cent: found.percent,
                photo: found.reference_blob,
            })
            .collect(),
        catalog_problem: found.catalog_problem,
    }))
}
