//! `markhound packet`: evidence packets.

mod export;
mod key;

use std::path::{Path, PathBuf};

use super::Global;
use super::output::{Done, Output};
use crate::app::App;
use crate::config::Config;
use crate::packet::keys::{Keyring, PublicKey};
use crate::packet::{self, Language, Options, Trust, stamp};
use crate::store::packets::Choice;

/// Examples: markhound packet export 42 -o packets/ | markhound packet verify packets/case-42.zip
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    /// Write a packet for each case, or one for all of them
    Export {
        /// The cases' numbers
        ids: Vec<i64>,
        /// Every case in this state, such as confirmed
        #[arg(long)]
        state: Option<String>,
        /// Every case of this source
        #[arg(long)]
        source: Option<String>,
        /// Every case of this seller, as written on the page
        #[arg(long)]
        seller: Option<String>,
        /// Every case of this product
        #[arg(long)]
        sku: Option<String>,
        /// Every case of the card that this case is on: its likes, of one product
        #[arg(long, alias = "cluster", value_name = "CASE")]
        card: Option<i64>,
        /// One packet that holds those of all cases
        #[arg(long)]
        together: bool,
        /// Folder to write to
        #[arg(short, long, default_value = ".", value_name = "DIR")]
        output_dir: PathBuf,
        /// Leave out what is internal: names, reasons, notes, confidential photos
        #[arg(long)]
        outward: bool,
        /// Language of the report [default: packet.language, or en]
        #[arg(long)]
        language: Option<Language>,
        /// Leave out cases that did not change since their packet was written there
        #[arg(long, conflicts_with = "together")]
        resume: bool,
    },
    /// Timestamps of packets: ask again for those still to come, put known ones into files
    Timestamp {
        /// Packets to put known timestamps into
        files: Vec<PathBuf>,
        /// Ask again for every timestamp that is still to come
        #[arg(long)]
        retry: bool,
    },
    /// Check a packet; needs neither database nor configuration
    Verify {
        /// The packet
        file: PathBuf,
        /// Public key that must have signed it, in PEM form; may be given again
        #[arg(long, value_name = "FILE")]
        key: Vec<PathBuf>,
        /// Certificates of timestamping authorities, in PEM form; may be given again
        #[arg(long, value_name = "FILE")]
        ca: Vec<PathBuf>,
    },
    /// The key that packets are signed with
    Key {
        #[command(subcommand)]
        command: key::Command,
    },
}

pub(super) async fn run(args: Args, global: &Global, output: &Output) -> anyhow::Result<Done> {
    match args.command {
        Command::Export {
            ids,
            state,
            source,
            seller,
            sku,
            card,
            together,
            output_dir,
            outward,
            language,
            resume,
        } => {
            let app = global.open().await?;
            let options = Options {
                outward,
                language: language.unwrap_or(app.config.packet.language),
                stays: true,
            };
            let choice = Choice {
                state,
                source,
                seller,
                sku,
                card,
            };
            let wanted = export::Wanted {
                ids,
                choice,
                together,
                resume,
            };
            export::run(&app, wanted, &output_dir, &options, output).await
        }
        Command::Timestamp { files, retry } => {
            timestamp(&global.open().await?, &files, retry, output).await
        }
        Command::Verify { file, key, ca } => verify(&file, &key, &ca, global, output),
        Command::Key { command } => key::run(command, global, output).await,
    }
}

fn verify(
    file: &Path,
    keys: &[PathBuf],
    authorities: &[PathBuf],
    global: &Global,
    output: &Output,
) -> anyhow::Result<Done> {
    let named: Result<Vec<_>, _> = keys.iter().map(|path| PublicKey::read(path)).collect();
    let mut trust = Trust {
        keys: named?,
        ..Trust::default()
    };
    for path in authorities {
        trust.authorities.extend(stamp::read_certificates(path)?);
    }
    if trust.keys.is_empty() {
        // Where there is an installation here, its own packets are recognised; a
        // packet of another one is not wrong for that.
        let own = own_keys(global);
        let found = packet::verify_with(file, &trust)?;
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
        output.line(format!("\n{}", verification.conclusion()))?;
    }
    if verification.ok {
        Ok(Done::All)
    } else {
        anyhow::bail!("{} is not as it was written", file.display())
    }
}

async fn timestamp(
    app: &App,
    files: &[PathBuf],
    retry: bool,
    output: &Output,
) -> anyhow::Result<Done> {
    if files.is_empty() && !retry {
        anyhow::bail!(
            "name packets to put timestamps into, or say --retry to ask again for those still to come"
        );
    }
    let mut failed = false;
    if retry {
        let attempts = stamp::retry(app, &super::actor()).await?;
        for attempt in &attempts {
            failed |= attempt.error.is_some();
            if output.json {
                output.object(attempt)?;
                continue;
            }
            let file = attempt.file.as_ref();
            let place =
                file.map_or_else(String::new, |file| format!(", put into {}", file.display()));
            output.line(match (&attempt.at, &attempt.error) {
                (Some(at), None) => format!(
                    "{}: {} says {at}{place}",
                    attempt.subject, attempt.authority
                ),
                (_, why) => format!(
                    "{}: {}: {}",
                    attempt.subject,
                    attempt.authority,
                    why.as_deref().unwrap_or_default()
                ),
            })?;
        }
        if attempts.is_empty() && !output.json {
            output.line("no timestamp is still to come")?;
        }
    }
    for file in files {
        let added = stamp::attach(app, file).await?;
        match output.json {
            true => output.object(&serde_json::json!({ "file": file, "added": added }))?,
            false => output.line(format!(
                "{}: {} timestamps added",
                file.display(),
                added.len()
            ))?,
        }
    }
    Ok(Done::with_failures(failed))
}

/// The public keys of the data directory, where there is one.
fn own_keys(global: &Global) -> Vec<PublicKey> {
    let Ok(config) = Config::load(global.config.as_deref()) else {
        return Vec::new();
    };
    let data_dir = config.data_dir(global.data_dir.as_deref());
    Keyring::of(&data_dir).all().unwrap_or_default()
}
