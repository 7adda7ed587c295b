//! Text: normalisation with offsets, and the catalog's words found in a listing's title.

mod distance;
mod evidence;
mod features;
mod find;
mod grammar;
mod index;
mod judge;
mod layered;
mod lookalike;
mod model;
mod near;
mod normalise;
mod rarity;
mod siblings;
mod styled;
mod terms;
mod vocabulary;
mod word_index;
mod words;

pub(crate) use distance::slips_allowed;
pub(crate) use lookalike::fold_all;
pub(crate) use near::short_forms;
pub(crate) use terms::{TermKind, terms_of};
pub(crate) use words::is_filler;

pub use evidence::{CatalogProduct, Hit, TextMatch, TextSignal, Trick};
pub use features::FEATURES;
pub use grammar::GrammarError;
pub use index::{CONCERNS_FROM, CatalogTextIndex, Measured, TextIndexError};
pub use layered::LayeredTextIndex;
pub use model::ModelError;
pub use normalise::{Normalised, normalise};
pub use rarity::{Rarity, RarityError};

#[cfg(test)]
mod tests;
