//! `markhound report`: numbers about enforcement, and the log they come from.

use std::path::PathBuf;

use anyhow::Context as _;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::Serialize;

use super::output::{Done, Output, short};
use crate::app::App;
use crate::clock::Millis;
use crate::print::{Language, Words};
use crate::reports::{self, By, DEFINITIONS, Scope, Table};

/// Examples: markhound report kpi --by brand --from 2026-10-01 | markhound report
/// enforcement --brand Ostrelund --xlsx history.xlsx | markhound report log > log.jsonl
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    /// Times to decision and removal, rates of removal and relisting, …
    Kpi {
        #[command(flatten)]
        scope: ScopeArgs,
        /// Counted together: all, brand, product, channel, source, month
        #[arg(long, default_value = "all")]
        by: String,
        /// Say what each figure counts
        #[arg(long)]
        definitions: bool,
    },
    /// What was found, when, what was done and how it ended, case by case
    Enforcement {
        #[command(flatten)]
        scope: ScopeArgs,
        /// Write it as a document to print and file (PDF/A) to this file
        #[arg(long, value_name = "FILE")]
        pdf: Option<PathBuf>,
        /// Language of that document [default: packet.language, or en]
        #[arg(long)]
        language: Option<Language>,
    },
    /// The audit log, an event a line, from which the figures can be computed again
    Log,
}

#[derive(Debug, clap::Args)]
struct ScopeArgs {
    /// From this day on, UTC
    #[arg(long, value_name = "YYYY-MM-DD")]
    from: Option<Date>,
    /// Up to and with this day, UTC
    #[arg(long, value_name = "YYYY-MM-DD")]
    to: Option<Date>,
    /// Only this brand
    #[arg(long)]
    brand: Option<String>,
    /// Only this product
    #[arg(long, value_name = "SKU")]
    product: Option<String>,
    /// Only notices by this channel
    #[arg(long)]
    channel: Option<String>,
    /// Only this source
    #[arg(long)]
    source: Option<String>,
    /// Write it as CSV to this file
    #[arg(long, value_name = "FILE")]
    csv: Option<PathBuf>,
    /// Write it as a workbook to this file
    #[arg(long, value_name = "FILE")]
    xlsx: Option<PathBuf>,
}

impl ScopeArgs {
    fn scope(&self) -> anyhow::Result<Scope> {
        let start = |day: Date| -> anyhow::Result<Millis> {
            Ok(day.to_zoned(TimeZone::UTC)?.timestamp().into())
        };
        Ok(Scope {
            from: self.from.map(start).transpose()?,
            to: self.to.map(|day| start(day.tomorrow()?)).transpose()?,
            brand: self.brand.clone(),
            product: self.product.clone(),
            channel: self.channel.clone(),
            source: self.source.clone(),
        })
    }

    /// Writes the files asked for; says whether there were any.
    fn write<T: Serialize>(&self, records: &[T], name: &str, now: Millis) -> anyhow::Result<bool> {
        let table = Table::of(records);
        if let Some(path) = &self.csv {
            std::fs::write(path, table.csv()?)
                .with_context(|| format!("cannot write {}", path.display()))?;
        }
        if let Some(path) = &self.xlsx {
            std::fs::write(path, table.xlsx(name, now)?)
                .with_context(|| format!("cannot write {}", path.display()))?;
        }
        Ok(self.csv.is_some() || self.xlsx.is_some())
    }
}

pub(super) async fn run(args: Args, app: &App, output: &Output) -> anyhow::Result<Done> {
    let events = reports::log(app).await?;
    let now = app.clock.millis();
    match args.command {
        Command::Kpi {
            scope,
            by,
            definitions,
        } => {
            let by = By::named(&by).with_context(|| {
                format!("--by takes all, brand, product, channel, source or month, not {by:?}")
            })?;
            let figures = reports::kpi(&events, &scope.scope()?, by);
            if scope.write(&figures, "KPI", now)? && !output.json {
                return Ok(Done::All);
            }
            if output.json {
                output.document(&serde_json::json!({ "figures": figures,
                    "definitions": DEFINITIONS.iter().map(|(name, says)| (*name, *says)).collect::<std::collections::BTreeMap<_, _>>() }))?;
                return Ok(Done::All);
            }
            for of in &figures {
                output.line(format!(
                    "{}: {} found, {} decided ({} confirmed, {} rejected{}), {} reported, {} removed ({} by two captures), {} refused, {} counter-notices",
                    of.group, of.found, of.decided, of.confirmed, of.rejected,
                    percent(", precision", of.precision), of.reported, of.removed, of.verified,
                    of.refused, of.counter_notices
                ))?;
                output.line(format!(
                    "  {} to decision, {} at the 90th percentile; {} to removal, {} at the 90th percentile{}{}{}{}",
                    time(of.decision_seconds_median), time(of.decision_seconds_p90),
                    time(of.removal_seconds_median), time(of.removal_seconds_p90),
                    percent("; removal rate", of.removal_rate),
                    percent("; relisting rate", of.relisting_rate),
                    percent("; infringing among the first results before", of.visibility_before),
                    percent(", after", of.visibility_after)
                ))?;
            }
            if definitions {
                for (figure, says) in DEFINITIONS {
                    output.line(format!("{figure}: {says}"))?;
                }
            }
        }
        Command::Enforcement {
            scope,
            pdf,
            language,
        } => {
            let counted = scope.scope()?;
            let entries = reports::enforcement(app, &events, &counted).await?;
            if let Some(path) = &pdf {
                let setting = reports::Setting {
                    language: language.unwrap_or(app.config.packet.language),
                    now,
                    fonts: app.config.packet.fonts.clone(),
                };
                let figures = reports::kpi(&events, &counted, By::All);
                let figures = figures.first().cloned().unwrap_or_default();
                let document = reports::enforcement_pdf(&entries, &figures, &counted, &setting)?;
                std::fs::write(path, document)
                    .with_context(|| format!("cannot write {}", path.display()))?;
            }
            let written = scope.write(&entries, "Enforcement", now)? || pdf.is_some();
            if written && !output.json {
                return Ok(Done::All);
            }
            for entry in &entries {
                if output.json {
                    output.object(entry)?;
                    continue;
                }
                let day = |at: Option<Millis>| at.map(|at| at.to_string()[..10].to_owned());
                output.line(format!(
                    "{}  case {}  {}  {}  {}  {}{}",
                    day(entry.found_at).unwrap_or_default(),
                    entry.case,
                    entry.source.as_deref().unwrap_or("unknown"),
                    short(&entry.title, 40),
                    match (entry.decision, day(entry.decided_at)) {
                        (Some(decision), Some(day)) => format!("{decision} {day}"),
                        _ => "not decided".to_owned(),
                    },
                    match (
                        &entry.outcome,
                        day(entry.submitted_at),
                        day(entry.outcome_at)
                    ) {
                        (Some(outcome), Some(sent), Some(at)) => {
                            format!("reported {sent}, {} {at}", outcome.replace('_', " "))
                        }
                        _ => "not reported".to_owned(),
                    },
                    if entry.relistings > 0 {
                        format!(", came back {} times", entry.relistings)
                    } else {
                        String::new()
                    }
                ))?;
            }
        }
        Command::Log => {
            for event in &events {
                // The detail as the text that was hashed.
                output.object(&serde_json::json!({ "seq": event.seq, "at": event.at,
                    "at_ms": event.at.0, "actor": event.actor, "action": event.action,
                    "subject": event.subject, "detail": event.detail.0.to_string(),
                    "prev_hash": event.prev_hash, "hash": event.hash }))?;
            }
        }
    }
    Ok(Done::All)
}

fn percent(what: &str, share: Option<f64>) -> String {
    share.map_or_else(String::new, |share| {
        format!("{what} {:.1} %", share * 100.0)
    })
}

fn time(seconds: Option<i64>) -> String {
    let words = Words::of(Language::En);
    seconds.map_or_else(
        || "no time yet".to_owned(),
        |seconds| reports::how_long(seconds, words),
    )
}
