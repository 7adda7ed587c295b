//! Learning from decisions: new weights are fitted, shown beside those that score,
//! and score only when somebody adopts them.
//!
//! [`learn`] is the button, [`Nightly`] what `serve` does by itself: it looks
//! whether anything was decided since weights were fitted last, and proposes new
//! ones. It adopts nothing.

use jiff::Timestamp;
use markhound_index::score::{
    Comparison, Example, LEAST, ModelError, Observation, Outcome, ScoreModel, refit,
};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::app::App;
use crate::scan::schedule::{ScheduleError, next_after};
use crate::store::StoreError;
use crate::store::models::{DecidedCase, StoredModel};

/// The line of models that are fitted on one's own decisions.
pub const LINE: &str = "own";
/// Who the nightly proposals are by.
pub const NIGHTLY: &str = "schedule";
/// The name in a report of what the weights were fitted to.
const DIGEST: &str = "decisions_digest";
/// A drawn case stands for at most so many that were not drawn: a single one
/// must not outweigh all the others.
const HEAVIEST: f64 = 50.0;

/// Why nothing was learnt.
#[derive(Debug, thiserror::Error)]
pub enum LearningError {
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The weights that score cannot be read.
    #[error("the weights that score now cannot be read: {0}")]
    Model(#[from] ModelError),
    /// Too little was decided.
    #[error(
        "there are {usable} decisions to learn from, {confirmed} of them confirmed; at least {LEAST} are needed, of both sorts"
    )]
    TooFew {
        /// Decisions on cases whose evidence is kept in bins.
        usable: usize,
        /// Of these, confirmed.
        confirmed: usize,
    },
    /// When to learn cannot be told.
    #[error("review.learn_at: {0}")]
    Schedule(#[from] ScheduleError),
    /// The fitting task died.
    #[error("fitting ended early: {0}")]
    Task(String),
}

/// New weights, kept but not adopted.
#[derive(Debug, Clone)]
pub struct Learnt {
    /// The weights as stored.
    pub model: StoredModel,
    /// Name and version of those that scored when it was fitted.
    pub before: String,
    /// How both compare.
    pub comparison: Comparison,
    /// Decisions on cases that do not say what was seen.
    pub left_out: usize,
}

/// Fits weights to all decisions and keeps them. They are held at those that
/// ship, so that fitting again on more decisions starts from the same place.
///
/// # Errors
/// [`LearningError`].
pub async fn learn(app: &App, actor: &str) -> Result<Learnt, LearningError> {
    let decided = app.store.decided_cases().await?;
    learn_from(app, actor, &decided).await
}

/// As [`learn`], where there is something new to learn: nothing when the newest
/// weights were fitted to the same decisions, or when there are too few.
///
/// # Errors
/// [`LearningError`], but never [`LearningError::TooFew`].
pub async fn propose(app: &App, actor: &str) -> Result<Option<Learnt>, LearningError> {
    let decided = app.store.decided_cases().await?;
    let newest = app.store.newest_model(LINE).await?;
    let digest = digest(&decided);
    if newest.is_some_and(|model| model.report[DIGEST] == digest.as_str()) {
        return Ok(None);
    }
    match learn_from(app, actor, &decided).await {
        Ok(learnt) => Ok(Some(learnt)),
        Err(LearningError::TooFew { .. }) => Ok(None),
        Err(error) => Err(error),
    }
}

/// The nightly look at what was decided.
#[derive(Debug, Default)]
pub struct Nightly {
    looked: Option<Timestamp>,
}

impl Nightly {
    /// Proposes new weights when `review.learn_at` has passed a moment since this
    /// was last done; a night that was missed is caught up once.
    ///
    /// # Errors
    /// [`LearningError`]; there is no second try in the same night.
    pub async fn tick(&mut self, app: &App) -> Result<Option<Learnt>, LearningError> {
        let expression = app.config.review.learn_at.trim();
        if expression.is_empty() {
            return Ok(None);
        }
        let now = app.clock.now();
        let since = match self.looked {
            Some(looked) => Some(looked),
            None => {
                let newest = app.store.newest_model(LINE).await?;
                newest.map(|model| model.created_at.timestamp())
            }
        };
        if let Some(since) = since
            && next_after(expression, "UTC", since)?.is_none_or(|at| at > now)
        {
            self.looked = Some(since);
            return Ok(None);
        }
        self.looked = Some(now);
        propose(app, NIGHTLY).await
    }
}

async fn learn_from(
    app: &App,
    actor: &str,
    decided: &[DecidedCase],
) -> Result<Learnt, LearningError> {
    let store = &app.store;
    let scoring = match store.adopted_model().await? {
        None => ScoreModel::built_in().clone(),
        Some(stored) => ScoreModel::parse(&stored.weights)?,
    };
    let mut examples = Vec::new();
    let mut groups = Vec::new();
    for case in decided {
        if let Some(example) = example(case) {
            examples.push(example);
            groups.push(group(case));
        }
    }
    let (usable, left_out) = (examples.len(), decided.len() - examples.len());
    let confirmed = examples.iter().filter(|e| e.infringes).count();
    let before = scoring.id();
    let threshold = app.config.review.threshold;
    let fitted = tokio::task::spawn_blocking(move || {
        let shipped = ScoreModel::built_in();
        let mut fitted = refit(&examples, &groups, shipped, threshold)?;
        // What is compared is what scores now, shipped or not.
        if scoring.id() != shipped.id() {
            let was = examples.iter().map(|e| Outcome {
                probability: scoring.probability(&e.seen),
                positive: e.infringes,
                weight: e.weight,
            });
            let was: Vec<Outcome> = was.collect();
            fitted.comparison.before = markhound_index::score::measure(&was, threshold)?;
        }
        Some(fitted)
    });
    let fitted = fitted
        .await
        .map_err(|e| LearningError::Task(e.to_string()))?;
    let fitted = fitted.ok_or(LearningError::TooFew { usable, confirmed })?;
    let mut model = fitted.model;
    model.name = LINE.to_owned();
    model.fitted_on = format!(
        "{usable} decisions until {}, held at {}",
        app.clock.now().strftime("%Y-%m-%d"),
        ScoreModel::built_in().id()
    );
    let mut report = report(&fitted.comparison, &before, left_out);
    report[DIGEST] = json!(digest(decided));
    let table = |version: i64| {
        model.version = u32::try_from(version).unwrap_or(u32::MAX);
        model.to_csv()
    };
    let stored = store.save_model(actor, LINE, table, &report).await?;
    Ok(Learnt {
        model: stored,
        before,
        comparison: fitted.comparison,
        left_out,
    })
}

/// Tells whether the same was decided, and learnt from the same start.
fn digest(decided: &[DecidedCase]) -> String {
    let mut hash = Sha256::new();
    hash.update(ScoreModel::built_in().id());
    for case in decided {
        hash.update(format!("\n{} {}", case.id, case.state));
    }
    hex::encode(hash.finalize())
}

fn report(comparison: &Comparison, before: &str, left_out: usize) -> Value {
    let mut report = json!(comparison);
    report["before_model"] = json!(before);
    report["left_out"] = json!(left_out);
    report
}

/// What a decided case teaches; nothing when it does not say what was seen.
fn example(case: &DecidedCase) -> Option<Example> {
    let seen = &case.evidence["seen"];
    let seen = Observation::from_names(|factor| seen[factor].as_str())?;
    let infringes = case.state == "confirmed";
    Some(Example {
        seen,
        // Whether a rejected one was about the product is not asked.
        concerns: infringes.then_some(true),
        infringes,
        weight: weight(case),
    })
}

fn weight(case: &DecidedCase) -> f64 {
    case.audit_rate.map_or(1.0, |rate| {
        (1.0 / rate.clamp(1e-6, 1.0)).clamp(1.0, HEAVIEST)
    })
}

/// A decided case with what was said of it.
#[must_use]
pub fn outcome(case: &DecidedCase) -> Outcome {
    Outcome {
        probability: case.score,
        positive: case.state == "confirmed",
        weight: weight(case),
    }
}

/// A seller's cases are never split between fitting and judging.
fn group(case: &DecidedCase) -> u64 {
    let key = match &case.seller {
        Some(seller) => format!("{} {seller}", case.source_id),
        None => format!("listing {}", case.listing_id),
    };
    let mut first = [0; 8];
    first.copy_from_slice(&Sha256::digest(key.as_bytes())[..8]);
    u64::from_be_bytes(first)
}
