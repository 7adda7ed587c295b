//! `markhound scan`: the nightly job, now.

use std::sync::Arc;

use futures::future::join_all;

use super::output::{Done, Output};
use super::{progress, reindex};
use crate::app::App;
use crate::scan::{Ended, ScanError, Scanner, service};
use crate::store::imports;
use crate::store::scans::Scan;
use crate::store::sources::Source;
use crate::takedown::recheck;

/// Examples: markhound scan | markhound scan --source kaufwinkel --product CAM-01 |
/// markhound scan --resume --json
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Scan this source only; may be given again [default: every source that is not paused]
    #[arg(long, value_name = "NAME")]
    source: Vec<String>,
    /// Where a source is searched, search for this product only; may be given again
    #[arg(long, value_name = "SKU")]
    product: Vec<String>,
    /// Go on with scans that were cut off, and start no new ones
    #[arg(long)]
    resume: bool,
}

pub(super) async fn run(args: Args, app: &App, output: &Output) -> anyhow::Result<Done> {
    let sources = chosen(app, &args.source).await?;
    if sources.is_empty() {
        anyhow::bail!("there is no source to scan; add one with `markhound source add`");
    }
    reindex::at_start(app).await?;
    let (observer, bars) = progress::observer(*output, true);
    let scanner = service::scanner(app, &sources, &[], observer).await?;
    let stopping = scanner.clone();
    tokio::spawn(async move {
        if tokio::signal::ctrl_c().await.is_ok() {
            eprintln!("stopping after the pages under way; `markhound scan --resume` goes on");
            stopping.stop();
        }
    });
    let ended = if args.resume {
        resume(app, &scanner, &sources).await?
    } else {
        start(app, &scanner, &sources, &args.product).await?
    };
    if !args.resume {
        look_again(app, &scanner, &sources).await;
    }
    service::after_scan(app).await;
    drop(bars);
    summarise(&ended, output)
}

/// Looks at listings under notice that are due; what fails is looked at next time.
async fn look_again(app: &App, scanner: &Scanner, sources: &[Source]) {
    for source in sources {
        match recheck::run(app, scanner, source, false).await {
            Ok(of) if of.looked > 0 => eprintln!(
                "{}: {} listings under notice looked at again, {} gone, {} recorded as removed",
                source.name, of.looked, of.gone, of.removed
            ),
            Ok(_) => {}
            Err(error) => eprintln!("{}: not looked again: {error}", source.name),
        }
    }
}

async fn chosen(app: &App, names: &[String]) -> anyhow::Result<Vec<Source>> {
    if names.is_empty() {
        return Ok(app
            .store
            .sources()
            .await?
            .into_iter()
            .filter(|s| s.enabled)
            .collect());
    }
    let mut sources = Vec::new();
    for name in names {
        sources.push(app.store.source(name).await?);
    }
    Ok(sources)
}

/// How each source's scan ended.
pub(super) type Endings = Vec<(String, Result<(Scan, Ended), ScanError>)>;

/// Scans the sources side by side; each host still has its own pace.
pub(super) async fn start(
    app: &App,
    scanner: &Scanner,
    sources: &[Source],
    skus: &[String],
) -> anyhow::Result<Endings> {
    let scanner = Arc::new(scanner.clone());
    let runs = sources.iter().map(|source| {
        let scanner = scanner.clone();
        async move {
            let run = async {
                let searches = service::searches(app, source, skus).await?;
                scanner.scan(source, &super::actor(), &searches).await
            };
            (source.name.clone(), run.await)
        }
    });
    Ok(join_all(runs).await)
}

async fn resume(app: &App, scanner: &Scanner, sources: &[Source]) -> anyhow::Result<Endings> {
    let unfinished = app.store.unfinished_scans().await?;
    let wanted = unfinished
        .iter()
        .filter(|scan| scan.started_by != imports::STARTED_BY)
        .filter(|scan| sources.iter().any(|s| s.id == scan.source_id));
    let runs = wanted.map(|scan| async { (scan.source.clone(), scanner.resume(scan).await) });
    Ok(join_all(runs).await)
}

/// What is added to the figures of a scan.
fn how_it_ended(scan: &Scan, end: &Ended) -> String {
    match (end, &scan.message) {
        (Ended::Done, None) => String::new(),
        (Ended::Done, Some(message)) => format!("; {message}"),
        (Ended::Paused(why), _) => format!("; paused: {why}"),
        (Ended::Stopped, _) => "; stopped, `markhound scan --resume` goes on".to_owned(),
    }
}

/// Says how the scans ended; the first error is the command's when none worked.
pub(super) fn summarise(ended: &Endings, output: &Output) -> anyhow::Result<Done> {
    let mut failures = false;
    if ended.is_empty() {
        eprintln!("nothing was cut off; there is nothing to resume");
    }
    for (name, outcome) in ended {
        match outcome {
            Ok((scan, end)) => {
                failures |= scan.failures > 0 || *end != Ended::Done;
                if output.json {
                    output.object(&serde_json::json!({ "event": "scan_ended", "scan": scan,
                        "paused": matches!(end, Ended::Paused(_)) }))?;
                } else {
                    output.line(format!(
                        "{name}: {} listings ({} new), {} pictures, {} cases, {} requests, {} failed{}",
                        scan.listings,
                        scan.new_listings,
                        scan.pictures,
                        scan.cases,
                        scan.requests,
                        scan.failures,
                        how_it_ended(scan, end)
                    ))?;
                }
            }
            Err(error) => {
                failures = true;
                eprintln!("error: {error}");
            }
        }
    }
    if !ended.is_empty() && ended.iter().all(|(_, outcome)| outcome.is_err()) {
        anyhow::bail!("no source could be scanned");
    }
    Ok(Done::with_failures(failures))
}
