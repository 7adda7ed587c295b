//! `markhound user`: people who may sign in, what they may do, which brands they see.

use anyhow::Context as _;
use serde_json::json;

use super::output::{Done, Output};
use crate::accounts::{self, Role};
use crate::app::App;
use crate::store::users::{User, UserChange};

/// Example: markhound user add maria --role reviewer --brand Ostrelund
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
        /// What the user may do: viewer, reviewer, approver, manager or administrator
        #[arg(long, default_value = "reviewer")]
        role: Role,
        /// A brand the user may see, as the catalog writes it; may be repeated. None: all
        #[arg(long = "brand", value_name = "BRAND")]
        brands: Vec<String>,
        /// Read the password from standard input instead of making one
        #[arg(long)]
        password_stdin: bool,
    },
    /// Change what a user may do and see; their password and sessions stay
    Set {
        /// Sign-in name
        name: String,
        /// What the user may do: viewer, reviewer, approver, manager or administrator
        #[arg(long)]
        role: Option<Role>,
        /// The brands the user may see from now on; may be repeated
        #[arg(long = "brand", value_name = "BRAND", conflicts_with = "all_brands")]
        brands: Vec<String>,
        /// Let the user see every brand
        #[arg(long)]
        all_brands: bool,
        /// Let the user sign in no more; their sessions end
        #[arg(long, conflicts_with = "enable")]
        disable: bool,
        /// Let the user sign in again
        #[arg(long)]
        enable: bool,
    },
    /// Take a user's second factor off: they lost the app and the recovery codes
    ResetSecondFactor {
        /// Sign-in name
        name: String,
    },
    /// Show who users are at the OpenID provider
    ///
    /// Example: markhound user identities maria
    Identities {
        /// Sign-in name; none: everybody
        name: Option<String>,
    },
    /// Bind a user to an account at the OpenID provider: by it they sign in
    ///
    /// Example: markhound user bind maria --subject 5f1c9a4e-0d8b-4b7e-9a51-3a6f0f1f2b77
    Bind {
        /// Sign-in name
        name: String,
        /// What the provider knows them by (the claim `sub`)
        #[arg(long)]
        subject: String,
        /// The provider; none: the one of the configuration
        #[arg(long)]
        issuer: Option<String>,
    },
    /// Unbind a user from the OpenID provider; their sessions end
    ///
    /// Example: markhound user unbind maria
    Unbind {
        /// Sign-in name
        name: String,
    },
    /// End every session of a user
    SignOut {
        /// Sign-in name
        name: String,
    },
}

pub(super) async fn run(args: Args, app: &App, output: &Output) -> anyhow::Result<Done> {
    let (store, actor) = (&app.store, super::actor());
    match args.command {
        Command::List => {
            let users = store.users().await?;
            if output.json {
                output.document(&users)?;
            } else {
                for user in &users {
                    output.line(line(user))?;
                }
            }
        }
        Command::Add {
            name,
            role,
            brands,
            password_stdin,
        } => {
            anyhow::ensure!(
                role != Role::Administrator || brands.is_empty(),
                "an administrator sees every brand: leave out --brand, or give another role"
            );
            let given = if password_stdin {
                Some(read_password()?)
            } else {
                None
            };
            let password = given.clone().unwrap_or_else(accounts::random_password);
            let hash = accounts::hash_password(&password)?;
            let known = store.brands().await?;
            if let Some(brand) = brands.iter().find(|brand| !known.contains(brand)) {
                anyhow::bail!(
                    "no product of the catalog is of the brand {brand:?}; it has {}",
                    known.join(", ")
                );
            }
            store.save_user(&actor, &name, &hash, role.as_str()).await?;
            if !brands.is_empty() {
                let change = UserChange {
                    brands: Some(brands.clone()),
                    ..UserChange::default()
                };
                store.change_user(&actor, &name, &change).await?;
            }
            let shown = given.is_none().then_some(password);
            if output.json {
                output.document(
                    &json!({ "name": name, "role": role, "brands": brands, "password": shown }),
                )?;
            } else {
                let shown = shown.map(|p| format!(", password {p} (shown this once)"));
                output.line(format!(
                    "user {name}, role {role}{}",
                    shown.unwrap_or_default()
                ))?;
            }
        }
        Command::Set {
            name,
            role,
            brands,
            all_brands,
            disable,
            enable,
        } => {
            let change = UserChange {
                role,
                brands: match (all_brands, brands.is_empty()) {
                    (true, _) => Some(Vec::new()),
                    (false, true) => None,
                    (false, false) => Some(brands),
                },
                enabled: match (enable, disable) {
                    (true, _) => Some(true),
                    (_, true) => Some(false),
                    _ => None,
                },
            };
            let user = store.change_user(&actor, &name, &change).await?;
            if output.json {
                output.document(&user)?;
            } else {
                output.line(line(&user))?;
            }
        }
        Command::ResetSecondFactor { name } => {
            let was = store.reset_second_factor(&actor, &name).await?;
            if output.json {
                output.document(&json!({ "name": name, "had_one": was }))?;
            } else {
                output.line(match was {
                    true => format!("{name} signs in by password alone now; their sessions ended"),
                    false => format!("{name} had no second factor"),
                })?;
            }
        }
        Command::Identities { name } => {
            let identities = store.identities(name.as_deref()).await?;
            if output.json {
                output.document(&identities)?;
            } else {
                for one in &identities {
                    let used = one
                        .used_at
                        .map_or("never used".to_owned(), |at| format!("last used {at}"));
                    output.line(format!(
                        "{:<24} {} at {}, {used}",
                        one.name, one.subject, one.issuer
                    ))?;
                }
            }
        }
        Command::Bind {
            name,
            subject,
            issuer,
        } => {
            let configured = app.config.server.oidc.as_ref().map(|o| o.issuer.clone());
            let issuer = issuer.or(configured);
            let issuer = issuer.context(
                "say --issuer, or name the provider under [server.oidc] in markhound.toml",
            )?;
            store
                .bind_identity(&actor, &name, &issuer, &subject)
                .await?;
            if output.json {
                output.document(&store.identities(Some(&name)).await?)?;
            } else {
                output.line(format!("{name} signs in as {subject} of {issuer}"))?;
            }
        }
        Command::Unbind { name } => {
            let unbound = store.unbind_identities(&actor, &name).await?;
            if output.json {
                output.document(&json!({ "name": name, "unbound": unbound }))?;
            } else {
                output.line(match unbound {
                    0 => format!("{name} was not bound to any provider"),
                    _ => format!("{name} is unbound; their sessions ended"),
                })?;
            }
        }
        Command::SignOut { name } => {
            anyhow::ensure!(
                store.user(&name).await?.is_some(),
                "there is no user {name}; `markhound user list` names them"
            );
            let ended = store.revoke_sessions(&actor, &name, None).await?;
            if output.json {
                output.document(&json!({ "name": name, "sessions_ended": ended }))?;
            } else {
                output.line(format!("{ended} sessions of {name} ended"))?;
            }
        }
    }
    Ok(Done::All)
}

fn line(user: &User) -> String {
    let brands = match user.brands.is_empty() {
        true => "all brands".to_owned(),
        false => user.brands.join(", "),
    };
    let off = if user.disabled_at.is_some() {
        ", may not sign in"
    } else {
        ""
    };
    let password = match user.has_password() {
        true => "",
        false => ", no password",
    };
    format!(
        "{:<24} {:<14} {brands}{password}{off}",
        user.name,
        user.role()
    )
}

fn read_password() -> anyhow::Result<String> {
    let mut line = String::new();
    std::io::stdin().read_line(&mut line)?;
    Ok(line.trim_end_matches(['\r', '\n']).to_owned())
}
