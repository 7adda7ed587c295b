//! What is left alone, whatever it looks like: it wins over every evidence.

use markhound_index::score::Allowed;

use super::matcher::Subject;
use crate::config::Review;
use crate::store::products::Product;

/// Why a listing is honest whatever it looks like: the product's own sellers
/// and marketplaces, then the configuration's lists.
pub(super) fn allowed(
    product: &Product,
    subject: &Subject<'_>,
    review: &Review,
) -> Option<Allowed> {
    let is = |a: &str, b: &str| fold(a) == fold(b);
    for entry in product.authorised_sellers.iter() {
        if entry
            .rsplit_once('@')
            .is_some_and(|(name, at)| name.trim() == "*" && is(at, subject.source))
        {
            return Some(Allowed::Marketplace);
        }
    }
    let named = |entries: &[String]| {
        subject
            .seller
            .is_some_and(|seller| names(entries, seller, subject.source))
    };
    if named(&product.authorised_sellers) {
        return Some(Allowed::Seller);
    }
    if review.allowed_sources.iter().any(|s| is(s, subject.source)) {
        return Some(Allowed::Marketplace);
    }
    if named(&review.allowed_sellers) {
        return Some(Allowed::ListedSeller);
    }
    let listed = review.allowed_listings.iter().any(|entry| {
        entry
            .split_once('/')
            .is_some_and(|(at, item)| is(at, subject.source) && item.trim() == subject.item)
    });
    listed.then_some(Allowed::ListedListing)
}

fn fold(text: &str) -> String {
    text.trim().to_lowercase()
}

/// An entry is a seller's name, valid everywhere, or `name@source`, valid at that
/// source only.
fn names(entries: &[String], seller: &str, source: &str) -> bool {
    let (seller, source) = (fold(seller), fold(source));
    entries.iter().any(|entry| match entry.rsplit_once('@') {
        Some((name, at)) => fold(name) == seller && fold(at) == source,
        None => fold(entry) == seller,
    })
}
