//! Text: normalisation with offsets, and the catalog's words found in a listing's title.

mod distance;
mod evidence;
mod find;
mod grammar;
mod index;
mod judge;
mod lookalike;
mod normalise;
mod terms;
mod word_index;
mod words;

pub use evidence::{CatalogProduct, Hit, TextMatch, TextSignal, Trick};
pub use grammar::GrammarError;
pub use index::{CatalogTextIndex, TextIndexError};
pub use normalise::{Normalised, normalise};

#[cfg(test)]
mod tests;
