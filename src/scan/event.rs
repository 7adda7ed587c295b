//! What a scan tells while it runs.

use std::sync::Arc;

use markhound_crawlers::Listing;
use serde::Serialize;

use crate::store::scans::Scan;
use crate::store::work::{ListingDraft, Written};

/// Called for each event; must not block.
pub type Observer = Arc<dyn Fn(&Event) + Send + Sync>;

/// One thing that happened.
#[derive(Debug, Clone, Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Event {
    /// A listing was captured and matched.
    Listing(Box<ListingEvent>),
    /// A target was given up or left out.
    Failed {
        /// The source's name.
        source: String,
        /// The target, JSON.
        target: String,
        /// Why.
        why: String,
    },
    /// The counters moved.
    Progress(Scan),
}

/// A captured listing, for one line of output.
#[derive(Debug, Clone, Serialize)]
pub struct ListingEvent {
    /// The source's name.
    pub source: String,
    /// The marketplace's own identifier.
    pub item_id: String,
    /// Canonical address.
    pub url: String,
    /// Title as written.
    pub title: String,
    /// Decimal text.
    pub price: Option<String>,
    /// ISO 4217.
    pub currency: Option<String>,
    /// Seller as written.
    pub seller: Option<String>,
    /// Pictures that could be decoded.
    pub pictures: usize,
    /// Whether it was seen for the first time.
    pub is_new: bool,
    /// Identifiers of its cases.
    pub cases: Vec<i64>,
    /// The highest score among them.
    pub score: Option<f64>,
}

impl ListingEvent {
    pub(super) fn new(
        source: &str,
        listing: &Listing,
        draft: &ListingDraft,
        written: &Written,
    ) -> Self {
        Self {
            source: source.to_owned(),
            item_id: listing.item_id.clone(),
            url: draft.url.clone(),
            title: draft.title.clone(),
            price: draft.price_amount.clone(),
            currency: draft.price_currency.clone(),
            seller: draft.seller.clone(),
            pictures: draft
                .pictures
                .iter()
                .filter(|p| p.decoded.is_some())
                .count(),
            is_new: written.is_new,
            cases: written.cases.clone(),
            score: draft.cases.iter().map(|case| case.score).reduce(f64::max),
        }
    }
}
