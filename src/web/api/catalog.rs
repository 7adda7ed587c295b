//! The protected catalog: products with their rights, changing them, and what was
//! changed. Photos are in [`super::photos`].

use std::sync::Arc;

use axum::extract::{Path, State};
use serde::Deserialize;
use serde_json::Value;
use utoipa::IntoParams;

use super::super::Web;
use super::super::catalog::failure;
use super::super::failure::Failure;
use super::gate::Caller;
use super::input::{Asked, Json, after, bounded, limit};
use super::model::{
    Event, NewProduct, NewUndo, Page, Paged, Photo, Product, ProductInFull, Removed,
};
use crate::accounts::Role;
use crate::accounts::token::Scope;
use crate::catalog::edit;
use crate::store::lists::{AuditFilter, ProductFilter};

/// What products are narrowed to.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(in super::super) struct Narrowed {
    /// Part of a name, a SKU or a model number.
    #[param(max_length = 200)]
    q: Option<String>,
    /// A brand.
    #[param(max_length = 300)]
    brand: Option<String>,
    /// Those that were removed from the catalog, instead of those in it.
    removed: Option<bool>,
    /// Entries of a page, 50 unless given.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<u32>,
    /// `next` of the page before.
    #[param(pattern = "^[0-9]{1,18}$")]
    cursor: Option<String>,
}

/// Products by brand and name.
#[utoipa::path(get, path = "/api/v1/products", params(Narrowed),
    responses((status = 200, body = Page<Product>)))]
pub(in super::super) async fn products(
    State(web): State<Arc<Web>>,
    caller: Caller,
    Asked(asked): Asked<Narrowed>,
) -> Result<axum::Json<Page<Product>>, Failure> {
    caller.must_read()?;
    let limit = limit(asked.limit)?;
    let wanted = ProductFilter {
        text: asked.q.unwrap_or_default(),
        brand: asked.brand.unwrap_or_default(),
        removed: asked.removed.unwrap_or(false),
        ..ProductFilter::default()
    };
    bounded("q", &wanted.text, 200)?;
    bounded("brand", &wanted.brand, 300)?;
    let store = caller.store(&web);
    let before = match after(asked.cursor.as_deref())? {
        // As on the page: from the beginning, where it is gone.
        Some(id) => store.product_by_id(id).await.ok(),
        None => None,
    };
    let products = store
        .products_by(&wanted, before.as_ref(), limit + 1)
        .await?;
    let page = Page::of(products, limit, |last| last.id.to_string());
    Ok(axum::Json(page))
}

/// One product with its rights and photos.
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
    in_full(&caller, &web, &sku).await.map(axum::Json)
}

async fn in_full(caller: &Caller, web: &Web, sku: &str) -> Result<ProductInFull, Failure> {
    let store = caller.store(web);
    let product = store.product(sku).await?;
    let rights = store.rights_of(product.id).await?;
    let photos = store.reference_photos_of(product.id).await?;
    // Photos that cannot be searched are for the doctor to tell of.
    let references = web.references.up_to_date(&web.app).await.ok();
    let set_aside = |photo| references.as_ref().and_then(|all| all.set_aside(photo));
    Ok(ProductInFull {
        fingerprint: product.fingerprint.clone(),
        product: product.into(),
        rights: rights.into_iter().map(Into::into).collect(),
        photos: photos
            .into_iter()
            .map(|photo| {
                let why = set_aside(photo.id);
                Photo::new(photo, why)
            })
            .collect(),
    })
}

/// Adds a product, or changes one from what was seen of it.
#[utoipa::path(put, path = "/api/v1/products/{sku}",
    params(("sku" = String, Path, min_length = 1, max_length = 100)),
    request_body = NewProduct, responses((status = 200, body = ProductInFull)))]
pub(in super::super) async fn save(
    State(web): State<Arc<Web>>,
    caller: Caller,
    Path(sku): Path<String>,
    Json(new): Json<NewProduct>,
) -> Result<axum::Json<ProductInFull>, Failure> {
    caller.must(Scope::Catalog, Role::Manager, "change the catalog")?;
    bounded("sku", &sku, 100)?;
    let store = caller.store(&web);
    let seen = new.seen.clone().unwrap_or_default();
    bounded("seen", &seen, 64)?;
    if !seen.is_empty() {
        store.product(&sku).await?;
    }
    let Ok(Value::Object(mut document)) = serde_json::to_value(&new) else {
        return Err(Failure::Unprocessable("that is no product".to_owned()));
    };
    for (field, value) in &document {
        fits(field, value)?;
    }
    document.insert("sku".to_owned(), sku.into());
    let draft = edit::check(&document).map_err(|errors| {
        let why: Vec<String> = errors
            .into_iter()
            .map(|error| match error.column {
                Some(column) => format!("{column}: {}", error.reason),
                None => error.reason,
            })
            .collect();
        Failure::Unprocessable(why.join("; "))
    })?;
    store
        .edit_product(caller.name(), &draft, &seen, None)
        .await?;
    in_full(&caller, &web, &draft.sku).await.map(axum::Json)
}

/// Whether a field is within the bounds that are described, before any of it is tidied.
fn fits(field: &str, value: &Value) -> Result<(), Failure> {
    match value {
        Value::String(text) if matches!(field, "msrp" | "currency") => bounded(field, text, 30),
        Value::String(text) => bounded(field, text, 300),
        Value::Array(items) => {
            let most = match field {
                "rights" | "classes" => 100,
                _ => 500,
            };
            if items.len() > most {
                return Err(Failure::Unprocessable(format!(
                    "{field} holds more than {most}"
                )));
            }
            items.iter().try_for_each(|item| fits(field, item))
        }
        Value::Object(fields) => fields
            .iter()
            .try_for_each(|(name, value)| fits(name, value)),
        _ => Ok(()),
    }
}

/// What was changed of a product, the newest first: events of the audit log.
#[utoipa::path(get, path = "/api/v1/products/{sku}/history",
    params(("sku" = String, Path, min_length = 1, max_length = 200), Paged),
    responses((status = 200, body = Page<Event>)))]
pub(in super::super) async fn history(
    State(web): State<Arc<Web>>,
    caller: Caller,
    Path(sku): Path<String>,
    Asked(asked): Asked<Paged>,
) -> Result<axum::Json<Page<Event>>, Failure> {
    caller.must_read()?;
    bounded("sku", &sku, 200)?;
    let limit = limit(asked.limit)?;
    let before = after(asked.cursor.as_deref())?;
    let store = caller.store(&web);
    let product = store.product(&sku).await?;
    let of = AuditFilter {
        subject: format!("product {}", product.sku),
        ..AuditFilter::default()
    };
    let events = store.audit_by(&of, before, limit + 1).await?;
    let page = Page::of(events, limit, |last| last.seq.to_string());
    Ok(axum::Json(page))
}

/// Removes a product from the catalog. Nothing is held against it any more, and its
/// undecided cases leave the queue with it; decided ones, notices and the log stay.
/// Removing it twice changes nothing.
#[utoipa::path(delete, path = "/api/v1/products/{sku}",
    params(("sku" = String, Path, min_length = 1, max_length = 200)),
    responses((status = 200, body = Removed)))]
pub(in super::super) async fn remove(
    State(web): State<Arc<Web>>,
    caller: Caller,
    Path(sku): Path<String>,
) -> Result<axum::Json<Removed>, Failure> {
    caller.must(Scope::Catalog, Role::Manager, "change the catalog")?;
    bounded("sku", &sku, 200)?;
    let store = caller.store(&web);
    store.remove_product(caller.name(), &sku).await?;
    Ok(axum::Json(store.removal(&sku).await?.into()))
}

/// Brings a removed product back into the catalog, with its undecided cases. What was
/// captured meanwhile is to be searched by a hunt. Restoring it twice changes nothing.
#[utoipa::path(post, path = "/api/v1/products/{sku}/restore",
    params(("sku" = String, Path, min_length = 1, max_length = 200)),
    responses((status = 200, body = ProductInFull)))]
pub(in super::super) async fn restore(
    State(web): State<Arc<Web>>,
    caller: Caller,
    Path(sku): Path<String>,
) -> Result<axum::Json<ProductInFull>, Failure> {
    caller.must(Scope::Catalog, Role::Manager, "change the catalog")?;
    bounded("sku", &sku, 200)?;
    let store = caller.store(&web);
    store.restore_product(caller.name(), &sku, None).await?;
    in_full(&caller, &web, &sku).await.map(axum::Json)
}

/// Takes back a change of a product, as long as nothing changed the same fields since,
/// or its removal.
#[utoipa::path(post, path = "/api/v1/products/{sku}/undo",
    params(("sku" = String, Path, min_length = 1, max_length = 200)),
    request_body = NewUndo, responses((status = 200, body = ProductInFull)))]
pub(in super::super) async fn undo(
    State(web): State<Arc<Web>>,
    caller: Caller,
    Path(sku): Path<String>,
    Json(new): Json<NewUndo>,
) -> Result<axum::Json<ProductInFull>, Failure> {
    caller.must(Scope::Catalog, Role::Manager, "change the catalog")?;
    bounded("sku", &sku, 200)?;
    let app = caller.app(&web);
    edit::take_back(&app, caller.name(), &sku, new.event)
        .await
        .map_err(failure)?;
    in_full(&caller, &web, &sku).await.map(axum::Json)
}
