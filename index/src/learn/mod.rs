//! Models that are learnt here, without any other library: small, seeded, and the same on every
//! machine.

mod boosted;
mod histogram;
mod linear;

pub use boosted::{Boosted, Options};
pub use linear::solve;
