//! Notices and their steps.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::super::whole;
use crate::store::takedowns::{Notice as StoredNotice, NoticeEvent, NoticeItem};

word! {
    /// What became of a notice's listing.
    NoticeState {
        Submitted => "submitted",
        Acknowledged => "acknowledged",
        Removed => "removed",
        Refused => "refused",
        CounterNotice => "counter_notice",
        Restored => "restored",
        Escalated => "escalated",
        Withdrawn => "withdrawn",
        Closed => "closed",
    }
}

/// A notice.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::web) struct Notice {
    /// Its number.
    id: i64,
    /// Its first case.
    case: i64,
    /// The kind of right it rests on.
    right_kind: String,
    /// The channel by which it goes.
    channel: String,
    /// Who gets it.
    recipient: String,
    /// Where it stands.
    state: String,
    /// Subject line.
    subject: String,
    /// Who attested it.
    #[schema(required = true)]
    attested_by: Option<String>,
    /// The number that the channel gave it.
    #[schema(required = true)]
    external_id: Option<String>,
    /// Who drafted it.
    created_by: String,
    /// When.
    #[schema(format = DateTime)]
    created_at: String,
    /// Last step.
    #[schema(format = DateTime)]
    updated_at: String,
}

impl From<StoredNotice> for Notice {
    fn from(of: StoredNotice) -> Self {
        Self {
            id: of.id,
            case: of.case_id,
            right_kind: of.right_kind,
            channel: of.channel,
            recipient: of.recipient,
            state: of.state,
            subject: of.subject,
            attested_by: of.attested_by,
            external_id: of.external_id,
            created_by: of.created_by,
            created_at: of.created_at.to_string(),
            updated_at: of.updated_at.to_string(),
        }
    }
}

/// A notice with its text, listings and steps.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::web) struct NoticeInFull {
    /// The notice.
    pub(in crate::web) notice: Notice,
    /// Its text.
    pub(in crate::web) body: String,
    /// Its listings.
    pub(in crate::web) items: Vec<Item>,
    /// Steps, oldest first.
    pub(in crate::web) steps: Vec<Step>,
}

/// A listing of a notice.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::web) struct Item {
    /// The case.
    case: i64,
    /// Where it stands.
    state: String,
    /// The listing's title.
    title: String,
    /// Its address.
    url: String,
}

impl From<NoticeItem> for Item {
    fn from(of: NoticeItem) -> Self {
        Self {
            case: of.case_id,
            state: of.state,
            title: of.title,
            url: of.url,
        }
    }
}

/// A step of a notice's listing.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::web) struct Step {
    /// The case.
    case: i64,
    /// State before.
    from_state: String,
    /// State after.
    to_state: String,
    /// What was written about it.
    #[schema(required = true)]
    note: Option<String>,
    /// Who recorded it.
    actor: String,
    /// When it happened.
    #[schema(format = DateTime)]
    happened_at: String,
}

impl From<NoticeEvent> for Step {
    fn from(of: NoticeEvent) -> Self {
        Self {
            case: of.case_id,
            from_state: of.from_state,
            to_state: of.to_state,
            note: of.note,
            actor: of.actor,
            happened_at: of.happened_at.to_string(),
        }
    }
}

/// A notice to be drafted for a confirmed case.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::web) struct NewNotice {
    /// The kind of right; when left out, the one that fits.
    #[schema(max_length = 60)]
    pub(in crate::web) right_kind: Option<String>,
    /// The channel; when left out, the marketplace's own.
    #[schema(max_length = 60)]
    pub(in crate::web) channel: Option<String>,
    /// The country whose market the listing serves.
    #[schema(max_length = 60)]
    pub(in crate::web) country: Option<String>,
}

/// A step to be recorded.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::web) struct NewStep {
    /// The state reached.
    pub(in crate::web) to_state: NoticeState,
    /// The cases that reach it; left out: all that can.
    #[schema(max_items = 1000)]
    #[serde(default, deserialize_with = "whole::some_list")]
    pub(in crate::web) cases: Option<Vec<i64>>,
    /// A reference number, an answer.
    #[schema(max_length = 2000)]
    pub(in crate::web) note: Option<String>,
}
