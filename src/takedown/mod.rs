//! Notices: from confirmed cases to what leaves, and all that follows.
//!
//! 1. [`draft`] fills in the form of a [`channel`] from the records: one notice
//!    rests on one right and goes by one channel, for as many listings as that
//!    takes. What is missing stands in the text between `⟦` and `⟧`, in words that
//!    say where to fill it in.
//! 2. [`check`] holds the form against the channel, field by field.
//! 3. [`attest`]: a named person sees exactly what would leave, makes each
//!    statement and gives their password. The bytes are kept under their hash.
//! 4. Those bytes leave: a person hands them in, or has them [`send`]t by mail or
//!    to the channel's interface. Nothing is ever sent by itself.
//! 5. [`record`] notes each dated step, for all listings or some; [`deadlines`]
//!    follow from the channel, [`recheck`] looks at the listings again, and
//!    [`relisting`] finds those that came back.

pub mod attest;
pub mod calendar;
pub mod channel;
pub mod check;
mod choose;
mod cover;
pub mod deadlines;
mod draft;
mod facts;
mod fill;
mod lifecycle;
pub mod poll;
pub mod rate;
pub mod recheck;
pub mod relisting;
pub mod render;
pub mod send;
pub mod sheet;

use std::path::PathBuf;

use crate::app::App;
use crate::blobs::BlobError;
use crate::store::StoreError;
use channel::{ChannelError, Channels};

pub use draft::{DraftOptions, draft, draft_many};
pub use lifecycle::{STATES, next_states, overall, record, record_step};

/// Why a notice cannot be drafted or moved on.
#[derive(Debug, thiserror::Error)]
pub enum TakedownError {
    /// A document to print cannot be made.
    #[error(transparent)]
    Print(#[from] crate::print::PrintError),
    /// The product has no right a notice could rest on.
    #[error(
        "product {sku} has no {wanted} right, so case {case_id} cannot be noticed on it; it has {has}. Add the right to the catalog, or draft on another kind"
    )]
    NoRight {
        /// The case.
        case_id: i64,
        /// The product.
        sku: String,
        /// The kind, or kinds, looked for.
        wanted: String,
        /// The kinds it has.
        has: String,
    },
    /// The right has expired.
    #[error(
        "the {kind} right {number} in product {sku} expired on {expiry}; renew its entry in the catalog, or draft on another right"
    )]
    Expired {
        /// The product.
        sku: String,
        /// The right's kind.
        kind: String,
        /// Its number, or "without number".
        number: String,
        /// The last day it was in force, `YYYY-MM-DD`.
        expiry: String,
    },
    /// The notice lacks something and may not leave.
    #[error(
        "notice {notice} is incomplete and cannot leave; missing or wrong: {}. Mend it and draft the notice again", .fields.join("; ")
    )]
    Missing {
        /// The notice.
        notice: i64,
        /// What is missing and where it belongs.
        fields: Vec<String>,
    },
    /// Cases that do not fit into one notice.
    #[error("{0}")]
    Unfit(String),
    /// The step is not one that can follow.
    #[error("notice {notice} is {from} and cannot become {to}; {}", allowed(.from))]
    Step {
        /// The notice.
        notice: i64,
        /// Its state.
        from: String,
        /// The state asked for.
        to: String,
    },
    /// The step's date cannot be.
    #[error("{at} cannot be the date of this step: {why}")]
    Date {
        /// The date given.
        at: crate::clock::Millis,
        /// Why not.
        why: String,
    },
    /// What was shown is not what would leave.
    #[error(
        "notice {0} is not what you were shown any more; look at it again before you attest it"
    )]
    Changed(i64),
    /// The channel does not take that form.
    #[error("{channel} takes no {form}; it takes {takes}")]
    Form {
        /// The channel.
        channel: String,
        /// The form asked for.
        form: String,
        /// Those it takes.
        takes: String,
    },
    /// A letter of authority cannot be read.
    #[error("cannot read the letter of authority {path}: {source}; mend its [[notices.authority]]")]
    Letter {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A template failed.
    #[error("cannot fill in the template of channel {channel}: {why}")]
    Template {
        /// The channel.
        channel: String,
        /// Why.
        why: String,
    },
    /// A file or message cannot be made.
    #[error("cannot make the {what}: {why}")]
    Making {
        /// What.
        what: &'static str,
        /// Why.
        why: String,
    },
    /// It could not be sent.
    #[error("notice {notice} was not sent: {why}")]
    Sending {
        /// The notice.
        notice: i64,
        /// Why, and what to do.
        why: String,
    },
    /// A channel cannot be had.
    #[error(transparent)]
    Channel(#[from] ChannelError),
    /// Bytes cannot be kept or read.
    #[error(transparent)]
    Blob(#[from] BlobError),
    /// The database failed, or the case is not confirmed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

fn allowed(from: &str) -> String {
    match next_states(from) {
        [] => "that is its end".to_owned(),
        states => format!("it can become {}", states.join(" or ")),
    }
}

/// The channels of an installation: those that ship and those of its folder.
///
/// # Errors
/// [`ChannelError`].
pub fn channels(app: &App) -> Result<Channels, ChannelError> {
    Channels::load(app.config.notices.channels.as_deref())
}
