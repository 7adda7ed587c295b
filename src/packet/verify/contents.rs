//! Opening a packet's zip file, within limits, and telling whether it is one
//! plain archive with nothing between, before or behind its files.

use std::collections::{BTreeMap, HashSet};
use std::fs::File;
use std::io::{BufReader, Read as _};

use serde_json::Value;
use sha2::{Digest, Sha256};
use tempfile::TempDir;
use zip::ZipArchive;

use super::super::bag::PAYLOAD;
use super::super::{MAX_FILE, MAX_FILES, MAX_TOTAL, wacz};
use super::{Check, counted, form, parts};

/// The largest text file that is looked into, in bytes: 32 MiB.
const MAX_TEXT: usize = 32 << 20;

/// The files of a packet.
#[derive(Debug, Default)]
pub(super) struct Contents {
    /// The payload: paths under `data/`.
    pub files: BTreeMap<String, Entry>,
    /// Everything beside it.
    pub tags: BTreeMap<String, Entry>,
    /// The captures' web archive, in a temporary file.
    pub wacz: Option<File>,
    /// The WARC records out of that, in another.
    pub warc: Option<File>,
    /// The packets in this one, unpacked.
    pub parts: Option<TempDir>,
}

/// One file of a packet.
#[derive(Debug)]
pub(super) struct Entry {
    pub sha256: String,
    pub size: u64,
    /// The bytes of files that hold records.
    pub text: Option<Vec<u8>>,
}

impl Contents {
    /// A file's bytes, or why there are none.
    pub fn text(&self, path: &str) -> Result<&[u8], String> {
        kept(self.files.get(path), path)
    }

    /// The bytes of a file beside the payload, or why there are none.
    pub fn tag(&self, path: &str) -> Result<&[u8], String> {
        kept(self.tags.get(path), path)
    }

    /// A file's JSON, or why there is none.
    pub fn json(&self, path: &str) -> Result<Value, String> {
        serde_json::from_slice(self.text(path)?)
            .map_err(|why| format!("{path} is not valid JSON: {why}"))
    }

    /// The files of a folder: names without it.
    pub fn folder<'a>(&'a self, folder: &'a str) -> impl Iterator<Item = (&'a str, &'a Entry)> {
        self.files
            .iter()
            .filter_map(move |(path, entry)| Some((path.strip_prefix(folder)?, entry)))
    }
}

fn kept<'a>(entry: Option<&'a Entry>, path: &str) -> Result<&'a [u8], String> {
    match entry {
        None => Err(format!("{path} is missing")),
        Some(Entry {
            text: Some(text), ..
        }) => Ok(text),
        Some(_) => Err(format!("{path} is too large to be looked into")),
    }
}

/// Reads and hashes every file. Gives no contents when there is nothing to go on.
pub(super) fn open(file: File) -> (Option<Contents>, Check) {
    let mut wrong = Vec::new();
    let contents = read(file, &mut wrong);
    let right = contents.as_ref().map_or_else(String::new, |contents| {
        format!(
            "one plain zip file with {} and nothing beside them",
            counted(contents.files.len() + contents.tags.len(), "file")
        )
    });
    if contents.is_none() && wrong.is_empty() {
        wrong.push("the file cannot be read as a zip file".to_owned());
    }
    (contents, Check::new("archive", &wrong, right))
}

fn read(file: File, wrong: &mut Vec<String>) -> Option<Contents> {
    let mut file = BufReader::new(file);
    wrong.extend(form::fault(&mut file));
    let mut archive = match ZipArchive::new(file) {
        Ok(archive) => archive,
        Err(why) => {
            wrong.push(format!("the file is no readable zip file: {why}"));
            return None;
        }
    };
    if archive.len() > MAX_FILES {
        wrong.push(format!(
            "it holds {} files, more than the {MAX_FILES} a packet can have",
            archive.len()
        ));
        return None;
    }
    if let Err(why) = archive.validate_header_consistency() {
        wrong.push(why.to_string());
    }
    names(&archive, wrong);
    Some(files(&mut archive, wrong))
}

/// Refuses names that would unpack elsewhere, or onto each other.
fn names(archive: &ZipArchive<BufReader<File>>, wrong: &mut Vec<String>) {
    let mut seen = HashSet::new();
    for name in archive.file_names() {
        let Ok(name) = name else {
            wrong.push("a file's name is not text".to_owned());
            continue;
        };
        if !is_safe(&name) {
            wrong.push(format!("the name {name:?} is not one a packet can have"));
        }
        // Some systems take names that differ in case for one.
        if !seen.insert(name.to_lowercase()) {
            wrong.push(format!("the name {name:?} stands in it twice"));
        }
    }
}

fn is_safe(name: &str) -> bool {
    name.len() <= 200
        && name.split('/').all(|part| {
            !part.is_empty()
                && !part.starts_with('.')
                && part
                    .bytes()
                    .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_'))
        })
}

fn files(archive: &mut ZipArchive<BufReader<File>>, wrong: &mut Vec<String>) -> Contents {
    let mut contents = Contents::default();
    let mut base: Option<String> = None;
    let mut total = 0;
    for index in 0..archive.len() {
        let entry = match archive.by_index(index) {
            Ok(entry) => entry,
            Err(why) => {
                wrong.push(format!(
                    "file {} of the zip cannot be read: {why}",
                    index + 1
                ));
                continue;
            }
        };
        let Ok(name) = entry.name().map(|name| name.into_owned()) else {
            continue;
        };
        if !entry.is_file() {
            wrong.push(format!("{name:?} is not a file"));
            continue;
        }
        let Some((folder, path)) = name.split_once('/') else {
            wrong.push(format!("{name:?} does not stand in the bag's folder"));
            continue;
        };
        if base.get_or_insert_with(|| folder.to_owned()) != folder {
            wrong.push(format!("{name:?} stands in a second folder"));
            continue;
        }
        let (in_payload, path) = match path.strip_prefix(PAYLOAD) {
            Some(path) => (true, path.to_owned()),
            None => (false, path.to_owned()),
        };
        let keeps = !in_payload
            || [".json", ".jsonl", ".txt"]
                .iter()
                .any(|extension| path.ends_with(extension));
        let mut sink = Sink::new(keeps);
        let is_part = in_payload && path.starts_with("cases/") && path.ends_with(".zip");
        if is_part && contents.parts.is_none() {
            contents.parts = TempDir::new().ok();
        }
        let spool = match &contents.parts {
            Some(folder) if is_part => Some(File::create(folder.path().join(parts::file(&path)))),
            _ => None,
        };
        if let Some(spool) = spool {
            match spool {
                Ok(file) => sink.spool = Some(file),
                Err(why) => wrong.push(format!("{name:?} cannot be looked into: {why}")),
            }
        }
        if in_payload && path == wacz::NAME {
            match tempfile::tempfile() {
                Ok(file) => sink.spool = Some(file),
                Err(why) => wrong.push(format!("{name:?} cannot be looked into: {why}")),
            }
        }
        let allowed = MAX_FILE.min(MAX_TOTAL.saturating_sub(total));
        // The size is counted while unpacking; what a header says proves nothing.
        match std::io::copy(&mut entry.take(allowed + 1), &mut sink) {
            Ok(size) if size > allowed => {
                wrong.push(format!(
                    "{name:?} unpacks to more than a packet can hold; the rest was not looked at"
                ));
                break;
            }
            Ok(size) => {
                total += size;
                if !is_part {
                    contents.wacz = sink.spool.take().or(contents.wacz.take());
                }
                let files = match in_payload {
                    true => &mut contents.files,
                    false => &mut contents.tags,
                };
                files.insert(path, sink.entry(size));
            }
            Err(why) => wrong.push(format!("{name:?} is damaged: {why}")),
        }
    }
    contents
}

/// Hashes what is written to it and keeps texts of a reasonable size.
struct Sink {
    hasher: Sha256,
    text: Option<Vec<u8>>,
    spool: Option<File>,
}

impl Sink {
    fn new(keeps: bool) -> Self {
        Self {
            hasher: Sha256::new(),
            text: keeps.then(Vec::new),
            spool: None,
        }
    }

    fn entry(self, size: u64) -> Entry {
        Entry {
            sha256: hex::encode(self.hasher.finalize()),
            size,
            text: self.text,
        }
    }
}

impl std::io::Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.hasher.update(bytes);
        if let Some(file) = &mut self.spool {
            std::io::Write::write_all(file, bytes)?;
        }
        if let Some(text) = &mut self.text {
            if text.len() + bytes.len() > MAX_TEXT {
                self.text = None;
            } else {
                text.extend_from_slice(bytes);
            }
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}
