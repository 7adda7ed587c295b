//! What the machine says about this process.

use std::time::{Duration, Instant};

/// How long a thread has worked. Where the system tells (Linux), time in which other programs had the
/// core is left out.
pub(super) struct Stopwatch {
    start: Instant,
    worked: Option<u64>,
}

impl Stopwatch {
    pub(super) fn start() -> Self {
        Self {
            start: Instant::now(),
            worked: worked(),
        }
    }

    /// The time since the start; on the thread that started it.
    pub(super) fn stop(&self) -> Duration {
        match (self.worked, worked()) {
            (Some(before), Some(after)) => Duration::from_nanos(after.saturating_sub(before)),
            _ => self.start.elapsed(),
        }
    }
}

/// Nanoseconds this thread has been on a core: the first field of its schedstat.
fn worked() -> Option<u64> {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    text.split_whitespace().next()?.parse().ok()
}
