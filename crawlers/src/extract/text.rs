//! Cleaning and bounding of crawled text.

use scraper::{Html, Node};

/// The most text given to the HTML reader for one value, in bytes.
const MAX_MARKUP: usize = 200_000;

/// White space collapsed to single spaces, control characters dropped, at
/// most `limit` characters.
pub(crate) fn tidy(text: &str, limit: usize) -> String {
    let mut out = String::new();
    let mut length = 0;
    let mut gap = false;
    for c in text.chars() {
        if c.is_whitespace() || c.is_control() {
            gap = length > 0;
            continue;
        }
        if length + usize::from(gap) >= limit {
            break;
        }
        if gap {
            out.push(' ');
            length += 1;
            gap = false;
        }
        out.push(c);
        length += 1;
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
