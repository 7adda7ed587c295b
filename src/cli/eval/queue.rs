//! `markhound eval queue`: what the scores were worth, by one's own decisions.

use std::collections::BTreeMap;

use markhound_index::score::{Outcome, measure, precision_at, recall_at};
use serde_json::json;

use super::super::output::{Done, Output, plain};
use super::fit::figures;
use crate::app::App;
use crate::learning;

/// Ranks at which precision and recall are told.
const RANKS: [usize; 5] = [10, 50, 100, 500, 1000];

#[derive(Debug, clap::Args)]
#[command(
    after_help = "Example:\n  markhound eval queue --budget 200\n\nDecisions on listings drawn from under the threshold stand for those that were not drawn; without any, recall is that among the queued alone."
)]
pub(super) struct Args {
    /// Cases reviewed a day [default: review.daily_budget]
    #[arg(long, value_name = "N")]
    budget: Option<usize>,
}

pub(super) async fn run(args: Args, app: &App, output: Output) -> anyhow::Result<Done> {
    let decided = app.store.decided_cases().await?;
    let review = &app.config.review;
    let budget = args.budget.or(Some(review.daily_budget as usize));
    let mut ranks = RANKS.to_vec();
    ranks.extend(budget.filter(|&budget| budget > 0));
    ranks.sort_unstable();
    ranks.dedup();
    let mut by_model: BTreeMap<&str, Vec<Outcome>> = BTreeMap::new();
    let all: Vec<Outcome> = decided.iter().map(learning::outcome).collect();
    for (case, outcome) in decided.iter().zip(&all) {
        by_model.entry(&case.model).or_default().push(*outcome);
    }
    let Some(measured) = measure(&all, review.threshold) else {
        anyhow::bail!("no case is confirmed or rejected yet; decide some, then ask again");
    };
    let audited = decided.iter().filter(|c| c.audit_rate.is_some()).count();
    let models: BTreeMap<&str, _> = by_model
        .iter()
        .filter_map(|(model, of)| Some((*model, measure(of, review.threshold)?)))
        .collect();
    ranks.retain(|&k| k <= all.len());
    let at: Vec<_> = ranks
        .iter()
        .map(|&k| json!({ "k": k, "precision": precision_at(&all, k), "recall": recall_at(&all, k) }))
        .collect();
    if output.json {
        output.document(&json!({ "decisions": decided.len(), "audited": audited,
            "measured": measured, "models": models, "at": at }))?;
        return Ok(Done::All);
    }
    output.line(format!(
        "{} decisions, {audited} of them on listings drawn from under the threshold",
        decided.len()
    ))?;
    super::fit::heads(output)?;
    figures("all", &measured, output)?;
    for (model, of) in &models {
        figures(&plain(model), of, output)?;
    }
    for &k in &ranks {
        output.line(format!(
            "  the {k} most probable: precision {:.3}, recall {:.3}",
            precision_at(&all, k),
            recall_at(&all, k)
        ))?;
    }
    if audited == 0 {
        output.line("  nothing under the threshold was reviewed, so recall says nothing of what was never queued")?;
    }
    Ok(Done::All)
}
