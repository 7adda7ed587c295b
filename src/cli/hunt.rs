//! `markhound hunt`: search everything captured, without fetching.

use std::io::Read as _;
use std::path::{Path, PathBuf};

use serde_json::json;

use super::output::{Done, Output, plain, short};
use super::progress;
use crate::app::App;
use crate::hunt::retro::{self, Event, Hunt, Row};
use crate::hunt::{self, Coverage, Finds, Limits};
use crate::store::hunts::Change;

/// The largest picture file read, in bytes.
const LARGEST_FILE: u64 = 256 * 1024 * 1024;

/// Searches all listings ever captured, from stored fingerprints and text; nothing is
/// fetched.
///
/// With --image: which listings show this picture, cropped, mirrored or inside another?
/// Without: which listings would have been cases, had these products been in the catalog
/// when they were scanned? With --queue those cases are opened or updated as a scan does.
///
/// Examples: markhound hunt --image photo.jpg | markhound hunt --product CAM-01 |
/// markhound hunt --queue
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Find the listings that show this picture
    #[arg(long, value_name = "FILE", conflicts_with_all = ["product", "queue", "dry_run"])]
    image: Option<PathBuf>,
    /// With --image: leave out matches less sure than this, 0 to 1
    #[arg(long, value_name = "S", default_value_t = 0.5, requires = "image", value_parser = share)]
    min_score: f64,
    /// With --image: at most so many listings
    #[arg(long, value_name = "N", default_value_t = 50, requires = "image")]
    limit: u32,
    /// Hunt for these products [default: those with photos that were never hunted for]
    #[arg(long, value_name = "SKU", num_args = 1..)]
    product: Vec<String>,
    /// Open and update cases, and remember that the photos were hunted for
    #[arg(long)]
    queue: bool,
    /// With --queue: only say what would be queued
    #[arg(long)]
    dry_run: bool,
}

fn share(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(share) if (0.0..=1.0).contains(&share) => Ok(share),
        _ => Err("a number from 0 to 1 is wanted".to_owned()),
    }
}

pub(super) async fn run(args: Args, app: &App, output: &Output) -> anyhow::Result<Done> {
    if let Some(file) = &args.image {
        return image(app, file, &args, output).await;
    }
    let hunt = Hunt {
        skus: args.product,
        queue: args.queue && !args.dry_run,
        actor: super::actor(),
    };
    super::reindex::at_start(app).await?;
    products(app, &hunt, output).await
}

async fn image(app: &App, file: &Path, args: &Args, output: &Output) -> anyhow::Result<Done> {
    let path = file.to_owned();
    let query = tokio::task::spawn_blocking(move || {
        let bytes = bytes_of(&path)?;
        hunt::fingerprint(&bytes).map_err(|why| why.to_string())
    });
    let query = query
        .await?
        .map_err(|why| anyhow::anyhow!("{}: {why}", file.display()))?;
    let limits = Limits {
        min_score: args.min_score,
        listings: args.limit as usize,
        patience: None,
    };
    let bar = progress::bar("pictures", 0);
    let told = |done, of| progress::at(&bar, done, of);
    let finds = hunt::find(&app.store, &query, limits, &told).await?;
    bar.finish_and_clear();
    if output.json {
        output.document(&json!({ "file": file, "listings": finds.listings,
            "coverage": finds.coverage }))?;
    } else {
        print(&finds, output)?;
    }
    tell_left_out(&finds.coverage);
    Ok(Done::with_failures(finds.coverage.left_out() > 0))
}

fn bytes_of(path: &Path) -> Result<Vec<u8>, String> {
    let failed = |why: std::io::Error| format!("cannot be read: {why}");
    let mut bytes = Vec::new();
    std::fs::File::open(path)
        .map_err(failed)?
        .take(LARGEST_FILE + 1)
        .read_to_end(&mut bytes)
        .map_err(failed)?;
    if bytes.len() as u64 > LARGEST_FILE {
        return Err(format!("is larger than {} MiB", LARGEST_FILE >> 20));
    }
    Ok(bytes)
}

fn print(finds: &Finds, output: &Output) -> anyhow::Result<()> {
    for found in &finds.listings {
        let showing = &found.showing;
        output.line(format!(
            "{:.3}  {:<20} {} {}  {}{}\n       {}\n       picture {}  seen {}",
            found.score,
            plain(&found.transform),
            showing.source,
            plain(&showing.item_id),
            short(&showing.title, 60),
            match showing.case_id {
                Some(id) => format!("  case {id}"),
                None => String::new(),
            },
            plain(&showing.url),
            plain(&showing.picture_url),
            showing.last_seen_at.timestamp(),
        ))?;
    }
    output.line(format!(
        "{} listings show it; {} captured pictures searched",
        finds.listings.len(),
        finds.coverage.searched
    ))
}

async fn products(app: &App, hunt: &Hunt, output: &Output) -> anyhow::Result<Done> {
    let bar = progress::bar("hunt", 0);
    let told = |event: Event| match event {
        Event::Pictures(done, of) => {
            bar.set_message("pictures");
            progress::at(&bar, done, of);
        }
        Event::Texts(done, of) => {
            bar.set_message("texts");
            progress::at(&bar, done, of);
        }
        Event::Matched(done, of) => {
            bar.set_message("listings concerned");
            progress::at(&bar, done, of);
        }
        // A reader that has gone shows at the end of the command.
        Event::Case(row) if output.json => {
            let _ = output.object(&json!({ "event": "case", "case": row }));
        }
        Event::Case(row) => {
            let line = line(&row, hunt.queue);
            bar.suspend(|| {
                let _ = output.line(line);
            });
        }
        Event::Failed { listing_id, why } if output.json => {
            let _ =
                output.object(&json!({ "event": "failed", "listing_id": listing_id, "why": why }));
        }
        Event::Failed { listing_id, why } => {
            bar.suspend(|| eprintln!("listing {listing_id}: {}", plain(&why)));
        }
    };
    let report = retro::run(app, hunt, &told).await?;
    bar.finish_and_clear();
    if output.json {
        output.object(&json!({ "event": "hunted", "queued": hunt.queue, "report": report }))?;
    } else if report.products.is_empty() {
        output.line("every product's photos were hunted for already; name products with --product to hunt again")?;
    } else {
        output.line(format!(
            "{} product(s) with {} photo(s): {} captured pictures searched, {} listings concerned, {} {}, {} {}, {} as they were",
            report.products.len(),
            report.photos,
            report.coverage.searched,
            report.concerned,
            report.opened,
            if hunt.queue { "cases opened" } else { "cases to open" },
            report.updated,
            if hunt.queue { "updated" } else { "to update" },
            report.unchanged,
        ))?;
        if !hunt.queue && report.opened + report.updated > 0 {
            eprintln!("nothing was written; `markhound hunt --queue` queues them");
        }
    }
    tell_left_out(&report.coverage);
    Ok(Done::with_failures(
        report.failed > 0 || report.coverage.left_out() > 0,
    ))
}

fn line(row: &Row, queue: bool) -> String {
    let what = match (row.change, queue) {
        (Change::Opened, true) => "opened",
        (Change::Opened, false) => "new",
        (Change::Updated, true) => "updated",
        (Change::Updated, false) => "changed",
        (Change::Unchanged, _) => "as it was",
    };
    let case = row
        .case
        .map_or_else(String::new, |id| format!(" case {id}"));
    format!(
        "{:.3}  {:<10} {what}{case}  {} {}  {}",
        row.score,
        row.sku,
        row.source,
        plain(&row.item_id),
        short(&row.title, 60)
    )
}

fn tell_left_out(coverage: &Coverage) {
    for (algorithm, count) in &coverage.other_algorithms {
        eprintln!(
            "{count} pictures were left out, their fingerprints are of {:?}; run `markhound reindex`",
            plain(algorithm)
        );
    }
    if coverage.damaged > 0 {
        eprintln!(
            "{} pictures were left out, their fingerprints are damaged; run `markhound reindex --all`",
            coverage.damaged
        );
    }
}
