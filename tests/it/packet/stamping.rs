//! Timestamps of packets, by an authority of OpenSSL, checked by OpenSSL too.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use axum::Router;
use axum::body::Bytes;
use axum::http::StatusCode;
use axum::routing::post;
use markhound::packet::keys::PublicKey;
use markhound::packet::{self, Options, Trust, stamp};

use super::authority::{Authority, openssl};
use super::tampering::{failed, zipped};
use super::warc::{run, validators};
use super::{PUBLIC_KEY, SIGNATURE, entries, file, unpack, world_with_past};
use crate::world::World;

pub(super) async fn stamped_world(authority: &Authority) -> (World, i64) {
    let (mut world, id) = world_with_past().await;
    let config = &mut world.app.config;
    config.fetch.allow_private_hosts = vec!["127.0.0.1".to_owned()];
    config.packet.timestamps = vec![authority.url.clone()];
    config.packet.timestamp_ca = vec![authority.path("ca.pem")];
    (world, id)
}

pub(super) fn trust(authority: &Authority, packet: &Path) -> Trust {
    let mut entries = entries(packet);
    Trust {
        keys: vec![PublicKey::parse(file(&mut entries, PUBLIC_KEY)).unwrap()],
        authorities: stamp::read_certificates(&authority.path("ca.pem")).unwrap(),
    }
}

pub(super) fn stays() -> Options {
    Options {
        stays: true,
        ..Options::default()
    }
}

fn token(packet: &Path) -> (String, Vec<u8>) {
    let mut found = entries(packet);
    found.retain(|(name, _)| name.ends_with(".tsr"));
    assert_eq!(found.len(), 1);
    found.remove(0)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_timestamp_holds_here_and_for_openssl() {
    let authority = Authority::start().await;
    let (world, id) = stamped_world(&authority).await;
    let dir = world.dir.path().join("packets");
    let exported = packet::export_as(&world.app, "anna", id, &dir, &stays())
        .await
        .unwrap();
    assert_eq!(exported.notes, [""; 0]);
    assert_eq!(exported.timestamps.len(), 1);
    let trust = trust(&authority, &exported.path);
    let verification = packet::verify_with(&exported.path, &trust).unwrap();
    assert!(verification.ok, "{:#?}", verification.checks);
    let stamp = &verification.timestamps[0];
    assert!(stamp.trusted && stamp.authority.contains("Practice Timestamps"));
    assert!(verification.signer.unwrap().known);

    let bag = unpack(&entries(&exported.path), &world.dir.path().join("unpacked"));
    let (name, _) = token(&exported.path);
    let ca = authority.path("ca.pem").display().to_string();
    let said = openssl(
        &bag,
        &[
            "ts", "-verify", "-data", SIGNATURE, "-in", &name, "-CAfile", &ca,
        ],
    );
    assert!(said.contains("Verification: OK"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_timestamp_that_cannot_be_had_is_asked_for_again_and_put_into_the_packet() {
    let authority = Authority::start().await;
    let (world, id) = stamped_world(&authority).await;
    let dir = world.dir.path().join("packets");
    authority.go_away(true);
    let exported = packet::export_as(&world.app, "anna", id, &dir, &stays())
        .await
        .unwrap();
    assert!(exported.notes[0].contains("503"), "{:?}", exported.notes);
    let trust = trust(&authority, &exported.path);
    // Without an authority that is asked for, the packet holds; with one, it lacks.
    assert!(packet::verify(&exported.path).unwrap().ok);
    let lacking = packet::verify_with(&exported.path, &trust).unwrap();
    assert_eq!(failed(&lacking), ["timestamps"]);

    let attempts = stamp::retry(&world.app, "anna").await.unwrap();
    assert!(attempts[0].error.as_ref().unwrap().contains("503"));
    let copy = world.dir.path().join("moved.zip");
    std::fs::copy(&exported.path, &copy).unwrap();
    authority.go_away(false);
    let attempts = stamp::retry(&world.app, "anna").await.unwrap();
    assert_eq!(attempts.len(), 1);
    assert_eq!(attempts[0].error, None);
    assert!(packet::verify_with(&exported.path, &trust).unwrap().ok);
    assert!(stamp::retry(&world.app, "anna").await.unwrap().is_empty());

    // One that was moved is completed by hand, once.
    assert_eq!(stamp::attach(&world.app, &copy).await.unwrap().len(), 1);
    assert_eq!(stamp::attach(&world.app, &copy).await.unwrap().len(), 0);
    assert_eq!(
        std::fs::read(&copy).unwrap(),
        std::fs::read(&exported.path).unwrap()
    );
    let events = world.app.store.audit_of("case 1").await.unwrap();
    assert_eq!(events.last().unwrap().action, "packet.timestamp");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stamping_that_was_cut_off_is_finished_by_the_next_run() {
    let authority = Authority::start().await;
    let (world, id) = stamped_world(&authority).await;
    let dir = world.dir.path().join("packets");
    authority.go_away(true);
    let exported = packet::export_as(&world.app, "anna", id, &dir, &stays()).await;
    let path = exported.unwrap().path;
    let without = std::fs::read(&path).unwrap();
    authority.go_away(false);
    let attempts = stamp::retry(&world.app, "anna").await.unwrap();
    assert_eq!(attempts[0].file.as_ref(), Some(&path));
    let with = std::fs::read(&path).unwrap();
    assert_ne!(with, without);

    // As if killed before the new file was in its place: the token is on record only.
    let left = dir.join(".stamping-case-1.zip-k1LL3d");
    let cut_off = || {
        std::fs::write(&path, &without).unwrap();
        std::fs::write(&left, &with[..with.len() / 2]).unwrap();
    };
    cut_off();
    assert!(stamp::retry(&world.app, "anna").await.unwrap().is_empty());
    assert_eq!(std::fs::read(&path).unwrap(), with);
    assert!(!left.exists());

    // An export into the folder does it too, and takes no file that is being written.
    cut_off();
    let writing = std::fs::File::open(&left).unwrap();
    writing.try_lock().unwrap();
    let folder = packet::Folder::take(&dir).unwrap();
    folder.mend(&world.app).await;
    assert!(left.exists() && std::fs::read(&path).unwrap() == without);
    drop(writing);
    folder.mend(&world.app).await;
    assert_eq!(std::fs::read(&path).unwrap(), with);
    assert_eq!(std::fs::read_dir(&dir).unwrap().count(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_timestamp_of_another_packet_or_another_authority_is_found() {
    let (authority, other) = (Authority::start().await, Authority::start().await);
    let (world, id) = stamped_world(&authority).await;
    let dir = world.dir.path().join("packets");
    let first = packet::export_as(&world.app, "anna", id, &dir, &stays())
        .await
        .unwrap();
    let (name, old) = token(&first.path);
    world.hands.forward(60);
    let second = packet::export_as(&world.app, "anna", id, &dir, &stays())
        .await
        .unwrap();
    let trusting = trust(&authority, &second.path);
    let mut forged = entries(&second.path);
    *file(&mut forged, &name) = old;
    let path = world.dir.path().join("forged.zip");
    std::fs::write(&path, zipped(&forged)).unwrap();
    let verification = packet::verify(&path).unwrap();
    assert_eq!(failed(&verification), ["timestamps"]);

    let strangers = trust(&other, &second.path);
    let verification = packet::verify_with(&second.path, &strangers).unwrap();
    assert_eq!(failed(&verification), ["timestamps"]);
    assert!(packet::verify_with(&second.path, &trusting).unwrap().ok);

    // What the token says cannot be changed a bit.
    let (signature, token) = {
        let mut entries = entries(&second.path);
        (file(&mut entries, SIGNATURE).clone(), token(&second.path).1)
    };
    let said = |token: &[u8]| stamp::check(token, &signature, &trusting.authorities);
    let honest = said(&token).unwrap();
    for at in 0..token.len() {
        let mut flipped = token.clone();
        flipped[at] ^= 1;
        if let Ok(stamp) = said(&flipped) {
            assert_eq!(stamp, honest, "byte {at}");
        }
    }
}

/// A calendar of OpenTimestamps on loopback; it stops answering when told to be away.
pub(super) async fn calendar(away: Arc<AtomicBool>) -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let own = url.clone();
    let answer = move |digest: Bytes| {
        let (url, away) = (own.clone(), away.clone());
        async move {
            if away.load(Ordering::SeqCst) {
                return Err(StatusCode::SERVICE_UNAVAILABLE);
            }
            assert_eq!(digest.len(), 32);
            // Append four bytes, hash, and promise.
            let mut answer = vec![0xf0, 4, 1, 2, 3, 4, 0x08, 0x00];
            answer.extend([0x83, 0xdf, 0xe3, 0x0d, 0x2e, 0xf9, 0x0c, 0x8e]);
            let length = u8::try_from(url.len()).unwrap();
            answer.extend([length + 1, length]);
            answer.extend(url.as_bytes());
            Ok(answer)
        }
    };
    let app = Router::new().route("/digest", post(answer));
    tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
    url
}

/// What OpenTimestamps' own library reads in a file: digest and calendars.
pub(super) const OTS: &str = "
import sys
from opentimestamps.core.serialize import StreamDeserializationContext
from opentimestamps.core.timestamp import DetachedTimestampFile
with open(sys.argv[1], 'rb') as file:
    read = DetachedTimestampFile.deserialize(StreamDeserializationContext(file))
print(read.file_digest.hex(), *[a.uri for _, a in read.timestamp.all_attestations()])
";

#[tokio::test(flavor = "multi_thread")]
async fn a_calendar_commits_to_a_packet_and_its_file_lies_beside_the_signature() {
    let away = Arc::new(AtomicBool::new(true));
    let url = calendar(away.clone()).await;
    let (mut world, id) = world_with_past().await;
    let config = &mut world.app.config;
    config.fetch.allow_private_hosts = vec!["127.0.0.1".to_owned()];
    config.packet.opentimestamps = vec![url.clone()];
    let dir = world.dir.path().join("packets");
    let exported = packet::export_as(&world.app, "anna", id, &dir, &stays())
        .await
        .unwrap();
    assert!(exported.notes[0].contains("503"), "{:?}", exported.notes);
    away.store(false, Ordering::SeqCst);
    let attempts = stamp::retry(&world.app, "anna").await.unwrap();
    assert_eq!(attempts[0].error, None);
    assert_eq!(attempts[0].file.as_ref(), Some(&exported.path));
    assert!(stamp::retry(&world.app, "anna").await.unwrap().is_empty());

    let ots = |packet: &Path| {
        let mut found = entries(packet);
        found.retain(|(name, _)| name.ends_with(".ots"));
        assert_eq!(found.len(), 1);
        found.remove(0)
    };
    let verification = packet::verify(&exported.path).unwrap();
    assert!(verification.ok, "{:#?}", verification.checks);
    let told = verification.checks.iter().find(|c| c.name == "timestamps");
    let told = &told.unwrap().detail;
    assert!(
        told.contains(&format!("the calendar {url} has yet")),
        "{told}"
    );
    if let Some(bin) = validators() {
        let (_, bytes) = ots(&exported.path);
        let at = world.dir.path().join("signature.ots");
        std::fs::write(&at, bytes).unwrap();
        let mut signature = entries(&exported.path);
        let sha256 = markhound::blobs::sha256_hex(file(&mut signature, SIGNATURE));
        let mut theirs = std::process::Command::new(bin.join("python3"));
        let said = run(theirs.args(["-c", OTS]).arg(&at));
        assert_eq!(said.trim(), format!("{sha256} {url}"));
    }

    // That of another packet is no proof of this one.
    world.hands.forward(60);
    let (name, old) = ots(&exported.path);
    let second = packet::export_as(&world.app, "anna", id, &dir, &stays())
        .await
        .unwrap();
    assert_eq!(second.notes, [""; 0]);
    let mut forged = entries(&second.path);
    *file(&mut forged, &name) = old;
    let path = world.dir.path().join("forged.zip");
    std::fs::write(&path, zipped(&forged)).unwrap();
    assert_eq!(failed(&packet::verify(&path).unwrap()), ["timestamps"]);
}
