use std::sync::atomic::{AtomicU32, Ordering};

use axum::Router;
use axum::extract::Form;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::{get, post};

use super::*;

const AUTH: &str = "[auth]\nkind = \"oauth-client-credentials\"\ntoken_path = \"/token\"\nscope = \"read\"\n\
    client_id_env = \"SHOP_ID\"\nclient_secret_env = \"SHOP_SECRET\"\n";

/// An API whose tokens are `t1`, `t2` …; it accepts those from `t<oldest>` on.
fn api(oldest: u32) -> Router {
    let count = Arc::new(AtomicU32::new(0));
    let token = move |headers: HeaderMap, Form(form): Form<HashMap<String, String>>| {
        let number = count.fetch_add(1, Ordering::SeqCst) + 1;
        async move {
            let basic = headers
                .get("authorization")
                .and_then(|v| v.to_str().ok())
                .unwrap_or_default();
            // "id:secret" in base64.
            if basic != "Basic aWQ6c2VjcmV0"
                || form["grant_type"] != "client_credentials"
                || form["scope"] != "read"
            {
                return (StatusCode::UNAUTHORIZED, "{}".to_owned());
            }
            (
                StatusCode::OK,
                format!(
                    "{{\"access_token\":\"t{number}\",\"expires_in\":7200,\"token_type\":\"Application Access Token\"}}"
                ),
            )
        }
    };
    let item = move |headers: HeaderMap| async move {
        let bearer = headers
            .get("authorization")
            .and_then(|v| v.to_str().ok())
            .unwrap_or_default();
        let number: u32 = bearer.trim_start_matches("Bearer t").parse().unwrap_or(0);
        if number >= oldest {
            (StatusCode::OK, "{}")
        } else {
            (StatusCode::UNAUTHORIZED, "no")
        }
    };
    Router::new()
        .route("/token", post(token))
        .route("/item/{id}", get(item))
}

#[tokio::test]
async fn a_token_is_asked_for_once_and_never_shown() {
    let shop = Shop::open(api(1)).await;
    let (fetcher, definition) = (fetcher(), shop.definition(AUTH));
    let targets: Vec<Target> = (0..5).map(|n| shop.item(&format!("/item/{n}"))).collect();
    for outcome in
        futures::future::join_all(targets.iter().map(|t| fetcher.fetch(&definition, t))).await
    {
        let exchange = outcome.expect("fetched");
        assert_eq!(exchange.status, 200);
        assert!(
            exchange
                .request_headers
                .contains(&("authorization".to_owned(), "[redacted]".to_owned()))
        );
    }
    assert_eq!(
        shop.paths().iter().filter(|path| *path == "/token").count(),
        1
    );
}

#[tokio::test]
async fn a_token_that_is_refused_is_replaced_once() {
    let shop = Shop::open(api(2)).await;
    let (fetcher, definition) = (fetcher(), shop.definition(AUTH));
    let exchange = fetcher
        .fetch(&definition, &shop.item("/item/1"))
        .await
        .expect("fetched");
    assert_eq!(exchange.status, 200);
    assert_eq!(
        shop.paths(),
        ["/robots.txt", "/token", "/item/1", "/token", "/item/1"]
    );

    let shop = Shop::open(api(99)).await;
    let definition = shop.definition(AUTH);
    let exchange = fetcher
        .fetch(&definition, &shop.item("/item/1"))
        .await
        .expect("an answer");
    assert_eq!(exchange.status, 401);
    assert_eq!(shop.paths().len(), 5);
}

#[tokio::test]
async fn missing_and_wrong_credentials_are_named() {
    let shop = Shop::open(api(1)).await;
    let definition = shop.definition(AUTH);
    let mut without = options();
    without.credentials.clear();
    let error = Fetcher::new(without)
        .expect("a fetcher")
        .fetch(&definition, &shop.item("/item/1"))
        .await
        .expect_err("no id");
    assert!(error.to_string().contains("SHOP_ID is not set"), "{error}");

    let mut wrong = options();
    wrong
        .credentials
        .insert("SHOP_SECRET".to_owned(), "guess".to_owned());
    let error = Fetcher::new(wrong)
        .expect("a fetcher")
        .fetch(&definition, &shop.item("/item/1"))
        .await
        .expect_err("refused");
    assert!(error.to_string().contains("answered 401"), "{error}");
    assert!(!error.to_string().contains("guess"), "{error}");
    assert!(!error.is_transient());
}

#[tokio::test]
async fn an_api_key_goes_into_its_header_and_to_no_other_host() {
    let echo =
        |headers: HeaderMap| async move { headers.get("x-api-key").map_or("none", |_| "some") };
    let shop = Shop::open(Router::new().route("/a", get(echo))).await;
    let pictures = Shop::open(Router::new().route("/a", get(echo))).await;
    let definition = shop.definition("image_hosts = [\"*\"]\n[auth]\nkind = \"api-key\"\nheader = \"X-API-Key\"\nvalue_env = \"SHOP_SECRET\"\n");
    let fetcher = fetcher();
    let exchange = fetcher
        .fetch(&definition, &shop.item("/a"))
        .await
        .expect("fetched");
    assert_eq!(exchange.body, "some");
    let exchange = fetcher
        .fetch(&definition, &Target::image(pictures.url("/a")))
        .await
        .expect("fetched");
    assert_eq!(exchange.body, "none");
}

#[test]
fn credentials_are_never_sent_in_the_clear_to_a_marketplace_that_speaks_tls() {
    let shop = |scheme: &str| Shop {
        base: format!("{scheme}://shop.example"),
        log: Log::default(),
    };
    let signed = |base: &str, url: &str| {
        let definition = shop(base).definition("");
        may_sign(&definition, &shop(url).url("/a"))
    };
    assert!(signed("https", "https"));
    assert!(signed("http", "http"));
    assert!(signed("http", "https"));
    assert!(!signed("https", "http"));
}
