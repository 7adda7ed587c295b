//! The captures' web archive: its files against its hashes, its index against its
//! records, its signature.

use std::collections::{BTreeMap, HashSet};
use std::fs::File;
use std::io::{Read as _, Seek as _};

use serde_json::Value;
use sha2::{Digest as _, Sha256};
use zip::{CompressionMethod, ZipArchive};

use super::super::bag::STAMPS;
use super::super::wacz::{
    ARCHIVE, DATAPACKAGE, DIGEST, INDEX, LATE, NAME, PAGES, VERSION, check_late, check_signature,
    entries, lines,
};
use super::super::{MAX_FILE, warc};
use super::contents::Contents;
use super::records::items;
use super::{Check, Trust, form};

/// The largest file of an archive that is no WARC file.
const MAX_TEXT: u64 = 32 << 20;

/// Checks the archive, if there is one, and takes the WARC records out of it.
pub(super) fn check(contents: &mut Contents, trust: &Trust) -> Option<Check> {
    let mut wrong = Vec::new();
    let Some(file) = contents.wacz.take() else {
        let late = contents.tags.contains_key(&late_path());
        wrong.push(format!("{} signs {NAME}, which is not here", late_path()));
        return late.then(|| Check::new("wacz", &wrong, String::new()));
    };
    let mut told = "not signed by itself".to_owned();
    match open(file, &mut wrong) {
        Err(why) => wrong.push(format!("{NAME} cannot be read: {why}")),
        Ok(archive) => {
            resources(&archive, &mut wrong);
            index(&archive, &mut wrong);
            match signature(&archive, trust) {
                Ok(Some(who)) => told = format!("signed by {who}"),
                Ok(None) => {}
                Err(why) => wrong.push(format!("{NAME}: {why}")),
            }
            match signed_later(contents, &archive, trust) {
                Ok(Some(who)) => told = format!("signed after the packet was by {who}"),
                Ok(None) => {}
                Err(why) => wrong.push(format!("{}: {why}", late_path())),
            }
            contents.warc = archive.warc;
        }
    }
    let right = format!("a web archive (WACZ {VERSION}) whose index and hashes fit, {told}");
    Some(Check::new("wacz", &wrong, right))
}

/// Where a signature of the archive stands that came after the packet was sealed.
fn late_path() -> String {
    format!("{STAMPS}{LATE}")
}

/// Who signed it then, as of which time, if somebody did.
fn signed_later(
    contents: &Contents,
    archive: &Archive,
    trust: &Trust,
) -> Result<Option<String>, String> {
    if !contents.tags.contains_key(&late_path()) {
        return Ok(None);
    }
    let digest: Value = serde_json::from_slice(contents.tag(&late_path())?)
        .map_err(|why| format!("it is not valid JSON: {why}"))?;
    let hash = archive.hash(DATAPACKAGE);
    if digest["path"] != DATAPACKAGE || digest["hash"] != hash {
        return Err("it is of another archive".to_owned());
    }
    let signed = &digest["signedData"];
    check_late(signed, &hash, &trust.authorities).map(Some)
}

struct Archive {
    /// SHA-256 and size of every file.
    hashes: BTreeMap<String, (String, u64)>,
    texts: BTreeMap<String, Vec<u8>>,
    warc: Option<File>,
}

fn open(mut file: File, wrong: &mut Vec<String>) -> Result<Archive, String> {
    let text = |error: std::io::Error| error.to_string();
    file.rewind().map_err(text)?;
    wrong.extend(form::fault(&mut file).map(|why| format!("{NAME}: {why}")));
    let mut zip = ZipArchive::new(file).map_err(|error| error.to_string())?;
    let mut archive = Archive {
        hashes: BTreeMap::new(),
        texts: BTreeMap::new(),
        warc: None,
    };
    let mut seen = HashSet::new();
    for index in 0..zip.len() {
        let mut entry = zip.by_index(index).map_err(|error| error.to_string())?;
        let name = entry
            .name()
            .map_err(|error| error.to_string())?
            .into_owned();
        if !seen.insert(name.clone()) {
            wrong.push(format!("{NAME} has two files {name}"));
        }
        if entry.compression() != CompressionMethod::Stored {
            wrong.push(format!("{name} in {NAME} is packed, and must be stored"));
        }
        let mut hasher = Sha256::new();
        let size = if name == format!("{ARCHIVE}{}", warc::NAME) {
            let mut spool = tempfile::tempfile().map_err(text)?;
            let copied = std::io::copy(&mut (&mut entry).take(MAX_FILE), &mut spool);
            let size = copied.map_err(text)?;
            spool.rewind().map_err(text)?;
            std::io::copy(&mut spool, &mut hasher).map_err(text)?;
            spool.rewind().map_err(text)?;
            archive.warc = Some(spool);
            size
        } else {
            let mut bytes = Vec::new();
            (&mut entry)
                .take(MAX_TEXT)
                .read_to_end(&mut bytes)
                .map_err(text)?;
            hasher.update(&bytes);
            let size = bytes.len() as u64;
            archive.texts.insert(name.clone(), bytes);
            size
        };
        let hash = hex::encode(hasher.finalize());
        archive.hashes.insert(name, (hash, size));
    }
    Ok(archive)
}

impl Archive {
    fn json(&self, name: &str) -> Result<Value, String> {
        let bytes = self
            .texts
            .get(name)
            .ok_or_else(|| format!("{name} is missing"))?;
        serde_json::from_slice(bytes).map_err(|why| format!("{name} is not valid JSON: {why}"))
    }

    fn hash(&self, name: &str) -> String {
        let hash = self.hashes.get(name).map(|(hash, _)| hash.as_str());
        format!("sha256:{}", hash.unwrap_or_default())
    }
}

/// Every file against datapackage.json, and that against its digest.
fn resources(archive: &Archive, wrong: &mut Vec<String>) {
    let (datapackage, digest) = match (archive.json(DATAPACKAGE), archive.json(DIGEST)) {
        (Ok(datapackage), Ok(digest)) => (datapackage, digest),
        (datapackage, digest) => {
            wrong.extend([datapackage, digest].into_iter().filter_map(Result::err));
            return;
        }
    };
    if digest["path"] != DATAPACKAGE || digest["hash"] != archive.hash(DATAPACKAGE) {
        wrong.push(format!(
            "{DATAPACKAGE} has another SHA-256 than {DIGEST} says"
        ));
    }
    if datapackage["wacz_version"] != VERSION {
        wrong.push(format!("{NAME} is of another version than {VERSION}"));
    }
    let mut named = HashSet::from([DATAPACKAGE, DIGEST]);
    for resource in items(&datapackage["resources"]) {
        let path = resource["path"].as_str().unwrap_or_default();
        match archive.hashes.get(path) {
            None => wrong.push(format!("{path} is missing from {NAME}")),
            Some((_, size))
                if resource["hash"] != archive.hash(path) || resource["bytes"] != *size =>
            {
                wrong.push(format!("{path} in {NAME} is not as {DATAPACKAGE} says"));
            }
            Some(_) => {}
        }
        named.insert(path);
    }
    for path in archive.hashes.keys() {
        if !named.contains(path.as_str()) {
            wrong.push(format!("{path} in {NAME} is named by no resource"));
        }
    }
    for path in [INDEX, PAGES] {
        if !archive.hashes.contains_key(path) {
            wrong.push(format!("{path} is missing from {NAME}"));
        }
    }
}

/// The index and the pages against the records.
fn index(archive: &Archive, wrong: &mut Vec<String>) {
    let Some(file) = &archive.warc else {
        wrong.push(format!("{ARCHIVE}{} is missing from {NAME}", warc::NAME));
        return;
    };
    let size = archive
        .hashes
        .get(&format!("{ARCHIVE}{}", warc::NAME))
        .map_or(0, |(_, size)| *size);
    let found = match entries(file, size, warc::NAME) {
        Ok(found) => found,
        Err(why) => return wrong.push(why),
    };
    if archive.texts.get(INDEX).map(Vec::as_slice) != Some(lines(&found).as_bytes()) {
        wrong.push(format!("{INDEX} is not the index of the records"));
    }
    let pages = archive.texts.get(PAGES).map_or(&[][..], Vec::as_slice);
    let pages = String::from_utf8_lossy(pages);
    let mut lines = pages.lines();
    let header = lines
        .next()
        .and_then(|line| serde_json::from_str::<Value>(line).ok());
    if header.is_none_or(|header| header["format"] != "json-pages-1.0") {
        wrong.push(format!("{PAGES} does not begin as it must"));
    }
    for line in lines {
        let page: Value = serde_json::from_str(line).unwrap_or_default();
        if !found.iter().any(|entry| page["url"] == entry.url.as_str()) {
            wrong.push(format!(
                "{PAGES} names a page that is not captured: {}",
                page["url"]
            ));
        }
    }
}

fn signature(archive: &Archive, trust: &Trust) -> Result<Option<String>, String> {
    let digest = archive.json(DIGEST)?;
    let signed = &digest["signedData"];
    if signed.is_null() {
        return Ok(None);
    }
    let created = &archive.json(DATAPACKAGE)?["created"];
    check_signature(
        signed,
        &archive.hash(DATAPACKAGE),
        created,
        &trust.authorities,
    )
    .map(Some)
}
