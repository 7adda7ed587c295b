//! `markhound packet`: evidence packets.

use std::path::PathBuf;

use super::Global;
use super::output::{Done, Output};
use crate::packet;

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
        Command::Verify { file } => {
            let verification = packet::verify(&file)?;
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
    }
}
