//! `markhound bench catalog`: how soon an edit of a large catalog is matched against.

use crate::app::App;
use crate::bench::catalog::measure;
use crate::cli::output::{Done, Output};
use crate::clock::Clock;
use crate::config::Config;

#[derive(Debug, clap::Args)]
#[command(
    after_help = "Example:\n  markhound bench catalog --products 100000\n\nThe catalog is made in a temporary folder, product after product; that takes longer than the measurement."
)]
pub(super) struct Args {
    /// Products of the catalog
    #[arg(long, default_value_t = 10_000, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    products: u32,
    /// Edits that are waited for, one after another
    #[arg(long, default_value_t = 15, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1000))]
    edits: u32,
}

pub(super) async fn run(args: Args, output: Output) -> anyhow::Result<Done> {
    let folder = tempfile::tempdir()?;
    let app = App::open(Config::default(), folder.path(), Clock::system()).await?;
    let measured = measure(&app, args.products, args.edits).await?;
    if output.json {
        output.document(&measured)?;
        return Ok(Done::All);
    }
    let edits = &measured.edit_seconds;
    output.line(format!(
        "{} products read and indexed in {:.2} s; an edit is matched against after {:.2} s (median of {}; longest {:.2} s)",
        measured.products,
        measured.load_seconds,
        edits[edits.len() / 2],
        edits.len(),
        edits[edits.len() - 1]
    ))?;
    Ok(Done::All)
}
