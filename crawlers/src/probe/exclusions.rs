//! Lists whose addresses have the form of products, for a draft to leave out.

use std::collections::HashSet;

use scraper::{ElementRef, Selector};
use url::Url;

use super::lists;
use super::page::{Page, Product};
use super::queries::escape;
use crate::definition::pattern::UrlGlob;
use crate::discover::canonical::resolve;

/// How many links to products make a list of a page.
const LEAST: usize = 2;
/// The most addresses left out.
const MOST: usize = 200;

/// The addresses of lists that have the form of products: pages that were seen to be
/// lists, and what stands with them in the menu that every page has.
pub(super) fn lists_of_the_form(form: &str, pages: &[Page], products: &[Product]) -> Vec<String> {
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
            && lists::count(page, &glob, &common) >= LEAST
    };
    let mut found: Vec<Url> = Vec::new();
    for page in pages.iter().filter(is_list) {
        let beside = beside(&sample.page, &page.url, &common);
        if beside.iter().any(is_sample) {
            continue;
        }
        for url in std::iter::once(page.url.clone()).chain(beside) {
            if found.len() < MOST && !found.contains(&url) {
                found.push(url);
            }
        }
    }
    let with_query = form.contains('?');
    let written = |url: Url| match url.query().filter(|_| with_query) {
        Some(query) => escape(&format!("{}?{query}", url.path())),
        None => escape(url.path()),
    };
    found.into_iter().map(written).collect()
}

/// The links among these that stand in one menu with a link.
fn beside(page: &Page, url: &Url, common: &HashSet<Url>) -> Vec<Url> {
    let Ok(selector) = Selector::parse("a[href]") else {
        return Vec::new();
    };
    let target = |link: ElementRef<'_>| {
        let url = resolve(&page.base, link.attr("href")?)?;
        common.contains(&url).then_some(url)
    };
    let mut links = page.document.dom.select(&selector);
    let Some(link) = links.find(|link| target(*link).as_ref() == Some(url)) else {
        return Vec::new();
    };
    let around = link.ancestors().filter_map(ElementRef::wrap);
    let menus = around.map(|element| element.select(&selector).filter_map(target).collect());
    let mut menus = menus.filter(|menu: &Vec<Url>| menu.iter().any(|other| other != url));
    menus.next().unwrap_or_default()
}
