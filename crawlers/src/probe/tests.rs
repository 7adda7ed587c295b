//! Probing real servers on loopback, each a small shop of one kind.

mod addresses;
mod drafts;
mod lists;
mod menus;
mod paging;
mod pictures;
mod prices;
mod rendered;
mod server;
mod stock;
mod walks;

use std::collections::BTreeSet;
use std::sync::Arc;

use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};

use super::*;
use crate::fetch::FetchOptions;
use crate::{Listing, Signal, discover, read};
use server::{Server, fetcher, html, json};

fn xml(base: &str, paths: &[String]) -> Response {
    let pages: String = paths
        .iter()
        .map(|path| format!("<url><loc>{}{path}</loc></url>", base.trim_end_matches('/')))
        .collect();
    let text =
        format!("<urlset xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\">{pages}</urlset>");
    ([(header::CONTENT_TYPE, "application/xml")], text).into_response()
}

const HOME: &str = "<title>Shop</title><h1>Welcome to our shop</h1><p><a href='/about'>About us</a> \
    <a href='/cart'>Cart</a> <a href='/contact'>Contact</a> <a href='/blog'>Blog</a></p>";

/// Everything a draft reads of a shop, walked to its end.
async fn walk(draft: &Draft) -> Vec<Listing> {
    walk_with(draft, None).await
}

/// The same, with what it asks to be rendered rendered.
async fn walk_with(draft: &Draft, renderer: Option<&Renderer>) -> Vec<Listing> {
    let text = draft
        .toml
        .replace("per_second = 1\n", "per_second = 1000\n");
    let definition = Definition::parse(&text, "draft.toml").expect("a definition");
    let (fetcher, mut seen) = (fetcher(), BTreeSet::new());
    let (mut open, mut listings) = (discover::seeds(&definition, &[]), Vec::new());
    while let Some(target) = open.pop() {
        if !seen.insert(target.key()) {
            continue;
        }
        let exchange = match renderer {
            Some(renderer) => renderer.fetch(&fetcher, &definition, &target).await,
            None => fetcher.fetch(&definition, &target).await,
        };
        let exchange = exchange.expect("an answer");
        let reading = read(&definition, &target, &exchange).expect("it can be read");
        assert_eq!(reading.signal, Signal::Ok, "{}", target.url);
        open.extend(reading.targets);
        listings.extend(reading.listings);
    }
    listings
}

fn prices(listings: &[Listing]) -> BTreeSet<String> {
    let price = |listing: &Listing| {
        let price = listing.price.as_ref().expect("a price");
        let currency = price.currency.as_deref().unwrap_or("none");
        format!("{} {} {currency}", listing.title, price.amount)
    };
    listings.iter().map(price).collect()
}

fn draft(report: &Report) -> &Draft {
    let draft = report
        .draft
        .as_ref()
        .unwrap_or_else(|| panic!("no draft: {report:#?}"));
    let errors: Vec<String> = Definition::lint_text(&draft.toml, "draft.toml")
        .iter()
        .filter(|finding| finding.severity == crate::definition::Severity::Error)
        .map(ToString::to_string)
        .collect();
    assert_eq!(errors, Vec::<String>::new(), "{}", draft.toml);
    draft
}

#[tokio::test]
async fn a_shopify_shop_is_known_by_its_json_and_its_currency_by_its_page() {
    let server = Server::open(|_, path, _| {
        let sample =
            std::str::from_utf8(Definition::builtin_sample("samples/shopify/products.json")?)
                .ok()?;
        match path.split('?').next()? {
            "/" => Some(html(&format!(
                "{HOME}<script>Shopify.currency = {{\"active\":\"CAD\",\"rate\":\"1.0\"}};</script>"
            ))),
            "/products.json" => Some(json(sample.to_owned())),
            _ => None,
        }
    })
    .await;
    let report = server.probe().await;
    assert_eq!(report.tier, Tier::Storefront, "{report:#?}");
    assert_eq!(report.tier.letter(), Some('B'));
    let draft = draft(&report);
    assert_eq!(draft.template, Some("shopify"));
    let currency = report.samples[0]
        .fields
        .iter()
        .find(|field| field.name == "currency");
    assert_eq!(currency.map(|field| field.value.as_str()), Some("CAD"));
    assert!(Definition::parse(&draft.toml, "x").is_ok_and(|d| d.base() == &server.base));
}

#[tokio::test]
async fn a_magento_shop_is_known_by_what_its_graphql_answers_to_a_post() {
    let server = Server::open(|method, path, _| {
        let sample = std::str::from_utf8(Definition::builtin_sample(
            "samples/magento-graphql/list.json",
        )?)
        .ok()?;
        match (method, path) {
            ("GET", "/") => Some(html(HOME)),
            ("POST", "/graphql") => Some(json(sample.to_owned())),
            _ => None,
        }
    })
    .await;
    let report = server.probe().await;
    assert_eq!(report.tier, Tier::Storefront, "{report:#?}");
    assert_eq!(draft(&report).template, Some("magento-graphql"));
}

#[tokio::test]
async fn a_page_with_status_200_in_place_of_json_is_no_storefront() {
    let server = Server::open(|_, _, _| Some(html(HOME))).await;
    let report = server.probe().await;
    assert_eq!(report.tier, Tier::Unknown, "{report:#?}");
    let showed: Vec<&str> = report.attempts.iter().map(|a| a.showed.as_str()).collect();
    assert!(showed.contains(&"a page, no JSON"), "{showed:?}");
    assert!(showed.contains(&"no sitemap"), "{showed:?}");
    let other = Server::open(|_, path, _| match path {
        "/" => Some(html(HOME)),
        _ => Some(json("{\"products\":[{\"id\":1}],\"data\":null}".to_owned())),
    })
    .await;
    assert_eq!(other.probe().await.tier, Tier::Unknown);
}

fn sitemap_shop(item: fn(usize) -> String) -> impl Fn(&str, &str, &str) -> Option<Response> {
    move |_, path, base| match path {
        "/" => Some(html(HOME)),
        "/sitemap.xml" => {
            let mut paths = vec!["/about".to_owned(), "/contact".to_owned()];
            paths.extend((0..9).map(|n| format!("/product/thing-{n}/")));
            Some(xml(base, &paths))
        }
        "/about" | "/contact" => Some(html("<h1>About us</h1><p>We sell things.</p>")),
        _ => {
            let number = path.strip_prefix("/product/thing-")?.strip_suffix('/')?;
            Some(html(&item(number.parse().ok()?)))
        }
    }
}

fn nine(currency: &str) -> BTreeSet<String> {
    (0..9)
        .map(|n| format!("Thing {n} 1{n}.50 {currency}"))
        .collect()
}

#[tokio::test]
async fn microdata_found_through_a_sitemap_give_a_draft_that_reads_the_whole_shop() {
    let server = Server::open(sitemap_shop(|n| {
        format!(
            "<div itemscope itemtype='https://schema.org/Product'><h1 itemprop='name'>Thing {n}</h1>\
             <img itemprop='image' src='/i/{n}.jpg'><div itemprop='offers' itemscope itemtype='https://schema.org/Offer'>\
             <span itemprop='price' content='1{n}.50'>€ 1{n},50</span><meta itemprop='priceCurrency' content='EUR'></div></div>"
        )
    }))
    .await;
    let report = server.probe().await;
    assert_eq!(report.tier, Tier::Structured, "{report:#?}");
    assert_eq!(report.samples.len(), 3);
    assert!(
        report
            .samples
            .iter()
            .all(|sample| sample.formats == ["microdata"])
    );
    let draft = draft(&report);
    assert!(
        draft.toml.contains("url = \"/product/*-{id}/\""),
        "{}",
        draft.toml
    );
    assert_eq!(prices(&walk(draft).await), nine("EUR"));
}

#[tokio::test]
async fn of_a_shop_with_every_page_in_many_languages_one_is_read() {
    const LANGUAGES: [&str; 20] = [
        "en", "de", "fr", "es", "it", "pl", "nl", "sv", "da", "fi", "cs", "sk", "hu", "ro", "bg",
        "el", "pt-br", "ja", "ko", "zh_CN",
    ];
    let server = Server::open(|_, path, base| match path {
        "/" => Some(html(HOME)),
        "/sitemap.xml" => {
            let of = |l: &'static str| (0..9).map(move |n| format!("/{l}/product/thing-{n}/"));
            let paths: Vec<String> = LANGUAGES.into_iter().flat_map(of).collect();
            Some(xml(base, &paths))
        }
        _ => {
            let (_, rest) = path.trim_start_matches('/').split_once('/')?;
            let number = rest.strip_prefix("product/thing-")?.strip_suffix('/')?;
            let others: String = LANGUAGES
                .iter()
                .map(|l| format!("<link rel=alternate hreflang={l} href=/{l}/{rest}>"))
                .collect();
            Some(html(&format!(
                "{others}<script type='application/ld+json'>{{\"@context\":\"https://schema.org\",\
                 \"@type\":\"Product\",\"name\":\"Thing {number}\",\"offers\":{{\"@type\":\"Offer\",\
                 \"price\":\"1{number}.50\",\"priceCurrency\":\"EUR\"}}}}</script><h1>Thing {number}</h1>"
            )))
        }
    })
    .await;
    let report = server.probe().await;
    let draft = draft(&report);
    let (_, kept) = draft
        .toml
        .split_once("languages = { keep = \"")
        .expect(&draft.toml);
    let kept = kept.split('"').next().expect("a language");
    let found = walk(draft).await;
    assert_eq!(found.len(), 9, "{}", draft.toml);
    assert_eq!(prices(&found), nine("EUR"));
    let start = format!("/{kept}/");
    assert!(
        found
            .iter()
            .all(|listing| listing.url.path().starts_with(&start)),
        "{found:#?}"
    );
}

#[tokio::test]
async fn opengraph_alone_is_structured_data_as_well() {
    let server = Server::open(sitemap_shop(|n| {
        format!(
            "<meta property='og:type' content='product'><meta property='og:title' content='Thing {n}'>\
             <meta property='og:image' content='/i/{n}.jpg'><meta property='product:price:amount' content='1{n}.50'>\
             <meta property='product:price:currency' content='CHF'><h1>Thing {n}</h1>"
        )
    }))
    .await;
    let report = server.probe().await;
    assert_eq!(report.tier, Tier::Structured, "{report:#?}");
    assert_eq!(report.samples[0].formats, ["opengraph"]);
    assert!(
        report
            .warnings
            .iter()
            .any(|warning| warning.contains("seller"))
    );
    assert_eq!(prices(&walk(draft(&report)).await), nine("CHF"));
}

#[tokio::test]
async fn plain_pages_in_categories_give_selectors_that_read_the_whole_shop() {
    let server = Server::open(|_, path, _| {
        let nav = "<nav><a href='/category/chairs'>Chairs</a> <a href='/category/lamps'>Lamps</a> <a href='/cart'>Cart</a></nav>";
        let card = |n: u32| format!("<div class='card'><a class='card-link' href='/goods/thing-{n}'><img src='/t/{n}.jpg' alt=''>Thing {n}</a> <b>$ 1{n}.50</b></div>");
        let list = |numbers: std::ops::Range<u32>| numbers.map(card).collect::<String>();
        let next = "<ul class='pages'><li><a href='?page=1'>1</a></li><li><a href='?page=2'>2</a></li></ul>";
        Some(html(&match path {
            "/" => format!("{nav}<h1>Shop</h1>{}", list(0..2)),
            "/category/chairs" | "/category/chairs?page=1" => format!("{nav}<h1>Chairs</h1>{}{next}", list(0..4)),
            "/category/chairs?page=2" => format!("{nav}<h1>Chairs</h1>{}{next}", list(4..6)),
            "/category/lamps" => format!("{nav}<h1>Lamps</h1>{}", list(6..9)),
            "/category/chairs?page=3" | "/category/lamps?page=2" => format!("{nav}<h1>Nothing more</h1>"),
            _ => {
                let n: u32 = path.strip_prefix("/goods/thing-")?.parse().ok()?;
                format!(
                    "{nav}<main><h1 class='name'>Thing {n}</h1><div class='pictures'><img src='/i/{n}-a.jpg' alt=''><img src='/i/{n}-b.jpg' alt=''></div>\
                     <p class='price-box'><del>$ 99.00</del> <span class='price now'>$ 1{n}.50</span></p><p class='stock'>In stock</p>\
                     <form action='/cart' method='post'><input name='quantity' value='1'><button>Add to cart</button></form></main>\
                     <aside><h2>You may also like</h2>{}</aside>",
                    list(0..3)
                )
            }
        }))
    })
    .await;
    let report = server.probe().await;
    assert_eq!(report.tier, Tier::Selectors, "{report:#?}");
    let draft = draft(&report);
    let found = walk(draft).await;
    assert_eq!(prices(&found), nine("none"), "{}", draft.toml);
    for listing in &found {
        let name = listing.title.trim_start_matches("Thing ");
        let paths: Vec<&str> = listing.images.iter().map(Url::path).collect();
        assert_eq!(
            paths,
            [format!("/i/{name}-a.jpg"), format!("/i/{name}-b.jpg")],
            "{}",
            draft.toml
        );
    }
    assert!(
        report
            .warnings
            .iter()
            .any(|warning| warning.contains("currency"))
    );
}

#[tokio::test]
async fn a_wall_is_said_to_be_one_and_ends_the_probe_at_once() {
    let server = Server::open(|_, path, _| {
        let challenge = "<title>Just a moment...</title><h1>Checking your browser</h1>";
        (path != "/robots.txt").then(|| {
            (
                StatusCode::FORBIDDEN,
                [("cf-mitigated", "challenge")],
                html(challenge),
            )
                .into_response()
        })
    })
    .await;
    let report = server.probe().await;
    assert_eq!(report.tier, Tier::Blocked);
    assert!(!report.is_readable() && report.draft.is_none());
    assert_eq!(server.asked(), ["/robots.txt", "/"]);
}

#[tokio::test]
async fn a_few_pages_behind_a_log_in_make_no_wall_of_a_shop_and_none_is_asked_twice() {
    let server = Server::open(|_, path, _| match path {
        "/" => Some(html(
            "<a href='/goods/1/'>a</a><a href='/goods/2/'>b</a><a href='/goods/3/'>c</a>\
             <a href='/cate/1/'>d</a><a href='/cate/2/'>e</a><a href='/mine/things/'>f</a>",
        )),
        "/mine/things/" => Some((StatusCode::UNAUTHORIZED, html("Log in")).into_response()),
        _ => Some(html(
            "<h1>Thing</h1><p>{{ price }}</p><a href='/mine/things/'>f</a><a href='/goods/1/'>a</a>",
        )),
    })
    .await;
    let report = server.probe().await;
    assert_eq!(report.tier, Tier::Unknown, "{report:#?}");
    let asked = server.asked();
    assert!(
        asked.iter().any(|path| path == "/mine/things/"),
        "{asked:?}"
    );
    let once: std::collections::HashSet<&String> = asked.iter().collect();
    assert_eq!(once.len(), asked.len(), "{asked:?}");
}

#[tokio::test]
async fn pages_that_scripts_make_are_told_from_empty_shops() {
    let server = Server::open(|_, path, _| {
        let shell = "<noscript>You need to enable JavaScript to run this app.</noscript><div id=\"root\"></div><script src=\"/app.js\"></script>";
        (path != "/robots.txt").then(|| html(shell))
    })
    .await;
    let report = server.probe().await;
    assert_eq!(
        (report.tier, report.tier.letter()),
        (Tier::Rendered, Some('E')),
        "{report:#?}"
    );
    assert!(
        !report.is_readable() && report.why.contains("no Chromium"),
        "{}",
        report.why
    );
    assert!(report.why.contains("markhound import"));
}

#[tokio::test]
async fn where_robots_txt_forbids_everything_nothing_else_is_asked() {
    let server = Server::open(|_, path, _| {
        Some(match path {
            "/robots.txt" => "User-agent: *\nDisallow: /\n".into_response(),
            _ => html(HOME),
        })
    })
    .await;
    let report = server.probe().await;
    assert_eq!(report.tier, Tier::Blocked, "{report:#?}");
    assert!(report.why.contains("robots.txt"));
    assert_eq!(server.asked(), ["/robots.txt"]);
}

#[tokio::test]
async fn what_robots_txt_forbids_is_left_out_and_its_pauses_are_told() {
    let shop = sitemap_shop(|n| {
        format!(
            "<meta property='og:type' content='product'><meta property='og:title' content='Thing {n}'><meta property='product:price:amount' content='1{n}.50'><h1>Thing {n}</h1>"
        )
    });
    let server = Server::open(move |method, path, base| match path {
        "/robots.txt" => Some(
            "User-agent: *\nDisallow: /product/thing-0/\nDisallow: /graphql\nCrawl-delay: 0.01\n"
                .into_response(),
        ),
        _ => shop(method, path, base),
    })
    .await;
    let report = server.probe().await;
    assert_eq!(report.tier, Tier::Structured, "{report:#?}");
    assert!(
        !server
            .asked()
            .iter()
            .any(|path| path == "/graphql" || path == "/product/thing-0/")
    );
    assert!(
        report
            .warnings
            .iter()
            .any(|warning| warning.contains("0.01 s"))
    );
}

#[tokio::test]
async fn a_shop_that_is_not_there_and_a_private_address_are_told_apart() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0")
        .await
        .expect("a port");
    let url = format!("http://{}/", listener.local_addr().expect("an address"));
    drop(listener);
    let url = Url::parse(&url).expect("a URL");
    let dead = probe(&fetcher(), None, &url).await.expect("an address");
    assert_eq!(dead.tier, Tier::Unknown);
    assert!(dead.why.contains("could not be reached"), "{}", dead.why);
    let noon = || "2026-11-23T12:00:00Z".parse().expect("a time");
    let guarded =
        Fetcher::new(FetchOptions::new("markhound/0.1", Arc::new(noon))).expect("a fetcher");
    let refused = probe(&guarded, None, &url).await.expect("an address");
    assert_eq!(refused.tier, Tier::Unknown);
    assert!(refused.why.contains("refused"), "{}", refused.why);
}

#[tokio::test]
async fn a_shop_that_leads_to_another_host_is_not_followed_there() {
    let server = Server::open(|_, path, _| {
        (path == "/").then(|| {
            (
                StatusCode::FOUND,
                [(header::LOCATION, "http://127.0.0.2:9/")],
            )
                .into_response()
        })
    })
    .await;
    let report = server.probe().await;
    assert_eq!(report.tier, Tier::Unknown);
    assert!(report.why.contains("127.0.0.2:9"), "{}", report.why);
}

#[tokio::test]
async fn known_marketplaces_are_not_asked_at_all() {
    let nobody = fetcher();
    let of = async |url: &str| {
        probe(&nobody, None, &address(url).expect("an address"))
            .await
            .expect("a report")
    };
    let ebay = of("www.ebay.de").await;
    assert_eq!(ebay.tier, Tier::Api);
    let toml = &draft(&ebay).toml;
    assert!(toml.contains("default = \"EBAY_DE\""), "{toml}");
    assert_eq!(
        draft(&ebay).credentials,
        ["EBAY_CLIENT_ID", "EBAY_CLIENT_SECRET"]
    );
    for url in [
        "etsy.com/shop/x",
        "https://www.rakuten.co.jp",
        "https://de.aliexpress.com/item/1.html",
    ] {
        let report = of(url).await;
        assert_eq!(report.tier, Tier::Api, "{url}");
        assert!(!draft(&report).credentials.is_empty(), "{url}");
    }
    for url in [
        "amazon.co.uk",
        "shopee.sg",
        "www.lazada.com.my",
        "listado.mercadolibre.com.mx",
    ] {
        let report = of(url).await;
        assert_eq!(
            (report.tier, report.attempts.len()),
            (Tier::Import, 0),
            "{url}"
        );
        assert!(report.why.contains("markhound import"));
    }
    assert_eq!(nobody.stats().len(), 0);
}

#[test]
fn addresses_are_taken_as_people_write_them() {
    let right = |text: &str| address(text).map(|url| url.to_string());
    assert_eq!(
        right("shop.example").as_deref(),
        Ok("https://shop.example/")
    );
    assert_eq!(
        right("http://127.0.0.1:8080/x").as_deref(),
        Ok("http://127.0.0.1:8080/x")
    );
    for wrong in [
        "",
        "file:///etc/passwd",
        "ftp://shop.example",
        "https://",
        "two words",
    ] {
        assert!(address(wrong).is_err(), "{wrong}");
    }
}
