//! What a listing is held against.
//!
//! Three rooms, each of which takes bytes or text and gives evidence back, a fourth that tries them,
//! and a fifth that searches what was captured:
//!
//! * [`image`] decodes a picture, hashes it and finds the catalog's reference photos in it;
//! * [`text`] finds the catalog's brands, names and model numbers in a title, through the tricks
//!   sellers play with letters;
//! * [`score`] adds the evidence up to a probability, with a reason for every part of it;
//! * [`listings`] indexes the text of captured listings and searches it;
//! * [`eval`] edits photos as sellers do and measures what of them is found.
//!
//! Nothing here knows the network, a database, a clock or an async runtime. Everything that comes
//! in is taken to be hostile: sizes are bounded, and no input makes a function panic.
#![deny(missing_docs)]

pub mod eval;
pub mod image;
pub mod learn;
pub mod listings;
pub mod pairs;
pub mod score;
pub mod text;
