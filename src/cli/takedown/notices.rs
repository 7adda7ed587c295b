//! Notices as they stand, and the steps that are recorded of them.

use std::path::PathBuf;

use super::super::output::{Output, plain, short};
use crate::app::App;
use crate::clock::Millis;
use crate::store::takedowns::{Notice, NoticeFilter, Step};
use crate::takedown;

/// What became of a notice.
#[derive(Debug, clap::Args)]
pub(super) struct Event {
    /// The notice's number
    id: i64,
    /// The new state
    state: String,
    /// Only of these cases' listings [default: all that can]
    #[arg(long = "case", value_name = "CASE")]
    cases: Vec<i64>,
    /// An answer, a reference number
    #[arg(long)]
    note: Option<String>,
    /// A file that shows it; it is kept under its hash
    #[arg(long, value_name = "FILE")]
    evidence: Option<PathBuf>,
    /// When [default: now]
    #[arg(long, value_name = "RFC 3339")]
    at: Option<jiff::Timestamp>,
}

/// Records that a notice was handed in.
pub(super) async fn submit(
    id: i64,
    note: Option<String>,
    at: Option<jiff::Timestamp>,
    app: &App,
    output: &Output,
) -> anyhow::Result<()> {
    let step = Step {
        to_state: "submitted".to_owned(),
        note,
        ..Step::default()
    };
    record(app, id, step, at, output).await
}

/// Records what became of it.
pub(super) async fn event(args: Event, app: &App, output: &Output) -> anyhow::Result<()> {
    let evidence = match args.evidence {
        Some(path) => Some(format!("sha256:{}", app.blobs.put(&std::fs::read(&path)?)?)),
        None => None,
    };
    let step = Step {
        to_state: args.state,
        cases: args.cases,
        note: args.note,
        evidence,
        ..Step::default()
    };
    record(app, args.id, step, args.at, output).await
}

/// Lists notices.
pub(super) async fn list(
    state: Option<String>,
    channel: Option<String>,
    limit: u32,
    app: &App,
    output: &Output,
) -> anyhow::Result<()> {
    let filter = NoticeFilter { state, channel };
    for notice in app.store.notices_by(&filter, limit).await? {
        print(&notice, output)?;
    }
    Ok(())
}

/// Prints one with its listings and their steps.
pub(super) async fn show(id: i64, app: &App, output: &Output) -> anyhow::Result<()> {
    let notice = app.store.notice(id).await?;
    let items = app.store.notice_items(id).await?;
    let events = app.store.notice_events(id).await?;
    if output.json {
        return output.document(&serde_json::json!({ "notice": notice, "items": items,
            "events": events, "sheet": app.store.notice_sheet(id).await? }));
    }
    output.line(format!("{}\n\n{}", notice.subject, notice.body))?;
    for item in items {
        output.line(format!(
            "case {}  {}  {}  {}",
            item.case_id,
            item.state,
            plain(&item.url),
            short(&item.title, 50)
        ))?;
        for event in events.iter().filter(|event| event.case_id == item.case_id) {
            output.line(format!(
                "    {}  {}  by {}{}{}",
                event.happened_at,
                event.to_state,
                event.actor,
                event
                    .note
                    .as_deref()
                    .map(|n| format!("  {}", plain(n)))
                    .unwrap_or_default(),
                event
                    .evidence
                    .as_deref()
                    .map(|e| format!("  [{}]", plain(e)))
                    .unwrap_or_default(),
            ))?;
        }
    }
    Ok(())
}

/// Records a step of a notice, now or when it happened, and prints the notice.
async fn record(
    app: &App,
    notice: i64,
    step: Step,
    at: Option<jiff::Timestamp>,
    output: &Output,
) -> anyhow::Result<()> {
    let at = at.map(Millis::from);
    let notice = takedown::record_step(app, &super::super::actor(), notice, step, at).await?;
    print(&notice, output)
}

/// Prints a notice in one line.
pub(super) fn print(notice: &Notice, output: &Output) -> anyhow::Result<()> {
    if output.json {
        return output.object(notice);
    }
    output.line(format!(
        "notice {}  case {}  {} by {}  {}  since {}",
        notice.id,
        notice.case_id,
        notice.right_kind,
        notice.channel,
        notice.state,
        notice.updated_at
    ))
}
