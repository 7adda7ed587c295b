//! The renderer: one browser for many pages, started when it is first needed.

use std::path::PathBuf;
use std::sync::Arc;

use tokio::sync::Mutex;

use super::browser::Browser;
use super::page::{Failed, Page};
use super::shared::Shared;
use super::{RenderOptions, launch};
use crate::definition::Definition;
use crate::fetch::{Exchange, FetchError, Fetcher};
use crate::target::Target;

/// Renders pages of one shop. Cheap to clone: clones share one browser, which is killed
/// with the last of them, and the scripts and styles that it was given.
#[derive(Clone)]
pub struct Renderer {
    program: PathBuf,
    /// Whether the browser gets a network of its own.
    apart: bool,
    running: Arc<Mutex<Option<Arc<Browser>>>>,
    shared: Arc<Shared>,
}

impl Renderer {
    /// A renderer whose browser is not started yet.
    ///
    /// # Errors
    /// [`FetchError::NoRendering`] when there is no browser.
    pub fn new(options: &RenderOptions) -> Result<Self, FetchError> {
        let program = launch::find(options).map_err(|reason| FetchError::NoRendering { reason })?;
        Ok(Self {
            program,
            apart: true,
            running: Arc::default(),
            shared: Arc::default(),
        })
    }

    /// Fetches one target as [`Fetcher::fetch`] does, and renders it where the
    /// definition says so and a page came: then [`Exchange::rendered`] is set,
    /// and [`crate::read`] reads that. Everything the page asks for goes
    /// through `fetcher`.
    ///
    /// # Errors
    /// As [`Fetcher::fetch`]; [`FetchError::Rendering`] when the browser fails,
    /// which is transient unless the page itself is at fault.
    pub async fn fetch(
        &self,
        fetcher: &Fetcher,
        definition: &Definition,
        target: &Target,
    ) -> Result<Exchange, FetchError> {
        let mut exchange = fetcher.fetch(definition, target).await?;
        let Some(how) = definition.rendering(target.kind) else {
            return Ok(exchange);
        };
        if !(200..300).contains(&exchange.status) || !is_page(&exchange) {
            return Ok(exchange);
        }
        let failed = |reason: String, passing: bool| FetchError::Rendering {
            url: exchange.url.clone(),
            reason,
            passing,
        };
        let browser = self.browser().await.map_err(|why| failed(why, true))?;
        let page = Page {
            fetcher,
            definition,
            how: &how,
            main: &exchange,
            shared: &self.shared,
        };
        match page.render(&browser).await {
            Ok(rendered) => exchange.rendered = Some(Box::new(rendered)),
            Err(Failed::Fetch(error)) => return Err(error),
            Err(Failed::Browser(trouble)) => {
                // A page that does not answer, in a browser that does, is at
                // fault itself.
                let answers = browser.answers().await;
                if !answers {
                    self.give_up(&browser).await;
                }
                return Err(failed(trouble.to_string(), !answers));
            }
        }
        Ok(exchange)
    }

    /// The browser that runs, or a new one.
    async fn browser(&self) -> Result<Arc<Browser>, String> {
        let mut running = self.running.lock().await;
        if let Some(browser) = running.as_ref().filter(|it| !it.pipe.is_closed()) {
            return Ok(Arc::clone(browser));
        }
        let browser = Arc::new(Browser::start(&self.program, self.apart).await?);
        *running = Some(Arc::clone(&browser));
        Ok(browser)
    }

    /// Kills a browser; the next page gets a new one.
    async fn give_up(&self, browser: &Arc<Browser>) {
        browser.kill();
        let mut running = self.running.lock().await;
        running.take_if(|it| Arc::ptr_eq(it, browser));
    }

    /// The same, with only the browser's flags to keep it from the network.
    #[cfg(test)]
    pub(super) fn on_this_network(mut self) -> Self {
        self.apart = false;
        self
    }

    /// The browser's process, while one runs.
    #[cfg(test)]
    pub(super) async fn process(&self) -> Option<u32> {
        let running = self.running.lock().await;
        running.as_ref().and_then(|browser| browser.process)
    }
}

fn is_page(exchange: &Exchange) -> bool {
    exchange.content_type().is_none_or(|kind| {
        let kind = kind.to_ascii_lowercase();
        kind.starts_with("text/html") || kind.starts_with("application/xhtml")
    })
}
