//! Values by their labels: table rows, definition lists, and lines that begin
//! with a name in bold.

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

/// A label, and what stands beside it.
struct Row<'a> {
    label: ElementRef<'a>,
    value: String,
}

/// The values of the rows that have one of these labels, in the page's order.
/// Labels are compared without case, white space around them and the colon.
pub(super) fn rows(dom: &Html, within: Option<&Selector>, labels: &[String]) -> Vec<String> {
    let labels: Vec<String> = labels.iter().map(|label| plain(label)).collect();
    let named = |element| short_text(element).is_some_and(|text| labels.contains(&plain(&text)));
    let mut rows = Vec::new();
    match within {
        None => in_tree(*dom.root_element(), &named, MAX_VALUES, &mut rows),
        Some(selector) => {
            for part in dom.select(selector).take(MAX_VALUES) {
                in_tree(*part, &named, MAX_VALUES, &mut rows);
            }
        }
    }
    rows.into_iter().map(|row| row.value).collect()
}

/// The rows of a page that have a short label, as (label, value): for whoever looks for a
/// label by its value.
pub(crate) fn labelled(dom: &Html) -> Vec<(String, String)> {
    let name = |element: ElementRef<'_>| {
        let text = tidy(&short_text(element)?, MAX_LABEL);
        let name = text.trim_end_matches(is_between);
        (!name.is_empty() && name.chars().count() <= LONGEST_NAME).then(|| name.to_owned())
    };
    let mut rows = Vec::new();
    let named = |element: ElementRef<'_>| name(element).is_some();
    in_tree(*dom.root_element(), &named, MAX_ROWS, &mut rows);
    rows.into_iter()
        .filter_map(|row| Some((name(row.label)?, row.value)))
        .collect()
}

fn in_tree<'a>(
    part: NodeRef<'a, Node>,
    is_label: &impl Fn(ElementRef<'a>) -> bool,
    most: usize,
    rows: &mut Vec<Row<'a>>,
) {
    for element in part.descendants().filter_map(ElementRef::wrap) {
        if rows.len() >= most {
            return;
        }
        match element.value().name() {
            "tr" => of_table_row(element, is_label, rows),
            "dt" if is_label(element) => of_definition(element, rows),
            "b" | "strong" | "em" | "span" | "label" if is_label(element) => {
                rows.extend(of_line(element).map(|value| Row {
                    label: element,
                    value,
                }));
            }
            _ => {}
        }
    }
}

/// What stands in the cell after a label. A row of headings alone is the head
/// of a table, in which a heading's neighbour is no value.
fn of_table_row<'a>(
    row: ElementRef<'a>,
    is_label: &impl Fn(ElementRef<'a>) -> bool,
    rows: &mut Vec<Row<'a>>,
) {
    let cells: Vec<ElementRef<'_>> = row
        .child_elements()
        .filter(|cell| matches!(cell.value().name(), "td" | "th"))
        .take(MAX_VALUES)
        .collect();
    for pair in cells.windows(2) {
        if let [label, value] = pair
            && value.value().name() == "td"
            && is_label(*label)
        {
            rows.push(Row {
                label: *label,
                value: text_of(*value),
            });
        }
    }
}

/// What stands in the `dd`s after a `dt`.
fn of_definition<'a>(label: ElementRef<'a>, rows: &mut Vec<Row<'a>>) {
    let after = label.next_siblings().filter_map(ElementRef::wrap);
    let own = after
        .skip_while(|element| element.value().name() == "dt")
        .take_while(|element| element.value().name() == "dd");
    rows.extend(own.take(MAX_VALUES).map(|value| Row {
        label,
        value: text_of(value),
    }));
}

/// What follows a name on its line: `<li><b>SKU:</b> K-7</li>`. Only where a
/// colon says that it is a name, or an item of a list holds nothing else.
fn of_line(label: ElementRef<'_>) -> Option<String> {
    let mut text = String::new();
    for node in label.next_siblings() {
        match node.value() {
            Node::Text(part) => text.push_str(part),
            Node::Element(element) if matches!(element.name(), "br" | "hr") => break,
            Node::Element(element) if element.name() == label.value().name() => {
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
    let named = short_text(label)?.trim_end().ends_with([':', '：'])
        || text.trim_start().starts_with([':', '：']);
    let in_item = label
        .parent()
        .and_then(ElementRef::wrap)
        .is_some_and(|parent| parent.value().name() == "li");
    let value = tidy(text.trim_start_matches(is_between), MAX_VALUE);
    ((named || in_item) && !value.is_empty()).then_some(value)
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
            <dl><dt>Brand</dt><dd>Skua</dd></dl><p><b>Size</b>: 7</p><p>A <b>word</b> here</p>";
        let found = labelled(&Html::parse_document(page));
        let expected = [("UPC", "K-1"), ("Brand", "Skua"), ("Size", "7")];
        assert_eq!(found, expected.map(|(a, b)| (a.to_owned(), b.to_owned())));
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
