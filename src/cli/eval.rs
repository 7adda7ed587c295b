//! `markhound eval`: how much is found and how good the scores are, measured on one's own
//! photos, decisions and labelled data; and weights fitted to it.

mod fit;
mod found;
mod growth;
mod images;
mod machine;
mod models;
mod nights;
mod pairs;
mod photos;
mod queue;
mod work;

use super::Global;
use super::output::{Done, Output};

/// Examples: markhound eval images | markhound eval images --photos shots/ --svg recall.svg |
/// markhound eval images --edits mirror,crop35,cutout --json | markhound eval growth --photos shots/ |
/// markhound eval pairs --data Abt-Buy/ | markhound eval queue |
/// markhound eval fit --from-decisions
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    /// Edit photos as sellers do, and count what is found again
    ///
    /// Cuts, mirrors, writes over, cuts out, photographs from a screen and more; searches for the
    /// result among the protected photos, and counts what is found. Other photos, which show none
    /// of the protected products, tell how often something is found wrongly.
    Images(images::Args),
    /// False matches, recall, memory and speed as the references grow in number
    ///
    /// References beyond the photos at hand are made of parts of the remaining ones. Making tens of
    /// thousands takes many minutes.
    Growth(growth::Args),
    /// Fit the weights of the score: to decisions, or to made listings
    Fit(fit::Args),
    /// Fitted weights: list them, adopt them, take that back
    Models(models::Args),
    /// The weights that score, judged on made listings whose truth is known
    Nights(nights::Args),
    /// The queue, judged by your own decisions
    Queue(queue::Args),
    /// Labelled pairs of records of two shops: which are of one product
    ///
    /// Learns from train.txt, chooses how and from which probability on with valid.txt, and judges
    /// test.txt once.
    Pairs(pairs::Args),
}

pub(super) async fn run(args: Args, global: &Global, output: &Output) -> anyhow::Result<Done> {
    match args.command {
        Command::Images(args) => images::run(args, global, *output).await,
        Command::Growth(args) => growth::run(args, global, *output).await,
        Command::Fit(args) => fit::run(args, global, *output).await,
        Command::Models(args) => models::run(args, &global.open().await?, *output).await,
        Command::Nights(args) => nights::run(args, global, *output).await,
        Command::Queue(args) => queue::run(args, &global.open().await?, *output).await,
        Command::Pairs(args) => pairs::run(args, *output).await,
    }
}
