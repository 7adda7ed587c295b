//! The bounds of every fetch. All are on by default and all can be changed.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::QuietHours;

/// What one request, one answer and one host may cost.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Limits {
    /// The largest answer after decoding, in bytes (8 MiB).
    pub response_bytes: usize,
    /// The longest a request may take in all, body included, in seconds (30).
    pub request_seconds: f64,
    /// The most redirects followed, each checked like a first request (10).
    pub redirects: usize,
    /// The largest set of answer headers, in bytes (64 KiB).
    pub header_bytes: usize,
    /// The longest URL, in characters (2,083).
    pub url_length: usize,
    /// The deepest path of a URL, in segments (20): deeper ones are traps that
    /// repeat themselves.
    pub url_depth: usize,
    /// The largest picture, in pixels (40 million). Not used by fetching: for
    /// whoever decodes what was fetched.
    pub picture_pixels: u64,
    /// The largest picture when decoded, in bytes (256 MiB). As above.
    pub picture_bytes: u64,
    /// Requests a second to one host, where no definition says otherwise (1).
    pub requests_per_second: f64,
    /// Connections at a time to one host, where no definition says otherwise (2).
    pub connections_per_host: u32,
    /// The longest `Crawl-delay` that is waited for, in seconds (300); a host
    /// that wants more is skipped.
    pub crawl_delay_seconds: f64,
    /// How often one request is tried in all, the first time included (4).
    pub attempts: u32,
    /// The first pause between attempts, in seconds; each further one is
    /// twice as long (0.5).
    pub backoff_seconds: f64,
    /// The longest `Retry-After` a fetch waits for itself, in seconds (30). A
    /// longer one closes the host until then: fetches fail with
    /// [`super::FetchError::RetryLater`].
    pub retry_after_wait_seconds: f64,
    /// The longest `Retry-After` believed, in seconds (86,400).
    pub retry_after_max_seconds: f64,
    /// The longest pause between two requests that follows from how slowly a
    /// host answers or how often it fails, in seconds (60); 0 turns that off.
    /// A longer pause that is configured or asked for by robots.txt is kept.
    pub adaptive_pause_seconds: f64,
    /// How long a robots.txt is used before it is read again, in seconds
    /// (86,400, which is also the most). A shorter `max-age` of the answer
    /// counts, down to an hour.
    pub robots_cache_seconds: f64,
    /// What a page that is rendered may ask for, besides itself (60).
    pub render_requests: usize,
    /// What it may be given in all, decoded, in bytes (32 MiB).
    pub render_bytes: usize,
    /// How long it is waited for in all, in seconds (120). The pauses between
    /// requests to one host count.
    pub render_seconds: f64,
    /// The most of its height that is kept in a screenshot, in pixels (10,000).
    pub render_screenshot_height: u32,
    /// Hours in which nothing is sent to anybody (none). A definition may name
    /// further ones for its own source.
    pub quiet_hours: Option<QuietHours>,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            response_bytes: 8 * 1024 * 1024,
            request_seconds: 30.0,
            redirects: 10,
            header_bytes: 64 * 1024,
            url_length: 2083,
            url_depth: 20,
            picture_pixels: 40_000_000,
            picture_bytes: 256 * 1024 * 1024,
            requests_per_second: 1.0,
            connections_per_host: 2,
            crawl_delay_seconds: 300.0,
            attempts: 4,
            backoff_seconds: 0.5,
            retry_after_wait_seconds: 30.0,
            retry_after_max_seconds: 86_400.0,
            adaptive_pause_seconds: 60.0,
            robots_cache_seconds: 86_400.0,
            render_requests: 60,
            render_bytes: 32 * 1024 * 1024,
            render_seconds: 120.0,
            render_screenshot_height: 10_000,
            quiet_hours: None,
        }
    }
}

/// Seconds from a configuration as a duration; nonsense becomes zero, and
/// nothing is longer than a year.
pub(crate) fn seconds(value: f64) -> Duration {
    const YEAR: f64 = 31_536_000.0;
    Duration::try_from_secs_f64(value.min(YEAR)).unwrap_or_default()
}
