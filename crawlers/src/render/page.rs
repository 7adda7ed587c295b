//! One page: opened, its requests answered, waited for, taken.

use std::time::Duration;

use futures::future::BoxFuture;
use futures::stream::{FuturesUnordered, StreamExt};
use serde_json::{Value, json};
use tokio::sync::{mpsc, oneshot};
use tokio::time::{Instant, sleep_until};
use url::Url;

use super::answer::{Paused, Ruling, fulfilment, refusal};
use super::browser::{Browser, Tab};
use super::pipe::{Event, Trouble};
use super::shared::Shared;
use super::{Refused, Rendered, show};
use crate::definition::pattern::host_matches;
use crate::definition::render::Render;
use crate::definition::{Definition, authority};
use crate::fetch::{Exchange, FetchError, Fetcher, seconds};
use crate::target::{Target, TargetKind};

/// How often it is looked whether a page is there.
const LOOK: Duration = Duration::from_millis(100);
/// How long a page without `wait_for` must have asked for nothing.
const QUIET: Duration = Duration::from_millis(500);
/// Refused requests that are kept.
const REFUSED: usize = 200;

/// Run in every frame before its own scripts: what speaks past HTTP is not there.
const NO_PEERS: &str = "for (const name of ['RTCPeerConnection', 'webkitRTCPeerConnection', \
    'WebTransport']) delete globalThis[name];";

/// Why a page was not rendered.
pub(super) enum Failed {
    Browser(Trouble),
    Fetch(FetchError),
}

impl From<Trouble> for Failed {
    fn from(trouble: Trouble) -> Self {
        Self::Browser(trouble)
    }
}

/// A page to be rendered.
pub(super) struct Page<'a> {
    pub fetcher: &'a Fetcher,
    pub definition: &'a Definition,
    pub how: &'a Render,
    /// What the server sent.
    pub main: &'a Exchange,
    pub shared: &'a Shared,
}

/// A request of the page that was fetched, or not.
struct Part {
    id: String,
    url: Url,
    got: Result<Exchange, FetchError>,
    /// Whether an earlier page had asked for it.
    again: bool,
}

impl<'a> Page<'a> {
    pub(super) async fn render(&self, browser: &Browser) -> Result<Rendered, Failed> {
        let limits = self.fetcher.limits();
        let deadline = Instant::now() + seconds(limits.render_seconds);
        let tab = browser.open().await?;
        let mut events = tab.events();
        self.prepare(&tab).await?;
        let mut visit = Visit::new(self, &tab);
        drop(tab.post("Page.navigate", json!({ "url": self.main.url.as_str() })));
        let complete = visit.wait(&mut events, deadline).await?;

        visit.closing();
        let taking = async {
            let dom = show::document(&tab, limits.response_bytes, !complete).await?;
            let at = self.fetcher.now();
            let wanted = self.how.screenshot && dom.is_some();
            let width = self.how.viewport.width;
            let shot = show::screenshot(&tab, width, limits.render_screenshot_height);
            Ok((dom, at, if wanted { shot.await } else { None }))
        };
        let (dom, at, screenshot) = visit.attend(&mut events, taking).await?;
        let dom = dom.ok_or_else(|| {
            Failed::Fetch(FetchError::TooLarge {
                url: self.main.url.clone(),
                what: "rendered document",
                limit: limits.response_bytes,
            })
        })?;
        Ok(Rendered {
            dom,
            screenshot,
            exchanges: visit.given,
            shared: visit.shared,
            refused: visit.refused,
            complete,
            at,
            browser: browser.product.clone(),
        })
    }

    async fn prepare(&self, tab: &Tab) -> Result<(), Trouble> {
        let everything = json!({ "patterns": [{ "urlPattern": "*", "requestStage": "Request" }] });
        tab.set("Fetch.enable", everything).await?;
        tab.set("Page.enable", json!({})).await?;
        tab.set("Inspector.enable", json!({})).await?;
        let first = json!({ "source": NO_PEERS });
        tab.set("Page.addScriptToEvaluateOnNewDocument", first)
            .await?;
        let bypass = json!({ "bypass": true });
        tab.set("Network.setBypassServiceWorker", bypass).await?;
        let who = json!({
            "userAgent": self.fetcher.user_agent(),
            "acceptLanguage": self.definition.language().unwrap_or_default(),
        });
        tab.set("Emulation.setUserAgentOverride", who).await?;
        let viewport = json!({
            "width": self.how.viewport.width,
            "height": self.how.viewport.height,
            "deviceScaleFactor": 1,
            "mobile": false,
        });
        tab.set("Emulation.setDeviceMetricsOverride", viewport)
            .await
    }

    async fn fetch(&self, id: String, kind: TargetKind, url: Url, is_shared: bool) -> Part {
        let known = is_shared.then(|| self.shared.get(&url, self.fetcher.now()));
        if let Some(exchange) = known.flatten() {
            return Part {
                id,
                url,
                got: Ok(exchange),
                again: true,
            };
        }
        let target = Target::new(kind, url.clone(), 0);
        let permitted = |url: &Url| self.permitted(kind, url);
        let got = self
            .fetcher
            .fetch_where(self.definition, &target, &permitted)
            .await;
        if let (true, Ok(exchange)) = (is_shared, &got) {
            self.shared.keep(&url, exchange);
        }
        Part {
            id,
            url,
            got,
            again: false,
        }
    }

    /// Whether a page of this source may ask this host.
    fn permitted(&self, kind: TargetKind, url: &Url) -> Result<(), FetchError> {
        let definition = self.definition;
        if definition.allows(url)
            || (kind == TargetKind::Image && definition.allows_image(url))
            || self.how.hosts.iter().any(|entry| host_matches(entry, url))
        {
            return Ok(());
        }
        Err(FetchError::HostRefused {
            url: url.clone(),
            reason: format!(
                "{} is neither among the `allowed_hosts` nor the `render.hosts` of source `{}`",
                authority(url),
                definition.id()
            ),
        })
    }

    /// Whether an error of a part is one of the whole page: nothing more may
    /// be asked, so it would be taken half built.
    fn stops(&self, error: &FetchError) -> bool {
        match error {
            FetchError::RetryLater { host, .. } => *host == authority(&self.main.url),
            error => error.asks_for_pause(),
        }
    }
}

/// A page while it is open.
struct Visit<'a> {
    page: &'a Page<'a>,
    tab: &'a Tab,
    work: FuturesUnordered<BoxFuture<'a, Part>>,
    given: Vec<Exchange>,
    shared: Vec<Exchange>,
    refused: Vec<Refused>,
    /// Requests and bytes, of which there are only so many.
    asked: usize,
    bytes: usize,
    /// Whether the main frame has its page.
    begun: bool,
    /// Nothing more is fetched.
    closing: bool,
    /// When a fetch last began or ended.
    busy: Instant,
}

impl<'a> Visit<'a> {
    fn new(page: &'a Page<'a>, tab: &'a Tab) -> Self {
        Self {
            page,
            tab,
            work: FuturesUnordered::new(),
            given: Vec::new(),
            shared: Vec::new(),
            refused: Vec::new(),
            asked: 0,
            bytes: 0,
            begun: false,
            closing: false,
            busy: Instant::now(),
        }
    }

    /// Answers the page until it is there (true), or a bound is reached (false).
    async fn wait(
        &mut self,
        events: &mut mpsc::Receiver<Event>,
        deadline: Instant,
    ) -> Result<bool, Failed> {
        let look = match &self.page.how.wait_for {
            Some(selector) => format!(
                "!!document.querySelector({})",
                Value::from(selector.as_str())
            ),
            None => "document.readyState === 'complete'".to_owned(),
        };
        let look = json!({ "expression": look, "returnByValue": true });
        let patience = Duration::from_millis(self.page.how.wait_ms);
        let mut looking: Option<oneshot::Receiver<Result<Value, String>>> = None;
        let mut there = false;
        let mut ticks = tokio::time::interval(LOOK);
        loop {
            tokio::select! {
                event = events.recv() => match event {
                    Some(event) => self.note(&event)?,
                    None => return self.cut_off(),
                },
                Some(part) = self.work.next() => self.hand_over(part)?,
                () = sleep_until(deadline) => return Ok(false),
                seen = answered(&mut looking) => {
                    looking = None;
                    there = seen;
                }
                _ = ticks.tick() => {
                    let idle = if self.work.is_empty() { self.busy.elapsed() } else { Duration::ZERO };
                    let how = self.page.how;
                    let ready = match how.wait_for {
                        Some(_) => self.work.is_empty() || !how.screenshot,
                        None => idle >= QUIET.min(patience),
                    };
                    if there && ready {
                        return Ok(true);
                    }
                    if idle >= patience {
                        return Ok(false);
                    }
                    if self.begun && looking.is_none() {
                        looking = Some(self.tab.post("Runtime.evaluate", look.clone()));
                    }
                }
            }
        }
    }

    /// No more events: the browser has gone, or the page makes too many.
    fn cut_off(&self) -> Result<bool, Failed> {
        if self.tab.is_closed() {
            return Err(Trouble::Gone.into());
        }
        Ok(false)
    }

    /// Drops what is under way and answers nothing more.
    fn closing(&mut self) {
        self.closing = true;
        self.work.clear();
    }

    /// Does something with the page while its dialogs and requests are seen to.
    async fn attend<T>(
        &mut self,
        events: &mut mpsc::Receiver<Event>,
        doing: impl Future<Output = Result<T, Trouble>>,
    ) -> Result<T, Failed> {
        tokio::pin!(doing);
        loop {
            tokio::select! {
                done = &mut doing => return done.map_err(Failed::from),
                Some(event) = events.recv() => self.note(&event)?,
            }
        }
    }

    fn note(&mut self, event: &Event) -> Result<(), Failed> {
        match event.method.as_str() {
            "Fetch.requestPaused" => self.see_to(Paused::read(&event.params)),
            "Page.javascriptDialogOpening" => {
                let no = json!({ "accept": false });
                drop(self.tab.post("Page.handleJavaScriptDialog", no));
            }
            "Inspector.targetCrashed" => return Err(Trouble::Crashed.into()),
            _ => {}
        }
        Ok(())
    }

    fn see_to(&mut self, paused: Paused) {
        let limits = self.page.fetcher.limits();
        match paused.rule(self.page.how, &self.tab.target, self.begun) {
            Ruling::Page => {
                self.begun = true;
                self.busy = Instant::now();
                let answer = fulfilment(&paused.id, self.page.main);
                drop(self.tab.post("Fetch.fulfillRequest", answer));
            }
            Ruling::Refuse(why) => self.refuse(&paused.id, &paused.url, why.to_owned(), None),
            Ruling::Fetch(..) if self.closing => {
                self.refuse(
                    &paused.id,
                    &paused.url,
                    "the page is being taken".to_owned(),
                    None,
                );
            }
            Ruling::Fetch(..) if self.asked >= limits.render_requests => {
                let why = format!("the page's {} requests are used up", limits.render_requests);
                self.refuse(&paused.id, &paused.url, why, None);
            }
            Ruling::Fetch(kind, mut url) => {
                self.asked += 1;
                self.busy = Instant::now();
                url.set_fragment(None);
                let is_shared = paused.is_shared();
                let part = self.page.fetch(paused.id, kind, url, is_shared);
                self.work.push(Box::pin(part));
            }
        }
    }

    fn hand_over(&mut self, part: Part) -> Result<(), Failed> {
        self.busy = Instant::now();
        let exchange = match part.got {
            Ok(exchange) => exchange,
            Err(error) if self.page.stops(&error) => return Err(Failed::Fetch(error)),
            Err(error) => {
                let elsewhere = match &error {
                    FetchError::HostRefused { url, .. } if *url == part.url => Some(url.clone()),
                    _ => None,
                };
                self.refuse(&part.id, part.url.as_str(), error.to_string(), elsewhere);
                return Ok(());
            }
        };
        let limit = self.page.fetcher.limits().render_bytes;
        self.bytes = self.bytes.saturating_add(exchange.body.len());
        if self.bytes > limit {
            let why = format!("the page's {limit} bytes are used up");
            self.refuse(&part.id, part.url.as_str(), why, None);
        } else {
            let answer = fulfilment(&part.id, &exchange);
            drop(self.tab.post("Fetch.fulfillRequest", answer));
            match part.again {
                true => self.shared.push(exchange),
                false => self.given.push(exchange),
            }
        }
        Ok(())
    }

    fn refuse(&mut self, id: &str, url: &str, why: String, elsewhere: Option<Url>) {
        drop(self.tab.post("Fetch.failRequest", refusal(id)));
        if self.refused.len() < REFUSED {
            let url = url.chars().take(300).collect();
            self.refused.push(Refused {
                url,
                why,
                elsewhere,
            });
        }
    }
}

/// What a look at the page said; never, while there is none under way.
async fn answered(looking: &mut Option<oneshot::Receiver<Result<Value, String>>>) -> bool {
    match looking {
        None => std::future::pending().await,
        Some(receiver) => {
            let answer = receiver.await;
            answer.is_ok_and(|it| it.is_ok_and(|it| it["result"]["value"] == Value::Bool(true)))
        }
    }
}
