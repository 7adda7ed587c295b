//! What the decisions teach: the weights that score, those that are proposed, and
//! how both judge the same decisions. An administrator adopts them, or takes
//! that back.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use markhound_index::score::{LEAST, ScoreModel};
use serde::Deserialize;
use serde_json::Value;

use super::failure::Failure;
use super::session::{Posted, Viewer};
use super::shell::{Shell, page as respond};
use super::show::{self, When};
use super::{Shared, Web};
use crate::learning::{self, LearningError};
use crate::store::models::StoredModel;

/// Earlier weights that are listed.
const EARLIER: usize = 20;
/// A figure that differs by less is the same, as far as a person cares.
const SAME: f64 = 0.0005;
/// One that differs by more would be noticed in the queue.
const CLEARLY: f64 = 0.01;

#[derive(Template)]
#[template(path = "web/templates/learning.html")]
struct LearningPage {
    shell: Shell,
    may_administer: bool,
    /// Name and version of the weights that score.
    scoring: String,
    shipped: bool,
    fitted_on: String,
    /// The newest weights, when they do not score.
    proposed: Option<Weights>,
    earlier: Vec<Weights>,
    /// Decisions that confirm or reject.
    decided: i64,
    least: i64,
    /// Whether an adoption stands that can be taken back.
    adopted: bool,
}

/// Fitted weights as they are shown.
struct Weights {
    id: i64,
    label: String,
    by: String,
    at: When,
    report: Report,
    scores: bool,
}

/// How weights compared when they were fitted; it outlives the program that
/// wrote it, so every part is optional.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Report {
    decisions: i64,
    confirmed: i64,
    audited: i64,
    left_out: i64,
    before_model: String,
    before: Figures,
    after: Figures,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Figures {
    precision: f64,
    recall: f64,
    f1: f64,
    auprc: f64,
    brier: f64,
    ece: f64,
}

/// One figure of both sets of weights.
struct Line {
    name: &'static str,
    meaning: &'static str,
    before: String,
    after: String,
    /// `better`, `worse` or `same`.
    verdict: &'static str,
}

impl Report {
    fn read(stored: &Value) -> Self {
        Self::deserialize(stored).unwrap_or_default()
    }

    fn lines(&self) -> Vec<Line> {
        let (b, a) = (&self.before, &self.after);
        let line = |name, meaning, before: f64, after: f64, more_is_better: bool| Line {
            name,
            meaning,
            before: format!("{before:.3}"),
            after: format!("{after:.3}"),
            verdict: match after - before {
                by if by.abs() < SAME || !by.is_finite() => "same",
                by if (by > 0.0) == more_is_better => "better",
                _ => "worse",
            },
        };
        vec![
            line(
                "Precision",
                "of those queued, how many infringe",
                b.precision,
                a.precision,
                true,
            ),
            line(
                "Recall",
                "of those that infringe, how many are queued",
                b.recall,
                a.recall,
                true,
            ),
            line("F1", "both together", b.f1, a.f1, true),
            line(
                "Ranking",
                "area under precision and recall",
                b.auprc,
                a.auprc,
                true,
            ),
            line(
                "Brier score",
                "squared error of the probabilities",
                b.brier,
                a.brier,
                false,
            ),
            line(
                "Calibration error",
                "what was said against what came out",
                b.ece,
                a.ece,
                false,
            ),
        ]
    }

    /// Whether the new weights sort worse than those before, or rank clearly worse.
    fn is_worse(&self) -> bool {
        let lost = |before: f64, after: f64| before - after;
        lost(self.before.f1, self.after.f1) > SAME
            || lost(self.before.auprc, self.after.auprc) > CLEARLY
    }
}

pub(super) async fn page(State(web): Shared, viewer: Viewer) -> Result<Response, Failure> {
    let store = &web.app.store;
    let now = web.app.clock.millis();
    let adopted = store.adopted_model().await?;
    let scores = adopted.as_ref().map(|model| model.id);
    let weights = |model: StoredModel| Weights {
        id: model.id,
        label: model.label(),
        at: When::new(model.created_at, now),
        scores: Some(model.id) == scores,
        report: Report::read(&model.report),
        by: model.created_by,
    };
    let mut all: Vec<Weights> = store.models().await?.into_iter().map(weights).collect();
    let newest_scores = all.first().is_none_or(|newest| newest.scores);
    let proposed = (!newest_scores).then(|| all.remove(0));
    all.truncate(EARLIER);
    let shipped = ScoreModel::built_in();
    let may_administer = viewer.may_administer();
    let counts = store.case_counts().await?;
    let of = |state| super::shell::count_of(&counts, state);
    respond(&LearningPage {
        shell: Shell::new(&web, viewer, "learning").await?,
        may_administer,
        scoring: adopted.as_ref().map_or(shipped.id(), StoredModel::label),
        shipped: adopted.is_none(),
        fitted_on: match &adopted {
            None => shipped.fitted_on.clone(),
            Some(stored) => ScoreModel::parse(&stored.weights)
                .map_or_else(|why| why.to_string(), |model| model.fitted_on),
        },
        proposed,
        earlier: all,
        decided: of("confirmed") + of("rejected"),
        least: LEAST as i64,
        adopted: store.can_undo_adoption().await?,
    })
}

/// Fits weights to all decisions, now.
pub(super) async fn fit(State(web): State<Arc<Web>>, posted: Posted) -> Result<Response, Failure> {
    must_administer(&posted)?;
    learning::learn(&web.app, &posted.viewer.name).await?;
    Ok(back())
}

/// Lets weights score from now on: those of a number, or those that ship.
pub(super) async fn adopt(
    State(web): State<Arc<Web>>,
    posted: Posted,
) -> Result<Response, Failure> {
    must_administer(&posted)?;
    let model = match posted.get("model") {
        Some("shipped") => None,
        Some(id) => Some(id.parse().map_err(|_| no_weights())?),
        None => return Err(no_weights()),
    };
    web.app
        .store
        .adopt_model(&posted.viewer.name, model)
        .await?;
    Ok(back())
}

/// Takes the last adoption back.
pub(super) async fn undo(State(web): State<Arc<Web>>, posted: Posted) -> Result<Response, Failure> {
    must_administer(&posted)?;
    web.app.store.undo_adoption(&posted.viewer.name).await?;
    Ok(back())
}

fn no_weights() -> Failure {
    Failure::BadRequest("there are no such weights".to_owned())
}

fn must_administer(posted: &Posted) -> Result<(), Failure> {
    if posted.viewer.may_administer() {
        return Ok(());
    }
    Err(Failure::Forbidden(
        "only an administrator may change the weights that score".to_owned(),
    ))
}

fn back() -> Response {
    Redirect::to("/learning").into_response()
}

impl From<LearningError> for Failure {
    fn from(error: LearningError) -> Self {
        match error {
            LearningError::Store(error) => error.into(),
            LearningError::TooFew { .. } => Self::Conflict(error.to_string()),
            other => Self::Internal(other.to_string()),
        }
    }
}
