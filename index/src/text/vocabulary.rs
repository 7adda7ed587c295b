//! The words of the catalog's names, numbered and weighed, so that a title is held against many
//! products without comparing letters.

use std::collections::HashMap;

use super::lookalike;
use super::words::{Cut, CutProduct, Word, is_filler};

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
    /// For each brand the words of all its products, sorted.
    brands: Vec<Vec<u32>>,
}

impl Vocabulary {
    /// Numbers the words of a catalog whose products have these brands.
    pub(super) fn build(catalog: &[CutProduct], brands: &[usize]) -> (Self, Vec<Product>) {
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
            .map(|&c| (1.0 + all / f64::from(c.max(1))).ln() / (1.0 + all).ln())
            .collect();
        for product in &mut products {
            product.rarity = product.name.iter().map(|&n| out.rarity(n)).sum();
        }
        (out, products)
    }

    /// The number of a title's word, also when it is disguised.
    pub(super) fn number(&self, word: &Word) -> Option<u32> {
        self.numbers.get(&word.text).copied().or_else(|| {
            (word.text.len() >= SHORTEST_FOLDED)
                .then(|| self.folded.get(&lookalike::fold_all(&word.text)).copied())
                .flatten()
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
