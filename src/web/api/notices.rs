//! Notices: drafting, and recording what became of them. Attesting takes a person who
//! sees the page and gives a password; a token cannot.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::header;
use axum::response::{IntoResponse as _, Response};

use super::super::Web;
use super::super::failure::Failure;
use super::super::packet;
use super::gate::Caller;
use super::input::{Asked, Json, after, bounded, limit};
use super::model::{Deadline, NewNotice, NewPacket, NewStep, Notice, NoticeInFull, Page, Paged};
use crate::accounts::Role;
use crate::accounts::token::Scope;
use crate::store::takedowns::{NoticeFilter, Step};
use crate::takedown::{self, DraftOptions, calendar, send};

/// Notices, the newest first.
#[utoipa::path(get, path = "/api/v1/notices", params(Paged),
    responses((status = 200, body = Page<Notice>)))]
pub(in super::super) async fn list(
    State(web): State<Arc<Web>>,
    caller: Caller,
    Asked(asked): Asked<Paged>,
) -> Result<axum::Json<Page<Notice>>, Failure> {
    caller.must_read()?;
    let limit = limit(asked.limit)?;
    let before = after(asked.cursor.as_deref())?;
    let store = caller.store(&web);
    let all = NoticeFilter::default();
    let notices = store.notices_by_before(&all, before, limit + 1).await?;
    let page = Page::of(notices, limit, |last| last.id.to_string());
    Ok(axum::Json(page))
}

async fn in_full(caller: &Caller, web: &Web, id: i64) -> Result<NoticeInFull, Failure> {
    let store = caller.store(web);
    let notice = store.notice(id).await?;
    let items = store.notice_items(id).await?;
    let steps = store.notice_events(id).await?;
    Ok(NoticeInFull {
        body: notice.body.clone(),
        notice: notice.into(),
        items: items.into_iter().map(Into::into).collect(),
        steps: steps.into_iter().map(Into::into).collect(),
    })
}

/// One notice with text, listings and steps.
#[utoipa::path(get, path = "/api/v1/notices/{id}",
    params(("id" = i64, Path, minimum = 1, maximum = 9007199254740991i64)),
    responses((status = 200, body = NoticeInFull)))]
pub(in super::super) async fn show(
    State(web): State<Arc<Web>>,
    caller: Caller,
    Path(id): Path<i64>,
) -> Result<axum::Json<NoticeInFull>, Failure> {
    caller.must_read()?;
    Ok(axum::Json(in_full(&caller, &web, id).await?))
}

/// Drafts a notice for a confirmed case.
#[utoipa::path(post, path = "/api/v1/cases/{id}/notices",
    params(("id" = i64, Path, minimum = 1, maximum = 9007199254740991i64)),
    request_body = NewNotice, responses((status = 200, body = Vec<Notice>)))]
pub(in super::super) async fn draft(
    State(web): State<Arc<Web>>,
    caller: Caller,
    Path(id): Path<i64>,
    Json(new): Json<NewNotice>,
) -> Result<axum::Json<Vec<Notice>>, Failure> {
    caller.must(Scope::Takedown, Role::Reviewer, "draft notices")?;
    for (name, text) in [
        ("right_kind", &new.right_kind),
        ("channel", &new.channel),
        ("country", &new.country),
    ] {
        bounded(name, text.as_deref().unwrap_or_default(), 60)?;
    }
    let options = DraftOptions {
        right_kind: new.right_kind,
        channel: new.channel,
        country: new.country,
        ..DraftOptions::default()
    };
    let app = caller.app(&web);
    let drafted = takedown::draft_many(&app, caller.name(), &[id], &options).await?;
    Ok(axum::Json(drafted.into_iter().map(Into::into).collect()))
}

/// Records a step of a notice's listings, as of now.
#[utoipa::path(post, path = "/api/v1/notices/{id}/steps",
    params(("id" = i64, Path, minimum = 1, maximum = 9007199254740991i64)),
    request_body = NewStep, responses((status = 200, body = NoticeInFull)))]
pub(in super::super) async fn step(
    State(web): State<Arc<Web>>,
    caller: Caller,
    Path(id): Path<i64>,
    Json(new): Json<NewStep>,
) -> Result<axum::Json<NoticeInFull>, Failure> {
    caller.must(Scope::Takedown, Role::Reviewer, "record steps of notices")?;
    bounded("note", new.note.as_deref().unwrap_or_default(), 2000)?;
    let cases = new.cases.unwrap_or_default();
    if cases.len() > 1000 {
        return Err(Failure::Unprocessable(
            "cases names more than 1000".to_owned(),
        ));
    }
    let step = Step {
        to_state: new.to_state.as_str().to_owned(),
        cases,
        note: new.note.filter(|note| !note.trim().is_empty()),
        ..Step::default()
    };
    let app = caller.app(&web);
    takedown::record_step(&app, caller.name(), id, step, None).await?;
    Ok(axum::Json(in_full(&caller, &web, id).await?))
}

/// The bytes of an attested notice, as they were attested.
#[utoipa::path(get, path = "/api/v1/notices/{id}/file",
    params(("id" = i64, Path, minimum = 1, maximum = 9007199254740991i64)),
    responses((status = 200, body = Vec<u8>, content_type = "application/octet-stream")))]
pub(in super::super) async fn file(
    State(web): State<Arc<Web>>,
    caller: Caller,
    Path(id): Path<i64>,
) -> Result<Response, Failure> {
    caller.must_read()?;
    let app = caller.app(&web);
    let notice = app.store.notice(id).await?;
    let (bytes, name, _) = send::attested_file(&app, &notice).await?;
    let headers = [
        (header::CONTENT_TYPE, "application/octet-stream".to_owned()),
        (
            header::CONTENT_DISPOSITION,
            format!("attachment; filename=\"{name}\""),
        ),
    ];
    Ok((headers, bytes).into_response())
}

/// Deadlines of notices that run, the next first.
#[utoipa::path(get, path = "/api/v1/deadlines", responses((status = 200, body = Vec<Deadline>)))]
pub(in super::super) async fn deadlines(
    State(web): State<Arc<Web>>,
    caller: Caller,
) -> Result<axum::Json<Vec<Deadline>>, Failure> {
    caller.must_read()?;
    let dues = calendar::all_due(&caller.app(&web)).await?;
    Ok(axum::Json(dues.into_iter().map(Into::into).collect()))
}

/// Writes the evidence packet of a case, or of all cases of its card. It is on record
/// then; an `Idempotency-Key` is not looked at.
#[utoipa::path(post, path = "/api/v1/cases/{id}/packet",
    params(("id" = i64, Path, minimum = 1, maximum = 9007199254740991i64)),
    request_body = NewPacket,
    responses((status = 200, body = Vec<u8>, content_type = "application/zip")))]
pub(in super::super) async fn packet(
    State(web): State<Arc<Web>>,
    caller: Caller,
    Path(id): Path<i64>,
    Json(new): Json<NewPacket>,
) -> Result<Response, Failure> {
    caller.must(Scope::Takedown, Role::Reviewer, "write packets")?;
    let wanted = packet::Wanted {
        outward: new.outward,
        card: new.card,
    };
    packet::written(&web, &caller.viewer, id, wanted).await
}
