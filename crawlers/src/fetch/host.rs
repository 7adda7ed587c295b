//! One host: its pace, its connections, its pauses, its robots.txt.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tokio::sync::{MutexGuard, Semaphore, SemaphorePermit};
use tokio::time::Instant;

use super::FetchError;
use super::memory::{Closed, Memory, MemoryError};
use super::pace::Pace;
use super::robots_file::RobotsFile;
use super::stats::{Counters, HostStats, add, millis};
use crate::Clock;

/// How long what the memory said of a host is used: a pause that another
/// worker was asked for is known here after this time at the latest.
const LOOK_AGAIN_AFTER: Duration = Duration::from_secs(1);

/// Everything that belongs to one `host:port`.
pub(super) struct Host {
    pub(super) name: String,
    pub(super) counters: Counters,
    /// Read once, by whoever comes first; the others wait for it.
    pub(super) robots: tokio::sync::Mutex<Option<RobotsFile>>,
    pace: Mutex<Pace>,
    permits: Semaphore,
    /// Whoever holds it is the next to send.
    line: tokio::sync::Mutex<()>,
    pause: Mutex<Pause>,
    memory: Arc<dyn Memory>,
    clock: Clock,
}

/// The right to send the next request.
pub(super) struct Turn<'a> {
    host: &'a Host,
    connection: SemaphorePermit<'a>,
    line: MutexGuard<'a, ()>,
}

impl<'a> Turn<'a> {
    /// The request goes out now: the pause to the next one begins. What is
    /// given back is the connection, to be held until the answer is complete.
    pub(super) fn sent(self) -> SemaphorePermit<'a> {
        self.host.with_pace(|pace| pace.sent(Instant::now()));
        drop(self.line);
        self.connection
    }
}

/// How long the host is closed, in the time that waiting goes by.
#[derive(Default)]
struct Pause {
    closed: Option<(Instant, Closed)>,
    looked: Option<Instant>,
}

impl Host {
    pub(super) fn new(
        name: String,
        pace: Pace,
        connections: u32,
        memory: Arc<dyn Memory>,
        clock: Clock,
    ) -> Self {
        Self {
            name,
            counters: Counters::default(),
            robots: tokio::sync::Mutex::new(None),
            pace: Mutex::new(pace),
            permits: Semaphore::new(connections.max(1) as usize),
            line: tokio::sync::Mutex::default(),
            pause: Mutex::default(),
            memory,
            clock,
        }
    }

    /// Keeps at least `interval` between requests from now on. Never makes a
    /// host faster.
    pub(super) fn slow_to(&self, interval: Duration) {
        self.with_pace(|pace| pace.slow_to(interval));
    }

    /// Notes a usable answer and how long it took.
    pub(super) fn answered(&self, latency: Duration) {
        self.with_pace(|pace| pace.answered(latency));
    }

    /// Notes that the host refused for now, failed, or did not answer.
    pub(super) fn troubled(&self) {
        self.with_pace(Pace::troubled);
    }

    fn with_pace<T>(&self, change: impl FnOnce(&mut Pace) -> T) -> T {
        change(&mut self.pace.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Waits for a connection, for the end of a pause the host asked for, and
    /// for its pace. Nobody else gets a turn before [`Turn::sent`] or the end
    /// of the turn.
    ///
    /// # Errors
    /// [`FetchError::RetryLater`] when the host is closed for longer than
    /// `patience`; [`FetchError::Memory`].
    pub(super) async fn turn(&self, patience: Duration) -> Result<Turn<'_>, FetchError> {
        let start = Instant::now();
        let connection = self
            .permits
            .acquire()
            .await
            .map_err(|error| FetchError::Client {
                reason: error.to_string(),
            })?;
        let line = self.line.lock().await;
        loop {
            self.wait_until_open(patience).await?;
            let now = Instant::now();
            let at = self.with_pace(|pace| pace.next(now));
            if at > now {
                tokio::time::sleep_until(at).await;
            }
            // The host may have asked for a pause, or become slower, while we
            // stood in line.
            let now = Instant::now();
            if self.closed_now().is_none() && self.with_pace(|pace| pace.next(now)) <= now {
                break;
            }
        }
        add(&self.counters.waited_ms, millis(start.elapsed()));
        Ok(Turn {
            host: self,
            connection,
            line,
        })
    }

    /// Sends nothing to this host for a while, nor does any other worker that
    /// shares the memory.
    ///
    /// # Errors
    /// [`FetchError::Memory`].
    pub(super) async fn close_for(
        &self,
        pause: Duration,
        now: Timestamp,
        status: u16,
    ) -> Result<(), FetchError> {
        let span = SignedDuration::try_from(pause).unwrap_or(SignedDuration::MAX);
        let closed = Closed {
            until: now.saturating_add(span).unwrap_or(Timestamp::MAX),
            status,
        };
        self.note(pause, closed);
        self.memory
            .close(&self.name, closed)
            .await
            .map_err(forgetful)
    }

    fn note(&self, pause: Duration, closed: Closed) {
        let until = Instant::now() + pause;
        let mut state = self.pause.lock().unwrap_or_else(PoisonError::into_inner);
        if state.closed.is_none_or(|(known, _)| known < until) {
            state.closed = Some((until, closed));
        }
    }

    fn closed_now(&self) -> Option<(Instant, Closed)> {
        let state = self.pause.lock().unwrap_or_else(PoisonError::into_inner);
        state.closed.filter(|(until, _)| *until > Instant::now())
    }

    async fn wait_until_open(&self, patience: Duration) -> Result<(), FetchError> {
        self.recall().await?;
        while let Some((until, closed)) = self.closed_now() {
            if until.duration_since(Instant::now()) > patience {
                return Err(FetchError::RetryLater {
                    host: self.name.clone(),
                    status: closed.status,
                    until: closed.until,
                });
            }
            tokio::time::sleep_until(until).await;
        }
        Ok(())
    }

    /// Asks the memory for a pause that another worker, or an earlier run, was
    /// asked for.
    async fn recall(&self) -> Result<(), FetchError> {
        {
            let now = Instant::now();
            let mut state = self.pause.lock().unwrap_or_else(PoisonError::into_inner);
            if state.looked.is_some_and(|at| now - at < LOOK_AGAIN_AFTER) {
                return Ok(());
            }
            state.looked = Some(now);
        }
        let now = (self.clock)();
        let known = self.memory.closed(&self.name, now).await;
        if let Some(closed) = known.map_err(forgetful)? {
            let left = Duration::try_from(closed.until.duration_since(now));
            self.note(left.unwrap_or_default(), closed);
        }
        Ok(())
    }

    pub(super) fn stats(&self) -> HostStats {
        let interval = self.with_pace(|pace| pace.interval());
        self.counters.snapshot(&self.name, interval)
    }
}

pub(super) fn forgetful(error: MemoryError) -> FetchError {
    FetchError::Memory { reason: error.0 }
}
