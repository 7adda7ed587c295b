//! `markhound takedown`: notices, from channel to the listing's end. Nothing is
//! sent by itself: a named person attests, and sends or has sent.

mod channels;
mod deadlines;
mod draft;
mod follow;
mod leave;
mod notices;

use std::path::PathBuf;

use super::output::{Done, Output};
use crate::app::App;

/// Examples: markhound takedown draft 42 43 44 | markhound takedown attest 7 --as anna |
/// markhound takedown send 7 --as anna --really | markhound takedown event 7 removed --case 43
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    /// The channels by which notices go; `show NAME` prints one with its fields
    Channels {
        #[command(subcommand)]
        command: Option<channels::Command>,
    },
    /// Say what is wrong with a channel (TOML) or a filled-in form (JSON)
    Lint {
        /// The file
        file: PathBuf,
    },
    /// Draft notices for confirmed cases: one a right, channel and country
    Draft(draft::Args),
    /// Show exactly what would leave, and attest it as a named person
    Attest(leave::Attest),
    /// Send an attested notice by mail or to the channel's interface; without --really only shows
    Send(leave::Send),
    /// Record that you have handed in an attested notice yourself
    Submit {
        /// The notice's number
        id: i64,
        /// A reference number
        #[arg(long)]
        note: Option<String>,
        /// When [default: now]
        #[arg(long, value_name = "RFC 3339")]
        at: Option<jiff::Timestamp>,
    },
    /// Record what became of a notice: acknowledged, removed, refused, counter_notice, restored, escalated, withdrawn, closed
    Event(notices::Event),
    /// List notices, newest first
    List {
        /// Only in this state
        #[arg(long)]
        state: Option<String>,
        /// Only by this channel
        #[arg(long)]
        channel: Option<String>,
        /// At most so many
        #[arg(long, default_value_t = 50)]
        limit: u32,
    },
    /// Print a notice's text, its listings and their steps
    Show {
        /// The notice's number
        id: i64,
    },
    /// What runs out when, the next first; what is overdue says so
    Deadlines {
        /// Only what is overdue
        #[arg(long)]
        overdue: bool,
    },
    /// Mail what runs out soon to notices.email; without --really it is only shown
    Remind {
        /// Within so many days
        #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(i64).range(0..=365))]
        within: i64,
        /// Mail it
        #[arg(long)]
        really: bool,
    },
    /// Print the deadlines as an iCalendar file
    Calendar,
    /// How many reports each channel accepts
    Rate,
    /// Ask channels what became of reports, where their interface says so
    Poll,
    /// Look at listings under notice again, and link those that came back
    Recheck {
        /// Only at these sources [default: all with something due]
        #[arg(long, value_name = "NAME")]
        source: Vec<String>,
        /// Also at what is not due yet
        #[arg(long)]
        all: bool,
    },
    /// Draft the notice of a removed listing again for one that came back
    Again {
        /// The new case's number
        case: i64,
    },
}

/// Runs one of them.
pub(super) async fn run(args: Args, app: &App, output: &Output) -> anyhow::Result<Done> {
    match args.command {
        Command::Channels { command } => channels::run(command, app, output)?,
        Command::Lint { file } => return channels::lint(&file, app, output),
        Command::Draft(args) => draft::run(args, app, output).await?,
        Command::Attest(args) => leave::attest(args, app, output).await?,
        Command::Send(args) => leave::send(args, app, output).await?,
        Command::Submit { id, note, at } => notices::submit(id, note, at, app, output).await?,
        Command::Event(args) => notices::event(args, app, output).await?,
        Command::List {
            state,
            channel,
            limit,
        } => notices::list(state, channel, limit, app, output).await?,
        Command::Show { id } => notices::show(id, app, output).await?,
        Command::Deadlines { overdue } => deadlines::list(overdue, app, output).await?,
        Command::Remind { within, really } => {
            deadlines::remind(within, really, app, output).await?;
        }
        Command::Calendar => deadlines::file(app).await?,
        Command::Recheck { source, all } => {
            return follow::recheck(app, &source, all, output).await;
        }
        Command::Again { case } => draft::again(case, app, output).await?,
        Command::Poll => return follow::poll(app, output).await,
        Command::Rate => follow::rate(app, output).await?,
    }
    Ok(Done::All)
}
