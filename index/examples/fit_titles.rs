//! Fits the weights of the title matcher: logistic regression with a small ridge, by Newton's method.
//! The brands are split into halves `a` and `b`; with one of them the weights are fitted on it and
//! measured on both, with `all` they are fitted on everything.
//!
//! `cargo run --release -p markhound-index --example fit_titles -- catalog.csv titles.jsonl all index/data/title_weights.csv`
//!
//! A fifth argument names another table of word counts; `none` weighs words by the catalog alone.

mod titles;

use std::collections::BTreeMap;
use std::error::Error;
use std::fmt::Write as _;

use markhound_index::learn::solve;
use markhound_index::text::{CatalogProduct, CatalogTextIndex, FEATURES, Rarity};
use titles::Labelled;

const N: usize = FEATURES.len();
/// How strongly weights are held near zero.
const RIDGE: f64 = 2.0;
/// Which product a title is about is not labelled for titles that concern none, and several of a brand
/// may fit: the most probable is taken, anew in every round.
const ROUNDS: usize = 6;

/// A title with what it shows of the products it may be about.
struct Row {
    kind: String,
    concerns: bool,
    candidates: Vec<[f64; N]>,
}

fn main() -> Result<(), Box<dyn Error>> {
    let mut args = std::env::args().skip(1);
    let catalog = titles::catalog(&args.next().ok_or("which catalog?")?)?;
    let labelled = titles::titles(&args.next().ok_or("which titles?")?)?;
    let taken = args.next().ok_or("which half: a, b or all?")?;
    let half = if taken == "all" {
        '*'
    } else {
        taken.chars().next().unwrap_or('*')
    };
    let out = args.next().ok_or("where to?")?;
    let rarity = match args.next() {
        None => Rarity::built_in()?,
        Some(none) if none == "none" => Rarity::new(),
        Some(table) => Rarity::parse(&std::fs::read_to_string(table)?)?,
    };
    let rows = |half| -> Result<Vec<Row>, Box<dyn Error>> {
        let (products, titles) = titles::half(half, &catalog, &labelled);
        measured(products, &titles, &rarity)
    };
    let fitted_on = rows(half)?;
    let mut weights = [0.0; N];
    for round in 0..ROUNDS {
        let chosen: Vec<(&[f64; N], f64)> = fitted_on
            .iter()
            .filter_map(|row| {
                let best = match round {
                    0 => row.candidates.first()?,
                    _ => row
                        .candidates
                        .iter()
                        .max_by(|a, b| dot(&weights, a).total_cmp(&dot(&weights, b)))?,
                };
                Some((best, f64::from(u8::from(row.concerns))))
            })
            .collect();
        weights = fit(&chosen, weights);
    }
    let mut table = "feature,weight\n".to_owned();
    for (feature, weight) in FEATURES.iter().zip(weights) {
        writeln!(table, "{feature},{weight:.4}")?;
    }
    std::fs::write(out, table)?;
    report(&format!("{taken}, fitted on"), &fitted_on, &weights);
    if let Some(other) = match half {
        'a' => Some('b'),
        'b' => Some('a'),
        _ => None,
    } {
        report(&format!("{other}, not seen"), &rows(other)?, &weights);
    }
    Ok(())
}

fn measured(
    mut products: Vec<CatalogProduct>,
    titles: &[Labelled],
    rarity: &Rarity,
) -> Result<Vec<Row>, Box<dyn Error>> {
    for (id, product) in products.iter_mut().enumerate() {
        product.id = id as i64;
    }
    let index = CatalogTextIndex::build_with(products.iter().cloned(), rarity)?;
    let mut rows = Vec::with_capacity(titles.len());
    for title in titles {
        let own = title.sku.as_ref().and_then(|sku| {
            let product = products.iter().find(|p| p.sku == *sku)?;
            Some(&product.brand)
        });
        let candidates = index
            .measure(&title.title)
            .into_iter()
            .filter(|m| own.is_none_or(|own| products[m.product as usize].brand == *own))
            .filter_map(|m| m.features.try_into().ok())
            .collect();
        rows.push(Row {
            kind: title.kind.clone(),
            concerns: title.sku.is_some(),
            candidates,
        });
    }
    Ok(rows)
}

fn dot(weights: &[f64; N], features: &[f64; N]) -> f64 {
    weights.iter().zip(features).map(|(w, f)| w * f).sum()
}

/// Newton's method on the penalised likelihood.
fn fit(rows: &[(&[f64; N], f64)], start: [f64; N]) -> [f64; N] {
    let mut weights = start;
    for _ in 0..25 {
        let mut gradient = vec![0.0; N];
        let mut hessian = vec![vec![0.0; N]; N];
        for i in 0..N {
            gradient[i] = -RIDGE * weights[i];
            hessian[i][i] = RIDGE;
        }
        for (features, label) in rows {
            let p = 1.0 / (1.0 + (-dot(&weights, features)).exp());
            let spread = (p * (1.0 - p)).max(1e-6);
            for i in (0..N).filter(|&i| features[i] != 0.0) {
                gradient[i] += features[i] * (label - p);
                for j in 0..=i {
                    hessian[i][j] += features[i] * features[j] * spread;
                }
            }
        }
        let step = solve(hessian, gradient);
        for (weight, step) in weights.iter_mut().zip(step) {
            *weight += step.clamp(-2.0, 2.0);
        }
    }
    weights
}

/// Recall at two precisions, and what is found of each kind at the first.
fn report(what: &str, rows: &[Row], weights: &[f64; N]) {
    let mut scored: Vec<(f64, &Row)> = rows
        .iter()
        .map(|row| {
            let scores = row.candidates.iter().map(|c| dot(weights, c));
            (scores.fold(f64::NEG_INFINITY, f64::max), row)
        })
        .collect();
    scored.sort_by(|a, b| b.0.total_cmp(&a.0));
    let all = rows.iter().filter(|r| r.concerns).count().max(1) as f64;
    let (mut right, mut at95, mut at99, mut threshold) = (0.0, 0.0, 0.0, f64::INFINITY);
    for (taken, (score, row)) in scored.iter().enumerate() {
        right += f64::from(u8::from(row.concerns));
        let precision = right / (taken + 1) as f64;
        if precision >= 0.95 && score.is_finite() {
            (at95, threshold) = (right / all, *score);
        }
        if precision >= 0.99 && score.is_finite() {
            at99 = right / all;
        }
    }
    println!(
        "{what}: {} titles, recall {at95:.4} at precision 0.95 and {at99:.4} at 0.99",
        rows.len()
    );
    let mut kinds: BTreeMap<(bool, &str), (usize, usize)> = BTreeMap::new();
    for (score, row) in &scored {
        let kind = kinds.entry((row.concerns, &row.kind)).or_default();
        kind.0 += usize::from(*score >= threshold);
        kind.1 += 1;
    }
    for ((concerns, kind), (found, of)) in kinds {
        let word = if concerns { "found" } else { "flagged" };
        println!(
            "  {word:8} {kind:16} {:.3} of {of}",
            found as f64 / of as f64
        );
    }
}
