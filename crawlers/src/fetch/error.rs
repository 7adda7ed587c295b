//! Why a URL could not be fetched.

use jiff::Timestamp;
use thiserror::Error;
use url::Url;

/// Why a URL could not be fetched. [`FetchError::is_transient`] tells whether
/// trying later makes sense.
#[derive(Debug, Error)]
pub enum FetchError {
    /// robots.txt forbids it; no request was sent.
    #[error("{url} was not fetched: robots.txt of the host says `{rule}`")]
    RobotsDisallowed {
        /// The URL, or the redirect hop, that is forbidden.
        url: Url,
        /// The rule as in the file.
        rule: String,
    },
    /// robots.txt could not be read, so nothing may be fetched (RFC 9309).
    #[error(
        "{url} was not fetched: robots.txt of its host could not be read ({reason}); until it can be, nothing there may be fetched"
    )]
    RobotsUnreachable {
        /// The URL.
        url: Url,
        /// What went wrong.
        reason: String,
    },
    /// The host asks for longer pauses than we are ready to make.
    #[error(
        "{host} was skipped: its robots.txt asks for {seconds} s between requests, the limit is {limit} s (`crawl_delay_seconds`)"
    )]
    CrawlDelayTooLong {
        /// The host.
        host: String,
        /// What it asks for, in seconds.
        seconds: f64,
        /// What we are ready to wait, in seconds.
        limit: f64,
    },
    /// The host may not be contacted at all.
    #[error("{url} was refused: {reason}")]
    HostRefused {
        /// The URL, or the redirect hop, that was refused.
        url: Url,
        /// Private address, host outside the definition, wrong scheme …
        reason: String,
    },
    /// The answer was larger than the limit; reading stopped there.
    #[error("the {what} of {url} is over {limit} bytes")]
    TooLarge {
        /// The URL.
        url: Url,
        /// `body`, `header block`, or `answer` for all that came.
        what: &'static str,
        /// The limit, in bytes.
        limit: usize,
    },
    /// No complete answer in time.
    #[error("{url} gave no complete answer within {seconds} s")]
    Timeout {
        /// The URL.
        url: Url,
        /// The limit, in seconds.
        seconds: f64,
    },
    /// The source's daily quota is used up.
    #[error(
        "source `{source_id}` has used its {quota} requests of today (UTC); it goes on tomorrow"
    )]
    RateBudget {
        /// The definition.
        source_id: String,
        /// Its `daily_quota`.
        quota: u64,
    },
    /// These are the quiet hours of the source or of the installation.
    #[error("source `{source_id}` has its quiet hours; it goes on after {until}")]
    QuietHours {
        /// The definition.
        source_id: String,
        /// When they are over.
        until: Timestamp,
    },
    /// What was asked of a host before could not be read or written, so
    /// nothing was sent.
    #[error("nothing was sent, for quotas and pauses could not be looked up or noted: {reason}")]
    Memory {
        /// What the memory said.
        reason: String,
    },
    /// The host asked to be left alone for a while.
    #[error("{host} asks not to be asked before {until} (it answered {status} with Retry-After)")]
    RetryLater {
        /// The host.
        host: String,
        /// The status it answered with, 429 or 503.
        status: u16,
        /// When it may be asked again.
        until: Timestamp,
    },
    /// A redirect that leads nowhere.
    #[error("the redirect from {url} was not followed: {reason}")]
    Redirect {
        /// Where the redirect came from.
        url: Url,
        /// Too many, no target, no URL …
        reason: String,
    },
    /// An answer that says the server cannot answer now (429, 5xx), after
    /// every attempt.
    #[error("{url} answered {status} {attempts} time(s)")]
    Http {
        /// The URL.
        url: Url,
        /// The last status.
        status: u16,
        /// How often it was asked.
        attempts: u32,
    },
    /// No connection, or a broken one, after every attempt.
    #[error("{url} could not be reached ({attempts} attempt(s)): {reason}")]
    Connection {
        /// The URL.
        url: Url,
        /// How often it was tried.
        attempts: u32,
        /// What the network said.
        reason: String,
    },
    /// What came is not HTTP, or contradicts itself.
    #[error("{url} did not answer in HTTP: {reason}")]
    Protocol {
        /// The URL.
        url: Url,
        /// What is wrong with the answer.
        reason: String,
    },
    /// The body is packed in a way we cannot undo, or not as it says.
    #[error("the body of {url} cannot be unpacked: {reason}")]
    Coding {
        /// The URL.
        url: Url,
        /// The unknown coding, or what is wrong with the bytes.
        reason: String,
    },
    /// The source's credentials are missing or were refused.
    #[error("source `{source_id}` cannot sign in: {reason}")]
    Credentials {
        /// The definition.
        source_id: String,
        /// Which variable is missing, or what the server said.
        reason: String,
    },
    /// The URL is longer than the limit or not of the web.
    #[error("`{url}` cannot be fetched: {reason}")]
    BadUrl {
        /// The URL, shortened.
        url: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The browser did not give the page.
    #[error("{url} could not be rendered: {reason}")]
    Rendering {
        /// The URL.
        url: Url,
        /// What the browser did, or did not.
        reason: String,
        /// Whether the browser is at fault, and another try may do.
        passing: bool,
    },
    /// Pages cannot be rendered here.
    #[error("pages cannot be rendered: {reason}")]
    NoRendering {
        /// Which browser is missing; and what to do.
        reason: String,
    },
    /// The HTTP client could not be made.
    #[error("the HTTP client could not be set up: {reason}")]
    Client {
        /// What it said.
        reason: String,
    },
}

impl FetchError {
    /// Whether the same fetch may work later without anything being changed.
    #[must_use]
    pub const fn is_transient(&self) -> bool {
        matches!(
            self,
            Self::RobotsUnreachable { .. }
                | Self::Timeout { .. }
                | Self::RateBudget { .. }
                | Self::QuietHours { .. }
                | Self::Memory { .. }
                | Self::RetryLater { .. }
                | Self::Http { .. }
                | Self::Connection { .. }
                | Self::Rendering { passing: true, .. }
        )
    }

    /// Whether the whole source has to wait, not only this URL: its quota is
    /// used up, its host asks for it, or these are its quiet hours.
    #[must_use]
    pub const fn asks_for_pause(&self) -> bool {
        matches!(
            self,
            Self::RateBudget { .. }
                | Self::RetryLater { .. }
                | Self::QuietHours { .. }
                | Self::Memory { .. }
        )
    }

    /// A short, stable word for counting and storing.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::RobotsDisallowed { .. } => "robots",
            Self::RobotsUnreachable { .. } => "robots-unreachable",
            Self::CrawlDelayTooLong { .. } => "crawl-delay",
            Self::HostRefused { .. } => "host-refused",
            Self::TooLarge { .. } => "too-large",
            Self::Timeout { .. } => "timeout",
            Self::RateBudget { .. } => "quota",
            Self::QuietHours { .. } => "quiet-hours",
            Self::Memory { .. } => "memory",
            Self::RetryLater { .. } => "retry-later",
            Self::Redirect { .. } => "redirect",
            Self::Http { .. } => "http",
            Self::Connection { .. } => "connection",
            Self::Protocol { .. } => "protocol",
            Self::Coding { .. } => "coding",
            Self::Credentials { .. } => "credentials",
            Self::BadUrl { .. } => "bad-url",
            Self::Rendering { .. } => "rendering",
            Self::NoRendering { .. } => "no-rendering",
            Self::Client { .. } => "client",
        }
    }
}
