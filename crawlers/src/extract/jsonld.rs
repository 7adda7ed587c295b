//! schema.org Products in JSON-LD.

use scraper::{Html, Selector};
use serde_json::Value;

use super::text::unescape;

/// The most blocks read of a page, and the most products kept.
const MAX_BLOCKS: usize = 50;
const MAX_PRODUCTS: usize = 200;
/// The most nodes looked at below one block.
const MAX_NODES: usize = 20_000;
/// The types that stand for an article on offer.
const PRODUCT_TYPES: [&str; 7] = [
    "product",
    "productgroup",
    "individualproduct",
    "productmodel",
    "someproducts",
    "vehicle",
    "book",
];
/// Where other articles than the page's own are named.
const ELSEWHERE: [&str; 7] = [
    "isrelatedto",
    "issimilarto",
    "isaccessoryorsparepartfor",
    "isconsumablefor",
    "itemreviewed",
    "review",
    "breadcrumb",
];

/// All products of a page, in order. Blocks that are not JSON, even after
/// the usual mistakes are mended, are left out.
pub(crate) fn products(html: &Html) -> Vec<Value> {
    let Ok(scripts) = Selector::parse("script[type]") else {
        return Vec::new();
    };
    let mut found = Vec::new();
    let blocks = html.select(&scripts).filter(|script| {
        script.attr("type").is_some_and(|kind| {
            kind.split(';')
                .next()
                .is_some_and(|kind| kind.trim().eq_ignore_ascii_case("application/ld+json"))
        })
    });
    for block in blocks.take(MAX_BLOCKS) {
        let text: String = block.text().collect();
        if let Some(value) = parse(&text) {
            collect(value, &mut found);
        }
    }
    found
}

/// Reads a block, with the mistakes that real shops make mended one by one.
fn parse(text: &str) -> Option<Value> {
    let mut text = text.trim();
    for (open, close) in [
        ("<!--", "-->"),
        ("//<![CDATA[", "//]]>"),
        ("<![CDATA[", "]]>"),
    ] {
        text = text.strip_prefix(open).unwrap_or(text);
        text = text.strip_suffix(close).unwrap_or(text).trim();
    }
    let text = text.strip_suffix(';').unwrap_or(text);
    serde_json::from_str(text)
        .or_else(|_| serde_json::from_str(&mended(text)))
        .or_else(|_| serde_json::from_str(&mended(&unescape(text))))
        .ok()
}

/// Line breaks inside strings, commas before a closing bracket.
fn mended(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut in_string = false;
    let mut escaped = false;
    for c in text.chars() {
        if in_string {
            match c {
                _ if escaped => escaped = false,
                '\\' => escaped = true,
                '"' => in_string = false,
                _ => {}
            }
            out.push(if c.is_control() { ' ' } else { c });
            continue;
        }
        match c {
            '"' => in_string = true,
            '}' | ']' => {
                let kept = out.trim_end().len();
                if out[..kept].ends_with(',') {
                    out.truncate(kept - 1);
                }
            }
            _ => {}
        }
        out.push(c);
    }
    out
}

/// Products anywhere in a block: alone, in lists, in `@graph`, as a page's
/// `mainEntity`. Breadth first, so that the page's own comes first.
fn collect(block: Value, found: &mut Vec<Value>) {
    let mut queue = std::collections::VecDeque::from([block]);
    let mut looked_at = 0;
    while let Some(node) = queue.pop_front() {
        looked_at += 1;
        if looked_at > MAX_NODES || found.len() >= MAX_PRODUCTS {
            return;
        }
        match node {
            Value::Array(items) => queue.extend(items),
            Value::Object(ref map) if is_product(map.get("@type")) => found.push(node),
            Value::Object(map) => queue.extend(
                map.into_iter()
                    .filter(|(key, value)| {
                        (value.is_object() || value.is_array())
                            && !ELSEWHERE.contains(&key.to_ascii_lowercase().as_str())
                    })
                    .map(|(_, value)| value),
            ),
            _ => {}
        }
    }
}

fn is_product(kind: Option<&Value>) -> bool {
    let names = |text: &str| {
        let name = text.rsplit(['/', '#', ':']).next().unwrap_or(text);
        PRODUCT_TYPES.contains(&name.to_ascii_lowercase().as_str())
    };
    match kind {
        Some(Value::String(text)) => names(text),
        Some(Value::Array(list)) => list.iter().filter_map(Value::as_str).any(names),
        _ => false,
    }
}

/// The plain values at a dotted path, lists on the way gone through.
pub(crate) fn values(product: &Value, path: &[String]) -> Vec<String> {
    let mut level = vec![product];
    for step in path {
        let mut below = Vec::new();
        for node in level {
            match node {
                Value::Array(items) => below.extend(items.iter().filter_map(|item| item.get(step))),
                node => below.extend(node.get(step)),
            }
        }
        level = below;
    }
    level
        .into_iter()
        .flat_map(|node| match node {
            Value::Array(items) => items.iter().collect(),
            node => vec![node],
        })
        .filter_map(plain)
        .take(super::document::MAX_VALUES)
        .collect()
}

/// A string, number or truth value as text. `{"@value": …}` is what it holds.
pub(crate) fn plain(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(truth) => Some(truth.to_string()),
        Value::Object(map) => map.get("@value").filter(|v| !v.is_object()).and_then(plain),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(html: &str) -> Vec<String> {
        let path = ["name".to_owned()];
        products(&Html::parse_document(html))
            .iter()
            .flat_map(|p| values(p, &path))
            .collect()
    }

    #[test]
    fn products_are_found_alone_in_lists_in_graphs_and_as_main_entity() {
        let html = r#"<script type="application/ld+json">{"@type":"Organization","name":"no"}</script>
            <script type="application/ld+json; charset=utf-8">{"@graph":[{"@type":"WebPage","mainEntity":{"@type":["Thing","Product"],"name":"b"}},{"@type":"http://schema.org/Product","name":"a"}]}</script>
            <script TYPE="Application/LD+JSON">[{"@type":"Product","name":"c","isRelatedTo":{"@type":"Product","name":"no"}}]</script>"#;
        assert_eq!(names(html), ["a", "b", "c"]);
    }

    #[test]
    fn usual_mistakes_are_mended_and_rubbish_is_left_out() {
        let html = "<script type='application/ld+json'>{\"@type\":\"Product\",\"name\":\"two\nlines\",}</script>
            <script type='application/ld+json'>// not json</script>
            <script type='application/ld+json'><!-- {\"@type\":\"Product\",\"name\":\"x\"}; --></script>
            <script type='application/ld+json'>{&quot;@type&quot;:&quot;Product&quot;,&quot;name&quot;:&quot;e&quot;}</script>";
        assert_eq!(names(html), ["two lines", "x", "e"]);
    }

    #[test]
    fn deep_nesting_is_refused_without_harm() {
        let deep = format!(
            "<script type='application/ld+json'>{}{}</script>",
            "[".repeat(5000),
            "]".repeat(5000)
        );
        assert!(names(&deep).is_empty());
    }

    #[test]
    fn paths_go_through_lists_and_value_objects() {
        let product: Value = serde_json::json!({"offers": [{"price": {"@value": "5.00"}}, {"price": 6.5}], "brand": {"name": "K"}});
        let path = |text: &str| text.split('.').map(str::to_owned).collect::<Vec<_>>();
        assert_eq!(values(&product, &path("offers.price")), ["5.00", "6.5"]);
        assert_eq!(values(&product, &path("brand.name")), ["K"]);
        assert!(values(&product, &path("brand")).is_empty());
        assert!(values(&product, &path("a.b.c")).is_empty());
    }
}
