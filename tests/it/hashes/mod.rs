//! Lists of picture hashes, out of the catalog and into it. What is recognised
//! by them stands in [`matching`].

mod matching;

use std::path::PathBuf;
use std::process::Output;

use markhound::catalog;
use markhound_index::image::{IMG_HASH_ALGORITHM, PdqHash};
use serde_json::Value;

use crate::lab::{markhound, stderr};
use crate::world::{PHOTO, World, photo};

const HASH: &str = "f8f8f0cee0f4a84f06370a22038f63f0b36e2ed596621e1d33e6b39c4e9c9b22";

/// A catalog of A with a photo, and of B and C without.
async fn catalog() -> World {
    let world = World::new().await;
    let path = world.dir.path().join("catalog.csv");
    let rows = format!("sku,brand,name,images\nA,Br,One,{PHOTO}\nB,Br,Two,\nC,Br,Three,\n");
    std::fs::write(&path, rows).unwrap();
    let reading = catalog::read(&path, photo(PHOTO).parent()).unwrap();
    let done = catalog::import(&world.app, "t", &reading, |_, _| {}).await;
    assert_eq!(done.unwrap().errors, []);
    world
}

/// Runs `markhound` over the world's data.
fn run(world: &World, args: &[&str]) -> Output {
    let dir = world.dir.path();
    let mut command = markhound();
    command.current_dir(dir).arg("--data-dir").arg("data");
    command.args(args).output().unwrap()
}

fn hashes(world: &World, args: &[&str]) -> Output {
    run(world, &[&["catalog", "hashes"], args].concat())
}

fn ok(output: Output) -> String {
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    String::from_utf8(output.stdout).unwrap()
}

fn file(world: &World, name: &str, text: &str) -> PathBuf {
    let path = world.dir.path().join(name);
    std::fs::write(&path, text).unwrap();
    path
}

async fn pdq_of_a(world: &World) -> PdqHash {
    let export = catalog::hashes::export_hashes(&world.app, false)
        .await
        .unwrap();
    let of_a = export.hashes.iter().find(|h| h.sku == "A").unwrap();
    of_a.entry.as_pdq().unwrap()
}

/// Catalog version and number of audit events: what a change leaves behind.
async fn traces(world: &World) -> (i64, usize) {
    let store = &world.app.store;
    let events = store.audit_page(None, 1000).await.unwrap().len();
    (store.catalog_version().await.unwrap(), events)
}

#[tokio::test]
async fn a_list_holds_img_hash_hashes_when_they_are_asked_for() {
    let world = catalog().await;
    let lines = |args: &[&str]| ok(hashes(&world, &[&["export"], args].concat()));
    assert_eq!(lines(&[]).lines().count(), 2);
    let both = lines(&["--img-hash"]);
    let algorithms: Vec<_> = both.lines().map(|l| l.split(',').next().unwrap()).collect();
    assert_eq!(algorithms, ["algorithm", "pdq", IMG_HASH_ALGORITHM]);
    // The forms for PDQ have no room for them.
    assert_eq!(lines(&["--img-hash", "--form", "pdq"]).lines().count(), 1);
}

#[tokio::test]
async fn an_export_imported_for_another_product_comes_back_in_every_form() {
    let world = catalog().await;
    let hash = pdq_of_a(&world).await.to_string();
    for form in ["pdq", "signals", "hashes", "csv"] {
        let list = format!("{form}.txt");
        ok(hashes(&world, &["export", "--form", form, "-o", &list]));
        ok(hashes(&world, &["import", &list, "--sku", "B"]));
        let rows = world.app.store.reference_hashes_of("B").await.unwrap();
        assert_eq!(rows.len(), 1, "{form}");
        assert_eq!((rows[0].algorithm.as_str(), &rows[0].hash), ("pdq", &hash));
        let named = matches!(form, "pdq" | "csv");
        let label = match named {
            true => format!("A/{PHOTO}"),
            false => format!("{list}:1"),
        };
        assert_eq!(rows[0].label, label);
        assert_eq!(rows[0].quality.is_some(), named);
        let text = ok(hashes(&world, &["export", "--form", form]));
        assert_eq!(text.matches(&hash).count(), 2, "photo and import: {text}");
        let removed = ok(hashes(&world, &["remove", "--sku", "B"]));
        assert!(removed.starts_with("1 hash"), "{removed}");
    }
    let document: Value = serde_json::from_str(&ok(hashes(&world, &["export", "--json"]))).unwrap();
    let exported = &document["hashes"][0];
    assert_eq!(exported["hash"], hash.as_str());
    assert_eq!(exported["name"], format!("A/{PHOTO}"));
    assert_eq!(
        (&exported["sku"], &exported["imported"]),
        (&"A".into(), &false.into())
    );
    assert!((50..=100).contains(&exported["quality"].as_i64().unwrap()));
}

#[tokio::test]
async fn a_list_imported_twice_is_there_once_and_changes_nothing_again() {
    let world = catalog().await;
    let upper = HASH.to_uppercase();
    file(
        &world,
        "l.txt",
        &format!("{HASH},90,a.jpg\n{upper},80,b.jpg\n"),
    );
    let before = traces(&world).await;
    let said = ok(hashes(
        &world,
        &["import", "l.txt", "--sku", "B", "--dry-run"],
    ));
    assert!(said.starts_with("1 to add, 1 there already"), "{said}");
    assert_eq!(traces(&world).await, before);

    let said = ok(hashes(&world, &["import", "l.txt", "--sku", "B"]));
    assert!(said.starts_with("1 added, 1 there already"), "{said}");
    let after = traces(&world).await;
    assert_eq!(after, (before.0 + 1, before.1 + 1));
    let events = world.app.store.audit_of("product B").await.unwrap();
    let last = events.last().unwrap();
    assert_eq!(last.action, "catalog.hashes_import");
    assert_eq!(
        (&last.detail["list"], &last.detail["added"]),
        (&"l.txt".into(), &1.into())
    );

    let said = ok(hashes(&world, &["import", "l.txt", "--sku", "B"]));
    assert!(said.starts_with("0 added, 2 there already"), "{said}");
    assert_eq!(traces(&world).await, after);
    // The same hash for another product is another row.
    let said = ok(hashes(&world, &["import", "l.txt", "--sku", "C"]));
    assert!(said.starts_with("1 added"), "{said}");
}

#[tokio::test]
async fn bad_lines_are_named_with_their_reason_and_the_good_ones_are_kept() {
    let world = catalog().await;
    let zeros = "0".repeat(64);
    let other = HASH.replace('f', "e");
    let long = "x".repeat(9000);
    let text = format!(
        "# mine\n{HASH},100,a.jpg\nnonsense\n{zeros},100,flat.jpg\n{other},49,dim.jpg\n{long}\nmd5 {HASH}\n{other},50,\u{1b}[31mred.jpg\n{}",
        &HASH.replace('8', "9")
    );
    file(&world, "mixed.txt", &text);
    let output = hashes(&world, &["import", "mixed.txt", "--sku", "B"]);
    assert_eq!(output.status.code(), Some(3));
    let said = stderr(&output);
    for (line, why) in [
        (3, "hexadecimal"),
        (4, "flat or broken"),
        (5, "quality 49 is below 50"),
        (6, "longer than"),
        (7, "md5"),
    ] {
        let start = format!("line {line}: ");
        let named = said.lines().find(|l| l.starts_with(&start));
        assert!(
            named.is_some_and(|l| l.contains(why)),
            "{line} {why}: {said}"
        );
    }
    let rows = world.app.store.reference_hashes_of("B").await.unwrap();
    let labels: Vec<&str> = rows.iter().map(|row| row.label.as_str()).collect();
    assert_eq!(labels, ["a.jpg", "[31mred.jpg", "mixed.txt:9"]);

    let output = hashes(
        &world,
        &["import", "mixed.txt", "--sku", "C", "--dry-run", "--json"],
    );
    assert_eq!(output.status.code(), Some(3));
    let document: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(
        (&document["added"], &document["bad_lines"]),
        (&3.into(), &5.into())
    );
    assert_eq!(document["bad"][0]["line"], 3);
    assert!(
        world
            .app
            .store
            .reference_hashes_of("C")
            .await
            .unwrap()
            .is_empty()
    );
}

#[tokio::test]
async fn hashes_of_other_programs_are_kept_for_export_only_and_come_back_as_they_were() {
    let world = catalog().await;
    let base64 = "BSpPdJm+4wgtUnecweYLMFV6n8TpDjNYfaLH7BE2W4A";
    let line = format!("img_hash gradient 16x16,{base64},,theirs.png");
    file(
        &world,
        "other.csv",
        &format!("algorithm,hash,quality,name\n{line}\n"),
    );
    let said = ok(hashes(&world, &["import", "other.csv", "--sku", "B"]));
    assert!(
        said.contains("1 added") && said.contains("kept for export only"),
        "{said}"
    );
    let output = hashes(&world, &["export"]);
    let csv = ok(output);
    assert!(csv.contains(&line), "{csv}");
    let output = hashes(&world, &["export", "--form", "pdq"]);
    assert!(stderr(&output).contains("1 hash(es) are not PDQ's"));
    assert_eq!(ok(output).lines().count(), 1);
    let document: Value = serde_json::from_str(&ok(hashes(&world, &["export", "--json"]))).unwrap();
    assert_eq!(document["hashes"][1]["hash"], base64);
    assert_eq!(
        document["hashes"][1]["algorithm"],
        "img_hash gradient 16x16"
    );
}

#[tokio::test]
async fn hashes_are_listed_and_removed_by_label_and_an_unknown_product_is_named() {
    let world = catalog().await;
    let other = HASH.replace('f', "e");
    file(
        &world,
        "l.txt",
        &format!("{HASH},90,a.jpg\n{other},80,b.jpg\n"),
    );
    ok(hashes(&world, &["import", "l.txt", "--sku", "B"]));
    let listed = ok(hashes(&world, &["list", "--sku", "B"]));
    assert_eq!(listed.lines().count(), 2);
    assert!(
        listed.contains(HASH) && listed.contains("a.jpg"),
        "{listed}"
    );
    assert_eq!(ok(hashes(&world, &["list", "--sku", "C"])), "");

    let before = traces(&world).await;
    let said = ok(hashes(
        &world,
        &["remove", "--sku", "B", "--label", "nobody's"],
    ));
    assert!(said.starts_with("0 hash"), "{said}");
    assert_eq!(traces(&world).await, before);
    ok(hashes(
        &world,
        &["remove", "--sku", "B", "--label", "a.jpg"],
    ));
    assert_eq!(traces(&world).await, (before.0 + 1, before.1 + 1));
    let left = world.app.store.reference_hashes().await.unwrap();
    assert_eq!(left.len(), 1);
    assert_eq!(
        (left[0].label.as_str(), left[0].sku.as_str()),
        ("b.jpg", "B")
    );

    for args in [
        &["import", "l.txt", "--sku", "Z"][..],
        &["list", "--sku", "Z"],
        &["remove", "--sku", "Z"],
    ] {
        let output = hashes(&world, args);
        assert_eq!(output.status.code(), Some(1), "{args:?}");
        assert!(stderr(&output).contains("there is no product Z"));
    }
    let output = hashes(&world, &["import", "nowhere.txt", "--sku", "B"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(stderr(&output).contains("nowhere.txt"));
}
