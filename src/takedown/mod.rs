//! Notices: a draft out of a template, and the dated steps after it.
//!
//! Nothing is ever sent by the program. [`draft`] writes the text of a notice
//! for a confirmed case; a person reads it, sends it through the marketplace's
//! own form or mail, and [`record`]s that it was submitted and what came of it.
//!
//! A draft may be incomplete: what is missing stands in it between `⟦` and `⟧`,
//! in words that say where to fill it in. Submitting an incomplete notice is
//! refused ([`TakedownError::Missing`]); draft it again once the data is there.

mod choose;
mod facts;
mod lifecycle;
mod text;

use crate::app::App;
use crate::store::StoreError;
use crate::store::takedowns::{Notice, NoticeDraft};

pub use lifecycle::{next_states, record};

/// Why a notice cannot be drafted or moved on.
#[derive(Debug, thiserror::Error)]
pub enum TakedownError {
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
    /// The notice lacks something and may not be submitted.
    #[error(
        "notice {notice} is incomplete and cannot be submitted; missing: {}. Fill it in and draft the notice again", .fields.join(", ")
    )]
    Missing {
        /// The notice.
        notice: i64,
        /// What is missing and where it belongs.
        fields: Vec<String>,
    },
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
    /// A template failed.
    #[error("cannot fill in the notice's template: {0}")]
    Template(askama::Error),
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

/// Drafts a notice for a confirmed case, or drafts it anew while it has not
/// left.
///
/// It rests on the right of `right_kind` (`trademark`, `copyright`, `design`,
/// `patent`); without it, on the one that fits the kind of infringement: a
/// copied photo is a matter of copyright, a counterfeit one of the trade mark,
/// a copied design one of the design. What is missing is named in the draft.
///
/// # Errors
/// [`TakedownError::NoRight`] or [`TakedownError::Expired`] when there is no
/// right to rest on; [`TakedownError::Store`] when the case is not confirmed or
/// such a notice has left already.
pub async fn draft(
    app: &App,
    actor: &str,
    case_id: i64,
    right_kind: Option<&str>,
) -> Result<Notice, TakedownError> {
    let case = app.store.case(case_id).await?;
    let rights = app.store.rights_of(case.product_id).await?;
    let right = choose::right(&case, &rights, right_kind, app.clock.now())?;
    let facts = facts::collect(app, &case, right).await?;
    let written = text::write(&facts).map_err(TakedownError::Template)?;
    let draft = NoticeDraft {
        case_id,
        right_id: Some(right.id),
        right_kind: right.kind.clone(),
        channel: case.source.clone(),
        subject: written.subject,
        body: written.body,
    };
    let id = app.store.draft_notice(actor, &draft).await?;
    Ok(app.store.notice(id).await?)
}
