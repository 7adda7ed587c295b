//! Asking a shop: few requests, each noted with what it showed.

use std::sync::Arc;

use url::Url;

use super::report::Attempt;
use crate::blocked::{self, Instead};
use crate::definition::schema::Tier;
use crate::definition::{Definition, authority};
use crate::fetch::{Exchange, FetchError, Fetcher};
use crate::render::Renderer;
use crate::robots::Robots;
use crate::target::{Target, TargetKind};

/// The most requests of one probe, redirects among them.
pub(super) const MAX_REQUESTS: usize = 24;
/// So many more where pages are rendered; what those ask for is bounded by
/// [`crate::fetch::Limits`].
const MAX_RENDERED: usize = 16;
/// The most hosts beside the shop's own that rendered pages may ask.
const MAX_HOSTS: usize = 8;

pub(super) struct Asker<'a> {
    pub(super) fetcher: &'a Fetcher,
    /// Allows the shop's host with and without `www.`, and nothing else.
    definition: Definition,
    pub(super) attempts: Vec<Attempt>,
    requests: usize,
    /// Has pages rendered from now on.
    renderer: Option<Renderer>,
    /// How many attempts were made before.
    plain: usize,
    /// Hosts that rendered pages asked and were not let to.
    refused: Vec<String>,
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
            renderer: None,
            plain: 0,
            refused: Vec::new(),
            wall: None,
            led_to: None,
        })
    }

    /// Has every page rendered that is asked for from now on; pages that were asked for
    /// may be so again.
    pub(super) fn render_with(&mut self, renderer: &Renderer) {
        let schema = Arc::make_mut(&mut self.definition.schema);
        schema.tier = Tier::Rendered;
        schema.render.get_or_insert_default();
        self.renderer = Some(renderer.clone());
        self.plain = self.attempts.len();
    }

    pub(super) const fn renders(&self) -> bool {
        self.renderer.is_some()
    }

    /// Lets rendered pages ask the hosts that they were not let to; whether there are any.
    pub(super) fn allow_refused(&mut self) -> bool {
        let schema = Arc::make_mut(&mut self.definition.schema);
        let hosts = &mut schema.render.get_or_insert_default().hosts;
        let room = MAX_HOSTS.saturating_sub(hosts.len());
        let before = hosts.len();
        hosts.extend(std::mem::take(&mut self.refused).into_iter().take(room));
        hosts.len() > before
    }

    /// The hosts beside the shop's own that rendered pages may ask.
    pub(super) fn hosts(&self) -> &[String] {
        let render = self.definition.schema.render.as_ref();
        render.map_or(&[], |render| &render.hosts)
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
        let most = MAX_REQUESTS + if self.renders() { MAX_RENDERED } else { 0 };
        self.requests < most
    }

    /// Whether a page was asked for before, in the same way.
    pub(super) fn has_asked(&self, url: &Url) -> bool {
        let mut since = self.attempts.iter().skip(self.plain);
        since.any(|attempt| attempt.url == *url)
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
        let fetched = match &self.renderer {
            Some(renderer) => renderer.fetch(fetcher, definition, target).await,
            None => fetcher.fetch(definition, target).await,
        };
        match fetched {
            Ok(exchange) => {
                self.note_refused(&exchange);
                self.judge(exchange.shown().unwrap_or(exchange))
            }
            Err(error) => {
                self.failed(target, &error);
                None
            }
        }
    }

    fn note_refused(&mut self, exchange: &Exchange) {
        let refused = exchange.rendered.iter().flat_map(|page| &page.refused);
        for url in refused.filter_map(|part| part.elsewhere.as_ref()) {
            let host = authority(url);
            if !self.hosts().contains(&host) && !self.refused.contains(&host) {
                self.refused.push(host);
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
