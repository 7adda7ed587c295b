//! What a page out of an archive says.

use markhound_crawlers::fetch::Exchange;
use markhound_crawlers::{
    Definition, Listing, ReadError, Reading, Signal, Target, blocked, embedded, read, read_page,
    shown_images,
};
use url::Url;

/// The most pictures of a listing that are taken out of the page itself.
const MAX_EMBEDDED: usize = 40;

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
    let Some(detached) = embedded::detach(&exchange.body) else {
        return as_it_is(definition, target, exchange);
    };
    // The capture keeps the page as it came; read is a copy.
    let copy = Exchange {
        body: detached.page.into(),
        ..exchange.clone()
    };
    let mut reading = as_it_is(definition, target, &copy)?;
    if let [listing] = &mut reading.listings[..] {
        add_embedded(listing, &copy);
    }
    Ok(reading)
}

fn as_it_is(
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

/// Adds the pictures that stand in a page to its listing, where what was read
/// only names pictures on the web.
fn add_embedded(listing: &mut Listing, page: &Exchange) {
    if listing.images.iter().any(embedded::is_embedded) {
        return;
    }
    let shown = shown_images(&page.body, page.content_type(), &page.url);
    let within = shown.into_iter().filter(embedded::is_embedded);
    let room = MAX_EMBEDDED.saturating_sub(listing.images.len());
    listing.images.extend(within.take(room));
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
