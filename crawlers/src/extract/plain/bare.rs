//! Text that no paragraph holds: alone in a box, or between the other elements of one.

use scraper::{ElementRef, Node};

use super::clues::Clues;
use super::description::said_at_length;
use super::frame::Frame;
use super::scan::{NOT_READ, Scan};
use super::texts;
use super::words;
use crate::extract::price::{self, said};
use crate::extract::text::{is_inline, text_of, tidy};
use crate::listing::MAX_DESCRIPTION;

/// How long it must be to describe, in characters.
const LEAST: usize = 80;
/// How many elements behind the heading of the product it may stand.
const MOST_BEHIND: usize = 60;
/// The most places that are kept.
const MAX_KEPT: usize = 40;
/// How many nodes of a box are looked at.
const MAX_NODES: usize = 400;

impl<'a> Frame<'a> {
    /// Keeps a box with a text of its own that is long enough.
    pub(super) fn note_bare(&self, scan: &mut Scan<'a>) {
        let elsewhere = NOT_READ
            .with(Clues::REVIEW)
            .with(Clues::HIDDEN)
            .with(Clues::DECORATION)
            .with(Clues::CHOICE);
        let is_box = matches!(self.name(), "div" | "section" | "article" | "td");
        let is_long = |run: &String| said_at_length(run.trim()) >= LEAST;
        if is_box
            && !self.all.has(elsewhere)
            && scan.bare.len() < MAX_KEPT
            && self.runs.iter().any(is_long)
        {
            scan.bare.push((self.order, self.element));
        }
    }
}

/// The first such text behind the heading that is made of sentences.
pub(super) fn behind(scan: &Scan<'_>, heading: usize) -> Option<String> {
    let is_near = |order: &usize| *order <= heading + MOST_BEHIND;
    let mut near: Vec<_> = scan
        .bare
        .iter()
        .filter(|(order, _)| is_near(order))
        .collect();
    near.sort_by_key(|(order, _)| *order);
    let texts = near.into_iter().map(|(_, element)| longest_in(*element));
    texts.into_iter().find(|text| describes(text))
}

/// The longest text of a box between the boxes in it.
pub(super) fn longest_in(element: ElementRef<'_>) -> String {
    let mut texts = vec![String::new()];
    for node in element.children().take(MAX_NODES) {
        let part = match node.value() {
            Node::Text(text) => text.to_string(),
            Node::Element(inner) if inner.name() == "br" => " ".to_owned(),
            Node::Element(inner) if is_inline(inner.name()) => {
                ElementRef::wrap(node).map(text_of).unwrap_or_default()
            }
            Node::Element(_) => {
                texts.push(String::new());
                continue;
            }
            _ => continue,
        };
        if let Some(last) = texts.last_mut() {
            last.push_str(&part);
        }
    }
    let texts = texts.iter().map(|text| tidy(text, MAX_DESCRIPTION));
    texts
        .max_by_key(|text| said_at_length(text))
        .unwrap_or_default()
}

/// Whether a text says something at length, and nothing of prices, of sending or of the shop.
fn describes(text: &str) -> bool {
    said_at_length(text) >= LEAST
        && text.ends_with(texts::ENDS)
        && !words::is_labelled(text)
        && !said(text).is_other()
        && price::parse(text, None, None).symbol.is_none()
        && !text.contains('©')
}
