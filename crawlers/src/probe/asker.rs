//! Asking a shop: few requests, each noted with what it showed.

use std::sync::Arc;

use url::Url;

use super::report::Attempt;
use crate::blocked::{self, Instead};
use crate::definition::{Definition, authority};
use crate::fetch::{Exchange, FetchError, Fetcher};
use crate::robots::Robots;
use crate::target::{Target, TargetKind};

/// The most requests of one probe, redirects among them.
pub(super) const MAX_REQUESTS: usize = 24;

pub(super) struct Asker<'a> {
    pub(super) fetcher: &'a Fetcher,
    /// Allows the shop's host with and without `www.`, and nothing else.
    definition: Definition,
    pub(super) attempts: Vec<Attempt>,
    requests: usize,
    /// The wall that was shown last.
    pub(super) wall: Option<String>,
    /// Where else the shop leads, if it leads away.
    pub(super) led_to: Option<Url>,
}

impl<'a> Asker<'a> {
    pub(super) fn new(fetcher: &'a Fetcher, base: &Url) -> Option<Self> {
        let host = authority(base);
        let mut hosts = vec![host.clone()];
        // An address in numbers has no `www.`.
        if base.domain().is_some() {
            let twin = host.strip_prefix("www.").map(str::to_owned);
            hosts.push(twin.unwrap_or_else(|| format!("www.{host}")));
        }
        let mut builtin = Definition::builtin().into_iter();
        let generic = builtin.find(|definition| definition.id() == "schema-org")?;
        let definition = generic.with_base(base.as_str()).ok()?.with_id("probe");
        let mut schema = Arc::unwrap_or_clone(definition.schema);
        schema.allowed_hosts = hosts;
        // The pace is that of the fetcher's limits and of robots.txt.
        schema.rate = Default::default();
        Some(Self {
            fetcher,
            definition: Definition {
                schema: Arc::new(schema),
            },
            attempts: Vec::new(),
            requests: 0,
            wall: None,
            led_to: None,
        })
    }

    /// The shop's robots.txt.
    pub(super) async fn robots(&mut self) -> Result<Robots, FetchError> {
        let mut url = self.definition.base().clone();
        url.set_path("/robots.txt");
        self.requests += 1;
        let read = self.fetcher.robots(&self.definition).await;
        let showed = match &read {
            Ok(robots) => {
                let delay = robots.crawl_delay().map_or_else(String::new, |delay| {
                    format!(", {} s between requests", delay.as_secs_f64())
                });
                format!("read: {} sitemap(s) named{delay}", robots.sitemaps().len())
            }
            Err(error) => error.to_string(),
        };
        self.attempts.push(Attempt {
            url,
            status: None,
            showed,
        });
        read
    }

    /// Whether another request may be sent.
    pub(super) const fn may_ask(&self) -> bool {
        self.requests < MAX_REQUESTS
    }

    /// Whether a page was asked for before.
    pub(super) fn has_asked(&self, url: &Url) -> bool {
        self.attempts.iter().any(|attempt| attempt.url == *url)
    }

    pub(super) fn allows(&self, url: &Url) -> bool {
        self.definition.allows(url)
    }

    /// A page or a sitemap of the shop; none when it gave no good answer. What
    /// was wrong then stands among the attempts.
    pub(super) async fn get(&mut self, url: &Url, kind: TargetKind) -> Option<Exchange> {
        let definition = self.definition.clone();
        let target = Target::new(kind, url.clone(), 0);
        self.ask(self.fetcher, &definition, &target).await
    }

    /// What may be there, by another definition, which may add headers or a body. Programs
    /// that know nothing of it may answer with an error: it is asked for once.
    pub(super) async fn guess(
        &mut self,
        definition: &Definition,
        target: &Target,
    ) -> Option<Exchange> {
        let fetcher = self.fetcher.trying_once();
        self.ask(&fetcher, definition, target).await
    }

    async fn ask(
        &mut self,
        fetcher: &Fetcher,
        definition: &Definition,
        target: &Target,
    ) -> Option<Exchange> {
        if !self.may_ask() {
            return None;
        }
        match fetcher.fetch(definition, target).await {
            Ok(exchange) => self.judge(exchange),
            Err(error) => {
                self.failed(target, &error);
                None
            }
        }
    }

    fn judge(&mut self, exchange: Exchange) -> Option<Exchange> {
        self.requests += exchange.hops.len() + exchange.attempts as usize;
        let status = exchange.status;
        let shown = blocked::recognise(&exchange);
        let showed = match &shown {
            Some(shown) if shown.instead == Instead::Wall => format!("blocked: {}", shown.why),
            Some(shown) => shown.why.clone(),
            None if matches!(status, 401 | 403 | 407 | 429) => "not let in".to_owned(),
            None if (200..300).contains(&status) => "an answer".to_owned(),
            None => "not there".to_owned(),
        };
        self.attempts.push(Attempt {
            url: exchange.requested.clone(),
            status: Some(status),
            showed: showed.clone(),
        });
        let is_wall = shown
            .as_ref()
            .is_some_and(|shown| shown.instead == Instead::Wall);
        if is_wall || matches!(status, 401 | 403 | 407 | 429) {
            self.wall = Some(format!(
                "{} answered with status {status}: {showed}",
                exchange.url
            ));
        }
        ((200..300).contains(&status) && shown.is_none()).then_some(exchange)
    }

    fn failed(&mut self, target: &Target, error: &FetchError) {
        let mut status = None;
        match error {
            FetchError::RobotsDisallowed { .. } => {}
            FetchError::HostRefused { url, .. } if !self.allows(url) => {
                self.requests += 1;
                self.led_to = Some(url.clone());
            }
            FetchError::Http {
                status: last,
                attempts,
                ..
            } => {
                self.requests += *attempts as usize;
                status = Some(*last);
            }
            FetchError::Connection { attempts, .. } => self.requests += *attempts as usize,
            _ => self.requests += 1,
        }
        let (url, showed) = (target.url.clone(), error.to_string());
        self.attempts.push(Attempt {
            url,
            status,
            showed,
        });
    }

    /// Puts what the last answer turned out to be beside it.
    pub(super) fn showed(&mut self, what: String) {
        if let Some(last) = self.attempts.last_mut() {
            last.showed = what;
        }
    }

    /// Takes note of pages that were asked for the shop's currency.
    pub(super) fn noted(&mut self, exchanges: &[Exchange], currency: Option<&str>) {
        self.requests += exchanges.len();
        let found = currency.map_or_else(
            || "no currency".to_owned(),
            |code| format!("the currency: {code}"),
        );
        let last = exchanges.len().saturating_sub(1);
        for (at, exchange) in exchanges.iter().enumerate() {
            let showed = if at == last {
                found.clone()
            } else {
                "no currency".to_owned()
            };
            self.attempts.push(Attempt {
                url: exchange.requested.clone(),
                status: Some(exchange.status),
                showed,
            });
        }
    }

    /// Whether anything at all was answered.
    pub(super) fn was_answered(&self) -> bool {
        self.attempts.iter().any(|attempt| attempt.status.is_some())
    }
}
