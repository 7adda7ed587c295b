//! The catalog's brands, aliases and model numbers, ready to be searched for.

use std::collections::HashMap;

use aho_corasick::{AhoCorasick, BuildError, MatchKind};

use super::CatalogProduct;
use super::lookalike;
use super::normalise::normalise;
use super::words::{is_cjk, words};

/// Shorter folded terms are no evidence: too many words look like them.
const SHORTEST_FOLDED: usize = 4;

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

/// All terms of a catalog.
#[derive(Debug)]
pub(crate) struct Terms {
    pub terms: Vec<Term>,
    /// For each product the number of its brand.
    pub brands: Vec<usize>,
    /// Over the squeezed terms; pattern ids are places in `terms`.
    pub exact: AhoCorasick,
    /// Over the folded terms.
    pub folded: AhoCorasick,
    /// For each pattern of `folded` its place in `terms`.
    pub folded_terms: Vec<usize>,
    /// Latin names that are searched for with slips and masks, by length.
    pub near: Vec<NearKey>,
    /// Each word of the Latin names, with the terms it is part of.
    pub parts: HashMap<String, Vec<usize>>,
    /// Initials and consonants, with the terms they may stand for.
    pub short_forms: HashMap<String, Vec<usize>>,
}

/// What tells most names apart from a word without comparing letter by letter.
#[derive(Debug, Clone, Copy)]
pub(crate) struct NearKey {
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

/// How a name is abbreviated: the initials of its words, and its consonants.
pub(crate) fn short_forms(term: &Term) -> Vec<String> {
    let mut out = Vec::new();
    let words: Vec<&String> = term.parts.iter().filter(|p| p.len() > 1).collect();
    if words.len() >= 2 {
        out.push(words.iter().filter_map(|w| w.chars().next()).collect());
    }
    if let [only] = term.parts.as_slice()
        && only.len() >= 4
    {
        let mut consonants: String = only.chars().filter(|c| !"aeiou".contains(*c)).collect();
        if only.starts_with(['a', 'e', 'i', 'o', 'u']) {
            out.push(consonants.clone());
            consonants.insert_str(0, &only[..1]);
        }
        if consonants.len() < only.len() {
            out.push(consonants);
        }
    }
    out.retain(|form| form.len() >= 2);
    out
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
    /// Collects the terms of a catalog.
    pub(crate) fn build(products: &[CatalogProduct]) -> Result<Self, BuildError> {
        let mut terms: Vec<Term> = Vec::new();
        let mut known: HashMap<(TermKind, Vec<char>), usize> = HashMap::new();
        let mut brands: HashMap<Vec<char>, usize> = HashMap::new();
        let mut of_products = Vec::with_capacity(products.len());
        for (at, product) in products.iter().enumerate() {
            let brand_key: Vec<char> = normalise(&product.brand).squeezed.text.chars().collect();
            let next = brands.len();
            let brand = *brands.entry(brand_key).or_insert(next);
            of_products.push(brand);
            let named = std::iter::once((TermKind::Brand, &product.brand))
                .chain(product.aliases.iter().map(|a| (TermKind::Alias, a)))
                .chain(product.model_numbers.iter().map(|m| (TermKind::Model, m)));
            for (kind, shown) in named {
                let normalised = normalise(shown);
                let squeezed: Vec<char> = normalised.squeezed.text.chars().collect();
                let useful = match kind {
                    TermKind::Model => is_distinctive(&squeezed),
                    TermKind::Brand | TermKind::Alias => is_searchable(&squeezed),
                };
                if !useful {
                    continue;
                }
                let place = *known
                    .entry((kind, squeezed.clone()))
                    .or_insert_with(|| terms.len());
                if place == terms.len() {
                    terms.push(Term {
                        shown: shown.trim().to_owned(),
                        kind,
                        squeezed,
                        words: words(&normalised)
                            .iter()
                            .filter(|w| !w.text.chars().all(is_cjk))
                            .count()
                            .max(1),
                        products: Vec::new(),
                        brand,
                        parts: words(&normalised).into_iter().map(|w| w.text).collect(),
                    });
                }
                let term = &mut terms[place];
                if term.products.last() != Some(&at) {
                    term.products.push(at);
                }
            }
        }
        let text = |term: &Term| term.squeezed.iter().collect::<String>();
        let exact = AhoCorasick::builder()
            .match_kind(MatchKind::Standard)
            .build(terms.iter().map(text))?;
        let (mut patterns, mut folded_terms) = (Vec::new(), Vec::new());
        for (place, term) in terms.iter().enumerate() {
            if term.kind != TermKind::Model
                && term.is_latin()
                && term.squeezed.len() >= SHORTEST_FOLDED
            {
                patterns.push(lookalike::fold_all(&text(term)));
                folded_terms.push(place);
            }
        }
        let folded = AhoCorasick::builder()
            .match_kind(MatchKind::Standard)
            .build(patterns)?;
        let mut near = Vec::new();
        let mut parts: HashMap<String, Vec<usize>> = HashMap::new();
        let mut short: HashMap<String, Vec<usize>> = HashMap::new();
        for (place, term) in terms.iter().enumerate() {
            if term.kind == TermKind::Model || !term.is_latin() || term.squeezed.len() < 3 {
                continue;
            }
            near.push(NearKey {
                length: term.squeezed.len(),
                letters: letter_set(&term.squeezed),
                term: place,
            });
            for part in &term.parts {
                parts.entry(part.clone()).or_default().push(place);
            }
            for form in short_forms(term) {
                short.entry(form).or_default().push(place);
            }
        }
        near.sort_by_key(|key| key.length);
        Ok(Self {
            terms,
            brands: of_products,
            exact,
            folded,
            folded_terms,
            near,
            parts,
            short_forms: short,
        })
    }
}
