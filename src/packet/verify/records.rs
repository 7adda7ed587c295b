//! Captures and pictures against the records that describe them.

use std::collections::BTreeSet;

use serde_json::Value;

use super::contents::{Contents, Entry};
use super::{Check, counted};

/// Whether every captured body is described and has the hash and size the
/// description says, and the listing's capture is among them.
pub(super) fn captures(contents: &Contents) -> Check {
    let mut wrong = Vec::new();
    let mut described = BTreeSet::new();
    for (name, _) in contents.folder("captures/") {
        let Some(id) = name.strip_suffix(".json") else {
            continue;
        };
        described.insert(id);
        let path = format!("captures/{name}");
        let body = format!("captures/{id}.body");
        match contents.json(&path) {
            Err(why) => wrong.push(why),
            Ok(capture) => {
                let number = capture["id"].to_string();
                if number != id || capture["body"] != body.as_str() {
                    wrong.push(format!("{path} describes another capture"));
                }
                match contents.files.get(&body) {
                    None => wrong.push(format!("{body} is missing")),
                    Some(entry) => {
                        if capture["sha256"] != entry.sha256.as_str() {
                            wrong.push(format!("{body} has another SHA-256 than {path} says"));
                        }
                        if capture["size"].as_u64() != Some(entry.size) {
                            wrong.push(format!("{body} has another size than {path} says"));
                        }
                    }
                }
            }
        }
    }
    for (name, _) in contents.folder("captures/") {
        let known = name
            .strip_suffix(".body")
            .or(name.strip_suffix(".json"))
            .is_some_and(|id| described.contains(id));
        if !known {
            wrong.push(format!("captures/{name} is described by no record"));
        }
    }
    match contents.json("listing.json") {
        Err(why) => wrong.push(why),
        Ok(listing) => {
            let own = listing["capture_id"].to_string();
            if !described.contains(own.as_str()) {
                wrong.push(format!(
                    "capture {own}, which the listing was read from, is missing"
                ));
            }
        }
    }
    let right = format!(
        "{}, byte for byte as described",
        counted(described.len(), "captured answer")
    );
    Check::new("captures", &wrong, right)
}

/// Whether the listing's pictures are those it names and those that were captured.
pub(super) fn pictures(contents: &Contents) -> Check {
    let mut wrong = Vec::new();
    let mut named = BTreeSet::new();
    match contents.json("listing.json") {
        Err(why) => wrong.push(why),
        Ok(listing) => {
            for picture in items(&listing["pictures"]) {
                let Some(hash) = picture["sha256"].as_str() else {
                    continue;
                };
                let path = same(contents, "pictures/", picture, hash, &mut wrong);
                named.extend(path);
                if let Some(capture) = picture["capture"].as_i64() {
                    let path = format!("captures/{capture}.json");
                    match contents.json(&path) {
                        Err(why) => wrong.push(why),
                        Ok(captured) if captured["sha256"] != hash => wrong.push(format!(
                            "picture {} is not the one captured in {path}",
                            picture["position"]
                        )),
                        Ok(_) => {}
                    }
                }
            }
        }
    }
    strangers(contents, "pictures/", &named, &mut wrong);
    let right = format!(
        "{}, each as it was captured",
        counted(named.len(), "picture")
    );
    Check::new("pictures", &wrong, right)
}

/// Whether the reference photos are those the product names.
pub(super) fn references(contents: &Contents, packet: &Value) -> Check {
    let outward = packet["form"] == "outward";
    let mut wrong = Vec::new();
    let mut named = BTreeSet::new();
    match contents.json("product.json") {
        Err(why) => wrong.push(why),
        Ok(product) => {
            for photo in items(&product["references"]) {
                if outward && photo["withheld"] == true {
                    continue;
                }
                let hash = photo["sha256"].as_str().unwrap_or_default();
                named.extend(same(contents, "references/", photo, hash, &mut wrong));
            }
        }
    }
    strangers(contents, "references/", &named, &mut wrong);
    let right = format!(
        "{}, each as recorded",
        counted(named.len(), "reference photo")
    );
    Check::new("references", &wrong, right)
}

pub(super) fn items(list: &Value) -> impl Iterator<Item = &Value> {
    list.as_array().into_iter().flatten()
}

/// The file a record names, if its bytes and its name both have the hash.
fn same(
    contents: &Contents,
    folder: &str,
    record: &Value,
    hash: &str,
    wrong: &mut Vec<String>,
) -> Option<String> {
    let path = record["file"].as_str().unwrap_or_default();
    match contents.files.get(path) {
        Some(Entry { sha256, .. }) if path.starts_with(folder) => {
            if sha256 != hash || !path.contains(hash) {
                wrong.push(format!("{path} has another SHA-256 than its record says"));
            }
            Some(path.to_owned())
        }
        _ => {
            wrong.push(format!(
                "the picture with SHA-256 {hash} is missing from {folder}"
            ));
            None
        }
    }
}

fn strangers(contents: &Contents, folder: &str, named: &BTreeSet<String>, wrong: &mut Vec<String>) {
    for (name, _) in contents.folder(folder) {
        let path = format!("{folder}{name}");
        if !named.contains(&path) {
            wrong.push(format!("{path} is named by no record"));
        }
    }
}
