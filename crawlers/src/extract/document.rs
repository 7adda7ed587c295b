//! An answer's body, ready to be asked for values.

use scraper::{ElementRef, Html, Node, Selector};
use serde_json::Value;
use serde_json_path::JsonPath;
use url::Url;

use super::encoding::decode;
use super::jsonld;
use super::text::{is_inline, tidy};
use crate::definition::locator::Locator;

/// The most values taken from one place.
pub(crate) const MAX_VALUES: usize = 1_000;
/// The longest value taken from a page, in characters.
const MAX_VALUE: usize = 100_000;

/// A page or a JSON answer.
pub(crate) enum Document {
    Html(Box<Page>),
    Json(Value),
}

/// A page with its products and meta elements read.
pub(crate) struct Page {
    pub(crate) dom: Html,
    pub(crate) products: Vec<Value>,
    metas: Vec<(String, String)>,
    base: Option<String>,
}

impl Document {
    pub(crate) fn html(bytes: &[u8], content_type: Option<&str>) -> Self {
        let dom = Html::parse_document(&decode(bytes, content_type));
        let products = jsonld::products(&dom);
        let metas = metas(&dom);
        let base = first_attr(&dom, "base[href]", "href");
        Self::Html(Box::new(Page {
            dom,
            products,
            metas,
            base,
        }))
    }

    pub(crate) fn json(bytes: &[u8]) -> Result<Self, serde_json::Error> {
        let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
        serde_json::from_slice(bytes).map(Self::Json)
    }

    /// What links are relative to.
    pub(crate) fn base(&self, url: &Url) -> Url {
        match self {
            Self::Html(page) => page
                .base
                .as_deref()
                .and_then(|base| url.join(base.trim()).ok())
                .filter(|base| matches!(base.scheme(), "http" | "https"))
                .unwrap_or_else(|| url.clone()),
            Self::Json(_) => url.clone(),
        }
    }

    /// Whether anything stands at a place, be it empty of text.
    pub(crate) fn has(&self, locator: &Locator) -> bool {
        match (self, locator) {
            (Self::Html(page), Locator::Css { selector, .. }) => {
                page.dom.select(selector).next().is_some()
            }
            _ => !self.values(locator).is_empty(),
        }
    }

    /// The non-empty values at a place; in a page the first product counts.
    pub(crate) fn values(&self, locator: &Locator) -> Vec<String> {
        self.values_of(locator, 0)
    }

    /// The same for the product of this number.
    pub(crate) fn values_of(&self, locator: &Locator, product: usize) -> Vec<String> {
        let mut values = match (self, locator) {
            (_, Locator::Constant(value)) => vec![value.clone()],
            (Self::Json(value), Locator::Json(path)) => json_values(value, path),
            (
                Self::Html(page),
                Locator::Css {
                    selector,
                    attributes,
                },
            ) => page.css(selector, attributes),
            (Self::Html(page), Locator::Meta(name)) => page.meta(name),
            (Self::Html(page), Locator::Script { after, until }) => page.scripts(after, until),
            (_, Locator::Shaped { of, shape }) => self
                .values_of(of, product)
                .iter()
                .filter_map(|value| shape.of(value))
                .collect(),
            (Self::Html(page), Locator::JsonLd(path)) => page
                .products
                .get(product)
                .map(|product| jsonld::values(product, path))
                .unwrap_or_default(),
            _ => Vec::new(),
        };
        values.retain(|value| !value.trim().is_empty());
        values
    }
}

impl Page {
    fn css(&self, selector: &Selector, attributes: &[String]) -> Vec<String> {
        let elements = self.dom.select(selector).take(MAX_VALUES);
        if attributes.is_empty() {
            return elements.map(text_of).collect();
        }
        elements
            .filter_map(|element| {
                attributes
                    .iter()
                    .filter_map(|name| element.attr(name))
                    .find(|value| {
                        !value.trim().is_empty() && !value.trim_start().starts_with("data:")
                    })
            })
            .map(str::to_owned)
            .collect()
    }

    /// What stands between two texts in the page's scripts, once a script.
    fn scripts(&self, after: &str, until: &str) -> Vec<String> {
        let Ok(scripts) = Selector::parse("script") else {
            return Vec::new();
        };
        let within = |script: ElementRef<'_>| {
            let text: String = script.text().collect();
            let (value, _) = text.split_once(after)?.1.split_once(until)?;
            (value.len() <= MAX_VALUE).then(|| value.to_owned())
        };
        self.dom
            .select(&scripts)
            .take(MAX_VALUES)
            .filter_map(within)
            .collect()
    }

    fn meta(&self, name: &str) -> Vec<String> {
        let fitting = self
            .metas
            .iter()
            .filter(|(key, _)| key.eq_ignore_ascii_case(name));
        fitting.map(|(_, value)| value.clone()).collect()
    }
}

/// The values of a JSONPath that are strings, numbers or truth values.
fn json_values(value: &Value, path: &JsonPath) -> Vec<String> {
    let nodes = path.query(value);
    nodes
        .iter()
        .filter_map(|node| jsonld::plain(node))
        .take(MAX_VALUES)
        .collect()
}

/// An element's visible text. What is struck out counts only when nothing
/// else is there: it is an old price.
fn text_of(element: ElementRef<'_>) -> String {
    let mut kept = String::new();
    let mut struck = String::new();
    for node in element.descendants() {
        let text = match node.value() {
            Node::Text(text) => text,
            Node::Element(inner) if !is_inline(inner.name()) => {
                kept.push(' ');
                continue;
            }
            _ => continue,
        };
        let above = || {
            node.ancestors()
                .take_while(|a| a.id() != element.id())
                .filter_map(ElementRef::wrap)
        };
        if above().any(|e| matches!(e.value().name(), "script" | "style" | "template")) {
            continue;
        }
        let is_struck = above().any(|e| matches!(e.value().name(), "s" | "del" | "strike"));
        if is_struck { &mut struck } else { &mut kept }.push_str(text);
        if kept.len() > MAX_VALUE {
            break;
        }
    }
    let kept = tidy(&kept, MAX_VALUE);
    if kept.is_empty() {
        tidy(&struck, MAX_VALUE)
    } else {
        kept
    }
}

/// `property`, `name` or `itemprop`, and `content`, of all meta elements.
fn metas(dom: &Html) -> Vec<(String, String)> {
    let Ok(selector) = Selector::parse("meta[content]") else {
        return Vec::new();
    };
    dom.select(&selector)
        .take(MAX_VALUES)
        .filter_map(|meta| {
            let name = ["property", "name", "itemprop"]
                .iter()
                .find_map(|attr| meta.attr(attr))?;
            Some((name.trim().to_owned(), meta.attr("content")?.to_owned()))
        })
        .collect()
}

fn first_attr(dom: &Html, selector: &str, attr: &str) -> Option<String> {
    let selector = Selector::parse(selector).ok()?;
    dom.select(&selector).next()?.attr(attr).map(str::to_owned)
}
