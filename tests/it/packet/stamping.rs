//! Timestamps of packets, by an authority of OpenSSL, checked by OpenSSL too.

use std::path::Path;

use markhound::packet::keys::PublicKey;
use markhound::packet::{self, Options, Trust, stamp};

use super::authority::{Authority, openssl};
use super::tampering::{failed, zipped};
use super::{PUBLIC_KEY, SIGNATURE, entries, file, unpack, world_with_past};
use crate::world::World;

async fn stamped_world(authority: &Authority) -> (World, i64) {
    let (mut world, id) = world_with_past().await;
    let config = &mut world.app.config;
    config.fetch.allow_private_hosts = vec!["127.0.0.1".to_owned()];
    config.packet.timestamps = vec![authority.url.clone()];
    config.packet.timestamp_ca = vec![authority.path("ca.pem")];
    (world, id)
}

fn trust(authority: &Authority, packet: &Path) -> Trust {
    let mut entries = entries(packet);
    Trust {
        keys: vec![PublicKey::parse(file(&mut entries, PUBLIC_KEY)).unwrap()],
        authorities: stamp::read_certificates(&authority.path("ca.pem")).unwrap(),
    }
}

fn stays() -> Options {
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
