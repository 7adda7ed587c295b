//! The WARC records in packets: those of the scan, and tampering with them.

use std::collections::BTreeSet;
use std::io::Write as _;

use markhound::app::App;
use markhound::packet;
use markhound::store::cases::QueueFilter;
use markhound_crawlers::capture::{CaptureLimits, FileInfo, HttpRecord, WarcReader, WarcWriter};
use serde_json::Value;

use super::tampering::{edit, failed, resign, verify, zipped};
use super::{SIGNATURE, entries, file};
use crate::lab::{Lab, shared_practice};

const WARC: &str = "captures.warc.gz";

type Entries = Vec<(String, Vec<u8>)>;

/// A shop scanned twice: of the second scan most answers are revisits.
fn scanned() -> Lab {
    let lab = Lab::new(shared_practice());
    for _ in 0..2 {
        lab.ok(&["scan", "--source", "stallhaven", "--json"]);
    }
    lab
}

async fn packet_of(app: &App, lab: &Lab) -> Entries {
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

    let warc = file(&mut packet, WARC).clone();
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

type Tamper = fn(&mut Entries);

/// Tamperings by somebody who makes the manifest anew.
const FORGERIES: [(&str, Tamper); 6] = [
    ("the records taken out", |e| {
        e.retain(|(name, _)| name != WARC);
    }),
    ("a byte of a record changed", |e| {
        let bytes = file(e, WARC);
        let middle = bytes.len() / 2;
        bytes[middle] ^= 1;
    }),
    ("the file cut short", |e| {
        let bytes = file(e, WARC);
        bytes.truncate(bytes.len() - 40);
    }),
    ("a record slipped in", |e| {
        file(e, WARC).extend(stranger());
    }),
    ("other records in their place", |e| {
        *file(e, WARC) = stranger();
    }),
    ("a body and its description made anew", |e| {
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
    for (what, tamper) in FORGERIES {
        let mut forged = packet.clone();
        tamper(&mut forged);
        resign(&mut forged);
        let verification = verify(&zipped(&forged));
        assert!(!verification.ok, "{what}");
        assert!(
            failed(&verification).contains(&"warc"),
            "{what}: {:#?}",
            verification.checks
        );
    }
}
