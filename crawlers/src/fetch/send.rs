//! Sending one request: in turn, within the limits, again when it may help.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::net::SocketAddr;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use jiff::Timestamp;
use reqwest::header::HeaderMap;
use url::Url;

use super::guard::Refused;
use super::host::Host;
use super::limits::seconds;
use super::stats::add;
use super::{FetchError, Fetcher};
use crate::definition::Definition;

/// A request as we mean it.
#[derive(Debug, Clone)]
pub(super) struct Request {
    pub url: Url,
    /// Name, value, and whether the value is a secret.
    pub headers: Vec<(String, String, bool)>,
    /// A form to post; none for GET.
    pub form: Option<Vec<(String, String)>>,
    /// A JSON text to post; none for GET.
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
        Self {
            url,
            headers: vec![("accept".to_owned(), accept.to_owned(), false)],
            form: None,
            json: None,
            secret_query: Vec::new(),
            cut_at: None,
        }
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
}

/// An answer, whole and bounded.
#[derive(Debug)]
pub(super) struct Answer {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: Bytes,
    pub peer: Option<SocketAddr>,
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
        let attempts = self.limits().attempts.max(1);
        let patience = seconds(self.limits().retry_after_wait_seconds);
        let mut attempt = 1;
        loop {
            let turn = host.turn(patience).await?;
            self.spend_quota(definition)?;
            add(&host.counters.requests, 1);
            let outcome = self.once(host, request).await;
            drop(turn);
            let pause = match outcome {
                Ok(mut answer) if !asks_for_patience(answer.status) => {
                    answer.attempts = attempt;
                    return Ok(answer);
                }
                Ok(answer) => {
                    add(&host.counters.errors, 1);
                    let pause = self.pause_after(host, &answer, request, attempt);
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
    fn pause_after(
        &self,
        host: &Host,
        answer: &Answer,
        request: &Request,
        attempt: u32,
    ) -> Duration {
        let backoff = self.backoff(request, attempt);
        if !matches!(answer.status, 429 | 503) {
            return backoff;
        }
        add(&host.counters.throttled, 1);
        let asked = answer
            .header("retry-after")
            .and_then(|text| retry_after(text, answer.at))
            .map(|asked| asked.min(seconds(self.limits().retry_after_max_seconds)));
        let pause = asked.unwrap_or(backoff);
        host.close_for(pause, answer.at, answer.status);
        Duration::ZERO
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
        let limit = self.limits().request_seconds;
        tokio::time::timeout(seconds(limit), self.exchange(host, request))
            .await
            .unwrap_or_else(|_| {
                Err(FetchError::Timeout {
                    url: request.url.clone(),
                    seconds: limit,
                })
            })
    }

    async fn exchange(&self, host: &Host, request: &Request) -> Result<Answer, FetchError> {
        let client = self.client_for(&request.url)?;
        let mut url = request.url.clone();
        if !request.secret_query.is_empty() {
            url.query_pairs_mut().extend_pairs(&request.secret_query);
        }
        let mut builder = match (&request.form, &request.json) {
            (Some(form), _) => client.post(url).form(form),
            (None, Some(json)) => client
                .post(url)
                .header("content-type", "application/json")
                .body(json.clone()),
            (None, None) => client.get(url),
        };
        for (name, value, _) in &request.headers {
            builder = builder.header(name, value);
        }
        // The URL as it was sent may hold a key.
        let broken = |error: reqwest::Error| connection_error(&request.url, &error.without_url());
        let mut response = builder.send().await.map_err(broken)?;
        let peer = response.remote_addr();
        if let Some(peer) = peer {
            self.check_peer(&request.url, peer)?;
        }
        let headers = self.bounded_headers(&request.url, response.headers())?;
        let status = response.status().as_u16();
        let limit = request.cut_at.unwrap_or(self.limits().response_bytes);
        let mut body = BytesMut::new();
        while let Some(chunk) = response.chunk().await.map_err(broken)? {
            if body.len() + chunk.len() > limit {
                if request.cut_at.is_none() {
                    return Err(FetchError::TooLarge {
                        url: request.url.clone(),
                        what: "body",
                        limit,
                    });
                }
                body.extend_from_slice(&chunk[..limit - body.len()]);
                break;
            }
            body.extend_from_slice(&chunk);
        }
        add(&host.counters.bytes, body.len() as u64);
        Ok(Answer {
            status,
            headers,
            body: body.freeze(),
            peer,
            at: self.now(),
            attempts: 1,
        })
    }

    fn bounded_headers(
        &self,
        url: &Url,
        map: &HeaderMap,
    ) -> Result<Vec<(String, String)>, FetchError> {
        let limit = self.limits().header_bytes;
        let size: usize = map
            .iter()
            .map(|(k, v)| k.as_str().len() + v.len() + 4)
            .sum();
        if size > limit {
            return Err(FetchError::TooLarge {
                url: url.clone(),
                what: "header block",
                limit,
            });
        }
        Ok(map
            .iter()
            .map(|(k, v)| {
                (
                    k.as_str().to_owned(),
                    String::from_utf8_lossy(v.as_bytes()).into_owned(),
                )
            })
            .collect())
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

const fn asks_for_patience(status: u16) -> bool {
    matches!(status, 408 | 429 | 500 | 502..=504 | 507..=599)
}

/// A `Retry-After` header: seconds, or an HTTP date relative to `now`.
fn retry_after(text: &str, now: Timestamp) -> Option<Duration> {
    let text = text.trim();
    if let Ok(seconds) = text.parse::<u64>() {
        return Some(Duration::from_secs(seconds));
    }
    let date = Timestamp::try_from(httpdate::parse_http_date(text).ok()?).ok()?;
    Some(Duration::try_from(date.duration_since(now)).unwrap_or_default())
}

fn connection_error(url: &Url, error: &reqwest::Error) -> FetchError {
    let mut reason = error.to_string();
    let mut source = std::error::Error::source(error);
    while let Some(inner) = source {
        if inner.downcast_ref::<Refused>().is_some() {
            return FetchError::HostRefused {
                url: url.clone(),
                reason: inner.to_string(),
            };
        }
        reason = inner.to_string();
        source = inner.source();
    }
    FetchError::Connection {
        url: url.clone(),
        attempts: 1,
        reason,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn retry_after_is_read_as_seconds_and_as_a_date() {
        let now: Timestamp = "2026-11-23T10:00:00Z".parse().expect("a time");
        assert_eq!(retry_after(" 7 ", now), Some(Duration::from_secs(7)));
        assert_eq!(
            retry_after("Mon, 23 Nov 2026 10:01:30 GMT", now),
            Some(Duration::from_secs(90))
        );
        assert_eq!(
            retry_after("Mon, 23 Nov 2026 09:00:00 GMT", now),
            Some(Duration::ZERO)
        );
        assert_eq!(retry_after("soon", now), None);
        assert_eq!(retry_after("-5", now), None);
    }
}
