//! What importing a reading would do, and doing it.

use std::collections::HashMap;
use std::sync::Arc;

use futures::{StreamExt as _, TryStreamExt as _};
use serde::Serialize;

use super::photos::{self, Photo};
use super::{CatalogError, Reading, Row, RowError};
use crate::app::App;
use crate::blobs::BlobError;
use crate::store::StoreError;
use crate::store::import::{ReferenceDraft, Saved};
use crate::store::products::{Product, ReferenceName};

/// What importing a reading would do.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Plan {
    /// SKUs that are new.
    pub added: Vec<String>,
    /// SKUs whose fields differ or that get another photo.
    pub changed: Vec<String>,
    /// SKUs that are in the catalog as they are.
    pub unchanged: Vec<String>,
    /// SKUs that were removed from the catalog and come back.
    pub restored: Vec<String>,
    /// Errors of the reading and of pictures.
    pub errors: Vec<RowError>,
}

/// What an import did.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Imported {
    /// Products that were new.
    pub added: usize,
    /// Products whose fields differed or that got another photo.
    pub changed: usize,
    /// Products that were in the catalog as they are.
    pub unchanged: usize,
    /// Products that had been removed from the catalog and are back.
    pub restored: usize,
    /// Reference photos added.
    pub photos: usize,
    /// Errors of the reading and of pictures.
    pub errors: Vec<RowError>,
}

/// Says what importing a reading would do: compares it with the database and
/// decodes the pictures that are new. Nothing is written.
///
/// # Errors
/// When the database cannot be read.
pub async fn plan(app: &App, reading: &Reading) -> Result<Plan, CatalogError> {
    let stored = Stored::load(app).await?;
    let mut plan = Plan {
        errors: reading.errors.clone(),
        ..Plan::default()
    };
    for row in &reading.rows {
        let looked = look_at(app, reading, row, &stored, false).await?;
        let sku = row.draft.sku.clone();
        let list = match stored.products.get(&sku) {
            None => &mut plan.added,
            Some(old) if old.removed => &mut plan.restored,
            Some(old) if old.fingerprint == row.draft.fingerprint() && looked.new == 0 => {
                &mut plan.unchanged
            }
            Some(_) => &mut plan.changed,
        };
        list.push(sku);
        plan.errors.extend(looked.errors);
    }
    plan.errors.sort_by_key(|error| error.line);
    Ok(plan)
}

/// Imports a reading, one product a transaction; importing the same again
/// changes nothing. Products and photos that the file does not name stay; a product that
/// was removed from the catalog and is named is back.
/// `progress` is told how many of how many rows are done.
///
/// # Errors
/// When the database or the blob store cannot be written; the rows before are
/// kept then, and the same import can be run again.
pub async fn import(
    app: &App,
    actor: &str,
    reading: &Reading,
    mut progress: impl FnMut(usize, usize),
) -> Result<Imported, CatalogError> {
    let stored = Stored::load(app).await?;
    let mut imported = Imported {
        errors: reading.errors.clone(),
        ..Imported::default()
    };
    for (row, done) in reading.rows.iter().zip(1..) {
        let looked = look_at(app, reading, row, &stored, true).await?;
        imported.photos += looked.new;
        imported.errors.extend(looked.errors);
        let saved = app
            .store
            .save_product(actor, &row.draft, &looked.drafts)
            .await?;
        match saved {
            Saved::Added => imported.added += 1,
            Saved::Changed => imported.changed += 1,
            Saved::Unchanged => imported.unchanged += 1,
            Saved::Restored => imported.restored += 1,
        }
        progress(done, reading.rows.len());
    }
    imported.errors.sort_by_key(|error| error.line);
    Ok(imported)
}

/// What the database holds already.
struct Stored {
    /// By SKU.
    products: HashMap<String, Known>,
    photos: HashMap<i64, Arc<Vec<ReferenceName>>>,
}

/// A product that the database holds.
struct Known {
    id: i64,
    fingerprint: String,
    /// Whether it was removed from the catalog.
    removed: bool,
}

impl Stored {
    async fn load(app: &App) -> Result<Self, StoreError> {
        let known = |product: Product| {
            let known = Known {
                id: product.id,
                fingerprint: product.fingerprint,
                removed: product.removed_at.is_some(),
            };
            (product.sku, known)
        };
        let products = app.store.every_product().await?.into_iter().map(known);
        let mut photos: HashMap<i64, Vec<ReferenceName>> = HashMap::new();
        for photo in app.store.every_reference_name().await? {
            photos.entry(photo.product_id).or_default().push(photo);
        }
        Ok(Self {
            products: products.collect(),
            photos: photos
                .into_iter()
                .map(|(id, names)| (id, Arc::new(names)))
                .collect(),
        })
    }

    fn photos_of(&self, sku: &str) -> Arc<Vec<ReferenceName>> {
        self.products
            .get(sku)
            .and_then(|known| self.photos.get(&known.id))
            .cloned()
            .unwrap_or_default()
    }
}

/// What a row's pictures turned out to be.
#[derive(Default)]
struct Looked {
    new: usize,
    drafts: Vec<ReferenceDraft>,
    errors: Vec<RowError>,
}

async fn look_at(
    app: &App,
    reading: &Reading,
    row: &Row,
    stored: &Stored,
    keep: bool,
) -> Result<Looked, CatalogError> {
    let known = stored.photos_of(&row.draft.sku);
    let parallel = std::thread::available_parallelism().map_or(2, usize::from);
    let photos: Vec<Photo> = futures::stream::iter(row.images.iter().cloned())
        .map(|name| {
            let (blobs, dir, known) =
                (app.blobs.clone(), reading.images_dir.clone(), known.clone());
            async move {
                let shown = photos::file_name(&name);
                let looked = tokio::task::spawn_blocking(move || {
                    if keep {
                        photos::keep(&blobs, &dir, &name, &known)
                    } else {
                        Ok(photos::look(&dir, &name, &known))
                    }
                });
                // A decoder that panics on a broken file costs that picture only.
                looked.await.unwrap_or_else(|_| {
                    Ok(Photo::Unusable(format!(
                        "{shown}: the decoder gave up on it; save it anew"
                    )))
                })
            }
        })
        .buffered(parallel)
        .try_collect()
        .await
        .map_err(|error: BlobError| CatalogError::Blob(error))?;
    let mut looked = Looked::default();
    for photo in photos {
        match photo {
            Photo::Known => {}
            Photo::New(draft) => {
                // The same bytes under two names are one photo.
                let repeated = draft.as_ref().is_some_and(|draft| {
                    looked.drafts.iter().any(|other| other.blob == draft.blob)
                });
                if !repeated {
                    looked.new += 1;
                    looked.drafts.extend(draft);
                }
            }
            Photo::Unusable(reason) => looked.errors.push(RowError {
                line: row.line,
                unit: row.unit,
                column: Some("images".to_owned()),
                sku: Some(row.draft.sku.clone()),
                reason,
            }),
        }
    }
    Ok(looked)
}
