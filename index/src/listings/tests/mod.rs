//! The index as its users know it: what is found, in which order, and what survives.

mod hostile;
mod proposed;
mod rarity;
mod searching;
mod staying;

use super::{ListingIndex, ListingText, Mark, Query, Search, Sort};

pub(super) const MARK: Mark = Mark { era: 1, change: 1 };

/// A listing by number and title; its price is its number, and it was seen at that millisecond.
pub(super) fn listing(id: u64, title: &str) -> ListingText<'_> {
    let at = i64::try_from(id).expect("small");
    ListingText {
        id,
        title,
        source: "shop",
        price: Some(at * 10_000),
        currency: Some("EUR"),
        first_seen: at,
        last_seen: at,
        ..ListingText::default()
    }
}

pub(super) fn put(index: &ListingIndex, listings: &[ListingText<'_>]) {
    let mut writer = index.writer().expect("nobody else writes");
    writer.put(listings).expect("is taken in");
    writer.commit(MARK).expect("is written");
    index.reload().expect("is read");
}

/// Titles numbered from 1.
pub(super) fn of_titles(titles: &[&str]) -> ListingIndex {
    let index = ListingIndex::in_memory().expect("memory");
    let listings: Vec<_> = titles
        .iter()
        .zip(1..)
        .map(|(title, id)| listing(id, title))
        .collect();
    put(&index, &listings);
    index
}

pub(super) fn query(text: &str) -> Query {
    Query::parse(text).unwrap_or_else(|error| panic!("{text}: {error}"))
}

/// What a query finds, the newest first.
pub(super) fn found(index: &ListingIndex, text: &str) -> Vec<u64> {
    let search = Search {
        sort: Sort::Newest,
        ..Search::default()
    };
    let page = index.search(&query(text), &search).expect("is searched");
    assert_eq!(page.total, page.hits.len() as u64);
    let mut ids: Vec<u64> = page.hits.iter().map(|hit| hit.id).collect();
    ids.reverse();
    ids
}
