//! One product changed by hand: checked by the rules of a catalog file, kept as an
//! import keeps it, and taken back by what the audit log says of the change.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::{Map, Value};

use super::fields::{self, Cell, RawRow};
use super::photos::{self, Photo};
use super::rights::order;
use super::{COLUMNS, CatalogError, RowError, Unit};
use crate::app::App;
use crate::hidden::is_hidden;
use crate::store::StoreError;
use crate::store::import::{ProductDraft, Saved};
use crate::store::products::{Product, Right, RightRow};

/// The longest name kept of an uploaded file, in characters.
const LONGEST_NAME: usize = 100;

/// Checks a product, given as an object of a catalog file in JSON, and lists all that
/// is wrong with it.
///
/// # Errors
/// What is wrong, each with its column.
pub fn check(document: &Map<String, Value>) -> Result<ProductDraft, Vec<RowError>> {
    let mut cells = BTreeMap::new();
    for column in COLUMNS.into_iter().filter(|column| *column != "images") {
        match document.get(column) {
            None | Some(Value::Null) => {}
            Some(Value::String(text)) => {
                cells.insert(column, Cell::Text(text.clone()));
            }
            Some(other) => {
                cells.insert(column, Cell::Json(other.clone()));
            }
        }
    }
    let row = RawRow {
        line: 1,
        unit: Unit::Product,
        cells,
    };
    let checked = fields::check(&row, false);
    checked.draft.ok_or(checked.errors)
}

/// A stored product as a draft, which saved again changes nothing.
#[must_use]
pub fn draft_of(product: &Product, rights: &[RightRow]) -> ProductDraft {
    let mut rights: Vec<Right> = rights
        .iter()
        .map(|right| Right {
            kind: right.kind.clone(),
            number: right.number.clone(),
            jurisdiction: right.jurisdiction.clone(),
            classes: right.classes.0.clone(),
            owner: right.owner.clone(),
            expiry: right.expiry.clone(),
        })
        .collect();
    // In the one order that a file's rights are put in.
    rights.sort_by(|a, b| order(a).cmp(&order(b)));
    ProductDraft {
        sku: product.sku.clone(),
        brand: product.brand.clone(),
        name: product.name.clone(),
        category: product.category.clone(),
        model_numbers: product.model_numbers.0.clone(),
        aliases: product.aliases.0.clone(),
        keywords: product.keywords.0.clone(),
        msrp: product.msrp.clone(),
        currency: product.currency.clone(),
        countries: product.countries.0.clone(),
        classification: product.classification.clone(),
        released: product.released.clone(),
        authorised_sellers: product.authorised_sellers.0.clone(),
        rights,
    }
}

/// Takes back the change of a product that an event of the audit log tells of: every
/// field that it changed gets the value it had before, and a product that was removed is
/// back.
///
/// # Errors
/// [`StoreError::Conflict`] when a field was changed again since, or the event is no
/// change that can be taken back; or when the database cannot be written.
pub async fn take_back(
    app: &App,
    actor: &str,
    sku: &str,
    event: i64,
) -> Result<Saved, CatalogError> {
    let conflict = |why: &str| CatalogError::Store(StoreError::Conflict(why.to_owned()));
    let product = app.store.product(sku).await?;
    let rights = app.store.rights_of(product.id).await?;
    let found = app.store.audit_of(&format!("product {sku}")).await?;
    // Only the last removal is one that still holds.
    let last_removal = found.iter().rfind(|e| e.action == "catalog.remove");
    if last_removal.is_some_and(|e| e.seq == event) {
        let restored = app.store.restore_product(actor, sku, Some(event)).await?;
        return match restored {
            true => Ok(Saved::Restored),
            false => Err(conflict("the product is in the catalog already")),
        };
    }
    let event = found
        .into_iter()
        .find(|e| e.seq == event && e.action == "catalog.save");
    let changes = event
        .as_ref()
        .and_then(|e| e.detail.0["changes"].as_object());
    let (Some(event), Some(changes)) = (&event, changes) else {
        return Err(conflict(
            "this event of the log is no change of this product that can be taken back",
        ));
    };
    let current = serde_json::to_value(draft_of(&product, &rights));
    let Ok(Value::Object(mut document)) = current else {
        return Err(conflict("the product cannot be read as it stands"));
    };
    for (field, change) in changes {
        if document.get(field) != Some(&change["after"]) {
            return Err(CatalogError::Store(StoreError::Conflict(format!(
                "{field} of {sku} was changed again since; change it by hand"
            ))));
        }
        document.insert(field.clone(), change["before"].clone());
    }
    // What was valid under the rules of its day may not be any more.
    let draft = check(&document).map_err(|errors| {
        let why: Vec<String> = errors.iter().map(|error| error.reason.clone()).collect();
        CatalogError::Store(StoreError::Conflict(format!(
            "what it was before cannot be kept: {}",
            why.join("; ")
        )))
    })?;
    let saved = app
        .store
        .edit_product(actor, &draft, &product.fingerprint, Some(event.seq))
        .await?;
    Ok(saved)
}

/// Adds a photo to a product; says why it cannot be used where it cannot. A photo that
/// the product has already changes nothing.
///
/// # Errors
/// When the database or the blob store cannot be written.
pub async fn add_photo(
    app: &App,
    actor: &str,
    sku: &str,
    name: &str,
    bytes: Vec<u8>,
) -> Result<Result<bool, String>, CatalogError> {
    let product = app.store.product(sku).await?;
    let rights = app.store.rights_of(product.id).await?;
    let known = app.store.reference_names_of(product.id).await?;
    let (blobs, name) = (app.blobs.clone(), plain_name(name));
    let taken = known.iter().any(|photo| photo.file_name == name);
    let looked = tokio::task::spawn_blocking(move || {
        photos::keep_bytes(&blobs, Path::new(&name), bytes, &known)
    });
    // A decoder that panics on a broken file costs that picture only.
    let photo = looked.await.unwrap_or_else(|_| {
        Ok(Photo::Unusable(
            "the decoder gave up on it; save it anew".to_owned(),
        ))
    })?;
    match photo {
        Photo::Unusable(why) => Ok(Err(why)),
        Photo::Known | Photo::New(None) => Ok(Ok(false)),
        Photo::New(Some(mut draft)) => {
            if taken {
                // Another photo has this name: photos are named in what follows.
                let mark = draft.blob.get(..8).unwrap_or_default();
                draft.file_name = format!("{mark}-{}", draft.file_name);
            }
            let seen = &product.fingerprint;
            let product = draft_of(&product, &rights);
            app.store.add_photo(actor, &product, draft, seen).await?;
            Ok(Ok(true))
        }
    }
}

/// The name of a file as it may be kept: its last part, of letters that every system
/// can show and no terminal obeys.
fn plain_name(name: &str) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let plain: String = last
        .chars()
        .filter(|c| !is_hidden(*c))
        .map(|c| {
            if r#"<>:"|?*'&`$;%"#.contains(c) {
                '_'
            } else {
                c
            }
        })
        .collect();
    let plain = plain.trim().trim_start_matches('.');
    if plain.is_empty() {
        return "photo".to_owned();
    }
    let too_long = plain.chars().count().saturating_sub(LONGEST_NAME);
    // The end tells what it is.
    plain.chars().skip(too_long).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn document(value: Value) -> Map<String, Value> {
        value.as_object().unwrap().clone()
    }

    #[test]
    fn a_form_is_held_against_the_rules_of_a_catalog_file() {
        let wrong = check(&document(json!({ "sku": "A", "brand": " ", "name": "N",
            "msrp": "much", "currency": "EUR", "countries": ["Germany"] })))
        .unwrap_err();
        let mut columns: Vec<_> = wrong.iter().filter_map(|e| e.column.as_deref()).collect();
        columns.sort_unstable();
        assert_eq!(columns, ["brand", "countries", "msrp"]);
        let draft = check(&document(json!({ "sku": "A", "brand": "B", "name": "N",
            "aliases": ["one; two", " one; two "] })))
        .unwrap();
        assert_eq!(draft.aliases, ["one; two"]);
    }

    #[test]
    fn a_hostile_file_name_loses_what_it_is_hostile_by() {
        for (given, kept) in [
            ("../../etc/passwd", "passwd"),
            ("C:\\temp\\x.jpg", "x.jpg"),
            ("<script>alert(1)</script>.png", "script_.png"),
            ("\u{202e}gpj.exe\0\n", "gpj.exe"),
            ("...", "photo"),
            ("", "photo"),
        ] {
            assert_eq!(plain_name(given), kept, "{given:?}");
        }
        assert_eq!(plain_name(&format!("{}.jpg", "a".repeat(400))).len(), 100);
    }
}
