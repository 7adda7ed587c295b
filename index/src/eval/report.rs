//! The figures of an evaluation.

use serde::Serialize;

use super::edits::Edit;
use super::measure::{Found, GOOD_OVERLAP, Measured, RATES};

/// Recall at a share of unrelated photos matched.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct RecallAt {
    /// The share of unrelated photos that may be matched to anything, 0 to 1.
    pub false_share: f64,
    /// The share of edited photos found then, 0 to 1.
    pub recall: f64,
}

/// The score above which a share of the unrelated photos is matched at most.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Threshold {
    /// The share of unrelated photos that may be matched to anything, 0 to 1.
    pub false_share: f64,
    /// Matches must be above this score; 0 when all that the search calls a match are allowed.
    pub score: f64,
}

/// What was found of the photos edited in one way.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct EditReport {
    /// The edit's name.
    pub name: String,
    /// What it does, for people.
    pub what: String,
    /// How many photos were edited.
    pub photos: usize,
    /// How many were matched to the right product.
    pub found: usize,
    /// Their share, 0 to 1.
    pub recall: f64,
    /// The share found at stricter thresholds.
    pub recall_at: Vec<RecallAt>,
    /// The share of those found that were found in the right place
    /// ([`GOOD_OVERLAP`]); nothing when none was found.
    pub well_placed: Option<f64>,
}

/// Means over the edits, each edit weighing the same.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Means {
    /// Of the recall as decided.
    pub recall: f64,
    /// Of the recall at stricter thresholds.
    pub recall_at: Vec<RecallAt>,
    /// Of the share in the right place, over edits of which anything was found.
    pub well_placed: Option<f64>,
}

/// An evaluation's figures.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Report {
    /// How many unrelated photos were searched for.
    pub unrelated: usize,
    /// How many of them were matched to anything.
    pub false_matches: usize,
    /// Their share; nothing without unrelated photos.
    pub false_share: Option<f64>,
    /// The stricter thresholds; only those for which there are enough unrelated photos that at least
    /// one may be matched.
    pub thresholds: Vec<Threshold>,
    /// Each edit, in the order of [`EDITS`](super::EDITS).
    pub edits: Vec<EditReport>,
    /// Means over the edits; nothing without any.
    pub means: Option<Means>,
}

impl Report {
    /// Adds up what was measured.
    #[must_use]
    pub fn new(measured: &Measured) -> Self {
        let mut scores: Vec<f64> = measured.unrelated.iter().flatten().copied().collect();
        scores.sort_by(|a, b| b.total_cmp(a));
        let unrelated = measured.unrelated.len();
        let thresholds: Vec<Threshold> = RATES
            .into_iter()
            .filter_map(|false_share| {
                // A little more than the product: 0.001 times 1,000 may come out below 1.
                let allowed = (false_share * unrelated as f64 + 1e-9) as usize;
                let score = scores.get(allowed).copied().unwrap_or(0.0);
                (allowed >= 1).then_some(Threshold { false_share, score })
            })
            .collect();
        let edits: Vec<EditReport> = super::EDITS
            .iter()
            .filter_map(|edit| edit_report(edit, measured, &thresholds))
            .collect();
        Self {
            unrelated,
            false_matches: scores.len(),
            false_share: (unrelated > 0).then(|| scores.len() as f64 / unrelated as f64),
            means: means(&edits, &thresholds),
            thresholds,
            edits,
        }
    }
}

fn share(photos: &[&Found], counts: impl Fn(&Found) -> bool) -> Option<f64> {
    let hits = photos.iter().filter(|found| counts(found)).count();
    (!photos.is_empty()).then(|| hits as f64 / photos.len() as f64)
}

fn edit_report(edit: &Edit, measured: &Measured, thresholds: &[Threshold]) -> Option<EditReport> {
    let own = measured
        .edited
        .iter()
        .filter(|(name, _)| *name == edit.name);
    let photos: Vec<&Found> = own.map(|(_, found)| found).collect();
    let found: Vec<&Found> = photos
        .iter()
        .copied()
        .filter(|f| f.score.is_some())
        .collect();
    let at = |t: &Threshold| {
        let recall = share(&photos, |f| f.score.is_some_and(|score| score > t.score))?;
        let false_share = t.false_share;
        Some(RecallAt {
            false_share,
            recall,
        })
    };
    Some(EditReport {
        name: edit.name.to_owned(),
        what: edit.what.to_owned(),
        photos: photos.len(),
        found: found.len(),
        recall: share(&photos, |f| f.score.is_some())?,
        recall_at: thresholds.iter().filter_map(at).collect(),
        well_placed: share(&found, |f| f.overlap >= GOOD_OVERLAP),
    })
}

fn mean(values: impl Iterator<Item = f64>) -> Option<f64> {
    let values: Vec<f64> = values.collect();
    (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64)
}

fn means(edits: &[EditReport], thresholds: &[Threshold]) -> Option<Means> {
    let at = |(i, t): (usize, &Threshold)| {
        let recall = mean(edits.iter().map(|e| e.recall_at[i].recall))?;
        let false_share = t.false_share;
        Some(RecallAt {
            false_share,
            recall,
        })
    };
    Some(Means {
        recall: mean(edits.iter().map(|e| e.recall))?,
        recall_at: thresholds.iter().enumerate().filter_map(at).collect(),
        well_placed: mean(edits.iter().filter_map(|e| e.well_placed)),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(score: f64, overlap: f64) -> Found {
        let score = (score > 0.0).then_some(score);
        Found { score, overlap }
    }

    /// 1,000 unrelated photos, of which twelve are matched, with scores from 0.60 to 0.71.
    fn measured(unrelated: usize) -> Measured {
        let score = |i: usize| (i < 12).then_some(0.60 + i as f64 / 100.0);
        Measured {
            unrelated: (0..unrelated).map(score).collect(),
            edited: vec![
                ("blur", found(0.99, 0.95)),
                ("blur", found(0.705, 0.89)),
                ("blur", found(0.605, 0.9)),
                ("blur", found(0.0, 0.0)),
                ("mirror", found(0.8, 1.0)),
                ("mirror", found(0.8, 1.0)),
            ],
        }
    }

    #[test]
    fn recall_at_a_false_rate_counts_only_what_scores_above_the_strays() {
        let report = Report::new(&measured(1000));
        assert_eq!((report.unrelated, report.false_matches), (1000, 12));
        assert_eq!(report.false_share, Some(0.012));
        // Ten of 1,000 may be matched: those from 0.62 up. One may: that at 0.71.
        let scores: Vec<f64> = report.thresholds.iter().map(|t| t.score).collect();
        assert_eq!(scores, [0.61, 0.70]);
        let blur = &report.edits[1];
        assert_eq!(
            (blur.name.as_str(), blur.photos, blur.found),
            ("blur", 4, 3)
        );
        let recalls: Vec<f64> = blur.recall_at.iter().map(|r| r.recall).collect();
        assert_eq!((blur.recall, recalls), (0.75, vec![0.5, 0.5]));
        assert_eq!(blur.well_placed, Some(2.0 / 3.0));
    }

    #[test]
    fn every_edit_weighs_the_same_in_the_mean() {
        let means = Report::new(&measured(1000)).means.unwrap();
        assert_eq!(means.recall, (0.75 + 1.0) / 2.0);
        assert_eq!(means.recall_at[0].recall, 0.75);
        assert_eq!(means.well_placed, Some((2.0 / 3.0 + 1.0) / 2.0));
    }

    #[test]
    fn rates_that_need_more_unrelated_photos_are_left_out() {
        let rates = |unrelated| {
            let report = Report::new(&measured(unrelated));
            let rates: Vec<f64> = report.thresholds.iter().map(|t| t.false_share).collect();
            assert_eq!(report.edits[0].recall_at.len(), rates.len());
            rates
        };
        assert_eq!(rates(99), [0.0; 0]);
        assert_eq!(rates(999), [0.01]);
        assert_eq!(rates(1000), [0.01, 0.001]);
    }

    #[test]
    fn nothing_measured_gives_no_figures_rather_than_wrong_ones() {
        let report = Report::new(&Measured::default());
        assert_eq!((report.false_share, report.means), (None, None));
        assert!(report.edits.is_empty());
    }

    #[test]
    fn where_few_are_matched_the_search_decides() {
        let mut measured = measured(1000);
        measured.unrelated = vec![None; 1000];
        let report = Report::new(&measured);
        assert!(report.thresholds.iter().all(|t| t.score == 0.0));
        assert_eq!(report.edits[1].recall_at[1].recall, report.edits[1].recall);
    }
}
