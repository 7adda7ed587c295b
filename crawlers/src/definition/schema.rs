//! The shape of a definition file.

use std::collections::BTreeMap;

use serde::Deserialize;
use url::Url;

use super::auth::Auth;
use super::body::Body;
use super::case::Case;
use super::languages::Languages;
use super::links::{CategoryLinks, RelatedLinks};
use super::locator::Locator;
use super::pattern::{Template, UrlGlob};
use super::price::PriceRules;
use super::render::Render;
use super::settings::Setting;
use crate::fetch::QuietHours;

/// The whole file.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Schema {
    #[serde(deserialize_with = "read_identifier")]
    pub id: String,
    pub name: String,
    pub tier: Tier,
    /// Missing in a template only.
    pub base: Option<Base>,
    #[serde(default)]
    pub template: bool,
    #[serde(default)]
    pub allowed_hosts: Vec<String>,
    #[serde(default)]
    pub image_hosts: Vec<String>,
    pub terms_note: Option<String>,
    pub language: Option<String>,
    /// Sent with every request to an allowed host.
    #[serde(default)]
    pub headers: BTreeMap<String, String>,
    pub auth: Option<Auth>,
    #[serde(default)]
    pub rate: Rate,
    pub discover: Discover,
    #[serde(default)]
    pub item: Item,
    #[serde(default)]
    pub fields: Fields,
    #[serde(default)]
    pub price: PriceRules,
    #[serde(default)]
    pub gone: Marks,
    #[serde(default)]
    pub blocked: Marks,
    /// How pages are rendered, in tier `rendered`.
    pub render: Option<Render>,
    /// How an answer with a good status says that it is an error.
    #[serde(default)]
    pub failed: Marks,
    /// What an operator chooses; `${name}` stands for it anywhere in the file.
    #[serde(default)]
    pub settings: BTreeMap<String, Setting>,
    #[serde(default)]
    pub tests: Vec<Case>,
}

/// How sturdy the way into the marketplace is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Tier {
    Api,
    Feed,
    Structured,
    Selector,
    Rendered,
}

impl Tier {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Api => "api",
            Self::Feed => "feed",
            Self::Structured => "structured",
            Self::Selector => "selector",
            Self::Rendered => "rendered",
        }
    }
}

/// An absolute `http` or `https` URL.
#[derive(Debug, Clone, Deserialize)]
#[serde(try_from = "String")]
pub(crate) struct Base(pub Url);

impl TryFrom<String> for Base {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        base_url(&text).map(Self)
    }
}

/// How often requests may be sent to one host.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Rate {
    /// Requests a second; none means the program's default.
    pub per_second: Option<f64>,
    /// Connections at a time; none means the program's default.
    pub concurrency: Option<u32>,
    /// Requests a UTC day; none means no limit.
    pub daily_quota: Option<u64>,
    /// Hours in which nothing is sent.
    pub quiet_hours: Option<QuietHours>,
}

/// How offers are found.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Discover {
    pub kind: DiscoverKind,
    /// The search, the sitemap or the first list page.
    pub url: Template,
    /// Posted as JSON; without it lists are asked for by GET.
    pub body: Option<Body>,
    /// The list of one category, for `categories`.
    pub category_url: Option<Template>,
    #[serde(default)]
    pub categories: Vec<String>,
    /// Entries a page, for `{limit}` and offset counting.
    #[serde(default = "default_limit")]
    pub limit: u32,
    /// Links to (or identifiers of) the entries of a list; with `complete` the
    /// entries themselves.
    pub items: Option<Locator>,
    /// Turns an identifier from `items` into a URL.
    pub item_url: Option<Template>,
    /// Links to further lists, read from list pages.
    pub category_links: Option<CategoryLinks>,
    /// Links to further items, read from items.
    pub related: Option<RelatedLinks>,
    /// Which language is read of a shop that has every page in several.
    pub languages: Option<Languages>,
    pub next: Option<Next>,
    /// How many entries the whole list has; it ends when so many were read.
    pub total: Option<NumberAt>,
    /// How many pages the list has.
    pub total_pages: Option<NumberAt>,
    /// `"short"`: a page with fewer entries than `limit` is the last one.
    pub stop: Option<Stop>,
    /// The search by a picture.
    pub image: Option<ImageSearch>,
    #[serde(default = "default_max_pages")]
    pub max_pages: u32,
    /// The entries of a list are whole listings; items are not fetched.
    #[serde(default)]
    pub complete: bool,
}

const fn default_limit() -> u32 {
    100
}

const fn default_max_pages() -> u32 {
    100
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum DiscoverKind {
    Search,
    Sitemap,
    List,
}

/// What ends a list, beside an empty page, a page that repeats the one before
/// it, and `max_pages`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Stop {
    Short,
}

/// Where a number stands: in a header, or at a place in the answer.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
pub(crate) enum NumberAt {
    Header(HeaderName),
    At(Box<Locator>),
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct HeaderName {
    pub header: String,
}

/// How offers are found by a picture.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ImageSearch {
    pub url: Template,
    /// With `"{image}"` where the picture belongs, in base64.
    pub body: Body,
    /// The largest picture taken, in bytes before base64.
    #[serde(default = "four_mebibytes")]
    pub max_bytes: usize,
    /// The most pages read of one search: the likest come first.
    #[serde(default = "one")]
    pub max_pages: u32,
}

const fn one() -> u32 {
    1
}

const fn four_mebibytes() -> usize {
    4 * 1024 * 1024
}

/// Where the next page of a list is.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
pub(crate) enum Next {
    /// `"link-header"`, `"page"` or `"offset"`.
    Named(NamedNext),
    /// `{ cursor = … }`: what stands there goes to the place of `{cursor}`.
    Cursor(CursorNext),
    /// `{ count = "page" }`: this query parameter is raised by `step` as long
    /// as pages have entries.
    Count(CountNext),
    /// A selector or JSONPath of the link.
    At(Box<Locator>),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum NamedNext {
    /// The `rel=next` link of the `Link` header (RFC 8288).
    LinkHeader,
    /// `{page}`, in the URL or the body, is raised by one.
    Page,
    /// `{offset}` is raised by `limit`.
    Offset,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct CursorNext {
    pub cursor: Locator,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct CountNext {
    pub count: String,
    #[serde(default = "one")]
    pub step: u32,
}

/// How an offer's own page is recognised.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Item {
    pub url: Option<UrlGlob>,
    /// Addresses of that form that are no items.
    #[serde(default)]
    pub not: Vec<UrlGlob>,
    /// Posted to `discover.item_url`; without it items are asked for by GET.
    pub body: Option<Body>,
    /// The offer within the answer; without it the answer is the offer.
    pub entry: Option<Locator>,
    /// Only pages with something at one of these places are items; without any, all are.
    #[serde(default)]
    pub marked_by: Vec<Locator>,
    /// What is taken as visitors are shown it where none of its places holds it.
    #[serde(default)]
    pub as_shown: Vec<Shown>,
}

/// A field that can be read off a page by how it is built.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Shown {
    Description,
    Price,
    Seller,
    Images,
    Availability,
    Brand,
    Gtin,
    Mpn,
}

impl Shown {
    /// All of them.
    pub(crate) const ALL: [Self; 8] = [
        Self::Description,
        Self::Price,
        Self::Seller,
        Self::Images,
        Self::Availability,
        Self::Brand,
        Self::Gtin,
        Self::Mpn,
    ];

    /// The field's name.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Description => "description",
            Self::Price => "price",
            Self::Seller => "seller",
            Self::Images => "images",
            Self::Availability => "availability",
            Self::Brand => "brand",
            Self::Gtin => "gtin",
            Self::Mpn => "mpn",
        }
    }
}

impl Item {
    /// Whether an address is that of an item, as far as its form tells.
    pub fn may_be(&self, url: &Url) -> bool {
        self.url.as_ref().is_none_or(|glob| glob.matches(url)) && !self.leaves_out(url)
    }

    /// Whether the definition says that an address is none of an item.
    pub fn leaves_out(&self, url: &Url) -> bool {
        self.not.iter().any(|glob| glob.matches(url))
    }

    /// Whether a field of this name is read as it is shown.
    pub fn is_as_shown(&self, field: &str) -> bool {
        self.as_shown.iter().any(|shown| shown.name() == field)
    }
}

/// Field name to ordered places; the first that has a usable value wins.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Fields {
    pub id: Vec<Locator>,
    pub url: Vec<Locator>,
    pub title: Vec<Locator>,
    pub description: Vec<Locator>,
    pub price: Vec<Locator>,
    pub currency: Vec<Locator>,
    pub seller: Vec<Locator>,
    pub seller_since: Vec<Locator>,
    pub location: Vec<Locator>,
    pub images: Vec<Locator>,
    pub availability: Vec<Locator>,
    pub brand: Vec<Locator>,
    pub gtin: Vec<Locator>,
    pub mpn: Vec<Locator>,
    pub condition: Vec<Locator>,
}

impl Fields {
    /// Every field with its name.
    pub(crate) fn all(&self) -> [(&'static str, &[Locator]); 15] {
        [
            ("id", &self.id),
            ("url", &self.url),
            ("title", &self.title),
            ("description", &self.description),
            ("price", &self.price),
            ("currency", &self.currency),
            ("seller", &self.seller),
            ("seller_since", &self.seller_since),
            ("location", &self.location),
            ("images", &self.images),
            ("availability", &self.availability),
            ("brand", &self.brand),
            ("gtin", &self.gtin),
            ("mpn", &self.mpn),
            ("condition", &self.condition),
        ]
    }
}

/// How a page says that an offer is gone, or that we are not wanted.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Marks {
    pub status: Vec<u16>,
    /// Present on such pages.
    pub selector: Vec<Locator>,
    /// Stands in the text of such pages (case does not matter).
    pub text: Vec<String>,
    /// A place that has one of these values.
    pub when: Vec<When>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct When {
    pub at: Locator,
    pub is: Vec<String>,
}

impl Schema {
    pub(crate) fn base(&self) -> &Url {
        static NOWHERE: std::sync::LazyLock<Url> = std::sync::LazyLock::new(|| {
            Url::parse("https://template.invalid/").unwrap_or_else(|_| unreachable!("a constant"))
        });
        self.base.as_ref().map_or(&NOWHERE, |base| &base.0)
    }
}

/// An absolute `http` or `https` URL with a host and no user name.
pub(crate) fn base_url(text: &str) -> Result<Url, String> {
    let url = Url::parse(text).map_err(|error| format!("`{text}` is no URL: {error}"))?;
    if !matches!(url.scheme(), "http" | "https") || !url.has_host() {
        return Err(format!("`{text}` is not an http or https address"));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err("an address with a user name in it; use [auth] instead".to_owned());
    }
    Ok(url)
}

/// 1 to 40 lower-case letters, digits and hyphens.
pub(super) fn identifier(id: &str) -> Result<(), String> {
    let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    if id.is_empty() || id.len() > 40 || !id.chars().all(fits) {
        return Err(format!(
            "`{id}` is no id: 1 to 40 lower-case letters, digits and hyphens"
        ));
    }
    Ok(())
}

fn read_identifier<'de, D: serde::Deserializer<'de>>(from: D) -> Result<String, D::Error> {
    let id = String::deserialize(from)?;
    identifier(&id).map_err(serde::de::Error::custom)?;
    Ok(id)
}
