//! Tampering with evidence packets is found.

use std::io::{Cursor, Write as _};

use markhound::blobs::sha256_hex;
use markhound::packet::keys::Keyring;
use markhound::packet::{self, Verification};
use serde_json::Value;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipWriter};

use super::{MANIFEST, PUBLIC_KEY, SIGNATURE, TAG_MANIFEST, entries, exported, file, place};

pub(super) fn zipped(entries: &[(String, Vec<u8>)]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in entries {
        let options = SimpleFileOptions::default()
            .compression_method(CompressionMethod::Deflated)
            .last_modified_time(DateTime::default())
            .unix_permissions(0o644);
        zip.start_file(format!("case-1/{}", place(name)), options)
            .unwrap();
        zip.write_all(bytes).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

/// Makes the manifests anew, as a careful forger would, who has not the key: the
/// signature stays as it was.
pub(super) fn remanifest(entries: &mut [(String, Vec<u8>)]) {
    let lines = |entries: &[(String, Vec<u8>)], payload: bool| -> Vec<u8> {
        let listed = entries.iter().filter(|(name, _)| {
            place(name).starts_with("data/") == payload && name != TAG_MANIFEST && name != SIGNATURE
        });
        let lines: String = listed
            .map(|(name, bytes)| format!("{}  {}\n", sha256_hex(bytes), place(name)))
            .collect();
        lines.into_bytes()
    };
    let payload = entries
        .iter()
        .filter(|(name, _)| place(name).starts_with("data/"));
    let (bytes, files) = payload.fold((0, 0), |(bytes, files), (_, b)| {
        (bytes + b.len(), files + 1)
    });
    let info = String::from_utf8(file(entries, "bag-info.txt").clone()).unwrap();
    let info: String = info
        .lines()
        .map(|line| match line.starts_with("Payload-Oxum") {
            true => format!("Payload-Oxum: {bytes}.{files}\n"),
            false => format!("{line}\n"),
        })
        .collect();
    *file(entries, "bag-info.txt") = info.into_bytes();
    let manifest = lines(entries, true);
    *file(entries, MANIFEST) = manifest;
    let tags = lines(entries, false);
    *file(entries, TAG_MANIFEST) = tags;
}

/// Makes the manifests anew and signs them with a key of the forger's own.
pub(super) fn resign(entries: &mut [(String, Vec<u8>)]) {
    let folder = tempfile::tempdir().unwrap();
    let (key, _) = Keyring::of(folder.path()).current_or_new().unwrap();
    *file(entries, PUBLIC_KEY) = key.public().pem().into_bytes();
    remanifest(entries);
    let tags = file(entries, TAG_MANIFEST).clone();
    *file(entries, SIGNATURE) = key.sign(&tags);
}

pub(super) fn edit(entries: &mut [(String, Vec<u8>)], name: &str, change: impl FnOnce(&mut Value)) {
    let bytes = file(entries, name);
    let mut document = serde_json::from_slice(bytes).unwrap();
    change(&mut document);
    *bytes = document.to_string().into_bytes();
}

fn replace(entries: &mut [(String, Vec<u8>)], name: &str, from: &str, to: &str) {
    let bytes = file(entries, name);
    let text = String::from_utf8(bytes.clone()).unwrap();
    assert!(text.contains(from), "{from:?} in {name}");
    *bytes = text.replacen(from, to, 1).into_bytes();
}

/// Changes the event of that number in the log, making its own hash anew.
fn forge_event(entries: &mut [(String, Vec<u8>)], at: usize, change: impl Fn(&mut Value)) {
    let bytes = file(entries, "custody.jsonl");
    let text = String::from_utf8(bytes.clone()).unwrap();
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    let mut event: Value = serde_json::from_str(&lines[at]).unwrap();
    change(&mut event);
    let keys = [
        "seq",
        "at_ms",
        "actor",
        "action",
        "subject",
        "detail",
        "prev_hash",
    ];
    let hashed: Vec<&Value> = keys.iter().map(|key| &event[*key]).collect();
    let hash = sha256_hex(serde_json::to_string(&hashed).unwrap().as_bytes());
    event["hash"] = hash.into();
    lines[at] = event.to_string();
    *bytes = (lines.join("\n") + "\n").into_bytes();
}

pub(super) fn verify(bytes: &[u8]) -> Verification {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("p.zip");
    std::fs::write(&path, bytes).unwrap();
    packet::verify(&path).unwrap()
}

pub(super) fn failed(verification: &Verification) -> Vec<&str> {
    let checks = verification.checks.iter();
    checks.filter(|c| !c.ok).map(|c| c.name.as_str()).collect()
}

pub(super) type Tamper = fn(&mut Vec<(String, Vec<u8>)>);

/// Tamperings by somebody who makes the manifest anew each time, and the check
/// that finds each.
pub(super) const FORGERIES: &[(&str, &str, Tamper)] = &[
    ("a captured body altered", "captures", |e| {
        replace(e, "captures/3.body", "second", "zecond");
    }),
    (
        "a captured body and its description altered",
        "captures",
        |e| {
            replace(e, "captures/3.body", "second page", "2nd page");
            let hash = sha256_hex(file(e, "captures/3.body"));
            edit(e, "captures/3.json", |c| c["sha256"] = hash.into());
        },
    ),
    ("a capture's description taken out", "captures", |e| {
        e.retain(|(name, _)| name != "captures/3.json");
    }),
    ("a capture taken out", "captures", |e| {
        e.retain(|(name, _)| !name.starts_with("captures/3."));
    }),
    ("a capture slipped in", "captures", |e| {
        e.push(("captures/9.body".to_owned(), b"new".to_vec()));
    }),
    (
        "the picture's capture altered with its description",
        "pictures",
        |e| {
            file(e, "captures/2.body").push(0);
            let body = file(e, "captures/2.body").clone();
            edit(e, "captures/2.json", |c| {
                c["sha256"] = sha256_hex(&body).into();
                c["size"] = body.len().into();
            });
        },
    ),
    ("a picture altered", "pictures", |e| {
        file(e, "pictures/").push(0)
    }),
    ("a picture swapped under its name", "pictures", |e| {
        *file(e, "pictures/") = b"another".to_vec();
    }),
    ("a picture slipped in", "pictures", |e| {
        e.push(("pictures/01-x.jpg".to_owned(), b"new".to_vec()));
    }),
    ("a reference photo altered", "references", |e| {
        file(e, "references/").push(0)
    }),
    ("a reference photo taken out", "references", |e| {
        e.retain(|(name, _)| !name.starts_with("references/"));
    }),
    ("the evidence altered", "evidence", |e| {
        replace(e, "evidence.json", "mirror", "identity");
    }),
    (
        "the evidence and its hash in packet.json altered",
        "evidence",
        |e| {
            replace(e, "evidence.json", "mirror", "identity");
            let hash = sha256_hex(file(e, "evidence.json"));
            edit(e, "packet.json", |p| {
                p["case"]["evidence_hash"] = hash.into()
            });
        },
    ),
    ("another listing put in", "evidence", |e| {
        edit(e, "listing.json", |l| l["id"] = 2.into())
    }),
    ("a decision's reason altered", "decisions", |e| {
        replace(e, "decisions.json", "our photo", "OUR photo");
    }),
    ("a decision's maker altered", "decisions", |e| {
        replace(e, "decisions.json", "bert", "carl");
    }),
    ("a decision back-dated", "decisions", |e| {
        replace(e, "decisions.json", "2026-11-02T08:0", "2026-11-01T08:0");
    }),
    ("a decision taken out", "decisions", |e| {
        edit(e, "decisions.json", |d| {
            drop(d.as_array_mut().unwrap().remove(1))
        });
    }),
    ("the undoing of a decision hidden", "decisions", |e| {
        edit(e, "decisions.json", |d| {
            d[0]["undone_by"] = Value::Null;
            d.as_array_mut().unwrap().truncate(1);
        });
    }),
    ("the case's state altered", "decisions", |e| {
        replace(e, "packet.json", "\"confirmed\"", "\"rejected\"");
    }),
    ("the log back-dated", "custody", |e| {
        replace(e, "custody.jsonl", "T08:02", "T07:02")
    }),
    ("the log back-dated in both its times", "custody", |e| {
        replace(
            e,
            "custody.jsonl",
            "2026-11-02T08:02:00.000Z",
            "2026-11-02T08:01:59.000Z",
        );
        replace(e, "custody.jsonl", "1793606520000", "1793606519000");
    }),
    ("an event forged with a hash of its own", "custody", |e| {
        forge_event(e, 1, |event| event["actor"] = "carl".into());
    }),
    ("an event of another case slipped in", "custody", |e| {
        forge_event(e, 1, |event| event["subject"] = "case 2".into());
    }),
    ("an event taken out of the log", "decisions", |e| {
        let text = String::from_utf8(file(e, "custody.jsonl").clone()).unwrap();
        let kept: Vec<&str> = text.lines().filter(|l| !l.contains("case.undo")).collect();
        *file(e, "custody.jsonl") = (kept.join("\n") + "\n").into_bytes();
    }),
    ("the events put in another order", "custody", |e| {
        let text = String::from_utf8(file(e, "custody.jsonl").clone()).unwrap();
        let mut lines: Vec<&str> = text.lines().collect();
        lines.swap(1, 2);
        *file(e, "custody.jsonl") = (lines.join("\n") + "\n").into_bytes();
    }),
    ("the log emptied", "custody", |e| {
        file(e, "custody.jsonl").clear()
    }),
    ("the log taken out", "custody", |e| {
        e.retain(|(name, _)| name != "custody.jsonl")
    }),
    ("a notice's text altered", "notices", |e| {
        replace(e, "notices.json", "good faith", "bad faith");
    }),
    ("a notice's answer altered", "notices", |e| {
        replace(e, "notices.json", "4711", "4712")
    }),
    ("a step of a notice taken out", "notices", |e| {
        edit(e, "notices.json", |n| {
            drop(n["events"].as_array_mut().unwrap().pop())
        });
    }),
    ("a notice's state altered", "notices", |e| {
        edit(e, "notices.json", |n| {
            n["notices"][0]["state"] = "refused".into()
        });
    }),
    ("another format claimed", "description", |e| {
        edit(e, "packet.json", |p| p["version"] = 3.into());
    }),
    ("another case claimed", "custody", |e| {
        edit(e, "packet.json", |p| p["case"]["id"] = 7.into());
    }),
    ("a file that would unpack elsewhere", "archive", |e| {
        e.push(("../../evil.txt".to_owned(), b"x".to_vec()));
    }),
    ("two names that differ in case", "archive", |e| {
        e.push(("REPORT.html".to_owned(), b"x".to_vec()));
    }),
];

#[tokio::test]
async fn forgeries_with_a_manifest_made_anew_are_found() {
    let (_world, path) = exported().await;
    let original = entries(&path);
    let mut plain = original.clone();
    resign(&mut plain);
    assert!(verify(&zipped(&plain)).ok, "the forger's tools work");
    for (what, check, tamper) in FORGERIES {
        let mut entries = original.clone();
        tamper(&mut entries);
        assert_ne!(entries, original, "{what}");
        resign(&mut entries);
        let verification = verify(&zipped(&entries));
        assert!(!verification.ok, "{what} is not found");
        let failed = failed(&verification);
        assert!(failed.contains(check), "{what}: {failed:?}");
        assert!(
            !failed.contains(&"manifest"),
            "{what}: {:#?}",
            verification.checks
        );
    }
}

/// Tamperings by somebody who leaves the manifests as they are.
pub(super) const UNLISTED: &[(&str, Tamper)] = &[
    ("a word of the report", |e| {
        replace(e, "report.html", "copied photo", "counterfeit")
    }),
    ("a file more", |e| {
        e.push(("more.txt".to_owned(), b"x".to_vec()))
    }),
    ("a file less", |e| {
        e.retain(|(name, _)| name != "report.html")
    }),
    ("a line of the manifest less", |e| {
        let text = String::from_utf8(file(e, MANIFEST).clone()).unwrap();
        let kept: Vec<&str> = text.lines().filter(|l| !l.contains("report")).collect();
        *file(e, MANIFEST) = (kept.join("\n") + "\n").into_bytes();
    }),
    ("no manifest", |e| e.retain(|(name, _)| name != MANIFEST)),
    ("an empty manifest", |e| file(e, MANIFEST).clear()),
    ("a manifest that is none", |e| {
        file(e, MANIFEST).extend(b"see above\n")
    }),
];

#[tokio::test]
async fn what_the_manifest_does_not_name_or_cannot_find_is_found() {
    let (_world, path) = exported().await;
    let original = entries(&path);
    for (what, tamper) in UNLISTED {
        let mut entries = original.clone();
        tamper(&mut entries);
        let verification = verify(&zipped(&entries));
        assert!(failed(&verification).contains(&"manifest"), "{what}");
    }
}

#[tokio::test]
async fn tampering_with_the_zip_file_itself_is_found() {
    let (_world, path) = exported().await;
    let bytes = std::fs::read(&path).unwrap();
    assert!(verify(&bytes).ok);

    let duplicate = {
        let mut entries = entries(&path);
        entries.push(("reporu.html".to_owned(), b"other".to_vec()));
        let zip = zipped(&entries);
        replace_all(&zip, b"reporu.html", b"report.html")
    };
    let mut behind = bytes.clone();
    behind.extend_from_slice(b"hidden");
    let mut before = b"hidden".to_vec();
    before.extend_from_slice(&bytes);
    let mut comment = bytes.clone();
    let at = comment.len() - 2;
    comment[at] = 6;
    comment.extend_from_slice(b"hidden");
    for (what, tampered) in [
        ("a name that stands in it twice", duplicate),
        ("bytes behind the archive", behind),
        ("bytes before the archive", before),
        ("a comment", comment),
        ("its end cut off", bytes[..bytes.len() - 1000].to_vec()),
        ("its last byte cut off", bytes[..bytes.len() - 1].to_vec()),
        ("its start cut off", bytes[10..].to_vec()),
        ("nothing", Vec::new()),
        (
            "another file",
            b"this is not a zip file at all, only some text".to_vec(),
        ),
    ] {
        let verification = verify(&tampered);
        assert!(failed(&verification).contains(&"archive"), "{what}");
    }
}

#[tokio::test]
async fn a_flipped_byte_anywhere_is_found() {
    let (_world, path) = exported().await;
    let bytes = std::fs::read(&path).unwrap();
    let directory = bytes.windows(4).position(|w| w == b"PK\x01\x02").unwrap();
    // Every byte of the directory and of the first entries' headers, and a
    // sample of the rest, at odd steps so that no pattern hides.
    let step = (directory / 1_500) | 1;
    let positions = (0..200)
        .chain((200..directory).step_by(step))
        .chain(directory..bytes.len());
    let mut unnoticed = Vec::new();
    for at in positions {
        let mut flipped = bytes.clone();
        flipped[at] ^= 0x20;
        if verify(&flipped).ok {
            unnoticed.push(at);
        }
    }
    assert_eq!(unnoticed, [0_usize; 0], "directory at {directory}");
}

fn replace_all(bytes: &[u8], from: &[u8], to: &[u8]) -> Vec<u8> {
    assert_eq!(from.len(), to.len());
    let mut out = bytes.to_vec();
    for at in 0..out.len().saturating_sub(from.len()) {
        if &bytes[at..at + from.len()] == from {
            out[at..at + from.len()].copy_from_slice(to);
        }
    }
    out
}
