//! Searching the text of everything captured, for a person.

use std::sync::Arc;

use markhound_index::listings::{ListingIndex, Page, Piece, Query, Search, Within};
use serde::Serialize;

use super::listings::{ListingsError, description};
use crate::store::Store;
use crate::store::listings::FoundListing;

/// Characters shown of a description.
const EXCERPT: usize = 220;
/// Characters shown of a title, more than a title has.
const TITLE: usize = 600;

/// A listing that was found.
#[derive(Debug, Clone, Serialize)]
pub struct TextFound {
    /// The listing.
    #[serde(flatten)]
    pub listing: FoundListing,
    /// How well its words fit, for comparing within one search.
    pub score: f32,
    /// The title in pieces: what was asked for, and the rest.
    #[serde(skip)]
    pub title_pieces: Vec<Piece>,
    /// The seller in pieces.
    #[serde(skip)]
    pub seller_pieces: Vec<Piece>,
    /// The telling part of the description, in pieces.
    #[serde(skip)]
    pub excerpt_pieces: Vec<Piece>,
    /// The same as plain text.
    pub excerpt: Option<String>,
}

/// A page of what was found.
#[derive(Debug, Clone, Serialize)]
pub struct TextFinds {
    /// The listings in order.
    pub listings: Vec<TextFound>,
    /// How many there are on all pages; on this one, for whoever sees some brands
    /// only: a number would tell of what is hidden.
    pub total: u64,
    /// Where the next page goes on.
    pub next: Option<String>,
}

/// Pages of the index that are read at most for one of somebody who may not see all
/// that is found.
const MOST_PAGES: usize = 100;

/// Searches the index and reads what was found from the database: what may be seen
/// through that store.
///
/// # Errors
/// [`ListingsError`].
pub async fn search(
    store: &Store,
    index: &Arc<ListingIndex>,
    query: &Query,
    search: &Search,
) -> Result<TextFinds, ListingsError> {
    let mut listings = Vec::with_capacity(search.limit);
    let mut search = search.clone();
    let most = search.limit;
    for _ in 0..MOST_PAGES {
        let (index, asked, wanted) = (index.clone(), query.clone(), search.clone());
        let found: Page =
            tokio::task::spawn_blocking(move || index.search(&asked, &wanted)).await??;
        for hit in &found.hits {
            let id = i64::try_from(hit.id).unwrap_or(0);
            // Deleted since: the next search does not find it. Or hidden.
            let Some(listing) = store.found_listing(id).await? else {
                continue;
            };
            listings.push(shown(query, listing, hit.score));
        }
        let full = store.sees().everything() || listings.len() >= most;
        let next = found.next.map(|next| next.to_string());
        if full || next.is_none() {
            return Ok(TextFinds {
                total: match store.sees().everything() {
                    true => found.total,
                    false => listings.len() as u64,
                },
                listings,
                next,
            });
        }
        // Only so many as there is room for, so that the next page misses none.
        search.limit = most - listings.len();
        search.after = next.and_then(|next| next.parse().ok());
    }
    Ok(TextFinds {
        total: listings.len() as u64,
        listings,
        next: search.after.map(|next| next.to_string()),
    })
}

fn shown(query: &Query, listing: FoundListing, score: f32) -> TextFound {
    let text = description(&listing.data);
    let excerpt_pieces = text.map_or_else(Vec::new, |text| {
        query.snippet(&text, Within::Description, EXCERPT)
    });
    let excerpt: String = excerpt_pieces.iter().map(|p| p.text.as_str()).collect();
    let seller = listing.seller.as_deref().unwrap_or_default();
    TextFound {
        title_pieces: query.snippet(&listing.title, Within::Title, TITLE),
        seller_pieces: query.snippet(seller, Within::Seller, TITLE),
        excerpt: (!excerpt.is_empty()).then_some(excerpt),
        excerpt_pieces,
        listing,
        score,
    }
}
