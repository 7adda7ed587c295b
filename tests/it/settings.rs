//! Settings of a source: chosen, checked, shown, and noted in the audit log.

use std::collections::BTreeMap;
use std::process::Output;

use markhound::scan::{plan, settings};
use markhound_crawlers::Definition;
use serde_json::Value;
use tempfile::TempDir;

use crate::desk::Desk;
use crate::lab::{markhound, open, stderr};

struct Place(TempDir);

impl Place {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn run(&self, arguments: &[&str]) -> Output {
        let mut command = markhound();
        command.args(arguments).current_dir(self.0.path());
        command.output().unwrap()
    }

    fn ok(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        assert!(output.status.success(), "{arguments:?}: {output:?}");
        String::from_utf8(output.stdout).unwrap()
    }

    fn fails(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        assert_eq!(output.status.code(), Some(1), "{arguments:?}");
        stderr(&output)
    }

    fn show(&self) -> Value {
        serde_json::from_str(&self.ok(&["source", "show", "bay", "--json"])).unwrap()
    }
}

const ADD: [&str; 7] = [
    "source",
    "add",
    "bay",
    "--definition",
    "ebay",
    "--set",
    "marketplace=EBAY_DE",
];

#[tokio::test(flavor = "multi_thread")]
async fn a_setting_is_chosen_shown_changed_given_back_and_noted_each_time() {
    let place = Place::new();
    place.ok(&ADD);
    let shown = place.show();
    assert_eq!(shown["settings"][0]["name"], "marketplace");
    assert_eq!(shown["settings"][0]["value"], "EBAY_DE");
    assert_eq!(shown["settings"][0]["chosen"], true);

    let text = place.ok(&["source", "set", "bay", "marketplace=EBAY_FR"]);
    assert!(
        text.contains("marketplace = EBAY_FR (default: EBAY_US)") && text.contains("EBAY_GB"),
        "{text}"
    );
    // What is so already is no change.
    place.ok(&["source", "set", "bay", "marketplace=EBAY_FR"]);
    place.ok(&["source", "set", "bay", "--unset", "marketplace"]);
    let shown = place.show();
    assert_eq!(shown["settings"][0]["value"], "EBAY_US");
    assert_eq!(shown["settings"][0]["chosen"], false);

    let app = open(&place.0.path().join("markhound-data")).await;
    let events = app.store.audit_page(None, 10).await.unwrap();
    let noted: Vec<_> = events
        .iter()
        .rev()
        .map(|event| (event.action.as_str(), event.detail.0.clone()))
        .collect();
    let actions: Vec<_> = noted.iter().map(|(action, _)| *action).collect();
    assert_eq!(actions, ["source.save", "source.set", "source.set"]);
    assert_eq!(noted[0].1["settings"]["marketplace"], "EBAY_DE");
    assert_eq!(noted[1].1["before"]["marketplace"], "EBAY_DE");
    assert_eq!(noted[1].1["after"]["marketplace"], "EBAY_FR");
    assert_eq!(noted[2].1["after"], serde_json::json!({}));
    assert_eq!(app.store.audit_first_break().await.unwrap(), None);
}

#[test]
fn a_setting_or_value_that_is_not_declared_is_refused_by_the_names_there_are() {
    let place = Place::new();
    let mut wrong = ADD;
    wrong[6] = "market=EBAY_DE";
    let said = place.fails(&wrong);
    assert!(
        said.contains("settings.market") && said.contains("known: marketplace"),
        "{said}"
    );
    assert!(
        place
            .fails(&["source", "show", "bay"])
            .contains("no source"),
        "nothing was added"
    );
    wrong[6] = "marketplace=EBAY_XX";
    let said = place.fails(&wrong);
    assert!(
        said.contains("`EBAY_XX` is none of EBAY_US") && said.contains("EBAY_VN"),
        "{said}"
    );
    place.ok(&ADD);
    for change in [
        vec!["marketplace=EBAY_FR", "market=EBAY_DE"],
        vec!["marketplace="],
        vec!["--unset", "market"],
    ] {
        let mut arguments = vec!["source", "set", "bay"];
        arguments.extend(change);
        let said = place.fails(&arguments);
        assert!(said.contains("marketplace"), "{arguments:?}: {said}");
        let value = &place.show()["settings"][0]["value"];
        assert_eq!(value, "EBAY_DE", "all or nothing");
    }
    let usage = place.run(&["source", "set", "bay", "marketplace"]);
    assert_eq!(usage.status.code(), Some(2));
    assert!(stderr(&usage).contains("KEY=VALUE"), "{usage:?}");
    let usage = place.run(&["source", "set", "bay"]);
    assert_eq!(usage.status.code(), Some(2));
}

#[tokio::test]
async fn a_setting_that_the_definition_lost_is_named_and_can_be_taken_away() {
    let place = Place::new();
    let app = open(&place.0.path().join("data")).await;
    let mut draft = crate::world::source("bay");
    Definition::builtin_text("ebay")
        .unwrap()
        .clone_into(&mut draft.definition);
    draft.settings = BTreeMap::from([("site".to_owned(), "DE".to_owned())]);
    app.store.save_source("test", &draft).await.unwrap();
    let source = app.store.source("bay").await.unwrap();
    let error = plan::definition(&source).unwrap_err().to_string();
    assert!(error.contains("settings.site"), "{error}");
    let source = settings::change(&app, "test", "bay", &[], &["site".to_owned()])
        .await
        .unwrap();
    assert!(source.settings.is_empty());
    plan::definition(&source).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_page_of_sources_shows_what_is_chosen() {
    let desk = Desk::open().await;
    let mut draft = crate::world::source("bay");
    Definition::builtin_text("ebay")
        .unwrap()
        .clone_into(&mut draft.definition);
    draft.settings = BTreeMap::from([("marketplace".to_owned(), "EBAY_IT".to_owned())]);
    let store = &desk.world.app.store;
    store.save_source("test", &draft).await.unwrap();
    let page = desk.person("vera").await.text("/sources").await;
    assert!(page.contains("<dt>marketplace</dt>"), "{page}");
    assert!(page.contains(">EBAY_IT</dd>"), "{page}");
    desk.close().await;
}
