//! Markhound finds people selling copies of somebody's products online, and
//! helps get the listings removed.
//!
//! The way of a listing can be read in [`scan`]: fetch, capture, extract,
//! match, score, queue, each a call into one room. `ARCHITECTURE.md` tells how
//! the rooms hang together.
#![deny(missing_docs)]

pub mod accounts;
pub mod alike;
pub mod app;
pub mod bench;
pub mod blobs;
pub mod bodies;
pub mod budget;
pub mod catalog;
pub mod cli;
pub mod clock;
pub mod config;
pub mod demo;
mod hidden;
pub mod hunt;
pub mod import;
pub mod languages;
pub mod learning;
pub mod mail;
pub mod notify;
pub mod packet;
pub mod print;
pub mod reindex;
pub mod reports;
pub mod review;
pub mod scan;
pub mod secrets;
pub mod store;
pub mod takedown;
pub mod web;
