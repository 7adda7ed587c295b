//! Reports in the languages that they come in.

use std::process::Command;

use markhound::packet::{self, Language, Options};
use markhound::store::cases::QueueFilter;
use serde_json::Value;

use super::warc::{run, scanned, validators};
use super::{entries, file, world_with_past};

const OTHERS: [(Language, &str); 4] = [
    (Language::De, "Bewertung und Gründe"),
    (Language::Fr, "Score et motifs"),
    (Language::Es, "Puntuación y motivos"),
    (Language::Zh, "评分与理由"),
];

fn told(language: Language) -> Options {
    Options {
        language,
        ..Options::default()
    }
}

/// The reasons as they were recorded.
fn recorded(packet: &mut [(String, Vec<u8>)]) -> Vec<String> {
    let evidence: Value = serde_json::from_slice(file(packet, "evidence.json")).unwrap();
    let reasons = evidence["reasons"].as_array().unwrap();
    let texts = reasons.iter().map(|reason| reason["text"].as_str());
    texts.map(|text| text.unwrap().to_owned()).collect()
}

/// A text as it stands on a page.
fn escaped(text: &str) -> String {
    let text = text.replace('&', "&#38;").replace('"', "&#34;");
    text.replace('\'', "&#39;").replace('<', "&#60;")
}

fn html(packet: &mut [(String, Vec<u8>)]) -> String {
    String::from_utf8(file(packet, "report.html").clone()).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn no_english_reason_is_left_in_a_report_of_another_language() {
    let lab = tokio::task::block_in_place(scanned);
    let app = lab.app().await;
    let queue = app.store.queue(&QueueFilter::default(), None, 5).await;
    let cases: Vec<i64> = queue.unwrap().iter().map(|case| case.id).collect();
    let mut looked_at = 0;
    for id in cases {
        let (dir, options) = (lab.path("en"), told(Language::En));
        let english = packet::export_as(&app, "anna", id, &dir, &options).await;
        let mut english = entries(&english.unwrap().path);
        let reasons = recorded(&mut english);
        let page = html(&mut english);
        for reason in &reasons {
            assert!(page.contains(&escaped(reason)), "{reason}");
        }
        for (language, title) in OTHERS {
            let dir = lab.path(language.code());
            let other = packet::export_as(&app, "anna", id, &dir, &told(language)).await;
            let mut other = entries(&other.unwrap().path);
            assert_eq!(recorded(&mut other), reasons, "the record stays");
            assert_eq!(
                file(&mut other, "evidence.json"),
                file(&mut english, "evidence.json")
            );
            let page = html(&mut other);
            assert!(page.contains(title) && !page.contains("lang=\"en\""));
            for reason in &reasons {
                let left = page.contains(&escaped(reason));
                assert!(!left, "{language:?}: {reason}");
                looked_at += 1;
            }
        }
    }
    assert!(looked_at > 100, "{looked_at}");
}

#[tokio::test]
async fn a_reason_of_an_old_record_keeps_its_words_and_the_report_says_so() {
    let (world, id) = world_with_past().await;
    let dir = world.dir.path().join("packets");
    let german = packet::export_as(&world.app, "anna", id, &dir, &told(Language::De)).await;
    let mut german = entries(&german.unwrap().path);
    let page = html(&mut german);
    let reason = &recorded(&mut german)[0];
    let marked = format!("<span lang=\"en\">{reason}</span> (wie aufgezeichnet, englisch)");
    assert!(page.contains(&marked), "{page}");
    assert!(page.contains("ohne Codes aufgezeichnet"));
    assert!(page.contains("27\u{a0}%") && page.contains("178,00 EUR"));
}

#[tokio::test]
async fn a_report_has_bookmarks_that_lead_to_its_sections() {
    let (world, id) = world_with_past().await;
    for (language, title) in OTHERS {
        let dir = world.dir.path().join(language.code());
        let exported = packet::export_as(&world.app, "anna", id, &dir, &told(language)).await;
        let mut packet = entries(&exported.unwrap().path);
        let report = file(&mut packet, "report.pdf").clone();
        std::fs::write(dir.join("report.pdf"), report).unwrap();
        if validators().is_none() {
            return;
        }
        // That it is PDF/A with them stands in `others`.
        let outline = run(Command::new("mutool")
            .args(["show", "report.pdf", "outline"])
            .current_dir(&dir));
        let lines: Vec<&str> = outline.lines().collect();
        assert!(lines.len() >= 8, "{outline}");
        let to_a_page = |line: &&str| line.contains("#page=");
        assert!(lines.iter().all(to_a_page), "{outline}");
        assert!(outline.contains(title), "{outline}");
    }
}
