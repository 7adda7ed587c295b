//! Every file against the manifest.

use std::collections::BTreeMap;

use super::super::MANIFEST;
use super::Check;
use super::contents::Contents;

/// Whether every file named in the manifest is there with its hash, and no other.
pub(super) fn check(contents: &Contents) -> Check {
    let mut wrong = Vec::new();
    let listed = match contents.text(MANIFEST) {
        Ok(text) => parse(text, &mut wrong),
        Err(why) => {
            wrong.push(why);
            BTreeMap::new()
        }
    };
    for (path, hash) in &listed {
        match contents.files.get(*path) {
            None => wrong.push(format!("{path} is in the manifest and not in the packet")),
            Some(entry) if entry.sha256 != *hash => {
                wrong.push(format!("{path} has another SHA-256 than the manifest says"));
            }
            Some(_) => {}
        }
    }
    for path in contents.files.keys() {
        if path != MANIFEST && !listed.contains_key(path.as_str()) {
            wrong.push(format!("{path} is in the packet and not in the manifest"));
        }
    }
    let right = format!("{} files, each with the SHA-256 it must have", listed.len());
    Check::new("manifest", &wrong, right)
}

/// Lines of a hash, two spaces and a path, as `sha256sum` writes them.
fn parse<'a>(text: &'a [u8], wrong: &mut Vec<String>) -> BTreeMap<&'a str, &'a str> {
    let mut listed = BTreeMap::new();
    let Ok(text) = std::str::from_utf8(text) else {
        wrong.push(format!("{MANIFEST} is not text"));
        return listed;
    };
    for (line, number) in text.lines().zip(1..) {
        let parts = line.split_once("  ").filter(|(hash, path)| {
            hash.len() == 64 && hash.bytes().all(|b| b.is_ascii_hexdigit()) && !path.is_empty()
        });
        match parts {
            None => wrong.push(format!("{MANIFEST}, line {number}, is no hash and path")),
            Some((hash, path)) => {
                if listed.insert(path, hash).is_some() {
                    wrong.push(format!("{MANIFEST} names {path} twice"));
                }
            }
        }
    }
    if listed.is_empty() {
        wrong.push(format!("{MANIFEST} names no file"));
    }
    listed
}
