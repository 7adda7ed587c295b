//! What a visitor would read of a page, found in one pass over its source.
//!
//! Not a parser: every page that is fetched is looked at, so a tree is not
//! built. Time and memory grow with the length of the source, never faster.

use memchr::memchr;

use super::markup::{Tag, closing, end_of_tag, entities, head};

/// How much of what a visitor reads is kept, in bytes.
const MAX_TEXT: usize = 16 * 1024;
const MAX_HEADING: usize = 400;
const MAX_HEADINGS: usize = 12;
/// More products than this are a list, such as recommendations.
const MAX_PRODUCTS: usize = 2;

/// Elements of which a visitor reads nothing, or nothing that the page says.
const CLOSED: [&str; 5] = ["script", "style", "template", "textarea", "svg"];

/// What matters of a page. Texts are in lower case, white space made one space.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Page {
    pub(super) title: String,
    /// First those of level 1, then of 2 and 3, in order.
    pub(super) headings: Vec<String>,
    /// The beginning of all a visitor reads.
    pub(super) text: String,
    /// How many characters a visitor reads in all.
    pub(super) length: usize,
    /// It carries one product in structured data.
    pub(super) product: bool,
    /// A sum of money stands in the text.
    pub(super) priced: bool,
    /// Something can be put into a basket.
    pub(super) cart: bool,
    /// A password can be entered.
    pub(super) password: bool,
    /// It asks not to be indexed.
    pub(super) noindex: bool,
    /// `rel=canonical` and `og:url`.
    pub(super) calls_itself: Vec<String>,
}

#[derive(Default)]
struct Scan {
    page: Page,
    raw_text: String,
    minor_headings: Vec<String>,
    /// The heading or title being read, and its level (0 for the title).
    open: Option<(u8, String)>,
    products: usize,
}

impl Page {
    pub(super) fn scan(html: &str) -> Self {
        let mut scan = Scan::default();
        scan.walk(html);
        scan.finish()
    }

    pub(super) fn plain(text: &str) -> Self {
        let mut scan = Scan::default();
        scan.text(text);
        scan.finish()
    }
}

impl Scan {
    fn walk(&mut self, html: &str) {
        let bytes = html.as_bytes();
        let mut at = 0;
        while let Some(start) = memchr(b'<', &bytes[at..]).map(|found| at + found) {
            self.text(&html[at..start]);
            let rest = &html[start..];
            if let Some(comment) = rest.strip_prefix("<!--") {
                let Some(end) = comment.find("-->") else {
                    return;
                };
                at = start + 4 + end + 3;
                continue;
            }
            if !rest[1..]
                .starts_with(|c: char| c.is_ascii_alphabetic() || matches!(c, '/' | '!' | '?'))
            {
                self.text("<");
                at = start + 1;
                continue;
            }
            let Some(end) = end_of_tag(rest) else { return };
            let tag = Tag::of(&rest[1..end]);
            at = start + end + 1;
            if CLOSED.contains(&tag.name.as_str()) {
                let inside = &html[at..];
                let end = closing(inside, &tag.name).unwrap_or(inside.len());
                if tag.name == "script" {
                    self.script(&tag, &inside[..end]);
                }
                at += end;
                continue;
            }
            self.tag(&tag);
        }
        self.text(&html[at..]);
    }

    fn text(&mut self, text: &str) {
        if text.is_empty() {
            return;
        }
        match &mut self.open {
            Some((_, heading)) if heading.len() < MAX_HEADING => heading.push_str(text),
            _ => {}
        }
        if !matches!(self.open, Some((0, _))) {
            self.page.length += read_length(text);
            if self.raw_text.len() < MAX_TEXT {
                self.raw_text.push_str(head(text, MAX_TEXT));
            }
        }
    }

    fn tag(&mut self, tag: &Tag<'_>) {
        match tag.name.as_str() {
            "title" => self.open_heading(0),
            "h1" => self.open_heading(1),
            "h2" => self.open_heading(2),
            "h3" => self.open_heading(3),
            "/title" | "/h1" | "/h2" | "/h3" => self.close_heading(),
            "input" => {
                let is = |kind: &str| {
                    tag.attr("type")
                        .is_some_and(|t| t.eq_ignore_ascii_case(kind))
                };
                self.page.password |= is("password");
            }
            "form" => {
                let action = tag.attr("action").unwrap_or_default().to_ascii_lowercase();
                let baskets = [
                    "cart",
                    "basket",
                    "checkout",
                    "warenkorb",
                    "panier",
                    "carrito",
                    "carrello",
                    "winkelwagen",
                    "koszyk",
                ];
                self.page.cart |= baskets.iter().any(|word| action.contains(word));
            }
            "link" if is_canonical(tag) => self.calls_itself(tag.attr("href")),
            "meta" => self.meta(tag),
            _ => {}
        }
        let kinds = ["itemtype", "typeof"]
            .into_iter()
            .filter_map(|name| tag.attr(name));
        if kinds.into_iter().any(is_product_type) {
            self.products += 1;
        }
        // What stands in two elements is not one word.
        if self.raw_text.len() < MAX_TEXT {
            self.raw_text.push(' ');
        }
        if let Some((_, heading)) = &mut self.open
            && tag.name == "br"
        {
            heading.push(' ');
        }
    }

    fn open_heading(&mut self, level: u8) {
        self.close_heading();
        self.open = Some((level, String::new()));
    }

    fn close_heading(&mut self) {
        let Some((level, text)) = self.open.take() else {
            return;
        };
        let text = tidy(&text);
        if text.is_empty() {
            return;
        }
        match level {
            0 if self.page.title.is_empty() => self.page.title = text,
            0 => {}
            1 if self.page.headings.len() < MAX_HEADINGS => self.page.headings.push(text),
            _ if self.minor_headings.len() < MAX_HEADINGS => self.minor_headings.push(text),
            _ => {}
        }
    }

    fn meta(&mut self, tag: &Tag<'_>) {
        let name = tag.attr("property").or_else(|| tag.attr("name"));
        let name = name.unwrap_or_default().to_ascii_lowercase();
        let content = tag.attr("content").unwrap_or_default();
        match name.as_str() {
            "robots" => self.page.noindex |= content.to_ascii_lowercase().contains("noindex"),
            "og:url" => self.calls_itself(Some(content)),
            "og:type" => self.page.product |= content.to_ascii_lowercase().contains("product"),
            "product:price:amount" | "og:price:amount" => self.page.product = true,
            _ => {}
        }
    }

    fn calls_itself(&mut self, link: Option<&str>) {
        if let Some(link) = link
            && self.page.calls_itself.len() < 4
            && link.len() <= 2_083
        {
            self.page.calls_itself.push(entities(link.trim()));
        }
    }

    fn script(&mut self, tag: &Tag<'_>, content: &str) {
        self.page.product |= is_product_data(tag, content);
    }

    fn finish(mut self) -> Page {
        self.close_heading();
        let mut page = self.page;
        page.headings.append(&mut self.minor_headings);
        page.headings.truncate(MAX_HEADINGS);
        page.text = tidy(&self.raw_text);
        page.priced = is_priced(&page.text);
        page.product |= (1..=MAX_PRODUCTS).contains(&self.products);
        page
    }
}

/// Whether a page states a product in JSON-LD, which most that have one do and which
/// is found without reading all of it. What stands in comments and in [`CLOSED`]
/// elements is not stated, as in [`Page::scan`].
pub(super) fn states_product(html: &str) -> bool {
    let mut rest = html;
    while let Some(start) = memchr(b'<', rest.as_bytes()) {
        rest = &rest[start..];
        if let Some(comment) = rest.strip_prefix("<!--") {
            let Some(end) = comment.find("-->") else {
                return false;
            };
            rest = &comment[end + 3..];
            continue;
        }
        let begins = |name: &str| {
            let word = rest.as_bytes().get(1..=name.len());
            word.is_some_and(|word| word.eq_ignore_ascii_case(name.as_bytes()))
        };
        if !CLOSED.iter().any(|name| begins(name)) {
            rest = &rest[1..];
            continue;
        }
        let Some(end) = end_of_tag(rest) else {
            return false;
        };
        let tag = Tag::of(&rest[1..end]);
        rest = &rest[end + 1..];
        if !CLOSED.contains(&tag.name.as_str()) {
            continue;
        }
        let length = closing(rest, &tag.name).unwrap_or(rest.len());
        if tag.name == "script" && is_product_data(&tag, &rest[..length]) {
            return true;
        }
        rest = &rest[length..];
    }
    false
}

/// Whether a script is JSON-LD with a product, and no list of them.
fn is_product_data(tag: &Tag<'_>, content: &str) -> bool {
    let kind = tag.attr("type").unwrap_or_default();
    if !kind.to_ascii_lowercase().contains("ld+json") {
        return false;
    }
    let content: String = content
        .to_ascii_lowercase()
        .split_ascii_whitespace()
        .collect();
    let types: Vec<&str> = content
        .split("\"@type\":")
        .skip(1)
        .filter_map(|rest| {
            let rest = rest.strip_prefix('[').unwrap_or(rest).strip_prefix('"')?;
            let rest = rest
                .strip_prefix("https://")
                .or_else(|| rest.strip_prefix("http://"))
                .unwrap_or(rest);
            let rest = rest.strip_prefix("schema.org/").unwrap_or(rest);
            rest.split_once('"').map(|(kind, _)| kind)
        })
        .collect();
    let is_product = |kind: &&str| {
        matches!(
            *kind,
            "product" | "productgroup" | "individualproduct" | "vehicle" | "book"
        )
    };
    types.iter().any(is_product) && !types.contains(&"itemlist")
}

fn is_canonical(tag: &Tag<'_>) -> bool {
    let rel = tag.attr("rel");
    rel.is_some_and(|rel| rel.eq_ignore_ascii_case("canonical"))
}

fn is_product_type(value: &str) -> bool {
    let value = value.to_ascii_lowercase();
    value.split_ascii_whitespace().any(|kind| {
        matches!(
            kind.rsplit(['/', ':', '#']).next(),
            Some("product" | "productgroup" | "individualproduct")
        )
    })
}

/// How many characters a visitor reads: runs of white space are one.
fn read_length(text: &str) -> usize {
    text.split_whitespace()
        .map(|word| word.chars().count() + 1)
        .sum()
}

/// Entities read, lower case, one space for white space, straight apostrophes.
fn tidy(text: &str) -> String {
    let text = entities(text).to_lowercase().replace(['’', '‘', 'ʼ'], "'");
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A currency sign or code beside a digit.
fn is_priced(text: &str) -> bool {
    let is_digit = |c: Option<char>| c.is_some_and(|c| c.is_ascii_digit());
    let mut signs = text.match_indices(['$', '€', '£', '¥', '₹', '₽', '₩', '฿', '円', '元']);
    let by_sign = |(at, sign): (usize, &str)| {
        is_digit(text[..at].trim_end().chars().next_back())
            || is_digit(text[at + sign.len()..].trim_start().chars().next())
    };
    signs.any(by_sign)
        || ["usd", "eur", "gbp", "chf", "pln", "zł", "kr", "руб", "tl"]
            .iter()
            .any(|code| {
                text.match_indices(code).any(|(at, code)| {
                    let alone = |c: Option<char>| c.is_none_or(|c| !c.is_alphanumeric());
                    is_digit(text[..at].trim_end().chars().next_back())
                        && alone(text[at + code.len()..].chars().next())
                })
            })
}
