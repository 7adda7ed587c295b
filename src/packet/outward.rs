//! The outward form of a packet: what may go to a marketplace or a court without
//! what is nobody's business there.
//!
//! Left out are the names of the people who decided (they become `reviewer 1`, …),
//! their reasons and notes, and the reference photos of products that are not
//! public. `withheld.json` names every file that differs from the full form, with
//! the SHA-256 it has there: so the full form can be laid open later, and it can be
//! shown that it is the one this was made from.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::{Value, json};

use super::dossier::Dossier;
use super::files;
use crate::blobs::sha256_hex;
use crate::store::audit::AuditEvent;

/// Who acts without being a person.
const NOBODY: [&str; 4] = ["scan", "system", "recheck", "poll"];
/// What people write for each other, and whom they name, in the details of events.
const WORDS: [&str; 4] = ["reason", "note", "text", "to"];

/// A file that the full form has, or has otherwise.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Withheld {
    /// Its path in the full form's payload.
    pub path: String,
    /// Its SHA-256 there.
    pub sha256: String,
    /// Its size there.
    pub size: usize,
    /// What is left out of it: all of it, or what.
    pub what: String,
}

/// An audit event with what is left out of it.
#[derive(Debug, Clone)]
pub(super) struct Shown {
    pub event: AuditEvent,
    /// Fields that are not as they were hashed.
    pub withheld: Vec<&'static str>,
}

/// All of an event.
pub(super) fn whole(events: &[AuditEvent]) -> Vec<Shown> {
    events
        .iter()
        .map(|event| Shown {
            event: event.clone(),
            withheld: Vec::new(),
        })
        .collect()
}

/// Whether the product's reference photos stay at home: it is classified as
/// something else than public, or not released yet.
pub(super) fn is_confidential(dossier: &Dossier) -> bool {
    let product = &dossier.product;
    let classified = product
        .classification
        .as_deref()
        .is_some_and(|class| !class.trim().eq_ignore_ascii_case("public"));
    let today = dossier
        .exported_at
        .timestamp()
        .strftime("%Y-%m-%d")
        .to_string();
    let unreleased = product
        .released
        .as_deref()
        .is_some_and(|day| day > today.as_str());
    classified || unreleased
}

/// The case without what is left out, its log, and what the full form has instead.
pub(super) fn outward(full: &Dossier) -> (Dossier, Vec<Shown>, Vec<Withheld>) {
    let mut names = Names::default();
    let mut dossier = full.clone();
    let mut withheld = Vec::new();
    for decision in &mut dossier.decisions {
        decision.actor = names.of(&decision.actor);
        decision.reason = None;
    }
    let decisions = (json!(full.decisions), json!(dossier.decisions));
    differs(
        &mut withheld,
        "decisions.json",
        decisions,
        "names of reviewers and their reasons",
    );
    for notice in &mut dossier.notices {
        notice.created_by = names.of(&notice.created_by);
        notice.attested_by = notice.attested_by.as_deref().map(|name| names.of(name));
    }
    for step in &mut dossier.notice_events {
        step.actor = names.of(&step.actor);
        step.note = None;
    }
    let notices = (files::notices(full), files::notices(&dossier));
    differs(
        &mut withheld,
        "notices.json",
        notices,
        "names of reviewers and their notes",
    );
    dossier.product.authorised_sellers.0.clear();
    dossier.product.keywords.0.clear();
    let log: Vec<Shown> = full
        .custody
        .iter()
        .map(|event| shown(event, &mut names))
        .collect();
    dossier.custody = log.iter().map(|shown| shown.event.clone()).collect();
    let bytes = files::custody(&whole(&full.custody));
    if bytes != files::custody(&log) {
        withheld.push(entry(
            "custody.jsonl",
            &bytes,
            "names of reviewers, reasons and notes",
        ));
    }
    (dossier, log, withheld)
}

/// Names the full form of a file where it differs.
fn differs(withheld: &mut Vec<Withheld>, path: &str, (full, shown): (Value, Value), what: &str) {
    if full != shown {
        withheld.push(entry(path, &files::pretty(&full), what));
    }
}

pub(super) fn entry(path: &str, bytes: &[u8], what: &str) -> Withheld {
    Withheld {
        path: path.to_owned(),
        sha256: sha256_hex(bytes),
        size: bytes.len(),
        what: what.to_owned(),
    }
}

fn shown(event: &AuditEvent, names: &mut Names) -> Shown {
    let mut event = event.clone();
    let mut withheld = Vec::new();
    let actor = names.of(&event.actor);
    if actor != event.actor {
        event.actor = actor;
        withheld.push("actor");
    }
    // The state that a case or a notice came to is no name.
    let names_somebody = event.action == "case.assign";
    if let Some(detail) = event.detail.0.as_object_mut() {
        let mut left_out = false;
        for key in WORDS {
            let internal = key != "to" || names_somebody;
            if let Some(text) = detail.get_mut(key).filter(|_| internal)
                && !text.is_null()
            {
                *text = Value::Null;
                left_out = true;
            }
        }
        if left_out {
            withheld.push("detail");
        }
    }
    Shown { event, withheld }
}

/// The same person always gets the same number.
#[derive(Default)]
struct Names(BTreeMap<String, usize>);

impl Names {
    fn of(&mut self, name: &str) -> String {
        if NOBODY.contains(&name) {
            return name.to_owned();
        }
        let next = self.0.len() + 1;
        let number = self.0.entry(name.to_owned()).or_insert(next);
        format!("reviewer {number}")
    }
}
