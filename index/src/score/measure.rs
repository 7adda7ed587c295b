//! What a list of probabilities was worth, once the truth is known: the one place where that is
//! reckoned.

use serde::Serialize;

/// Groups of (nearly) equal weight that [`Measured::ece`] compares.
pub const ECE_GROUPS: usize = 15;

/// A probability and what came out.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Outcome {
    /// What was said, 0 to 1.
    pub probability: f64,
    /// Whether it was so.
    pub positive: bool,
    /// How many like it this one stands for: 1, or more where only a share was looked at.
    pub weight: f64,
}

impl Outcome {
    /// One that stands for itself.
    #[must_use]
    pub fn new(probability: f64, positive: bool) -> Self {
        Self {
            probability,
            positive,
            weight: 1.0,
        }
    }
}

/// The figures of a list of outcomes.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Measured {
    /// How many there were.
    pub count: usize,
    /// Share of them that were so.
    pub prevalence: f64,
    /// Share of those at or over the threshold that were so.
    pub precision: f64,
    /// Share of those that were so at or over the threshold.
    pub recall: f64,
    /// Harmonic mean of both.
    pub f1: f64,
    /// Area under the curve of precision over recall (average precision).
    pub auprc: f64,
    /// Mean squared error of the probabilities (Brier 1950).
    pub brier: f64,
    /// Expected calibration error: the mean distance between what was said and what came out, over
    /// [`ECE_GROUPS`] groups of equal weight, in the order of what was said.
    pub ece: f64,
}

/// Measures outcomes; nothing when there are none, or none that count.
#[must_use]
pub fn measure(outcomes: &[Outcome], threshold: f64) -> Option<Measured> {
    let ranked = ranked(outcomes);
    let total: f64 = ranked.iter().map(|o| o.weight).sum();
    if total <= 0.0 {
        return None;
    }
    let positives = weight(ranked.iter().filter(|o| o.positive));
    let flagged = weight(ranked.iter().filter(|o| o.probability >= threshold));
    let right = weight(
        ranked
            .iter()
            .filter(|o| o.positive && o.probability >= threshold),
    );
    let (precision, recall) = (share(right, flagged), share(right, positives));
    let brier = ranked
        .iter()
        .map(|o| (o.probability - f64::from(u8::from(o.positive))).powi(2) * o.weight);
    Some(Measured {
        count: ranked.len(),
        prevalence: positives / total,
        precision,
        recall,
        f1: share(2.0 * precision * recall, precision + recall),
        auprc: auprc(&ranked, positives),
        brier: brier.sum::<f64>() / total,
        ece: ece(&ranked, total),
    })
}

/// Share of the `k` most probable that were so; of fewer, when there are fewer.
#[must_use]
pub fn precision_at(outcomes: &[Outcome], k: usize) -> f64 {
    let ranked = ranked(outcomes);
    let first = &ranked[..k.min(ranked.len())];
    share(weight(first.iter().filter(|o| o.positive)), weight(first))
}

/// Share of all that were so among the `k` most probable.
#[must_use]
pub fn recall_at(outcomes: &[Outcome], k: usize) -> f64 {
    let ranked = ranked(outcomes);
    let first = &ranked[..k.min(ranked.len())];
    share(
        weight(first.iter().filter(|o| o.positive)),
        weight(ranked.iter().filter(|o| o.positive)),
    )
}

/// The lowest threshold at which the precision still is as asked, and the recall there; nothing
/// when no threshold reaches it.
#[must_use]
pub fn recall_at_precision(outcomes: &[Outcome], precision: f64) -> Option<(f64, f64)> {
    let ranked = ranked(outcomes);
    let positives = weight(ranked.iter().filter(|o| o.positive));
    let (mut taken, mut right, mut best) = (0.0, 0.0, None);
    for (at, outcome) in ranked.iter().enumerate() {
        taken += outcome.weight;
        right += if outcome.positive {
            outcome.weight
        } else {
            0.0
        };
        // A threshold cannot part those of one probability.
        let last_of_its_kind = ranked
            .get(at + 1)
            .is_none_or(|next| next.probability < outcome.probability);
        if last_of_its_kind && right > 0.0 && right / taken >= precision {
            best = Some((outcome.probability, share(right, positives)));
        }
    }
    best
}

/// Most probable first; what is no number or has no weight is left out.
fn ranked(outcomes: &[Outcome]) -> Vec<Outcome> {
    let mut ranked: Vec<Outcome> = outcomes
        .iter()
        .copied()
        .filter(|o| o.probability.is_finite() && o.weight.is_finite() && o.weight > 0.0)
        .collect();
    ranked.sort_by(|a, b| b.probability.total_cmp(&a.probability));
    ranked
}

fn weight<'a>(of: impl IntoIterator<Item = &'a Outcome>) -> f64 {
    of.into_iter().map(|o| o.weight).sum()
}

fn share(part: f64, whole: f64) -> f64 {
    if whole > 0.0 { part / whole } else { 0.0 }
}

/// Average precision; those of one probability count together, so that their order does not matter.
fn auprc(ranked: &[Outcome], positives: f64) -> f64 {
    let (mut taken, mut right, mut area) = (0.0, 0.0, 0.0);
    for tied in ranked.chunk_by(|a, b| a.probability == b.probability) {
        let here = weight(tied.iter().filter(|o| o.positive));
        taken += weight(tied);
        right += here;
        area += share(here, positives) * share(right, taken);
    }
    area
}

fn ece(ranked: &[Outcome], total: f64) -> f64 {
    let room = total / ECE_GROUPS as f64;
    let (mut said, mut so, mut error) = (0.0, 0.0, 0.0);
    let mut done = 0.0;
    let mut groups = 1.0;
    for (at, outcome) in ranked.iter().enumerate() {
        said += outcome.probability * outcome.weight;
        so += if outcome.positive {
            outcome.weight
        } else {
            0.0
        };
        done += outcome.weight;
        if done >= room * groups - 1e-9 || at + 1 == ranked.len() {
            error += f64::abs(said - so);
            (said, so) = (0.0, 0.0);
            groups = (done / room).floor() + 1.0;
        }
    }
    error / total
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outcomes(of: &[(f64, bool)]) -> Vec<Outcome> {
        of.iter().map(|&(p, y)| Outcome::new(p, y)).collect()
    }

    #[test]
    fn a_ranking_is_measured_by_hand() {
        let list = outcomes(&[(0.9, true), (0.8, false), (0.7, true), (0.1, false)]);
        let m = measure(&list, 0.75).expect("there are outcomes");
        assert_eq!((m.count, m.prevalence), (4, 0.5));
        assert_eq!((m.precision, m.recall, m.f1), (0.5, 0.5, 0.5));
        // 1/2 × 1/1 + 1/2 × 2/3
        assert!((m.auprc - (0.5 + 1.0 / 3.0)).abs() < 1e-12);
        assert!((m.brier - (0.01 + 0.64 + 0.09 + 0.01) / 4.0).abs() < 1e-12);
        assert_eq!(precision_at(&list, 3), 2.0 / 3.0);
        assert_eq!(recall_at(&list, 1), 0.5);
        assert_eq!(recall_at_precision(&list, 0.6), Some((0.7, 1.0)));
        assert_eq!(recall_at_precision(&list, 1.0), Some((0.9, 0.5)));
    }

    #[test]
    fn probabilities_that_come_true_have_no_calibration_error() {
        let list: Vec<Outcome> = (0..1000).map(|i| Outcome::new(0.2, i % 5 == 0)).collect();
        assert!(measure(&list, 0.5).expect("outcomes").ece < 0.02);
        let wrong: Vec<Outcome> = (0..1000).map(|i| Outcome::new(0.7, i % 5 == 0)).collect();
        assert!((measure(&wrong, 0.5).expect("outcomes").ece - 0.5).abs() < 1e-9);
    }

    #[test]
    fn one_with_weight_three_counts_as_three() {
        let mut list = outcomes(&[(0.9, true), (0.2, true)]);
        list[1].weight = 3.0;
        let three = outcomes(&[(0.9, true), (0.2, true), (0.2, true), (0.2, true)]);
        let (a, b) = (measure(&list, 0.5), measure(&three, 0.5));
        assert_eq!(
            a.map(|m| (m.recall, m.brier)),
            b.map(|m| (m.recall, m.brier))
        );
    }

    #[test]
    fn the_order_of_ties_does_not_matter() {
        let one = outcomes(&[(0.5, true), (0.5, false), (0.5, false)]);
        let other = outcomes(&[(0.5, false), (0.5, false), (0.5, true)]);
        assert_eq!(measure(&one, 0.5), measure(&other, 0.5));
        assert_eq!(recall_at_precision(&one, 0.5), None);
    }

    #[test]
    fn nothing_and_no_numbers_measure_nothing() {
        assert_eq!(measure(&[], 0.5), None);
        assert_eq!(measure(&outcomes(&[(f64::NAN, true)]), 0.5), None);
        assert_eq!(precision_at(&[], 5), 0.0);
    }
}
