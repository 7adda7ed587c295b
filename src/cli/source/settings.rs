//! `source show` and `source set`: what an operator chooses of a definition.

use serde::Serialize;

use super::missing_env;
use crate::cli::Global;
use crate::cli::output::{Output, plain};
use crate::scan::plan;
use crate::scan::settings::{self, Choice};
use crate::store::sources::Source;

#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  markhound source set ebay marketplace=EBAY_DE\n  markhound source set ebay --unset marketplace          its default again\n  markhound source show ebay                             the settings there are"
)]
pub(super) struct Args {
    /// The source's name
    name: String,
    /// What to choose
    #[arg(value_name = "KEY=VALUE", value_parser = pair, required_unless_present = "unset")]
    set: Vec<(String, String)>,
    /// A setting that gets its default again; may be given again
    #[arg(long, value_name = "KEY")]
    unset: Vec<String>,
}

/// Reads `KEY=VALUE`.
pub(super) fn pair(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((key, value)) if !key.trim().is_empty() => {
            Ok((key.trim().to_owned(), value.trim().to_owned()))
        }
        _ => Err("write it as KEY=VALUE, such as marketplace=EBAY_DE".to_owned()),
    }
}

pub(super) async fn set(args: &Args, global: &Global, output: &Output) -> anyhow::Result<()> {
    let app = global.open().await?;
    let actor = crate::cli::actor();
    let source = settings::change(&app, &actor, &args.name, &args.set, &args.unset).await?;
    print(&source, output)
}

pub(super) async fn show(name: &str, global: &Global, output: &Output) -> anyhow::Result<()> {
    let source = global.open().await?.store.source(name).await?;
    print(&source, output)
}

/// A source without its definition's text, with what that says.
#[derive(Serialize)]
struct Shown<'a> {
    name: &'a str,
    definition: &'a str,
    marketplace: &'a str,
    tier: &'static str,
    base: String,
    enabled: bool,
    schedule: Option<&'a str>,
    time_zone: &'a str,
    queries: &'a [String],
    settings: &'a [Choice],
    missing_environment: Vec<&'a str>,
    terms_note: Option<&'a str>,
}

fn print(source: &Source, output: &Output) -> anyhow::Result<()> {
    let definition = plan::definition(source)?;
    let choices = settings::choices(source)?;
    let shown = Shown {
        name: &source.name,
        definition: definition.id(),
        marketplace: definition.name(),
        tier: definition.tier(),
        base: definition.base().to_string(),
        enabled: source.enabled,
        schedule: source.schedule.as_deref(),
        time_zone: &source.time_zone,
        queries: &source.queries,
        settings: &choices,
        missing_environment: missing_env(&definition),
        terms_note: definition.terms_note(),
    };
    if output.json {
        return output.document(&shown);
    }
    let state = if shown.enabled { "" } else { " (paused)" };
    let when = match shown.schedule {
        Some(schedule) => format!("{schedule} {}", shown.time_zone),
        None => "by hand".to_owned(),
    };
    let mut rows = vec![
        (
            "definition",
            format!("{} ({})", shown.definition, shown.marketplace),
        ),
        ("tier", shown.tier.to_owned()),
        ("base", shown.base),
        ("scanned", when),
    ];
    if !shown.queries.is_empty() {
        rows.push(("searches", shown.queries.join(", ")));
    }
    if !shown.missing_environment.is_empty() {
        let missing = shown.missing_environment.join(", ");
        rows.push(("not in the environment", missing));
    }
    if let Some(note) = shown.terms_note {
        rows.push(("terms", note.to_owned()));
    }
    output.line(format!("{}{state}", plain(shown.name)))?;
    for (name, value) in rows {
        output.line(format!("  {name}: {}", plain(&value)))?;
    }
    output.line(if choices.is_empty() {
        "  settings: the definition has none"
    } else {
        "  settings:"
    })?;
    for choice in &choices {
        print_choice(choice, output)?;
    }
    Ok(())
}

fn print_choice(choice: &Choice, output: &Output) -> anyhow::Result<()> {
    let from = if choice.chosen {
        format!("(default: {})", choice.default)
    } else {
        "(default)".to_owned()
    };
    output.line(plain(&format!(
        "    {} = {} {from}",
        choice.name, choice.value
    )))?;
    if let Some(note) = &choice.note {
        output.line(plain(&format!("      {note}")))?;
    }
    if !choice.values.is_empty() {
        let values = choice.values.join(", ");
        output.line(plain(&format!("      one of {values}")))?;
    }
    Ok(())
}
