//! What a page asks of whoever keeps it: `X-Robots-Tag` and `<meta name=robots>`.

use scraper::{Html, Selector};
use std::sync::LazyLock;

use super::product_token;
use crate::extract::decode;
use crate::fetch::Exchange;

/// The part of a page in which its head is looked for, in bytes.
const HEAD: usize = 64 * 1024;
/// The most directives that are kept, and the longest, in characters.
const MOST: usize = 32;
const LONGEST: usize = 100;

/// The directives that an answer gives to all crawlers or to this one, such as
/// `noarchive`, `noindex` or `unavailable_after: …`: in lower case, in the order
/// header before page, each once, at most 32.
///
/// They ask search engines for something and do not forbid keeping evidence;
/// they are to be recorded with the capture. Whom a header is for stands before
/// a colon (`otherbot: noindex`); the crawler's own name is taken from the
/// request's `User-Agent`.
#[must_use]
pub fn directives(exchange: &Exchange) -> Vec<String> {
    let agent = exchange
        .request_headers
        .iter()
        .find(|(name, _)| name.eq_ignore_ascii_case("user-agent"));
    let agent = agent
        .map_or("", |(_, value)| product_token(value))
        .to_ascii_lowercase();
    let mut found = Vec::new();
    let headers = exchange
        .headers
        .iter()
        .filter(|(name, _)| name.eq_ignore_ascii_case("x-robots-tag"));
    for (_, value) in headers {
        let mut for_us = true;
        for part in value.to_lowercase().split(',') {
            let part = part.trim();
            let directive = match part.split_once(':') {
                // A directive with a value, not a crawler's name.
                Some((name, _)) if has_value(name.trim()) => part,
                Some((name, rest)) => {
                    for_us = name.trim() == agent;
                    rest.trim()
                }
                None => part,
            };
            if for_us {
                add(&mut found, directive);
            }
        }
    }
    if exchange
        .content_type()
        .is_none_or(|media| media.to_ascii_lowercase().contains("html"))
    {
        in_page(exchange, &agent, &mut found);
    }
    found
}

fn has_value(name: &str) -> bool {
    matches!(
        name,
        "unavailable_after" | "max-snippet" | "max-image-preview" | "max-video-preview"
    )
}

fn in_page(exchange: &Exchange, agent: &str, found: &mut Vec<String>) {
    static META: LazyLock<Selector> = LazyLock::new(|| {
        Selector::parse("meta[name][content]").unwrap_or_else(|_| unreachable!("a constant"))
    });
    let head = &exchange.body[..exchange.body.len().min(HEAD)];
    // A page without such an element is not worth a tree.
    let lower = head.to_ascii_lowercase();
    let names =
        |name: &str| !name.is_empty() && memchr::memmem::find(&lower, name.as_bytes()).is_some();
    if !names("robots") && !names(agent) {
        return;
    }
    let dom = Html::parse_document(&decode(head, exchange.content_type()));
    for meta in dom.select(&META) {
        let name = meta
            .attr("name")
            .unwrap_or_default()
            .trim()
            .to_ascii_lowercase();
        if name == "robots" || (!agent.is_empty() && name == agent) {
            for directive in meta
                .attr("content")
                .unwrap_or_default()
                .to_lowercase()
                .split(',')
            {
                add(found, directive.trim());
            }
        }
    }
}

fn add(found: &mut Vec<String>, directive: &str) {
    let directive: String = directive.chars().take(LONGEST).collect();
    if !directive.is_empty() && found.len() < MOST && !found.contains(&directive) {
        found.push(directive);
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;

    fn of(headers: &[(&str, &str)], body: &str) -> Vec<String> {
        let headers = headers
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        directives(&Exchange {
            headers: headers.collect(),
            request_headers: vec![(
                "user-agent".to_owned(),
                "markhound/0.1 (+mailto:a@b.example)".to_owned(),
            )],
            body: Bytes::copy_from_slice(body.as_bytes()),
            ..Exchange::example()
        })
    }

    #[test]
    fn headers_are_read_for_all_and_for_us() {
        let html = ("content-type", "text/html");
        assert_eq!(
            of(
                &[html, ("x-robots-tag", "NoArchive, noindex ,noarchive")],
                ""
            ),
            ["noarchive", "noindex"]
        );
        let named = [
            html,
            ("x-robots-tag", "otherbot: noindex, nofollow"),
            ("x-robots-tag", "Markhound: noarchive"),
        ];
        assert_eq!(of(&named, ""), ["noarchive"]);
        let dated = [
            html,
            (
                "x-robots-tag",
                "unavailable_after: 25 Jun 2027 15:00:00 GMT, max-snippet: 20",
            ),
        ];
        assert_eq!(
            of(&dated, ""),
            [
                "unavailable_after: 25 jun 2027 15:00:00 gmt",
                "max-snippet: 20"
            ]
        );
        assert!(of(&[html], "").is_empty());
    }

    #[test]
    fn meta_elements_are_read_in_pages_and_nowhere_else() {
        let page = "<html><head><META NAME=Robots CONTENT=\"NOINDEX,NOARCHIVE\"><meta name=googlebot content=nofollow><meta name=markhound content='noimageindex'></head></html>";
        let html = of(
            &[("content-type", "text/html"), ("x-robots-tag", "noindex")],
            page,
        );
        assert_eq!(html, ["noindex", "noarchive", "noimageindex"]);
        assert!(of(&[("content-type", "text/plain")], page).is_empty());
    }

    #[test]
    fn hostile_headers_are_bounded() {
        let many: String = (0..500).map(|n| format!("d{n},")).collect();
        assert_eq!(of(&[("x-robots-tag", &many)], "").len(), MOST);
        let long = "x".repeat(5_000);
        assert_eq!(of(&[("x-robots-tag", &long)], "")[0].len(), LONGEST);
    }
}
