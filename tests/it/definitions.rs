//! `source lint`, `source test` and `source schema`, by the program itself.

use std::process::{Command, Output};

use serde_json::Value;

fn markhound(arguments: &[&str]) -> Output {
    let folder = tempfile::tempdir().expect("a folder");
    Command::new(env!("CARGO_BIN_EXE_markhound"))
        .args(arguments)
        .current_dir(folder.path())
        .env("MARKHOUND_DATA_DIR", folder.path().join("data"))
        .output()
        .expect("the program runs")
}

fn out(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// A shipped definition as a file of one's own, with one change.
fn changed(id: &str, from: &str, to: &str) -> (tempfile::TempDir, String) {
    let folder = tempfile::tempdir().expect("a folder");
    let text = markhound_crawlers::Definition::builtin_text(id).expect("it ships");
    assert!(text.contains(from), "{from}");
    let file = folder.path().join("mine.toml");
    std::fs::write(&file, text.replacen(from, to, 1)).expect("written");
    let file = file.to_string_lossy().into_owned();
    (folder, file)
}

#[test]
fn the_tests_of_a_definition_that_ships_pass_and_need_no_data_folder() {
    let output = markhound(&["source", "test", "etsy", "shopify"]);
    assert!(output.status.success(), "{output:?}");
    assert!(out(&output).contains("ok     etsy: the last page, by the declared total"));
    let output = markhound(&["source", "test", "ebay", "--json"]);
    let runs: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert_eq!(runs[0]["tests"][0]["passed"], true);
}

#[test]
fn a_test_that_fails_shows_field_expected_and_got_and_ends_with_1() {
    let (_folder, file) = changed("rakuten", "$.pageCount", "$.pages");
    let output = markhound(&["source", "test", &file]);
    assert_eq!(output.status.code(), Some(1));
    let text = out(&output);
    assert!(
        text.contains("FAILED") && text.contains("the last page"),
        "{text}"
    );
    assert!(
        text.contains("expected  none") && text.contains("got       https://"),
        "{text}"
    );
}

#[test]
fn lint_points_at_line_column_and_field_and_ends_with_1() {
    let (_folder, file) = changed("etsy", "concurrency = 2", "concurency = 2");
    let output = markhound(&["source", "lint", &file]);
    assert_eq!(output.status.code(), Some(1));
    let said = "error: rate.concurency: unknown field `concurency`; did you mean `concurrency`?";
    assert!(out(&output).contains(said), "{}", out(&output));
    let output = markhound(&["source", "lint", &file, "--json"]);
    let document: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert_eq!(document["findings"][0]["field"], "rate.concurency");
    assert_eq!(document["findings"][0]["column"], 1);
}

#[test]
fn the_schema_is_printed_as_it_lies_in_the_tree() {
    let output = markhound(&["source", "schema"]);
    assert_eq!(
        out(&output),
        include_str!("../../crawlers/definitions/schema.json")
    );
}
