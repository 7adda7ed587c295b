//! Notices, the listings each is about, and the dated events of their lifecycle.

mod read;
mod write;

use serde::Serialize;
use serde_json::Value;
use sqlx::FromRow;

use crate::clock::Millis;

/// A notice as stored.
#[derive(Debug, Clone, FromRow, Serialize)]
pub struct Notice {
    /// Identifier.
    pub id: i64,
    /// The case it is about, the first of them; among the notices of a case,
    /// that case.
    pub case_id: i64,
    /// The right it rests on, while that is in the catalog.
    pub right_id: Option<i64>,
    /// `trademark`, `copyright`, …
    pub right_kind: String,
    /// The channel by which it goes.
    pub channel: String,
    /// Who gets it: a source's name, or the seller.
    pub recipient: String,
    /// `draft`, `attested`, `submitted`, …; among the notices of a case, the
    /// state of that case's listing.
    pub state: String,
    /// Subject line.
    pub subject: String,
    /// Text.
    pub body: String,
    /// The form in which it was attested.
    pub form: Option<String>,
    /// SHA-256 of what leaves, exactly.
    pub outgoing: Option<String>,
    /// Who attested it.
    pub attested_by: Option<String>,
    /// When.
    pub attested_at: Option<Millis>,
    /// When the program sent it; none where a person did.
    pub sent_at: Option<Millis>,
    /// The number that the channel gave it.
    pub external_id: Option<String>,
    /// The earlier notice that it repeats.
    pub repeats: Option<i64>,
    /// Who drafted it.
    pub created_by: String,
    /// When.
    pub created_at: Millis,
    /// Last event.
    pub updated_at: Millis,
}

/// A listing of a notice.
#[derive(Debug, Clone, PartialEq, Eq, FromRow, Serialize)]
pub struct NoticeItem {
    /// The notice.
    pub notice_id: i64,
    /// The case.
    pub case_id: i64,
    /// Its listing.
    pub listing_id: i64,
    /// Where this listing stands.
    pub state: String,
    /// Last event.
    pub updated_at: Millis,
    /// The listing's title.
    pub title: String,
    /// Its address.
    pub url: String,
    /// Its seller.
    pub seller: Option<String>,
}

/// A dated step of a listing's way.
#[derive(Debug, Clone, FromRow, Serialize)]
pub struct NoticeEvent {
    /// Identifier.
    pub id: i64,
    /// The notice.
    pub notice_id: i64,
    /// The case of the listing.
    pub case_id: i64,
    /// State before.
    pub from_state: String,
    /// State after.
    pub to_state: String,
    /// A reference number, an answer.
    pub note: Option<String>,
    /// What shows it: SHA-256 of a file that is kept, or captures.
    pub evidence: Option<String>,
    /// Who recorded it.
    pub actor: String,
    /// When it happened.
    pub happened_at: Millis,
    /// When it was recorded.
    pub at: Millis,
}

/// A notice to be drafted.
#[derive(Debug, Clone)]
pub struct NoticeDraft {
    /// The cases it is about.
    pub cases: Vec<i64>,
    /// The right it rests on.
    pub right_id: Option<i64>,
    /// `trademark`, `copyright`, …
    pub right_kind: String,
    /// The channel by which it goes.
    pub channel: String,
    /// Who gets it.
    pub recipient: String,
    /// Subject line.
    pub subject: String,
    /// Text.
    pub body: String,
    /// The channel's form, filled in: JSON.
    pub sheet: Value,
    /// The earlier notice that it repeats.
    pub repeats: Option<i64>,
}

/// What a person attests.
#[derive(Debug, Clone)]
pub struct Attestation {
    /// The form in which it leaves.
    pub form: String,
    /// SHA-256 of what leaves; the bytes are in the blob store.
    pub outgoing: String,
    /// The form, filled in, with signature and statements: JSON.
    pub sheet: Value,
    /// When.
    pub at: Millis,
}

/// A step to be recorded.
#[derive(Debug, Clone, Default)]
pub struct Step {
    /// The state reached.
    pub to_state: String,
    /// The listings' cases that reach it; none named: all that can.
    pub cases: Vec<i64>,
    /// A reference number, an answer.
    pub note: Option<String>,
    /// What shows it.
    pub evidence: Option<String>,
    /// The number that the channel gave the notice.
    pub external_id: Option<String>,
    /// Whether the program sent it.
    pub sent: bool,
}

/// What notices are narrowed to; `None` does not narrow.
#[derive(Debug, Clone, Default)]
pub struct NoticeFilter {
    /// A state.
    pub state: Option<String>,
    /// A channel's name.
    pub channel: Option<String>,
}

/// SHA-256 of a notice's subject, a line break and its text: what the audit log
/// keeps of a draft.
#[must_use]
pub fn text_hash(subject: &str, body: &str) -> String {
    crate::blobs::sha256_hex(format!("{subject}\n{body}").as_bytes())
}
