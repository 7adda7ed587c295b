//! Sellers: those with cases, and one with everything known of them.

use std::sync::Arc;

use axum::extract::State;
use serde::Deserialize;
use utoipa::IntoParams;

use super::super::Web;
use super::super::failure::Failure;
use super::super::sellers::{Known, scope_of};
use super::gate::Caller;
use super::input::{Asked, after, bounded, limit, not_ours};
use super::model::{Page, Seller, SellerInFull, SellerSort};
use crate::store::sellers::{SellerCursor, SellerOrder};

/// What sellers are narrowed to.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(in super::super) struct Narrowed {
    /// Part of the name.
    #[param(max_length = 200)]
    q: Option<String>,
    /// A source's name.
    #[param(max_length = 200)]
    source: Option<String>,
    /// A brand.
    #[param(max_length = 200)]
    brand: Option<String>,
    /// What stands first; the most cases unless given.
    sort: Option<SellerSort>,
    /// Entries of a page, 50 unless given.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<u32>,
    /// `next` of the page before.
    #[param(pattern = "^[0-9]{1,18}:[0-9]{1,18}:([0-9a-f]{2})*$")]
    cursor: Option<String>,
}

/// `12:3:6d65`: what it is sorted by, the source, the name in hexadecimal.
fn place((rank, source, seller): &SellerCursor) -> String {
    format!("{rank}:{source}:{}", hex::encode(seller))
}

fn cursor(text: &str) -> Result<SellerCursor, Failure> {
    let digits = |text: &str| {
        let fits = text.len() <= 18 && text.bytes().all(|b| b.is_ascii_digit());
        text.parse().ok().filter(|_| fits)
    };
    let parts = || {
        let mut parts = text.splitn(3, ':');
        let (rank, source) = (digits(parts.next()?)?, digits(parts.next()?)?);
        let seller = parts.next()?;
        let known = seller
            .bytes()
            .all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
        let seller = hex::decode(seller).ok().filter(|_| known)?;
        let seller = String::from_utf8_lossy(&seller).replace('\0', "");
        Some((rank, source, seller))
    };
    parts().ok_or_else(not_ours)
}

/// Sellers with cases.
#[utoipa::path(get, path = "/api/v1/sellers", params(Narrowed),
    responses((status = 200, body = Page<Seller>)))]
pub(in super::super) async fn list(
    State(web): State<Arc<Web>>,
    caller: Caller,
    Asked(asked): Asked<Narrowed>,
) -> Result<axum::Json<Page<Seller>>, Failure> {
    caller.must_read()?;
    let limit = limit(asked.limit)?;
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    let (q, brand, source) = (text(&asked.q), text(&asked.brand), text(&asked.source));
    for (name, text) in [("q", &q), ("brand", &brand), ("source", &source)] {
        bounded(name, text, 200)?;
    }
    let order = match asked.sort.unwrap_or(SellerSort::Cases) {
        SellerSort::Cases => SellerOrder::Cases,
        SellerSort::Confirmed => SellerOrder::Confirmed,
        SellerSort::Open => SellerOrder::Open,
        SellerSort::Latest => SellerOrder::Latest,
    };
    let after = asked.cursor.as_deref().map(cursor).transpose()?;
    let sellers = caller
        .store(&web)
        .sellers(
            &scope_of(&brand, &source),
            q.trim(),
            order,
            after.as_ref(),
            limit + 1,
        )
        .await?;
    let page = Page::of(sellers, limit, |last| place(&last.place()));
    Ok(axum::Json(page))
}

/// Which seller is asked for.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(in super::super) struct Named {
    /// The source's name.
    #[param(min_length = 1, max_length = 200)]
    source: String,
    /// The seller, exactly as written.
    #[param(min_length = 1, max_length = 1000)]
    name: String,
    /// Listings of a page, 50 unless given.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<u32>,
    /// `listings.next` of the page before.
    #[param(pattern = "^[0-9]{1,18}$")]
    cursor: Option<String>,
}

/// One seller: listings, decisions, notices, and sellers who share photos or titles.
#[utoipa::path(get, path = "/api/v1/seller", params(Named),
    responses((status = 200, body = SellerInFull)))]
pub(in super::super) async fn one(
    State(web): State<Arc<Web>>,
    caller: Caller,
    Asked(asked): Asked<Named>,
) -> Result<axum::Json<SellerInFull>, Failure> {
    caller.must_read()?;
    bounded("source", &asked.source, 200)?;
    bounded("name", &asked.name, 1000)?;
    let limit = limit(asked.limit)?;
    let before = after(asked.cursor.as_deref())?;
    let store = caller.store(&web);
    let known = Known::of(&store, &asked.source, &asked.name, before, limit + 1).await?;
    Ok(axum::Json(SellerInFull {
        source: known.source.name,
        seller: asked.name,
        counts: known.count.map(Into::into),
        listing_count: known.listed.listings,
        listings: Page::of(known.listings, limit, |last| last.id.to_string()),
        decisions: known.decisions.into_iter().map(Into::into).collect(),
        notices: known.notices.into_iter().map(Into::into).collect(),
        links: known.network.links.into_iter().map(Into::into).collect(),
    }))
}
