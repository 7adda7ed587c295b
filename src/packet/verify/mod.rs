//! Checking a packet, in plain words.

mod bag;
mod chains;
mod contents;
mod custody;
mod form;
mod parts;
mod records;
mod signature;
mod stamps;
mod wacz;
mod warc;

use std::path::Path;

use serde::Serialize;
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::keys::PublicKey;
use super::{FORMAT, PacketError, VERSION};
use contents::Contents;
use rustls::pki_types::CertificateDer;

/// What the one who checks a packet relies on already.
#[derive(Debug, Clone, Default)]
pub struct Trust {
    /// Keys that may have signed it; with none, any key may, and is named.
    pub keys: Vec<PublicKey>,
    /// Certificates that timestamps must lead to; with none, they are named only.
    pub authorities: Vec<CertificateDer<'static>>,
}

/// Whose key signed a packet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Signer {
    /// The key's name.
    pub id: String,
    /// SHA-256 of the public key.
    pub fingerprint: String,
    /// Whether it is one of [`Trust::keys`].
    pub known: bool,
}

/// A timestamp of a packet's signature.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Timestamped {
    /// Its file.
    pub file: String,
    /// Who says so.
    pub authority: String,
    /// When the signature existed, RFC 3339.
    pub at: String,
    /// Whether it leads to one of [`Trust::authorities`].
    pub trusted: bool,
}

/// A number of things, such as `1 decision` or `3 decisions`.
fn counted(number: usize, one: &str) -> String {
    match number {
        1 => format!("1 {one}"),
        _ => format!("{number} {one}s"),
    }
}

/// What a check of a packet found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Verification {
    /// Whether every check holds.
    pub ok: bool,
    /// The case the packet says it is about.
    pub case_id: Option<i64>,
    /// When the packet says it was exported, RFC 3339.
    pub exported_at: Option<String>,
    /// SHA-256 of the zip file: what the audit log keeps of the export.
    pub sha256: String,
    /// Files in the packet.
    pub files: usize,
    /// Who signed it, where the signature holds.
    pub signer: Option<Signer>,
    /// The timestamps of the signature that hold.
    pub timestamps: Vec<Timestamped>,
    /// The checks, in the order they were made.
    pub checks: Vec<Check>,
}

impl Verification {
    /// What all of it comes to, for whoever has to rely on the packet.
    #[must_use]
    pub fn conclusion(&self) -> String {
        let broken: Vec<&str> = self
            .checks
            .iter()
            .filter(|check| !check.ok)
            .map(|check| check.name.as_str())
            .collect();
        let Some(signer) = self.signer.as_ref().filter(|_| broken.is_empty()) else {
            return format!(
                "This packet is not as it was written, or was never written so. What does not hold: {}.",
                broken.join(", ")
            );
        };
        let by = match signer.known {
            true => format!("by key {}, which is known here", signer.id),
            false => format!(
                "by key {}; whose that is, its owner must tell by another way: the key's SHA-256 is {}",
                signer.id, signer.fingerprint
            ),
        };
        let trusted = self.timestamps.iter().filter(|stamp| stamp.trusted);
        let since = match (
            trusted.map(|stamp| &stamp.at).min(),
            self.timestamps.first(),
        ) {
            (Some(at), _) => {
                format!("It existed by {at}: an authority that is trusted here says so.")
            }
            (None, Some(stamp)) => format!(
                "It existed by {} if {} is to be believed, which was not looked into: name its certificate with --ca.",
                stamp.at, stamp.authority
            ),
            (None, None) => {
                "Since when it exists rests on its signer alone: it has no timestamp.".to_owned()
            }
        };
        format!(
            "Nothing was changed, added or taken out since this packet was signed, {by}. {since}"
        )
    }
}

/// One check.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Check {
    /// What was looked at: `archive`, `manifest`, `signature`, `timestamps`, `description`, `captures`,
    /// `wacz`, `warc`, `pictures`, `references`, `custody`, `evidence`, `decisions`, `notices`.
    pub name: String,
    /// Whether it holds.
    pub ok: bool,
    /// What holds, or everything that does not.
    pub detail: String,
}

/// The most faults spelt out in a check.
const SPELT_OUT: usize = 20;

impl Check {
    /// A check that holds when nothing was found wrong.
    fn new(name: &str, wrong: &[String], right: String) -> Self {
        let mut detail = wrong[..wrong.len().min(SPELT_OUT)].join("; ");
        if wrong.len() > SPELT_OUT {
            detail.push_str(&format!("; and {} more", wrong.len() - SPELT_OUT));
        }
        Self {
            name: name.to_owned(),
            ok: wrong.is_empty(),
            detail: if wrong.is_empty() { right } else { detail },
        }
    }
}

/// [`verify_with`], by somebody who relies on no key yet.
///
/// # Errors
/// As for [`verify_with`].
pub fn verify(path: &Path) -> Result<Verification, PacketError> {
    verify_with(path, &Trust::default())
}

/// Checks a packet: the zip file's form, every file against the manifests, the
/// signature over these, and the records against each other. A packet that does not hold is an answer,
/// not an error. What this can show and what not stands in
/// [`the module`](super).
///
/// # Errors
/// [`PacketError::Read`] when there is no file that could be read.
pub fn verify_with(path: &Path, trust: &Trust) -> Result<Verification, PacketError> {
    look_at(path, trust, true)
}

/// A packet in a packet, which holds none itself.
fn look_into(path: &Path, trust: &Trust) -> Result<Verification, PacketError> {
    look_at(path, trust, false)
}

fn look_at(path: &Path, trust: &Trust, may_hold: bool) -> Result<Verification, PacketError> {
    let reading = |source| PacketError::Read {
        path: path.to_owned(),
        source,
    };
    let mut file = std::fs::File::open(path).map_err(reading)?;
    let mut hasher = Sha256::new();
    std::io::copy(&mut file, &mut hasher).map_err(reading)?;
    let mut verification = Verification {
        ok: false,
        case_id: None,
        exported_at: None,
        sha256: hex::encode(hasher.finalize()),
        files: 0,
        signer: None,
        timestamps: Vec::new(),
        checks: Vec::new(),
    };
    let (contents, check) = contents::open(file);
    verification.checks.push(check);
    if let Some(mut contents) = contents {
        look(&mut contents, trust, may_hold, &mut verification);
    }
    verification.ok = verification.checks.iter().all(|check| check.ok);
    Ok(verification)
}

fn look(contents: &mut Contents, trust: &Trust, may_hold: bool, verification: &mut Verification) {
    verification.files = contents.files.len() + contents.tags.len();
    verification.checks.push(bag::check(contents));
    let (signer, check) = signature::check(contents, trust);
    verification.signer = signer;
    verification.checks.push(check);
    let (stamps, check) = stamps::check(contents, trust);
    verification.timestamps = stamps;
    verification.checks.push(check);
    let wacz = wacz::check(contents, trust);
    let contents = &*contents;
    if may_hold
        && let Ok(packet) = contents.json("packet.json")
        && parts::is_collection(&packet)
    {
        verification.exported_at = packet["exported_at"].as_str().map(str::to_owned);
        verification.checks.extend(wacz);
        let check = parts::check(contents, &packet, trust);
        verification.checks.push(check);
        return;
    }
    let (packet, check) = description(contents);
    verification.checks.push(check);
    let Some(packet) = packet else { return };
    let case_id = packet["case"]["id"].as_i64();
    verification.case_id = case_id;
    verification.exported_at = packet["exported_at"].as_str().map(str::to_owned);
    verification.checks.push(records::captures(contents));
    verification.checks.extend(wacz);
    verification.checks.push(warc::check(contents));
    verification.checks.push(records::pictures(contents));
    verification
        .checks
        .push(records::references(contents, &packet));
    let (log, check) = custody::chain(contents, &packet);
    verification.checks.push(check);
    verification
        .checks
        .push(custody::evidence(contents, &packet, &log));
    verification
        .checks
        .push(custody::decisions(contents, &packet, &log));
    verification
        .checks
        .push(custody::notices(contents, &packet, &log));
}

/// Whether `packet.json` describes a packet of the kind known here.
fn description(contents: &Contents) -> (Option<Value>, Check) {
    const NAME: &str = "description";
    let wrong = |why: String| (None, Check::new(NAME, &[why], String::new()));
    let packet = match contents.json("packet.json") {
        Ok(packet) => packet,
        Err(why) => return wrong(why),
    };
    if packet["format"] != FORMAT || packet["version"] != VERSION {
        return wrong(format!(
            "packet.json names the format {} version {}, and only \"{FORMAT}\" version {VERSION} is known here; use the program that wrote it",
            packet["format"], packet["version"]
        ));
    }
    let Some(id) = packet["case"]["id"].as_i64() else {
        return wrong("packet.json names no case".to_owned());
    };
    let check = Check::new(
        NAME,
        &[],
        format!("an evidence packet (format version {VERSION}) about case {id}"),
    );
    (Some(packet), check)
}
