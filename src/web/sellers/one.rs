//! One seller: listings, cases, decisions, notices, and whom they share with.

use askama::Template;
use axum::extract::{Query, State};
use axum::response::Response;
use serde::Deserialize;

use super::super::Shared;
use super::super::failure::Failure;
use super::super::session::Viewer;
use super::super::shell::{Shell, page as respond};
use super::super::show::{self, When};
use super::network::{self, Network};
use crate::store::Store;
use crate::store::sellers::{
    MOST_COUNTED, SellerCount, SellerDecision, SellerListing, SellerListings, SellerNotice,
};
use crate::store::sources::Source;

/// Listings on a page.
const PAGE: u32 = 24;
/// Decisions and notices listed.
const LATEST: u32 = 25;

#[derive(Template)]
#[template(path = "web/templates/seller.html")]
struct SellerPage {
    shell: Shell,
    source: String,
    seller: String,
    count: Option<SellerCount>,
    listed: SellerListings,
    since: Option<When>,
    last: Option<When>,
    listings: Vec<ListingView>,
    is_first: bool,
    /// The address of the page itself.
    first: String,
    next: Option<String>,
    decisions: Vec<(SellerDecision, When)>,
    notices: Vec<(SellerNotice, When)>,
    network: Network,
    queue: String,
    find: String,
}

/// What is known of a seller.
pub(in super::super) struct Known {
    pub(in super::super) source: Source,
    pub(in super::super) count: Option<SellerCount>,
    pub(in super::super) listed: SellerListings,
    pub(in super::super) listings: Vec<SellerListing>,
    pub(in super::super) decisions: Vec<SellerDecision>,
    pub(in super::super) notices: Vec<SellerNotice>,
    pub(in super::super) network: Network,
}

impl Known {
    /// Everything, and of the listings so many below a number.
    pub(in super::super) async fn of(
        store: &Store,
        source: &str,
        name: &str,
        before: Option<i64>,
        listings: u32,
    ) -> Result<Self, Failure> {
        let source = store.source(source).await?;
        let id = source.id;
        let (count, listed, listings, decisions, notices, photos, (own, others)) = tokio::try_join!(
            store.seller_count(id, name),
            store.seller_listing_count(id, name),
            store.seller_listings(id, name, before, listings),
            store.seller_decisions(id, name, LATEST),
            store.seller_notices(id, name, LATEST),
            store.shared_photos(id, name),
            store.titles_around(id, name),
        )?;
        if listed.listings == 0 && count.is_none() {
            return Err(Failure::NotFound(format!(
                "no listing of such a seller was captured at {}",
                source.name
            )));
        }
        Ok(Self {
            network: Network::new(&photos, &own, &others),
            source,
            count,
            listed,
            listings,
            decisions,
            notices,
        })
    }
}

struct ListingView {
    listing: SellerListing,
    price: Option<String>,
    address: Option<String>,
    seen: When,
}

/// The query of `/seller`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(in super::super) struct Asked {
    source: String,
    name: String,
    before: Option<i64>,
}

pub(in super::super) async fn page(
    State(web): Shared,
    viewer: Viewer,
    Query(asked): Query<Asked>,
) -> Result<Response, Failure> {
    let store = &viewer.store(&web);
    let now = web.app.clock.millis();
    let name = asked.name.as_str();
    let known = Known::of(store, &asked.source, name, asked.before, PAGE + 1).await?;
    let Known {
        source,
        count,
        listed,
        mut listings,
        decisions,
        notices,
        network,
    } = known;
    let more = listings.len() > PAGE as usize;
    listings.truncate(PAGE as usize);
    let next = listings.last().filter(|_| more).map(|last| {
        let before = last.id.to_string();
        let fields = [
            ("source", &*source.name),
            ("name", name),
            ("before", &before),
        ];
        format!("/seller?{}", show::query(&fields))
    });
    let fields = [
        ("state", "all"),
        ("source", &*source.name),
        ("seller", name),
    ];
    respond(&SellerPage {
        shell: Shell::new(&web, viewer, "sellers").await?,
        queue: format!("/queue?{}", show::query(&fields)),
        find: format!(
            "/find?{}",
            show::query(&[("q", &format!("seller:\"{}\"", name.replace('"', " ")))])
        ),
        since: listed.first_seen_at.map(|at| When::new(at, now)),
        last: listed.last_seen_at.map(|at| When::new(at, now)),
        listings: listings
            .into_iter()
            .map(|listing| ListingView {
                price: listing
                    .price_amount
                    .as_deref()
                    .map(|amount| show::price(amount, listing.price_currency.as_deref())),
                address: show::web_address(&listing.url),
                seen: When::new(listing.last_seen_at, now),
                listing,
            })
            .collect(),
        is_first: asked.before.is_none(),
        first: super::address(&source.name, name),
        next,
        decisions: decisions
            .into_iter()
            .map(|decision| {
                let at = When::new(decision.at, now);
                (decision, at)
            })
            .collect(),
        notices: notices
            .into_iter()
            .map(|notice| {
                let at = When::new(notice.updated_at, now);
                (notice, at)
            })
            .collect(),
        network,
        count,
        listed,
        seller: asked.name,
        source: source.name,
    })
}
