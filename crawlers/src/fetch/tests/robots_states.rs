//! Every state a robots.txt can be in (RFC 9309, section 2.3.1).

use std::sync::atomic::{AtomicI64, AtomicU32, Ordering};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::http::{Response, StatusCode};
use axum::response::{IntoResponse, Redirect};
use axum::routing::get;

use super::*;

/// A shop whose robots.txt is this answer.
async fn shop(answer: impl Fn() -> Response<Body> + Clone + Send + Sync + 'static) -> Shop {
    let robots = get(move || {
        let answer = answer();
        async move { answer }
    });
    let router = Router::new().route("/robots.txt", robots);
    Shop::open(router.fallback(|| async { "<h1>page</h1>" })).await
}

async fn shop_with(status: u16, body: &'static [u8]) -> Shop {
    let status = StatusCode::from_u16(status).expect("a status");
    shop(move || (status, body).into_response()).await
}

/// The code of the error that a page of the shop gives; `ok` for none.
async fn asked(shop: &Shop, path: &str) -> &'static str {
    let mut options = options();
    options.limits.attempts = 1;
    asked_with(shop, path, options).await
}

async fn asked_with(shop: &Shop, path: &str, options: FetchOptions) -> &'static str {
    let fetcher = Fetcher::new(options).expect("a fetcher");
    let outcome = fetcher.fetch(&shop.definition(""), &shop.item(path)).await;
    outcome.map_or_else(|error| error.code(), |_| "ok")
}

const FORBIDS_A: &[u8] = b"User-agent: *\nDisallow: /a\n";

#[tokio::test]
async fn a_status_of_success_gives_its_rules_and_a_4xx_allows_everything() {
    for status in [200, 203] {
        let shop = shop_with(status, FORBIDS_A).await;
        assert_eq!(asked(&shop, "/a").await, "robots", "{status}");
        assert_eq!(asked(&shop, "/b").await, "ok", "{status}");
    }
    for status in [400, 401, 403, 404, 410, 451] {
        let shop = shop_with(status, b"User-agent: *\nDisallow: /\n").await;
        assert_eq!(asked(&shop, "/a").await, "ok", "{status}");
    }
    assert_eq!(asked(&shop_with(204, b"").await, "/a").await, "ok");
}

#[tokio::test]
async fn the_exchanges_with_robots_txt_are_had_once_with_redirects_and_by_their_source_alone() {
    let router = Router::new()
        .route("/robots.txt", get(async || Redirect::to("/rules.txt")))
        .route("/rules.txt", get(async || FORBIDS_A))
        .fallback(async || "<h1>page</h1>");
    let shop = Shop::open(router).await;
    let (fetcher, definition) = (fetcher(), shop.definition(""));
    for path in ["/a", "/b", "/c"] {
        let _ = fetcher.fetch(&definition, &shop.item(path)).await;
    }
    let other = definition.clone().with_id("other");
    assert!(fetcher.take_robots(&other).is_empty());
    let taken = fetcher.take_robots(&definition);
    assert_eq!(taken.len(), 1);
    assert!(taken[0].requested.path() == "/robots.txt" && taken[0].url.path() == "/rules.txt");
    assert_eq!((taken[0].hops.len(), taken[0].status), (1, 200));
    assert_eq!(taken[0].raw, FORBIDS_A);
    assert!(fetcher.take_robots(&definition).is_empty());

    let missing = shop_with(404, b"none").await;
    let definition = missing.definition("");
    let _ = fetcher.fetch(&definition, &missing.item("/a")).await;
    assert_eq!(fetcher.take_robots(&definition)[0].status, 404);
}

#[tokio::test]
async fn a_server_error_of_any_number_and_a_429_forbid_everything() {
    for status in [429, 500, 501, 503, 505, 511, 520, 599] {
        let shop = shop_with(status, b"User-agent: *\nAllow: /\n").await;
        assert_eq!(asked(&shop, "/a").await, "robots-unreachable", "{status}");
        assert_eq!(shop.paths(), ["/robots.txt"], "{status}");
    }
}

#[tokio::test]
async fn a_server_error_is_asked_about_again_after_five_minutes() {
    let count = Arc::new(AtomicU32::new(0));
    let times = Arc::clone(&count);
    let shop = shop(move || match times.fetch_add(1, Ordering::SeqCst) {
        0 => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
        _ => FORBIDS_A.into_response(),
    })
    .await;
    let now = Arc::new(AtomicI64::new(noon().as_second()));
    let clock = Arc::clone(&now);
    let mut options = options();
    options.limits.attempts = 1;
    options.clock =
        Arc::new(move || Timestamp::from_second(clock.load(Ordering::SeqCst)).expect("a time"));
    let (fetcher, definition) = (
        Fetcher::new(options).expect("a fetcher"),
        shop.definition(""),
    );
    for (later, expected) in [
        (0, "robots-unreachable"),
        (299, "robots-unreachable"),
        (1, "ok"),
    ] {
        now.fetch_add(later, Ordering::SeqCst);
        let outcome = fetcher.fetch(&definition, &shop.item("/b")).await;
        let code = outcome.map_or_else(|error| error.code(), |_| "ok");
        assert_eq!(code, expected, "after {later} s more");
    }
    // Good for a day, and then read again.
    now.fetch_add(86_399, Ordering::SeqCst);
    fetcher
        .fetch(&definition, &shop.item("/c"))
        .await
        .expect("allowed");
    assert_eq!(count.load(Ordering::SeqCst), 2);
    now.fetch_add(1, Ordering::SeqCst);
    fetcher
        .fetch(&definition, &shop.item("/d"))
        .await
        .expect("allowed");
    assert_eq!(count.load(Ordering::SeqCst), 3);
}

#[tokio::test]
async fn a_file_is_kept_as_long_as_it_says_but_an_hour_at_least_and_a_day_at_most() {
    for (stated, good_for) in [
        ("max-age=7200", 7_200),
        ("public, Max-Age=60", 3_600),
        ("no-cache", 3_600),
        ("max-age=31536000", 86_400),
        ("max-age=soon", 86_400),
        ("", 86_400),
    ] {
        let shop = shop(move || ([("cache-control", stated)], FORBIDS_A).into_response()).await;
        let now = Arc::new(AtomicI64::new(noon().as_second()));
        let clock = Arc::clone(&now);
        let mut options = options();
        options.limits.robots_cache_seconds = 1e9;
        options.clock =
            Arc::new(move || Timestamp::from_second(clock.load(Ordering::SeqCst)).expect("a time"));
        let fetcher = Fetcher::new(options).expect("a fetcher");
        let mut reads = Vec::new();
        for later in [0, good_for - 1, 1] {
            now.fetch_add(later, Ordering::SeqCst);
            let item = shop.item("/b");
            fetcher
                .fetch(&shop.definition(""), &item)
                .await
                .expect("allowed");
            let asked = shop
                .paths()
                .iter()
                .filter(|path| *path == "/robots.txt")
                .count();
            reads.push(asked);
        }
        assert_eq!(reads, [1, 1, 2], "{stated:?}");
    }
}

/// Redirects from /robots.txt over /1, /2 … to the file.
async fn chain(hops: usize) -> Shop {
    let mut router = Router::new().route(&format!("/{hops}"), get(|| async { FORBIDS_A }));
    for hop in 0..hops {
        let path = if hop == 0 {
            "/robots.txt".to_owned()
        } else {
            format!("/{hop}")
        };
        let to = format!("/{}", hop + 1);
        router = router.route(&path, get(move || async move { Redirect::temporary(&to) }));
    }
    Shop::open(router.fallback(|| async { "page" })).await
}

#[tokio::test]
async fn five_redirects_are_followed_and_more_are_no_file() {
    assert_eq!(asked(&chain(1).await, "/a").await, "robots");
    assert_eq!(asked(&chain(5).await, "/a").await, "robots");
    assert_eq!(asked(&chain(6).await, "/a").await, "ok");
    let round = shop(|| Redirect::permanent("/robots.txt").into_response()).await;
    assert_eq!(asked(&round, "/a").await, "ok");
    assert_eq!(round.paths().len(), 7, "six times robots.txt and the page");
    let nowhere = shop(|| StatusCode::FOUND.into_response()).await;
    assert_eq!(asked(&nowhere, "/a").await, "ok");
}

#[tokio::test]
async fn a_redirect_to_another_host_gives_its_file_for_this_host_and_takes_its_turn() {
    let other = shop_with(200, FORBIDS_A).await;
    let to = format!("{}/robots.txt", other.base);
    let shop = shop(move || Redirect::permanent(&to).into_response()).await;
    let fetcher = fetcher();
    let outcome = fetcher.fetch(&shop.definition(""), &shop.item("/a")).await;
    assert_eq!(outcome.expect_err("forbidden").code(), "robots");
    assert_eq!(other.paths(), ["/robots.txt"]);
    assert_eq!(fetcher.stats().len(), 2);
}

#[tokio::test]
async fn a_redirect_to_a_refused_address_forbids_everything_and_is_not_tried_at_each_page() {
    for to in [
        "http://169.254.169.254/latest/meta-data/",
        "http://10.0.0.1/robots.txt",
        "http://[::ffff:10.0.0.1]/robots.txt",
        "file:///etc/passwd",
    ] {
        let shop = shop(move || Redirect::permanent(to).into_response()).await;
        let fetcher = fetcher();
        for path in ["/a", "/b"] {
            let outcome = fetcher.fetch(&shop.definition(""), &shop.item(path)).await;
            assert_eq!(outcome.expect_err(to).code(), "robots-unreachable", "{to}");
        }
        assert_eq!(shop.paths(), ["/robots.txt"], "{to}");
    }
}

#[tokio::test]
async fn a_page_of_html_in_its_place_forbids_nothing() {
    let page = b"<!doctype html>\n<html><head><title>Shop</title></head>\n<body>\n<a href=\"/a\">Disallow: none of us</a>\n</body></html>";
    let shop = shop(move || ([("content-type", "text/html")], page).into_response()).await;
    assert_eq!(asked(&shop, "/a").await, "ok");
}

#[tokio::test]
async fn rules_past_500_kib_are_not_read_and_the_rest_is_not_downloaded() {
    let endless = || {
        let head = futures::stream::iter([Ok::<_, std::io::Error>(FORBIDS_A.to_vec())]);
        let comments = futures::stream::repeat_with(|| Ok(b"# nothing\n".repeat(1_000)));
        Response::new(Body::from_stream(futures::StreamExt::chain(head, comments)))
    };
    let shop = shop(endless).await;
    assert_eq!(asked(&shop, "/a").await, "robots");
    assert_eq!(asked(&shop, "/b").await, "ok");

    let late = || {
        let mut file = b"User-agent: *\n# nothing\n".to_vec();
        file.extend(b"# nothing\n".repeat(60_000));
        file.extend(b"Disallow: /\n");
        file.into_response()
    };
    assert_eq!(asked(&self::shop(late).await, "/a").await, "ok");
}

#[tokio::test]
async fn byte_order_marks_and_packed_answers_are_read() {
    let text = "User-agent: *\r\nDisallow: /a\r\n";
    let with_bom = [b"\xef\xbb\xbf", text.as_bytes()].concat();
    let little: Vec<u8> = std::iter::once(0xfeff_u16)
        .chain(text.encode_utf16())
        .flat_map(u16::to_le_bytes)
        .collect();
    let big: Vec<u8> = std::iter::once(0xfeff_u16)
        .chain(text.encode_utf16())
        .flat_map(u16::to_be_bytes)
        .collect();
    for file in [with_bom, little, big] {
        let shop = shop(move || file.clone().into_response()).await;
        assert_eq!(asked(&shop, "/a").await, "robots");
        assert_eq!(asked(&shop, "/b").await, "ok");
    }
    let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    std::io::Write::write_all(&mut packer, text.as_bytes()).expect("packed");
    let packed = packer.finish().expect("packed");
    let shop = shop(move || ([("content-encoding", "gzip")], packed.clone()).into_response()).await;
    assert_eq!(asked(&shop, "/a").await, "robots");
}

#[tokio::test]
async fn a_file_that_drips_forbids_everything_when_its_time_is_over() {
    let drip = || {
        let forever = futures::stream::unfold((), |()| async {
            tokio::time::sleep(Duration::from_millis(20)).await;
            Some((Ok::<_, std::io::Error>("#"), ()))
        });
        Response::new(Body::from_stream(forever))
    };
    let shop = shop(drip).await;
    let mut options = options();
    options.limits.attempts = 1;
    options.limits.request_seconds = 0.2;
    assert_eq!(asked_with(&shop, "/a", options).await, "robots-unreachable");
    assert_eq!(shop.paths(), ["/robots.txt"]);
}

#[tokio::test]
async fn sitemaps_that_the_file_names_are_given_if_the_definition_allows_them() {
    let shop = shop_with(
        200,
        b"Sitemap: /maps/1.xml\nSitemap: /maps/1.xml\nUser-agent: *\nDisallow: /\nSitemap: https://elsewhere.example/2.xml\nSitemap: mailto:a@b.example\n",
    )
    .await;
    let targets = fetcher()
        .named_sitemaps(&shop.definition(""))
        .await
        .expect("read");
    assert_eq!(targets.len(), 1);
    assert_eq!(targets[0].url, shop.url("/maps/1.xml"));
    assert_eq!(targets[0].kind, TargetKind::Sitemap);
}
