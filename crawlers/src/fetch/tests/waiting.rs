use std::sync::atomic::{AtomicI64, AtomicU32, Ordering};
use std::time::Duration;

use axum::Router;
use axum::http::StatusCode;
use axum::routing::get;

use super::*;

/// Answers `status` with these headers the first `times`, then a page.
fn moody(times: u32, status: StatusCode, header: Option<(&'static str, &'static str)>) -> Router {
    let count = Arc::new(AtomicU32::new(0));
    let page = move || {
        let count = Arc::clone(&count);
        async move {
            let mut answer = axum::response::Response::new(axum::body::Body::from("page"));
            if count.fetch_add(1, Ordering::SeqCst) < times {
                *answer.status_mut() = status;
                if let Some((name, value)) = header {
                    answer
                        .headers_mut()
                        .insert(name, axum::http::HeaderValue::from_static(value));
                }
            }
            answer
        }
    };
    Router::new()
        .route("/a", get(page))
        .route("/b", get(|| async { "other" }))
}

#[tokio::test]
async fn retry_after_is_waited_for_by_every_request_to_the_host() {
    let router = moody(
        1,
        StatusCode::SERVICE_UNAVAILABLE,
        Some(("retry-after", "1")),
    );
    let shop = Shop::open(router).await;
    let (fetcher, definition) = (fetcher(), shop.definition(""));
    let exchange = fetcher
        .fetch(&definition, &shop.item("/a"))
        .await
        .expect("the second time");
    assert_eq!(exchange.attempts, 2);
    let times = shop.times();
    assert_eq!(shop.paths(), ["/robots.txt", "/a", "/a"]);
    assert!(
        times[2] - times[1] >= Duration::from_millis(990),
        "{:?}",
        times[2] - times[1]
    );
    assert_eq!(
        (fetcher.stats()[0].throttled, fetcher.stats()[0].retries),
        (1, 1)
    );
}

#[tokio::test]
async fn a_long_retry_after_closes_the_host_instead_of_blocking_the_scan() {
    let router = moody(
        9,
        StatusCode::TOO_MANY_REQUESTS,
        Some(("retry-after", "Mon, 23 Nov 2026 13:00:00 GMT")),
    );
    let shop = Shop::open(router).await;
    let (fetcher, definition) = (fetcher(), shop.definition(""));
    let one_o_clock: Timestamp = "2026-11-23T13:00:00Z".parse().expect("a time");
    for path in ["/a", "/b"] {
        let error = fetcher
            .fetch(&definition, &shop.item(path))
            .await
            .expect_err("closed");
        assert!(error.is_transient());
        match error {
            FetchError::RetryLater { until, status, .. } => {
                assert_eq!((until, status), (one_o_clock, 429))
            }
            other => panic!("{other}"),
        }
    }
    assert_eq!(shop.paths(), ["/robots.txt", "/a"]);
}

#[tokio::test]
async fn transient_errors_are_tried_again_and_then_reported() {
    let shop = Shop::open(moody(2, StatusCode::BAD_GATEWAY, None)).await;
    let exchange = fetcher()
        .fetch(&shop.definition(""), &shop.item("/a"))
        .await
        .expect("the third time");
    assert_eq!((exchange.attempts, &exchange.body[..]), (3, &b"page"[..]));

    let shop = Shop::open(moody(99, StatusCode::INTERNAL_SERVER_ERROR, None)).await;
    let error = fetcher()
        .fetch(&shop.definition(""), &shop.item("/a"))
        .await
        .expect_err("never");
    assert!(
        matches!(
            error,
            FetchError::Http {
                status: 500,
                attempts: 4,
                ..
            }
        ),
        "{error}"
    );
    assert!(error.is_transient());
}

#[tokio::test]
async fn not_found_is_an_answer_and_is_asked_for_once() {
    let shop = Shop::open(Router::new()).await;
    let exchange = fetcher()
        .fetch(&shop.definition(""), &shop.item("/gone"))
        .await
        .expect("an answer");
    assert_eq!(exchange.status, 404);
    assert_eq!(shop.paths(), ["/robots.txt", "/gone"]);
}

#[tokio::test]
async fn a_host_that_is_not_there_is_a_connection_error_or_its_robots() {
    // A port that no other test is given.
    let shop = Shop {
        base: "http://127.0.0.1:1".to_owned(),
        log: Log::default(),
    };
    let error = fetcher()
        .fetch(&shop.definition(""), &shop.item("/a"))
        .await
        .expect_err("nobody");
    assert_eq!(error.code(), "robots-unreachable");
}

#[tokio::test]
async fn an_answer_that_drips_is_given_up_in_time() {
    let drip = || async {
        let forever = futures::stream::unfold((), |()| async {
            tokio::time::sleep(Duration::from_millis(20)).await;
            Some((Ok::<_, std::io::Error>("x"), ()))
        });
        axum::body::Body::from_stream(forever)
    };
    let shop = Shop::open(Router::new().route("/a", get(drip))).await;
    let mut options = options();
    options.limits.request_seconds = 0.3;
    options.limits.attempts = 1;
    let fetcher = Fetcher::new(options).expect("a fetcher");
    let error = fetcher
        .fetch(&shop.definition(""), &shop.item("/a"))
        .await
        .expect_err("too slow");
    assert_eq!(error.code(), "timeout");
    assert!(error.is_transient());
}

#[tokio::test]
async fn the_daily_quota_ends_a_day_and_the_next_one_starts_anew() {
    let shop = Shop::open(Router::new().fallback(|| async { "page" })).await;
    let definition = shop.definition("[rate]\nper_second = 1000\ndaily_quota = 3\n");
    let seconds = Arc::new(AtomicI64::new(noon().as_second()));
    let clock = Arc::clone(&seconds);
    let mut options = options();
    options.clock =
        Arc::new(move || Timestamp::from_second(clock.load(Ordering::SeqCst)).expect("a time"));
    let fetcher = Fetcher::new(options).expect("a fetcher");
    fetcher
        .fetch(&definition, &shop.item("/1"))
        .await
        .expect("robots.txt and one page");
    fetcher
        .fetch(&definition, &shop.item("/2"))
        .await
        .expect("the third request");
    let error = fetcher
        .fetch(&definition, &shop.item("/3"))
        .await
        .expect_err("used up");
    assert_eq!(error.code(), "quota");
    assert!(error.is_transient());
    seconds.fetch_add(86_400 / 2, Ordering::SeqCst);
    fetcher
        .fetch(&definition, &shop.item("/3"))
        .await
        .expect("a new day");
}
