//! The name of what a page offers, where neither its title nor a heading says it.
//!
//! Some shops give all pages one title and set the name in a table's cell or a small heading.
//! Such a page is named only if it plainly offers one thing, and only by words that it says
//! twice: any other rule would name it after whatever is printed in bold.

use ego_tree::NodeRef;
use scraper::{ElementRef, Node};
use url::Url;

use super::clues::{self, Clues};
use super::scan::{Button, Heading, NOT_READ, Scan};
use super::{asked, labels, stock, words};
use crate::extract::price::{self, Evidence};
use crate::extract::structured::squeezed;
use crate::extract::text::tidy;
use crate::listing::MAX_TITLE;

/// How many elements may stand between the name and the price, and between the price and
/// what buys.
const MOST_BETWEEN: usize = 30;
/// The fewest letters of a name that is known by being said twice.
const SHORTEST: usize = 4;
/// How far above a text a link may be.
const MOST_ABOVE: usize = 6;
/// Where no name stands.
const ELSEWHERE: Clues = NOT_READ
    .with(Clues::HIDDEN)
    .with(Clues::REVIEW)
    .with(Clues::DECORATION);

/// The last text set off before the only price and the only button, if the page says it
/// once more and no link to another page does.
pub(super) fn name<'s, 'p>(
    scan: &'s Scan<'p>,
    url: &Url,
    evidence: &Evidence<'_>,
) -> Option<&'s Heading<'p>> {
    let buy = only_button(scan)?;
    let (price, _) = asked::choose(scan, 0, Some(buy), false, None, evidence);
    let (_, _, price) = price?;
    let counts = scan.asks_quantity || stock::choose(scan, price, price, None, false).is_some();
    if !counts || buy.order.abs_diff(price) > MOST_BETWEEN {
        return None;
    }
    let set_off = scan.headings.iter().chain(&scan.set_off);
    let nearest = set_off
        .filter(|text| text.order < price && price - text.order <= MOST_BETWEEN)
        .filter(|text| !text.clues.has(ELSEWHERE) && may_name(&text.text))
        .max_by_key(|text| text.order)?;
    is_said_again(nearest, url).then_some(nearest)
}

/// The one button of the page that buys; of a list there are several.
fn only_button<'s>(scan: &'s Scan<'_>) -> Option<&'s Button> {
    let is_own = |button: &&Button| !button.clues.has(ELSEWHERE) && button.buys;
    let mut buttons = scan.buttons.iter().filter(is_own);
    let first = buttons.next()?;
    buttons.next().is_none().then_some(first)
}

/// Whether a text is set off from those around it, alone in its element.
pub(super) fn is_set_off(element: ElementRef<'_>) -> bool {
    let is_bold = |element: ElementRef<'_>| {
        let large = || {
            element
                .attr("size")
                .is_some_and(|size| size.contains(['+', '4', '5', '6']))
        };
        match element.value().name() {
            "b" | "strong" | "big" => true,
            "font" => large(),
            _ => false,
        }
    };
    let parent = element.parent().and_then(ElementRef::wrap);
    is_bold(element) || parent.is_some_and(is_bold)
}

/// Whether a text may be a name, and not a label, a number, a price or a word on stock.
fn may_name(text: &str) -> bool {
    let length = squeezed(text).chars().count();
    let lower = text.to_lowercase();
    let lower = lower.trim_end_matches([':', '：', ' ']);
    let is_label = text.ends_with([':', '：'])
        || [
            labels::PRICE_LABELS,
            labels::OTHER_LABELS,
            words::NUMBER,
            words::BRAND,
        ]
        .iter()
        .any(|labels| labels.contains(&lower));
    let is_number = !text.contains(char::is_whitespace)
        && text.contains(|c: char| c.is_ascii_digit())
        && words::is_number(text);
    (SHORTEST..=MAX_TITLE).contains(&length)
        && !is_label
        && !is_number
        && !words::speaks_of_stock(text)
        && !clues::is_description_tab(text)
        && !clues::is_above_others(text)
        && !clues::is_cart_heading(text)
        && !clues::is_buying(text)
        && price::parse(text, None, None).symbol.is_none()
}

/// Whether a name stands elsewhere on the page too, as all of a text or before its colon, and
/// is not what a link calls another page.
fn is_said_again(name: &Heading<'_>, url: &Url) -> bool {
    let wanted = squeezed(&name.text);
    let root = name.element.tree().root();
    let said = root.descendants().filter(|node| {
        let is_own = || {
            node.ancestors()
                .any(|above| above.id() == name.element.id())
        };
        says(*node, &name.text, &wanted) && !is_own()
    });
    let mut again = false;
    for node in said {
        match link_around(node) {
            None => again |= is_of_page(node),
            Some(link) if leads_away(link, url) => {
                let all = link.text().collect::<String>();
                if tidy(&all, MAX_TITLE) == name.text {
                    return false;
                }
            }
            // A picture of the product, which leads to itself.
            Some(_) => again |= node.value().is_element(),
        }
    }
    again
}

/// Whether a text, or what stands for a picture, says a name.
fn says(node: NodeRef<'_, Node>, name: &str, wanted: &str) -> bool {
    match node.value() {
        Node::Text(text) => {
            let is_long = text.len() > name.len() * 4 + 200;
            let behind = || text.trim_start().strip_prefix(name);
            squeezed(text) == wanted && !is_long
                || behind().is_some_and(|behind| behind.trim_start().starts_with([':', '：']))
        }
        Node::Element(element) if element.name() == "img" => element
            .attr("alt")
            .is_some_and(|alt| squeezed(alt) == wanted),
        _ => false,
    }
}

fn link_around(node: NodeRef<'_, Node>) -> Option<ElementRef<'_>> {
    let above = node.ancestors().take(MOST_ABOVE);
    above
        .filter_map(ElementRef::wrap)
        .find(|element| element.value().name() == "a")
}

fn leads_away(link: ElementRef<'_>, url: &Url) -> bool {
    let to = link
        .attr("href")
        .filter(|href| super::ways::leads_elsewhere(href));
    to.and_then(|href| url.join(href).ok())
        .is_some_and(|to| to != *url)
}

/// Whether a text is one that readers see.
fn is_of_page(node: NodeRef<'_, Node>) -> bool {
    node.ancestors()
        .filter_map(|above| above.value().as_element())
        .all(|above| {
            !matches!(
                above.name(),
                "head" | "script" | "style" | "template" | "noscript" | "option" | "textarea"
            )
        })
}
