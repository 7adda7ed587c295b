//! One request and its answer, as they were.

use std::net::SocketAddr;

use bytes::Bytes;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use url::Url;

/// A redirect that was followed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hop {
    /// The URL that answered with the redirect.
    pub url: Url,
    /// Its status, 301 to 308.
    pub status: u16,
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
    /// The status of the last answer.
    pub status: u16,
    /// Its headers, names in lower case, in order. `content-encoding` and
    /// `content-length` are missing when the body was compressed.
    pub headers: Vec<(String, String)>,
    /// Its body, decoded, at most [`super::Limits::response_bytes`] long.
    pub body: Bytes,
    /// When the last answer was complete.
    pub fetched_at: Timestamp,
    /// The address that answered.
    pub peer: Option<SocketAddr>,
    /// How many requests the last URL needed, 1 or more.
    pub attempts: u32,
}

impl Exchange {
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
        Self {
            requested: url.clone(),
            url,
            hops: Vec::new(),
            method: "GET".to_owned(),
            request_headers: Vec::new(),
            status: 200,
            headers: Vec::new(),
            body: Bytes::new(),
            fetched_at: Timestamp::UNIX_EPOCH,
            peer: None,
            attempts: 1,
        }
    }
}
