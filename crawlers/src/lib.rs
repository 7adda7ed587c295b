//! The crate `markhound-crawlers`.
