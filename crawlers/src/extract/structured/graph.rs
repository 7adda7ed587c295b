//! Nodes that refer to each other, made into trees with plain names.

use std::collections::{HashMap, HashSet};

use serde_json::{Map, Value};

/// The deepest tree that is made.
const MAX_DEPTH: usize = 12;
/// The most values written out of one page. References could else multiply
/// what a page says beyond all bounds.
const MAX_WRITTEN: usize = 50_000;
/// The most nodes looked at for names.
const MAX_NODES: usize = 50_000;
/// Properties whose value, though a string, names another node.
const LINKS: [&str; 8] = [
    "offers",
    "brand",
    "seller",
    "manufacturer",
    "image",
    "hasVariant",
    "isVariantOf",
    "itemOffered",
];

/// The nodes of a page by their `@id`, and the prefixes its contexts give to
/// schema.org.
pub(super) struct Graph {
    nodes: HashMap<String, Value>,
    prefixes: Vec<String>,
    written: std::cell::Cell<usize>,
}

impl Graph {
    pub(super) fn of(blocks: &[Value]) -> Self {
        let mut graph = Self {
            nodes: HashMap::new(),
            prefixes: vec!["schema".to_owned()],
            written: std::cell::Cell::new(0),
        };
        let mut pending: Vec<&Value> = blocks.iter().collect();
        let mut looked_at = 0;
        while let Some(value) = pending.pop() {
            looked_at += 1;
            if looked_at > MAX_NODES {
                break;
            }
            match value {
                Value::Array(items) => pending.extend(items),
                Value::Object(map) => {
                    graph.note(map);
                    pending.extend(map.values().filter(|v| v.is_object() || v.is_array()));
                }
                _ => {}
            }
        }
        graph
    }

    fn note(&mut self, map: &Map<String, Value>) {
        if let Some(Value::Object(context)) = map.get("@context") {
            let ours = context.iter().filter(|(_, iri)| {
                iri.as_str()
                    .is_some_and(|iri| matches!(super::schema_org_name(iri), Some("")))
            });
            self.prefixes
                .extend(ours.map(|(name, _)| name.clone()).take(5));
        }
        let Some(id) = map.get("@id").and_then(Value::as_str) else {
            return;
        };
        // The description with most to say stands for the node.
        if map.len() > 1 {
            let longer = self
                .nodes
                .get(id)
                .and_then(Value::as_object)
                .is_none_or(|known| known.len() < map.len());
            if longer && self.nodes.len() < MAX_NODES {
                self.nodes.insert(id.to_owned(), Value::Object(map.clone()));
            }
        }
    }

    /// A name without the prefix or address of schema.org.
    pub(super) fn name<'n>(&self, term: &'n str) -> &'n str {
        if let Some(name) = super::schema_org_name(term) {
            return name;
        }
        match term.split_once(':') {
            Some((prefix, name)) if self.prefixes.iter().any(|known| known == prefix) => name,
            _ => term,
        }
    }

    /// The types of a node, as plain names in lower case.
    pub(super) fn types(&self, map: &Map<String, Value>) -> Vec<String> {
        let one = |value: &Value| {
            value
                .as_str()
                .map(|text| self.name(text.trim()).to_ascii_lowercase())
        };
        match map.get("@type").or_else(|| map.get("type")) {
            Some(Value::Array(list)) => list.iter().take(10).filter_map(one).collect(),
            Some(value) => one(value).into_iter().collect(),
            None => Vec::new(),
        }
    }

    /// The node with plain names and with the nodes it refers to put in.
    pub(super) fn tree(&self, value: &Value) -> Value {
        self.written_out(value, None, 0, &mut HashSet::new())
    }

    fn written_out(
        &self,
        value: &Value,
        key: Option<&str>,
        depth: usize,
        above: &mut HashSet<String>,
    ) -> Value {
        self.written.set(self.written.get() + 1);
        if depth > MAX_DEPTH || self.written.get() > MAX_WRITTEN {
            return Value::Null;
        }
        match value {
            Value::Array(items) => items
                .iter()
                .map(|item| self.written_out(item, key, depth + 1, above))
                .collect(),
            Value::Object(map) => {
                let id = map.get("@id").and_then(Value::as_str);
                let node = id
                    .filter(|_| map.len() <= 2)
                    .and_then(|id| self.nodes.get(id))
                    .and_then(Value::as_object);
                let map = node.unwrap_or(map);
                let entered = match id {
                    Some(id) if above.contains(id) => return Value::Null,
                    Some(id) => above.insert(id.to_owned()).then_some(id),
                    None => None,
                };
                let mut out = Map::new();
                for (term, value) in map.iter().filter(|(term, _)| *term != "@context") {
                    let name = self.name(term);
                    out.insert(
                        name.to_owned(),
                        self.written_out(value, Some(name), depth + 1, above),
                    );
                }
                if let Some(id) = entered {
                    above.remove(id);
                }
                Value::Object(out)
            }
            Value::String(id)
                if key.is_some_and(|key| LINKS.contains(&key)) && !above.contains(id) =>
            {
                match self.nodes.get(id) {
                    Some(node) => self.written_out(node, key, depth + 1, above),
                    None => value.clone(),
                }
            }
            other => other.clone(),
        }
    }
}

/// The plain values at a dotted path, lists on the way gone through.
pub(in crate::extract) fn values(product: &Value, path: &[String]) -> Vec<String> {
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
        .take(super::MAX_VALUES)
        .collect()
}

/// A string, number or truth value as text. `{"@value": …}` is what it holds.
pub(in crate::extract) fn plain(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(truth) => Some(truth.to_string()),
        Value::Object(map) => map.get("@value").filter(|v| !v.is_object()).and_then(plain),
        _ => None,
    }
}
