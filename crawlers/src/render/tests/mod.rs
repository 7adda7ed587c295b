//! Rendering with a real Chromium, against servers on loopback.

mod bounded;
mod guarded;
mod reading;

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::{Request, State};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{Html, Response};
use axum::routing::get;
use jiff::Timestamp;
use url::Url;

use super::{RenderOptions, Renderer};
use crate::fetch::{FetchOptions, Fetcher, Limits};
use crate::{Definition, Target};

/// A renderer; none, and a word about it, where there is no browser.
fn renderer() -> Option<Renderer> {
    let made = Renderer::new(&RenderOptions::default());
    if let Err(error) = &made {
        eprintln!("skipped: {error}");
    }
    made.ok()
}

/// A shop on a free port of this machine, and the paths it was asked for.
struct Shop {
    base: String,
    log: Arc<Mutex<Vec<String>>>,
}

impl Shop {
    async fn open(router: Router) -> Self {
        let log = Arc::<Mutex<Vec<String>>>::default();
        let router = router.layer(from_fn_with_state(Arc::clone(&log), record));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0")
            .await
            .expect("a free port");
        let address = listener.local_addr().expect("an address");
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self {
            base: format!("http://{address}"),
            log,
        }
    }

    /// A shop of one page.
    async fn of(page: &str) -> Self {
        Self::open(Router::new().route("/p/1", html(page))).await
    }

    fn asked(&self) -> Vec<String> {
        self.log.lock().expect("the log").clone()
    }

    fn item(&self, path: &str) -> Target {
        Target::item(Url::parse(&format!("{}{path}", self.base)).expect("a URL"))
    }

    fn definition(&self, render: &str) -> Definition {
        let text = format!(
            "id = \"shop\"\nname = \"Shop\"\ntier = \"rendered\"\nbase = \"{}\"\n\
             [rate]\nper_second = 1000\nconcurrency = 4\n[render]\n{render}\n\
             [discover]\nkind = \"list\"\nurl = \"/\"\nitems = {{ css = \"a.item\", attr = \"href\" }}\n\
             [fields]\ntitle = [{{ css = \"h1\" }}]\nprice = [{{ css = \".price\" }}]\n\
             images = [{{ css = \"img\", attr = \"src\" }}]\n",
            self.base
        );
        Definition::parse(&text, "shop.toml").expect("a definition")
    }

    /// A fetcher that may reach this shop and nothing else here.
    fn fetcher(&self, limits: Limits) -> Fetcher {
        let host = self.base.trim_start_matches("http://").to_owned();
        Fetcher::new(FetchOptions {
            allow_private_hosts: vec![host],
            limits: Limits {
                backoff_seconds: 0.01,
                ..limits
            },
            ..FetchOptions::new("markhound/0.1 (+mailto:ip@example.com)", Arc::new(noon))
        })
        .expect("a fetcher")
    }
}

fn html<S: Clone + Send + Sync + 'static>(page: &str) -> axum::routing::MethodRouter<S> {
    let page = page.to_owned();
    get(async move || Html(page))
}

fn script<S: Clone + Send + Sync + 'static>(code: &str) -> axum::routing::MethodRouter<S> {
    let code = code.to_owned();
    get(async move || ([("content-type", "text/javascript")], code))
}

async fn record(
    State(log): State<Arc<Mutex<Vec<String>>>>,
    request: Request,
    next: Next,
) -> Response {
    let line = format!("{} {}", request.method(), request.uri());
    log.lock().expect("the log").push(line);
    next.run(request).await
}

fn noon() -> Timestamp {
    "2026-11-23T12:00:00Z".parse().expect("a time")
}

/// Width and height of a PNG (its IHDR chunk).
fn png_size(png: &[u8]) -> (u32, u32) {
    assert!(png.starts_with(b"\x89PNG\r\n\x1a\n"), "no PNG");
    let number = |at: usize| u32::from_be_bytes(png[at..at + 4].try_into().expect("four bytes"));
    (number(16), number(20))
}
