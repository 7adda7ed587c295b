//! Pictures that a page shows more than once, as SingleFile saves them: once, in a
//! variable of the style sheet,
//! `:root{--sf-img-7: url("data:image/jpeg;base64,…")}`, and in every place an empty
//! drawing behind which that variable is the background:
//! `<img src='data:image/svg+xml,…' style="…background-image:var(--sf-img-7)…">`.
//! For reading, the picture's address is put where the empty drawing is.

use std::collections::HashMap;
use std::ops::Range;

/// How SingleFile names its variables.
const NAME: &[u8] = b"--sf-img-";
/// The most variables looked at; more pictures are not taken out of a page either.
const MOST: usize = 500;
/// The longest tag looked at, in bytes; pictures were taken out of it before.
const LONGEST_TAG: usize = 64 << 10;
/// The longest address put in; those of pictures taken out are shorter.
const LONGEST_ADDRESS: usize = 200;

/// A page whose pictures were taken out, with the addresses of those kept in variables
/// in the places that show them; none where there are none.
pub(super) fn resolve(page: &[u8]) -> Option<Vec<u8>> {
    let addresses = definitions(page);
    if addresses.is_empty() {
        return None;
    }
    let (mut out, mut copied, mut at) = (Vec::with_capacity(page.len()), 0, 0);
    while let Some(start) = find(page, at, b"<img") {
        let tag = Tag::read(page, start + b"<img".len());
        at = tag.end;
        let (Some(source), Some(number)) = (tag.source, tag.variable) else {
            continue;
        };
        let Some(address) = addresses.get(&number) else {
            continue;
        };
        out.extend_from_slice(&page[copied..source.start]);
        out.extend_from_slice(address);
        copied = source.end;
    }
    out.extend_from_slice(&page[copied..]);
    Some(out)
}

/// The addresses in `--sf-img-N: url("…")`, by N.
fn definitions(page: &[u8]) -> HashMap<u32, &[u8]> {
    let mut found = HashMap::new();
    let mut at = 0;
    while let Some(start) = find(page, at, NAME) {
        at = start + NAME.len();
        let Some((number, after)) = number(page, at) else {
            continue;
        };
        let rest = page[after..].trim_ascii_start();
        let Some(rest) = rest.strip_prefix(b":") else {
            continue;
        };
        let rest = rest.trim_ascii_start();
        let Some(rest) = rest.strip_prefix(b"url(") else {
            continue;
        };
        let rest = rest.strip_prefix(b"\"").unwrap_or(rest);
        let end = rest
            .iter()
            .take(LONGEST_ADDRESS)
            .position(|byte| matches!(byte, b'"' | b')' | b'<' | b'>' | b'\''));
        if let Some(address) = end.map(|end| &rest[..end])
            && address.starts_with(b"#")
            && found.len() < MOST
        {
            found.insert(number, address);
        }
    }
    found
}

/// What of an `<img …>` counts here.
struct Tag {
    /// Behind the tag.
    end: usize,
    /// The value of `src`, where it is an empty drawing.
    source: Option<Range<usize>>,
    /// The variable that its `style` shows.
    variable: Option<u32>,
}

impl Tag {
    /// Reads attributes from behind `<img` on, quotes respected.
    fn read(page: &[u8], from: usize) -> Self {
        let mut tag = Self {
            end: from,
            source: None,
            variable: None,
        };
        let last = page.len().min(from + LONGEST_TAG);
        let mut at = from;
        while at < last && page[at] != b'>' {
            if page[at].is_ascii_whitespace() || page[at] == b'/' {
                at += 1;
                continue;
            }
            let name = run(page, at, last, |byte| {
                !byte.is_ascii_whitespace() && !matches!(byte, b'=' | b'>')
            });
            at = name.end.max(at + 1);
            if page.get(name.end) != Some(&b'=') {
                continue;
            }
            let value = value(page, name.end + 1, last);
            // Behind a closing quote, if there is one.
            at = value.end
                + usize::from(
                    page.get(value.end)
                        .is_some_and(|b| matches!(b, b'"' | b'\'')),
                );
            tag.take(&page[name], &page[value.clone()], value);
        }
        tag.end = at.max(from);
        tag
    }

    fn take(&mut self, name: &[u8], text: &[u8], at: Range<usize>) {
        if name.eq_ignore_ascii_case(b"src") && text.starts_with(b"data:image/svg+xml") {
            self.source = Some(at);
        } else if name.eq_ignore_ascii_case(b"style") {
            let named = find(text, 0, b"var(--sf-img-");
            let number = named.and_then(|start| number(text, start + b"var(--sf-img-".len()));
            self.variable = number.map(|(number, _)| number);
        }
    }
}

/// Where an attribute's value stands, without its quotes.
fn value(page: &[u8], from: usize, last: usize) -> Range<usize> {
    match page.get(from) {
        Some(&quote @ (b'"' | b'\'')) => run(page, from + 1, last, |byte| byte != quote),
        _ => run(page, from, last, |byte| {
            !byte.is_ascii_whitespace() && byte != b'>'
        }),
    }
}

/// The bytes from `from` on, up to `last`, that are wanted.
fn run(page: &[u8], from: usize, last: usize, wanted: impl Fn(u8) -> bool) -> Range<usize> {
    let from = from.min(last);
    let length = page[from..last]
        .iter()
        .take_while(|byte| wanted(**byte))
        .count();
    from..from + length
}

/// The number that stands at a place, and what is behind it.
fn number(text: &[u8], at: usize) -> Option<(u32, usize)> {
    let digits = run(text, at, text.len(), |byte| byte.is_ascii_digit());
    let number = std::str::from_utf8(&text[digits.clone()])
        .ok()?
        .parse()
        .ok()?;
    Some((number, digits.end))
}

fn find(page: &[u8], from: usize, wanted: &[u8]) -> Option<usize> {
    memchr::memmem::find(page.get(from..)?, wanted).map(|at| from + at)
}

#[cfg(test)]
mod tests {
    use super::resolve;

    fn resolved(page: &str) -> Option<String> {
        resolve(page.as_bytes()).map(|out| String::from_utf8(out).expect("text"))
    }

    const DRAWING: &str = "data:image/svg+xml,<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"16\"><rect fill-opacity=\"0\"/></svg>";

    #[test]
    fn a_picture_kept_once_is_put_where_it_is_shown() {
        let page = format!(
            "<style>:root{{--sf-img-0: url(\"#a\");--sf-img-12: url(\"#b\")}}</style>\
             <img id=m src='{DRAWING}' alt=\"a > b\" style=\"color:red;background-image:var(--sf-img-12)!important\">\
             <img style=\"background-image:var(--sf-img-0)\" src='{DRAWING}'>\
             <img src='{DRAWING}'><img src=x.png style=\"background-image:var(--sf-img-0)\">"
        );
        let expected = format!(
            "<style>:root{{--sf-img-0: url(\"#a\");--sf-img-12: url(\"#b\")}}</style>\
             <img id=m src='#b' alt=\"a > b\" style=\"color:red;background-image:var(--sf-img-12)!important\">\
             <img style=\"background-image:var(--sf-img-0)\" src='#a'>\
             <img src='{DRAWING}'><img src=x.png style=\"background-image:var(--sf-img-0)\">"
        );
        assert_eq!(resolved(&page), Some(expected));
    }

    #[test]
    fn what_is_broken_or_unknown_stays_as_it_is() {
        for rest in [
            format!("<img src='{DRAWING}' style='background-image:var(--sf-img-9)'>"),
            format!("<img src='{DRAWING}' style='background-image:var(--sf-img-99999999999)'>"),
            format!("<img src='{DRAWING} style=background-image:var(--sf-img-0)"),
            "<img".to_owned(),
            "<img src".to_owned(),
            "<img src=".to_owned(),
            "<img =\"".to_owned(),
            "<img / = '>' var(--sf-img-".to_owned(),
            "--sf-img-1: url(".to_owned(),
        ] {
            let page = format!("<style>:root{{--sf-img-0: url(\"#a\")}}</style>{rest}");
            assert_eq!(resolved(&page).as_ref(), Some(&page));
        }
        // No address within the page.
        assert_eq!(
            resolved("<style>:root{--sf-img-0: url(\"https://a.example/b\")}</style>"),
            None
        );
        assert_eq!(resolved("<p>--sf-img-"), None);
    }
}
