//! `markhound queue`: the review queue without a browser.

use serde_json::Value;

use super::output::{Done, Output, plain, short};
use crate::app::App;
use crate::budget::{self, Outlook};
use crate::review::{self, Action, Verdict};
use crate::store::cases::{CaseRow, QueueFilter};

/// Examples: markhound queue list --state open --brand Lumora | markhound queue show 42 |
/// markhound queue decide 42 43 --confirm --reason "copied photo" | markhound queue undo
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    /// List cases, most probable first
    List {
        /// open, confirmed, rejected, watching, second_approval, or all
        #[arg(long, default_value = "open")]
        state: String,
        /// Only this source
        #[arg(long)]
        source: Option<String>,
        /// Only this brand
        #[arg(long)]
        brand: Option<String>,
        /// Only this product
        #[arg(long, value_name = "SKU")]
        product: Option<String>,
        /// Only from this probability on
        #[arg(long)]
        min_score: Option<f64>,
        /// Part of a title or seller
        #[arg(long)]
        text: Option<String>,
        /// Those of products that were removed from the catalog
        #[arg(long)]
        removed: bool,
        /// At most so many
        #[arg(long, default_value_t = 50)]
        limit: u32,
    },
    /// How many open cases are worth reviewing today, and how many of them are probably right
    Outlook,
    /// Show a case with its evidence and decisions
    Show {
        /// The case's number
        id: i64,
    },
    /// Decide cases, all or none
    Decide {
        /// The cases' numbers
        #[arg(required = true)]
        ids: Vec<i64>,
        /// What to do
        #[command(flatten)]
        action: ActionFlags,
        /// Kind of infringement, such as counterfeit [default: as scored]
        #[arg(long)]
        kind: Option<String>,
        /// Why
        #[arg(long)]
        reason: Option<String>,
        /// Only say what would be decided
        #[arg(long)]
        dry_run: bool,
    },
    /// Take back your last decisions, or the last one on a case
    Undo {
        /// The case's number
        id: Option<i64>,
    },
}

#[derive(Debug, clap::Args)]
#[group(required = true, multiple = false)]
struct ActionFlags {
    /// It infringes
    #[arg(long)]
    confirm: bool,
    /// It does not
    #[arg(long)]
    reject: bool,
    /// Look again later
    #[arg(long)]
    watch: bool,
    /// Another person must agree
    #[arg(long)]
    second_approval: bool,
}

impl ActionFlags {
    fn action(&self) -> Action {
        match (self.confirm, self.reject, self.watch) {
            (true, ..) => Action::Confirm,
            (_, true, _) => Action::Reject,
            (.., true) => Action::Watch,
            _ => Action::SecondApproval,
        }
    }
}

pub(super) async fn run(args: Args, app: &App, output: &Output) -> anyhow::Result<Done> {
    match args.command {
        Command::List {
            state,
            source,
            brand,
            product,
            min_score,
            text,
            removed,
            limit,
        } => {
            let state = (state != "all").then_some(state);
            let filter = QueueFilter {
                state,
                source,
                brand,
                sku: product,
                min_score,
                text,
                removed,
                ..QueueFilter::default()
            };
            let all_open = filter.state.as_deref() == Some("open")
                && filter.source.is_none()
                && filter.brand.is_none()
                && filter.sku.is_none()
                && filter.text.is_none()
                && !removed;
            list(app, &filter, limit, output).await?;
            // A stream of cases stays one; `queue outlook --json` says it to programs.
            if all_open && !output.json {
                let scores = app.store.open_scores().await?;
                output.line(outlook_line(&budget::outlook(&scores, &app.config.review)))?;
            }
        }
        Command::Outlook => {
            let outlook = budget::outlook(&app.store.open_scores().await?, &app.config.review);
            match output.json {
                true => output.document(&outlook)?,
                false => output.line(outlook_line(&outlook))?,
            }
        }
        Command::Show { id } => show(app, id, output).await?,
        Command::Decide {
            ids,
            action,
            kind,
            reason,
            dry_run,
        } => {
            let verdict = Verdict {
                action: action.action(),
                kind,
                reason,
            };
            decide(app, &ids, &verdict, dry_run, output).await?;
        }
        Command::Undo { id } => {
            let undone = review::undo(&app.store, &super::actor(), id).await?;
            if output.json {
                output.document(&undone)?;
            } else if undone.is_empty() {
                output.line("there is no decision to undo")?;
            } else {
                for decision in undone {
                    output.line(format!(
                        "case {} is {} again",
                        decision.case_id, decision.from_state
                    ))?;
                }
            }
        }
    }
    Ok(Done::All)
}

async fn list(app: &App, filter: &QueueFilter, limit: u32, output: &Output) -> anyhow::Result<()> {
    let mut cursor = None;
    let mut left = limit;
    while left > 0 {
        let page = app.store.queue(filter, cursor, left.min(200)).await?;
        let Some(last) = page.last() else { break };
        cursor = Some((last.score, last.id));
        left = left.saturating_sub(u32::try_from(page.len()).unwrap_or(left));
        for case in &page {
            if output.json {
                output.object(case)?;
            } else {
                output.line(row(case))?;
            }
        }
    }
    Ok(())
}

fn outlook_line(of: &Outlook) -> String {
    let mut line = format!(
        "{} open cases, expected precision {:.0} %",
        of.open,
        of.expected_precision * 100.0
    );
    if of.above < of.open {
        line.push_str(&format!(
            "; the {} to review today reach down to {:.1} %, expected precision {:.0} %",
            of.above,
            of.line * 100.0,
            of.expected_precision_above * 100.0
        ));
    }
    line
}

fn row(case: &CaseRow) -> String {
    let state = match case.audit_rate {
        Some(_) => format!("{} (audit)", case.state),
        None => case.state.clone(),
    };
    format!(
        "{:>6} {:>5.1} % {:<12} {:<12} {:<50} {:>10} {:<4} {}",
        case.id,
        case.score * 100.0,
        state,
        short(&case.sku, 12),
        short(&case.title, 50),
        case.price_amount.as_deref().unwrap_or("-"),
        case.price_currency.as_deref().unwrap_or(""),
        case.source,
    )
}

async fn show(app: &App, id: i64, output: &Output) -> anyhow::Result<()> {
    let case = app.store.case(id).await?;
    let listing = app.store.listing(case.listing_id).await?;
    let pictures = app.store.listing_pictures(case.listing_id).await?;
    let decisions = app.store.decisions_of(id).await?;
    let notices = app.store.notices_of(id).await?;
    if output.json {
        return output.document(&serde_json::json!({ "case": case, "listing": listing,
            "pictures": pictures, "decisions": decisions, "notices": notices }));
    }
    output.line(row(&case))?;
    output.line(format!("  {}", plain(&case.url)))?;
    output.line(format!(
        "  seller {}",
        plain(case.seller.as_deref().unwrap_or("unknown"))
    ))?;
    output.line(format!(
        "  product {} {} {}",
        case.sku, case.brand, case.product
    ))?;
    let kind = case.decided_kind.as_deref().or(case.kind.as_deref());
    output.line(format!(
        "  kind {}, model {}",
        kind.unwrap_or("unknown"),
        case.model
    ))?;
    print_reasons(&case.evidence["reasons"], output)?;
    if let Some(concerns) = case.evidence["concerns"].as_f64() {
        let percent = concerns * 100.0;
        output.line(format!("  is about this product: {percent:.1} %"))?;
        print_reasons(&case.evidence["concerns_reasons"], output)?;
    }
    for decision in decisions {
        let undone = if decision.undone_by.is_some() {
            " (undone)"
        } else {
            ""
        };
        let reason = decision
            .reason
            .map(|r| format!(": {}", plain(&r)))
            .unwrap_or_default();
        output.line(format!(
            "  {} {} {}{reason}{undone}",
            decision.at, decision.actor, decision.action
        ))?;
    }
    for notice in notices {
        output.line(format!(
            "  notice {} {} by {}: {}",
            notice.id, notice.right_kind, notice.channel, notice.state
        ))?;
    }
    Ok(())
}

/// Reasons as stored; what is none is left out.
fn print_reasons(reasons: &Value, output: &Output) -> anyhow::Result<()> {
    for reason in reasons.as_array().into_iter().flatten() {
        output.line(format!(
            "  {:>+6.2} bits  {}",
            reason["bits"].as_f64().unwrap_or_default(),
            plain(reason["text"].as_str().unwrap_or_default())
        ))?;
    }
    Ok(())
}

async fn decide(
    app: &App,
    ids: &[i64],
    verdict: &Verdict,
    dry_run: bool,
    output: &Output,
) -> anyhow::Result<()> {
    if dry_run {
        for &id in ids {
            let case = app.store.case(id).await?;
            output.line(format!(
                "case {id}: {} → {}",
                case.state,
                verdict.action.state()
            ))?;
        }
        return Ok(());
    }
    review::decide(&app.store, &super::actor(), ids, verdict).await?;
    if output.json {
        return output
            .document(&serde_json::json!({ "decided": ids, "state": verdict.action.state() }));
    }
    for id in ids {
        output.line(format!("case {id} is {}", verdict.action.state()))?;
    }
    Ok(())
}
