//! Learns from labelled pairs, chooses on others, and prints what each way of learning scores there;
//! with a third file, what the chosen one scores on that.
//!
//! `cargo run --release -p markhound-index --example measure_pairs -- train.txt valid.txt [test.txt]`

use std::error::Error;

use markhound_index::pairs::{Matcher, Pair, Score, Settings, pairs};

fn main() -> Result<(), Box<dyn Error>> {
    let mut args = std::env::args().skip(1);
    let read = |path: &str| -> Result<Vec<Pair>, Box<dyn Error>> {
        Ok(pairs(&std::fs::read_to_string(path)?)?)
    };
    let train = read(&args.next().ok_or("which pairs to learn from?")?)?;
    let valid = read(&args.next().ok_or("which pairs to choose with?")?)?;
    let (matcher, tried) =
        Matcher::choose(&train, &valid, &Settings::default()).ok_or("no way of learning")?;
    for way in tried {
        let (ranked, staged) = (way.variant.ranked, way.variant.staged);
        show(&format!("ranked {ranked}, staged {staged}"), way.score);
    }
    if let Some(path) = args.next() {
        let test = read(&path)?;
        show(
            &path,
            Score::of(&matcher.judge(&test), &test, matcher.threshold()),
        );
    }
    Ok(())
}

fn show(what: &str, score: Score) {
    println!(
        "{what}: F1 {:.4}, precision {:.4}, recall {:.4} on {} pairs",
        score.f1(),
        score.precision(),
        score.recall(),
        score.pairs
    );
}
