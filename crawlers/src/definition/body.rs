//! JSON bodies of POST requests, with places to fill in.

use serde::Deserialize;
use serde_json::Value;

use super::pattern::{Fill, PLACEHOLDERS};

/// A JSON body in which each string that is nothing but a placeholder
/// (`"{query}"`, `"{page}"` …) stands for a value. `{page}`, `{offset}` and
/// `{limit}` become numbers, the others strings. A placeholder inside a longer
/// string is left alone, so that a GraphQL query may have braces, and nothing
/// that is searched for can become part of the query's text.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(try_from = "Value")]
pub(crate) struct Body(Value);

/// The deepest nesting of a body.
const MAX_DEPTH: usize = 32;

impl TryFrom<Value> for Body {
    type Error = String;

    fn try_from(value: Value) -> Result<Self, String> {
        if !value.is_object() && !value.is_array() {
            return Err("a body is a table or a list".to_owned());
        }
        check(&value, 0)?;
        Ok(Self(value))
    }
}

fn check(value: &Value, depth: usize) -> Result<(), String> {
    if depth > MAX_DEPTH {
        return Err(format!("a body may be {MAX_DEPTH} levels deep"));
    }
    match value {
        Value::String(text) => match named(text) {
            Some(name) if !PLACEHOLDERS.contains(&name) => Err(format!(
                "`{text}` is no placeholder; known are {}",
                PLACEHOLDERS.map(|p| format!("{{{p}}}")).join(", ")
            )),
            _ => Ok(()),
        },
        Value::Array(items) => items.iter().try_for_each(|item| check(item, depth + 1)),
        Value::Object(map) => map.values().try_for_each(|item| check(item, depth + 1)),
        _ => Ok(()),
    }
}

/// The name in a string that is one placeholder and nothing else.
fn named(text: &str) -> Option<&str> {
    let name = text.strip_prefix('{')?.strip_suffix('}')?;
    (!name.is_empty() && name.bytes().all(|b| b.is_ascii_lowercase())).then_some(name)
}

impl Body {
    pub(crate) fn has(&self, placeholder: &str) -> bool {
        fn within(value: &Value, name: &str) -> bool {
            match value {
                Value::String(text) => named(text) == Some(name),
                Value::Array(items) => items.iter().any(|item| within(item, name)),
                Value::Object(map) => map.values().any(|item| within(item, name)),
                _ => false,
            }
        }
        within(&self.0, placeholder)
    }

    /// The body as JSON text with everything filled in.
    pub(crate) fn fill(&self, fill: &Fill<'_>) -> String {
        filled(&self.0, fill).to_string()
    }

    /// What stands in the place of a placeholder in `body`, which was made of
    /// this template.
    pub(crate) fn get(&self, body: &str, placeholder: &str) -> Option<Value> {
        let value: Value = serde_json::from_str(body).ok()?;
        taken(&self.0, &value, placeholder).cloned()
    }

    /// `body`, which was made of this template, with the value at the place of
    /// one placeholder set; none when it is not JSON.
    pub(crate) fn set(&self, body: &str, placeholder: &str, to: &Value) -> Option<String> {
        let mut value: Value = serde_json::from_str(body).ok()?;
        put(&self.0, &mut value, placeholder, to);
        Some(value.to_string())
    }
}

fn filled(value: &Value, fill: &Fill<'_>) -> Value {
    match value {
        Value::String(text) => named(text)
            .and_then(|name| fill.value(name))
            .unwrap_or_else(|| value.clone()),
        Value::Array(items) => items.iter().map(|item| filled(item, fill)).collect(),
        Value::Object(map) => map
            .iter()
            .map(|(key, item)| (key.clone(), filled(item, fill)))
            .collect(),
        other => other.clone(),
    }
}

fn put(template: &Value, value: &mut Value, placeholder: &str, to: &Value) {
    match (template, value) {
        (Value::String(text), place) if named(text) == Some(placeholder) => *place = to.clone(),
        (Value::Array(items), Value::Array(places)) => {
            for (item, place) in items.iter().zip(places) {
                put(item, place, placeholder, to);
            }
        }
        (Value::Object(map), Value::Object(places)) => {
            for (key, item) in map {
                if let Some(place) = places.get_mut(key) {
                    put(item, place, placeholder, to);
                }
            }
        }
        _ => {}
    }
}

fn taken<'a>(template: &Value, value: &'a Value, placeholder: &str) -> Option<&'a Value> {
    match (template, value) {
        (Value::String(text), place) if named(text) == Some(placeholder) => Some(place),
        (Value::Array(items), Value::Array(places)) => items
            .iter()
            .zip(places)
            .find_map(|(item, place)| taken(item, place, placeholder)),
        (Value::Object(map), Value::Object(places)) => map
            .iter()
            .find_map(|(key, item)| taken(item, places.get(key)?, placeholder)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn body() -> Body {
        let value = serde_json::json!({
            "query": "query($s: String!) { products(search: $s) {id} }",
            "variables": { "s": "{query}", "page": "{page}", "size": "{limit}" }
        });
        Body::try_from(value).expect("a body")
    }

    #[test]
    fn whole_strings_are_filled_and_nothing_searched_for_can_leave_its_place() {
        let fill = Fill {
            query: "\"} } mutation { {page}",
            page: 1,
            limit: 50,
            ..Fill::default()
        };
        let text = body().fill(&fill);
        let value: Value = serde_json::from_str(&text).expect("JSON");
        assert_eq!(value["variables"]["s"], "\"} } mutation { {page}");
        assert_eq!(value["variables"]["page"], 1);
        assert_eq!(value["variables"]["size"], 50);
        assert_eq!(body().get(&text, "page"), Some(Value::from(1)));
        assert_eq!(body().get("[]", "page"), None);
        let next = body().set(&text, "page", &Value::from(2)).expect("JSON");
        let next: Value = serde_json::from_str(&next).expect("JSON");
        assert_eq!(next["variables"]["page"], 2);
        assert_eq!(next["variables"]["s"], value["variables"]["s"]);
        assert_eq!(next["query"], value["query"]);
    }

    #[test]
    fn an_unknown_placeholder_is_refused() {
        let error = Body::try_from(serde_json::json!({"a": ["{pgae}"]})).expect_err("unknown");
        assert!(error.contains("`{pgae}` is no placeholder"), "{error}");
        assert!(Body::try_from(serde_json::json!("{page}")).is_err());
    }
}
