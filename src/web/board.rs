//! The takedown board: notices by state with what runs out next, how each channel
//! takes reports, and the calendar of deadlines.

use std::collections::BTreeMap;
use std::sync::Arc;

use askama::Template;
use axum::extract::{Path, Query, State};
use axum::http::header;
use axum::response::{IntoResponse as _, Response};
use rand::RngExt as _;
use serde::Deserialize;

use super::failure::Failure;
use super::session::{Posted, Viewer};
use super::shell::{Shell, page as respond};
use super::show::{self, When};
use super::{Shared, Web};
use crate::accounts::token_hash;
use crate::clock::Millis;
use crate::store::takedowns::{Notice, NoticeFilter};
use crate::takedown::calendar;
use crate::takedown::deadlines::Due;
use crate::takedown::rate::{self, Acceptance};

/// Notices in a column.
const MAX_CARDS: u32 = 100;

/// The columns: a title, and the states under it.
const COLUMNS: [(&str, &[&str]); 6] = [
    ("To attest", &["draft"]),
    ("To hand in", &["attested"]),
    ("Waiting", &["submitted", "acknowledged", "escalated"]),
    (
        "Needs an answer",
        &["counter_notice", "restored", "refused"],
    ),
    ("Removed", &["removed"]),
    ("Ended", &["withdrawn", "closed"]),
];

#[derive(Template)]
#[template(path = "web/templates/board.html")]
struct BoardPage {
    shell: Shell,
    columns: Vec<Column>,
    overdue: Vec<Due>,
    /// How channels take reports, with the share in per cent.
    rates: Vec<(Acceptance, Option<u8>)>,
    channel: Option<String>,
    channels: Vec<String>,
    is_empty: bool,
    /// The address of the calendar, shown once when it was made.
    calendar: Option<String>,
}

struct Column {
    title: &'static str,
    cards: Vec<CardView>,
}

struct CardView {
    notice: Notice,
    items: usize,
    since: When,
    due: Option<Due>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct BoardQuery {
    channel: Option<String>,
}

pub(super) async fn page(
    State(web): Shared,
    viewer: Viewer,
    Query(query): Query<BoardQuery>,
) -> Result<Response, Failure> {
    show_board(&web, viewer, query, None).await
}

async fn show_board(
    web: &Arc<Web>,
    viewer: Viewer,
    query: BoardQuery,
    calendar_address: Option<String>,
) -> Result<Response, Failure> {
    let now = web.app.clock.millis();
    let app = viewer.app(web);
    let dues = calendar::all_due(&app).await?;
    let mut first: BTreeMap<i64, Due> = BTreeMap::new();
    for due in &dues {
        first.entry(due.notice).or_insert_with(|| due.clone());
    }
    let channel = query.channel.filter(|channel| !channel.is_empty());
    let mut columns = Vec::new();
    for (title, states) in COLUMNS {
        let mut cards = Vec::new();
        for state in states {
            let filter = NoticeFilter {
                state: Some((*state).to_owned()),
                channel: channel.clone(),
            };
            for notice in app.store.notices_by(&filter, MAX_CARDS).await? {
                cards.push(CardView {
                    items: app.store.notice_items(notice.id).await?.len(),
                    since: When::new(notice.updated_at, now),
                    due: first.get(&notice.id).cloned(),
                    notice,
                });
            }
        }
        // What runs out first stands on top; then what is oldest.
        cards.sort_by_key(|card| {
            let due = card.due.as_ref().map(|due| due.on);
            (due.is_none(), due, card.notice.updated_at)
        });
        columns.push(Column { title, cards });
    }
    let rates = rate::acceptance(&app)
        .await?
        .into_iter()
        .map(|of| {
            let share = of.rate.map(show::percent);
            (of, share)
        })
        .collect::<Vec<_>>();
    let channels = crate::takedown::channels(&web.app)
        .map(|channels| channels.iter().map(|c| c.id.clone()).collect())
        .unwrap_or_default();
    respond(&BoardPage {
        shell: Shell::new(web, viewer, "takedown").await?,
        is_empty: columns.iter().all(|column| column.cards.is_empty()),
        columns,
        overdue: dues.into_iter().filter(|due| due.overdue).collect(),
        rates,
        channel,
        channels,
        calendar: calendar_address,
    })
}

/// Makes the viewer's calendar address anew; the one before ends.
pub(super) async fn new_calendar(
    State(web): State<Arc<Web>>,
    posted: Posted,
) -> Result<Response, Failure> {
    let token = hex::encode(rand::rng().random::<[u8; 24]>());
    let name = &posted.viewer.name;
    web.app
        .store
        .set_calendar_token(name, &token_hash(&token))
        .await?;
    let address = format!("/calendar/{token}.ics");
    show_board(&web, posted.viewer, BoardQuery::default(), Some(address)).await
}

/// The calendar, for whoever has its address.
pub(super) async fn feed(
    State(web): Shared,
    Path(file): Path<String>,
) -> Result<Response, Failure> {
    let nothing = || Failure::NotFound("there is no such calendar".to_owned());
    let token = file.strip_suffix(".ics").ok_or_else(nothing)?;
    let owner = web.app.store.calendar_of(&token_hash(token)).await?;
    let (_, sees) = owner.ok_or_else(nothing)?;
    let now: Millis = web.app.clock.millis();
    let app = web.app.seen_by(sees);
    let text = calendar::ics(&calendar::all_due(&app).await?, now);
    Ok((
        [(header::CONTENT_TYPE, "text/calendar; charset=utf-8")],
        text,
    )
        .into_response())
}
