//! Quotas and pauses, shared by fetchers and kept across restarts.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use axum::Router;
use axum::extract::Request;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use jiff::civil::{Date, date};
use markhound::clock::Millis;
use markhound::store::Store;
use markhound_crawlers::fetch::{Closed, FetchError, FetchOptions, Fetcher};
use markhound_crawlers::{Definition, Target};

use super::Db;
use crate::world::START;

const DAY: Date = date(2026, 11, 2);

/// A shop that counts its requests and answers this status.
async fn shop(status: StatusCode) -> (String, Arc<AtomicU32>) {
    let asked = Arc::new(AtomicU32::new(0));
    let count = asked.clone();
    let router = Router::new().fallback(move |request: Request| {
        count.fetch_add(1, Ordering::SeqCst);
        let robots = request.uri().path() == "/robots.txt";
        let status = if robots {
            StatusCode::NOT_FOUND
        } else {
            status
        };
        async move { (status, [("retry-after", "7200")], "page").into_response() }
    });
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, router).await });
    (base, asked)
}

fn definition(base: &str, rate: &str) -> Definition {
    let text = format!(
        "id = \"shop\"\nname = \"Shop\"\ntier = \"selector\"\nbase = \"{base}\"\n[rate]\nper_second = 1000\n{rate}\n\
         [discover]\nkind = \"list\"\nurl = \"/\"\nitems = {{ css = \"a\", attr = \"href\" }}\n\
         [fields]\ntitle = [{{ css = \"h1\" }}]\n"
    );
    Definition::parse(&text, "shop.toml").unwrap()
}

/// A fetcher of a process of its own, on this database.
fn fetcher(store: Store) -> Fetcher {
    let clock = store.clock().as_fn();
    let mut options = FetchOptions::new("markhound/0.1 (+mailto:ip@brand.example)", clock);
    options.allow_private_hosts = vec!["127.0.0.1".to_owned()];
    options.memory = Arc::new(store);
    Fetcher::new(options).unwrap()
}

fn item(base: &str, number: u32) -> Target {
    Target::item(format!("{base}/{number}").parse().unwrap())
}

pub async fn two_processes_together_spend_a_quota_of_five_thousand_and_no_more(db: Db) {
    let other = db.reopen().await.unwrap();
    for store in [&db.store, &other] {
        for _ in 0..40 {
            assert!(store.spend_quota("ebay", DAY, 5_000).await.unwrap());
        }
    }
    // The many requests before are not worth the time to send them one by one.
    db.execute("UPDATE quota_spent SET requests = 4900 + requests")
        .await;
    let spenders = [db.store.clone(), other].map(|store| {
        tokio::spawn(async move {
            let mut spent = 0;
            while store.spend_quota("ebay", DAY, 5_000).await.unwrap() {
                spent += 1;
            }
            spent
        })
    });
    let spent = futures::future::join_all(spenders).await;
    let spent: u32 = spent.into_iter().map(Result::unwrap).sum();
    assert_eq!(spent, 20);
    let restarted = db.reopen().await.unwrap();
    assert!(!restarted.spend_quota("ebay", DAY, 5_000).await.unwrap());
    // Another source and another day have a quota of their own.
    assert!(restarted.spend_quota("etsy", DAY, 5_000).await.unwrap());
    let tomorrow = DAY.tomorrow().unwrap();
    assert!(
        restarted
            .spend_quota("ebay", tomorrow, 5_000)
            .await
            .unwrap()
    );
    assert!(!restarted.spend_quota("none", DAY, 0).await.unwrap());
}

pub async fn two_fetchers_on_one_database_keep_one_quota_and_a_restart_does_not_forget_it(db: Db) {
    let (base, asked) = shop(StatusCode::OK).await;
    let definition = definition(&base, "daily_quota = 12");
    let fetchers = [
        fetcher(db.store.clone()),
        fetcher(db.reopen().await.unwrap()),
    ];
    let mut refused = 0;
    for number in 0..10 {
        let (one, two) = (item(&base, number), item(&base, number + 100));
        let (one, two) = tokio::join!(
            fetchers[0].fetch(&definition, &one),
            fetchers[1].fetch(&definition, &two)
        );
        for outcome in [one, two] {
            match outcome {
                Ok(_) => {}
                Err(FetchError::RateBudget { quota: 12, .. }) => refused += 1,
                Err(other) => panic!("{other}"),
            }
        }
    }
    // Two robots.txt and ten pages.
    assert_eq!((asked.load(Ordering::SeqCst), refused), (12, 10));
    let restarted = fetcher(db.reopen().await.unwrap());
    let error = restarted
        .fetch(&definition, &item(&base, 0))
        .await
        .unwrap_err();
    assert_eq!(error.code(), "quota");
    assert_eq!(asked.load(Ordering::SeqCst), 12);
    db.hands.forward(86_400);
    restarted.fetch(&definition, &item(&base, 0)).await.unwrap();
}

pub async fn a_host_that_asked_to_be_left_alone_is_left_alone_by_all_and_after_a_restart(db: Db) {
    let (base, asked) = shop(StatusCode::TOO_MANY_REQUESTS).await;
    let definition = definition(&base, "");
    let until = Millis(START).plus_seconds(7200).timestamp();
    let first = fetcher(db.store.clone());
    first.fetch(&definition, &item(&base, 0)).await.unwrap_err();
    assert_eq!(asked.load(Ordering::SeqCst), 2);
    let others = [
        fetcher(db.store.clone()),
        fetcher(db.reopen().await.unwrap()),
    ];
    for other in &others {
        match other.fetch(&definition, &item(&base, 1)).await.unwrap_err() {
            FetchError::RetryLater {
                until: told,
                status,
                ..
            } => {
                assert_eq!((told, status), (until, 429));
            }
            error => panic!("{error}"),
        }
    }
    assert_eq!(asked.load(Ordering::SeqCst), 2);

    let sooner = Closed {
        until: Millis(START).plus_seconds(60).timestamp(),
        status: 503,
    };
    let host = base.trim_start_matches("http://");
    db.store.close_host(host, sooner).await.unwrap();
    let kept = db.store.closed_host(host, db.hands.now().timestamp()).await;
    assert_eq!(kept.unwrap(), Some(Closed { until, status: 429 }));
    db.hands.forward(7200);
    let over = db.store.closed_host(host, db.hands.now().timestamp()).await;
    assert_eq!(over.unwrap(), None);
}
