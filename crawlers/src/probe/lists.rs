//! Pages that list products, and how one leads to the next.

use std::collections::HashSet;

use url::Url;

use super::cards;
use super::categories::{categories, menu};
use super::draft::is_any;
use super::families;
use super::forms::{self, Form};
use super::names::names_of_all;
use super::page::{Link, Page, all, targets};
use super::paging::{NextPage, next};
use crate::definition::pattern::UrlGlob;
use crate::discover::canonical::resolve;

/// The most links to the first products of a list that are looked at.
const MAX_AGAIN: usize = 12;

/// The pages that were asked for as lists.
pub(super) struct LookedAt<'a> {
    /// Those that list products.
    pub lists: Vec<&'a Page>,
    /// The addresses of those that list none, or were not to be had.
    pub others: HashSet<&'a Url>,
    /// Links to products that every page has: those of a side column.
    pub common: HashSet<Url>,
}

/// How products are found by lists.
pub(super) struct Lists {
    /// The first page, relative to the shop's address.
    pub url: String,
    /// Its address as it was seen.
    pub shown: String,
    /// The selector of the links to products.
    pub items: String,
    pub next: Option<NextPage>,
    /// The template of further lists and what stands in it.
    pub categories: Option<(String, Vec<String>)>,
    /// The form of the links to further lists, where they do not all stand in one template.
    pub menu: Option<String>,
    /// The selector of these links, where they have no form of their own.
    pub menu_at: Option<String>,
    /// The template of the pages that have these links, where it is not the home page that
    /// has them, and what stands in it.
    pub hubs: Option<(String, Vec<String>)>,
}

impl Lists {
    /// Whether it leads to further pages or lists.
    pub(super) fn has_more(&self) -> bool {
        self.next.is_some()
            || self.categories.is_some()
            || self.menu.is_some()
            || self.menu_at.is_some()
    }
}

/// The forms of a page's links that may be those of products, the likeliest
/// first.
pub(super) fn product_forms(page: &Page, allowed: impl Fn(&Url) -> bool) -> Vec<Form> {
    let links = page.links();
    let urls = links
        .into_iter()
        .map(|link| link.url)
        .filter(|url| allowed(url) && !forms::is_neither(url));
    let boxes = cards::of(page);
    let mut forms: Vec<Form> = families::added_up(forms::group(urls))
        .into_iter()
        .filter_map(|form| match is_any(&form.glob) {
            true => only(&form, &boxes),
            // Lists may have the form of products: what stands in boxes comes first.
            false => only(&form, &boxes).or(Some(form)),
        })
        .filter(|form| form.likeness() > -2.0)
        .collect();
    forms.sort_by(|a, b| b.likeness().total_cmp(&a.likeness()));
    forms
}

/// The form of those of its addresses that are among these; none without any.
fn only(form: &Form, urls: &[Url]) -> Option<Form> {
    let kept = form.urls.iter().filter(|url| urls.contains(url)).cloned();
    let kept: Vec<Url> = kept.collect();
    let mut own = families::added_up(forms::group(kept.iter().cloned())).into_iter();
    own.find(|own| own.urls.len() == kept.len()).or_else(|| {
        (!kept.is_empty()).then(|| Form {
            glob: form.glob.clone(),
            urls: kept,
        })
    })
}

/// The links of a page to what may be products: those of the form, and where any page has
/// that form, or this one, those of boxes of products.
pub(super) fn to_products<'a>(page: &'a Page, glob: &UrlGlob, form: &str) -> Vec<Link<'a>> {
    let mut links = page.links();
    links.retain(|link| glob.matches(&link.url));
    let cards = match is_any(form) || glob.matches(&page.url) {
        true => cards::of(page),
        false => return links,
    };
    if is_any(form) || !cards.is_empty() {
        links.retain(|link| cards.contains(&link.url));
    }
    links
}

/// How many links of a page are to products, beside those that every page has.
pub(super) fn count(page: &Page, glob: &UrlGlob, form: &str, common: &HashSet<Url>) -> usize {
    let links = to_products(page, glob, form);
    let own = links.iter().filter(|link| !common.contains(&link.url));
    own.count()
}

/// The links of this form that all of several pages have; none where no page has others.
pub(super) fn common(pages: &[&Page], home: &Page, glob: &UrlGlob) -> HashSet<Url> {
    const LEAST: usize = 3;
    let of = |page: &Page| -> HashSet<Url> {
        let links = page.links().into_iter().map(|link| link.url);
        links.filter(|url| glob.matches(url)).collect()
    };
    let others = pages.iter().filter(|page| page.url != home.url);
    let all: Vec<(&Url, HashSet<Url>)> = std::iter::once(&home)
        .chain(others)
        .map(|page| (&page.url, of(page)))
        .collect();
    if all.len() < LEAST {
        return HashSet::new();
    }
    // A page has no link to itself.
    let on_all = |url: &&Url| {
        all.iter()
            .all(|(page, links)| links.contains(*url) || *page == *url)
    };
    let urls = all.iter().flat_map(|(_, links)| links);
    let common: HashSet<Url> = urls.filter(on_all).cloned().collect();
    let has_others =
        |(_, links): &(&Url, HashSet<Url>)| links.iter().any(|url| !common.contains(url));
    match all.iter().any(has_others) {
        true => common,
        false => HashSet::new(),
    }
}

/// The lists of which `page` is one, beside others that were looked at; `home` names the
/// rest. `common` are links to products that all pages have.
pub(super) fn describe(
    page: &Page,
    looked_at: &LookedAt<'_>,
    home: &Page,
    glob: &UrlGlob,
    form: &str,
) -> Option<Lists> {
    let links = page.links();
    let products = to_products(page, glob, form);
    let (common, items): (Vec<&Link<'_>>, Vec<&Link<'_>>) = products
        .iter()
        .partition(|link| looked_at.common.contains(&link.url));
    let start = form.split(['*', '{']).next().unwrap_or_default();
    let next = next(page, &links);
    let url = match &next {
        Some(NextPage::Template(template)) => template.clone(),
        _ => relative(&page.url),
    };
    let first = |url: String| match &next {
        Some(next) => next.first_of(url),
        None => url,
    };
    // Where pages are counted in paths, all lists have the count at their end.
    let paged = |template: String| {
        let own = relative(&page.url);
        match url.strip_prefix(own.trim_end_matches('/')) {
            Some(count) if count.contains("{page}") => {
                format!("{}{count}", template.trim_end_matches('/'))
            }
            _ => template,
        }
    };
    let categories = categories(page, looked_at, home, (glob, form));
    let named = categories.as_ref().map_or(1, |(_, names)| names.len());
    let menu = menu(page, &looked_at.lists, home, glob).filter(|(_, lists)| *lists > named);
    let exact = match is_any(form) {
        true => of_boxes(page, &items, &common),
        false => of_links(page, &items, &common, start),
    };
    // What has not the form of products is left out in any case.
    let items = exact.or_else(|| (!is_any(form)).then(|| "a".to_owned()))?;
    Some(Lists {
        url: first(escape(&url, &next)),
        shown: escape(&relative(&page.url), &None),
        items,
        categories: categories.map(|(template, names)| (first(paged(template)), names)),
        menu: menu.map(|(form, _)| form),
        menu_at: None,
        hubs: None,
        next,
    })
}

impl Lists {
    /// The same by way of pages that name them, of which `hub` is one, some of `others` are
    /// more and the home page names all; unchanged where it does not.
    pub(super) fn by_way_of(
        self,
        hub: &Page,
        others: &[&Page],
        home: &Page,
        item: &UrlGlob,
    ) -> Self {
        let of_all = |(template, _): &(String, Vec<String>)| template.replace("{category}", "*");
        let Some(form) = self.menu.clone().or(self.categories.as_ref().map(of_all)) else {
            return self;
        };
        let Ok(glob) = UrlGlob::try_from(form.clone()) else {
            return self;
        };
        let names_lists = |page: &Page| page.links().iter().any(|link| glob.matches(&link.url));
        let looked_at = LookedAt {
            lists: others
                .iter()
                .copied()
                .filter(|page| names_lists(page))
                .collect(),
            others: HashSet::new(),
            common: HashSet::new(),
        };
        match categories(hub, &looked_at, home, (item, &form)) {
            None => self,
            hubs => Self {
                url: relative(&hub.url),
                shown: relative(&hub.url),
                menu: Some(form),
                hubs,
                ..self
            },
        }
    }
}

/// Path and query.
pub(super) fn relative(url: &Url) -> String {
    let query = url
        .query()
        .map_or_else(String::new, |query| format!("?{query}"));
    format!("{}{query}", url.path())
}

/// A brace that is no placeholder would be taken for one.
fn escape(url: &str, next: &Option<NextPage>) -> String {
    if matches!(next, Some(NextPage::Template(_))) {
        return url.to_owned();
    }
    url.replace('{', "%7B").replace('}', "%7D")
}

/// What finds those of these links that stand in boxes which are alike, the most first.
fn of_boxes(page: &Page, links: &[&Link<'_>], common: &[&Link<'_>]) -> Option<String> {
    cards::groups(page).into_iter().find_map(|urls| {
        let (items, others): (Vec<&Link<'_>>, Vec<&Link<'_>>) =
            links.iter().partition(|link| urls.contains(&link.url));
        let further: Vec<&Link<'_>> = others.into_iter().chain(common.iter().copied()).collect();
        (!items.is_empty())
            .then(|| of_links(page, &items, &further, ""))
            .flatten()
    })
}

/// What finds these links of a page, and of all others at most those that may be found too.
fn of_links(
    page: &Page,
    links: &[&Link<'_>],
    further: &[&Link<'_>],
    form_start: &str,
) -> Option<String> {
    let wanted: HashSet<&Url> = links.iter().map(|link| &link.url).collect();
    let further: HashSet<&Url> = further.iter().map(|link| &link.url).collect();
    let first: Vec<&Url> = links.iter().map(|link| &link.url).take(3).collect();
    // A product may be linked to elsewhere too, as in a cart, and by its picture and its name.
    let again = all(page, "a[href]").into_iter().filter(|element| {
        let url = element
            .attr("href")
            .and_then(|href| resolve(&page.base, href));
        url.is_some_and(|url| first.contains(&&url))
    });
    let elements = links.iter().map(|link| link.element).take(3);
    let names = names_of_all(elements.chain(again.take(MAX_AGAIN)));
    let by_start = format!("a[href*=\"{form_start}\"]");
    let usable = form_start.len() > 1 && !form_start.contains(['"', '\\', '*']);
    let found = |name: &str| -> HashSet<Url> { targets(page, name).collect() };
    let has_all = |urls: &HashSet<Url>| wanted.iter().all(|url| urls.contains(*url));
    let by_start = usable.then_some(by_start);
    let exact = names.into_iter().chain(by_start.clone()).find(|name| {
        let urls = found(name);
        let may_be_found = |url: &Url| wanted.contains(url) || further.contains(url);
        has_all(&urls) && urls.iter().all(may_be_found)
    });
    // Links may be written in another way than they are meant: `lamps/floor.html`.
    exact.or_else(|| by_start.filter(|name| has_all(&found(name))))
}
