//! A scan of a shop whose pages a script builds, in a real Chromium.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::Router;
use axum::response::Html;
use axum::routing::get;
use markhound::app::App;
use markhound::catalog;
use markhound::clock::Clock;
use markhound::config::Config;
use markhound::packet;
use markhound::scan::plan::Searches;
use markhound::scan::{Ended, service};
use markhound::store::cases::QueueFilter;
use tokio::net::TcpListener;

use crate::world::{PHOTO, photo, source};

const EMPTY: &str = "<!doctype html><html><head><title>Shop</title></head>\
    <body><div id=app></div><script src=/app.js></script></body></html>";

/// Builds the list from nothing, and an offer from data it asks for.
const APP: &str = "const app = document.getElementById('app');
if (location.pathname === '/') {
  app.innerHTML = '<a class=item href=/p/1>one</a> <a class=item href=/p/2>two</a>';
} else {
  fetch('/api' + location.pathname).then(r => r.json()).then(o => {
    app.innerHTML = `<h1>${o.name}</h1><p class=price>${o.price}</p><img src=/photo.jpg width=300>`;
  });
}";

const DEFINITION: &str = r#"
id = "scripted"
name = "Scripted"
tier = "rendered"
base = "http://127.0.0.1:1"
terms_note = "Pages on this machine."

[rate]
per_second = 1000
concurrency = 4

[render]
wait_for = ".item, .price"
screenshot = true

[discover]
kind = "list"
url = "/"
items = { css = "a.item", attr = "href" }

[item]
url = "/p/{id}"

[fields]
title = [{ css = "h1" }]
price = [{ css = ".price" }]
images = [{ css = "img", attr = "src" }]
"#;

/// The shop's address, and how often its script was asked for.
async fn shop() -> (String, Arc<AtomicUsize>) {
    let scripts = Arc::<AtomicUsize>::default();
    let asked = Arc::clone(&scripts);
    let offer = |name: &'static str| {
        get(async move || {
            let body = format!(r#"{{"name":"{name}","price":"178,00 €"}}"#);
            ([("content-type", "application/json")], body)
        })
    };
    let router = Router::new()
        .route("/", get(async || Html(EMPTY)))
        .route("/p/{id}", get(async || Html(EMPTY)))
        .route(
            "/app.js",
            get(async move || {
                asked.fetch_add(1, Ordering::Relaxed);
                ([("content-type", "text/javascript")], APP)
            }),
        )
        .route("/api/p/1", offer("Fjordal Lounge Armchair"))
        .route("/api/p/2", offer("Sessel wie Fjordal"))
        .route(
            "/photo.jpg",
            get(async || {
                let photo = std::fs::read(photo(PHOTO)).unwrap();
                ([("content-type", "image/jpeg")], photo)
            }),
        );
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    (base, scripts)
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_that_a_script_builds_lead_to_listings_cases_screenshots_and_packets() {
    let (base, scripts) = shop().await;
    let folder = tempfile::tempdir().unwrap();
    let mut config = Config::default();
    config.fetch.allow_private_hosts = vec!["127.0.0.1".to_owned()];
    let data = folder.path().join("data");
    let app = App::open(config, &data, Clock::system()).await.unwrap();
    let csv = format!("sku,brand,name,images\nP1,Ostrelund,Fjordal Lounge Armchair,{PHOTO}\n");
    let file = folder.path().join("products.csv");
    std::fs::write(&file, csv).unwrap();
    let reading = catalog::read(&file, Some(&photo(""))).unwrap();
    catalog::import(&app, "test", &reading, |_, _| {})
        .await
        .unwrap();
    let mut draft = source("scripted");
    DEFINITION.clone_into(&mut draft.definition);
    draft.base = Some(base);
    app.store.save_source("test", &draft).await.unwrap();
    let source = app.store.source("scripted").await.unwrap();

    let quiet = Arc::new(|_: &markhound::scan::event::Event| {});
    let scanner = service::scanner(&app, std::slice::from_ref(&source), &[], quiet)
        .await
        .unwrap();
    let searches = Searches::default();
    let (scan, ended) = scanner.scan(&source, "test", &searches).await.unwrap();
    assert_eq!(ended, Ended::Done, "{scan:?}");
    assert_eq!((scan.listings, scan.failures), (2, 0), "{scan:?}");
    assert!(scan.cases >= 2, "the photo is the product's: {scan:?}");

    assert_eq!(scripts.load(Ordering::Relaxed), 1, "for three pages");

    for (item, id) in app.store.item_ids("scripted").await.unwrap() {
        let captures = app.store.captures_of_listing(id).await.unwrap();
        let of = |kind: &str| {
            captures
                .iter()
                .filter(|c| c.kind == kind)
                .collect::<Vec<_>>()
        };
        // Script, data and picture; both pages were given the same script.
        let parts: Vec<&str> = of("part").iter().map(|c| &*c.url).collect();
        for path in ["/app.js", "/photo.jpg"] {
            assert!(parts.iter().any(|p| p.ends_with(path)), "{item}: {parts:?}");
        }
        assert!(
            parts.iter().any(|p| p.ends_with(&format!("/api/p/{item}"))),
            "{item}: {parts:?}"
        );
        crate::captured::bodies(&app, id).await;
        let dom = app.blobs.get(&of("rendered")[0].blob).unwrap();
        assert!(String::from_utf8(dom).unwrap().contains("178,00"));
        let screenshot = app.blobs.get(&of("screenshot")[0].blob).unwrap();
        assert!(screenshot.starts_with(b"\x89PNG"));
        assert_eq!(of("item").len(), 1);
        let own = markhound::blobs::sha256_hex(EMPTY.as_bytes());
        assert_eq!(of("item")[0].blob, own, "the server's own answer is kept");
    }
    crate::warc::files_are_whole(&app).await;

    let queue = app.store.queue(&QueueFilter::default(), None, 10).await;
    let case = queue.unwrap().remove(0);
    let path = packet::export(&app, "test", case.id, folder.path())
        .await
        .unwrap();
    let verification = packet::verify(&path).unwrap();
    assert!(verification.ok, "{:#?}", verification.checks);
    let packet = std::fs::File::open(&path).unwrap();
    let mut archive = zip::ZipArchive::new(packet).unwrap();
    let kinds: Vec<String> = (0..archive.len())
        .filter_map(|at| {
            let entry = archive.by_index(at).unwrap();
            let is_capture = entry.name().unwrap().contains("/data/captures/")
                && entry.name().unwrap().ends_with(".json");
            let capture: serde_json::Value =
                is_capture.then(|| serde_json::from_reader(entry).unwrap())?;
            Some(capture["kind"].as_str().unwrap().to_owned())
        })
        .collect();
    for kind in ["item", "image", "part", "rendered", "screenshot"] {
        assert!(kinds.iter().any(|k| k == kind), "{kind} in {kinds:?}");
    }
}
