//! Reports: the figures of the log, the same by the script in the docs, and the
//! history as a table.

use std::process::Command;

use markhound::print::Language;
use markhound::reports::{self, By, Scope, Setting, Table};
use markhound::review::{self, Action, Verdict};
use markhound::store::results::{SearchResult, SearchResults};
use markhound::store::takedowns::Step;
use markhound::takedown::{self, DraftOptions};
use serde_json::Value;

use super::{confirm, confirmed};
use crate::lab::markhound;
use crate::packet::others::text_of_pdf_a;
use crate::world::{CaseOf, World, attest, case_of, one_lease, work};

/// A scan that searches for something, and finds these first. It reads item 9001.
async fn searched(world: &World, query: &str, entries: &[SearchResult]) {
    let store = &world.app.store;
    let source = store.source("kaufwinkel").await.unwrap();
    let lease = one_lease(store, source.id, "w").await;
    let mut work = work(&lease, source.id, "w", "9001");
    work.results = Some(SearchResults {
        query: query.to_owned(),
        place: 0,
        entries: entries.to_vec(),
    });
    store.finish_work(&work).await.unwrap();
    store
        .finish_scan(lease.scan_id, "done", None)
        .await
        .unwrap();
}

/// A past with some of everything in it.
pub async fn past() -> World {
    let mut world = World::new().await;
    let first = confirmed(&mut world, "counterfeit").await;
    let item = |id: &str| SearchResult::Item(id.to_owned());
    let url = |id: &str| SearchResult::Url(format!("http://127.0.0.1:8081/item/{id}"));
    let shown = [
        item("7001"),
        item("9000"),
        item("9005"),
        url("9001"),
        url("unread"),
    ];
    searched(&world, "lounge chair", &shown).await;
    searched(&world, "looked at once", &shown).await;
    let store = world.app.store.clone();
    let product_id = store.product("OST-FJ210").await.unwrap().id;
    let mut cases = vec![first];
    for number in 0..7 {
        world.hands.forward(3_601 * (number + 1));
        let item = format!("9{number:03}");
        let case = case_of(&world, &CaseOf::new(product_id, &item)).await;
        world.hands.forward(1_800 + 977 * number);
        cases.push(case);
        if number < 5 {
            confirm(&world, case, "counterfeit").await;
        }
    }
    let reject = Verdict {
        action: Action::Reject,
        kind: None,
        reason: None,
    };
    review::decide(&store, "anna", &cases[6..7], &reject)
        .await
        .unwrap();
    // Rejected, undone, confirmed.
    review::decide(&store, "anna", &cases[7..8], &reject)
        .await
        .unwrap();
    world.hands.forward(60);
    review::undo(&store, "anna", Some(cases[7])).await.unwrap();
    confirm(&world, cases[7], "counterfeit").await;
    let options = DraftOptions::default();
    let notice = takedown::draft_many(&world.app, "anna", &cases[..4], &options)
        .await
        .unwrap()
        .remove(0);
    let amazon = DraftOptions {
        channel: Some("amazon".to_owned()),
        ..DraftOptions::default()
    };
    let other = takedown::draft_many(&world.app, "anna", &cases[4..6], &amazon)
        .await
        .unwrap()
        .remove(0);
    let step = async |notice: i64, to: &str, cases: &[i64], evidence: Option<&str>| {
        let step = Step {
            to_state: to.to_owned(),
            cases: cases.to_vec(),
            evidence: evidence.map(ToOwned::to_owned),
            ..Step::default()
        };
        takedown::record_step(&world.app, "anna", notice, step, None)
            .await
            .unwrap();
    };
    for id in [notice.id, other.id] {
        attest(&world.app, id).await.unwrap();
        step(id, "submitted", &[], None).await;
    }
    world.hands.forward(90_061);
    step(notice.id, "removed", &cases[..1], Some("captures:1,2")).await;
    world.hands.forward(40 * 86_400);
    step(notice.id, "removed", &cases[1..2], None).await;
    step(notice.id, "refused", &cases[2..3], None).await;
    step(other.id, "counter_notice", &cases[4..5], None).await;
    let shown = [
        item("9005"),
        url("9001"),
        item("5"),
        item("6"),
        url("unread"),
    ];
    searched(&world, "lounge chair", &shown).await;
    world
}

#[tokio::test]
async fn the_figures_can_be_computed_again_from_the_exported_log() {
    let world = past().await;
    let data = world.dir.path().join("data").display().to_string();
    let run = |args: &[&str]| {
        let output = markhound()
            .current_dir(world.dir.path())
            .args(["--data-dir", &data])
            .args(args)
            .output()
            .unwrap();
        assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
        String::from_utf8(output.stdout).unwrap()
    };
    let log = world.dir.path().join("log.jsonl");
    std::fs::write(&log, run(&["report", "log"])).unwrap();
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/kpi.py");
    let again = |args: &[&str]| {
        let output = Command::new("python3")
            .arg(script)
            .arg(&log)
            .args(args)
            .output()
            .unwrap();
        (
            output.status.success(),
            String::from_utf8(output.stdout).unwrap(),
        )
    };
    for args in [
        &["--by", "all"][..],
        &["--by", "brand"],
        &["--by", "product"],
        &["--by", "channel"],
        &["--by", "source"],
        &["--by", "month"],
        &["--from", "2026-11-03", "--to", "2026-11-03"],
        &["--from", "2027-01-01"],
    ] {
        let ours: Value =
            serde_json::from_str(&run(&[&["--json", "report", "kpi"], args].concat())).unwrap();
        let (good, theirs) = again(args);
        assert!(good);
        let theirs: Value = serde_json::from_str(&theirs).unwrap();
        assert_eq!(ours["figures"], theirs, "{args:?}");
    }
    // One altered byte, and the script says where.
    let text = std::fs::read_to_string(&log).unwrap();
    std::fs::write(
        &log,
        text.replacen(
            "\\\"to\\\":\\\"refused\\\"",
            "\\\"to\\\":\\\"removed\\\"",
            1,
        ),
    )
    .unwrap();
    assert!(!again(&[]).0, "an altered log is taken");
}

#[tokio::test]
async fn each_figure_counts_what_its_definition_says() {
    let world = past().await;
    let events = reports::log(&world.app).await.unwrap();
    let all = reports::kpi(&events, &Scope::default(), By::All).remove(0);
    assert_eq!(
        (all.found, all.decided, all.confirmed, all.rejected),
        (8, 8, 7, 1)
    );
    assert_eq!((all.reported, all.removed, all.verified), (6, 2, 1));
    assert_eq!((all.refused, all.counter_notices), (1, 1));
    assert_eq!(all.removal_seconds_median, Some(90_061));
    assert_eq!(all.removal_seconds_p90, Some(90_061 + 40 * 86_400));
    assert_eq!(all.removal_rate, Some(2.0 / 6.0));
    // 7001, 9000 and 9001 infringe; 9005 was rejected, and one was not read.
    assert_eq!(all.visibility_before, Some(0.6));
    assert_eq!(all.visibility_after, Some(0.2));
    let sources = reports::kpi(&events, &Scope::default(), By::Source);
    assert_eq!(sources[0].visibility_after, Some(0.2));
    let brands = reports::kpi(&events, &Scope::default(), By::Brand);
    assert_eq!(brands[0].visibility_after, None);
    let channels = reports::kpi(&events, &Scope::default(), By::Channel);
    let reported: Vec<_> = channels
        .iter()
        .map(|kpi| (kpi.group.as_str(), kpi.reported))
        .collect();
    assert_eq!(reported, [("amazon", 2), ("marketplace", 4), ("none", 0)]);
    let nobody = Scope {
        brand: Some("Nobody".to_owned()),
        ..Scope::default()
    };
    assert_eq!(reports::kpi(&events, &nobody, By::All)[0].found, 0);

    let entries = reports::enforcement(&world.app, &events, &Scope::default())
        .await
        .unwrap();
    assert_eq!(entries.len(), 8);
    assert_eq!(entries[0].outcome.as_deref(), Some("removed"));
    assert!(entries[0].verified && !entries[1].verified);
    assert_eq!(entries[7].decision, Some("confirm"));
    let table = Table::of(&entries);
    let csv = table.csv().unwrap();
    let mut reader = csv::Reader::from_reader(csv.as_slice());
    assert_eq!(reader.records().count(), 8);
    let book = table.xlsx("Enforcement", world.hands.now()).unwrap();
    assert_eq!(book, table.xlsx("Enforcement", world.hands.now()).unwrap());
    zip::ZipArchive::new(std::io::Cursor::new(book))
        .unwrap()
        .by_name("xl/worksheets/sheet2.xml")
        .unwrap();
}

#[tokio::test]
async fn the_history_is_a_document_to_file_in_every_language() {
    let world = past().await;
    let events = reports::log(&world.app).await.unwrap();
    let scope = Scope {
        brand: Some("Ostrelund".to_owned()),
        to: Some(world.hands.now()),
        ..Scope::default()
    };
    let entries = reports::enforcement(&world.app, &events, &scope)
        .await
        .unwrap();
    let figures = reports::kpi(&events, &scope, By::All).remove(0);
    for (language, title) in [
        (Language::En, "Enforcement report"),
        (Language::De, "Bericht zur Rechtsdurchsetzung"),
        (Language::Fr, "Rapport de défense des droits"),
        (Language::Es, "Informe de defensa de derechos"),
        (Language::Zh, "维权报告"),
    ] {
        let setting = Setting {
            language,
            now: world.hands.now(),
            fonts: Vec::new(),
        };
        let set = || reports::enforcement_pdf(&entries, &figures, &scope, &setting).unwrap();
        let document = set();
        assert_eq!(document, set(), "the same history makes the same bytes");
        let name = format!("{}.pdf", language.code());
        std::fs::write(world.dir.path().join(&name), &document).unwrap();
        let Some(text) = text_of_pdf_a(world.dir.path(), &name) else {
            continue;
        };
        assert!(text.contains(title), "{text}");
        assert!(text.contains("Lounge chair 7001"), "{text}");
        assert!(!text.contains("[U+"), "{text}");
    }
}
