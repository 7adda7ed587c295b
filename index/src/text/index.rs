//! The catalog's words, searchable in a listing's text.

use std::collections::BTreeSet;

use super::evidence::{CatalogProduct, TextMatch, TextSignal};
use super::features::{Features, Title};
use super::find::{self, Quality};
use super::grammar::{Grammar, GrammarError};
use super::judge::Subject;
use super::model::{Model, ModelError};
use super::normalise::normalise;
use super::rarity::{Rarity, RarityError};
use super::siblings::{self, Placed};
use super::terms::{TermKind, Terms};
use super::vocabulary::{Product, Vocabulary};
use super::word_index::WordIndex;
use super::words::{CutProduct, words};

/// A brand with more products than this proposes none by itself; the word index picks among them.
const BRAND_PRODUCTS: usize = 200;

/// Of a name that is hardly there, so many products are considered even without a word of theirs in
/// the title: they would all be as improbable.
const DOUBTFUL_PRODUCTS: usize = 4;

/// Why the text index could not be built or asked.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TextIndexError {
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
    /// The table of word counts that is built in is damaged.
    #[error(
        "cannot read the built-in word counts: {source}; this is a fault of the program, please report it"
    )]
    Rarity {
        /// What is wrong with it.
        #[from]
        source: RarityError,
    },
    /// The fitted weights that are built in are damaged.
    #[error(
        "cannot read the built-in weights: {source}; this is a fault of the program, please report it"
    )]
    Weights {
        /// What is wrong with them.
        #[from]
        source: ModelError,
    },
}

/// What a title shows of one product, in numbers: what the weights are fitted on.
#[derive(Debug, Clone, PartialEq)]
pub struct Measured {
    /// The product's id.
    pub product: i64,
    /// One number for each of [`super::FEATURES`].
    pub features: Vec<f64>,
    /// The probability by the built-in weights.
    pub probability: f64,
}

/// From this probability on, a title concerns a product more likely than not.
pub const CONCERNS_FROM: f64 = 0.5;

/// Less probable than this is said only with a model number or the brand in the description.
const SAID_FROM: f64 = 0.2;

/// The catalog's brands, names and model numbers, searchable in a listing's text. Built in one go
/// and then fixed: when the catalog changes, build another.
pub struct CatalogTextIndex {
    products: Vec<Product>,
    terms: Terms,
    grammar: Grammar,
    words: WordIndex,
    vocabulary: Vocabulary,
    model: Model,
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
    /// Builds the index in memory, on two threads, with the table of word counts that is built in.
    ///
    /// # Errors
    /// [`TextIndexError`] when the term automaton cannot be built.
    pub fn build(
        products: impl IntoIterator<Item = CatalogProduct>,
    ) -> Result<Self, TextIndexError> {
        Self::build_with(products, &Rarity::built_in()?)
    }

    /// Builds the index with a table of word counts learnt from the listings at hand.
    ///
    /// # Errors
    /// [`TextIndexError`] when the term automaton cannot be built.
    pub fn build_with(
        products: impl IntoIterator<Item = CatalogProduct>,
        rarity: &Rarity,
    ) -> Result<Self, TextIndexError> {
        let catalog: Vec<CatalogProduct> = products.into_iter().collect();
        let cut = cut_up(&catalog);
        let (terms, words) = std::thread::scope(|scope| {
            let words = scope.spawn(|| WordIndex::build(&cut));
            let terms = Terms::build(&catalog, &cut);
            (terms, words.join())
        });
        let terms = terms.map_err(|source| TextIndexError::Terms {
            products: catalog.len(),
            source,
        })?;
        let words = words.unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        let (vocabulary, products) = Vocabulary::build(&cut, &terms.brands, rarity);
        Ok(Self {
            products,
            terms,
            grammar: Grammar::new()?,
            words,
            vocabulary,
            model: Model::new()?,
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
    #[must_use]
    pub fn search(&self, title: &str, description: Option<&str>, limit: usize) -> Vec<TextMatch> {
        self.search_for(title, description, limit, &[])
    }

    /// As [`Self::search`], and of the products in `wanted`, for which something else speaks, what
    /// the text says of them however little it speaks for them: that goods are made for a product
    /// is worth knowing when they are shown with its photo.
    #[must_use]
    pub fn search_for(
        &self,
        title: &str,
        description: Option<&str>,
        limit: usize,
        wanted: &[i64],
    ) -> Vec<TextMatch> {
        let mut out = Vec::new();
        self.weighed(title, description, |weighed, _, read, signals| {
            let subject = Subject {
                raw: title,
                terms: &self.terms,
                vocabulary: &self.vocabulary,
                signals,
            };
            let mut placed: Placed = weighed.iter().map(|w| (w.place, w.probability)).collect();
            let (products, vocabulary) = (&self.products, &self.vocabulary);
            siblings::order(&mut placed, SAID_FROM, products, vocabulary, read);
            let mut room = limit;
            placed.retain(|&(place, probability)| {
                let speaks = probability >= SAID_FROM || read.is_pointed_to(place);
                let is_said = speaks && room > 0;
                room -= usize::from(is_said);
                is_said || wanted.contains(&products[place].id)
            });
            out.extend(placed.into_iter().map(|(place, probability)| {
                subject.judge(read, place, &products[place], probability)
            }));
        });
        out
    }

    /// What a title shows of each product that it may be about, most probable first. For fitting
    /// the weights and for measuring; [`Self::search`] says the same in words.
    #[must_use]
    pub fn measure(&self, title: &str) -> Vec<Measured> {
        let mut out = Vec::new();
        self.weighed(title, None, |weighed, features, _, _| {
            out.extend(weighed.iter().map(|w| Measured {
                product: self.products[w.place].id,
                features: features[w.features].to_vec(),
                probability: w.probability,
            }));
        });
        out
    }

    /// Reads a title, weighs the products that it may be about, most probable first, and hands these,
    /// their features and the title over.
    fn weighed(
        &self,
        title: &str,
        description: Option<&str>,
        then: impl FnOnce(&[Weighed], &[Features], &mut Title<'_>, &[TextSignal]),
    ) {
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
        let mut doubtful: Vec<usize> = Vec::new();
        for mention in mentions.iter().chain(&described) {
            let term = &self.terms.terms[mention.term];
            let few = term.products.iter().take(BRAND_PRODUCTS);
            if term.kind == TermKind::Model {
                proposed.extend(few);
            } else if term.products.len() <= BRAND_PRODUCTS {
                let sure = if mention.quality > Quality::Slips {
                    BRAND_PRODUCTS
                } else {
                    DOUBTFUL_PRODUCTS
                };
                proposed.extend(few.clone().take(sure));
                doubtful.extend(few.skip(sure));
            }
        }
        proposed.extend(self.words.propose(&title_words));

        let mut read = Title::new(
            &text,
            &title_words,
            (&mentions, &described),
            &self.terms,
            &self.vocabulary,
            &self.grammar,
        );
        doubtful.retain(|&place| {
            let product = self.products.get(place);
            product.is_some_and(|product| read.has_word_of(product))
        });
        proposed.extend(doubtful);
        let mut features = Vec::with_capacity(proposed.len());
        let mut weighed = Vec::with_capacity(proposed.len());
        for place in proposed {
            let Some(product) = self.products.get(place) else {
                continue;
            };
            let shown = read.features(place, product);
            weighed.push(Weighed {
                place,
                probability: self.model.probability(&shown),
                features: features.len(),
            });
            features.push(shown);
        }
        weighed.sort_by(|a, b| {
            b.probability
                .total_cmp(&a.probability)
                .then(a.place.cmp(&b.place))
        });
        then(&weighed, &features, &mut read, &signals);
    }
}

/// The texts of a catalog, cut up on two threads.
fn cut_up(catalog: &[CatalogProduct]) -> Vec<CutProduct> {
    let (one, two) = catalog.split_at(catalog.len() / 2);
    std::thread::scope(|scope| {
        let two = scope.spawn(|| two.iter().map(CutProduct::of).collect::<Vec<_>>());
        let mut out: Vec<CutProduct> = one.iter().map(CutProduct::of).collect();
        out.extend(
            two.join()
                .unwrap_or_else(|panic| std::panic::resume_unwind(panic)),
        );
        out
    })
}

/// A product and how probably a title concerns it.
struct Weighed {
    /// Its place in the catalog.
    place: usize,
    probability: f64,
    /// The place of its features.
    features: usize,
}
