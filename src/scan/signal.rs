//! What an item's page said of its offer, for the record of re-checks.

use markhound_crawlers::{Reading, Signal};

/// How a definition's own sign begins in [`Signal::Gone`].
const OWN_SIGN: &str = "the definition's own sign";

/// What an item's page said, for the record.
pub(super) fn signal(reading: &Reading) -> (&'static str, String) {
    match &reading.signal {
        Signal::Ok => match reading.listings.first() {
            Some(listing) => ("there", listing.item_id.clone()),
            None => ("unexpected", "it holds no listing".to_owned()),
        },
        // A shop's own sign, or its status. That a page's words sound as if the offer
        // were over is enough for a scan, and not for the record of a removal.
        Signal::Gone { why } if why.starts_with("status ") || why.starts_with(OWN_SIGN) => {
            ("gone", why.clone())
        }
        Signal::Gone { why } => ("unexpected", format!("by its words only: {why}")),
        Signal::Blocked { why } => ("blocked", why.clone()),
        Signal::Unexpected { why } => ("unexpected", why.clone()),
    }
}
