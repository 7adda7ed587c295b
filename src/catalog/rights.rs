//! The `rights` of a product.

use serde_json::{Map, Value};

use super::fields::{date, shape};
use crate::store::products::Right;

/// The kinds of right a notice can rest on.
pub(super) const KINDS: [&str; 4] = ["trademark", "copyright", "design", "patent"];

const KEYS: [&str; 6] = [
    "kind",
    "number",
    "jurisdiction",
    "classes",
    "owner",
    "expiry",
];
/// The most rights of a product.
const MAX_RIGHTS: usize = 100;
/// The longest text in a right, in characters.
const MAX_TEXT: usize = 300;

/// Reads rights from a JSON list of objects, or a single object; gives all that
/// is wrong otherwise.
pub(super) fn parse(value: &Value) -> Result<Vec<Right>, Vec<String>> {
    let items = match value {
        Value::Null => return Ok(Vec::new()),
        Value::Array(items) => items.as_slice(),
        Value::Object(_) => std::slice::from_ref(value),
        other => {
            return Err(vec![format!(
                "must be a JSON list of objects such as [{{\"kind\": \"trademark\", \"number\": \"…\"}}], not {}",
                shape(other)
            )]);
        }
    };
    if items.len() > MAX_RIGHTS {
        return Err(vec![format!("holds more than {MAX_RIGHTS} rights")]);
    }
    let mut rights: Vec<Right> = Vec::with_capacity(items.len());
    let mut wrong = Vec::new();
    for (item, number) in items.iter().zip(1..) {
        match one(item) {
            Ok(right) if rights.iter().any(|other| same(other, &right)) => {
                wrong.push(format!("right {number} stands in the list already"));
            }
            Ok(right) => rights.push(right),
            Err(why) => wrong.push(format!("right {number}: {why}")),
        }
    }
    if wrong.is_empty() {
        // One order whatever the file's, so that an export compares equal.
        rights.sort_by(|a, b| order(a).cmp(&order(b)));
        Ok(rights)
    } else {
        Err(wrong)
    }
}

/// The key rights are ordered by.
pub(super) fn order(right: &Right) -> (&str, Option<&str>, Option<&str>) {
    (
        &right.kind,
        right.jurisdiction.as_deref(),
        right.number.as_deref(),
    )
}

fn same(a: &Right, b: &Right) -> bool {
    order(a) == order(b)
}

fn one(item: &Value) -> Result<Right, String> {
    let Value::Object(fields) = item else {
        return Err(format!("must be an object, not {}", shape(item)));
    };
    if let Some(unknown) = fields.keys().find(|key| !KEYS.contains(&key.as_str())) {
        let unknown: String = unknown.chars().take(60).collect();
        return Err(format!("{unknown:?} is not known; use {}", KEYS.join(", ")));
    }
    let kind = text(fields, "kind")?.ok_or("kind is missing")?;
    let kind = kind.to_lowercase();
    if !KINDS.contains(&kind.as_str()) {
        return Err(format!(
            "{kind:?} is no kind of right; use {}",
            KINDS.join(", ")
        ));
    }
    Ok(Right {
        kind,
        number: text(fields, "number")?,
        jurisdiction: text(fields, "jurisdiction")?,
        classes: classes(fields.get("classes"))?,
        owner: text(fields, "owner")?,
        expiry: text(fields, "expiry")?
            .map(|at| date(&at).map_err(|why| format!("expiry {why}")))
            .transpose()?,
    })
}

fn text(fields: &Map<String, Value>, key: &str) -> Result<Option<String>, String> {
    let text = match fields.get(key) {
        None | Some(Value::Null) => return Ok(None),
        Some(Value::String(text)) => text.trim().to_owned(),
        Some(Value::Number(number)) => number.to_string(),
        Some(other) => return Err(format!("{key} must be text, not {}", shape(other))),
    };
    if text.chars().count() > MAX_TEXT {
        return Err(format!("{key} has more than {MAX_TEXT} characters"));
    }
    Ok((!text.is_empty()).then_some(text))
}

/// Classes as a list of numbers or texts, or as text split at `;` and `,`.
fn classes(value: Option<&Value>) -> Result<Vec<String>, String> {
    let items: Vec<String> = match value {
        None | Some(Value::Null) => Vec::new(),
        Some(Value::Number(number)) => vec![number.to_string()],
        Some(Value::String(text)) => text.split([';', ',']).map(str::to_owned).collect(),
        Some(Value::Array(items)) => items
            .iter()
            .map(|item| match item {
                Value::String(text) => Ok(text.clone()),
                Value::Number(number) => Ok(number.to_string()),
                other => Err(format!("classes holds {}", shape(other))),
            })
            .collect::<Result<_, _>>()?,
        Some(other) => return Err(format!("classes must be a list, not {}", shape(other))),
    };
    if items.len() > MAX_RIGHTS || items.iter().any(|item| item.len() > MAX_TEXT) {
        return Err("classes is too long".to_owned());
    }
    Ok(items
        .iter()
        .map(|item| item.trim().to_owned())
        .filter(|item| !item.is_empty())
        .collect())
}
