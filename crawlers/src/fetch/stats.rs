//! What was asked of each host.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use serde::{Deserialize, Serialize};

/// What was asked of one host since the fetcher was made.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct HostStats {
    /// `host` or `host:port`.
    pub host: String,
    /// Requests sent, retries, robots.txt and sign-in included.
    pub requests: u64,
    /// Of these, repeated ones.
    pub retries: u64,
    /// Requests without a usable answer: no connection, time over, 429, 5xx.
    pub errors: u64,
    /// Answers 429 and 503.
    pub throttled: u64,
    /// URLs not fetched because robots.txt forbids them.
    pub robots_skipped: u64,
    /// Bytes of decoded bodies.
    pub bytes: u64,
    /// Time spent waiting for the host's turn, over all requests, in milliseconds.
    pub waited_ms: u64,
    /// The pause between requests that is kept, in milliseconds.
    pub interval_ms: u64,
}

/// The counters behind [`HostStats`].
#[derive(Debug, Default)]
pub(super) struct Counters {
    pub requests: AtomicU64,
    pub retries: AtomicU64,
    pub errors: AtomicU64,
    pub throttled: AtomicU64,
    pub robots_skipped: AtomicU64,
    pub bytes: AtomicU64,
    pub waited_ms: AtomicU64,
}

impl Counters {
    pub(super) fn snapshot(&self, host: &str, interval: Duration) -> HostStats {
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        HostStats {
            host: host.to_owned(),
            requests: read(&self.requests),
            retries: read(&self.retries),
            errors: read(&self.errors),
            throttled: read(&self.throttled),
            robots_skipped: read(&self.robots_skipped),
            bytes: read(&self.bytes),
            waited_ms: read(&self.waited_ms),
            interval_ms: millis(interval),
        }
    }
}

/// Adds to a counter.
pub(super) fn add(counter: &AtomicU64, value: u64) {
    counter.fetch_add(value, Ordering::Relaxed);
}

pub(super) fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
