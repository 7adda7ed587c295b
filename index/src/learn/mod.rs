//! Models that are learnt here, without any other library: small, seeded, and the same on every
//! machine.

mod boosted;
mod histogram;

pub use boosted::{Boosted, Options};
