//! A small shop on loopback.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::Request;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use url::Url;

use crate::fetch::{FetchOptions, Fetcher, Limits};
use crate::probe::{Report, asker, probe};

type Answer = Arc<dyn Fn(&str, &str) -> Option<Response> + Send + Sync>;

/// A shop on a free port, and what was asked of it.
pub(super) struct Server {
    pub(super) base: Url,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Server {
    /// `answer` gets method and path with query; what it does not know is 404.
    pub(super) async fn open(
        answer: impl Fn(&str, &str, &str) -> Option<Response> + Send + Sync + 'static,
    ) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0")
            .await
            .expect("a port");
        let base = format!("http://{}/", listener.local_addr().expect("an address"));
        let asked: Arc<Mutex<Vec<String>>> = Arc::default();
        let (log, own) = (Arc::clone(&asked), base.clone());
        let answer: Answer = Arc::new(move |method, path| answer(method, path, &own));
        let router = Router::new().fallback(move |request: Request| {
            let (log, answer) = (Arc::clone(&log), Arc::clone(&answer));
            async move {
                let path = request
                    .uri()
                    .path_and_query()
                    .map_or("/", |path| path.as_str());
                log.lock().expect("the log").push(path.to_owned());
                let missing = || {
                    (
                        StatusCode::NOT_FOUND,
                        html("<title>Not found</title><h1>Not found</h1>"),
                    )
                        .into_response()
                };
                answer(request.method().as_str(), path).unwrap_or_else(missing)
            }
        });
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self {
            base: Url::parse(&base).expect("a URL"),
            asked,
        }
    }

    pub(super) fn asked(&self) -> Vec<String> {
        self.asked.lock().expect("the log").clone()
    }

    pub(super) async fn probe(&self) -> Report {
        self.probe_at("/").await
    }

    /// Probes the shop, given this page of it.
    pub(super) async fn probe_at(&self, path: &str) -> Report {
        let url = self.base.join(path).expect("a URL");
        let report = probe(&fetcher(), None, &url).await.expect("an address");
        assert!(
            self.asked().len() <= asker::MAX_REQUESTS,
            "{:#?}",
            self.asked()
        );
        assert_eq!(
            self.asked().first().map(String::as_str),
            Some("/robots.txt")
        );
        report
    }
}

pub(super) fn fetcher() -> Fetcher {
    let noon = || "2026-11-23T12:00:00Z".parse().expect("a time");
    Fetcher::new(FetchOptions {
        allow_private_hosts: vec!["127.0.0.1".to_owned()],
        limits: Limits {
            requests_per_second: 1000.0,
            backoff_seconds: 0.01,
            ..Limits::default()
        },
        ..FetchOptions::new("markhound/0.1 (+mailto:ip@example.com)", Arc::new(noon))
    })
    .expect("a fetcher")
}

pub(super) fn html(body: &str) -> Response {
    let page = format!("<!doctype html><html lang=\"en\"><body>{body}</body></html>");
    ([(header::CONTENT_TYPE, "text/html; charset=utf-8")], page).into_response()
}

pub(super) fn json(body: String) -> Response {
    ([(header::CONTENT_TYPE, "application/json")], body).into_response()
}
