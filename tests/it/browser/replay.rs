//! The web archive of a packet replays in ReplayWeb.page, in a browser that reaches
//! nothing but loopback.
//!
//! `MARKHOUND_REPLAY` names the folder of the npm package `replaywebpage`; `tests/run`
//! fetches it. Without it this is skipped.

use std::io::{Read as _, Write as _};
use std::path::PathBuf;
use std::sync::Arc;

use axum::Router;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use serde_json::Value;

use super::{Driver, chromium, until};
use crate::lab::{Lab, shared_practice};

/// What is served: the program that replays, the archive, and a page with both.
struct Site {
    program: PathBuf,
    archive: Vec<u8>,
    page: String,
}

/// Serves it on loopback, archives in the ranges that are asked for.
async fn serve(site: Site) -> (String, tokio::task::JoinHandle<()>) {
    let app = Router::new()
        .route(
            "/",
            get(async |State(site): State<Arc<Site>>| {
                ([(header::CONTENT_TYPE, "text/html")], site.page.clone())
            }),
        )
        .route(
            "/{name}",
            get(async |State(site), Path(name): Path<String>, headers| file(site, &name, &headers)),
        )
        .route(
            "/replay/{name}",
            get(async |State(site), Path(name): Path<String>, headers| file(site, &name, &headers)),
        )
        .with_state(Arc::new(site));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    let server = tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
    (base, server)
}

fn file(site: Arc<Site>, name: &str, headers: &HeaderMap) -> Response {
    if matches!(name, "ui.js" | "sw.js") {
        let script = std::fs::read(site.program.join(name)).unwrap();
        return ([(header::CONTENT_TYPE, "text/javascript")], script).into_response();
    }
    if name != "captures.wacz" {
        return StatusCode::NOT_FOUND.into_response();
    }
    let whole = &site.archive;
    let asked = headers
        .get(header::RANGE)
        .and_then(|range| range.to_str().ok());
    let Some((from, to)) = asked.and_then(|range| range.strip_prefix("bytes=")?.split_once('-'))
    else {
        return whole.clone().into_response();
    };
    let last = whole.len() - 1;
    let (from, to) = match (from.parse::<usize>(), to.parse::<usize>()) {
        (Ok(from), Ok(to)) => (from, to.min(last)),
        (Ok(from), Err(_)) => (from, last),
        (Err(_), Ok(count)) => (whole.len().saturating_sub(count), last),
        _ => return StatusCode::RANGE_NOT_SATISFIABLE.into_response(),
    };
    let range = format!("bytes {from}-{to}/{}", whole.len());
    let headers = [
        (header::CONTENT_RANGE, range),
        (header::ACCEPT_RANGES, "bytes".to_owned()),
    ];
    (
        StatusCode::PARTIAL_CONTENT,
        headers,
        whole[from..=to].to_vec(),
    )
        .into_response()
}

/// The address, the words and the pictures of the innermost frame, which shows the
/// archived page.
const SHOWN: &str = "
    const frames = [];
    const walk = (root) => {
        for (const element of root.querySelectorAll('*')) {
            if (element.shadowRoot) walk(element.shadowRoot);
            if (element.tagName === 'IFRAME' && element.contentDocument) {
                frames.push(element);
                walk(element.contentDocument);
            }
        }
    };
    walk(document);
    const last = frames.at(-1);
    if (!last || !last.contentDocument.body) return null;
    const shown = last.contentDocument;
    return {
        address: last.contentWindow.location.href,
        words: shown.title + ' ' + shown.body.innerText,
        pictures: [...shown.images].filter((image) => image.naturalWidth > 0).length,
    };";

/// A packet of a case on a marketplace that sends pages: its archive, and the first
/// page in that.
fn archived() -> (Vec<u8>, Value) {
    let lab = Lab::new(shared_practice());
    lab.ok(&["scan", "--source", "stallhaven", "--json"]);
    let queue = lab.ok(&["queue", "list", "--limit", "1", "--json"]);
    let case: Value = serde_json::from_str(queue.lines().next().unwrap()).unwrap();
    let id = case["id"].to_string();
    lab.ok(&["packet", "export", &id]);
    let member = |zip: &[u8], name: &str| -> Vec<u8> {
        let mut archive = zip::ZipArchive::new(std::io::Cursor::new(zip)).unwrap();
        let mut bytes = Vec::new();
        archive
            .by_name(name)
            .unwrap()
            .read_to_end(&mut bytes)
            .unwrap();
        bytes
    };
    let packet = std::fs::read(lab.path(&format!("case-{id}.zip"))).unwrap();
    let archive = member(&packet, &format!("case-{id}/data/captures.wacz"));
    let pages = String::from_utf8(member(&archive, "pages/pages.jsonl")).unwrap();
    let page = serde_json::from_str(pages.lines().nth(1).unwrap()).unwrap();
    (archive, page)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_archive_of_a_packet_replays_offline_with_its_title_and_picture() {
    let Some(program) = std::env::var_os("MARKHOUND_REPLAY").map(PathBuf::from) else {
        let told = b"replay: skipped, MARKHOUND_REPLAY is not set; tests/run fetches it\n";
        std::io::stderr().write_all(told).unwrap();
        return;
    };
    let (archive, page) = tokio::task::block_in_place(archived);
    let (url, title) = (
        page["url"].as_str().unwrap(),
        page["title"].as_str().unwrap(),
    );
    let escaped = url.replace('&', "&amp;").replace('"', "&quot;");
    let (base, server) = serve(Site {
        program,
        archive,
        page: format!(
            "<!doctype html><meta charset=utf-8><script src=/ui.js></script>\
             <replay-web-page source=/captures.wacz url=\"{escaped}\" replayBase=/replay/ \
             embed=replayonly style=\"display:block;height:800px\"></replay-web-page>"
        ),
    })
    .await;
    let folder = tempfile::tempdir().unwrap();
    let driver = Driver::start();
    let client = chromium(&driver, folder.path()).await;
    client.goto(&base).await.unwrap();
    until("the archived title and a picture are shown", || async {
        let shown = client.execute(SHOWN, Vec::new()).await.unwrap();
        let words = shown["words"].as_str().unwrap_or_default();
        words.contains(title) && shown["pictures"].as_u64() > Some(0)
    })
    .await;
    // Shown by the service worker, out of the archive, not by the marketplace.
    let shown = client.execute(SHOWN, Vec::new()).await.unwrap();
    let address = shown["address"].as_str().unwrap();
    assert!(
        address.starts_with(&format!("{base}/replay/w/")),
        "{address}"
    );
    assert!(address.ends_with(url), "{address}");
    client.close().await.unwrap();
    server.abort();
}
