//! Weights fitted on nights, and what they are worth on other nights.

use std::collections::BTreeMap;
use std::ops::Range;

use serde::Serialize;

use super::{Draws, Night, NightOptions, SellerKind, World, night};
use crate::eval::Random;
use crate::score::{
    Calibration, Example, InfringementKind, Measured, Outcome, QUEUE_THRESHOLD, ScoreModel, Shift,
    Spread, fit, measure, outcomes, refit, shift_prior,
};
use crate::text::TextIndexError;

/// Brands whose nights weights are fitted on.
const FITTED: Range<u64> = 0..60;
/// Brands whose nights the curve is drawn from.
const CURVE: Range<u64> = 1_000..1_040;
/// Brands whose nights are judged.
const JUDGED: Range<u64> = 2_000..2_040;
/// Brands that are reviewed in the trial of learning.
const REVIEWED: Range<u64> = 3_000..3_040;
/// How strongly weights are held at zero, in examples.
const RIDGE: f64 = 4.0;
/// Share of pairs under the threshold that the trial's reviewers see.
const AUDITED: f64 = 0.07;

/// What the start is fitted on.
#[derive(Debug, Clone, Copy)]
pub struct Start {
    /// Everything drawn by lot follows from it.
    pub seed: u64,
    /// Nights the weights are fitted on; as many more are for the curve.
    pub nights: u64,
    /// Listings a night.
    pub listings: usize,
}

fn nights(
    seeds: Range<u64>,
    brands: &Range<u64>,
    listings: usize,
    world: World,
    draws: &Draws,
) -> Result<Vec<Night>, TextIndexError> {
    let one = |seed| {
        night(
            &NightOptions {
                seed,
                brands: brands.clone(),
                listings,
                world,
            },
            draws,
        )
    };
    seeds.map(one).collect()
}

/// What is said of each listing by the most probable of its products, and whether it infringes.
fn of_listings(model: &ScoreModel, nights: &[Night]) -> Vec<Outcome> {
    let mut out: Vec<Outcome> = Vec::new();
    for night in nights {
        let mut of: BTreeMap<usize, Outcome> = BTreeMap::new();
        for pair in &night.pairs {
            let said = model.probability(&pair.example.seen);
            let listing = of.entry(pair.listing).or_insert(Outcome::new(0.0, false));
            listing.probability = listing.probability.max(said);
            listing.positive |= pair.example.infringes;
        }
        out.extend(of.into_values());
    }
    out
}

fn examples(nights: &[Night]) -> Vec<Example> {
    nights.iter().flat_map(Night::examples).collect()
}

/// Fits the weights that one starts with.
///
/// # Errors
/// [`TextIndexError`].
pub fn start(of: &Start, draws: &Draws) -> Result<ScoreModel, TextIndexError> {
    let seeds = of.seed..of.seed + of.nights;
    let seen = nights(seeds, &FITTED, of.listings, World::USUAL, draws)?;
    let mut model = fit(&examples(&seen), &ScoreModel::blank(), RIDGE);
    model.centre();
    let seeds = of.seed + 10_000..of.seed + 10_000 + of.nights;
    let others = nights(seeds, &CURVE, of.listings, World::USUAL, draws)?;
    let judged = examples(&others);
    let said: Vec<f64> = judged.iter().map(|e| model.raw(&e.seen)).collect();
    model.calibration = Calibration::fit(&outcomes(&judged, &said));
    model.spread = Spread::of(&of_listings(&model, &others));
    model.name = "start".to_owned();
    model.fitted_on = format!(
        "{} made nights of {} listings each (seed {}, invented brands), not on real listings; the curve is of as many others",
        of.nights, of.listings, of.seed
    );
    Ok(model)
}

/// How a kind of seller was judged.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub struct OfSeller {
    /// Pairs considered.
    pub pairs: usize,
    /// Of these, queued.
    pub queued: usize,
}

/// What weights are worth on nights they were not fitted on.
#[derive(Debug, Clone, Serialize)]
pub struct Report {
    /// Listings.
    pub listings: usize,
    /// Infringing listings for which nothing was found; they count as missed in no other figure.
    pub not_considered: usize,
    /// As the weights say.
    pub measured: Measured,
    /// What the probabilities themselves tell about the share of infringing pairs.
    pub shift: Option<Shift>,
    /// After the correction for that share, where nothing but the share seems to be another.
    pub corrected: Measured,
    /// By kind of seller.
    pub sellers: BTreeMap<SellerKind, OfSeller>,
    /// Share of the queued infringing pairs whose kind of infringement was told rightly.
    pub kinds_right: f64,
    /// What was said, for each kind of infringement.
    pub kinds: BTreeMap<InfringementKind, BTreeMap<String, usize>>,
}

/// Judges weights on nights of another seed and other brands.
///
/// # Errors
/// [`TextIndexError`].
pub fn report(
    model: &ScoreModel,
    seeds: Range<u64>,
    listings: usize,
    world: World,
    draws: &Draws,
) -> Result<Option<Report>, TextIndexError> {
    let seen = nights(seeds, &JUDGED, listings, world, draws)?;
    let judged = examples(&seen);
    let said: Vec<f64> = judged.iter().map(|e| model.probability(&e.seen)).collect();
    let listings_said: Vec<f64> = of_listings(model, &seen)
        .iter()
        .map(|listing| listing.probability)
        .collect();
    let shift = model.spread.shift(&listings_said);
    let holding = shift.filter(|shift| shift.holds);
    let corrected = |&p: &f64| holding.map_or(p, |by| shift_prior(p, by.from, by.share));
    let shifted: Vec<f64> = said.iter().map(corrected).collect();
    let measured = |said: &[f64]| measure(&outcomes(&judged, said), QUEUE_THRESHOLD);
    let (Some(measured), Some(corrected)) = (measured(&said), measured(&shifted)) else {
        return Ok(None);
    };
    let mut sellers: BTreeMap<SellerKind, OfSeller> = BTreeMap::new();
    let mut kinds: BTreeMap<InfringementKind, BTreeMap<String, usize>> = BTreeMap::new();
    let (mut told, mut right) = (0_usize, 0_usize);
    for (pair, said) in seen.iter().flat_map(|n| &n.pairs).zip(&said) {
        let of = sellers.entry(pair.seller).or_default();
        of.pairs += 1;
        let queued = *said >= QUEUE_THRESHOLD;
        of.queued += usize::from(queued);
        if let (Some(kind), true) = (pair.kind, queued) {
            told += 1;
            right += usize::from(pair.said == Some(kind));
            let word = pair.said.map_or("none".to_owned(), |k| format!("{k:?}"));
            *kinds.entry(kind).or_default().entry(word).or_default() += 1;
        }
    }
    Ok(Some(Report {
        listings: seen.iter().map(|n| n.listings).sum(),
        not_considered: seen.iter().map(|n| n.missed).sum(),
        measured,
        shift,
        corrected,
        sellers,
        kinds_right: right as f64 / told.max(1) as f64,
        kinds,
    }))
}

/// What a number of decisions taught.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct Learnt {
    /// Decisions.
    pub decisions: usize,
    /// Of these, drawn from under the threshold.
    pub audited: usize,
    /// On other nights: the weights before.
    pub before: Measured,
    /// On other nights: the weights learnt from the decisions.
    pub after: Measured,
    /// On other nights: weights learnt from the truth about every pair of the reviewed nights.
    pub with_all: Measured,
}

/// Lets reviewers decide on what weights queue in nights of another world, and on a few under the
/// threshold, until there are so many decisions; learns from them; judges on nights of that world.
///
/// # Errors
/// [`TextIndexError`].
pub fn learn(
    before: &ScoreModel,
    decisions: usize,
    seed: u64,
    world: World,
    draws: &Draws,
) -> Result<Option<Learnt>, TextIndexError> {
    let reviewed = nights(seed..seed + 4, &REVIEWED, 3_000, world, draws)?;
    let all = examples(&reviewed);
    let mut random = Random::new(seed, "review", 0);
    let mut order: Vec<usize> = (0..all.len()).collect();
    random.shuffle(&mut order);
    let mut decided: Vec<Example> = Vec::new();
    let mut groups = Vec::new();
    for at in order {
        let example = all[at];
        let weight = match before.probability(&example.seen) >= QUEUE_THRESHOLD {
            true => 1.0,
            false if random.chance(AUDITED) => 1.0 / AUDITED,
            false => continue,
        };
        if decided.len() == decisions {
            break;
        }
        decided.push(Example {
            concerns: example.infringes.then_some(true),
            weight,
            ..example
        });
        groups.push(at as u64);
    }
    let numbered: Vec<u64> = (0..all.len() as u64).collect();
    let few = refit(&decided, &groups, before, QUEUE_THRESHOLD);
    let full = refit(&all, &numbered, before, QUEUE_THRESHOLD);
    let (Some(few), Some(full)) = (few, full) else {
        return Ok(None);
    };
    let judged = examples(&nights(
        seed + 20_000..seed + 20_004,
        &JUDGED,
        3_000,
        world,
        draws,
    )?);
    let of = |model: &ScoreModel| {
        let judge = |e: &Example| Outcome::new(model.probability(&e.seen), e.infringes);
        let judged: Vec<Outcome> = judged.iter().map(judge).collect();
        measure(&judged, QUEUE_THRESHOLD)
    };
    let (Some(was), Some(after), Some(with_all)) = (of(before), of(&few.model), of(&full.model))
    else {
        return Ok(None);
    };
    Ok(Some(Learnt {
        decisions: decided.len(),
        audited: few.comparison.audited,
        before: was,
        after,
        with_all,
    }))
}
