//! The audit events, and evidence, decisions and notices against them.

use serde::Deserialize;
use serde_json::Value;

use super::contents::Contents;
use super::records::items;
use super::{Check, counted};
use crate::clock::Millis;
use crate::store::audit::AuditEvent;
use crate::store::db::JsonText;
use crate::store::takedowns::text_hash;

/// A line of `custody.jsonl`.
#[derive(Debug, Deserialize)]
struct Line {
    seq: i64,
    at: Millis,
    at_ms: i64,
    actor: String,
    action: String,
    subject: String,
    /// The text that is hashed.
    detail: String,
    prev_hash: String,
    hash: String,
    /// In the outward form, fields that are not as they were hashed.
    #[serde(default)]
    withheld: Vec<String>,
}

/// How a case begins: found by its score, or drawn by lot from under the threshold.
const OPENINGS: [&str; 2] = ["case.open", "case.audit"];

/// The events whose hashes were looked at.
#[derive(Debug, Default)]
pub(super) struct Log(Vec<AuditEvent>);

/// Whether every event has the hash it must have, and events that follow each
/// other in the log carry each other's.
pub(super) fn chain(contents: &Contents, packet: &Value) -> (Log, Check) {
    let outward = packet["form"] == "outward";
    let mut withheld = 0;
    let mut wrong = Vec::new();
    let mut log = Log::default();
    let text = match contents.text("custody.jsonl").map(std::str::from_utf8) {
        Ok(Ok(text)) => text,
        Ok(Err(_)) => {
            wrong.push("custody.jsonl is not text".to_owned());
            ""
        }
        Err(why) => {
            wrong.push(why);
            ""
        }
    };
    for (line, number) in text.lines().zip(1..) {
        match event(line) {
            Ok((event, false)) => log.0.push(event),
            Ok((event, true)) if outward => {
                withheld += 1;
                log.0.push(event);
            }
            Ok((event, true)) => wrong.push(format!(
                "event {} has parts left out, and the packet is not of the outward form",
                event.seq
            )),
            Err(why) => wrong.push(format!("custody.jsonl, line {number}: {why}")),
        }
    }
    let subject = packet["case"]["id"].as_i64().map(|id| format!("case {id}"));
    for event in &log.0 {
        if Some(&event.subject) != subject.as_ref() {
            wrong.push(format!("event {} is about {}", event.seq, event.subject));
        }
    }
    for pair in log.0.windows(2) {
        let [before, after] = pair else { continue };
        if after.seq <= before.seq {
            wrong.push(format!(
                "event {} stands after event {}",
                after.seq, before.seq
            ));
        } else if after.seq == before.seq + 1 && after.prev_hash != before.hash {
            wrong.push(format!(
                "event {} does not carry the hash of event {}, which is the one before it",
                after.seq, before.seq
            ));
        }
    }
    if log
        .0
        .first()
        .is_none_or(|event| !OPENINGS.contains(&event.action.as_str()))
    {
        wrong.push("the log does not begin with the opening of the case".to_owned());
    }
    let entries = match log.0.len() {
        1 => "1 entry of the log about this case".to_owned(),
        count => format!("{count} entries of the log about this case"),
    };
    let right = match withheld {
        0 => format!("{entries}, each with the hash it must have"),
        _ => format!(
            "{entries}; {withheld} of them with names or words left out, so that their hashes can be computed from the full form only"
        ),
    };
    let check = Check::new("custody", &wrong, right);
    (log, check)
}

/// The event in a line, and whether parts of it are left out.
fn event(line: &str) -> Result<(AuditEvent, bool), String> {
    let line: Line = serde_json::from_str(line).map_err(|why| format!("not an event: {why}"))?;
    if line.at.0 != line.at_ms {
        return Err(format!("event {} has two different times", line.seq));
    }
    let detail: Value = serde_json::from_str(&line.detail)
        .map_err(|why| format!("event {} has no readable detail: {why}", line.seq))?;
    let written = detail.to_string();
    if written != line.detail {
        return Err(format!("the detail of event {} was written anew", line.seq));
    }
    let withheld = !line.withheld.is_empty();
    let event = AuditEvent {
        seq: line.seq,
        at: line.at,
        actor: line.actor,
        action: line.action,
        subject: line.subject,
        detail: JsonText(detail),
        prev_hash: line.prev_hash,
        hash: line.hash,
    };
    if !withheld && event.hash != event.computed_hash() {
        return Err(format!(
            "event {} has another hash than its contents: it was changed",
            event.seq
        ));
    }
    Ok((event, withheld))
}

impl Log {
    /// The event of that kind whose detail names `id` under `key`, the last one.
    fn find(&self, action: &str, key: &str, id: &Value) -> Option<&AuditEvent> {
        let mut events = self.0.iter().rev();
        events.find(|event| event.action == action && event.detail[key] == *id)
    }

    fn count(&self, holds: impl Fn(&AuditEvent) -> bool) -> usize {
        self.0.iter().filter(|event| holds(event)).count()
    }

    /// The hash of the evidence as it was after the last event before `seq`.
    fn evidence_before(&self, seq: i64) -> &Value {
        self.0
            .iter()
            .rev()
            .filter(|event| event.seq < seq)
            .find(|event| {
                event.action == "case.update" || OPENINGS.contains(&event.action.as_str())
            })
            .map_or(&Value::Null, |event| &event.detail["evidence_hash"])
    }
}

/// Whether `evidence.json` is the evidence on record.
pub(super) fn evidence(contents: &Contents, packet: &Value, log: &Log) -> Check {
    let mut wrong = Vec::new();
    let hash = contents
        .files
        .get("evidence.json")
        .map(|entry| entry.sha256.as_str())
        .unwrap_or_default();
    if let Err(why) = contents.json("evidence.json") {
        wrong.push(why);
    }
    if packet["case"]["evidence_hash"] != hash {
        wrong.push("evidence.json has another SHA-256 than packet.json says".to_owned());
    }
    if *log.evidence_before(i64::MAX) != hash {
        wrong.push("evidence.json is not the evidence that the log names last".to_owned());
    }
    for (file, key) in [
        ("listing.json", "listing_id"),
        ("product.json", "product_id"),
    ] {
        match contents.json(file) {
            Err(why) => wrong.push(why),
            Ok(record) => {
                let opened = log.0.first().map(|event| &event.detail[key]);
                if opened != Some(&record["id"]) {
                    wrong.push(format!("{file} is not what the case was opened about"));
                }
            }
        }
    }
    let right = "the evidence is the one the log names".to_owned();
    Check::new("evidence", &wrong, right)
}

/// Whether every decision is on record as it stands here, none is missing, and
/// the last one led to the case's state.
pub(super) fn decisions(contents: &Contents, packet: &Value, log: &Log) -> Check {
    const NAME: &str = "decisions";
    let mut wrong = Vec::new();
    let decisions = match contents.json("decisions.json") {
        Ok(decisions) => decisions,
        Err(why) => return Check::new(NAME, &[why], String::new()),
    };
    let mut count = 0;
    let mut state = &Value::Null;
    for decision in items(&decisions) {
        count += 1;
        state = &decision["to_state"];
        let id = &decision["id"];
        let action = decision["action"].as_str().unwrap_or_default();
        let Some(event) = log.find(&format!("case.{action}"), "decision", id) else {
            wrong.push(format!("decision {id} is not in the log"));
            continue;
        };
        let detail = &event.detail;
        let mut same = decision["actor"] == event.actor.as_str()
            && decision["at"] == event.at.to_string()
            && decision["to_state"] == detail["to"]
            && decision["case_id"] == packet["case"]["id"]
            && decision["evidence_hash"] == *log.evidence_before(event.seq);
        if action == "undo" {
            let undone = items(&decisions).find(|other| other["id"] == detail["undoes"]);
            same &= undone.is_some_and(|other| other["undone_by"] == *id);
        } else {
            let pairs = [
                ("from_state", "from"),
                ("kind", "kind"),
                ("reason", "reason"),
                ("evidence_hash", "evidence_hash"),
            ];
            same &= pairs
                .iter()
                .all(|(here, there)| decision[*here] == detail[*there]);
            let taken_back = log.find("case.undo", "undoes", id).is_some();
            same &= taken_back != decision["undone_by"].is_null();
        }
        if !same {
            wrong.push(format!("decision {id} is not as the log has it"));
        }
    }
    if log.count(|event| event.detail.get("decision").is_some()) != count {
        wrong.push("the log has another number of decisions".to_owned());
    }
    let expected = match state {
        Value::Null => "open",
        state => state.as_str().unwrap_or_default(),
    };
    if packet["case"]["state"] != expected {
        wrong.push(format!(
            "the case is said to be {}, and its decisions lead to {expected:?}",
            packet["case"]["state"]
        ));
    }
    let right = format!("{}, each as the log has it", counted(count, "decision"));
    Check::new(NAME, &wrong, right)
}

/// Whether every notice has the text that was drafted and every step of it is
/// on record.
pub(super) fn notices(contents: &Contents, packet: &Value, log: &Log) -> Check {
    const NAME: &str = "notices";
    let mut wrong = Vec::new();
    let document = match contents.json("notices.json") {
        Ok(document) => document,
        Err(why) => return Check::new(NAME, &[why], String::new()),
    };
    let mut count = 0;
    for notice in items(&document["notices"]) {
        count += 1;
        let id = &notice["id"];
        let text = |key: &str| notice[key].as_str().unwrap_or_default();
        let drafted = log.find("notice.draft", "notice", id);
        let hash = text_hash(text("subject"), text("body"));
        let same = drafted.is_some_and(|event| {
            event.detail["text_hash"] == hash
                && event.detail["right_kind"] == notice["right_kind"]
                && event.detail["channel"] == notice["channel"]
                && notice["created_by"] == event.actor.as_str()
                && notice["case_id"] == packet["case"]["id"]
        });
        if !same {
            wrong.push(format!("notice {id} is not as the log has it"));
        }
        let last = items(&document["events"])
            .filter(|step| step["notice_id"] == *id)
            .last()
            .map_or("draft", |step| {
                step["to_state"].as_str().unwrap_or_default()
            });
        if notice["state"] != last {
            wrong.push(format!("the steps of notice {id} lead to another state"));
        }
    }
    // Steps have no number in the log: they are told apart by their order.
    let recorded: Vec<&AuditEvent> = log
        .0
        .iter()
        .filter(|event| event.action == "notice.event")
        .collect();
    let steps: Vec<&Value> = items(&document["events"]).collect();
    if recorded.len() != steps.len() {
        wrong.push("the log has another number of steps of notices".to_owned());
    }
    for (step, event) in steps.iter().zip(&recorded) {
        let pairs = [
            ("notice_id", "notice"),
            ("from_state", "from"),
            ("to_state", "to"),
            ("note", "note"),
            ("happened_at", "happened_at"),
        ];
        let same = pairs
            .iter()
            .all(|(here, there)| step[*here] == event.detail[*there])
            && step["actor"] == event.actor.as_str()
            && step["at"] == event.at.to_string();
        if !same {
            wrong.push(format!(
                "step {} of notice {} is not as the log has it",
                step["id"], step["notice_id"]
            ));
        }
    }
    let right = format!(
        "{} and {}, each as the log has it",
        counted(count, "notice"),
        counted(steps.len(), "step")
    );
    Check::new(NAME, &wrong, right)
}
