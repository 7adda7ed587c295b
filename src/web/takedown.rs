//! Notices: drafting one from the case page, and recording what became of it.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::response::{IntoResponse as _, Redirect, Response};
use jiff::civil::{Date, time};
use jiff::tz::TimeZone;

use super::Web;
use super::decide::go;
use super::failure::Failure;
use super::session::Posted;
use crate::app::App;
use crate::clock::Millis;
use crate::store::takedowns::{Notice, Step};
use crate::takedown::{self, DraftOptions, TakedownError};

impl From<TakedownError> for Failure {
    fn from(error: TakedownError) -> Self {
        match error {
            TakedownError::Store(error) => error.into(),
            TakedownError::Blob(error) => error.into(),
            // Each says what is missing or allowed.
            other => Self::Conflict(other.to_string()),
        }
    }
}

pub(super) async fn draft(
    State(web): State<Arc<Web>>,
    Path(case): Path<i64>,
    posted: Posted,
) -> Result<Response, Failure> {
    posted.must_decide()?;
    let given = |name: &str| posted.get(name).map(ToOwned::to_owned);
    let options = DraftOptions {
        right_kind: given("right_kind"),
        channel: given("channel"),
        country: given("country"),
        ..DraftOptions::default()
    };
    takedown::draft_many(&posted.app(&web), &posted.viewer.name, &[case], &options).await?;
    Ok(back_to_case(case, &posted, "draft"))
}

pub(super) async fn record(
    State(web): State<Arc<Web>>,
    Path(id): Path<i64>,
    posted: Posted,
) -> Result<Response, Failure> {
    posted.must_decide()?;
    let to_state = posted
        .get("to_state")
        .ok_or_else(|| Failure::BadRequest("choose what happened to the notice".to_owned()))?;
    let app = posted.app(&web);
    let notice = app.store.notice(id).await?;
    let at = match posted.get("date") {
        Some(date) => moment(&app, &notice, date).await?,
        None => None,
    };
    let cases = match posted.get("case") {
        None => Vec::new(),
        Some(case) => vec![
            case.parse()
                .map_err(|_| Failure::BadRequest(format!("{case:?} is no number of a case")))?,
        ],
    };
    let step = Step {
        to_state: to_state.to_owned(),
        cases,
        note: posted.get("note").map(ToOwned::to_owned),
        ..Step::default()
    };
    takedown::record_step(&app, &posted.viewer.name, id, step, at).await?;
    if posted.get("from") == Some("notice") {
        return Ok(Redirect::to(&format!("/notice/{id}?did=recorded.{id}")).into_response());
    }
    Ok(back_to_case(notice.case_id, &posted, "recorded"))
}

fn back_to_case(case: i64, posted: &Posted, did: &str) -> Response {
    let query = posted.queue().unwrap_or_default();
    go(&format!("/case/{case}?{query}"), did, case)
}

/// The moment a day stands for: now for today; for an earlier day its noon, or
/// the moment of the step before when that was later on the same day.
async fn moment(app: &App, notice: &Notice, date: &str) -> Result<Option<Millis>, Failure> {
    let date: Date = date.parse().map_err(|_| {
        Failure::BadRequest("the date must be written YYYY-MM-DD, such as 2026-11-23".to_owned())
    })?;
    let day_of = |at: Millis| at.timestamp().to_zoned(TimeZone::UTC).date();
    if date == day_of(app.clock.millis()) {
        return Ok(None);
    }
    let noon = date
        .to_datetime(time(12, 0, 0, 0))
        .to_zoned(TimeZone::UTC)
        .map_err(|error| Failure::BadRequest(error.to_string()))?
        .timestamp();
    let before = app
        .store
        .notice_events(notice.id)
        .await?
        .into_iter()
        .map(|event| event.happened_at)
        .filter(|at| day_of(*at) == date)
        .max();
    Ok(Some(before.unwrap_or(Millis(0)).max(noon.into())))
}
