//! Lists as files for a spreadsheet: the queue as CSV, streamed page by page, and every
//! list as CSV or as a workbook, narrowed and sorted as the page that it is exported from.

use std::sync::Arc;

use axum::body::{Body, Bytes};
use axum::extract::{OriginalUri, Path, Query, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use futures::stream;

use super::Web;
use super::failure::Failure;
use super::filter::Filter;
use super::session::Viewer;
use super::sheet::{Cell, Form, Sheet, quoted};
use super::{audit, catalog, scans, sellers, sources};
use crate::clock::Millis;
use crate::store::cases::{CaseRow, QueueCursor};
use crate::store::takedowns::NoticeFilter;
use crate::store::{Store, StoreError};

/// Cases read at once.
const PAGE: u32 = 500;
/// The most cases of one table: more than a spreadsheet has rows helps nobody.
const MOST: usize = 1_000_000;

const HEAD: [&str; 17] = [
    "case",
    "state",
    "probability",
    "kind",
    "marketplace",
    "item",
    "title",
    "url",
    "seller",
    "price",
    "currency",
    "sku",
    "brand",
    "product",
    "found",
    "assigned_to",
    "card",
];

/// How far a table has come.
enum Step {
    Head,
    After(Option<QueueCursor>, usize),
    End,
}

pub(super) async fn csv(
    State(web): State<Arc<Web>>,
    viewer: Viewer,
    Query(filter): Query<Filter>,
) -> Result<Response, Failure> {
    let headers = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8"),
        (
            header::CONTENT_DISPOSITION,
            "attachment; filename=\"markhound-queue.csv\"",
        ),
    ];
    let wanted = filter.for_store(web.app.clock.millis());
    let order = filter.order();
    let store = viewer.store(&web);
    let rows = stream::unfold(Step::Head, move |step| {
        let (store, wanted) = (store.clone(), wanted.clone());
        async move {
            let (after, written) = match step {
                // The mark by which spreadsheets know UTF-8.
                Step::Head => {
                    let head = format!("\u{feff}{}\r\n", HEAD.join(","));
                    return Some((Ok(Bytes::from(head)), Step::After(None, 0)));
                }
                Step::End => return None,
                Step::After(after, written) => (after, written),
            };
            let page = store.queue_by(&wanted, order, after, PAGE).await;
            let page = match page {
                Ok(page) => page,
                // What was sent cannot be taken back: the table ends short, and says so to the client.
                Err(error) => return Some((Err(error), Step::End)),
            };
            let last = page.last()?;
            let written = written + page.len();
            let next = if page.len() < PAGE as usize || written >= MOST {
                Step::End
            } else {
                Step::After(Some((order.of(last), last.id)), written)
            };
            let text: String = page.iter().map(line).collect();
            Some((Ok::<_, StoreError>(Bytes::from(text)), next))
        }
    });
    Ok((headers, Body::from_stream(rows)).into_response())
}

/// `GET /export/{list}.{csv,xlsx}`, with the query of the list's page.
pub(super) async fn file(
    State(web): State<Arc<Web>>,
    viewer: Viewer,
    Path(file): Path<String>,
    OriginalUri(uri): OriginalUri,
) -> Result<Response, Failure> {
    let unknown = || Failure::NotFound("there is no such list to export".to_owned());
    let (store, now) = (&viewer.store(&web), web.app.clock.millis());
    let (list, form) = Form::of(&file).ok_or_else(unknown)?;
    let sheet = match list {
        "queue" => queue(store, &asked(&uri), now).await?,
        "sellers" => sellers::sheet(store, &asked(&uri)).await?,
        "sources" => sources::sheet(&web, store).await?,
        "scans" => scans::sheet(store, &asked(&uri)).await?,
        "catalog" => catalog::sheet(store, &asked(&uri), now).await?,
        "audit" => audit::sheet(store, &asked(&uri)).await?,
        "takedown" => takedown(store, &asked(&uri)).await?,
        _ => return Err(unknown()),
    };
    sheet.answer(form, now)
}

/// The query of a list; what makes no sense counts as not given, as on its page.
fn asked<T: serde::de::DeserializeOwned + Default>(uri: &axum::http::Uri) -> T {
    Query::try_from_uri(uri)
        .map(|query: Query<T>| query.0)
        .unwrap_or_default()
}

/// What the board is narrowed to.
#[derive(Debug, Default, serde::Deserialize)]
#[serde(default)]
struct Board {
    channel: Option<String>,
}

async fn takedown(store: &Store, board: &Board) -> Result<Sheet, Failure> {
    let mut sheet = Sheet::new(
        "takedown",
        &[
            "notice",
            "state",
            "channel",
            "recipient",
            "right",
            "case",
            "subject",
            "attested_by",
            "attested_at",
            "sent_at",
            "number",
            "created_by",
            "created_at",
            "updated_at",
        ],
    );
    let wanted = NoticeFilter {
        state: None,
        channel: board.channel.clone().filter(|channel| !channel.is_empty()),
    };
    let time = |at: Option<Millis>| Cell::from(at.map(|at| at.to_string()));
    for notice in store.notices_by(&wanted, Sheet::ROOM + 1).await? {
        sheet.row(vec![
            notice.id.into(),
            notice.state.into(),
            notice.channel.into(),
            notice.recipient.into(),
            notice.right_kind.into(),
            notice.case_id.into(),
            notice.subject.into(),
            notice.attested_by.into(),
            time(notice.attested_at),
            time(notice.sent_at),
            notice.external_id.into(),
            notice.created_by.into(),
            time(Some(notice.created_at)),
            time(Some(notice.updated_at)),
        ]);
    }
    Ok(sheet)
}

async fn queue(store: &Store, filter: &Filter, now: Millis) -> Result<Sheet, Failure> {
    let mut sheet = Sheet::new("queue", &HEAD);
    let (wanted, order) = (filter.for_store(now), filter.order());
    let (mut after, mut left) = (None, Sheet::ROOM + 1);
    while left > 0 {
        let limit = PAGE.min(left);
        let page = store.queue_by(&wanted, order, after, limit).await?;
        let Some(last) = page.last() else { break };
        after = Some((order.of(last), last.id));
        left -= u32::try_from(page.len()).unwrap_or(left).min(left);
        let ended = page.len() < limit as usize;
        for case in &page {
            let cells = cells(case).into_iter().map(Cell::Text).collect();
            sheet.row(cells);
        }
        if ended {
            break;
        }
    }
    Ok(sheet)
}

fn line(case: &CaseRow) -> String {
    let cells: Vec<String> = cells(case).iter().map(|cell| quoted(cell)).collect();
    format!("{}\r\n", cells.join(","))
}

fn cells(case: &CaseRow) -> [String; 17] {
    let empty = String::new;
    [
        case.id.to_string(),
        case.state.clone(),
        format!("{:.4}", case.score),
        case.decided_kind
            .clone()
            .or_else(|| case.kind.clone())
            .unwrap_or_default(),
        case.source.clone(),
        case.item_id.clone(),
        case.title.clone(),
        case.url.clone(),
        case.seller.clone().unwrap_or_default(),
        case.price_amount.clone().unwrap_or_default(),
        case.price_currency.clone().unwrap_or_default(),
        case.sku.clone(),
        case.brand.clone(),
        case.product.clone(),
        case.created_at.to_string(),
        case.assigned_to.clone().unwrap_or_default(),
        case.cluster_id.map_or_else(empty, |id| id.to_string()),
    ]
}
