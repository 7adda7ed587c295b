//! Pages whose addresses have the form of products, for a draft to leave out.

use std::collections::HashSet;

use url::Url;

use super::forms;
use super::lists;
use super::menus;
use super::page::{Page, Product};
use super::queries::escape;
use crate::definition::pattern::UrlGlob;

/// How many links to products make a list of a page.
const LEAST: usize = 2;
/// The most addresses left out.
const MOST: usize = 200;

/// The addresses that have the form of products and are none: pages that were seen to be
/// lists, what stands with them in the menu that every page has, and what every page links
/// to and is called a cart or the like.
pub(super) fn of_the_form(form: &str, pages: &[Page], products: &[Product]) -> Vec<String> {
    let Ok(glob) = UrlGlob::try_from(form.to_owned()) else {
        return Vec::new();
    };
    let all: Vec<&Page> = pages
        .iter()
        .chain(products.iter().map(|p| &p.page))
        .collect();
    let (Some(first), Some(sample)) = (all.first(), products.first()) else {
        return Vec::new();
    };
    let common = lists::common(&all, first, &glob);
    let is_sample = |url: &Url| {
        let mut samples = products.iter();
        samples.any(|product| *url == product.page.url || *url == product.listing.url)
    };
    let is_list = |page: &&Page| {
        common.contains(&page.url)
            && !is_sample(&page.url)
            && lists::count(page, &glob, form, &common) >= LEAST
    };
    let mut found: Vec<Url> = Vec::new();
    for page in pages.iter().filter(is_list) {
        let beside = menus::around(&sample.page, &[&page.url], |url| common.contains(url));
        if beside.iter().any(is_sample) {
            continue;
        }
        found.push(page.url.clone());
        found.extend(beside);
    }
    let mut neither: Vec<Url> = common
        .iter()
        .filter(|url| forms::is_neither(url))
        .cloned()
        .collect();
    neither.sort();
    found.extend(neither.into_iter().filter(|url| !is_sample(url)));
    let with_query = form.contains('?');
    let written = |url: Url| match url.query().filter(|_| with_query) {
        Some(query) => escape(&format!("{}?{query}", url.path())),
        None => escape(url.path()),
    };
    let mut forms: Vec<String> = found.into_iter().map(written).collect();
    let mut seen = HashSet::new();
    forms.retain(|form| seen.insert(form.clone()));
    forms.truncate(MOST);
    forms
}
