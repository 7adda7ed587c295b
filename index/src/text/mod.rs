//! Text: normalisation with offsets, and the catalog's words found in a listing's title.

mod evidence;
mod index;
mod normalise;

pub use evidence::{CatalogProduct, Hit, TextMatch, TextSignal, Trick};
pub use index::{CatalogTextIndex, TextIndexError};
pub use normalise::{Normalised, normalise};
