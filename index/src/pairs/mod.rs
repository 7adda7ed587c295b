//! Two records of products, as two shops write them: are they of one product?

mod corpus;
mod features;
mod model;
mod rank;
mod record;
mod similar;
mod tokens;

pub use model::{Matcher, Settings};
pub use record::{Pair, PairError, Record, pairs};
