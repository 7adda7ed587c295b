//! The one end-to-end test binary: each further one would link the whole stack
//! again.

mod catalog;
mod demo;
mod errors;
mod kill;
mod lab;
mod packet;
mod politeness;
mod store;
mod takedown;
mod world;
