//! Links in menus: which may lead to lists, and what stands with a link in one.

use std::collections::HashMap;

use ego_tree::NodeId;
use scraper::{ElementRef, Selector};
use url::Url;

use super::cards;
use super::forms;
use super::page::{Link, Page};
use super::paging::is_further;
use crate::discover::canonical::resolve;

/// Links that may lead to lists, the likeliest first, of those as likely the ones last that
/// stand in boxes of products, beside log-ins and carts, and at the foot of the page. The
/// home page in another language or currency is none.
pub(super) fn candidates(home: &Page, allowed: impl Fn(&Url) -> bool) -> Vec<Url> {
    let is_home = |url: &Url| {
        let path = url.path().trim_matches('/');
        let is_plain = url.query().is_none() || forms::switches(url);
        is_plain && (path.is_empty() || forms::is_language(path))
    };
    let mut of_service: HashMap<NodeId, bool> = HashMap::new();
    let shown = cards::of(home);
    let mut urls: Vec<((i32, bool, bool, bool), Url)> = home
        .links()
        .into_iter()
        .filter(|link| allowed(&link.url) && !is_home(&link.url) && !is_further(&link.url))
        .map(|link| {
            let likeness = forms::list_likeness(&link.url);
            let menu = menu_of(&link);
            let is_of_service = menu.is_some_and(|menu| {
                let known = of_service.entry(menu.id());
                *known.or_insert_with(|| leads_to_neither(home, menu))
            });
            let is_shown = shown.contains(&link.url);
            (
                (-likeness, is_at_foot(&link), is_of_service, is_shown),
                link.url,
            )
        })
        .filter(|((unlikeness, ..), _)| *unlikeness < 3)
        .collect();
    urls.sort_by_key(|(rank, _)| *rank);
    urls.into_iter().map(|(_, url)| url).collect()
}

/// The smallest element around a link in which others stand.
fn menu_of<'a>(link: &Link<'a>) -> Option<ElementRef<'a>> {
    let is_link = |element: &ElementRef<'_>| element.value().name() == "a";
    let mut above = link.element.ancestors().filter_map(ElementRef::wrap);
    above.find(|element| {
        let inside = element.descendants().filter_map(ElementRef::wrap);
        inside.filter(is_link).take(2).count() > 1
    })
}

/// Whether as many of the first links in an element lead to log-ins, carts and the like as to
/// other pages.
fn leads_to_neither(page: &Page, menu: ElementRef<'_>) -> bool {
    const MOST: usize = 20;
    let inside = menu.descendants().filter_map(ElementRef::wrap);
    let links = inside.filter(|element| element.value().name() == "a");
    let urls = links
        .take(MOST)
        .filter_map(|link| resolve(&page.base, link.attr("href")?));
    let urls: Vec<Url> = urls
        .filter(|url| url.origin() == page.url.origin())
        .collect();
    let is_neither = |url: &&Url| forms::is_neither(url) || forms::switches(url);
    urls.iter().filter(is_neither).count() * 2 >= urls.len().max(1)
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
