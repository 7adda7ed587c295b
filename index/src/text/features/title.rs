//! A title, and what it shows of a brand.

use std::collections::HashMap;
use std::rc::Rc;

use super::super::find::{Mention, Quality};
use super::super::grammar::Grammar;
use super::super::normalise::Normalised;
use super::super::terms::{TermKind, Terms};
use super::super::vocabulary::{Product, Vocabulary};
use super::super::words::{Word, is_filler};

/// Words below this rarity stand in every other name.
const COMMON: f64 = 0.2;
/// Words run together that are taken apart.
const GLUED_WORDS: usize = 8;

/// A title, and all that was found in it whatever the product.
pub(in crate::text) struct Title<'a> {
    pub text: &'a Normalised,
    pub words: &'a [Word],
    pub mentions: &'a [Mention],
    pub described: &'a [Mention],
    pub(super) terms: &'a Terms,
    vocabulary: &'a Vocabulary,
    pub(super) grammar: &'a Grammar,
    /// For each word its number in the catalog's vocabulary.
    numbers: Vec<Option<u32>>,
    /// Whether a word says what is sold.
    telling: Vec<bool>,
    /// Numbers and places of the words, sorted.
    places: Vec<(u32, usize)>,
    pub(super) work: bool,
    /// The numbers of the words that name goods made for others.
    pub(super) goods: Vec<Option<u32>>,
    brands: HashMap<usize, Rc<BrandFacts>>,
}

/// What a title shows of one brand.
#[derive(Debug, Clone)]
pub(in crate::text) struct BrandFacts {
    /// The surest mention of the brand, then the first: its place among the mentions.
    pub best: Option<usize>,
    pub(super) fit: f64,
    /// The term that makes the goods an accessory.
    pub accessory: Option<String>,
    pub(super) before: bool,
    pub(super) others: usize,
    pub(super) strange_first: bool,
    pub(super) strange_model: bool,
    pub(super) described: bool,
}

impl<'a> Title<'a> {
    pub(in crate::text) fn new(
        text: &'a Normalised,
        words: &'a [Word],
        (mentions, described): (&'a [Mention], &'a [Mention]),
        terms: &'a Terms,
        vocabulary: &'a Vocabulary,
        grammar: &'a Grammar,
    ) -> Self {
        let numbers: Vec<Option<u32>> = words.iter().map(|w| vocabulary.number(w)).collect();
        let mut places: Vec<(u32, usize)> = numbers
            .iter()
            .enumerate()
            .filter_map(|(at, number)| Some(((*number)?, at)))
            .collect();
        // A name run together with other words hides those.
        let glued: Vec<usize> = words
            .iter()
            .enumerate()
            .filter(|(at, w)| {
                numbers[*at].is_none()
                    && mentions.iter().any(|m| {
                        m.quality == Quality::Embedded && m.first <= w.last && w.first <= m.last
                            || m.quality >= Quality::Masked
                                && (w.first < m.first && m.first <= w.last
                                    || w.first <= m.last && m.last < w.last)
                    })
            })
            .map(|(at, _)| at)
            .take(GLUED_WORDS)
            .collect();
        for at in glued {
            let segments = vocabulary.segments(&words[at].text);
            places.extend(segments.into_iter().map(|number| (number, at)));
        }
        places.sort_unstable();
        let goods = words
            .iter()
            .zip(&numbers)
            .filter(|(word, _)| grammar.is_accessory_goods(&word.text))
            .map(|(_, number)| *number)
            .collect();
        let telling = words
            .iter()
            .zip(&numbers)
            .map(|(w, number)| {
                !is_filler(&w.text)
                    && !grammar.is_selling(&w.text)
                    && (number.is_some() || !vocabulary.is_foreign(&w.text))
            })
            .collect();
        Self {
            text,
            words,
            mentions,
            described,
            terms,
            vocabulary,
            grammar,
            numbers,
            telling,
            places,
            work: words.iter().any(|w| grammar.is_work(&w.text)),
            goods,
            brands: HashMap::new(),
        }
    }

    pub(super) fn kind(&self, mention: &Mention) -> TermKind {
        self.terms.terms[mention.term].kind
    }

    /// Whether a model number in the title, or a name in the description, points to the product at a
    /// place of the catalog.
    pub(in crate::text) fn is_pointed_to(&self, place: usize) -> bool {
        let models = self
            .mentions
            .iter()
            .filter(|m| self.kind(m) == TermKind::Model);
        models.chain(self.described).any(|m| {
            self.terms.terms[m.term]
                .products
                .binary_search(&place)
                .is_ok()
        })
    }

    /// Whether a model number in the title is that of the product at a place of the catalog.
    pub(in crate::text) fn has_model_of(&self, place: usize) -> bool {
        self.mentions.iter().any(|m| {
            let term = &self.terms.terms[m.term];
            term.kind == TermKind::Model && term.products.binary_search(&place).is_ok()
        })
    }

    /// Whether the title has a word of the catalog, by its number.
    pub(in crate::text) fn has(&self, number: u32) -> bool {
        self.place(number).is_some()
    }

    /// The place of a word of the catalog in the title.
    fn place(&self, number: u32) -> Option<usize> {
        let at = self.places.partition_point(|p| p.0 < number);
        self.places.get(at).filter(|p| p.0 == number).map(|p| p.1)
    }

    /// Whether the title has a word of a product's name that not every other name has.
    pub(in crate::text) fn has_word_of(&self, product: &Product) -> bool {
        let telling = |&&number: &&u32| self.vocabulary.rarity(number) >= COMMON;
        let mut words = product.name.iter().filter(telling);
        words.any(|&number| self.place(number).is_some())
    }

    /// The words of a product's name that the title has: their numbers and places.
    pub(in crate::text) fn name_hits(&self, product: &Product) -> Vec<(u32, usize)> {
        let found = product.name.iter();
        found
            .filter_map(|&number| Some((number, self.place(number)?)))
            .collect()
    }

    /// Share of a product's name in the title, rarer words counting more, and the sum of rarities.
    pub(in crate::text) fn coverage(&self, product: &Product) -> (f64, f64) {
        if product.rarity <= 0.0 {
            return (0.0, 0.0);
        }
        let found: f64 = product
            .name
            .iter()
            .filter(|&&number| self.place(number).is_some())
            .map(|&number| self.vocabulary.rarity(number))
            .sum();
        (found / product.rarity, found)
    }

    /// How telling the title's most telling word of a product's name is, beside the name's own most
    /// telling one: 1 where it has that word, less where it has only words that other names have too.
    pub(in crate::text) fn telling(&self, product: &Product) -> f64 {
        let rarest = |most: f64, &number: &u32| most.max(self.vocabulary.rarity(number));
        let all = product.name.iter().fold(0.0, rarest);
        let found = product.name.iter().filter(|&&n| self.place(n).is_some());
        let found = found.fold(0.0, rarest);
        if all > 0.0 { found / all } else { 0.0 }
    }

    /// What the title shows of a brand.
    pub(in crate::text) fn brand(&mut self, brand: usize) -> Rc<BrandFacts> {
        if let Some(known) = self.brands.get(&brand) {
            return Rc::clone(known);
        }
        let facts = Rc::new(self.brand_facts(brand));
        self.brands.insert(brand, Rc::clone(&facts));
        facts
    }

    fn brand_facts(&self, brand: usize) -> BrandFacts {
        let own = |m: &Mention| {
            self.terms.terms[m.term].brand == brand && self.kind(m) != TermKind::Model
        };
        let mine: Vec<(usize, &Mention)> = self
            .mentions
            .iter()
            .enumerate()
            .filter(|(_, m)| own(m))
            .collect();
        let best = mine
            .iter()
            .min_by_key(|(_, m)| (std::cmp::Reverse(m.quality), m.first))
            .map(|(at, _)| *at);
        let covered = |word: &Word| {
            mine.iter()
                .any(|(_, m)| m.first <= word.last && word.first <= m.last)
        };
        let models: Vec<&Mention> = self
            .mentions
            .iter()
            .filter(|m| self.kind(m) == TermKind::Model && self.terms.terms[m.term].brand == brand)
            .collect();
        let (mut fitting, mut all) = (0.0, 0.0);
        let mut strange_first = None;
        let mut strange_model = false;
        for (at, word) in self.words.iter().enumerate() {
            if !self.telling[at] || covered(word) {
                if covered(word) {
                    strange_first.get_or_insert(false);
                }
                continue;
            }
            let number = self.numbers[at];
            let fits = number.is_some_and(|n| self.vocabulary.is_of_brand(n, brand))
                || models
                    .iter()
                    .any(|m| m.first <= word.first && word.last <= m.last);
            let is_model = is_model_like(&word.text);
            // Numbers and one letter alone say little either way.
            let plain_number = word.text.len() < 2 || word.text.bytes().all(|b| b.is_ascii_digit());
            let weight = if plain_number {
                0.25
            } else {
                number.map_or(1.0, |n| self.vocabulary.rarity(n).max(0.3))
            };
            all += weight;
            if fits {
                fitting += weight;
            } else if is_model {
                strange_model = true;
            }
            if !plain_number {
                strange_first.get_or_insert(!fits);
            }
        }
        let first = mine.iter().map(|(_, m)| m.first).min();
        let accessory = mine.iter().find_map(|(_, m)| {
            self.grammar
                .accessory(self.text, m.first, m.last, Some(m.first) == first)
        });
        let before = first.is_some_and(|first| {
            self.words
                .iter()
                .take_while(|w| w.last < first)
                .any(|w| self.grammar.is_for(&w.text))
        });
        let mut others: Vec<usize> = self
            .mentions
            .iter()
            .filter(|m| m.quality >= Quality::Disguised && self.kind(m) != TermKind::Model)
            .filter(|m| !mine.iter().any(|(_, own)| own.overlaps(m)))
            .map(|m| self.terms.terms[m.term].brand)
            .filter(|&other| other != brand)
            .collect();
        others.sort_unstable();
        others.dedup();
        BrandFacts {
            best,
            fit: if all > 0.0 { fitting / all } else { 0.0 },
            accessory,
            before,
            others: others.len(),
            strange_first: strange_first.unwrap_or(false),
            strange_model,
            described: self.described.iter().any(own),
        }
    }
}

/// Whether a word looks like a model or part number.
fn is_model_like(word: &str) -> bool {
    let digits = word.bytes().filter(u8::is_ascii_digit).count();
    let letters = word.bytes().filter(u8::is_ascii_lowercase).count();
    digits >= 2 && letters >= 1 && word.len() >= 5 || digits == word.len() && digits >= 6
}
