//! How far microdata, JSON-LD and OpenGraph are read as a reference extractor
//! reads them. Set `MARKHOUND_SHARED_DATA` to the folder that holds
//! `pages/extruct/`; without it the tests say so and pass.

use std::path::{Path, PathBuf};

use scraper::{ElementRef, Html};
use serde_json::{Map, Value, json};

use super::*;

fn folder() -> Option<PathBuf> {
    let folder = std::env::var_os("MARKHOUND_SHARED_DATA")
        .map(|root| Path::new(&root).join("pages/extruct"));
    let folder = folder.filter(|folder| folder.is_dir());
    if folder.is_none() {
        eprintln!("skipped: MARKHOUND_SHARED_DATA holds no pages/extruct");
    }
    folder
}

/// Pairs of page and expectation, whose names differ in the ending.
fn pairs(folder: &Path, ending: &str) -> Vec<(String, String, Value)> {
    let mut pairs = Vec::new();
    for group in std::fs::read_dir(folder)
        .expect("a folder")
        .flatten()
        .filter(|entry| entry.path().is_dir())
    {
        for file in std::fs::read_dir(group.path()).expect("a folder").flatten() {
            let path = file.path();
            if path.extension().is_none_or(|e| e != "html") {
                continue;
            }
            let Ok(expected) = std::fs::read_to_string(path.with_extension(ending)) else {
                continue;
            };
            let html = String::from_utf8_lossy(&std::fs::read(&path).expect("a file")).into_owned();
            let name = path
                .file_name()
                .unwrap_or_default()
                .to_string_lossy()
                .into_owned();
            pairs.push((name, html, serde_json::from_str(&expected).expect("JSON")));
        }
    }
    pairs.sort_by(|a, b| a.0.cmp(&b.0));
    pairs
}

/// The reference's `{"type", "id", "properties"}` in our shape, and white
/// space alike in both.
fn alike(value: &Value) -> Value {
    match value {
        Value::Array(items) => items.iter().map(alike).collect(),
        // What an item without properties says matters as a property only.
        Value::Object(map) if map.contains_key("properties") => {
            let mut out = Map::new();
            for (theirs, ours) in [("type", "@type"), ("id", "@id")] {
                if let Some(value) = map.get(theirs) {
                    out.insert(ours.to_owned(), alike(value));
                }
            }
            for (key, value) in map["properties"].as_object().into_iter().flatten() {
                out.insert(key.clone(), alike(value));
            }
            sorted(out)
        }
        Value::Object(map) if map.contains_key("value") && map.contains_key("type") => {
            alike(&json!({"@type": map["type"], "@id": map.get("id"), "@value": map["value"]}))
        }
        Value::Object(map) => sorted(
            map.iter()
                .map(|(key, value)| (key.clone(), alike(value)))
                .collect(),
        ),
        Value::String(text) => json!(text.split_whitespace().collect::<Vec<_>>().join(" ")),
        other => other.clone(),
    }
}

fn sorted(map: Map<String, Value>) -> Value {
    let mut pairs: Vec<(String, Value)> = map.into_iter().collect();
    pairs.sort_by(|a, b| a.0.cmp(&b.0));
    Value::Object(pairs.into_iter().collect())
}

fn marked(dom: &Html) -> Marks<'_> {
    let mut marks = Marks::default();
    for element in dom.tree.root().descendants().filter_map(ElementRef::wrap) {
        marks.note(element);
    }
    marks
}

fn report(what: &str, results: &[(String, Value, Value)], least: usize) {
    let mut agree = 0;
    for (name, ours, theirs) in results {
        if ours == theirs {
            agree += 1;
        } else {
            println!("{what} {name} differs\n  ours   {ours}\n  theirs {theirs}");
        }
    }
    println!("{what}: {agree} of {} pages agree", results.len());
    assert!(agree >= least, "{what}: {agree} of {}", results.len());
}

#[test]
fn microdata_agree_with_the_reference_extractor() {
    let Some(folder) = folder() else { return };
    let mut results = Vec::new();
    for (name, html, expected) in pairs(&folder, "json") {
        let is_microdata = expected.as_array().is_some_and(|items| {
            items
                .iter()
                .any(|item| item["type"].is_string() && item.get("properties").is_some())
        });
        if !is_microdata {
            continue;
        }
        let dom = Html::parse_document(&html);
        let marks = marked(&dom);
        let ours = microdata::items(&marks.scopes, &dom);
        results.push((name, alike(&Value::Array(ours)), alike(&expected)));
    }
    report("microdata", &results, 11);
}

#[test]
fn json_ld_agrees_with_the_reference_extractor() {
    let Some(folder) = folder() else { return };
    let mut results = Vec::new();
    for (name, html, expected) in pairs(&folder, "jsonld") {
        let dom = Html::parse_document(&html);
        let ours: Vec<Value> = marked(&dom)
            .scripts
            .iter()
            .flat_map(|script| lenient::parse(&script.text().collect::<String>()))
            .filter(|value| !value.is_null())
            .collect();
        results.push((name, alike(&Value::Array(ours)), alike(&expected)));
    }
    report("JSON-LD", &results, 9);
}

#[test]
fn open_graph_agrees_with_the_reference_extractor() {
    let Some(folder) = folder() else { return };
    let mut results = Vec::new();
    for (name, html, expected) in pairs(&folder, "json") {
        let Some(properties) = expected[0].get("properties").filter(|p| p.is_array()) else {
            continue;
        };
        let dom = Html::parse_document(&html);
        let metas: Vec<(String, String)> = dom
            .tree
            .root()
            .descendants()
            .filter_map(ElementRef::wrap)
            .filter(|e| e.value().name() == "meta")
            .filter_map(crate::extract::opengraph::meta)
            .collect();
        let wanted: Vec<&str> = properties
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(|pair| pair[0].as_str())
            .collect();
        let ours = metas
            .iter()
            .filter(|(name, _)| wanted.contains(&name.as_str()))
            .map(|(name, value)| json!([name, value]))
            .collect();
        results.push((name, alike(&ours), alike(properties)));
    }
    report("OpenGraph", &results, 2);
}
