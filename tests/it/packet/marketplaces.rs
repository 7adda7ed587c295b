//! Packets of cases from every practice marketplace, in hundreds, held against all
//! programs of others at once by the script that `docs/verify-a-packet.md` tells of.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use super::authority::Authority;
use super::warc::validators;
use crate::lab::{Lab, shared_practice};

/// Cases whose packets are checked, each in both forms.
const CASES: usize = 100;

/// How a packet is checked on any machine.
fn check_packets() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/check-packets.py")
}

/// Shops scanned, by somebody who has packets signed and timestamped.
fn scanned(authority: &Authority) -> Lab {
    let lab = Lab::new(shared_practice());
    let pem = |name: &str| format!("{:?}", authority.path(name).display().to_string());
    let config = std::fs::read_to_string(lab.path("markhound.toml")).unwrap();
    let packet = format!(
        "{config}\n[packet]\ntimestamps = [{:?}]\ntimestamp_ca = [{}]\ncertificate = {}\ncertificate_key = {}\n",
        authority.url,
        pem("ca.pem"),
        pem("chain.pem"),
        pem("domain.key"),
    );
    std::fs::write(lab.path("markhound.toml"), packet).unwrap();
    lab.ok(&["scan", "--json"]);
    // What the searches gave first is on record, by the offers that were read.
    let log = lab.ok(&["report", "log"]);
    let searches = log.lines().filter(|line| line.contains("scan.results"));
    let read = |line: &&str| {
        let event: Value = serde_json::from_str(line).unwrap();
        let detail: Value = serde_json::from_str(event["detail"].as_str().unwrap()).unwrap();
        let results = detail["results"].as_array().unwrap();
        results.len() <= 50 && results.iter().any(Value::is_string)
    };
    assert!(searches.filter(read).count() > 3, "{log}");
    lab
}

/// Cases of every shop in turn, so that each has its share.
fn chosen(lab: &Lab) -> Vec<String> {
    let listed = lab.ok(&["queue", "list", "--limit", "1000", "--json"]);
    let mut shops: std::collections::BTreeMap<String, Vec<String>> = Default::default();
    for line in listed.lines() {
        let case: Value = serde_json::from_str(line).unwrap();
        let source = case["source"].as_str().unwrap().to_owned();
        shops
            .entry(source)
            .or_default()
            .push(case["id"].to_string());
    }
    assert_eq!(shops.len(), 4, "every shop has cases");
    let most = shops.values().map(Vec::len).max().unwrap();
    let ids: Vec<String> = (0..most)
        .flat_map(|at| shops.values().filter_map(move |cases| cases.get(at)))
        .take(CASES)
        .cloned()
        .collect();
    assert_eq!(ids.len(), CASES);
    ids
}

#[tokio::test(flavor = "multi_thread")]
async fn two_hundred_packets_of_the_practice_marketplaces_hold_for_every_program_of_others() {
    let Some(bin) = validators() else { return };
    let authority = Authority::start().await;
    let lab = tokio::task::block_in_place(|| {
        let lab = scanned(&authority);
        let ids = chosen(&lab);
        for (form, folder) in [(None, "full"), (Some("--outward"), "outward")] {
            let mut args = vec!["packet", "export", "-o", folder];
            args.extend(form);
            args.extend(ids.iter().map(String::as_str));
            let said = lab.run(&args);
            assert_eq!(crate::lab::stderr(&said), "", "no note, no failure");
            assert_eq!(said.status.code(), Some(0));
        }
        lab.ok(&["packet", "key", "export", "-o", "keys"]);
        lab
    });
    for folder in ["full", "outward"] {
        for entry in std::fs::read_dir(lab.path(folder)).unwrap() {
            let path = entry.unwrap().path();
            let verification = markhound::packet::verify(&path).unwrap();
            assert!(verification.ok, "{path:?}: {:#?}", verification.checks);
        }
    }
    let ca = authority.path("ca.pem").display().to_string();
    let key = std::fs::read_dir(lab.path("keys")).unwrap().next();
    let key = key.unwrap().unwrap().path().display().to_string();
    let check = |folders: &[&str]| -> (Option<i32>, Value) {
        let mut command = Command::new(bin.join("python3"));
        command
            .arg(check_packets())
            .args(folders)
            .args([
                "--all",
                "--json",
                "--key",
                &key,
                "--ca",
                &ca,
                "--domain-ca",
                &ca,
            ])
            .current_dir(lab.path("."));
        let done = tokio::task::block_in_place(|| command.output().unwrap());
        let said = serde_json::from_slice(&done.stdout)
            .unwrap_or_else(|why| panic!("{why}: {}", crate::lab::stderr(&done)));
        (done.status.code(), said)
    };
    let (code, said) = check(&["full", "outward"]);
    println!("check-packets.py: {said}");
    assert_eq!(code, Some(0), "{said:#}");
    assert_eq!(said["packets"], 2 * CASES);
    for (program, of_each) in [
        ("bagit.py", 1),
        ("openssl pkeyutl", 1),
        ("openssl ts", 1),
        ("rfc3161-client", 1),
        ("wacz validate", 1),
        ("warcio check", 1),
        ("authsign", 1),
        ("qpdf", 2),
        ("mutool", 2),
        ("PDFBox preflight", 2),
    ] {
        let held = &said["programs"][program]["files"];
        assert_eq!(*held, of_each * 2 * CASES, "{program}: {said:#}");
    }

    // It is a check: with one byte changed it says which packet, and who says so.
    let forged = lab.path("forged");
    std::fs::create_dir(&forged).unwrap();
    let honest = std::fs::read_dir(lab.path("full")).unwrap().next();
    let path = honest.unwrap().unwrap().path();
    let mut packet = super::entries(&path);
    let pdf = super::file(&mut packet, "report.pdf");
    pdf.truncate(pdf.len() / 2);
    std::fs::write(forged.join("forged.zip"), super::tampering::zipped(&packet)).unwrap();
    let (code, said) = check(&["forged"]);
    assert_eq!(code, Some(1));
    let refused = &said["refused"]["forged/forged.zip"];
    for program in ["bagit.py", "qpdf", "PDFBox preflight"] {
        assert!(refused[program].is_string(), "{program}: {said:#}");
    }
}
