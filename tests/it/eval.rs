//! `markhound eval` through the program, on the sample catalog and its photos.

use std::path::{Path, PathBuf};

use markhound_fixtures::write_sample_catalog;
use serde_json::Value;
use tempfile::TempDir;

use crate::lab::{markhound, stderr};

/// Puts some of the practice photos into a folder.
fn photos(folder: &Path, count: usize) {
    std::fs::create_dir_all(folder).unwrap();
    let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/photos");
    let mut names: Vec<PathBuf> = std::fs::read_dir(from)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|ending| ending == "jpg"))
        .collect();
    names.sort();
    for path in names.into_iter().take(count) {
        std::fs::copy(&path, folder.join(path.file_name().unwrap())).unwrap();
    }
}

/// Runs `markhound eval` in a directory; gives the exit code and both outputs.
fn eval(dir: &Path, args: &[&str]) -> (Option<i32>, String, String) {
    let mut command = markhound();
    let output = command
        .current_dir(dir)
        .arg("eval")
        .args(args)
        .output()
        .unwrap();
    let out = String::from_utf8_lossy(&output.stdout).into_owned();
    (output.status.code(), out, stderr(&output))
}

/// A data directory with the sample catalog.
fn catalog() -> TempDir {
    let dir = tempfile::tempdir().unwrap();
    let sample = write_sample_catalog(&dir.path().join("sample")).unwrap();
    let imported = markhound()
        .current_dir(dir.path())
        .args(["catalog", "import", "--yes", "--images"])
        .args([&sample.images, &sample.csv])
        .output()
        .unwrap();
    assert_eq!(imported.status.code(), Some(0), "{}", stderr(&imported));
    dir
}

#[test]
fn of_the_catalogs_own_photos_mild_edits_are_found_and_few_photos_are_admitted() {
    let dir = catalog();
    let args = [
        "images",
        "--edits",
        "mirror,crop10",
        "--edited",
        "5",
        "--json",
    ];
    let (code, out, err) = eval(dir.path(), &args);
    assert_eq!(code, Some(0), "{err}");
    let said: Value = serde_json::from_str(&out).unwrap();
    assert_eq!(
        (&said["photos"], &said["references"], &said["edited"]),
        (&30.into(), &15.into(), &5.into())
    );
    let edits = said["report"]["edits"].as_array().unwrap();
    let names: Vec<&str> = edits.iter().filter_map(|e| e["name"].as_str()).collect();
    assert_eq!(names, ["crop10", "mirror"]);
    for edit in edits {
        assert_eq!(edit["photos"], 5);
        assert!(edit["recall"].as_f64().unwrap() >= 0.8, "{edit}");
        assert!(edit["well_placed"].as_f64().unwrap() >= 0.8, "{edit}");
    }
    assert_eq!(said["report"]["thresholds"], serde_json::json!([]));
    assert!(said["pictures_per_second"].as_f64().unwrap() > 0.0);
    let notes = said["notes"].to_string();
    assert!(
        notes.contains("15 photos to be protected, not the 500"),
        "{notes}"
    );
    assert!(
        notes.contains("0.1 % false needs 1000 unrelated photos"),
        "{notes}"
    );
}

#[test]
fn a_folder_of_photos_gives_a_table_a_drawing_and_the_same_figures_again() {
    let dir = tempfile::tempdir().unwrap();
    photos(&dir.path().join("shots"), 14);
    let args = "images --photos shots --references 6 --edited 3 --edits border,rot15 --svg a.svg";
    let args: Vec<&str> = args.split(' ').collect();
    let run = || {
        let (code, out, err) = eval(dir.path(), &args);
        assert_eq!(code, Some(0), "{err}");
        let lines = out.lines().map(str::to_owned);
        lines
            .filter(|line| !line.contains("pictures a second"))
            .collect::<Vec<_>>()
    };
    let lines = run();
    let first = |line: &String| line.split_whitespace().next().map(str::to_owned);
    let heads: Vec<String> = lines[1..5].iter().filter_map(first).collect();
    assert_eq!(heads, ["edit", "rot15", "border", "mean"], "{lines:?}");
    assert!(
        lines[0].starts_with("3 edited photos of 6 protected; "),
        "{lines:?}"
    );
    let svg = std::fs::read_to_string(dir.path().join("a.svg")).unwrap();
    assert!(svg.starts_with("<svg") && svg.contains(">rot15<") && svg.contains(">mean<"));
    // Of a folder's photos nothing is kept: there is no data directory.
    assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 2);
    assert_eq!(run(), lines);
}

#[test]
fn an_index_grows_by_references_that_are_said_to_be_made() {
    let dir = tempfile::tempdir().unwrap();
    photos(&dir.path().join("shots"), 14);
    let args = "growth --photos shots --references 4,12 --unrelated 3 --edited 1 --json";
    let args: Vec<&str> = args.split(' ').collect();
    let (code, out, err) = eval(dir.path(), &args);
    assert_eq!(code, Some(0), "{err}");
    let said: Value = serde_json::from_str(&out).unwrap();
    let sizes = said["sizes"].as_array().unwrap();
    let counts: Vec<_> = sizes
        .iter()
        .map(|s| (&s["references"], &s["made"]))
        .collect();
    assert_eq!(counts, [(&4.into(), &0.into()), (&12.into(), &8.into())]);
    for size in sizes {
        assert!(size["recall"].as_f64().unwrap() > 0.6, "{size}");
        assert!(size["searches_per_second"].as_f64().unwrap() > 0.0);
    }
    assert!(
        said["notes"]
            .to_string()
            .contains("made of parts of other photos")
    );
}

#[test]
fn wrong_names_empty_folders_and_damaged_photos_end_as_other_commands_do() {
    let dir = tempfile::tempdir().unwrap();
    let (code, _, err) = eval(dir.path(), &["images", "--edits", "sepia"]);
    assert_eq!(code, Some(2));
    assert!(
        err.contains("there is no such edit; there are resize50,"),
        "{err}"
    );
    let (code, _, err) = eval(dir.path(), &["images", "--photos", "nowhere"]);
    assert_eq!(code, Some(1));
    assert!(err.contains("cannot search nowhere"), "{err}");
    let (code, _, err) = eval(dir.path(), &["growth"]);
    assert_eq!(code, Some(1));
    assert!(err.contains("the catalog has no photos"), "{err}");

    let shots = dir.path().join("shots");
    std::fs::create_dir(&shots).unwrap();
    let (code, _, err) = eval(dir.path(), &["images", "--photos", "shots"]);
    assert_eq!(code, Some(1));
    assert!(err.contains("shots holds no photos"), "{err}");
    photos(&shots, 5);
    for name in ["x1.jpg", "x2.jpg"] {
        std::fs::write(shots.join(name), b"<html>").unwrap();
    }
    let args = [
        "images", "--photos", "shots", "--edits", "blur", "--edited", "1",
    ];
    let (code, out, err) = eval(dir.path(), &args);
    assert_eq!(code, Some(3), "{out}{err}");
    assert!(err.contains(".jpg: "), "{err}");
}
