//! From a source definition to captured, extracted marketplace listings.
//!
//! A [`Definition`] is data: one TOML file a marketplace says where its lists
//! are and which parts of a page are the title, the price, the seller. From it
//! [`discover::seeds`] makes the first [`Target`]s, [`fetch::Fetcher`] reads
//! them politely, and [`read`] turns each [`fetch::Exchange`] into further
//! targets and [`Listing`]s. There is no database and no state on disk here:
//! the application keeps the frontier and the captures.
//!
//! ```no_run
//! use std::sync::Arc;
//! use markhound_crawlers::{Definition, discover, fetch::{FetchOptions, Fetcher}, read};
//!
//! # async fn crawl(clock: markhound_crawlers::Clock, text: &str) -> Result<(), Box<dyn std::error::Error>> {
//! let definition = Definition::parse(text, "my-shop.toml")?;
//! let fetcher = Fetcher::new(FetchOptions::new("markhound/0.1 (+mailto:ip@example.com)", clock))?;
//! let mut frontier = discover::seeds(&definition, &["tourbillon".to_owned()]);
//! while let Some(target) = frontier.pop() {
//!     let exchange = fetcher.fetch(&definition, &target).await?;
//!     let reading = read(&definition, &target, &exchange)?;
//!     frontier.extend(reading.targets);
//!     for listing in reading.listings {
//!         println!("{} {}", listing.item_id, listing.title);
//!     }
//! }
//! # Ok(()) }
//! ```
#![deny(missing_docs)]

pub mod blocked;
pub mod capture;
pub mod coding;
pub mod definition;
pub mod discover;
mod extract;
pub mod fetch;
mod listing;
mod prelude;
pub mod probe;
mod reading;
pub mod render;
pub mod robots;
mod target;
#[cfg(test)]
mod wire_tests;

use std::sync::Arc;

pub use definition::{Definition, DefinitionError};
pub use extract::{embedded, price, read_page, shown_images, since};
pub use listing::{Availability, Candidate, Listing, Price, Provenance};
pub use prelude::{PrepareError, Prepared, prepare};
pub use reading::{GoneBy, ReadError, Reading, Signal, read};
pub use target::{Target, TargetKind, Trail};

/// Where the time comes from: the program's clock, or a test's.
pub type Clock = Arc<dyn Fn() -> jiff::Timestamp + Send + Sync>;
