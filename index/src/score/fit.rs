//! Fitting the weights: logistic regression by Newton's method, held near a prior by a ridge.
//!
//! Whether a rejected listing was not about the product, or was about it and honest, is often not
//! known. Expectation and maximisation in turn share it out between both heads.

use super::calibration::Calibration;
use super::factors::{FACTORS, FACTORS_COUNT, Head, Observation};
use super::measure::Outcome;
use super::model::ScoreModel;
use super::shift::Spread;
use crate::learn::solve;

/// Rounds of sharing out, when something has to be.
const ROUNDS: usize = 8;
/// Steps of Newton's method; it is near enough after ten.
const STEPS: usize = 25;
/// The starting point is held less than the weights: another shop has another share.
const BASE_HOLD: f64 = 0.05;

/// A listing and product whose truth is known.
#[derive(Debug, Clone, Copy)]
pub struct Example {
    /// What was seen.
    pub seen: Observation,
    /// Whether the listing concerns the product, if that is known. One that infringes does.
    pub concerns: Option<bool>,
    /// Whether it infringes.
    pub infringes: bool,
    /// How many like it this one stands for.
    pub weight: f64,
}

/// One row of one head.
struct Row<'a> {
    seen: &'a Observation,
    label: f64,
    weight: f64,
}

/// Fits both heads to examples. `ridge` says how strongly weights are held at those of `prior`: as
/// if so many examples (a quarter of each) had been seen that speak for them.
#[must_use]
pub fn fit(examples: &[Example], prior: &ScoreModel, ridge: f64) -> ScoreModel {
    let mut model = prior.clone();
    model.seen = seen(examples);
    let shared_out = examples
        .iter()
        .any(|e| e.concerns.is_none() && !e.infringes);
    let rounds = if shared_out { ROUNDS } else { 1 };
    for _ in 0..rounds {
        let concerned: Vec<f64> = examples.iter().map(|e| concerned(&model, e)).collect();
        let rows = examples.iter().zip(&concerned);
        let first: Vec<Row<'_>> = rows
            .clone()
            .map(|(e, &share)| Row {
                seen: &e.seen,
                label: share,
                weight: e.weight,
            })
            .collect();
        let second: Vec<Row<'_>> = rows
            .map(|(e, &share)| Row {
                seen: &e.seen,
                label: f64::from(u8::from(e.infringes)),
                weight: e.weight * share,
            })
            .collect();
        fit_head(Head::Concerns, &first, prior, ridge, &mut model);
        fit_head(Head::Infringes, &second, prior, ridge, &mut model);
    }
    let total: f64 = examples.iter().map(|e| e.weight).sum();
    let infringing: f64 = examples
        .iter()
        .filter(|e| e.infringes)
        .map(|e| e.weight)
        .sum();
    if total > 0.0 {
        model.prevalence = (infringing / total).clamp(1e-3, 1.0 - 1e-3);
    }
    model.calibration = Calibration::default();
    model.spread = Spread::default();
    model
}

/// How probably an example concerns its product, given how it came out.
fn concerned(model: &ScoreModel, example: &Example) -> f64 {
    if let Some(known) = example.concerns {
        return f64::from(u8::from(known || example.infringes));
    }
    if example.infringes {
        return 1.0;
    }
    let concerns = model.head(Head::Concerns, &example.seen);
    let honest = 1.0 - model.head(Head::Infringes, &example.seen);
    let rest = 1.0 - concerns + concerns * honest;
    if rest > 0.0 {
        concerns * honest / rest
    } else {
        0.0
    }
}

/// How often each bin was seen.
fn seen(examples: &[Example]) -> [Vec<f64>; FACTORS_COUNT] {
    std::array::from_fn(|at| {
        let mut counts = vec![0.0; FACTORS[at].bins.len()];
        for example in examples {
            counts[example.seen.bin(at)] += 1.0;
        }
        counts
    })
}

/// Fits one head's weights, in bits, into the model.
fn fit_head(head: Head, rows: &[Row<'_>], prior: &ScoreModel, ridge: f64, model: &mut ScoreModel) {
    // Number 0 is the starting point; then come the bins of the head's factors.
    let mut numbers: Vec<(usize, usize)> = Vec::new();
    let mut first_of = [0; FACTORS_COUNT];
    for (at, factor) in FACTORS.iter().enumerate().filter(|(_, f)| f.head == head) {
        first_of[at] = numbers.len() + 1;
        numbers.extend((0..factor.bins.len()).map(|bin| (at, bin)));
    }
    let size = numbers.len() + 1;
    let nat = std::f64::consts::LN_2;
    let held: Vec<f64> = std::iter::once(prior.base(head) * nat)
        .chain(numbers.iter().map(|&(at, bin)| prior.weight(at, bin) * nat))
        .collect();
    let mut weights: Vec<f64> = std::iter::once(model.base(head) * nat)
        .chain(numbers.iter().map(|&(at, bin)| model.weight(at, bin) * nat))
        .collect();
    let places = |seen: &Observation| -> Vec<usize> {
        let factors = (0..FACTORS_COUNT).filter(|&at| FACTORS[at].head == head);
        std::iter::once(0)
            .chain(factors.map(|at| first_of[at] + seen.bin(at)))
            .collect()
    };
    let places: Vec<Vec<usize>> = rows.iter().map(|row| places(row.seen)).collect();
    for _ in 0..STEPS {
        let mut gradient = vec![0.0; size];
        let mut hessian = vec![vec![0.0; size]; size];
        for i in 0..size {
            let hold = if i == 0 { ridge * BASE_HOLD } else { ridge };
            gradient[i] = hold * (held[i] - weights[i]);
            hessian[i][i] = hold.max(1e-9);
        }
        for (row, places) in rows.iter().zip(&places) {
            let sum: f64 = places.iter().map(|&i| weights[i]).sum();
            let p = 1.0 / (1.0 + (-sum).exp());
            let spread = (p * (1.0 - p)).max(1e-9) * row.weight;
            for &i in places {
                gradient[i] += row.weight * (row.label - p);
                for &j in places.iter().filter(|&&j| j <= i) {
                    hessian[i][j] += spread;
                }
            }
        }
        let step = solve(hessian, gradient);
        let mut longest: f64 = 0.0;
        for (weight, step) in weights.iter_mut().zip(step) {
            let step = if step.is_finite() {
                step.clamp(-2.0, 2.0)
            } else {
                0.0
            };
            *weight += step;
            longest = longest.max(step.abs());
        }
        if longest < 1e-9 {
            break;
        }
    }
    model.base[head as usize] = round(weights[0] / nat);
    for (&(at, bin), weight) in numbers.iter().zip(&weights[1..]) {
        model.weights[at][bin] = round(weight / nat);
    }
}

/// Four decimals of a bit are more than is known.
fn round(bits: f64) -> f64 {
    // Adding zero makes a negative zero a positive one.
    (bits * 1e4).round() / 1e4 + 0.0
}

/// The probabilities that models say of examples which they were not fitted on, in the order of the
/// examples. Examples of one group, such as one seller's, are left out together; nothing leaks.
/// Gives beside them the model's answers before the curve.
#[must_use]
pub fn held_out(
    examples: &[Example],
    groups: &[u64],
    folds: usize,
    prior: &ScoreModel,
    ridge: f64,
) -> Vec<f64> {
    let fold = |group: u64| (group % folds.max(2) as u64) as usize;
    let group = |at: usize| groups.get(at).copied().unwrap_or(at as u64);
    let mut said = vec![0.0; examples.len()];
    for left_out in 0..folds.max(2) {
        let others: Vec<Example> = examples
            .iter()
            .enumerate()
            .filter(|(at, _)| fold(group(*at)) != left_out)
            .map(|(_, example)| *example)
            .collect();
        let model = fit(&others, prior, ridge);
        for (at, example) in examples.iter().enumerate() {
            if fold(group(at)) == left_out {
                said[at] = model.raw(&example.seen);
            }
        }
    }
    said
}

/// Examples with what was said of them.
#[must_use]
pub fn outcomes(examples: &[Example], said: &[f64]) -> Vec<Outcome> {
    let pairs = examples.iter().zip(said);
    pairs
        .map(|(example, &probability)| Outcome {
            probability,
            positive: example.infringes,
            weight: example.weight,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::factors::{CODED, PRICE, TITLE};
    use super::*;
    use crate::eval::Random;

    /// Examples drawn from known weights: title sure +4 bits of concerning, cheap +3 and coded +5
    /// bits of infringing.
    fn world(seed: u64, count: usize) -> (ScoreModel, Vec<Example>) {
        let mut truth = ScoreModel::blank();
        truth.base = [-2.0, -3.0];
        truth.weights[TITLE][7] = 4.0;
        truth.weights[PRICE][4] = 3.0;
        truth.weights[CODED][6] = 5.0;
        let mut random = Random::new(seed, "world", 0);
        let mut draw = || {
            let mut bins = [0; FACTORS_COUNT];
            bins[TITLE] = random.pick([0, 7]);
            bins[PRICE] = random.pick([0, 4, 10]);
            bins[CODED] = random.pick([0, 0, 6]);
            let seen = Observation(bins);
            let concerns = random.chance(truth.head(Head::Concerns, &seen));
            let infringes = concerns && random.chance(truth.head(Head::Infringes, &seen));
            Example {
                seen,
                concerns: Some(concerns),
                infringes,
                weight: 1.0,
            }
        };
        let examples = (0..count).map(|_| draw()).collect();
        (truth, examples)
    }

    fn furthest(a: &ScoreModel, b: &ScoreModel, examples: &[Example]) -> f64 {
        let apart = examples
            .iter()
            .map(|e| (a.raw(&e.seen) - b.raw(&e.seen)).abs());
        apart.fold(0.0, f64::max)
    }

    #[test]
    fn weights_that_made_the_examples_are_found_again() {
        let (truth, examples) = world(1, 20_000);
        let found = fit(&examples, &ScoreModel::blank(), 0.5);
        assert!(furthest(&truth, &found, &examples) < 0.03);
        let apart = found.weight(TITLE, 7) - found.weight(TITLE, 0);
        assert!((apart - 4.0).abs() < 0.3, "{apart}");
    }

    #[test]
    fn rejections_without_a_reason_are_shared_out_between_the_heads() {
        let (truth, mut examples) = world(2, 30_000);
        for example in examples.iter_mut().filter(|e| !e.infringes) {
            example.concerns = None;
        }
        let found = fit(&examples, &ScoreModel::blank(), 0.5);
        assert!(furthest(&truth, &found, &examples) < 0.05);
    }

    #[test]
    fn few_examples_do_not_move_a_prior_far_and_many_do() {
        let (truth, examples) = world(3, 4_000);
        let (mut prior, _) = world(3, 0);
        prior.weights[CODED][6] = 0.0;
        prior.weights[TITLE][7] = 5.0;
        let apart = |count: usize| {
            let found = fit(&examples[..count], &prior, 20.0);
            (
                furthest(&prior, &found, &examples),
                furthest(&truth, &found, &examples),
            )
        };
        assert!(apart(5).0 < 0.2, "{:?}", apart(5));
        assert!(apart(4_000).1 < 0.08, "{:?}", apart(4_000));
        assert!(furthest(&fit(&[], &prior, 20.0), &prior, &examples) < 1e-3);
    }

    #[test]
    fn what_a_fold_says_was_not_learnt_from_it() {
        let (_, mut examples) = world(4, 400);
        // Labels without any meaning: what is learnt by heart would look like knowledge.
        let mut random = Random::new(4, "noise", 0);
        for example in &mut examples {
            example.infringes = random.chance(0.5);
            example.concerns = Some(true);
        }
        let groups: Vec<u64> = (0..400).collect();
        let said = held_out(&examples, &groups, 5, &ScoreModel::blank(), 1.0);
        let measured = super::super::measure::measure(&outcomes(&examples, &said), 0.5);
        assert!(measured.expect("outcomes").auprc < 0.62);
    }
}
