//! One request and its answer, as they were.

use std::net::SocketAddr;

use bytes::Bytes;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use url::Url;

use crate::render::Rendered;

/// A redirect that was followed: one by status, or a page that sends on
/// (`<meta http-equiv=refresh>`).
///
/// Only URL and status are serialised: that is what a database keeps of it. The
/// rest is for whoever writes the capture, at once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hop {
    /// The URL that answered with the redirect.
    pub url: Url,
    /// Its status, 301 to 308, or 200 for a page that sends on.
    pub status: u16,
    /// The HTTP method.
    #[serde(skip)]
    pub method: String,
    /// The request headers set by us; credentials read `[redacted]`.
    #[serde(skip)]
    pub request_headers: Vec<(String, String)>,
    /// What was posted; empty for GET.
    #[serde(skip)]
    pub request_body: Bytes,
    /// `HTTP/1.0`, `HTTP/1.1` or `HTTP/2`.
    #[serde(skip)]
    pub version: String,
    /// The headers of the answer, as received.
    #[serde(skip)]
    pub headers: Vec<(String, String)>,
    /// Its body as received, without transfer coding; of a redirect by status
    /// at most 64 KiB of it.
    #[serde(skip)]
    pub raw: Bytes,
    /// Whether there was more than that.
    #[serde(skip)]
    pub truncated: bool,
    /// The address that answered.
    #[serde(skip)]
    pub peer: Option<SocketAddr>,
    /// When the answer was complete.
    #[serde(skip)]
    pub fetched_at: Timestamp,
}

impl Hop {
    /// A redirect of which nothing more is known than where and how.
    #[must_use]
    pub fn saved(url: Url, status: u16) -> Self {
        Self {
            url,
            status,
            method: "GET".to_owned(),
            request_headers: Vec::new(),
            request_body: Bytes::new(),
            version: "HTTP/1.1".to_owned(),
            headers: Vec::new(),
            raw: Bytes::new(),
            truncated: false,
            peer: None,
            fetched_at: Timestamp::UNIX_EPOCH,
        }
    }
}

/// One request and its answer, ready to be kept as a capture.
#[derive(Debug, Clone)]
pub struct Exchange {
    /// The URL asked for.
    pub requested: Url,
    /// The URL that answered, after redirects.
    pub url: Url,
    /// The redirects on the way, in order.
    pub hops: Vec<Hop>,
    /// The HTTP method.
    pub method: String,
    /// The request headers set by us; credentials read `[redacted]`.
    pub request_headers: Vec<(String, String)>,
    /// What was posted; empty for GET.
    pub request_body: Bytes,
    /// The status of the last answer.
    pub status: u16,
    /// `HTTP/1.0`, `HTTP/1.1` or `HTTP/2`.
    pub version: String,
    /// Its headers as received, names in lower case, in order;
    /// `content-encoding` and `content-length` are those of [`Self::raw`].
    pub headers: Vec<(String, String)>,
    /// Its body as received: content codings intact, transfer coding removed.
    /// At most [`super::Limits::response_bytes`] long.
    pub raw: Bytes,
    /// The same body, decoded, at most as long. Without content coding it is
    /// the same memory.
    pub body: Bytes,
    /// The certificates the server sent, leaf first, in DER (RFC 8446 §4.4.2),
    /// verified before anything was asked; empty for plain http.
    pub tls_chain: Vec<Bytes>,
    /// When the last answer was complete.
    pub fetched_at: Timestamp,
    /// The address that answered.
    pub peer: Option<SocketAddr>,
    /// How many requests the last URL needed, 1 or more.
    pub attempts: u32,
    /// What the page became in a browser, where it was rendered. All other
    /// fields stay those of the server's answer; [`crate::read`] reads this.
    pub rendered: Option<Box<Rendered>>,
}

impl Exchange {
    /// An exchange that somebody else had: a GET of `url` that was answered
    /// with these headers and this body, not packed, and nothing more is known.
    #[must_use]
    pub fn saved(
        url: Url,
        status: u16,
        headers: Vec<(String, String)>,
        body: Bytes,
        fetched_at: Timestamp,
    ) -> Self {
        Self {
            requested: url.clone(),
            url,
            hops: Vec::new(),
            method: "GET".to_owned(),
            request_headers: Vec::new(),
            request_body: Bytes::new(),
            status,
            version: "HTTP/1.1".to_owned(),
            headers,
            raw: body.clone(),
            body,
            tls_chain: Vec::new(),
            fetched_at,
            peer: None,
            attempts: 1,
            rendered: None,
        }
    }

    /// The first header of this name (in any case).
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(key, _)| key.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    }

    /// The media type with its parameters, if the answer states one.
    #[must_use]
    pub fn content_type(&self) -> Option<&str> {
        self.header("content-type")
    }
}

#[cfg(test)]
impl Exchange {
    /// An empty answer, for tests to fill in.
    pub(crate) fn example() -> Self {
        let url =
            Url::parse("https://shop.example/").unwrap_or_else(|_| unreachable!("a constant"));
        Self::saved(url, 200, Vec::new(), Bytes::new(), Timestamp::UNIX_EPOCH)
    }
}
