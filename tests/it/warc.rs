//! What a scan captured can be read by anyone who reads WARC files.

use std::collections::BTreeSet;
use std::fs::File;
use std::path::Path;
use std::process::Command;

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
    let doctor = tokio::task::block_in_place(|| lab.run(&["doctor", "--json"]));
    let doctor = String::from_utf8_lossy(&doctor.stdout);
    assert!(doctor.contains("2 WARC file(s)"), "{doctor}");
}

/// Has another program check every digest of every file. `tests/run` installs it
/// and says where it is.
fn check_by_warcio(folder: &Path) {
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
    let app = lab.app().await;
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
