//! `markhound check page`, `check price` and `check robots`: no database.

use std::collections::HashMap;
use std::path::PathBuf;

use anyhow::Context as _;
use markhound_crawlers::{price, read_page, robots};
use serde::Deserialize;
use serde_json::json;
use url::Url;

use super::super::output::{Done, Output, plain};

#[derive(Debug, clap::Args)]
pub(super) struct Page {
    /// A saved page
    file: PathBuf,
    /// The address it was saved from
    #[arg(long)]
    url: Url,
}

#[derive(Debug, clap::Args)]
pub(super) struct Price {
    /// Price texts
    #[arg(required_unless_present = "files_from")]
    texts: Vec<String>,
    /// Read JSON objects {"text", "currency_hint"} from here, one a line; - for standard input
    #[arg(long, value_name = "FILE")]
    files_from: Option<PathBuf>,
}

#[derive(Debug, clap::Args)]
pub(super) struct Robots {
    /// A robots.txt
    #[arg(required_unless_present = "files_from")]
    file: Option<PathBuf>,
    /// Paths or addresses
    paths: Vec<String>,
    /// The name it is asked for
    #[arg(long, default_value = "markhound")]
    agent: String,
    /// Read JSON objects {"file", "agent", "path"} from here, one a line; - for standard input
    #[arg(long, value_name = "FILE")]
    files_from: Option<PathBuf>,
}

/// What is extracted from a page, without a definition.
pub(super) fn page(args: &Page, output: &Output) -> anyhow::Result<Done> {
    let html = read(&args.file)?;
    let listings = read_page(&html, None, &args.url);
    if output.json {
        output.document(&json!({ "listings": listings }))?;
        return Ok(Done::All);
    }
    if listings.is_empty() {
        output
            .line("no listing found: the page names no product in structured data, and is not built like a product page")?;
    }
    for listing in listings {
        output.line(plain(&listing.title))?;
        for (field, from) in &listing.provenance {
            output.line(format!(
                "  {field:<14} {:<10} {}",
                from.source,
                plain(&from.raw)
            ))?;
            for other in &from.candidates {
                output.line(format!(
                    "  {:<14} {:<10} {} (not taken)",
                    "",
                    other.source,
                    plain(&other.raw)
                ))?;
            }
        }
    }
    Ok(Done::All)
}

#[derive(Debug, Deserialize)]
struct PriceLine {
    text: String,
    #[serde(default)]
    currency_hint: Option<String>,
}

/// What is read from price texts.
pub(super) fn price(args: &Price, output: &Output) -> anyhow::Result<Done> {
    let show = |text: &str, hint: Option<&str>| -> anyhow::Result<()> {
        let parsed = price::parse(text, hint, None);
        let amount = parsed.amount.map(|amount| amount.to_string());
        if output.json {
            return output.object(&json!({ "text": text, "amount": amount,
                "currency": parsed.currency, "symbol": parsed.symbol }));
        }
        output.line(format!(
            "{:<24} {:>14} {}",
            plain(text),
            amount.as_deref().unwrap_or("no amount"),
            parsed.currency.or(parsed.symbol).unwrap_or_default()
        ))
    };
    for text in &args.texts {
        show(text, None)?;
    }
    if let Some(from) = &args.files_from {
        super::each_line(from, |line| {
            let line: PriceLine = serde_json::from_str(&line)
                .with_context(|| format!("not a JSON object with \"text\": {line}"))?;
            show(&line.text, line.currency_hint.as_deref())
        })?;
    }
    Ok(Done::All)
}

#[derive(Debug, Deserialize)]
struct RobotsLine {
    file: PathBuf,
    agent: String,
    path: String,
}

/// What robots.txt files allow.
pub(super) fn robots(args: &Robots, output: &Output) -> anyhow::Result<Done> {
    if let Some(file) = &args.file {
        let text = read(file)?;
        for path in &args.paths {
            let allowed = robots::allowed(&text, &args.agent, path);
            if output.json {
                output.object(&json!({ "path": path, "allowed": allowed }))?;
            } else {
                let word = if allowed { "allowed" } else { "disallowed" };
                output.line(format!("{word:<12} {path}"))?;
            }
        }
    }
    let Some(from) = &args.files_from else {
        return Ok(Done::All);
    };
    // Questions about one file mostly stand together; a few files stay at hand.
    let mut files: HashMap<PathBuf, Vec<u8>> = HashMap::new();
    super::each_line(from, |line| {
        let line: RobotsLine = serde_json::from_str(&line).with_context(|| {
            format!("not a JSON object with \"file\", \"agent\", \"path\": {line}")
        })?;
        if !files.contains_key(&line.file) {
            if files.len() >= 64 {
                files.clear();
            }
            files.insert(line.file.clone(), read(&line.file)?);
        }
        let text = files.get(&line.file).map(Vec::as_slice).unwrap_or_default();
        output.object(&json!({ "allowed": robots::allowed(text, &line.agent, &line.path) }))
    })?;
    Ok(Done::All)
}

fn read(file: &PathBuf) -> anyhow::Result<Vec<u8>> {
    std::fs::read(file).with_context(|| format!("cannot read {}", file.display()))
}
