//! How one page of a list leads to the next.

use scraper::ElementRef;
use url::Url;

use super::names::names_of_all;
use super::page::{self, Link, Page, all};
use crate::discover::canonical::resolve;
use crate::extract::text_of;

/// Where shops put the link to the next page.
const NEXT: [&str; 16] = [
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
    "[class*=load-more] a[href]",
    "a[class*=load-more]",
];
/// What stands behind the number of the page that is shown.
const BEHIND_CURRENT: [&str; 11] = [
    "li.active + li > a",
    "li.current + li > a",
    "li.selected + li > a",
    "a.active + a",
    "a.current + a",
    "span.current + a",
    "[aria-current=page] + a",
    "li[class*=active] + li > a",
    "li[class*=current] + li > a",
    "a[class*=active] + a",
    "a[class*=current] + a",
];
/// Parameters that number pages.
const COUNTING: [&str; 11] = [
    "page", "p", "pg", "paged", "seite", "pagina", "pageno", "pn", "pgnr", "page_no", "strana",
];

/// How one page leads to the next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum NextPage {
    /// A link that a selector finds.
    At(String),
    /// A counting parameter.
    Parameter(String),
    /// A counting parameter that is 0 on the first page.
    FromZero(String),
    /// A template with `{page}` in it.
    Template(String),
}

impl NextPage {
    /// The address of a first page, where pages are counted from 0.
    pub(super) fn first_of(&self, address: String) -> String {
        match self {
            Self::FromZero(name) => {
                let joint = if address.contains('?') { '&' } else { '?' };
                format!("{address}{joint}{name}=0")
            }
            _ => address,
        }
    }
}

pub(super) fn next(page: &Page, links: &[Link<'_>]) -> Option<NextPage> {
    usual(page)
        .or_else(|| named(page))
        .map(NextPage::At)
        .or_else(|| counted(page, links).map(|(counter, link)| followed(page, counter, link)))
        .or_else(|| numbered(page, links).map(NextPage::At))
        .or_else(|| in_path(page, links))
}

fn usual(page: &Page) -> Option<String> {
    let leads_on = |css: &&&str| {
        let first = targets(page, css).into_iter().next();
        first.is_some_and(|url| url != page.url && url.host_str() == page.url.host_str())
    };
    NEXT.iter().find(leads_on).map(|css| (*css).to_owned())
}

/// What the links lead to that a selector finds, other pages first.
fn targets(page: &Page, css: &str) -> Vec<Url> {
    let mut urls: Vec<Url> = page::targets(page, css).collect();
    urls.sort_by_key(|url| *url == page.url);
    urls
}

/// A link to another page of this list that is called the next one: `li.pager-next > a`.
fn named(page: &Page) -> Option<String> {
    let here = page.url.path().trim_end_matches('/');
    all(page, "a[href]").into_iter().find_map(|link| {
        let url = resolve(&page.base, link.attr("href")?)?;
        let parent = link.parent().and_then(ElementRef::wrap);
        let is_named = is_next(link) || parent.is_some_and(is_next);
        let of_this = url != page.url && url.path().starts_with(here);
        let names = names_of_all(std::iter::once(link).filter(|_| is_named && of_this));
        names
            .into_iter()
            .find(|name| name.contains("next") && targets(page, name).first() == Some(&url))
    })
}

fn is_next(element: ElementRef<'_>) -> bool {
    let mut classes = element.value().classes();
    classes.any(|class| {
        class
            .split(['-', '_'])
            .any(|word| word.eq_ignore_ascii_case("next"))
    })
}

/// The link that a counter was seen in, where it can be told from the others and carries
/// further parameters: without them the pages may be others, or in another order.
fn followed(page: &Page, counter: NextPage, link: &Url) -> NextPage {
    let name = match &counter {
        NextPage::Parameter(name) | NextPage::FromZero(name) => name.as_str(),
        _ => return counter,
    };
    let known: Vec<_> = page.url.query_pairs().collect();
    let mut pairs = link.query_pairs();
    let has_more = pairs.any(|pair| pair.0 != name && !known.contains(&pair));
    match worded(page, link).filter(|_| has_more) {
        Some(css) => NextPage::At(css),
        None => counter,
    }
}

/// What finds a link to a page by the words that it has, or its picture, beside those by its
/// number.
fn worded(page: &Page, to: &Url) -> Option<String> {
    let is_numbered = |text: &str| text.chars().any(char::is_numeric);
    let leads_on = |link: ElementRef<'_>| {
        let url = link.attr("href").and_then(|href| resolve(&page.base, href));
        let text = text_of(link);
        let says = !text.is_empty() || picture_in(link).is_some();
        url.as_ref() == Some(to) && says && !is_numbered(&text)
    };
    let link = all(page, "a[href]")
        .into_iter()
        .find(|link| leads_on(*link))?;
    // By the name of its class or place it would not be told from the one that leads back.
    let by_name = |name: &str| Some((link.attr(name)?, format!("a[{name}*=\"")));
    let by_picture = || Some((picture_in(link)?, "a:has(img[alt*=\"".to_owned()));
    let told = [by_name("title"), by_name("aria-label"), by_picture()];
    told.into_iter().flatten().find_map(|(said, start)| {
        let said = said.trim();
        let is_plain = !said.is_empty() && !is_numbered(said) && !said.contains(['"', '\\', '\n']);
        let end = if start.contains(":has(") {
            "\"])"
        } else {
            "\"]"
        };
        let css = is_plain.then(|| format!("{start}{said}{end}"))?;
        let found = all(page, &css);
        (!found.is_empty() && found.into_iter().all(leads_on)).then_some(css)
    })
}

/// What the picture in a link is called.
fn picture_in(link: ElementRef<'_>) -> Option<&str> {
    let inside = link.descendants().filter_map(ElementRef::wrap);
    let mut pictures = inside.filter(|element| element.value().name() == "img");
    pictures.find_map(|picture| picture.value().attr("alt"))
}

fn counted<'p>(page: &Page, links: &'p [Link<'_>]) -> Option<(NextPage, &'p Url)> {
    let here = page.url.path().trim_end_matches('/');
    let of_this: Vec<&'p Link<'_>> = links
        .iter()
        .filter(|link| link.url.path().trim_end_matches('/') == here)
        .collect();
    let numbered = |link: &Link<'_>, number: &str| {
        let mut pairs = link.url.query_pairs();
        let found = pairs.find(|(name, value)| {
            value == number && COUNTING.contains(&&*name.to_ascii_lowercase())
        });
        found.map(|(name, _)| name.into_owned())
    };
    let seen = |link: &&'p Link<'_>, number: &str| Some((numbered(link, number)?, &link.url));
    let second = |link: &&&Link<'_>| is_second(link.element);
    let mut from_zero = of_this.iter().filter(second);
    from_zero
        .find_map(|link| seen(link, "1"))
        .map(|(name, link)| (NextPage::FromZero(name), link))
        .or_else(|| {
            let mut found = of_this.iter().filter_map(|link| seen(link, "2"));
            let (name, link) = found.next()?;
            Some((NextPage::Parameter(name), link))
        })
        .or_else(|| {
            let mut seconds = of_this
                .iter()
                .copied()
                .filter(|link| is_second(link.element));
            seconds.find_map(|link| Some((counter_of(page, &link.url)?, &link.url)))
        })
}

/// Whether a link is called 2, perhaps in brackets.
fn is_second(link: ElementRef<'_>) -> bool {
    text_of(link).trim_matches(['[', ']', '(', ')', ' ']) == "2"
}

/// The parameter that makes an address that of the second page, whatever it is called: it is
/// 2 there, or 1 where pages are counted from 0.
fn counter_of(page: &Page, second: &Url) -> Option<NextPage> {
    let known: Vec<_> = page.url.query_pairs().collect();
    let mut new = second.query_pairs().filter(|pair| !known.contains(pair));
    let (Some((name, value)), None) = (new.next(), new.next()) else {
        return None;
    };
    match &*value {
        "1" => Some(NextPage::FromZero(name.into_owned())),
        "2" => Some(NextPage::Parameter(name.into_owned())),
        _ => None,
    }
}

/// Whether an address is that of a further page of a list.
pub(super) fn is_further(url: &Url) -> bool {
    let is_number = |text: &str| text.parse::<u32>().is_ok_and(|number| number > 1);
    let mut parts = url.path().trim_end_matches('/').rsplit('/');
    let in_path = parts.next().is_some_and(is_number)
        && parts.next().is_some_and(|part| COUNTING.contains(&part));
    let mut pairs = url.query_pairs();
    in_path || pairs.any(|(name, value)| COUNTING.contains(&&*name) && is_number(&value))
}

/// What finds the link called 2, whatever its address counts: `/lamps?start=24`.
fn numbered(page: &Page, links: &[Link<'_>]) -> Option<String> {
    let is_second_here = |link: &&Link<'_>| is_second(link.element) && is_of_list(page, &link.url);
    let second = links.iter().find(is_second_here)?;
    behind_current(page, &second.url).or_else(|| worded(page, &second.url))
}

/// Whether an address is that of a list with something added, if only behind its name:
/// `/lamps?start=24`, `/lamps_s2`, `/lamps_2.html` of `/lamps.html`.
fn is_of_list(page: &Page, url: &Url) -> bool {
    let name = |url: &Url| {
        let path = url.path().trim_end_matches('/').to_owned();
        let ending = path.rfind('.').filter(|at| path[*at..].len() <= 6);
        let ending = ending.map_or(String::new(), |at| path[at..].to_owned());
        (path[..path.len() - ending.len()].to_owned(), ending)
    };
    let ((here, ending), (there, other)) = (name(&page.url), name(url));
    url != &page.url && ending == other && !here.is_empty() && there.starts_with(&here)
}

/// What finds a link because it stands behind the number of the page that is shown, and
/// nothing behind the name of this list in a menu.
fn behind_current(page: &Page, to: &Url) -> Option<String> {
    let leads_on = |css: &&&str| {
        let urls = targets(page, css);
        !urls.is_empty() && urls.iter().all(|url| url == to)
    };
    BEHIND_CURRENT
        .iter()
        .find(leads_on)
        .map(|css| (*css).to_owned())
}

/// Whether a part of an address is a word before a number: `/strana/`, `/strana-`.
fn is_word(part: &str) -> bool {
    let word = part
        .strip_prefix('/')
        .and_then(|part| part.strip_suffix(['/', '-', '_']));
    word.is_some_and(|word| !word.is_empty() && word.chars().all(char::is_alphabetic))
}

/// `/lamps/page/2`. The first page may have no such address: rather a link is followed.
fn in_path(page: &Page, links: &[Link<'_>]) -> Option<NextPage> {
    let here = page.url.path().trim_end_matches('/');
    let (link, before, after) = links.iter().find_map(|link| {
        let rest = link.url.path().strip_prefix(here)?;
        let (before, after) = rest.rsplit_once('2')?;
        let is_called = matches!(before, "/page/" | "/seite/" | "/p" | "/page-")
            || is_second(link.element) && is_word(before);
        (is_called && matches!(after, "" | "/")).then_some((link, before, after))
    })?;
    if let Some(css) = behind_current(page, &link.url) {
        return Some(NextPage::At(css));
    }
    let template = format!("{here}{before}{{page}}{after}");
    (!here.contains(['{', '}'])).then_some(NextPage::Template(template))
}
