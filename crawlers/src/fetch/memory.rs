//! What must not be forgotten between two runs: quotas used, hosts that asked
//! to be left alone.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Mutex, PoisonError};

use futures::future::{BoxFuture, FutureExt, ready};
use jiff::Timestamp;
use jiff::civil::Date;
use thiserror::Error;

/// A host that asked to be left alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Closed {
    /// When it may be asked again.
    pub until: Timestamp,
    /// The status it answered with, 429 or 503.
    pub status: u16,
}

/// Why a [`Memory`] could not be asked, in its own words.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{0}")]
pub struct MemoryError(pub String);

/// The answer of a [`Memory`], still to come.
pub type Remembering<'a, T> = BoxFuture<'a, Result<T, MemoryError>>;

/// Keeps what politeness needs to know for longer than a [`super::Fetcher`]
/// lives. Fetchers of several processes that share one keep a quota together.
///
/// Every call is whole or leaves no trace, and may come from many fetchers at
/// the same time. When one fails, nothing is sent.
pub trait Memory: Send + Sync + fmt::Debug {
    /// Spends one request of `source` on `day` (UTC); false when `quota`
    /// requests of that day are spent already.
    fn spend<'a>(&'a self, source: &'a str, day: Date, quota: u64) -> Remembering<'a, bool>;

    /// Notes that `host` (`host` or `host:port`) is to be left alone. A later
    /// time that is known already stays.
    fn close<'a>(&'a self, host: &'a str, closed: Closed) -> Remembering<'a, ()>;

    /// What was noted of `host`, as long as `now` is before it.
    fn closed<'a>(&'a self, host: &'a str, now: Timestamp) -> Remembering<'a, Option<Closed>>;
}

/// A [`Memory`] as long as the process: the default.
#[derive(Debug, Default)]
pub struct ProcessMemory {
    spent: Mutex<HashMap<String, (Date, u64)>>,
    closed: Mutex<HashMap<String, Closed>>,
}

impl Memory for ProcessMemory {
    fn spend<'a>(&'a self, source: &'a str, day: Date, quota: u64) -> Remembering<'a, bool> {
        let mut spent = self.spent.lock().unwrap_or_else(PoisonError::into_inner);
        let (counted, used) = spent.entry(source.to_owned()).or_insert((day, 0));
        if *counted != day {
            (*counted, *used) = (day, 0);
        }
        let left = *used < quota;
        *used += u64::from(left);
        ready(Ok(left)).boxed()
    }

    fn close<'a>(&'a self, host: &'a str, closed: Closed) -> Remembering<'a, ()> {
        let mut all = self.closed.lock().unwrap_or_else(PoisonError::into_inner);
        let known = all.entry(host.to_owned()).or_insert(closed);
        if known.until < closed.until {
            *known = closed;
        }
        ready(Ok(())).boxed()
    }

    fn closed<'a>(&'a self, host: &'a str, now: Timestamp) -> Remembering<'a, Option<Closed>> {
        let mut all = self.closed.lock().unwrap_or_else(PoisonError::into_inner);
        let known = all.get(host).copied();
        if known.is_some_and(|closed| closed.until <= now) {
            all.remove(host);
        }
        ready(Ok(known.filter(|closed| closed.until > now))).boxed()
    }
}
