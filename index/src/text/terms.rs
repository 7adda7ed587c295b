//! The catalog's brands, aliases and model numbers, ready to be searched for.

use std::collections::HashMap;

use aho_corasick::{AhoCorasick, BuildError, MatchKind};

use super::CatalogProduct;
use super::lookalike;
use super::near::{MaskIndex, PartIndex, SlipIndex};
use super::words::{Cut, CutProduct, is_cjk};

/// Shorter folded terms are no evidence: too many words look like them.
const SHORTEST_FOLDED: usize = 4;
/// More pieces than this no model number is put together from.
const MOST_PIECES: usize = 12;

/// What a term is to its products.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum TermKind {
    Brand,
    Alias,
    Model,
}

/// A brand name, another name or a model number.
#[derive(Debug, Clone)]
pub(crate) struct Term {
    /// As the catalog writes it.
    pub shown: String,
    pub kind: TermKind,
    /// Its letters and digits in the plain spelling.
    pub squeezed: Vec<char>,
    /// How many words it has.
    pub words: usize,
    /// The products it stands for, by their place in the catalog.
    pub products: Vec<usize>,
    /// Terms of the same brand have the same number.
    pub brand: usize,
    /// Its words in the plain spelling.
    pub parts: Vec<String>,
}

impl Term {
    /// Whether it is written in Latin letters, so that look-alikes and slips make sense.
    pub(crate) fn is_latin(&self) -> bool {
        self.squeezed.iter().all(char::is_ascii)
    }
}

/// The terms of one product alone.
pub(crate) fn terms_of(product: &CatalogProduct) -> Vec<Term> {
    collected(std::slice::from_ref(product), &[CutProduct::of(product)]).0
}

/// All terms of a catalog.
#[derive(Debug)]
pub(super) struct Terms {
    pub terms: Vec<Term>,
    /// For each product the number of its brand.
    pub brands: Vec<usize>,
    /// Over the squeezed brands and aliases.
    pub exact: AhoCorasick,
    /// For each pattern of `exact` its place in `terms`.
    pub exact_terms: Vec<usize>,
    /// Over the folded brands and aliases.
    pub folded: AhoCorasick,
    /// For each pattern of `folded` its place in `terms`.
    pub folded_terms: Vec<usize>,
    /// The squeezed model numbers.
    pub models: HashMap<String, usize>,
    /// The longest model number in bytes, and the most pieces one may be written in.
    pub longest_model: usize,
    pub model_pieces: usize,
    /// Latin names that are searched for with slips and masks.
    pub near: Vec<NearKey>,
    /// The same, by what is left of them when letters are wrong.
    pub slips: SlipIndex,
    /// The same, by the letters that a mask leaves.
    pub masks: MaskIndex,
    /// The same, by their words.
    pub parts: PartIndex,
}

/// What tells most names apart from a word without comparing letter by letter.
#[derive(Debug, Clone, Copy)]
pub(super) struct NearKey {
    pub length: usize,
    /// The set of its letters, see [`letter_set`].
    pub letters: u64,
    /// The term's place in [`Terms::terms`].
    pub term: usize,
}

/// The set of letters and digits of a word, one bit each.
pub(super) fn letter_set(word: &[char]) -> u64 {
    word.iter().fold(0, |set, &ch| {
        set | match ch {
            'a'..='z' => 1u64 << (ch as u32 - 'a' as u32),
            '0'..='9' => 1u64 << (26 + ch as u32 - '0' as u32),
            _ => 1u64 << 40,
        }
    })
}

/// Whether a model number is long enough to mean the model wherever it stands.
fn is_distinctive(model: &[char]) -> bool {
    let digits = model.iter().filter(|c| c.is_ascii_digit()).count();
    digits > 0 && model.len() >= if digits == model.len() { 5 } else { 4 }
}

/// Whether a brand or alias is long enough to be searched for.
fn is_searchable(name: &[char]) -> bool {
    name.len() >= 3 || (name.len() == 2 && name.iter().all(|&c| is_cjk(c) || c.is_ascii()))
}

impl Terms {
    /// Collects the terms of a catalog, which comes as it is and cut up.
    pub(super) fn build(
        products: &[CatalogProduct],
        cut: &[CutProduct],
    ) -> Result<Self, BuildError> {
        let (terms, brands) = collected(products, cut);
        let text = |place: &usize| terms[*place].squeezed.iter().collect::<String>();
        let named = |place: &usize| terms[*place].kind != TermKind::Model;
        let names: Vec<usize> = (0..terms.len()).filter(named).collect();
        let automaton = |patterns: Vec<String>| {
            let builder = AhoCorasick::builder()
                .match_kind(MatchKind::Standard)
                .clone();
            builder.build(patterns)
        };
        let exact = automaton(names.iter().map(text).collect())?;
        let latin: Vec<usize> = names
            .iter()
            .copied()
            .filter(|&at| terms[at].is_latin())
            .collect();
        let long = |place: &usize| terms[*place].squeezed.len() >= SHORTEST_FOLDED;
        let folded_terms: Vec<usize> = latin.iter().copied().filter(long).collect();
        let folded = automaton(
            folded_terms
                .iter()
                .map(|at| lookalike::fold_all(&text(at)))
                .collect(),
        )?;
        let near: Vec<NearKey> = latin
            .iter()
            .map(|&term| (term, &terms[term].squeezed))
            .filter(|(_, squeezed)| squeezed.len() >= 3)
            .map(|(term, squeezed)| NearKey {
                length: squeezed.len(),
                letters: letter_set(squeezed),
                term,
            })
            .collect();
        let squeezed = || near.iter().map(|key| terms[key.term].squeezed.as_slice());
        let models = || {
            terms
                .iter()
                .enumerate()
                .filter(|(_, t)| t.kind == TermKind::Model)
        };
        let pieces =
            models().map(|(_, t)| t.words + 2 + t.squeezed.iter().filter(|c| is_cjk(**c)).count());
        Ok(Self {
            model_pieces: pieces.max().unwrap_or_default().min(MOST_PIECES),
            models: models().map(|(place, _)| (text(&place), place)).collect(),
            longest_model: models()
                .map(|(place, _)| text(&place).len())
                .max()
                .unwrap_or_default(),
            slips: SlipIndex::build(squeezed()),
            masks: MaskIndex::build(squeezed()),
            parts: PartIndex::build(&terms, near.iter().map(|key| key.term)),
            terms,
            brands,
            exact,
            exact_terms: names,
            folded,
            folded_terms,
            near,
        })
    }
}

/// The terms of a catalog, and for each product the number of its brand.
fn collected(products: &[CatalogProduct], cut: &[CutProduct]) -> (Vec<Term>, Vec<usize>) {
    let mut terms: Vec<Term> = Vec::new();
    let mut known: HashMap<(TermKind, &str), usize> = HashMap::new();
    let mut brands: HashMap<&str, usize> = HashMap::new();
    let mut of_products = Vec::with_capacity(products.len());
    for (at, (product, cut)) in products.iter().zip(cut).enumerate() {
        let next = brands.len();
        let brand = *brands.entry(&cut.brand.squeezed).or_insert(next);
        of_products.push(brand);
        let aliases = product.aliases.iter().zip(&cut.aliases);
        let models = product.model_numbers.iter().zip(&cut.models);
        let named = std::iter::once((TermKind::Brand, (&product.brand, &cut.brand)))
            .chain(aliases.map(|a| (TermKind::Alias, a)))
            .chain(models.map(|m| (TermKind::Model, m)));
        for (kind, (shown, cut)) in named {
            let place = match known.get(&(kind, cut.squeezed.as_str())) {
                Some(&place) => place,
                None => {
                    let Some(term) = term(kind, shown, cut, brand) else {
                        continue;
                    };
                    terms.push(term);
                    known.insert((kind, &cut.squeezed), terms.len() - 1);
                    terms.len() - 1
                }
            };
            let term = &mut terms[place];
            if term.products.last() != Some(&at) {
                term.products.push(at);
            }
        }
    }
    (terms, of_products)
}

/// A term, when it is long enough to be searched for.
fn term(kind: TermKind, shown: &str, cut: &Cut, brand: usize) -> Option<Term> {
    let squeezed: Vec<char> = cut.squeezed.chars().collect();
    let useful = match kind {
        TermKind::Model => is_distinctive(&squeezed),
        TermKind::Brand | TermKind::Alias => is_searchable(&squeezed),
    };
    useful.then(|| Term {
        shown: shown.trim().to_owned(),
        kind,
        squeezed,
        words: cut
            .words
            .iter()
            .filter(|w| !w.chars().all(is_cjk))
            .count()
            .max(1),
        products: Vec::new(),
        brand,
        parts: cut.words.clone(),
    })
}
