//! robots.txt as fetched: once a host, kept, and read as RFC 9309 says.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use url::Url;

use super::host::Host;
use super::limits::seconds;
use super::send::{Answer, Request};
use super::stats::add;
use super::{FetchError, Fetcher, redirect_target};
use crate::definition::Definition;
use crate::robots::{MAX_BYTES, Robots};

/// RFC 9309: at least five redirects are to be followed.
const MAX_REDIRECTS: usize = 5;
/// How long a host counts as unreachable before it is asked again.
const UNREACHABLE_FOR: Duration = Duration::from_mins(5);

/// A host's robots.txt.
pub(super) struct RobotsFile {
    robots: Robots,
    unreachable: Option<String>,
    expires: Timestamp,
}

impl Fetcher {
    /// Fails unless the host's robots.txt allows the URL; reads the file
    /// first if it must, and slows the host to its `Crawl-delay`.
    pub(super) async fn obey_robots(
        &self,
        definition: &Definition,
        host: &Host,
        url: &Url,
    ) -> Result<(), FetchError> {
        let mut cached = host.robots.lock().await;
        if cached
            .as_ref()
            .is_none_or(|file| file.expires <= self.now())
        {
            let file = self.read_robots(definition, host, url).await?;
            if let Some(delay) = file.robots.crawl_delay() {
                host.slow_to(delay.min(seconds(self.limits().crawl_delay_seconds)));
            }
            *cached = Some(file);
        }
        let Some(file) = cached.as_ref() else {
            return Ok(());
        };
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

    async fn read_robots(
        &self,
        definition: &Definition,
        host: &Host,
        url: &Url,
    ) -> Result<RobotsFile, FetchError> {
        let (robots, unreachable) = match self.ask_for_robots(definition, host, url).await {
            Ok(Some(answer)) => (Robots::parse(&answer.body, self.user_agent()), None),
            Ok(None) => (Robots::default(), None),
            // Not the file's fault: say it as it is.
            Err(
                error @ (FetchError::HostRefused { .. }
                | FetchError::RetryLater { .. }
                | FetchError::RateBudget { .. }),
            ) => {
                return Err(error);
            }
            Err(error) => (Robots::default(), Some(error.to_string())),
        };
        let keep = if unreachable.is_some() {
            UNREACHABLE_FOR
        } else {
            seconds(self.limits().robots_cache_seconds)
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
        for hop in 0..=MAX_REDIRECTS {
            self.check_url(&at)?;
            let request = Request::get(at.clone(), "text/plain, */*;q=0.1").at_most(MAX_BYTES + 1);
            // A redirect may lead to another host; it has its own turn there.
            let other = (hop > 0).then(|| self.host(&at, definition));
            let here = other.as_deref().unwrap_or(host);
            let answer = self.send(definition, here, &request).await?;
            match answer.status {
                200..=299 => return Ok(Some(answer)),
                300..=399 => match redirect_target(&answer.headers, &at) {
                    Ok(next) => at = next,
                    Err(_) => return Ok(None),
                },
                _ => return Ok(None),
            }
        }
        Ok(None)
    }
}
