//! `markhound eval images`.

use std::path::PathBuf;

use anyhow::Context as _;
use markhound_index::eval::nights::{Draw, Draws};
use markhound_index::eval::{EDITS, Edit, Random, Report, recall_plot, split};
use markhound_index::image::{ALGORITHM, ReferenceIndex};
use serde_json::json;

use super::super::Global;
use super::super::output::{Done, Output, plain};
use super::found::{self, Query};
use super::photos::{Failures, Photo, find, pool};
use super::work::{bar, each};

#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  markhound eval images                                     the catalog's own photos\n  markhound eval images --photos shots/ --svg recall.svg    a folder of photos, with a drawing\n  markhound eval images --edits mirror,crop35,cutout --json"
)]
pub(super) struct Args {
    /// Folder of photos, searched recursively; in one top folder, photos whose names share the part
    /// before the first "-", "_" or "." are one product [default: the catalog's photos]
    #[arg(long, value_name = "DIR")]
    photos: Option<PathBuf>,
    /// Photos to protect
    #[arg(long, value_name = "N", default_value_t = 500)]
    references: usize,
    /// Photos of other products, which must not be matched
    #[arg(long, value_name = "N", default_value_t = 1200)]
    unrelated: usize,
    /// Protected photos to edit, each in every way
    #[arg(long, value_name = "N", default_value_t = 150)]
    edited: usize,
    /// Everything drawn by lot follows from this number
    #[arg(long, value_name = "S", default_value_t = 1)]
    seed: u64,
    /// Only these edits, by name
    #[arg(long, value_name = "NAME,…", value_delimiter = ',', value_parser = edit)]
    edits: Vec<&'static Edit>,
    /// Draw the recall of each edit into this file
    #[arg(long, value_name = "FILE")]
    svg: Option<PathBuf>,
    /// Write what the search said of each picture into this file: what made listings are drawn from
    #[arg(long, value_name = "FILE")]
    draws: Option<PathBuf>,
}

/// The edit of a name, or an error that has all names.
fn edit(name: &str) -> Result<&'static Edit, String> {
    Edit::named(name).ok_or_else(|| {
        let names: Vec<&str> = EDITS.iter().map(|edit| edit.name).collect();
        format!("there is no such edit; there are {}", names.join(", "))
    })
}

pub(super) async fn run(args: Args, global: &Global, output: Output) -> anyhow::Result<Done> {
    let photos = find(args.photos.as_deref(), global).await?;
    tokio::task::spawn_blocking(move || evaluate(&args, &photos, output)).await?
}

fn evaluate(args: &Args, photos: &[Photo], output: Output) -> anyhow::Result<Done> {
    let kin: Vec<_> = photos.iter().map(|photo| photo.kin.clone()).collect();
    let split = split(&kin, args.references, args.unrelated, args.seed);
    let mut failures = Failures::default();
    let pool = pool(photos, &split.pool, &mut failures);

    let progress = bar("references", split.protected.len());
    let results = each(0..split.protected.len(), &progress, |at| {
        let print = photos[split.protected[at].0].fingerprint()?;
        Ok((at, print))
    });
    progress.finish_and_clear();
    let mut index = ReferenceIndex::new();
    let mut usable = Vec::new();
    for (at, print) in failures.sift(results) {
        index.insert(at as i64, split.protected[at].1 as i64, &print);
        usable.push(at);
    }
    anyhow::ensure!(
        !usable.is_empty(),
        "none of the photos can be protected: {}",
        failures.list().join("; ")
    );
    Random::new(args.seed, "edited", 0).shuffle(&mut usable);
    usable.truncate(args.edited);

    let edits: Vec<&Edit> = match args.edits.is_empty() {
        true => EDITS.iter().collect(),
        false => args.edits.clone(),
    };
    let jobs = usable.len() + split.unrelated.len();
    let progress = bar("searches", jobs);
    let results = each(0..jobs, &progress, |job| {
        let Some(&at) = usable.get(job) else {
            let photo = photos[split.unrelated[job - usable.len()]].pixels()?;
            return Ok(vec![found::cascade(&index, &Query::unrelated(&photo))?]);
        };
        let (number, product) = split.protected[at];
        let photo = photos[number].pixels()?;
        let ids = (at as i64, product as i64);
        let search = |edit: &&Edit| {
            found::cascade(&index, &Query::edited(edit, &photo, ids, args.seed, &pool))
        };
        edits.iter().map(search).collect::<Result<Vec<_>, String>>()
    });
    progress.finish_and_clear();
    let searched: Vec<_> = failures.sift(results).into_iter().flatten().collect();
    let answers: Vec<_> = searched.iter().map(|s| s.answer).collect();
    let (measured, rate) = found::collect(&answers);
    let report = Report::new(&measured);
    let counts = Counts {
        references: index.len(),
        edited: usable.len(),
        pool: pool.len(),
    };
    if let Some(file) = &args.svg {
        let under = format!(
            "{} edited photos of {} protected; {} of {} unrelated photos matched",
            counts.edited, counts.references, report.false_matches, report.unrelated
        );
        let drawing = recall_plot(
            &report,
            "Edited photos found again, by kind of edit",
            &under,
        );
        std::fs::write(file, drawing)
            .with_context(|| format!("cannot write {}", file.display()))?;
    }
    if let Some(file) = &args.draws {
        let draws: Vec<Draw> = searched.into_iter().map(|s| s.draw).collect();
        std::fs::write(file, Draws::table(&draws))
            .with_context(|| format!("cannot write {}", file.display()))?;
    }
    let notes = notes(args, &counts, &report);
    if output.json {
        output.document(&json!({
            "algorithm": ALGORITHM, "seed": args.seed, "photos": photos.len(),
            "references": counts.references, "edited": counts.edited, "pool": counts.pool,
            "report": report, "pictures_per_second": rate,
            "notes": notes, "failures": failures.list(),
        }))?;
    } else {
        print(&report, &counts, rate, &notes, output)?;
    }
    let failed = failures.list();
    failed.iter().for_each(|why| eprintln!("{}", plain(why)));
    Ok(Done::with_failures(!failed.is_empty()))
}

/// How many photos there were for each purpose.
struct Counts {
    references: usize,
    edited: usize,
    pool: usize,
}

/// What a reader of the figures must know.
fn notes(args: &Args, counts: &Counts, report: &Report) -> Vec<String> {
    let mut notes = Vec::new();
    for (what, have, asked) in [
        ("protected", counts.references, args.references),
        ("unrelated", report.unrelated, args.unrelated),
        ("edited", counts.edited, args.edited),
    ] {
        if have < asked {
            notes.push(format!(
                "there were {have} photos to be {what}, not the {asked} asked for"
            ));
        }
    }
    if counts.pool == 0 {
        notes.push("no photos were left for collages and cut-outs: pictures were made".to_owned());
    }
    for share in markhound_index::eval::RATES {
        let percent = share * 100.0;
        match report.thresholds.iter().find(|t| t.false_share == share) {
            None => notes.push(format!(
                "recall at {percent} % false needs {:.0} unrelated photos; there were {}",
                1.0 / share, report.unrelated
            )),
            Some(threshold) if threshold.score == 0.0 => notes.push(format!(
                "no more than {percent} % of the unrelated photos were matched at all, so that recall at {percent} % false is that as decided"
            )),
            Some(_) => {}
        }
    }
    notes
}

fn print(
    report: &Report,
    counts: &Counts,
    rate: f64,
    notes: &[String],
    output: Output,
) -> anyhow::Result<()> {
    let share =
        |value: Option<f64>| value.map_or("-".to_owned(), |v| format!("{:.1} %", v * 100.0));
    let at = |of: &[markhound_index::eval::RecallAt]| -> String {
        of.iter()
            .map(|r| format!("{:>12}", share(Some(r.recall))))
            .collect()
    };
    output.line(format!(
        "{} edited photos of {} protected; {} of {} unrelated photos matched ({})",
        counts.edited,
        counts.references,
        report.false_matches,
        report.unrelated,
        share(report.false_share),
    ))?;
    let heads: String = report
        .thresholds
        .iter()
        .map(|t| format!("{:>12}", format!("at {} %", t.false_share * 100.0)))
        .collect();
    output.line(format!(
        "{:<12}{:>10}{heads}{:>12}",
        "edit", "found", "in place"
    ))?;
    let row = |name: &str, recall: f64, of: &[_], placed: Option<f64>| {
        output.line(format!(
            "{name:<12}{:>10}{}{:>12}",
            share(Some(recall)),
            at(of),
            share(placed)
        ))
    };
    for edit in &report.edits {
        row(&edit.name, edit.recall, &edit.recall_at, edit.well_placed)?;
    }
    if let Some(means) = &report.means {
        row("mean", means.recall, &means.recall_at, means.well_placed)?;
    }
    output.line(format!(
        "{rate:.0} pictures a second on one core (decode, fingerprint, search)"
    ))?;
    notes
        .iter()
        .try_for_each(|note| output.line(format!("note: {note}")))
}
