//! What was found, when, what was done and how it ended, case by case: the record
//! that shows that somebody looks after their rights.

use serde::Serialize;

use super::{BATCH, Case, Scope, cases};
use crate::app::App;
use crate::clock::Millis;
use crate::store::StoreError;
use crate::store::audit::AuditEvent;

/// One case's history.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Entry {
    /// The case.
    pub case: i64,
    /// When it was found.
    pub found_at: Option<Millis>,
    /// Where.
    pub source: Option<String>,
    /// The marketplace's own identifier.
    pub item: Option<String>,
    /// The listing's address as last seen.
    pub url: String,
    /// Its title as last seen.
    pub title: String,
    /// Its seller as first seen.
    pub seller: Option<String>,
    /// The product's brand.
    pub brand: Option<String>,
    /// The product.
    pub sku: Option<String>,
    /// The decision that stands: `confirm` or `reject`.
    pub decision: Option<&'static str>,
    /// The kind of infringement decided on.
    pub kind: Option<String>,
    /// Who decided.
    pub decided_by: Option<String>,
    /// When.
    pub decided_at: Option<Millis>,
    /// The channel of the notice.
    pub channel: Option<String>,
    /// The notice.
    pub notice: Option<i64>,
    /// The right it rested on.
    pub right: Option<String>,
    /// When it was submitted.
    pub submitted_at: Option<Millis>,
    /// When the listing was first recorded as removed.
    pub removed_at: Option<Millis>,
    /// Whether two captures showed that.
    pub verified: bool,
    /// How it stands.
    pub outcome: Option<String>,
    /// Since when.
    pub outcome_at: Option<Millis>,
    /// Listings that came back.
    pub relistings: u64,
}

/// The history of every case in scope: by when it was found.
///
/// # Errors
/// When the database cannot be read.
pub async fn enforcement(
    app: &App,
    events: &[AuditEvent],
    scope: &Scope,
) -> Result<Vec<Entry>, StoreError> {
    let wanted: Vec<Case> = cases(events.iter())
        .into_values()
        .filter(|case| scope.wants(case) && scope.holds(case.opened))
        .collect();
    let ids: Vec<i64> = wanted.iter().map(|case| case.id).collect();
    // The log names no titles; they are as they were seen last.
    let mut shown = Vec::with_capacity(ids.len());
    for some in ids.chunks(BATCH as usize) {
        let rows = app.store.cases_numbered(some).await?;
        shown.extend(rows.into_iter().map(|row| (row.url, row.title)));
    }
    let mut entries = Vec::with_capacity(ids.len());
    for (case, (url, title)) in wanted.into_iter().zip(shown) {
        let last = case.decisions.last();
        let (outcome, outcome_at) = case.state.clone().unzip();
        entries.push(Entry {
            case: case.id,
            found_at: case.opened.map(Millis),
            source: case.source,
            item: case.item,
            url,
            title,
            seller: case.seller,
            brand: case.brand,
            sku: case.sku,
            decision: last.map(|d| if d.confirmed { "confirm" } else { "reject" }),
            kind: last.and_then(|decision| decision.kind.clone()),
            decided_by: last.map(|decision| decision.actor.clone()),
            decided_at: last.map(|decision| Millis(decision.at)),
            channel: case.channel,
            notice: case.notice,
            right: case.right_kind,
            submitted_at: case.submitted.map(Millis),
            removed_at: case.removed.map(Millis),
            verified: case.verified,
            outcome,
            outcome_at: outcome_at.map(Millis),
            relistings: case.relistings,
        });
    }
    entries.sort_by_key(|entry| (entry.found_at, entry.case));
    Ok(entries)
}
