//! What a page out of an archive says.

use markhound_crawlers::fetch::Exchange;
use markhound_crawlers::{
    Definition, Listing, ReadError, Reading, Signal, Target, blocked, read, read_page,
};
use url::Url;

/// Reads an exchange out of an archive: by the definition, or without one by
/// what pages of any shop have in common. Nothing on it is followed: an
/// archive's pages are all known beforehand.
///
/// # Errors
/// As [`read`].
pub fn page(
    definition: Option<&Definition>,
    target: &Target,
    exchange: &Exchange,
) -> Result<Reading, ReadError> {
    match definition {
        Some(definition) => {
            let mut reading = read(definition, target, exchange)?;
            reading.targets.clear();
            Ok(reading)
        }
        None => Ok(any_shop(exchange)),
    }
}

fn any_shop(exchange: &Exchange) -> Reading {
    let signal = match blocked::recognise(exchange) {
        Some(shown) => shown.into(),
        None if (200..300).contains(&exchange.status) => Signal::Ok,
        None => Signal::Unexpected {
            why: format!("answered with status {}", exchange.status),
        },
    };
    let listings = match signal {
        Signal::Ok => read_page(&exchange.body, exchange.content_type(), &exchange.url),
        _ => Vec::new(),
    };
    let of_many_shops = |listing: Listing| Listing {
        item_id: qualified(&listing.url, &listing.item_id),
        ..listing
    };
    Reading {
        targets: Vec::new(),
        listings: listings.into_iter().map(of_many_shops).collect(),
        signal,
    }
}

/// An item's id with the shop in front: shops number their items alike. An id
/// that is an address stands for itself.
pub(super) fn qualified(url: &Url, id: &str) -> String {
    if id.starts_with("http://") || id.starts_with("https://") {
        return id.to_owned();
    }
    let host = url.host_str().unwrap_or_default();
    match url.port() {
        Some(port) => format!("{host}:{port}/{id}"),
        None => format!("{host}/{id}"),
    }
}
