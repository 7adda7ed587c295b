//! Pages read a second on one core: from bytes to listings.
//!
//! `cargo bench -p markhound-crawlers --bench extract`. The pages are the test
//! pages, with and without schema.org data, filled up to 50–80 KB with what
//! shops put around a product: menus, boxes of other products, reviews.

use std::fmt::Write as _;
use std::hint::black_box;
use std::path::Path;
use std::time::Instant;

use markhound_crawlers::read_page;
use url::Url;

const ROUNDS: usize = 5;
const JSON_LD: &str = r#"<script type="application/ld+json">{"@context":"https://schema.org","@type":"Product","name":"Halo","sku":"OH-12","image":["/a.jpg","/b.jpg"],"brand":{"@type":"Brand","name":"Ostra"},"offers":{"@type":"Offer","price":"119.00","priceCurrency":"EUR","availability":"https://schema.org/InStock"}}</script>"#;

/// A page with about `size` bytes, the filling before its end.
fn filled(html: &str, size: usize, head: &str) -> String {
    let mut filling =
        String::from("<section class=\"related\"><h2>Related products</h2><ul class=\"products\">");
    let mut number = 0;
    while html.len() + filling.len() < size {
        number += 1;
        let _ = write!(
            filling,
            "<li class=\"product-card grid__item\" data-id=\"{number}\"><a class=\"card-link\" href=\"/p/{number}?ref=related\"><img class=\"lazy\" loading=\"lazy\" data-src=\"/media/{number}_400x400.jpg\" alt=\"Article number {number}\"></a><div class=\"card-body\"><h3 class=\"card-title\"><a href=\"/p/{number}\">Article number {number}, in two colours</a></h3><span class=\"price\"><del>{number},99 €</del> {number},49 €</span><p class=\"text-muted small\">A few words that say what it is good for, &amp; how it is made.</p></div></li>"
        );
    }
    filling.push_str("</ul></section>");
    html.replacen("</body>", &format!("{filling}</body>"), 1)
        .replacen("</head>", &format!("{head}</head>"), 1)
}

fn main() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/extract/samples/pages");
    let mut files: Vec<_> = std::fs::read_dir(folder)
        .expect("the samples")
        .flatten()
        .map(|entry| entry.path())
        .collect();
    files.retain(|path| path.extension().is_some_and(|e| e == "html"));
    files.sort();
    let html: Vec<String> = files
        .iter()
        .map(|path| std::fs::read_to_string(path).expect("a page"))
        .collect();
    let url = Url::parse("https://shop.example/p/1").expect("a URL");
    for (what, head) in [("with JSON-LD", JSON_LD), ("without structured data", "")] {
        let pages: Vec<String> = html
            .iter()
            .enumerate()
            .map(|(at, html)| filled(html, 50_000 + 1_500 * (at % 20), head))
            .collect();
        let bytes: usize = pages.iter().map(String::len).sum();
        let mut best = f64::MAX;
        let mut found = 0;
        for _ in 0..ROUNDS {
            let start = Instant::now();
            found = pages
                .iter()
                .map(|page| {
                    black_box(read_page(
                        page.as_bytes(),
                        Some("text/html; charset=utf-8"),
                        &url,
                    ))
                    .len()
                })
                .sum();
            best = best.min(start.elapsed().as_secs_f64());
        }
        println!(
            "{what}: {} pages of {} KB, {found} listings, {:.0} pages/s, {:.2} ms a page",
            pages.len(),
            bytes / pages.len() / 1000,
            pages.len() as f64 / best,
            1000.0 * best / pages.len() as f64
        );
    }
}
