//! `source probe`: how a shop can be read, and a definition to begin with.

use std::path::PathBuf;

use anyhow::Context as _;
use markhound_crawlers::probe::{self, Draft, Report, Sample};
use markhound_crawlers::render::Renderer;
use url::Url;

use crate::cli::Global;
use crate::cli::output::{Done, Output, plain, short};
use crate::scan::service;

#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  markhound source probe shop.example                       how it can be read, and a draft\n  markhound source probe https://shop.example/item/7 -o shop.toml\n  markhound source probe shop.example --json | jq .tier\n\nAt most 24 requests are sent, robots.txt first, at the pace of a scan. Of a shop that\nscripts make, up to 16 pages are rendered in Chromium, which ask for more.\nExit codes: 0 it can be read, 1 it cannot, 2 wrong usage."
)]
pub(super) struct Args {
    /// The shop: its home page, or better the page of a product
    #[arg(value_parser = probe::address)]
    url: Url,
    /// Write the draft to this file instead of printing it
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
}

pub(super) async fn run(args: &Args, global: &Global, output: &Output) -> anyhow::Result<Done> {
    let report = match probe::known(&args.url) {
        Some(report) => report,
        None => {
            let app = global.open().await?;
            let fetcher = service::fetcher_for(&app, &args.url)?;
            // Started only for a shop that cannot be read without.
            let renderer = Renderer::new(&app.config.render).ok();
            probe::probe(&fetcher, renderer.as_ref(), &args.url).await?
        }
    };
    if let (Some(file), Some(draft)) = (&args.output, &report.draft) {
        std::fs::write(file, &draft.toml)
            .with_context(|| format!("cannot write the draft to {}", file.display()))?;
    }
    if output.json {
        output.document(&report)?;
    } else {
        show(&report, args, output)?;
    }
    anyhow::ensure!(
        report.is_readable(),
        "{} cannot be read: {}",
        report.base,
        plain(&report.why)
    );
    Ok(Done::All)
}

fn show(report: &Report, args: &Args, output: &Output) -> anyhow::Result<()> {
    let letter = report
        .tier
        .letter()
        .map_or_else(String::new, |letter| format!("tier {letter}, "));
    output.line(format!("{}: {letter}{}", report.base, report.tier.name()))?;
    output.line(format!("  {}", plain(&report.why)))?;
    if !report.attempts.is_empty() {
        output.line("asked:")?;
    }
    for attempt in &report.attempts {
        let status = attempt
            .status
            .map_or_else(|| "–".to_owned(), |status| status.to_string());
        let path = short(&attempt.url[url::Position::BeforePath..], 56);
        output.line(format!(
            "  {status:>3} {path:<56} {}",
            short(&attempt.showed, 160)
        ))?;
    }
    for sample in &report.samples {
        show_sample(sample, output)?;
    }
    for warning in &report.warnings {
        output.line(format!("warning: {}", plain(warning)))?;
    }
    if let Some(draft) = &report.draft {
        show_draft(draft, report, args, output)?;
    }
    Ok(())
}

fn show_sample(sample: &Sample, output: &Output) -> anyhow::Result<()> {
    output.line(format!(
        "sample {} ({})",
        plain(sample.url.as_str()),
        sample.formats.join(", ")
    ))?;
    for field in &sample.fields {
        output.line(format!(
            "  {:<12} {:<10} {}",
            field.name,
            short(&field.source, 10),
            short(&field.value, 80)
        ))?;
    }
    Ok(())
}

/// The draft itself, where it was not written to a file, and what to do next.
fn show_draft(draft: &Draft, report: &Report, args: &Args, output: &Output) -> anyhow::Result<()> {
    let file = args.output.as_ref().map(|file| file.display().to_string());
    if file.is_none() {
        output.line("draft:")?;
        output.line(plain_lines(draft.toml.trim_end()))?;
    }
    output.line("next:")?;
    let file = file.unwrap_or_else(|| format!("{}.toml", draft.id));
    match draft.template {
        Some(template) if draft.credentials.is_empty() => output.line(format!(
            "  markhound source add {} --definition {template} --base {}",
            draft.id, report.base
        ))?,
        _ => {
            output.line(format!("  markhound source lint {file}"))?;
            output.line(format!(
                "  markhound source add {} --definition {file}",
                draft.id
            ))?;
        }
    }
    if !draft.credentials.is_empty() {
        output.line(format!(
            "  it needs {} in the environment",
            draft.credentials.join(" and ")
        ))?;
    }
    Ok(())
}

fn plain_lines(text: &str) -> String {
    text.lines().map(plain).collect::<Vec<_>>().join("\n")
}
