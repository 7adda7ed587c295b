//! `markhound import`: listings out of pages that somebody else captured.

mod look;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use indicatif::MultiProgress;
use serde_json::json;
use url::Url;

use super::output::{Done, Output, plain};
use super::{Global, progress, reindex};
use crate::app::App;
use crate::import::archive::Archive;
use crate::import::walk::Options;
use crate::import::{self, ImportError, Imported};
use crate::scan::Ended;
use crate::scan::event::{Event, Observer};
use crate::scan::matcher::Matcher;
use crate::scan::origin::NO_LISTING;
use crate::store::sources::Source;

/// Listings out of WARC, WACZ, HAR, MHTML and saved HTML files, and out of listing
/// exports (CSV, JSON, JSONL): for shops that may not be crawled. Nothing is fetched:
/// pictures are those in the same file. The same file again changes nothing.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  markhound import visit.har                        pages of any shop, as the browser saved them\n  markhound import crawl.warc.gz shop.wacz --dry-run   only show what would be read\n  markhound import saved.html --url https://shop.example/item/1\n  markhound import listings.csv                     columns id, url, title, price, currency, seller, images…\n  markhound import visit.har --source myshop        into a source, read by its definition\n\nAn import that was cut off goes on when it is started again.\nExit codes: 0 done, 1 failed, 2 wrong usage, 3 done with some entries, rows or files left out (listed)."
)]
pub(super) struct Args {
    /// Captures and exports
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Import into this source, whose definition reads the pages [default: pages of any
    /// shop, into the source `import`]
    #[arg(long, value_name = "NAME")]
    source: Option<String>,
    /// The address of a saved page, or what an export's addresses are relative to
    #[arg(long, value_name = "URL")]
    url: Option<Url>,
    /// Only show what would be read; write nothing
    #[arg(long)]
    dry_run: bool,
}

pub(super) async fn run(args: Args, global: &Global, output: &Output) -> anyhow::Result<Done> {
    if args.url.is_some() && args.files.len() > 1 {
        anyhow::bail!("--url belongs to one file; import the files one by one");
    }
    if args.dry_run {
        return look::run(args, global, output).await;
    }
    let app = global.open().await?;
    let source = import::source(&app, args.source.as_deref(), &super::actor()).await?;
    let options = Options {
        url: args.url,
        definition: import::definition(&source)?,
    };
    reindex::at_start(&app).await?;
    let matcher = Arc::new(Matcher::load(&app).await?);
    let mut failures = 0;
    let mut whole = true;
    for path in &args.files {
        let (observer, bars) = observer(*output);
        let ended = import::file(
            &app,
            &source,
            path,
            options.clone(),
            matcher.clone(),
            observer,
        )
        .await;
        drop(bars);
        match ended {
            Ok(imported) => whole &= say(&app, path, &source, &imported, output).await?,
            Err(error) => {
                failures += 1;
                not_imported(path, &error, output)?;
            }
        }
    }
    if failures == args.files.len() {
        anyhow::bail!("nothing was imported");
    }
    Ok(Done::with_failures(failures > 0 || !whole))
}

/// Draws a bar, prints listings with `--json`, and says which pages failed;
/// that a page holds no listing is only counted.
fn observer(output: Output) -> (Observer, MultiProgress) {
    let (shown, bars) = progress::observer(output, true);
    let observer: Observer = Arc::new(move |event| match event {
        Event::Failed { why, .. } if why == NO_LISTING => {}
        other => shown(other),
    });
    (observer, bars)
}

fn not_imported(path: &Path, error: &ImportError, output: &Output) -> anyhow::Result<()> {
    if output.json {
        output.object(&json!({ "event": "import", "file": path, "state": "failed",
            "error": error.to_string() }))?;
    }
    let said = error.to_string();
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    if said.contains(&*name) {
        eprintln!("error: {}", plain(&said));
    } else {
        eprintln!("error: {}: {}", path.display(), plain(&said));
    }
    Ok(())
}

/// Says what became of a file; whether all of it could be read.
async fn say(
    app: &App,
    path: &Path,
    source: &Source,
    imported: &Imported,
    output: &Output,
) -> anyhow::Result<bool> {
    let done = match imported {
        Imported::Now(done) => done,
        Imported::Nothing(archive) => {
            list(archive);
            if output.json {
                output.object(
                    &json!({ "event": "import", "file": path, "source": source.name,
                    "state": "nothing to import", "pages": 0, "listings": 0,
                    "entries_left_out": archive.left_out, "broken": archive.broken,
                    "warnings": archive.warnings }),
                )?;
            } else {
                output.line(format!("{}: nothing to import", path.display()))?;
                left_out(archive, output)?;
            }
            return Ok(archive.broken.is_empty());
        }
        Imported::Before(scan) => {
            let tally = app.store.import_tally(scan.id).await?;
            if output.json {
                output.object(
                    &json!({ "event": "import", "file": path, "source": source.name,
                    "state": "imported before", "scan": scan, "pages": tally.pages }),
                )?;
            } else {
                output.line(format!(
                    "{}: imported before, at {} (scan {}: {} listings); nothing was changed",
                    path.display(),
                    scan.started_at.timestamp(),
                    scan.id,
                    scan.listings
                ))?;
            }
            return Ok(true);
        }
    };
    let (archive, scan, tally) = (&done.archive, &done.scan, &done.tally);
    list(archive);
    let whole = archive.broken.is_empty() && tally.failed == 0 && done.ended == Ended::Done;
    if output.json {
        output.object(&json!({
            "event": "import",
            "file": path,
            "sha256": archive.file.sha256,
            "source": source.name,
            "state": "imported",
            "resumed": done.resumed,
            "scan": scan,
            "pages": tally.pages,
            "listings": scan.listings,
            "new_listings": scan.new_listings,
            "pictures": scan.pictures,
            "missing_pictures": tally.missing_pictures,
            "cases": scan.cases,
            "pages_left_out": tally.left_out.iter()
                .map(|(why, count)| json!({ "why": why, "count": count })).collect::<Vec<_>>(),
            "entries_left_out": archive.left_out,
            "broken": archive.broken,
            "warnings": archive.warnings,
        }))?;
        return Ok(whole);
    }
    output.line(format!(
        "{}: {} pages, {} listings ({} new), {} pictures matched, {} not in the archive, {} cases{}",
        path.display(),
        tally.pages,
        scan.listings,
        scan.new_listings,
        scan.pictures,
        tally.missing_pictures,
        scan.cases,
        if done.resumed { "; went on where it was cut off" } else { "" }
    ))?;
    let pages = tally.left_out.iter().map(|(why, n)| (plain(why), *n));
    for (why, count) in pages {
        output.line(format!("  left out: {count} pages: {why}"))?;
    }
    left_out(archive, output)?;
    Ok(whole)
}

/// What was guessed, and what cannot be read.
fn list(archive: &Archive) {
    for warning in &archive.warnings {
        eprintln!("warning: {}", plain(warning));
    }
    for broken in &archive.broken {
        eprintln!("left out: {}", plain(broken));
    }
}

fn left_out(archive: &Archive, output: &Output) -> anyhow::Result<()> {
    for (what, count) in &archive.left_out {
        output.line(format!("  left out: {count} {what}"))?;
    }
    if !archive.broken.is_empty() {
        output.line(format!(
            "  left out: {} entries or rows that cannot be read (listed)",
            archive.broken.len()
        ))?;
    }
    Ok(())
}
