//! Links that lead on: from offers to further offers, from lists to lists.

use serde::Deserialize;
use url::Url;

use super::locator::Locator;
use super::pattern::UrlGlob;

/// The deepest a walk may go from list to list.
const MAX_DEPTH: u32 = 20;
/// The most lists that may be read because a page links to them.
const MOST_LISTS: u32 = 10_000;

/// Links to further offers on an offer's page: its variants, what goes with it.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RelatedLinks {
    /// The links, or identifiers for `item_url`; without it every link of the page.
    pub at: Option<Locator>,
    /// Only links of this form.
    pub url: Option<UrlGlob>,
}

/// Links to further lists on a list page: the menu, subcategories.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct CategoryLinks {
    /// The links; without it every link of the page.
    pub at: Option<Locator>,
    /// Only links of this form.
    pub url: Option<UrlGlob>,
    /// How many such links may lead from a first list page to a list.
    #[serde(default = "five")]
    pub depth: u32,
    /// How many lists are read because a page links to them.
    #[serde(default = "thousand")]
    pub most: u32,
}

const fn five() -> u32 {
    5
}

const fn thousand() -> u32 {
    1_000
}

impl RelatedLinks {
    pub(super) fn check(&self) -> Option<(&'static str, String)> {
        says_which(self.at.as_ref(), self.url.as_ref())
            .map(|reason| ("discover.related", reason.to_owned()))
    }
}

impl CategoryLinks {
    pub(super) fn check(&self) -> Option<(&'static str, String)> {
        if let Some(reason) = says_which(self.at.as_ref(), self.url.as_ref()) {
            return Some(("discover.category_links", reason.to_owned()));
        }
        let within = |number: u32, most: u32| (1..=most).contains(&number);
        if !within(self.depth, MAX_DEPTH) {
            let reason = format!("must be 1 to {MAX_DEPTH}");
            return Some(("discover.category_links.depth", reason));
        }
        (!within(self.most, MOST_LISTS)).then(|| {
            let reason = format!("must be 1 to {MOST_LISTS}");
            ("discover.category_links.most", reason)
        })
    }

    /// Whether a link is of the form of lists. Where the form says nothing of
    /// the query, links with one are the same list sorted, filtered or further on.
    pub(crate) fn covers(&self, url: &Url) -> bool {
        self.url
            .as_ref()
            .is_none_or(|glob| glob.matches(url) && (glob.covers_query() || url.query().is_none()))
    }
}

fn says_which(at: Option<&Locator>, url: Option<&UrlGlob>) -> Option<&'static str> {
    (at.is_none() && url.is_none())
        .then_some("needs `at` (where the links stand), `url` (their form), or both")
}
