//! What a scan captured can be read by anyone who reads WARC files.

use std::collections::BTreeSet;
use std::fs::File;
use std::path::Path;
use std::process::Command;

use markhound::app::App;
use markhound_crawlers::capture::{CaptureLimits, WarcReader, read_at};

use crate::lab::{Lab, shared_practice};

#[tokio::test(flavor = "multi_thread")]
async fn every_exchange_stands_in_a_warc_file_and_a_known_payload_only_once() {
    let practice = tokio::task::block_in_place(shared_practice);
    let lab = tokio::task::block_in_place(|| {
        let lab = Lab::new(practice);
        lab.ok(&["scan", "--source", "stallhaven", "--json"]);
        lab.ok(&["scan", "--source", "stallhaven", "--json"]);
        lab
    });
    let (responses, revisits) = every_file_is_whole(&lab).await;
    // The second scan found the pictures as they were.
    assert!(
        revisits * 3 > responses && responses >= revisits,
        "{responses} responses, {revisits} revisits"
    );
    robots_and_what_was_read_are_kept(&lab.app().await);
    let doctor = tokio::task::block_in_place(|| lab.run(&["doctor", "--json"]));
    let doctor = String::from_utf8_lossy(&doctor.stdout);
    assert!(doctor.contains("2 WARC file(s)"), "{doctor}");
}

/// Each scan's file has the shop's robots.txt, and beside each page what was read
/// out of it, which is what the database has.
fn robots_and_what_was_read_are_kept(app: &App) {
    let mut listings = 0;
    for entry in std::fs::read_dir(app.data_dir.join("captures")).unwrap() {
        let path = entry.unwrap().path();
        let name = path.display().to_string();
        let reader = WarcReader::new(File::open(&path).unwrap(), &name, CaptureLimits::default());
        let records: Vec<_> = reader.unwrap().map(Result::unwrap).collect();
        let answers: BTreeSet<&str> = records
            .iter()
            .filter(|r| matches!(r.kind(), "response" | "revisit"))
            .filter_map(|r| r.id())
            .collect();
        let robots = records.iter().filter(|r| {
            let uri = r.target_uri().unwrap_or_default();
            r.kind() == "response" && uri.ends_with("/robots.txt")
        });
        let robots: Vec<_> = robots.collect();
        assert_eq!(robots.len(), 1, "{name}");
        let body = robots[0].http_response().unwrap().payload;
        assert!(String::from_utf8_lossy(&body).contains("User-agent"));

        for record in records.iter().filter(|r| r.kind() == "metadata") {
            assert_eq!(record.field("Content-Type"), Some("application/json"));
            let of = record.field("WARC-Refers-To").unwrap();
            assert_eq!(record.field("WARC-Concurrent-To"), Some(of));
            assert!(answers.contains(of.trim_matches(['<', '>'])), "{of}");
            let read: serde_json::Value = serde_json::from_slice(&record.block).unwrap();
            assert_eq!(read["definition"], "stallhaven");
            assert_eq!(read["listings_left_out"], 0);
            for listing in read["listings"].as_array().unwrap() {
                assert!(listing["provenance"]["title"]["source"].is_string());
                listings += 1;
            }
        }
    }
    // Both scans read every listing.
    assert!(listings >= 2 * practice_listings(), "{listings}");
}

fn practice_listings() -> usize {
    shared_practice().shop("stallhaven").unwrap().listing_count
}

/// Has another program check every digest of every file. `tests/run` installs it
/// and says where it is.
pub fn check_by_warcio(folder: &Path) {
    let Some(warcio) = std::env::var_os("MARKHOUND_WARCIO") else {
        println!("skipped: MARKHOUND_WARCIO does not say where warcio is");
        return;
    };
    let files = std::fs::read_dir(folder).unwrap();
    let files = files.map(|entry| entry.unwrap().path());
    let checked = Command::new(warcio).arg("check").args(files).output();
    let checked = checked.unwrap();
    assert!(
        checked.status.success(),
        "{}{}",
        String::from_utf8_lossy(&checked.stdout),
        String::from_utf8_lossy(&checked.stderr)
    );
}

/// Reads every record of every file, and every response where the database says
/// it stands; says how many responses and how many revisits there are.
pub async fn every_file_is_whole(lab: &Lab) -> (usize, usize) {
    files_are_whole(&lab.app().await).await
}

/// The same of an open data directory.
pub async fn files_are_whole(app: &App) -> (usize, usize) {
    let folder = app.data_dir.join("captures");
    let limits = CaptureLimits::default();
    let (mut responses, mut revisits, mut captures) = (0, 0, 0);
    for (name, _) in app.store.warc_files().await.unwrap() {
        let file = File::open(folder.join(&name)).unwrap();
        let mut kinds = Vec::new();
        for record in WarcReader::new(file, &name, limits).unwrap() {
            kinds.push(record.unwrap().kind().to_owned());
        }
        assert_eq!(
            kinds.first().map(String::as_str),
            Some("warcinfo"),
            "{name}"
        );
        let count = |kind: &str| kinds.iter().filter(|k| *k == kind).count();
        assert_eq!(
            count("request"),
            count("response") + count("revisit"),
            "{name}"
        );
        responses += count("response");
        revisits += count("revisit");
    }
    check_by_warcio(&folder);
    let stored = app.store.warc_responses_after(0, 10_000).await.unwrap();
    let mut payloads = BTreeSet::new();
    for response in &stored {
        let mut file = File::open(folder.join(&response.file)).unwrap();
        let (start, length) = (response.start as u64, response.length as u64);
        let record = read_at(&mut file, start, length, &limits).unwrap();
        assert_eq!(
            record.field("WARC-Payload-Digest"),
            Some(response.payload.as_str())
        );
        captures += 1;
        if record.kind() == "response" {
            payloads.insert(response.payload.clone());
        } else {
            assert!(payloads.contains(&response.payload), "a revisit of nothing");
        }
    }
    assert!(captures > 0 && captures <= responses + revisits);
    (responses, revisits)
}
