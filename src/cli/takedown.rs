//! `markhound takedown`: notices and their lifecycle. Nothing is sent from
//! here: a person sends a notice and records that it was.

use super::output::{Done, Output};
use crate::app::App;
use crate::clock::Millis;
use crate::store::takedowns::Notice;
use crate::takedown;

/// Examples: markhound takedown draft 42 | markhound takedown submit 7 --note "form 1234" |
/// markhound takedown event 7 removed --at 2026-11-20T09:00:00Z
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    /// Draft a notice for confirmed cases
    Draft {
        /// The cases' numbers
        #[arg(required = true)]
        ids: Vec<i64>,
        /// The right it rests on: trademark, copyright, design, patent [default: by kind of infringement]
        #[arg(long)]
        right: Option<String>,
    },
    /// Record that you have sent a notice
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
    /// Record what became of a notice: acknowledged, removed, refused
    Event {
        /// The notice's number
        id: i64,
        /// The new state
        state: String,
        /// An answer, a reference number
        #[arg(long)]
        note: Option<String>,
        /// When [default: now]
        #[arg(long, value_name = "RFC 3339")]
        at: Option<jiff::Timestamp>,
    },
    /// List notices, newest first
    List {
        /// Only in this state
        #[arg(long)]
        state: Option<String>,
        /// At most so many
        #[arg(long, default_value_t = 50)]
        limit: u32,
    },
    /// Print a notice's text
    Show {
        /// The notice's number
        id: i64,
    },
}

pub(super) async fn run(args: Args, app: &App, output: &Output) -> anyhow::Result<Done> {
    let actor = super::actor();
    match args.command {
        Command::Draft { ids, right } => {
            let mut failed = 0;
            for id in &ids {
                match takedown::draft(app, &actor, *id, right.as_deref()).await {
                    Ok(notice) => print(&notice, output)?,
                    Err(error) => {
                        failed += 1;
                        eprintln!("case {id}: {error}");
                    }
                }
            }
            if failed == ids.len() {
                anyhow::bail!("no notice was drafted");
            }
            return Ok(Done::with_failures(failed > 0));
        }
        Command::Submit { id, note, at } => {
            record(app, &actor, id, "submitted", note, at, output).await?;
        }
        Command::Event {
            id,
            state,
            note,
            at,
        } => {
            record(app, &actor, id, &state, note, at, output).await?;
        }
        Command::List { state, limit } => {
            for notice in app.store.notices(state.as_deref(), limit).await? {
                print(&notice, output)?;
            }
        }
        Command::Show { id } => {
            let notice = app.store.notice(id).await?;
            if output.json {
                output.document(&notice)?;
            } else {
                output.line(format!("{}\n\n{}", notice.subject, notice.body))?;
            }
        }
    }
    Ok(Done::All)
}

async fn record(
    app: &App,
    actor: &str,
    id: i64,
    state: &str,
    note: Option<String>,
    at: Option<jiff::Timestamp>,
    output: &Output,
) -> anyhow::Result<()> {
    let at = at.map(Millis::from);
    let notice = takedown::record(app, actor, id, state, note.as_deref(), at).await?;
    print(&notice, output)
}

fn print(notice: &Notice, output: &Output) -> anyhow::Result<()> {
    if output.json {
        return output.object(notice);
    }
    output.line(format!(
        "notice {}  case {}  {} by {}  {}  since {}",
        notice.id,
        notice.case_id,
        notice.right_kind,
        notice.channel,
        notice.state,
        notice.updated_at
    ))
}
