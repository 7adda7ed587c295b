//! What is read from pages that scripts have built.

use super::*;
use crate::fetch::FetchError;
use crate::{Signal, read};

const EMPTY: &str = "<!doctype html><html><head><title>Shop</title></head>\
    <body><div id=app></div><script src=/app.js></script></body></html>";

/// Asks for the offer's data and builds the page from it.
const APP: &str = "fetch('/api/1').then(r => r.json()).then(o => {
  document.getElementById('app').innerHTML =
    `<h1>${o.name}</h1><p class=price>${o.price}</p><img src=${o.image} width=300 height=200>`;
  document.body.style.height = '3000px';
});";

/// A PNG of one pixel.
const PIXEL: &[u8] = include_bytes!("pixel.png");

fn built_by_script() -> Router {
    Router::new()
        .route("/p/1", html(EMPTY))
        .route("/app.js", script(APP))
        .route(
            "/api/1",
            get(async || {
                (
                    [("content-type", "application/json")],
                    r#"{"name":"Kestrel 8×42","price":"€ 289,00","image":"/kestrel.png"}"#,
                )
            }),
        )
        .route(
            "/kestrel.png",
            get(async || ([("content-type", "image/png")], PIXEL)),
        )
}

#[tokio::test]
async fn an_offer_that_a_script_builds_is_read_and_its_picture_taken() {
    let Some(renderer) = renderer() else { return };
    let shop = Shop::open(built_by_script()).await;
    let definition = shop.definition("wait_for = \".price\"\nscreenshot = true");
    let fetcher = shop.fetcher(Limits::default());
    let target = shop.item("/p/1");
    let exchange = renderer
        .fetch(&fetcher, &definition, &target)
        .await
        .expect("a page");

    assert_eq!(
        exchange.raw,
        EMPTY.as_bytes(),
        "the server's answer is kept"
    );
    let reading = read(&definition, &target, &exchange).expect("a reading");
    assert_eq!(reading.signal, Signal::Ok);
    let listing = &reading.listings[0];
    assert_eq!(listing.title, "Kestrel 8×42");
    let price = listing.price.as_ref().expect("a price");
    assert_eq!(price.amount.to_string(), "289.00");
    assert_eq!(price.currency.as_deref(), Some("EUR"));
    assert_eq!(
        listing.images[0].as_str(),
        format!("{}/kestrel.png", shop.base)
    );

    let rendered = exchange.rendered.expect("a rendered page");
    assert!(rendered.complete);
    assert_eq!(rendered.at, noon());
    assert!(rendered.browser.contains("Chrom"), "{}", rendered.browser);
    let size = png_size(&rendered.screenshot.expect("a screenshot"));
    assert_eq!(size.0, 1280);
    assert!((3000..3100).contains(&size.1), "{size:?}");
    let mut given: Vec<&str> = rendered
        .exchanges
        .iter()
        .map(|part| part.url.path())
        .collect();
    given.sort_unstable();
    assert_eq!(given, ["/api/1", "/app.js", "/kestrel.png"]);
}

#[tokio::test]
async fn scripts_are_asked_for_once_and_data_with_every_page() {
    let Some(renderer) = renderer() else { return };
    let router = built_by_script().route("/p/2", html(EMPTY));
    let shop = Shop::open(router).await;
    let definition = shop.definition("wait_for = \".price\"");
    let fetcher = shop.fetcher(Limits::default());
    let paths = |parts: &[crate::fetch::Exchange]| -> Vec<String> {
        parts
            .iter()
            .map(|part| part.url.path().to_owned())
            .collect()
    };
    let mut had = Vec::new();
    for path in ["/p/1", "/p/2"] {
        let page = renderer
            .fetch(&fetcher, &definition, &shop.item(path))
            .await;
        let page = page.expect("a page").rendered.expect("a rendered page");
        assert!(String::from_utf8_lossy(&page.dom).contains("Kestrel 8×42"));
        had.push((paths(&page.exchanges), paths(&page.shared)));
    }
    let all = |paths: [&str; 2]| paths.map(str::to_owned).to_vec();
    assert_eq!(had[0], (all(["/app.js", "/api/1"]), Vec::new()));
    assert_eq!(
        had[1],
        (vec!["/api/1".to_owned()], vec!["/app.js".to_owned()])
    );
    let scripts = shop
        .asked()
        .iter()
        .filter(|it| it.contains("app.js"))
        .count();
    assert_eq!(scripts, 1, "{:?}", shop.asked());
}

#[tokio::test]
async fn without_a_screenshot_no_picture_is_asked_for() {
    let Some(renderer) = renderer() else { return };
    let shop = Shop::open(built_by_script()).await;
    let definition = shop.definition("wait_ms = 2000");
    let exchange = renderer
        .fetch(
            &shop.fetcher(Limits::default()),
            &definition,
            &shop.item("/p/1"),
        )
        .await
        .expect("a page");
    let rendered = exchange.rendered.expect("a rendered page");
    assert!(rendered.complete && rendered.screenshot.is_none());
    assert!(String::from_utf8_lossy(&rendered.dom).contains("Kestrel 8×42"));
    assert!(!shop.asked().iter().any(|line| line.contains("kestrel.png")));
}

#[tokio::test]
async fn a_list_is_rendered_where_the_definition_names_lists_and_an_item_is_not() {
    let Some(renderer) = renderer() else { return };
    let page = "<div id=a></div><script>document.getElementById('a').innerHTML = \
        '<a class=item href=/p/7>7</a>'</script>";
    let shop = Shop::open(
        Router::new()
            .route("/", html(page))
            .route("/p/1", html(page)),
    )
    .await;
    let definition = shop.definition("pages = [\"lists\"]\nwait_for = \"a.item\"");
    let fetcher = shop.fetcher(Limits::default());
    let seed = crate::discover::seeds(&definition, &[]).remove(0);
    let list = renderer.fetch(&fetcher, &definition, &seed).await;
    let reading = read(&definition, &seed, &list.expect("a page")).expect("a reading");
    assert_eq!(reading.targets[0].url.path(), "/p/7");
    let item = renderer
        .fetch(&fetcher, &definition, &shop.item("/p/1"))
        .await;
    assert!(item.expect("a page").rendered.is_none());
}

#[tokio::test]
async fn an_error_page_and_what_is_no_page_are_left_as_they_are() {
    let Some(renderer) = renderer() else { return };
    let shop = Shop::open(built_by_script()).await;
    let definition = shop.definition("");
    let fetcher = shop.fetcher(Limits::default());
    for path in ["/missing", "/api/1"] {
        let exchange = renderer
            .fetch(&fetcher, &definition, &shop.item(path))
            .await;
        assert!(exchange.expect("an answer").rendered.is_none(), "{path}");
    }
    assert_eq!(renderer.process().await, None, "no browser was needed");
}

#[tokio::test]
async fn cookies_and_storage_of_one_page_are_unknown_to_the_next() {
    let Some(renderer) = renderer() else { return };
    let shop = Shop::of(
        "<h1></h1><script>document.querySelector('h1').textContent = \
         `[${document.cookie}${localStorage.getItem('k') || ''}]`; \
         document.cookie = 'a=b'; localStorage.setItem('k', 'v')</script>",
    )
    .await;
    let definition = shop.definition("wait_for = \"h1\"");
    let fetcher = shop.fetcher(Limits::default());
    for _ in 0..2 {
        let exchange = renderer
            .fetch(&fetcher, &definition, &shop.item("/p/1"))
            .await;
        let rendered = exchange.expect("a page").rendered.expect("rendered");
        let dom = String::from_utf8_lossy(&rendered.dom).into_owned();
        assert!(dom.contains("<h1>[]</h1>"), "{dom}");
    }
}

#[tokio::test]
async fn a_killed_browser_is_a_passing_error_and_the_next_page_works() {
    let Some(renderer) = renderer() else { return };
    let shop = Shop::of("<h1>Here</h1>").await;
    let definition = shop.definition("wait_for = \".never\"\nwait_ms = 60000");
    let fetcher = shop.fetcher(Limits::default());
    let patient = {
        let (renderer, fetcher, target) = (renderer.clone(), fetcher.clone(), shop.item("/p/1"));
        tokio::spawn(async move { renderer.fetch(&fetcher, &definition, &target).await })
    };
    // Under way as soon as there is a browser.
    let process = loop {
        if let Some(process) = renderer.process().await {
            break process;
        }
        tokio::task::yield_now().await;
    };
    let killed = std::process::Command::new("kill")
        .args(["-9", &process.to_string()])
        .status();
    assert!(killed.expect("kill").success());
    let error = patient.await.expect("no panic").expect_err("no page");
    assert!(error.is_transient(), "{error}");
    assert_eq!(error.code(), "rendering");
    assert!(error.to_string().contains("the browser ended"), "{error}");

    let definition = shop.definition("wait_for = \"h1\"");
    let exchange = renderer
        .fetch(&fetcher, &definition, &shop.item("/p/1"))
        .await;
    assert!(exchange.expect("a page").rendered.is_some());
    assert_ne!(renderer.process().await, Some(process));
}

#[tokio::test]
async fn a_browser_that_hangs_is_killed_and_the_next_page_works() {
    let Some(renderer) = renderer() else { return };
    let shop = Shop::of("<h1>Here</h1>").await;
    let definition = shop.definition("wait_for = \"h1\"");
    let fetcher = shop.fetcher(Limits::default());
    let first = renderer
        .fetch(&fetcher, &definition, &shop.item("/p/1"))
        .await;
    assert!(first.is_ok());
    let process = renderer.process().await.expect("a browser");
    let stopped = std::process::Command::new("kill")
        .args(["-STOP", &process.to_string()])
        .status();
    assert!(stopped.expect("kill").success());
    let error = renderer
        .fetch(&fetcher, &definition, &shop.item("/p/1"))
        .await;
    let error = error.expect_err("no page");
    assert!(error.is_transient(), "{error}");
    let again = renderer
        .fetch(&fetcher, &definition, &shop.item("/p/1"))
        .await;
    assert!(again.expect("a page").rendered.is_some());
}

#[tokio::test]
async fn a_dropped_renderer_leaves_neither_processes_nor_a_profile() {
    let Some(renderer) = renderer() else { return };
    let shop = Shop::of("<h1>Here</h1>").await;
    let definition = shop.definition("wait_for = \"h1\"");
    let fetched = renderer
        .fetch(
            &shop.fetcher(Limits::default()),
            &definition,
            &shop.item("/p/1"),
        )
        .await;
    assert!(fetched.is_ok());
    let process = renderer.process().await.expect("a browser");
    let line = command_line(process).expect("a command line");
    let (_, folder) = line.split_once("--user-data-dir=").expect("a profile");
    let folder = folder.split('\0').next().expect("a path").to_owned();
    assert!(std::path::Path::new(&folder).is_dir());
    drop(renderer);
    let left = || {
        let processes = std::fs::read_dir("/proc").expect("processes");
        let ids = processes.flatten().filter_map(|entry| {
            let name = entry.file_name();
            name.to_str()?.parse::<u32>().ok()
        });
        ids.filter_map(command_line)
            .filter(|line| line.contains(&folder))
            .count()
    };
    for _ in 0..500 {
        if left() == 0 && !std::path::Path::new(&folder).exists() {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    panic!("{} processes are left, or {folder}", left());
}

fn command_line(process: u32) -> Option<String> {
    let line = std::fs::read(format!("/proc/{process}/cmdline")).ok()?;
    Some(String::from_utf8_lossy(&line).into_owned())
}

#[test]
fn a_browser_that_is_not_there_is_said_with_what_to_do() {
    let options = RenderOptions {
        browser: Some("/nowhere/chromium".into()),
    };
    let Err(error @ FetchError::NoRendering { .. }) = Renderer::new(&options) else {
        panic!("a browser at /nowhere");
    };
    assert!(error.to_string().contains("render.browser"), "{error}");
}
