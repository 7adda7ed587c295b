//! The catalog as a file that imports back as it is.

use std::collections::HashMap;
use std::io::Write;

use serde_json::{Value, json};

use super::{COLUMNS, CatalogError, rights};
use crate::app::App;
use crate::store::StoreError;
use crate::store::products::{Product, Right};

/// Writes the catalog as CSV in UTF-8, separated by commas, one line a product
/// by SKU, and gives the number of products. Importing it again changes nothing.
///
/// # Errors
/// When the database cannot be read or `out` cannot be written.
pub async fn export_csv(app: &App, out: impl Write) -> Result<usize, CatalogError> {
    let products = load(app).await?;
    let mut writer = ::csv::Writer::from_writer(out);
    writer.write_record(COLUMNS).map_err(written)?;
    for exported in &products {
        let document = exported.document();
        let cells = COLUMNS.map(|column| cell(column, &document[column]));
        writer.write_record(cells).map_err(written)?;
    }
    writer.flush().map_err(CatalogError::Write)?;
    Ok(products.len())
}

/// Writes the catalog as a JSON document `{"products": […]}` by SKU and gives
/// the number of products. Importing it again changes nothing.
///
/// # Errors
/// When the database cannot be read or `out` cannot be written.
pub async fn export_json(app: &App, mut out: impl Write) -> Result<usize, CatalogError> {
    let products = load(app).await?;
    let documents: Vec<Value> = products.iter().map(Exported::document).collect();
    let document = json!({ "products": documents });
    serde_json::to_writer_pretty(&mut out, &document)
        .map_err(|error| CatalogError::Write(error.into()))?;
    writeln!(out).map_err(CatalogError::Write)?;
    out.flush().map_err(CatalogError::Write)?;
    Ok(products.len())
}

fn written(error: ::csv::Error) -> CatalogError {
    CatalogError::Write(std::io::Error::other(error))
}

/// A product with what hangs on it.
struct Exported {
    product: Product,
    rights: Vec<Right>,
    images: Vec<String>,
}

impl Exported {
    fn document(&self) -> Value {
        let product = &self.product;
        json!({
            "sku": product.sku,
            "brand": product.brand,
            "name": product.name,
            "model_numbers": product.model_numbers,
            "aliases": product.aliases,
            "keywords": product.keywords,
            "images": self.images,
            "category": product.category,
            "msrp": product.msrp,
            "currency": product.currency,
            "countries": product.countries,
            "classification": product.classification,
            "released": product.released,
            "authorised_sellers": product.authorised_sellers,
            "rights": self.rights,
        })
    }
}

async fn load(app: &App) -> Result<Vec<Exported>, StoreError> {
    let products = app.store.products().await?;
    let mut rights_of: HashMap<i64, Vec<Right>> = HashMap::new();
    for row in app.store.rights().await? {
        rights_of.entry(row.product_id).or_default().push(Right {
            kind: row.kind,
            number: row.number,
            jurisdiction: row.jurisdiction,
            classes: row.classes.0,
            owner: row.owner,
            expiry: row.expiry,
        });
    }
    for list in rights_of.values_mut() {
        list.sort_by(|a, b| rights::order(a).cmp(&rights::order(b)));
    }
    let mut images: HashMap<i64, Vec<String>> = HashMap::new();
    for photo in app.store.reference_names().await? {
        let names = images.entry(photo.product_id).or_default();
        // A photo that was replaced under its name is still there beside the new one.
        if !names.contains(&photo.file_name) {
            names.push(photo.file_name);
        }
    }
    Ok(products
        .into_iter()
        .map(|product| Exported {
            rights: rights_of.remove(&product.id).unwrap_or_default(),
            images: images.remove(&product.id).unwrap_or_default(),
            product,
        })
        .collect())
}

/// A field as a CSV cell. Lists are joined by `;` unless a value would be split
/// or taken for JSON; then the cell holds the JSON list itself.
fn cell(column: &str, value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        Value::Array(items) if items.is_empty() => String::new(),
        Value::Array(items) if column != "rights" => {
            let texts: Vec<&str> = items.iter().filter_map(Value::as_str).collect();
            let plain = texts.iter().all(|text| !text.contains(';'))
                && texts.first().is_none_or(|text| !text.starts_with('['));
            if plain {
                texts.join(";")
            } else {
                value.to_string()
            }
        }
        other => other.to_string(),
    }
}
