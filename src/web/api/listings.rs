//! Everything captured, by what it says.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::{Path, State};
use markhound_index::listings::{Query, Search, Sort};
use serde::Deserialize;
use utoipa::IntoParams;

use super::super::Web;
use super::super::failure::Failure;
use super::gate::Caller;
use super::input::{Asked, bounded, limit};
use super::model::{Listing, Page};
use crate::hunt::listings::ListingsError;
use crate::hunt::text;
use crate::store::StoreError;

/// How long a search waits for new listings to be indexed.
const PATIENCE: Duration = Duration::from_secs(4);

/// What listings are to say.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(in super::super) struct Wanted {
    /// Words, as on the page *Find*: `"in this order"`, `seller:name`, `-without`.
    #[param(min_length = 1, max_length = 500)]
    q: String,
    /// Entries of a page, 50 unless given.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<u32>,
    /// `next` of the page before.
    #[param(max_length = 200)]
    cursor: Option<String>,
}

/// Captured listings that say something, best first.
#[utoipa::path(get, path = "/api/v1/listings", params(Wanted),
    responses((status = 200, body = Page<Listing>)))]
pub(in super::super) async fn search(
    State(web): State<Arc<Web>>,
    caller: Caller,
    Asked(wanted): Asked<Wanted>,
) -> Result<axum::Json<Page<Listing>>, Failure> {
    caller.must_read()?;
    bounded("q", &wanted.q, 500)?;
    if wanted.q.is_empty() {
        return Err(Failure::Unprocessable("q is empty".to_owned()));
    }
    bounded("cursor", wanted.cursor.as_deref().unwrap_or_default(), 200)?;
    let limit = limit(wanted.limit)?;
    // As on the page: a query that cannot be read says why, and is no failure of ours.
    let query = Query::parse(&wanted.q).map_err(|why| Failure::Unprocessable(why.to_string()))?;
    let search = Search {
        sort: match query.has_words() {
            true => Sort::Best,
            false => Sort::Newest,
        },
        limit: limit as usize,
        // One that makes no sense begins anew, as on the page.
        after: wanted.cursor.and_then(|cursor| cursor.parse().ok()),
    };
    let store = caller.store(&web);
    let looked = async {
        let ready = web.listings.ready(Some(PATIENCE), None).await?;
        text::search(&store, &ready.index, &query, &search).await
    };
    let finds = looked.await.map_err(|error| match error {
        ListingsError::Store(error) => error.into(),
        other => Failure::Conflict(other.to_string()),
    })?;
    let found = finds.listings.into_iter();
    Ok(axum::Json(Page {
        items: found.map(|found| found.listing.into()).collect(),
        next: finds.next,
    }))
}

/// One captured listing.
#[utoipa::path(get, path = "/api/v1/listings/{id}",
    params(("id" = i64, Path, minimum = 1, maximum = 9007199254740991i64)),
    responses((status = 200, body = Listing)))]
pub(in super::super) async fn listing(
    State(web): State<Arc<Web>>,
    caller: Caller,
    Path(id): Path<i64>,
) -> Result<axum::Json<Listing>, Failure> {
    caller.must_read()?;
    let found = caller.store(&web).found_listing(id).await?;
    let found = found.ok_or_else(|| StoreError::NotFound {
        what: "listing",
        id: id.to_string(),
    })?;
    Ok(axum::Json(found.into()))
}
