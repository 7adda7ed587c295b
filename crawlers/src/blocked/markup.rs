//! The little of HTML's syntax that [`super::page`] needs.

use memchr::memchr;

/// A tag's name (with the slash of an end tag) in lower case, and the rest.
pub(super) struct Tag<'a> {
    pub(super) name: String,
    attributes: &'a str,
}

impl<'a> Tag<'a> {
    pub(super) fn of(inside: &'a str) -> Self {
        let end = inside[1..].find(|c: char| c.is_ascii_whitespace() || matches!(c, '/' | '>'));
        let end = end.map_or(inside.len(), |end| end + 1).min(inside.len());
        let (name, attributes) = inside.split_at(end);
        Self {
            name: head(name, 32).to_ascii_lowercase(),
            attributes,
        }
    }

    pub(super) fn attr(&self, wanted: &str) -> Option<&'a str> {
        let mut rest = self.attributes;
        loop {
            rest = rest
                .trim_start_matches(|c: char| c.is_ascii_whitespace() || matches!(c, '/' | '='));
            if rest.is_empty() {
                return None;
            }
            let end = rest
                .find(|c: char| c.is_ascii_whitespace() || matches!(c, '=' | '/'))
                .unwrap_or(rest.len());
            let (name, after) = rest.split_at(end);
            let after = after.trim_start();
            let value;
            (value, rest) = match after.strip_prefix('=') {
                Some(after) => attribute_value(after.trim_start()),
                None => ("", after),
            };
            if name.eq_ignore_ascii_case(wanted) {
                return Some(value);
            }
        }
    }
}

/// A value, quoted or not, and what follows it.
fn attribute_value(text: &str) -> (&str, &str) {
    let quote = text.chars().next().filter(|c| matches!(c, '"' | '\''));
    if let Some(quote) = quote {
        let inside = &text[1..];
        return inside.split_once(quote).unwrap_or((inside, ""));
    }
    let end = text
        .find(|c: char| c.is_ascii_whitespace())
        .unwrap_or(text.len());
    text.split_at(end)
}

/// Where the tag at the start of `html` ends: at the first `>` outside a quoted
/// value. None when it never does.
pub(super) fn end_of_tag(html: &str) -> Option<usize> {
    let (mut quote, mut before) = (None, b'<');
    for (at, byte) in html.bytes().enumerate().skip(1) {
        match (quote, byte) {
            (Some(open), _) if open == byte => quote = None,
            (Some(_), _) => continue,
            (None, b'"' | b'\'') if before == b'=' => quote = Some(byte),
            (None, b'>') => return Some(at),
            (None, _) => {}
        }
        if !byte.is_ascii_whitespace() {
            before = byte;
        }
    }
    None
}

/// Where `</name` begins, in any case.
pub(super) fn closing(html: &str, name: &str) -> Option<usize> {
    let bytes = html.as_bytes();
    let mut at = 0;
    while let Some(found) = memchr(b'<', &bytes[at..]) {
        at += found + 1;
        if let Some(after) = bytes[at..].strip_prefix(b"/")
            && after
                .get(..name.len())
                .is_some_and(|word| word.eq_ignore_ascii_case(name.as_bytes()))
        {
            return Some(at - 1);
        }
    }
    None
}

/// The beginning of a text, cut between characters.
pub(super) fn head(text: &str, most: usize) -> &str {
    let mut end = text.len().min(most);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

/// A text with its entities read; unknown ones stay as they are.
pub(super) fn entities(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let end = rest.bytes().take(12).position(|byte| byte == b';');
        match end.and_then(|end| Some((end, entity(&rest[1..end])?))) {
            Some((end, c)) => {
                out.push(c);
                rest = &rest[end + 1..];
            }
            None => {
                out.push('&');
                rest = &rest[1..];
            }
        }
    }
    out.push_str(rest);
    out
}

/// Those that pages in Latin script use.
fn entity(name: &str) -> Option<char> {
    if let Some(number) = name.strip_prefix('#') {
        let code = match number.strip_prefix(['x', 'X']) {
            Some(hex) => u32::from_str_radix(hex, 16),
            None => number.parse(),
        };
        return char::from_u32(code.ok()?);
    }
    const NAMES: [(&str, char); 40] = [
        ("amp", '&'),
        ("lt", '<'),
        ("gt", '>'),
        ("quot", '"'),
        ("apos", '\''),
        ("nbsp", ' '),
        ("rsquo", '’'),
        ("lsquo", '‘'),
        ("hellip", '…'),
        ("ndash", '–'),
        ("mdash", '—'),
        ("middot", '·'),
        ("bull", '•'),
        ("raquo", '»'),
        ("laquo", '«'),
        ("euro", '€'),
        ("pound", '£'),
        ("yen", '¥'),
        ("auml", 'ä'),
        ("ouml", 'ö'),
        ("uuml", 'ü'),
        ("szlig", 'ß'),
        ("eacute", 'é'),
        ("egrave", 'è'),
        ("ecirc", 'ê'),
        ("agrave", 'à'),
        ("acirc", 'â'),
        ("aacute", 'á'),
        ("atilde", 'ã'),
        ("ccedil", 'ç'),
        ("iacute", 'í'),
        ("oacute", 'ó'),
        ("otilde", 'õ'),
        ("ocirc", 'ô'),
        ("uacute", 'ú'),
        ("ugrave", 'ù'),
        ("ntilde", 'ñ'),
        ("aring", 'å'),
        ("oslash", 'ø'),
        ("iquest", '¿'),
    ];
    NAMES
        .iter()
        .find(|(known, _)| *known == name)
        .map(|(_, c)| *c)
}
