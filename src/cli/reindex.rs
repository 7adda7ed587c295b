//! `markhound reindex`: fingerprints taken anew from the kept pictures, and the
//! listing index from the database.

use std::sync::Arc;

use markhound_index::image::ALGORITHM;
use serde_json::json;

use super::output::{Done, Output, plain};
use super::progress;
use crate::app::App;
use crate::reindex::{self, Event};

/// Takes the fingerprints of reference photos and captured pictures anew from the kept
/// bytes, where they are of another version of the algorithm. Evidence and captures stay
/// as they are. It can be stopped at any time; run again, it goes on.
///
/// With `listings`: deletes the index of listings' texts and makes it anew from the
/// database.
///
/// Examples: markhound reindex --dry-run | markhound reindex | markhound reindex listings
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// What to make anew
    #[arg(default_value = "fingerprints")]
    what: What,
    /// Only say how many there are to take
    #[arg(long)]
    dry_run: bool,
    /// Take every fingerprint anew, also those of this version
    #[arg(long)]
    all: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum What {
    /// Fingerprints of pictures
    Fingerprints,
    /// The index of listings' texts
    Listings,
}

/// Makes the index of listings' texts anew.
async fn listings(args: &Args, app: &App, output: &Output) -> anyhow::Result<Done> {
    let count = app.store.listing_count().await?;
    if args.dry_run {
        if output.json {
            output.document(&json!({ "dry_run": true, "listings": count }))?;
        } else {
            output.line(format!(
                "the texts of {count} listings would be indexed anew"
            ))?;
        }
        return Ok(Done::All);
    }
    let bar = progress::bar("listings", u64::try_from(count).unwrap_or(0));
    let shown = bar.clone();
    let told = Arc::new(move |done, of| progress::at(&shown, done, of));
    let indexed = reindex::listings(app, told).await?;
    bar.finish_and_clear();
    if output.json {
        output.object(&json!({ "event": "reindexed", "listings": indexed }))?;
    } else {
        output.line(format!("the texts of {indexed} listings indexed"))?;
    }
    Ok(Done::All)
}

pub(super) async fn run(args: Args, app: &App, output: &Output) -> anyhow::Result<Done> {
    if args.what == What::Listings {
        return listings(&args, app, output).await;
    }
    let counts = app.store.fingerprint_counts(ALGORITHM).await?;
    let (references, pictures) = if args.all {
        (counts.references, counts.pictures)
    } else {
        (counts.references_outdated, counts.pictures_outdated)
    };
    if args.dry_run {
        if output.json {
            output.document(&json!({ "algorithm": ALGORITHM, "dry_run": true,
                "references": references, "pictures": pictures }))?;
        } else {
            output.line(format!(
                "{references} of {} reference photos and {pictures} of {} captured pictures would be done ({ALGORITHM})",
                counts.references, counts.pictures
            ))?;
        }
        return Ok(Done::All);
    }
    let bar = progress::bar(
        "pictures",
        u64::try_from(references + pictures).unwrap_or(0),
    );
    let told = |event: Event<'_>| match event {
        Event::Looked => bar.inc(1),
        Event::Failed(failed) if output.json => {
            // A reader that has gone shows at the end of the command.
            let _ = output.object(&json!({ "event": "failed", "failed": failed }));
        }
        Event::Failed(failed) => bar.suspend(|| {
            eprintln!(
                "{} {}: {}",
                match failed.of {
                    crate::store::fingerprints::Kept::Reference => "reference photo",
                    crate::store::fingerprints::Kept::Picture => "picture",
                },
                failed.id,
                plain(&failed.why)
            );
        }),
    };
    let report = reindex::run(app, &super::actor(), args.all, &told).await?;
    bar.finish_and_clear();
    if output.json {
        output.object(&json!({ "event": "reindexed", "algorithm": ALGORITHM,
            "references": report.references, "pictures": report.pictures }))?;
    } else {
        output.line(format!(
            "{} reference photos and {} captured pictures done, {} failed ({ALGORITHM})",
            report.references.renewed,
            report.pictures.renewed,
            report.failed()
        ))?;
    }
    Ok(Done::with_failures(report.failed() > 0))
}

/// Brings the reference photos up to date before a command that matches.
pub(super) async fn at_start(app: &App) -> anyhow::Result<()> {
    reindex::references(app, "system").await?;
    Ok(())
}
