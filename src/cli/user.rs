//! `markhound user`: people who may sign in.

use super::output::{Done, Output};
use crate::accounts;
use crate::app::App;

/// Example: markhound user add maria --role reviewer
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    /// List users
    List,
    /// Add a user, or give one a new password; prints the password made
    Add {
        /// Sign-in name
        name: String,
        /// What the user may do
        #[arg(long, default_value = "reviewer", value_parser = ["administrator", "reviewer", "viewer"])]
        role: String,
        /// Read the password from standard input instead of making one
        #[arg(long)]
        password_stdin: bool,
    },
}

pub(super) async fn run(args: Args, app: &App, output: &Output) -> anyhow::Result<Done> {
    match args.command {
        Command::List => {
            let users = app.store.users().await?;
            if output.json {
                output.document(&users)?;
            } else {
                for user in users {
                    output.line(format!("{:<24} {}", user.name, user.role))?;
                }
            }
        }
        Command::Add {
            name,
            role,
            password_stdin,
        } => {
            let given = if password_stdin {
                Some(read_password()?)
            } else {
                None
            };
            let password = given.clone().unwrap_or_else(accounts::random_password);
            let hash = accounts::hash_password(&password)?;
            app.store
                .save_user(&super::actor(), &name, &hash, &role)
                .await?;
            let shown = given.is_none().then_some(password);
            if output.json {
                output.document(
                    &serde_json::json!({ "name": name, "role": role, "password": shown }),
                )?;
            } else {
                let shown = shown.map(|p| format!(", password {p} (shown this once)"));
                output.line(format!(
                    "user {name}, role {role}{}",
                    shown.unwrap_or_default()
                ))?;
            }
        }
    }
    Ok(Done::All)
}

fn read_password() -> anyhow::Result<String> {
    let mut line = String::new();
    std::io::stdin().read_line(&mut line)?;
    Ok(line.trim_end_matches(['\r', '\n']).to_owned())
}
