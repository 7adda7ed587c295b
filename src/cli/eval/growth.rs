//! `markhound eval growth`.

use std::path::PathBuf;
use std::time::Duration;

use markhound_index::eval::{EDITS, Random, Report, made_reference, split};
use markhound_index::image::{ALGORITHM, Fingerprint, GreyPicture, Picture, ReferenceIndex};
use serde::Serialize;
use serde_json::json;

use super::super::Global;
use super::super::output::{Done, Output, plain};
use super::found::{self, Answer, Query, Truth};
use super::machine::Stopwatch;
use super::photos::{Failures, Photo, find, pool};
use super::work::{bar, each};
use crate::bench::process::resident_memory;

/// References that are made between two insertions.
const BATCH: usize = 512;
/// The most references an index is grown to.
const MOST: usize = 1_000_000;
/// Photos that are tried before making a reference is given up.
const TRIES: usize = 8;
const MADE: &str = "references beyond the photos at hand are made of parts of other photos; they are likelier to look like each other, and less like a photo, than real ones";

#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  markhound eval growth --photos shots/\n  markhound eval growth --references 500,5000 --edited 20 --json"
)]
pub(super) struct Args {
    /// Folder of photos, as for eval images [default: the catalog's photos]
    #[arg(long, value_name = "DIR")]
    photos: Option<PathBuf>,
    /// Sizes of the index
    #[arg(long, value_name = "N,…", value_delimiter = ',', default_value = "500,5000,50000",
          value_parser = clap::value_parser!(u32).range(1..=MOST as i64))]
    references: Vec<u32>,
    /// Photos of other products, which must not be matched
    #[arg(long, value_name = "N", default_value_t = 1200)]
    unrelated: usize,
    /// Protected photos to edit, each in every way
    #[arg(long, value_name = "N", default_value_t = 40)]
    edited: usize,
    /// Everything drawn by lot follows from this number
    #[arg(long, value_name = "S", default_value_t = 1)]
    seed: u64,
}

/// The figures of one size.
#[derive(Debug, Serialize)]
struct Row {
    references: usize,
    made: usize,
    unrelated: usize,
    false_matches: usize,
    /// Mean over the edits, as decided.
    recall: Option<f64>,
    /// Growth of the process since the smallest size, a reference.
    bytes_a_reference: Option<f64>,
    /// On one core, of pictures whose fingerprints are there.
    searches_per_second: f64,
}

pub(super) async fn run(args: Args, global: &Global, output: Output) -> anyhow::Result<Done> {
    let photos = find(args.photos.as_deref(), global).await?;
    tokio::task::spawn_blocking(move || evaluate(&args, &photos, output)).await?
}

fn evaluate(args: &Args, photos: &[Photo], output: Output) -> anyhow::Result<Done> {
    let mut sizes: Vec<usize> = args.references.iter().map(|&size| size as usize).collect();
    sizes.sort_unstable();
    sizes.dedup();
    let smallest = sizes.first().copied().unwrap_or(0);
    let kin: Vec<_> = photos.iter().map(|photo| photo.kin.clone()).collect();
    let split = split(&kin, smallest, args.unrelated, args.seed);
    let mut failures = Failures::default();
    let pool = pool(photos, &split.pool, &mut failures);
    let material: Vec<&Photo> = split.pool.iter().map(|&at| &photos[at]).collect();

    let progress = bar("references", split.protected.len());
    let real = each(0..split.protected.len(), &progress, |at| {
        Ok((at, photos[split.protected[at].0].fingerprint()?))
    });
    progress.finish_and_clear();
    let real = failures.sift(real);
    anyhow::ensure!(
        !real.is_empty(),
        "none of the photos can be protected: {}",
        failures.list().join("; ")
    );
    let mut edited: Vec<usize> = real.iter().map(|(at, _)| *at).collect();
    Random::new(args.seed, "edited", 0).shuffle(&mut edited);
    edited.truncate(args.edited);

    let jobs = edited.len() + split.unrelated.len();
    let progress = bar("queries", jobs);
    let queries = each(0..jobs, &progress, |job| -> Result<Vec<_>, String> {
        let Some(&at) = edited.get(job) else {
            let photo = photos[split.unrelated[job - edited.len()]].pixels()?;
            return Ok(vec![prepared(Query::unrelated(&photo))?]);
        };
        let (number, product) = split.protected[at];
        let photo = photos[number].pixels()?;
        let ids = (at as i64, product as i64);
        let query = |edit| prepared(Query::edited(edit, &photo, ids, args.seed, &pool));
        EDITS.iter().map(query).collect()
    });
    progress.finish_and_clear();
    let queries: Vec<_> = failures.sift(queries).into_iter().flatten().collect();

    let mut index = ReferenceIndex::new();
    let originals = real.len();
    for (at, print) in real {
        index.insert(at as i64, split.protected[at].1 as i64, &print);
    }
    let mut rows = Vec::new();
    let mut smallest = None;
    for size in sizes {
        grow(&mut index, size, &material, args.seed)?;
        let progress = bar("searches", queries.len());
        let answers = each(0..queries.len(), &progress, |at| {
            let (truth, print) = &queries[at];
            let watch = Stopwatch::start();
            let matches = index.search(print);
            let time = watch.stop();
            (Answer::new(truth, &matches), time)
        });
        progress.finish_and_clear();
        let memory = resident_memory().map(|bytes| (index.len(), bytes));
        let row = row(&index, originals, smallest.zip(memory), &answers);
        smallest = smallest.or(memory);
        if !output.json {
            if rows.is_empty() {
                output.line(format!(
                    "{:>10}{:>10}{:>16}{:>10}{:>14}{:>12}",
                    "references", "made", "false matches", "recall", "bytes each", "searches/s"
                ))?;
            }
            print(&row, output)?;
        }
        rows.push(row);
    }
    if output.json {
        output.document(
            &json!({ "algorithm": ALGORITHM, "seed": args.seed, "photos": photos.len(),
            "edited": edited.len(), "material": material.len(), "sizes": rows, "notes": [MADE],
            "failures": failures.list() }),
        )?;
    } else {
        output.line(format!("note: {MADE}"))?;
    }
    let failed = failures.list();
    failed.iter().for_each(|why| eprintln!("{}", plain(why)));
    Ok(Done::with_failures(!failed.is_empty()))
}

/// A query of which only the fingerprint is kept.
fn prepared(query: Query) -> Result<(Truth, Fingerprint), String> {
    let print = query.fingerprint()?;
    Ok((query.truth, print))
}

/// Adds made references until the index has the size.
fn grow(
    index: &mut ReferenceIndex,
    size: usize,
    material: &[&Photo],
    seed: u64,
) -> anyhow::Result<()> {
    let missing = size.saturating_sub(index.len());
    anyhow::ensure!(
        missing == 0 || !material.is_empty(),
        "{missing} references are missing and no photos are left to make them of; name a folder with more photos, or ask for fewer references"
    );
    let progress = bar("made", missing);
    // Numbers of made references start where real ones never are.
    let mut next = MOST + index.len();
    let mut idle = 0;
    while index.len() < size {
        let had = index.len();
        let numbers = next..next + (size - had).min(BATCH);
        next = numbers.end;
        let first = numbers.start;
        for (i, print) in each(numbers, &progress, |number| made(material, seed, number))
            .into_iter()
            .enumerate()
        {
            if let Some(print) = print {
                let id = (first + i) as i64;
                index.insert(id, id, &print);
            }
        }
        idle = if index.len() == had { idle + 1 } else { 0 };
        anyhow::ensure!(
            idle < TRIES,
            "no references can be made of the remaining photos: they cannot be read, or are plain areas"
        );
    }
    progress.finish_and_clear();
    Ok(())
}

/// The fingerprint of a made reference; nothing when no photo can be read.
fn made(material: &[&Photo], seed: u64, number: usize) -> Option<Fingerprint> {
    let mut random = Random::new(seed, "made", number as u64);
    let mut photo =
        || (0..TRIES).find_map(|_| material.get(random.below(material.len()))?.pixels().ok());
    let (first, second) = (photo()?, photo()?);
    let picture = Picture::from_rgb(made_reference(&first, &second, &mut random));
    Some(Fingerprint::compute(&GreyPicture::from_picture(&picture)))
}

fn row(
    index: &ReferenceIndex,
    real: usize,
    memory: Option<((usize, u64), (usize, u64))>,
    answers: &[(Answer, Duration)],
) -> Row {
    let (measured, searches_per_second) = found::collect(answers);
    let report = Report::new(&measured);
    // From the smallest size on: before it, memory freed by reading the photos is used again.
    let bytes_a_reference = memory.and_then(|((few, before), (many, now))| {
        (many > few).then(|| now.saturating_sub(before) as f64 / (many - few) as f64)
    });
    Row {
        references: index.len(),
        made: index.len().saturating_sub(real),
        unrelated: report.unrelated,
        false_matches: report.false_matches,
        recall: report.means.map(|means| means.recall),
        bytes_a_reference,
        searches_per_second,
    }
}

fn print(row: &Row, output: Output) -> anyhow::Result<()> {
    let or = |value: Option<String>| value.unwrap_or_else(|| "-".to_owned());
    output.line(format!(
        "{:>10}{:>10}{:>16}{:>10}{:>14}{:>12.0}",
        row.references,
        row.made,
        format!("{} of {}", row.false_matches, row.unrelated),
        or(row.recall.map(|r| format!("{:.1} %", r * 100.0))),
        or(row.bytes_a_reference.map(|bytes| format!("{bytes:.0}"))),
        row.searches_per_second,
    ))
}
