//! A listing's extracted fields with where each was read, from the stored
//! document.

use serde_json::Value;

use super::show;

/// The most characters of a value that a page shows.
const MAX_SHOWN: usize = 1_500;

/// One extracted field.
pub(super) struct Field {
    pub(super) name: String,
    pub(super) value: String,
    /// Where it was read: `json-ld`, `meta`, `selector`, `api`, …
    pub(super) source: Option<String>,
    /// The text as it stood there, when it differs from the value.
    pub(super) raw: Option<String>,
    /// What else stood on the page for it: (where, text).
    pub(super) beaten: Vec<(String, String)>,
}

/// The fields of a stored listing that have a value, in the order stored.
pub(super) fn fields(data: &Value) -> Vec<Field> {
    let Some(object) = data.as_object() else {
        return Vec::new();
    };
    object
        .iter()
        // Pictures have a place of their own on the page.
        .filter(|(name, _)| !matches!(name.as_str(), "provenance" | "images"))
        .filter_map(|(name, value)| {
            let value = in_words(value)?;
            let from = data.get("provenance").and_then(|p| p.get(name));
            let text = |from: &Value, key: &str| from.get(key).and_then(Value::as_str).map(cut);
            Some(Field {
                name: show::words(name),
                source: from.and_then(|from| text(from, "source")),
                raw: from
                    .and_then(|from| text(from, "raw"))
                    .filter(|raw| *raw != value && !raw.is_empty()),
                beaten: from
                    .and_then(|from| from.get("candidates"))
                    .and_then(Value::as_array)
                    .map(|candidates| {
                        candidates
                            .iter()
                            .filter_map(|c| Some((text(c, "source")?, text(c, "raw")?)))
                            .collect()
                    })
                    .unwrap_or_default(),
                value,
            })
        })
        .collect()
}

/// A value as one text; nothing for what is not there.
fn in_words(value: &Value) -> Option<String> {
    match value {
        Value::Null => None,
        Value::String(text) if text.is_empty() => None,
        Value::String(text) => Some(cut(text)),
        Value::Object(price) if price.contains_key("amount") => {
            let amount = match price.get("amount")? {
                Value::String(amount) => amount.clone(),
                other => other.to_string(),
            };
            let currency = price.get("currency").and_then(Value::as_str);
            Some(cut(&show::price(&amount, currency)))
        }
        other => Some(cut(&other.to_string())),
    }
}

fn cut(text: &str) -> String {
    match text.char_indices().nth(MAX_SHOWN) {
        Some((at, _)) => format!("{}…", &text[..at]),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn every_value_says_where_it_was_read_and_what_it_beat() {
        let listing = json!({
            "item_id": "7", "title": "Lamp", "seller": null, "images": ["http://a/b.jpg"],
            "price": {"amount": "12.50", "currency": "EUR"},
            "provenance": {
                "title": {"source": "json-ld", "raw": "Lamp"},
                "price": {"source": "selector", "raw": "12,50 €",
                    "candidates": [{"source": "meta", "raw": "15.00"}]},
            },
        });
        let fields = fields(&listing);
        let names: Vec<_> = fields.iter().map(|field| field.name.as_str()).collect();
        assert_eq!(names, ["Item id", "Title", "Price"]);
        assert_eq!(fields[1].raw, None);
        assert_eq!(fields[2].value, "12.50 EUR");
        assert_eq!(fields[2].raw.as_deref(), Some("12,50 €"));
        assert_eq!(fields[2].beaten, [("meta".to_owned(), "15.00".to_owned())]);
    }

    #[test]
    fn a_document_that_is_none_gives_nothing_and_a_long_value_is_cut() {
        assert!(fields(&json!([1, 2])).is_empty());
        let long = fields(&json!({ "title": "é".repeat(5_000) }));
        assert_eq!(long[0].value.chars().count(), MAX_SHOWN + 1);
    }
}
