//! `takedown channels` and `takedown lint`.

use std::path::Path;

use anyhow::Context as _;
use jiff::tz::TimeZone;

use crate::app::App;
use crate::cli::output::{Done, Output};
use crate::takedown::channel::{Channel, Channels};
use crate::takedown::channels;
use crate::takedown::check::{self, Stage};
use crate::takedown::sheet::Sheet;

#[derive(Debug, clap::Subcommand)]
pub(super) enum Command {
    /// Print a channel with its fields, statements, limits and deadlines
    Show {
        /// Its name
        name: String,
    },
}

pub(super) fn run(command: Option<Command>, app: &App, output: &Output) -> anyhow::Result<()> {
    let channels = channels(app)?;
    match command {
        None => {
            for channel in channels.iter() {
                if output.json {
                    output.object(channel)?;
                } else {
                    output.line(format!(
                        "{:<18} {}  [{}; up to {} listings]",
                        channel.id,
                        channel.name,
                        channel.rights.join(", "),
                        channel.limits.items
                    ))?;
                }
            }
        }
        Some(Command::Show { name }) => {
            let channel = channels.get(&name)?;
            if output.json {
                output.document(channel)?;
            } else {
                output.line(told(channel))?;
            }
        }
    }
    Ok(())
}

fn told(channel: &Channel) -> String {
    let mut lines = vec![
        format!("{} ({})", channel.name, channel.id),
        channel.about.clone(),
        format!("Follows: {}", channel.law),
        format!("How: {}", channel.how),
        format!("Rights: {}", channel.rights.join(", ")),
        format!(
            "Leaves as: {}",
            channel
                .outputs
                .iter()
                .map(|f| f.as_str())
                .collect::<Vec<_>>()
                .join(", ")
        ),
        format!("At most {} listings a notice", channel.limits.items),
        "Fields:".to_owned(),
    ];
    for field in &channel.fields {
        let mut says = vec![
            if field.required {
                "required"
            } else {
                "optional"
            }
            .to_owned(),
        ];
        if let Some(when) = &field.when {
            says.push(when.to_string());
        }
        if let Some(chars) = field.chars {
            says.push(format!("up to {chars} characters"));
        }
        if !field.choices.is_empty() {
            says.push(format!("one of {}", field.choices.join(", ")));
        }
        lines.push(format!(
            "  {:<20} {} ({})",
            field.name,
            field.label,
            says.join("; ")
        ));
    }
    lines.push("Statements:".to_owned());
    for statement in &channel.statements {
        let sworn = match &statement.perjury {
            Some(covers) => format!(" Under penalty of perjury: the {covers} only."),
            None => String::new(),
        };
        lines.push(format!(
            "  {:<20} {} [{}]{sworn}",
            statement.name, statement.meaning, statement.law
        ));
    }
    lines.push("Deadlines:".to_owned());
    for deadline in &channel.deadlines {
        let days = match deadline.earliest {
            Some(first) => format!("{first} to {}", deadline.days),
            None => deadline.days.to_string(),
        };
        let kind = if deadline.business {
            "working days"
        } else {
            "days"
        };
        lines.push(format!(
            "  {days} {kind} after {}: {}",
            deadline.after.replace('_', " "),
            deadline.meaning
        ));
    }
    if let Some(program) = &channel.program {
        lines.push(format!(
            "{} asks that {:.0} % of reports are accepted",
            program.name,
            program.acceptance * 100.0
        ));
    }
    lines.join("\n")
}

/// A channel is linted; a form is held against its channel.
pub(super) fn lint(file: &Path, app: &App, output: &Output) -> anyhow::Result<Done> {
    if file.extension().is_some_and(|ext| ext == "json") {
        let text = std::fs::read_to_string(file)
            .with_context(|| format!("cannot read {}", file.display()))?;
        let sheet: Sheet = serde_json::from_str(&text)
            .with_context(|| format!("{} is no filled-in form", file.display()))?;
        let channels = channels(app)?;
        let channel = channels.get(&sheet.channel)?;
        let today = app.clock.now().to_zoned(TimeZone::UTC).date();
        let faults = check::check(channel, &sheet, today, Stage::Leaving);
        if output.json {
            output.document(
                &serde_json::json!({ "complete": faults.is_empty(), "faults": faults }),
            )?;
        } else if faults.is_empty() {
            output.line("complete")?;
        } else {
            for fault in &faults {
                let of = fault
                    .item
                    .map(|n| format!(" of listing {n}"))
                    .unwrap_or_default();
                output.line(format!("{}{of}: {}", fault.field, fault.why))?;
            }
        }
        return Ok(Done::with_failures(!faults.is_empty()));
    }
    let channel = Channels::read(file)?;
    if output.json {
        output.document(&channel)?;
    } else {
        output.line(format!("{} is a good channel", channel.id))?;
    }
    Ok(Done::All)
}
