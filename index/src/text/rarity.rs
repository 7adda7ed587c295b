//! How rare words are among listings: learnt from what was crawled, because a catalog of a few
//! products cannot tell that "leather" is said of everything.

use std::collections::{BTreeSet, HashMap};
use std::fmt::Write as _;

use super::words::Cut;

const BUILT_IN: &str = include_str!("../../data/word_counts.csv");

/// Why a table of counts cannot be read.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error(
    "line {line} of the table of word counts is not a word, a comma and a number; learn the table anew"
)]
pub struct RarityError {
    /// The line's number, from 1.
    pub line: usize,
}

/// In how many listings each word was seen (lossy counting; Manku and Motwani 2002): memory is
/// bounded, whatever is crawled, and a word's count is short by at most what the forgotten words had.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Rarity {
    counts: HashMap<String, u64>,
    listings: u64,
    /// Words of up to this count were forgotten.
    forgotten: u64,
}

impl Rarity {
    /// From as many listings on, a table says more than none.
    pub const ENOUGH: u64 = 1_000;
    /// Words that are kept; the rarest are forgotten beyond it.
    pub const MOST_WORDS: usize = 50_000;
    /// Longer words are numbers of something, and not kept, in bytes.
    pub const LONGEST_WORD: usize = 40;

    /// A table that has learnt nothing, and therefore says nothing.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The table that comes with the program. Nothing was counted for it: some 800 words of titles in
    /// eight languages, sorted by hand into those of about one title in 10, 30, 100 and 300.
    ///
    /// # Errors
    /// [`RarityError`] when the program was built from a damaged table.
    pub fn built_in() -> Result<Self, RarityError> {
        Self::parse(BUILT_IN)
    }

    /// The table of words that were counted elsewhere, in so many listings. Of more than
    /// [`Self::MOST_WORDS`] the commonest are kept.
    #[must_use]
    pub fn of_counts(listings: u64, counts: impl IntoIterator<Item = (String, u64)>) -> Self {
        let fits = |(word, _): &(String, u64)| word.len() <= Self::LONGEST_WORD;
        let mut counts: Vec<(String, u64)> = counts.into_iter().filter(fits).collect();
        counts.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
        let forgotten = counts.get(Self::MOST_WORDS).map_or(0, |(_, count)| *count);
        counts.truncate(Self::MOST_WORDS);
        Self {
            counts: counts.into_iter().collect(),
            listings,
            forgotten,
        }
    }

    /// Whether it has learnt from enough listings to say anything.
    #[must_use]
    pub fn is_enough(&self) -> bool {
        self.listings >= Self::ENOUGH
    }

    /// Learns from the title of one more listing.
    pub fn learn(&mut self, title: &str) {
        self.listings += 1;
        let cut = Cut::of(title);
        for word in cut.words.iter().collect::<BTreeSet<_>>() {
            if word.len() > Self::LONGEST_WORD {
                continue;
            }
            match self.counts.get_mut(word) {
                Some(count) => *count += 1,
                None => {
                    self.counts.insert(word.clone(), 1);
                }
            }
        }
        if self.counts.len() > Self::MOST_WORDS {
            self.forget();
        }
    }

    /// Forgets the rarest words, until a quarter of the room is free.
    fn forget(&mut self) {
        while self.counts.len() > Self::MOST_WORDS / 4 * 3 {
            let least = self.counts.values().copied().min().unwrap_or_default();
            self.forgotten = self.forgotten.max(least);
            self.counts.retain(|_, count| *count > least);
        }
    }

    /// How many listings were learnt from.
    #[must_use]
    pub fn listings(&self) -> u64 {
        self.listings
    }

    /// How rare a word is, in lower case: 1 when no listing has it, towards 0 when all have. Nothing
    /// before a thousand listings were learnt from.
    #[must_use]
    pub fn of(&self, word: &str) -> Option<f64> {
        if !self.is_enough() {
            return None;
        }
        let all = self.listings as f64 + 1.0;
        let seen = self.counts.get(word).copied().unwrap_or_default() as f64;
        Some((all / (seen + 1.0)).ln() / all.ln())
    }

    /// The table as text, for keeping it: [`Self::parse`] reads it.
    #[must_use]
    pub fn to_text(&self) -> String {
        let mut words: Vec<(&String, &u64)> = self.counts.iter().collect();
        words.sort_by(|a, b| b.1.cmp(a.1).then(a.0.cmp(b.0)));
        let mut out = format!(",{}\n,{}\n", self.listings, self.forgotten);
        for (word, count) in words {
            // Writing to a string cannot fail.
            let _ = writeln!(out, "{word},{count}");
        }
        out
    }

    /// Reads [`Self::to_text`]. Of longer tables the beginning is taken.
    ///
    /// # Errors
    /// [`RarityError`] names the first line that is none.
    pub fn parse(table: &str) -> Result<Self, RarityError> {
        let mut out = Self::default();
        for (at, line) in table.lines().take(Self::MOST_WORDS + 2).enumerate() {
            let read = line
                .rsplit_once(',')
                .and_then(|(word, count)| Some((word, count.parse().ok()?)));
            match (at, read) {
                (0, Some(("", listings))) => out.listings = listings,
                (1, Some(("", forgotten))) => out.forgotten = forgotten,
                (2.., Some((word, count))) if !word.is_empty() => {
                    out.counts.insert(word.to_owned(), count);
                }
                _ => return Err(RarityError { line: at + 1 }),
            }
        }
        Ok(out)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_many_listings_are_less_rare() {
        let mut table = Rarity::new();
        assert_eq!(table.of("leather"), None);
        for n in 0..2_000 {
            let bag = if n % 2 == 0 { "Leather" } else { "canvas" };
            table.learn(&format!("{bag} bag number{n} bag"));
        }
        let of = |word: &str| table.of(word).expect("enough was learnt");
        assert!(of("bag") < 0.01, "a word counts once a listing");
        assert!(of("leather") > of("bag") && of("leather") < 0.2);
        assert!(of("number7") > 0.8);
        assert!((of("aria") - 1.0).abs() < 1e-9);
    }

    #[test]
    fn memory_is_bounded_and_common_words_are_kept() {
        let mut table = Rarity::new();
        for n in 0..120_000u32 {
            table.learn(&format!("bag w{n}"));
        }
        assert!(table.counts.len() <= Rarity::MOST_WORDS);
        assert!(table.of("bag").is_some_and(|r| r < 0.01));
        table.learn(&"x".repeat(10 << 20));
        assert!(table.counts.keys().all(|w| w.len() <= Rarity::LONGEST_WORD));
    }

    #[test]
    fn a_table_comes_back_from_its_text_and_a_damaged_one_is_refused() {
        let mut table = Rarity::new();
        for title in ["Velora bag", "bag \"of, commas\"", "時計"] {
            table.learn(title);
        }
        assert_eq!(Rarity::parse(&table.to_text()), Ok(table));
        for (damaged, line) in [("bag,1\n", 1), (",5\n,0\nbag\n", 3), (",5\n,0\nbag,x", 3)] {
            assert_eq!(Rarity::parse(damaged), Err(RarityError { line }));
        }
        assert!(
            Rarity::built_in()
                .expect("whole")
                .of("black")
                .is_some_and(|r| r < 0.5)
        );
    }
}
