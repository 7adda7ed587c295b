//! The one integration-test binary: each further one would link the whole stack
//! again.

mod catalog;
mod packet;
mod takedown;
mod world;
