//! Fetching against real servers on loopback.

mod guarding;
mod hostile;
mod keeping;
mod patience;
mod politeness;
mod robots_states;
mod signing_in;
mod tls;
mod waiting;

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Instant;

use axum::Router;
use axum::extract::{Request, State};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::Response;
use jiff::Timestamp;

use super::*;

/// What a server saw: when, and the path with its query.
type Log = Arc<Mutex<Vec<(Instant, String)>>>;

/// A server on a free port of this machine, and its access log.
struct Shop {
    base: String,
    log: Log,
}

impl Shop {
    async fn open(router: Router) -> Self {
        let log = Log::default();
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

    fn paths(&self) -> Vec<String> {
        let log = self.log.lock().expect("the log");
        log.iter().map(|(_, path)| path.clone()).collect()
    }

    fn times(&self) -> Vec<Instant> {
        let log = self.log.lock().expect("the log");
        log.iter().map(|(time, _)| *time).collect()
    }

    fn url(&self, path: &str) -> Url {
        Url::parse(&format!("{}{path}", self.base)).expect("a URL")
    }

    fn item(&self, path: &str) -> Target {
        Target::item(self.url(path))
    }

    /// A definition of this shop with a high rate and `more` TOML tables.
    fn definition(&self, more: &str) -> Definition {
        let rate = if more.contains("[rate]") {
            ""
        } else {
            "[rate]\nper_second = 1000\nconcurrency = 4\n"
        };
        let text = format!(
            "id = \"shop\"\nname = \"Shop\"\ntier = \"selector\"\nbase = \"{}\"\n{more}\n{rate}\
             [discover]\nkind = \"list\"\nurl = \"/\"\nitems = {{ css = \"a\", attr = \"href\" }}\n\
             [fields]\ntitle = [{{ css = \"h1\" }}]\n",
            self.base
        );
        Definition::parse(&text, "shop.toml").expect("a definition")
    }
}

async fn record(State(log): State<Log>, request: Request, next: Next) -> Response {
    let path = request
        .uri()
        .path_and_query()
        .map_or_else(String::new, ToString::to_string);
    log.lock().expect("the log").push((Instant::now(), path));
    next.run(request).await
}

fn noon() -> Timestamp {
    "2026-11-23T12:00:00Z".parse().expect("a time")
}

fn options() -> FetchOptions {
    FetchOptions {
        allow_private_hosts: vec!["127.0.0.1".to_owned()],
        limits: Limits {
            backoff_seconds: 0.01,
            ..Limits::default()
        },
        credentials: HashMap::from([
            ("SHOP_ID".to_owned(), "id".to_owned()),
            ("SHOP_SECRET".to_owned(), "secret".to_owned()),
        ]),
        ..FetchOptions::new("markhound/0.1 (+mailto:ip@example.com)", Arc::new(noon))
    }
}

fn fetcher() -> Fetcher {
    Fetcher::new(options()).expect("a fetcher")
}
