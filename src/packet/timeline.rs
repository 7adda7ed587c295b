//! What happened in a case, in order and in the words of a language: captures, and
//! the events of the audit log.

use serde_json::Value;

use super::dossier::Dossier;
use crate::clock::Millis;
use crate::print::Words;

/// Something that happened.
pub(super) struct Moment {
    pub at: Millis,
    pub who: String,
    pub what: String,
}

/// All of it, the oldest first.
pub(super) fn timeline(dossier: &Dossier, words: &Words) -> Vec<Moment> {
    let scan = words.of_table("who", "scan");
    let mut moments: Vec<Moment> = dossier
        .captures
        .iter()
        .map(|capture| Moment {
            at: capture.fetched_at,
            who: scan.clone(),
            what: words.with(
                "told.captured",
                &[
                    ("{what}", &capture.final_url),
                    ("{status}", &capture.status.to_string()),
                ],
            ),
        })
        .collect();
    moments.extend(dossier.custody.iter().map(|event| Moment {
        at: event.at,
        who: words.who(&event.actor),
        what: told(words, &event.action, &event.detail.0),
    }));
    moments.sort_by_key(|moment| moment.at);
    moments
}

/// An audit event in words; one that no word is known for, by its name.
fn told(words: &Words, action: &str, detail: &Value) -> String {
    let text = |key: &str| detail[key].as_str().unwrap_or_default();
    let key = action.replacen('.', "_", 1);
    if words.known("told", &key).is_none() {
        return action.to_owned();
    }
    let to = match action {
        "case.undo" => words.of_table("state", text("to")),
        _ => words.of_table("step", text("to")),
    };
    let right = words.of_table("right", text("right_kind"));
    let sentence = words.with(
        &format!("told.{key}"),
        &[
            ("{to}", &to),
            ("{right}", &right),
            ("{channel}", words.channel(text("channel"))),
            ("{at}", text("happened_at")),
            ("{what}", text("sha256")),
        ],
    );
    // What people wrote with it.
    let added = match action {
        "case.note" => text("text"),
        "case.assign" => text("to"),
        "notice.event" => text("note"),
        _ => text("reason"),
    };
    match added {
        "" => sentence,
        added => format!("{sentence}: {added}"),
    }
}
