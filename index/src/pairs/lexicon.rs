//! What a word says that only one of two names has, or both: learnt from labelled pairs. "Used" on
//! one side tells two products apart, a shop's name does not.

use std::collections::HashMap;

use super::features::Row;

/// Pairs that a word must have been seen in to weigh half of what they say.
const PRIOR: f64 = 6.0;

/// In how many pairs a word was seen, of one product and of two.
#[derive(Debug, Default, Clone)]
pub(super) struct Lexicon {
    apart: HashMap<String, [f64; 2]>,
    shared: HashMap<String, [f64; 2]>,
    all: [f64; 2],
}

impl Lexicon {
    pub(super) fn learn<'a>(rows: impl Iterator<Item = (&'a Row, bool)>) -> Self {
        let mut out = Self::default();
        for (row, same) in rows {
            let answer = usize::from(same);
            out.all[answer] += 1.0;
            for (words, counts) in [(&row.apart, &mut out.apart), (&row.shared, &mut out.shared)] {
                for word in words {
                    match counts.get_mut(word) {
                        Some(count) => count[answer] += 1.0,
                        None => {
                            let mut count = [0.0; 2];
                            count[answer] = 1.0;
                            counts.insert(word.clone(), count);
                        }
                    }
                }
            }
        }
        out
    }

    /// The log odds that a word adds; 0 for one that was never seen.
    fn weight(&self, counts: &HashMap<String, [f64; 2]>, word: &str) -> f64 {
        let Some([no, yes]) = counts.get(word) else {
            return 0.0;
        };
        let share = (self.all[1] + 1.0) / (self.all[0] + self.all[1] + 2.0);
        let seen = (yes + PRIOR * share) / (no + PRIOR * (1.0 - share));
        (seen * (1.0 - share) / share).ln()
    }

    /// Adds what the words of a pair say to its row.
    pub(super) fn add(&self, row: &mut Row) {
        let weights = |words: &[String], counts| -> Vec<f64> {
            words.iter().map(|word| self.weight(counts, word)).collect()
        };
        let apart = weights(&row.apart, &self.apart);
        let shared = weights(&row.shared, &self.shared);
        for (of, weights) in [("lexicon_apart_", apart), ("lexicon_shared_", shared)] {
            let fold = |first: f64, with: fn(f64, f64) -> f64| {
                weights.iter().copied().fold(first, with) as f32
            };
            row.put(of, "sum", weights.iter().sum::<f64>() as f32);
            row.put(of, "least", fold(0.0, f64::min));
            row.put(of, "most", fold(0.0, f64::max));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_that_tells_products_apart_weighs_against_and_an_idle_one_nothing() {
        let row = |words: &[&str]| Row {
            apart: words.iter().map(|w| (*w).to_owned()).collect(),
            ..Row::default()
        };
        let rows: Vec<(Row, bool)> = (0..40)
            .map(|n| {
                if n % 2 == 0 {
                    (row(&["shop"]), true)
                } else {
                    (row(&["shop", "used"]), false)
                }
            })
            .collect();
        let lexicon = Lexicon::learn(rows.iter().map(|(row, same)| (row, *same)));
        let least = |words: &[&str]| {
            let mut row = row(words);
            lexicon.add(&mut row);
            row.get("lexicon_apart_least")
        };
        assert!(least(&["used"]) < -1.0);
        assert!(least(&["shop"]).abs() < 0.2);
        assert_eq!(least(&["never", "seen"]), 0.0);
    }
}
