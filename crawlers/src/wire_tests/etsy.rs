use axum::extract::{Path, Query};
use axum::http::{HeaderMap, StatusCode};
use axum::routing::get;
use axum::{Json, Router};
use serde_json::{Value, json};

use super::*;
use crate::Availability;
use crate::discover;

fn product(n: usize) -> Value {
    json!({
        "listing_id": 1000 + n, "shop_id": 55, "state": "active", "quantity": n % 7,
        "title": format!("Kestrel &amp; S&ouml;hne &quot;No. {n}&quot;"), "description": "Hand&#45;made",
        "url": format!("https://www.etsy.com/listing/{}/x", 1000 + n),
        "price": {"amount": 4390 + n, "divisor": 100, "currency_code": "EUR"}, "skus": [format!("KT-{n}")],
        "images": [{"url_75x75": "https://i.etsystatic.com/s.jpg", "url_fullxfull": format!("https://i.etsystatic.com/{n}.jpg")}],
        "shop": {"shop_name": "OldMillLeather", "shop_location_country_iso": "DE"}
    })
}

fn let_in(headers: &HeaderMap) -> bool {
    headers
        .get("x-api-key")
        .is_some_and(|key| key == "etsykey:etsysecret")
}

fn service() -> Router {
    let list = |headers: HeaderMap, Query(query): Query<HashMap<String, String>>| async move {
        let (limit, offset) = (number(&query, "limit"), number(&query, "offset"));
        if !let_in(&headers) {
            return (
                StatusCode::FORBIDDEN,
                Json(json!({"error": "Invalid API key"})),
            );
        }
        if limit == 0 || limit > 100 || offset > 12_000 || query["includes"] != "Images,Shop" {
            return (
                StatusCode::BAD_REQUEST,
                Json(json!({"error": "bad parameter"})),
            );
        }
        assert_eq!(query["keywords"], "kestrel & söhne");
        let range = offset.min(PRODUCTS)..(offset + limit).min(PRODUCTS);
        let results: Vec<Value> = range.map(product).collect();
        (
            StatusCode::OK,
            Json(json!({"count": PRODUCTS, "results": results})),
        )
    };
    let item = |headers: HeaderMap, Path(id): Path<usize>| async move {
        match id
            .checked_sub(1000)
            .filter(|n| *n < PRODUCTS && let_in(&headers))
        {
            Some(n) => (StatusCode::OK, Json(product(n))),
            None => (
                StatusCode::NOT_FOUND,
                Json(json!({"error": "Resource not found"})),
            ),
        }
    };
    Router::new()
        .route("/v3/application/listings/active", get(list))
        .route("/v3/application/listings/{id}", get(item))
}

#[tokio::test]
async fn a_search_on_etsy_finds_every_listing_once_with_every_field() {
    let definition = definition("etsy", &serve(service()).await);
    let seeds = discover::seeds(&definition, &["kestrel & söhne".to_owned()]);
    let found = walk(&definition, seeds).await;
    assert_eq!(found.signals, []);
    assert_each_once(&found.listings, |n| (1000 + n).to_string());
    // 523 listings, 100 a page: the declared total ends it, no empty page is asked for.
    assert_eq!(found.requests, 6);
    for listing in &found.listings {
        let n: usize = listing.item_id.parse::<usize>().expect("a number") - 1000;
        assert_eq!(listing.title, format!("Kestrel & Söhne \"No. {n}\""));
        assert_eq!(listing.description.as_deref(), Some("Hand-made"));
        assert_eq!(
            listing.url.as_str(),
            format!("https://www.etsy.com/listing/{}/x", 1000 + n)
        );
        let cents = rust_decimal::Decimal::new(i64::try_from(4390 + n).expect("small"), 2);
        let price = listing.price.as_ref().expect("a price");
        assert_eq!(
            (price.amount, price.currency.as_deref()),
            (cents, Some("EUR"))
        );
        assert_eq!(listing.seller.as_deref(), Some("OldMillLeather"));
        assert_eq!(listing.location.as_deref(), Some("DE"));
        assert_eq!(listing.mpn, Some(format!("KT-{n}")));
        assert_eq!(
            images(listing),
            [format!("https://i.etsystatic.com/{n}.jpg")]
        );
        let stock = if n.is_multiple_of(7) {
            Availability::OutOfStock
        } else {
            Availability::InStock
        };
        assert_eq!(listing.availability, Some(stock));
    }
}

#[tokio::test]
async fn a_listing_on_etsy_is_read_again_by_its_id() {
    let definition = definition("etsy", &serve(service()).await);
    let page = "https://www.etsy.com/listing/1007/x"
        .parse()
        .expect("a URL");
    let found = walk(
        &definition,
        vec![discover::item(&definition, "1007", &page)],
    )
    .await;
    assert_eq!(found.listings[0].item_id, "1007");
    assert_eq!(found.listings[0].url, page);
    let gone = walk(&definition, vec![discover::item(&definition, "9", &page)]).await;
    assert!(matches!(gone.signals[..], [Signal::Gone { .. }]));
}
