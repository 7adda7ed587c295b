//! Who is told of what happens, and the messages to them.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::store::mails::Mailbox as StoredMailbox;
use crate::store::webhooks::{Delivery, Webhook as StoredWebhook};

/// What a receiver can hear of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
pub(in crate::web) enum EventKind {
    /// A new case of high probability.
    #[serde(rename = "case.new")]
    CaseNew,
    /// A scan that failed.
    #[serde(rename = "scan.failed")]
    ScanFailed,
    /// A notice's deadline within three days.
    #[serde(rename = "deadline.near")]
    DeadlineNear,
}

impl EventKind {
    /// The word for it.
    pub(in crate::web) fn as_str(self) -> &'static str {
        match self {
            Self::CaseNew => "case.new",
            Self::ScanFailed => "scan.failed",
            Self::DeadlineNear => "deadline.near",
        }
    }
}

word! {
    /// Shape of messages.
    Shape {
        Json => "json",
        Slack => "slack",
    }
}

/// A program that is told.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::web) struct Webhook {
    /// Its number.
    id: i64,
    /// Where messages go.
    url: String,
    /// What it hears of.
    events: Vec<String>,
    /// `json` or `slack`.
    shape: String,
    /// Of new cases, those of at least this probability.
    min_probability: f64,
    /// Who added it.
    created_by: String,
    /// When.
    #[schema(format = DateTime)]
    created_at: String,
}

impl From<StoredWebhook> for Webhook {
    fn from(of: StoredWebhook) -> Self {
        Self {
            id: of.id,
            url: of.url,
            events: of.events.split(',').map(ToOwned::to_owned).collect(),
            shape: of.shape,
            min_probability: of.min_probability,
            created_by: of.created_by,
            created_at: of.created_at.to_string(),
        }
    }
}

/// A program that is to be told.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::web) struct NewWebhook {
    /// Where messages go, by HTTPS.
    #[schema(min_length = 1, max_length = 2000)]
    pub(in crate::web) url: String,
    /// What messages are signed with: 256 random bits of your choice, base64. No answer
    /// ever holds it.
    #[schema(pattern = "^[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=$")]
    pub(in crate::web) secret: String,
    /// What it hears of.
    #[schema(min_items = 1, max_items = 3)]
    pub(in crate::web) events: Vec<EventKind>,
    /// Shape of messages; `json` unless given.
    pub(in crate::web) shape: Option<Shape>,
    /// Of new cases, those of at least this probability; 0.9 unless given.
    #[schema(minimum = 0, maximum = 1)]
    pub(in crate::web) min_probability: Option<f64>,
}

/// A number that was given.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::web) struct Numbered {
    /// It.
    pub(in crate::web) id: i64,
}

/// A message to one receiver.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::web) struct Message {
    /// Its number.
    id: i64,
    /// The receiver.
    receiver: i64,
    /// Where it goes.
    to: String,
    /// What happened.
    event: String,
    /// Its kind.
    kind: String,
    /// `waiting`, `sent` or `given_up`.
    state: String,
    /// How often it was tried.
    attempts: i64,
    /// When it is tried next, while it waits.
    #[schema(format = DateTime)]
    next_at: String,
    /// The last answer's status.
    #[schema(required = true)]
    last_status: Option<i64>,
    /// Why the last try failed.
    #[schema(required = true)]
    last_error: Option<String>,
    /// When it was put here.
    #[schema(format = DateTime)]
    created_at: String,
    /// When it was taken.
    #[schema(required = true, format = DateTime)]
    sent_at: Option<String>,
}

impl From<Delivery> for Message {
    fn from(of: Delivery) -> Self {
        Self {
            id: of.id,
            receiver: of.webhook_id,
            to: of.to().to_owned(),
            event: of.event,
            kind: of.kind,
            state: of.state,
            attempts: of.attempts,
            next_at: of.next_at.to_string(),
            last_status: of.last_status,
            last_error: of.last_error,
            created_at: of.created_at.to_string(),
            sent_at: of.sent_at.map(|at| at.to_string()),
        }
    }
}

word! {
    /// How often mail is sent.
    Pace {
        Instant => "instant",
        Daily => "daily",
    }
}

/// An address that is mailed.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::web) struct Mailbox {
    /// Its number.
    id: i64,
    /// The address.
    address: String,
    /// What it hears of.
    events: Vec<String>,
    /// `instant` or `daily`.
    pace: String,
    /// Of new cases, those of at least this probability.
    min_probability: f64,
    /// How much waits for the next mail.
    waiting: i64,
    /// When the last mail was put together.
    #[schema(required = true, format = DateTime)]
    mailed_at: Option<String>,
}

impl From<StoredMailbox> for Mailbox {
    fn from(of: StoredMailbox) -> Self {
        Self {
            id: of.id,
            address: of.address().to_owned(),
            events: of.events.split(',').map(ToOwned::to_owned).collect(),
            pace: of.pace,
            min_probability: of.min_probability,
            waiting: of.waiting,
            mailed_at: of.mailed_at.map(|at| at.to_string()),
        }
    }
}

/// An address that is to be mailed.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::web) struct NewMailbox {
    /// The address.
    #[schema(min_length = 3, max_length = 254)]
    pub(in crate::web) address: String,
    /// What it hears of.
    #[schema(min_items = 1, max_items = 3)]
    pub(in crate::web) events: Vec<EventKind>,
    /// How often; `instant` unless given.
    pub(in crate::web) pace: Option<Pace>,
    /// Of new cases, those of at least this probability; 0.9 unless given.
    #[schema(minimum = 0, maximum = 1)]
    pub(in crate::web) min_probability: Option<f64>,
}
