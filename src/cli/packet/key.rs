//! `markhound packet key`: the key that packets are signed with.

use std::path::PathBuf;

use anyhow::Context as _;

use super::super::output::{self, Done, Output};
use super::super::{Global, actor};
use crate::packet::keys::{self, Keyring, PublicKey};

#[derive(Debug, clap::Subcommand)]
pub(super) enum Command {
    /// Show the key in use and those before it
    Show,
    /// Write the public keys, and what each signed of the next, to a folder
    Export {
        /// Folder to write to
        #[arg(short, long, default_value = ".", value_name = "DIR")]
        output_dir: PathBuf,
    },
    /// Put a new key in place of the one in use, which signs it once more
    Rotate {
        /// Do not ask
        #[arg(long)]
        yes: bool,
    },
}

pub(super) async fn run(
    command: Command,
    global: &Global,
    output: &Output,
) -> anyhow::Result<Done> {
    let app = global.open().await?;
    let ring = Keyring::of(&app.data_dir);
    let actor = actor();
    match command {
        Command::Show => {
            let (current, made) = ring.current_or_new()?;
            if made {
                keys::record_key(&app, &actor, "key.create", &current, None).await?;
            }
            let current = current.public();
            let others = ring.all()?.into_iter().filter(|key| *key != current);
            let shown = |key: PublicKey, in_use: bool| {
                serde_json::json!({ "id": key.id(), "sha256": key.fingerprint(),
                    "in_use": in_use, "pem": key.pem() })
            };
            let all: Vec<_> = std::iter::once(shown(current, true))
                .chain(others.map(|key| shown(key, false)))
                .collect();
            if output.json {
                output.document(&all)?;
                return Ok(Done::All);
            }
            for key in &all {
                let state = if key["in_use"] == true {
                    "in use"
                } else {
                    "before"
                };
                let text = |name: &str| key[name].as_str().unwrap_or_default().to_owned();
                output.line(format!(
                    "{}  {state}  SHA-256 {}",
                    text("id"),
                    text("sha256")
                ))?;
            }
            output.line(current.pem().trim_end())?;
        }
        Command::Export { output_dir } => {
            let (current, made) = ring.current_or_new()?;
            if made {
                keys::record_key(&app, &actor, "key.create", &current, None).await?;
            }
            std::fs::create_dir_all(&output_dir)
                .with_context(|| format!("cannot make the folder {}", output_dir.display()))?;
            for path in ring.public_files()? {
                let name = path.file_name().unwrap_or_default();
                let to = output_dir.join(name);
                std::fs::copy(&path, &to)
                    .with_context(|| format!("cannot write {}", to.display()))?;
                match output.json {
                    true => output.object(&serde_json::json!({ "file": to }))?,
                    false => output.line(to.display().to_string())?,
                }
            }
        }
        Command::Rotate { yes } => {
            if !yes
                && !output::confirm(
                    "put a new key in place of the one in use? Who checks packets must be told of it",
                )?
            {
                anyhow::bail!("nothing was changed");
            }
            let (old, new) = ring.rotate()?;
            keys::record_key(&app, &actor, "key.rotate", &new, old).await?;
            let public = new.public();
            match output.json {
                true => output.document(&serde_json::json!({ "id": public.id(),
                    "sha256": public.fingerprint(), "before": old.map(|key| key.id()) }))?,
                false => output.line(format!(
                    "packets are signed with key {} from now on; tell its SHA-256 {} to those who check them",
                    public.id(),
                    public.fingerprint()
                ))?,
            }
        }
    }
    Ok(Done::All)
}
