//! Pages without an end.

use std::time::Duration;

use axum::body::Body;
use bytes::Bytes;

use super::*;
use crate::render::Rendered;

/// Renders a page that tries to have no end; the browser must survive it.
async fn survive(page: &str, render: &str, limits: Limits) -> Option<(Rendered, Vec<String>)> {
    let renderer = renderer()?;
    let block = Bytes::from(vec![0_u8; 1 << 20]);
    let big = move || {
        let blocks = std::iter::repeat_n(block.clone(), 100).map(Ok::<_, std::io::Error>);
        Body::from_stream(futures::stream::iter(blocks))
    };
    let router = Router::new()
        .route("/p/1", html(page))
        .route("/p/2", html("<h1>Next</h1>"))
        .route("/x", get(async || "x"))
        .route(
            "/big.png",
            get(async move || ([("content-type", "image/png")], big())),
        );
    let shop = Shop::open(router).await;
    let definition = shop.definition(render);
    let fetcher = shop.fetcher(limits);
    let target = shop.item("/p/1");
    let fetching = renderer.fetch(&fetcher, &definition, &target);
    let exchange = tokio::time::timeout(Duration::from_secs(60), fetching)
        .await
        .expect("an end")
        .expect("a page");
    let process = renderer.process().await;

    let plain = shop.definition("wait_for = \"h1\"\nwait_ms = 30000");
    // Within the usual limits: the machine may be busy.
    let usual = shop.fetcher(Limits::default());
    let next = renderer.fetch(&usual, &plain, &shop.item("/p/2")).await;
    let next = next.expect("the next page").rendered.expect("rendered");
    assert!(next.complete && String::from_utf8_lossy(&next.dom).contains("<h1>Next</h1>"));
    assert_eq!(renderer.process().await, process, "the browser survived");
    Some((*exchange.rendered.expect("rendered"), shop.asked()))
}

fn has_heading(rendered: &Rendered) -> bool {
    String::from_utf8_lossy(&rendered.dom).contains("<h1>Kept</h1>")
}

const NEVER: &str = "wait_for = \".never\"\nwait_ms = 500";

#[tokio::test]
async fn a_script_without_end_is_ended_and_the_page_read() {
    let page = "<h1>Kept</h1><script>setTimeout(() => { while (true) {} }, 0)</script>";
    let Some((rendered, _)) = survive(page, NEVER, Limits::default()).await else {
        return;
    };
    assert!(!rendered.complete && has_heading(&rendered));
}

#[tokio::test]
async fn a_page_that_asks_without_end_gets_what_the_limit_says() {
    let page = "<h1>Kept</h1><script>(async () => { for (let i = 0; ; i++) \
        await fetch('/x?' + i).catch(() => {}) })()</script>";
    let limits = Limits {
        render_requests: 7,
        ..Limits::default()
    };
    let Some((rendered, asked)) = survive(page, NEVER, limits).await else {
        return;
    };
    assert!(!rendered.complete && has_heading(&rendered));
    assert_eq!(asked.iter().filter(|line| line.contains("/x?")).count(), 7);
    assert_eq!(rendered.exchanges.len(), 7);
    assert!(rendered.refused.len() <= 200);
}

#[tokio::test]
async fn a_page_that_asks_for_everything_at_once_is_bounded_too() {
    let page = "<h1>Kept</h1><script>for (let i = 0; i < 20000; i++) \
        fetch('/x?' + i).catch(() => {})</script>";
    let limits = Limits {
        render_requests: 5,
        ..Limits::default()
    };
    let Some((rendered, asked)) = survive(page, NEVER, limits).await else {
        return;
    };
    assert!(has_heading(&rendered));
    assert!(asked.iter().filter(|line| line.contains("/x?")).count() <= 5);
}

#[tokio::test]
async fn a_picture_of_a_hundred_megabytes_is_not_handed_over() {
    let page = "<h1>Kept</h1><img src=/big.png>";
    let render = "screenshot = true\nwait_ms = 3000";
    let Some((rendered, _)) = survive(page, render, Limits::default()).await else {
        return;
    };
    assert!(rendered.complete && has_heading(&rendered) && rendered.exchanges.is_empty());
    assert!(rendered.refused[0].why.contains("over 8388608 bytes"));
}

#[tokio::test]
async fn dialogs_without_end_are_closed_and_the_page_read() {
    let page = "<h1>Kept</h1><script>setInterval(() => alert('again'), 1)</script>";
    let Some((rendered, _)) = survive(page, NEVER, Limits::default()).await else {
        return;
    };
    assert!(has_heading(&rendered));
}

#[tokio::test]
async fn a_page_that_reloads_itself_is_loaded_once() {
    let page = "<meta http-equiv=refresh content='0'><h1>Kept</h1>\
        <script>setTimeout(() => location.reload(), 1)</script>";
    let Some((rendered, asked)) = survive(page, NEVER, Limits::default()).await else {
        return;
    };
    assert!(has_heading(&rendered));
    assert_eq!(asked.iter().filter(|line| line.contains("/p/1")).count(), 1);
}

#[tokio::test]
async fn the_seconds_of_a_page_end_it() {
    let page = "<h1>Kept</h1>";
    let limits = Limits {
        render_seconds: 3.0,
        ..Limits::default()
    };
    let render = "wait_for = \".never\"\nwait_ms = 60000";
    let Some((rendered, _)) = survive(page, render, limits).await else {
        return;
    };
    assert!(!rendered.complete && has_heading(&rendered));
}

#[tokio::test]
async fn the_height_of_a_screenshot_is_bounded() {
    let page = "<h1>Kept</h1><div style='height:90000px'></div>";
    let render = "screenshot = true\nviewport = { width = 800, height = 600 }";
    let limits = Limits {
        render_screenshot_height: 2000,
        ..Limits::default()
    };
    let Some((rendered, _)) = survive(page, render, limits).await else {
        return;
    };
    let shot = rendered.screenshot.expect("a screenshot");
    assert_eq!(png_size(&shot), (800, 2000));
}

#[tokio::test]
async fn a_document_that_grows_over_the_limit_is_an_error_that_says_so() {
    let Some(renderer) = renderer() else { return };
    // Never shown, so that no time goes into laying it out.
    let shop = Shop::of(
        "<h1>Kept</h1><p hidden><script>\
        document.querySelector('p').append('x'.repeat(9e6))</script>",
    )
    .await;
    let definition = shop.definition("wait_for = \"h1\"");
    let fetched = renderer
        .fetch(
            &shop.fetcher(Limits::default()),
            &definition,
            &shop.item("/p/1"),
        )
        .await;
    let error = fetched.expect_err("too large");
    assert_eq!(error.code(), "too-large", "{error}");
}
