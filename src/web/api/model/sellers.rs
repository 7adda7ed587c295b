//! Sellers, and whom they share with.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Money, Page, money};
use crate::store::sellers::{SellerCount, SellerDecision, SellerListing, SellerNotice};
use crate::web::sellers::Link;

/// What sellers are listed by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(in crate::web) enum SellerSort {
    /// `cases`
    Cases,
    /// `confirmed`
    Confirmed,
    /// `open`
    Open,
    /// `latest`
    Latest,
}

/// A seller with cases.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::web) struct Seller {
    /// The source's name.
    source: String,
    /// The seller, as written.
    seller: String,
    /// Cases in all.
    cases: i64,
    /// Of those, open.
    open: i64,
    /// Confirmed.
    confirmed: i64,
    /// Rejected.
    rejected: i64,
    /// Removed.
    removed: i64,
    /// When the last case was opened.
    #[schema(format = DateTime)]
    last_case_at: String,
}

impl From<SellerCount> for Seller {
    fn from(of: SellerCount) -> Self {
        Self {
            source: of.source,
            seller: of.seller,
            cases: of.cases,
            open: of.open,
            confirmed: of.confirmed,
            rejected: of.rejected,
            removed: of.removed,
            last_case_at: of.last_at.to_string(),
        }
    }
}

/// A seller with listings, decisions, notices and links to others.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::web) struct SellerInFull {
    /// The source's name.
    pub(in crate::web) source: String,
    /// The seller, as written.
    pub(in crate::web) seller: String,
    /// Counts of cases; null where there is none.
    #[schema(required = true)]
    pub(in crate::web) counts: Option<Seller>,
    /// Captured listings, counted up to 10,000.
    pub(in crate::web) listing_count: i64,
    /// The newest listings; `next` is the cursor of those before.
    pub(in crate::web) listings: Page<ListingOfSeller>,
    /// The latest decisions on their cases.
    pub(in crate::web) decisions: Vec<DecisionOnSeller>,
    /// The latest notices about their listings.
    pub(in crate::web) notices: Vec<NoticeToSeller>,
    /// Sellers who show the same photos or write the same titles, the strongest first.
    pub(in crate::web) links: Vec<SellerLink>,
}

/// A listing of a seller.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::web) struct ListingOfSeller {
    /// Its number.
    id: i64,
    /// Title, as written.
    title: String,
    /// Address.
    url: String,
    /// Price.
    #[schema(required = true)]
    price: Option<Money>,
    /// Its weightiest case.
    #[schema(required = true)]
    case: Option<i64>,
    /// Where that stands.
    #[schema(required = true)]
    state: Option<String>,
    /// First seen.
    #[schema(format = DateTime)]
    first_seen_at: String,
    /// Last seen.
    #[schema(format = DateTime)]
    last_seen_at: String,
}

impl From<SellerListing> for ListingOfSeller {
    fn from(of: SellerListing) -> Self {
        Self {
            id: of.id,
            title: of.title,
            url: of.url,
            price: money(of.price_amount, of.price_currency),
            case: of.case_id,
            state: of.state,
            first_seen_at: of.first_seen_at.to_string(),
            last_seen_at: of.last_seen_at.to_string(),
        }
    }
}

/// A decision on a case of a seller.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::web) struct DecisionOnSeller {
    /// The case.
    case: i64,
    /// What was done.
    action: String,
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

impl From<SellerDecision> for DecisionOnSeller {
    fn from(of: SellerDecision) -> Self {
        Self {
            case: of.case_id,
            action: of.action,
            reason: of.reason,
            actor: of.actor,
            at: of.at.to_string(),
            undone: of.undone,
        }
    }
}

/// A notice about a listing of a seller.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::web) struct NoticeToSeller {
    /// The notice.
    notice: i64,
    /// The case.
    case: i64,
    /// How it stands for this listing.
    state: String,
    /// Since when.
    #[schema(format = DateTime)]
    updated_at: String,
}

impl From<SellerNotice> for NoticeToSeller {
    fn from(of: SellerNotice) -> Self {
        Self {
            notice: of.id,
            case: of.case_id,
            state: of.state,
            updated_at: of.updated_at.to_string(),
        }
    }
}

/// Another seller, and what is shared with them.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::web) struct SellerLink {
    /// The source's name.
    source: String,
    /// The other seller, as written.
    seller: String,
    /// `photo`, `text` or `both`.
    by: String,
    /// Photos that both show.
    photos: usize,
    /// Cases of theirs with nearly the same title.
    titles: usize,
}

impl From<Link> for SellerLink {
    fn from(of: Link) -> Self {
        Self {
            by: of.by().to_owned(),
            source: of.source,
            seller: of.seller,
            photos: of.photo_count,
            titles: of.texts,
        }
    }
}
