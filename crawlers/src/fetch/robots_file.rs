//! robots.txt as fetched: once a host, kept, and read as RFC 9309 says.
//!
//! | answer | what it means (RFC 9309, section 2.3.1) |
//! |---|---|
//! | 2xx | the rules in it; none in a page of HTML |
//! | up to five redirects, to other hosts too | the answer at their end |
//! | more redirects, or one that leads nowhere | everything is allowed |
//! | 4xx, 401 and 403 too | everything is allowed |
//! | 429 | asked again as `Retry-After` says, then as 5xx |
//! | 5xx, no connection, no answer in time, a redirect to a refused address | nothing is allowed; asked again after five minutes |
//!
//! After 30 days without an answer the RFC lets a crawler go on as if there
//! were no file. That is not done: who cannot serve a robots.txt for a month
//! is not asked for anything else.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use url::Url;

use super::host::Host;
use super::limits::seconds;
use super::send::{Answer, Request};
use super::stats::add;
use super::{FetchError, Fetcher, redirect_target};
use crate::definition::Definition;
use crate::discover::canonical::resolve;
use crate::robots::{MAX_BYTES, Robots};
use crate::target::{Target, TargetKind};

/// RFC 9309: at least five redirects are to be followed.
const MAX_REDIRECTS: usize = 5;
/// How long a host counts as unreachable before it is asked again.
const UNREACHABLE_FOR: Duration = Duration::from_mins(5);
/// RFC 9309, section 2.4: a file is not to be used for longer than a day.
const LONGEST_KEPT: Duration = Duration::from_hours(24);
/// Many shops forbid caching of everything; a scan does not ask more often.
const SHORTEST_KEPT: Duration = Duration::from_hours(1);

/// A host's robots.txt.
pub(super) struct RobotsFile {
    robots: Robots,
    unreachable: Option<String>,
    expires: Timestamp,
}

impl Fetcher {
    /// The sitemaps that the robots.txt of the definition's base names and the
    /// definition allows: where offers may be looked for when its own sitemap
    /// is not there.
    ///
    /// # Errors
    /// As [`Fetcher::fetch`], when robots.txt cannot be read.
    pub async fn named_sitemaps(&self, definition: &Definition) -> Result<Vec<Target>, FetchError> {
        let base = definition.base();
        self.check_url(base)?;
        let host = self.host(base, definition);
        let mut cached = host.robots.lock().await;
        let file = self.current(&mut cached, definition, &host, base).await?;
        let named = file.robots.sitemaps().iter();
        let urls = named
            .filter_map(|link| resolve(base, link))
            .filter(|url| definition.allows(url));
        let mut targets = Vec::new();
        for url in urls {
            let target = Target::new(TargetKind::Sitemap, url, 0);
            if !targets.contains(&target) {
                targets.push(target);
            }
        }
        Ok(targets)
    }

    /// The robots.txt of the definition's base.
    ///
    /// # Errors
    /// As [`Fetcher::fetch`], when it cannot be read or asks for too long pauses.
    pub(crate) async fn robots(&self, definition: &Definition) -> Result<Robots, FetchError> {
        let base = definition.base();
        self.check_url(base)?;
        let host = self.host(base, definition);
        match self.obey_robots(definition, &host, base).await {
            Ok(()) | Err(FetchError::RobotsDisallowed { .. }) => {}
            Err(error) => return Err(error),
        }
        let mut cached = host.robots.lock().await;
        let file = self.current(&mut cached, definition, &host, base).await?;
        Ok(file.robots.clone())
    }

    /// Fails unless the host's robots.txt allows the URL; reads the file
    /// first if it must, and slows the host to its `Crawl-delay`.
    pub(super) async fn obey_robots(
        &self,
        definition: &Definition,
        host: &Host,
        url: &Url,
    ) -> Result<(), FetchError> {
        let mut cached = host.robots.lock().await;
        let file = self.current(&mut cached, definition, host, url).await?;
        if let Some(reason) = &file.unreachable {
            return Err(FetchError::RobotsUnreachable {
                url: url.clone(),
                reason: reason.clone(),
            });
        }
        if let Some(rule) = file.robots.forbidding_rule(url) {
            add(&host.counters.robots_skipped, 1);
            return Err(FetchError::RobotsDisallowed {
                url: url.clone(),
                rule,
            });
        }
        let limit = self.limits().crawl_delay_seconds;
        match file.robots.crawl_delay() {
            Some(delay) if delay.as_secs_f64() > limit => Err(FetchError::CrawlDelayTooLong {
                host: host.name.clone(),
                seconds: delay.as_secs_f64(),
                limit,
            }),
            _ => Ok(()),
        }
    }

    /// The file in `cached`, read anew when there is none or it has expired.
    async fn current<'a>(
        &self,
        cached: &'a mut Option<RobotsFile>,
        definition: &Definition,
        host: &Host,
        url: &Url,
    ) -> Result<&'a RobotsFile, FetchError> {
        let file = match cached.take() {
            Some(file) if file.expires > self.now() => file,
            _ => {
                let file = self.read_robots(definition, host, url).await?;
                if let Some(delay) = file.robots.crawl_delay() {
                    host.slow_to(delay.min(seconds(self.limits().crawl_delay_seconds)));
                }
                file
            }
        };
        Ok(cached.insert(file))
    }

    async fn read_robots(
        &self,
        definition: &Definition,
        host: &Host,
        url: &Url,
    ) -> Result<RobotsFile, FetchError> {
        let most = seconds(self.limits().robots_cache_seconds).min(LONGEST_KEPT);
        let (robots, unreachable, keep) = match self.ask_for_robots(definition, host, url).await {
            Ok(Some(answer)) => {
                let robots = Robots::parse(&answer.body, self.user_agent());
                (robots, None, kept_for(&answer, most))
            }
            Ok(None) => (Robots::default(), None, most),
            // Not the file's fault: say it as it is.
            Err(error) if error.asks_for_pause() => return Err(error),
            Err(FetchError::HostRefused {
                url: refused,
                reason,
            }) if refused.host_str() == url.host_str() => {
                let url = url.clone();
                return Err(FetchError::HostRefused { url, reason });
            }
            Err(error) => {
                let reason = Some(error.to_string());
                (Robots::default(), reason, UNREACHABLE_FOR)
            }
        };
        let keep = SignedDuration::try_from(keep).unwrap_or_default();
        Ok(RobotsFile {
            robots,
            unreachable,
            expires: self.now().saturating_add(keep).unwrap_or(Timestamp::MAX),
        })
    }

    /// The file; none when the host says there is none (4xx) or leads round
    /// in circles.
    async fn ask_for_robots(
        &self,
        definition: &Definition,
        host: &Host,
        url: &Url,
    ) -> Result<Option<Answer>, FetchError> {
        let mut at = url.clone();
        at.set_path("/robots.txt");
        at.set_query(None);
        at.set_fragment(None);
        let asked = at.clone();
        let mut hops = Vec::new();
        for hop in 0..=MAX_REDIRECTS {
            self.check_url(&at)?;
            // One byte more tells a file that was cut from one that fits.
            let request = Request::get(at.clone(), "text/plain, */*;q=0.1").at_most(MAX_BYTES + 1);
            // A redirect may lead to another host; it has its own turn there.
            let other = (hop > 0).then(|| self.host(&at, definition));
            let here = other.as_deref().unwrap_or(host);
            let answer = self.send(definition, here, &request).await?;
            if hop < MAX_REDIRECTS
                && (300..=399).contains(&answer.status)
                && let Ok(next) = redirect_target(&answer.headers, &at)
            {
                hops.push(self.hop(request, answer));
                at = next;
                continue;
            }
            let hops = std::mem::take(&mut hops);
            let exchange = self.exchanged(asked.clone(), hops, request, answer.clone());
            self.inner.robots.add(definition, exchange);
            match answer.status {
                200..=299 => return Ok(Some(answer)),
                500.. => {
                    return Err(FetchError::Http {
                        url: at,
                        status: answer.status,
                        attempts: answer.attempts,
                    });
                }
                _ => return Ok(None),
            }
        }
        Ok(None)
    }
}

/// As long as the answer's `Cache-Control` says, within bounds.
fn kept_for(answer: &Answer, most: Duration) -> Duration {
    let stated = answer.header("cache-control").unwrap_or_default();
    let stated = stated.split(',').find_map(|directive| {
        let (name, value) = directive.split_once('=').unwrap_or((directive, "0"));
        match name.trim().to_ascii_lowercase().as_str() {
            "max-age" => value.trim().trim_matches('"').parse().ok(),
            "no-cache" | "no-store" => Some(0),
            _ => None,
        }
    });
    stated.map_or(most, |stated| {
        Duration::from_secs(stated).max(SHORTEST_KEPT).min(most)
    })
}
