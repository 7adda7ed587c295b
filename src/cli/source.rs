//! `markhound source`: marketplaces as definitions plus settings.

mod checks;
mod probe;
mod settings;

use std::path::PathBuf;

use anyhow::Context as _;
use markhound_crawlers::Definition;

use super::Global;
use super::output::{Done, Output};
use crate::app::App;
use crate::scan::{plan, schedule};
use crate::store::sources::SourceDraft;

/// Examples: markhound source add myshop --definition woocommerce-store --base https://shop.example
/// --schedule "30 2 * * *" --time-zone Europe/Berlin |
/// markhound source add ebay-de --definition ebay --set marketplace=EBAY_DE
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    /// List sources, and the definitions that come with the program
    List,
    /// Add a source, or change its settings
    Add {
        /// Your name for it
        name: String,
        /// A definition's file, or the id of one that comes with the program
        #[arg(long, value_name = "FILE|ID")]
        definition: String,
        /// Address of the shop, where the definition does not say it
        #[arg(long)]
        base: Option<String>,
        /// A search beside those planned from the catalog; may be given again
        #[arg(long)]
        query: Vec<String>,
        /// When to scan: minute hour day month weekday, such as "30 2 * * *"
        #[arg(long, value_name = "CRON")]
        schedule: Option<String>,
        /// Time zone of the schedule
        #[arg(long, default_value = "UTC")]
        time_zone: String,
        /// A value of one of the definition's settings; may be given again
        #[arg(long, value_name = "KEY=VALUE", value_parser = settings::pair)]
        set: Vec<(String, String)>,
    },
    /// Show a source with its settings and what they may be
    Show {
        /// Its name
        name: String,
    },
    /// Change settings of a source; scans that begin or go on afterwards use them
    Set(settings::Args),
    /// Try how a shop can be read, and draft a definition of it
    Probe(probe::Args),
    /// Check definitions' files: every mistake with line, column and field
    Lint {
        /// The files
        #[arg(required = true, value_name = "FILE")]
        files: Vec<PathBuf>,
    },
    /// Run definitions' own tests against saved answers, without the network
    Test {
        /// Sources, definitions that come with the program, or files
        #[arg(required = true, value_name = "NAME|FILE")]
        names: Vec<String>,
    },
    /// Print the JSON Schema of definitions, for editors
    Schema,
    /// Leave a source out of scans
    Pause {
        /// Its name
        name: String,
    },
    /// Take a paused source back in
    Enable {
        /// Its name
        name: String,
    },
}

pub(super) async fn run(args: Args, global: &Global, output: &Output) -> anyhow::Result<Done> {
    match args.command {
        Command::Probe(args) => return probe::run(&args, global, output).await,
        Command::Lint { files } => return checks::lint(&files, output),
        Command::Test { names } => return checks::test(&names, global, output).await,
        Command::Schema => output.line(Definition::json_schema().trim_end())?,
        Command::List => list(&global.open().await?, output).await?,
        Command::Add {
            name,
            definition,
            base,
            query,
            schedule,
            time_zone,
            set,
        } => {
            let draft = SourceDraft {
                name,
                definition: definition_text(&definition)?,
                base,
                queries: query,
                schedule,
                time_zone,
                settings: set.into_iter().collect(),
            };
            add(&global.open().await?, &draft, output).await?;
        }
        Command::Show { name } => settings::show(&name, global, output).await?,
        Command::Set(args) => settings::set(&args, global, output).await?,
        Command::Pause { name } => {
            global
                .open()
                .await?
                .store
                .enable_source(&super::actor(), &name, false)
                .await?;
        }
        Command::Enable { name } => {
            global
                .open()
                .await?
                .store
                .enable_source(&super::actor(), &name, true)
                .await?;
        }
    }
    Ok(Done::All)
}

async fn list(app: &App, output: &Output) -> anyhow::Result<()> {
    let sources = app.store.sources().await?;
    if output.json {
        return output.document(&sources);
    }
    for source in &sources {
        let state = if source.enabled { "" } else { "  (paused)" };
        let schedule = source.schedule.as_deref().unwrap_or("by hand");
        let base = match plan::definition(source) {
            Ok(definition) => definition.base().to_string(),
            Err(error) => error.to_string(),
        };
        output.line(format!(
            "{:<20} {:<40} {schedule}{state}",
            source.name, base
        ))?;
    }
    if sources.is_empty() {
        output.line("no source yet; the definitions that come with the program:")?;
        for definition in Definition::builtin() {
            output.line(format!("  {:<20} {}", definition.id(), definition.name()))?;
        }
    }
    Ok(())
}

async fn add(app: &App, draft: &SourceDraft, output: &Output) -> anyhow::Result<()> {
    let definition = Definition::parse_with(&draft.definition, &draft.name, &draft.settings)?;
    let definition = match &draft.base {
        Some(base) => definition.with_base(base)?,
        None => definition,
    };
    if definition.is_template() {
        anyhow::bail!(
            "the definition {} is for many shops; say which with --base",
            definition.id()
        );
    }
    if let Some(expression) = &draft.schedule {
        schedule::next_after(expression, &draft.time_zone, app.clock.now())?;
    }
    let id = app.store.save_source(&super::actor(), draft).await?;
    if output.json {
        return output.document(&serde_json::json!({ "id": id, "name": draft.name }));
    }
    output.line(format!("source {} reads {}", draft.name, definition.base()))?;
    let missing = missing_env(&definition);
    if !missing.is_empty() {
        eprintln!(
            "before a scan, set {} in the environment",
            missing.join(" and ")
        );
    }
    if let Some(note) = definition.terms_note() {
        eprintln!("note: {note}");
    }
    Ok(())
}

/// Environment variables that the definition names and that are not there.
fn missing_env(definition: &Definition) -> Vec<&str> {
    let names = definition.auth_env().into_iter();
    names
        .filter(|name| std::env::var_os(name).is_none())
        .collect()
}

fn definition_text(name: &str) -> anyhow::Result<String> {
    if let Some(text) = Definition::builtin_text(name) {
        return Ok(text.to_owned());
    }
    std::fs::read_to_string(name).with_context(|| {
        let known: Vec<String> = Definition::builtin()
            .iter()
            .map(|d| d.id().to_owned())
            .collect();
        format!(
            "{name} is no definition's file, nor one of {}",
            known.join(", ")
        )
    })
}
