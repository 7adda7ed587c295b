//! The WARC records against the captures that name them.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::Seek as _;

use markhound_crawlers::capture::{CaptureLimits, Record, WarcReader};
use markhound_crawlers::coding;
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::chains::{Answered, Chains};
use super::contents::Contents;
use super::records::items;
use super::{Check, counted};
use crate::packet::{MAX_TOTAL, warc::NAME};

/// The most records looked at.
const MAX_RECORDS: usize = 100_000;
/// The largest body unpacked, in bytes.
const MAX_BODY: usize = 64 << 20;

/// Whether every record that a capture names is there and whole, says what the
/// capture says, and no other record is there.
pub(super) fn check(contents: &Contents) -> Check {
    let mut wrong = Vec::new();
    let captures = captures(contents);
    let mut named: BTreeSet<&str> = captures.iter().flat_map(records).collect();
    let found = match &contents.warc {
        Some(file) => match read(file, &mut wrong) {
            Ok(found) => found,
            Err(why) => {
                wrong.push(format!("{NAME} cannot be read: {why}"));
                Found::default()
            }
        },
        None if named.is_empty() => {
            let right = "no WARC records: the captures were not made by a scan, or before such files were kept";
            return Check::new("warc", &[], right.to_owned());
        }
        None => {
            wrong.push(format!("{NAME} is missing"));
            Found::default()
        }
    };
    let count = found.ids.len();
    for id in &found.ids {
        if !named.remove(id.as_str()) {
            wrong.push(format!("the record {id} belongs to no capture"));
        }
    }
    for id in named {
        wrong.push(format!(
            "the record {id}, which a capture names, is missing"
        ));
    }
    for capture in &captures {
        answer(capture, &found, &mut wrong);
    }
    let right = format!(
        "{} of the exchanges as received, with the bodies that were captured",
        counted(count, "WARC record")
    );
    Check::new("warc", &wrong, right)
}

/// The captures that name WARC records.
fn captures(contents: &Contents) -> Vec<Value> {
    let files = contents.folder("captures/").map(|(name, _)| name);
    let described = files.filter(|name| name.ends_with(".json"));
    described
        .filter_map(|name| contents.json(&format!("captures/{name}")).ok())
        .filter(|capture| !capture["warc"].is_null())
        .collect()
}

fn records(capture: &Value) -> impl Iterator<Item = &str> {
    let records = items(&capture["warc"]["records"]);
    records.filter_map(Value::as_str)
}

/// Whether a capture's answer is the record it names.
fn answer(capture: &Value, found: &Found, wrong: &mut Vec<String>) {
    let id = &capture["id"];
    let record = capture["warc"]["record"].as_str().unwrap_or_default();
    let Some(answer) = found.answers.get(record) else {
        wrong.push(format!("the answer of capture {id} is not in {NAME}"));
        return;
    };
    if capture["warc"]["payload"] != answer.payload.as_str()
        || capture["final_url"].as_str().map(without_fragment) != Some(answer.url.as_str())
        || capture["status"] != answer.status
    {
        wrong.push(format!("the record of capture {id} is of another answer"));
    }
    match found.bodies.get(&answer.payload) {
        None => wrong.push(format!("the body of capture {id} is in no WARC record")),
        Some(sha256) if capture["sha256"] != sha256.as_str() => wrong.push(format!(
            "captures/{id}.body is not what its WARC record holds"
        )),
        Some(_) => {}
    }
    let beside: Vec<&str> = records(capture).collect();
    if let Some(why) = found.chains.fault(&answer.over, &beside) {
        wrong.push(format!("the answer of capture {id} {why}"));
    }
}

/// WARC files name addresses without a fragment.
fn without_fragment(url: &str) -> &str {
    url.split_once('#').map_or(url, |(url, _)| url)
}

#[derive(Default)]
struct Found {
    ids: BTreeSet<String>,
    /// Answers by the name of their record.
    answers: BTreeMap<String, Answer>,
    /// By the digest of a payload the SHA-256 of what it unpacks to.
    bodies: BTreeMap<String, String>,
    /// The certificates that servers showed.
    chains: Chains,
    /// What the bodies unpacked to in all.
    unpacked: u64,
}

struct Answer {
    url: String,
    status: u16,
    payload: String,
    over: Answered,
}

fn read(mut file: &File, wrong: &mut Vec<String>) -> Result<Found, String> {
    file.rewind().map_err(|error| error.to_string())?;
    let limits = CaptureLimits {
        file_bytes: MAX_TOTAL,
        entries: MAX_RECORDS,
        ..CaptureLimits::default()
    };
    let reader = WarcReader::new(file, NAME, limits).map_err(|error| error.to_string())?;
    let mut found = Found::default();
    for (record, number) in reader.zip(1..) {
        let record = match record {
            Ok(record) => record,
            Err(error) => {
                wrong.push(error.to_string());
                continue;
            }
        };
        match (record.kind(), number) {
            ("warcinfo", 1) => {}
            (_, 1) => wrong.push(format!("{NAME} does not begin with a warcinfo record")),
            ("warcinfo", _) => wrong.push(format!("{NAME} has a second warcinfo record")),
            _ => {
                let id = record.id().unwrap_or_default().to_owned();
                if !found.ids.insert(id) {
                    wrong.push(format!("record {number} of {NAME} stands there twice"));
                }
            }
        }
        if matches!(record.kind(), "response" | "revisit") {
            found.note(&record, wrong);
        }
        found.chains.note(&record, wrong);
    }
    Ok(found)
}

impl Found {
    fn note(&mut self, record: &Record, wrong: &mut Vec<String>) {
        let id = record.id().unwrap_or_default().to_owned();
        let payload = record.field("WARC-Payload-Digest").unwrap_or_default();
        let response = match record.http_response() {
            Ok(response) => response,
            Err(error) => return wrong.push(format!("{id}: {error}")),
        };
        let answer = Answer {
            url: record.target_uri().unwrap_or_default().to_owned(),
            status: response.status,
            payload: payload.to_owned(),
            over: Answered::by(record),
        };
        self.answers.insert(id.clone(), answer);
        if record.kind() == "revisit" {
            return;
        }
        let digest = format!("sha256:{}", hex::encode(Sha256::digest(&response.payload)));
        if digest != payload {
            wrong.push(format!(
                "the payload of {id} has another digest than it states"
            ));
        }
        let coding = coding::content_encoding(&response.headers);
        let left = usize::try_from(MAX_TOTAL - self.unpacked).unwrap_or(MAX_BODY);
        match coding::decode(coding.as_deref(), &response.payload, MAX_BODY.min(left)) {
            Ok(body) => {
                self.unpacked += body.len() as u64;
                let sha256 = hex::encode(Sha256::digest(&body));
                self.bodies.insert(digest, sha256);
            }
            Err(error) => wrong.push(format!("the payload of {id} cannot be unpacked: {error}")),
        }
    }
}
