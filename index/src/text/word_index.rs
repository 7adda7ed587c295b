//! The word index: which products share the most telling words with a title.

use std::collections::BTreeSet;

use tantivy::collector::TopDocs;
use tantivy::query::{BooleanQuery, Occur, Query, TermQuery};
use tantivy::schema::{
    Field, INDEXED, IndexRecordOption, STORED, Schema, TextFieldIndexing, TextOptions, Value,
};
use tantivy::tokenizer::{TextAnalyzer, WhitespaceTokenizer};
use tantivy::{Index, IndexReader, ReloadPolicy, TantivyDocument, TantivyError};

use super::CatalogProduct;
use super::normalise::normalise;
use super::words::{Word, is_filler, words};

/// Products that are proposed for one title.
const PROPOSED: usize = 40;
/// Words of a title that are asked for.
const ASKED_WORDS: usize = 48;

/// The words of a catalog, in memory.
pub(super) struct WordIndex {
    reader: IndexReader,
    words: Field,
    place: Field,
}

impl WordIndex {
    /// Indexes one document a product, its words already cut.
    pub(super) fn build(catalog: &[CatalogProduct]) -> Result<Self, TantivyError> {
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
        Ok(Self {
            reader,
            words: words_field,
            place,
        })
    }

    /// The places in the catalog of the products whose words are the most telling in a title.
    pub(super) fn propose(&self, title: &[Word]) -> Result<Vec<usize>, TantivyError> {
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
            out.extend(place.and_then(|p| usize::try_from(p).ok()));
        }
        Ok(out)
    }
}
