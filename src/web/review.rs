//! Card by card: one card fills the page, the next ones are there already.
//!
//! The page asks for cards by script; each comes claimed for its reviewer. A
//! browser without scripts gets the queue with its forms instead.

use std::collections::HashMap;
use std::sync::Arc;

use askama::Template;
use axum::Json;
use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse, Response};
use serde_json::json;

use super::cards::{Card, Group};
use super::decide::numbers;
use super::failure::Failure;
use super::filter::{self, Filter};
use super::look::{self, Look};
use super::queue::group;
use super::session::{Posted, Viewer};
use super::shell::{Shell, page as respond};
use super::show::{self, When};
use super::{Shared, Web};
use crate::accounts::Role;
use crate::clock::Millis;
use crate::review::rules::Rules;
use crate::store::Store;
use crate::store::cases::{CaseRow, QueueFilter};
use crate::store::clusters::ClusterHistory;
use crate::store::notes::{Earlier, Note};

/// How long a card stays somebody's without a word of their browser.
pub(super) const LEASE: i64 = 120_000;
/// Cases of a card that are shown: as many as a cluster has.
const SHOWN: u32 = 200;
/// The most cards a browser gets at once.
pub(super) const MOST_CARDS: usize = 4;
/// Earlier decisions that a card tells of.
const EARLIER: u32 = 6;

#[derive(Template)]
#[template(path = "web/templates/review.html")]
struct ReviewPage {
    shell: Shell,
    link: String,
    look: Look,
    people: Vec<String>,
}

#[derive(Template)]
#[template(path = "web/templates/review_cards.html")]
struct ReviewCards {
    cards: Vec<ReviewCard>,
    link: String,
    mode: String,
    csrf: String,
}

/// The pictures of one case alone.
#[derive(Template)]
#[template(path = "web/templates/compare_only.html")]
struct ComparePiece {
    card: Card,
    mode: String,
}

/// A card with what is known besides.
struct ReviewCard {
    group: Group,
    /// Decided cases of the same cluster.
    cluster: ClusterHistory,
    on_picture: Vec<(Earlier, When)>,
    of_seller: Vec<(Earlier, When)>,
    /// The seller's other cases: confirmed, rejected.
    seller: Option<(i64, i64)>,
    notes: Vec<(Note, When)>,
}

pub(super) async fn page(
    State(web): Shared,
    viewer: Viewer,
    Query(filter): Query<Filter>,
) -> Result<Response, Failure> {
    viewer.must_be(Role::Reviewer, "decide cases")?;
    let store = &viewer.store(&web);
    let look = Look::of(store, &viewer.name).await?;
    let people = store.deciders().await?;
    let shell = Shell::new(&web, viewer, "queue").await?;
    respond(&ReviewPage {
        shell: shell.saying(filter.did()),
        link: filter.link(),
        look,
        people,
    })
}

/// The next cards that nobody else has, claimed for whoever asks.
pub(super) async fn next(State(web): State<Arc<Web>>, posted: Posted) -> Result<Response, Failure> {
    posted.must_decide()?;
    let filter = Filter::read(posted.queue().unwrap_or_default());
    let name = posted.viewer.name.clone();
    let wanted = wanted(&filter, &name, web.app.clock.millis());
    let most = posted
        .get("want")
        .and_then(|want| want.parse().ok())
        .unwrap_or(1_usize)
        .clamp(1, MOST_CARDS);
    let after = posted.get("after").and_then(filter::cursor);
    let store = &posted.store(&web);
    let mut leads = store
        .claim_cards(&name, &wanted, filter.order(), after, most, LEASE)
        .await?;
    let done = posted.get("done").and_then(|done| done.parse().ok());
    if let Some(known) = known_case(store, &name, done.unwrap_or(0_u32)).await?
        && !leads.is_empty()
    {
        leads.insert(0, known);
    }
    cards(&web, &filter, posted.viewer, leads).await
}

/// The cases of a queue that somebody may be given.
pub(super) fn wanted(filter: &Filter, name: &str, now: Millis) -> QueueFilter {
    QueueFilter {
        // What is somebody else's is offered to them, unless it is asked for.
        open_to: filter.whose.is_empty().then(|| name.to_owned()),
        ..filter.for_store(now)
    }
}

/// A case whose answer is known, when it is time for one.
async fn known_case(store: &Store, name: &str, done: u32) -> Result<Option<CaseRow>, Failure> {
    let every = Rules::load(store).await?.known_answer_every;
    if every == 0 || done == 0 || !done.is_multiple_of(every) {
        return Ok(None);
    }
    let known = store.known_case_for(name).await?;
    // It looks like any other: open, with nothing decided.
    Ok(known.map(|case| CaseRow {
        state: "open".to_owned(),
        decided_kind: None,
        cluster_id: None,
        ..case
    }))
}

/// The card of one case, for a script that takes it back.
pub(super) async fn card(State(web): State<Arc<Web>>, posted: Posted) -> Result<Response, Failure> {
    posted.must_decide()?;
    let filter = Filter::read(posted.queue().unwrap_or_default());
    let case = numbers(posted.get("case"))?;
    let Some(case) = case.first() else {
        return Err(Failure::BadRequest("no case was named".to_owned()));
    };
    let store = &posted.store(&web);
    let lead = store.case(*case).await?;
    if matches!(&*lead.state, "confirmed" | "rejected") {
        return Err(Failure::Conflict(format!("case {case} is decided")));
    }
    if !store.claim_case(&posted.viewer.name, *case, LEASE).await? {
        return Err(Failure::Conflict(format!(
            "somebody else has case {case} before them now"
        )));
    }
    cards(&web, &filter, posted.viewer, vec![lead]).await
}

async fn cards(
    web: &Web,
    filter: &Filter,
    viewer: Viewer,
    leads: Vec<CaseRow>,
) -> Result<Response, Failure> {
    let store = &viewer.store(web);
    let now = web.app.clock.millis();
    let dated = |earlier: Vec<Earlier>| {
        earlier
            .into_iter()
            .map(|one| {
                let at = When::new(one.updated_at, now);
                (one, at)
            })
            .collect()
    };
    let mut cards = Vec::with_capacity(leads.len());
    for lead in leads {
        let cluster = match lead.cluster_id {
            Some(cluster) => store.cluster_history(cluster).await?,
            None => ClusterHistory::default(),
        };
        let seller = match &lead.seller {
            Some(seller) => {
                let source = store.source(&lead.source).await?;
                let history = store.seller_history_beside(source.id, seller, &lead.item_id);
                Some(history.await?)
            }
            None => None,
        };
        let notes = store.notes_of(lead.id).await?;
        cards.push(ReviewCard {
            cluster,
            on_picture: dated(store.earlier_on_picture(lead.id, EARLIER).await?),
            of_seller: dated(store.earlier_of_seller(lead.id, EARLIER).await?),
            seller,
            notes: notes
                .into_iter()
                .map(|note| {
                    let at = When::new(note.at, now);
                    (note, at)
                })
                .collect(),
            group: group((store, now), lead, filter, &HashMap::new(), SHOWN).await?,
        });
    }
    let look = Look::of(store, &viewer.name).await?;
    respond(&ReviewCards {
        cards,
        link: filter.link(),
        mode: look.mode().to_owned(),
        csrf: viewer.csrf,
    })
}

/// The pictures of another case of a card, for a script that shows them in place
/// of the first one's.
pub(super) async fn compare(
    State(web): Shared,
    viewer: Viewer,
    Path(id): Path<i64>,
) -> Result<Response, Failure> {
    let store = &viewer.store(&web);
    let look = Look::of(store, &viewer.name).await?;
    respond(&ComparePiece {
        card: Card::new(store.case(id).await?, web.app.clock.millis()),
        mode: look.mode().to_owned(),
    })
}

/// Keeps the cards somebody has before them.
pub(super) async fn keep(State(web): State<Arc<Web>>, posted: Posted) -> Result<Response, Failure> {
    posted.must_decide()?;
    let cases = numbers(posted.get("cases"))?;
    let store = &posted.store(&web);
    let kept = store
        .keep_claims(&posted.viewer.name, &cases, LEASE)
        .await?;
    Ok(Json(json!({ "kept": kept })).into_response())
}

/// Lets cards go, so that others get them at once.
pub(super) async fn leave(
    State(web): State<Arc<Web>>,
    posted: Posted,
) -> Result<Response, Failure> {
    posted.must_decide()?;
    let cases = numbers(posted.get("cases"))?;
    let store = &posted.store(&web);
    store.let_go(&posted.viewer.name, Some(&cases)).await?;
    Ok(Json(json!({ "left": cases.len() })).into_response())
}

/// Writes a note on every case of a card.
pub(super) async fn note(State(web): State<Arc<Web>>, posted: Posted) -> Result<Response, Failure> {
    posted.must_decide()?;
    let cases = numbers(posted.get("cases"))?;
    let text: String = posted
        .get("text")
        .unwrap_or_default()
        .chars()
        .take(2000)
        .collect();
    if text.is_empty() || cases.is_empty() {
        return Err(Failure::BadRequest(
            "a note needs words and a case".to_owned(),
        ));
    }
    let store = &posted.store(&web);
    store.note(&posted.viewer.name, &cases, &text).await?;
    answer(&posted, "The note is kept.", cases[0])
}

/// Gives the cases of a card to somebody, or to whoever comes first.
pub(super) async fn assign(
    State(web): State<Arc<Web>>,
    posted: Posted,
) -> Result<Response, Failure> {
    posted.must_decide()?;
    let cases = numbers(posted.get("cases"))?;
    if cases.is_empty() {
        return Err(Failure::BadRequest("no case was named".to_owned()));
    }
    let to = posted.get("to");
    let store = &posted.store(&web);
    store.assign(&posted.viewer.name, &cases, to).await?;
    if to.is_some_and(|to| to != posted.viewer.name) {
        store.let_go(&posted.viewer.name, Some(&cases)).await?;
    }
    let said = match to {
        Some(to) => format!("Assigned to {to}."),
        None => "Assigned to nobody: whoever comes first.".to_owned(),
    };
    answer(&posted, &said, cases[0])
}

fn answer(posted: &Posted, said: &str, case: i64) -> Result<Response, Failure> {
    if posted.json {
        return Ok(Json(json!({ "message": said })).into_response());
    }
    let fallback = format!("/case/{case}");
    let to = posted.back().unwrap_or(&fallback);
    Ok(axum::response::Redirect::to(to).into_response())
}
