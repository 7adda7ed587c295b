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

/// The values of the rows that have one of these labels, in the page's order.
/// Labels are compared without case, white space around them and the colon.
pub(super) fn rows(dom: &Html, within: Option<&Selector>, labels: &[String]) -> Vec<String> {
    let labels: Vec<String> = labels.iter().map(|label| plain(label)).collect();
    let mut values = Vec::new();
    match within {
        None => in_tree(*dom.root_element(), &labels, &mut values),
        Some(selector) => {
            for part in dom.select(selector).take(MAX_VALUES) {
                in_tree(*part, &labels, &mut values);
            }
        }
    }
    values
}

fn in_tree(part: NodeRef<'_, Node>, labels: &[String], values: &mut Vec<String>) {
    for element in part.descendants().filter_map(ElementRef::wrap) {
        if values.len() >= MAX_VALUES {
            return;
        }
        match element.value().name() {
            "tr" => of_table_row(element, labels, values),
            "dt" if is_one_of(element, labels) => of_definition(element, values),
            "b" | "strong" | "em" | "span" | "label" if is_one_of(element, labels) => {
                values.extend(of_line(element));
            }
            _ => {}
        }
    }
}

/// What stands in the cell after a label. A row of headings alone is the head
/// of a table, in which a heading's neighbour is no value.
fn of_table_row(row: ElementRef<'_>, labels: &[String], values: &mut Vec<String>) {
    let cells: Vec<ElementRef<'_>> = row
        .child_elements()
        .filter(|cell| matches!(cell.value().name(), "td" | "th"))
        .take(MAX_VALUES)
        .collect();
    for pair in cells.windows(2) {
        if let [label, value] = pair
            && value.value().name() == "td"
            && is_one_of(*label, labels)
        {
            values.push(text_of(*value));
        }
    }
}

/// What stands in the `dd`s after a `dt`.
fn of_definition(label: ElementRef<'_>, values: &mut Vec<String>) {
    let after = label.next_siblings().filter_map(ElementRef::wrap);
    let own = after
        .skip_while(|element| element.value().name() == "dt")
        .take_while(|element| element.value().name() == "dd");
    values.extend(own.take(MAX_VALUES).map(text_of));
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

fn is_one_of(element: ElementRef<'_>, labels: &[String]) -> bool {
    short_text(element).is_some_and(|text| labels.contains(&plain(&text)))
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
