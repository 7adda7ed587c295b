//! `markhound eval nights`: the weights that score, on made listings.

use markhound_index::eval::nights::{Draws, World, learn, report};
use markhound_index::score::ScoreModel;
use serde_json::json;

use super::super::Global;
use super::super::output::{Done, Output};
use super::fit::{figures, print_report};

#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  markhound eval nights                            the weights that score, in both worlds\n  markhound eval nights --decisions 100,500,2000   how much they learn from decisions"
)]
pub(super) struct Args {
    /// Let made reviewers decide so often, and learn from it
    #[arg(long, value_name = "N,…", value_delimiter = ',')]
    decisions: Vec<usize>,
    /// Everything drawn by lot follows from this number
    #[arg(long, value_name = "S", default_value_t = 50_000)]
    seed: u64,
    /// Listings of each of the four nights
    #[arg(long, value_name = "N", default_value_t = 3000)]
    listings: usize,
    /// The weights that ship, whatever was adopted; no data directory is opened
    #[arg(long)]
    shipped: bool,
}

pub(super) async fn run(args: Args, global: &Global, output: Output) -> anyhow::Result<Done> {
    let adopted = match args.shipped {
        true => None,
        false => global.open().await?.store.adopted_model().await?,
    };
    let model = match adopted {
        None => ScoreModel::built_in().clone(),
        Some(stored) => ScoreModel::parse(&stored.weights)?,
    };
    tokio::task::spawn_blocking(move || evaluate(&args, &model, output)).await?
}

fn evaluate(args: &Args, model: &ScoreModel, output: Output) -> anyhow::Result<Done> {
    let draws = Draws::built_in();
    let judge = |world| {
        let seeds = args.seed..args.seed + 4;
        report(model, seeds, args.listings, world, draws)
    };
    let worlds = [
        ("usual world", judge(World::USUAL)?),
        ("rarer infringements", judge(World::RARER)?),
        ("another world", judge(World::OTHER)?),
    ];
    let learnt = args
        .decisions
        .iter()
        .map(|&decisions| learn(model, decisions, args.seed, World::OTHER, draws))
        .collect::<Result<Vec<_>, _>>()?;
    if output.json {
        output.document(&json!({ "model": model.id(), "usual": worlds[0].1,
            "rarer": worlds[1].1, "other": worlds[2].1, "learnt": learnt }))?;
        return Ok(Done::All);
    }
    output.line(format!("{}: {}", model.id(), model.fitted_on))?;
    for (name, report) in &worlds {
        if let Some(report) = report {
            print_report(name, report, output)?;
        }
    }
    for learnt in learnt.into_iter().flatten() {
        output.line(format!(
            "\n{} decisions in another world, {} of them under the threshold:",
            learnt.decisions, learnt.audited
        ))?;
        figures("before", &learnt.before, output)?;
        figures("after", &learnt.after, output)?;
        figures("all labels", &learnt.with_all, output)?;
        output.line(format!(
            "  {:.2} % of the F1 with all labels",
            100.0 * learnt.after.f1 / learnt.with_all.f1.max(1e-9)
        ))?;
    }
    Ok(Done::All)
}
