//! The command line: one file a subcommand; it prints, never decides.

mod bench;
mod catalog;
mod check;
mod demo;
mod doctor;
mod eval;
mod hunt;
mod import;
mod init;
mod mail;
mod output;
mod packet;
mod progress;
mod queue;
mod reindex;
mod report;
mod scan;
mod serve;
mod source;
mod takedown;
mod token;
mod user;
mod webhook;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::app::App;
use crate::clock::Clock;
use crate::config::Config;
use output::{Done, Output};

/// Finds people selling copies of your products online, and helps get the
/// listings removed.
#[derive(Debug, Parser)]
#[command(
    name = "markhound",
    version,
    after_help = "Examples:\n  markhound demo                          see it work on practice marketplaces\n  markhound init                          write markhound.toml, make the first administrator\n  markhound catalog import products.csv --images photos/\n  markhound scan                          scan every source now\n  markhound serve                         the review page, and the nightly scans\n\nExit codes: 0 done, 1 failed, 2 wrong usage, 3 done with some failures (listed)."
)]
struct Cli {
    #[command(flatten)]
    global: Global,
    #[command(subcommand)]
    command: Command,
}

/// What every command takes.
#[derive(Debug, Clone, clap::Args)]
struct Global {
    /// Configuration file [default: markhound.toml, when it is there]
    #[arg(long, global = true, env = "MARKHOUND_CONFIG", value_name = "FILE")]
    config: Option<PathBuf>,
    /// Directory of the database and the captures [default: markhound-data]
    #[arg(long, global = true, env = "MARKHOUND_DATA_DIR", value_name = "DIR")]
    data_dir: Option<PathBuf>,
    /// Print JSON: one document, or one object a line where the result is a stream
    #[arg(long, global = true)]
    json: bool,
    /// Log more: -v what happens, -vv every request
    #[arg(short, long, global = true, action = clap::ArgAction::Count)]
    verbose: u8,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Start practice marketplaces, scan them, show the review page
    Demo(demo::Args),
    /// Write markhound.toml, create the database and the first administrator
    Init(init::Args),
    /// The protected catalog: import, list, show, export
    Catalog(catalog::Args),
    /// Marketplaces: list, add, lint, pause
    Source(source::Args),
    /// Scan sources now
    Scan(scan::Args),
    /// Listings out of captures and exports that somebody else made: WARC, WACZ, HAR, MHTML, HTML, CSV, JSON
    Import(import::Args),
    /// Search everything captured: words, a picture, or products that are new in the catalog
    Hunt(hunt::Args),
    /// Try pictures, titles, pages, prices, robots.txt files against the parsers and the catalog
    Check(check::Args),
    /// Measure how fast this machine scans
    Bench(bench::Args),
    /// Measure what would be found of your own photos
    Eval(eval::Args),
    /// The review queue without a browser
    Queue(queue::Args),
    /// Notices and their lifecycle
    Takedown(takedown::Args),
    /// Figures about enforcement, its history, and the audit log
    Report(report::Args),
    /// Evidence packets
    Packet(packet::Args),
    /// Serve the review page and run the nightly scans
    Serve(serve::Args),
    /// Make what is derived anew: fingerprints after a new version of their algorithm, the listing index
    Reindex(reindex::Args),
    /// People who may sign in
    User(user::Args),
    /// Personal tokens of the API
    Token(token::Args),
    /// Programs that hear of what happens, and the messages to them and to people
    Webhook(webhook::Args),
    /// Who is mailed of what happens
    Mail(mail::Args),
    /// Check that everything is in order
    Doctor(doctor::Args),
}

/// Runs the program.
#[must_use]
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    start_logging(cli.global.verbose);
    let output = Output::new(cli.global.json);
    let runtime = match tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
    {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("error: cannot start: {error}");
            return ExitCode::from(1);
        }
    };
    let result = runtime.block_on(run(cli, &output));
    match result {
        Ok(Done::All) => ExitCode::SUCCESS,
        Ok(Done::SomeFailed) => ExitCode::from(3),
        Err(error) if output::is_broken_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {}", output::chain(&error));
            ExitCode::from(1)
        }
    }
}

async fn run(cli: Cli, output: &Output) -> anyhow::Result<Done> {
    let global = &cli.global;
    match cli.command {
        Command::Demo(args) => demo::run(args, global, output).await,
        Command::Init(args) => init::run(args, global, output).await,
        Command::Catalog(args) => catalog::run(args, &global.open().await?, output).await,
        Command::Source(args) => source::run(args, global, output).await,
        Command::Scan(args) => scan::run(args, &global.open().await?, output).await,
        Command::Import(args) => import::run(args, global, output).await,
        Command::Hunt(args) => hunt::run(args, &global.open().await?, output).await,
        Command::Check(args) => check::run(args, global, output).await,
        Command::Bench(args) => bench::run(args, global, output).await,
        Command::Eval(args) => eval::run(args, global, output).await,
        Command::Queue(args) => queue::run(args, &global.open().await?, output).await,
        Command::Takedown(args) => takedown::run(args, &global.open().await?, output).await,
        Command::Report(args) => report::run(args, &global.open().await?, output).await,
        Command::Packet(args) => packet::run(args, global, output).await,
        Command::Serve(args) => serve::run(args, global, output).await,
        Command::Reindex(args) => reindex::run(args, &global.open().await?, output).await,
        Command::Webhook(args) => webhook::run(args, &global.open().await?, output).await,
        Command::Mail(args) => mail::run(args, &global.open().await?, output).await,
        Command::Token(args) => token::run(args, &global.open().await?, output).await,
        Command::User(args) => user::run(args, &global.open().await?, output).await,
        Command::Doctor(args) => doctor::run(args, global, output).await,
    }
}

impl Global {
    fn load_config(&self) -> anyhow::Result<Config> {
        Ok(Config::load(self.config.as_deref())?)
    }

    /// Opens the data directory, creating it where there is none.
    async fn open(&self) -> anyhow::Result<App> {
        let config = self.load_config()?;
        let data_dir = config.data_dir(self.data_dir.as_deref());
        Ok(App::open(config, &data_dir, Clock::system()).await?)
    }
}

/// Who the audit log names for what is done from the command line.
fn actor() -> String {
    let named = ["USER", "LOGNAME", "USERNAME"];
    let user = named.iter().find_map(|name| std::env::var(name).ok());
    format!("cli:{}", user.as_deref().unwrap_or("unknown"))
}

fn start_logging(verbose: u8) {
    let default = match verbose {
        0 => "warn,markhound=info",
        1 => "info",
        _ => "info,markhound=debug,markhound_crawlers=debug",
    };
    let filter = tracing_subscriber::EnvFilter::try_from_env("MARKHOUND_LOG")
        .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new(default));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(std::io::IsTerminal::is_terminal(&std::io::stderr()))
        .with_target(false)
        .init();
}
