//! Links that lead on from the pages a walk reads: from an offer to others,
//! from a list to further lists.

use std::collections::HashSet;

use url::Url;

use super::canonical::resolve;
use super::deeds::does_something;
use super::list::{MAX_ENTRIES, item_targets};
use crate::definition::Definition;
use crate::definition::locator::Locator;
use crate::extract::Document;
use crate::target::{Target, TargetKind};

/// A link as written on a page, made absolute and canonical, in the language
/// that is read; none when it leads to no web page, to one that is left, or does something
/// when it is asked for.
pub(crate) fn link(def: &Definition, base: &Url, link: &str) -> Option<Url> {
    let url = resolve(base, link).filter(|url| !does_something(url));
    url.and_then(|url| def.in_language(url))
}

/// The further items that an item's page links to, in order, each once.
pub(crate) fn items(
    def: &Definition,
    target: &Target,
    document: &Document,
    base: &Url,
    page: &Url,
) -> Vec<Target> {
    let Some(related) = &def.schema.discover.related else {
        return Vec::new();
    };
    let values = links(document, related.at.as_ref());
    // An identifier that stands alone becomes a URL first.
    let values = if def.schema.discover.item_url.is_some() && related.at.is_some() {
        values
    } else {
        of_form(def, base, values, |url| {
            related.url.as_ref().is_none_or(|glob| glob.matches(url))
        })
    };
    let mut found = item_targets(def, target.query.as_deref(), values, base);
    found.retain(|item| item.url != *page && item.key() != target.key());
    found
}

/// The further lists that a list page links to, in order, each once.
pub(crate) fn lists(
    def: &Definition,
    target: &Target,
    document: &Document,
    base: &Url,
    page: &Url,
) -> Vec<Target> {
    let Some(categories) = &def.schema.discover.category_links else {
        return Vec::new();
    };
    if target.depth >= categories.depth {
        return Vec::new();
    }
    // Where no form says what a list is, the form of items says what is none.
    let item = def.schema.item.url.as_ref().filter(|glob| glob.has_id());
    let is_item =
        |url: &Url| categories.url.is_none() && item.is_some_and(|glob| glob.matches(url));
    let mut seen = HashSet::from([page.clone(), target.url.clone()]);
    links(document, categories.at.as_ref())
        .iter()
        .filter_map(|value| link(def, base, value))
        .filter(|url| def.allows(url) && categories.covers(url) && !is_item(url))
        .filter(|url| seen.insert(url.clone()))
        .take(MAX_ENTRIES)
        .map(|url| Target {
            depth: target.depth + 1,
            ..Target::new(TargetKind::List, url, 1)
        })
        .collect()
}

/// The links at a place, or all there are.
fn links(document: &Document, at: Option<&Locator>) -> Vec<String> {
    match (at, document) {
        (Some(at), _) => document.values(at),
        (None, Document::Html(page)) => page.links(),
        (None, Document::Json(_)) => Vec::new(),
    }
}

/// Those of some links that lead to URLs of a form and may be items.
fn of_form(
    def: &Definition,
    base: &Url,
    values: Vec<String>,
    fits: impl Fn(&Url) -> bool,
) -> Vec<String> {
    let leads_there = |value: &String| {
        link(def, base, value).is_some_and(|url| fits(&url) && def.schema.item.may_be(&url))
    };
    values.into_iter().filter(leads_there).collect()
}
