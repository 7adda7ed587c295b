//! Whole walks over HTTP: small servers on loopback that speak the wire format
//! of a service, and each shipped definition against its own.

mod aliexpress;
mod etsy;
mod magento;
mod posting;
mod rakuten;
mod search_by_image;
mod shopify;

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex};

use axum::Router;

use crate::fetch::{FetchOptions, Fetcher, Limits};
use crate::listing::Listing;
use crate::{Definition, Signal, Target, TargetKind, read};

/// How many products each service has: more than two of its pages.
const PRODUCTS: usize = 523;
const KEYS: [(&str, &str); 8] = [
    ("ETSY_KEYSTRING", "etsykey"),
    ("ETSY_SHARED_SECRET", "etsysecret"),
    ("RAKUTEN_APPLICATION_ID", "app-1"),
    ("RAKUTEN_ACCESS_KEY", "pk_hush"),
    ("ALIEXPRESS_APP_KEY", "12345678"),
    ("ALIEXPRESS_APP_SECRET", "helloworld"),
    ("EBAY_CLIENT_ID", "id"),
    ("EBAY_CLIENT_SECRET", "secret"),
];

/// A service on a free port.
async fn serve(router: Router) -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0")
        .await
        .expect("a free port");
    let address = listener.local_addr().expect("an address");
    tokio::spawn(async move { axum::serve(listener, router).await });
    format!("http://{address}")
}

/// A shipped definition pointed at the service, as fast as it likes.
fn definition(id: &str, base: &str) -> Definition {
    let text = Definition::builtin_text(id).expect("it ships");
    let text: String = text
        .lines()
        .map(|line| {
            let line = match line.split_once(" = ").map(|(key, _)| key) {
                Some("per_second") => "per_second = 1000",
                Some("concurrency") => "concurrency = 4",
                _ => line,
            };
            format!("{line}\n")
        })
        .collect();
    Definition::parse(&text, id)
        .expect("a definition")
        .with_base(base)
        .expect("a base")
}

fn fetcher() -> Fetcher {
    let clock = Arc::new(|| "2026-11-23T12:00:00Z".parse().expect("a time"));
    let options = FetchOptions {
        allow_private_hosts: vec!["127.0.0.1".to_owned()],
        limits: Limits {
            backoff_seconds: 0.01,
            ..Limits::default()
        },
        credentials: HashMap::from(KEYS.map(|(name, value)| (name.to_owned(), value.to_owned()))),
        ..FetchOptions::new("markhound/0.1 (+mailto:ip@example.com)", clock)
    };
    Fetcher::new(options).expect("a fetcher")
}

/// What a walk found.
#[derive(Default)]
struct Walk {
    listings: Vec<Listing>,
    signals: Vec<Signal>,
    requests: usize,
}

/// Follows every target but pictures, each once.
async fn walk(definition: &Definition, seeds: Vec<Target>) -> Walk {
    let fetcher = fetcher();
    let mut found = Walk::default();
    let mut seen = HashSet::new();
    let mut frontier = seeds;
    while let Some(target) = frontier.pop() {
        if target.kind == TargetKind::Image || !seen.insert(target.key()) {
            continue;
        }
        found.requests += 1;
        let exchange = fetcher.fetch(definition, &target).await.expect("fetched");
        for (_, secret) in KEYS {
            let shown = format!("{} {:?}", exchange.url, exchange.request_headers);
            assert!(secret.len() < 5 || !shown.contains(secret), "{shown}");
        }
        let reading = read(definition, &target, &exchange).expect("read");
        if reading.signal != Signal::Ok {
            found.signals.push(reading.signal);
        }
        frontier.extend(reading.targets);
        found.listings.extend(reading.listings);
    }
    found
}

/// That each product was found exactly once, in any order.
fn assert_each_once(listings: &[Listing], id: impl Fn(usize) -> String) {
    let mut got: Vec<&str> = listings.iter().map(|found| &*found.item_id).collect();
    got.sort_unstable();
    let mut expected: Vec<String> = (0..PRODUCTS).map(id).collect();
    expected.sort_unstable();
    assert_eq!(got, expected);
}

fn money(listing: &Listing) -> (String, Option<&str>) {
    let price = listing.price.as_ref().expect("a price");
    (price.amount.to_string(), price.currency.as_deref())
}

fn images(listing: &Listing) -> Vec<&str> {
    listing.images.iter().map(url::Url::as_str).collect()
}

/// The products of page `page` (from 1) of `size`.
fn slice(page: usize, size: usize) -> std::ops::Range<usize> {
    let start = (page.saturating_sub(1) * size).min(PRODUCTS);
    start..(start + size).min(PRODUCTS)
}

/// A parameter of a query, as a number.
fn number(query: &HashMap<String, String>, name: &str) -> usize {
    query
        .get(name)
        .and_then(|text| text.parse().ok())
        .unwrap_or(0)
}

/// What a service was asked.
type Log<T> = Arc<Mutex<Vec<T>>>;

#[tokio::test]
async fn keys_and_signatures_in_a_query_stand_in_no_error() {
    for id in ["rakuten", "aliexpress"] {
        // Nobody listens on this port any more.
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0")
            .await
            .expect("a free port");
        let base = format!("http://{}", listener.local_addr().expect("an address"));
        drop(listener);
        let definition = definition(id, &base);
        let seeds = crate::discover::seeds(&definition, &["kestrel".to_owned()]);
        let error = fetcher()
            .fetch(&definition, &seeds[0])
            .await
            .expect_err("nobody there");
        let said = format!("{error} {error:?}");
        for word in ["pk_hush", "app-1", "12345678", "helloworld", "sign="] {
            assert!(!said.contains(word), "{word} in {said}");
        }
    }
    // The same where robots.txt is answered and the connection then breaks.
    let router = Router::new().route("/robots.txt", axum::routing::get(|| async { "" }));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0")
        .await
        .expect("a free port");
    let base = format!("http://{}", listener.local_addr().expect("an address"));
    let broken = axum::routing::get(|| async {
        let body = futures::stream::iter([Err::<bytes::Bytes, _>(std::io::Error::other("cut"))]);
        axum::body::Body::from_stream(body)
    });
    let router = router.fallback(broken);
    tokio::spawn(async move { axum::serve(listener, router).await });
    let definition = definition("rakuten", &base);
    let seeds = crate::discover::seeds(&definition, &["kestrel".to_owned()]);
    let error = fetcher()
        .fetch(&definition, &seeds[0])
        .await
        .expect_err("broken");
    let said = format!("{error} {error:?}");
    assert!(
        !said.contains("pk_hush") && said.contains("could not be reached"),
        "{said}"
    );
}
