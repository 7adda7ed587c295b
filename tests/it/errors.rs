//! What goes wrong is told: what happened, to what, and what to do next.

use std::path::Path;
use std::process::Command;

use crate::lab::{markhound, open, stderr};

/// Runs the program in `dir` and gives exit code and standard error.
fn fail(dir: &Path, args: &[&str]) -> (Option<i32>, String) {
    let output = markhound().current_dir(dir).args(args).output().unwrap();
    (output.status.code(), stderr(&output))
}

/// Runs shell lines in a mount namespace of their own, so that file systems that
/// are full or read-only can be real; `None` where the system does not let us.
fn in_own_mounts(dir: &Path, script: &str) -> Option<(Option<i32>, String)> {
    let allowed = Command::new("unshare")
        .args([
            "--mount",
            "--map-root-user",
            "mount",
            "-t",
            "tmpfs",
            "tmpfs",
        ])
        .arg(dir)
        .status()
        .is_ok_and(|status| status.success());
    if !allowed {
        println!("skipped: no mount namespace can be made here");
        return None;
    }
    let output = Command::new("unshare")
        .args(["--mount", "--map-root-user", "sh", "-ec", script])
        .env("DIR", dir)
        .env("MARKHOUND", env!("CARGO_BIN_EXE_markhound"))
        .output()
        .unwrap();
    Some((output.status.code(), stderr(&output)))
}

#[test]
fn a_configuration_that_is_named_and_missing() {
    let dir = tempfile::tempdir().unwrap();
    let (code, said) = fail(dir.path(), &["--config", "nowhere.toml", "queue", "list"]);
    assert_eq!(code, Some(1));
    assert!(
        said.contains("no configuration at nowhere.toml") && said.contains("markhound init"),
        "{said}"
    );
}

#[test]
fn a_configuration_with_a_word_it_does_not_know() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(
        dir.path().join("markhound.toml"),
        "[server]\nlisten = \"127.0.0.1:1\"\nport = 3\n",
    )
    .unwrap();
    let (code, said) = fail(dir.path(), &["queue", "list"]);
    assert_eq!(code, Some(1));
    assert!(
        said.contains("markhound.toml") && said.contains("line 3") && said.contains("port"),
        "{said}"
    );
}

#[test]
fn a_picture_that_is_none() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(
        dir.path().join("broken.jpg"),
        b"\xff\xd8\xff\xe0 not a picture",
    )
    .unwrap();
    let output = markhound()
        .current_dir(dir.path())
        .args(["check", "image", "broken.jpg", "missing.png", "--json"])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(3));
    let lines: Vec<serde_json::Value> = String::from_utf8(output.stdout)
        .unwrap()
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(lines.len(), 2);
    assert_eq!(lines[0]["file"], "broken.jpg");
    for line in &lines {
        assert!(
            line["error"].as_str().is_some_and(|why| !why.is_empty()),
            "{line}"
        );
        assert_eq!(line["matches"].as_array().map(Vec::len), Some(0));
    }
}

#[test]
fn a_malformed_row_is_named_and_the_good_ones_are_kept() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(
        dir.path().join("products.csv"),
        "sku,brand,name,msrp,currency\nA-1,Lumarek,Pressora,129.00,EUR\nA-2,,Nameless,10,EUR\nA-3,Lumarek,Folda,cheap,EUR\n",
    )
    .unwrap();
    let (code, said) = fail(dir.path(), &["catalog", "import", "products.csv", "--yes"]);
    assert_eq!(code, Some(3), "{said}");
    assert!(said.contains("line 3") && said.contains("brand"), "{said}");
    assert!(said.contains("line 4") && said.contains("msrp"), "{said}");
    let listed = markhound()
        .current_dir(dir.path())
        .args(["catalog", "list"])
        .output()
        .unwrap();
    let listed = String::from_utf8(listed.stdout).unwrap();
    assert!(
        listed.contains("A-1") && !listed.contains("A-2"),
        "{listed}"
    );
}

#[test]
fn a_port_in_use() {
    let dir = tempfile::tempdir().unwrap();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    for command in ["serve", "demo"] {
        let (code, said) = fail(dir.path(), &[command, "--listen", &address]);
        assert_eq!(code, Some(1));
        assert!(
            said.contains("in use") && said.contains("--listen"),
            "{said}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_of_a_newer_version() {
    let dir = tempfile::tempdir().unwrap();
    open(&dir.path().join("markhound-data"))
        .await
        .store
        .close()
        .await;
    let file = dir.path().join("markhound-data/markhound.db");
    let pool = sqlx::SqlitePool::connect(&format!("sqlite://{}", file.display()))
        .await
        .unwrap();
    sqlx::query(
        "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time)
         VALUES (9999, 'from the future', TRUE, x'00', 0)",
    )
    .execute(&pool)
    .await
    .unwrap();
    pool.close().await;
    let (code, said) = fail(dir.path(), &["queue", "list"]);
    assert_eq!(code, Some(1));
    assert!(
        said.contains("newer version") && said.contains("9999"),
        "{said}"
    );
}

#[test]
fn a_read_only_data_directory() {
    let dir = tempfile::tempdir().unwrap();
    let script = r#"mount -t tmpfs tmpfs "$DIR"; mkdir "$DIR/data"
        "$MARKHOUND" --data-dir "$DIR/data" catalog list
        mount -o remount,ro "$DIR"
        "$MARKHOUND" --data-dir "$DIR/data" user add maria"#;
    if let Some((code, said)) = in_own_mounts(dir.path(), script) {
        assert_eq!(code, Some(1), "{said}");
        assert!(
            said.contains("read-only") || said.contains("Read-only"),
            "{said}"
        );
        assert!(said.contains("writable"), "{said}");
    }
}

#[test]
fn a_full_disk_is_told_and_what_was_there_stays() {
    let dir = tempfile::tempdir().unwrap();
    let sample = tempfile::tempdir().unwrap();
    markhound_fixtures::write_sample_catalog(sample.path()).unwrap();
    let script = format!(
        r#"mount -t tmpfs -o size=4m tmpfs "$DIR"
        "$MARKHOUND" --data-dir "$DIR/data" user add maria >/dev/null
        if "$MARKHOUND" --data-dir "$DIR/data" catalog import {0}/catalog.csv --images {0}/images --yes; then exit 90; fi
        mount -o remount,size=200m "$DIR"
        "$MARKHOUND" --data-dir "$DIR/data" user list | grep -q maria || exit 91
        "$MARKHOUND" --data-dir "$DIR/data" catalog import {0}/catalog.csv --images {0}/images --yes >/dev/null
        test "$("$MARKHOUND" --data-dir "$DIR/data" catalog list | wc -l)" -ge 30 || exit 92"#,
        sample.path().display()
    );
    if let Some((code, said)) = in_own_mounts(dir.path(), &script) {
        assert_eq!(code, Some(0), "{said}");
        assert!(
            said.contains("No space left") || said.contains("disk"),
            "{said}"
        );
        assert!(said.contains("free"), "{said}");
    }
}
