//! How fast one host is asked.
//!
//! The pause between two requests is the longest of three: the one configured
//! (by the definition or the limits), the host's `Crawl-delay`, and the one
//! that follows from how it answers:
//!
//! ```text
//! strain = 2 × latency ÷ connections,   0 for a latency up to 250 ms
//! an answer       pause ← strain                      when that is longer
//!                 pause ← pause − (pause − strain)/4  when it is shorter
//! 429, 5xx, no answer
//!                 pause ← 2 × the pause in force, at least 100 ms
//! ```
//!
//! So with two connections a host that needs two seconds for an answer is asked
//! every two seconds, one that is troubled at half the pace, and one that has
//! recovered at the old one after some ten answers.
//!
//! A pause counts from the request before, however late that went out. Only where
//! pauses are not much longer than what the runtime's clock can tell apart, a
//! request that the clock alone held up counts as sent when it was due: else a pause
//! of one millisecond would be two.

use std::time::Duration;

use tokio::time::Instant;

/// A host that answers within this is under no strain.
const AT_EASE: Duration = Duration::from_millis(250);
/// How late the runtime's clock may wake a sleeper: it counts whole milliseconds.
const GRAIN: Duration = Duration::from_millis(2);
/// Pauses under this are kept in the mean only.
const FINE: Duration = Duration::from_millis(10);
/// The least pause after trouble.
const AFTER_TROUBLE: Duration = Duration::from_millis(100);

/// The pace of one host.
#[derive(Debug)]
pub(super) struct Pace {
    configured: Duration,
    adaptive: Duration,
    longest_adaptive: Duration,
    connections: u32,
    /// When the last request was sent.
    last: Option<Instant>,
}

impl Pace {
    pub(super) fn new(configured: Duration, connections: u32, longest_adaptive: Duration) -> Self {
        Self {
            configured,
            adaptive: Duration::ZERO,
            longest_adaptive,
            connections: connections.max(1),
            last: None,
        }
    }

    /// The pause in force.
    pub(super) fn interval(&self) -> Duration {
        self.configured.max(self.adaptive)
    }

    /// Never makes a host faster: of two definitions on one host the slower
    /// one counts.
    pub(super) fn slow_to(&mut self, interval: Duration) {
        self.configured = self.configured.max(interval);
    }

    /// From when on the next request may be sent.
    pub(super) fn next(&self, now: Instant) -> Instant {
        self.last
            .map_or(now, |last| now.max(last + self.interval()))
    }

    /// A request is sent now, and the next pause counts from here.
    pub(super) fn sent(&mut self, now: Instant) {
        let interval = self.interval();
        let due = self.last.map(|last| last + interval);
        let held_up =
            |due: &Instant| interval < FINE && now.saturating_duration_since(*due) < GRAIN;
        self.last = due.filter(held_up).or(Some(now));
    }

    /// A usable answer came after `latency`.
    pub(super) fn answered(&mut self, latency: Duration) {
        let strain = if latency > AT_EASE {
            latency.saturating_mul(2) / self.connections
        } else {
            Duration::ZERO
        };
        let strain = strain.min(self.longest_adaptive);
        self.adaptive = match self.adaptive.checked_sub(strain) {
            // What is left of it is not worth waiting for.
            Some(rest) if rest > Duration::from_millis(1) => self.adaptive - rest / 4,
            _ => strain,
        };
    }

    /// The host refused for now, failed, or did not answer.
    pub(super) fn troubled(&mut self) {
        let doubled = self.interval().saturating_mul(2).max(AFTER_TROUBLE);
        self.adaptive = doubled.min(self.longest_adaptive);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn pace(configured: Duration, connections: u32) -> Pace {
        Pace::new(configured, connections, 60 * SECOND)
    }

    #[test]
    fn requests_are_spaced_from_the_one_before_however_late_that_was() {
        let start = Instant::now();
        let mut pace = pace(SECOND, 8);
        assert_eq!(pace.next(start), start);
        pace.sent(start);
        assert_eq!(pace.next(start) - start, SECOND);
        pace.sent(start + 4 * SECOND);
        assert_eq!(pace.next(start + 4 * SECOND) - start, 5 * SECOND);
        // A longer pause counts from the last request on.
        pace.slow_to(5 * SECOND);
        pace.slow_to(2 * SECOND);
        assert_eq!(pace.next(start) - start, 9 * SECOND);
        // Time that went by unused is not made up for.
        let later = start + 100 * SECOND;
        assert_eq!(pace.next(later), later);
        pace.sent(later);
        assert_eq!(pace.next(later), later + 5 * SECOND);
    }

    #[test]
    fn a_fine_pause_is_kept_in_the_mean_whatever_the_clock_can_tell_apart() {
        let tick = Duration::from_millis(1);
        let start = Instant::now();
        let mut pace = pace(tick, 8);
        let (mut now, mut sent) = (start, 0);
        // A clock that wakes every second millisecond.
        while now < start + SECOND {
            while pace.next(now) <= now {
                pace.sent(now);
                sent += 1;
            }
            now += 2 * tick - Duration::from_micros(1);
        }
        assert!((990..=1001).contains(&sent), "{sent} in a second");
        // What went by for another reason is not made up for.
        let later = now + 100 * tick;
        pace.sent(later);
        assert_eq!(pace.next(later), later + tick);
    }

    #[test]
    fn the_pause_grows_with_latency_and_is_never_less_than_configured() {
        let mut pace = pace(SECOND, 2);
        pace.answered(Duration::from_millis(80));
        assert_eq!(pace.interval(), SECOND);
        pace.answered(3 * SECOND);
        assert_eq!(pace.interval(), 3 * SECOND);
        for _ in 0..30 {
            pace.answered(Duration::from_millis(80));
            assert!(pace.interval() >= SECOND);
        }
        assert_eq!((pace.interval(), pace.adaptive), (SECOND, Duration::ZERO));
        // Many connections are meant for many requests at a time.
        let mut wide = self::pace(Duration::from_millis(1), 32);
        wide.answered(Duration::from_millis(40));
        assert_eq!(wide.interval(), Duration::from_millis(1));
        wide.answered(4 * SECOND);
        assert_eq!(wide.interval(), SECOND / 4);
    }

    #[test]
    fn trouble_doubles_the_pause_up_to_a_bound_and_good_answers_undo_it() {
        let mut pace = pace(SECOND, 2);
        let mut seen = Vec::new();
        for _ in 0..8 {
            pace.troubled();
            seen.push(pace.interval().as_secs());
        }
        assert_eq!(seen, [2, 4, 8, 16, 32, 60, 60, 60]);
        let mut answers = 0;
        while pace.interval() > SECOND {
            pace.answered(Duration::from_millis(50));
            answers += 1;
        }
        assert!((10..20).contains(&answers), "{answers} answers");
        let mut fast = self::pace(Duration::ZERO, 2);
        fast.troubled();
        assert_eq!(fast.interval(), AFTER_TROUBLE);
    }

    #[test]
    fn a_configured_pause_over_the_bound_of_the_adaptive_one_stays() {
        let mut pace = Pace::new(300 * SECOND, 2, Duration::ZERO);
        pace.troubled();
        pace.answered(9 * SECOND);
        assert_eq!(pace.interval(), 300 * SECOND);
    }
}
