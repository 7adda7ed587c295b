//! What was found out of a shop.

use serde::Serialize;
use url::Url;

/// The way in which a shop can be read, the sturdiest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Tier {
    /// A: an official API, with credentials.
    Api,
    /// B: open storefront JSON.
    Storefront,
    /// C: structured data in its pages.
    Structured,
    /// D: selectors.
    Selectors,
    /// E: pages that scripts make in a browser, rendered. A definition is drafted where
    /// there was a browser and what it made could be read.
    Rendered,
    /// F: closed to crawling; captures made by a person are imported.
    Import,
    /// A wall was shown instead of the shop, or robots.txt forbids it.
    Blocked,
    /// It could not be reached, or nothing was recognised.
    Unknown,
}

impl Tier {
    /// The tier's letter, A to F; none where there is no way at all.
    #[must_use]
    pub const fn letter(self) -> Option<char> {
        match self {
            Self::Api => Some('A'),
            Self::Storefront => Some('B'),
            Self::Structured => Some('C'),
            Self::Selectors => Some('D'),
            Self::Rendered => Some('E'),
            Self::Import => Some('F'),
            Self::Blocked | Self::Unknown => None,
        }
    }

    /// The tier in words.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Api => "official API",
            Self::Storefront => "open storefront JSON",
            Self::Structured => "structured data",
            Self::Selectors => "selectors",
            Self::Rendered => "pages made by scripts",
            Self::Import => "closed to crawling",
            Self::Blocked => "blocked",
            Self::Unknown => "not recognised",
        }
    }
}

/// All that was found out of a shop.
#[derive(Debug, Clone, Serialize)]
pub struct Report {
    /// The address that was given.
    pub url: Url,
    /// The shop's own address, after redirects.
    pub base: Url,
    /// The tier it can be read in.
    pub tier: Tier,
    /// Why, in a sentence.
    pub why: String,
    /// Everything that was asked, in order.
    pub attempts: Vec<Attempt>,
    /// The products that were looked at.
    pub samples: Vec<Sample>,
    /// What an operator should know before a scan.
    pub warnings: Vec<String>,
    /// A definition to begin with, where the shop can be read.
    pub draft: Option<Draft>,
}

impl Report {
    /// Whether a source can be made of it.
    #[must_use]
    pub const fn is_readable(&self) -> bool {
        match self.tier {
            Tier::Api | Tier::Storefront | Tier::Structured | Tier::Selectors => true,
            Tier::Rendered => self.draft.is_some(),
            Tier::Import | Tier::Blocked | Tier::Unknown => false,
        }
    }
}

/// One thing that was asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Attempt {
    /// The address.
    pub url: Url,
    /// The status of the answer; none when nothing was sent or nothing came.
    pub status: Option<u16>,
    /// What it showed, in words.
    pub showed: String,
}

/// A product that was looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Sample {
    /// Where it was read.
    pub url: Url,
    /// In which ways the page states it: `json-ld`, `microdata`, `rdfa`,
    /// `opengraph`, `api`, or `page` where only its structure says it.
    pub formats: Vec<&'static str>,
    /// What was read.
    pub fields: Vec<Field>,
}

/// A value of a sample.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Field {
    /// The field's name, as in a definition.
    pub name: &'static str,
    /// Its value, shortened to 120 characters.
    pub value: String,
    /// Where it was read, as in [`crate::Provenance::source`].
    pub source: String,
}

/// A definition to begin with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Draft {
    /// Its id, made of the shop's host.
    pub id: String,
    /// The shipped definition it is made of, which `--base` alone would make
    /// usable as well; none where the draft is the shop's own.
    pub template: Option<&'static str>,
    /// The definition, as TOML. It can be read and has no errors by `lint`.
    pub toml: String,
    /// The environment variables that its credentials are read from.
    pub credentials: Vec<String>,
}
