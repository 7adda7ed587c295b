//! How well pairs were judged.

use super::record::Pair;

/// Thresholds this far around one are looked at together, in log odds: the very best of a few hundred
/// pairs is luck.
const AROUND: f32 = 0.4;

/// Pairs counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Score {
    /// Pairs judged.
    pub pairs: usize,
    /// Of these, of one product.
    pub same: usize,
    /// Said to be of one product.
    pub said: usize,
    /// Rightly.
    pub right: usize,
}

impl Score {
    /// Counts pairs judged with these log odds; those from the threshold on count as said.
    #[must_use]
    pub fn of(logits: &[f32], pairs: &[Pair], threshold: f32) -> Self {
        let said = logits.iter().map(|l| *l >= threshold);
        let judged = || said.clone().zip(pairs);
        Self {
            pairs: pairs.len(),
            same: pairs.iter().filter(|p| p.same).count(),
            said: judged().filter(|(said, _)| *said).count(),
            right: judged().filter(|(said, pair)| *said && pair.same).count(),
        }
    }

    /// Share of those said that are right.
    #[must_use]
    pub fn precision(&self) -> f64 {
        self.right as f64 / self.said.max(1) as f64
    }

    /// Share of those of one product that were said.
    #[must_use]
    pub fn recall(&self) -> f64 {
        self.right as f64 / self.same.max(1) as f64
    }

    /// The harmonic mean of precision and recall.
    #[must_use]
    pub fn f1(&self) -> f64 {
        2.0 * self.right as f64 / (self.said + self.same).max(1) as f64
    }
}

/// The threshold with the best mean F1 of itself and its neighbours.
pub(super) fn threshold(logits: &[f32], pairs: &[Pair]) -> f32 {
    let steps = (-60..=60).map(|n| n as f32 / 10.0);
    let scored: Vec<(f32, f64)> = steps
        .map(|at| (at, Score::of(logits, pairs, at).f1()))
        .collect();
    let mean = |at: f32| {
        let near = scored
            .iter()
            .filter(|(other, _)| (other - at).abs() <= AROUND + 1e-3);
        let (sum, count) = near.fold((0.0, 0.0), |(s, c), (_, f1)| (s + f1, c + 1.0));
        sum / count
    };
    let mut best = (0.0, f64::NEG_INFINITY);
    for &(at, _) in &scored {
        if mean(at) > best.1 {
            best = (at, mean(at));
        }
    }
    best.0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pairs(answers: &[bool]) -> Vec<Pair> {
        let pair = |same: &bool| Pair {
            left: Default::default(),
            right: Default::default(),
            same: *same,
        };
        answers.iter().map(pair).collect()
    }

    #[test]
    fn precision_recall_and_f1_are_counted() {
        let score = Score::of(
            &[2.0, 1.0, -1.0, -2.0],
            &pairs(&[true, false, true, false]),
            0.0,
        );
        assert_eq!((score.said, score.right, score.same), (2, 1, 2));
        assert_eq!(
            (score.precision(), score.recall(), score.f1()),
            (0.5, 0.5, 0.5)
        );
        assert_eq!(Score::of(&[], &[], 0.0).f1(), 0.0);
    }

    #[test]
    fn the_threshold_lies_in_the_widest_gap_that_is_best() {
        let logits = [3.0, 2.5, -2.0, -2.5];
        let at = threshold(&logits, &pairs(&[true, true, false, false]));
        assert!((-2.0..2.5).contains(&at), "{at}");
    }
}
