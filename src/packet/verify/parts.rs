//! The packets in a packet about several cases.

use std::collections::BTreeSet;

use serde_json::Value;

use super::super::{COLLECTION, COLLECTION_VERSION};
use super::contents::Contents;
use super::records::items;
use super::{Check, Trust, counted, look_into};

/// Whether the packet is about several cases.
pub(super) fn is_collection(packet: &Value) -> bool {
    packet["format"] == COLLECTION && packet["version"] == COLLECTION_VERSION
}

/// Whether every packet that is listed is there, as listed and of its case, holds by
/// itself, and no other file is there.
pub(super) fn check(contents: &Contents, packet: &Value, trust: &Trust) -> Check {
    let mut wrong = Vec::new();
    let mut named = BTreeSet::from(["packet.json"]);
    let mut count = 0;
    for part in items(&packet["cases"]) {
        let path = part["file"].as_str().unwrap_or_default();
        named.insert(path);
        count += 1;
        match contents.files.get(path) {
            None => wrong.push(format!("{path} is missing")),
            Some(entry) if part["sha256"] != entry.sha256.as_str() => {
                wrong.push(format!("{path} has another SHA-256 than packet.json says"));
            }
            Some(_) => match contents
                .parts
                .as_ref()
                .map(|folder| folder.path().join(file(path)))
            {
                None => wrong.push(format!("{path} cannot be looked into")),
                Some(at) => match look_into(&at, trust) {
                    Err(why) => wrong.push(format!("{path}: {why}")),
                    Ok(found) => {
                        let broken = found.checks.iter().filter(|check| !check.ok);
                        wrong.extend(
                            broken.map(|check| format!("{path}: {}: {}", check.name, check.detail)),
                        );
                        if part["case"].as_i64() != found.case_id {
                            wrong.push(format!("{path} is about another case"));
                        }
                    }
                },
            },
        }
    }
    for path in contents.files.keys() {
        if !named.contains(path.as_str()) {
            wrong.push(format!("{path} is named by no record"));
        }
    }
    Check::new(
        "packets",
        &wrong,
        format!(
            "{}, each of which holds by itself",
            counted(count, "packet")
        ),
    )
}

/// What the file of a part is called where it was unpacked to.
pub(super) fn file(path: &str) -> String {
    path.replace('/', "_")
}
