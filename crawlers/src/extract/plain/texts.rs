//! Boxes of running text that are no paragraphs by their element: `<article>…</article>`,
//! `<td><b>Description:</b><br>…<br>…</td>`.

use scraper::{ElementRef, Node};

use super::clues::{self, Clues};
use super::description::said_at_length;
use super::words;
use crate::extract::price;
use crate::extract::text::{is_inline, text_of, tidy};
use crate::listing::MAX_DESCRIPTION;

/// How much such a box must say to describe: a note is shorter.
pub(super) const MIN_SAID: usize = 60;
/// How much a sentence says at least.
const MIN_SENTENCE: usize = 20;
/// How many nodes of a box are looked at.
const MAX_NODES: usize = 80;
/// How many boxes around it may begin with it and stand below its heading.
const MAX_AROUND: usize = 3;
/// What ends a sentence.
pub(super) const ENDS: [char; 6] = ['.', '!', '?', '。', '！', '？'];

/// Where such a box says nothing of the product.
pub(super) const ELSEWHERE: Clues = Clues::HIDDEN
    .with(Clues::OTHER)
    .with(Clues::OLD)
    .with(Clues::DECORATION)
    .with(Clues::CHOICE);

/// Whether nothing but text and line breaks stands in a box, of which parts may be printed in
/// another way.
pub(super) fn is_text_box(element: ElementRef<'_>) -> bool {
    let is_box = matches!(
        element.value().name(),
        "div" | "article" | "section" | "td" | "dd"
    );
    let is_printed = |name: &str| name == "br" || is_inline(name) && !matches!(name, "a" | "label");
    let mut nodes = element.descendants().skip(1).take(MAX_NODES + 1);
    let fits = |(at, node): (usize, ego_tree::NodeRef<'_, Node>)| {
        at < MAX_NODES
            && node
                .value()
                .as_element()
                .is_none_or(|it| is_printed(it.name()))
    };
    is_box && nodes.by_ref().enumerate().all(fits)
}

/// Whether a box of text begins with a heading of descriptions, printed like one.
pub(super) fn begins_with_heading(element: ElementRef<'_>) -> bool {
    let is_said = |node: &ego_tree::NodeRef<'_, Node>| {
        let text = node.value().as_text();
        node.value().is_element() || text.is_some_and(|text| !text.trim().is_empty())
    };
    let first = element.children().find(is_said).and_then(ElementRef::wrap);
    first.is_some_and(|first| {
        matches!(first.value().name(), "b" | "strong" | "font" | "u" | "span")
            && clues::is_description_heading(&text_of(first))
    })
}

/// Whether a box of text says something of a product in sentences: nothing of prices, taxes or
/// shipping, no names and values, and nothing that another heading stands above.
pub(super) fn describes(element: ElementRef<'_>) -> bool {
    let text = tidy(&text_of(element), MAX_DESCRIPTION);
    let said = price::said(&text);
    let is_of_amounts = said.is_other() || names_tax(&text);
    said_at_length(&text) >= MIN_SAID
        && has_sentences(&text)
        && clues::of(element).without(Clues::DESCRIPTION) == Clues::NONE
        && !is_of_amounts
        && !words::is_labelled(&text)
        && price::parse(&text, None, None).symbol.is_none()
        && !is_headed_otherwise(element)
}

/// Whether a text names a tax on sales.
fn names_tax(text: &str) -> bool {
    const TAXES: [&str; 24] = [
        "vat", "tax", "taxes", "gst", "mwst", "ust", "tva", "iva", "btw", "moms", "mva", "alv",
        "dph", "pdv", "ddv", "áfa", "pvm", "pvn", "ндс", "пдв", "ддс", "φπα", "kdv", "thuế",
    ];
    // Words have no gaps between them there.
    const WITHIN: [&str; 3] = ["税", "稅", "부가세"];
    let lower = text.to_lowercase();
    let mut words = lower.split(|c: char| !c.is_alphanumeric());
    words.any(|word| TAXES.contains(&word)) || WITHIN.iter().any(|word| lower.contains(word))
}

/// Whether a text consists of sentences: one alone is a note, and what ends in a number is a date.
fn has_sentences(text: &str) -> bool {
    let is_sentence = |part: &&str| {
        let said = part.trim_end_matches(ENDS);
        let ends = said.len() < part.len() && !said.ends_with(|c: char| c.is_ascii_digit());
        ends && said_at_length(part) >= MIN_SENTENCE
    };
    text.split_inclusive(ENDS).filter(is_sentence).count() > 1
}

/// Whether the heading above a box, or above one that begins with it, is none of descriptions.
fn is_headed_otherwise(element: ElementRef<'_>) -> bool {
    let mut at = element;
    for _ in 0..MAX_AROUND {
        let before = at.prev_siblings().find_map(ElementRef::wrap);
        if let Some(before) = before {
            return is_heading(before) && !clues::is_description_tab(&text_of(before));
        }
        let Some(around) = at.parent().and_then(ElementRef::wrap) else {
            break;
        };
        at = around;
    }
    false
}

fn is_heading(element: ElementRef<'_>) -> bool {
    matches!(
        element.value().name(),
        "h2" | "h3" | "h4" | "h5" | "h6" | "dt" | "th" | "summary" | "button" | "strong" | "b"
    )
}
