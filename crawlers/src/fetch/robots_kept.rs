//! The exchanges with robots.txt files, until somebody keeps them.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

use super::{Exchange, Fetcher};
use crate::definition::Definition;

/// How many wait at most; whoever keeps none of them loses the oldest.
const MOST: usize = 32;

/// Exchanges with robots.txt files, each with the source it was asked for.
#[derive(Default)]
pub(super) struct RobotsKept(Mutex<VecDeque<(String, Exchange)>>);

impl RobotsKept {
    pub(super) fn add(&self, definition: &Definition, exchange: Exchange) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() >= MOST {
            kept.pop_front();
        }
        kept.push_back((source(definition), exchange));
    }

    fn take(&self, definition: &Definition) -> Vec<Exchange> {
        let source = source(definition);
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.is_empty() {
            return Vec::new();
        }
        let (taken, left) = kept.drain(..).partition(|(of, _)| *of == source);
        *kept = left;
        let taken: VecDeque<(String, Exchange)> = taken;
        taken.into_iter().map(|(_, exchange)| exchange).collect()
    }
}

/// One definition may serve several shops.
fn source(definition: &Definition) -> String {
    format!("{} {}", definition.id(), definition.base())
}

impl Fetcher {
    /// The exchanges with robots.txt files that were had for this definition
    /// since the last call, redirects and refusals among them; to be kept
    /// as captures. At most 32 wait to be taken.
    #[must_use]
    pub fn take_robots(&self, definition: &Definition) -> Vec<Exchange> {
        self.inner.robots.take(definition)
    }
}
