//! The ways to point at a value in a page or a document.

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
    /// A fixed value.
    Constant(String),
}

impl Locator {
    /// How provenance names this way.
    pub(crate) const fn source(&self) -> &'static str {
        match self {
            Self::Css { .. } => "selector",
            Self::Json(_) => "api",
            Self::JsonLd(_) => "json-ld",
            Self::Meta(_) => "meta",
            Self::Constant(_) => "definition",
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
    value: Option<String>,
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
        let mut ways = Vec::new();
        if let Some(text) = written.css {
            let selector = Selector::parse(&text)
                .map_err(|error| format!("`{text}` is no CSS selector: {error}"))?;
            ways.push(Self::Css {
                selector,
                attributes,
            });
        }
        if let Some(text) = written.jsonpath {
            let path = JsonPath::parse(&text)
                .map_err(|error| format!("`{text}` is no JSONPath: {error}"))?;
            ways.push(Self::Json(path));
        }
        if let Some(text) = written.jsonld {
            if text.split('.').any(|part| part.trim().is_empty()) {
                return Err(format!("`{text}` is no path like `offers.price`"));
            }
            ways.push(Self::JsonLd(text.split('.').map(str::to_owned).collect()));
        }
        ways.extend(written.meta.map(Self::Meta));
        ways.extend(written.value.map(Self::Constant));
        match (ways.pop(), ways.is_empty()) {
            (Some(way), true) => Ok(way),
            _ => Err("give exactly one of `css`, `jsonpath`, `jsonld`, `meta`, `value`".to_owned()),
        }
    }
}
