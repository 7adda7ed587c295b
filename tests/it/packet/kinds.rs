//! Every file that a packet holds, of whatever kind: changed or taken out, by somebody
//! who makes the manifests anew or does not, it is found, here and by programs of others.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use markhound::blobs::sha256_hex;
use markhound::packet::{self, Options};
use sha2::{Digest as _, Sha256};

use super::authority::Authority;
use super::others::found_by;
use super::stamping::{OTS, calendar, stamped_world, stays, trust};
use super::tampering::{remanifest, zipped};
use super::warc::validators;
use super::{MANIFEST, PUBLIC_KEY, SIGNATURE, TAG_MANIFEST, entries, file, unpack};

type Entries = Vec<(String, Vec<u8>)>;

/// What a packet is known to hold: names, or how they begin and end.
const KINDS: [(&str, &str); 22] = [
    ("bagit.txt", ""),
    ("README.txt", ""),
    ("bag-info.txt", ""),
    (MANIFEST, ""),
    (TAG_MANIFEST, ""),
    (PUBLIC_KEY, ""),
    (SIGNATURE, ""),
    ("signature/", ".tsr"),
    ("signature/", ".ots"),
    ("packet.json", ""),
    ("listing.json", ""),
    ("evidence.json", ""),
    ("decisions.json", ""),
    ("notices.json", ""),
    ("product.json", ""),
    ("custody.jsonl", ""),
    ("schemas/", ".schema.json"),
    ("captures/", ".json"),
    ("captures/", ".body"),
    ("pictures/", ".jpg"),
    ("references/", ""),
    ("report.", ""),
];

/// How somebody goes about it.
#[derive(Debug, Clone, Copy)]
enum How {
    Changed,
    ChangedWithManifests,
    TakenOut,
    TakenOutWithManifests,
}

const HOWS: [How; 4] = [
    How::Changed,
    How::ChangedWithManifests,
    How::TakenOut,
    How::TakenOutWithManifests,
];

/// What becomes of a packet; nothing where that makes no difference to it.
fn tampered(honest: &Entries, name: &str, how: How) -> Option<Entries> {
    let mut forged = honest.clone();
    match how {
        How::Changed | How::ChangedWithManifests => {
            // Of timestamps and commitments: in the hash they are about, for there is
            // more in them that nobody has signed, such as addresses.
            let about = Sha256::digest(file(&mut forged, SIGNATURE));
            let bytes = file(&mut forged, name);
            let at = bytes.windows(32).position(|part| part == &about[..]);
            let at = at.unwrap_or(bytes.len() / 2);
            bytes[at] ^= 1;
        }
        How::TakenOut | How::TakenOutWithManifests => forged.retain(|(of, _)| of != name),
    }
    let with = matches!(how, How::ChangedWithManifests | How::TakenOutWithManifests);
    if with {
        // Manifests that are made anew are what they were, and one taken out is none.
        if name == MANIFEST || name == TAG_MANIFEST || name == "bag-info.txt" {
            return None;
        }
        remanifest(&mut forged);
    }
    // Who takes a commitment away takes nothing from what the packet shows.
    let gone = forged.len() < honest.len();
    (!(gone && name.ends_with(".ots")) && forged != *honest).then_some(forged)
}

/// Which program of others says that a timestamp is none of this packet.
fn stamp_refused(bag: &Path, packet: &Entries, ca: &Path) -> Option<&'static str> {
    let of = |ending: &str| -> Vec<String> {
        let names = packet.iter().map(|(name, _)| name.clone());
        names.filter(|name| name.ends_with(ending)).collect()
    };
    for token in of(".tsr") {
        let mut verify = Command::new("openssl");
        verify
            .args([
                "ts", "-verify", "-data", SIGNATURE, "-in", &token, "-CAfile",
            ])
            .arg(ca)
            .current_dir(bag);
        if !verify.output().unwrap().status.success() {
            return Some("openssl ts");
        }
    }
    let signature = packet.iter().find(|(name, _)| name == SIGNATURE);
    let sha256 = sha256_hex(&signature?.1);
    for commitment in of(".ots") {
        let mut read = Command::new(validators()?.join("python3"));
        read.args(["-c", OTS, &commitment]).current_dir(bag);
        let said = String::from_utf8_lossy(&read.output().unwrap().stdout).into_owned();
        if !said.starts_with(&sha256) {
            return Some("opentimestamps");
        }
    }
    None
}

#[tokio::test(flavor = "multi_thread")]
async fn every_kind_of_file_is_missed_or_seen_to_be_changed_here_and_by_others() {
    let authority = Authority::start().await;
    let (mut world, id) = stamped_world(&authority).await;
    let url = calendar(Arc::new(AtomicBool::new(false))).await;
    world.app.config.packet.opentimestamps = vec![url];
    let dir = world.dir.path().join("packets");
    let full = packet::export_as(&world.app, "anna", id, &dir, &stays()).await;
    let full = full.unwrap().path;
    let outward = Options {
        outward: true,
        ..stays()
    };
    let outward = packet::export_as(&world.app, "anna", id, &dir, &outward).await;
    let outward = outward.unwrap().path;

    let trusting = trust(&authority, &full);
    let pinned = world.dir.path().join("pinned.pem");
    std::fs::write(&pinned, file(&mut entries(&full), PUBLIC_KEY)).unwrap();
    let ca = authority.path("ca.pem");
    let (full, outward) = (entries(&full), entries(&outward));
    for (begins, ends) in KINDS {
        let is = |(name, _): &(String, Vec<u8>)| name.starts_with(begins) && name.ends_with(ends);
        assert!(full.iter().any(is), "{begins}…{ends}");
    }
    for kind in ["part", "rendered", "screenshot"] {
        let is = format!("\"kind\": \"{kind}\"");
        let described =
            |(_, bytes): &(String, Vec<u8>)| String::from_utf8_lossy(bytes).contains(&is);
        assert!(full.iter().any(described), "{kind}");
    }

    let mut counted = BTreeSet::new();
    for (form, honest) in [("full", &full), ("outward", &outward)] {
        for (name, bytes) in honest {
            // What is the same in both was looked at in the first.
            if form == "outward" && full.contains(&(name.clone(), bytes.clone())) {
                continue;
            }
            for how in HOWS {
                let Some(forged) = tampered(honest, name, how) else {
                    continue;
                };
                let what = format!("{name} of the {form} form, {how:?}");
                let folder = world
                    .dir
                    .path()
                    .join("forged")
                    .join(counted.len().to_string());
                let bag = unpack(&forged, &folder);
                let path = folder.join("packet.zip");
                std::fs::write(&path, zipped(&forged)).unwrap();
                let found = packet::verify_with(&path, &trusting).unwrap();
                assert!(!found.ok, "{what}");
                let others = found_by(&bag, &pinned).or_else(|| stamp_refused(&bag, &forged, &ca));
                // Of a timestamp that is not there they can say nothing.
                let gone = forged.len() < honest.len() && name.ends_with(".tsr");
                let able = validators().is_some() || !name.ends_with(".ots");
                assert!(others.is_some() || gone || !able, "{what}");
                counted.insert(what);
                std::fs::remove_dir_all(&folder).unwrap();
            }
        }
    }
    println!("{} tamperings of {} files", counted.len(), full.len());
    assert!(counted.len() > 100, "{}", counted.len());
    assert!(counted.iter().any(|what| what.starts_with("withheld.json")));
}
