//! Learning from labelled pairs, and judging others.

use std::collections::{BTreeSet, HashMap};

use super::corpus::{Corpus, Prepared};
use super::features::{Row, features};
use super::rank::Rivals;
use super::record::{Pair, Record};
use crate::learn::{Boosted, Options};

/// Features whose standing among rivals is a feature as well.
const RANKED: [&str; 7] = [
    "name_cosine",
    "all_cosine",
    "name_grams",
    "name_soft_less",
    "all_grams",
    "all_code_in_either",
    "name_all_within_a",
];

/// How a matcher learns.
#[derive(Debug, Clone)]
pub struct Settings {
    /// How trees are grown.
    pub boosted: Options,
    /// Parts of the training pairs; each is judged by what was learnt from the others, so that the
    /// second stage sees the first as it will be on new pairs.
    pub folds: usize,
    /// Models of the second stage, whose mean counts.
    pub bag: usize,
    pub rank: bool,
    pub stage: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            boosted: Options::default(),
            folds: 5,
            bag: 5,
            rank: true,
            stage: true,
        }
    }
}

/// What was learnt from labelled pairs.
#[derive(Debug)]
pub struct Matcher {
    known: Vec<Record>,
    first: Vec<Boosted>,
    second: Vec<Boosted>,
    settings: Settings,
    pub names: Vec<String>,
}

fn records(pairs: &[Pair]) -> BTreeSet<&Record> {
    pairs.iter().flat_map(|p| [&p.left, &p.right]).collect()
}

/// The features of pairs, with their standing among each other.
fn rows(known: &[Record], pairs: &[Pair], rank: bool, parts: &[usize]) -> Vec<Row> {
    let mut corpus = Corpus::default();
    let own = records(pairs);
    let known: BTreeSet<&Record> = known.iter().collect();
    corpus.learn(known.union(&own).copied());
    let prepared: HashMap<&Record, Prepared> =
        own.iter().map(|r| (*r, corpus.prepare(r))).collect();
    let mut rows: Vec<Row> = pairs
        .iter()
        .map(|p| features(&corpus, &prepared[&p.left], &prepared[&p.right]))
        .collect();
    if rank {
        let rivals = Rivals::of(pairs, parts);
        for name in RANKED {
            let values: Vec<f32> = rows.iter().map(|r| r.get(name)).collect();
            for (at, row) in rows.iter_mut().enumerate() {
                let standing = rivals.standing(at, &values);
                for (what, value) in ["_left", "_left_above", "_right", "_right_above"]
                    .iter()
                    .zip(standing)
                {
                    row.put(name, what, value);
                }
            }
        }
        for (at, row) in rows.iter_mut().enumerate() {
            let [left, right] = rivals.counts(at);
            row.put("", "rivals_left", left);
            row.put("", "rivals_right", right);
        }
    }
    rows
}

fn mean(models: &[Boosted], row: &[f32]) -> f32 {
    (models.iter().map(|m| m.logit(row)).sum::<f64>() / models.len().max(1) as f64) as f32
}

/// Adds what the first stage says of each pair and of its rivals.
fn add_stage(rows: &mut [Row], pairs: &[Pair], logits: &[f32], parts: &[usize]) {
    let rivals = Rivals::of(pairs, parts);
    for (at, row) in rows.iter_mut().enumerate() {
        row.put("stage", "", logits[at]);
        let standing = rivals.standing(at, logits);
        for (what, value) in ["_left", "_left_above", "_right", "_right_above"]
            .iter()
            .zip(standing)
        {
            row.put("stage", what, value);
        }
    }
}

impl Matcher {
    /// Learns from labelled pairs.
    #[must_use]
    pub fn fit(train: &[Pair], at_once: usize, settings: &Settings) -> Self {
        let parts_n = (train.len() as f64 / at_once.max(1) as f64)
            .round()
            .max(1.0) as usize;
        let mut lot = crate::eval::Random::new(settings.boosted.seed, "parts", 0);
        let parts: Vec<usize> = train.iter().map(|_| lot.below(parts_n)).collect();
        let known: Vec<Record> = records(train).into_iter().cloned().collect();
        let mut rows = rows(&known, train, settings.rank, &parts);
        let answers: Vec<bool> = train.iter().map(|p| p.same).collect();
        let numbers: HashMap<&Record, usize> = known.iter().zip(0..).collect();
        let fold = |pair: &Pair| (numbers[&pair.left] * 7919 % 104_729) % settings.folds.max(1);
        let mut first = Vec::new();
        if settings.stage {
            let mut logits = vec![0f32; train.len()];
            for part in 0..settings.folds {
                let (mut x, mut y) = (Vec::new(), Vec::new());
                for (row, pair) in rows.iter().zip(train).filter(|(_, p)| fold(p) != part) {
                    x.push(row.values.clone());
                    y.push(pair.same);
                }
                let options = Options {
                    seed: settings.boosted.seed + part as u64,
                    ..settings.boosted.clone()
                };
                let model = Boosted::fit(&x, &y, &options);
                for (at, pair) in train.iter().enumerate().filter(|(_, p)| fold(p) == part) {
                    let _ = pair;
                    logits[at] = model.logit(&rows[at].values) as f32;
                }
                first.push(model);
            }
            add_stage(&mut rows, train, &logits, &parts);
        }
        let x: Vec<Vec<f32>> = rows.iter().map(|r| r.values.clone()).collect();
        let second = (0..settings.bag)
            .map(|n| {
                let options = Options {
                    seed: settings.boosted.seed + 100 + n as u64,
                    ..settings.boosted.clone()
                };
                Boosted::fit(&x, &answers, &options)
            })
            .collect();
        Self {
            names: rows.first().map(|r| r.names.clone()).unwrap_or_default(),
            known,
            first,
            second,
            settings: settings.clone(),
        }
    }

    /// The log odds of each pair to be of one product. Pairs judged together are each other's rivals.
    #[must_use]
    pub fn judge(&self, pairs: &[Pair]) -> Vec<f32> {
        let parts = vec![0; pairs.len()];
        let mut rows = rows(&self.known, pairs, self.settings.rank, &parts);
        if self.settings.stage {
            let logits: Vec<f32> = rows.iter().map(|r| mean(&self.first, &r.values)).collect();
            add_stage(&mut rows, pairs, &logits, &parts);
        }
        rows.iter().map(|r| mean(&self.second, &r.values)).collect()
    }

    pub fn gains(&self) -> Vec<(String, f64)> {
        let mut out: Vec<(String, f64)> = self
            .names
            .iter()
            .cloned()
            .zip(self.second[0].gains().iter().copied())
            .collect();
        out.sort_by(|a, b| b.1.total_cmp(&a.1));
        out
    }
}
