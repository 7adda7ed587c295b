//! `markhound bench seed`: a big database to measure the review page on.

use super::Global;
use crate::bench::seed::{Wanted, seed};
use crate::cli::output::{Done, Output};

#[derive(Debug, clap::Args)]
#[command(
    after_help = "Example:\n  markhound bench seed --cases 2000 --listings 5000 --data-dir night\n\nHow sellers share photos and words is assumed (src/bench/seed), so the figures say how cards are made, not how the world is."
)]
pub(super) struct Args {
    /// Open cases
    #[arg(long, default_value_t = 2000, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    cases: u32,
    /// Listings in all
    #[arg(long, default_value_t = 5000, value_name = "M", value_parser = clap::value_parser!(u32).range(1..=10_000_000))]
    listings: u32,
    /// Everything drawn by lot follows from this number
    #[arg(long, default_value_t = 1, value_name = "S")]
    seed: u64,
}

pub(super) async fn run(args: Args, global: &Global, output: Output) -> anyhow::Result<Done> {
    let app = global.open().await?;
    anyhow::ensure!(
        app.store.products().await?.is_empty(),
        "{} holds a catalog already; name an empty folder with --data-dir, made cases would stand among real ones",
        app.data_dir.display()
    );
    let wanted = Wanted {
        cases: args.cases as usize,
        listings: args.listings as usize,
        seed: args.seed,
    };
    let made = seed(&app, wanted, |written| {
        if written.is_multiple_of(20_000) {
            tracing::info!(written, "written");
        }
    })
    .await?;
    if output.json {
        output.document(&made)?;
        return Ok(Done::All);
    }
    output.line(format!(
        "{} listings, {} products, {} open cases on {} cards: {:.1} cases a card, {} on the largest",
        made.listings,
        made.products,
        made.cases,
        made.cards,
        made.cases as f64 / made.cards.max(1) as f64,
        made.largest
    ))?;
    output.line(format!(
        "cards of two products {}, with both honest and infringing listings {} ({} cases in the minority)",
        made.of_two_products, made.mixed, made.outvoted
    ))?;
    Ok(Done::All)
}
