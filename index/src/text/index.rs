//! The catalog's words, searchable in a listing's text.

use std::collections::{BTreeSet, HashMap};

use tantivy::collector::TopDocs;
use tantivy::query::{BooleanQuery, Occur, Query, TermQuery};
use tantivy::schema::{
    Field, INDEXED, IndexRecordOption, STORED, Schema, TextFieldIndexing, TextOptions, Value,
};
use tantivy::tokenizer::{TextAnalyzer, WhitespaceTokenizer};
use tantivy::{Index, IndexReader, ReloadPolicy, TantivyDocument, TantivyError};

use super::evidence::{CatalogProduct, Hit, TextMatch, TextSignal, Trick};
use super::find::{self, Mention};
use super::grammar::{Grammar, GrammarError};
use super::lookalike;
use super::normalise::{Normalised, TrickSet, normalise};
use super::terms::{TermKind, Terms};
use super::words::{Word, is_filler, words};

/// Products that the word index proposes for one title.
const PROPOSED: usize = 40;
/// A brand with more products than this proposes none by itself; the word index picks among them.
const BRAND_PRODUCTS: usize = 200;
/// Words of a title that the word index is asked for.
const ASKED_WORDS: usize = 48;
/// Without brand and model number, a title must have this share of the product's name.
const NAME_ALONE: f64 = 0.5;

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

/// A word of a product's name.
#[derive(Debug)]
struct NameWord {
    text: String,
    folded: String,
    /// Rarer words weigh more.
    weight: f64,
}

#[derive(Debug)]
struct Product {
    id: i64,
    name_words: Vec<NameWord>,
    keywords: Vec<String>,
}

/// The catalog's brands, names and model numbers, searchable in a listing's text. Built in one go
/// and then fixed: when the catalog changes, build another.
pub struct CatalogTextIndex {
    products: Vec<Product>,
    terms: Terms,
    grammar: Grammar,
    reader: IndexReader,
    words: Field,
    place: Field,
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
        let products = name_words(&catalog);
        let (reader, words, place) =
            word_index(&catalog).map_err(|source| TextIndexError::Words {
                action: "build",
                source,
            })?;
        Ok(Self {
            products,
            terms,
            grammar: Grammar::new()?,
            reader,
            words,
            place,
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
        proposed.extend(
            self.by_words(&title_words)
                .map_err(|source| TextIndexError::Words {
                    action: "search",
                    source,
                })?,
        );

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
            .filter_map(|place| self.judge(place, &subject))
            .collect();
        out.sort_by(|a, b| b.score.total_cmp(&a.score).then(a.product.cmp(&b.product)));
        out.truncate(limit);
        Ok(out)
    }

    /// The products whose names share the most telling words with a title.
    fn by_words(&self, title: &[Word]) -> Result<Vec<usize>, TantivyError> {
        let distinct: BTreeSet<&str> = title
            .iter()
            .map(|w| w.text.as_str())
            .filter(|w| !is_filler(w) && w.len() <= 200)
            .take(ASKED_WORDS)
            .collect();
        let clauses: Vec<(Occur, Box<dyn Query>)> = distinct
            .into_iter()
            .map(|word| {
                let term = tantivy::Term::from_field_text(self.words, word);
                let query = TermQuery::new(term, IndexRecordOption::WithFreqs);
                (Occur::Should, Box::new(query) as Box<dyn Query>)
            })
            .collect();
        if clauses.is_empty() {
            return Ok(Vec::new());
        }
        let searcher = self.reader.searcher();
        let best = searcher.search(
            &BooleanQuery::new(clauses),
            &TopDocs::with_limit(PROPOSED).order_by_score(),
        )?;
        let mut out = Vec::with_capacity(best.len());
        for (_, address) in best {
            let document: TantivyDocument = searcher.doc(address)?;
            let place = document.get_first(self.place).and_then(|v| v.as_u64());
            out.extend(
                place
                    .and_then(|p| usize::try_from(p).ok())
                    .filter(|&p| p < self.products.len()),
            );
        }
        Ok(out)
    }

    /// What a title says about one product, if anything.
    fn judge(&self, place: usize, subject: &Subject<'_>) -> Option<TextMatch> {
        let product = &self.products[place];
        let mine = |m: &&Mention| {
            self.terms.terms[m.term]
                .products
                .binary_search(&place)
                .is_ok()
        };
        let kind = |m: &Mention| self.terms.terms[m.term].kind;
        let brand_mentions: Vec<&Mention> = subject
            .mentions
            .iter()
            .filter(mine)
            .filter(|m| kind(m) != TermKind::Model)
            .collect();
        // The surest mention, then the first.
        let brand = brand_mentions
            .iter()
            .copied()
            .min_by_key(|m| (m.doubtful, m.first));
        let models: Vec<&Mention> = subject
            .mentions
            .iter()
            .filter(mine)
            .filter(|m| kind(m) == TermKind::Model)
            .collect();
        let described = subject.described.iter().find(mine);
        let (name_coverage, name_hits) = coverage(product, subject);
        if brand.is_none() && models.is_empty() {
            let enough = if described.is_some() { 0.3 } else { NAME_ALONE };
            if name_coverage < enough || (described.is_none() && name_hits.len() < 2) {
                return None;
            }
        }

        let hit =
            |m: &Mention| subject.hit(&self.terms.terms[m.term].shown, m.first, m.last, m.tricks);
        let mut signals = subject.signals.to_vec();
        let first = brand_mentions
            .iter()
            .chain(&models)
            .map(|m| (m.first, m.last))
            .chain(name_hits.iter().map(|&(_, first, last)| (first, last)))
            .min();
        let anchors = brand_mentions
            .iter()
            .map(|m| (m.first, m.last))
            .chain(first);
        if let Some(term) = anchors.into_iter().find_map(|(a, b)| {
            self.grammar
                .accessory(subject.text, a, b, Some((a, b)) == first)
        }) {
            signals.push(TextSignal::Accessory { term });
        }
        let own = self
            .terms
            .terms
            .iter()
            .find(|t| t.products.binary_search(&place).is_ok());
        let mut others: Vec<&str> = subject
            .mentions
            .iter()
            .filter(|m| !m.doubtful && kind(m) != TermKind::Model)
            .map(|m| &self.terms.terms[m.term])
            .filter(|t| own.is_none_or(|own| own.brand != t.brand))
            .map(|t| t.shown.as_str())
            .collect();
        others.dedup();
        signals.extend(others.into_iter().map(|term| TextSignal::OtherBrand {
            term: term.to_owned(),
        }));
        if brand.is_none()
            && let Some(m) = described
        {
            signals.push(TextSignal::InDescription {
                term: self.terms.terms[m.term].shown.clone(),
            });
        }
        let played = brand_mentions
            .iter()
            .chain(&models)
            .fold(TrickSet::default(), |all, m| all.union(m.tricks));
        signals.extend(
            played
                .to_vec()
                .into_iter()
                .map(|trick| TextSignal::Trick { trick }),
        );

        let brand_hit = brand.map(hit);
        let model_hits: Vec<Hit> = models.iter().map(|m| hit(m)).collect();
        let mut hits: Vec<Hit> =
            brand_mentions
                .iter()
                .map(|m| hit(m))
                .chain(model_hits.iter().cloned())
                .chain(name_hits.iter().map(|&(term, first, last)| {
                    subject.hit(term, first, last, TrickSet::default())
                }))
                .chain(subject.keyword_hits(&product.keywords))
                .collect();
        hits.sort_by_key(|h| (h.start, h.end));
        hits.dedup_by(|a, b| a.start == b.start && a.end == b.end);

        let sure = match (brand, described) {
            (Some(m), _) if m.doubtful && !m.tricks.to_vec().contains(&Trick::Masked) => 0.35,
            (Some(_), _) => 0.5,
            (None, Some(_)) => 0.3,
            (None, None) => 0.0,
        };
        let model = if models.is_empty() { 0.0 } else { 0.6 };
        let accessory = signals
            .iter()
            .any(|s| matches!(s, TextSignal::Accessory { .. }));
        let score = (1.0 - (1.0 - sure) * (1.0 - 0.6 * name_coverage) * (1.0 - model))
            * if accessory { 0.4 } else { 1.0 };
        Some(TextMatch {
            product: product.id,
            score,
            brand_hit,
            name_coverage,
            model_hits,
            hits,
            signals,
        })
    }
}

/// A title, and all that was found in it whatever the product.
struct Subject<'a> {
    raw: &'a str,
    text: &'a Normalised,
    words: &'a [Word],
    /// The words, folded for look-alikes.
    folded: Vec<String>,
    mentions: &'a [Mention],
    described: &'a [Mention],
    signals: &'a [TextSignal],
}

impl Subject<'_> {
    fn hit(&self, term: &str, first: usize, last: usize, tricks: TrickSet) -> Hit {
        let (start, end) = self.text.raw(first, last);
        Hit {
            term: term.to_owned(),
            found: self.raw.get(start..end).unwrap_or_default().to_owned(),
            start,
            end,
            tricks: tricks.to_vec(),
        }
    }

    fn keyword_hits(&self, keywords: &[String]) -> Vec<Hit> {
        keywords
            .iter()
            .filter_map(|keyword| {
                let word = self.words.iter().find(|w| w.text == *keyword)?;
                Some(self.hit(keyword, word.first, word.last, TrickSet::default()))
            })
            .collect()
    }
}

/// Share of the name's words in the title, and where they stand.
fn coverage<'a>(
    product: &'a Product,
    subject: &Subject<'_>,
) -> (f64, Vec<(&'a str, usize, usize)>) {
    let total: f64 = product.name_words.iter().map(|w| w.weight).sum();
    if total <= 0.0 {
        return (0.0, Vec::new());
    }
    let mut found = 0.0;
    let mut places = Vec::new();
    for word in &product.name_words {
        let at = subject
            .words
            .iter()
            .position(|w| w.text == word.text)
            .or_else(|| {
                // Disguised; short words look like too much.
                (word.folded.len() >= 4)
                    .then(|| subject.folded.iter().position(|f| *f == word.folded))
                    .flatten()
            });
        if let Some(at) = at {
            found += word.weight;
            let hit = &subject.words[at];
            places.push((word.text.as_str(), hit.first, hit.last));
        }
    }
    (found / total, places)
}

/// The words of the products' names without the brands', weighed by how rare they are in the catalog.
fn name_words(catalog: &[CatalogProduct]) -> Vec<Product> {
    let texts = |s: &str| -> Vec<String> {
        let mut seen = BTreeSet::new();
        words(&normalise(s))
            .into_iter()
            .map(|w| w.text)
            .filter(|w| seen.insert(w.clone()))
            .collect()
    };
    let names: Vec<Vec<String>> = catalog
        .iter()
        .map(|p| {
            let brand = texts(&p.brand);
            texts(&p.name)
                .into_iter()
                .filter(|w| !is_filler(w) && !brand.contains(w))
                .collect()
        })
        .collect();
    let mut frequency: HashMap<&str, f64> = HashMap::new();
    for word in names.iter().flatten() {
        *frequency.entry(word).or_default() += 1.0;
    }
    let n = catalog.len() as f64;
    catalog
        .iter()
        .zip(&names)
        .map(|(product, name)| Product {
            id: product.id,
            name_words: name
                .iter()
                .map(|word| NameWord {
                    text: word.clone(),
                    folded: lookalike::fold_all(word),
                    weight: (1.0 + n / frequency.get(word.as_str()).copied().unwrap_or(1.0)).ln(),
                })
                .collect(),
            keywords: product.keywords.iter().flat_map(|k| texts(k)).collect(),
        })
        .collect()
}

/// The word index: one document a product, its words already cut.
fn word_index(catalog: &[CatalogProduct]) -> Result<(IndexReader, Field, Field), TantivyError> {
    let mut schema = Schema::builder();
    let cut = TextFieldIndexing::default()
        .set_tokenizer("cut")
        .set_index_option(IndexRecordOption::WithFreqs);
    let words_field =
        schema.add_text_field("words", TextOptions::default().set_indexing_options(cut));
    let place = schema.add_u64_field("place", INDEXED | STORED);
    let index = Index::create_in_ram(schema.build());
    index.tokenizers().register(
        "cut",
        TextAnalyzer::builder(WhitespaceTokenizer::default()).build(),
    );
    let mut writer = index.writer_with_num_threads(1, 15_000_000)?;
    for (at, product) in catalog.iter().enumerate() {
        let mut document = TantivyDocument::default();
        let all = [&product.brand, &product.name]
            .into_iter()
            .chain(&product.aliases)
            .chain(&product.model_numbers)
            .chain(&product.keywords);
        for text in all {
            let cut: Vec<String> = words(&normalise(text))
                .into_iter()
                .map(|w| w.text)
                .collect();
            document.add_text(words_field, cut.join(" "));
        }
        document.add_u64(place, at as u64);
        writer.add_document(document)?;
    }
    writer.commit()?;
    let reader = index
        .reader_builder()
        .reload_policy(ReloadPolicy::Manual)
        .try_into()?;
    Ok((reader, words_field, place))
}
