//! Notices as a letter to print and post, or to put into a form that takes a
//! document: PDF/A-1b, in the words of the text.

use crate::clock::Millis;
use crate::print::{self, Fonts, Pages, PrintError, SOFTWARE, Style};
use crate::store::takedowns::Notice;

/// The longest label before a value, in characters.
const LABEL: usize = 45;
/// A line at least this long, in characters, goes on in the next one.
const FULL: usize = 62;

/// Sets a notice in type.
///
/// # Errors
/// When the document cannot be written.
pub(super) fn letter(
    notice: &Notice,
    (subject, body): (&str, &str),
    fonts: &Fonts,
    at: Millis,
) -> Result<Vec<u8>, PrintError> {
    let mut pages = Pages::new(fonts);
    pages.space(6.0);
    pages.text(subject, Style::HEADING);
    pages.space(8.0);
    for piece in pieces(body) {
        match piece {
            Piece::Gap => pages.space(6.0),
            Piece::Title(text) => {
                pages.need(44.0);
                pages.text(&text, Style::STRONG);
            }
            Piece::Field(label, value) => pages.field(&label, &printed(&value)),
            Piece::Text(text) => pages.text(&printed(&text), Style::BODY),
        }
    }
    let footer = format!("{SOFTWARE} · notice {} · {at}", notice.id);
    let metadata = print::metadata(subject.to_owned(), "en", at, &notice.id.to_string());
    pages.finish(subject, &footer, "Page {n} of {of}", metadata)
}

/// A line as it is printed: points of a list, and what is still to be filled in, with
/// signs that every font has.
fn printed(text: &str) -> String {
    let text = text.replace('\u{27e6}', "[").replace('\u{27e7}', "]");
    match text.strip_prefix("* ") {
        Some(point) => format!("•\u{a0}{point}"),
        None => text,
    }
}

/// A piece of a notice's text.
#[derive(Debug, PartialEq, Eq)]
enum Piece {
    Gap,
    /// A line above indented ones.
    Title(String),
    Field(String, String),
    Text(String),
}

/// Takes a text apart by its shape: indented lines are a label and a value, lines that
/// reach to the margin are one paragraph.
fn pieces(body: &str) -> Vec<Piece> {
    let lines: Vec<&str> = body.lines().collect();
    let last = lines.iter().rposition(|line| !line.trim().is_empty());
    let last = last.unwrap_or(0);
    let mut pieces = Vec::new();
    // Whether the line before reached to the margin.
    let mut goes_on = false;
    for (number, line) in lines.iter().enumerate() {
        let text = line.trim();
        let indented = line.starts_with("  ");
        if text.is_empty() {
            pieces.push(Piece::Gap);
            goes_on = false;
            continue;
        }
        if indented {
            let parts = text.split_once(": ");
            // A point of a list is a sentence, whatever stands in it.
            let parts = parts
                .filter(|(label, _)| label.chars().count() <= LABEL && !label.starts_with("* "));
            // What is above points of a list says what these are.
            let listed = lines.get(number + 1).is_some_and(|next| is_point(next));
            pieces.push(match parts {
                Some((label, value)) => Piece::Field(label.to_owned(), value.trim().to_owned()),
                None if listed && !is_point(line) => Piece::Title(text.to_owned()),
                None => Piece::Text(text.to_owned()),
            });
            goes_on = false;
            continue;
        }
        let above = lines
            .get(number + 1)
            .is_some_and(|next| next.starts_with("  "));
        match pieces.last_mut() {
            Some(Piece::Text(before)) if goes_on => {
                before.push(' ');
                before.push_str(text);
            }
            // A name alone at the end is who signs.
            _ if above || (number < last && is_title(&lines, number)) => {
                pieces.push(Piece::Title(text.to_owned()))
            }
            _ => pieces.push(Piece::Text(text.to_owned())),
        }
        goes_on = !above && line.chars().count() >= FULL;
    }
    pieces
}

fn is_point(line: &str) -> bool {
    line.starts_with("  ") && line.trim_start().starts_with("* ")
}

/// Whether a line that reaches to the left margin stands alone as what follows is called:
/// short, and no sentence.
fn is_title(lines: &[&str], number: usize) -> bool {
    let empty = |line: Option<&&str>| line.is_none_or(|line| line.trim().is_empty());
    let before = number.checked_sub(1).and_then(|before| lines.get(before));
    let line = lines[number].trim();
    let sentence = line.ends_with(['.', ':', ';', ',', '!', '?'])
        || line.starts_with('(')
        || line.contains(": ");
    let alone = empty(before) && empty(lines.get(number + 1));
    alone && !sentence && line.chars().count() < FULL
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_taken_apart_by_its_shape() {
        let body = "Date: 2026-11-02\n\nListing 1\n  * The title names the brand: \"Z\".\n  Title:           Stuhl: \u{201e}neu\u{201c}\n  https://shop.example/item/1?colour=red\n\nI have a good faith belief that this use of the work is not authorised by\nthe owner.\n\nAnna Lindqvist\nKajgatan 1\n";
        let text = |text: &str| Piece::Text(text.to_owned());
        assert_eq!(
            pieces(body),
            [
                text("Date: 2026-11-02"),
                Piece::Gap,
                Piece::Title("Listing 1".to_owned()),
                text("* The title names the brand: \"Z\"."),
                Piece::Field("Title".to_owned(), "Stuhl: \u{201e}neu\u{201c}".to_owned()),
                text("https://shop.example/item/1?colour=red"),
                Piece::Gap,
                text(
                    "I have a good faith belief that this use of the work is not authorised by the owner."
                ),
                Piece::Gap,
                text("Anna Lindqvist"),
                text("Kajgatan 1"),
            ]
        );
    }

    #[test]
    fn what_stands_alone_above_others_is_a_title_and_a_sentence_is_none() {
        let body = "The right\n  Kind: copyright\n\nThe listings\n\nListing 1\n  Item: 7\n\n  What was found\n  * A photo.\n  * A name.\n\nTo whom it concerns:\n\nAll is true.\n\nAnna Lindqvist\n";
        let titles: Vec<String> = pieces(body)
            .into_iter()
            .filter_map(|piece| match piece {
                Piece::Title(text) => Some(text),
                _ => None,
            })
            .collect();
        assert_eq!(
            titles,
            ["The right", "The listings", "Listing 1", "What was found"]
        );
    }
}
