//! Microdata (HTML standard, section 5) as JSON: each item an object with
//! `@type`, `@id` and its properties.

use std::collections::{HashMap, HashSet};

use scraper::{ElementRef, Html};
use serde_json::{Map, Value, json};

use super::{MAX_VALUES, add};
use crate::extract::plain::without_first_heading;
use crate::extract::text::text_of;
use crate::listing::MAX_DESCRIPTION;

/// The deepest item within an item.
const MAX_DEPTH: usize = 20;
/// The most items of a page, nested ones counted.
const MAX_ITEMS: usize = 2_000;
/// The most elements looked at; `itemref` could else lead through the page
/// once for each item.
const MAX_STEPS: usize = 200_000;

/// The items of a page that are no property of another, in document order.
pub(super) fn items(scopes: &[ElementRef<'_>], dom: &Html) -> Vec<Value> {
    let mut reader = Reader {
        ids: ids_if_needed(scopes, dom),
        properties: HashSet::new(),
        steps: 0,
        items: 0,
    };
    // Items by themselves come first, so that those they refer to are known.
    let (by_themselves, properties): (Vec<_>, Vec<_>) =
        (0..scopes.len()).partition(|at| scopes[*at].attr("itemprop").is_none());
    let mut found = Vec::new();
    for at in by_themselves.into_iter().chain(properties) {
        let scope = scopes[at];
        let is_property = scope.attr("itemprop").is_some()
            && (reader.properties.contains(&scope.id()) || is_inside_an_item(scope));
        if !is_property && let Some(item) = reader.item(scope, 0, &mut HashSet::new()) {
            found.push((at, item));
        }
    }
    found.sort_by_key(|(at, _)| *at);
    found.into_iter().map(|(_, item)| item).collect()
}

/// The elements that `itemref` may name.
fn ids_if_needed<'a>(scopes: &[ElementRef<'_>], dom: &'a Html) -> HashMap<&'a str, ElementRef<'a>> {
    let mut ids = HashMap::new();
    if scopes.iter().any(|scope| scope.attr("itemref").is_some()) {
        for element in dom.tree.root().descendants().filter_map(ElementRef::wrap) {
            if let Some(id) = element.attr("id") {
                ids.entry(id).or_insert(element);
            }
        }
    }
    ids
}

fn is_inside_an_item(element: ElementRef<'_>) -> bool {
    element
        .ancestors()
        .take(200)
        .filter_map(ElementRef::wrap)
        .any(|above| above.attr("itemscope").is_some())
}

struct Reader<'a> {
    ids: HashMap<&'a str, ElementRef<'a>>,
    /// Items that were read as a property of another.
    properties: HashSet<ego_tree::NodeId>,
    steps: usize,
    items: usize,
}

impl<'a> Reader<'a> {
    /// One item with its properties; none where a bound is reached or the
    /// item contains itself by `itemref`.
    fn item(
        &mut self,
        scope: ElementRef<'a>,
        depth: usize,
        above: &mut HashSet<ego_tree::NodeId>,
    ) -> Option<Value> {
        self.items += 1;
        if depth > MAX_DEPTH || self.items > MAX_ITEMS || !above.insert(scope.id()) {
            return None;
        }
        let mut item = Map::new();
        let types: Vec<&str> = scope
            .attr("itemtype")
            .unwrap_or_default()
            .split_whitespace()
            .take(8)
            .collect();
        match types[..] {
            [] => {}
            [one] => drop(item.insert("@type".to_owned(), json!(one))),
            _ => drop(item.insert("@type".to_owned(), json!(types))),
        }
        if let Some(id) = scope.attr("itemid") {
            item.insert("@id".to_owned(), json!(id.trim()));
        }
        let mut pending: Vec<ElementRef<'a>> = scope
            .attr("itemref")
            .unwrap_or_default()
            .split_whitespace()
            .take(50)
            .filter_map(|id| self.ids.get(id).copied())
            .collect();
        pending.reverse();
        push_children(&mut pending, scope);
        let mut seen = HashSet::new();
        let mut is_described = false;
        while let Some(element) = pending.pop() {
            self.steps += 1;
            if self.steps > MAX_STEPS {
                break;
            }
            if element.id() == scope.id() || !seen.insert(element.id()) {
                continue;
            }
            let names = element.attr("itemprop");
            let is_item = element.attr("itemscope").is_some();
            if let Some(names) = names {
                let value = if is_item {
                    self.properties.insert(element.id());
                    self.item(element, depth + 1, above)
                } else {
                    Some(Value::String(value_of(element)))
                };
                if let Some(value) = value {
                    for name in names.split_whitespace().take(8) {
                        match name {
                            "description" if !is_item => {
                                is_described = add_description(&mut item, element, is_described);
                            }
                            _ => add(&mut item, name, value.clone()),
                        }
                    }
                }
            }
            if !is_item {
                push_children(&mut pending, element);
            }
            if item.len() > MAX_VALUES {
                break;
            }
        }
        // An item that is only words, as in `<b itemprop="brand" itemscope>Ostra</b>`.
        if !item.keys().any(|key| !key.starts_with('@')) {
            item.insert("@value".to_owned(), json!(text_of(scope)));
        }
        above.remove(&scope.id());
        Some(Value::Object(item))
    }
}

/// Adds what an element says of an item at length, without its heading, and tells whether all
/// that is known of it so far is shown. What several elements show is one text in parts, but
/// for what is said twice; what nobody sees is a text by itself.
fn add_description(
    item: &mut Map<String, Value>,
    element: ElementRef<'_>,
    is_described: bool,
) -> bool {
    let text = value_of(element);
    if element.attr("content").is_some() {
        add(item, "description", Value::String(text));
        return false;
    }
    let text = without_first_heading(element, &text).to_owned();
    let known = item.get_mut("description").filter(|_| is_described);
    let Some(Value::String(known)) = known else {
        let is_first = !item.contains_key("description");
        add(item, "description", Value::String(text));
        return is_first;
    };
    // The first part may be shortened: "A pot for two…".
    let beginning = known.trim_end_matches(['.', '…', ' ']);
    if text.contains(beginning) {
        *known = text;
    } else if !known.contains(&text) && known.len() <= MAX_DESCRIPTION {
        known.push(' ');
        known.push_str(&text);
    }
    true
}

fn push_children<'a>(pending: &mut Vec<ElementRef<'a>>, element: ElementRef<'a>) {
    let first = pending.len();
    pending.extend(element.children().filter_map(ElementRef::wrap));
    pending[first..].reverse();
}

/// A property's value by its element (HTML standard 5.2.4). `content` counts
/// on every element, as search engines have it; lazily loaded pictures have
/// their address elsewhere.
pub(super) fn value_of(element: ElementRef<'_>) -> String {
    let attr = |names: &[&str]| {
        names
            .iter()
            .filter_map(|name| element.attr(name))
            .map(str::trim)
            .find(|value| !value.is_empty() && !value.starts_with("data:"))
            .map(str::to_owned)
    };
    let by_element = match element.value().name() {
        "meta" => return attr(&["content"]).unwrap_or_default(),
        "img" => attr(&["content", "src", "data-src", "data-lazy", "data-original"]),
        "audio" | "embed" | "iframe" | "source" | "track" | "video" => attr(&["content", "src"]),
        "a" | "area" | "link" => attr(&["content", "href"]),
        "object" => attr(&["content", "data"]),
        "data" | "meter" => attr(&["content", "value"]),
        "time" => attr(&["content", "datetime"]),
        _ => attr(&["content"]),
    };
    by_element.unwrap_or_else(|| text_of(element))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(html: &str) -> Vec<Value> {
        let dom = Html::parse_document(html);
        let scopes: Vec<ElementRef<'_>> = dom
            .tree
            .root()
            .descendants()
            .filter_map(ElementRef::wrap)
            .filter(|element| element.attr("itemscope").is_some())
            .collect();
        items(&scopes, &dom)
    }

    #[test]
    fn properties_belong_to_the_nearest_item_only() {
        let found = read(
            r#"<div itemscope itemtype="https://schema.org/Product"><b itemprop="name">Lamp</b>
            <div itemprop="brand" itemscope itemtype="https://schema.org/Brand"><span itemprop="name">Ostra</span></div>
            <p itemprop="offers" itemscope itemtype="https://schema.org/Offer"><span itemprop="price" content="49.00">49 €</span>
            <link itemprop="availability" href="https://schema.org/InStock"><time itemprop="priceValidUntil" datetime="2030-01-01">soon</time></p></div>"#,
        );
        assert_eq!(
            found,
            [
                json!({"@type": "https://schema.org/Product", "name": "Lamp",
                "brand": {"@type": "https://schema.org/Brand", "name": "Ostra"},
                "offers": {"@type": "https://schema.org/Offer", "price": "49.00",
                    "availability": "https://schema.org/InStock", "priceValidUntil": "2030-01-01"}})
            ]
        );
    }

    #[test]
    fn itemref_adds_properties_from_elsewhere_and_never_runs_in_circles() {
        let found = read(
            r#"<div itemscope itemref="a b" itemid="urn:x"><i itemprop="name">N</i></div><p id="a"><i itemprop="sku">S</i></p>
            <div id="b" itemprop="offers" itemscope itemref="b"><i itemprop="price">5</i></div>"#,
        );
        assert_eq!(found[0]["sku"], "S");
        assert_eq!(found[0]["offers"]["price"], "5");
        assert_eq!(found[0]["@id"], "urn:x");
    }

    #[test]
    fn pictures_are_found_though_they_are_loaded_later() {
        let found = read(
            r#"<div itemscope><img itemprop="image" src="data:image/gif;base64,R0" data-src="/big.jpg"><a itemprop="image" href="/two.jpg">x</a></div>"#,
        );
        assert_eq!(found[0]["image"], json!(["/big.jpg", "/two.jpg"]));
    }

    #[test]
    fn pages_made_to_exhaust_the_reader_are_given_up() {
        let nested = "<div itemscope itemprop=a>".repeat(3_000);
        let _ = read(&nested);
        let mut many: String = (0..300)
            .map(|n| format!("<p id=p{n} itemprop=x>v</p>"))
            .collect();
        let refs: Vec<String> = (0..300).map(|n| format!("p{n}")).collect();
        many.push_str(&format!("<div itemscope itemref='{}'></div>", refs.join(" ")).repeat(500));
        assert!(read(&many).len() <= MAX_ITEMS);
    }
}
