//! Sources and their scans.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::StatusCode;

use super::super::Web;
use super::super::failure::Failure;
use super::super::sources::views;
use super::gate::Caller;
use super::input::{Asked, Json, after, bounded, limit};
use super::model::{Page, Paged, Scan, Source, SourceChange};
use crate::accounts::Role;
use crate::accounts::token::Scope;
use crate::store::lists::ScanFilter;

/// The marketplaces that are read, and how each is doing.
#[utoipa::path(get, path = "/api/v1/sources", responses((status = 200, body = Vec<Source>)))]
pub(in super::super) async fn sources(
    State(web): State<Arc<Web>>,
    caller: Caller,
) -> Result<axum::Json<Vec<Source>>, Failure> {
    caller.must_read()?;
    let sources = views(&caller.store(&web), web.app.clock.millis()).await?;
    Ok(axum::Json(sources.into_iter().map(Into::into).collect()))
}

/// Pauses a source, or lets it run again.
#[utoipa::path(patch, path = "/api/v1/sources/{name}",
    params(("name" = String, Path, min_length = 1, max_length = 200)),
    request_body = SourceChange, responses((status = 204, description = "It is so")))]
pub(in super::super) async fn enable(
    State(web): State<Arc<Web>>,
    caller: Caller,
    Path(name): Path<String>,
    Json(change): Json<SourceChange>,
) -> Result<StatusCode, Failure> {
    caller.must(Scope::Catalog, Role::Manager, "pause a source")?;
    bounded("name", &name, 200)?;
    let store = caller.store(&web);
    store
        .enable_source(caller.name(), &name, change.enabled)
        .await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Asks for a scan now: the scheduler begins it within half a minute, where it runs.
#[utoipa::path(post, path = "/api/v1/sources/{name}/runs",
    params(("name" = String, Path, min_length = 1, max_length = 200)),
    responses((status = 204, description = "It is asked for")))]
pub(in super::super) async fn run(
    State(web): State<Arc<Web>>,
    caller: Caller,
    Path(name): Path<String>,
) -> Result<StatusCode, Failure> {
    caller.must(Scope::Catalog, Role::Manager, "start a scan")?;
    bounded("name", &name, 200)?;
    let store = caller.store(&web);
    store.ask_for_run(caller.name(), &name).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Scans, the newest first.
#[utoipa::path(get, path = "/api/v1/scans", params(Paged),
    responses((status = 200, body = Page<Scan>)))]
pub(in super::super) async fn scans(
    State(web): State<Arc<Web>>,
    caller: Caller,
    Asked(asked): Asked<Paged>,
) -> Result<axum::Json<Page<Scan>>, Failure> {
    caller.must_read()?;
    let limit = limit(asked.limit)?;
    let before = after(asked.cursor.as_deref())?;
    let store = caller.store(&web);
    // The latest first: what they are sorted by is their number.
    let (all, after) = (ScanFilter::default(), before.map(|id| (id, id)));
    let scans = store.scans_by(&all, after, limit + 1).await?;
    let page = Page::of(scans, limit, |last| last.id.to_string());
    Ok(axum::Json(page))
}

/// One scan.
#[utoipa::path(get, path = "/api/v1/scans/{id}",
    params(("id" = i64, Path, minimum = 1, maximum = 9007199254740991i64)),
    responses((status = 200, body = Scan)))]
pub(in super::super) async fn scan(
    State(web): State<Arc<Web>>,
    caller: Caller,
    Path(id): Path<i64>,
) -> Result<axum::Json<Scan>, Failure> {
    caller.must_read()?;
    Ok(axum::Json(caller.store(&web).scan(id).await?.into()))
}
