//! Gradient boosted decision trees for yes and no (Friedman 2001), on binned features.

use crate::eval::Random;

use super::histogram::{Binned, Sums, best_cut, bin};

/// How trees are grown.
#[derive(Debug, Clone, PartialEq)]
pub struct Options {
    /// How many trees.
    pub trees: usize,
    /// Cuts on the way to a leaf, at most.
    pub depth: usize,
    /// How much of each tree's step is taken.
    pub rate: f64,
    /// Holds leaves near zero.
    pub ridge: f64,
    /// The least weight of a leaf; a row that is undecided weighs a quarter.
    pub least_slope: f64,
    /// Share of the rows that a tree sees.
    pub rows: f64,
    /// Share of the features that a tree sees.
    pub features: f64,
    /// Everything drawn by lot follows from it.
    pub seed: u64,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            trees: 300,
            depth: 5,
            rate: 0.06,
            ridge: 2.0,
            least_slope: 1.0,
            rows: 0.7,
            features: 0.5,
            seed: 1,
        }
    }
}

#[derive(Debug, Clone)]
enum Node {
    Leaf(f64),
    Cut {
        feature: u32,
        bin: u8,
        missing_left: bool,
        /// Where the two children are.
        left: u32,
        right: u32,
    },
}

/// Trees whose sum is the log odds of yes.
#[derive(Debug, Clone)]
pub struct Boosted {
    cuts: Vec<Vec<f32>>,
    base: f64,
    trees: Vec<Vec<Node>>,
    gains: Vec<f64>,
}

impl Boosted {
    /// Learns from rows of features and their answers. Values that are not finite count as missing.
    #[must_use]
    pub fn fit(rows: &[Vec<f32>], answers: &[bool], options: &Options) -> Self {
        let binned = Binned::new(rows);
        let width = binned.cuts.len();
        let count = rows.len().min(answers.len());
        let yes = answers.iter().take(count).filter(|a| **a).count() as f64;
        let base = ((yes + 0.5) / (count as f64 - yes + 0.5)).ln();
        let mut out = Self {
            cuts: Vec::new(),
            base,
            trees: Vec::with_capacity(options.trees),
            gains: vec![0.0; width],
        };
        let mut lot = Random::new(options.seed, "boosted trees", 0);
        let mut scores = vec![base; count];
        let mut sums = vec![Sums::default(); count];
        for _ in 0..options.trees {
            for ((sum, score), answer) in sums.iter_mut().zip(&scores).zip(answers) {
                let p = probability(*score);
                *sum = Sums {
                    gradient: f64::from(u8::from(*answer)) - p,
                    slope: (p * (1.0 - p)).max(1e-6),
                };
            }
            let seen: Vec<u32> = (0..count as u32)
                .filter(|_| lot.chance(options.rows))
                .collect();
            let mut features: Vec<usize> = (0..width)
                .filter(|_| lot.chance(options.features))
                .collect();
            if features.is_empty() {
                features = (0..width).collect();
            }
            let mut tree = Vec::new();
            out.grow(
                &binned,
                &features,
                seen,
                &sums,
                options,
                options.depth,
                &mut tree,
            );
            for (row, score) in scores.iter_mut().enumerate() {
                *score += leaf(&tree, |feature| binned.columns[feature][row]);
            }
            out.trees.push(tree);
        }
        out.cuts = binned.cuts;
        out
    }

    #[expect(
        clippy::too_many_arguments,
        reason = "what a node needs, handed down to its children"
    )]
    fn grow(
        &mut self,
        binned: &Binned,
        features: &[usize],
        rows: Vec<u32>,
        sums: &[Sums],
        options: &Options,
        depth: usize,
        tree: &mut Vec<Node>,
    ) -> u32 {
        let place = tree.len();
        let bounds = (options.ridge, options.least_slope);
        let cut = (depth > 0)
            .then(|| best_cut(binned, features, &rows, sums, bounds))
            .flatten();
        let Some(cut) = cut else {
            let mut all = Sums::default();
            rows.iter().for_each(|&row| all.add(sums[row as usize]));
            tree.push(Node::Leaf(
                options.rate * all.gradient / (all.slope + options.ridge),
            ));
            return place as u32;
        };
        self.gains[cut.feature] += cut.gain;
        tree.push(Node::Leaf(0.0));
        let column = &binned.columns[cut.feature];
        let (left, right): (Vec<u32>, Vec<u32>) = rows
            .into_iter()
            .partition(|&row| goes_left(column[row as usize], cut.bin, cut.missing_left));
        let left = self.grow(binned, features, left, sums, options, depth - 1, tree);
        let right = self.grow(binned, features, right, sums, options, depth - 1, tree);
        tree[place] = Node::Cut {
            feature: cut.feature as u32,
            bin: cut.bin,
            missing_left: cut.missing_left,
            left,
            right,
        };
        place as u32
    }

    /// The log odds of yes.
    #[must_use]
    pub fn logit(&self, row: &[f32]) -> f64 {
        let bins: Vec<u8> = self
            .cuts
            .iter()
            .enumerate()
            .map(|(at, cuts)| bin(cuts, row.get(at).copied().unwrap_or(f32::NAN)))
            .collect();
        let trees = self
            .trees
            .iter()
            .map(|tree| leaf(tree, |feature| bins[feature]));
        self.base + trees.sum::<f64>()
    }

    /// The probability of yes.
    #[must_use]
    pub fn probability(&self, row: &[f32]) -> f64 {
        probability(self.logit(row))
    }

    /// How much each feature lowered the loss while learning.
    #[must_use]
    pub fn gains(&self) -> &[f64] {
        &self.gains
    }
}

fn probability(logit: f64) -> f64 {
    1.0 / (1.0 + (-logit).exp())
}

fn goes_left(bin: u8, up_to: u8, missing_left: bool) -> bool {
    if bin == 0 { missing_left } else { bin <= up_to }
}

/// The value of the leaf that a row with these bins falls into.
fn leaf(tree: &[Node], bin: impl Fn(usize) -> u8) -> f64 {
    let mut at = 0usize;
    loop {
        match tree.get(at) {
            Some(Node::Leaf(value)) => return *value,
            Some(Node::Cut {
                feature,
                bin: up_to,
                missing_left,
                left,
                right,
            }) => {
                let goes = goes_left(bin(*feature as usize), *up_to, *missing_left);
                at = if goes { *left } else { *right } as usize;
            }
            None => return 0.0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Yes where two features disagree, which no single cut tells; the third is often missing.
    fn rows(seed: u64) -> (Vec<Vec<f32>>, Vec<bool>) {
        let mut lot = Random::new(seed, "rows", 0);
        let rows: Vec<Vec<f32>> = (0..2_000)
            .map(|_| {
                let mut row: Vec<f32> = (0..4).map(|_| lot.unit() as f32).collect();
                if lot.chance(0.5) {
                    row[2] = f32::NAN;
                }
                row
            })
            .collect();
        let answers = rows.iter().map(|r| (r[0] > 0.4) != (r[1] > 0.7)).collect();
        (rows, answers)
    }

    fn options(seed: u64) -> Options {
        Options {
            trees: 80,
            rate: 0.2,
            seed,
            ..Options::default()
        }
    }

    #[test]
    fn what_no_single_feature_tells_is_learnt_and_holds_on_other_rows() {
        let (train, answers) = rows(1);
        let model = Boosted::fit(&train, &answers, &options(7));
        let (others, truth) = rows(2);
        let right = others
            .iter()
            .zip(&truth)
            .filter(|(row, answer)| (model.probability(row) > 0.5) == **answer)
            .count();
        assert!(right > 1_900, "{right} of 2,000");
        assert!(model.gains()[0] > model.gains()[3] * 5.0);
    }

    #[test]
    fn the_same_seed_gives_the_same_model() {
        let (train, answers) = rows(3);
        let one = Boosted::fit(&train, &answers, &options(1));
        let same = Boosted::fit(&train, &answers, &options(1));
        let other = Boosted::fit(&train, &answers, &options(2));
        assert_eq!(one.logit(&train[0]), same.logit(&train[0]));
        assert_ne!(one.logit(&train[0]), other.logit(&train[0]));
    }

    #[test]
    fn rows_without_values_or_answers_are_no_trouble() {
        let missing = vec![vec![f32::NAN, f32::INFINITY]; 10];
        let model = Boosted::fit(&missing, &[true; 10], &Options::default());
        assert!(model.probability(&missing[0]) > 0.9);
        assert!(model.probability(&[]) > 0.9);
        let nothing = Boosted::fit(&[], &[], &Options::default());
        assert!((nothing.probability(&[1.0]) - 0.5).abs() < 1e-9);
    }
}
