use std::io::Write as _;

use serde_json::json;
use sha2::{Digest as _, Sha256};
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use super::*;

fn wacz(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in files {
        zip.start_file(*name, SimpleFileOptions::default())
            .expect("a file");
        zip.write_all(bytes).expect("written");
    }
    zip.finish().expect("a ZIP file").into_inner()
}

fn package(path: &str, bytes: &[u8]) -> Vec<u8> {
    let hash = format!("sha256:{}", hex::encode(Sha256::digest(bytes)));
    json!({"profile": "data-package", "resources": [{"name": "d", "path": path, "hash": hash, "bytes": bytes.len()}]})
        .to_string()
        .into_bytes()
}

const PATH: &str = "archive/data.warc.gz";

#[test]
fn a_wacz_gives_the_exchanges_of_its_warc_files() {
    let warc = sample();
    let file = wacz(&[
        (PATH, &warc),
        ("datapackage.json", &package(PATH, &warc)),
        ("pages/pages.jsonl", b"{}"),
    ]);
    let (format, found) = import_all(&file, &ImportOptions::default());
    assert_eq!(format, Some(Format::Wacz));
    let found = good(found);
    assert_eq!(found.len(), 3);
    assert!(
        found[0].provenance.starts_with("f!archive/data.warc.gz@"),
        "{}",
        found[0].provenance
    );
}

#[test]
fn a_file_of_a_wacz_that_was_altered_or_added_is_reported_and_not_read() {
    let warc = sample();
    let package = package(PATH, b"other bytes");
    let file = wacz(&[
        (PATH, &warc),
        ("archive/late.warc.gz", &warc),
        ("datapackage.json", &package),
    ]);
    let (_, found) = import_all(&file, &ImportOptions::default());
    let errors: Vec<_> = found
        .into_iter()
        .map(|one| one.expect_err("nothing is read"))
        .collect();
    assert_eq!(errors.len(), 2);
    assert!(
        matches!(errors[0].problem, Problem::Digest { .. }),
        "{}",
        errors[0]
    );
    assert!(
        errors[1]
            .to_string()
            .starts_with("f!archive/late.warc.gz: datapackage.json does not list it"),
        "{}",
        errors[1]
    );
}

#[test]
fn an_altered_list_of_digests_is_reported() {
    let warc = sample();
    let digest = json!({"path": "datapackage.json", "hash": "sha256:00"}).to_string();
    let file = wacz(&[
        (PATH, &warc),
        ("datapackage.json", &package(PATH, &warc)),
        ("datapackage-digest.json", digest.as_bytes()),
    ]);
    let (_, found) = import_all(&file, &ImportOptions::default());
    let error = found[0].as_ref().expect_err("the list");
    assert_eq!(error.place, "f!datapackage.json");
    assert!(matches!(error.problem, Problem::Digest { .. }));
}

#[test]
fn paths_that_lead_elsewhere_and_zip_bombs_are_refused() {
    let warc = sample();
    for path in [
        "../data.warc.gz",
        "archive/../../x.warc.gz",
        "/archive/x.warc.gz",
        "archive\\x.warc.gz",
        "C:/archive/x.warc",
    ] {
        let file = wacz(&[(path, &warc), ("datapackage.json", &package(path, &warc))]);
        let (_, found) = import_all(&file, &ImportOptions::default());
        assert!(
            found.iter().all(Result::is_err) && !found.is_empty(),
            "{path}"
        );
    }
    let bomb = vec![0; 4 << 20];
    let file = wacz(&[(PATH, &bomb), ("datapackage.json", &package(PATH, &bomb))]);
    let mut options = ImportOptions::default();
    options.limits.file_bytes = 1 << 20;
    let (_, found) = import_all(&file, &options);
    assert!(matches!(
        found[0].as_ref().expect_err("a bomb").problem,
        Problem::TooLarge { .. }
    ));
}

fn har(entries: serde_json::Value) -> Vec<u8> {
    json!({"log": {"version": "1.2", "creator": {}, "entries": entries, "pages": []}})
        .to_string()
        .into_bytes()
}

fn entry(url: &str, response: serde_json::Value) -> serde_json::Value {
    json!({
        "startedDateTime": "2026-11-25T03:10:00.5+01:00", "time": 3.5, "serverIPAddress": "[2001:db8::1]",
        "request": {"method": "POST", "url": url, "headers": [{"name": ":authority", "value": "x"}, {"name": "accept", "value": "*/*"}]},
        "response": response
    })
}

#[test]
fn a_har_gives_decoded_bodies_and_headers_that_say_so() {
    let text = json!({"status": 200, "statusText": "", "content": {"size": 9, "mimeType": "text/html", "text": "<p>é</p>"},
        "headers": [{"name": "Content-Encoding", "value": "br"}, {"name": "Content-Type", "value": "text/html; charset=ISO-8859-1"}]});
    let picture = json!({"status": 200, "statusText": "OK", "headers": [], "content": {"size": 3, "mimeType": "image/png", "text": "AP9/", "encoding": "base64"}});
    let (format, found) = import_all(
        &har(json!([
            entry("https://a.example/", text),
            entry("https://a.example/i", picture)
        ])),
        &ImportOptions::default(),
    );
    assert_eq!(format, Some(Format::Har));
    let found = good(found);
    assert_eq!(found[0].body(100).expect("decoded"), "<p>é</p>".as_bytes());
    assert_eq!(
        found[0].header("content-type"),
        Some("text/html; charset=utf-8")
    );
    assert_eq!(found[0].header("content-encoding"), None);
    assert_eq!(found[0].at, Some(at("2026-11-25T02:10:00.5Z")));
    assert_eq!(
        found[0].peer,
        Some("2001:db8::1".parse().expect("an address"))
    );
    assert_eq!(found[0].request_headers, headers(&[("accept", "*/*")]));
    assert_eq!(
        (&found[1].payload[..], found[1].header("content-type")),
        (&b"\x00\xff\x7f"[..], Some("image/png"))
    );
    assert_eq!(found[1].provenance, "f#1");
}

#[test]
fn a_broken_har_entry_costs_itself_alone() {
    let whole = json!({"status": 204, "headers": [], "content": {"size": 0}});
    let cancelled = json!({"status": 0, "headers": []});
    let unsaved =
        json!({"status": 200, "headers": [], "content": {"size": 5, "mimeType": "text/html"}});
    let bytes = har(
        json!([5, entry("no url", whole.clone()), entry("https://a.example/c", cancelled), entry("https://a.example/u", unsaved), {"request": []}, entry("https://a.example/", whole)]),
    );
    let (_, found) = import_all(&bytes, &ImportOptions::default());
    let places: Vec<_> = found
        .iter()
        .filter_map(|one| Some(one.as_ref().err()?.place.clone()))
        .collect();
    assert_eq!(places, ["f#0", "f#1", "f#2", "f#3", "f#4"]);
    assert_eq!(
        found[5].as_ref().expect("the last").url.as_str(),
        "https://a.example/"
    );

    let cut = &bytes[..bytes.len() - 40];
    let (_, found) = import_all(cut, &ImportOptions::default());
    let last = found
        .last()
        .and_then(|one| one.as_ref().err())
        .expect("an error");
    assert!(matches!(last.problem, Problem::Truncated { .. }), "{last}");
}

#[test]
fn an_import_ends_when_its_taker_says_so() {
    let whole = json!({"status": 204, "headers": []});
    let bytes = har(json!([
        entry("https://a.example/1", whole.clone()),
        entry("https://a.example/2", whole)
    ]));
    for bytes in [bytes, sample()] {
        let mut count = 0;
        import(
            Cursor::new(bytes),
            "f",
            &ImportOptions::default(),
            &mut |_| {
                count += 1;
                ControlFlow::Break(())
            },
        )
        .expect("a format");
        assert_eq!(count, 1);
    }
}
