//! Measuring the scan: a generated shop in a process of its own, scans of it,
//! and what they cost.

pub mod process;
pub mod running;
pub mod shop;
