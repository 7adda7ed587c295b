//! Two records of products, as two shops write them: are they of one product?
//!
//! Features that need no neural network ([`Record`]s field by field and across fields: words weighed
//! by how rare they are, pieces of three letters, model numbers, quantities, brand, price), and how
//! a pair stands beside the other pairs of the same records; boosted trees weigh them.

mod corpus;
mod features;
mod lexicon;
mod model;
mod rank;
mod record;
mod score;
mod similar;
mod tokens;

pub use model::{Matcher, Settings, Tried, Variant};
pub use record::{Pair, PairError, Record, pairs};
pub use score::Score;

#[cfg(test)]
mod tests;
