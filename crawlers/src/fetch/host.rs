//! One host: its limiter, its connections, its pauses, its robots.txt.

use std::num::NonZeroU32;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use governor::{DefaultDirectRateLimiter, Quota, RateLimiter};
use jiff::Timestamp;
use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::Instant;

use super::FetchError;
use super::robots_file::RobotsFile;
use super::stats::{Counters, HostStats, add, millis};

/// Everything that belongs to one `host:port`.
pub(super) struct Host {
    pub(super) name: String,
    pub(super) counters: Counters,
    /// Read once, by whoever comes first; the others wait for it.
    pub(super) robots: tokio::sync::Mutex<Option<RobotsFile>>,
    pace: Mutex<Pace>,
    permits: Semaphore,
    closed: Mutex<Option<Closed>>,
}

struct Pace {
    interval: Duration,
    limiter: Arc<DefaultDirectRateLimiter>,
}

#[derive(Clone, Copy)]
struct Closed {
    until: Instant,
    until_clock: Timestamp,
    status: u16,
}

impl Host {
    pub(super) fn new(name: String, interval: Duration, connections: u32) -> Self {
        Self {
            name,
            counters: Counters::default(),
            robots: tokio::sync::Mutex::new(None),
            pace: Mutex::new(Pace {
                interval,
                limiter: limiter(interval),
            }),
            permits: Semaphore::new(connections.max(1) as usize),
            closed: Mutex::new(None),
        }
    }

    /// Keeps at least `interval` between requests from now on. Never makes a
    /// host faster: of two definitions on one host the slower one counts.
    pub(super) fn slow_to(&self, interval: Duration) {
        let mut pace = self.pace.lock().unwrap_or_else(PoisonError::into_inner);
        if interval > pace.interval {
            let slower = limiter(interval);
            // A request (robots.txt) has just been sent at the old pace.
            let _ = slower.check();
            *pace = Pace {
                interval,
                limiter: slower,
            };
        }
    }

    /// Waits for a connection, for the end of a pause the host asked for, and
    /// for the limiter. The request is to be sent at once after it.
    ///
    /// # Errors
    /// [`FetchError::RetryLater`] when the host is closed for longer than `patience`.
    pub(super) async fn turn(&self, patience: Duration) -> Result<SemaphorePermit<'_>, FetchError> {
        let start = Instant::now();
        let permit = self
            .permits
            .acquire()
            .await
            .map_err(|error| FetchError::Client {
                reason: error.to_string(),
            })?;
        loop {
            self.wait_until_open(patience).await?;
            let limiter = Arc::clone(
                &self
                    .pace
                    .lock()
                    .unwrap_or_else(PoisonError::into_inner)
                    .limiter,
            );
            limiter.until_ready().await;
            // Somebody may have been told to wait while we stood in line.
            if self.closed_now().is_none() {
                break;
            }
        }
        add(&self.counters.waited_ms, millis(start.elapsed()));
        Ok(permit)
    }

    /// Sends nothing to this host for a while.
    pub(super) fn close_for(&self, pause: Duration, now: Timestamp, status: u16) {
        let until = Instant::now() + pause;
        let mut closed = self.closed.lock().unwrap_or_else(PoisonError::into_inner);
        if closed.is_none_or(|c| c.until < until) {
            let pause = jiff::SignedDuration::try_from(pause).unwrap_or_default();
            *closed = Some(Closed {
                until,
                until_clock: now.saturating_add(pause).unwrap_or(now),
                status,
            });
        }
    }

    fn closed_now(&self) -> Option<Closed> {
        let closed = *self.closed.lock().unwrap_or_else(PoisonError::into_inner);
        closed.filter(|c| c.until > Instant::now())
    }

    async fn wait_until_open(&self, patience: Duration) -> Result<(), FetchError> {
        while let Some(closed) = self.closed_now() {
            if closed.until.duration_since(Instant::now()) > patience {
                return Err(FetchError::RetryLater {
                    host: self.name.clone(),
                    status: closed.status,
                    until: closed.until_clock,
                });
            }
            tokio::time::sleep_until(closed.until).await;
        }
        Ok(())
    }

    pub(super) fn stats(&self) -> HostStats {
        let interval = self
            .pace
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .interval;
        self.counters.snapshot(&self.name, interval)
    }
}

/// One request each `interval`, never two at once: a burst of one.
fn limiter(interval: Duration) -> Arc<DefaultDirectRateLimiter> {
    let quota = Quota::with_period(interval.max(Duration::from_micros(1)))
        .unwrap_or_else(|| Quota::per_second(NonZeroU32::MIN))
        .allow_burst(NonZeroU32::MIN);
    Arc::new(RateLimiter::direct(quota))
}
