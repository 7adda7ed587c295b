//! `markhound packet`: evidence packets.

mod key;

use std::path::{Path, PathBuf};

use super::Global;
use super::output::{Done, Output};
use crate::config::Config;
use crate::packet::keys::{Keyring, PublicKey};
use crate::packet::{self, Trust};

/// Examples: markhound packet export 42 -o packets/ | markhound packet verify packets/case-42.zip
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    /// Write a packet for each case
    Export {
        /// The cases' numbers
        #[arg(required = true)]
        ids: Vec<i64>,
        /// Folder to write to
        #[arg(short, long, default_value = ".", value_name = "DIR")]
        output_dir: PathBuf,
    },
    /// Check a packet; needs neither database nor configuration
    Verify {
        /// The packet
        file: PathBuf,
        /// Public key that must have signed it, in PEM form; may be given again
        #[arg(long, value_name = "FILE")]
        key: Vec<PathBuf>,
    },
    /// The key that packets are signed with
    Key {
        #[command(subcommand)]
        command: key::Command,
    },
}

pub(super) async fn run(args: Args, global: &Global, output: &Output) -> anyhow::Result<Done> {
    match args.command {
        Command::Export { ids, output_dir } => {
            let app = global.open().await?;
            let mut failed = 0;
            for id in &ids {
                match packet::export(&app, &super::actor(), *id, &output_dir).await {
                    Ok(path) if output.json => {
                        output.object(&serde_json::json!({ "case": id, "packet": path }))?;
                    }
                    Ok(path) => output.line(path.display().to_string())?,
                    Err(error) => {
                        failed += 1;
                        eprintln!("case {id}: {error}");
                    }
                }
            }
            if failed == ids.len() {
                anyhow::bail!("no packet was written");
            }
            Ok(Done::with_failures(failed > 0))
        }
        Command::Verify { file, key } => verify(&file, &key, global, output),
        Command::Key { command } => key::run(command, global, output).await,
    }
}

fn verify(file: &Path, keys: &[PathBuf], global: &Global, output: &Output) -> anyhow::Result<Done> {
    let named: Result<Vec<_>, _> = keys.iter().map(|path| PublicKey::read(path)).collect();
    let mut trust = Trust { keys: named? };
    if trust.keys.is_empty() {
        // Where there is an installation here, its own packets are recognised; a
        // packet of another one is not wrong for that.
        let own = own_keys(global);
        let found = packet::verify(file)?;
        let id = found.signer.as_ref().map(|signer| signer.id.as_str());
        trust.keys = own
            .into_iter()
            .filter(|key| Some(key.id().as_str()) == id)
            .collect();
    }
    let verification = packet::verify_with(file, &trust)?;
    if output.json {
        output.document(&verification)?;
    } else {
        for check in &verification.checks {
            let mark = if check.ok { "holds " } else { "BROKEN" };
            output.line(format!("{mark}  {}: {}", check.name, check.detail))?;
        }
    }
    if verification.ok {
        Ok(Done::All)
    } else {
        anyhow::bail!("{} is not as it was written", file.display())
    }
}

/// The public keys of the data directory, where there is one.
fn own_keys(global: &Global) -> Vec<PublicKey> {
    let Ok(config) = Config::load(global.config.as_deref()) else {
        return Vec::new();
    };
    let data_dir = config.data_dir(global.data_dir.as_deref());
    Keyring::of(&data_dir).all().unwrap_or_default()
}
