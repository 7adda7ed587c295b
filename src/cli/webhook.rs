//! `markhound webhook`: who hears of what happens, and the messages to them.

use serde_json::json;

use super::output::{Done, Output, plain};
use crate::app::App;
use crate::notify::{self, KINDS, SHAPES};
use crate::store::webhooks::WebhookDraft;

/// Example: markhound webhook add https://hooks.example.com/x --event case.new
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    /// List receivers
    List,
    /// Add a receiver; prints the secret that messages are signed with, this once
    Add {
        /// Where messages go
        url: String,
        /// What it hears of: case.new, scan.failed, deadline.near; may be repeated
        #[arg(long = "event", value_name = "EVENT", required = true, value_parser = KINDS.map(|(kind, _)| kind))]
        events: Vec<String>,
        /// Shape of messages
        #[arg(long, default_value = "json", value_parser = SHAPES)]
        shape: String,
        /// New cases from this probability on, 0 to 1
        #[arg(long, default_value_t = 0.9)]
        min_probability: f64,
    },
    /// Remove a receiver and what waits for it
    Remove {
        /// The number that `list` shows
        id: i64,
    },
    /// List the last messages
    Messages,
    /// Send a message again, whatever became of it
    Replay {
        /// The number that `messages` shows
        id: i64,
    },
    /// Look for what there is to tell and send what is due, now; `serve` does it all the time
    Send,
}

pub(super) async fn run(args: Args, app: &App, output: &Output) -> anyhow::Result<Done> {
    let (store, actor) = (&app.store, super::actor());
    match args.command {
        Command::List => {
            let webhooks = store.webhooks().await?;
            if output.json {
                output.document(&webhooks)?;
            } else {
                for hook in webhooks {
                    output.line(format!(
                        "{:>4} {} {} {} from {}",
                        hook.id,
                        plain(&hook.url),
                        hook.events,
                        hook.shape,
                        hook.min_probability
                    ))?;
                }
            }
        }
        Command::Add {
            url,
            events,
            shape,
            min_probability,
        } => {
            let secret = notify::new_secret();
            let draft = WebhookDraft {
                url,
                secret: secret.clone(),
                events,
                shape,
                min_probability,
            };
            let id = notify::add(app, &actor, &draft).await?;
            let secret = format!("whsec_{secret}");
            if output.json {
                output.document(&json!({ "id": id, "secret": secret }))?;
            } else {
                output.line(format!("webhook {id}, secret {secret} (shown this once)"))?;
            }
        }
        Command::Remove { id } => {
            store.remove_webhook(&actor, id).await?;
            if output.json {
                output.document(&json!({ "removed": id }))?;
            } else {
                output.line(format!("webhook {id} is removed"))?;
            }
        }
        Command::Messages => {
            let deliveries = store.deliveries(None, 200).await?;
            if output.json {
                output.document(&deliveries)?;
            } else {
                for one in deliveries {
                    output.line(format!(
                        "{:>6} {:<28} {:<9} {} tries{} {}",
                        one.id,
                        one.event,
                        one.state,
                        one.attempts,
                        one.last_error
                            .as_deref()
                            .map(|why| format!(", {}", plain(why)))
                            .unwrap_or_default(),
                        plain(one.to())
                    ))?;
                }
            }
        }
        Command::Replay { id } => {
            store.replay_delivery(&actor, id).await?;
            if output.json {
                output.document(&json!({ "due": id }))?;
            } else {
                output.line(format!(
                    "message {id} is due now; `markhound webhook send` or `serve` sends it"
                ))?;
            }
        }
        Command::Send => {
            let queued = notify::collect(app).await?;
            notify::put_together(app).await?;
            let sent = notify::deliver(app).await?;
            if output.json {
                output.document(&json!({ "queued": queued, "sent": sent }))?;
            } else {
                output.line(format!("{queued} new messages, {sent} taken"))?;
            }
        }
    }
    Ok(Done::All)
}
