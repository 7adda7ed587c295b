//! The crate `markhound-index`.
