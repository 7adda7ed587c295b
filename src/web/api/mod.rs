//! The JSON API: what the pages can do, for programs.
//!
//! Handlers are thin: each reads what was asked, calls what the pages call, and puts
//! the answer into words of [`model`]. [`gate`] is what every request passes through:
//! the bearer token, and answers that are given again. Everything is described in
//! one document ([`describe`]), made from the handlers themselves.

pub(super) mod cases;
pub(super) mod catalog;
pub(super) mod describe;
pub(super) mod desk;
pub(super) mod gate;
pub(super) mod hooks;
mod input;
pub(super) mod learning;
pub(super) mod listings;
pub(super) mod log;
pub(super) mod mail;
mod model;
pub(super) mod notices;
pub(super) mod photos;
pub(super) mod pictures;
pub(super) mod scans;
pub(super) mod sellers;
pub(super) mod users;
mod whole;

pub use describe::document;
pub(super) use model::Problem;

/// Where all addresses of the API begin.
pub(super) const BASE: &str = "/api/v1/";
/// The largest body that is read, in bytes: a decision on many cases names the
/// evidence of each.
pub(super) const MOST_BYTES: usize = 1 << 20;
