//! The form of a product, and its history: what was changed by whom, and taking that
//! back.

use std::collections::HashMap;
use std::sync::Arc;

use askama::Template;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use serde_json::{Map, Value, json};

use super::super::failure::Failure;
use super::super::session::{Posted, Viewer};
use super::super::shell::{Shell, page as respond};
use super::super::show::{self, When};
use super::super::{Shared, Web};
use crate::accounts::Role;
use crate::catalog::{CatalogError, RowError, edit};
use crate::clock::Millis;
use crate::store::StoreError;
use crate::store::audit::AuditEvent;
use crate::store::import::{ProductDraft, Saved};
use crate::store::products::Right;

/// Rows for further rights that a form has.
const SPARE_RIGHTS: usize = 2;
/// Rights a form holds at most.
const MOST_RIGHTS: usize = 102;
/// Kinds of right, as a catalog file names them.
const KINDS: [&str; 4] = ["trademark", "copyright", "design", "patent"];
/// Fields of a form with one line of text.
const TEXTS: [&str; 8] = [
    "sku",
    "brand",
    "name",
    "category",
    "msrp",
    "currency",
    "classification",
    "released",
];
/// Fields with a value a line.
const LISTS: [&str; 5] = [
    "model_numbers",
    "aliases",
    "keywords",
    "countries",
    "authorised_sellers",
];
/// Fields of a right.
const RIGHT: [&str; 6] = [
    "kind",
    "number",
    "jurisdiction",
    "classes",
    "owner",
    "expiry",
];

#[derive(Template)]
#[template(path = "web/templates/product_form.html")]
struct ProductForm {
    shell: Shell,
    /// The SKU of the product that is changed; none for a new one.
    sku: Option<String>,
    /// Its fingerprint as it was shown.
    seen: String,
    values: HashMap<&'static str, String>,
    rights: Vec<HashMap<&'static str, String>>,
    problems: Vec<RowError>,
    brands: Vec<String>,
}

impl ProductForm {
    fn value(&self, field: &str) -> &str {
        self.values.get(field).map_or("", String::as_str)
    }

    /// What is wrong with a field.
    fn wrong(&self, field: &str) -> Option<String> {
        let of_field = |error: &&RowError| error.column.as_deref() == Some(field);
        let reasons: Vec<String> = self
            .problems
            .iter()
            .filter(of_field)
            .map(|error| error.reason.clone())
            .collect();
        (!reasons.is_empty()).then(|| reasons.join("; "))
    }

    fn of_right(&self, right: &HashMap<&'static str, String>, field: &str) -> String {
        right.get(field).cloned().unwrap_or_default()
    }
}

/// A change of a product as its page tells it.
pub(super) struct Change {
    pub(super) seq: i64,
    pub(super) actor: String,
    pub(super) at: When,
    pub(super) what: String,
    /// (field, before, after)
    pub(super) fields: Vec<(String, String, String)>,
    /// Whether it can be taken back.
    pub(super) can_undo: bool,
}

pub(super) fn must_manage(viewer: &Viewer) -> Result<(), Failure> {
    viewer.must_be(Role::Manager, "change the catalog")
}

/// The changes that the log tells of a product, the newest first; whether it is removed
/// from the catalog says which of them can be taken back.
pub(super) fn changes(events: Vec<AuditEvent>, is_removed: bool, now: Millis) -> Vec<Change> {
    let mut removal_holds = is_removed;
    let change = |event: AuditEvent| {
        let detail = &event.detail.0;
        let fields: Vec<(String, String, String)> = detail["changes"]
            .as_object()
            .into_iter()
            .flatten()
            .map(|(field, change)| {
                let (before, after) = (in_words(&change["before"]), in_words(&change["after"]));
                (show::words(field), before, after)
            })
            .collect();
        let photos = detail["photos_added"].as_i64().unwrap_or(0);
        let mut what = match (event.action.as_str(), detail["saved"].as_str()) {
            ("catalog.save", Some("added")) => "Added".to_owned(),
            ("catalog.save", Some("restored")) => "Brought back by an import".to_owned(),
            ("catalog.save", _) if !detail["undoes"].is_null() => {
                format!("Took back event {}", detail["undoes"])
            }
            ("catalog.save", _) => "Changed".to_owned(),
            ("catalog.matching", _) => format!(
                "Photos are held against listings: {}",
                detail["matching"].as_str().unwrap_or_default()
            ),
            ("catalog.photo_remove", _) => format!(
                "Removed the photo {}",
                detail["photo"].as_str().unwrap_or_default()
            ),
            ("catalog.remove", _) => "Removed from the catalog".to_owned(),
            ("catalog.restore", _) => "Brought back into the catalog".to_owned(),
            (other, _) => show::words(other),
        };
        if photos > 0 {
            what.push_str(&format!(
                ", {photos} photo{} more",
                if photos == 1 { "" } else { "s" }
            ));
        }
        Change {
            seq: event.seq,
            at: When::new(event.at, now),
            can_undo: match &*event.action {
                "catalog.save" => !is_removed && !fields.is_empty(),
                // The last one of all, while it holds.
                "catalog.remove" => std::mem::take(&mut removal_holds),
                _ => false,
            },
            actor: event.actor,
            what,
            fields,
        }
    };
    events.into_iter().map(change).collect()
}

/// A value of a product for a reader, bounded.
fn in_words(value: &Value) -> String {
    let text = match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        Value::Array(items) => items.iter().map(in_words).collect::<Vec<_>>().join("; "),
        Value::Object(fields) => {
            let parts = fields
                .values()
                .map(in_words)
                .filter(|part| !part.is_empty());
            parts.collect::<Vec<_>>().join(" ")
        }
        other => other.to_string(),
    };
    let text: String = text.chars().take(400).collect();
    if text.is_empty() {
        "nothing".to_owned()
    } else {
        text
    }
}

pub(in super::super) async fn new(State(web): Shared, viewer: Viewer) -> Result<Response, Failure> {
    must_manage(&viewer)?;
    let form = blank(&web, viewer, None, String::new()).await?;
    respond(&form)
}

pub(in super::super) async fn form(
    State(web): Shared,
    viewer: Viewer,
    Path(sku): Path<String>,
) -> Result<Response, Failure> {
    must_manage(&viewer)?;
    let store = viewer.store(&web);
    let product = store.product(&sku).await?;
    if product.removed_at.is_some() {
        return Err(StoreError::removed(&sku).into());
    }
    let rights = store.rights_of(product.id).await?;
    let draft = edit::draft_of(&product, &rights);
    let mut form = blank(&web, viewer, Some(sku), product.fingerprint).await?;
    form.values = values(&draft);
    form.rights = draft.rights.iter().map(right_values).collect();
    form.rights.extend(vec![HashMap::new(); SPARE_RIGHTS]);
    respond(&form)
}

async fn blank(
    web: &Web,
    viewer: Viewer,
    sku: Option<String>,
    seen: String,
) -> Result<ProductForm, Failure> {
    let brands = viewer.store(web).brands_in_catalog().await?;
    Ok(ProductForm {
        shell: Shell::new(web, viewer, "catalog").await?,
        sku,
        seen,
        values: HashMap::new(),
        rights: vec![HashMap::new(); SPARE_RIGHTS],
        problems: Vec::new(),
        brands,
    })
}

fn values(draft: &ProductDraft) -> HashMap<&'static str, String> {
    let document = json!(draft);
    let mut values = HashMap::new();
    for field in TEXTS {
        values.insert(
            field,
            document[field].as_str().unwrap_or_default().to_owned(),
        );
    }
    for field in LISTS {
        let items = document[field].as_array().into_iter().flatten();
        let lines: Vec<&str> = items.filter_map(Value::as_str).collect();
        values.insert(field, lines.join("\n"));
    }
    values
}

fn right_values(right: &Right) -> HashMap<&'static str, String> {
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    HashMap::from([
        ("kind", right.kind.clone()),
        ("number", text(&right.number)),
        ("jurisdiction", text(&right.jurisdiction)),
        ("classes", right.classes.join(", ")),
        ("owner", text(&right.owner)),
        ("expiry", text(&right.expiry)),
    ])
}

pub(in super::super) async fn create(
    State(web): State<Arc<Web>>,
    posted: Posted,
) -> Result<Response, Failure> {
    save(&web, posted, None).await
}

pub(in super::super) async fn change(
    State(web): State<Arc<Web>>,
    Path(sku): Path<String>,
    posted: Posted,
) -> Result<Response, Failure> {
    save(&web, posted, Some(sku)).await
}

async fn save(web: &Web, posted: Posted, sku: Option<String>) -> Result<Response, Failure> {
    must_manage(&posted.viewer)?;
    let store = posted.store(web);
    if let Some(sku) = &sku {
        store.product(sku).await?;
    }
    let seen = posted.get("seen").unwrap_or_default().to_owned();
    let mut values: HashMap<&'static str, String> = TEXTS
        .into_iter()
        .chain(LISTS)
        .map(|field| (field, posted.get(field).unwrap_or_default().to_owned()))
        .collect();
    if let Some(sku) = &sku {
        // It names the product, in cases and in the log: it stays as it is.
        values.insert("sku", sku.clone());
    }
    let rights = rights_of(&posted);
    match edit::check(&document(&values, &rights)) {
        Ok(draft) => {
            let actor = &posted.viewer.name;
            let saved = store.edit_product(actor, &draft, &seen, None).await?;
            let did = if saved == Saved::Unchanged {
                "same"
            } else {
                "saved"
            };
            Ok(to_product(&draft.sku, did))
        }
        Err(problems) => {
            let mut form = blank(web, posted.viewer, sku, seen).await?;
            form.values = values;
            form.rights = rights;
            form.rights.extend(vec![HashMap::new(); SPARE_RIGHTS]);
            form.problems = problems;
            Ok((StatusCode::UNPROCESSABLE_ENTITY, respond(&form)?).into_response())
        }
    }
}

/// The rights of a form that say something and are not to be dropped.
fn rights_of(posted: &Posted) -> Vec<HashMap<&'static str, String>> {
    (0..MOST_RIGHTS)
        .filter(|row| posted.get(&format!("right-{row}-drop")).is_none())
        .map(|row| {
            let value = |field: &str| posted.get(&format!("right-{row}-{field}"));
            let filled = RIGHT
                .into_iter()
                .filter_map(|field| Some((field, value(field)?)));
            filled
                .map(|(field, value)| (field, value.to_owned()))
                .collect()
        })
        .filter(|right: &HashMap<_, _>| !right.is_empty())
        .collect()
}

/// The form as an object of a catalog file.
fn document(
    values: &HashMap<&'static str, String>,
    rights: &[HashMap<&'static str, String>],
) -> Map<String, Value> {
    let mut document = Map::new();
    for (field, value) in values {
        let value = if LISTS.contains(field) {
            value
                .lines()
                .map(str::trim)
                .filter(|line| !line.is_empty())
                .collect()
        } else {
            Value::from(value.as_str())
        };
        document.insert((*field).to_owned(), value);
    }
    document.insert("rights".to_owned(), json!(rights));
    document
}

/// Takes back a change that the product's history tells of.
pub(in super::super) async fn take_back(
    State(web): State<Arc<Web>>,
    Path(sku): Path<String>,
    posted: Posted,
) -> Result<Response, Failure> {
    must_manage(&posted.viewer)?;
    let app = posted.app(&web);
    app.store.product(&sku).await?;
    let event = posted.get("event").and_then(|event| event.parse().ok());
    let Some(event) = event else {
        return Err(Failure::BadRequest("the form names no change".to_owned()));
    };
    let saved = edit::take_back(&app, &posted.viewer.name, &sku, event)
        .await
        .map_err(failure)?;
    let did = match saved {
        Saved::Unchanged => "same",
        Saved::Restored => "back",
        _ => "undone",
    };
    Ok(to_product(&sku, did))
}

pub(in super::super) fn failure(error: CatalogError) -> Failure {
    match error {
        CatalogError::Store(error) => error.into(),
        CatalogError::Blob(error) => error.into(),
        other => Failure::Internal(other.to_string()),
    }
}

pub(super) fn to_product(sku: &str, did: &str) -> Response {
    Redirect::to(&format!("/catalog/{}?did={did}", show::segment(sku))).into_response()
}
