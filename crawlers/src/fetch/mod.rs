//! Polite, bounded, guarded fetching.
//!
//! Every request of the program goes through [`Fetcher::fetch`]: host and
//! address are checked, robots.txt is asked, the host's limiter is waited for,
//! and only then something is sent. Redirects are followed by hand, so that
//! each hop passes the same checks.

mod client;
mod error;
mod exchange;
mod guard;
mod host;
mod limits;
mod options;
mod robots_file;
mod send;
mod sign_in;
mod signing;
mod stats;

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use jiff::civil::Date;
use url::Url;

use crate::definition::{Definition, authority};
use crate::target::{Target, TargetKind};
use client::Clients;
use guard::Guard;
use host::Host;
use send::Request;
use sign_in::Tokens;

pub use error::FetchError;
pub use exchange::{Exchange, Hop};
pub use limits::Limits;
pub use options::FetchOptions;
pub(crate) use sign_in::base64;
pub use stats::HostStats;

/// Fetches targets. Cheap to clone: clones share hosts, limits and tokens.
#[derive(Clone)]
pub struct Fetcher {
    inner: Arc<Inner>,
}

struct Inner {
    options: FetchOptions,
    guard: Arc<Guard>,
    clients: Clients,
    hosts: Mutex<HashMap<String, Arc<Host>>>,
    tokens: Tokens,
    quotas: Mutex<HashMap<String, (Date, u64)>>,
}

impl Fetcher {
    /// A fetcher that has asked nobody yet.
    ///
    /// # Errors
    /// [`FetchError::Client`] when the user agent is no header value or the
    /// HTTP client cannot be set up. A host without trusted certificates is no
    /// error here: only `https` fetches fail there, and say so.
    pub fn new(options: FetchOptions) -> Result<Self, FetchError> {
        let guard = Arc::new(Guard::new(&options.allow_private_hosts));
        let clients = Clients::new(&options, &guard)?;
        Ok(Self {
            inner: Arc::new(Inner {
                options,
                guard,
                clients,
                hosts: Mutex::default(),
                tokens: Tokens::default(),
                quotas: Mutex::default(),
            }),
        })
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
        let mut url = target.url.clone();
        let mut body = target.body.clone();
        let mut hops = Vec::new();
        loop {
            self.check_url(&url)?;
            check_host(definition, target.kind, &url)?;
            let host = self.host(&url, definition);
            self.obey_robots(definition, &host, &url).await?;
            let mut request = request_for(definition, target.kind, &url);
            // What is posted is for the marketplace alone.
            request.json = body.clone().filter(|_| definition.allows(&url));
            // Credentials go to the marketplace's own hosts only.
            let (answer, request) = if definition.allows(&url) {
                self.send_signed(definition, &host, request).await?
            } else {
                (self.send(definition, &host, &request).await?, request)
            };
            if matches!(answer.status, 301 | 302 | 303 | 307 | 308) {
                let next = redirect_target(&answer.headers, &url)?;
                // RFC 9110, 15.4: only 307 and 308 keep the method.
                if !matches!(answer.status, 307 | 308) {
                    body = None;
                }
                if hops.len() >= self.limits().redirects {
                    return Err(FetchError::Redirect {
                        url,
                        reason: format!("more than {} in a row", self.limits().redirects),
                    });
                }
                hops.push(Hop {
                    url: std::mem::replace(&mut url, next),
                    status: answer.status,
                });
                continue;
            }
            return Ok(Exchange {
                requested: target.url.clone(),
                method: request.method().to_owned(),
                request_headers: self.shown_headers(&request),
                url,
                hops,
                status: answer.status,
                headers: answer.headers,
                body: answer.body,
                fetched_at: answer.at,
                peer: answer.peer,
                attempts: answer.attempts,
            });
        }
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

    fn limits(&self) -> &Limits {
        &self.inner.options.limits
    }

    fn user_agent(&self) -> &str {
        &self.inner.options.user_agent
    }

    fn credentials(&self) -> &HashMap<String, String> {
        &self.inner.options.credentials
    }

    fn tokens(&self) -> &Tokens {
        &self.inner.tokens
    }

    fn now(&self) -> Timestamp {
        (self.inner.options.clock)()
    }

    fn client_for(&self, url: &Url) -> Result<&reqwest::Client, FetchError> {
        self.inner.clients.pick(url, self.inner.guard.names(url))
    }

    /// The host's state, made when it is first met. Of two definitions on one
    /// host the slower pace counts.
    fn host(&self, url: &Url, definition: &Definition) -> Arc<Host> {
        let rate = &definition.schema.rate;
        let per_second = rate.per_second.unwrap_or(self.limits().requests_per_second);
        let interval = Duration::try_from_secs_f64(1.0 / per_second.max(0.001))
            .unwrap_or(Duration::from_secs(1));
        let connections = rate
            .concurrency
            .unwrap_or(self.limits().connections_per_host);
        let name = authority(url);
        let mut hosts = self
            .inner
            .hosts
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let host = hosts
            .entry(name.clone())
            .or_insert_with(|| Arc::new(Host::new(name, interval, connections)));
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

    fn check_peer(&self, url: &Url, peer: SocketAddr) -> Result<(), FetchError> {
        self.inner
            .guard
            .check_address(url, peer.ip())
            .map_err(|reason| FetchError::HostRefused {
                url: url.clone(),
                reason,
            })
    }

    /// Counts a request against the source's daily quota (UTC days).
    fn spend_quota(&self, definition: &Definition) -> Result<(), FetchError> {
        let Some(quota) = definition.schema.rate.daily_quota else {
            return Ok(());
        };
        let today = self.now().to_zoned(jiff::tz::TimeZone::UTC).date();
        let mut quotas = self
            .inner
            .quotas
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let (day, used) = quotas
            .entry(definition.id().to_owned())
            .or_insert((today, 0));
        if *day != today {
            (*day, *used) = (today, 0);
        }
        if *used >= quota {
            return Err(FetchError::RateBudget {
                source_id: definition.id().to_owned(),
                quota,
            });
        }
        *used += 1;
        Ok(())
    }

    fn shown_headers(&self, request: &Request) -> Vec<(String, String)> {
        let agent = ("user-agent".to_owned(), self.user_agent().to_owned());
        std::iter::once(agent)
            .chain(request.headers.iter().map(|(name, value, secret)| {
                let value = if *secret { "[redacted]" } else { value };
                (name.clone(), value.to_owned())
            }))
            .collect()
    }
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
    let mut add = |name: &str, value: &str| {
        request
            .headers
            .push((name.to_ascii_lowercase(), value.to_owned(), false));
    };
    if let Some(language) = definition.language() {
        add("accept-language", language);
    }
    if definition.allows(url) {
        for (name, value) in &definition.schema.headers {
            add(name, value);
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
    let location = headers
        .iter()
        .find(|(name, _)| name == "location")
        .map(|(_, value)| value.trim())
        .ok_or_else(|| wrong("it says not where to".to_owned()))?;
    let mut next = from
        .join(location)
        .map_err(|error| wrong(format!("its target is no URL: {error}")))?;
    next.set_fragment(None);
    Ok(next)
}

#[cfg(test)]
mod tests;
