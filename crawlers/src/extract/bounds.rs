//! Keeps a page from costing more to parse than its size is worth.
//!
//! The HTML standard's tree construction (§13.2.6) is not linear: it looks for
//! elements through everything that is open, opens formatting elements that were
//! never closed again in every paragraph that follows, and compares each attribute
//! of a tag with those before. A page made for it turns a few megabytes into
//! minutes and gigabytes. What no shop writes is taken out before the parser sees it.

use std::borrow::Cow;

use memchr::memchr;

/// The most tags that are read; the page is cut there. A page of three megabytes
/// has some 50,000.
const MOST_TAGS: usize = 200_000;
/// The most elements that are open at once, by the page's own end tags; the page is
/// cut there. Browsers flatten what is deeper than 512.
const MOST_OPEN: usize = 512;
/// The most formatting elements that are open at once; start tags of more are
/// left out, their text stays.
const MOST_FORMATTING: usize = 16;
/// A start tag longer than this, in bytes, may have as many attributes as
/// [`MOST_ATTRIBUTES`]; one with more is left out.
const LONG_TAG: usize = 4_096;
const MOST_ATTRIBUTES: usize = 256;

/// How an element counts by its name.
#[derive(Clone, Copy, PartialEq)]
enum Kind {
    /// Opened again where it was not closed (HTML standard §13.2.4.3).
    Formatting,
    /// Its content is text up to its end tag.
    Raw,
    /// Without an end tag, or with one that may be left out (§13.1.2.4): such do not
    /// pile up.
    Uncounted,
    /// Within it, raw elements are elements like others, or none (§13.2.6.5,
    /// §13.2.6.4.16). Its place in [`Pass::odd`].
    Odd(usize),
    Other,
}

impl Kind {
    fn of(name: &str) -> Self {
        let mut lower = [0; 10];
        let Some(lower) = lower.get_mut(..name.len()) else {
            return Self::Other;
        };
        lower.copy_from_slice(name.as_bytes());
        lower.make_ascii_lowercase();
        match &*lower {
            b"a" | b"b" | b"big" | b"code" | b"em" | b"font" | b"i" | b"nobr" | b"s" | b"small"
            | b"strike" | b"strong" | b"tt" | b"u" => Self::Formatting,
            b"script" | b"style" | b"textarea" | b"title" | b"xmp" | b"iframe" | b"noembed"
            | b"noframes" => Self::Raw,
            b"area" | b"base" | b"br" | b"col" | b"embed" | b"hr" | b"img" | b"input" | b"link"
            | b"meta" | b"param" | b"source" | b"track" | b"wbr" | b"p" | b"li" | b"dt" | b"dd"
            | b"option" | b"optgroup" | b"tr" | b"td" | b"th" | b"thead" | b"tbody" | b"tfoot"
            | b"colgroup" | b"caption" | b"html" | b"head" | b"body" => Self::Uncounted,
            b"svg" => Self::Odd(0),
            b"math" => Self::Odd(1),
            b"select" => Self::Odd(2),
            _ => Self::Other,
        }
    }
}

/// The page without what would make parsing it costly; the page itself where
/// there is nothing of that kind. Linear in its length.
pub(super) fn bounded(html: &str) -> Cow<'_, str> {
    let mut pass = Pass::default();
    let mut at = 0;
    while let Some(found) = memchr(b'<', &html.as_bytes()[at..]) {
        let start = at + found;
        let rest = &html[start + 1..];
        at = match rest.as_bytes().first() {
            Some(b'!' | b'?') => after_comment(html, start),
            Some(b'/') if starts_with_letter(&rest[1..]) => {
                pass.close(name(&rest[1..]));
                start + 2
            }
            Some(_) if starts_with_letter(rest) => {
                let tag = Tag::read(html, start);
                match pass.open(&tag) {
                    Verdict::Keep => {}
                    Verdict::LeaveOut => pass.leave_out(html, start, tag.end),
                    Verdict::Cut => return pass.finish(html, start),
                }
                match tag.kind {
                    Kind::Raw if !pass.is_odd() => after_raw(html, tag.end, tag.name),
                    _ => tag.end,
                }
            }
            _ => start + 1,
        };
    }
    pass.finish(html, html.len())
}

fn starts_with_letter(text: &str) -> bool {
    text.as_bytes().first().is_some_and(u8::is_ascii_alphabetic)
}

/// The name at the start of a tag's inside.
fn name(inside: &str) -> &str {
    let is_other = |byte: &u8| !(byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b':'));
    let end = inside.as_bytes().iter().position(is_other);
    &inside[..end.unwrap_or(inside.len())]
}

/// A start tag.
struct Tag<'a> {
    name: &'a str,
    kind: Kind,
    /// Where the text after it begins.
    end: usize,
    attributes: usize,
    length: usize,
}

/// Where in a tag the tokenizer is (HTML standard §13.2.5.8 and §13.2.5.32 to .40).
#[derive(Clone, Copy, PartialEq)]
enum Within {
    TagName,
    BeforeName,
    Name,
    AfterName,
    BeforeValue,
    Value,
    Quoted(u8),
}

impl Within {
    /// Where it is after a byte that does not end the tag.
    const fn after(self, byte: u8) -> Self {
        let gap = byte.is_ascii_whitespace();
        match (self, byte) {
            (Self::Quoted(quote), _) if byte == quote => Self::BeforeName,
            (Self::Quoted(_), _) => self,
            (Self::BeforeValue, b'"' | b'\'') => Self::Quoted(byte),
            (Self::BeforeValue, _) if gap => self,
            (Self::BeforeValue, _) => Self::Value,
            (Self::Value, _) if gap => Self::BeforeName,
            (Self::Value, _) => self,
            (Self::Name | Self::AfterName, b'=') => Self::BeforeValue,
            (Self::Name, _) if gap => Self::AfterName,
            (Self::AfterName | Self::BeforeName, _) if gap => self,
            (Self::TagName, _) if gap => Self::BeforeName,
            (_, b'/') => Self::BeforeName,
            (Self::TagName | Self::Name, _) => self,
            (Self::BeforeName | Self::AfterName, _) => Self::Name,
        }
    }
}

impl<'a> Tag<'a> {
    fn read(html: &'a str, start: usize) -> Self {
        let inside = &html[start + 1..];
        let bytes = inside.as_bytes();
        let mut within = Within::TagName;
        let (mut at, mut attributes, mut end) = (0, 0, bytes.len());
        while let Some(byte) = bytes.get(at) {
            if *byte == b'>' && !matches!(within, Within::Quoted(_)) {
                end = at + 1;
                break;
            }
            let next = within.after(*byte);
            attributes += usize::from(next == Within::Name && within != Within::Name);
            within = next;
            at += 1;
            // Most of a tag stands between quotes.
            if let Within::Quoted(quote) = within {
                at += memchr(quote, &bytes[at..]).unwrap_or(bytes.len() - at);
            }
        }
        let name = name(inside);
        Self {
            name,
            kind: Kind::of(name),
            end: start + 1 + end,
            attributes,
            length: end,
        }
    }
}

enum Verdict {
    Keep,
    LeaveOut,
    Cut,
}

/// What is open, and what was left out.
#[derive(Default)]
struct Pass {
    tags: usize,
    open: usize,
    formatting: usize,
    /// How many of each kind of [`Kind::Odd`] are open.
    odd: [usize; 3],
    out: String,
    /// Up to where the page was looked at and copied, if anything was left out.
    copied: usize,
}

impl Pass {
    fn open(&mut self, tag: &Tag<'_>) -> Verdict {
        self.tags += 1;
        if self.tags > MOST_TAGS {
            return Verdict::Cut;
        }
        if tag.length > LONG_TAG && tag.attributes > MOST_ATTRIBUTES {
            return Verdict::LeaveOut;
        }
        match tag.kind {
            Kind::Formatting if self.formatting >= MOST_FORMATTING => return Verdict::LeaveOut,
            Kind::Formatting => self.formatting += 1,
            Kind::Raw | Kind::Uncounted => {}
            Kind::Odd(_) | Kind::Other => {
                if let Kind::Odd(at) = tag.kind {
                    self.odd[at] += 1;
                }
                self.open += 1;
                if self.open > MOST_OPEN {
                    return Verdict::Cut;
                }
            }
        }
        Verdict::Keep
    }

    fn is_odd(&self) -> bool {
        self.odd.iter().any(|open| *open > 0)
    }

    fn close(&mut self, name: &str) {
        match Kind::of(name) {
            Kind::Formatting => self.formatting = self.formatting.saturating_sub(1),
            Kind::Raw | Kind::Uncounted => {}
            Kind::Odd(at) => {
                self.odd[at] = self.odd[at].saturating_sub(1);
                self.open = self.open.saturating_sub(1);
            }
            Kind::Other => self.open = self.open.saturating_sub(1),
        }
    }

    fn leave_out(&mut self, html: &str, start: usize, end: usize) {
        self.out.push_str(&html[self.copied..start]);
        self.copied = end;
    }

    fn finish(mut self, html: &str, end: usize) -> Cow<'_, str> {
        if self.copied == 0 {
            return Cow::Borrowed(&html[..end]);
        }
        self.out.push_str(&html[self.copied.min(end)..end]);
        Cow::Owned(self.out)
    }
}

/// Where a comment, a doctype or the like ends.
fn after_comment(html: &str, start: usize) -> usize {
    let rest = &html[start..];
    let end = if rest.starts_with("<!--") {
        // The standard also ends a comment at `--!>` (§13.2.5.53).
        let short = ["<!-->", "<!--->"]
            .into_iter()
            .find(|whole| rest.starts_with(whole));
        short.map(str::len).or_else(|| after_dashes(rest))
    } else {
        rest.find('>').map(|at| at + 1)
    };
    start + end.unwrap_or(rest.len())
}

/// Where a comment that is not empty ends.
fn after_dashes(comment: &str) -> Option<usize> {
    let mut from = 4;
    loop {
        let dashes = from + comment.get(from..)?.find("--")?;
        let rest = &comment[dashes + 2..];
        if rest.starts_with('>') {
            return Some(dashes + 3);
        }
        if rest.starts_with("!>") {
            return Some(dashes + 4);
        }
        from = dashes + 1;
    }
}

/// Where the content of a raw element ends.
fn after_raw(html: &str, from: usize, raw: &str) -> usize {
    let mut at = from;
    while let Some(found) = html[at..].find("</") {
        at += found;
        if name(&html[at + 2..]).eq_ignore_ascii_case(raw) {
            return at;
        }
        at += 2;
    }
    html.len()
}

#[cfg(test)]
mod tests {
    use scraper::Html;

    use super::*;

    #[test]
    fn a_shop_page_is_left_as_it_is() {
        let page = r#"<!doctype html><html><body><p>a<p>b<ul><li>c<li><b>d</b></ul>
            <!-- <div><div> --><script>if (a<b) { "<div>".repeat(9) }</script>
            <a href='x"y>z' title="it's">e</a><table><tr><td>f<tr><td>g</table>"#;
        assert!(matches!(bounded(page), Cow::Borrowed(same) if same == page));
        let long = "<div><p>text<br></div>".repeat(9_000);
        assert!(matches!(bounded(&long), Cow::Borrowed(_)));
    }

    #[test]
    fn formatting_that_is_never_closed_loses_its_tags_and_keeps_its_text() {
        let page = "<p><font size=1>w".repeat(1_000);
        let kept = bounded(&page);
        assert_eq!(kept.matches("<font").count(), MOST_FORMATTING);
        assert_eq!(kept.matches('w').count(), 1_000);
    }

    #[test]
    fn what_is_nested_too_deeply_or_has_too_many_tags_is_cut_there() {
        let deep = "<div>".repeat(5_000);
        assert_eq!(bounded(&deep).matches("<div>").count(), MOST_OPEN);
        let many = "<br>".repeat(MOST_TAGS + 5);
        assert_eq!(bounded(&many).matches("<br>").count(), MOST_TAGS);
    }

    #[test]
    fn a_tag_of_very_many_attributes_is_left_out_and_one_long_value_is_not() {
        let attributes: String = (0..2_000).map(|n| format!(" a{n}=1")).collect();
        let page = format!("<h1>Kestrel</h1><div{attributes}>x</div>");
        assert_eq!(bounded(&page), "<h1>Kestrel</h1>x</div>");
        let data = format!("<div data-products='{}'>x</div>", "a b ".repeat(5_000));
        assert!(matches!(bounded(&data), Cow::Borrowed(_)));
    }

    #[test]
    fn what_follows_is_counted_however_a_tag_or_a_comment_ends() {
        for trick in [
            "<!-->",
            "<!--->",
            "<!-- x --!>",
            "<!-- a--b -- -->",
            "<p =\">",
            "<p a=b\">",
            "<p\">",
            "<p a = '>' >",
            "<svg><style>",
            "<select><title>",
        ] {
            let page = format!("{trick}{}", "<i>".repeat(100));
            let kept = bounded(&page);
            assert_eq!(kept.matches("<i>").count(), MOST_FORMATTING, "{trick}");
        }
    }

    #[test]
    fn hostile_pages_of_megabytes_become_small_trees() {
        let attributes: String = (0..300_000).map(|n| format!(" a{n}")).collect();
        let pages = [
            "<div>".repeat(1_000_000),
            "<b>".repeat(1_000_000),
            "<table>".repeat(600_000),
            "<a><b><p>".repeat(400_000),
            "<p><font>".repeat(400_000),
            format!("{}{}", "<i>".repeat(100), "<p>".repeat(500_000)),
            "<div><span>12.99".repeat(300_000),
            format!("<div{attributes}>"),
        ];
        for page in pages {
            let nodes = Html::parse_document(&bounded(&page)).tree.nodes().count();
            assert!(nodes < 8_000_000, "{nodes} of {}", &page[..20]);
        }
    }

    #[test]
    fn a_page_cut_off_anywhere_and_of_any_letters_does_no_harm() {
        let page = "<div título='ñ\">é'><!--é--><script>é</scr<ü></script><b ñ=\"é";
        for end in (0..=page.len()).filter(|end| page.is_char_boundary(*end)) {
            let kept = bounded(&page[..end]);
            assert!(kept.len() <= end);
        }
    }
}
