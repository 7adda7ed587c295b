//! Further lists beside one: the menu that names them, and the template that they have.

use std::collections::HashSet;

use url::Url;

use super::draft::is_any;
use super::forms::{self, Form, segments};
use super::lists::{LookedAt, relative};
use super::menus;
use super::page::Page;
use super::queries;
use crate::definition::pattern::UrlGlob;

/// The most categories written into a draft.
const MAX_CATEGORIES: usize = 200;

/// The form of the lists that this page and the home page link to, and how many of them
/// there are; none where products have that form too.
///
/// The form goes up to the part of the address that says they are lists, or as far as the
/// addresses of the lists that were looked at are the same, with other branches beside
/// theirs, or it is that of lists below this one.
pub(super) fn menu(
    page: &Page,
    lists: &[&Page],
    home: &Page,
    item: &UrlGlob,
) -> Option<(String, usize)> {
    let beneath = |start: Vec<&str>| format!("/{}/**", start.join("/"));
    let known: Vec<&Url> = lists.iter().map(|list| &list.url).collect();
    let common = common_start(&known);
    let further = common.as_deref().and_then(|start| wider(start, page, home));
    let forms = [
        named_start(&page.url).map(beneath),
        further.map(beneath),
        common.map(beneath),
        named_in_part(&page.url),
        own_path(&page.url).map(beneath),
        shared_form(lists, home),
    ];
    let found = forms.into_iter().flatten().map(|form| {
        let lists = lists_of(&form, page, home, item)?;
        Some((form, lists))
    });
    found.flatten().find(|(_, lists)| *lists > 1)
}

/// The form of the home page's links to which several lists belong that were looked at.
fn shared_form(lists: &[&Page], home: &Page) -> Option<String> {
    let links = home.links().into_iter().map(|link| link.url);
    let form = forms::group(links).into_iter().find(|form| {
        let known = lists.iter().filter(|list| form.urls.contains(&list.url));
        known.count() > 1
    })?;
    let glob = form.glob.replace("{id}", "*");
    (!is_any(&glob)).then_some(glob)
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
fn common_start<'a>(lists: &[&'a Url]) -> Option<Vec<&'a str>> {
    let (first, others) = lists.split_first()?;
    let first = segments(first);
    let same = others.iter().map(|url| {
        let other = segments(url);
        let pairs = first.iter().zip(&other);
        pairs.take_while(|(a, b)| a == b).count()
    });
    let length = same.min()?.min(first.len().saturating_sub(1));
    (length > 0).then(|| first[..length].to_vec())
}

/// A shorter start than this one, under which the home page links to more pages that are as
/// deep as the list: `/shop` of `/shop/lamps`, where `/shop/beds/double` stands as well.
fn wider<'a>(start: &[&'a str], page: &Page, home: &Page) -> Option<Vec<&'a str>> {
    let depth = segments(&page.url).len();
    let links = home.links();
    let under = |start: &[&str]| {
        let is_under = |url: &Url| {
            let parts = segments(url);
            parts.len() == depth && parts.starts_with(start)
        };
        links.iter().filter(|link| is_under(&link.url)).count()
    };
    let known = under(start);
    (1..start.len())
        .rev()
        .map(|length| &start[..length])
        .find(|start| !forms::is_language(start[start.len() - 1]) && under(start) > known)
        .map(<[&str]>::to_vec)
}

/// The other lists that the home page links to in the same form: those whose addresses say
/// that they are lists, else what is like several that were looked at.
pub(super) fn categories(
    page: &Page,
    looked_at: &LookedAt<'_>,
    home: &Page,
    (item, form): (&UrlGlob, &str),
) -> Option<(String, Vec<String>)> {
    let LookedAt { lists, others, .. } = looked_at;
    // Products may have the form of lists; where they have not, they are none.
    let is_alike = item.matches(&page.url);
    // `/lamps/` and `/contact` are two things.
    let ends_alike = |url: &Url| url.path().ends_with('/') == page.url.path().ends_with('/');
    let may_be_list =
        |url: &Url| (is_alike || !item.matches(url)) && ends_alike(url) && !others.contains(url);
    // Where addresses of lists are like those of products, what stands in one menu with lists
    // is one.
    let linked = |of: &Page| -> Vec<Url> {
        match is_any(form) || is_alike {
            true => {
                let known: Vec<&Url> = lists.iter().map(|list| &list.url).collect();
                menus::around(of, &known, may_be_list)
            }
            false => of.links().into_iter().map(|link| link.url).collect(),
        }
    };
    let form_of = |linked: &[Url], least: i32| {
        let urls = linked.iter().filter(|url| may_be_list(url)).cloned();
        forms::group(urls.filter(|url| forms::list_likeness(url) >= least))
            .into_iter()
            .find(|form| form.urls.contains(&page.url))
    };
    let has_several = |form: &Form| {
        let known = lists.iter().filter(|list| form.urls.contains(&list.url));
        known.count() > 1
    };
    let in_links =
        |linked: &[Url]| form_of(linked, 1).or_else(|| form_of(linked, 0).filter(has_several));
    // A page has no link to itself that counts.
    let beside = || {
        let own = std::iter::once(page.url.clone()).chain(linked(page));
        in_links(&own.collect::<Vec<Url>>()).filter(has_several)
    };
    let form = in_links(&linked(home)).or_else(beside)?;
    let varying = queries::with_same(&form.glob.replace("{id}", "*"), &form.urls);
    let (first, last) = (varying.find('*')?, varying.rfind('*')?);
    let in_one_part = !varying[first..last].contains(['/', '?', '&']);
    if form.urls.len() < 2 || !in_one_part {
        return None;
    }
    let (before, after) = (&varying[..first], &varying[last + 1..]);
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
