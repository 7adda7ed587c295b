//! `markhound check`: the parsers and the matcher on their own.

mod image;
mod parsers;
mod title;

use std::io::BufRead as _;
use std::path::PathBuf;

use anyhow::Context as _;

use super::Global;
use super::output::{Done, Output};

/// Examples: markhound check image photo.jpg | markhound check title "Lum0ra X100 1:1" --price 29 --currency EUR |
/// markhound check page saved.html --url https://shop.example/item/1
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    /// Hold pictures against the catalog's reference photos
    Image(image::Args),
    /// Hold a title against the catalog
    Title(title::One),
    /// Hold titles against the catalog: a plain title or a JSON listing a line
    Titles(title::Many),
    /// What is extracted from a saved page, with provenance
    Page(parsers::Page),
    /// What is read from price texts
    Price(parsers::Price),
    /// What a robots.txt allows
    Robots(parsers::Robots),
}

pub(super) async fn run(args: Args, global: &Global, output: &Output) -> anyhow::Result<Done> {
    match args.command {
        Command::Image(args) => image::run(args, &global.open().await?, output).await,
        Command::Title(args) => title::one(args, &global.open().await?, output).await,
        Command::Titles(args) => title::many(args, &global.open().await?, output).await,
        Command::Page(args) => parsers::page(&args, output),
        Command::Price(args) => parsers::price(&args, output),
        Command::Robots(args) => parsers::robots(&args, output),
    }
}

/// The longest line read from `--files-from`, in bytes.
const LONGEST_LINE: u64 = 16 * 1024 * 1024;

/// Calls `each` with every line of a file, `-` for standard input, without
/// holding more than one. Bytes that are no UTF-8 are replaced.
fn each_line(
    from: &PathBuf,
    mut each: impl FnMut(String) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    let mut reader: Box<dyn std::io::BufRead> = if from.as_os_str() == "-" {
        Box::new(std::io::BufReader::new(std::io::stdin()))
    } else {
        let file =
            std::fs::File::open(from).with_context(|| format!("cannot read {}", from.display()))?;
        Box::new(std::io::BufReader::new(file))
    };
    let mut line = Vec::new();
    loop {
        line.clear();
        let read = std::io::Read::take(&mut reader, LONGEST_LINE).read_until(b'\n', &mut line)?;
        if read == 0 {
            return Ok(());
        }
        let text = String::from_utf8_lossy(&line);
        each(text.trim_end_matches(['\r', '\n']).to_owned())?;
    }
}
