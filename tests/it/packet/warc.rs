//! The WARC records in packets: those of the scan, and tampering with them.

use std::collections::BTreeSet;
use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::Command;

use markhound::app::App;
use markhound::packet;
use markhound::store::cases::QueueFilter;
use markhound_crawlers::capture::{CaptureLimits, FileInfo, HttpRecord, WarcReader, WarcWriter};
use serde_json::Value;

use super::authority::Authority;
use super::tampering::{edit, failed, resign, verify, zipped};
use super::{SIGNATURE, entries, file};
use crate::lab::{Lab, shared_practice};

pub(super) const WARC: &str = "captures.warc.gz";
pub(super) const WACZ: &str = "captures.wacz";

type Entries = Vec<(String, Vec<u8>)>;

/// A shop scanned twice: of the second scan most answers are revisits.
pub(super) fn scanned() -> Lab {
    let lab = Lab::new(shared_practice());
    for _ in 0..2 {
        lab.ok(&["scan", "--source", "stallhaven", "--json"]);
    }
    lab
}

pub(super) async fn packet_of(app: &App, lab: &Lab) -> Entries {
    let queue = app.store.queue(&QueueFilter::default(), None, 1).await;
    let case = queue.unwrap().remove(0);
    let path = packet::export(app, "anna", case.id, &lab.path("packets"))
        .await
        .unwrap();
    let verification = packet::verify(&path).unwrap();
    assert!(verification.ok, "{:#?}", verification.checks);
    let check = verification.checks.iter().find(|c| c.name == "warc");
    assert!(check.unwrap().detail.contains("WARC records"), "{check:?}");
    entries(&path)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_packet_holds_the_records_of_its_captures_with_what_revisits_refer_to() {
    let lab = tokio::task::block_in_place(scanned);
    let app = lab.app().await;
    let mut packet = packet_of(&app, &lab).await;
    assert_eq!(packet.last().unwrap().0, SIGNATURE);

    let wacz = file(&mut packet, WACZ).clone();
    let warc = member(&wacz, &format!("archive/{WARC}"));
    let records: Vec<_> = WarcReader::new(&warc[..], WARC, CaptureLimits::default())
        .unwrap()
        .map(Result::unwrap)
        .collect();
    let kinds: BTreeSet<&str> = records.iter().map(|record| record.kind()).collect();
    let expected = ["metadata", "request", "response", "revisit", "warcinfo"];
    assert_eq!(kinds, BTreeSet::from(expected));
    for revisit in records.iter().filter(|r| r.kind() == "revisit") {
        let first = revisit.field("WARC-Refers-To").unwrap();
        let first = first.trim_matches(['<', '>']);
        assert!(
            records.iter().any(|r| r.id() == Some(first)),
            "{first} is missing"
        );
    }
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join(WARC), &warc).unwrap();
    crate::warc::check_by_warcio(folder.path());
    std::fs::write(folder.path().join(WACZ), &wacz).unwrap();
    let index = member(&wacz, "indexes/index.cdx");
    checked_by_others(folder.path(), &String::from_utf8(index).unwrap());

    // The listing's price stands in the metadata beside its page.
    let described = packet
        .iter()
        .filter(|(name, _)| name.starts_with("captures/") && name.ends_with(".json"));
    for (name, bytes) in described {
        let capture: Value = serde_json::from_slice(bytes).unwrap();
        let named = capture["warc"]["records"].as_array().unwrap();
        assert!(named.len() >= 2, "{name}: answer and request");
        assert_eq!(named[0], capture["warc"]["record"], "{name}");
    }
    tampered(&packet);

    // A file of the scan that is damaged is no evidence.
    let captures = app.data_dir.join("captures");
    for entry in std::fs::read_dir(&captures).unwrap() {
        let path = entry.unwrap().path();
        let half = std::fs::metadata(&path).unwrap().len() / 8;
        std::fs::OpenOptions::new()
            .write(true)
            .open(&path)
            .unwrap()
            .set_len(half)
            .unwrap();
    }
    let queue = app.store.queue(&QueueFilter::default(), None, 1).await;
    let case = queue.unwrap().remove(0);
    let error = packet::export(&app, "anna", case.id, &lab.path("again"))
        .await
        .unwrap_err();
    assert!(error.to_string().contains("captures/scan-"), "{error}");
}

/// A file out of a zip file.
pub(super) fn member(zip: &[u8], name: &str) -> Vec<u8> {
    let mut archive = zip::ZipArchive::new(std::io::Cursor::new(zip)).unwrap();
    let mut bytes = Vec::new();
    archive
        .by_name(name)
        .unwrap()
        .read_to_end(&mut bytes)
        .unwrap();
    bytes
}

/// Puts another file into a WACZ, making its hashes anew as a careful forger would.
pub(super) fn with_member(wacz: &[u8], name: &str, bytes: &[u8]) -> Vec<u8> {
    let mut archive = zip::ZipArchive::new(std::io::Cursor::new(wacz)).unwrap();
    let names: Vec<String> = archive
        .file_names()
        .map(|n| n.unwrap().into_owned())
        .collect();
    let mut members: Vec<(String, Vec<u8>)> = Vec::new();
    for entry in names {
        let mut content = Vec::new();
        archive
            .by_name(&entry)
            .unwrap()
            .read_to_end(&mut content)
            .unwrap();
        members.push((
            entry.clone(),
            if entry == name {
                bytes.to_vec()
            } else {
                content
            },
        ));
    }
    let sha256 = |bytes: &[u8]| format!("sha256:{}", markhound::blobs::sha256_hex(bytes));
    let mut datapackage: Value =
        serde_json::from_slice(file(&mut members, "datapackage.json")).unwrap();
    for resource in datapackage["resources"].as_array_mut().unwrap() {
        let path = resource["path"].as_str().unwrap().to_owned();
        let content = file(&mut members, &path).clone();
        resource["hash"] = sha256(&content).into();
        resource["bytes"] = content.len().into();
    }
    let datapackage = format!("{datapackage:#}\n").into_bytes();
    edit(&mut members, "datapackage-digest.json", |digest| {
        digest["hash"] = sha256(&datapackage).into();
    });
    *file(&mut members, "datapackage.json") = datapackage;
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, bytes) in &members {
        let options = zip::write::SimpleFileOptions::default()
            .compression_method(zip::CompressionMethod::Stored)
            .last_modified_time(zip::DateTime::default())
            .unix_permissions(0o644);
        zip.start_file(name.as_str(), options).unwrap();
        zip.write_all(bytes).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

/// The validator of the format's authors, and the index of another program.
fn checked_by_others(folder: &Path, index: &str) {
    let Some(bin) = validators() else { return };
    let said = run(Command::new(bin.join("wacz"))
        .args(["validate", "-f", WACZ])
        .current_dir(folder));
    assert!(said.contains("Validation succeeded"), "{said}");
    let theirs = run(Command::new(bin.join("cdxj-indexer"))
        .args(["-s", WARC])
        .current_dir(folder));
    let lines = |text: &str| -> Vec<(String, Value)> {
        let lines = text.lines().map(|line| line.split_once(" {").unwrap());
        let lines = lines.map(|(key, rest)| {
            (
                key.to_owned(),
                serde_json::from_str(&format!("{{{rest}")).unwrap(),
            )
        });
        lines.collect()
    };
    let mut theirs = lines(&theirs);
    // Records beside the answers are in theirs too; a replay needs none of them.
    theirs.retain(|(_, about)| about["status"].is_string());
    assert_eq!(lines(index), theirs);
}

pub(super) fn run(command: &mut Command) -> String {
    let done = command.output().unwrap();
    let said = format!(
        "{}{}",
        String::from_utf8_lossy(&done.stdout),
        String::from_utf8_lossy(&done.stderr)
    );
    assert!(done.status.success(), "{command:?}: {said}");
    match done.stdout.is_empty() {
        true => said,
        false => String::from_utf8(done.stdout).unwrap(),
    }
}

/// Where the programs of others are.
pub(super) fn validators() -> Option<PathBuf> {
    let bin = std::env::var_os("MARKHOUND_VALIDATORS").map(PathBuf::from);
    if bin.is_none() {
        println!("skipped: MARKHOUND_VALIDATORS does not say where the validators are");
    }
    bin
}

/// authsign's own check, with the practice authority for its root.
pub(super) const AUTHSIGN: &str = "
import json, sys
from authsign import crypto
from authsign.verifier import Verifier
ca, digest = sys.argv[1:]
root = crypto.get_fingerprint(crypto.load_cert(open(ca, 'rb').read()))
open('roots.yaml', 'w').write(json.dumps({'domain_cert_roots': [root], 'timestamp_cert_roots': [root]}))
print(Verifier('roots.yaml')(json.load(open(digest))['signedData']))
";

#[tokio::test(flavor = "multi_thread")]
async fn captures_are_signed_by_a_domain_so_that_authsign_agrees() {
    let authority = Authority::start().await;
    let lab = tokio::task::block_in_place(scanned);
    let mut app = lab.app().await;
    authority.signs_for(&mut app);
    let mut packet = packet_of(&app, &lab).await;
    let wacz = file(&mut packet, WACZ).clone();
    let digest = member(&wacz, "datapackage-digest.json");
    let parsed: Value = serde_json::from_slice(&digest).unwrap();
    assert_eq!(parsed["signedData"]["domain"], "evidence.brand.example");

    // A changed index under a signature that is not made anew.
    let forged = with_member(
        &wacz,
        "pages/pages.jsonl",
        b"{\"format\":\"json-pages-1.0\"}\n",
    );
    let mut entries = packet.clone();
    *file(&mut entries, WACZ) = forged;
    resign(&mut entries);
    assert!(failed(&verify(&zipped(&entries))).contains(&"wacz"));

    let Some(bin) = validators() else { return };
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("digest.json"), &digest).unwrap();
    std::fs::write(folder.path().join(WACZ), &wacz).unwrap();
    let mut check = Command::new(bin.join("python3"));
    check
        .args(["-c", AUTHSIGN])
        .arg(authority.path("ca.pem"))
        .arg("digest.json");
    let said = run(check.current_dir(folder.path()));
    assert!(said.contains("evidence.brand.example"), "{said}");
    let said = run(Command::new(bin.join("wacz"))
        .args(["validate", "-f", WACZ])
        .current_dir(folder.path()));
    assert!(said.contains("Validation succeeded"), "{said}");
}

type Tamper = fn(&mut Entries);

/// Changes the WARC file in the archive, making the archive's hashes anew.
fn change_warc(e: &mut Entries, change: impl FnOnce(&mut Vec<u8>)) {
    let wacz = file(e, WACZ).clone();
    let name = format!("archive/{WARC}");
    let mut warc = member(&wacz, &name);
    change(&mut warc);
    *file(e, WACZ) = with_member(&wacz, &name, &warc);
}

/// Tamperings by somebody who makes the manifest anew, and what finds each.
const FORGERIES: [(&str, &str, Tamper); 10] = [
    ("the records taken out", "warc", |e| {
        e.retain(|(name, _)| name != WACZ);
    }),
    ("a byte of a record changed", "warc", |e| {
        change_warc(e, |warc| {
            let middle = warc.len() / 2;
            warc[middle] ^= 1;
        });
    }),
    ("the file cut short", "warc", |e| {
        change_warc(e, |warc| warc.truncate(warc.len() - 40));
    }),
    ("a record slipped in", "warc", |e| {
        change_warc(e, |warc| warc.extend(stranger()));
    }),
    ("other records in their place", "warc", |e| {
        change_warc(e, |warc| *warc = stranger());
    }),
    ("a body and its description made anew", "warc", |e| {
        let name = e
            .iter()
            .map(|(name, _)| name.clone())
            .find(|name| name.ends_with(".body"))
            .unwrap();
        let described = name.replace(".body", ".json");
        let body = file(e, &name);
        body.push(b'\n');
        let (sha256, size) = (markhound::blobs::sha256_hex(body), body.len());
        edit(e, &described, |capture| {
            capture["sha256"] = sha256.into();
            capture["size"] = size.into();
        });
    }),
    ("the index emptied", "wacz", |e| {
        *file(e, WACZ) = with_member(file(e, WACZ), "indexes/index.cdx", b"");
    }),
    ("another page to begin with", "wacz", |e| {
        let pages = b"{\"format\":\"json-pages-1.0\"}\n{\"url\":\"http://127.0.0.1/never\"}\n";
        *file(e, WACZ) = with_member(file(e, WACZ), "pages/pages.jsonl", pages);
    }),
    ("a byte of the archive changed", "wacz", |e| {
        let wacz = file(e, WACZ);
        let middle = wacz.len() / 3;
        wacz[middle] ^= 1;
    }),
    ("something behind the archive", "wacz", |e| {
        file(e, WACZ).extend(b"hidden");
    }),
];

/// A WARC file of an exchange that never was.
fn stranger() -> Vec<u8> {
    let at = "2026-11-02T08:00:00Z".parse().unwrap();
    let info = FileInfo::new(WARC, "forger/1", at);
    let mut writer = WarcWriter::create(Vec::new(), &info).unwrap();
    let url = "http://127.0.0.1/never".parse().unwrap();
    let exchange = HttpRecord::get(url, 200, "<h1>never</h1>", at);
    writer.write(&exchange, None, None).unwrap();
    writer.get_mut().flush().unwrap();
    writer.into_inner()
}

fn tampered(packet: &Entries) {
    for (what, check, tamper) in FORGERIES {
        let mut forged = packet.clone();
        tamper(&mut forged);
        resign(&mut forged);
        let verification = verify(&zipped(&forged));
        assert!(!verification.ok, "{what}");
        assert!(
            failed(&verification).contains(&check),
            "{what}: {:#?}",
            verification.checks
        );
    }
}
