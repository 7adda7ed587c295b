//! What stands with a link in one menu.

use scraper::{ElementRef, Selector};
use url::Url;

use super::page::Page;
use crate::discover::canonical::resolve;

/// The links of this kind in the smallest element that holds one of `urls` and another
/// link of the kind; of several of `urls` all that the page has. In order, each once.
pub(super) fn around(page: &Page, urls: &[&Url], is_of_kind: impl Fn(&Url) -> bool) -> Vec<Url> {
    let Ok(selector) = Selector::parse("a[href]") else {
        return Vec::new();
    };
    let target = |link: ElementRef<'_>| {
        let url = resolve(&page.base, link.attr("href")?)?;
        is_of_kind(&url).then_some(url)
    };
    let is_wanted = |url: &Url| urls.contains(&url);
    let mut links = page.document.dom.select(&selector);
    let Some(link) = links.find(|link| target(*link).as_ref().is_some_and(is_wanted)) else {
        return Vec::new();
    };
    let all: Vec<Url> = page
        .document
        .dom
        .select(&selector)
        .filter_map(target)
        .collect();
    let wanted = urls.iter().filter(|url| all.contains(url)).count();
    let menus = link
        .ancestors()
        .filter_map(ElementRef::wrap)
        .map(|element| {
            let mut menu: Vec<Url> = Vec::new();
            for url in element.select(&selector).filter_map(target) {
                if !menu.contains(&url) {
                    menu.push(url);
                }
            }
            menu
        });
    let holds_all = |menu: &Vec<Url>| {
        let held = urls.iter().filter(|url| menu.contains(url)).count();
        menu.len() > 1 && held == wanted
    };
    let mut menus = menus.filter(holds_all);
    menus.next().unwrap_or_default()
}
