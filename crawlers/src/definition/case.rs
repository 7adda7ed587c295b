//! The shape of a definition's own tests.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

use crate::target::TargetKind;

/// A saved answer and what is to be read from it.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Case {
    pub name: String,
    pub kind: CaseKind,
    /// What was asked, relative to `base`.
    pub url: String,
    /// What was posted.
    pub body: Option<Value>,
    pub query: Option<String>,
    /// Which page of a list it is, from 1.
    #[serde(default = "one")]
    pub page: u32,
    /// How many entries the pages before it had.
    #[serde(default)]
    pub entries_before: u32,
    /// A file beside the definition that holds the answer's body.
    pub response: Option<String>,
    /// The answer's body itself.
    pub inline: Option<String>,
    #[serde(default = "ok")]
    pub status: u16,
    #[serde(default)]
    pub headers: BTreeMap<String, String>,
    pub expect: Expect,
}

const fn one() -> u32 {
    1
}

const fn ok() -> u16 {
    200
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum CaseKind {
    List,
    Item,
    Sitemap,
}

impl CaseKind {
    pub(crate) const fn target(self) -> TargetKind {
        match self {
            Self::List => TargetKind::List,
            Self::Item => TargetKind::Item,
            Self::Sitemap => TargetKind::Sitemap,
        }
    }
}

/// What is to be read. What is not mentioned is not compared.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Expect {
    pub signal: Option<ExpectedSignal>,
    /// Stands in the error that reading ends with.
    pub error: Option<String>,
    /// How many listings there are.
    pub count: Option<usize>,
    pub listings: Option<Vec<ExpectedListing>>,
    /// Items (of an item those related to it) and further sitemaps, in order.
    pub targets: Option<Vec<String>>,
    /// Further lists that the page links to, in order.
    pub categories: Option<Vec<String>>,
    /// The next page's URL, or `false` where the list ends.
    pub next: Option<ExpectedNext>,
    pub next_body: Option<Value>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum ExpectedSignal {
    Ok,
    Gone,
    Blocked,
    Unexpected,
    Other,
}

impl ExpectedSignal {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Gone => "gone",
            Self::Blocked => "blocked",
            Self::Unexpected => "unexpected",
            Self::Other => "other",
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
pub(crate) enum ExpectedNext {
    /// `false`: there is none.
    Is(bool),
    Url(String),
}

/// The fields of a listing that are compared, as text.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct ExpectedListing {
    pub id: Option<String>,
    pub url: Option<String>,
    pub title: Option<String>,
    pub description: Option<String>,
    /// The amount in main units, as in `"12.50"`.
    pub price: Option<String>,
    pub currency: Option<String>,
    pub seller: Option<String>,
    pub seller_since: Option<String>,
    pub location: Option<String>,
    pub images: Option<Vec<String>>,
    pub availability: Option<String>,
    pub brand: Option<String>,
    pub gtin: Option<String>,
    pub mpn: Option<String>,
    pub condition: Option<String>,
    /// Fields that must have no value.
    pub absent: Vec<String>,
}
