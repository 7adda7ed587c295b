//! The review queue: a card a cluster, with filters in the address.

use std::collections::HashMap;

use askama::Template;
use axum::extract::{Path, Query, State};
use axum::http::HeaderMap;
use axum::response::{Redirect, Response};

use super::Shared;
use super::cards::{Card, Group};
use super::failure::Failure;
use super::filter::{self, Filter};
use super::look::{self, Look};
use super::session::Viewer;
use super::shell::{Shell, count_of, page as respond};
use super::show;
use crate::clock::Millis;
use crate::store::Store;
use crate::store::cases::CaseRow;
use crate::store::clusters::Mark;
use crate::store::preferences::SavedFilter;

/// Cases of a cluster a card of the queue shows; the rest is a number.
const STRIP: u32 = 10;
/// How long a case may wait: three days.
const LATE: i64 = 3 * 86_400_000;
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
    people: Vec<String>,
    languages: Vec<String>,
    saved: Vec<SavedFilter>,
    groups: Vec<Group>,
    /// The query of the page that follows.
    next: Option<String>,
    /// Why there is nothing to see.
    empty: Empty,
    may_decide: bool,
    look: Look,
    /// Open cases that have waited for three days.
    late: i64,
    /// Products that were removed from the catalog.
    removed: i64,
}

#[derive(Template)]
#[template(path = "web/templates/queue_cards.html")]
struct Cards {
    link: String,
    groups: Vec<Group>,
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

/// A case as the page shows it, with the cases of its cluster that fit the filter.
pub(super) async fn group(
    (store, now): (&Store, Millis),
    lead: CaseRow,
    filter: &Filter,
    held: &HashMap<i64, String>,
    shown: u32,
) -> Result<Group, Failure> {
    let wanted = filter.for_store(now);
    let mut marks = store.card_marks(&lead, &wanted).await?;
    if marks.is_empty() {
        // It fits the filter no longer, but it is asked for by name.
        marks.push(Mark {
            id: lead.id,
            score: lead.score,
            evidence_hash: lead.evidence_hash.clone(),
            source_id: None,
            seller: lead.seller.clone(),
        });
    }
    let members = match marks.len() {
        // One alone is shown in full.
        0 | 1 => Vec::new(),
        _ => store.card_members(&lead, &wanted, shown).await?,
    };
    Ok(Group {
        marks,
        members,
        place: filter.place_of(&lead),
        held_by: lead
            .cluster_id
            .and_then(|cluster| held.get(&cluster).cloned()),
        card: Card::new(lead, now),
    })
}

/// Who has which card before them, besides the viewer.
async fn held(web: &super::Web, viewer: &str) -> Result<HashMap<i64, String>, Failure> {
    let claims = web.app.store.claims().await?;
    Ok(claims
        .into_iter()
        .filter(|claim| claim.actor != viewer)
        .map(|claim| (claim.cluster_id, claim.actor))
        .collect())
}

/// A page of cards and the query of the next one.
async fn groups(
    web: &super::Web,
    filter: &Filter,
    viewer: &Viewer,
) -> Result<(Vec<Group>, Option<String>), Failure> {
    let now = web.app.clock.millis();
    let wanted = filter.for_store(now);
    let store = &viewer.store(web);
    let mut rows = store
        .cards(&wanted, filter.order(), filter.cursor(), PAGE + 1)
        .await?;
    let more = rows.len() > PAGE as usize;
    rows.truncate(PAGE as usize);
    let next = rows
        .last()
        .filter(|_| more)
        .map(|last| filter.link_after(last));
    let held = held(web, &viewer.name).await?;
    let mut groups = Vec::with_capacity(rows.len());
    for row in rows {
        groups.push(group((store, now), row, filter, &held, STRIP).await?);
    }
    Ok((groups, next))
}

pub(super) async fn page(
    State(web): Shared,
    viewer: Viewer,
    Query(filter): Query<Filter>,
    headers: HeaderMap,
) -> Result<Response, Failure> {
    let (groups, next) = groups(&web, &filter, &viewer).await?;
    let may_decide = viewer.may_decide();
    if headers.contains_key(FRAGMENT) {
        return respond(&Cards {
            link: filter.link(),
            groups,
            next,
            csrf: viewer.csrf,
            may_decide,
        });
    }
    let store = &viewer.store(&web);
    let counts = store.case_counts().await?;
    let brands = store.brands_in_catalog().await?;
    let empty = if brands.is_empty() && !filter.removed() {
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
    let people = store.deciders().await?;
    let saved = store.saved_filters().await?;
    let late = Millis(web.app.clock.millis().0 - LATE);
    let late = store.waiting_since(late).await?;
    let look = Look::of(store, &viewer.name).await?;
    let shell = Shell::with_counts(&web, viewer, "queue", &counts).await?;
    respond(&QueuePage {
        shell: shell.saying(filter.did()),
        link: filter.link(),
        tabs: tabs(&filter, &counts),
        sources: sources.into_iter().map(|source| source.name).collect(),
        brands,
        people,
        languages: store.languages().await?,
        saved,
        groups,
        next,
        empty,
        may_decide,
        look,
        late,
        removed: store.removed_count().await?,
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
    let store = &viewer.store(&web);
    let lead = store.case(id).await?;
    let now = web.app.clock.millis();
    let held = held(&web, &viewer.name).await?;
    respond(&Cards {
        link: filter.link(),
        groups: vec![group((store, now), lead, &filter, &held, STRIP).await?],
        next: None,
        may_decide: viewer.may_decide(),
        csrf: viewer.csrf,
    })
}
