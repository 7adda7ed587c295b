//! `markhound hunt`: search everything captured, without fetching.

mod words;

use std::io::Read as _;
use std::path::{Path, PathBuf};

use markhound_index::listings::Cursor;
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
/// With words: which listings say this, also disguised (v3l0ra, V e l o r a)? With --image:
/// which listings show this picture, cropped, mirrored or inside another? Without both:
/// which listings would have been cases, had these products been in the catalog when they
/// were scanned? With --queue those cases are opened or updated as a scan does.
///
/// A query: velora bag (both words) | "velora bag" (side by side) | bag OR purse | -case
/// (without) | title:velora seller:palace source:myshop currency:EUR price:10..50 |
/// after:2026-03-01 before:2026-04 (seen on or after, seen before). Put the whole query in
/// single quotes, as in the second example.
///
/// Examples: markhound hunt velora bag | markhound hunt '"velora bag" -case price:..50' |
/// markhound hunt velora --since 2026-11 --newest --json | markhound hunt --image photo.jpg |
/// markhound hunt --product CAM-01 | markhound hunt --queue
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Words, phrases and fields that listings must have
    #[arg(value_name = "QUERY", conflicts_with_all = ["image", "product", "queue", "dry_run", "all_texts"])]
    query: Vec<String>,
    /// With a query: only listings of these sources
    #[arg(long, value_name = "NAME", num_args = 1, requires = "query")]
    source: Vec<String>,
    /// With a query: only listings seen on or after this day, as 2026-03-01, 2026-03 or 2026
    #[arg(long, value_name = "DAY", requires = "query", value_parser = words::day)]
    since: Option<i64>,
    /// With a query: only listings seen before this day
    #[arg(long, value_name = "DAY", requires = "query", value_parser = words::day)]
    before: Option<i64>,
    /// With a query: those seen last come first, instead of those that fit best
    #[arg(long, requires = "query")]
    newest: bool,
    /// With a query: go on where the page before ended, by what it gave as next
    #[arg(long, value_name = "PLACE", requires = "query")]
    from: Option<Cursor>,
    /// Find the listings that show this picture
    #[arg(long, value_name = "FILE", conflicts_with_all = ["product", "queue", "dry_run", "all_texts"])]
    image: Option<PathBuf>,
    /// With --image: leave out matches less sure than this, 0 to 1
    #[arg(long, value_name = "S", default_value_t = 0.5, requires = "image", value_parser = share)]
    min_score: f64,
    /// With a query or --image: at most so many listings
    #[arg(long, value_name = "N", default_value_t = 50, conflicts_with_all = ["product", "queue", "dry_run", "all_texts"])]
    limit: u32,
    /// Hunt for these products [default: those not hunted for yet as they are now]
    #[arg(long, value_name = "SKU", num_args = 1..)]
    product: Vec<String>,
    /// Read every listing's text, not only those that the listing index proposes: slower,
    /// and finds names that are hidden in ways the index does not see
    #[arg(long)]
    all_texts: bool,
    /// Open and update cases, and remember that the products were hunted for
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
    if !args.query.is_empty() {
        return words::run(&args, app, output).await;
    }
    let hunt = Hunt {
        skus: args.product,
        all_texts: args.all_texts,
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
        output.document(
            &json!({ "file": file, "listings": finds.listings, "more": finds.more,
            "coverage": finds.coverage }),
        )?;
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
        "{} listings show it{}; {} captured pictures searched",
        finds.listings.len(),
        if finds.more {
            ", and more: see --limit"
        } else {
            ""
        },
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
        output.line(
            "every product was hunted for already; name products with --product to hunt again",
        )?;
    } else {
        output.line(format!(
            "{} product(s) with {} photo(s): {} captured pictures searched, {} texts read, {} listings concerned, {} {}, {} {}, {} as they were",
            report.products.len(),
            report.photos,
            report.coverage.searched,
            report.texts,
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
