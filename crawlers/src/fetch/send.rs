//! Sending one request: in turn, within the limits, again when it may help.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::net::SocketAddr;
use std::time::Duration;

use bytes::Bytes;
use jiff::Timestamp;
use tokio::time::Instant;
use url::Url;
use url::form_urlencoded::Serializer;

use super::host::Host;
use super::limits::seconds;
use super::retry_after::retry_after;
use super::stats::add;
use super::{FetchError, Fetcher};
use crate::definition::Definition;

/// What [`crate::coding`] undoes.
const ACCEPT_ENCODING: &str = "gzip, deflate, br, zstd";

/// A request as we mean it.
#[derive(Debug, Clone)]
pub(super) struct Request {
    pub url: Url,
    /// Name, value, and whether the value is a secret.
    pub headers: Vec<(String, String, bool)>,
    /// A form to post.
    pub form: Option<Vec<(String, String)>>,
    /// A JSON document to post. With neither of the two it is a GET.
    pub json: Option<String>,
    /// Query parameters that are secrets or made with one: they are sent, and
    /// stand in no error, log or capture.
    pub secret_query: Vec<(String, String)>,
    /// Read no more of the body than this and keep what was read; none means
    /// that a body over the limit is an error.
    pub cut_at: Option<usize>,
}

impl Request {
    pub(super) fn get(url: Url, accept: &str) -> Self {
        let mut request = Self {
            url,
            headers: Vec::new(),
            form: None,
            json: None,
            secret_query: Vec::new(),
            cut_at: None,
        };
        request.header("accept", accept);
        request.header("accept-encoding", ACCEPT_ENCODING);
        request
    }

    /// Adds a header that is no secret.
    pub(super) fn header(&mut self, name: &str, value: &str) {
        self.headers
            .push((name.to_ascii_lowercase(), value.to_owned(), false));
    }

    pub(super) const fn at_most(mut self, bytes: usize) -> Self {
        self.cut_at = Some(bytes);
        self
    }

    pub(super) const fn method(&self) -> &'static str {
        if self.form.is_some() || self.json.is_some() {
            "POST"
        } else {
            "GET"
        }
    }

    const fn content_type(&self) -> Option<&'static str> {
        match (&self.json, &self.form) {
            (Some(_), _) => Some("application/json"),
            (None, Some(_)) => Some("application/x-www-form-urlencoded"),
            (None, None) => None,
        }
    }

    /// Every header that is sent, but for `Host` and `Content-Length`: name,
    /// value, and whether the value is a secret.
    pub(super) fn lines<'a>(
        &'a self,
        user_agent: &'a str,
    ) -> impl Iterator<Item = (&'a str, &'a str, bool)> {
        let own = self
            .headers
            .iter()
            .map(|(name, value, secret)| (name.as_str(), value.as_str(), *secret));
        let content_type = self
            .content_type()
            .map(|value| ("content-type", value, false));
        std::iter::once(("user-agent", user_agent, false))
            .chain(own)
            .chain(content_type)
    }

    /// What is posted; empty for GET.
    pub(super) fn body(&self) -> Bytes {
        match (&self.json, &self.form) {
            (Some(json), _) => Bytes::copy_from_slice(json.as_bytes()),
            (None, Some(form)) => Serializer::new(String::new())
                .extend_pairs(form)
                .finish()
                .into(),
            (None, None) => Bytes::new(),
        }
    }
}

/// An answer, whole and bounded.
#[derive(Debug, Clone)]
pub(super) struct Answer {
    pub status: u16,
    pub version: &'static str,
    pub headers: Vec<(String, String)>,
    /// The body as received, and decoded.
    pub raw: Bytes,
    pub body: Bytes,
    /// Whether the body was longer than what was wanted of it.
    pub truncated: bool,
    pub peer: Option<SocketAddr>,
    pub tls_chain: Vec<Bytes>,
    pub at: Timestamp,
    pub attempts: u32,
}

impl Answer {
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.as_str())
    }
}

impl Fetcher {
    /// Sends a request when it is the host's turn, and again after transient
    /// errors, 429 and 5xx, as often as the limits say.
    pub(super) async fn send(
        &self,
        definition: &Definition,
        host: &Host,
        request: &Request,
    ) -> Result<Answer, FetchError> {
        let attempts = self.attempts();
        let patience = seconds(self.limits().retry_after_wait_seconds);
        let mut attempt = 1;
        loop {
            let turn = host.turn(patience).await?;
            self.may_send(definition).await?;
            let connection = turn.sent();
            add(&host.counters.requests, 1);
            let sent = Instant::now();
            let outcome = self.once(host, request).await;
            drop(connection);
            match &outcome {
                Ok(answer) if !asks_for_patience(answer.status) => host.answered(sent.elapsed()),
                Err(error) if !error.is_transient() => {}
                _ => host.troubled(),
            }
            let pause = match outcome {
                Ok(mut answer) if !asks_for_patience(answer.status) => {
                    answer.attempts = attempt;
                    return Ok(answer);
                }
                Ok(answer) => {
                    add(&host.counters.errors, 1);
                    let pause = self.pause_after(host, &answer, request, attempt).await?;
                    if attempt >= attempts {
                        return Err(FetchError::Http {
                            url: request.url.clone(),
                            status: answer.status,
                            attempts,
                        });
                    }
                    pause
                }
                Err(error) => {
                    add(&host.counters.errors, 1);
                    if !error.is_transient() || attempt >= attempts {
                        return Err(error.after(attempt));
                    }
                    self.backoff(request, attempt)
                }
            };
            tracing::debug!(url = %request.url, attempt, ?pause, "will be asked again");
            attempt += 1;
            add(&host.counters.retries, 1);
            tokio::time::sleep(pause).await;
        }
    }

    /// How long this request waits after an answer that asks for patience. A
    /// 429 or 503 closes the host for everybody instead: the next turn waits.
    async fn pause_after(
        &self,
        host: &Host,
        answer: &Answer,
        request: &Request,
        attempt: u32,
    ) -> Result<Duration, FetchError> {
        let backoff = self.backoff(request, attempt);
        if !matches!(answer.status, 429 | 503) {
            return Ok(backoff);
        }
        add(&host.counters.throttled, 1);
        let asked = answer
            .header("retry-after")
            .and_then(|text| retry_after(text, answer.at))
            .map(|asked| asked.min(seconds(self.limits().retry_after_max_seconds)));
        // At once, or an hour ago, is no answer to a host that is overloaded.
        let pause = asked.map_or(backoff, |asked| asked.max(backoff));
        host.close_for(pause, answer.at, answer.status).await?;
        Ok(Duration::ZERO)
    }

    /// Twice as long each time, spread by up to a half so that many targets of
    /// one host do not come back together. The spread follows from the URL:
    /// the same run waits the same.
    fn backoff(&self, request: &Request, attempt: u32) -> Duration {
        const LONGEST: f64 = 60.0;
        let mut hasher = DefaultHasher::new();
        (request.url.as_str(), attempt).hash(&mut hasher);
        let spread = f64::from(u32::try_from(hasher.finish() % 1000).unwrap_or(0)) / 2000.0;
        let doubled = self.limits().backoff_seconds * f64::from(1_u32 << (attempt - 1).min(16));
        seconds((doubled * (1.0 + spread)).min(LONGEST))
    }

    async fn once(&self, host: &Host, request: &Request) -> Result<Answer, FetchError> {
        self.in_time(&request.url, self.exchange(host, request))
            .await
    }

    /// An exchange with a URL, within the time that one may take in all.
    pub(super) async fn in_time<T>(
        &self,
        url: &Url,
        exchange: impl Future<Output = Result<T, FetchError>>,
    ) -> Result<T, FetchError> {
        let limit = self.limits().request_seconds;
        tokio::time::timeout(seconds(limit), exchange)
            .await
            .unwrap_or_else(|_| {
                Err(FetchError::Timeout {
                    url: url.clone(),
                    seconds: limit,
                })
            })
    }
}

impl FetchError {
    /// The same error, with the number of attempts it took.
    fn after(self, tried: u32) -> Self {
        match self {
            Self::Connection { url, reason, .. } => Self::Connection {
                url,
                reason,
                attempts: tried,
            },
            other => other,
        }
    }
}

pub(super) const fn asks_for_patience(status: u16) -> bool {
    matches!(status, 408 | 429 | 500 | 502..=504 | 507..=599)
}
