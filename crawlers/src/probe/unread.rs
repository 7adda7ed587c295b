//! Lists that were looked at and that what was found does not lead to: their links are then
//! told by where they stand in the menu, whatever their addresses.

use std::cmp::Reverse;
use std::collections::HashSet;

use scraper::ElementRef;
use url::Url;

use super::cards;
use super::forms;
use super::lists::{self, Lists, LookedAt, relative};
use super::names::names_of_all;
use super::page::{Link, Page, targets};
use super::paging::{self, NextPage, is_further};
use crate::definition::pattern::UrlGlob;

/// The most links of lists that names are looked for.
const MAX_NAMED: usize = 6;
/// The most links that may be a menu.
const MAX_MENU: usize = 400;

impl Lists {
    /// The same with the way to further pages that other lists show, and with the links of
    /// the menu where it would not lead to all lists that were looked at; `best` is the list
    /// that was described.
    pub(super) fn with_menu(
        mut self,
        best: &Page,
        looked_at: &LookedAt<'_>,
        home: &Page,
        (form, glob): (&UrlGlob, &str),
    ) -> Self {
        let shown = showing(&looked_at.lists);
        let is_template = matches!(self.next, Some(NextPage::Template(_)));
        if self.leaves_unread(&shown, home, (form, glob)) && !is_template {
            let wanted: Vec<&Url> = shown
                .iter()
                .map(|list| &list.url)
                .filter(|url| !is_further(url))
                .collect();
            if let Some(css) = menu_at(home, &wanted, looked_at, form) {
                if !has_all(best, &css, &wanted) {
                    self.url = relative(&home.url);
                    self.shown = self.url.clone();
                }
                self.categories = None;
                self.menu = None;
                self.hubs = None;
                self.menu_at = Some(css);
            }
        }
        let leads_to_others =
            self.menu_at.is_some() || self.menu.is_some() || self.categories.is_some();
        if self.next.is_none() && leads_to_others {
            let found = looked_at
                .lists
                .iter()
                .find_map(|list| paging::next(list, &list.links()));
            // Pages counted from 0, or in paths, are counted from the first list on.
            self.next =
                found.filter(|next| matches!(next, NextPage::At(_) | NextPage::Parameter(_)));
        }
        self
    }

    /// Whether there are lists with products that none of those has which this leads to.
    fn leaves_unread(&self, lists: &[&Page], home: &Page, (form, glob): (&UrlGlob, &str)) -> bool {
        let all = lists.iter().copied();
        let read = all.clone().chain([home]).filter(|page| self.leads_to(page));
        let known: HashSet<Url> = read
            .flat_map(|page| lists::to_products(page, form, glob))
            .map(|link| link.url)
            .collect();
        let has_others = |page: &Page| {
            let mut products = lists::to_products(page, form, glob).into_iter();
            products.any(|link| !known.contains(&link.url))
        };
        let mut unread = all.filter(|page| !is_further(&page.url) && !self.leads_to(page));
        unread.any(has_others)
    }

    /// Whether a list is read, as far as its address tells.
    fn leads_to(&self, page: &Page) -> bool {
        let address = relative(&page.url);
        let of_form = |form: &String| {
            let glob = UrlGlob::try_from(form.clone());
            glob.is_ok_and(|glob| glob.matches(&page.url))
        };
        let mut names = self.categories.iter().flat_map(|(_, names)| names);
        let is_named = names.any(|name| address.contains(name.as_str()));
        address == self.shown || self.menu.as_ref().is_some_and(of_form) || is_named
    }
}

/// The lists that show boxes of products; all where none does.
fn showing<'a>(lists: &[&'a Page]) -> Vec<&'a Page> {
    let shown = lists
        .iter()
        .copied()
        .filter(|list| !cards::of(list).is_empty());
    let shown: Vec<&Page> = shown.collect();
    match shown.is_empty() {
        true => lists.to_vec(),
        false => shown,
    }
}

/// What finds the links to these lists on the home page, to no product, and to the fewest
/// pages that are no lists; of several the one that finds most.
fn menu_at(
    home: &Page,
    wanted: &[&Url],
    looked_at: &LookedAt<'_>,
    form: &UrlGlob,
) -> Option<String> {
    let links = home.links();
    let is_wanted = |link: &&Link<'_>| wanted.contains(&&link.url);
    let elements: Vec<ElementRef<'_>> = links
        .iter()
        .filter(is_wanted)
        .map(|link| link.element)
        .collect();
    if elements.len() < 2 {
        return None;
    }
    let linked: Vec<&Url> = links
        .iter()
        .filter(is_wanted)
        .map(|link| &link.url)
        .collect();
    let boxes = cards::of(home);
    // Where lists have the form of products, the form says nothing.
    let is_telling = !wanted.iter().any(|url| form.matches(url));
    let is_product = |url: &Url| boxes.contains(url) || (is_telling && form.matches(url));
    let is_none = |url: &Url| looked_at.others.contains(url) || forms::is_neither(url);
    let names = names_of_all(elements.into_iter().take(MAX_NAMED));
    let found = names.into_iter().filter_map(|name| {
        let urls = listed(home, &name);
        let fits = urls.len() <= MAX_MENU && linked.iter().all(|url| urls.contains(*url));
        let wrong = urls.iter().filter(|url| is_none(url)).count();
        let is_menu = fits && !urls.iter().any(is_product) && wrong * 2 <= urls.len();
        is_menu.then_some(((wrong, Reverse(urls.len())), name))
    });
    // Of those that are as good the plainest, which is the first.
    let best = found.reduce(|best, next| if next.0 < best.0 { next } else { best });
    best.map(|(_, name)| name)
}

/// Whether these links are found on a page too, but for that to the page itself.
fn has_all(page: &Page, css: &str, wanted: &[&Url]) -> bool {
    let urls = listed(page, css);
    wanted
        .iter()
        .all(|url| urls.contains(*url) || **url == page.url)
}

/// Where the links lead that a selector finds, without queries: with one they are lists in
/// another order.
fn listed(page: &Page, css: &str) -> HashSet<Url> {
    targets(page, css)
        .filter(|url| url.query().is_none() && url.origin() == page.url.origin())
        .collect()
}
