//! What was captured.

use serde::Serialize;
use utoipa::ToSchema;

use super::{Money, money};
use crate::store::listings::FoundListing;

/// A captured listing.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::web) struct Listing {
    /// Its number.
    id: i64,
    /// The source's name.
    source: String,
    /// The marketplace's own identifier.
    item: String,
    /// Title, as written.
    title: String,
    /// Address.
    url: String,
    /// Seller, as written.
    #[schema(required = true)]
    seller: Option<String>,
    /// Price.
    #[schema(required = true)]
    price: Option<Money>,
    /// Its most probable case.
    #[schema(required = true)]
    case: Option<i64>,
    /// First seen.
    #[schema(format = DateTime)]
    first_seen_at: String,
    /// Last seen.
    #[schema(format = DateTime)]
    last_seen_at: String,
}

impl From<FoundListing> for Listing {
    fn from(of: FoundListing) -> Self {
        Self {
            id: of.listing_id,
            source: of.source,
            item: of.item_id,
            title: of.title,
            url: of.url,
            seller: of.seller,
            price: money(of.price_amount, of.price_currency),
            case: of.case_id,
            first_seen_at: of.first_seen_at.to_string(),
            last_seen_at: of.last_seen_at.to_string(),
        }
    }
}
