//! Pages that list products, and how one leads to the next.

use std::collections::HashSet;

use scraper::Selector;
use url::Url;

use super::forms::{self, Form};
use super::page::{Link, Page};
use super::selectors;
use crate::definition::pattern::UrlGlob;
use crate::discover::canonical::resolve;

/// The most categories written into a draft.
const MAX_CATEGORIES: usize = 200;
/// Where shops put the link to the next page.
const NEXT: [&str; 14] = [
    "a[rel~=next]",
    "link[rel~=next]",
    "a.next",
    "a.next-page",
    ".next > a",
    ".next a",
    ".pages-item-next a",
    ".pagination-next a",
    "a.pagination__next",
    "a[aria-label=\"Next\"]",
    "a[aria-label=\"Next page\"]",
    "a[title=\"Next\"]",
    "a#next",
    "a.nav-next",
];

/// How products are found by lists.
pub(super) struct Lists {
    /// The first page, relative to the shop's address.
    pub url: String,
    /// The selector of the links to products.
    pub items: String,
    pub next: Option<NextPage>,
    /// The template of further lists and what stands in it.
    pub categories: Option<(String, Vec<String>)>,
    /// The form of the links to further lists, where they do not all stand in one template.
    pub menu: Option<String>,
}

/// How one page leads to the next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum NextPage {
    /// A link that a selector finds.
    At(String),
    /// A counting parameter.
    Parameter(String),
    /// A template with `{page}` in it.
    Template(String),
}

/// Links that may lead to lists, the likeliest first.
pub(super) fn candidates(home: &Page, allowed: impl Fn(&Url) -> bool) -> Vec<Url> {
    let links = home.links();
    let mut urls: Vec<(i32, Url)> = links
        .into_iter()
        .filter(|link| {
            allowed(&link.url) && link.url.path().len() + link.url.query().map_or(0, str::len) > 1
        })
        .map(|link| (forms::list_likeness(&link.url), link.url))
        .filter(|(likeness, _)| *likeness > -3)
        .collect();
    urls.sort_by_key(|(likeness, _)| -likeness);
    urls.into_iter().map(|(_, url)| url).collect()
}

/// The forms of a page's links that may be those of products, the likeliest
/// first.
pub(super) fn product_forms(page: &Page, allowed: impl Fn(&Url) -> bool) -> Vec<Form> {
    let links = page.links();
    let urls = links
        .into_iter()
        .map(|link| link.url)
        .filter(|url| allowed(url));
    let mut forms: Vec<Form> = forms::group(urls)
        .into_iter()
        .filter(|form| form.likeness() > -2.0)
        .collect();
    forms.sort_by(|a, b| b.likeness().total_cmp(&a.likeness()));
    forms
}

/// How many links of a page are of this form.
pub(super) fn count(page: &Page, glob: &UrlGlob) -> usize {
    page.links()
        .iter()
        .filter(|link| glob.matches(&link.url))
        .count()
}

/// The lists of which `page` is one, beside others that were looked at; `home` names the
/// rest.
pub(super) fn describe(
    page: &Page,
    lists: &[&Page],
    home: &Page,
    glob: &UrlGlob,
    form: &str,
) -> Option<Lists> {
    let links = page.links();
    let items: Vec<&Link<'_>> = links
        .iter()
        .filter(|link| glob.matches(&link.url))
        .collect();
    let start = form.split(['*', '{']).next().unwrap_or_default();
    let next = next(page, &links);
    let url = match &next {
        Some(NextPage::Template(template)) => template.clone(),
        _ => relative(&page.url),
    };
    let categories = categories(page, lists, home);
    let named = categories.as_ref().map_or(1, |(_, names)| names.len());
    let menu = menu(page, lists, home, glob).filter(|(_, lists)| *lists > named);
    Some(Lists {
        url: escape(&url, &next),
        items: selectors::of_links(page, &items, start)?,
        categories,
        menu: menu.map(|(form, _)| form),
        next,
    })
}

/// Path and query.
fn relative(url: &Url) -> String {
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

fn next(page: &Page, links: &[Link<'_>]) -> Option<NextPage> {
    let here = page.url.path().trim_end_matches('/');
    for css in NEXT {
        let Ok(selector) = Selector::parse(css) else {
            continue;
        };
        let mut found = page.document.dom.select(&selector).filter_map(|element| {
            let url = resolve(&page.base, element.attr("href")?)?;
            (url != page.url && url.host_str() == page.url.host_str()).then_some(())
        });
        if found.next().is_some() {
            return Some(NextPage::At(css.to_owned()));
        }
    }
    let second = |link: &&Link<'_>| link.url.path().trim_end_matches('/') == here;
    let parameter = links.iter().filter(second).find_map(|link| {
        let mut pairs = link.url.query_pairs();
        let (name, _) = pairs.find(|(name, value)| {
            value == "2"
                && matches!(
                    &*name.to_ascii_lowercase(),
                    "page" | "p" | "pg" | "paged" | "seite" | "pagina" | "pageno" | "pn"
                )
        })?;
        Some(NextPage::Parameter(name.into_owned()))
    });
    if parameter.is_some() {
        return parameter;
    }
    let template = links.iter().find_map(|link| {
        let path = link.url.path();
        let rest = path.strip_prefix(here)?;
        let (before, after) = rest.rsplit_once('2')?;
        let fits =
            matches!(before, "/page/" | "/seite/" | "/p" | "/page-") && matches!(after, "" | "/");
        fits.then(|| NextPage::Template(format!("{here}{before}{{page}}{after}")))
    });
    template.filter(|_| !here.contains(['{', '}']))
}

/// The form of the lists that this page and the home page link to, and how many of them
/// there are; none where products have that form too.
///
/// The form goes up to the part of the address that says they are lists, or as far as the
/// addresses of the lists that were looked at are the same, or it is that of lists below
/// this one.
fn menu(page: &Page, lists: &[&Page], home: &Page, item: &UrlGlob) -> Option<(String, usize)> {
    let beneath = |start: Vec<&str>| format!("/{}/**", start.join("/"));
    let forms = [
        named_start(&page.url).map(beneath),
        common_start(lists).map(beneath),
        named_in_part(&page.url),
        own_path(&page.url).map(beneath),
    ];
    let found = forms.into_iter().flatten().map(|form| {
        let lists = lists_of(&form, page, home, item)?;
        Some((form, lists))
    });
    found.flatten().find(|(_, lists)| *lists > 1)
}

/// How many lists of this form the two pages link to; none where products have it too.
fn lists_of(form: &str, page: &Page, home: &Page, item: &UrlGlob) -> Option<usize> {
    let glob = UrlGlob::try_from(form.to_owned()).ok()?;
    let mut found: HashSet<Url> = HashSet::new();
    for link in home.links().into_iter().chain(page.links()) {
        if !glob.matches(&link.url) {
            continue;
        }
        if item.matches(&link.url) {
            return None;
        }
        if link.url.query().is_none() && link.url.origin() == page.url.origin() {
            found.insert(link.url);
        }
    }
    Some(found.len())
}

fn segments(url: &Url) -> Vec<&str> {
    url.path().trim_matches('/').split('/').collect()
}

/// The beginning of an address up to a word for lists, with more behind it.
fn named_start(url: &Url) -> Option<Vec<&str>> {
    let segments = segments(url);
    let (_, above) = segments.split_last()?;
    let at = above.iter().rposition(|part| forms::is_list_word(part))?;
    Some(above[..=at].to_vec())
}

/// The form of addresses that say within one part of them that they are lists:
/// `/category-*/`.
fn named_in_part(url: &Url) -> Option<String> {
    let segments = segments(url);
    let (last, above) = segments.split_last()?;
    let mark = last.find(['-', '_'])?;
    forms::is_list_word(&last[..mark]).then_some(())?;
    let start: String = above.iter().map(|part| format!("/{part}")).collect();
    let end = if url.path().ends_with('/') { "/" } else { "" };
    Some(format!("{start}/{}*{end}", &last[..=mark]))
}

/// The address of a list that others may stand below; not the home page of a language.
fn own_path(url: &Url) -> Option<Vec<&str>> {
    let segments = segments(url);
    let is_start = |part: &&str| part.is_empty() || forms::is_language(part);
    (!segments.last().is_none_or(is_start)).then_some(segments)
}

/// The beginning that the addresses of two lists and more have in common.
fn common_start<'a>(lists: &[&'a Page]) -> Option<Vec<&'a str>> {
    let (first, others) = lists.split_first()?;
    let first = segments(&first.url);
    let same = others.iter().map(|page| {
        let other = segments(&page.url);
        let pairs = first.iter().zip(&other);
        pairs.take_while(|(a, b)| a == b).count()
    });
    let length = same.min()?.min(first.len().saturating_sub(1));
    (length > 0).then(|| first[..length].to_vec())
}

/// The other lists that the home page links to in the same form: those whose addresses say
/// that they are lists, else what is like several that were looked at.
fn categories(page: &Page, lists: &[&Page], home: &Page) -> Option<(String, Vec<String>)> {
    let form_of = |least: i32| {
        let links = home.links();
        let urls = links.into_iter().map(|link| link.url);
        forms::group(urls.filter(|url| forms::list_likeness(url) >= least))
            .into_iter()
            .find(|form| form.urls.contains(&page.url))
    };
    let has_several = |form: &Form| {
        let known = lists.iter().filter(|list| form.urls.contains(&list.url));
        known.count() > 1
    };
    let form = form_of(1).or_else(|| form_of(0).filter(has_several))?;
    let varying = form.glob.replace("{id}", "*");
    let at = varying.find('*')?;
    let is_plain = varying.matches('*').count() == 1 && !varying[..at].is_empty();
    if form.urls.len() < 2 || !is_plain {
        return None;
    }
    let (before, after) = (&varying[..at], &varying[at + 1..]);
    let names: Vec<String> = form
        .urls
        .iter()
        .filter_map(|url| {
            let text = relative(url);
            let name = text.strip_prefix(before)?.strip_suffix(after)?.to_owned();
            let plain = name
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'));
            (plain && !name.is_empty()).then_some(name)
        })
        .take(MAX_CATEGORIES)
        .collect();
    (names.len() > 1).then(|| (format!("{before}{{category}}{after}"), names))
}
