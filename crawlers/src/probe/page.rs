//! A page of a shop: its links, its product, or that scripts make it.

use scraper::{ElementRef, Selector};
use url::Url;

use super::report::{Field, Sample};
use crate::discover::canonical::resolve;
use crate::extract::{self, Document, text_of, tidy};
use crate::fetch::Exchange;
use crate::listing::Listing;

/// The most links looked at on a page.
const MAX_LINKS: usize = 2_000;
/// With less to read than this, in characters, a page may be empty.
const SHELL_TEXT: usize = 300;

/// A page that was fetched.
pub(super) struct Page {
    pub url: Url,
    pub document: extract::Page,
    /// What its links are relative to.
    pub base: Url,
    body: bytes::Bytes,
    content_type: Option<String>,
}

/// A page of one product.
pub(super) struct Product {
    pub page: Page,
    pub listing: Listing,
    pub formats: Vec<&'static str>,
}

pub(super) struct Link<'a> {
    pub url: Url,
    pub element: ElementRef<'a>,
}

impl Page {
    pub(super) fn of(exchange: &Exchange) -> Option<Self> {
        let document = Document::html(&exchange.body, exchange.content_type());
        let base = document.base(&exchange.url);
        let Document::Html(page) = document else {
            return None;
        };
        Some(Self {
            url: exchange.url.clone(),
            document: *page,
            base,
            body: exchange.body.clone(),
            content_type: exchange.content_type().map(str::to_owned),
        })
    }

    /// The links, in order, each URL once; not those back to the page itself.
    pub(super) fn links(&self) -> Vec<Link<'_>> {
        let mut seen = std::collections::HashSet::new();
        let elements = all(self, "a[href]");
        let links = elements.into_iter().take(MAX_LINKS).filter_map(|element| {
            let url = resolve(&self.base, element.attr("href")?)?;
            Some(Link { url, element })
        });
        links
            .filter(|link| link.url != self.url && seen.insert(link.url.clone()))
            .collect()
    }

    /// The page as that of one product; none if it is not.
    pub(super) fn into_product(self) -> Result<Product, Box<Self>> {
        let mut listings = extract::read_page(&self.body, self.content_type.as_deref(), &self.url);
        // More than one: a list, of which each product has its own page.
        if listings.len() != 1 {
            return Err(Box::new(self));
        }
        let Some(listing) = listings.pop() else {
            return Err(Box::new(self));
        };
        let formats = self.document.formats();
        Ok(Product {
            page: self,
            listing,
            formats,
        })
    }

    /// Whether scripts may make something of it.
    pub(super) fn has_scripts(&self) -> bool {
        let script = "script[src], script[type=module], script#__NEXT_DATA__";
        !all(self, script).is_empty()
    }

    /// Whether nothing is in the page until a browser has run its scripts.
    pub(super) fn is_shell(&self) -> bool {
        let read: usize = all(self, "body")
            .into_iter()
            .map(|body| text_of(body).chars().count())
            .sum();
        let roots = "#root, #app, #__next, #__nuxt, #___gatsby, app-root, [data-reactroot], [ng-app], [data-server-rendered]";
        read < SHELL_TEXT
            && self.links().len() < 3
            && self.has_scripts()
            && (!all(self, roots).is_empty()
                || all(self, "noscript").iter().any(|element| {
                    let text: String = element.text().collect();
                    text.to_ascii_lowercase().contains("javascript")
                })
                || read == 0)
    }
}

/// All elements of a page that a selector finds.
pub(super) fn all<'a>(page: &'a Page, selector: &str) -> Vec<ElementRef<'a>> {
    Selector::parse(selector)
        .map(|selector| {
            page.document
                .dom
                .select(&selector)
                .take(MAX_LINKS)
                .collect()
        })
        .unwrap_or_default()
}

/// Where the elements lead that a selector finds, in order.
pub(super) fn targets<'a>(page: &'a Page, selector: &str) -> impl Iterator<Item = Url> + 'a {
    let elements = all(page, selector).into_iter();
    elements.filter_map(|element| resolve(&page.base, element.attr("href")?))
}

impl Product {
    /// Whether title and price are stated in structured data.
    pub(super) fn is_structured(&self) -> bool {
        let stated = |field: &str| {
            let from = self.listing.provenance.get(field);
            from.is_some_and(|from| !matches!(from.source.as_str(), "page" | "selector"))
        };
        !self.formats.is_empty()
            && stated("title")
            && self.listing.price.is_some()
            && stated("price")
    }

    /// What it showed, in a few words.
    pub(super) fn summary(&self) -> String {
        let how = if self.formats.is_empty() {
            "by how the page is built".to_owned()
        } else {
            format!("in {}", self.formats.join(", "))
        };
        let names: Vec<&str> = fields(&self.listing)
            .iter()
            .map(|field| field.name)
            .collect();
        format!("a product {how}: {}", names.join(", "))
    }

    pub(super) fn sample(&self) -> Sample {
        let mut formats = self.formats.clone();
        if formats.is_empty() {
            formats.push("page");
        }
        Sample {
            url: self.page.url.clone(),
            formats,
            fields: fields(&self.listing),
        }
    }
}

/// A listing of an API as a sample.
pub(super) fn api_sample(listing: &Listing) -> Sample {
    Sample {
        url: listing.url.clone(),
        formats: vec!["api"],
        fields: fields(listing),
    }
}

/// The values of a listing, for a person to look at.
fn fields(listing: &Listing) -> Vec<Field> {
    let price = listing.price.as_ref();
    let availability = listing.availability.and_then(|value| {
        let value = serde_json::to_value(value).ok()?;
        value.as_str().map(str::to_owned)
    });
    let values = [
        ("title", Some(listing.title.clone())),
        ("price", price.map(|price| price.amount.to_string())),
        ("currency", price.and_then(|price| price.currency.clone())),
        ("seller", listing.seller.clone()),
        ("location", listing.location.clone()),
        ("images", listing.images.first().map(ToString::to_string)),
        ("availability", availability),
        ("brand", listing.brand.clone()),
        ("gtin", listing.gtin.clone()),
        ("mpn", listing.mpn.clone()),
        ("condition", listing.condition.clone()),
        ("description", listing.description.clone()),
    ];
    let found = values.into_iter().filter_map(|(name, value)| {
        let from = listing.provenance.get(name);
        Some(Field {
            name,
            value: tidy(&value?, 120),
            source: from.map_or_else(|| "page".to_owned(), |from| from.source.clone()),
        })
    });
    found.collect()
}
