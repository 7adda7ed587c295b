//! An exchange to be kept, and one that was kept.

use std::net::{IpAddr, SocketAddr};

use bytes::Bytes;
use jiff::Timestamp;
use url::Url;

use super::digest;
use crate::coding::{self, CodingError};

/// One HTTP request and its answer, to be kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HttpRecord {
    /// The URL asked for. Fragment and credentials are not written.
    pub url: Url,
    /// The HTTP method.
    pub method: String,
    /// The request headers in order. Credentials must be redacted already.
    pub request_headers: Vec<(String, String)>,
    /// The request's body, if it had one.
    pub request_body: Option<Bytes>,
    /// The status of the answer.
    pub status: u16,
    /// Its reason phrase; HTTP/2 has none.
    pub reason: Option<String>,
    /// Its headers as received, in order.
    pub headers: Vec<(String, String)>,
    /// Its body as received: content coding intact, transfer coding removed.
    pub payload: Bytes,
    /// Its digest, where that is known already: see [`payload_digest`].
    pub payload_digest: Option<String>,
    /// The address that answered.
    pub peer: Option<SocketAddr>,
    /// When.
    pub at: Timestamp,
    /// The DER certificates the server sent, its own first; empty without TLS.
    pub tls_chain: Vec<Bytes>,
}

impl HttpRecord {
    /// A plain GET without headers.
    #[must_use]
    pub fn get(url: Url, status: u16, payload: impl Into<Bytes>, at: Timestamp) -> Self {
        Self {
            url,
            method: "GET".to_owned(),
            request_headers: Vec::new(),
            request_body: None,
            status,
            reason: None,
            headers: Vec::new(),
            payload: payload.into(),
            payload_digest: None,
            peer: None,
            at,
            tls_chain: Vec::new(),
        }
    }
}

/// A payload's digest as records have it: `sha256:` and 64 hexadecimal digits.
#[must_use]
pub fn payload_digest(payload: &[u8]) -> String {
    digest::sha256(payload)
}

/// An earlier record that holds the same payload; the new one becomes a revisit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Earlier {
    /// Its WARC-Record-ID, `urn:uuid:…`.
    pub record_id: String,
    /// Its URL.
    pub url: Url,
    /// When it was captured.
    pub at: Timestamp,
}

/// An exchange out of a capture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Captured {
    /// The URL that answered; parts of an MHTML file may have a `cid:` URL.
    pub url: Url,
    /// The HTTP method, `GET` where the capture does not say.
    pub method: String,
    /// The request's headers, where known.
    pub request_headers: Vec<(String, String)>,
    /// The status; 200 where the format has none.
    pub status: u16,
    /// Its reason phrase, where known.
    pub reason: Option<String>,
    /// The answer's headers, fit for the payload: chunked transfer coding is
    /// undone, and no longer stated.
    pub headers: Vec<(String, String)>,
    /// The body, content coding intact.
    pub payload: Bytes,
    /// When it was captured, if the capture says.
    pub at: Option<Timestamp>,
    /// The address that answered, if the capture says.
    pub peer: Option<IpAddr>,
    /// Where this comes from, such as `a.wacz!archive/data.warc.gz@1234`.
    pub provenance: String,
}

impl Captured {
    /// The body with its content codings undone, at most `limit` bytes.
    ///
    /// Programs that keep decoded bodies often keep the header that says
    /// otherwise: text that is no such coding is taken as it is.
    ///
    /// # Errors
    /// See [`CodingError`].
    pub fn body(&self, limit: usize) -> Result<Bytes, CodingError> {
        let coding = coding::content_encoding(&self.headers);
        match coding::decode(coding.as_deref(), &self.payload, limit) {
            Err(CodingError::Corrupt { .. })
                if self.payload.len() <= limit && std::str::from_utf8(&self.payload).is_ok() =>
            {
                Ok(self.payload.clone())
            }
            result => result,
        }
    }

    /// The first header of this name, in any case.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        find(&self.headers, name)
    }
}

/// The first header of this name, in any case.
pub(crate) fn find<'a>(headers: &'a [(String, String)], name: &str) -> Option<&'a str> {
    headers
        .iter()
        .find(|(key, _)| key.eq_ignore_ascii_case(name))
        .map(|(_, value)| value.as_str())
}
