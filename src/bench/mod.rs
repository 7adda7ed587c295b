//! Measuring: a generated shop in a process of its own, scans of it and what they
//! cost; made databases for the review page; made catalogs.

pub mod catalog;
pub mod process;
pub mod running;
pub mod seed;
pub mod shop;
