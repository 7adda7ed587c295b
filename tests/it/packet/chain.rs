//! The certificate chain that a server showed with its answer, in the packet's web
//! archive: another one in its place, none, or a changed one.

use std::path::{Path, PathBuf};
use std::process::Command;

use markhound::packet::keys::PublicKey;
use markhound::packet::{self, Trust};
use markhound::store::cases::QueueFilter;
use markhound_crawlers::capture::{CaptureLimits, FileInfo, HttpRecord, WarcReader, WarcWriter};
use serde_json::{Value, json};

use super::others::found_by;
use super::tampering::{edit, failed, remanifest, resign, verify, zipped};
use super::warc::{WACZ, WARC, member, run, validators, with_member};
use super::{PUBLIC_KEY, entries, file, unpack};
use crate::certificates::{DEFINITION, shop};
use crate::lab::{markhound, open, stderr};

type Entries = Vec<(String, Vec<u8>)>;

const CATALOG: &str = "sku,brand,name,model_numbers,msrp,currency,rights\n\
    FJ-210,Ostrelund,Fjordal Lounge Armchair,FJ-210,649,EUR,\"[{\"\"kind\"\":\"\"trademark\"\",\"\"number\"\":\"\"EU-1\"\"}]\"\n";

/// The packet of a case at a shop over TLS.
async fn packet_of_a_shop_over_tls(folder: &Path) -> Entries {
    let (address, pem) = shop().await;
    let path = |name: &str| folder.join(name).display().to_string();
    for (name, text) in [
        ("house.toml", DEFINITION),
        ("ca.pem", &pem),
        ("catalog.csv", CATALOG),
        (
            "markhound.toml",
            "[fetch]\nallow_private_hosts = [\"localhost\"]\ntrusted_certificates = [\"ca.pem\"]\n",
        ),
    ] {
        std::fs::write(folder.join(name), text).unwrap();
    }
    let run = |arguments: &[&str]| {
        let mut command = markhound();
        command.args(["--config", &path("markhound.toml")]);
        command.args(["--data-dir", &path("data")]).args(arguments);
        let done = tokio::task::block_in_place(|| command.output().unwrap());
        assert!(done.status.success(), "{arguments:?}: {}", stderr(&done));
    };
    run(&["catalog", "import", &path("catalog.csv"), "--yes"]);
    let base = format!("https://localhost:{}", address.port());
    let definition = path("house.toml");
    run(&[
        "source",
        "add",
        "house",
        "--definition",
        &definition,
        "--base",
        &base,
    ]);
    run(&["scan", "--json"]);
    let app = open(&folder.join("data")).await;
    let queue = app.store.queue(&QueueFilter::default(), None, 1).await;
    let case = queue.unwrap().remove(0);
    let packet = packet::export(&app, "anna", case.id, &folder.join("packets")).await;
    entries(&packet.unwrap())
}

/// A record as it stands, field by field.
#[derive(Clone)]
struct Written {
    header: Vec<(String, String)>,
    block: Vec<u8>,
}

impl Written {
    fn field(&mut self, name: &str) -> &mut String {
        let field = self.header.iter_mut().find(|(n, _)| n == name);
        &mut field.unwrap_or_else(|| panic!("no {name}")).1
    }

    fn is_chain(&self) -> bool {
        self.header
            .iter()
            .any(|(_, value)| value == "application/pem-certificate-chain")
    }

    /// Makes size and digest anew.
    fn sealed(&mut self) {
        let sha256 = markhound::blobs::sha256_hex(&self.block);
        *self.field("WARC-Block-Digest") = format!("sha256:{sha256}");
        *self.field("Content-Length") = self.block.len().to_string();
    }

    fn bytes(&self) -> Vec<u8> {
        let mut text = b"WARC/1.1\r\n".to_vec();
        for (name, value) in &self.header {
            text.extend(format!("{name}: {value}\r\n").bytes());
        }
        text.extend(b"\r\n");
        text.extend(&self.block);
        text.extend(b"\r\n\r\n");
        let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::new(6));
        std::io::Write::write_all(&mut packed, &text).unwrap();
        packed.finish().unwrap()
    }
}

/// The records of the packet's archive.
fn records(packet: &Entries) -> Vec<Written> {
    let wacz = file(&mut packet.clone(), WACZ).clone();
    let warc = member(&wacz, &format!("archive/{WARC}"));
    let mut plain = Vec::new();
    let mut unpacked = flate2::read::MultiGzDecoder::new(&warc[..]);
    std::io::Read::read_to_end(&mut unpacked, &mut plain).unwrap();
    let mut records = Vec::new();
    let mut rest = &plain[..];
    while !rest.is_empty() {
        let end = rest.windows(4).position(|at| at == b"\r\n\r\n").unwrap();
        let head = std::str::from_utf8(&rest[..end]).unwrap();
        let header: Vec<(String, String)> = head
            .lines()
            .skip(1)
            .map(|line| line.split_once(": ").unwrap())
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect();
        let length = header.iter().find(|(name, _)| name == "Content-Length");
        let length: usize = length.unwrap().1.parse().unwrap();
        let block = rest[end + 4..end + 4 + length].to_vec();
        records.push(Written { header, block });
        rest = &rest[end + 4 + length + 4..];
    }
    records
}

/// Puts other records into the archive, and makes everything anew that tells of them:
/// index, hashes, and what the captures name, as a careful forger would.
fn put(packet: &mut Entries, records: &[Written]) {
    let mut warc = Vec::new();
    let mut lines = Vec::new();
    let old = {
        let wacz = file(packet, WACZ).clone();
        String::from_utf8(member(&wacz, "indexes/index.cdx")).unwrap()
    };
    for record in records {
        let bytes = record.bytes();
        let of = |name: &str| {
            let field = record.header.iter().find(|(n, _)| n == name);
            field.map_or("", |(_, value)| value.as_str())
        };
        if matches!(of("WARC-Type"), "response" | "revisit") {
            let url = of("WARC-Target-URI");
            let line = old
                .lines()
                .find(|line| line.contains(&format!("\"{url}\"")));
            let (key, about) = line.unwrap().split_once(" {").unwrap();
            let mut about: Value = serde_json::from_str(&format!("{{{about}")).unwrap();
            about["offset"] = warc.len().to_string().into();
            about["length"] = bytes.len().to_string().into();
            lines.push(format!("{key} {about}\n"));
        }
        warc.extend(bytes);
    }
    lines.sort();
    let wacz = file(packet, WACZ);
    *wacz = with_member(wacz, &format!("archive/{WARC}"), &warc);
    *wacz = with_member(wacz, "indexes/index.cdx", lines.concat().as_bytes());
}

/// Has the captures name other records than they did.
fn named(packet: &mut Entries, change: impl Fn(&mut Vec<Value>)) {
    let names: Vec<String> = packet.iter().map(|(name, _)| name.clone()).collect();
    let described = |name: &&String| name.starts_with("captures/") && name.ends_with(".json");
    for name in names.iter().filter(described) {
        edit(packet, name, |capture| {
            change(capture["warc"]["records"].as_array_mut().unwrap());
        });
    }
}

/// The chain of a host that the listing was not read from.
fn another_chain() -> String {
    let key = rcgen::KeyPair::generate().unwrap();
    let names = vec!["elsewhere.example".to_owned()];
    let certificate = rcgen::CertificateParams::new(names).unwrap();
    certificate.self_signed(&key).unwrap().pem()
}

/// A record of a chain as the program itself writes it.
fn chain_record(pem: &str) -> Written {
    use rustls::pki_types::pem::PemObject as _;
    let at = "2026-11-02T08:00:00Z".parse().unwrap();
    let url = "https://localhost/".parse().unwrap();
    let mut exchange = HttpRecord::get(url, 200, "x", at);
    let chain = rustls::pki_types::CertificateDer::pem_slice_iter(pem.as_bytes());
    exchange.tls_chain = chain.map(|der| der.unwrap().to_vec().into()).collect();
    let info = FileInfo::new(WARC, "forger/1", at);
    let mut writer = WarcWriter::create(Vec::new(), &info).unwrap();
    writer.write(&exchange, None, None).unwrap();
    let file = writer.into_inner();
    let records = WarcReader::new(&file[..], WARC, CaptureLimits::default()).unwrap();
    let chain = records
        .map(Result::unwrap)
        .find(|record| record.field("Content-Type") == Some("application/pem-certificate-chain"));
    let chain = chain.unwrap();
    let header = [
        "WARC-Type",
        "WARC-Record-ID",
        "WARC-Date",
        "WARC-Target-URI",
        "WARC-Block-Digest",
        "Content-Type",
        "Content-Length",
    ]
    .map(|name| (name.to_owned(), chain.field(name).unwrap().to_owned()));
    Written {
        header: header.to_vec(),
        block: chain.block.to_vec(),
    }
}

/// What is done to the chain. Hashes of the archive are made anew; those of the bag are
/// the forger's business.
type Tamper = fn(&mut Entries);

const KINDS: [(&str, Tamper); 7] = [
    ("a byte of it changed, its digest left", |packet| {
        let mut all = records(packet);
        let chain = all.iter_mut().find(|record| record.is_chain()).unwrap();
        chain.block[60] ^= 1;
        put(packet, &all);
    }),
    ("a byte of it changed, its digest made anew", |packet| {
        let mut all = records(packet);
        let chain = all.iter_mut().find(|record| record.is_chain()).unwrap();
        chain.block[60] ^= 1;
        chain.sealed();
        put(packet, &all);
    }),
    ("its issuer cut off", |packet| {
        let mut all = records(packet);
        let chain = all.iter_mut().find(|record| record.is_chain()).unwrap();
        let text = String::from_utf8(chain.block.clone()).unwrap();
        let end = text.find("-----BEGIN").map(|at| at + 1).unwrap();
        let second = end + text[end..].find("-----BEGIN").unwrap();
        chain.block.truncate(second);
        chain.sealed();
        put(packet, &all);
    }),
    ("another under its name", |packet| {
        let mut all = records(packet);
        let chain = all.iter_mut().find(|record| record.is_chain()).unwrap();
        chain.block = another_chain().replace("\r\n", "\n").into_bytes();
        chain.sealed();
        put(packet, &all);
    }),
    ("another in its place, which every record names", |packet| {
        let mut all = records(packet);
        let other = chain_record(&another_chain());
        let new = other.clone().field("WARC-Record-ID").clone();
        let at = all.iter().position(Written::is_chain).unwrap();
        let old = all[at].field("WARC-Record-ID").clone();
        all[at] = other;
        for record in &mut all {
            for (_, value) in &mut record.header {
                *value = value.replace(&old, &new);
            }
        }
        put(packet, &all);
        let bare = |id: &str| json!(id.trim_matches(['<', '>']));
        named(packet, |names| {
            for name in names.iter_mut().filter(|name| **name == bare(&old)) {
                *name = bare(&new);
            }
        });
    }),
    ("taken out, and no capture names it", |packet| {
        let mut all = records(packet);
        let at = all.iter().position(Written::is_chain).unwrap();
        let id = all.remove(at).field("WARC-Record-ID").clone();
        put(packet, &all);
        let bare = json!(id.trim_matches(['<', '>']));
        named(packet, |names| names.retain(|name| *name != bare));
    }),
    ("taken out, and no record or capture names it", |packet| {
        let mut all = records(packet);
        let at = all.iter().position(Written::is_chain).unwrap();
        let id = all.remove(at).field("WARC-Record-ID").clone();
        for record in &mut all {
            record
                .header
                .retain(|(name, _)| name != "X-TLS-Certificate-Chain");
        }
        put(packet, &all);
        let bare = json!(id.trim_matches(['<', '>']));
        named(packet, |names| names.retain(|name| *name != bare));
    }),
];

#[tokio::test(flavor = "multi_thread")]
async fn another_certificate_chain_or_none_is_found_here_and_by_others() {
    let folder = tempfile::tempdir().unwrap();
    let honest = packet_of_a_shop_over_tls(folder.path()).await;
    let mut same = honest.clone();
    put(&mut same, &records(&honest));
    resign(&mut same);
    let checked = verify(&zipped(&same));
    assert!(checked.ok, "the forger's tools work: {:#?}", checked.checks);

    let key = file(&mut honest.clone(), PUBLIC_KEY).clone();
    let pinned = folder.path().join("pinned.pem");
    std::fs::write(&pinned, &key).unwrap();
    let trust = Trust {
        keys: vec![PublicKey::parse(&key).unwrap()],
        ..Trust::default()
    };
    for (number, (what, tamper)) in KINDS.iter().enumerate() {
        let mut careless = honest.clone();
        tamper(&mut careless);
        let mut careful = careless.clone();
        remanifest(&mut careful);
        let mut thorough = careless.clone();
        resign(&mut thorough);
        // Who signs it all anew is found by what does not fit, whatever key is known.
        let found = verify(&zipped(&thorough));
        assert!(
            failed(&found).contains(&"warc"),
            "{what}: {:#?}",
            found.checks
        );
        for (forger, forged) in [careless, careful, thorough].iter().enumerate() {
            let place = folder.path().join(format!("{number}-{forger}"));
            let bag = unpack(forged, &place);
            let packet = place.join("packet.zip");
            std::fs::write(&packet, zipped(forged)).unwrap();
            assert!(!packet::verify_with(&packet, &trust).unwrap().ok, "{what}");
            let others = found_by(&bag, &pinned);
            let expected = ["sha256sum", "openssl", "openssl"][forger];
            assert_eq!(others, Some(expected), "{what}, forger {forger}");
            let seen = seen_in_the_archive(&place, &bag.join("data").join(WACZ));
            let by_digest = *what == "a byte of it changed, its digest left";
            assert_eq!(seen, validators().map(|_| by_digest), "{what}");
        }
    }
}

/// Whether warcio finds a digest in the archive that does not fit.
fn seen_in_the_archive(folder: &Path, wacz: &Path) -> Option<bool> {
    let bin: PathBuf = validators()?;
    let warc = member(&std::fs::read(wacz).unwrap(), &format!("archive/{WARC}"));
    std::fs::write(folder.join(WARC), warc).unwrap();
    let mut check = Command::new(bin.join("warcio"));
    let done = check.args(["check", WARC]).current_dir(folder).output();
    Some(!done.unwrap().status.success())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_chain_is_read_out_by_the_programs_of_others() {
    let folder = tempfile::tempdir().unwrap();
    let honest = packet_of_a_shop_over_tls(folder.path()).await;
    let Some(bin) = validators() else { return };
    let wacz = file(&mut honest.clone(), WACZ).clone();
    let warc = member(&wacz, &format!("archive/{WARC}"));
    std::fs::write(folder.path().join(WARC), &warc).unwrap();
    // As docs/verify-a-packet.md says.
    let mut index = Command::new(bin.join("warcio"));
    let index = run(index
        .args(["index", "-f", "offset,warc-type,content-type", WARC])
        .current_dir(folder.path()));
    let line = index
        .lines()
        .find(|line| line.contains("pem-certificate-chain"));
    let line: Value = serde_json::from_str(line.unwrap()).unwrap();
    let offset = line["offset"].as_str().unwrap();
    let mut extract = Command::new(bin.join("warcio"));
    let pem = run(extract
        .args(["extract", "--payload", WARC, offset])
        .current_dir(folder.path()));
    assert_eq!(pem.matches("BEGIN CERTIFICATE").count(), 2);
    std::fs::write(folder.path().join("chain.pem"), pem).unwrap();
    let mut openssl = Command::new("openssl");
    let said = run(openssl
        .args([
            "x509",
            "-in",
            "chain.pem",
            "-noout",
            "-checkhost",
            "localhost",
        ])
        .current_dir(folder.path()));
    assert!(said.contains("does match certificate"), "{said}");
    let mut openssl = Command::new("openssl");
    let said = run(openssl
        .args([
            "verify",
            "-CAfile",
            "ca.pem",
            "-untrusted",
            "chain.pem",
            "chain.pem",
        ])
        .current_dir(folder.path()));
    assert!(said.contains("chain.pem: OK"), "{said}");
}
