//! `markhound mail`: who is mailed of what happens.

use serde_json::json;

use super::output::{Done, Output, plain};
use crate::app::App;
use crate::notify::{self, KINDS, PACES};
use crate::store::mails::MailboxDraft;

/// Example: markhound mail add maria maria@agency.example --event case.new --pace daily
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    /// List addresses
    List {
        /// Whose; everybody's when left out
        user: Option<String>,
    },
    /// Add an address; it is told of the brands that its user sees
    Add {
        /// Whose it is
        user: String,
        /// Where mail goes
        address: String,
        /// What it hears of: case.new, scan.failed, deadline.near; may be repeated
        #[arg(long = "event", value_name = "EVENT", required = true, value_parser = KINDS.map(|(kind, _)| kind))]
        events: Vec<String>,
        /// How often: as it happens, or once a day
        #[arg(long, default_value = "instant", value_parser = PACES.map(|(pace, _)| pace))]
        pace: String,
        /// New cases from this probability on, 0 to 1
        #[arg(long, default_value_t = 0.9)]
        min_probability: f64,
    },
    /// Remove an address and what waits for it
    Remove {
        /// The number that `list` shows
        id: i64,
    },
    /// Show the mail that would be sent of what waits for an address; send nothing
    Preview {
        /// The number that `list` shows
        id: i64,
    },
    /// Send a mail that only shows that mail arrives, now
    Test {
        /// The number that `list` shows
        id: i64,
    },
}

pub(super) async fn run(args: Args, app: &App, output: &Output) -> anyhow::Result<Done> {
    let (store, actor) = (&app.store, super::actor());
    match args.command {
        Command::List { user } => {
            let mailboxes = store.mailboxes(user.as_deref()).await?;
            if output.json {
                let all = mailboxes.iter().map(|mailbox| {
                    let mut all = json!(mailbox);
                    all["address"] = mailbox.address().into();
                    all
                });
                output.document(&all.collect::<Vec<_>>())?;
            } else {
                for mailbox in mailboxes {
                    output.line(format!(
                        "{:>4} {:<16} {:<32} {} {} from {}, {} waiting",
                        mailbox.id,
                        plain(&mailbox.user_name),
                        plain(mailbox.address()),
                        mailbox.events,
                        mailbox.pace,
                        mailbox.min_probability,
                        mailbox.waiting
                    ))?;
                }
            }
        }
        Command::Add {
            user,
            address,
            events,
            pace,
            min_probability,
        } => {
            let draft = MailboxDraft {
                address,
                events,
                min_probability,
                pace,
            };
            let id = notify::add_mailbox(app, &actor, &user, &draft).await?;
            if output.json {
                output.document(&json!({ "id": id }))?;
            } else {
                output.line(format!(
                    "mail address {id}; try it: markhound mail test {id}"
                ))?;
            }
        }
        Command::Remove { id } => {
            store.remove_mailbox(&actor, id, None).await?;
            if output.json {
                output.document(&json!({ "removed": id }))?;
            } else {
                output.line(format!("mail address {id} is removed"))?;
            }
        }
        Command::Preview { id } => {
            notify::collect(app).await?;
            let mailbox = store.mailbox(id, None).await?;
            let mail = notify::preview(app, &mailbox).await?;
            match (mail, output.json) {
                (mail, true) => output.document(
                    &mail.map(|mail| json!({ "subject": mail.subject, "body": mail.body })),
                )?,
                (Some(mail), false) => {
                    output.line(format!("{}\n\n{}", mail.subject, mail.body))?;
                }
                (None, false) => output.line("nothing waits for it")?,
            }
        }
        Command::Test { id } => {
            let mailbox = store.mailbox(id, None).await?;
            let Some(queued) = store.queue_test_mail(mailbox.id).await? else {
                anyhow::bail!("one test a minute is enough; wait a moment");
            };
            notify::deliver(app).await?;
            let mail = store.delivery(queued).await?;
            if output.json {
                output.document(&mail)?;
            } else {
                let why = mail.last_error.map(|why| format!(": {}", plain(&why)));
                output.line(format!(
                    "{} to {}{}",
                    mail.state,
                    plain(mailbox.address()),
                    why.unwrap_or_default()
                ))?;
            }
            if mail.state != "sent" {
                return Ok(Done::SomeFailed);
            }
        }
    }
    Ok(Done::All)
}
