//! `markhound bench`: how fast this machine is.

mod catalog;
mod crawl;
mod seed;

use super::Global;
use super::output::{Done, Output};
use crate::bench::shop;

/// Examples: markhound bench crawl | markhound bench crawl --pages 5000 --page-size 9300 --json |
/// markhound bench crawl --pages 400 --kill 5
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    /// Scan a shop of generated pages on this machine, and say what a page costs
    ///
    /// The shop runs in a process of its own, whose processor time is not counted. It is scanned
    /// like any other, robots.txt, captures and database included, into a temporary folder; only
    /// the pace is the fastest there is, 10000 requests a second. Linux only: the figures come from /proc.
    Crawl(crawl::Args),
    /// Say how soon an edit of a large catalog is matched against
    Catalog(catalog::Args),
    /// Make a big database of made cases, to try the review page on
    Seed(seed::Args),
    /// Serve the generated shop alone, and print each path asked for
    ///
    /// Its first line is its address. It ends with its standard input.
    Shop(ShopArgs),
}

#[derive(Debug, Clone, clap::Args)]
struct ShopArgs {
    /// Product pages the shop has
    #[arg(long, default_value_t = 1000, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=40_000))]
    pages: u32,
    /// Bytes of a product page; 60000 is a WooCommerce page, 9300 a small one
    #[arg(long, default_value_t = 60_000, value_name = "BYTES", value_parser = clap::value_parser!(u32).range(3_000..=4_000_000))]
    page_size: u32,
}

pub(super) async fn run(args: Args, global: &Global, output: &Output) -> anyhow::Result<Done> {
    match args.command {
        Command::Crawl(args) => crawl::run(args, global, *output).await,
        Command::Catalog(args) => catalog::run(args, *output).await,
        Command::Seed(args) => seed::run(args, global, *output).await,
        Command::Shop(args) => {
            shop::serve(args.pages, args.page_size).await?;
            Ok(Done::All)
        }
    }
}
