//! Pauses that hosts ask for, hours in which nothing is sent, and a memory
//! that fails.

use std::sync::atomic::{AtomicI64, AtomicU32, AtomicUsize, Ordering};
use std::time::Duration;

use axum::Router;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use jiff::SignedDuration;

use super::*;

/// Refuses every page with this `Retry-After`.
async fn refusing(retry_after: &'static str) -> Shop {
    let robots = axum::routing::get(|| async { "" });
    let router = Router::new()
        .route("/robots.txt", robots)
        .fallback(move || async move {
            let header = [("retry-after", retry_after)];
            (StatusCode::SERVICE_UNAVAILABLE, header).into_response()
        });
    Shop::open(router).await
}

#[tokio::test]
async fn a_retry_after_without_bounds_is_believed_for_a_day() {
    for absurd in [
        "99999999999999999999",
        "Fri, 31 Dec 9999 23:59:59 GMT",
        "4000000000.5",
    ] {
        let shop = refusing(absurd).await;
        let error = fetcher()
            .fetch(&shop.definition(""), &shop.item("/a"))
            .await
            .expect_err("refused");
        let tomorrow = noon() + SignedDuration::from_hours(24);
        match error {
            FetchError::RetryLater {
                until, status: 503, ..
            } => assert_eq!(until, tomorrow),
            other => panic!("{absurd}: {other}"),
        }
        assert_eq!(shop.paths(), ["/robots.txt", "/a"], "{absurd}");
    }
}

#[tokio::test]
async fn a_retry_after_that_says_nothing_or_now_is_answered_by_our_own_backoff() {
    const BACKOFF: Duration = Duration::from_millis(40);
    for useless in ["", "0", "-5", "soon", "Thu, 01 Jan 1970 00:00:00 GMT"] {
        let shop = refusing(useless).await;
        let mut options = options();
        options.limits.backoff_seconds = BACKOFF.as_secs_f64();
        options.limits.attempts = 3;
        let fetcher = Fetcher::new(options).expect("a fetcher");
        let error = fetcher
            .fetch(&shop.definition(""), &shop.item("/a"))
            .await
            .expect_err("refused");
        assert_eq!(error.code(), "http", "{useless}");
        let times = shop.times();
        assert_eq!(times.len(), 4, "{useless}: robots.txt and three attempts");
        // The second pause is twice the first.
        assert!(times[3] - times[1] >= BACKOFF * 3, "{useless}");
    }
}

#[tokio::test]
async fn no_more_requests_are_under_way_than_the_definition_allows() {
    let (now, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let (here, peak) = (Arc::clone(&now), Arc::clone(&most));
    let page = move || {
        let (here, peak) = (Arc::clone(&here), Arc::clone(&peak));
        async move {
            peak.fetch_max(here.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
            tokio::time::sleep(Duration::from_millis(15)).await;
            here.fetch_sub(1, Ordering::SeqCst);
            "page"
        }
    };
    let shop = Shop::open(Router::new().fallback(page)).await;
    let definition = shop.definition("[rate]\nper_second = 1000\nconcurrency = 3\n");
    let fetcher = fetcher();
    let targets: Vec<Target> = (0..12).map(|n| shop.item(&format!("/{n}"))).collect();
    let fetches = targets
        .iter()
        .map(|target| fetcher.fetch(&definition, target));
    for outcome in futures::future::join_all(fetches).await {
        outcome.expect("fetched");
    }
    assert_eq!(most.load(Ordering::SeqCst), 3);
    assert_eq!(now.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn a_host_in_trouble_is_asked_more_slowly_and_then_at_its_pace_again() {
    let count = Arc::new(AtomicU32::new(0));
    let asked = Arc::clone(&count);
    let page = move || {
        let turn = asked.fetch_add(1, Ordering::SeqCst);
        async move {
            match turn {
                1 | 2 => StatusCode::BAD_GATEWAY.into_response(),
                _ => "page".into_response(),
            }
        }
    };
    let shop = Shop::open(Router::new().fallback(page)).await;
    let definition = shop.definition("[rate]\nper_second = 50\n");
    let fetcher = fetcher();
    fetcher
        .fetch(&definition, &shop.item("/0"))
        .await
        .expect("the third time");
    let interval = || fetcher.stats()[0].interval_ms;
    assert!(interval() >= 100, "{} ms", interval());
    // Ten answers, or more where the machine is so busy that answers are late.
    let mut number = 0;
    while interval() > 20 {
        number += 1;
        assert!(number <= 200, "still {} ms", interval());
        fetcher
            .fetch(&definition, &shop.item(&format!("/{number}")))
            .await
            .expect("fetched");
    }
    assert!(number >= 5, "{number} answers were enough");
}

#[tokio::test]
async fn nothing_is_sent_in_quiet_hours_and_the_source_goes_on_after_them() {
    let shop = Shop::open(Router::new().fallback(|| async { "page" })).await;
    let rate = "[rate]\nper_second = 1000\n\
        quiet_hours = { from = \"12:00\", to = \"15:00\", time_zone = \"Europe/Berlin\" }\n";
    let definition = shop.definition(rate);
    let now = Arc::new(AtomicI64::new(noon().as_second()));
    let clock = Arc::clone(&now);
    let mut options = options();
    options.clock =
        Arc::new(move || Timestamp::from_second(clock.load(Ordering::SeqCst)).expect("a time"));
    options.limits =
        toml::from_str("quiet_hours = { from = \"14:30\", to = \"14:45\" }").expect("limits");
    let fetcher = Fetcher::new(options).expect("a fetcher");
    let error = fetcher
        .fetch(&definition, &shop.item("/a"))
        .await
        .expect_err("it is one in Berlin");
    let two: Timestamp = "2026-11-23T14:00:00Z".parse().expect("a time");
    assert!(
        matches!(&error, FetchError::QuietHours { until, .. } if *until == two),
        "{error}"
    );
    assert!(error.is_transient() && error.asks_for_pause());
    assert!(shop.paths().is_empty());
    now.store(two.as_second(), Ordering::SeqCst);
    fetcher
        .fetch(&definition, &shop.item("/a"))
        .await
        .expect("after them");
    // The installation's own, in UTC.
    now.fetch_add(30 * 60, Ordering::SeqCst);
    let error = fetcher
        .fetch(&definition, &shop.item("/b"))
        .await
        .expect_err("quiet");
    assert_eq!(error.code(), "quiet-hours");
}

/// A memory whose database is gone.
#[derive(Debug)]
struct Gone;

impl Memory for Gone {
    fn spend<'a>(&'a self, _: &'a str, _: jiff::civil::Date, _: u64) -> Remembering<'a, bool> {
        Box::pin(async { Err(MemoryError("the disk is gone".to_owned())) })
    }

    fn close<'a>(&'a self, _: &'a str, _: Closed) -> Remembering<'a, ()> {
        Box::pin(async { Ok(()) })
    }

    fn closed<'a>(&'a self, _: &'a str, _: Timestamp) -> Remembering<'a, Option<Closed>> {
        Box::pin(async { Ok(None) })
    }
}

#[tokio::test]
async fn without_its_memory_a_source_with_a_quota_sends_nothing() {
    let shop = Shop::open(Router::new().fallback(|| async { "page" })).await;
    let mut options = options();
    options.memory = Arc::new(Gone);
    let fetcher = Fetcher::new(options).expect("a fetcher");
    let definition = shop.definition("[rate]\nper_second = 1000\ndaily_quota = 9\n");
    let error = fetcher
        .fetch(&definition, &shop.item("/a"))
        .await
        .expect_err("no memory");
    assert_eq!(error.code(), "memory");
    assert!(error.to_string().contains("the disk is gone"), "{error}");
    assert!(shop.paths().is_empty());
}

#[tokio::test]
async fn two_fetchers_with_one_memory_share_a_quota_and_a_pause() {
    let shop = refusing("3600").await;
    let memory: Arc<dyn Memory> = Arc::new(ProcessMemory::default());
    let sharing = || {
        let mut options = options();
        options.memory = Arc::clone(&memory);
        Fetcher::new(options).expect("a fetcher")
    };
    let definition = shop.definition("[rate]\nper_second = 1000\ndaily_quota = 9\n");
    let (one, two) = (sharing(), sharing());
    for fetcher in [&one, &two] {
        let error = fetcher
            .fetch(&definition, &shop.item("/a"))
            .await
            .expect_err("closed");
        assert_eq!(error.code(), "retry-later");
    }
    assert_eq!(shop.paths(), ["/robots.txt", "/a"]);
    let mut left = 0;
    let today = noon().to_zoned(jiff::tz::TimeZone::UTC).date();
    while memory.spend("shop", today, 9).await.expect("spent") {
        left += 1;
    }
    assert_eq!(left, 7, "of nine, two requests were sent");
}
