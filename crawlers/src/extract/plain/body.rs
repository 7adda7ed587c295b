//! The text of a box called a description, without what stands around that in the box: the
//! name of its tab above, properties and links below.

use scraper::{ElementRef, Node};

use super::clues;
use super::words;
use crate::extract::structured::squeezed;
use crate::extract::text::{text_of, tidy};
use crate::listing::MAX_DESCRIPTION;

/// How much must be left, in characters: less is no description.
const MIN_LEFT: usize = 20;
/// The longest heading, in bytes.
const MAX_HEADING: usize = 160;
/// How many boxes may stand in one another.
const MAX_DEPTH: usize = 8;
/// How many parts of a box, or of a list in it, are looked at.
const MAX_PARTS: usize = 400;

/// What is left of a box of the product of this name; none where nothing is left out.
pub(super) fn of(element: ElementRef<'_>, name: Option<&str>) -> Option<String> {
    let name = name.map(squeezed).filter(|name| name.chars().count() >= 4);
    let mut left = parts_of(element)?;
    let mut is_shorter = false;
    for _ in 0..MAX_DEPTH {
        let before = left.len();
        let heads = left
            .iter()
            .take_while(|part| heads(**part, name.as_deref()));
        left.drain(..heads.count());
        while left.last().is_some_and(|last| is_appended(*last)) {
            left.pop();
            // The heading of the list that was there.
            if left.len() > 1 && left.last().is_some_and(|last| is_heading(*last)) {
                left.pop();
            }
        }
        is_shorter |= left.len() < before;
        let [only] = left.as_slice() else { break };
        let Some(inner) = parts_of(*only) else { break };
        left = inner;
    }
    let texts: Vec<String> = left.iter().map(|part| text_of(*part)).collect();
    let text = tidy(&texts.join(" "), MAX_DESCRIPTION);
    (is_shorter && text.chars().count() >= MIN_LEFT).then_some(text)
}

/// The elements that a box consists of; none where text of its own stands between them.
fn parts_of(element: ElementRef<'_>) -> Option<Vec<ElementRef<'_>>> {
    let mut parts = Vec::new();
    for node in element.children().take(MAX_PARTS) {
        match node.value() {
            Node::Text(text) if !text.trim().is_empty() => return None,
            Node::Element(_) => parts.extend(ElementRef::wrap(node)),
            _ => {}
        }
    }
    (!parts.is_empty()).then_some(parts)
}

fn is_heading(element: ElementRef<'_>) -> bool {
    let mut classes = element.value().classes();
    let mut is_called =
        || classes.any(|class| class.contains("title") || class.contains("heading"));
    matches!(element.value().name(), "h2" | "h3" | "h4" | "h5" | "h6")
        || element.value().name() == "div" && is_called()
}

/// Whether a part at the beginning says what follows: a tab's name, or "Product information"
/// and the name of the product, or tabs.
fn heads(element: ElementRef<'_>, name: Option<&str>) -> bool {
    let text = tidy(&text_of(element), MAX_HEADING + 1);
    if text.len() > MAX_HEADING {
        return false;
    }
    if is_heading(element) {
        let is_named = || name.is_some_and(|name| squeezed(&text).ends_with(name));
        return clues::is_description_tab(&text) || is_named();
    }
    element.value().name() == "ul" && are_links(element) || are_tabs(element)
}

/// Whether an element holds the names of tabs and nothing else: short ones, that of the
/// description among them.
fn are_tabs(element: ElementRef<'_>) -> bool {
    const LONGEST: usize = 40;
    let tabs = parts_of(element).unwrap_or_default();
    let names: Vec<String> = tabs
        .iter()
        .map(|tab| tidy(&text_of(*tab), 2 * LONGEST))
        .collect();
    let is_name = |tab: &ElementRef<'_>, name: &String| {
        matches!(tab.value().name(), "li" | "button" | "a" | "span" | "div")
            && name.chars().count() <= LONGEST
    };
    let are_names = tabs
        .iter()
        .zip(&names)
        .all(|(tab, name)| is_name(tab, name));
    names.len() > 1 && are_names && names.iter().any(|name| clues::is_description_tab(name))
}

/// Whether a part at the end is a table or list of names and values, or of links, be it below a
/// heading, or buttons that tell others of the page.
fn is_appended(element: ElementRef<'_>) -> bool {
    match element.value().name() {
        "dl" => true,
        "table" => is_of_pairs(element),
        "ul" | "ol" => are_links(element) || names_values(element),
        "div" | "section" => {
            let inside = || match parts_of(element).as_deref() {
                Some([only]) => is_appended(*only),
                Some([first, list]) => is_heading(*first) && is_appended(*list),
                _ => false,
            };
            shares(element) || are_pairs(element) || inside()
        }
        _ => false,
    }
}

/// Whether a box is called after sharing what stands on the page.
fn shares(element: ElementRef<'_>) -> bool {
    let mut classes = element.value().classes();
    classes.any(|class| class.to_ascii_lowercase().contains("share"))
}

/// Whether each part of a box is a short name and a value beside it.
fn are_pairs(element: ElementRef<'_>) -> bool {
    const LONGEST: usize = 40;
    let is_short = |part: ElementRef<'_>| {
        let text = tidy(&text_of(part), 2 * LONGEST);
        let is_sentence = text.ends_with(['.', '!', '?', '。']);
        let is_other = part.value().name() == "p" || is_heading(part);
        !is_other && text.chars().count() <= LONGEST && !is_sentence
    };
    let is_pair = |row: &ElementRef<'_>| match parts_of(*row).as_deref() {
        Some([name, value]) => is_short(*name) && is_short(*value),
        _ => false,
    };
    parts_of(element).is_some_and(|rows| rows.iter().all(is_pair))
}

/// Whether each row of a table has a short name and a value.
fn is_of_pairs(table: ElementRef<'_>) -> bool {
    const MAX_NAME: usize = 60;
    let elements = table.descendants().take(MAX_PARTS);
    let rows = elements.filter_map(ElementRef::wrap);
    let mut rows = rows.filter(|row| row.value().name() == "tr").peekable();
    rows.peek().is_some()
        && rows.all(|row| {
            let cells: Vec<_> = row.child_elements().take(3).collect();
            matches!(cells.as_slice(), [name, _] if text_of(*name).trim().len() <= MAX_NAME)
        })
}

/// Whether a list says nothing but where to go.
fn are_links(list: ElementRef<'_>) -> bool {
    let mut items = list.child_elements().take(MAX_PARTS).peekable();
    items.peek().is_some()
        && items.all(|item| {
            let parts = parts_of(item);
            parts.is_some_and(|parts| parts.iter().all(|part| part.value().name() == "a"))
        })
}

/// Whether all of a list are names and values, and one is of those that stand beside products.
fn names_values(list: ElementRef<'_>) -> bool {
    let items = list.child_elements().take(MAX_PARTS);
    let texts: Vec<String> = items
        .map(|item| tidy(&text_of(item), MAX_HEADING))
        .collect();
    let is_pair = |text: &String| text.contains([':', '：']);
    texts.iter().all(is_pair) && texts.iter().any(|text| words::is_labelled(text))
}
