//! Settings: the parts of a definition that an operator chooses.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::DefinitionError;

/// One setting of a definition: `${name}` stands for its value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Setting {
    /// The value where none is chosen.
    pub default: String,
    /// The values there are; empty where any will do.
    #[serde(default)]
    pub values: Vec<String>,
    /// What it means.
    #[serde(default)]
    pub note: Option<String>,
}

#[derive(Deserialize)]
struct Head {
    #[serde(default)]
    settings: BTreeMap<String, Setting>,
}

/// The text with each `${name}` replaced by what was chosen, or its default.
/// Lines stay where they are. A text that cannot be read is given back as it
/// is: whoever reads it next says what is wrong.
pub(super) fn apply(
    text: &str,
    origin: &str,
    chosen: &BTreeMap<String, String>,
) -> Result<String, DefinitionError> {
    let Ok(head) = toml::from_str::<Head>(text) else {
        return Ok(text.to_owned());
    };
    let wrong = |name: &str, reason: String| DefinitionError::Inconsistent {
        origin: origin.to_owned(),
        field: format!("settings.{name}"),
        reason,
    };
    if let Some(name) = chosen
        .keys()
        .find(|name| !head.settings.contains_key(*name))
    {
        let known: Vec<&str> = head.settings.keys().map(String::as_str).collect();
        let known = if known.is_empty() {
            "none".to_owned()
        } else {
            known.join(", ")
        };
        return Err(wrong(
            name,
            format!("there is no such setting; known: {known}"),
        ));
    }
    let mut filled = text.to_owned();
    for (name, setting) in &head.settings {
        let value = chosen.get(name).unwrap_or(&setting.default);
        if !setting.values.is_empty() && !setting.values.contains(value) {
            let known = setting.values.join(", ");
            return Err(wrong(name, format!("`{value}` is none of {known}")));
        }
        let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | ',');
        if value.len() > 64 || !value.chars().all(fits) {
            return Err(wrong(
                name,
                "a value is at most 64 letters, digits and `_`, `-`, `.`, `,`".to_owned(),
            ));
        }
        filled = filled.replace(&format!("${{{name}}}"), value);
    }
    if let Some((_, rest)) = filled.split_once("${")
        && let Some((name, _)) = rest.split_once('}')
        && !name.is_empty()
        && name.chars().all(|c| c.is_ascii_lowercase() || c == '_')
    {
        return Err(wrong(
            name,
            format!("`${{{name}}}` is used and not declared"),
        ));
    }
    Ok(filled)
}
