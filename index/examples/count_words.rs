//! Learns how rare words are among listings: reads titles, one a line, from standard input, and
//! writes the commonest words with their counts in the form that the text index reads.
//!
//! `cargo run --release -p markhound-index --example count_words -- 2000 < titles.txt > counts.csv`
//!
//! `fit_titles` takes such a table in place of the one that ships.

use std::error::Error;
use std::io::BufRead as _;

use markhound_index::text::Rarity;

fn main() -> Result<(), Box<dyn Error>> {
    let most: usize = std::env::args().nth(1).ok_or("how many words?")?.parse()?;
    let mut rarity = Rarity::new();
    for line in std::io::stdin().lock().lines() {
        rarity.learn(&line?);
    }
    // The first two lines are about the table.
    for line in rarity.to_text().lines().take(most + 2) {
        println!("{line}");
    }
    Ok(())
}
