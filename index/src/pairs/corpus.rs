//! The records' texts, cut up once, with how rare each word is among them.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::record::Record;
use super::tokens::Tokens;

/// Letters of a piece of text that is compared as such.
const GRAM: usize = 3;

/// A text with its words and pieces weighed.
#[derive(Debug, Default)]
pub(super) struct View {
    pub tokens: Tokens,
    /// Its words, each once, by number.
    pub words: BTreeSet<u32>,
    /// Its pieces of three letters, with their weights; the weights' squares sum to 1.
    pub grams: BTreeMap<u32, f32>,
}

/// A record, cut up.
#[derive(Debug, Default)]
pub(super) struct Prepared {
    /// Its first field: a name or title.
    pub name: View,
    /// All its fields but the price.
    pub all: View,
    /// What stands behind the name.
    pub more: View,
    pub brand: String,
    pub number: String,
    pub category: Tokens,
    pub price: Option<f32>,
}

/// How rare words and pieces are among the records.
#[derive(Debug, Default)]
pub(super) struct Corpus {
    words: HashMap<String, u32>,
    texts: Vec<String>,
    word_counts: Vec<u32>,
    grams: HashMap<[char; GRAM], u32>,
    gram_counts: Vec<u32>,
    records: u32,
}

impl Corpus {
    /// Learns from records, each counted once.
    pub(super) fn learn<'a>(&mut self, records: impl IntoIterator<Item = &'a Record>) {
        for record in records {
            self.records += 1;
            let tokens = Tokens::of(&joined(record, 0));
            for word in tokens.words.iter().collect::<BTreeSet<_>>() {
                let number = self.word(word) as usize;
                self.word_counts[number] += 1;
            }
            for gram in grams(&tokens.squeezed).into_keys() {
                let number = self.gram(gram) as usize;
                self.gram_counts[number] += 1;
            }
        }
    }

    fn word(&mut self, word: &str) -> u32 {
        if let Some(&known) = self.words.get(word) {
            return known;
        }
        self.words.insert(word.to_owned(), self.texts.len() as u32);
        self.texts.push(word.to_owned());
        self.word_counts.push(0);
        self.texts.len() as u32 - 1
    }

    fn gram(&mut self, gram: [char; GRAM]) -> u32 {
        let next = self.gram_counts.len() as u32;
        let known = *self.grams.entry(gram).or_insert(next);
        if known == next {
            self.gram_counts.push(0);
        }
        known
    }

    fn rare(&self, count: u32) -> f32 {
        let all = self.records as f32 + 1.0;
        (all / (count as f32 + 0.5)).ln().max(0.01) / all.ln().max(1.0)
    }

    /// How rare a word is: about 1 when one record has it, towards 0 when all have.
    pub(super) fn rarity(&self, word: u32) -> f32 {
        self.rare(
            self.word_counts
                .get(word as usize)
                .copied()
                .unwrap_or_default(),
        )
    }

    /// The word itself.
    pub(super) fn text(&self, word: u32) -> &str {
        self.texts.get(word as usize).map_or("", String::as_str)
    }

    fn view(&mut self, text: &str) -> View {
        let tokens = Tokens::of(text);
        let words = tokens.words.iter().map(|w| self.word(w)).collect();
        let counted = grams(&tokens.squeezed);
        let mut weights: BTreeMap<u32, f32> = BTreeMap::new();
        for (gram, count) in counted {
            let number = self.gram(gram);
            let rarity = self.rare(self.gram_counts[number as usize]);
            weights.insert(number, (1.0 + (count as f32).ln()) * rarity);
        }
        let norm = weights
            .values()
            .map(|w| w * w)
            .sum::<f32>()
            .sqrt()
            .max(1e-9);
        weights.values_mut().for_each(|w| *w /= norm);
        View {
            tokens,
            words,
            grams: weights,
        }
    }

    /// Cuts a record up.
    pub(super) fn prepare(&mut self, record: &Record) -> Prepared {
        let field = |names: &[&str]| {
            names
                .iter()
                .find_map(|n| record.field(n))
                .unwrap_or_default()
        };
        let squeezed = |text: &str| Tokens::of(text).squeezed;
        let first = record
            .fields
            .first()
            .map_or("", |(_, value)| value.as_str());
        let (name, rest) = quoted(first);
        let more = format!("{rest} {}", joined(record, 1));
        Prepared {
            name: self.view(name),
            all: self.view(&joined(record, 0)),
            more: self.view(&more),
            brand: squeezed(field(&["brand", "manufacturer"])),
            number: squeezed(field(&["modelno", "model", "mpn", "model_number"])),
            category: Tokens::of(field(&["category"])),
            price: field(&["price"])
                .replace(['$', ','], "")
                .trim()
                .parse()
                .ok()
                .filter(|p| *p > 0.0),
        }
    }
}

/// A name that stands in quotation marks, and what follows it: a page's title behind a product's.
fn quoted(text: &str) -> (&str, &str) {
    let inner = text
        .trim_start()
        .strip_prefix('"')
        .and_then(|t| t.split_once('"'));
    match inner {
        Some((name, rest)) if name.trim().len() > 3 => (name, rest),
        _ => (text, ""),
    }
}

/// The fields but the price and the category, from one on.
fn joined(record: &Record, from: usize) -> String {
    let fields = record.fields.iter().skip(from);
    let told = fields.filter(|(name, _)| name != "price" && name != "category");
    told.map(|(_, value)| value.as_str())
        .collect::<Vec<_>>()
        .join(" ")
}

fn grams(squeezed: &str) -> BTreeMap<[char; GRAM], u32> {
    let chars: Vec<char> = squeezed.chars().take(600).collect();
    let mut out = BTreeMap::new();
    for gram in chars
        .windows(GRAM)
        .filter_map(|w| <[char; GRAM]>::try_from(w).ok())
    {
        *out.entry(gram).or_default() += 1;
    }
    out
}
