//! Cases and cards: what is read of them, decisions, notes, assignments.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use super::super::whole;
use super::notices::Notice;
use super::{Money, money};
use crate::store::cases::CaseRow;
use crate::store::decisions::Decision as StoredDecision;
use crate::store::notes::Note as StoredNote;

word! {
    /// Where a case stands.
    State {
        Open => "open",
        SecondApproval => "second_approval",
        Watching => "watching",
        Confirmed => "confirmed",
        Rejected => "rejected",
        All => "all",
    }
}
word! {
    /// Kind of infringement.
    Kind {
        Counterfeit => "counterfeit",
        CopiedPhoto => "copied_photo",
        TrademarkMisuse => "trademark_misuse",
        CopiedDesign => "copied_design",
        GreyMarket => "grey_market",
        Leak => "leak",
    }
}
word! {
    /// What stands first.
    Sort {
        Score => "score",
        Worth => "worth",
        Oldest => "oldest",
    }
}
word! {
    /// What to do with a case.
    Action {
        Confirm => "confirm",
        Reject => "reject",
        Watch => "watch",
        SecondApproval => "second_approval",
    }
}

/// A case: a listing that may infringe a product.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::web) struct Case {
    /// Its number.
    pub(in crate::web) id: i64,
    /// Its card: cases that are decided together share it.
    #[schema(required = true)]
    card: Option<i64>,
    /// Where it stands.
    state: String,
    /// Probability of infringement, 0 to 1.
    probability: f64,
    /// Probability times what one sale costs the owner, in euro.
    worth: f64,
    /// Kind of infringement, as decided or else as scored.
    #[schema(required = true)]
    kind: Option<String>,
    /// The product's SKU.
    sku: String,
    /// Its brand.
    brand: String,
    /// Its name.
    product: String,
    /// The source's name.
    source: String,
    /// The listing's number.
    listing: i64,
    /// The marketplace's own identifier.
    item: String,
    /// The listing's title, as written.
    title: String,
    /// Its address.
    url: String,
    /// Its seller, as written.
    #[schema(required = true)]
    seller: Option<String>,
    /// Its price.
    #[schema(required = true)]
    price: Option<Money>,
    /// Whose it is.
    #[schema(required = true)]
    assigned_to: Option<String>,
    /// SHA-256 of the evidence: a decision names what it was made on.
    evidence_hash: String,
    /// First found.
    #[schema(format = DateTime)]
    created_at: String,
    /// Last change.
    #[schema(format = DateTime)]
    updated_at: String,
}

impl From<CaseRow> for Case {
    fn from(row: CaseRow) -> Self {
        Self {
            id: row.id,
            card: row.cluster_id,
            probability: row.score,
            worth: row.worth,
            kind: row.decided_kind.or(row.kind),
            sku: row.sku,
            brand: row.brand,
            product: row.product,
            source: row.source,
            listing: row.listing_id,
            item: row.item_id,
            title: row.title,
            url: row.url,
            seller: row.seller,
            price: money(row.price_amount, row.price_currency),
            assigned_to: row.assigned_to,
            evidence_hash: row.evidence_hash,
            created_at: row.created_at.to_string(),
            updated_at: row.updated_at.to_string(),
            state: row.state,
        }
    }
}

/// A card: its first case, and all of its cases that fit what was asked.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::web) struct Card {
    /// The first case.
    pub(in crate::web) case: Case,
    /// All of them, most probable first.
    pub(in crate::web) cases: Vec<Member>,
}

/// A case of a card.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::web) struct Member {
    /// Its number.
    pub(in crate::web) id: i64,
    /// Its probability.
    pub(in crate::web) probability: f64,
    /// SHA-256 of its evidence.
    pub(in crate::web) evidence_hash: String,
}

/// A case with everything about it.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::web) struct CaseInFull {
    /// The case.
    pub(in crate::web) case: Case,
    /// Picture evidence, text evidence, reasons.
    #[schema(value_type = Object)]
    pub(in crate::web) evidence: Value,
    /// Decisions, oldest first.
    pub(in crate::web) decisions: Vec<Decision>,
    /// Notes, oldest first.
    pub(in crate::web) notes: Vec<Note>,
    /// Notices that its listing is in.
    pub(in crate::web) notices: Vec<Notice>,
}

/// A decision.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::web) struct Decision {
    /// Its number.
    id: i64,
    /// What was done.
    action: String,
    /// State before.
    from_state: String,
    /// State after.
    to_state: String,
    /// Kind as decided.
    #[schema(required = true)]
    kind: Option<String>,
    /// Why.
    #[schema(required = true)]
    reason: Option<String>,
    /// Who.
    actor: String,
    /// When.
    #[schema(format = DateTime)]
    at: String,
    /// Whether it was taken back.
    undone: bool,
}

impl From<StoredDecision> for Decision {
    fn from(of: StoredDecision) -> Self {
        Self {
            id: of.id,
            action: of.action,
            from_state: of.from_state,
            to_state: of.to_state,
            kind: of.kind,
            reason: of.reason,
            actor: of.actor,
            at: of.at.to_string(),
            undone: of.undone_by.is_some(),
        }
    }
}

/// A note on a case.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::web) struct Note {
    /// What it says.
    text: String,
    /// Who wrote it.
    actor: String,
    /// When.
    #[schema(format = DateTime)]
    at: String,
}

impl From<StoredNote> for Note {
    fn from(of: StoredNote) -> Self {
        Self {
            text: of.text,
            actor: of.actor,
            at: of.at.to_string(),
        }
    }
}

/// A decision to be made on a case.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::web) struct NewDecision {
    /// What to do.
    pub(in crate::web) action: Action,
    /// Kind of infringement; for a confirmation the scored kind when left out.
    pub(in crate::web) kind: Option<Kind>,
    /// Why.
    #[schema(max_length = 2000)]
    pub(in crate::web) reason: Option<String>,
    /// SHA-256 of the evidence that was looked at: if it is another now, nothing is
    /// decided.
    #[schema(pattern = "^[0-9a-f]{64}$")]
    pub(in crate::web) evidence_hash: Option<String>,
}

/// A decision to be made on several cases, all or none.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::web) struct NewDecisions {
    /// The cases to decide.
    #[schema(max_items = 1000, min_items = 1)]
    #[serde(deserialize_with = "whole::list")]
    pub(in crate::web) cases: Vec<i64>,
    /// What to do.
    pub(in crate::web) action: Action,
    /// Kind of infringement.
    pub(in crate::web) kind: Option<Kind>,
    /// Why.
    #[schema(max_length = 2000)]
    pub(in crate::web) reason: Option<String>,
    /// The evidence that was looked at: of a case named here nothing is decided when
    /// it has changed.
    #[schema(max_items = 1000)]
    pub(in crate::web) seen: Option<Vec<Seen>>,
}

/// The evidence of a case that was looked at.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::web) struct Seen {
    /// The case.
    #[serde(deserialize_with = "whole::one")]
    pub(in crate::web) case: i64,
    /// SHA-256 of its evidence.
    #[schema(pattern = "^[0-9a-f]{64}$")]
    pub(in crate::web) evidence_hash: String,
}

/// What became of cases that were decided.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::web) struct Decided {
    /// The case.
    pub(in crate::web) case: i64,
    /// The state it has now.
    pub(in crate::web) state: String,
    /// Why a second person must confirm it; empty when none must.
    pub(in crate::web) second_person: Vec<String>,
}

/// A note to be written.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::web) struct NewNote {
    /// What it says.
    #[schema(min_length = 1, max_length = 2000, pattern = r"\S")]
    pub(in crate::web) text: String,
}

/// Whose a case is to be.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::web) struct NewAssignment {
    /// A user who decides cases; null: whoever comes first.
    #[schema(max_length = 100)]
    pub(in crate::web) to: Option<String>,
}
