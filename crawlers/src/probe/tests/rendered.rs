//! Shops that scripts make in a browser, probed with a real Chromium.

use super::server::{Server, fetcher, json};
use super::*;
use crate::render::RenderOptions;

/// A renderer; none, and a word about it, where there is no browser.
fn renderer() -> Option<Renderer> {
    let made = Renderer::new(&RenderOptions::default());
    if let Err(error) = &made {
        eprintln!("skipped: {error}");
    }
    made.ok()
}

const SHELL: &str = "<!doctype html><html lang=en><head><title>Shop</title></head>\
    <body><div id=root></div><script src=/app.js></script></body></html>";

/// Builds every page from the data of `API`, by the path of its address.
const APP: &str = r#"
const root = document.getElementById('root');
const menu = '<nav><a href="/">Home</a> <a href="/category/birds">Birds</a> ' +
  '<a href="/category/stars">Stars</a> <a href="/about">About us</a></nav>';
fetch('API').then(answer => answer.json()).then(goods => {
  const [, kind, name] = location.pathname.split('/');
  const one = goods.find(it => kind === 'product' && it.slug === name);
  if (one) {
    document.title = one.name + ' | Shop';
    root.innerHTML = menu + `<main><h1>${one.name}</h1><p class="price">€ ${one.price}</p>
      <img src="/pictures/${one.slug}.jpg" width="600" height="600" alt="${one.name}">
      <p class="about">${one.about}</p><button>Add to cart</button></main>`;
  } else if (kind === 'about') {
    root.innerHTML = menu + '<h1>About us</h1><p>We sell what one looks through.</p>';
  } else {
    const shown = goods.filter(it => kind !== 'category' || it.category === name);
    root.innerHTML = menu + '<h1>Our goods</h1><ul>' + shown.map(it =>
      `<li class="card"><a class="to" href="/product/${it.slug}">${it.name}</a>
       <span>€ ${it.price}</span></li>`).join('') + '</ul>';
  }
});"#;

const GOODS: &str = r#"[
{"slug":"kestrel-8x42","name":"Kestrel 8×42","price":"289.00","category":"birds","about":"A binocular for the field, filled with nitrogen."},
{"slug":"heron-10x50","name":"Heron 10×50","price":"349.00","category":"birds","about":"A binocular for lakes, wide and bright to the edge."},
{"slug":"owl-7x35","name":"Owl 7×35","price":"199.50","category":"birds","about":"A small binocular for dusk, light enough for a day."},
{"slug":"comet-80","name":"Comet 80","price":"499.00","category":"stars","about":"A refractor of eighty millimetres on a steady mount."},
{"slug":"nova-130","name":"Nova 130","price":"259.00","category":"stars","about":"A reflector of thirteen centimetres for the first year."}]"#;

fn shop(path: &str, api: &str) -> Option<Response> {
    Some(match path {
        "/robots.txt" | "/sitemap.xml" => return None,
        "/app.js" => {
            let kind = [(header::CONTENT_TYPE, "text/javascript; charset=utf-8")];
            (kind, APP.replace("API", api)).into_response()
        }
        "/api/goods" => json(GOODS.to_owned()),
        path if path.ends_with(".json") || path.contains("wp-json") => return None,
        _ => ([(header::CONTENT_TYPE, "text/html; charset=utf-8")], SHELL).into_response(),
    })
}

const ALL: [&str; 5] = [
    "Comet 80 499.00 EUR",
    "Heron 10×50 349.00 EUR",
    "Kestrel 8×42 289.00 EUR",
    "Nova 130 259.00 EUR",
    "Owl 7×35 199.50 EUR",
];

#[tokio::test]
async fn a_shop_that_scripts_make_is_rendered_and_its_draft_reads_all_of_it() {
    let Some(renderer) = renderer() else { return };
    let server = Server::open(|_, path, _| shop(path, "/api/goods")).await;
    let report = probe(&fetcher(), Some(&renderer), &server.base).await;
    let report = report.expect("an address");
    assert_eq!(report.tier, Tier::Rendered, "{report:#?}");
    assert!(report.is_readable(), "{report:#?}");
    let draft = report.draft.expect("a draft");
    assert!(draft.toml.contains("tier = \"rendered\""), "{}", draft.toml);
    assert!(!draft.toml.contains("\nhosts = "), "{}", draft.toml);
    let listings = walk_with(&draft, Some(&renderer)).await;
    assert_eq!(Vec::from_iter(prices(&listings)), ALL);
    assert_eq!(listings.len(), ALL.len(), "each once");
}

#[tokio::test]
async fn hosts_that_an_empty_page_asks_are_let_in_and_stand_in_the_draft() {
    let Some(renderer) = renderer() else { return };
    let data = Server::open(|_, path, _| {
        let open = [(header::ACCESS_CONTROL_ALLOW_ORIGIN, "*")];
        (path == "/api/goods").then(|| (open, json(GOODS.to_owned())).into_response())
    })
    .await;
    let api = data.base.join("/api/goods").expect("a URL").to_string();
    let server = Server::open(move |_, path, _| shop(path, &api)).await;
    let report = probe(&fetcher(), Some(&renderer), &server.base).await;
    let report = report.expect("an address");
    let draft = report
        .draft
        .as_ref()
        .unwrap_or_else(|| panic!("{report:#?}"));
    let host = crate::definition::authority(&data.base);
    assert!(
        draft.toml.contains(&format!("hosts = [\"{host}\"]")),
        "{}",
        draft.toml
    );
    let listings = walk_with(draft, Some(&renderer)).await;
    assert_eq!(Vec::from_iter(prices(&listings)), ALL);
}
