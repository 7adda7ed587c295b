//! One spelling for each page, and one identity for each offer.

use std::collections::HashSet;
use std::sync::LazyLock;

use serde::Deserialize;
use url::Url;

use crate::extract::embedded::is_embedded;

const DATA: &str = include_str!("../../data/tracking.toml");

/// Query parameters that say nothing about the page.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Meaningless {
    tracking: HashSet<String>,
    tracking_prefixes: Vec<String>,
    session: HashSet<String>,
    session_prefixes: Vec<String>,
    session_if_long: HashSet<String>,
}

fn meaningless() -> &'static Meaningless {
    static LISTS: LazyLock<Meaningless> =
        LazyLock::new(|| toml::from_str(DATA).unwrap_or_else(|error| unreachable!("{error}")));
    &LISTS
}

/// The canonical spelling of a URL: no fragment, no user name, no tracking
/// parameters, no session id, percent-encoding in one form. What is left of the
/// query keeps its order, because shops read it.
pub(crate) fn canonical(mut url: Url) -> Url {
    url.set_fragment(None);
    // Neither can fail on a URL with a host.
    let _ = url.set_username("");
    let _ = url.set_password(None);
    let path = without_session(url.path());
    let path = uniform(path.as_deref().unwrap_or(url.path()));
    if path != url.path() {
        url.set_path(&path);
    }
    let Some(query) = url.query() else {
        return url;
    };
    let kept: Vec<&str> = query
        .split('&')
        .filter(|pair| !pair.is_empty() && !is_meaningless(pair))
        .collect();
    let kept = uniform(&kept.join("&"));
    if kept.is_empty() || Some(kept.as_str()) != url.query() {
        url.set_query((!kept.is_empty()).then_some(kept.as_str()));
    }
    url
}

fn is_meaningless(pair: &str) -> bool {
    let lists = meaningless();
    let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
    let name = name.to_ascii_lowercase();
    let begins = |starts: &[String]| starts.iter().any(|start| name.starts_with(start.as_str()));
    lists.tracking.contains(&name)
        || lists.session.contains(&name)
        || begins(&lists.tracking_prefixes)
        || begins(&lists.session_prefixes)
        || lists.session_if_long.contains(&name) && is_session_value(value)
}

fn is_session_value(value: &str) -> bool {
    value.len() >= 16
        && value.bytes().all(|byte| byte.is_ascii_alphanumeric())
        && value.bytes().any(|byte| byte.is_ascii_digit())
        && value.bytes().any(|byte| byte.is_ascii_alphabetic())
}

/// A path without `;jsessionid=…`; none when there is none in it.
fn without_session(path: &str) -> Option<String> {
    let lower = path.to_ascii_lowercase();
    let at = [";jsessionid=", ";sid=", ";phpsessid="]
        .into_iter()
        .find_map(|name| lower.find(name))?;
    let end = path[at + 1..]
        .find(['/', ';'])
        .map_or(path.len(), |end| at + 1 + end);
    Some(format!("{}{}", &path[..at], &path[end..]))
}

/// Percent-encoding as RFC 3986, section 6.2.2, has it: capital digits, and
/// unreserved characters as they are.
fn uniform(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('%') {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let digits = rest
            .get(1..3)
            .filter(|d| d.bytes().all(|b| b.is_ascii_hexdigit()));
        let Some(digits) = digits else {
            out.push('%');
            rest = &rest[1..];
            continue;
        };
        match u8::from_str_radix(digits, 16) {
            Ok(octet) if octet.is_ascii_alphanumeric() || b"-_~".contains(&octet) => {
                out.push(char::from(octet));
            }
            // Also the dot: `%2E%2E` is a segment like any other.
            _ => {
                out.push('%');
                out.push_str(&digits.to_ascii_uppercase());
            }
        }
        rest = &rest[3..];
    }
    out.push_str(rest);
    out
}

/// What two spellings of one page have in common, for comparing only: it is
/// not a URL to fetch. Besides what [`canonical`] does, the scheme, `www.`, the
/// port, a trailing slash, `index.html` and its like, a language in front, the
/// order of parameters and empty ones do not count.
#[must_use]
pub fn identity(url: &Url) -> String {
    let url = canonical(url.clone());
    let host = url.host_str().unwrap_or_default();
    let host = host.strip_prefix("www.").unwrap_or(host);
    let mut segments: Vec<&str> = url
        .path()
        .split('/')
        .filter(|segment| !segment.is_empty() && !is_session_segment(segment))
        .collect();
    if segments.last().is_some_and(|last| is_index(last)) {
        segments.pop();
    }
    if segments.len() > 1 && is_language(segments[0]) {
        segments.remove(0);
    }
    let mut pairs: Vec<&str> = url.query().unwrap_or_default().split('&').collect();
    pairs.retain(|pair| {
        pair.split_once('=')
            .is_some_and(|(_, value)| !value.is_empty())
    });
    pairs.sort_unstable();
    pairs.dedup();
    format!("{host}/{}?{}", segments.join("/"), pairs.join("&"))
}

/// ASP.NET's cookieless session, `(S(lit3py55t21z5v55vlm25s55))`.
fn is_session_segment(segment: &str) -> bool {
    segment.starts_with("(S(") && segment.ends_with("))")
}

fn is_index(segment: &str) -> bool {
    let lower = segment.to_ascii_lowercase();
    matches!(
        lower.split_once('.'),
        Some((
            "index" | "default",
            "html" | "htm" | "php" | "asp" | "aspx" | "jsp"
        ))
    )
}

/// A language of ISO 639-1 that shops have versions in, with or without a
/// country: `de`, `pt-br`, `en_GB`.
pub(crate) fn is_language(segment: &str) -> bool {
    const LANGUAGES: [&str; 46] = [
        "ar", "bg", "bn", "ca", "cs", "da", "de", "el", "en", "es", "et", "fa", "fi", "fr", "ga",
        "he", "hi", "hr", "hu", "id", "is", "it", "ja", "ko", "lt", "lv", "ms", "nb", "nl", "nn",
        "no", "pl", "pt", "ro", "ru", "sk", "sl", "sq", "sr", "sv", "th", "tr", "uk", "ur", "vi",
        "zh",
    ];
    let lower = segment.to_ascii_lowercase();
    let (language, country) = lower.split_once(['-', '_']).unwrap_or((&lower, "xx"));
    LANGUAGES.contains(&language)
        && matches!(country.len(), 2 | 4)
        && country.bytes().all(|byte| byte.is_ascii_alphabetic())
}

/// A link as written on a page, made absolute and canonical; none when it
/// leads to no web page.
pub(crate) fn resolve(base: &Url, link: &str) -> Option<Url> {
    let link = link.trim();
    if link.is_empty() || link.len() > 4096 {
        return None;
    }
    let url = base.join(link).ok()?;
    if !matches!(url.scheme(), "http" | "https") || !url.has_host() {
        return None;
    }
    // A picture that stands in the page itself has no other address.
    let within = is_embedded(&url).then(|| url.fragment().map(str::to_owned));
    let mut url = canonical(url);
    url.set_fragment(within.flatten().as_deref());
    Some(url)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(text: &str) -> Url {
        Url::parse(text).expect("a URL")
    }

    #[test]
    fn what_says_nothing_about_the_page_goes_and_the_rest_stays_as_it_was() {
        for (written, expected) in [
            (
                "https://shop.example/a?utm_source=x&b=2&a=%C3%A9&fbclid=7#top",
                "https://shop.example/a?b=2&a=%C3%A9",
            ),
            (
                "https://u:p@shop.example/a?gclid=7",
                "https://shop.example/a",
            ),
            (
                "https://shop.example/a?GCLID=7&UTM_x=1",
                "https://shop.example/a",
            ),
            (
                "https://shop.example/a;jsessionid=0A1B?b=1",
                "https://shop.example/a?b=1",
            ),
            (
                "https://shop.example/a;JSESSIONID=0A1B/b;v=2",
                "https://shop.example/a/b;v=2",
            ),
            (
                "https://shop.example/a?PHPSESSID=1&sid=0a1b2c3d4e5f6a7b8c",
                "https://shop.example/a",
            ),
            (
                "https://shop.example/a?sid=42&s=shoes",
                "https://shop.example/a?sid=42&s=shoes",
            ),
            (
                "https://shop.example/%7ejoe/%c3%a9%2f?q=%41%2b%26",
                "https://shop.example/~joe/%C3%A9%2F?q=A%2B%26",
            ),
            ("https://shop.example:443/a?", "https://shop.example/a"),
            ("https://shop.example/%zz%?%", "https://shop.example/%zz%?%"),
        ] {
            let once = canonical(url(written));
            assert_eq!(once.as_str(), expected, "{written}");
            assert_eq!(canonical(once.clone()), once, "{written} twice");
        }
    }

    #[test]
    fn spellings_of_one_page_have_one_identity_and_other_pages_another() {
        let same = [
            "https://shop.example/lamps/kestrel",
            "http://www.shop.example/lamps/kestrel/",
            "https://shop.example/de/lamps/kestrel?utm_source=mail",
            "https://shop.example/pt-BR/lamps/kestrel#reviews",
            "https://shop.example/zh-hant/lamps//kestrel/index.html",
            "https://shop.example/(S(lit3py55t21z5v55vlm25s55))/lamps/kestrel?sort=",
            "https://shop.example/lamps/kestr%65l;jsessionid=77",
        ];
        for spelling in same {
            assert_eq!(
                identity(&url(spelling)),
                "shop.example/lamps/kestrel?",
                "{spelling}"
            );
        }
        assert_eq!(
            identity(&url("https://a.example/p?b=2&a=1&a=1")),
            identity(&url("https://a.example/p?a=1&b=2"))
        );
        let others = [
            "https://shop.example/lamps/kestrel-2",
            "https://shop.example/lamps/Kestrel",
            "https://shop.example/kestrel",
            "https://other.example/lamps/kestrel",
            "https://shop.example/lamps/kestrel?id=2",
            "https://shop.example/sale/lamps/kestrel",
        ];
        for other in others {
            assert_ne!(
                identity(&url(other)),
                "shop.example/lamps/kestrel?",
                "{other}"
            );
        }
    }

    #[test]
    fn links_that_lead_to_no_page_are_dropped() {
        let base = url("https://shop.example/list/");
        assert_eq!(
            resolve(&base, "../i/7").map(String::from).as_deref(),
            Some("https://shop.example/i/7")
        );
        for link in [
            "",
            "  ",
            "mailto:a@b.example",
            "javascript:void(0)",
            "data:image/png;base64,AA==",
        ] {
            assert_eq!(resolve(&base, link), None, "{link}");
        }
    }
}
