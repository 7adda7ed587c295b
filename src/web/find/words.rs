//! Find listings by what they say. The whole search stands in the address, so
//! that it can be shared, and gone back to.

use std::time::Duration;

use markhound_index::listings::{Piece, Query, Search, Sort};
use serde::Deserialize;

use super::super::Web;
use super::super::failure::Failure;
use super::super::show::{self, When};
use crate::hunt::listings::ListingsError;
use crate::hunt::text::{self, TextFound};
use crate::store::Store;

/// Listings on a page.
const PAGE: usize = 30;
/// How long a search waits for new listings to be indexed; then it says how many
/// are missing.
const PATIENCE: Duration = Duration::from_secs(4);
/// The word for what was seen last comes first.
const NEWEST: &str = "newest";

/// The query of `/find`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub(in super::super) struct Asked {
    pub(super) q: String,
    sort: String,
    /// Where the page before ended.
    after: String,
}

impl Asked {
    /// Whether anything was asked for.
    pub(super) fn is_any(&self) -> bool {
        !self.q.trim().is_empty()
    }

    pub(super) fn is_newest(&self) -> bool {
        self.sort == NEWEST
    }

    fn link(&self, after: &str) -> String {
        let mut fields = vec![("q", self.q.as_str())];
        if self.is_newest() {
            fields.push(("sort", NEWEST));
        }
        if !after.is_empty() {
            fields.push(("after", after));
        }
        show::query(&fields)
    }
}

/// What was found, or why nothing was looked for.
pub(super) enum Answer {
    Found(Words),
    Problem(String),
}

/// A page of listings.
pub(super) struct Words {
    pub(super) total: i64,
    pub(super) listings: Vec<WordHit>,
    /// Listings that are not indexed yet.
    pub(super) behind: i64,
    /// The query of the page that follows.
    pub(super) next: Option<String>,
    /// The query of the first page, on others.
    pub(super) first: Option<String>,
}

/// A listing that says what was asked for.
pub(super) struct WordHit {
    pub(super) found: TextFound,
    pub(super) price: Option<String>,
    pub(super) address: Option<String>,
    pub(super) seen: When,
    /// The excerpt is shown only where it says why.
    pub(super) excerpt: Vec<Piece>,
}

pub(super) async fn look(web: &Web, store: &Store, asked: &Asked) -> Result<Answer, Failure> {
    let query = match Query::parse(&asked.q) {
        Ok(query) => query,
        Err(why) => return Ok(Answer::Problem(show::sentence(&why.to_string()))),
    };
    let newest = asked.is_newest() || !query.has_words();
    let search = Search {
        sort: if newest { Sort::Newest } else { Sort::Best },
        limit: PAGE,
        // An address with a typing error shows the first page.
        after: asked.after.parse().ok(),
    };
    let looked = async {
        let ready = web.listings.ready(Some(PATIENCE), None).await?;
        let finds = text::search(store, &ready.index, &query, &search).await?;
        Ok::<_, ListingsError>((finds, ready.behind))
    };
    let (finds, behind) = match looked.await {
        Ok(found) => found,
        Err(ListingsError::Store(error)) => return Err(error.into()),
        Err(why) => return Ok(Answer::Problem(show::sentence(&why.to_string()))),
    };
    let now = web.app.clock.millis();
    Ok(Answer::Found(Words {
        total: i64::try_from(finds.total).unwrap_or(i64::MAX),
        listings: finds
            .listings
            .into_iter()
            .map(|found| WordHit::new(found, now))
            .collect(),
        behind,
        next: finds.next.map(|next| asked.link(&next)),
        first: search.after.map(|_| asked.link("")),
    }))
}

impl WordHit {
    fn new(mut found: TextFound, now: crate::clock::Millis) -> Self {
        let listing = &found.listing;
        let excerpt = std::mem::take(&mut found.excerpt_pieces);
        Self {
            price: listing
                .price_amount
                .as_deref()
                .map(|amount| show::price(amount, listing.price_currency.as_deref())),
            address: show::web_address(&listing.url),
            seen: When::new(listing.last_seen_at, now),
            excerpt: if excerpt.iter().any(|piece| piece.hit) {
                excerpt
            } else {
                Vec::new()
            },
            found,
        }
    }
}
