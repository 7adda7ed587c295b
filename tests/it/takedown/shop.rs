//! The marketplace itself, on loopback.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::{Html, IntoResponse as _, Redirect, Response};
use axum::routing::get;

/// What the marketplace does with an item's page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    Stays,
    Gone404,
    Gone410,
    Blocked,
    Captcha,
    SoftNotFound,
    OwnSign,
    Broken,
    RedirectsHome,
    ShowsAnother,
}

#[derive(Clone)]
pub struct Item {
    pub title: String,
    pub seller: String,
    pub jpeg: Vec<u8>,
    pub fate: Fate,
}

#[derive(Default)]
pub struct Shop {
    pub items: BTreeMap<String, Item>,
    /// The whole shop answers 404: a bad day.
    pub down: bool,
}

pub type Shared = Arc<Mutex<Shop>>;

fn item_page(id: &str, item: &Item) -> String {
    format!(
        "<!doctype html><html><head><title>{title}</title><script type=\"application/ld+json\">{}</script></head><body><h1>{title}</h1></body></html>",
        serde_json::json!({ "@context": "https://schema.org", "@type": "Product", "productID": id,
            "name": item.title, "image": format!("/img/{id}.jpg"),
            "offers": { "@type": "Offer", "price": "49.00", "priceCurrency": "EUR",
                "availability": "https://schema.org/InStock",
                "seller": { "@type": "Organization", "name": item.seller } } }),
        title = item.title
    )
}

async fn page(State(shop): State<Shared>, Path(id): Path<String>) -> Response {
    let shop = shop.lock().unwrap();
    let gone = (StatusCode::NOT_FOUND, Html("<h1>Not found</h1>")).into_response();
    if shop.down {
        return gone;
    }
    let Some(item) = shop.items.get(&id) else {
        return gone;
    };
    match item.fate {
        Fate::Stays => Html(item_page(&id, item)).into_response(),
        Fate::Gone404 => gone,
        Fate::Gone410 => (StatusCode::GONE, Html("<h1>This listing has ended</h1>")).into_response(),
        Fate::Blocked => (StatusCode::FORBIDDEN, Html("<h1>Access denied</h1>")).into_response(),
        Fate::Captcha => Html("<!doctype html><title>Are you a human?</title><form action=\"/captcha\"><div class=\"g-recaptcha\" data-sitekey=\"x\"></div><p>Please verify you are a human</p></form>").into_response(),
        Fate::SoftNotFound => Html("<!doctype html><title>Market</title><h1>Sorry, this item is no longer available</h1><p>See similar items</p>").into_response(),
        Fate::OwnSign => Html("<!doctype html><title>Market</title><h1>Stall closed by the market</h1>").into_response(),
        Fate::Broken => (StatusCode::INTERNAL_SERVER_ERROR, "oops").into_response(),
        Fate::RedirectsHome => Redirect::to("/").into_response(),
        Fate::ShowsAnother => {
            let other = Item { title: "Something else entirely".to_owned(), ..item.clone() };
            Html(item_page("another", &other)).into_response()
        }
    }
}

async fn picture(State(shop): State<Shared>, Path(file): Path<String>) -> Response {
    let shop = shop.lock().unwrap();
    match shop.items.get(file.trim_end_matches(".jpg")) {
        Some(item) => ([(header::CONTENT_TYPE, "image/jpeg")], item.jpeg.clone()).into_response(),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

/// Names what can be bought: what is gone, or was answered otherwise, is not in it.
async fn sitemap(State(shop): State<Shared>) -> Response {
    let shop = shop.lock().unwrap();
    let entries: String = shop
        .items
        .iter()
        .filter(|(_, item)| item.fate == Fate::Stays)
        .map(|(id, _)| format!("<url><loc>/item/{id}</loc></url>"))
        .collect();
    let text = format!(
        "<?xml version=\"1.0\"?><urlset xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\">{entries}</urlset>"
    );
    ([(header::CONTENT_TYPE, "application/xml")], text).into_response()
}

pub async fn open_shop() -> (Shared, String) {
    let shop = Shared::default();
    let router = axum::Router::new()
        .route("/", get(|| async { Html("<h1>Market</h1>") }))
        .route("/robots.txt", get(|| async { "User-agent: *\nAllow: /\n" }))
        .route("/sitemap.xml", get(sitemap))
        .route("/item/{id}", get(page))
        .route("/img/{file}", get(picture))
        .with_state(shop.clone());
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, router).await });
    (shop, base)
}
