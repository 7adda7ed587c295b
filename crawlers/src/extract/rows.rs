//! Values by their labels: table rows, definition lists, and lines that begin
//! with a name, in bold or with a colon.

use ego_tree::NodeRef;
use scraper::{ElementRef, Html, Node, Selector};

use super::document::MAX_VALUES;
use super::text::{MAX_VALUE, text_of, tidy};

/// The longest text that is looked at as a label, in characters, and the most
/// nodes that may hold it.
const MAX_LABEL: usize = 120;
const MAX_LABEL_NODES: usize = 40;

/// The most rows that [`labelled`] gives.
const MAX_ROWS: usize = 300;
/// The longest label that [`labelled`] gives, in characters.
const LONGEST_NAME: usize = 40;

/// A label as it is written, and what stands beside it.
struct Row {
    label: String,
    value: String,
}

/// The values of the rows that have one of these labels, in the page's order. Lines of
/// plain text, `Brand: Skua`, count where there is no other row of the label.
/// Labels are compared without case, white space around them and the colon.
pub(super) fn rows(dom: &Html, within: Option<&Selector>, labels: &[String]) -> Vec<String> {
    let labels: Vec<String> = labels.iter().map(|label| plain(label)).collect();
    let named = |text: &str| labels.contains(&plain(text));
    let parts: Vec<NodeRef<'_, Node>> = match within {
        None => vec![*dom.root_element()],
        Some(selector) => dom.select(selector).take(MAX_VALUES).map(|e| *e).collect(),
    };
    let mut rows = Vec::new();
    for part in &parts {
        in_tree(*part, &named, MAX_VALUES, &mut rows);
    }
    if rows.is_empty() {
        for part in &parts {
            in_texts(*part, &named, MAX_VALUES, &mut rows);
        }
    }
    rows.into_iter().map(|row| row.value).collect()
}

/// The rows of a page that have a short label, as (label, value): for whoever looks for a
/// label by its value.
pub(crate) fn labelled(dom: &Html) -> Vec<(String, String)> {
    let name = |text: &str| {
        let text = tidy(text, MAX_LABEL);
        let name = text.trim_end_matches(is_between);
        (!name.is_empty() && name.chars().count() <= LONGEST_NAME).then(|| name.to_owned())
    };
    let named = |text: &str| name(text).is_some();
    let mut rows = Vec::new();
    in_tree(*dom.root_element(), &named, MAX_ROWS, &mut rows);
    in_texts(*dom.root_element(), &named, MAX_ROWS, &mut rows);
    rows.into_iter()
        .filter_map(|row| Some((name(&row.label)?, row.value)))
        .collect()
}

fn in_tree(
    part: NodeRef<'_, Node>,
    is_label: &impl Fn(&str) -> bool,
    most: usize,
    rows: &mut Vec<Row>,
) {
    let label_of = |element| short_text(element).filter(|text| is_label(text));
    for element in part.descendants().filter_map(ElementRef::wrap) {
        if rows.len() >= most {
            return;
        }
        match element.value().name() {
            "tr" => of_table_row(element, &label_of, rows),
            "dt" => {
                if let Some(label) = label_of(element) {
                    of_definition(element, &label, rows);
                }
            }
            "b" | "strong" | "em" | "span" | "label" => {
                let label = label_of(element);
                rows.extend(label.and_then(|label| {
                    let value = of_line(element, &label)?;
                    Some(Row { label, value })
                }));
            }
            _ => {}
        }
    }
}

/// Lines of text that begin with a label and a colon.
fn in_texts(
    part: NodeRef<'_, Node>,
    is_label: &impl Fn(&str) -> bool,
    most: usize,
    rows: &mut Vec<Row>,
) {
    let is_read = |node: &NodeRef<'_, Node>| {
        let parent = node.parent().and_then(ElementRef::wrap);
        !parent.is_some_and(|parent| {
            matches!(
                parent.value().name(),
                "script" | "style" | "template" | "noscript" | "textarea" | "title"
            )
        })
    };
    let is_break = |node: NodeRef<'_, Node>| {
        let element = node.value().as_element();
        element.is_some_and(|element| matches!(element.name(), "br" | "hr"))
    };
    for node in part.descendants().filter(is_read) {
        if rows.len() >= most {
            return;
        }
        let Node::Text(text) = node.value() else {
            continue;
        };
        let Some((label, start)) = text.split_once([':', '：']) else {
            continue;
        };
        let begins = node.prev_sibling().is_none_or(is_break);
        if !begins || label.len() > 4 * MAX_LABEL || label.trim().is_empty() || !is_label(label) {
            continue;
        }
        let value = tidy(&rest_of_line(start, node, None), MAX_VALUE);
        if !value.is_empty() {
            rows.push(Row {
                label: label.to_owned(),
                value,
            });
        }
    }
}

/// What stands in the cell after a label. A row of headings alone is the head
/// of a table, in which a heading's neighbour is no value.
fn of_table_row<'a>(
    row: ElementRef<'a>,
    label_of: &impl Fn(ElementRef<'a>) -> Option<String>,
    rows: &mut Vec<Row>,
) {
    let cells: Vec<ElementRef<'_>> = row
        .child_elements()
        .filter(|cell| matches!(cell.value().name(), "td" | "th"))
        .take(MAX_VALUES)
        .collect();
    for pair in cells.windows(2) {
        if let [label, value] = pair
            && value.value().name() == "td"
            && let Some(label) = label_of(*label)
        {
            let value = text_of(*value);
            rows.push(Row { label, value });
        }
    }
}

/// What stands in the `dd`s after a `dt`.
fn of_definition(term: ElementRef<'_>, label: &str, rows: &mut Vec<Row>) {
    let after = term.next_siblings().filter_map(ElementRef::wrap);
    let own = after
        .skip_while(|element| element.value().name() == "dt")
        .take_while(|element| element.value().name() == "dd");
    rows.extend(own.take(MAX_VALUES).map(|value| Row {
        label: label.to_owned(),
        value: text_of(value),
    }));
}

/// What follows a name on its line: `<li><b>SKU:</b> K-7</li>`. Only where a
/// colon says that it is a name, or an item of a list holds nothing else.
fn of_line(element: ElementRef<'_>, label: &str) -> Option<String> {
    let text = rest_of_line("", *element, Some(element.value().name()));
    let named =
        label.trim_end().ends_with([':', '：']) || text.trim_start().starts_with([':', '：']);
    let in_item = element
        .parent()
        .and_then(ElementRef::wrap)
        .is_some_and(|parent| parent.value().name() == "li");
    let value = tidy(text.trim_start_matches(is_between), MAX_VALUE);
    ((named || in_item) && !value.is_empty()).then_some(value)
}

/// A beginning and the text behind a node, up to the end of the line or to an element
/// that is a label as this one is.
fn rest_of_line(start: &str, node: NodeRef<'_, Node>, labels: Option<&str>) -> String {
    let mut text = start.to_owned();
    for node in node.next_siblings() {
        match node.value() {
            Node::Text(part) => text.push_str(part),
            Node::Element(element) if matches!(element.name(), "br" | "hr") => break,
            Node::Element(element) if labels == Some(element.name()) => {
                // `<span>SKU</span><span>K-7</span>`: the value, or the next name.
                if text.trim_matches(is_between).is_empty() {
                    text.extend(ElementRef::wrap(node).map(text_of));
                }
                break;
            }
            Node::Element(_) => text.extend(ElementRef::wrap(node).map(text_of)),
            _ => {}
        }
        if text.len() > MAX_VALUE {
            break;
        }
    }
    text
}

fn is_between(c: char) -> bool {
    c.is_whitespace() || matches!(c, ':' | '：')
}

/// A label as it is compared.
fn plain(label: &str) -> String {
    let label = tidy(label, MAX_LABEL).to_lowercase();
    label.trim_end_matches(is_between).to_owned()
}

/// An element's text, where it is short enough for a label.
fn short_text(element: ElementRef<'_>) -> Option<String> {
    let mut text = String::new();
    for (count, node) in element.descendants().enumerate() {
        if count > MAX_LABEL_NODES || text.len() > 4 * MAX_LABEL {
            return None;
        }
        if let Node::Text(part) = node.value() {
            text.push_str(part);
        }
    }
    Some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(html: &str, labels: &[&str]) -> Vec<String> {
        let labels: Vec<String> = labels.iter().map(|label| (*label).to_owned()).collect();
        rows(&Html::parse_document(html), None, &labels)
    }

    #[test]
    fn a_value_is_found_by_its_label_in_tables_lists_and_lines() {
        for page in [
            "<table><tr><th>UPC</th><td>K-1</td></tr><tr><th> SKU: </th><td><b>K-7</b></td></tr></table>",
            "<table><tr><td>Price</td><td>9</td><td>Sku</td><td>K-7</td></tr></table>",
            "<dl><dt>EAN</dt><dd>40</dd><dt>SKU</dt><dd>K-7</dd></dl>",
            "<dl><div><dt>SKU</dt> <dd>K-7</dd></div></dl>",
            "<ul><li><b>SKU</b> K-7</li></ul>",
            "<p>Lamp<br><strong>SKU:</strong> <i>K</i>-7<br><strong>EAN:</strong> 40</p>",
            "<p><b>SKU</b>: K-7 <b>EAN</b>: 40</p>",
            "<div><span>SKU:</span><span>K-7</span><span>EAN:</span><span>40</span></div>",
        ] {
            assert_eq!(read(page, &["SKU"]), ["K-7"], "{page}");
        }
    }

    #[test]
    fn rows_are_given_with_their_labels() {
        let page = "<table><tr><th>UPC:</th><td>K-1</td></tr><tr><th>A</th><th>B</th></tr></table>\
            <dl><dt>Brand</dt><dd>Skua</dd></dl><p><b>Size</b>: 7</p><p>A <b>word</b> here</p>\
            <p>Two lines<br>Made in: <i>Riga</i><br></p><script>{a: 1}</script>";
        let found = labelled(&Html::parse_document(page));
        let expected = [
            ("UPC", "K-1"),
            ("Brand", "Skua"),
            ("Size", "7"),
            ("Made in", "Riga"),
        ];
        assert_eq!(found, expected.map(|(a, b)| (a.to_owned(), b.to_owned())));
    }

    #[test]
    fn a_line_of_text_counts_where_there_is_no_other_row_of_its_label() {
        for page in [
            "<p>\n Size: 7<br>\n Brand: Skua <br/></p>",
            "<ul><li>Brand: <a href=/b>Skua</a></li><li>Size: 7</li></ul>",
            "<div>Brand ： Skua</div>",
            "<p>Brand: Tern</p><dl><dt>Brand</dt><dd>Skua</dd></dl>",
        ] {
            assert_eq!(read(page, &["brand"]), ["Skua"], "{page}");
        }
        assert!(read("<p>Of <i>this</i> brand: Skua</p>", &["brand"]).is_empty());
    }

    #[test]
    fn labels_of_several_languages_may_be_given() {
        let page = "<table><tr><th>Артикул</th><td>K-7</td></tr><tr><th>型番：</th><td>K-8</td></tr></table>";
        assert_eq!(read(page, &["Artikelnummer", "артикул"]), ["K-7"]);
        assert_eq!(read(page, &["型番"]), ["K-8"]);
    }

    #[test]
    fn what_only_looks_like_a_label_is_none() {
        for page in [
            "<table><tr><th>SKU</th><th>Price</th></tr><tr><td>K-7</td><td>9</td></tr></table>",
            "<table><tr><td>SKU</td></tr></table>",
            "<p>A <b>SKU</b> is a number of a shop.</p>",
            "<table><tr><th>SKU of the bundle</th><td>K-9</td></tr></table>",
        ] {
            assert!(read(page, &["SKU"]).is_empty(), "{page}");
        }
    }

    #[test]
    fn only_the_part_of_the_page_that_is_named_is_looked_at() {
        let page = "<table><tr><th>SKU</th><td>1</td></tr></table><table class=b><tr><th>SKU</th><td>2</td></tr></table>";
        let within = Selector::parse("table.b").expect("a selector");
        let labels = ["SKU".to_owned()];
        assert_eq!(
            rows(&Html::parse_document(page), Some(&within), &labels),
            ["2"]
        );
    }

    #[test]
    fn tables_within_tables_cost_no_more_than_they_are_long() {
        let deep = "<table><tr><td>".repeat(300) + &"x".repeat(200_000);
        assert!(read(&deep, &["SKU"]).is_empty());
    }
}
