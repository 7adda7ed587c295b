//! The HTTP client: how it is set up, and what it says when it fails.

use std::error::Error;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use bytes::Bytes;
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::{Request, Response};
use hyper_util::client::legacy;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use url::Url;

use super::FetchError;
use super::connect::{Connector, Lookup};
use super::guard::{Guard, Refused};
use super::limits::seconds;
use super::meter::Flood;
use super::options::FetchOptions;
use super::tls::{NoTrust, Tls};

/// How long a connection is kept when nothing is asked of it.
const IDLE: Duration = Duration::from_secs(30);
/// The smallest read buffer hyper works with.
const MIN_BUFFER: usize = 8 * 1024;
/// What a connection may bring beside one answer's headers and body: interim
/// answers, framing, trailers.
const BESIDE: usize = 1024 * 1024;

/// Sends requests over guarded connections. Follows no redirects, keeps no
/// cookies, decodes nothing.
pub(super) struct Client {
    inner: legacy::Client<Connector, Full<Bytes>>,
    received: Arc<AtomicU64>,
}

impl Client {
    pub(super) fn new(
        options: &FetchOptions,
        guard: &Arc<Guard>,
        lookup: Lookup,
    ) -> Result<Self, FetchError> {
        let limits = &options.limits;
        let received = Arc::new(AtomicU64::new(0));
        // Twice the body: a body in chunks of a few bytes is mostly framing.
        let most = limits.response_bytes.saturating_mul(2);
        let most = most.saturating_add(limits.header_bytes + BESIDE);
        let connector = Connector::new(
            Arc::clone(guard),
            lookup,
            Arc::new(Tls::new(&options.extra_roots)?),
            seconds(limits.request_seconds),
            Arc::clone(&received),
            most as u64,
        );
        #[expect(
            clippy::disallowed_methods,
            reason = "this is the one client, which everything goes through"
        )]
        let inner = legacy::Client::builder(TokioExecutor::new())
            .timer(TokioTimer::new())
            .pool_timer(TokioTimer::new())
            .pool_idle_timeout(IDLE)
            .http1_max_buf_size(limits.header_bytes.max(MIN_BUFFER))
            .http2_max_header_list_size(u32::try_from(limits.header_bytes).unwrap_or(u32::MAX))
            .build(connector);
        Ok(Self { inner, received })
    }

    pub(super) async fn send(
        &self,
        url: &Url,
        request: Request<Full<Bytes>>,
        header_limit: usize,
    ) -> Result<Response<Incoming>, FetchError> {
        self.inner
            .request(request)
            .await
            .map_err(|error| explain(url, &error, header_limit))
    }

    /// The bytes that came in over all connections so far.
    pub(super) fn received(&self) -> u64 {
        self.received.load(Ordering::Relaxed)
    }
}

/// What a failure of the network, or of the answer's form, means for a fetch.
pub(super) fn explain(url: &Url, error: &(dyn Error + 'static), header_limit: usize) -> FetchError {
    let url = url.clone();
    let mut reason = error.to_string();
    let mut at = Some(error);
    while let Some(error) = at {
        if error.is::<Refused>() {
            return FetchError::HostRefused {
                url,
                reason: error.to_string(),
            };
        }
        if error.is::<NoTrust>() {
            return FetchError::Client {
                reason: error.to_string(),
            };
        }
        if let Some(flood) = Flood::behind(error) {
            return FetchError::TooLarge {
                url,
                what: "answer",
                limit: usize::try_from(flood.limit).unwrap_or(usize::MAX),
            };
        }
        if let Some(error) = error.downcast_ref::<hyper::Error>() {
            if error.is_parse_too_large() {
                return FetchError::TooLarge {
                    url,
                    what: "header block",
                    limit: header_limit,
                };
            }
            if error.is_parse() {
                return FetchError::Protocol {
                    url,
                    reason: error.to_string(),
                };
            }
        }
        reason = error.to_string();
        at = error.source();
    }
    FetchError::Connection {
        url,
        attempts: 1,
        reason,
    }
}
