//! The forms that addresses of a shop have: `/produkt/*-{id}.html`.

use std::collections::{HashMap, HashSet};

use url::Url;

use super::kinds::{Kind, is_number};
use super::queries::{self, escape};
use super::words::{LIST, PRODUCT, is_of_neither};
use crate::definition::pattern::UrlGlob;

/// Addresses of one form.
#[derive(Debug, Clone)]
pub(super) struct Form {
    /// The form as a definition has it in `item.url`.
    pub glob: String,
    /// The addresses, in the order they were met, each once.
    pub urls: Vec<Url>,
}

impl Form {
    /// How much it looks like that of products.
    pub(super) fn likeness(&self) -> f64 {
        let Some(first) = self.urls.first() else {
            return f64::MIN;
        };
        let has = |words: &[&str]| words_of(first).any(|word| words.contains(&word.as_str()));
        let named = f64::from(u8::from(has(&PRODUCT))) * 3.0;
        let barred = f64::from(u8::from(is_neither(first))) * 6.0;
        let listed = f64::from(u8::from(is_list_only(first))) * 3.0;
        let numbered = f64::from(u8::from(self.glob.contains("{id}")));
        named - barred - listed + numbered + (self.urls.len() as f64).ln().min(5.0)
    }
}

/// How much a link looks like one to a list of products.
pub(super) fn list_likeness(url: &Url) -> i32 {
    let sorted = url.query_pairs().any(|(name, _)| {
        let name = name.to_ascii_lowercase();
        name.contains("sort") || name.contains("order") || name.contains("filter")
    });
    let is_list = |word: &String| LIST.contains(&word.as_str());
    let named = is_list_only(url) || queries::name_list(url);
    // What stands under `/products/` may be a product.
    let words: Vec<String> = words_of(url).collect();
    let likeness = match words.iter().rposition(is_list) {
        _ if named => 3,
        Some(last) if last + 1 == words.len() => 3,
        Some(_) => 1,
        None => 0,
    };
    likeness - i32::from(is_neither(url)) * 6 - i32::from(sorted) * 2
}

/// Whether an address says that there is neither a product nor a list.
pub(super) fn is_neither(url: &Url) -> bool {
    // What stands under `/search/` is what was looked for: `/search/lamps`.
    let searched = url.query().is_none() && segments(url).len() > 1;
    words_of(url).any(|word| is_of_neither(&word) && !(searched && word == "search"))
}

/// Whether an address is that of the same page in another language or currency.
pub(super) fn switches(url: &Url) -> bool {
    const SWITCHES: [&str; 9] = [
        "l",
        "lang",
        "language",
        "locale",
        "hl",
        "currency",
        "currencycode",
        "cur",
        "country",
    ];
    let mut names = url.query_pairs().map(|(name, _)| name.to_ascii_lowercase());
    let is_switch = |name: &String| SWITCHES.contains(&name.as_str());
    names.next().is_some_and(|name| is_switch(&name)) && names.all(|name| is_switch(&name))
}

/// Whether a part of an address says that lists stand under it.
pub(super) fn is_list_word(segment: &str) -> bool {
    LIST.contains(&segment.to_ascii_lowercase().as_str())
}

fn is_list_only(url: &Url) -> bool {
    words_of(url).any(|word| LIST.contains(&word.as_str()) && !PRODUCT.contains(&word.as_str()))
}

/// The parts of path and query that may be words.
fn words_of(url: &Url) -> impl Iterator<Item = String> {
    let path = url.path().to_ascii_lowercase();
    let query = url.query().unwrap_or_default().to_ascii_lowercase();
    let parts: Vec<String> = path
        .split('/')
        .map(|part| part.split('.').next().unwrap_or_default().to_owned())
        .chain(query.split(['&', '=', '/']).map(str::to_owned))
        .filter(|part| !part.is_empty())
        .collect();
    parts.into_iter()
}

impl Form {
    /// This form with further addresses like its own: what differs between products of one
    /// list and what does not is seen in several.
    pub(super) fn with<'a>(self, urls: impl Iterator<Item = &'a Url>) -> Self {
        let Some(own) = self.urls.first().map(key) else {
            return self;
        };
        let alike = urls.filter(|url| key(url) == own).cloned();
        let all: Vec<Url> = self.urls.iter().cloned().chain(alike).collect();
        group(all.into_iter()).pop().unwrap_or(self)
    }
}

/// A form without its `{id}` where this is the same in addresses that end in different
/// ways: a number that counts variants, or what was one only in the first list.
pub(super) fn with_distinct_ids(form: String, met: &[Form]) -> String {
    let Ok(glob) = UrlGlob::try_from(form.clone()) else {
        return form;
    };
    let mut ends: HashMap<String, &str> = HashMap::new();
    let urls = met.iter().flat_map(|form| &form.urls);
    let is_same = urls.filter(|url| glob.matches(url)).any(|url| {
        let Some(id) = glob.capture(url) else {
            return false;
        };
        let end = segments(url).pop().unwrap_or_default();
        *ends.entry(id).or_insert(end) != end
    });
    match is_same && !form.contains('?') {
        true => form
            .replace("*-{id}", "*")
            .replace("*_{id}", "*")
            .replace("{id}", "*"),
        false => form,
    }
}

/// Groups addresses by their form, the largest first.
pub(super) fn group(urls: impl Iterator<Item = Url>) -> Vec<Form> {
    let mut groups: HashMap<String, Vec<Url>> = HashMap::new();
    let mut seen = HashSet::new();
    let mut order = Vec::new();
    for url in urls {
        if !seen.insert(url.clone()) {
            continue;
        }
        let key = key(&url);
        let group = groups.entry(key.clone()).or_default();
        if group.is_empty() {
            order.push(key);
        }
        group.push(url);
    }
    let mut forms: Vec<Form> = order
        .iter()
        .filter_map(|key| groups.remove(key))
        .flat_map(by_kind)
        .map(|urls| Form {
            glob: glob(&urls),
            urls,
        })
        .collect();
    forms.sort_by_key(|form| std::cmp::Reverse(form.urls.len()));
    forms
}

/// Addresses whose last parts are numbers of several kinds, each kind apart.
fn by_kind(urls: Vec<Url>) -> Vec<Vec<Url>> {
    let mut kinds: Vec<(Option<Kind<'_>>, Vec<&Url>)> = Vec::new();
    for url in &urls {
        let kind = name_of(url).and_then(Kind::of).map(|(kind, _)| kind);
        match kinds.iter_mut().find(|(known, _)| *known == kind) {
            Some((_, group)) => group.push(url),
            None => kinds.push((kind, vec![url])),
        }
    }
    let (several, rest): (Vec<_>, Vec<_>) = kinds
        .into_iter()
        .partition(|(kind, group)| kind.is_some() && group.len() > 1);
    if several.len() < 2 {
        return vec![urls];
    }
    let rest: Vec<&Url> = rest.into_iter().flat_map(|(_, group)| group).collect();
    let groups = several.into_iter().map(|(_, group)| group).chain([rest]);
    groups
        .filter(|group| !group.is_empty())
        .map(|group| group.into_iter().cloned().collect())
        .collect()
}

/// The last part of an address without its ending.
fn name_of(url: &Url) -> Option<&str> {
    let last = segments(url).pop()?;
    let ending = extension(last).map_or(0, |ending| ending.len() + 1);
    Some(&last[..last.len() - ending])
}

/// What addresses of one form have in common: how deep they are, how they
/// begin and end, and the names of their parameters.
fn key(url: &Url) -> String {
    let segments = segments(url);
    let (last, before) = segments
        .split_last()
        .map_or(("", &[][..]), |(l, b)| (*l, b));
    let language = before.first().is_some_and(|first| is_language(first));
    let first = 1 + usize::from(language);
    let says = |part: &&&str| {
        let part = part.to_ascii_lowercase();
        PRODUCT.contains(&part.as_str()) || LIST.contains(&part.as_str())
    };
    // `/shop/product/` and `/shop/category/` are two things, however deep they stand.
    let further = before.iter().skip(first).filter(says);
    let kept: Vec<&str> = before.iter().take(first).chain(further).copied().collect();
    let script = extension(last)
        .filter(|_| url.query().is_some())
        .map(|_| last);
    format!(
        "{} {} {:?} {:?} {}",
        before.len(),
        kept.join("/"),
        script,
        extension(last),
        queries::shape(url)
    )
}

/// The parts of an address's path.
pub(super) fn segments(url: &Url) -> Vec<&str> {
    url.path().trim_matches('/').split('/').collect()
}

pub(super) fn is_language(segment: &str) -> bool {
    let two = |text: &str| text.len() == 2 && text.bytes().all(|b| b.is_ascii_alphabetic());
    segment
        .split_once(['-', '_'])
        .map_or_else(|| two(segment), |(a, b)| two(a) && two(b))
}

fn extension(segment: &str) -> Option<&str> {
    let (name, ending) = segment.rsplit_once('.')?;
    let fits = (2..=5).contains(&ending.len()) && ending.bytes().all(|b| b.is_ascii_alphanumeric());
    (fits && !name.is_empty()).then_some(ending)
}

/// The glob that covers these addresses, which are of one key.
fn glob(urls: &[Url]) -> String {
    let all: Vec<Vec<&str>> = urls.iter().map(segments).collect();
    let lasts = all.iter().filter_map(|parts| parts.last());
    let paths_differ = lasts.collect::<HashSet<_>>().len() > 1;
    let (query, id_in_query) = queries::glob(urls, paths_differ);
    let depth = all.first().map_or(0, Vec::len);
    let mut parts = Vec::new();
    for at in 0..depth {
        let column: Vec<&str> = all
            .iter()
            .filter_map(|parts| parts.get(at).copied())
            .collect();
        let is_last = at + 1 == depth;
        let same = column.iter().all(|part| *part == column[0]);
        parts.push(
            if same && (!is_last || !query.is_empty() || urls.len() > 1) {
                escape(column[0])
            } else if is_last && !id_in_query {
                last_segment(&column)
            } else {
                "*".to_owned()
            },
        );
    }
    let slash = urls
        .iter()
        .all(|url| url.path().len() > 1 && url.path().ends_with('/'));
    let path = format!("/{}{}", parts.join("/"), if slash { "/" } else { "" });
    if query.is_empty() {
        path
    } else {
        format!("{path}?{query}")
    }
}

fn last_segment(column: &[&str]) -> String {
    let ending = extension(column[0]).map_or_else(String::new, |ending| format!(".{ending}"));
    let names: Vec<&str> = column
        .iter()
        .map(|part| part.strip_suffix(ending.as_str()).unwrap_or(part))
        .collect();
    let distinct = |parts: &[&str]| {
        let different: HashSet<_> = parts.iter().collect();
        different.len() == parts.len()
    };
    if names.iter().all(|name| is_number(name)) && distinct(&names) {
        return format!("{{id}}{ending}");
    }
    if let [name] = names[..]
        && let Some((kind @ Kind::Whole(_), number)) = Kind::of(name)
        && is_number(number)
    {
        return format!("{}{ending}", kind.with_id());
    }
    if let Some(kind) = one_kind(&names) {
        return format!("{}{ending}", kind.with_id());
    }
    for mark in ['-', '_'] {
        let tails: Option<Vec<&str>> = names
            .iter()
            .map(|name| {
                name.rsplit_once(mark)
                    .map(|(_, tail)| tail)
                    .filter(|tail| is_number(tail))
            })
            .collect();
        if tails.is_some_and(|tails| distinct(&tails)) {
            return format!("*{mark}{{id}}{ending}");
        }
    }
    format!("*{ending}")
}

/// The kind of all these names, of which each has another number.
fn one_kind<'a>(names: &[&'a str]) -> Option<Kind<'a>> {
    let kinds: Option<Vec<(Kind<'a>, &str)>> = names.iter().map(|name| Kind::of(name)).collect();
    let kinds = kinds.filter(|kinds| kinds.len() > 1)?;
    let (kind, _) = kinds[0];
    let numbers: HashSet<&str> = kinds.iter().map(|(_, number)| *number).collect();
    let fits = kinds
        .iter()
        .all(|(other, number)| *other == kind && is_number(number));
    (fits && numbers.len() == kinds.len()).then_some(kind)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::definition::pattern::UrlGlob;

    fn globs(paths: &[&str]) -> Vec<String> {
        let base = Url::parse("https://shop.example/").expect("a URL");
        let urls: Vec<Url> = paths
            .iter()
            .map(|path| base.join(path).expect("a URL"))
            .collect();
        let forms = group(urls.into_iter());
        for form in &forms {
            let glob = UrlGlob::try_from(form.glob.clone()).expect("a glob");
            assert!(form.urls.iter().all(|url| glob.matches(url)), "{form:?}");
        }
        forms.into_iter().map(|form| form.glob).collect()
    }

    #[test]
    fn addresses_are_grouped_by_form_and_covered_by_its_glob() {
        assert_eq!(
            globs(&[
                "/about",
                "/produkt/stuhl-7.html",
                "/produkt/roter-tisch-12.html"
            ]),
            ["/produkt/*-{id}.html", "/*"]
        );
        assert_eq!(globs(&["/item/7", "/item/9"]), ["/item/{id}"]);
        assert_eq!(globs(&["/p/a-1", "/p/b"]), ["/p/*"]);
        assert_eq!(
            globs(&["/en/c/x/a.html", "/en/c/y/b.html"]),
            ["/en/c/*/*.html"]
        );
        assert_eq!(
            globs(&[
                "/index.php?route=product/product&product_id=4",
                "/index.php?route=product/product&product_id=5",
                "/index.php?route=product/category&path=2"
            ]),
            [
                "/index.php?route=product/product&product_id={id}",
                "/index.php?route=product/category&path=*"
            ]
        );
        assert_eq!(globs(&["/product/a/", "/product/b/"]), ["/product/*/"]);
        assert_eq!(
            globs(&[
                "/shop/UID_7.html",
                "/shop/UID_8.html",
                "/shop/UID_9.html",
                "/shop/CID_3.html",
                "/shop/CID_3_2.html"
            ]),
            ["/shop/UID_{id}.html", "/shop/*_{id}.html"]
        );
        assert_eq!(
            globs(&[
                "/shop/floor-lamp-p701",
                "/shop/account",
                "/shop/desk-lamp-p702",
                "/shop/lamps-c101",
                "/shop/beds-c102",
                "/shop/bed-p703",
            ]),
            ["/shop/*-p{id}", "/shop/*-c{id}", "/shop/*"]
        );
        assert_eq!(
            globs(&["/stool-7", "/stool-8", "/desk-9", "/desk-10"]),
            ["/*-{id}"]
        );
        assert_eq!(
            globs(&[
                "/shop/product/a",
                "/shop/category/x",
                "/shop/product/b",
                "/shop/category/y"
            ]),
            ["/shop/product/*", "/shop/category/*"]
        );
        assert_eq!(
            globs(&[
                "/global/en-GB/product/a",
                "/global/en-GB/category/x",
                "/global/en-GB/product/b",
                "/global/en-GB/category/y"
            ]),
            ["/global/en-GB/product/*", "/global/en-GB/category/*"]
        );
    }

    #[test]
    fn products_look_more_like_products_than_lists_and_help_do() {
        let base = Url::parse("https://shop.example/").expect("a URL");
        let paths = [
            "/help/a",
            "/help/b",
            "/help/c",
            "/category/a",
            "/category/b",
            "/item/a",
        ];
        let mut forms = group(paths.iter().map(|path| base.join(path).expect("a URL")));
        forms.sort_by(|a, b| b.likeness().total_cmp(&a.likeness()));
        assert_eq!(forms[0].urls[0].path(), "/item/a");
        let list = base.join("/browse?page=1").expect("a URL");
        let sorted = base.join("/browse?sort=price").expect("a URL");
        assert!(list_likeness(&list) > list_likeness(&sorted));
    }
}
