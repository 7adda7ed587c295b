//! Weights that learn from decisions, held at those before them, and how both compare on decisions
//! that neither has to have learnt by heart.

use serde::Serialize;

use super::calibration::Calibration;
use super::fit::{Example, fit, held_out, outcomes};
use super::measure::{Measured, measure};
use super::model::ScoreModel;

/// How strongly weights are held at those before, in examples: with few decisions little changes.
pub const RIDGE: f64 = 3.0;
/// Parts into which decisions are split: each is judged by weights fitted on the others.
pub const FOLDS: usize = 5;
/// Fewer that infringe, or fewer that do not, draw no curve of their own.
const CURVE_FROM: usize = 400;
/// Fewer decisions teach nothing.
pub const LEAST: usize = 20;

/// New weights and how they compare.
#[derive(Debug, Clone)]
pub struct Refit {
    /// The weights, without a name and a version of their own.
    pub model: ScoreModel,
    /// How they and those before them judge the same decisions.
    pub comparison: Comparison,
}

/// Figures of two sets of weights on the same decisions.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Comparison {
    /// Decisions.
    pub decisions: usize,
    /// Of these, confirmed.
    pub confirmed: usize,
    /// Of these, drawn by lot from under the threshold.
    pub audited: usize,
    /// The weights before.
    pub before: Measured,
    /// The new weights; each decision is judged by weights that were fitted without it and without
    /// the other decisions of its group.
    pub after: Measured,
}

/// Fits weights to decisions. `groups` names for each what must not be split, such as its seller.
/// Nothing when there are too few decisions, or all of one sort.
#[must_use]
pub fn refit(
    examples: &[Example],
    groups: &[u64],
    before: &ScoreModel,
    threshold: f64,
) -> Option<Refit> {
    let confirmed = examples.iter().filter(|e| e.infringes).count();
    if examples.len() < LEAST || confirmed == 0 || confirmed == examples.len() {
        return None;
    }
    let mut model = fit(examples, before, RIDGE);
    let said = held_out(examples, groups, FOLDS, before, RIDGE);
    let judged = outcomes(examples, &said);
    let was: Vec<f64> = examples
        .iter()
        .map(|e| before.probability(&e.seen))
        .collect();
    let comparison = Comparison {
        decisions: examples.len(),
        confirmed,
        audited: examples.iter().filter(|e| e.weight > 1.0).count(),
        before: measure(&outcomes(examples, &was), threshold)?,
        after: measure(&judged, threshold)?,
    };
    if confirmed.min(examples.len() - confirmed) >= CURVE_FROM {
        model.calibration = Calibration::fit(&judged);
    }
    Some(Refit { model, comparison })
}
