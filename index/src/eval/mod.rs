//! What would be found of one's own photos, once others had edited them.
//!
//! [`split`] shares photos out into protected ones, unrelated ones and others; an [`Edit`] makes of a
//! protected photo what a seller would put up; [`judge`] holds what the search found against where the
//! photo truly lies, and [`Report`] adds that up. Everything follows from a seed.

mod canvas;
mod edits;
mod made;
mod measure;
pub mod nights;
mod plot;
mod polygon;
mod pool;
mod random;
mod report;
mod split;
mod warp;

pub use canvas::at_most;
pub use edits::{EDITS, Edit, Edited, EditedFile, LONGEST_SIDE, jpeg};
pub use made::made_reference;
pub use measure::{Found, GOOD_OVERLAP, Measured, RATES, judge, strongest};
pub use plot::recall_plot;
pub use polygon::{Polygon, area, overlap};
pub use pool::{POOL_MOST, Pool};
pub use random::Random;
pub use report::{EditReport, Means, RecallAt, Report, Threshold};
pub use split::{Kin, Split, split};
