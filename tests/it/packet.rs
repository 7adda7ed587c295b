//! Evidence packets: what they hold, and that tampering is found.

use std::io::{Cursor, Read as _, Write as _};
use std::path::{Path, PathBuf};

use markhound::blobs::sha256_hex;
use markhound::packet::{self, Verification};
use markhound::review::{self, Action};
use markhound::store::cases::Move;
use markhound::takedown;
use serde_json::Value;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipArchive, ZipWriter};

use crate::world::{World, case, open_case};

const MANIFEST: &str = "manifest-sha256.txt";

/// A case with a past: confirmed, undone, seen again with other evidence,
/// confirmed, noticed, submitted, removed.
async fn world_with_past() -> (World, i64) {
    let mut world = World::new().await;
    world.app.config.notices.name = Some("Ostrelund Brand Protection".to_owned());
    world.app.config.notices.address = Some("Kajgatan 1".to_owned());
    world.app.config.notices.email = Some("ip@ostrelund.example".to_owned());
    let id = open_case(&world).await;
    decide(&world, id, "b1").await;
    world.hands.forward(60);
    review::undo(&world.app.store, "bert", Some(id))
        .await
        .unwrap();
    seen_again(&world).await;
    world.hands.forward(60);
    decide(&world, id, "b2").await;
    let notice = takedown::draft(&world.app, "anna", id, None).await.unwrap();
    for to in ["submitted", "removed"] {
        world.hands.forward(60);
        let note = Some("reference 4711");
        takedown::record(&world.app, "anna", notice.id, to, note, None)
            .await
            .unwrap();
    }
    (world, id)
}

async fn decide(world: &World, id: i64, batch: &str) {
    let step = Move {
        case_id: id,
        from_state: "open".to_owned(),
        to_state: "confirmed".to_owned(),
        action: Action::Confirm.as_str().to_owned(),
        kind: Some("copied_photo".to_owned()),
        reason: Some("our photo, <mirrored>".to_owned()),
    };
    world
        .app
        .store
        .decide("anna", batch, &[step])
        .await
        .unwrap();
}

/// A second scan finds the same listing with a lower score.
async fn seen_again(world: &World) {
    let store = &world.app.store;
    let before = store.case(1).await.unwrap();
    let lease = crate::world::one_lease(store, 1, "w2").await;
    let mut work = crate::world::work(&lease, 1, "w2", "7001");
    let page = b"<html>second page</html>";
    work.captures[0].blob = world.app.blobs.put(page).unwrap();
    work.captures[0].size = page.len() as i64;
    let blob = before.picture_blob.clone().unwrap();
    let listing = work.listing.as_mut().unwrap();
    listing
        .pictures
        .push(markhound::store::listings::PictureDraft {
            url: "http://127.0.0.1:8081/img/7001.jpg".to_owned(),
            capture: Some(markhound::store::listings::CaptureRef::Stored(2)),
            decoded: Some(crate::world::decoded(&blob)),
            error: None,
        });
    listing.cases.push(markhound::store::cases::CaseDraft {
        picture_blob: Some(blob),
        ..case(before.product_id, 0.912_345_678_901_234_6)
    });
    store.finish_work(&work).await.unwrap();
}

async fn exported() -> (World, PathBuf) {
    let (world, id) = world_with_past().await;
    let dir = world.dir.path().join("packets");
    let path = packet::export(&world.app, "anna", id, &dir).await.unwrap();
    (world, path)
}

fn entries(path: &Path) -> Vec<(String, Vec<u8>)> {
    let mut archive = ZipArchive::new(std::fs::File::open(path).unwrap()).unwrap();
    (0..archive.len())
        .map(|index| {
            let mut entry = archive.by_index(index).unwrap();
            let mut bytes = Vec::new();
            entry.read_to_end(&mut bytes).unwrap();
            (entry.name().unwrap().into_owned(), bytes)
        })
        .collect()
}

fn zipped(entries: &[(String, Vec<u8>)]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in entries {
        let options = SimpleFileOptions::default()
            .compression_method(CompressionMethod::Deflated)
            .last_modified_time(DateTime::default())
            .unix_permissions(0o644);
        zip.start_file(name.as_str(), options).unwrap();
        zip.write_all(bytes).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

/// Makes the manifest anew, as a careful forger would.
fn remanifest(entries: &mut [(String, Vec<u8>)]) {
    let lines: String = entries
        .iter()
        .filter(|(name, _)| name != MANIFEST)
        .map(|(name, bytes)| format!("{}  {name}\n", sha256_hex(bytes)))
        .collect();
    *file(entries, MANIFEST) = lines.into_bytes();
}

fn file<'a>(entries: &'a mut [(String, Vec<u8>)], name: &str) -> &'a mut Vec<u8> {
    let found = entries
        .iter_mut()
        .find(|(entry, _)| entry.starts_with(name));
    &mut found.unwrap_or_else(|| panic!("{name}")).1
}

fn edit(entries: &mut [(String, Vec<u8>)], name: &str, change: impl FnOnce(&mut Value)) {
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

fn verify(bytes: &[u8]) -> Verification {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("p.zip");
    std::fs::write(&path, bytes).unwrap();
    packet::verify(&path).unwrap()
}

fn failed(verification: &Verification) -> Vec<&str> {
    let checks = verification.checks.iter();
    checks.filter(|c| !c.ok).map(|c| c.name.as_str()).collect()
}

#[tokio::test]
async fn a_packet_holds_everything_and_its_check_says_so() {
    let (world, path) = exported().await;
    let verification = packet::verify(&path).unwrap();
    assert!(verification.ok, "{:#?}", verification.checks);
    assert_eq!(verification.case_id, Some(1));
    assert_eq!(verification.checks.len(), 10);
    assert_eq!(path.file_name().unwrap(), "case-1.zip");

    let names: Vec<String> = entries(&path).into_iter().map(|(name, _)| name).collect();
    assert_eq!(names.len(), verification.files);
    assert_eq!(names[0], "README.txt");
    assert_eq!(names.last().unwrap(), MANIFEST);
    for name in [
        "captures/2.json",
        "captures/2.body",
        "captures/3.body",
        "report.html",
    ] {
        assert!(names.iter().any(|n| n == name), "{name} in {names:#?}");
    }
    let picture = names
        .iter()
        .find(|n| n.starts_with("pictures/00-"))
        .unwrap();
    assert!(picture.ends_with(".jpg"));

    let events = world.app.store.audit_of("case 1").await.unwrap();
    let last = events.last().unwrap();
    assert_eq!(last.action, "packet.export");
    assert_eq!(last.detail["sha256"], verification.sha256.as_str());
    assert_eq!(world.app.store.audit_first_break().await.unwrap(), None);
    // Nothing is left beside the packet.
    assert_eq!(
        std::fs::read_dir(path.parent().unwrap()).unwrap().count(),
        1
    );
}

#[tokio::test]
async fn the_same_case_at_the_same_time_makes_the_same_bytes() {
    let (_one, first) = exported().await;
    let (_two, second) = exported().await;
    assert_eq!(
        std::fs::read(first).unwrap(),
        std::fs::read(second).unwrap()
    );
}

#[tokio::test]
async fn a_fresh_case_and_one_exported_before_verify_too() {
    let world = World::new().await;
    let id = open_case(&world).await;
    for _ in 0..2 {
        let path = packet::export(&world.app, "anna", id, world.dir.path())
            .await
            .unwrap();
        let verification = packet::verify(&path).unwrap();
        assert!(verification.ok, "{:#?}", verification.checks);
    }
}

#[tokio::test]
async fn what_a_seller_writes_is_escaped_in_the_report() {
    let (_world, path) = exported().await;
    let mut entries = entries(&path);
    let report = String::from_utf8(file(&mut entries, "report.html").clone()).unwrap();
    assert!(!report.contains("<script"));
    assert!(!report.contains("<b>4you"));
    assert!(report.contains("moebel_&#60;b&#62;4you"));
    assert!(report.contains("<polygon points=\"10.5,12.0 600.2,12.0"));
    assert!(report.contains("confirmed: our photo, &#60;mirrored&#62;"));
}

#[tokio::test]
async fn a_missing_or_damaged_capture_stops_the_export_and_leaves_nothing() {
    let (world, id) = world_with_past().await;
    let capture = &world.app.store.captures_of_listing(1).await.unwrap()[0];
    let blob = world.dir.path().join("data/blobs");
    let blob = blob.join(&capture.blob[..2]).join(&capture.blob);
    std::fs::write(&blob, b"something else").unwrap();
    let dir = world.dir.path().join("packets");
    let error = packet::export(&world.app, "anna", id, &dir)
        .await
        .unwrap_err();
    assert!(error.to_string().contains("damaged"), "{error}");
    assert_eq!(std::fs::read_dir(&dir).unwrap().count(), 0);
    let events = world.app.store.audit_of("case 1").await.unwrap();
    assert!(events.iter().all(|event| event.action != "packet.export"));
}

type Tamper = fn(&mut Vec<(String, Vec<u8>)>);

/// Tamperings by somebody who makes the manifest anew each time, and the check
/// that finds each.
const FORGERIES: &[(&str, &str, Tamper)] = &[
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
        edit(e, "packet.json", |p| p["version"] = 2.into());
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
    remanifest(&mut plain);
    assert!(verify(&zipped(&plain)).ok, "the forger's tools work");
    for (what, check, tamper) in FORGERIES {
        let mut entries = original.clone();
        tamper(&mut entries);
        assert_ne!(entries, original, "{what}");
        remanifest(&mut entries);
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

#[tokio::test]
async fn what_the_manifest_does_not_name_or_cannot_find_is_found() {
    let (_world, path) = exported().await;
    let original = entries(&path);
    let tamperings: &[(&str, Tamper)] = &[
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
    for (what, tamper) in tamperings {
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
    let positions = (0..200)
        .chain((200..directory).step_by(997))
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

#[tokio::test]
async fn the_manifest_and_the_log_can_be_checked_with_common_tools() {
    let (world, path) = exported().await;
    let out = world.dir.path().join("unpacked");
    for (name, bytes) in entries(&path) {
        let to = out.join(name);
        std::fs::create_dir_all(to.parent().unwrap()).unwrap();
        std::fs::write(to, bytes).unwrap();
    }
    let run = |program: &str, args: &[&str]| {
        let done = std::process::Command::new(program)
            .args(args)
            .current_dir(&out)
            .output();
        match done {
            Ok(done) => (
                done.status.success(),
                String::from_utf8(done.stdout).unwrap(),
            ),
            Err(error) => panic!("{program}, which this test needs: {error}"),
        }
    };
    let (ok, lines) = run("sha256sum", &["-c", "--strict", MANIFEST]);
    assert!(ok, "{lines}");

    // The program that stands in README.txt, as it stands there.
    let readme = std::fs::read_to_string(out.join("README.txt")).unwrap();
    let program: String = readme
        .lines()
        .skip_while(|line| *line != "    import hashlib, json")
        .take_while(|line| !line.is_empty())
        .map(|line| format!("{}\n", line.strip_prefix("    ").unwrap()))
        .collect();
    let (ok, lines) = run("python3", &["-c", &program]);
    assert!(
        ok && !lines.contains("False") && lines.lines().count() >= 7,
        "{lines}"
    );
}
