//! A shop of generated product pages: robots.txt, one sitemap, and pages as
//! large as asked for, with schema.org data as WooCommerce writes it.

use std::fmt::Write as _;
use std::io::{Read as _, Write as _};
use std::net::Ipv4Addr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::Router;
use axum::extract::{Path, Request, State};
use axum::http::{StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::get;

/// The shop's definition; its base is the address it is served at. The pace is the
/// fastest a definition may set, 10,000 requests a second, so a scan is not held up by it.
pub const DEFINITION: &str = r#"
id = "bench"
name = "Bench"
tier = "structured"
base = "http://127.0.0.1:1"
language = "en"
terms_note = "Generated pages on this machine."

[rate]
per_second = 10000
concurrency = 4

[discover]
kind = "sitemap"
url = "/sitemap.xml"

[item]
url = "/product/{id}"

[fields]
title = [{ jsonld = "name" }, { css = "h1" }]
description = [{ jsonld = "description" }]
price = [{ jsonld = "offers.price" }]
currency = [{ jsonld = "offers.priceCurrency" }]
availability = [{ jsonld = "offers.availability" }]
brand = [{ jsonld = "brand.name" }]
gtin = [{ jsonld = "gtin13" }]
"#;

/// Serves the shop on a loopback port until standard input ends. Prints its
/// address, then the path of each request.
///
/// # Errors
/// When no port is to be had or standard output is gone.
pub async fn serve(pages: u32, page_size: u32) -> std::io::Result<()> {
    let listener = tokio::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    let base = format!("http://{}", listener.local_addr()?);
    say(&base);
    let map = sitemap(&base, pages);
    let page_base = base.clone();
    let product = move |Path(id): Path<u32>| {
        let page = (id < pages).then(|| page(&page_base, id, page_size as usize));
        async move {
            page.map_or_else(
                || StatusCode::NOT_FOUND.into_response(),
                |page| ([(header::CONTENT_TYPE, "text/html; charset=utf-8")], page).into_response(),
            )
        }
    };
    let log = Log::default();
    let shop = Router::new()
        .route(
            "/robots.txt",
            get(async || "User-agent: *\nDisallow: /cart\n"),
        )
        .route(
            "/sitemap.xml",
            get(async move || ([(header::CONTENT_TYPE, "application/xml")], map)),
        )
        .route("/product/{id}", get(product))
        .layer(middleware::from_fn_with_state(log.clone(), note));
    let (end, ended) = tokio::sync::oneshot::channel();
    std::thread::spawn(move || {
        // Whoever started the shop holds the other end, and it closes with them.
        let _ = std::io::copy(&mut std::io::stdin().lock().by_ref(), &mut std::io::sink());
        let _ = end.send(());
    });
    let served = async { axum::serve(listener, shop).await };
    let result = tokio::select! {
        served = served => served,
        () = log.print_now_and_then() => Ok(()),
        _ = ended => Ok(()),
    };
    log.print();
    result
}

/// The paths asked for that are not printed yet: whoever reads along is not woken for
/// each, which would be counted as a cost of what is measured.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<String>>>);

impl Log {
    /// How long a path may wait.
    const WAIT: Duration = Duration::from_millis(10);

    fn paths(&self) -> MutexGuard<'_, Vec<String>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn print(&self) {
        let paths = std::mem::take(&mut *self.paths());
        if !paths.is_empty() {
            say(&paths.join("\n"));
        }
    }

    async fn print_now_and_then(&self) {
        loop {
            tokio::time::sleep(Self::WAIT).await;
            self.print();
        }
    }
}

async fn note(State(log): State<Log>, request: Request, next: Next) -> Response {
    log.paths().push(request.uri().path().to_owned());
    next.run(request).await
}

/// Lines; a reader that has gone is no fault of the shop's.
fn say(lines: &str) {
    let mut out = std::io::stdout().lock();
    let _ = writeln!(out, "{lines}").and_then(|()| out.flush());
}

fn sitemap(base: &str, pages: u32) -> String {
    let mut xml = String::from(
        "<?xml version=\"1.0\"?><urlset xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\">",
    );
    for id in 0..pages {
        let _ = write!(xml, "<url><loc>{base}/product/{id}</loc></url>");
    }
    xml + "</urlset>"
}

const COLOURS: [&str; 7] = ["amber", "black", "coral", "green", "ivory", "navy", "rust"];
const GOODS: [&str; 6] = [
    "backpack",
    "kettle",
    "lamp",
    "lounge chair",
    "raincoat",
    "watch",
];

/// Product page `id`, at least `size` bytes long: menu, product, structured
/// data, related products, scripts.
#[must_use]
pub fn page(base: &str, id: u32, size: usize) -> String {
    let pick = |words: &[&'static str], salt: u32| words[(id / salt) as usize % words.len()];
    let (colour, goods) = (pick(&COLOURS, 1), pick(&GOODS, 7));
    let title = format!("{colour} {goods} no. {id}");
    let (pounds, pence) = (5 + id % 400, id % 100);
    let url = format!("{base}/product/{id}");
    let mut html = format!(
        "<!DOCTYPE html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>{title} – Bench</title>\
         <link rel=\"canonical\" href=\"{url}\"><meta property=\"og:title\" content=\"{title}\">\
         <meta property=\"og:type\" content=\"product\"><meta property=\"og:url\" content=\"{url}\">\n\
         <script type=\"application/ld+json\">{{\"@context\":\"https://schema.org/\",\"@graph\":[\
         {{\"@type\":\"BreadcrumbList\",\"itemListElement\":[{{\"@type\":\"ListItem\",\"position\":1,\
         \"item\":{{\"name\":\"Home\",\"@id\":\"{base}\"}}}}]}},{{\"@type\":\"Product\",\
         \"@id\":\"{url}#product\",\"name\":\"{title}\",\"url\":\"{url}\",\
         \"description\":\"A {goods} in {colour}, made to last.\",\"sku\":\"B-{id}\",\
         \"gtin13\":\"{gtin}\",\"brand\":{{\"@type\":\"Brand\",\"name\":\"Ostwind\"}},\
         \"offers\":{{\"@type\":\"Offer\",\"price\":\"{pounds}.{pence:02}\",\"priceCurrency\":\"GBP\",\
         \"availability\":\"http://schema.org/InStock\",\"url\":\"{url}\"}}}}]}}</script>\n</head>\
         <body class=\"product-template-default single single-product woocommerce\">\
         <nav><ul class=\"menu\">",
        gtin = gtin(id),
    );
    for (at, goods) in GOODS.iter().enumerate() {
        let _ = write!(
            html,
            "<li class=\"menu-item menu-item-{at}\"><a href=\"{base}/cart/{at}\">{goods}</a></li>"
        );
    }
    let _ = writeln!(
        html,
        "</ul></nav><main><div class=\"summary entry-summary\"><h1 class=\"product_title\">{title}</h1>\
         <p class=\"price\"><span class=\"woocommerce-Price-amount amount\"><bdi>\
         <span class=\"woocommerce-Price-currencySymbol\">&pound;</span>{pounds}.{pence:02}</bdi></span></p>\
         <div class=\"description\"><p>A {goods} in {colour}, made to last.</p></div></div>\
         <section class=\"related\"><h2>Related products</h2><ul class=\"products columns-4\">"
    );
    // A fifth of such a page is script.
    let scripts = size / 5;
    let mut other = id;
    while html.len() + scripts < size {
        other = other.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let (colour, goods) = (
            COLOURS[other as usize % COLOURS.len()],
            GOODS[(other >> 8) as usize % GOODS.len()],
        );
        let _ = writeln!(
            html,
            "<li class=\"product type-product post-{other} instock purchasable\">\
             <a href=\"{base}/cart/{other}\" class=\"woocommerce-LoopProduct-link\">\
             <h3 class=\"woocommerce-loop-product__title\">{colour} {goods}</h3>\
             <span class=\"sku\">R-{other}</span></a></li>"
        );
    }
    html.push_str("</ul></section></main><script>var menu=[");
    while html.len() < size {
        other = other.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let _ = write!(html, "{{\"id\":{other},\"open\":false}},");
    }
    html + "];</script></body></html>"
}

/// A GTIN-13 with its check digit (GS1 General Specifications §7.9).
fn gtin(id: u32) -> String {
    let digits = format!("400{:09}", id % 1_000_000_000);
    let sum: u32 = digits
        .bytes()
        .enumerate()
        .map(|(at, digit)| u32::from(digit - b'0') * if at % 2 == 0 { 1 } else { 3 })
        .sum();
    format!("{digits}{}", (10 - sum % 10) % 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_as_large_as_asked_and_the_same_each_time() {
        for size in [3_000, 9_300, 60_000] {
            let html = page("http://127.0.0.1:1", 7, size);
            assert!(
                (size..size + 200).contains(&html.len()) || size < 4_000,
                "{}",
                html.len()
            );
            assert_eq!(html, page("http://127.0.0.1:1", 7, size));
        }
    }

    #[test]
    fn a_gtin_has_its_check_digit() {
        assert_eq!(gtin(638_133_393), "4006381333931");
    }
}
