//! One URL to read, and what it is expected to be.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
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
    /// A JSON text to be posted; none for GET. Part of the target's identity.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<String>,
    /// For a list how many links of `discover.category_links` led from a first
    /// list to it.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub depth: u32,
    /// For a list the pages read before it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<Trail>,
}

/// What a list had before a page of it: so that it can be seen from one page
/// alone that all entries were read, or that the pages repeat themselves.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Trail {
    /// How many entries the pages before had in all.
    pub entries: u32,
    /// A digest of the entries of the page just before.
    pub last: String,
    /// A digest of the list's first page: which list it is.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub list: String,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde gives a reference")]
const fn is_zero(number: &u32) -> bool {
    *number == 0
}

impl Target {
    /// What tells this target from all others of a scan: its kind, its URL
    /// and, where something is posted, the SHA-256 of that.
    #[must_use]
    pub fn key(&self) -> String {
        let kind = match self.kind {
            TargetKind::Sitemap => "sitemap",
            TargetKind::List => "list",
            TargetKind::Item => "item",
            TargetKind::Image => "image",
        };
        match &self.body {
            None => format!("{kind} {}", self.url),
            Some(body) => {
                let digest = hex::encode(Sha256::digest(body.as_bytes()));
                format!("{kind} {} {digest}", self.url)
            }
        }
    }

    /// For a list page which list it is of, the same for all its pages.
    pub(crate) fn list(&self) -> String {
        match &self.after {
            Some(trail) if !trail.list.is_empty() => trail.list.clone(),
            _ => {
                let mut digest = hex::encode(Sha256::digest(self.key().as_bytes()));
                digest.truncate(16);
                digest
            }
        }
    }

    /// A target of this kind, with nothing else known of it.
    pub(crate) const fn new(kind: TargetKind, url: Url, page: u32) -> Self {
        Self {
            kind,
            url,
            page,
            query: None,
            body: None,
            depth: 0,
            after: None,
        }
    }

    /// A picture of a listing.
    #[must_use]
    pub const fn image(url: Url) -> Self {
        Self::new(TargetKind::Image, url, 0)
    }

    /// One offer, to be read again or for the first time.
    #[must_use]
    pub const fn item(url: Url) -> Self {
        Self::new(TargetKind::Item, url, 0)
    }
}
