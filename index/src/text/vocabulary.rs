//! The words of the catalog's names, numbered and weighed, so that a title is held against many
//! products without comparing letters.

use std::collections::HashMap;

use super::lookalike;
use super::rarity::Rarity;
use super::words::{Cut, CutProduct, Word, family, is_filler};

/// Shorter words look like too much once folded.
const SHORTEST_FOLDED: usize = 4;
/// The shortest word that is looked for in words run together, and the longest of those.
const SHORTEST_SEGMENT: usize = 3;
const LONGEST_GLUED: usize = 48;

/// A product's own words.
#[derive(Debug)]
pub(super) struct Product {
    pub id: i64,
    /// The number of its brand, see [`super::terms::Terms::brands`].
    pub brand: usize,
    /// The words of its name without the brand's, in order, by their numbers.
    pub name: Vec<u32>,
    /// The sum of their rarities.
    pub rarity: f64,
    pub keywords: Vec<String>,
}

/// All words of the catalog's names.
#[derive(Debug, Default)]
pub(super) struct Vocabulary {
    numbers: HashMap<String, u32>,
    /// The same words, folded for look-alikes.
    folded: HashMap<String, u32>,
    texts: Vec<String>,
    rarities: Vec<f64>,
    /// The scripts that any of the words is written in, one bit each, see [`family`].
    families: u8,
    /// For each brand the words of all its products, sorted.
    brands: Vec<Vec<u32>>,
}

impl Vocabulary {
    /// Numbers the words of a catalog whose products have these brands.
    /// Words are as rare as among listings, or as in the catalog, whichever is less.
    pub(super) fn build(
        catalog: &[CutProduct],
        brands: &[usize],
        rarity: &Rarity,
    ) -> (Self, Vec<Product>) {
        let mut out = Self::default();
        let mut counts: Vec<u32> = Vec::new();
        let mut products = Vec::with_capacity(catalog.len());
        let most = brands.iter().max().map_or(0, |m| m + 1);
        out.brands = vec![Vec::new(); most];
        for (product, &brand) in catalog.iter().zip(brands) {
            let own = &product.brand.words;
            let mut number = |word: &String| {
                if let Some(&known) = out.numbers.get(word) {
                    return known;
                }
                let next = out.texts.len() as u32;
                out.numbers.insert(word.clone(), next);
                if word.len() >= SHORTEST_FOLDED {
                    out.folded.entry(lookalike::fold_all(word)).or_insert(next);
                }
                out.families |= word.chars().fold(0, |all, ch| all | 1 << family(ch));
                out.texts.push(word.clone());
                counts.push(0);
                next
            };
            let name: Vec<u32> = product
                .name
                .distinct()
                .filter(|w| !is_filler(w) && !own.contains(w))
                .map(&mut number)
                .collect();
            let keywords: Vec<String> = product
                .keywords
                .iter()
                .flat_map(Cut::distinct)
                .cloned()
                .collect();
            let more = product.category.iter().flat_map(Cut::distinct);
            let about = keywords.iter().chain(more).map(&mut number);
            out.brands[brand].extend(about);
            out.brands[brand].extend(&name);
            name.iter().for_each(|&n| counts[n as usize] += 1);
            products.push(Product {
                id: product.id,
                brand,
                name,
                rarity: 0.0,
                keywords,
            });
        }
        for words in &mut out.brands {
            words.sort_unstable();
            words.dedup();
        }
        // 1 for a word of one product, towards 0 for a word of all, whatever the catalog's size.
        let all = catalog.len() as f64;
        out.rarities = counts
            .iter()
            .zip(&out.texts)
            .map(|(&count, word)| {
                let here = (1.0 + all / f64::from(count.max(1))).ln() / (1.0 + all).ln();
                rarity.of(word).map_or(here, |there| here.min(there))
            })
            .collect();
        for product in &mut products {
            product.rarity = product.name.iter().map(|&n| out.rarity(n)).sum();
        }
        (out, products)
    }

    /// The number of a title's word, also when it is disguised or written in another script.
    pub(super) fn number(&self, word: &Word) -> Option<u32> {
        let text = &word.text;
        if let Some(&known) = self.numbers.get(text) {
            return Some(known);
        }
        if text.len() < SHORTEST_FOLDED {
            return None;
        }
        if let Some(&looks) = self.folded.get(&lookalike::fold_all(text)) {
            return Some(looks);
        }
        if !text.chars().all(|ch| family(ch) > 0) {
            return None;
        }
        let sounds = any_ascii::any_ascii(text).to_ascii_lowercase();
        (sounds.len() >= SHORTEST_FOLDED)
            .then(|| self.numbers.get(&sounds).copied())
            .flatten()
    }

    /// Whether a word is of a script in which the catalog has none, so that it can neither fit nor be
    /// strange.
    pub(super) fn is_foreign(&self, word: &str) -> bool {
        word.chars().all(|ch| {
            let family = family(ch);
            family > 0 && self.families & 1 << family == 0
        })
    }

    /// The words that a longer word is run together from, skipping what is none of them.
    pub(super) fn segments(&self, word: &str) -> Vec<u32> {
        let mut out = Vec::new();
        if word.len() > LONGEST_GLUED || !word.is_ascii() {
            return out;
        }
        let mut at = 0;
        while at + SHORTEST_SEGMENT <= word.len() {
            let longest = (at + SHORTEST_SEGMENT..=word.len())
                .rev()
                .find_map(|end| Some((*self.numbers.get(word.get(at..end)?)?, end)));
            match longest {
                Some((number, end)) => {
                    out.push(number);
                    at = end;
                }
                None => at += 1,
            }
        }
        out
    }

    /// How rare a word is in the catalog, 0 to 1.
    pub(super) fn rarity(&self, number: u32) -> f64 {
        self.rarities.get(number as usize).copied().unwrap_or(1.0)
    }

    /// The word itself.
    pub(super) fn text(&self, number: u32) -> &str {
        self.texts.get(number as usize).map_or("", String::as_str)
    }

    /// Whether any product of a brand has the word.
    pub(super) fn is_of_brand(&self, number: u32, brand: usize) -> bool {
        self.brands
            .get(brand)
            .is_some_and(|words| words.binary_search(&number).is_ok())
    }
}
