//! From a score that ranks to a probability that comes true: isotonic regression by pooling adjacent
//! violators (Ayer et al. 1955), and the correction for another share of infringing listings.

use super::measure::Outcome;

/// Probabilities are kept this far from 0 and 1, so that their odds stay finite.
const EDGE: f64 = 1e-4;
/// The most knots kept: a curve of more says nothing more.
const MOST_KNOTS: usize = 64;
/// What is added to each end of the curve, as if this many more had been seen that came out half
/// and half: ten of ten right is not certainty.
const DOUBT: f64 = 1.0;

/// A curve that never falls. Without knots it leaves probabilities as they are.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Calibration {
    knots: Vec<(f64, f64)>,
}

/// Outcomes of neighbouring scores, pooled.
#[derive(Debug, Clone, Copy)]
struct Block {
    weight: f64,
    score: f64,
    positive: f64,
}

impl Block {
    fn mean(&self) -> f64 {
        self.positive / self.weight
    }

    fn join(&mut self, other: &Self) {
        let weight = self.weight + other.weight;
        self.score = (self.score * self.weight + other.score * other.weight) / weight;
        self.positive += other.positive;
        self.weight = weight;
    }
}

impl Calibration {
    /// A curve through given knots, (score, probability) pairs: nothing unless both rise, the
    /// scores strictly, and all lie between 0 and 1.
    #[must_use]
    pub fn from_knots(knots: Vec<(f64, f64)>) -> Option<Self> {
        let inside = |v: f64| (0.0..=1.0).contains(&v);
        let rises = knots
            .windows(2)
            .all(|w| w[0].0 < w[1].0 && w[0].1 <= w[1].1);
        let good = rises && knots.iter().all(|&(x, y)| inside(x) && inside(y));
        good.then_some(Self { knots })
    }

    /// The knots.
    #[must_use]
    pub fn knots(&self) -> &[(f64, f64)] {
        &self.knots
    }

    /// The curve that fits outcomes best among those that never fall. The order of the outcomes
    /// does not matter.
    #[must_use]
    pub fn fit(outcomes: &[Outcome]) -> Self {
        let mut usable: Vec<&Outcome> = outcomes
            .iter()
            .filter(|o| o.probability.is_finite() && o.weight.is_finite() && o.weight > 0.0)
            .collect();
        usable.sort_by(|a, b| a.probability.total_cmp(&b.probability));
        let mut blocks: Vec<Block> = Vec::new();
        for tied in usable.chunk_by(|a, b| a.probability == b.probability) {
            let weight: f64 = tied.iter().map(|o| o.weight).sum();
            let positive = tied.iter().filter(|o| o.positive).map(|o| o.weight).sum();
            blocks.push(Block {
                weight,
                score: tied[0].probability,
                positive,
            });
            // Whoever is lower than the one before it is pooled with it.
            while let [.., before, last] = blocks.as_mut_slice() {
                if before.mean() < last.mean() {
                    break;
                }
                let last = *last;
                before.join(&last);
                blocks.pop();
            }
        }
        let Some(total) = blocks.iter().map(|b| b.weight).reduce(|a, b| a + b) else {
            return Self::default();
        };
        // Many small blocks follow the noise: joined until each holds its part.
        let least = total / MOST_KNOTS as f64;
        let mut joined: Vec<Block> = Vec::new();
        for block in blocks {
            match joined.last_mut() {
                Some(last) if last.weight < least => last.join(&block),
                _ => joined.push(block),
            }
        }
        let knots = joined.iter().map(|block| {
            let probability = (block.positive + DOUBT / 2.0) / (block.weight + DOUBT);
            (block.score, probability)
        });
        let mut knots: Vec<(f64, f64)> = knots.collect();
        // The doubt may have turned neighbours around by a hair.
        for at in 1..knots.len() {
            knots[at].1 = knots[at].1.max(knots[at - 1].1);
        }
        Self { knots }
    }

    /// The probability of a score: between the knots in a straight line, beyond the outer ones on
    /// the line to 0 and to 1.
    #[must_use]
    pub fn apply(&self, score: f64) -> f64 {
        if self.knots.is_empty() || !score.is_finite() {
            return score;
        }
        let score = score.clamp(0.0, 1.0);
        let after = self.knots.partition_point(|&(x, _)| x < score);
        let before = match after.checked_sub(1) {
            Some(at) => self.knots[at],
            None => (0.0, 0.0),
        };
        let next = self.knots.get(after).copied().unwrap_or((1.0, 1.0));
        let width = next.0 - before.0;
        let share = if width > 0.0 {
            (score - before.0) / width
        } else {
            1.0
        };
        (before.1 + (next.1 - before.1) * share).clamp(EDGE, 1.0 - EDGE)
    }
}

/// What a probability becomes when the share of positives is another: the odds are multiplied by
/// the ratio of the odds of both shares.
#[must_use]
pub fn shift_prior(probability: f64, from: f64, to: f64) -> f64 {
    let odds = |p: f64| {
        let p = p.clamp(EDGE, 1.0 - EDGE);
        p / (1.0 - p)
    };
    let p = probability.clamp(0.0, 1.0);
    let ratio = odds(to) / odds(from);
    p * ratio / (p * ratio + (1.0 - p))
}

#[cfg(test)]
mod tests {
    use super::super::measure::measure;
    use super::*;
    use crate::eval::Random;

    /// Outcomes whose true probability is the square of the score.
    fn squares(seed: u64, count: usize) -> Vec<Outcome> {
        let mut random = Random::new(seed, "squares", 0);
        (0..count)
            .map(|_| {
                let score = random.unit();
                Outcome::new(score, random.chance(score * score))
            })
            .collect()
    }

    fn ece(outcomes: &[Outcome], of: impl Fn(f64) -> f64) -> f64 {
        let mapped: Vec<Outcome> = outcomes
            .iter()
            .map(|o| Outcome::new(of(o.probability), o.positive))
            .collect();
        measure(&mapped, 0.5).expect("outcomes").ece
    }

    #[test]
    fn violators_are_pooled_to_their_mean() {
        let fit = Calibration::fit(&[(0.1, false), (0.2, true), (0.3, false), (0.4, true)].map(
            |(p, y)| Outcome {
                probability: p,
                positive: y,
                weight: 100.0,
            },
        ));
        let ys: Vec<f64> = fit.knots().iter().map(|k| k.1).collect();
        assert_eq!(fit.knots().len(), 3, "{fit:?}");
        assert!((fit.knots()[1].0 - 0.25).abs() < 1e-12 && (ys[1] - 0.5).abs() < 1e-12);
    }

    #[test]
    fn what_was_said_too_high_comes_true_afterwards() {
        let fit = Calibration::fit(&squares(1, 20_000));
        let others = squares(2, 20_000);
        assert!(ece(&others, |p| p) > 0.15);
        assert!(ece(&others, |p| fit.apply(p)) < 0.015);
    }

    #[test]
    fn the_curve_never_falls_and_stays_inside() {
        for seed in 0..20 {
            let fit = Calibration::fit(&squares(seed, 50 + seed as usize * 30));
            let mut before = 0.0;
            for step in 0..=1000 {
                let now = fit.apply(f64::from(step) / 1000.0);
                assert!(
                    (EDGE..=1.0 - EDGE).contains(&now) && now >= before,
                    "{now} {before}"
                );
                before = now;
            }
        }
    }

    #[test]
    fn no_outcomes_leave_everything_as_it_is() {
        assert_eq!(Calibration::fit(&[]).apply(0.3), 0.3);
        assert!(Calibration::from_knots(vec![(0.5, 0.5), (0.4, 0.6)]).is_none());
        assert!(Calibration::from_knots(vec![(0.4, 0.5), (0.5, f64::NAN)]).is_none());
    }

    #[test]
    fn another_share_of_positives_is_corrected() {
        // Two normal scores one apart from each other: the true probability is known at any share.
        let draw = |seed, share: f64| -> Vec<Outcome> {
            let mut random = Random::new(seed, "shift", 0);
            (0..30_000)
                .map(|_| {
                    let positive = random.chance(share);
                    let x = random.normal() + if positive { 2.0 } else { 0.0 };
                    let at_half = 1.0 / (1.0 + (-(2.0 * x - 2.0)).exp());
                    Outcome::new(at_half, positive)
                })
                .collect()
        };
        for share in [0.03, 0.2, 0.8] {
            let outcomes = draw(7, share);
            assert!(ece(&outcomes, |p| shift_prior(p, 0.5, share)) < 0.02);
        }
    }
}
