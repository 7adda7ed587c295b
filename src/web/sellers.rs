//! Sellers: a list of those with cases, and a page for each with what is known of
//! them. A seller is a name at a source, so both stand in the address.

mod network;
mod one;

use askama::Template;
use axum::extract::{Query, State};
use axum::response::Response;
use serde::Deserialize;

use super::Shared;
use super::failure::Failure;
use super::session::Viewer;
use super::sheet::Sheet;
use super::shell::{Shell, page as respond};
use super::show::{self, When};
use crate::store::figures::FigureScope;
use crate::store::sellers::{SellerCount, SellerCursor, SellerOrder};
use crate::store::{Store, StoreError};

pub(super) use network::Link;
pub(super) use one::{Known, page as one};

/// Sellers on a page.
const PAGE: u32 = 50;
/// Orders offered: (word in the address, words on the page).
const ORDERS: [(&str, &str); 4] = [
    ("", "Most cases first"),
    ("confirmed", "Most confirmed first"),
    ("open", "Most open first"),
    ("latest", "Latest case first"),
];

#[derive(Template)]
#[template(path = "web/templates/sellers.html")]
struct SellersPage {
    shell: Shell,
    asked: Asked,
    sources: Vec<String>,
    brands: Vec<String>,
    sellers: Vec<SellerRow>,
    /// The query of the page that follows.
    next: Option<String>,
    link: String,
}

struct SellerRow {
    count: SellerCount,
    address: String,
    last: When,
}

/// The query of `/sellers`; what makes no sense counts as not given.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    q: String,
    source: String,
    brand: String,
    sort: String,
    after: String,
}

/// The address of a seller's page.
pub(super) fn address(source: &str, seller: &str) -> String {
    format!(
        "/seller?{}",
        show::query(&[("source", source), ("name", seller)])
    )
}

/// What is counted of a brand and a source of an address; empty does not narrow.
pub(super) fn scope_of(brand: &str, source: &str) -> FigureScope {
    let some = |text: &str| (!text.is_empty()).then(|| text.chars().take(200).collect::<String>());
    FigureScope {
        brand: some(brand),
        source: some(source),
        ..FigureScope::default()
    }
}

impl Asked {
    fn order(&self) -> SellerOrder {
        match self.sort.as_str() {
            "confirmed" => SellerOrder::Confirmed,
            "open" => SellerOrder::Open,
            "latest" => SellerOrder::Latest,
            _ => SellerOrder::Cases,
        }
    }

    fn text(&self) -> String {
        self.q.trim().chars().take(200).collect()
    }

    fn narrows(&self) -> bool {
        !(self.q.trim().is_empty() && self.source.is_empty() && self.brand.is_empty())
    }

    /// `12:3:seller`: what it is sorted by, the source, the name.
    fn cursor(&self) -> Option<SellerCursor> {
        let mut parts = self.after.splitn(3, ':');
        let value = parts.next()?.parse().ok()?;
        Some((value, parts.next()?.parse().ok()?, parts.next()?.to_owned()))
    }

    fn link(&self, after: Option<&str>) -> String {
        let text = self.text();
        show::filled(&[
            ("q", &text),
            ("source", &self.source),
            ("brand", &self.brand),
            ("sort", &self.sort),
            ("after", after.unwrap_or_default()),
        ])
    }

    async fn read(
        &self,
        store: &Store,
        after: Option<&SellerCursor>,
        limit: u32,
    ) -> Result<Vec<SellerCount>, StoreError> {
        let scope = scope_of(&self.brand, &self.source);
        store
            .sellers(&scope, &self.text(), self.order(), after, limit)
            .await
    }
}

pub(super) async fn page(
    State(web): Shared,
    viewer: Viewer,
    Query(asked): Query<Asked>,
) -> Result<Response, Failure> {
    let now = web.app.clock.millis();
    let store = &viewer.store(&web);
    let mut sellers = asked.read(store, asked.cursor().as_ref(), PAGE + 1).await?;
    let more = sellers.len() > PAGE as usize;
    sellers.truncate(PAGE as usize);
    let next = sellers.last().filter(|_| more).map(|last| {
        let (rank, source, seller) = last.place();
        asked.link(Some(&format!("{rank}:{source}:{seller}")))
    });
    let sources = store.sources().await?;
    respond(&SellersPage {
        sources: sources.into_iter().map(|source| source.name).collect(),
        brands: store.brands_in_catalog().await?,
        shell: Shell::new(&web, viewer, "sellers").await?,
        sellers: sellers
            .into_iter()
            .map(|count| SellerRow {
                address: address(&count.source, &count.seller),
                last: When::new(count.last_at, now),
                count,
            })
            .collect(),
        next,
        link: asked.link(None),
        asked,
    })
}

/// The list as a sheet.
pub(super) async fn sheet(store: &Store, asked: &Asked) -> Result<Sheet, Failure> {
    let mut sheet = Sheet::new(
        "sellers",
        &[
            "seller",
            "source",
            "cases",
            "open",
            "confirmed",
            "rejected",
            "removed",
            "last_case",
        ],
    );
    let room = Sheet::ROOM + 1;
    for seller in asked.read(store, None, room).await? {
        sheet.row(vec![
            seller.seller.into(),
            seller.source.into(),
            seller.cases.into(),
            seller.open.into(),
            seller.confirmed.into(),
            seller.rejected.into(),
            seller.removed.into(),
            seller.last_at.to_string().into(),
        ]);
    }
    Ok(sheet)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_among_sellers_survives_hostile_names() {
        let asked = Asked {
            after: "-3:7:a:b::c".to_owned(),
            ..Asked::default()
        };
        let cursor = (-3, 7, "a:b::c".to_owned());
        assert_eq!(asked.cursor(), Some(cursor));
        let nonsense = Asked {
            after: "x:shop".to_owned(),
            ..Asked::default()
        };
        assert_eq!(nonsense.cursor(), None);
        assert_eq!(
            address("shop", "../../a?b#c&d"),
            "/seller?source=shop&name=..%2F..%2Fa%3Fb%23c%26d"
        );
    }
}
