//! `markhound token`: personal tokens of the API.

use serde_json::json;

use super::output::{Done, Output};
use crate::accounts::token::{self, MOST_DAYS, Scope, USUAL_DAYS};
use crate::app::App;

/// Example: markhound token add maria --name nightly --scope read --scope decide
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    /// Make a token for a user; prints it this once
    Add {
        /// Whose it is: it can do no more than they, and sees their brands
        user: String,
        /// What uses it
        #[arg(long)]
        name: String,
        /// What it may be used for: read, decide, catalog, takedown or admin; may be repeated
        #[arg(long = "scope", value_name = "SCOPE", required = true)]
        scopes: Vec<Scope>,
        /// Days until it ends
        #[arg(long, default_value_t = USUAL_DAYS, value_parser = clap::value_parser!(i64).range(1..=MOST_DAYS))]
        days: i64,
    },
    /// List tokens; what opens anything is never shown
    List {
        /// Whose; everybody's when left out
        user: Option<String>,
    },
    /// Revoke a token by its number
    Revoke {
        /// The number that `list` shows
        id: i64,
    },
}

pub(super) async fn run(args: Args, app: &App, output: &Output) -> anyhow::Result<Done> {
    let (store, actor) = (&app.store, super::actor());
    match args.command {
        Command::Add {
            user,
            name,
            scopes,
            days,
        } => {
            let user = store.user(&user).await?.ok_or_else(|| {
                anyhow::anyhow!("there is no user {user}; `markhound user list` names them")
            })?;
            let (id, made) = token::issue(app, &actor, &user, &name, &scopes, days).await?;
            if output.json {
                output.document(&json!({ "id": id, "user": user.name, "token": made }))?;
            } else {
                output.line(format!(
                    "token {id} of {}: {made} (shown this once)",
                    user.name
                ))?;
            }
        }
        Command::List { user } => {
            let tokens = store.tokens(user.as_deref()).await?;
            if output.json {
                output.document(&tokens)?;
            } else {
                let now = app.clock.millis();
                for token in tokens {
                    let state = match (token.revoked_at, token.expires_at < now) {
                        (Some(_), _) => "revoked".to_owned(),
                        (None, true) => "expired".to_owned(),
                        (None, false) => format!("until {}", token.expires_at),
                    };
                    let used = token
                        .last_used_at
                        .map_or_else(|| "never used".to_owned(), |at| format!("used {at}"));
                    output.line(format!(
                        "{:>5} {:<16} {:<24} {:<28} {state}, {used}",
                        token.id,
                        token.user,
                        super::output::plain(&token.name),
                        token.scopes
                    ))?;
                }
            }
        }
        Command::Revoke { id } => {
            store.revoke_token(&actor, id, None).await?;
            if output.json {
                output.document(&json!({ "revoked": id }))?;
            } else {
                output.line(format!("token {id} is revoked"))?;
            }
        }
    }
    Ok(Done::All)
}
