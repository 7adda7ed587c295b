//! Learning from labelled pairs, and judging others.

use std::collections::{BTreeSet, HashMap};

use super::corpus::{Corpus, Prepared};
use super::features::{Row, features};
use super::lexicon::Lexicon;
use super::rank::Rivals;
use super::record::{Pair, Record};
use super::score::{Score, threshold};
use crate::eval::Random;
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

/// One way of learning.
#[derive(Debug, Clone, PartialEq)]
pub struct Variant {
    /// Whether how a pair's similarities stand beside those of its rivals is a feature.
    pub ranked: bool,
    /// Whether there is a first model, whose judgement of a pair and of its rivals the second sees.
    pub staged: bool,
    /// How trees are grown.
    pub boosted: Options,
}

/// How a matcher is learnt and chosen.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The ways that are tried.
    pub variants: Vec<Variant>,
    /// Parts of the training pairs for the first stage: each is judged by what was learnt from the
    /// others, so that the second stage sees the first as it will be on new pairs.
    pub folds: usize,
    /// Models whose mean counts, each from another seed.
    pub bag: usize,
}

impl Default for Settings {
    fn default() -> Self {
        let boosted = Options::default();
        let variant = |(ranked, staged)| Variant {
            ranked,
            staged,
            boosted: boosted.clone(),
        };
        Self {
            variants: [(false, false), (true, false), (false, true), (true, true)]
                .map(variant)
                .to_vec(),
            folds: 5,
            bag: 5,
        }
    }
}

/// What was learnt from labelled pairs.
#[derive(Debug)]
pub struct Matcher {
    known: Vec<Record>,
    variant: Variant,
    lexicon: Lexicon,
    first: Vec<Boosted>,
    second: Vec<Boosted>,
    threshold: f32,
}

/// A way of learning that was tried, and its score on the pairs for choosing.
#[derive(Debug, Clone)]
pub struct Tried {
    /// The way.
    pub variant: Variant,
    /// What it scored there, with the threshold chosen there.
    pub score: Score,
}

impl Matcher {
    /// Learns from `train` in each of the ways, and takes the way and the threshold that are best on
    /// `valid`. Nothing when there is no way to try.
    #[must_use]
    pub fn choose(
        train: &[Pair],
        valid: &[Pair],
        settings: &Settings,
    ) -> Option<(Self, Vec<Tried>)> {
        let mut tried = Vec::new();
        let mut best: Option<(f64, Self)> = None;
        for variant in &settings.variants {
            let mut matcher = Self::fit(train, valid.len(), variant, settings);
            let logits = matcher.judge(valid);
            matcher.threshold = threshold(&logits, valid);
            let score = Score::of(&logits, valid, matcher.threshold);
            tried.push(Tried {
                variant: variant.clone(),
                score,
            });
            if best.as_ref().is_none_or(|(f1, _)| score.f1() > *f1) {
                best = Some((score.f1(), matcher));
            }
        }
        Some((best?.1, tried))
    }

    /// Learns from labelled pairs. `at_once` is how many will be judged together: a record has as
    /// many rivals as there are pairs around it, and training must see about as many.
    fn fit(train: &[Pair], at_once: usize, variant: &Variant, settings: &Settings) -> Self {
        let seed = variant.boosted.seed;
        let parts = (train.len() as f64 / at_once.max(1) as f64)
            .round()
            .max(1.0);
        let mut lot = Random::new(seed, "parts", 0);
        let parts: Vec<usize> = train.iter().map(|_| lot.below(parts as usize)).collect();
        let mut out = Self {
            known: records(train).into_iter().cloned().collect(),
            variant: variant.clone(),
            lexicon: Lexicon::default(),
            first: Vec::new(),
            second: Vec::new(),
            threshold: 0.0,
        };
        let mut rows = out.rows(train, &parts);
        let folds = settings.folds.max(2);
        let fold = out.folds(train, folds);
        out.fit_lexicon(train, &mut rows, &fold, folds);
        if variant.staged {
            let logits = out.fit_first(train, &rows, &fold, folds);
            add_standing(&mut rows, train, &parts, "stage", &logits);
        }
        let x: Vec<Vec<f32>> = rows.into_iter().map(|r| r.values).collect();
        let answers: Vec<bool> = train.iter().map(|p| p.same).collect();
        out.second = (0..settings.bag.max(1) as u64)
            .map(|n| Boosted::fit(&x, &answers, &out.seeded(seed + 100 + n)))
            .collect();
        out
    }

    /// The fold of each pair; pairs of one left record are in one.
    fn folds(&self, train: &[Pair], folds: usize) -> Vec<usize> {
        let numbers: HashMap<&Record, u64> = self.known.iter().zip(0..).collect();
        let seed = self.variant.boosted.seed;
        let fold = |pair: &Pair| Random::new(seed, "fold", numbers[&pair.left]).below(folds);
        train.iter().map(fold).collect()
    }

    /// Learns what words say, and adds to each training pair what the other folds say of its words.
    fn fit_lexicon(&mut self, train: &[Pair], rows: &mut [Row], fold: &[usize], folds: usize) {
        let learn = |rows: &[Row], without: usize| {
            let seen = rows
                .iter()
                .zip(train)
                .zip(fold)
                .filter(|(_, fold)| **fold != without);
            Lexicon::learn(seen.map(|((row, pair), _)| (row, pair.same)))
        };
        let lexicons: Vec<Lexicon> = (0..folds).map(|part| learn(rows, part)).collect();
        self.lexicon = learn(rows, folds);
        for (row, fold) in rows.iter_mut().zip(fold) {
            lexicons[*fold].add(row);
        }
    }

    /// Learns the first stage, and says what it thinks of each training pair without having seen it
    /// or another pair of the same left record.
    fn fit_first(
        &mut self,
        train: &[Pair],
        rows: &[Row],
        fold: &[usize],
        folds: usize,
    ) -> Vec<f32> {
        let seed = self.variant.boosted.seed;
        let mut models = Vec::with_capacity(folds);
        let mut logits = vec![0f32; train.len()];
        for part in 0..folds {
            let others = || (0..train.len()).filter(|&at| fold[at] != part);
            let x: Vec<Vec<f32>> = others().map(|at| rows[at].values.clone()).collect();
            let answers: Vec<bool> = others().map(|at| train[at].same).collect();
            let model = Boosted::fit(&x, &answers, &self.seeded(seed + part as u64));
            for at in (0..train.len()).filter(|&at| fold[at] == part) {
                logits[at] = model.logit(&rows[at].values) as f32;
            }
            models.push(model);
        }
        self.first = models;
        logits
    }

    fn seeded(&self, seed: u64) -> Options {
        Options {
            seed,
            ..self.variant.boosted.clone()
        }
    }

    /// The log odds of each pair to be of one product. Pairs that are judged together are each
    /// other's rivals, and how rare a word is depends on all of them.
    #[must_use]
    pub fn judge(&self, pairs: &[Pair]) -> Vec<f32> {
        let parts = vec![0; pairs.len()];
        let mut rows = self.rows(pairs, &parts);
        rows.iter_mut().for_each(|row| self.lexicon.add(row));
        if self.variant.staged {
            let logits: Vec<f32> = rows.iter().map(|r| mean(&self.first, r)).collect();
            add_standing(&mut rows, pairs, &parts, "stage", &logits);
        }
        rows.iter().map(|r| mean(&self.second, r)).collect()
    }

    /// From these log odds on, a pair counts as one product.
    #[must_use]
    pub fn threshold(&self) -> f32 {
        self.threshold
    }

    /// The way that was chosen.
    #[must_use]
    pub fn variant(&self) -> &Variant {
        &self.variant
    }

    /// The features of pairs. Words are weighed by all records that were learnt from or are judged.
    fn rows(&self, pairs: &[Pair], parts: &[usize]) -> Vec<Row> {
        let mut corpus = Corpus::default();
        let own = records(pairs);
        let known: BTreeSet<&Record> = self.known.iter().collect();
        corpus.learn(known.union(&own).copied());
        let prepared: HashMap<&Record, Prepared> =
            own.iter().map(|r| (*r, corpus.prepare(r))).collect();
        let mut rows: Vec<Row> = pairs
            .iter()
            .map(|p| features(&corpus, &prepared[&p.left], &prepared[&p.right]))
            .collect();
        if self.variant.ranked {
            for name in RANKED {
                let values: Vec<f32> = rows.iter().map(|r| r.get(name)).collect();
                add_standing(&mut rows, pairs, parts, name, &values);
            }
        }
        rows
    }
}

fn records(pairs: &[Pair]) -> BTreeSet<&Record> {
    pairs.iter().flat_map(|p| [&p.left, &p.right]).collect()
}

fn mean(models: &[Boosted], row: &Row) -> f32 {
    let sum: f64 = models.iter().map(|m| m.logit(&row.values)).sum();
    (sum / models.len().max(1) as f64) as f32
}

/// Adds a value of each pair, and how it stands beside those of the rivals.
fn add_standing(rows: &mut [Row], pairs: &[Pair], parts: &[usize], name: &str, values: &[f32]) {
    let rivals = Rivals::of(pairs, parts);
    for (at, row) in rows.iter_mut().enumerate() {
        row.put(name, "_value", values[at]);
        let names = ["_left", "_left_above", "_right", "_right_above"];
        for (what, value) in names.iter().zip(rivals.standing(at, values)) {
            row.put(name, what, value);
        }
        let [left, right] = rivals.counts(at);
        row.put(name, "_rivals_left", left);
        row.put(name, "_rivals_right", right);
    }
}
