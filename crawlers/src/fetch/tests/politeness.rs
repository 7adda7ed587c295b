use std::time::Duration;

use axum::Router;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Redirect;
use axum::routing::get;

use super::*;

fn shop_with_robots(robots: &'static str) -> Router {
    Router::new()
        .route("/robots.txt", get(move || async move { robots }))
        .fallback(|| async { "<h1>page</h1>" })
}

#[tokio::test]
async fn robots_is_read_once_and_obeyed_for_every_url() {
    let shop = Shop::open(shop_with_robots("User-agent: *\nDisallow: /basket\n")).await;
    let (fetcher, definition) = (fetcher(), shop.definition(""));
    fetcher
        .fetch(&definition, &shop.item("/a"))
        .await
        .expect("allowed");
    fetcher
        .fetch(&definition, &shop.item("/b"))
        .await
        .expect("allowed");
    let error = fetcher
        .fetch(&definition, &shop.item("/basket/7"))
        .await
        .expect_err("forbidden");
    assert!(
        matches!(error, FetchError::RobotsDisallowed { .. }),
        "{error}"
    );
    assert!(error.to_string().contains("Disallow: /basket"), "{error}");
    assert!(!error.is_transient());
    assert_eq!(shop.paths(), ["/robots.txt", "/a", "/b"]);
    let stats = fetcher.stats();
    assert_eq!((stats[0].requests, stats[0].robots_skipped), (3, 1));
}

#[tokio::test]
async fn a_redirect_into_a_forbidden_path_is_not_followed() {
    let router = shop_with_robots("User-agent: *\nDisallow: /konto\n")
        .route("/old", get(|| async { Redirect::permanent("/konto/x") }));
    let shop = Shop::open(router).await;
    let error = fetcher()
        .fetch(&shop.definition(""), &shop.item("/old"))
        .await
        .expect_err("forbidden");
    assert_eq!(error.code(), "robots");
    assert_eq!(shop.paths(), ["/robots.txt", "/old"]);
}

#[tokio::test]
async fn a_missing_robots_allows_everything_and_a_broken_one_nothing() {
    let missing = Router::new()
        .route("/robots.txt", get(|| async { StatusCode::FORBIDDEN }))
        .fallback(|| async { "page" });
    let shop = Shop::open(missing).await;
    fetcher()
        .fetch(&shop.definition(""), &shop.item("/a"))
        .await
        .expect("allowed");

    let broken = Router::new()
        .route(
            "/robots.txt",
            get(|| async { StatusCode::INTERNAL_SERVER_ERROR }),
        )
        .fallback(|| async { "page" });
    let shop = Shop::open(broken).await;
    let (fetcher, definition) = (fetcher(), shop.definition(""));
    for path in ["/a", "/b"] {
        let error = fetcher
            .fetch(&definition, &shop.item(path))
            .await
            .expect_err("forbidden");
        assert_eq!(error.code(), "robots-unreachable");
        assert!(error.is_transient());
    }
    // Four attempts at robots.txt, and not one request for a page.
    assert_eq!(shop.paths(), ["/robots.txt"; 4]);
}

#[tokio::test]
async fn requests_keep_the_crawl_delay_when_it_is_slower_than_the_definition() {
    const DELAY: Duration = Duration::from_millis(150);
    // How much later than its sender's clock a server may note a request.
    const TOLERANCE: Duration = Duration::from_millis(75);
    let shop = Shop::open(shop_with_robots("User-agent: *\nCrawl-delay: 0.15\n")).await;
    let (fetcher, definition) = (fetcher(), shop.definition(""));
    let targets: Vec<Target> = (0..8).map(|n| shop.item(&format!("/{n}"))).collect();
    let fetches = targets
        .iter()
        .map(|target| fetcher.fetch(&definition, target));
    for outcome in futures::future::join_all(fetches).await {
        outcome.expect("fetched");
    }
    let times = shop.times();
    assert_eq!(times.len(), 9, "robots.txt and eight pages");
    for pair in times.windows(2) {
        let gap = pair[1] - pair[0];
        assert!(gap + TOLERANCE >= DELAY, "{gap:?} between two requests");
    }
    let span = times[8] - times[0];
    assert!(span + TOLERANCE >= DELAY * 8, "{span:?} for eight pauses");
    assert_eq!(fetcher.stats()[0].interval_ms, 150);
}

#[tokio::test]
async fn the_definition_rate_spaces_requests_when_robots_says_nothing() {
    let shop = Shop::open(shop_with_robots("")).await;
    let (fetcher, definition) = (
        fetcher(),
        shop.definition("[rate]\nper_second = 10\nconcurrency = 2\n"),
    );
    let targets: Vec<Target> = (0..5).map(|n| shop.item(&format!("/{n}"))).collect();
    let fetches = targets
        .iter()
        .map(|target| fetcher.fetch(&definition, target));
    futures::future::join_all(fetches).await;
    let times = shop.times();
    assert_eq!(times.len(), 6, "robots.txt and five pages");
    // The server may see one request late and the next in time: the whole counts.
    let span = times[5] - times[0];
    assert!(
        span >= Duration::from_millis(400),
        "{span:?} for five pauses"
    );
}

#[tokio::test]
async fn a_host_that_wants_pauses_of_an_hour_is_skipped_and_says_so() {
    let shop = Shop::open(shop_with_robots("User-agent: *\nCrawl-delay: 3600\n")).await;
    let error = fetcher()
        .fetch(&shop.definition(""), &shop.item("/a"))
        .await
        .expect_err("skipped");
    assert_eq!(error.code(), "crawl-delay");
    assert!(error.to_string().contains("3600 s"), "{error}");
    assert_eq!(shop.paths(), ["/robots.txt"]);
}

#[tokio::test]
async fn we_say_who_we_are_and_keep_what_we_sent() {
    let echo = |headers: HeaderMap| async move {
        headers.get("user-agent").map_or_else(String::new, |v| {
            String::from_utf8_lossy(v.as_bytes()).into_owned()
        })
    };
    let shop = Shop::open(Router::new().route("/a", get(echo))).await;
    let definition = shop.definition("language = \"de\"\n[headers]\nX-Market = \"DE\"\n");
    let exchange = fetcher()
        .fetch(&definition, &shop.item("/a"))
        .await
        .expect("fetched");
    assert_eq!(exchange.body, "markhound/0.1 (+mailto:ip@example.com)");
    assert_eq!(
        (exchange.status, exchange.attempts, exchange.method.as_str()),
        (200, 1, "GET")
    );
    assert_eq!(exchange.fetched_at, noon());
    assert!(exchange.peer.is_some_and(|peer| peer.ip().is_loopback()));
    for (name, value) in [
        ("user-agent", "markhound/0.1 (+mailto:ip@example.com)"),
        ("accept-language", "de"),
        ("x-market", "DE"),
    ] {
        assert!(
            exchange
                .request_headers
                .contains(&(name.to_owned(), value.to_owned())),
            "{name}"
        );
    }
}
