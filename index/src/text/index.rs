//! The catalog's words, searchable in a listing's text.

use std::collections::BTreeSet;

use tantivy::TantivyError;

use super::evidence::{CatalogProduct, TextMatch, TextSignal};
use super::find;
use super::grammar::{Grammar, GrammarError};
use super::judge::{self, Product, Subject};
use super::lookalike;
use super::normalise::normalise;
use super::terms::{TermKind, Terms};
use super::word_index::WordIndex;
use super::words::words;

/// A brand with more products than this proposes none by itself; the word index picks among them.
const BRAND_PRODUCTS: usize = 200;

/// Why the text index could not be built or asked.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TextIndexError {
    /// The word index failed.
    #[error(
        "cannot {action} the catalog's word index in memory: {source}; this is a fault of the \
         program or of its memory, please report it"
    )]
    Words {
        /// What was tried: "build" or "search".
        action: &'static str,
        /// What the search library said.
        source: TantivyError,
    },
    /// The term automaton could not be built.
    #[error(
        "cannot build the automaton over the names and model numbers of {products} products: \
         {source}; split the catalog"
    )]
    Terms {
        /// How many products there were.
        products: usize,
        /// What the automaton's builder said.
        source: aho_corasick::BuildError,
    },
    /// The tables of coded terms and accessory grammar that are built in are damaged.
    #[error(
        "cannot read the built-in tables: {source}; this is a fault of the program, please report it"
    )]
    Tables {
        /// What is wrong with them.
        #[from]
        source: GrammarError,
    },
}

/// The catalog's brands, names and model numbers, searchable in a listing's text. Built in one go
/// and then fixed: when the catalog changes, build another.
pub struct CatalogTextIndex {
    products: Vec<Product>,
    terms: Terms,
    grammar: Grammar,
    words: WordIndex,
}

impl std::fmt::Debug for CatalogTextIndex {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("CatalogTextIndex")
            .field("products", &self.products.len())
            .field("terms", &self.terms.terms.len())
            .finish_non_exhaustive()
    }
}

impl CatalogTextIndex {
    /// Builds the index in memory.
    ///
    /// # Errors
    /// [`TextIndexError`] when the word index or the term automaton cannot be built.
    pub fn build(
        products: impl IntoIterator<Item = CatalogProduct>,
    ) -> Result<Self, TextIndexError> {
        let catalog: Vec<CatalogProduct> = products.into_iter().collect();
        let terms = Terms::build(&catalog).map_err(|source| TextIndexError::Terms {
            products: catalog.len(),
            source,
        })?;
        let words = WordIndex::build(&catalog).map_err(|source| TextIndexError::Words {
            action: "build",
            source,
        })?;
        Ok(Self {
            products: judge::products(&catalog),
            terms,
            grammar: Grammar::new()?,
            words,
        })
    }

    /// How many products the index holds.
    #[must_use]
    pub fn len(&self) -> usize {
        self.products.len()
    }

    /// Whether the index holds no product.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.products.is_empty()
    }

    /// The products a listing's text may be about, best first, at most `limit`. Offsets in the
    /// answer are bytes of `title`. Of texts over 16 KiB the beginning is read.
    ///
    /// # Errors
    /// [`TextIndexError::Words`] when the word index fails.
    pub fn search(
        &self,
        title: &str,
        description: Option<&str>,
        limit: usize,
    ) -> Result<Vec<TextMatch>, TextIndexError> {
        let text = normalise(title);
        let title_words = words(&text);
        let mentions = find::mentions(&self.terms, &text, &title_words);
        let mut signals = self.grammar.signals(&text, false);
        let mut described = Vec::new();
        if let Some(description) = description {
            let text = normalise(description);
            let more = self.grammar.signals(&text, true);
            signals.extend(
                more.into_iter()
                    .filter(|s| matches!(s, TextSignal::Coded { .. })),
            );
            described = find::mentions(&self.terms, &text, &[]);
        }

        let mut proposed: BTreeSet<usize> = BTreeSet::new();
        for mention in mentions.iter().chain(&described) {
            let term = &self.terms.terms[mention.term];
            if term.kind == TermKind::Model || term.products.len() <= BRAND_PRODUCTS {
                proposed.extend(term.products.iter().take(BRAND_PRODUCTS));
            }
        }
        proposed.extend(self.words.propose(&title_words).map_err(|source| {
            TextIndexError::Words {
                action: "search",
                source,
            }
        })?);

        let subject = Subject {
            raw: title,
            text: &text,
            words: &title_words,
            folded: title_words
                .iter()
                .map(|w| lookalike::fold_all(&w.text))
                .collect(),
            mentions: &mentions,
            described: &described,
            signals: &signals,
        };
        let mut out: Vec<TextMatch> = proposed
            .into_iter()
            .filter_map(|place| {
                let product = self.products.get(place)?;
                judge::judge(place, product, &self.terms, &self.grammar, &subject)
            })
            .collect();
        out.sort_by(|a, b| b.score.total_cmp(&a.score).then(a.product.cmp(&b.product)));
        out.truncate(limit);
        Ok(out)
    }
}
