//! What a page says of its product at length.

use scraper::{ElementRef, Node};

use super::clues::{self, Clues};
use super::scan::Scan;
use super::title::Title;
use crate::extract::price;
use crate::extract::text::{text_of, tidy};
use crate::listing::MAX_DESCRIPTION;

/// How long an unnamed paragraph must be to describe, in characters.
const MIN_PARAGRAPH: usize = 50;

/// The longest text that is called a description; else the paragraph behind
/// the heading, if it is more than a note.
pub(super) fn choose(scan: &Scan<'_>, heading: Option<&Title>) -> Option<String> {
    let anchor = heading.map_or(0, |heading| heading.order);
    let is_box = |element: &&ElementRef<'_>| {
        heading.is_some_and(|heading| heading.around.contains(&element.id()))
    };
    let text = |element: &ElementRef<'_>| {
        let text = tidy(&text_of(*element), MAX_DESCRIPTION);
        without_heading(&text).to_owned()
    };
    let length = |text: &String| text.chars().count();
    let called = scan.descriptions.iter().filter(|element| !is_box(element));
    let called = called.map(text);
    called
        .filter(|text| length(text) > 20 && !is_legal_line(text))
        .max_by_key(length)
        .or_else(|| {
            let near = |order: usize| order >= anchor && order - anchor <= 150;
            let mut behind = scan.paragraphs.iter().filter(|(order, _)| near(*order));
            let is_said =
                |text: &String| said_at_length(text) >= MIN_PARAGRAPH && !is_legal_line(text);
            let (_, first) = behind.find(|(_, element)| is_said(&text(element)))?;
            Some(without_heading(&paragraphs_from(*first)).to_owned())
        })
}

/// A paragraph with those that follow it at once and go on with it.
fn paragraphs_from(first: ElementRef<'_>) -> String {
    let following = first.next_siblings().map_while(|node| match node.value() {
        Node::Text(text) => text.trim().is_empty().then_some(None),
        Node::Comment(_) => Some(None),
        Node::Element(element) if element.name() == "p" => Some(ElementRef::wrap(node)),
        _ => None,
    });
    let mut text = text_of(first);
    for paragraph in following.flatten() {
        let next = text_of(paragraph);
        let goes_on = clues::of(paragraph) == Clues::NONE
            && said_at_length(&next) >= MIN_PARAGRAPH / 2
            && !is_legal_line(&next)
            && price::parse(&next, None, None).symbol.is_none();
        if !goes_on || text.len() + next.len() > MAX_DESCRIPTION {
            break;
        }
        text.push(' ');
        text.push_str(&next);
    }
    tidy(&text, MAX_DESCRIPTION)
}

/// How much a text says: a sign of Chinese, Japanese or Korean as much as two letters.
fn said_at_length(text: &str) -> usize {
    let of = |c: char| if c >= '\u{2e80}' { 2 } else { 1 };
    text.chars().map(of).sum()
}

/// Whether a text is what shops write at the foot of a page about themselves.
fn is_legal_line(text: &str) -> bool {
    let is_short = text.chars().count() <= 300;
    let start: String = text.chars().take(40).collect();
    is_short && (start.contains('©') || start.to_lowercase().contains("copyright"))
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
