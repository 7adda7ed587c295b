//! One URL to read, and what it is expected to be.

use serde::{Deserialize, Serialize};
use url::Url;

/// What a URL is expected to answer with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TargetKind {
    /// A sitemap or a sitemap index, plain or gzipped.
    Sitemap,
    /// A page of search results, of a category or of the whole shop.
    List,
    /// One offer.
    Item,
    /// A picture of an offer.
    Image,
}

/// One URL to read. The application keeps it as a row of its frontier.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Target {
    /// What the URL is expected to answer with.
    pub kind: TargetKind,
    /// The canonical URL to fetch.
    pub url: Url,
    /// For a list its place in the pagination, from 1; for a sitemap how many
    /// indexes stand above it, from 0; for the others 0.
    #[serde(default)]
    pub page: u32,
    /// The search words that led here, if a search did.
    #[serde(default)]
    pub query: Option<String>,
}

impl Target {
    /// A picture of a listing.
    #[must_use]
    pub const fn image(url: Url) -> Self {
        Self {
            kind: TargetKind::Image,
            url,
            page: 0,
            query: None,
        }
    }

    /// One offer, to be read again or for the first time.
    #[must_use]
    pub const fn item(url: Url) -> Self {
        Self {
            kind: TargetKind::Item,
            url,
            page: 0,
            query: None,
        }
    }
}
