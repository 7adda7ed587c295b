//! The signature of the captures' archive, by the certificate of a domain, when the
//! authority that timestamps it does not answer at first.

use std::process::Command;

use markhound::packet::{self, Trust, stamp};
use markhound::store::cases::QueueFilter;
use serde_json::Value;

use super::authority::Authority;
use super::stamping::stays;
use super::tampering::{failed, zipped};
use super::warc::{AUTHSIGN, WACZ, member, run, scanned, validators};
use super::{entries, file, unpack};

type Entries = Vec<(String, Vec<u8>)>;

const LATE: &str = "signature/datapackage-digest.json";

#[tokio::test(flavor = "multi_thread")]
async fn an_archive_that_could_not_be_signed_is_signed_later_beside_the_timestamps() {
    let authority = Authority::start().await;
    let lab = tokio::task::block_in_place(scanned);
    let mut app = lab.app().await;
    authority.signs_for(&mut app);
    let trust = Trust {
        authorities: stamp::read_certificates(&authority.path("ca.pem")).unwrap(),
        ..Trust::default()
    };
    let queue = app.store.queue(&QueueFilter::default(), None, 2).await;
    let cases: Vec<i64> = queue.unwrap().iter().map(|case| case.id).collect();
    let dir = lab.path("packets");

    authority.go_away(true);
    let mut packets = Vec::new();
    for id in &cases {
        let exported = packet::export_as(&app, "anna", *id, &dir, &stays()).await;
        let exported = exported.unwrap();
        assert_eq!(exported.notes.len(), 2, "{:?}", exported.notes);
        let note = &exported.notes[0];
        assert!(
            note.starts_with("captures.wacz is not signed yet") && note.contains("503"),
            "{note}"
        );
        packets.push(exported.path);
    }
    let path = &packets[0];
    let without = std::fs::read(path).unwrap();
    assert!(packet::verify(path).unwrap().ok);
    let refused = stamp::retry(&app, "anna").await.unwrap();
    assert_eq!(refused.len(), 4);
    assert!(refused.iter().all(|attempt| attempt.error.is_some()));
    assert_eq!(std::fs::read(path).unwrap(), without);

    authority.go_away(false);
    let copy = lab.path("moved.zip");
    std::fs::copy(path, &copy).unwrap();
    let attempts = stamp::retry(&app, "anna").await.unwrap();
    assert_eq!(attempts.len(), 4);
    assert!(attempts.iter().all(|attempt| attempt.error.is_none()));
    assert!(
        attempts
            .iter()
            .any(|a| a.authority == WACZ && a.file.as_ref() == Some(path))
    );
    assert!(stamp::retry(&app, "anna").await.unwrap().is_empty());
    let checked = packet::verify_with(path, &trust).unwrap();
    assert!(checked.ok, "{:#?}", checked.checks);
    let wacz = checked.checks.iter().find(|check| check.name == "wacz");
    let told = &wacz.unwrap().detail;
    assert!(
        told.contains("signed after the packet was by evidence.brand.example at 20"),
        "{told}"
    );
    // What was signed is as it was, and a copy elsewhere is completed by hand.
    let packet = entries(path);
    assert!(packet.iter().any(|(name, _)| name == LATE));
    let before = zip_entries(&without, lab.path("before.zip"));
    assert_eq!(before[..], packet[..before.len()]);
    assert_eq!(stamp::attach(&app, &copy).await.unwrap().len(), 2);
    assert_eq!(std::fs::read(&copy).unwrap(), std::fs::read(path).unwrap());

    // That of another packet, a changed one, one of no archive.
    let forge = |change: &dyn Fn(&mut Entries)| {
        let mut forged = packet.clone();
        change(&mut forged);
        let at = lab.path("forged.zip");
        std::fs::write(&at, zipped(&forged)).unwrap();
        let found = packet::verify_with(&at, &trust).unwrap();
        failed(&found).join(" ")
    };
    let other = file(&mut entries(&packets[1]), LATE).clone();
    assert_eq!(forge(&|e| *file(e, LATE) = other.clone()), "wacz");
    for key in ["signature", "timeSignature", "created", "domain"] {
        let changed = forge(&|e| {
            super::tampering::edit(e, LATE, |digest| {
                let value = digest["signedData"][key].as_str().unwrap();
                digest["signedData"][key] = value.replacen(&value[8..9], "~", 1).into();
            });
        });
        assert_eq!(changed, "wacz", "{key}");
    }
    assert_eq!(forge(&|e| file(e, LATE).clear()), "wacz");
    assert!(forge(&|e| e.retain(|(name, _)| name != WACZ)).contains("wacz"));

    let Some(bin) = validators() else { return };
    let bag = unpack(&packet, &lab.path("unpacked"));
    run(Command::new(bin.join("bagit.py"))
        .args(["--validate", "--quiet", "."])
        .current_dir(&bag));
    let mut check = Command::new(bin.join("python3"));
    check.args(["-c", AUTHSIGN]).arg(authority.path("ca.pem"));
    let said = run(check.arg(LATE).current_dir(&bag));
    assert!(said.contains("evidence.brand.example"), "{said}");
    // The hash it is of is that of the archive's datapackage.json.
    let wacz = std::fs::read(bag.join("data").join(WACZ)).unwrap();
    let sha256 = markhound::blobs::sha256_hex(&member(&wacz, "datapackage.json"));
    let late: Value = serde_json::from_slice(&std::fs::read(bag.join(LATE)).unwrap()).unwrap();
    assert_eq!(late["hash"], format!("sha256:{sha256}"));
    assert_eq!(late["signedData"]["hash"], late["hash"]);
}

fn zip_entries(bytes: &[u8], at: std::path::PathBuf) -> Vec<(String, Vec<u8>)> {
    std::fs::write(&at, bytes).unwrap();
    entries(&at)
}
