//! The review queue: cards by score, with filters in the address.

use askama::Template;
use axum::extract::{Path, Query, State};
use axum::http::HeaderMap;
use axum::response::{Redirect, Response};

use super::Shared;
use super::cards::Card;
use super::failure::Failure;
use super::filter::Filter;
use super::session::Viewer;
use super::shell::{Shell, count_of, page as respond};
use super::show;

/// Cards on a page.
const PAGE: u32 = 24;
/// With this header a script asks for the cards alone.
const FRAGMENT: &str = "x-fragment";

#[derive(Template)]
#[template(path = "web/templates/queue.html")]
struct QueuePage {
    shell: Shell,
    filter: Filter,
    link: String,
    tabs: Vec<Tab>,
    sources: Vec<String>,
    brands: Vec<String>,
    cards: Vec<Card>,
    /// The query of the page that follows.
    next: Option<String>,
    /// Why there is nothing to see.
    empty: Empty,
    may_decide: bool,
}

#[derive(Template)]
#[template(path = "web/templates/queue_cards.html")]
struct Cards {
    link: String,
    cards: Vec<Card>,
    next: Option<String>,
    csrf: String,
    may_decide: bool,
}

struct Tab {
    name: &'static str,
    link: String,
    count: i64,
    lit: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Empty {
    NoCatalog,
    NoScan,
    Filtered,
    AllDone,
    State,
}

pub(super) async fn home() -> Redirect {
    Redirect::to("/queue")
}

/// A page of cards and the query of the next one.
async fn cards(web: &super::Web, filter: &Filter) -> Result<(Vec<Card>, Option<String>), Failure> {
    let now = web.app.clock.millis();
    let mut rows = web
        .app
        .store
        .queue(&filter.for_store(), filter.cursor(), PAGE + 1)
        .await?;
    let more = rows.len() > PAGE as usize;
    rows.truncate(PAGE as usize);
    let next = rows
        .last()
        .filter(|_| more)
        .map(|last| filter.link_after(last));
    let cards = rows.into_iter().map(|row| Card::new(row, now)).collect();
    Ok((cards, next))
}

pub(super) async fn page(
    State(web): Shared,
    viewer: Viewer,
    Query(filter): Query<Filter>,
    headers: HeaderMap,
) -> Result<Response, Failure> {
    let (cards, next) = cards(&web, &filter).await?;
    let may_decide = viewer.may_decide();
    if headers.contains_key(FRAGMENT) {
        return respond(&Cards {
            link: filter.link(),
            cards,
            next,
            csrf: viewer.csrf,
            may_decide,
        });
    }
    let store = &web.app.store;
    let counts = store.case_counts().await?;
    let brands = store.brands().await?;
    let empty = if brands.is_empty() {
        Empty::NoCatalog
    } else if counts.is_empty() && store.scans(1).await?.is_empty() {
        Empty::NoScan
    } else if filter.narrows() {
        Empty::Filtered
    } else if filter.state() == "open" {
        Empty::AllDone
    } else {
        Empty::State
    };
    let sources = store.sources().await?;
    let shell = Shell::new(&web, viewer, "queue").await?;
    respond(&QueuePage {
        shell: shell.saying(filter.did()),
        link: filter.link(),
        tabs: tabs(&filter, &counts),
        sources: sources.into_iter().map(|source| source.name).collect(),
        brands,
        cards,
        next,
        empty,
        may_decide,
        filter,
    })
}

fn tabs(filter: &Filter, counts: &[(String, i64)]) -> Vec<Tab> {
    let states = [
        "open",
        "second_approval",
        "watching",
        "confirmed",
        "rejected",
        "all",
    ];
    states
        .into_iter()
        .map(|state| Tab {
            name: if state == "all" {
                "All"
            } else {
                show::state(state)
            },
            link: filter.link_to_state(state),
            count: match state {
                "all" => counts.iter().map(|(_, count)| count).sum(),
                state => count_of(counts, state),
            },
            lit: filter.state() == state,
        })
        .collect()
}

/// One card, for a script that puts it back.
pub(super) async fn card(
    State(web): Shared,
    viewer: Viewer,
    Path(id): Path<i64>,
    Query(filter): Query<Filter>,
) -> Result<Response, Failure> {
    let row = web.app.store.case(id).await?;
    respond(&Cards {
        link: filter.link(),
        cards: vec![Card::new(row, web.app.clock.millis())],
        next: None,
        may_decide: viewer.may_decide(),
        csrf: viewer.csrf,
    })
}
