use axum::Router;
use axum::http::Method;
use axum::response::Redirect;
use axum::routing::any;

use super::*;

/// What was asked of a server: method, content type and body.
async fn asked(redirect: fn(&str) -> Redirect) -> (String, Vec<(String, String, String)>) {
    let log: Log<(String, String, String)> = Log::default();
    let seen = Arc::clone(&log);
    let end = any(
        move |method: Method, headers: axum::http::HeaderMap, body: String| {
            let kind = headers
                .get("content-type")
                .and_then(|v| v.to_str().ok())
                .unwrap_or_default();
            seen.lock()
                .expect("the log")
                .push((method.to_string(), kind.to_owned(), body));
            async { "{}" }
        },
    );
    let router = Router::new()
        .route("/graphql", any(move || async move { redirect("/end") }))
        .route("/end", end);
    let base = serve(router).await;
    let definition = definition("magento-graphql", &base);
    let target = Target {
        body: Some("{\"a\":1}".to_owned()),
        ..Target::item(format!("{base}/graphql").parse().expect("a URL"))
    };
    let exchange = fetcher()
        .fetch(&definition, &target)
        .await
        .expect("fetched");
    let log = log.lock().expect("the log").clone();
    (exchange.method, log)
}

#[tokio::test]
async fn a_posted_body_follows_a_307_and_is_dropped_at_a_303() {
    let (method, log) = asked(Redirect::temporary).await;
    assert_eq!(method, "POST");
    let json = "application/json".to_owned();
    assert_eq!(log, [("POST".to_owned(), json, "{\"a\":1}".to_owned())]);
    let (method, log) = asked(Redirect::to).await;
    assert_eq!(method, "GET");
    assert_eq!(log, [("GET".to_owned(), String::new(), String::new())]);
}

#[test]
fn two_bodies_at_one_url_are_two_targets_and_old_rows_are_still_read() {
    let url: url::Url = "https://shop.example/graphql".parse().expect("a URL");
    let with = |body: &str| Target {
        body: Some(body.to_owned()),
        ..Target::item(url.clone())
    };
    assert_ne!(with("{}").key(), with("[]").key());
    assert_eq!(
        Target::item(url.clone()).key(),
        "item https://shop.example/graphql"
    );
    let old = r#"{"kind":"item","url":"https://shop.example/graphql","page":0,"query":null}"#;
    let read: Target = serde_json::from_str(old).expect("a row");
    assert_eq!(read, Target::item(url));
    assert_eq!(serde_json::to_string(&read).expect("JSON"), old);
}
