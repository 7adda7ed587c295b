//! The one end-to-end test binary: each further one would link the whole stack
//! again.

mod bench;
mod browser;
mod catalog;
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
mod packet;
mod politeness;
mod probe;
mod schedule;
mod store;
mod takedown;
mod warc;
mod web;
mod world;
