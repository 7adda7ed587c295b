//! Evidence packets: what they hold. That tampering with them is found stands
//! in [`tampering`].

mod authority;
mod batch;
mod chain;
mod kinds;
mod languages;
mod marketplaces;
pub mod others;
mod signing;
mod stamping;
mod tampering;
mod warc;

use std::io::Read as _;
use std::path::{Path, PathBuf};

use markhound::packet;
use markhound::review::{self, Action};
use markhound::store::decisions::Move;
use markhound::takedown;
use zip::ZipArchive;

use crate::world::{World, attest, case, open_case, with_sender};

const MANIFEST: &str = "manifest-sha256.txt";
const TAG_MANIFEST: &str = "tagmanifest-sha256.txt";
const SIGNATURE: &str = "signature/tagmanifest-sha256.txt.sig";
const PUBLIC_KEY: &str = "signature/public-key.pem";

/// A case with a past: confirmed, undone, seen again with other evidence,
/// confirmed, noticed, submitted, removed.
async fn world_with_past() -> (World, i64) {
    let mut world = World::new().await;
    with_sender(&mut world);
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
    world.hands.forward(60);
    attest(&world.app, notice.id).await.unwrap();
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
    // The page was rendered: what it was given, what it became, a picture of it.
    let shot = before.picture_blob.clone().unwrap();
    let shot = world.app.blobs.get(&shot).unwrap();
    let url = work.captures[0].url.clone();
    for (kind, bytes) in [
        ("part", &b"body { margin: 0 }"[..]),
        ("rendered", &b"<html>second page, built</html>"[..]),
        ("screenshot", &shot[..]),
    ] {
        let blob = world.app.blobs.put(bytes).unwrap();
        let at = work.captures[0].fetched_at;
        let capture = crate::world::capture(kind, &url, &blob, bytes.len(), at);
        work.captures.push(capture);
    }
    let blob = before.picture_blob.clone().unwrap();
    let listing = work.listing.as_mut().unwrap();
    listing.pictures.push(markhound::store::work::PictureDraft {
        url: "http://127.0.0.1:8081/img/7001.jpg".to_owned(),
        capture: Some(markhound::store::work::CaptureRef::Stored(2)),
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

/// The files of a packet, named as in the bag, those of the payload without `data/`.
fn entries(path: &Path) -> Vec<(String, Vec<u8>)> {
    let mut archive = ZipArchive::new(std::fs::File::open(path).unwrap()).unwrap();
    (0..archive.len())
        .map(|index| {
            let mut entry = archive.by_index(index).unwrap();
            let mut bytes = Vec::new();
            entry.read_to_end(&mut bytes).unwrap();
            let name = entry.name().unwrap().into_owned();
            let name = name.split_once('/').unwrap().1;
            (name.strip_prefix("data/").unwrap_or(name).to_owned(), bytes)
        })
        .collect()
}

/// Where a file stands in the bag.
fn place(name: &str) -> String {
    let tag = name.starts_with("signature/")
        || [
            MANIFEST,
            TAG_MANIFEST,
            "bagit.txt",
            "bag-info.txt",
            "README.txt",
        ]
        .contains(&name);
    match tag {
        true => name.to_owned(),
        false => format!("data/{name}"),
    }
}

/// Unpacks a packet as `unzip` would, and gives the bag's folder.
fn unpack(entries: &[(String, Vec<u8>)], to: &Path) -> PathBuf {
    let bag = to.join("case-1");
    for (name, bytes) in entries {
        let to = bag.join(place(name));
        std::fs::create_dir_all(to.parent().unwrap()).unwrap();
        std::fs::write(to, bytes).unwrap();
    }
    bag
}

fn file<'a>(entries: &'a mut [(String, Vec<u8>)], name: &str) -> &'a mut Vec<u8> {
    let found = entries
        .iter_mut()
        .find(|(entry, _)| entry.starts_with(name));
    &mut found.unwrap_or_else(|| panic!("{name}")).1
}

#[tokio::test]
async fn a_packet_holds_everything_and_its_check_says_so() {
    let (world, path) = exported().await;
    let verification = packet::verify(&path).unwrap();
    assert!(verification.ok, "{:#?}", verification.checks);
    assert_eq!(verification.case_id, Some(1));
    assert_eq!(verification.checks.len(), 13);
    assert_eq!(path.file_name().unwrap(), "case-1.zip");

    let names: Vec<String> = entries(&path).into_iter().map(|(name, _)| name).collect();
    assert_eq!(names.len(), verification.files);
    assert_eq!(names[0], "bagit.txt");
    assert_eq!(names.last().unwrap(), SIGNATURE);
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
    let (one, first) = exported().await;
    let (two, id) = world_with_past().await;
    // The same key too; the event of its making stands in no case's log.
    let keys = two.app.data_dir.join("keys");
    std::fs::create_dir_all(&keys).unwrap();
    std::fs::copy(
        one.app.data_dir.join("keys/packet.pem"),
        keys.join("packet.pem"),
    )
    .unwrap();
    two.app
        .store
        .audit("anna", "key.create", "key 0", &serde_json::json!({}))
        .await
        .unwrap();
    let dir = two.dir.path().join("packets");
    let second = packet::export(&two.app, "anna", id, &dir).await.unwrap();
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
async fn the_outward_form_leaves_out_what_is_internal_and_says_so_by_hash() {
    let (world, id) = world_with_past().await;
    let dir = world.dir.path().join("packets");
    let full = packet::export(&world.app, "anna", id, &dir).await.unwrap();
    let options = packet::Options {
        outward: true,
        ..packet::Options::default()
    };
    let outward = packet::export_as(&world.app, "anna", id, &dir, &options).await;
    let outward = outward.unwrap().path;
    let verification = packet::verify(&outward).unwrap();
    assert!(verification.ok, "{:#?}", verification.checks);
    let (mut full, mut outward) = (entries(&full), entries(&outward));
    for (name, bytes) in &outward {
        let text = String::from_utf8_lossy(bytes);
        for secret in [
            "anna",
            "bert",
            "our photo, <mirrored>",
            "mirrored&#62;",
            "reference 4711",
        ] {
            assert!(!text.contains(secret), "{secret} stands in {name}");
        }
    }
    let decisions = String::from_utf8(file(&mut outward, "decisions.json").clone()).unwrap();
    assert!(decisions.contains("reviewer 1") && decisions.contains("reviewer 2"));
    let withheld: serde_json::Value =
        serde_json::from_slice(file(&mut outward, "withheld.json")).unwrap();
    let withheld = withheld.as_array().unwrap();
    assert!(withheld.len() >= 3);
    for entry in withheld {
        let path = entry["path"].as_str().unwrap();
        if path == "custody.jsonl" {
            // The full form was exported before: its own event came after it.
            continue;
        }
        let bytes = file(&mut full, path);
        assert_eq!(
            entry["sha256"],
            markhound::blobs::sha256_hex(bytes),
            "{path}"
        );
    }
}

#[tokio::test]
async fn confidential_reference_photos_stay_out_of_the_outward_form() {
    let world = World::new().await;
    let id = open_case(&world).await;
    let reference = world.app.store.reference_photos_of(1).await.unwrap();
    let mut secret = crate::world::product("OST-FJ210");
    secret.classification = Some("confidential".to_owned());
    let photo = crate::world::reference(&reference[0].blob);
    world
        .app
        .store
        .save_product("test", &secret, &[photo])
        .await
        .unwrap();
    let options = packet::Options {
        outward: true,
        ..packet::Options::default()
    };
    let dir = world.dir.path().join("packets");
    let outward = packet::export_as(&world.app, "anna", id, &dir, &options).await;
    let outward = outward.unwrap().path;
    let verification = packet::verify(&outward).unwrap();
    assert!(verification.ok, "{:#?}", verification.checks);
    let mut outward = entries(&outward);
    assert!(
        outward
            .iter()
            .all(|(name, _)| !name.starts_with("references/"))
    );
    let withheld = String::from_utf8(file(&mut outward, "withheld.json").clone()).unwrap();
    assert!(withheld.contains(&reference[0].blob), "{withheld}");
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
    let left = std::fs::read_dir(&dir).map_or(0, |entries| entries.count());
    assert_eq!(left, 0);
    let events = world.app.store.audit_of("case 1").await.unwrap();
    assert!(events.iter().all(|event| event.action != "packet.export"));
}

#[tokio::test]
async fn the_manifest_and_the_log_can_be_checked_with_common_tools() {
    let (world, path) = exported().await;
    let out = unpack(&entries(&path), &world.dir.path().join("unpacked"));
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
    for manifest in [MANIFEST, TAG_MANIFEST] {
        let (ok, lines) = run("sha256sum", &["-c", "--strict", manifest]);
        assert!(ok, "{lines}");
    }
    let verify = [
        "pkeyutl",
        "-verify",
        "-rawin",
        "-pubin",
        "-inkey",
        PUBLIC_KEY,
        "-in",
        TAG_MANIFEST,
    ];
    let (ok, lines) = run("openssl", &[&verify[..], &["-sigfile", SIGNATURE]].concat());
    assert!(ok && lines.contains("Verified Successfully"), "{lines}");

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
