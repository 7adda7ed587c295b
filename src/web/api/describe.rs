//! The description of the API: an OpenAPI 3.1 document made from the handlers, and
//! a page that shows it.

use std::sync::LazyLock;

use askama::Template;
use axum::response::{Html, IntoResponse, Response};
use serde_json::{Value, json};
use utoipa::OpenApi as _;
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};

use super::super::assets;
use super::super::failure::Failure;
use super::model::{Kind, Problem, SellerSort, Sort, State};
use super::{
    BASE, cases, catalog, desk, hooks, learning, listings, log, mail, notices, photos, pictures,
    scans, sellers, users,
};

#[derive(utoipa::OpenApi)]
#[openapi(
    info(
        title = "Markhound",
        version = "1",
        description = "What the review page can do, for programs. Every request bears a personal token (`markhound token add`, or *Your account* on the page): `Authorization: Bearer mht_…`. A token does what its scopes and its owner's role allow, and sees its owner's brands; what it may not see is not there. Lists are paged: pass `next` as `cursor`. A POST may carry `Idempotency-Key`: the same key again within a day gives the same answer and does nothing. Errors are `application/problem+json` (RFC 9457).",
        license(name = "MIT OR Apache-2.0", identifier = "MIT OR Apache-2.0")
    ),
    paths(
        cases::cards, cases::list, cases::show, cases::decide, cases::decide_many, cases::undo,
        cases::undo_last, cases::note, cases::assign,
        desk::known, desk::queues, desk::save_queue, desk::drop_queue, desk::claim, desk::keep,
        desk::leave, desk::rules, desk::set_rules,
        catalog::products, catalog::product, catalog::save, catalog::history, catalog::undo,
        catalog::remove, catalog::restore,
        photos::send, photos::change,
        photos::remove, pictures::show, pictures::find,
        listings::search, listings::listing, sellers::list, sellers::one,
        scans::sources, scans::enable, scans::run, scans::scans, scans::scan,
        notices::draft, notices::list, notices::show, notices::step, notices::file,
        notices::deadlines, notices::packet,
        learning::show, learning::fit, learning::adopt, learning::undo,
        hooks::list, hooks::add, hooks::remove, hooks::messages, hooks::replay,
        mail::list, mail::add, mail::remove, mail::test,
        log::audit, users::me, users::users, users::change,
    ),
    components(schemas(Problem, Kind, SellerSort, Sort, State)),
    modifiers(&Common),
    security(("token" = [])),
)]
struct Api;

/// What all operations have in common.
struct Common;

impl utoipa::Modify for Common {
    fn modify(&self, api: &mut utoipa::openapi::OpenApi) {
        if let Some(components) = api.components.as_mut() {
            let scheme = HttpBuilder::new()
                .scheme(HttpAuthScheme::Bearer)
                .description(Some("A personal token, see `markhound token`."))
                .build();
            components.add_security_scheme("token", SecurityScheme::Http(scheme));
        }
    }
}

/// The document as it is served.
static DOCUMENT: LazyLock<Value> = LazyLock::new(document);

/// The OpenAPI document.
#[must_use]
pub fn document() -> Value {
    let mut document = serde_json::to_value(Api::openapi()).unwrap_or_default();
    // The numbers of cases in bodies are as those in addresses.
    for at in [
        "NewDecisions/properties/cases/items",
        "NewStep/properties/cases/items",
        "Held/properties/cases/items",
        "NewUndo/properties/event",
        "NewAdoption/properties/weights",
        "Seen/properties/case",
    ] {
        if let Some(number) = document.pointer_mut(&format!("/components/schemas/{at}")) {
            number["minimum"] = json!(1);
            number["maximum"] = json!(9_007_199_254_740_991_i64);
        }
    }
    for at in [
        "UserChange/properties/brands/items",
        "NewProduct/properties/model_numbers/items",
        "NewProduct/properties/aliases/items",
        "NewProduct/properties/keywords/items",
        "NewProduct/properties/countries/items",
        "NewProduct/properties/authorised_sellers/items",
        "NewRight/properties/classes/items",
    ] {
        if let Some(text) = document.pointer_mut(&format!("/components/schemas/{at}")) {
            text["maxLength"] = json!(300);
        }
    }
    let problem = |meaning: &str| {
        json!({
            "description": meaning,
            "content": { "application/problem+json": {
                "schema": { "$ref": "#/components/schemas/Problem" } } }
        })
    };
    let paths = document["paths"].as_object_mut();
    let operations = paths.into_iter().flatten().flat_map(|(path, methods)| {
        let methods = methods.as_object_mut().into_iter().flatten();
        methods.map(move |(method, operation)| (path, method, operation))
    });
    for (path, method, operation) in operations {
        operation["operationId"] = json!(named(method, path));
        let answers = &mut operation["responses"];
        for (status, meaning) in [
            ("400", "Not a request that makes sense here"),
            ("401", "No token, or one that is not good any more"),
            (
                "403",
                "The token's scopes or its owner's role do not allow it",
            ),
            ("404", "Not there, or not to be seen"),
            ("409", "It contradicts what is stored"),
            ("413", "More than is read"),
            ("415", "Not in a form that is read here"),
            ("422", "JSON, but not what was expected"),
            ("503", "The server could not answer in time"),
            ("default", "Any other failure"),
        ] {
            answers[status] = problem(meaning);
        }
        for body in [
            "/requestBody/content/application~1octet-stream",
            "/responses/200/content/application~1octet-stream",
            "/responses/200/content/application~1zip",
            "/responses/200/content/image~1jpeg",
        ] {
            // Bytes are no list of numbers.
            if let Some(body) = operation.pointer_mut(body) {
                body["schema"] = json!({ "type": "string", "format": "binary" });
            }
        }
        if method == "post" && !path.ends_with("/packet") {
            let key = json!({
                "name": "Idempotency-Key", "in": "header", "required": false,
                "description": "The same key again within a day gives the same answer and does nothing.",
                "schema": { "type": "string", "minLength": 1, "maxLength": 200,
                    "pattern": "^[!-~]+$" }
            });
            match operation["parameters"].as_array_mut() {
                Some(all) => all.push(key),
                None => operation["parameters"] = json!([key]),
            }
        }
    }
    document
}

/// The name of an operation: `get_cases_id`.
fn named(method: &str, path: &str) -> String {
    let words = path.strip_prefix(BASE).unwrap_or(path).split('/');
    let words = words.map(|word| word.trim_matches(['{', '}']));
    std::iter::once(method)
        .chain(words)
        .collect::<Vec<_>>()
        .join("_")
}

pub(in super::super) async fn openapi() -> Response {
    axum::Json(&*DOCUMENT).into_response()
}

#[derive(Template)]
#[template(path = "web/templates/api.html")]
struct ApiPage {
    version: &'static str,
    about: String,
    operations: Vec<Operation>,
}

/// An operation as the page shows it.
struct Operation {
    method: String,
    path: String,
    summary: String,
    about: String,
    /// (name, where, whether it must be there, what it is)
    fields: Vec<(String, String, bool, String)>,
}

/// A text as the page shows it: without the marks of Markdown.
fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().replace(['`', '*'], "")
}

/// A schema in a few words.
fn kind(schema: &Value) -> String {
    if let Some(name) = schema["$ref"].as_str() {
        return name.rsplit('/').next().unwrap_or_default().to_owned();
    }
    let word = match &schema["type"] {
        Value::String(word) => word.clone(),
        Value::Array(words) => words
            .iter()
            .filter_map(Value::as_str)
            .collect::<Vec<_>>()
            .join(" or "),
        _ => "any".to_owned(),
    };
    match schema["items"].as_object() {
        Some(_) => format!("{word} of {}", kind(&schema["items"])),
        None => word,
    }
}

fn operations(document: &Value) -> Vec<Operation> {
    let mut all = Vec::new();
    let paths = document["paths"].as_object();
    for (path, methods) in paths.into_iter().flatten() {
        for (method, operation) in methods.as_object().into_iter().flatten() {
            let mut fields = Vec::new();
            for one in operation["parameters"].as_array().into_iter().flatten() {
                fields.push((
                    text(&one["name"]),
                    text(&one["in"]),
                    one["required"].as_bool().unwrap_or(false),
                    format!("{}. {}", kind(&one["schema"]), text(&one["description"])),
                ));
            }
            let body = &operation["requestBody"]["content"];
            if body["application/octet-stream"].is_object() {
                let bytes = "bytes. A picture".to_owned();
                fields.push(("the body".to_owned(), "body".to_owned(), true, bytes));
            }
            let body = &body["application/json"]["schema"];
            let name = kind(body);
            let schema = &document["components"]["schemas"][&name];
            let needed = schema["required"].as_array();
            for (field, of) in schema["properties"].as_object().into_iter().flatten() {
                let must = needed.is_some_and(|all| all.contains(&json!(field)));
                let about = format!("{}. {}", kind(of), text(&of["description"]));
                fields.push((field.clone(), "body".to_owned(), must, about));
            }
            all.push(Operation {
                method: method.to_uppercase(),
                path: path.clone(),
                summary: text(&operation["summary"]),
                about: text(&operation["description"]),
                fields,
            });
        }
    }
    all
}

/// The page for people.
pub(in super::super) async fn docs() -> Result<Response, Failure> {
    let document = &*DOCUMENT;
    let page = ApiPage {
        version: assets::version(),
        about: text(&document["info"]["description"]),
        operations: operations(document),
    };
    Ok(Html(page.render()?).into_response())
}
