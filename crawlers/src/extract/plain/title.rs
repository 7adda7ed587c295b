//! The heading that names the page's product.

use std::collections::HashSet;

use ego_tree::NodeId;
use scraper::{ElementRef, Node};
use url::Url;

use super::clues::{self, Clues};
use super::offered;
use super::scan::{Heading, NOT_READ, Scan};
use super::shop::Shop;
use super::words;
use crate::extract::document::Page;
use crate::extract::price::{self, Evidence};
use crate::extract::structured::squeezed;
use crate::extract::text::{text_of, tidy, title_parts};
use crate::listing::MAX_TITLE;

/// How much it counts that a heading stands in the page's address: more than that
/// another is what the page calls itself, for that may be the shop's name.
const BY_SLUG: i32 = 24;

/// How much more it counts to be all that the page calls itself first: more than to be the
/// only heading of the first level, which may be that of a whole part of the shop.
const BY_FIRST_NAME: i32 = 6;

/// How much it counts against a heading that all of it leads to another page.
const BY_WAY: i32 = 20;

/// How much it counts against a heading that it is the shop's, where another names the product.
const BY_SHOP: i32 = 40;

/// How many nodes of a heading are looked at.
const MAX_NODES: usize = 200;

/// The title and where it stands.
pub(super) struct Title {
    pub(super) text: String,
    pub(super) order: usize,
    /// Stands itself in what looks like one box of many.
    pub(super) in_card: bool,
    /// The elements it stands in. What of these is called a description is the whole
    /// box of the product.
    pub(super) around: HashSet<NodeId>,
    /// An article number in it, by the name of what holds that.
    pub(super) number: Option<String>,
    /// Stands in such a box.
    pub(super) in_description: bool,
}

/// The heading most like what the page calls itself.
pub(super) fn choose(
    page: &Page,
    scan: &Scan<'_>,
    url: &Url,
    evidence: &Evidence<'_>,
) -> Option<Title> {
    let slug = slug(url);
    let names = scan.names.as_slice();
    let whole = squeezed(&page.title);
    let shop = Shop::of(page, scan, url, &whole);
    let best = scan
        .headings
        .iter()
        .map(|heading| {
            let is_in_frame = heading.clues.has(Clues::FRAME.with(Clues::DECORATION));
            let by_name = if !is_in_frame && heading.is_name {
                BY_FIRST_NAME
            } else {
                0
            };
            let by_slug = if is_in_slug(&heading.text, &slug) {
                BY_SLUG
            } else {
                0
            };
            let by_way = if leads_elsewhere(heading, url) {
                BY_WAY
            } else {
                0
            };
            let by_shop = if shop.is_headed(heading) { BY_SHOP } else { 0 };
            (
                heading,
                likelihood(heading, names, &whole) + by_name + by_slug - by_way - by_shop,
            )
        })
        .filter(|(_, score)| *score >= 20)
        .max_by_key(|(heading, score)| (*score, std::cmp::Reverse(heading.order)))
        .map(|(heading, _)| heading)
        .or_else(|| above_the_button(scan, names))
        .or_else(|| scan.called.first())
        .or_else(|| offered::name(scan, url, evidence))?;
    let number = number_in(best);
    let mut text = wording(best, names, &whole);
    if let Some(name) = number
        .as_ref()
        .and_then(|it| text.strip_suffix(it.as_str()))
    {
        text = name.trim_end().to_owned();
    }
    Some(Title {
        text,
        order: best.order,
        in_card: best.clues.has(Clues::CARD),
        around: best.element.ancestors().map(|above| above.id()).collect(),
        in_description: best.clues.has(Clues::DESCRIPTION),
        number,
    })
}

/// Whether an element is called a number: `<span class="code">`.
fn is_called_number(element: ElementRef<'_>) -> bool {
    const CALLED: [&str; 5] = ["code", "sku", "reference", "ref", "mpn"];
    let names = element.value().classes().chain(element.value().id());
    names.take(20).any(|name| {
        let mut words = name.split(['-', '_']);
        words.any(|word| CALLED.contains(&word))
    })
}

/// Whether nothing but elements called a number stands in an element beside its own text.
pub(super) fn has_number(element: ElementRef<'_>) -> bool {
    let inner = element.children().filter_map(ElementRef::wrap);
    let mut inner = inner.take(MAX_NODES).peekable();
    inner.peek().is_some() && inner.all(is_called_number)
}

/// The text of an element in a heading that is called a number.
fn number_in(heading: &Heading<'_>) -> Option<String> {
    // The name may be an element of its own beside it.
    let around = heading.element.ancestors().filter_map(ElementRef::wrap);
    let mut around = around.filter(|above| above.value().name() == "h1");
    let element = around.next().unwrap_or(heading.element);
    let nodes = element.descendants().skip(1).take(MAX_NODES);
    let elements = nodes.filter_map(ElementRef::wrap);
    let numbers = elements.filter(|it| is_called_number(*it)).map(|element| {
        let text = tidy(&text_of(element), MAX_TITLE);
        text.trim_matches(['(', ')', '[', ']', ' ']).to_owned()
    });
    // The first may be its label.
    let mut numbers = numbers.filter(|it| it.chars().any(char::is_numeric));
    let number = numbers.next()?;
    (number != heading.text && words::is_number(&number)).then_some(number)
}

/// Whether all of a heading is a link to another page: the last part of a product's address is
/// the same under each of its categories.
pub(super) fn leads_elsewhere(heading: &Heading<'_>, url: &Url) -> bool {
    link_of(heading)
        .and_then(|href| url.join(href).ok())
        .is_some_and(|to| matches!(to.scheme(), "http" | "https") && slug(&to) != slug(url))
}

/// Where all of a heading leads.
pub(super) fn link_of<'p>(heading: &Heading<'p>) -> Option<&'p str> {
    let nodes = heading.element.descendants().take(MAX_NODES);
    let mut links = nodes
        .filter_map(ElementRef::wrap)
        .filter(|it| it.value().name() == "a");
    let link = links.next()?;
    let is_all = tidy(&text_of(link), MAX_TITLE) == heading.text;
    link.attr("href").filter(|_| is_all)
}

/// On a page without a name and without a heading of the first level: the highest
/// heading before what buys, of several the nearest.
fn above_the_button<'s, 'p>(scan: &'s Scan<'p>, names: &[String]) -> Option<&'s Heading<'p>> {
    if !names.is_empty() || scan.headings.iter().any(|heading| heading.level == 1) {
        return None;
    }
    let elsewhere = NOT_READ.with(Clues::HIDDEN).with(Clues::REVIEW);
    let buy = scan
        .buttons
        .iter()
        .find(|button| !button.clues.has(elsewhere) && clues::is_buying(&button.text))?;
    scan.headings
        .iter()
        .filter(|heading| heading.order < buy.order && likelihood(heading, names, "") > 0)
        .filter(|heading| !heading.clues.has(elsewhere))
        .min_by_key(|heading| (heading.level, std::cmp::Reverse(heading.order)))
}

/// What a page calls itself, squeezed: the name that it gives to those who link to it,
/// then the parts of its title.
pub(super) fn names_of(page: &Page) -> Vec<String> {
    let linked = page.meta("og:title");
    let linked = linked.iter().map(|title| squeezed(title));
    linked
        .chain(title_parts(&page.title).map(squeezed))
        .collect()
}

/// "Pan" of "Shop: Pan", squeezed, if nothing else parts the page's title. It may as well be a
/// part of a name, so it is looked for only where no heading says one.
pub(super) fn behind_colon(page: &Page) -> Option<String> {
    let mut parts = title_parts(&page.title);
    let (only, None) = (parts.next()?, parts.next()) else {
        return None;
    };
    let (_, behind) = only.split_once(": ")?;
    Some(squeezed(behind)).filter(|name| !name.is_empty())
}

/// The last part of an address, in which most shops write the product's name.
fn slug(url: &Url) -> String {
    let mut parts = url.path().rsplit('/').filter(|part| !part.is_empty());
    squeezed(parts.next().unwrap_or_default())
}

/// Whether a text is all of a slug, or what it begins or ends with.
fn is_in_slug(text: &str, slug: &str) -> bool {
    const SHORTEST: usize = 6;
    if slug.len() < SHORTEST || text.len() > MAX_TITLE {
        return false;
    }
    let text = squeezed(text);
    text.len() >= SHORTEST && (slug.starts_with(&text) || slug.ends_with(&text))
}

fn likelihood(heading: &Heading<'_>, names: &[String], whole: &str) -> i32 {
    let text = squeezed(&heading.text);
    let length = heading.text.chars().count();
    let is_price = length < 20 && price::parse(&heading.text, None, None).symbol.is_some();
    if text.is_empty() || is_price || length > 300 {
        return 0;
    }
    let mut score = match heading.level {
        1 => 30,
        2 => 10,
        3 => 5,
        4 => 12,
        _ => 3,
    };
    let is_name = |text: &String| names.contains(&squeezed(text));
    // A shop's own name is in every title too, and short.
    if names.contains(&text) || parts(heading.element).iter().any(is_name) {
        score += 20;
    } else if text.chars().count() >= 4 && whole.contains(&text) {
        score += 14;
    } else {
        score += by_part(&text, names);
    }
    if heading.clues.has(Clues::TITLE) {
        score += 6;
    }
    if heading.clues.has(Clues::FRAME.with(Clues::DECORATION)) {
        score -= 25;
    }
    if heading
        .clues
        .has(Clues::RELATED.with(Clues::HIDDEN).with(Clues::REVIEW))
    {
        score -= 40;
    }
    if heading.clues.has(Clues::CARD) && heading.level != 1 {
        score -= 15;
    }
    score
}

/// How much it counts that a heading holds a name of the page.
fn by_part(text: &str, names: &[String]) -> i32 {
    let is_held = |name: &String| name.chars().count() >= 4 && text.contains(name.as_str());
    // With a number behind it, or a part of many words.
    let is_most = |name: &String| name.len() * 2 >= text.len();
    if names
        .iter()
        .any(|name| is_held(name) && is_most(name) && text.starts_with(name.as_str()))
    {
        return 12;
    }
    // A shop's name is in much of what it says.
    let first = names.first();
    let counts = |name: &String| is_held(name) && (is_most(name) || first == Some(name));
    if names.iter().any(counts) { 8 } else { 0 }
}

/// The heading's text without a model number or subtitle set smaller in it,
/// if the page's own title has it that way.
fn wording(heading: &Heading<'_>, names: &[String], whole: &str) -> String {
    let full = tidy(&text_of(heading.element), MAX_TITLE);
    let mut wordings = vec![full.clone()];
    wordings.extend(parts(heading.element));
    let is_known = |text: &&String| {
        let text = squeezed(text);
        text.chars().count() >= 3 && (whole.contains(&text) || names.contains(&text))
    };
    let is_name =
        |name: &str| wordings.iter().any(|known| known == name) || names.contains(&squeezed(name));
    let longest = wordings
        .iter()
        .filter(is_known)
        .max_by_key(|text| text.chars().count());
    let numbered = || {
        let mut named = wordings
            .iter()
            .map(|text| (text, without_number(text, is_name)));
        named.find_map(|(text, name)| (name.len() < text.len()).then(|| name.to_owned()))
    };
    let title = longest.cloned().or_else(numbered).unwrap_or(full);
    without_number(&title, is_name).to_owned()
}

/// "Belt" of "Belt [BT-35]", where that is known to be the name.
pub(crate) fn without_number(title: &str, is_name: impl Fn(&str) -> bool) -> &str {
    let number = [(" [", ']'), (" (", ')')].into_iter();
    number
        .filter(|(_, end)| title.ends_with(*end))
        .find_map(|(start, _)| title.rsplit_once(start))
        .map(|(name, _)| name)
        .filter(|name| is_name(name))
        .unwrap_or(title)
}

/// What a heading may call the product: its text, that before a line break, that without small
/// print.
pub(super) fn names_in(heading: &Heading<'_>) -> Vec<String> {
    let mut names = parts(heading.element);
    names.push(heading.text.clone());
    names
}

/// The text before a line break, and that without small print.
pub(super) fn parts(heading: ElementRef<'_>) -> Vec<String> {
    let mut first_line = String::new();
    let mut unbroken = true;
    let mut without_small = String::new();
    for node in heading.descendants().take(MAX_NODES) {
        match node.value() {
            Node::Element(element) if element.name() == "br" => unbroken = false,
            Node::Text(text) => {
                if unbroken {
                    first_line.push_str(text);
                }
                let is_small = node
                    .ancestors()
                    .take(6)
                    .filter_map(ElementRef::wrap)
                    .any(|above| {
                        above.id() != heading.id()
                            && matches!(above.value().name(), "small" | "sup" | "sub" | "span")
                    });
                if !is_small {
                    without_small.push_str(text);
                }
            }
            _ => {}
        }
    }
    vec![
        tidy(&first_line, MAX_TITLE),
        tidy(&without_small, MAX_TITLE),
    ]
}
