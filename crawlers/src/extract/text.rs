//! Cleaning and bounding of crawled text.

use ego_tree::iter::Edge;
use scraper::{ElementRef, Html, Node};

/// The most text given to the HTML reader for one value, in bytes.
const MAX_MARKUP: usize = 200_000;
/// The longest value taken from a page, in characters.
pub(super) const MAX_VALUE: usize = 100_000;

/// White space collapsed to single spaces, control characters dropped, at
/// most `limit` characters.
pub(crate) fn tidy(text: &str, limit: usize) -> String {
    let mut out = String::with_capacity(text.len().min(limit));
    let mut length = 0;
    let words = text.split(|c: char| c.is_whitespace() || c.is_control());
    for word in words.filter(|word| !word.is_empty()) {
        let gap = usize::from(length > 0);
        let room = limit.saturating_sub(length + gap);
        if room == 0 {
            break;
        }
        if gap > 0 {
            out.push(' ');
        }
        let end = word.char_indices().nth(room).map(|(end, _)| end);
        out.push_str(&word[..end.unwrap_or(word.len())]);
        if end.is_some() {
            break;
        }
        length += gap + word.chars().count();
    }
    out
}

/// The first `limit` characters, untouched.
pub(crate) fn bounded(text: &str, limit: usize) -> String {
    text.chars().take(limit).collect()
}

/// Character references replaced (`&amp;`, `&#8211;`); tags stay.
pub(crate) fn unescape(text: &str) -> String {
    if !text.contains('&') {
        return text.to_owned();
    }
    let kept = head(text).replace('<', "&lt;");
    Html::parse_fragment(&kept).root_element().text().collect()
}

/// The text of a piece of HTML: tags out, references replaced, a space where
/// a block ends. Text without markup stays as it is.
pub(crate) fn strip_markup(text: &str) -> String {
    if !text.contains(['<', '&']) {
        return text.to_owned();
    }
    let fragment = Html::parse_fragment(head(text));
    let mut out = String::new();
    for node in fragment.tree.root().descendants() {
        match node.value() {
            Node::Text(part) => {
                let hidden = node.parent().is_some_and(|parent| {
                    parent
                        .value()
                        .as_element()
                        .is_some_and(|e| matches!(e.name(), "script" | "style" | "template"))
                });
                if !hidden {
                    out.push_str(part);
                }
            }
            Node::Element(element) if !is_inline(element.name()) => out.push(' '),
            _ => {}
        }
    }
    out
}

/// The parts of a page's title, the shop's name often among them.
pub(super) fn title_parts(title: &str) -> impl Iterator<Item = &str> {
    const BETWEEN: [&str; 8] = [" | ", " - ", " – ", " — ", " :: ", " » ", " > ", "｜"];
    let mut parts = vec![title];
    for mark in BETWEEN {
        parts = parts
            .into_iter()
            .flat_map(|part| part.split(mark))
            .collect();
    }
    // "Teapot_Kitchen_Shop": one alone may be a part of a number.
    let by_marks = |part: &&str| part.matches('_').count() >= 2;
    let parts = parts.into_iter().flat_map(move |part| {
        let mark = if by_marks(&part) { "_" } else { "\n" };
        part.split(mark)
    });
    parts.map(str::trim).filter(|part| !part.is_empty())
}

/// An element's visible text. What is struck out counts only when nothing
/// else is there: it is an old price.
pub(crate) fn text_of(element: ElementRef<'_>) -> String {
    text_without(element, |_| false)
}

/// The same, where more than what is struck out counts only when nothing else is there.
pub(super) fn text_without(
    element: ElementRef<'_>,
    is_left_out: impl Fn(ElementRef<'_>) -> bool,
) -> String {
    let mut kept = String::new();
    let mut struck = String::new();
    let (mut hidden_above, mut struck_above) = (0_usize, 0_usize);
    for edge in element.traverse() {
        let (node, opens) = match edge {
            Edge::Open(node) => (node, true),
            Edge::Close(node) => (node, false),
        };
        match node.value() {
            Node::Text(text) if opens && hidden_above == 0 => {
                let out = if struck_above > 0 {
                    &mut struck
                } else {
                    &mut kept
                };
                out.push_str(text);
                if out.len() > MAX_VALUE {
                    break;
                }
            }
            Node::Element(inner) => {
                let step = |count: usize| {
                    if opens {
                        count + 1
                    } else {
                        count.saturating_sub(1)
                    }
                };
                let is_inside = node.id() != element.id();
                let left_out = || ElementRef::wrap(node).is_some_and(&is_left_out);
                match inner.name() {
                    "script" | "style" | "template" | "noscript" => {
                        hidden_above = step(hidden_above)
                    }
                    "s" | "del" | "strike" if is_inside => struck_above = step(struck_above),
                    name if is_inside && left_out() => {
                        struck_above = step(struck_above);
                        if !is_inline(name) {
                            kept.push(' ');
                        }
                    }
                    name if !is_inline(name) => kept.push(' '),
                    _ => {}
                }
            }
            _ => {}
        }
    }
    let kept = tidy(&kept, MAX_VALUE);
    if kept.is_empty() {
        tidy(&struck, MAX_VALUE)
    } else {
        kept
    }
}

/// What stands in an element itself, without the elements in it.
pub(crate) fn own_text_of(element: ElementRef<'_>) -> String {
    let mut text = String::new();
    for node in element.children() {
        match node.value() {
            Node::Text(part) => text.push_str(part),
            Node::Element(_) => text.push(' '),
            _ => {}
        }
        if text.len() > MAX_VALUE {
            break;
        }
    }
    tidy(&text, MAX_VALUE)
}

/// Whether an element stands in a line of text, so that no space belongs
/// where it begins.
pub(super) fn is_inline(name: &str) -> bool {
    matches!(
        name,
        "a" | "b"
            | "i"
            | "em"
            | "strong"
            | "span"
            | "small"
            | "sub"
            | "sup"
            | "u"
            | "font"
            | "wbr"
            | "mark"
            | "abbr"
            | "bdi"
            | "bdo"
            | "data"
            | "ins"
            | "time"
            | "label"
            | "s"
            | "del"
            | "strike"
    )
}

fn head(text: &str) -> &str {
    let mut end = text.len().min(MAX_MARKUP);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markup_goes_and_words_stay_apart() {
        let text = strip_markup(
            "<p>A&nbsp;fine <b>tour</b>billon</p><p>Steel&#8211;gold</p><script>x()</script>",
        );
        assert_eq!(tidy(&text, 100), "A fine tourbillon Steel–gold");
        assert_eq!(strip_markup("5 words, no markup"), "5 words, no markup");
    }

    #[test]
    fn a_title_keeps_what_only_looks_like_a_tag() {
        assert_eq!(unescape("Size <L> K&amp;B"), "Size <L> K&B");
    }

    #[test]
    fn lengths_are_counted_in_characters() {
        assert_eq!(tidy(" 時計  時計 ", 4), "時計 時");
        assert_eq!(bounded("時計時計", 3), "時計時");
    }
}
