//! A queue as a table for a spreadsheet: CSV, streamed page by page.

use std::sync::Arc;

use axum::body::{Body, Bytes};
use axum::extract::{Query, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use futures::stream;

use super::Web;
use super::failure::Failure;
use super::filter::Filter;
use super::session::Viewer;
use crate::store::StoreError;
use crate::store::cases::{CaseRow, QueueCursor};

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

fn line(case: &CaseRow) -> String {
    let empty = String::new;
    let cells = [
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
    ];
    let cells: Vec<String> = cells.iter().map(|cell| quoted(cell)).collect();
    format!("{}\r\n", cells.join(","))
}

/// A cell that a spreadsheet takes for text: what sellers write must not become a
/// formula there.
fn quoted(cell: &str) -> String {
    let risky = cell.starts_with(['=', '+', '-', '@', '\t', '\r']);
    let guard = if risky { "'" } else { "" };
    let plain = !risky && !cell.contains([',', '"', '\n', '\r', ';']);
    if plain {
        return cell.to_owned();
    }
    format!("\"{guard}{}\"", cell.replace('"', "\"\""))
}

#[cfg(test)]
mod tests {
    use super::quoted;

    #[test]
    fn no_cell_becomes_a_formula_or_ends_early() {
        assert_eq!(quoted("Lamp"), "Lamp");
        assert_eq!(quoted("a \"b\", c"), "\"a \"\"b\"\", c\"");
        assert_eq!(quoted("=HYPERLINK(\"x\")"), "\"'=HYPERLINK(\"\"x\"\")\"");
        assert_eq!(quoted("@SUM(1)"), "\"'@SUM(1)\"");
        assert_eq!(quoted("-3"), "\"'-3\"");
    }
}
