//! RDFa Lite 1.1 as JSON: `vocab`, `typeof`, `property`, `resource`, `prefix`.

use std::collections::HashMap;

use scraper::{ElementRef, Html};
use serde_json::{Map, Value, json};

use super::microdata::value_of;
use super::{MAX_VALUES, add};

/// The most items of a page.
const MAX_ITEMS: usize = 2_000;
/// The deepest item within an item.
const MAX_DEPTH: usize = 20;
/// The most values written out for one page.
const MAX_WRITTEN: usize = 20_000;

enum Object {
    Text(String),
    Item(usize),
}

#[derive(Default)]
struct Item {
    types: Vec<String>,
    id: Option<String>,
    properties: Vec<(String, Object)>,
    is_property: bool,
}

/// What holds for an element and everything in it.
#[derive(Clone, Copy, Default)]
struct Scope {
    subject: Option<usize>,
    vocabulary: usize,
    prefixes: usize,
}

/// Items of schema.org types that are no property of another.
pub(super) fn items(dom: &Html) -> Vec<Value> {
    let mut reader = Reader {
        items: Vec::new(),
        by_id: HashMap::new(),
        vocabularies: vec![String::new()],
        prefixes: vec![HashMap::new()],
    };
    let mut pending = vec![(dom.root_element(), Scope::default())];
    while let Some((element, scope)) = pending.pop() {
        let scope = reader.element(element, scope);
        let first = pending.len();
        pending.extend(
            element
                .children()
                .filter_map(ElementRef::wrap)
                .map(|child| (child, scope)),
        );
        pending[first..].reverse();
    }
    let mut written = 0;
    (0..reader.items.len())
        .filter(|at| !reader.items[*at].is_property && !reader.items[*at].types.is_empty())
        .map(|at| reader.write(at, 0, &mut written))
        .collect()
}

struct Reader {
    items: Vec<Item>,
    by_id: HashMap<String, usize>,
    vocabularies: Vec<String>,
    prefixes: Vec<HashMap<String, String>>,
}

impl Reader {
    fn element(&mut self, element: ElementRef<'_>, mut scope: Scope) -> Scope {
        if let Some(vocabulary) = element.attr("vocab") {
            self.vocabularies.push(vocabulary.trim().to_owned());
            scope.vocabulary = self.vocabularies.len() - 1;
        }
        if let Some(text) = element.attr("prefix") {
            self.add_prefixes(text, &mut scope);
        }
        let types = element.attr("typeof");
        let about = element.attr("resource").or_else(|| element.attr("about"));
        let names: Vec<String> = element
            .attr("property")
            .unwrap_or_default()
            .split_whitespace()
            .take(8)
            .filter_map(|name| self.local(name, scope))
            .collect();
        let is_item = types.is_some() || (names.is_empty() && about.is_some());
        if is_item {
            let Some(item) = self.item(about) else {
                return scope;
            };
            let types: Vec<String> = types
                .unwrap_or_default()
                .split_whitespace()
                .take(8)
                .filter_map(|name| self.local(name, scope))
                .collect();
            self.items[item].types.extend(types);
            if let Some(subject) = scope.subject.filter(|subject| *subject != item) {
                self.link(subject, &names, item);
            }
            scope.subject = Some(item);
        } else if let Some(subject) = scope.subject {
            match about.filter(|_| element.attr("content").is_none()) {
                Some(id) => {
                    if let Some(item) = self.item(Some(id)) {
                        self.link(subject, &names, item);
                    }
                }
                None if names.is_empty() => {}
                None => {
                    let text = value_of(element);
                    for name in names {
                        self.property(subject, name, Object::Text(text.clone()));
                    }
                }
            }
        }
        scope
    }

    /// `prefix="schema: https://schema.org/ og: …"`.
    fn add_prefixes(&mut self, text: &str, scope: &mut Scope) {
        let mut known = self.prefixes[scope.prefixes].clone();
        let words: Vec<&str> = text.split_whitespace().take(60).collect();
        for pair in words.chunks_exact(2) {
            if let Some(name) = pair[0].strip_suffix(':')
                && known.len() < 100
            {
                known.insert(name.to_ascii_lowercase(), pair[1].to_owned());
            }
        }
        if self.prefixes.len() < 200 {
            self.prefixes.push(known);
            scope.prefixes = self.prefixes.len() - 1;
        }
    }

    /// A term's name within schema.org; none for a term of anything else. A
    /// page that names no vocabulary is taken to mean schema.org.
    fn local(&self, term: &str, scope: Scope) -> Option<String> {
        if let Some(name) = super::schema_org_name(term) {
            return Some(name.to_owned());
        }
        match term.split_once(':') {
            Some((prefix, name)) => {
                let known = self.prefixes[scope.prefixes].get(&prefix.to_ascii_lowercase());
                let is_ours = known.map_or(prefix.eq_ignore_ascii_case("schema"), |iri| {
                    is_schema_org(iri)
                });
                is_ours.then(|| name.to_owned())
            }
            None => {
                let vocabulary = &self.vocabularies[scope.vocabulary];
                (vocabulary.is_empty() || is_schema_org(vocabulary)).then(|| term.to_owned())
            }
        }
    }

    /// The item of that name, made if there is none.
    fn item(&mut self, id: Option<&str>) -> Option<usize> {
        let id = id.map(str::trim);
        if let Some(at) = id.and_then(|id| self.by_id.get(id)) {
            return Some(*at);
        }
        if self.items.len() >= MAX_ITEMS {
            return None;
        }
        let at = self.items.len();
        self.items.push(Item {
            id: id.map(str::to_owned),
            ..Item::default()
        });
        if let Some(id) = id {
            self.by_id.insert(id.to_owned(), at);
        }
        Some(at)
    }

    fn link(&mut self, subject: usize, names: &[String], item: usize) {
        for name in names {
            self.property(subject, name.clone(), Object::Item(item));
            self.items[item].is_property = true;
        }
    }

    fn property(&mut self, subject: usize, name: String, object: Object) {
        let properties = &mut self.items[subject].properties;
        if properties.len() < MAX_VALUES {
            properties.push((name, object));
        }
    }

    fn write(&self, at: usize, depth: usize, written: &mut usize) -> Value {
        let item = &self.items[at];
        let mut map = Map::new();
        match &item.types[..] {
            [] => {}
            [one] => drop(map.insert("@type".to_owned(), json!(one))),
            types => drop(map.insert("@type".to_owned(), json!(types))),
        }
        if let Some(id) = &item.id {
            map.insert("@id".to_owned(), json!(id));
        }
        for (name, object) in &item.properties {
            *written += 1;
            if *written > MAX_WRITTEN || depth > MAX_DEPTH {
                break;
            }
            let value = match object {
                Object::Text(text) => json!(text),
                // An address and nothing more is a plain value.
                Object::Item(other)
                    if self.items[*other].properties.is_empty()
                        && self.items[*other].types.is_empty() =>
                {
                    json!(self.items[*other].id)
                }
                Object::Item(other) => self.write(*other, depth + 1, written),
            };
            add(&mut map, name, value);
        }
        Value::Object(map)
    }
}

fn is_schema_org(iri: &str) -> bool {
    let rest = iri
        .trim_start_matches("http://")
        .trim_start_matches("https://");
    rest.trim_start_matches("www.")
        .trim_end_matches(['/', '#'])
        .eq_ignore_ascii_case("schema.org")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(html: &str) -> Vec<Value> {
        items(&Html::parse_document(html))
    }

    #[test]
    fn products_are_read_with_their_offers() {
        let found = read(
            r#"<body vocab="https://schema.org/"><div typeof="Product"><h1 property="name">Lamp</h1><img property="image" src="/l.jpg">
            <div property="offers" typeof="Offer"><span property="price" content="49.00">49 €</span><meta property="priceCurrency" content="EUR">
            <link property="availability" href="https://schema.org/InStock"></div></div></body>"#,
        );
        assert_eq!(
            found,
            [
                json!({"@type": "Product", "name": "Lamp", "image": "/l.jpg", "offers": {"@type": "Offer", "price": "49.00",
                "priceCurrency": "EUR", "availability": "https://schema.org/InStock"}})
            ]
        );
    }

    #[test]
    fn prefixes_and_resources_join_what_stands_apart() {
        let found = read(
            r##"<html prefix="og: http://ogp.me/ns# s: http://schema.org/"><meta property="og:title" content="no">
            <div typeof="s:Product" resource="#p"><b property="s:name">Lamp</b><i property="og:x">no</i><span property="s:offers" resource="#o"></span></div>
            <div resource="#o" typeof="s:Offer"><b property="s:price">5</b></div>"##,
        );
        assert_eq!(
            found,
            [
                json!({"@type": "Product", "@id": "#p", "name": "Lamp", "offers": {"@type": "Offer", "@id": "#o", "price": "5"}})
            ]
        );
    }

    #[test]
    fn items_that_contain_each_other_end_somewhere() {
        let found = read(
            r##"<div vocab="http://schema.org/"><div typeof="Product" resource="#a"><i property="x" resource="#b"></i></div>
            <div typeof="Product" resource="#b"><i property="y" resource="#a"></i></div><p typeof=Thing><i property=z resource="#a"></i></p></div>"##,
        );
        assert!(found.len() <= 1);
    }
}
