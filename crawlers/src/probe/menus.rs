//! Links in menus: which may lead to lists, and what stands with a link in one.

use scraper::{ElementRef, Selector};
use url::Url;

use super::forms;
use super::page::{Link, Page};
use super::paging::is_further;
use crate::discover::canonical::resolve;

/// Links that may lead to lists, the likeliest first, of those as likely the ones at the
/// foot of the page last. The home page in another language is none.
pub(super) fn candidates(home: &Page, allowed: impl Fn(&Url) -> bool) -> Vec<Url> {
    let is_home = |url: &Url| {
        let path = url.path().trim_matches('/');
        url.query().is_none() && (path.is_empty() || forms::is_language(path))
    };
    let mut urls: Vec<((i32, bool), Url)> = home
        .links()
        .into_iter()
        .filter(|link| allowed(&link.url) && !is_home(&link.url) && !is_further(&link.url))
        .map(|link| {
            let likeness = forms::list_likeness(&link.url);
            ((-likeness, is_at_foot(&link)), link.url)
        })
        .filter(|((unlikeness, _), _)| *unlikeness < 3)
        .collect();
    urls.sort_by_key(|(rank, _)| *rank);
    urls.into_iter().map(|(_, url)| url).collect()
}

/// Whether a link stands at the foot of its page.
fn is_at_foot(link: &Link<'_>) -> bool {
    let mut above = link.element.ancestors().filter_map(ElementRef::wrap);
    above.any(|element| {
        let value = element.value();
        let mut names = value.classes().chain(value.id());
        value.name() == "footer" || names.any(|name| name.to_ascii_lowercase().contains("footer"))
    })
}

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
