//! `markhound check image`.

use std::path::PathBuf;
use std::sync::Arc;

use futures::{StreamExt as _, stream};
use markhound_index::image::{DecodeLimits, Fingerprint, GreyPicture, PictureMatch};
use serde_json::{Value, json};

use super::super::output::{Done, Output, plain};
use crate::app::App;
use crate::scan::matcher::Matcher;

/// Pictures larger than this are refused unread, in bytes.
const LARGEST_FILE: u64 = 256 * 1024 * 1024;

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Picture files
    #[arg(required_unless_present = "files_from")]
    files: Vec<PathBuf>,
    /// Read file names from here, one a line; - for standard input
    #[arg(long, value_name = "FILE")]
    files_from: Option<PathBuf>,
}

pub(super) async fn run(args: Args, app: &App, output: &Output) -> anyhow::Result<Done> {
    let matcher = Arc::new(Matcher::load(app).await?);
    let mut files = args.files;
    if let Some(from) = &args.files_from {
        super::each_line(from, |line| {
            if !line.is_empty() {
                files.push(PathBuf::from(line));
            }
            Ok(())
        })?;
    }
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let mut results = stream::iter(files)
        .map(|file| {
            let matcher = matcher.clone();
            tokio::task::spawn_blocking(move || {
                let found = look(&file, &matcher);
                (file, found)
            })
        })
        .buffered(cores * 2);
    let mut failures = false;
    while let Some(joined) = results.next().await {
        let (file, found) = joined?;
        failures |= found.is_err();
        if output.json {
            output.object(&row(&file, &found, &matcher))?;
            continue;
        }
        match found {
            Err(why) => eprintln!("{}: {why}", file.display()),
            Ok(matches) if matches.is_empty() => {
                output.line(format!("{}: no match", file.display()))?;
            }
            Ok(matches) => {
                for found in matches {
                    let name = plain(matcher.reference_name(found.reference).unwrap_or("?"));
                    let from = match found.reference {
                        ..0 => "hash from an imported list: ",
                        _ => "",
                    };
                    output.line(format!(
                        "{}: {} {:.3}  {} ({from}{name})",
                        file.display(),
                        sku(&matcher, &found),
                        found.score,
                        plain(&found.transform),
                    ))?;
                }
            }
        }
    }
    Ok(Done::with_failures(failures))
}

fn look(file: &PathBuf, matcher: &Matcher) -> Result<Vec<PictureMatch>, String> {
    let size = std::fs::metadata(file)
        .map_err(|e| format!("cannot be read: {e}"))?
        .len();
    if size > LARGEST_FILE {
        return Err(format!("is {size} bytes, the limit is {LARGEST_FILE}"));
    }
    let bytes = std::fs::read(file).map_err(|e| format!("cannot be read: {e}"))?;
    let picture =
        GreyPicture::decode(&bytes, &DecodeLimits::default()).map_err(|e| e.to_string())?;
    Ok(matcher.search_picture(&Fingerprint::compute(&picture)))
}

fn sku<'a>(matcher: &'a Matcher, found: &PictureMatch) -> &'a str {
    matcher
        .product(found.product)
        .map_or("?", |product| product.sku.as_str())
}

fn row(file: &PathBuf, found: &Result<Vec<PictureMatch>, String>, matcher: &Matcher) -> Value {
    let matches: Vec<Value> = found
        .iter()
        .flatten()
        .map(|found| {
            json!({
                "sku": sku(matcher, found),
                "reference": matcher.reference_name(found.reference),
                "score": found.score,
                "method": found.method,
                "transform": found.transform,
                "region": found.region,
                "distance": found.distance,
                "inliers": found.inliers,
            })
        })
        .collect();
    json!({ "file": file, "matches": matches, "error": found.as_ref().err() })
}
