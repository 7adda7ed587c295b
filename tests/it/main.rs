//! The one end-to-end test binary: each further one would link the whole stack
//! again.

mod bench;
mod browser;
mod catalog;
mod certificates;
mod definitions;
mod demo;
mod desk;
mod errors;
mod eval;
mod exclusions;
mod hashes;
mod hunt;
mod import;
mod kill;
mod lab;
mod learning;
mod matcher;
mod packet;
mod photo_search;
mod politeness;
mod probe;
#[cfg(feature = "render")]
mod rendered;
mod schedule;
mod settings;
mod store;
mod takedown;
mod warc;
mod web;
mod world;
