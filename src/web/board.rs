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

/// Notices of a column.
const MAX_CARDS: u32 = 100;

/// The columns: a name for addresses, a title, and the states under it.
const COLUMNS: [(&str, &str, &[&str]); 6] = [
    ("attest", "To attest", &["draft"]),
    ("hand-in", "To hand in", &["attested"]),
    (
        "waiting",
        "Waiting",
        &["submitted", "acknowledged", "escalated"],
    ),
    (
        "answer",
        "Needs an answer",
        &["counter_notice", "restored", "refused"],
    ),
    ("removed", "Removed", &["removed"]),
    ("ended", "Ended", &["withdrawn", "closed"]),
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
    /// Where older ones of the only column begin.
    older: Option<i64>,
    /// Whether there is only one column.
    only: bool,
    /// The address of the calendar, shown once when it was made.
    calendar: Option<String>,
}

struct Column {
    name: &'static str,
    title: &'static str,
    /// How many there are, shown or not.
    count: i64,
    cards: Vec<CardView>,
}

impl Column {
    fn has_more(&self) -> bool {
        self.count > self.cards.len() as i64
    }
}

struct CardView {
    notice: Notice,
    items: i64,
    since: When,
    due: Option<Due>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct BoardQuery {
    channel: Option<String>,
    /// The column that is shown alone.
    column: Option<String>,
    /// Of that column, notices below this number.
    before: Option<i64>,
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
    let counts = app.store.notice_counts(channel.as_deref()).await?;
    let only = query.column.filter(|column| !column.is_empty());
    // Only a column that is shown alone is paged.
    let before = query.before.filter(|_| only.is_some());
    let mut older = None;
    let mut found = Vec::new();
    for (name, title, states) in COLUMNS {
        if only.as_ref().is_some_and(|only| only != name) {
            continue;
        }
        let mut notices = Vec::new();
        for state in states {
            let filter = NoticeFilter {
                state: Some((*state).to_owned()),
                channel: channel.clone(),
            };
            let store = &app.store;
            notices.extend(
                store
                    .notices_by_before(&filter, before, MAX_CARDS + 1)
                    .await?,
            );
        }
        notices.sort_by_key(|notice| std::cmp::Reverse(notice.id));
        let more = notices.len() > MAX_CARDS as usize;
        notices.truncate(MAX_CARDS as usize);
        if only.is_some() && more {
            older = notices.last().map(|notice| notice.id);
        }
        let of_column = counts
            .iter()
            .filter(|(state, _)| states.contains(&&**state));
        let count = of_column.map(|(_, count)| count).sum();
        found.push((name, title, count, notices));
    }
    let shown = found.iter().flat_map(|(.., notices)| notices);
    let ids: Vec<i64> = shown.map(|notice| notice.id).collect();
    let sizes: BTreeMap<i64, i64> = app.store.notice_sizes(&ids).await?.into_iter().collect();
    let mut columns = Vec::new();
    for (name, title, count, notices) in found {
        let mut cards: Vec<CardView> = notices
            .into_iter()
            .map(|notice| CardView {
                items: sizes.get(&notice.id).copied().unwrap_or_default(),
                since: When::new(notice.updated_at, now),
                due: first.get(&notice.id).cloned(),
                notice,
            })
            .collect();
        if only.is_none() {
            // What runs out first stands on top; then what is oldest.
            cards.sort_by_key(|card| {
                let due = card.due.as_ref().map(|due| due.on);
                (due.is_none(), due, card.notice.updated_at)
            });
        }
        columns.push(Column {
            name,
            title,
            count,
            cards,
        });
    }
    if columns.is_empty() {
        return Err(Failure::BadRequest("no column is called so".to_owned()));
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
        is_empty: counts.is_empty(),
        older,
        only: only.is_some(),
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
