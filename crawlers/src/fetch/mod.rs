//! Polite, bounded, guarded fetching.
//!
//! Every request of the program goes through [`Fetcher::fetch`]: host and
//! address are checked, robots.txt is asked, the host's limiter is waited for,
//! and only then something is sent. Redirects are followed by hand, so that
//! each hop passes the same checks.

mod client;
mod connect;
mod error;
mod exchange;
mod gate;
mod guard;
mod host;
mod limits;
mod memory;
mod meter;
mod options;
mod pace;
mod quiet;
mod receive;
mod refresh;
mod retry_after;
mod robots_file;
mod robots_kept;
mod send;
mod service;
mod sign_in;
mod signing;
mod stats;
mod tls;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use hyper::header::HeaderValue;
use jiff::Timestamp;
use url::Url;

use crate::definition::{Definition, authority};
use crate::target::{Target, TargetKind};
use client::Client;
use connect::{Lookup, system_lookup};
use guard::Guard;
use host::Host;
pub(crate) use limits::seconds;
use pace::Pace;
use robots_kept::RobotsKept;
use send::{Answer, Request};
use sign_in::Tokens;

pub use error::FetchError;
pub use exchange::{Exchange, Hop};
pub use limits::Limits;
pub use memory::{Closed, Memory, MemoryError, ProcessMemory, Remembering};
pub use options::FetchOptions;
pub use quiet::QuietHours;
pub use service::ServiceAnswer;
pub(crate) use sign_in::base64;
pub use stats::HostStats;

/// Fetches targets. Cheap to clone: clones share hosts, limits and tokens.
#[derive(Clone)]
pub struct Fetcher {
    inner: Arc<Inner>,
    /// Whether what fails is left at that.
    once: bool,
}

struct Inner {
    options: FetchOptions,
    guard: Arc<Guard>,
    client: Client,
    hosts: Mutex<HashMap<String, Arc<Host>>>,
    tokens: Tokens,
    robots: RobotsKept,
}

impl Fetcher {
    /// A fetcher that has asked nobody yet.
    ///
    /// # Errors
    /// [`FetchError::Client`] when the user agent is no header value or the
    /// HTTP client cannot be set up. A host without trusted certificates is no
    /// error here: only `https` fetches fail there, and say so.
    pub fn new(options: FetchOptions) -> Result<Self, FetchError> {
        Self::resolving_with(options, system_lookup())
    }

    /// The same, with another source of addresses than the machine's.
    fn resolving_with(options: FetchOptions, lookup: Lookup) -> Result<Self, FetchError> {
        HeaderValue::from_str(&options.user_agent).map_err(|_| FetchError::Client {
            reason: format!("the user agent {:?} is no header value", options.user_agent),
        })?;
        let guard = Arc::new(Guard::new(&options.allow_private_hosts));
        let client = Client::new(&options, &guard, lookup)?;
        Ok(Self {
            inner: Arc::new(Inner {
                options,
                guard,
                client,
                hosts: Mutex::default(),
                tokens: Tokens::default(),
                robots: RobotsKept::default(),
            }),
            once: false,
        })
    }

    /// The same one, for guesses: what goes wrong is not tried again.
    pub(crate) fn trying_once(&self) -> Self {
        Self {
            once: true,
            ..self.clone()
        }
    }

    /// How often a request is sent at most.
    fn attempts(&self) -> u32 {
        match self.once {
            true => 1,
            false => self.limits().attempts.max(1),
        }
    }

    /// Fetches one target: politely, within the limits, redirects followed.
    ///
    /// An answer with a 4xx status is an [`Exchange`] too: what it means is
    /// for [`crate::read`] to say.
    ///
    /// # Errors
    /// See [`FetchError`]; after a transient one the target may be tried later.
    pub async fn fetch(
        &self,
        definition: &Definition,
        target: &Target,
    ) -> Result<Exchange, FetchError> {
        let permitted = |url: &Url| check_host(definition, target.kind, url);
        self.fetch_where(definition, target, &permitted).await
    }

    /// The same, on the hosts that `permitted` says.
    pub(crate) async fn fetch_where(
        &self,
        definition: &Definition,
        target: &Target,
        permitted: &(dyn Fn(&Url) -> Result<(), FetchError> + Send + Sync),
    ) -> Result<Exchange, FetchError> {
        let mut url = target.url.clone();
        let mut body = target.body.clone();
        let mut hops = Vec::new();
        loop {
            self.check_url(&url)?;
            permitted(&url)?;
            let host = self.host(&url, definition);
            self.obey_robots(definition, &host, &url).await?;
            let mut request = request_for(definition, target.kind, &url);
            // What is posted is for the marketplace alone.
            request.json = body.clone().filter(|_| definition.allows(&url));
            let (answer, request) = if may_sign(definition, &url) {
                self.send_signed(definition, &host, request).await?
            } else {
                (self.send(definition, &host, &request).await?, request)
            };
            let next = if is_redirect(answer.status) {
                redirect_target(&answer.headers, &url)?
            } else if let Some(next) = refresh::target(target.kind, &answer, &url) {
                next
            } else {
                return Ok(self.exchanged(target.url.clone(), hops, request, answer));
            };
            if hops.len() >= self.limits().redirects {
                return Err(FetchError::Redirect {
                    url,
                    reason: format!("more than {} in a row", self.limits().redirects),
                });
            }
            // RFC 9110, 15.4: only 307 and 308 keep the method.
            if !matches!(answer.status, 307 | 308) {
                body = None;
            }
            hops.push(self.hop(request, answer));
            url = next;
        }
    }

    fn hop(&self, request: Request, answer: Answer) -> Hop {
        Hop {
            status: answer.status,
            method: request.method().to_owned(),
            request_headers: self.shown_headers(&request),
            request_body: request.body(),
            url: request.url,
            version: answer.version.to_owned(),
            headers: answer.headers,
            raw: answer.raw,
            truncated: answer.truncated,
            peer: answer.peer,
            fetched_at: answer.at,
        }
    }

    fn exchanged(
        &self,
        requested: Url,
        hops: Vec<Hop>,
        request: Request,
        answer: Answer,
    ) -> Exchange {
        Exchange {
            requested,
            hops,
            method: request.method().to_owned(),
            request_headers: self.shown_headers(&request),
            request_body: request.body(),
            url: request.url,
            status: answer.status,
            version: answer.version.to_owned(),
            headers: answer.headers,
            raw: answer.raw,
            body: answer.body,
            tls_chain: answer.tls_chain,
            fetched_at: answer.at,
            peer: answer.peer,
            attempts: answer.attempts,
            rendered: None,
        }
    }

    /// How many bytes came in over the network so far: headers, packed bodies,
    /// TLS and all.
    #[must_use]
    pub fn received(&self) -> u64 {
        self.inner.client.received()
    }

    /// What was asked of each host so far, by name.
    #[must_use]
    pub fn stats(&self) -> Vec<HostStats> {
        let hosts = self
            .inner
            .hosts
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let mut stats: Vec<HostStats> = hosts.values().map(|host| host.stats()).collect();
        stats.sort_by(|a, b| a.host.cmp(&b.host));
        stats
    }

    pub(crate) fn limits(&self) -> &Limits {
        &self.inner.options.limits
    }

    /// Who we say we are, as it was given in [`FetchOptions`].
    #[must_use]
    pub fn user_agent(&self) -> &str {
        &self.inner.options.user_agent
    }

    fn credentials(&self) -> &HashMap<String, String> {
        &self.inner.options.credentials
    }

    fn tokens(&self) -> &Tokens {
        &self.inner.tokens
    }

    pub(crate) fn now(&self) -> Timestamp {
        (self.inner.options.clock)()
    }

    fn client(&self) -> &Client {
        &self.inner.client
    }

    /// The connections that a host of a definition sees at a time: what the
    /// definition says, else the limit; 1 at least.
    #[must_use]
    pub fn connections(&self, definition: &Definition) -> u32 {
        let stated = definition.schema.rate.concurrency;
        stated.unwrap_or(self.limits().connections_per_host).max(1)
    }

    /// The requests a second that a host of a definition sees at most, robots.txt and
    /// its own answers aside.
    #[must_use]
    pub fn per_second(&self, definition: &Definition) -> f64 {
        let stated = definition.schema.rate.per_second;
        stated.unwrap_or(self.limits().requests_per_second)
    }

    /// The host's state, made when it is first met. Of two definitions on one
    /// host the slower pace counts.
    fn host(&self, url: &Url, definition: &Definition) -> Arc<Host> {
        let per_second = self.per_second(definition);
        let interval = Duration::try_from_secs_f64(1.0 / per_second.max(0.001))
            .unwrap_or(Duration::from_secs(1));
        let connections = self.connections(definition);
        let name = authority(url);
        let mut hosts = self
            .inner
            .hosts
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let host = hosts.entry(name.clone()).or_insert_with(|| {
            let longest = seconds(self.limits().adaptive_pause_seconds);
            let pace = Pace::new(interval, connections, longest);
            let options = &self.inner.options;
            let (memory, clock) = (Arc::clone(&options.memory), Arc::clone(&options.clock));
            Arc::new(Host::new(name, pace, connections, memory, clock))
        });
        host.slow_to(interval);
        Arc::clone(host)
    }

    /// Length, scheme and address of a URL, before anything is sent to it.
    fn check_url(&self, url: &Url) -> Result<(), FetchError> {
        let bad = |reason: String| FetchError::BadUrl {
            url: url.as_str().chars().take(200).collect(),
            reason,
        };
        let limit = self.limits().url_length;
        if url.as_str().len() > limit {
            return Err(bad(format!("it is over {limit} characters long")));
        }
        if !matches!(url.scheme(), "http" | "https") {
            return Err(bad(format!("`{}` is not of the web", url.scheme())));
        }
        let depth = self.limits().url_depth;
        if url
            .path_segments()
            .is_some_and(|segments| segments.count() > depth)
        {
            return Err(bad(format!("its path is over {depth} levels deep")));
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(bad("it carries a user name".to_owned()));
        }
        self.inner
            .guard
            .check(url)
            .map_err(|reason| FetchError::HostRefused {
                url: url.clone(),
                reason,
            })
    }

    fn shown_headers(&self, request: &Request) -> Vec<(String, String)> {
        request
            .lines(self.user_agent())
            .map(|(name, value, secret)| {
                let value = if secret { "[redacted]" } else { value };
                (name.to_owned(), value.to_owned())
            })
            .collect()
    }
}

/// Whether a URL may be asked with the source's credentials: on the
/// marketplace's own hosts only, and never in the clear where the marketplace
/// speaks TLS.
fn may_sign(definition: &Definition, url: &Url) -> bool {
    definition.allows(url) && (url.scheme() == "https" || definition.base().scheme() == "http")
}

/// Whether a status sends us elsewhere (RFC 9110 §15.4).
const fn is_redirect(status: u16) -> bool {
    matches!(status, 301 | 302 | 303 | 307 | 308)
}

/// Whether the definition covers the host.
fn check_host(definition: &Definition, kind: TargetKind, url: &Url) -> Result<(), FetchError> {
    let (allowed, field) = if kind == TargetKind::Image {
        (definition.allows_image(url), "image_hosts")
    } else {
        (definition.allows(url), "allowed_hosts")
    };
    if allowed {
        return Ok(());
    }
    Err(FetchError::HostRefused {
        url: url.clone(),
        reason: format!(
            "{} is not among the `{field}` of source `{}`",
            authority(url),
            definition.id()
        ),
    })
}

fn request_for(definition: &Definition, kind: TargetKind, url: &Url) -> Request {
    let accept = match kind {
        TargetKind::Image => "image/webp,image/png,image/jpeg,image/*;q=0.8",
        TargetKind::Sitemap => "application/xml,text/xml,*/*;q=0.5",
        TargetKind::List | TargetKind::Item => {
            "text/html,application/json,application/xhtml+xml,*/*;q=0.5"
        }
    };
    let mut request = Request::get(url.clone(), accept);
    if let Some(language) = definition.language() {
        request.header("accept-language", language);
    }
    if definition.allows(url) {
        for (name, value) in &definition.schema.headers {
            request.header(name, value);
        }
    }
    request
}

/// Where a redirect leads. The fragment and a user name are dropped.
fn redirect_target(headers: &[(String, String)], from: &Url) -> Result<Url, FetchError> {
    let wrong = |reason: String| FetchError::Redirect {
        url: from.clone(),
        reason,
    };
    let mut locations = headers
        .iter()
        .filter(|(name, _)| name == "location")
        .map(|(_, value)| value.trim());
    let location = locations
        .next()
        .filter(|location| !location.is_empty())
        .ok_or_else(|| wrong("it says not where to".to_owned()))?;
    if locations.any(|other| other != location) {
        return Err(wrong("it leads to several places".to_owned()));
    }
    let mut next = from
        .join(location)
        .map_err(|error| wrong(format!("its target is no URL: {error}")))?;
    next.set_fragment(None);
    Ok(next)
}

#[cfg(test)]
mod tests;
