use axum::extract::{Path, Query};
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use serde_json::{Value, json};

use super::*;
use crate::{Availability, PrepareError, discover, prepare};

const HOME: &str = r#"<!doctype html><html><head><title>Straps</title><script>
var Shopify = Shopify || {}; Shopify.shop = "straps.myshopify.com";
Shopify.currency = {"active":"SEK","rate":"1.0"};</script></head><body></body></html>"#;

fn product(n: usize) -> Value {
    json!({
        "id": 8000 + n, "title": format!("Strap {n}"), "handle": format!("strap-{n}"),
        "body_html": "<p>Leather &amp; steel.</p>", "vendor": "Kestrel",
        "variants": [
            {"id": 1, "sku": format!("KS-{n}"), "available": false, "price": "1.00"},
            {"id": 2, "sku": "b", "available": !n.is_multiple_of(5), "price": format!("{}.50", 40 + n)},
            {"id": 3, "sku": "c", "available": !n.is_multiple_of(5), "price": format!("{}.00", 40 + n)}
        ],
        "images": [{"src": format!("https://cdn.shopify.com/s/files/1/{n}.jpg?v=1")}]
    })
}

async fn products(Query(query): Query<HashMap<String, String>>) -> Response {
    let (limit, page) = (number(&query, "limit"), number(&query, "page"));
    if limit * page > 25_000 || limit > 250 {
        return (
            StatusCode::BAD_REQUEST,
            Json(json!({"errors": "page cannot exceed 100"})),
        )
            .into_response();
    }
    let products: Vec<Value> = slice(page, limit).map(product).collect();
    Json(json!({"products": products})).into_response()
}

fn shop(home: &'static str) -> Router {
    let one = |Path(file): Path<String>| async move {
        let n = file
            .trim_start_matches("strap-")
            .trim_end_matches(".json")
            .parse::<usize>();
        match n.ok().filter(|n| *n < PRODUCTS && file.ends_with(".json")) {
            Some(n) => Json(json!({"product": product(n)})).into_response(),
            None => StatusCode::NOT_FOUND.into_response(),
        }
    };
    Router::new()
        .route("/", get(move || async move { Html(home) }))
        .route("/products.json", get(products))
        .route("/products/{file}", get(one))
}

#[tokio::test]
async fn a_shopify_shop_is_walked_whole_in_the_currency_of_its_page() {
    let base = serve(shop(HOME)).await;
    let prepared = prepare(&fetcher(), &definition("shopify", &base))
        .await
        .expect("prepared");
    assert_eq!(
        (prepared.currency.as_deref(), prepared.exchanges.len()),
        (Some("SEK"), 1)
    );
    let definition = prepared.definition;
    let found = walk(&definition, discover::seeds(&definition, &[])).await;
    assert_eq!(found.signals, []);
    assert_each_once(&found.listings, |n| (8000 + n).to_string());
    for listing in &found.listings {
        let n = listing.item_id.parse::<usize>().expect("a number") - 8000;
        assert_eq!(listing.title, format!("Strap {n}"));
        assert_eq!(listing.url.as_str(), format!("{base}/products/strap-{n}"));
        assert_eq!(listing.description.as_deref(), Some("Leather & steel."));
        // The lowest price that can be bought; of a product sold out, the lowest.
        let price = if n.is_multiple_of(5) {
            "1.00".to_owned()
        } else {
            format!("{}.00", 40 + n)
        };
        assert_eq!(money(listing), (price, Some("SEK")));
        let stock = if n.is_multiple_of(5) {
            Availability::OutOfStock
        } else {
            Availability::InStock
        };
        assert_eq!(listing.availability, Some(stock));
        assert_eq!(listing.brand.as_deref(), Some("Kestrel"));
        assert_eq!(listing.mpn, Some(format!("KS-{n}")));
        assert_eq!(
            images(listing),
            [format!("https://cdn.shopify.com/s/files/1/{n}.jpg?v=1")]
        );
        assert!(
            listing.provenance["price"].candidates.len() >= 2,
            "the other variants' prices"
        );
    }
}

#[tokio::test]
async fn a_shopify_product_is_read_again_by_its_handle() {
    let base = serve(shop(HOME)).await;
    let definition = definition("shopify", &base);
    let page = format!("{base}/products/strap-7").parse().expect("a URL");
    let target = discover::item(&definition, "8007", &page);
    assert_eq!(target.url.as_str(), format!("{base}/products/strap-7.json"));
    let found = walk(&definition, vec![target]).await;
    assert_eq!(
        (&*found.listings[0].item_id, &found.listings[0].url),
        ("8007", &page)
    );
}

#[tokio::test]
async fn a_shop_that_says_no_currency_is_an_error_that_names_the_pages_asked() {
    let base = serve(shop("<!doctype html><title>Straps</title>")).await;
    let error = prepare(&fetcher(), &definition("shopify", &base))
        .await
        .expect_err("none");
    assert!(matches!(error, PrepareError::NoCurrency { .. }));
    let said = error.to_string();
    assert!(
        said.contains("/: status 200") && said.contains("/meta.json: status 404"),
        "{said}"
    );
}

#[tokio::test]
async fn the_currency_is_read_from_the_second_page_where_the_first_has_none() {
    let meta = get(|| async { Json(json!({"name": "Straps", "currency": "DKK"})) });
    let router = shop("<!doctype html><title>Straps</title>").route("/meta.json", meta);
    let base = serve(router).await;
    let prepared = prepare(&fetcher(), &definition("shopify", &base))
        .await
        .expect("prepared");
    assert_eq!(
        (prepared.currency.as_deref(), prepared.exchanges.len()),
        (Some("DKK"), 2)
    );
}

#[tokio::test]
async fn a_shop_behind_a_password_is_blocked() {
    let form =
        || async { Html("<form method=post action=\"/password\"><input type=password></form>") };
    let base = serve(Router::new().route("/products.json", get(form))).await;
    let definition = definition("shopify", &base);
    let found = walk(&definition, discover::seeds(&definition, &[])).await;
    assert!(matches!(found.signals[..], [Signal::Blocked { .. }]));
}

#[tokio::test]
async fn a_shop_that_serves_its_last_page_for_ever_is_left_after_one_repetition() {
    let page = || async { Json(json!({"products": [product(1), product(2)]})) };
    let base = serve(Router::new().route("/products.json", get(page))).await;
    let definition = definition("shopify", &base);
    let found = walk(&definition, discover::seeds(&definition, &[])).await;
    assert_eq!(found.requests, 2);
}
