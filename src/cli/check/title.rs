//! `markhound check title` and `check titles`.

use std::path::PathBuf;

use markhound_crawlers::{Price, since};
use markhound_index::score::Reason;
use rust_decimal::Decimal;
use serde::Deserialize;
use serde_json::{Value, json};

use super::super::output::{Done, Output, plain};
use crate::app::App;
use crate::scan::matcher::{Finding, Matcher, Subject};

/// Findings printed for one title.
const MOST: usize = 5;

#[derive(Debug, clap::Args)]
pub(super) struct One {
    /// The title
    title: String,
    /// Asking price
    #[arg(long)]
    price: Option<Decimal>,
    /// Its currency, ISO 4217
    #[arg(long)]
    currency: Option<String>,
    /// Seller
    #[arg(long)]
    seller: Option<String>,
    /// Since when the seller is on the marketplace: a date, a month or a year
    #[arg(long, value_name = "DATE")]
    seller_since: Option<String>,
    /// Name of the source
    #[arg(long)]
    source: Option<String>,
}

#[derive(Debug, clap::Args)]
pub(super) struct Many {
    /// Read titles from here, one a line; - for standard input
    #[arg(long, value_name = "FILE")]
    files_from: PathBuf,
}

/// A line of `check titles`: a JSON listing, or else a plain title.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Line {
    title: String,
    description: Option<String>,
    price: Option<Amount>,
    currency: Option<String>,
    seller: Option<String>,
    seller_since: Option<String>,
    source: Option<String>,
}

/// An amount as a number or as text; never read through a float.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Amount {
    Text(String),
    Number(serde_json::Number),
}

impl Amount {
    fn decimal(&self) -> Option<Decimal> {
        match self {
            Self::Text(text) => text.parse().ok(),
            Self::Number(number) => number.to_string().parse().ok(),
        }
    }
}

pub(super) async fn one(args: One, app: &App, output: &Output) -> anyhow::Result<Done> {
    let matcher = Matcher::load(app).await?;
    let line = Line {
        title: args.title,
        price: args.price.map(|price| Amount::Text(price.to_string())),
        currency: args.currency,
        seller: args.seller,
        seller_since: args.seller_since,
        source: args.source,
        ..Line::default()
    };
    let findings = look(&matcher, &line);
    if output.json {
        output.object(&row(&matcher, &line, &findings))?;
        return Ok(Done::All);
    }
    if findings.is_empty() {
        output.line("concerns no product of the catalog")?;
    }
    for finding in findings {
        let product = matcher.product(finding.product);
        output.line(format!(
            "{:>5.1} %  {}  {}",
            concerns(&finding) * 100.0,
            product.map_or("?", |p| p.sku.as_str()),
            product.map_or(String::new(), |p| format!("{} {}", p.brand, p.name)),
        ))?;
        output.line(format!(
            "  infringes: {:.1} %",
            finding.verdict.probability * 100.0
        ))?;
        print_reasons(output, &finding.verdict.reasons)?;
        output.line(format!(
            "  is about this product: {:.1} %",
            finding.verdict.concerns * 100.0
        ))?;
        print_reasons(output, &finding.verdict.concerns_reasons)?;
    }
    Ok(Done::All)
}

pub(super) async fn many(args: Many, app: &App, output: &Output) -> anyhow::Result<Done> {
    let matcher = Matcher::load(app).await?;
    super::each_line(&args.files_from, |text| {
        let line = serde_json::from_str::<Line>(&text)
            .ok()
            .filter(|line| !line.title.is_empty())
            .unwrap_or_else(|| Line {
                title: text,
                ..Line::default()
            });
        let findings = look(&matcher, &line);
        if output.json {
            return output.object(&row(&matcher, &line, &findings));
        }
        let best = findings.first().and_then(|finding| {
            let product = matcher.product(finding.product)?;
            Some(format!(
                "{:>5.1} % {}",
                concerns(finding) * 100.0,
                product.sku
            ))
        });
        output.line(format!(
            "{:<24} {}",
            best.unwrap_or_else(|| "-".to_owned()),
            plain(&line.title)
        ))
    })?;
    Ok(Done::All)
}

fn look(matcher: &Matcher, line: &Line) -> Vec<Finding> {
    let price = line
        .price
        .as_ref()
        .and_then(Amount::decimal)
        .map(|amount| Price {
            amount,
            currency: line.currency.clone(),
        });
    let since = line.seller_since.as_deref().and_then(since::parse);
    let subject = Subject {
        title: &line.title,
        description: line.description.as_deref(),
        price: price.as_ref(),
        seller: line.seller.as_deref(),
        seller_since: since.as_deref(),
        source: line.source.as_deref().unwrap_or_default(),
        ..Subject::default()
    };
    let mut findings = matcher.concerned(&subject);
    findings.truncate(MOST);
    findings
}

fn print_reasons(output: &Output, reasons: &[Reason]) -> anyhow::Result<()> {
    for reason in reasons {
        let text = plain(&reason.text);
        output.line(format!("  {:>+6.2} bits  {text}", reason.bits))?;
    }
    Ok(())
}

/// How probably the title concerns the product.
fn concerns(finding: &Finding) -> f64 {
    finding.text.as_ref().map_or(0.0, |text| text.score)
}

fn row(matcher: &Matcher, line: &Line, findings: &[Finding]) -> Value {
    let matches: Vec<Value> = findings
        .iter()
        .map(|finding| {
            json!({
                "sku": matcher.product(finding.product).map(|product| &product.sku),
                "probability": concerns(finding),
                "infringes": finding.verdict.probability,
                "kind": finding.verdict.kind,
                "reasons": finding.verdict.reasons,
                "concerns": finding.verdict.concerns,
                "concerns_reasons": finding.verdict.concerns_reasons,
            })
        })
        .collect();
    json!({ "title": line.title, "matches": matches })
}
