//! `markhound eval pairs`.

use std::collections::BTreeMap;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use markhound_index::pairs::{Matcher, Pair, Score, Settings, pairs};
use serde::Serialize;

use super::super::output::{Done, Output, plain};

/// Memory that unpacking a file may take, in KiB.
const MOST_MEMORY: u32 = 256 << 10;
/// Larger files are refused, unpacked.
const MOST_BYTES: u64 = 256 << 20;

#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  markhound eval pairs --data Abt-Buy/\n  markhound eval pairs --data benchmarks/ --json"
)]
pub(super) struct Args {
    /// Folder with train.txt, valid.txt and test.txt, or with such folders; the files may be packed
    /// (.xz), and train.txt and valid.txt may have a size behind their name (train.txt.medium)
    #[arg(long, value_name = "DIR")]
    data: PathBuf,
}

/// The files of a set: for each part and size, where it is.
type Files = BTreeMap<(String, String), PathBuf>;

/// What came out for one set and one size of its training data.
#[derive(Debug, Serialize)]
struct Outcome {
    set: String,
    size: String,
    train: usize,
    valid: usize,
    test: usize,
    ranked: bool,
    staged: bool,
    threshold: f32,
    valid_f1: f64,
    precision: f64,
    recall: f64,
    f1: f64,
}

pub(super) async fn run(args: Args, output: Output) -> anyhow::Result<Done> {
    tokio::task::spawn_blocking(move || evaluate(&args.data, output)).await?
}

fn evaluate(data: &Path, output: Output) -> anyhow::Result<Done> {
    let mut sets: Vec<(String, Files)> = Vec::new();
    let mut folders = vec![data.to_owned()];
    for entry in std::fs::read_dir(data).with_context(|| cannot_read(data))? {
        let path = entry.with_context(|| cannot_read(data))?.path();
        if path.is_dir() {
            folders.push(path);
        }
    }
    folders.sort();
    for folder in folders {
        let name = folder.file_name().unwrap_or_default();
        let files = files(&folder)?;
        if !files.is_empty() {
            sets.push((name.to_string_lossy().into_owned(), files));
        }
    }
    let mut outcomes = 0;
    for (set, files) in &sets {
        let sizes = files
            .keys()
            .filter(|(part, _)| part == "train")
            .map(|(_, size)| size);
        for size in sizes {
            let outcome = outcome(set, size, files)?;
            print(&outcome, output)?;
            outcomes += 1;
        }
    }
    anyhow::ensure!(
        outcomes > 0,
        "there is no train.txt in {} or a folder in it: give the folder of a benchmark of labelled \
         pairs",
        data.display()
    );
    Ok(Done::All)
}

fn cannot_read(path: &Path) -> String {
    format!("cannot read {}", path.display())
}

fn files(folder: &Path) -> anyhow::Result<Files> {
    let mut out = Files::new();
    for entry in std::fs::read_dir(folder).with_context(|| cannot_read(folder))? {
        let path = entry.with_context(|| cannot_read(folder))?.path();
        let name = path
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        let plain = name.strip_suffix(".xz").unwrap_or(&name);
        if let Some((part, size)) = plain.split_once(".txt") {
            let key = (part.to_owned(), size.trim_start_matches('.').to_owned());
            out.insert(key, path);
        }
    }
    Ok(out)
}

/// Reads the pairs of a part, of this size or of the only one there is.
fn part(files: &Files, part: &str, size: &str) -> anyhow::Result<Vec<Pair>> {
    let own = files.get(&(part.to_owned(), size.to_owned()));
    let path = own
        .or_else(|| files.get(&(part.to_owned(), String::new())))
        .with_context(|| format!("there is a train.txt, but no {part}.txt beside it"))?;
    let file = std::fs::File::open(path).with_context(|| cannot_read(path))?;
    let mut text = String::new();
    if path.extension().is_some_and(|e| e == "xz") {
        let unpacked =
            lzma_rust2::XzReader::new_mem_limit(std::io::BufReader::new(file), true, MOST_MEMORY);
        unpacked.take(MOST_BYTES).read_to_string(&mut text)
    } else {
        file.take(MOST_BYTES).read_to_string(&mut text)
    }
    .with_context(|| cannot_read(path))?;
    anyhow::ensure!(
        (text.len() as u64) < MOST_BYTES,
        "{} has more than {} MiB",
        path.display(),
        MOST_BYTES >> 20
    );
    pairs(&text).with_context(|| cannot_read(path))
}

/// Learns on the training pairs, chooses on the valid ones, and judges the test pairs once.
fn outcome(set: &str, size: &str, files: &Files) -> anyhow::Result<Outcome> {
    let train = part(files, "train", size)?;
    let valid = part(files, "valid", size)?;
    let test = part(files, "test", size)?;
    let (matcher, tried) =
        Matcher::choose(&train, &valid, &Settings::default()).context("no way of learning")?;
    let score = Score::of(&matcher.judge(&test), &test, matcher.threshold());
    let chosen = tried.iter().find(|t| t.variant == *matcher.variant());
    Ok(Outcome {
        set: set.to_owned(),
        size: size.to_owned(),
        train: train.len(),
        valid: valid.len(),
        test: test.len(),
        ranked: matcher.variant().ranked,
        staged: matcher.variant().staged,
        threshold: matcher.threshold(),
        valid_f1: chosen.map_or(0.0, |t| t.score.f1()),
        precision: score.precision(),
        recall: score.recall(),
        f1: score.f1(),
    })
}

fn print(outcome: &Outcome, output: Output) -> anyhow::Result<()> {
    if output.json {
        return output.object(outcome);
    }
    let size = if outcome.size.is_empty() {
        String::new()
    } else {
        format!(" ({})", outcome.size)
    };
    let used = match (outcome.ranked, outcome.staged) {
        (false, false) => "each pair by itself",
        (true, false) => "with its rivals",
        (false, true) => "with what is said of its rivals",
        (true, true) => "with its rivals and what is said of them",
    };
    output.line(format!(
        "{}{}: F1 {:.2} (precision {:.2}, recall {:.2}) on {} pairs; learnt from {}, {used}; F1 {:.2} on the {} for choosing",
        plain(&outcome.set),
        plain(&size),
        outcome.f1 * 100.0,
        outcome.precision * 100.0,
        outcome.recall * 100.0,
        outcome.test,
        outcome.train,
        outcome.valid_f1 * 100.0,
        outcome.valid,
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_found_packed_and_by_size() {
        let folder = tempfile::tempdir().expect("a folder");
        let pair = "COL name VAL a\tCOL name VAL a\t1\n";
        for name in ["train.txt.medium", "valid.txt.medium", "test.txt"] {
            std::fs::write(folder.path().join(name), pair).expect("written");
        }
        let files = files(folder.path()).expect("read");
        assert_eq!(part(&files, "test", "medium").expect("read").len(), 1);
        assert!(part(&files, "valid", "").is_err());
    }

    #[test]
    fn a_folder_without_pairs_says_what_is_wanted() {
        let folder = tempfile::tempdir().expect("a folder");
        let error = evaluate(folder.path(), Output::new(true)).expect_err("nothing there");
        assert!(error.to_string().contains("train.txt"), "{error}");
    }
}
