//! `markhound init`: the configuration and the first administrator.

use std::path::PathBuf;

use anyhow::Context as _;

use super::Global;
use super::output::{Done, Output};
use crate::accounts;
use crate::app::{App, secrets_key};
use crate::clock::Clock;
use crate::config::{Config, DEFAULT_FILE};
use crate::packet::keys::{self, Keyring, PublicKey};

/// Example: markhound init --contact mailto:ip@example.com
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Sign-in name of the first administrator
    #[arg(long, default_value = "admin")]
    admin: String,
    /// Mail address or page where a shop's operator reaches you
    #[arg(long, value_name = "mailto:… or https://…")]
    contact: Option<String>,
    /// Write the configuration even where there is one
    #[arg(long)]
    force: bool,
}

pub(super) async fn run(args: Args, global: &Global, output: &Output) -> anyhow::Result<Done> {
    let path = global
        .config
        .clone()
        .unwrap_or_else(|| PathBuf::from(DEFAULT_FILE));
    if path.exists() && !args.force {
        anyhow::bail!(
            "{} is there already; edit it, or say --force to replace it",
            path.display()
        );
    }
    let data_dir = Config::default().data_dir(global.data_dir.as_deref());
    let text = template(&data_dir, args.contact.as_deref());
    let config = Config::parse(&text, &path)?;
    let app = App::open(config, &data_dir, Clock::system()).await?;
    std::fs::write(&path, text).with_context(|| format!("cannot write {}", path.display()))?;

    let key = first_key(&app).await?;
    let known = app.store.user(&args.admin).await?.is_some();
    let password = (!known).then(accounts::random_password);
    if let Some(password) = &password {
        let hash = accounts::hash_password(password)?;
        app.store
            .save_user(&super::actor(), &args.admin, &hash, "administrator")
            .await?;
    }
    if output.json {
        output.document(&serde_json::json!({ "config": path, "data_dir": data_dir,
            "administrator": args.admin, "password": password,
            "key": { "id": key.id(), "sha256": key.fingerprint() } }))?;
        return Ok(Done::All);
    }
    output.line(format!("wrote {}", path.display()))?;
    output.line(format!("data directory {}", data_dir.display()))?;
    output.line(format!(
        "packets will be signed with key {}, SHA-256 {}",
        key.id(),
        key.fingerprint()
    ))?;
    output.line(format!(
        "secrets in the database are sealed under {}; back it up, apart from the database",
        secrets_key(&app.config, &data_dir).display()
    ))?;
    match password {
        Some(password) => output.line(format!(
            "administrator {}, password {password} (shown this once)",
            args.admin
        ))?,
        None => output.line(format!(
            "user {} is there already and was left as it is",
            args.admin
        ))?,
    }
    output.line("next: markhound catalog import FILE --images DIR, then markhound source add")?;
    Ok(Done::All)
}

/// The key that packets are signed with; made where there is none.
async fn first_key(app: &App) -> anyhow::Result<PublicKey> {
    let (key, made) = Keyring::of(&app.data_dir).current_or_new()?;
    if made {
        keys::record_key(app, &super::actor(), "key.create", &key, None).await?;
    }
    Ok(key.public())
}

fn template(data_dir: &std::path::Path, contact: Option<&str>) -> String {
    let quoted = |text: &str| toml::Value::String(text.to_owned()).to_string();
    let contact = match contact {
        Some(contact) => format!("contact = {}", quoted(contact)),
        None => "# contact = \"mailto:ip@example.com\"".to_owned(),
    };
    let data_dir = quoted(&data_dir.display().to_string());
    format!(
        "# Markhound's configuration. Every value has a default; docs/configuration.md lists them.\n\
         data_dir = {data_dir}\n\n\
         [server]\n\
         # The page answers on this machine only, unless you say otherwise.\n\
         listen = \"127.0.0.1:8080\"\n\
         # public_url = \"https://markhound.example.com\" # links in mail lead there\n\n\
         [fetch]\n\
         # Stands in every request, so that a shop's operator can reach you.\n\
         {contact}\n\n\
         [notices]\n\
         # Who signs notices.\n\
         # name = \"\"\n\
         # address = \"\"\n\
         # email = \"\"\n\
         # phone = \"\"\n\
         # role = \"owner\"      # or \"agent\", with a [[notices.authority]] for each owner\n\
         # [notices.people]\n\
         # admin = \"Full Name\" # who attests with which account\n\n\
         [packet]\n\
         # Authorities that timestamp every packet (RFC 3161), and their certificates.\n\
         # timestamps = [\"https://freetsa.org/tsr\"]\n\
         # timestamp_ca = [\"freetsa-ca.pem\"]\n"
    )
}
