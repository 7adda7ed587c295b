//! The ways to point at a value in a page or a document.

use std::collections::BTreeMap;

use regex::{Regex, RegexBuilder};
use scraper::Selector;
use serde::Deserialize;
use serde_json_path::JsonPath;

/// The longest regular expression, in characters, and the most memory one may
/// take, in bytes. Matching takes time in proportion to the text.
const MAX_REGEX: usize = 1_000;
const MAX_REGEX_BYTES: usize = 1 << 20;
/// The most labels of a row.
const MAX_LABELS: usize = 50;

/// Where a value stands.
#[derive(Debug, Clone, Deserialize)]
#[serde(try_from = "Written")]
pub(crate) enum Locator {
    /// A CSS selector; the text of the elements, or the first non-empty of
    /// some attributes.
    Css {
        selector: Selector,
        attributes: Vec<String>,
        /// Of the text only what stands in the element itself, not in those in it.
        own_text: bool,
    },
    /// What stands beside one of some labels: in a table's row, a definition
    /// list, a line that begins with it.
    Row {
        within: Option<Selector>,
        labels: Vec<String>,
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
    /// What its one group catches is the value; a value it does not fit is dropped.
    pub regex: Option<Regex>,
    /// Whether that is so wherever it fits, not only where it first does.
    pub every: bool,
    /// Text around the value, which stands at `{}`.
    pub into: Option<String>,
    /// The value ends where this stands in it.
    pub before: Option<String>,
    /// Values and what they mean; others are dropped. Empty: all are kept.
    pub map: BTreeMap<String, String>,
    /// All values are one, with this between them.
    pub join: Option<String>,
}

impl Shape {
    fn is_none(&self) -> bool {
        let makes_nothing = self.regex.is_none() && self.into.is_none() && self.before.is_none();
        makes_nothing && self.map.is_empty() && self.join.is_none()
    }

    /// What it makes of a value: nothing or one, or with `every` as many as there are.
    pub(crate) fn of<'a>(&'a self, value: &'a str) -> Box<dyn Iterator<Item = String> + 'a> {
        let caught: Box<dyn Iterator<Item = &str>> = match &self.regex {
            None => Box::new(std::iter::once(value)),
            Some(regex) => {
                let most = if self.every { usize::MAX } else { 1 };
                let all = regex.captures_iter(value).take(most);
                Box::new(all.filter_map(|caught| Some(caught.get(1)?.as_str())))
            }
        };
        Box::new(caught.filter_map(|value| self.formed(value)))
    }

    fn formed(&self, value: &str) -> Option<String> {
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
            Self::Css { .. } | Self::Row { .. } => "selector",
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
    attr: Texts,
    jsonpath: Option<String>,
    jsonld: Option<String>,
    meta: Option<String>,
    script_after: Option<String>,
    until: Option<String>,
    value: Option<String>,
    row: Option<Texts>,
    #[serde(default)]
    own_text: bool,
    regex: Option<String>,
    #[serde(default)]
    every: bool,
    into: Option<String>,
    before: Option<String>,
    #[serde(default)]
    map: BTreeMap<String, String>,
    join: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(untagged)]
enum Texts {
    #[default]
    None,
    One(String),
    Many(Vec<String>),
}

impl Texts {
    fn all(self) -> Vec<String> {
        match self {
            Self::None => Vec::new(),
            Self::One(text) => vec![text],
            Self::Many(texts) => texts,
        }
    }
}

impl TryFrom<Written> for Locator {
    type Error = String;

    fn try_from(written: Written) -> Result<Self, String> {
        let attributes = written.attr.all();
        let of_elements = written.css.is_some() && written.row.is_none();
        if !attributes.is_empty() && !of_elements {
            return Err("`attr` goes with `css` only".to_owned());
        }
        if written.own_text && (!of_elements || !attributes.is_empty()) {
            return Err("`own_text` goes with `css` only, and not with `attr`".to_owned());
        }
        if written.every && written.regex.is_none() {
            return Err("`every` goes with `regex` only".to_owned());
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
            regex: written.regex.as_deref().map(regex).transpose()?,
            every: written.every,
            into: written.into,
            before: written.before,
            map: written.map,
            join: written.join,
        };
        let mut ways = Vec::new();
        let selector = written.css.as_deref().map(css).transpose()?;
        match (selector, written.row) {
            (within, Some(labels)) => ways.push(Self::Row {
                within,
                labels: row_labels(labels.all())?,
            }),
            (Some(selector), None) => ways.push(Self::Css {
                selector,
                attributes,
                own_text: written.own_text,
            }),
            (None, None) => {}
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
                "give exactly one of `css`, `jsonpath`, `jsonld`, `meta`, `row`, `script_after`, \
                 `value`"
                    .to_owned(),
            ),
        }
    }
}

/// The labels of a row; in several languages, as a shop may have them.
fn row_labels(labels: Vec<String>) -> Result<Vec<String>, String> {
    let is_label = |label: &String| !label.trim().is_empty() && label.len() <= 200;
    if labels.is_empty() || labels.len() > MAX_LABELS || !labels.iter().all(is_label) {
        return Err(format!(
            "`row` needs a label, or 1 to {MAX_LABELS} labels, of at most 200 characters"
        ));
    }
    Ok(labels)
}

/// A regular expression with one group, of bounded size.
pub(super) fn regex(text: &str) -> Result<Regex, String> {
    if text.chars().count() > MAX_REGEX {
        return Err(format!(
            "a regular expression over {MAX_REGEX} characters long"
        ));
    }
    let regex = RegexBuilder::new(text)
        .size_limit(MAX_REGEX_BYTES)
        .dfa_size_limit(MAX_REGEX_BYTES)
        .build()
        .map_err(|error| {
            // The last line says what is wrong; those above draw it.
            let error = error.to_string();
            let what = error.lines().last().unwrap_or_default();
            let what = what.trim().trim_start_matches("error: ");
            format!("`{text}` is no regular expression: {what}")
        })?;
    match regex.captures_len() {
        2 => Ok(regex),
        1 => Err(format!(
            "`{text}` needs a group, `(…)`, around what is the value"
        )),
        _ => Err(format!(
            "`{text}` has more than one group; write `(?:…)` for those that are not the value"
        )),
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
