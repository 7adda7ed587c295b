//! Reference photos: sending one, and whether listings are held against it.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::StatusCode;

use super::super::Web;
use super::super::catalog::{MOST_BYTES, add};
use super::super::failure::Failure;
use super::gate::Caller;
use super::input::{Asked, Json, Raw, bounded};
use super::model::{PhotoChange, PhotoName, PhotoSent};
use crate::accounts::Role;
use crate::accounts::token::Scope;
use crate::blobs::sha256_hex;
use crate::store::matching::Matching;
use crate::store::{Store, StoreError};

/// Adds a photo to a product: its bytes, at most 20 MiB of JPEG, PNG, WebP or GIF. One
/// that the product has already changes nothing.
#[utoipa::path(post, path = "/api/v1/products/{sku}/photos",
    params(("sku" = String, Path, min_length = 1, max_length = 200), PhotoName),
    request_body(content = Vec<u8>, content_type = "application/octet-stream"),
    responses((status = 200, body = PhotoSent)))]
pub(in super::super) async fn send(
    State(web): State<Arc<Web>>,
    caller: Caller,
    Path(sku): Path<String>,
    Asked(asked): Asked<PhotoName>,
    body: Raw<MOST_BYTES>,
) -> Result<axum::Json<PhotoSent>, Failure> {
    caller.must(Scope::Catalog, Role::Manager, "change the catalog")?;
    bounded("sku", &sku, 200)?;
    let name = asked.name.unwrap_or_default();
    bounded("name", &name, 300)?;
    caller.store(&web).product(&sku).await?;
    let bytes = body.bytes().await?;
    let hash = sha256_hex(&bytes);
    let added = add(&web, &caller.viewer, &sku, &name, bytes).await?;
    Ok(axum::Json(PhotoSent {
        hash,
        added: added.map_err(Failure::Unprocessable)?,
    }))
}

/// Says whether listings are held against a photo. `never` takes it out of use:
/// cases that rest on it keep their evidence.
#[utoipa::path(patch, path = "/api/v1/products/{sku}/photos/{hash}",
    params(("sku" = String, Path, min_length = 1, max_length = 200),
        ("hash" = String, Path, pattern = "^[0-9a-f]{64}$")),
    request_body = PhotoChange, responses((status = 204, description = "It is so")))]
pub(in super::super) async fn change(
    State(web): State<Arc<Web>>,
    caller: Caller,
    Path((sku, hash)): Path<(String, String)>,
    Json(change): Json<PhotoChange>,
) -> Result<StatusCode, Failure> {
    caller.must(Scope::Catalog, Role::Manager, "change the catalog")?;
    bounded("sku", &sku, 200)?;
    let store = caller.store(&web);
    let name = named(&store, &sku, &hash).await?;
    let matching =
        Matching::try_from(change.matching.as_str().to_owned()).map_err(Failure::Unprocessable)?;
    store
        .set_matching(caller.name(), &sku, &[name], matching)
        .await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Removes a photo that no case rests on (409 otherwise: set it to `never` then).
#[utoipa::path(delete, path = "/api/v1/products/{sku}/photos/{hash}",
    params(("sku" = String, Path, min_length = 1, max_length = 200),
        ("hash" = String, Path, pattern = "^[0-9a-f]{64}$")),
    responses((status = 204, description = "It is gone")))]
pub(in super::super) async fn remove(
    State(web): State<Arc<Web>>,
    caller: Caller,
    Path((sku, hash)): Path<(String, String)>,
) -> Result<StatusCode, Failure> {
    caller.must(Scope::Catalog, Role::Manager, "change the catalog")?;
    bounded("sku", &sku, 200)?;
    let store = caller.store(&web);
    store.remove_photo(caller.name(), &sku, &hash).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The file name of a product's photo.
async fn named(store: &Store, sku: &str, hash: &str) -> Result<String, Failure> {
    let product = store.product(sku).await?;
    let photos = store.reference_names_of(product.id).await?;
    let photo = photos.into_iter().find(|photo| photo.blob == hash);
    let photo = photo.ok_or_else(|| StoreError::NotFound {
        what: "photo",
        id: hash.chars().take(64).collect(),
    })?;
    Ok(photo.file_name)
}
