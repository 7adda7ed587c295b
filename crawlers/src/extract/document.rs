//! An answer's body, ready to be asked for values.

use scraper::{ElementRef, Html, Selector};
use serde_json::Value;
use serde_json_path::JsonPath;
use url::Url;

use super::bounds::bounded;
use super::encoding::decode;
use super::opengraph;
use super::plain::asked_text_of;
use super::rows;
use super::srcset;
use super::structured::{self, Marks, Product};
use super::text::{MAX_VALUE, own_text_of, text_of, tidy};
use crate::definition::locator::Locator;
use crate::listing::{Candidate, MAX_TITLE};

/// The most values taken from one place.
pub(crate) const MAX_VALUES: usize = 1_000;
/// The most links of a page that are looked at.
const MAX_LINKS: usize = 10_000;

/// What of an element counts as its text.
type Reader = fn(ElementRef<'_>) -> String;

/// A page or a JSON answer.
pub(crate) enum Document {
    Html(Box<Page>),
    Json(Value),
}

/// A page with its products and meta elements read.
pub(crate) struct Page {
    pub(crate) dom: Html,
    pub(crate) products: Vec<Product>,
    /// Names and contents of meta elements.
    pub(super) metas: Vec<(String, String)>,
    /// The language of the page, as `html lang` has it.
    pub(super) language: Option<String>,
    /// What stands in `title`.
    pub(super) title: String,
    base: Option<String>,
}

impl Document {
    pub(crate) fn html(bytes: &[u8], content_type: Option<&str>) -> Self {
        Self::Html(Box::new(Page::read(&decode(bytes, content_type))))
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
        let found = self.candidates(locator);
        found.into_iter().map(|candidate| candidate.raw).collect()
    }

    /// The same with where exactly each was read.
    pub(crate) fn candidates(&self, locator: &Locator) -> Vec<Candidate> {
        self.candidates_of(locator, 0)
    }

    /// The same for the product of this number. A path into the page's product
    /// goes into each spelling it is stated in: JSON-LD, microdata, RDFa.
    pub(crate) fn candidates_of(&self, locator: &Locator, product: usize) -> Vec<Candidate> {
        self.read(locator, product, text_of)
    }

    /// The same for a price: what elements hold of old prices is left out.
    pub(crate) fn prices_of(&self, locator: &Locator, product: usize) -> Vec<Candidate> {
        self.read(locator, product, asked_text_of)
    }

    fn read(&self, locator: &Locator, product: usize, text_of: Reader) -> Vec<Candidate> {
        let values = match (self, locator) {
            (_, Locator::Constant(value)) => vec![value.clone()],
            (Self::Json(value), Locator::Json(path)) => json_values(value, path),
            (
                Self::Html(page),
                Locator::Css {
                    selector,
                    attributes,
                    own_text,
                },
            ) if *own_text => page.css(selector, attributes, own_text_of),
            (
                Self::Html(page),
                Locator::Css {
                    selector,
                    attributes,
                    ..
                },
            ) => page.css(selector, attributes, text_of),
            (Self::Html(page), Locator::Row { within, labels }) => {
                rows::rows(&page.dom, within.as_ref(), labels)
            }
            (Self::Html(page), Locator::Meta(name)) => page.meta(name),
            (Self::Html(page), Locator::Script { after, until }) => page.scripts(after, until),
            (_, Locator::Shaped { of, shape }) => {
                let found = self.read(of, product, text_of).into_iter();
                let shaped = found.flat_map(|Candidate { raw, source }| {
                    let of_one = shape.of(&raw).take(MAX_VALUES).map(|raw| Candidate {
                        raw,
                        source: source.clone(),
                    });
                    of_one.collect::<Vec<_>>()
                });
                let shaped = shaped.take(MAX_VALUES);
                return match &shape.join {
                    None => shaped.collect(),
                    Some(between) => joined(shaped, between).into_iter().collect(),
                };
            }
            (Self::Html(page), Locator::JsonLd(path)) => {
                return page.structured(path, product);
            }
            _ => Vec::new(),
        };
        sourced(locator.source(), values)
    }
}

/// The first attribute of an element that holds something; of a `srcset` the largest
/// picture. Pictures within the page itself are nothing.
pub(crate) fn attribute_of<'a>(
    element: ElementRef<'a>,
    attributes: &[impl AsRef<str>],
) -> Option<&'a str> {
    let value = |name: &str| {
        let value = element.attr(name)?;
        match srcset::is_set(name) {
            true => srcset::largest(value),
            false => Some(value),
        }
    };
    let mut values = attributes.iter().filter_map(|name| value(name.as_ref()));
    values.find(|value| !value.trim().is_empty() && !value.trim_start().starts_with("data:"))
}

/// Values as one, bounded like one; the first says where they were read.
fn joined(mut all: impl Iterator<Item = Candidate>, between: &str) -> Option<Candidate> {
    let mut first = all.next()?;
    for next in all {
        if first.raw.len() + next.raw.len() > MAX_VALUE {
            break;
        }
        first.raw.push_str(between);
        first.raw.push_str(&next.raw);
    }
    Some(first)
}

/// Values that were all read in one way; empty ones are none.
pub(crate) fn sourced(source: &str, mut values: Vec<String>) -> Vec<Candidate> {
    values.retain(|value| !value.trim().is_empty());
    let with_source = |raw| Candidate {
        source: source.to_owned(),
        raw,
    };
    values.into_iter().map(with_source).collect()
}

impl Page {
    /// One walk through the page finds where everything begins.
    fn read(html: &str) -> Self {
        let dom = Html::parse_document(&bounded(html));
        let mut marks = Marks::default();
        let mut metas = Vec::new();
        let mut names = Vec::new();
        let (mut base, mut language, mut title) = (None, None, None);
        for element in dom.tree.root().descendants().filter_map(ElementRef::wrap) {
            marks.note(element);
            match element.value().name() {
                "meta" if metas.len() < MAX_VALUES => metas.extend(opengraph::meta(element)),
                "base" if base.is_none() => base = element.attr("href").map(str::to_owned),
                "html" if language.is_none() => language = element.attr("lang").map(str::to_owned),
                "title" if title.is_none() => title = Some(tidy(&text_of(element), MAX_TITLE)),
                "h1" if names.len() < 5 => names.push(structured::squeezed(&text_of(element))),
                _ => {}
            }
        }
        opengraph::add_labelled(&mut metas);
        let title = title.unwrap_or_default();
        names.extend(super::text::title_parts(&title).map(structured::squeezed));
        names.extend(
            metas
                .iter()
                .filter(|(name, _)| name == "og:title")
                .map(|(_, value)| structured::squeezed(value)),
        );
        let products = structured::products(&marks, &dom, &names);
        Self {
            products,
            metas,
            language,
            title,
            base,
            dom,
        }
    }

    /// The values at a place in the page's data.
    pub(crate) fn stated(&self, locator: &Locator) -> Vec<String> {
        match locator {
            Locator::JsonLd(path) => {
                let found = self.structured(path, 0).into_iter();
                found.map(|candidate| candidate.raw).collect()
            }
            Locator::Meta(name) => self.meta(name),
            _ => Vec::new(),
        }
    }

    /// The ways in which the page states a product: `json-ld`, `microdata`,
    /// `rdfa`, `opengraph`, each once.
    pub(crate) fn formats(&self) -> Vec<&'static str> {
        let statements = self.products.iter().flat_map(|product| &product.statements);
        let mut formats: Vec<&'static str> = Vec::new();
        for (name, _) in statements {
            if !formats.contains(name) {
                formats.push(name);
            }
        }
        let is_offer = |(name, value): &(String, String)| match name.to_ascii_lowercase().as_str() {
            "og:type" => value.to_ascii_lowercase().contains("product"),
            "product:price:amount" | "og:price:amount" => true,
            _ => false,
        };
        if self.metas.iter().any(is_offer) {
            formats.push("opengraph");
        }
        formats
    }

    /// The language of the page, as `html lang` has it.
    pub(crate) fn language(&self) -> Option<&str> {
        self.language.as_deref()
    }

    /// Every link of the page, as written.
    pub(crate) fn links(&self) -> Vec<String> {
        let elements = self.dom.tree.root().descendants();
        let elements = elements.filter_map(ElementRef::wrap);
        elements
            .filter(|element| matches!(element.value().name(), "a" | "area"))
            .filter_map(|element| element.attr("href").map(str::to_owned))
            .take(MAX_LINKS)
            .collect()
    }

    fn css(&self, selector: &Selector, attributes: &[String], text_of: Reader) -> Vec<String> {
        let elements = self.dom.select(selector).take(MAX_VALUES);
        if attributes.is_empty() {
            return elements.map(text_of).collect();
        }
        let values = elements.filter_map(|element| attribute_of(element, attributes));
        values.map(str::to_owned).collect()
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

    pub(super) fn meta(&self, name: &str) -> Vec<String> {
        let fitting = self
            .metas
            .iter()
            .filter(|(key, _)| key.eq_ignore_ascii_case(name));
        fitting.map(|(_, value)| value.clone()).collect()
    }

    fn structured(&self, path: &[String], product: usize) -> Vec<Candidate> {
        let statements = self
            .products
            .get(product)
            .map(|product| &product.statements);
        statements
            .into_iter()
            .flatten()
            .flat_map(|(source, value)| sourced(source, structured::values(value, path)))
            .collect()
    }
}

/// The values of a JSONPath that are strings, numbers or truth values.
fn json_values(value: &Value, path: &JsonPath) -> Vec<String> {
    let nodes = path.query(value);
    nodes
        .iter()
        .filter_map(|node| structured::plain(node))
        .take(MAX_VALUES)
        .collect()
}
