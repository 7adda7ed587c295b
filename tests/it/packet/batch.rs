//! Packets of many cases: going on where an export was cut off, and those of a card.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::Stdio;

use futures::StreamExt as _;
use markhound::packet::{self, Folder, Options, PacketError, Written};
use markhound::store::cases::CaseDraft;
use markhound::store::packets::Choice;

use crate::desk::Desk;
use crate::lab::{Lab, shared_practice, stderr};
use crate::world::{World, case, one_lease, open_case, work};

/// One more listing of the world's product and seller, with its capture whole.
async fn whole_case(world: &World, item: &str) -> i64 {
    let store = &world.app.store;
    let product = store.product("OST-FJ210").await.unwrap().id;
    let source = store.source("kaufwinkel").await.unwrap();
    let lease = one_lease(store, source.id, "w").await;
    let mut work = work(&lease, source.id, "w", item);
    let page = format!("<html>{item}</html>");
    work.captures[0].blob = world.app.blobs.put(page.as_bytes()).unwrap();
    work.captures[0].size = i64::try_from(page.len()).unwrap();
    work.captures[0].fetched_at = world.hands.now();
    let drawn = item == "drawn";
    work.listing.as_mut().unwrap().cases.push(CaseDraft {
        audit_rate: drawn.then_some(0.01),
        ..case(product, if drawn { 0.2 } else { 0.95 })
    });
    store.finish_work(&work).await.unwrap().cases[0]
}

fn stays() -> Options {
    Options {
        stays: true,
        ..Options::default()
    }
}

/// Exports cases, and says which packets were written now.
async fn written(world: &World, ids: &[i64], folder: &Folder) -> Vec<i64> {
    let options = stays();
    let mut packets = std::pin::pin!(packet::export_each(
        &world.app, "anna", ids, folder, &options, true
    ));
    let mut written = Vec::new();
    while let Some((id, packet)) = packets.next().await {
        if let Written::Now(_) = packet.unwrap() {
            written.push(id);
        }
    }
    written
}

#[tokio::test]
async fn a_batch_that_was_cut_off_goes_on_and_writes_anew_only_what_changed() {
    let world = World::new().await;
    let mut ids = vec![open_case(&world).await];
    for item in ["8001", "8002", "drawn"] {
        ids.push(whole_case(&world, item).await);
    }
    world.hands.forward(60);
    let dir = world.dir.path().join("packets");
    let folder = Folder::take(&dir).unwrap();
    let busy = Folder::take(&dir).err();
    assert!(matches!(busy, Some(PacketError::Busy { .. })), "{busy:?}");
    assert_eq!(written(&world, &ids[..2], &folder).await, ids[..2]);
    drop(folder);

    // What a killed process leaves behind.
    std::fs::write(dir.join(".packet-half"), b"half").unwrap();
    std::fs::create_dir(dir.join(".packets-parts")).unwrap();
    std::fs::write(dir.join(".packets-parts/case-9.zip"), b"half").unwrap();
    let folder = Folder::take(&dir).unwrap();
    assert_eq!(written(&world, &ids, &folder).await, ids[2..]);
    let names = std::fs::read_dir(&dir).unwrap();
    let mut names: Vec<String> = names
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    let expected: Vec<String> = ids.iter().map(|id| format!("case-{id}.zip")).collect();
    assert_eq!(names, expected);
    for name in &names {
        let verification = packet::verify(&dir.join(name)).unwrap();
        assert!(verification.ok, "{name}: {:#?}", verification.checks);
    }
    assert!(written(&world, &ids, &folder).await.is_empty());

    // One case has a note since, another's packet is not what was written.
    world.hands.forward(60);
    let store = &world.app.store;
    store.note("anna", &ids[1..2], "look again").await.unwrap();
    std::fs::copy(dir.join(&names[0]), dir.join(&names[2])).unwrap();
    world.hands.forward(60);
    assert_eq!(written(&world, &ids, &folder).await, ids[1..3]);
    assert!(written(&world, &ids, &folder).await.is_empty());
}

#[tokio::test]
async fn the_outward_form_leaves_out_notes_and_whom_a_case_is_given_to() {
    let world = World::new().await;
    let id = open_case(&world).await;
    let store = &world.app.store;
    store
        .note("bert", &[id], "the seller is a neighbour")
        .await
        .unwrap();
    crate::world::anna(&world.app).await;
    store.assign("bert", &[id], Some("anna")).await.unwrap();
    let options = Options {
        outward: true,
        ..stays()
    };
    let dir = world.dir.path().join("packets");
    let exported = packet::export_as(&world.app, "bert", id, &dir, &options).await;
    let path = exported.unwrap().path;
    for (name, bytes) in super::entries(&path) {
        let text = String::from_utf8_lossy(&bytes);
        for secret in ["neighbour", "anna", "bert"] {
            assert!(!text.contains(secret), "{secret} stands in {name}");
        }
    }
    let verification = packet::verify(&path).unwrap();
    assert!(verification.ok, "{:#?}", verification.checks);
}

#[tokio::test]
async fn the_cases_of_a_card_go_into_one_packet_on_the_command_line_and_on_the_page() {
    let desk = Desk::open().await;
    let other = whole_case(&desk.world, "8001").await;
    let stranger = desk.case_of_another_product("9001", 0.8).await;
    let choice = Choice {
        card: Some(desk.case),
        ..Choice::default()
    };
    let store = &desk.world.app.store;
    assert_eq!(
        store.chosen_cases(&choice).await.unwrap(),
        [desk.case, other]
    );

    let mara = desk.person("mara").await;
    let page = mara.text(&format!("/case/{}", desk.case)).await;
    assert!(page.contains("One packet for the card"));
    let path = format!("/case/{}/packet", desk.case);
    let answer = mara
        .post(&path, &[("of", "card"), ("form", "outward")])
        .await;
    assert_eq!(answer.status(), 200);
    let name = answer.headers()["content-disposition"].to_str().unwrap();
    assert!(
        name.contains(&format!("card-of-case-{}-", desk.case)),
        "{name}"
    );
    let file = desk.world.dir.path().join("card.zip");
    std::fs::write(&file, answer.bytes().await.unwrap()).unwrap();
    let verification = packet::verify(&file).unwrap();
    assert!(verification.ok, "{:#?}", verification.checks);
    let parts: Vec<String> = super::entries(&file)
        .into_iter()
        .map(|(name, _)| name)
        .filter(|name| name.starts_with("cases/"))
        .collect();
    let expected = [desk.case, other].map(|id| format!("cases/case-{id}-outward.zip"));
    assert_eq!(parts, expected);
    let missing = mara.post("/case/999/packet", &[("of", "card")]).await;
    assert_eq!(missing.status(), 404);
    assert!(!expected.contains(&format!("cases/case-{stranger}-outward.zip")));
    desk.close().await;
}

#[test]
fn an_export_killed_half_way_goes_on_with_resume() {
    let lab = Lab::new(shared_practice());
    lab.ok(&["scan", "--source", "kaufwinkel", "--json"]);
    let mut export = lab
        .command(&["packet", "export", "--source", "kaufwinkel", "-o", "out"])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(export.stdout.take().unwrap()).lines();
    for _ in 0..3 {
        lines.next().unwrap().unwrap();
    }
    export.kill().unwrap();
    export.wait().unwrap();
    let listed = lab.ok(&[
        "queue",
        "list",
        "--source",
        "kaufwinkel",
        "--limit",
        "1000",
        "--json",
    ]);
    let resume = [
        "packet",
        "export",
        "--source",
        "kaufwinkel",
        "-o",
        "out",
        "--resume",
    ];
    let done = lab.run(&resume);
    assert_eq!(done.status.code(), Some(0), "{}", stderr(&done));
    let told = stderr(&done);
    let before: usize = told.split_whitespace().next().unwrap().parse().unwrap();
    assert!(before >= 3 && told.contains("were there already"), "{told}");
    let names = std::fs::read_dir(lab.path("out")).unwrap();
    let paths: Vec<_> = names.map(|entry| entry.unwrap().path()).collect();
    assert!(paths.len() >= listed.lines().count() && before < paths.len());
    let holds = |path: &Path| packet::verify(path).unwrap().ok;
    assert!(paths.iter().all(|path| holds(path)), "{paths:?}");
}
