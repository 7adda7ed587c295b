//! What an item's page said of its offer, for the record of re-checks.

use markhound_crawlers::{GoneBy, Reading, Signal};

/// What an item's page said, for the record.
pub(super) fn signal(reading: &Reading) -> (&'static str, String) {
    match &reading.signal {
        Signal::Ok => match reading.listings.first() {
            Some(listing) => ("there", listing.item_id.clone()),
            None => ("unexpected", "it holds no listing".to_owned()),
        },
        Signal::Gone { by, why } => match by {
            GoneBy::Status | GoneBy::Mark => ("gone", why.clone()),
            GoneBy::Words => ("unexpected", format!("by its words only: {why}")),
        },
        Signal::Blocked { why } => ("blocked", why.clone()),
        Signal::Unexpected { why } | Signal::Other { why } => ("unexpected", why.clone()),
    }
}
