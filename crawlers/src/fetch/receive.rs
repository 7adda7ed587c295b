//! One request over the wire, and its answer within bounds.

use bytes::{Bytes, BytesMut};
use http_body_util::{BodyExt, Full};
use hyper::body::{Body, Incoming};
use hyper::header::HeaderMap;
use hyper::{Uri, Version};
use url::Url;

use super::client::explain;
use super::connect::Seen;
use super::host::Host;
use super::send::{Answer, Request, asks_for_patience};
use super::stats::add;
use super::{FetchError, Fetcher, is_redirect};
use crate::coding::{Coding, CodingError, Decoder, content_encoding};

/// The most that is kept of a body nobody reads: that of a redirect, or of an
/// answer that asks for patience.
const ASIDE: usize = 64 * 1024;
/// The most that is reserved for a body because its header says it is long.
const RESERVED: usize = 64 * 1024;

/// How much of a body is wanted.
#[derive(Clone, Copy)]
pub(super) enum Wanted {
    /// All of it: more than so many bytes, packed or unpacked, are an error.
    Whole(usize),
    /// The first so many bytes.
    Start(usize),
    /// For the record only, so that it does not matter whether it can be
    /// unpacked.
    Aside,
}

/// A body as received and as meant.
pub(super) struct Payload {
    pub(super) raw: Bytes,
    pub(super) body: Bytes,
    pub(super) truncated: bool,
}

impl Fetcher {
    pub(super) async fn exchange(
        &self,
        host: &Host,
        request: &Request,
    ) -> Result<Answer, FetchError> {
        let (url, limits) = (&request.url, self.limits());
        let response = self
            .client()
            .send(url, self.compose(request)?, limits.header_bytes)
            .await?;
        let (parts, incoming) = response.into_parts();
        let status = parts.status.as_u16();
        if status < 200 {
            return Err(FetchError::Protocol {
                url: url.clone(),
                reason: format!("{status} is no final answer"),
            });
        }
        let headers = bounded_headers(url, &parts.headers, limits.header_bytes)?;
        let wanted = match request.cut_at {
            _ if is_redirect(status) || asks_for_patience(status) => Wanted::Aside,
            Some(bytes) => Wanted::Start(bytes),
            None => Wanted::Whole(limits.response_bytes),
        };
        let payload = self.read_body(url, &headers, incoming, wanted).await?;
        add(&host.counters.bytes, payload.body.len() as u64);
        let (peer, tls_chain) = parts
            .extensions
            .get::<Seen>()
            .map(|seen| (seen.peer, seen.tls_chain.clone()))
            .unzip();
        Ok(Answer {
            status,
            version: version(parts.version),
            headers,
            raw: payload.raw,
            body: payload.body,
            truncated: payload.truncated,
            peer,
            tls_chain: tls_chain.unwrap_or_default(),
            at: self.now(),
            attempts: 1,
        })
    }

    fn compose(&self, request: &Request) -> Result<hyper::Request<Full<Bytes>>, FetchError> {
        let bad = |reason: String| FetchError::BadUrl {
            url: request.url.as_str().chars().take(200).collect(),
            reason,
        };
        let mut url = request.url.clone();
        if !request.secret_query.is_empty() {
            url.query_pairs_mut().extend_pairs(&request.secret_query);
        }
        let uri: Uri = url
            .as_str()
            .parse()
            .map_err(|error| bad(format!("{error}")))?;
        let mut builder = hyper::Request::builder().method(request.method()).uri(uri);
        for (name, value, _) in request.lines(self.user_agent()) {
            builder = builder.header(name, value);
        }
        builder
            .body(Full::new(request.body()))
            .map_err(|error| FetchError::Client {
                reason: format!("a header of the request to {}: {error}", request.url),
            })
    }

    pub(super) async fn read_body(
        &self,
        url: &Url,
        headers: &[(String, String)],
        mut incoming: Incoming,
        wanted: Wanted,
    ) -> Result<Payload, FetchError> {
        let (limit, may_cut) = match wanted {
            Wanted::Whole(limit) => (limit, false),
            Wanted::Start(limit) => (limit, true),
            Wanted::Aside => (ASIDE, true),
        };
        let too_large = || FetchError::TooLarge {
            url: url.clone(),
            what: "body",
            limit,
        };
        let said = usize::try_from(incoming.size_hint().lower()).unwrap_or(usize::MAX);
        if said > limit && !may_cut {
            return Err(too_large());
        }
        let codings = match (wanted, Coding::list(content_encoding(headers).as_deref())) {
            (Wanted::Aside, _) => Vec::new(),
            (_, codings) => codings.map_err(|error| undecodable(url, &error))?,
        };
        let mut decoder = Decoder::new(&codings, limit);
        let mut raw = BytesMut::with_capacity(said.min(RESERVED));
        let mut truncated = false;
        while !truncated && let Some(frame) = incoming.frame().await {
            let frame = frame.map_err(|error| explain(url, &error, self.limits().header_bytes))?;
            // What is no data is trailers, and these we do not use.
            let Ok(chunk) = frame.into_data() else {
                continue;
            };
            let chunk = &chunk[..chunk.len().min(limit + 1 - raw.len())];
            raw.extend_from_slice(chunk);
            truncated = raw.len() > limit;
            raw.truncate(limit);
            if !codings.is_empty() {
                match decoder.push(chunk) {
                    Err(CodingError::TooLarge { .. }) => truncated = true,
                    other => other.map_err(|error| undecodable(url, &error))?,
                }
            }
            if truncated && !may_cut {
                return Err(too_large());
            }
        }
        let raw = raw.freeze();
        let body = if codings.is_empty() {
            raw.clone()
        } else if truncated {
            decoder.into_partial()
        } else {
            decoder.finish().map_err(|error| undecodable(url, &error))?
        };
        Ok(Payload {
            raw,
            body,
            truncated,
        })
    }
}

/// A stream that breaks off is taken for a connection that did: where nothing
/// says how long a body is, that is all one sees of it.
fn undecodable(url: &Url, error: &CodingError) -> FetchError {
    let (url, reason) = (url.clone(), error.to_string());
    match error {
        CodingError::Truncated { .. } => FetchError::Connection {
            url,
            attempts: 1,
            reason,
        },
        _ => FetchError::Coding { url, reason },
    }
}

pub(super) fn bounded_headers(
    url: &Url,
    map: &HeaderMap,
    limit: usize,
) -> Result<Vec<(String, String)>, FetchError> {
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

fn version(version: Version) -> &'static str {
    match version {
        Version::HTTP_10 => "HTTP/1.0",
        Version::HTTP_2 => "HTTP/2",
        _ => "HTTP/1.1",
    }
}
