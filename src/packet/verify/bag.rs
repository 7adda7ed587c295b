//! The bag: its declaration, its manifests, and every file against them.

use std::collections::BTreeMap;

use super::super::bag::{BAGIT, MANIFEST, PAYLOAD, SIGNATURE, TAG_MANIFEST, comes_later};
use super::contents::{Contents, Entry};
use super::{Check, counted};

/// Whether the packet is a bag, every file named in a manifest is there with its
/// hash, and no other.
pub(super) fn check(contents: &Contents) -> Check {
    let mut wrong = Vec::new();
    match contents.tag("bagit.txt") {
        Ok(text) if text != BAGIT => {
            wrong.push("bagit.txt is not as a packet's is".to_owned());
        }
        Ok(_) => {}
        Err(why) => wrong.push(why),
    }
    oxum(contents, &mut wrong);
    let payload = listed(contents, MANIFEST, PAYLOAD, &mut wrong);
    against(&payload, &contents.files, MANIFEST, &mut wrong);
    let tags = listed(contents, TAG_MANIFEST, "", &mut wrong);
    against(&tags, &contents.tags, TAG_MANIFEST, &mut wrong);
    for path in contents.files.keys() {
        if !payload.contains_key(path.as_str()) {
            wrong.push(format!(
                "{PAYLOAD}{path} is in the packet and not in {MANIFEST}"
            ));
        }
    }
    for path in contents.tags.keys() {
        if !tags.contains_key(path.as_str()) && !may_be_unlisted(path) {
            wrong.push(format!("{path} is in the packet and not in {TAG_MANIFEST}"));
        }
    }
    let right = format!(
        "{}, each with the SHA-256 that is listed for it, and {} about them",
        counted(payload.len(), "file"),
        counted(tags.len(), "file")
    );
    Check::new("manifest", &wrong, right)
}

/// What is signed cannot hold its own hash, nor those of what came after it.
fn may_be_unlisted(path: &str) -> bool {
    comes_later(path) || path == TAG_MANIFEST || path == SIGNATURE
}

fn against(
    listed: &BTreeMap<&str, &str>,
    files: &BTreeMap<String, Entry>,
    manifest: &str,
    wrong: &mut Vec<String>,
) {
    for (path, hash) in listed {
        match files.get(*path) {
            None => wrong.push(format!("{path} is in {manifest} and not in the packet")),
            Some(entry) if entry.sha256 != *hash => {
                wrong.push(format!("{path} has another SHA-256 than {manifest} says"));
            }
            Some(_) => {}
        }
    }
}

/// Size and number of files as bag-info.txt has them.
fn oxum(contents: &Contents, wrong: &mut Vec<String>) {
    let text = match contents.tag("bag-info.txt").map(std::str::from_utf8) {
        Ok(Ok(text)) => text,
        Ok(Err(_)) => return wrong.push("bag-info.txt is not text".to_owned()),
        Err(why) => return wrong.push(why),
    };
    let stated: Vec<&str> = text
        .lines()
        .filter_map(|line| line.strip_prefix("Payload-Oxum: "))
        .collect();
    let bytes: u64 = contents.files.values().map(|entry| entry.size).sum();
    if stated != [format!("{bytes}.{}", contents.files.len())] {
        wrong.push("bag-info.txt states another size of the payload".to_owned());
    }
}

/// Lines of a hash, two spaces and a path, as `sha256sum` writes them.
fn listed<'a>(
    contents: &'a Contents,
    manifest: &str,
    folder: &str,
    wrong: &mut Vec<String>,
) -> BTreeMap<&'a str, &'a str> {
    let mut listed = BTreeMap::new();
    let text = match contents.tag(manifest).map(std::str::from_utf8) {
        Ok(Ok(text)) => text,
        Ok(Err(_)) => {
            wrong.push(format!("{manifest} is not text"));
            return listed;
        }
        Err(why) => {
            wrong.push(why);
            return listed;
        }
    };
    for (line, number) in text.lines().zip(1..) {
        let parts = line.split_once("  ").filter(|(hash, path)| {
            hash.len() == 64 && hash.bytes().all(|b| b.is_ascii_hexdigit()) && !path.is_empty()
        });
        match parts.map(|(hash, path)| (hash, path.strip_prefix(folder))) {
            Some((hash, Some(path))) => {
                if listed.insert(path, hash).is_some() {
                    wrong.push(format!("{manifest} names {path} twice"));
                }
            }
            _ => wrong.push(format!("{manifest}, line {number}, is no hash and path")),
        }
    }
    if listed.is_empty() {
        wrong.push(format!("{manifest} names no file"));
    }
    listed
}
