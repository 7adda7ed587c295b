//! The ways to point at a value in a page or a document.

use std::collections::BTreeMap;

use scraper::Selector;
use serde::Deserialize;
use serde_json_path::JsonPath;

/// Where a value stands.
#[derive(Debug, Clone, Deserialize)]
#[serde(try_from = "Written")]
pub(crate) enum Locator {
    /// A CSS selector; the text of the elements, or the first non-empty of
    /// some attributes.
    Css {
        selector: Selector,
        attributes: Vec<String>,
    },
    /// A JSONPath (RFC 9535) into a JSON answer; for a list relative to an entry.
    Json(JsonPath),
    /// A dotted path into the page's schema.org Product.
    JsonLd(Vec<String>),
    /// The content of a `meta` element by its `property`, `name` or `itemprop`.
    Meta(String),
    /// The text between two texts in a script of a page.
    Script { after: String, until: String },
    /// A fixed value.
    Constant(String),
    /// Values of another place, put into a form or given another name.
    Shaped { of: Box<Locator>, shape: Shape },
}

/// What is made of the values of a place.
#[derive(Debug, Clone)]
pub(crate) struct Shape {
    /// Text around the value, which stands at `{}`.
    pub into: Option<String>,
    /// The value ends where this stands in it.
    pub before: Option<String>,
    /// Values and what they mean; others are dropped. Empty: all are kept.
    pub map: BTreeMap<String, String>,
}

impl Shape {
    fn is_none(&self) -> bool {
        self.into.is_none() && self.before.is_none() && self.map.is_empty()
    }

    pub(crate) fn of(&self, value: &str) -> Option<String> {
        let ends = self.before.as_deref().and_then(|mark| value.find(mark));
        let value = &value[..ends.unwrap_or(value.len())];
        let value = if self.map.is_empty() {
            value
        } else {
            self.map.get(value.trim())?
        };
        Some(match &self.into {
            Some(form) => form.replace("{}", value),
            None => value.to_owned(),
        })
    }
}

impl Locator {
    /// How provenance names this way.
    pub(crate) fn source(&self) -> &'static str {
        match self {
            Self::Css { .. } => "selector",
            Self::Json(_) => "api",
            Self::JsonLd(_) => "json-ld",
            Self::Meta(_) => "meta",
            Self::Script { .. } => "script",
            Self::Constant(_) => "definition",
            Self::Shaped { of, .. } => of.source(),
        }
    }

    /// Whether it can point into a JSON answer.
    pub(crate) fn is_json(&self) -> bool {
        match self {
            Self::Json(_) => true,
            Self::Shaped { of, .. } => of.is_json(),
            _ => false,
        }
    }

    /// Whether it can point into a page.
    pub(crate) fn is_html(&self) -> bool {
        match self {
            Self::Json(_) | Self::Constant(_) => false,
            Self::Shaped { of, .. } => of.is_html(),
            _ => true,
        }
    }
}

/// A locator as it stands in TOML: exactly one of the ways.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    css: Option<String>,
    #[serde(default)]
    attr: Attributes,
    jsonpath: Option<String>,
    jsonld: Option<String>,
    meta: Option<String>,
    script_after: Option<String>,
    until: Option<String>,
    value: Option<String>,
    into: Option<String>,
    before: Option<String>,
    #[serde(default)]
    map: BTreeMap<String, String>,
}

#[derive(Default, Deserialize)]
#[serde(untagged)]
enum Attributes {
    #[default]
    None,
    One(String),
    Many(Vec<String>),
}

impl TryFrom<Written> for Locator {
    type Error = String;

    fn try_from(written: Written) -> Result<Self, String> {
        let attributes = match written.attr {
            Attributes::None => Vec::new(),
            Attributes::One(name) => vec![name],
            Attributes::Many(names) => names,
        };
        if !attributes.is_empty() && written.css.is_none() {
            return Err("`attr` goes with `css` only".to_owned());
        }
        if written.until.is_some() != written.script_after.is_some() {
            return Err("`script_after` and `until` go together".to_owned());
        }
        if written
            .into
            .as_ref()
            .is_some_and(|form| !form.contains("{}"))
        {
            return Err("`into` needs `{}` where the value belongs".to_owned());
        }
        let shape = Shape {
            into: written.into,
            before: written.before,
            map: written.map,
        };
        let mut ways = Vec::new();
        if let Some(text) = written.css {
            let selector = css(&text)?;
            ways.push(Self::Css {
                selector,
                attributes,
            });
        }
        if let Some(text) = written.jsonpath {
            ways.push(Self::Json(json_path(&text)?));
        }
        if let Some(text) = written.jsonld {
            ways.push(Self::JsonLd(jsonld_path(&text)?));
        }
        ways.extend(written.meta.map(Self::Meta));
        if let (Some(after), Some(until)) = (written.script_after, written.until) {
            if after.is_empty() || until.is_empty() {
                return Err("`script_after` and `until` may not be empty".to_owned());
            }
            ways.push(Self::Script { after, until });
        }
        ways.extend(written.value.map(Self::Constant));
        match (ways.pop(), ways.is_empty()) {
            (Some(way), true) if shape.is_none() => Ok(way),
            (Some(way), true) => Ok(Self::Shaped {
                of: Box::new(way),
                shape,
            }),
            _ => Err(
                "give exactly one of `css`, `jsonpath`, `jsonld`, `meta`, `script_after`, `value`"
                    .to_owned(),
            ),
        }
    }
}

pub(super) fn css(text: &str) -> Result<Selector, String> {
    Selector::parse(text).map_err(|error| format!("`{text}` is no CSS selector: {error}"))
}

pub(super) fn json_path(text: &str) -> Result<JsonPath, String> {
    JsonPath::parse(text).map_err(|error| format!("`{text}` is no JSONPath: {error}"))
}

pub(super) fn jsonld_path(text: &str) -> Result<Vec<String>, String> {
    if text.split('.').any(|part| part.trim().is_empty()) {
        return Err(format!("`{text}` is no path like `offers.price`"));
    }
    Ok(text.split('.').map(str::to_owned).collect())
}
