//! `markhound takedown`: notices, from channel to the listing's end. Nothing is
//! sent by itself: a named person attests, and sends or has sent.

mod channels;
mod leave;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use super::output::{Done, Output, plain, short};
use crate::app::App;
use crate::clock::Millis;
use crate::scan::service;
use crate::store::takedowns::{Notice, NoticeFilter, Step};
use crate::takedown::recheck::Rechecked;
use crate::takedown::{self, DraftOptions, calendar, rate};

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
    Draft(DraftArgs),
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
    Event {
        /// The notice's number
        id: i64,
        /// The new state
        state: String,
        /// Only of these cases' listings [default: all that can]
        #[arg(long = "case", value_name = "CASE")]
        cases: Vec<i64>,
        /// An answer, a reference number
        #[arg(long)]
        note: Option<String>,
        /// A file that shows it; it is kept under its hash
        #[arg(long, value_name = "FILE")]
        evidence: Option<PathBuf>,
        /// When [default: now]
        #[arg(long, value_name = "RFC 3339")]
        at: Option<jiff::Timestamp>,
    },
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

/// What is drafted, for which cases.
#[derive(Debug, clap::Args)]
struct DraftArgs {
    /// The cases' numbers
    #[arg(required = true)]
    ids: Vec<i64>,
    /// The right it rests on: trademark, copyright, design, patent [default: by kind of infringement]
    #[arg(long)]
    right: Option<String>,
    /// The channel [default: the marketplace's own, else `marketplace`]
    #[arg(long)]
    channel: Option<String>,
    /// The country whose market the listings serve [default: as the source says]
    #[arg(long)]
    country: Option<String>,
    /// A value for a field that the records do not hold; may be repeated
    #[arg(long = "set", value_name = "FIELD=VALUE")]
    set: Vec<String>,
    /// The earlier notice that it repeats
    #[arg(long, value_name = "NOTICE")]
    repeats: Option<i64>,
}

pub(super) async fn run(args: Args, app: &App, output: &Output) -> anyhow::Result<Done> {
    let actor = super::actor();
    match args.command {
        Command::Channels { command } => channels::run(command, app, output)?,
        Command::Lint { file } => return channels::lint(&file, app, output),
        Command::Draft(args) => {
            let options = DraftOptions {
                right_kind: args.right,
                channel: args.channel,
                country: args.country,
                set: pairs(&args.set)?,
                repeats: args.repeats,
            };
            for notice in takedown::draft_many(app, &actor, &args.ids, &options).await? {
                print(&notice, output)?;
            }
        }
        Command::Attest(args) => leave::attest(args, app, output).await?,
        Command::Send(args) => leave::send(args, app, output).await?,
        Command::Submit { id, note, at } => {
            let step = Step {
                to_state: "submitted".to_owned(),
                note,
                ..Step::default()
            };
            record(app, id, step, at, output).await?;
        }
        Command::Event {
            id,
            state,
            cases,
            note,
            evidence,
            at,
        } => {
            let evidence = match evidence {
                Some(path) => Some(format!("sha256:{}", app.blobs.put(&std::fs::read(&path)?)?)),
                None => None,
            };
            let step = Step {
                to_state: state,
                cases,
                note,
                evidence,
                ..Step::default()
            };
            record(app, id, step, at, output).await?;
        }
        Command::List {
            state,
            channel,
            limit,
        } => {
            let filter = NoticeFilter { state, channel };
            for notice in app.store.notices_by(&filter, limit).await? {
                print(&notice, output)?;
            }
        }
        Command::Show { id } => show(id, app, output).await?,
        Command::Deadlines { overdue } => {
            for due in calendar::all_due(app).await? {
                if overdue && !due.overdue {
                    continue;
                }
                if output.json {
                    output.object(&due)?;
                } else {
                    output.line(format!(
                        "{}{}  notice {}  {}  {}: {}",
                        due.on,
                        if due.overdue { "  OVERDUE" } else { "" },
                        due.notice,
                        due.channel,
                        due.name.replace('_', " "),
                        due.meaning
                    ))?;
                }
            }
        }
        Command::Remind { within, really } => {
            let dues = calendar::all_due(app).await?;
            match calendar::reminder(&dues, within, app.clock.millis()) {
                None => eprintln!("nothing runs out within {within} days"),
                Some((subject, body)) if really => {
                    let secrets = |name: &str| std::env::var(name).ok();
                    let said = takedown::send::remind(app, &subject, &body, &secrets).await;
                    output.line(said.map_err(|why| anyhow::anyhow!("not reminded: {why}"))?)?;
                }
                Some((subject, body)) => output.line(format!("{subject}\n\n{body}"))?,
            }
        }
        Command::Calendar => {
            let dues = calendar::all_due(app).await?;
            print!("{}", calendar::ics(&dues, app.clock.millis()));
        }
        Command::Recheck { source, all } => return recheck(app, &source, all, output).await,
        Command::Again { case } => {
            let notice = takedown::relisting::draft_again(app, &actor, case).await?;
            print(&notice, output)?;
        }
        Command::Poll => {
            let polled = takedown::poll::poll(app, &|name| std::env::var(name).ok()).await?;
            let mut failed = false;
            for of in &polled {
                failed |= of.error.is_some();
                if output.json {
                    output.object(of)?;
                    continue;
                }
                let says = match (&of.error, of.steps.is_empty()) {
                    (Some(why), _) => why.clone(),
                    (None, true) => "nothing new".to_owned(),
                    (None, false) => of
                        .steps
                        .iter()
                        .map(|(case, to)| format!("case {case} {to}"))
                        .collect::<Vec<_>>()
                        .join(", "),
                };
                output.line(format!("notice {}, {}: {says}", of.notice, of.channel))?;
            }
            if polled.is_empty() && !output.json {
                output.line("no notice is with a channel that can be asked")?;
            }
            return Ok(Done::with_failures(failed));
        }
        Command::Rate => {
            for of in rate::acceptance(app).await? {
                if output.json {
                    output.object(&of)?;
                    continue;
                }
                let rate = of.rate.map_or_else(
                    || "nothing decided yet".to_owned(),
                    |rate| format!("{:.0} % accepted", rate * 100.0),
                );
                output.line(format!(
                    "{}  {} reported, {} removed, {} refused, {} counter-notices: {rate}",
                    of.channel, of.reported, of.removed, of.refused, of.counter_notices
                ))?;
                if let Some(warning) = &of.warning {
                    output.line(format!("  LOOK  {warning}"))?;
                }
            }
        }
    }
    Ok(Done::All)
}

async fn recheck(app: &App, names: &[String], all: bool, output: &Output) -> anyhow::Result<Done> {
    let sources = if names.is_empty() && !all {
        takedown::recheck::due(app).await?
    } else {
        let chosen = |name: &str| names.is_empty() || names.iter().any(|of| of == name);
        let mut sources = app.store.sources().await?;
        sources.retain(|source| chosen(&source.name) && source.enabled);
        sources
    };
    let mut came_to = Rechecked::default();
    let mut failed = false;
    for source in sources {
        let one = std::slice::from_ref(&source);
        let run = async {
            let scanner = service::scanner(app, one, &[], Arc::new(|_| {})).await?;
            takedown::recheck::run(app, &scanner, &source, all).await
        };
        match run.await {
            Ok(of) => came_to.add(of),
            Err(error) => {
                failed = true;
                eprintln!("{}: {error}", source.name);
            }
        }
    }
    let linked = takedown::relisting::link(app).await?;
    if output.json {
        output.document(&serde_json::json!({ "rechecked": came_to, "relistings": linked }))?;
    } else {
        output.line(format!(
            "{} looked at: {} there, {} gone, {} blocked, {} showed something else, {} doubted; \
             {} recorded as removed, {} as there again; {} of {} new listings came back",
            came_to.looked,
            came_to.there,
            came_to.gone,
            came_to.blocked,
            came_to.unexpected,
            came_to.doubted,
            came_to.removed,
            came_to.restored,
            linked.listings.len(),
            linked.looked
        ))?;
    }
    Ok(Done::with_failures(failed))
}

/// `name=value` pairs.
fn pairs(given: &[String]) -> anyhow::Result<BTreeMap<String, String>> {
    given
        .iter()
        .map(|pair| match pair.split_once('=') {
            Some((name, value)) => Ok((name.trim().to_owned(), value.trim().to_owned())),
            None => anyhow::bail!("--set takes FIELD=VALUE, not {pair:?}"),
        })
        .collect()
}

async fn show(id: i64, app: &App, output: &Output) -> anyhow::Result<()> {
    let notice = app.store.notice(id).await?;
    let items = app.store.notice_items(id).await?;
    let events = app.store.notice_events(id).await?;
    if output.json {
        return output.document(&serde_json::json!({ "notice": notice, "items": items,
            "events": events, "sheet": app.store.notice_sheet(id).await? }));
    }
    output.line(format!("{}\n\n{}", notice.subject, notice.body))?;
    for item in items {
        output.line(format!(
            "case {}  {}  {}  {}",
            item.case_id,
            item.state,
            plain(&item.url),
            short(&item.title, 50)
        ))?;
        for event in events.iter().filter(|event| event.case_id == item.case_id) {
            output.line(format!(
                "    {}  {}  by {}{}{}",
                event.happened_at,
                event.to_state,
                event.actor,
                event
                    .note
                    .as_deref()
                    .map(|n| format!("  {}", plain(n)))
                    .unwrap_or_default(),
                event
                    .evidence
                    .as_deref()
                    .map(|e| format!("  [{}]", plain(e)))
                    .unwrap_or_default(),
            ))?;
        }
    }
    Ok(())
}

/// Records a step of a notice, now or when it happened, and prints the notice.
async fn record(
    app: &App,
    notice: i64,
    step: Step,
    at: Option<jiff::Timestamp>,
    output: &Output,
) -> anyhow::Result<()> {
    let at = at.map(Millis::from);
    let notice = takedown::record_step(app, &super::actor(), notice, step, at).await?;
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
