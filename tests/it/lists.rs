//! Lists that are not where a definition says, and pages they link to that are no items.

use std::sync::Arc;

use axum::Router;
use axum::response::Html;
use axum::routing::get;
use markhound::app::App;
use markhound::clock::Clock;
use markhound::config::Config;
use markhound::scan::plan::Searches;
use markhound::scan::{Ended, service};
use markhound::store::scans::Scan;
use tokio::net::TcpListener;

use crate::world::source;

const DEFINITION: &str = r#"
id = "listed"
name = "Listed"
tier = "selector"
base = "http://127.0.0.1:1"
terms_note = "Pages on this machine."

[rate]
per_second = 1000
concurrency = 4

[discover]
kind = "list"
url = "LIST"
items = { css = "a.item", attr = "href" }
next = { count = "page", step = 1 }

[item]
url = "/p/{id}"
marked_by = [{ css = ".price" }]

[fields]
title = [{ css = "h1" }]
price = [{ css = ".price" }]
"#;

/// Scans a shop of one list at `/all`, and says how many listings and failures there were.
async fn scanned(list: &str) -> (i64, i64) {
    let scan = scan_of(shop(), &DEFINITION.replace("LIST", list)).await;
    (scan.listings, scan.failures)
}

fn shop() -> Router {
    Router::new()
        .route(
            "/all",
            get(async |query: axum::extract::RawQuery| {
                // There is no second page.
                match query.0.as_deref() {
                    None | Some("page=1") => Ok(Html(
                        "<a class=item href=/p/1>one</a><a class=item href=/p/about>us</a>",
                    )),
                    Some(_) => Err(axum::http::StatusCode::NOT_FOUND),
                }
            }),
        )
        .route(
            "/p/1",
            get(async || Html("<h1>Oak board</h1><p class=price>€ 34.50</p>")),
        )
        .route("/p/about", get(async || Html("<h1>About us</h1>")))
}

/// Scans a shop to its end.
async fn scan_of(shop: Router, definition: &str) -> Scan {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, shop).await.unwrap() });

    let folder = tempfile::tempdir().unwrap();
    let mut config = Config::default();
    config.fetch.allow_private_hosts = vec!["127.0.0.1".to_owned()];
    let data = folder.path().join("data");
    let app = App::open(config, &data, Clock::system()).await.unwrap();
    let mut draft = source("listed");
    definition.clone_into(&mut draft.definition);
    draft.base = Some(base);
    app.store.save_source("test", &draft).await.unwrap();
    let source = app.store.source("listed").await.unwrap();
    let quiet = Arc::new(|_: &markhound::scan::event::Event| {});
    let scanner = service::scanner(&app, std::slice::from_ref(&source), &[], quiet);
    let scanner = scanner.await.unwrap();
    let searches = Searches::default();
    let (scan, ended) = scanner.scan(&source, "test", &searches).await.unwrap();
    assert_eq!(ended, Ended::Done, "{scan:?}");
    scan
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_that_is_gone_is_a_failure_one_that_ends_and_a_page_that_is_no_item_are_none() {
    assert_eq!(scanned("/all").await, (1, 0));
    assert_eq!(scanned("/everything").await, (0, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_number_that_all_products_state_is_told_when_the_scan_ends() {
    let definition = DEFINITION
        .replace("LIST", "/all")
        .replace("[fields]", "[fields]\nid = [{ css = \".number\" }]");
    let with_numbers = |number: fn(u32) -> String| {
        let links: String = (0..12)
            .map(|n| format!("<a class=item href=/p/{n}>{n}</a>"))
            .collect();
        let page = move |axum::extract::Path(n): axum::extract::Path<u32>| async move {
            let number = number(n);
            Html(format!(
                "<h1>Oak board {n}</h1><p class=price>€ 34.50</p><p class=number>{number}</p>"
            ))
        };
        Router::new()
            .route("/all", get(move || async move { Html(links) }))
            .route("/p/{n}", get(page))
    };
    let scan = scan_of(with_numbers(|_| "SET-7".to_owned()), &definition).await;
    let message = scan.message.expect("a message");
    assert!(
        message.starts_with("12 pages have 1 identifier(s) only"),
        "{message}"
    );
    let scan = scan_of(with_numbers(|n| format!("SET-{n}")), &definition).await;
    assert_eq!((scan.listings, scan.message), (12, None));
}
