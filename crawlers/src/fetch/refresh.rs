//! Pages that send their readers on: `<meta http-equiv=refresh>` and the header
//! `Refresh` (HTML standard §4.2.4.5 and §7.4.6.1), the redirect of shops that cannot set a status.

use scraper::{Html, Selector};
use url::Url;

use super::send::Answer;
use crate::target::TargetKind;

/// How much of a page is looked at, in bytes. The element belongs to its head.
const MAX_HEAD: usize = 32 * 1024;
/// The longest delay of a page that is only on the way to another, in seconds.
/// One that waits longer is there to be read.
const MAX_DELAY: f64 = 5.0;

/// Where a page sends its readers on to, as written; none where it does not, or
/// only to itself.
pub(super) fn target(kind: TargetKind, answer: &Answer, url: &Url) -> Option<Url> {
    let is_read = matches!(kind, TargetKind::List | TargetKind::Item);
    if !is_read || answer.status != 200 {
        return None;
    }
    // The header does the same, for any kind of answer; browsers read it first.
    if let Some(stated) = answer.header("refresh").and_then(address) {
        return elsewhere(url, url, &stated);
    }
    if !is_page(answer) {
        return None;
    }
    let head = &answer.body[..answer.body.len().min(MAX_HEAD)];
    if !mentions_refresh(head) {
        return None;
    }
    let head = String::from_utf8_lossy(head);
    // Within `noscript` it is for readers without scripts, of pages that are
    // whole without them more often than not; the parser takes that as text.
    let page = Html::parse_document(&head);
    let content = refresh(&page)?;
    elsewhere(&base(&page, url), url, &content)
}

/// The address that is meant, unless it is the page's own.
fn elsewhere(base: &Url, url: &Url, address: &str) -> Option<Url> {
    let mut next = base.join(address).ok()?;
    next.set_fragment(None);
    let mut own = url.clone();
    own.set_fragment(None);
    (next != own).then_some(next)
}

fn is_page(answer: &Answer) -> bool {
    answer.header("content-type").is_none_or(|value| {
        let value = value.to_ascii_lowercase();
        value.contains("html") || value.trim().is_empty()
    })
}

fn mentions_refresh(head: &[u8]) -> bool {
    const WORD: &[u8] = b"refresh";
    // Few words have an f: it is looked for, and the word about it.
    memchr::memchr2_iter(b'f', b'F', head).any(|at| {
        let word = at
            .checked_sub(2)
            .and_then(|from| head.get(from..from + WORD.len()));
        word.is_some_and(|word| word.eq_ignore_ascii_case(WORD))
    })
}

/// The address of the first refresh that is short enough.
fn refresh(page: &Html) -> Option<String> {
    let metas = Selector::parse("meta[http-equiv][content]").ok()?;
    page.select(&metas)
        .filter(|meta| {
            let kind = meta.attr("http-equiv").unwrap_or_default();
            kind.trim().eq_ignore_ascii_case("refresh")
        })
        .find_map(|meta| address(meta.attr("content")?))
}

/// The address in `5; url='/b'`; none where there is none, or the wait is long.
fn address(content: &str) -> Option<String> {
    let content = content.trim_start();
    let is_number = |c: char| c.is_ascii_digit() || c == '.';
    let end = content.find(|c| !is_number(c)).unwrap_or(content.len());
    let (delay, rest) = content.split_at(end);
    let whole = delay.split('.').next().unwrap_or_default();
    let delay: f64 = if delay.is_empty() {
        0.0
    } else {
        whole.parse().ok()?
    };
    if delay > MAX_DELAY {
        return None;
    }
    let rest = rest.trim_start();
    let rest = rest.strip_prefix([';', ',']).unwrap_or(rest).trim_start();
    let named = rest
        .get(..3)
        .filter(|word| word.eq_ignore_ascii_case("url"))
        .and_then(|_| rest[3..].trim_start().strip_prefix('='));
    let rest = named.unwrap_or(rest).trim_start();
    let quote = rest.chars().next().filter(|c| matches!(c, '"' | '\''));
    let address = match quote {
        Some(quote) => rest[1..].split(quote).next().unwrap_or_default(),
        None => rest,
    };
    let address = address.trim();
    (!address.is_empty()).then(|| address.to_owned())
}

fn base(page: &Html, url: &Url) -> Url {
    let stated = Selector::parse("base[href]").ok().and_then(|bases| {
        let href = page.select(&bases).next()?.attr("href")?;
        url.join(href.trim()).ok()
    });
    stated.unwrap_or_else(|| url.clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_read_as_browsers_read_it() {
        for (content, expected) in [
            ("0;url=/b", Some("/b")),
            (" 0.5 ; URL = '/b c' ; x", Some("/b c")),
            ("1,url=\"/b\"", Some("/b")),
            ("3 /b", Some("/b")),
            ("; url=/b", Some("/b")),
            ("5; url=/b", Some("/b")),
            ("6; url=/b", None),
            ("99999999999999999999999999; url=/b", None),
            ("0", None),
            ("0;", None),
            ("0; url=", None),
            ("0; url=''", None),
            ("", None),
        ] {
            assert_eq!(address(content).as_deref(), expected, "{content}");
        }
    }

    #[test]
    fn only_a_page_s_own_refresh_counts() {
        for (page, expected) in [
            ("<meta http-equiv=refresh content='0;url=/b'>", true),
            ("<META HTTP-EQUIV=\"Refresh\" CONTENT=\"0;URL=/b\">", true),
            (
                "<!-- <meta http-equiv=refresh content='0;url=/b'> -->",
                false,
            ),
            (
                "<noscript><meta http-equiv=refresh content='0;url=/b'></noscript><p>x",
                false,
            ),
            (
                "<script>'<meta http-equiv=refresh content=0;url=/b>'</script>",
                false,
            ),
            ("<p>How to refresh a lamp</p>", false),
        ] {
            let parsed = Html::parse_document(page);
            assert_eq!(refresh(&parsed).is_some(), expected, "{page}");
        }
    }
}
