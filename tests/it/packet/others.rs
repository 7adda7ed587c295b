//! Programs of others find what `packet verify` finds, and read what it writes.

use std::path::{Path, PathBuf};
use std::process::Command;

use markhound::packet::keys::PublicKey;
use markhound::packet::{self, Language, Options, Trust};

use super::tampering::{FORGERIES, Tamper, UNLISTED, remanifest, resign, zipped};
use super::warc::{run, validators};
use super::{
    MANIFEST, PUBLIC_KEY, SIGNATURE, TAG_MANIFEST, entries, exported, file, unpack, world_with_past,
};

type Entries = Vec<(String, Vec<u8>)>;

/// How far a forger goes.
#[derive(Debug, Clone, Copy)]
enum Forger {
    /// Changes files and nothing else.
    Careless,
    /// Makes the manifests anew, and has not the key.
    Careful,
    /// Makes a key too, and signs with it.
    Thorough,
}

/// Tamperings with what stands beside the payload.
const TAGS: &[(&str, Forger, Tamper)] = &[
    ("the signature stripped", Forger::Careless, |e| {
        e.retain(|(name, _)| name != SIGNATURE);
    }),
    ("the signature emptied", Forger::Careless, |e| {
        file(e, SIGNATURE).clear();
    }),
    ("a byte of the signature changed", Forger::Careless, |e| {
        file(e, SIGNATURE)[7] ^= 1;
    }),
    ("the key swapped", Forger::Careless, |e| {
        let other = "MCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=";
        let pem = format!("-----BEGIN PUBLIC KEY-----\n{other}\n-----END PUBLIC KEY-----\n");
        *file(e, PUBLIC_KEY) = pem.into_bytes();
    }),
    (
        "the key swapped and the manifest made anew",
        Forger::Careful,
        |e| {
            let other = "MCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=";
            let pem = format!("-----BEGIN PUBLIC KEY-----\n{other}\n-----END PUBLIC KEY-----\n");
            *file(e, PUBLIC_KEY) = pem.into_bytes();
        },
    ),
    ("the key taken out", Forger::Careful, |e| {
        e.retain(|(name, _)| name != PUBLIC_KEY);
    }),
    ("the tag manifest emptied", Forger::Careless, |e| {
        file(e, TAG_MANIFEST).clear();
    }),
    (
        "the manifest no longer in the tag manifest",
        Forger::Careless,
        |e| {
            let text = String::from_utf8(file(e, TAG_MANIFEST).clone()).unwrap();
            let kept = text.lines().filter(|line| !line.ends_with(MANIFEST));
            *file(e, TAG_MANIFEST) = kept
                .map(|line| format!("{line}\n"))
                .collect::<String>()
                .into_bytes();
        },
    ),
    ("another version of bags declared", Forger::Careful, |e| {
        let bagit = b"BagIt-Version: 0.97\nTag-File-Character-Encoding: UTF-8\n";
        *file(e, "bagit.txt") = bagit.to_vec();
    }),
    ("another day of bagging", Forger::Careful, |e| {
        let text = String::from_utf8(file(e, "bag-info.txt").clone()).unwrap();
        *file(e, "bag-info.txt") = text.replace("2026-11-02", "2026-10-02").into_bytes();
    }),
    ("other instructions for checking", Forger::Careful, |e| {
        file(e, "README.txt").extend(b"Checking is not needed.\n");
    }),
];

/// Which program of others finds it, if one does.
pub(super) fn found_by(bag: &Path, pinned: &Path) -> Option<&'static str> {
    let fails = |program: &Path, args: &[&str]| {
        let done = Command::new(program).args(args).current_dir(bag).output();
        !done
            .unwrap_or_else(|why| panic!("{program:?}: {why}"))
            .status
            .success()
    };
    for manifest in [MANIFEST, TAG_MANIFEST] {
        if fails(
            Path::new("sha256sum"),
            &["-c", "--quiet", "--strict", manifest],
        ) {
            return Some("sha256sum");
        }
    }
    let key = pinned.display().to_string();
    let verify = [
        "pkeyutl",
        "-verify",
        "-rawin",
        "-pubin",
        "-inkey",
        &key,
        "-in",
        TAG_MANIFEST,
    ];
    if fails(
        Path::new("openssl"),
        &[&verify[..], &["-sigfile", SIGNATURE]].concat(),
    ) {
        return Some("openssl");
    }
    if let Some(bin) = validators()
        && fails(&bin.join("bagit.py"), &["--validate", "--quiet", "."])
    {
        return Some("bagit.py");
    }
    None
}

fn kinds() -> Vec<(&'static str, Forger, Tamper)> {
    let mut kinds = TAGS.to_vec();
    for (number, (what, _, tamper)) in FORGERIES.iter().enumerate() {
        // Names that unpack elsewhere, or onto each other, no bag can have.
        if what.starts_with("a file that would") || what.starts_with("two names") {
            continue;
        }
        let forger = [Forger::Careful, Forger::Thorough][number % 2];
        kinds.push((*what, forger, *tamper));
    }
    kinds.extend(
        UNLISTED
            .iter()
            .map(|(what, tamper)| (*what, Forger::Careless, *tamper)),
    );
    kinds
}

#[tokio::test]
async fn more_than_forty_kinds_of_tampering_are_found_here_and_by_others() {
    let (world, path) = exported().await;
    let original = entries(&path);
    let pinned = world.dir.path().join("pinned.pem");
    let key = file(&mut original.clone(), PUBLIC_KEY).clone();
    std::fs::write(&pinned, &key).unwrap();
    let trust = Trust {
        keys: vec![PublicKey::parse(&key).unwrap()],
        ..Trust::default()
    };
    let look = |entries: &Entries, number: usize| {
        let folder = world.dir.path().join(number.to_string());
        let packet = folder.join("packet.zip");
        let bag = unpack(entries, &folder);
        std::fs::write(&packet, zipped(entries)).unwrap();
        let ok = packet::verify_with(&packet, &trust).unwrap().ok;
        (ok, found_by(&bag, &pinned))
    };
    assert_eq!(look(&original, 0), (true, None), "the honest packet");

    let kinds = kinds();
    assert!(kinds.len() >= 40, "{}", kinds.len());
    for (number, (what, forger, tamper)) in kinds.iter().enumerate() {
        let mut forged = original.clone();
        tamper(&mut forged);
        match forger {
            Forger::Careless => {}
            Forger::Careful => remanifest(&mut forged),
            Forger::Thorough => resign(&mut forged),
        }
        assert_ne!(forged, original, "{what}");
        let (ok, others) = look(&forged, number + 1);
        assert!(!ok, "{what}, by a {forger:?} forger, is not found here");
        // An added file is no business of sha256sum.
        let needs_bagit = matches!(*what, "a file more" | "a line of the manifest less");
        if !needs_bagit || validators().is_some() {
            assert!(
                others.is_some(),
                "{what}, by a {forger:?} forger, is not found by others"
            );
        }
    }
}

/// Java's class path for PDFBox preflight as Debian has it.
fn preflight() -> String {
    let names = [
        "preflight",
        "pdfbox2",
        "fontbox2",
        "xmpbox",
        "commons-logging",
        "commons-io",
        "javax.activation",
        "jaxb-api",
    ];
    names
        .map(|name| format!("/usr/share/java/{name}.jar"))
        .join(":")
}

/// What stands in a document that PDFBox and qpdf accept as PDF/A; none where the
/// validators are not here.
pub fn text_of_pdf_a(folder: &Path, name: &str) -> Option<String> {
    validators()?;
    let mut pdfbox = Command::new("java");
    pdfbox.args([
        "-cp",
        &preflight(),
        "org.apache.pdfbox.preflight.Validator_A1b",
        name,
    ]);
    let said = run(pdfbox.current_dir(folder));
    assert!(said.contains("is a valid PDF/A-1b file"), "{name}: {said}");
    run(Command::new("qpdf")
        .args(["--check", name])
        .current_dir(folder));
    let mut text = Command::new("mutool");
    text.args(["draw", "-q", "-F", "text", "-o", "-", name]);
    Some(run(text.current_dir(folder)))
}

#[tokio::test]
async fn reports_are_pdf_a_in_every_language_for_programs_of_others() {
    let (world, id) = world_with_past().await;
    let folder = world.dir.path().join("pdf");
    std::fs::create_dir_all(&folder).unwrap();
    let mut names = Vec::new();
    for language in [
        Language::En,
        Language::De,
        Language::Fr,
        Language::Es,
        Language::Zh,
    ] {
        let options = Options {
            language,
            ..Options::default()
        };
        let exported = packet::export_as(&world.app, "anna", id, world.dir.path(), &options).await;
        let mut packet = entries(&exported.unwrap().path);
        for document in ["report.pdf", "declaration.pdf"] {
            let bytes = file(&mut packet, document).clone();
            assert!(
                bytes.starts_with(b"%PDF-1.4") && bytes.len() < 400_000,
                "{}",
                bytes.len()
            );
            let name = format!("{}-{document}", language.code());
            std::fs::write(folder.join(&name), bytes).unwrap();
            names.push(name);
        }
    }
    for name in &names {
        let Some(text) = text_of_pdf_a(&folder, name) else {
            return;
        };
        assert!(text.contains("Lounge chair 7001"), "{name}: {text}");
    }
}

/// Holds every JSON file against its schema.
const SCHEMAS: &str = "
import json, sys
from jsonschema import Draft202012Validator as V
load = lambda name: json.load(open(name, encoding='utf-8'))
for name in ['listing', 'evidence', 'decisions']:
    schema = load(f'schemas/{name}.schema.json')
    V.check_schema(schema)
    V(schema).validate(load(f'{name}.json'))
schema = load('schemas/custody.schema.json')
V.check_schema(schema)
for line in open('custody.jsonl', encoding='utf-8'):
    V(schema).validate(json.loads(line))
";

#[tokio::test]
async fn the_json_files_are_as_their_schemas_say_in_both_forms() {
    let (world, id) = world_with_past().await;
    let Some(bin) = validators() else { return };
    for outward in [false, true] {
        let options = Options {
            outward,
            ..Options::default()
        };
        let dir = world.dir.path();
        let exported = packet::export_as(&world.app, "anna", id, dir, &options).await;
        let folder: PathBuf = dir.join(format!("unpacked-{outward}"));
        let bag = unpack(&entries(&exported.unwrap().path), &folder);
        let mut check = Command::new(bin.join("python3"));
        run(check.args(["-c", SCHEMAS]).current_dir(bag.join("data")));
    }
}

#[tokio::test]
async fn packets_of_a_seller_go_into_one_that_is_checked_whole() {
    let (world, id) = world_with_past().await;
    let dir = world.dir.path().join("packets");
    let choice = markhound::store::packets::Choice {
        seller: Some("moebel_<b>4you</b>".to_owned()),
        ..Default::default()
    };
    let ids = world.app.store.chosen_cases(&choice).await.unwrap();
    assert_eq!(ids, [id]);
    let options = Options {
        stays: true,
        ..Options::default()
    };
    let title = "seller moebel_<b>4you</b>";
    let exported =
        packet::export_together(&world.app, "anna", &ids, title, &dir, &options, &|_| {}).await;
    let path = exported.unwrap().path;
    let name = path.file_name().unwrap().to_string_lossy().into_owned();
    assert!(name.starts_with("seller-moebel-b-4you-b-"), "{name}");
    let verification = packet::verify(&path).unwrap();
    assert!(verification.ok, "{:#?}", verification.checks);
    assert_eq!(
        std::fs::read_dir(&dir).unwrap().count(),
        1,
        "nothing is left beside it"
    );

    // A packet in it that was changed, with all manifests of the whole made anew.
    let mut whole = entries(&path);
    let part = file(&mut whole, "cases/case-1.zip");
    let folder = world.dir.path().join("part.zip");
    std::fs::write(&folder, &*part).unwrap();
    let mut inner = entries(&folder);
    file(&mut inner, "report.html").push(b' ');
    *part = zipped(&inner);
    let sha256 = markhound::blobs::sha256_hex(part);
    super::tampering::edit(&mut whole, "packet.json", |packet| {
        packet["cases"][0]["sha256"] = sha256.into();
    });
    resign(&mut whole);
    let verification = super::tampering::verify(&zipped(&whole));
    assert_eq!(super::tampering::failed(&verification), ["packets"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_are_shown_rotated_and_exported_and_a_packet_is_known_by_them() {
    let (world, id) = world_with_past().await;
    let path = packet::export(&world.app, "anna", id, world.dir.path())
        .await
        .unwrap();
    let data = world.dir.path().join("data").display().to_string();
    let ok = |args: &[&str]| {
        let mut command = crate::lab::markhound();
        command
            .current_dir(world.dir.path())
            .args(["--data-dir", &data])
            .args(args);
        tokio::task::block_in_place(|| run(&mut command))
    };
    let packet = path.display().to_string();
    let said = ok(&["packet", "verify", &packet]);
    assert!(said.contains("which is known here"), "{said}");
    let concluded = said.lines().last().unwrap();
    assert!(
        concluded.starts_with("Nothing was changed, added or taken out since")
            && concluded.contains("rests on its signer alone"),
        "{said}"
    );
    ok(&["packet", "key", "rotate", "--yes"]);
    let shown = ok(&["packet", "key", "show"]);
    assert!(
        shown.contains("in use") && shown.contains("before"),
        "{shown}"
    );
    ok(&["packet", "key", "export", "-o", "keys"]);
    let keys = world.dir.path().join("keys");
    let names: Vec<String> = std::fs::read_dir(&keys)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    let signed = names.iter().find(|name| name.ends_with(".sig")).unwrap();
    let (new, old) = signed
        .strip_suffix(".sig")
        .unwrap()
        .split_once(".by-")
        .unwrap();
    let (new, old) = (format!("{new}.pem"), format!("{old}.pem"));
    let verify = [
        "pkeyutl", "-verify", "-rawin", "-pubin", "-inkey", &old, "-in", &new,
    ];
    run(Command::new("openssl")
        .args(verify)
        .args(["-sigfile", signed])
        .current_dir(&keys));

    // What the old key signed is known by it, and not by the new one.
    let old = keys.join(old).display().to_string();
    ok(&["packet", "verify", &packet, "--key", &old]);
    let new = keys.join(new).display().to_string();
    let mut command = crate::lab::markhound();
    command.args(["packet", "verify", &packet, "--key", &new]);
    let refused = tokio::task::block_in_place(|| command.output().unwrap());
    assert_eq!(refused.status.code(), Some(1));
    let said = String::from_utf8(refused.stdout).unwrap();
    assert!(said.contains("BROKEN  signature: signed by key"), "{said}");
    assert!(said.ends_with("What does not hold: signature.\n"), "{said}");
}
