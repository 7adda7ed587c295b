//! What a page says of its product at length.

use ego_tree::NodeRef;
use scraper::{ElementRef, Node};

use super::bare;
use super::body;
use super::clues::{self, Clues};
use super::scan::Scan;
use super::texts;
use super::title::Title;
use super::words;
use crate::extract::document::Page;
use crate::extract::price;
use crate::extract::text::{text_of, tidy};
use crate::listing::MAX_DESCRIPTION;

/// How long an unnamed paragraph must be to describe, in characters.
const MIN_PARAGRAPH: usize = 50;
/// How many elements behind the heading it may begin.
const MAX_APART: usize = 150;
/// How many paragraphs before and after it may belong to one.
const MOST_PARAGRAPHS: usize = 40;

/// The longest text that is called a description; else the paragraph behind
/// the heading, if it is more than a note.
pub(super) fn choose(page: &Page, scan: &Scan<'_>, heading: Option<&Title>) -> Option<String> {
    let anchor = heading.map_or(0, |heading| heading.order);
    let is_box = |element: &&ElementRef<'_>| {
        heading.is_some_and(|heading| heading.around.contains(&element.id()))
    };
    let text = |element: &ElementRef<'_>| {
        if let Some(text) = body::of(*element, heading.map(|heading| heading.text.as_str())) {
            return without_heading(&text).to_owned();
        }
        let text = tidy(&text_of(*element), MAX_DESCRIPTION);
        let text = without_first_heading(*element, &text);
        without_heading(text).to_owned()
    };
    let length = |text: &String| text.chars().count();
    let tabbed = in_tabs(page, &scan.described);
    let called = scan.descriptions.iter().chain(&tabbed);
    let called = called.filter(|element| !is_box(element));
    let called = called.map(|element| match element.value().name() {
        // One of several that a heading stands above.
        "p" => without_heading(&paragraphs_around(*element)).to_owned(),
        _ => text(element),
    });
    let is_title = |text: &str| heading.is_some_and(|heading| heading.text == text);
    let called = called
        .filter(|text| length(text) > 20 && !is_legal_line(text) && !is_title(text))
        .max_by_key(length);
    let behind = || {
        let near = |order: usize| order >= anchor && order - anchor <= MAX_APART;
        let is_said = |text: &str| said_at_length(text) >= MIN_PARAGRAPH && !is_legal_line(text);
        let is_whole = |element: &ElementRef<'_>| {
            is_said(&text(element))
                || paragraphs_of_box(*element).is_some_and(|whole| is_said(&whole))
        };
        let near = scan.paragraphs.iter().filter(|(order, _)| near(*order));
        let is_price = |element: ElementRef<'_>| clues::of(element).has(Clues::PRICE);
        let is_free = |element: ElementRef<'_>| !asks(element) && !is_price(element);
        let mut said = near.filter(|(_, element)| is_free(*element) && is_whole(element));
        let (at, first) = said.next()?;
        let said = without_heading(&paragraphs_around(*first)).to_owned();
        Some(said_again(scan, *at, &said).unwrap_or(said))
    };
    let in_a_box = || {
        let near = |order: usize| order >= anchor && order - anchor <= MAX_APART;
        let boxes = scan.texts.iter().filter(|(order, _)| near(*order));
        let mut boxes = boxes.map(|(_, element)| element);
        let first = boxes.find(|element| !is_box(element) && texts::describes(**element))?;
        Some(text(first))
    };
    let Some(called) = called else {
        let found = behind().or_else(in_a_box);
        return found.or_else(|| bare::behind(scan, anchor));
    };
    // A summary may be called so, and the whole stand behind it.
    let whole = behind().filter(|whole| whole.len() > called.len() && whole.starts_with(&called));
    Some(whole.unwrap_or(called))
}

/// Paragraphs elsewhere that begin with what is said at a place, and go on.
fn said_again(scan: &Scan<'_>, place: usize, said: &str) -> Option<String> {
    let others = scan.paragraphs.iter();
    let others = others.filter(|(order, _)| *order != place);
    let mut again = others.filter(|(_, element)| {
        let text = tidy(&text_of(*element), MAX_DESCRIPTION);
        text.len() >= MIN_PARAGRAPH && said.starts_with(&text) || text.starts_with(said)
    });
    let whole = paragraphs_around(again.next()?.1);
    (whole.len() > said.len() && whole.starts_with(said)).then_some(whole)
}

/// The elements of these ids.
fn in_tabs<'a>(page: &'a Page, ids: &[String]) -> Vec<ElementRef<'a>> {
    if ids.is_empty() {
        return Vec::new();
    }
    let elements = page
        .dom
        .tree
        .root()
        .descendants()
        .filter_map(ElementRef::wrap);
    let is_one = |element: &ElementRef<'_>| {
        let id = element.value().id();
        id.is_some_and(|id| ids.iter().any(|known| known == id))
    };
    elements.filter(is_one).take(ids.len()).collect()
}

/// Whether something is to be filled in or chosen in an element.
fn asks(element: ElementRef<'_>) -> bool {
    const MOST_NODES: usize = 100;
    let mut within = element.descendants().take(MOST_NODES);
    within.any(|node| {
        let element = node.value().as_element();
        element.is_some_and(|e| matches!(e.name(), "select" | "input" | "textarea"))
    })
}

/// A paragraph with those beside it that go on with it.
fn paragraphs_around(one: ElementRef<'_>) -> String {
    if let Some(whole) = paragraphs_of_box(one) {
        return whole;
    }
    let mut before: Vec<String> = goes_on(one.prev_siblings()).collect();
    before.reverse();
    let mut text = String::new();
    let all = before.into_iter().chain([text_of(one)]);
    for paragraph in all.chain(goes_on(one.next_siblings())) {
        if text.len() + paragraph.len() > MAX_DESCRIPTION && !text.is_empty() {
            break;
        }
        text.push_str(&paragraph);
        text.push(' ');
    }
    tidy(&text, MAX_DESCRIPTION)
}

/// All paragraphs of a box with nothing else in it than them and a heading: short ones belong
/// to them too.
fn paragraphs_of_box(one: ElementRef<'_>) -> Option<String> {
    let parent = one.parent().and_then(ElementRef::wrap)?;
    let has_own_text = parent.children().any(|node| {
        let text = node.value().as_text();
        text.is_some_and(|text| !text.trim().is_empty())
    });
    if has_own_text || matches!(parent.value().name(), "body" | "main" | "form") {
        return None;
    }
    let mut texts: Vec<String> = Vec::new();
    for child in parent.child_elements() {
        match child.value().name() {
            "p" if texts.len() < MOST_PARAGRAPHS && describes(child) => {
                let text = text_of(child);
                let is_short = said_at_length(&text) < MIN_PARAGRAPH / 2;
                if is_short && (texts.is_empty() || words::is_labelled(&text)) {
                    return None;
                }
                texts.push(text);
            }
            "h2" | "h3" | "h4" if texts.is_empty() => {}
            "br" => {}
            _ => return None,
        }
    }
    (texts.len() > 1).then(|| tidy(&texts.join(" "), MAX_DESCRIPTION))
}

/// Whether a paragraph says something of a product, and neither asks nor names a price.
fn describes(paragraph: ElementRef<'_>) -> bool {
    let text = text_of(paragraph);
    clues::of(paragraph) == Clues::NONE
        && !is_legal_line(&text)
        && !asks(paragraph)
        && price::parse(&text, None, None).symbol.is_none()
}

/// The texts of the paragraphs at the beginning of some neighbours, as long as they say
/// something of the same kind: no price, no word on stock.
fn goes_on<'a>(
    neighbours: impl Iterator<Item = NodeRef<'a, Node>>,
) -> impl Iterator<Item = String> {
    let paragraphs = neighbours.map_while(|node| match node.value() {
        Node::Text(text) => text.trim().is_empty().then_some(None),
        Node::Comment(_) => Some(None),
        Node::Element(element) if element.name() == "p" => Some(ElementRef::wrap(node)),
        _ => None,
    });
    let said = |paragraph: ElementRef<'_>| {
        let text = text_of(paragraph);
        let is_more = said_at_length(&text) >= MIN_PARAGRAPH / 2 && describes(paragraph);
        (is_more && !words::begins_with_label(&text)).then_some(text)
    };
    paragraphs.flatten().map_while(said).take(MOST_PARAGRAPHS)
}

/// How much a text says: a sign of Chinese, Japanese or Korean as much as two letters.
pub(super) fn said_at_length(text: &str) -> usize {
    let of = |c: char| if c >= '\u{2e80}' { 2 } else { 1 };
    text.chars().map(of).sum()
}

/// Whether a text is what shops write at the foot of a page about themselves.
fn is_legal_line(text: &str) -> bool {
    let is_short = text.chars().count() <= 300;
    let start: String = text.chars().take(40).collect();
    is_short && (start.contains('©') || start.to_lowercase().contains("copyright"))
}

/// A text without what stands at its beginning, by its element, and says no more than that
/// details follow, or what it costs.
pub(in crate::extract) fn without_first_heading<'t>(
    element: ElementRef<'_>,
    text: &'t str,
) -> &'t str {
    let Some(first) = first_part(element) else {
        return text;
    };
    let heading = tidy(&text_of(first), MAX_DESCRIPTION);
    let Some(rest) = text.strip_prefix(&heading).map(str::trim_start) else {
        return text;
    };
    let is_heading = matches!(first.value().name(), "h2" | "h3" | "h4" | "h5" | "h6");
    // "<b>Description</b> of the parts" is the beginning of a sentence.
    let goes_on = rest.starts_with(char::is_lowercase);
    let says_nothing = is_heading && clues::is_description_tab(&heading)
        || !goes_on && clues::is_description_heading(&heading)
        || is_amount(&heading);
    match says_nothing {
        true => rest.trim_start_matches([':', ' ']),
        false => text,
    }
}

/// The first element of a box, or of the only box in it.
fn first_part(element: ElementRef<'_>) -> Option<ElementRef<'_>> {
    const MAX_DEPTH: usize = 4;
    let mut element = element;
    for _ in 0..MAX_DEPTH {
        let mut inner = element.child_elements();
        let first = inner.next()?;
        let is_only = inner.next().is_none();
        if !is_only || first.child_elements().next().is_none() {
            return Some(first);
        }
        element = first;
    }
    None
}

/// Whether a text is an amount and nothing else.
fn is_amount(text: &str) -> bool {
    const LONGEST: usize = 20;
    text.len() <= LONGEST
        && text.contains(|c: char| c.is_ascii_digit())
        && price::parse(text, None, None).symbol.is_some()
}

/// A text without a heading of descriptions at its beginning.
fn without_heading(text: &str) -> &str {
    let heads = text.match_indices(' ').map(|(end, _)| end).take(4);
    let heading = heads
        .filter(|end| clues::is_description_heading(&text[..*end]))
        .filter(|end| !text[end + 1..].starts_with(char::is_lowercase))
        .last();
    match heading {
        Some(end) => text[end..].trim_start_matches([' ', ':']),
        None if clues::is_description_heading(text) => "",
        None => text,
    }
}
