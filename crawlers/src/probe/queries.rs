//! The parameters of addresses, and which of them says which product is meant.

use std::collections::HashSet;

use url::Url;

use super::kinds::is_number;
use super::words::{LIST, PRODUCT};

/// The longest value that may be a word.
const LONGEST_WORD: usize = 40;
/// Names of parameters that number something else than products, beside those of lists.
const OTHERS: [&str; 10] = [
    "page", "pg", "start", "offset", "limit", "lang", "language", "currency", "tab", "ref",
];

/// The names of an address's parameters, with the values that are words: `route=product&id=*`.
pub(super) fn shape(url: &Url) -> String {
    let parts: Vec<String> = parameters(url)
        .map(|parameter| match parameter.split_once('=') {
            None => escape(&without_numbers(parameter)),
            Some((name, value)) => {
                format!("{}={}", escape(name), fixed(name, value).unwrap_or("*"))
            }
        })
        .collect();
    parts.join("&")
}

/// The query of a glob for addresses of one shape, and whether the identifier is in it.
///
/// The parameter that has another value for each product is the identifier. That of the
/// category has the same one for all products of a list, and for a few products of a home
/// page it may differ too: then its name tells. Where paths differ as well, only a
/// parameter that is named after products may identify them.
pub(super) fn glob(urls: &[Url], paths_differ: bool) -> (String, bool) {
    let Some(first) = urls.first() else {
        return (String::new(), false);
    };
    let id = identifying(urls).filter(|(_, named)| *named || !paths_differ);
    let id = id.map(|(at, _)| at);
    let mut numbered = false;
    let parts: Vec<String> = parameters(first)
        .enumerate()
        .map(|(at, parameter)| {
            let Some((name, value)) = parameter.split_once('=') else {
                let form = numbered_form(urls, at, id.is_none() && !numbered);
                numbered |= form.contains("{id}");
                return form;
            };
            let value = match fixed(name, value) {
                Some(word) => escape(word),
                None if id == Some(at) => "{id}".to_owned(),
                None => "*".to_owned(),
            };
            format!("{}={value}", escape(name))
        })
        .collect();
    (parts.join("&"), id.is_some() || numbered)
}

/// A parameter without a value, with a star for each number in it: `product-*.html`.
fn without_numbers(parameter: &str) -> String {
    let mut out = String::new();
    for c in parameter.chars() {
        match c.is_ascii_digit() {
            false => out.push(c),
            true if out.ends_with('*') => {}
            true => out.push('*'),
        }
    }
    out
}

/// The form of the parameters without a value that addresses have at one place: as they are
/// written where they are the same, else with what may be an identifier.
fn numbered_form(urls: &[Url], at: usize, may_identify: bool) -> String {
    let all: HashSet<&str> = urls
        .iter()
        .filter_map(|url| parameters(url).nth(at))
        .collect();
    let first = all.iter().next().copied().unwrap_or_default();
    let form = escape(&without_numbers(first));
    match all.len() {
        1 if urls.len() > 1 => escape(first),
        many if may_identify && many == urls.len() && form.matches('*').count() == 1 => {
            form.replace('*', "{id}")
        }
        _ => form,
    }
}

/// A glob over addresses with the values of parameters in it that are the same in all of
/// them: `csid=0`.
pub(super) fn with_same(glob: &str, urls: &[Url]) -> String {
    let Some((path, query)) = glob.split_once('?') else {
        return glob.to_owned();
    };
    let same = |at: usize| {
        let mut values = urls.iter().map(|url| parameters(url).nth(at));
        let first = values.next()??;
        values.all(|value| value == Some(first)).then_some(first)
    };
    let parts = query.split('&').enumerate().map(|(at, part)| {
        let is_open = part.ends_with("=*");
        same(at).filter(|_| is_open).map_or(part.to_owned(), escape)
    });
    format!("{path}?{}", parts.collect::<Vec<String>>().join("&"))
}

/// Which parameter identifies, and whether its name says so.
fn identifying(urls: &[Url]) -> Option<(usize, bool)> {
    let found = pairs(urls.first()?)
        .enumerate()
        .filter_map(|(at, (name, _))| {
            let values: Vec<&str> = urls
                .iter()
                .filter_map(|url| pairs(url).nth(at))
                .map(|(_, value)| value)
                .collect();
            let usable = values.iter().all(|value| is_number(value)) && !is_of_others(name);
            usable.then_some(())?;
            let many = values.len();
            let different = values.into_iter().collect::<HashSet<_>>().len();
            let named = is_of_products(name);
            // A product may stand in two categories.
            let enough = different == many || (named && different * 2 > many);
            enough.then_some((different, named, at))
        });
    found.max().map(|(_, named, at)| (at, named))
}

/// The parameters as they are written: `Shop` and `id=7` of `?Shop&id=7`.
fn parameters(url: &Url) -> impl Iterator<Item = &str> {
    let query = url.query().unwrap_or_default();
    query.split('&').filter(|parameter| !parameter.is_empty())
}

fn pairs(url: &Url) -> impl Iterator<Item = (&str, &str)> {
    parameters(url).map(|pair| pair.split_once('=').unwrap_or((pair, "")))
}

/// A value that says what kind of page it is: a word, but none that names a list or an
/// article, as in `categoryId=FISH`.
fn fixed<'a>(name: &str, value: &'a str) -> Option<&'a str> {
    let names_one = name.to_ascii_lowercase().ends_with("id") || is_of_lists(name);
    word(value).filter(|word| word.is_empty() || !names_one)
}

fn word(value: &str) -> Option<&str> {
    let is_word = value.len() <= LONGEST_WORD && !value.bytes().any(|b| b.is_ascii_digit());
    is_word.then_some(value)
}

fn is_of_products(name: &str) -> bool {
    name.eq_ignore_ascii_case("id") || words(name).any(|word| PRODUCT.contains(&word.as_str()))
}

fn is_of_others(name: &str) -> bool {
    is_of_lists(name) || words(name).any(|word| OTHERS.contains(&word.as_str()))
}

fn is_of_lists(name: &str) -> bool {
    let of_lists = |word: String| {
        let word = word.as_str();
        matches!(word, "path" | "cpath") || (LIST.contains(&word) && !PRODUCT.contains(&word))
    };
    words(name).any(of_lists)
}

/// Whether parameters name a list, and none a product in it.
pub(super) fn name_list(url: &Url) -> bool {
    let mut numbers = pairs(url).filter(|(_, value)| word(value).is_none());
    let mut names = pairs(url).map(|(name, _)| name);
    names.any(is_of_lists) && !numbers.any(|(name, _)| is_of_products(name))
}

/// The words of a parameter's name, as in `category_id` and `catId`.
fn words(name: &str) -> impl Iterator<Item = String> {
    let name = name.to_ascii_lowercase();
    let words: Vec<String> = name
        .split(['_', '-'])
        .map(|word| word.strip_suffix("id").unwrap_or(word).to_owned())
        .collect();
    words.into_iter()
}

/// A star or a brace in an address would mean something in a glob.
pub(super) fn escape(text: &str) -> String {
    text.replace(['{', '}'], "*")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(queries: &[&str]) -> String {
        let urls: Vec<Url> = queries
            .iter()
            .map(|query| {
                format!("https://shop.example/i.php?{query}")
                    .parse()
                    .expect("a URL")
            })
            .collect();
        glob(&urls, false).0
    }

    #[test]
    fn the_parameter_that_differs_between_the_products_of_a_list_identifies_them() {
        for (queries, wanted) in [
            (
                vec!["path=20&product_id=41", "path=20&product_id=45"],
                "path=*&product_id={id}",
            ),
            (
                vec!["cPath=1&products_id=1", "cPath=2&products_id=2"],
                "cPath=*&products_id={id}",
            ),
            (vec!["g=1&a=7", "g=1&a=8", "g=2&a=9"], "g=*&a={id}"),
            (vec!["a=7&g=1", "a=8&g=1"], "a={id}&g=*"),
            (
                vec!["catId=1&itemId=7", "catId=2&itemId=7", "catId=1&itemId=8"],
                "catId=*&itemId={id}",
            ),
            (vec!["g=1&a=7", "g=2&a=7", "g=2&a=8"], "g=*&a=*"),
            (vec!["cat=3", "cat=4"], "cat=*"),
            (vec!["r=item&n=4"], "r=item&n={id}"),
            (vec!["view&catId=FISH", "view&catId=DOGS"], "view&catId=*"),
            (
                vec!["product-12.html", "product-13.html"],
                "product-{id}.html",
            ),
            (
                vec!["list-3--grid.html", "list-4--grid.html"],
                "list-{id}--grid.html",
            ),
            (
                vec!["Shop&Item&id=4", "Shop&Item&id=5"],
                "Shop&Item&id={id}",
            ),
        ] {
            assert_eq!(of(&queries), wanted, "{queries:?}");
        }
    }
}
