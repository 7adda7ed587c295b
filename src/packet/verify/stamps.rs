//! The timestamps of the signature.

use super::super::bag::{OTS, SIGNATURE, STAMP, STAMPS};
use super::super::stamp;
use super::super::stamp::ots::{self, Commitment};
use super::contents::Contents;
use super::{Check, Timestamped, Trust};

/// Whether every timestamp is of this signature and signed by whom it names, and,
/// where authorities are named, one of them is behind at least one.
pub(super) fn check(contents: &Contents, trust: &Trust) -> (Vec<Timestamped>, Check) {
    const NAME: &str = "timestamps";
    let mut wrong = Vec::new();
    let mut stamps = Vec::new();
    let mut untrusted = Vec::new();
    let mut commitments = Vec::new();
    let signature = contents.tag(SIGNATURE).unwrap_or_default();
    for (path, entry) in &contents.tags {
        let token = entry.text.as_deref().unwrap_or_default();
        if path.starts_with(STAMPS) && path.ends_with(OTS) {
            match ots::check(token, signature) {
                Ok(found) => commitments.extend(found.iter().map(|by| committed(path, by))),
                Err(why) => wrong.push(format!("{path}: {why}")),
            }
            continue;
        }
        if !path.starts_with(STAMPS) || !path.ends_with(STAMP) {
            continue;
        }
        match stamp::check(token, signature, &trust.authorities) {
            Err(why) => wrong.push(format!("{path}: {why}")),
            Ok(stamp) => {
                if let Some(Err(why)) = &stamp.trusted {
                    untrusted.push(format!("{path}: {why}"));
                }
                stamps.push(Timestamped {
                    file: path.clone(),
                    authority: stamp.authority,
                    at: stamp.at.to_string(),
                    trusted: stamp.trusted == Some(Ok(())),
                });
            }
        }
    }
    if !trust.authorities.is_empty() && !stamps.iter().any(|stamp| stamp.trusted) {
        wrong.append(&mut untrusted);
        if stamps.is_empty() {
            wrong.push("the packet has no timestamp that holds".to_owned());
        }
    }
    let mut told: Vec<String> = stamps
        .iter()
        .map(|stamp| {
            let how = match (stamp.trusted, trust.authorities.is_empty()) {
                (true, _) => "which is trusted here",
                (false, true) => {
                    "whose certificate was not looked into: name that of the authority with --ca"
                }
                (false, false) => "which is not trusted here",
            };
            format!("signed before {} says {}, {how}", stamp.at, stamp.authority)
        })
        .collect();
    told.append(&mut commitments);
    let right = match told.is_empty() {
        true => "none: that the packet is as old as it says rests on its signer alone".to_owned(),
        false => told.join("; "),
    };
    (stamps, Check::new(NAME, &wrong, right))
}

/// What a file of OpenTimestamps says, in words.
fn committed(path: &str, by: &Commitment) -> String {
    match by {
        Commitment::Pending(calendar) => format!(
            "{path} is about this signature; the calendar {calendar} has yet to commit to a block: `ots upgrade` asks it"
        ),
        Commitment::Bitcoin(height, Some(root)) => format!(
            "{path} is about this signature; it holds if Bitcoin block {height} has the Merkle root {root}: `ots verify` looks"
        ),
        Commitment::Bitcoin(height, None) => format!(
            "{path} is about this signature and names Bitcoin block {height}: `ots verify` looks"
        ),
        Commitment::Other => format!("{path} is about this signature: `ots info` says more"),
    }
}
