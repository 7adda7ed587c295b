//! `markhound eval fit`: weights for the score.

use std::path::PathBuf;

use anyhow::Context as _;
use markhound_index::eval::nights::{self, Draws, Report, Start, World};
use markhound_index::score::{Comparison, Measured, ScoreModel};
use serde_json::json;

use super::super::Global;
use super::super::output::{Done, Output};
use crate::learning;

#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  markhound eval fit --from-decisions            learn from what was confirmed and rejected; only shows\n  markhound eval fit --from-decisions --adopt    and score with it from now on\n  markhound eval fit --out score_weights.csv     the weights that ship, from made listings"
)]
pub(super) struct Args {
    /// Learn from the decisions on your own cases, held at the weights that score now
    #[arg(long)]
    from_decisions: bool,
    /// Score with the new weights from now on; `eval models --undo` takes that back
    #[arg(long, requires = "from_decisions")]
    adopt: bool,
    /// Write the table of weights into this file
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Version written into the table
    #[arg(
        long,
        value_name = "N",
        default_value_t = 1,
        conflicts_with = "from_decisions"
    )]
    table_version: u32,
    /// What the picture search said, of `eval images --draws` [default: what ships]
    #[arg(long, value_name = "FILE", conflicts_with = "from_decisions")]
    draws: Option<PathBuf>,
    /// Everything drawn by lot follows from this number
    #[arg(
        long,
        value_name = "S",
        default_value_t = 1,
        conflicts_with = "from_decisions"
    )]
    seed: u64,
    /// Made nights to fit on, and as many more to draw the curve from
    #[arg(
        long,
        value_name = "N",
        default_value_t = 12,
        conflicts_with = "from_decisions"
    )]
    nights: u64,
    /// Listings of each night
    #[arg(
        long,
        value_name = "N",
        default_value_t = 3000,
        conflicts_with = "from_decisions"
    )]
    listings: usize,
}

pub(super) async fn run(args: Args, global: &Global, output: Output) -> anyhow::Result<Done> {
    if args.from_decisions {
        return from_decisions(&args, global, output).await;
    }
    tokio::task::spawn_blocking(move || from_nights(&args, output)).await?
}

fn from_nights(args: &Args, output: Output) -> anyhow::Result<Done> {
    let read;
    let draws = match &args.draws {
        None => Draws::built_in(),
        Some(file) => {
            let text = std::fs::read_to_string(file)
                .with_context(|| format!("cannot read {}", file.display()))?;
            read = Draws::parse(&text)?;
            &read
        }
    };
    let start = Start {
        seed: args.seed,
        nights: args.nights,
        listings: args.listings,
    };
    let mut model = nights::start(&start, draws)?;
    model.version = args.table_version;
    // Parsed as it will be read: figures are of what is written.
    let table = model.to_csv();
    let model = ScoreModel::parse(&table)?;
    if let Some(file) = &args.out {
        std::fs::write(file, &table).with_context(|| format!("cannot write {}", file.display()))?;
    }
    let judge = |world| {
        let seeds = args.seed + 30_000..args.seed + 30_004;
        nights::report(&model, seeds, 3_000, world, draws)
    };
    let (usual, rarer, other) = (
        judge(World::USUAL)?,
        judge(World::RARER)?,
        judge(World::OTHER)?,
    );
    if output.json {
        output.document(&json!({ "model": model.id(), "fitted_on": model.fitted_on,
            "prevalence": model.prevalence, "usual": usual, "rarer": rarer, "other": other }))?;
        return Ok(Done::All);
    }
    output.line(format!("{}: {}", model.id(), model.fitted_on))?;
    for (name, report) in [
        ("usual world", usual),
        ("rarer infringements", rarer),
        ("another world", other),
    ] {
        if let Some(report) = report {
            print_report(name, &report, output)?;
        }
    }
    Ok(Done::All)
}

pub(super) fn print_report(name: &str, report: &Report, output: Output) -> anyhow::Result<()> {
    output.line(format!(
        "\n{name}: {} listings of brands that were not fitted on, {:.1} % of pairs infringing, {} infringing listings not considered",
        report.listings,
        report.measured.prevalence * 100.0,
        report.not_considered
    ))?;
    heads(output)?;
    figures("as said", &report.measured, output)?;
    figures("corrected", &report.corrected, output)?;
    if let Some(shift) = report.shift {
        output.line(match shift.holds {
            true => format!(
                "  corrected for an estimated {:.1} % infringing ({:.1} standard deviations from chance)",
                shift.share * 100.0,
                shift.strange
            ),
            false => format!(
                "  not corrected: more than the share of the infringing is another ({:.1} standard deviations from chance)",
                shift.strange
            ),
        })?;
    }
    output.line(format!(
        "  kind told rightly in {:.1} %",
        report.kinds_right * 100.0
    ))?;
    for (seller, of) in &report.sellers {
        output.line(format!(
            "  {:<18} {:>6} pairs, {:>5.1} % queued",
            format!("{seller:?}"),
            of.pairs,
            100.0 * of.queued as f64 / of.pairs.max(1) as f64
        ))?;
    }
    Ok(())
}

pub(super) fn heads(output: Output) -> anyhow::Result<()> {
    output.line(format!(
        "  {:<12}{:>8}{:>10}{:>8}{:>8}{:>8}{:>8}{:>8}",
        "", "number", "precision", "recall", "F1", "AUPRC", "Brier", "ECE"
    ))
}

pub(super) fn figures(name: &str, of: &Measured, output: Output) -> anyhow::Result<()> {
    output.line(format!(
        "  {name:<12}{:>8}{:>10.3}{:>8.3}{:>8.3}{:>8.3}{:>8.4}{:>8.4}",
        of.count, of.precision, of.recall, of.f1, of.auprc, of.brier, of.ece
    ))
}

async fn from_decisions(args: &Args, global: &Global, output: Output) -> anyhow::Result<Done> {
    let app = global.open().await?;
    let actor = super::super::actor();
    let learnt = learning::learn(&app, &actor).await?;
    if let Some(file) = &args.out {
        std::fs::write(file, &learnt.model.weights)
            .with_context(|| format!("cannot write {}", file.display()))?;
    }
    if args.adopt {
        app.store.adopt_model(&actor, Some(learnt.model.id)).await?;
    }
    if output.json {
        output.document(
            &json!({ "model": learnt.model.label(), "before": learnt.before,
            "comparison": learnt.comparison, "left_out": learnt.left_out, "adopted": args.adopt }),
        )?;
        return Ok(Done::All);
    }
    print_comparison(&learnt.comparison, &learnt.before, output)?;
    if learnt.left_out > 0 {
        output.line(format!(
            "{} decisions were left out: their cases were scored before evidence was kept in bins; a scan brings them up to date",
            learnt.left_out
        ))?;
    }
    let label = learnt.model.label();
    output.line(match args.adopt {
        true => format!("{label} scores from now on; `markhound eval models --undo` takes it back"),
        false => format!(
            "kept as {label}; `markhound eval models --adopt {}` lets it score",
            learnt.model.id
        ),
    })?;
    Ok(Done::All)
}

fn print_comparison(of: &Comparison, before: &str, output: Output) -> anyhow::Result<()> {
    output.line(format!(
        "{} decisions, {} of them confirmed, {} drawn from under the threshold; the latter stand for those that were not drawn",
        of.decisions, of.confirmed, of.audited
    ))?;
    heads(output)?;
    figures(before, &of.before, output)?;
    figures("new", &of.after, output)?;
    output.line(
        "  the new weights are judged on decisions that they were fitted without, sellers kept together",
    )
}
