//! What becomes of listings and channels once notices have left.

use std::sync::Arc;

use super::super::output::{Done, Output};
use crate::app::App;
use crate::scan::service;
use crate::takedown::recheck::Rechecked;
use crate::takedown::{self, rate};

/// Asks channels what became of reports.
pub(super) async fn poll(app: &App, output: &Output) -> anyhow::Result<Done> {
    let polled = takedown::poll::poll(app, &|name| std::env::var(name).ok()).await?;
    let mut failed = false;
    for of in &polled {
        failed |= of.error.is_some();
        if output.json {
            output.object(of)?;
            continue;
        }
        let says = match (&of.error, of.steps.is_empty()) {
            (Some(why), _) => why.clone(),
            (None, true) => "nothing new".to_owned(),
            (None, false) => of
                .steps
                .iter()
                .map(|(case, to)| format!("case {case} {to}"))
                .collect::<Vec<_>>()
                .join(", "),
        };
        output.line(format!("notice {}, {}: {says}", of.notice, of.channel))?;
    }
    if polled.is_empty() && !output.json {
        output.line("no notice is with a channel that can be asked")?;
    }
    Ok(Done::with_failures(failed))
}

/// Says how many reports each channel accepts.
pub(super) async fn rate(app: &App, output: &Output) -> anyhow::Result<()> {
    for of in rate::acceptance(app).await? {
        if output.json {
            output.object(&of)?;
            continue;
        }
        let rate = of.rate.map_or_else(
            || "nothing decided yet".to_owned(),
            |rate| format!("{:.0} % accepted", rate * 100.0),
        );
        output.line(format!(
            "{}  {} reported, {} removed, {} refused, {} counter-notices: {rate}",
            of.channel, of.reported, of.removed, of.refused, of.counter_notices
        ))?;
        if let Some(warning) = &of.warning {
            output.line(format!("  LOOK  {warning}"))?;
        }
    }
    Ok(())
}

/// Looks at listings again, and links those that came back.
pub(super) async fn recheck(
    app: &App,
    names: &[String],
    all: bool,
    output: &Output,
) -> anyhow::Result<Done> {
    let sources = if names.is_empty() && !all {
        takedown::recheck::due(app).await?
    } else {
        let chosen = |name: &str| names.is_empty() || names.iter().any(|of| of == name);
        let mut sources = app.store.sources().await?;
        sources.retain(|source| chosen(&source.name) && source.enabled);
        sources
    };
    let mut came_to = Rechecked::default();
    let mut failed = false;
    for source in sources {
        let one = std::slice::from_ref(&source);
        let run = async {
            let scanner = service::scanner(app, one, &[], Arc::new(|_| {})).await?;
            takedown::recheck::run(app, &scanner, &source, all).await
        };
        match run.await {
            Ok(of) => came_to.add(of),
            Err(error) => {
                failed = true;
                eprintln!("{}: {error}", source.name);
            }
        }
    }
    let linked = takedown::relisting::link(app).await?;
    if output.json {
        output.document(&serde_json::json!({ "rechecked": came_to, "relistings": linked }))?;
    } else {
        output.line(format!(
            "{} looked at: {} there, {} gone, {} blocked, {} showed something else, {} doubted; \
             {} recorded as removed, {} as there again; {} of {} new listings came back",
            came_to.looked,
            came_to.there,
            came_to.gone,
            came_to.blocked,
            came_to.unexpected,
            came_to.doubted,
            came_to.removed,
            came_to.restored,
            linked.listings.len(),
            linked.looked
        ))?;
    }
    Ok(Done::with_failures(failed))
}
