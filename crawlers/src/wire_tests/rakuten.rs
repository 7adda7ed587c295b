use axum::extract::Query;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::get;
use axum::{Json, Router};
use serde_json::{Value, json};

use super::*;
use crate::discover;

fn product(n: usize) -> Value {
    json!({
        "itemCode": format!("shop-{}:{n}", n % 9), "itemName": format!("ケストレル K&amp;B {n}"), "itemPrice": 980 + n,
        "itemCaption": "新品<br>箱付き", "itemUrl": format!("https://item.rakuten.co.jp/shop-{}/{n}/", n % 9),
        "shopName": format!("時計屋{}", n % 9), "shopCode": format!("shop-{}", n % 9), "availability": 1,
        "mediumImageUrls": [format!("https://thumbnail.image.rakuten.co.jp/{n}.jpg?_ex=128x128")]
    })
}

fn service() -> Router {
    let search = |headers: HeaderMap, Query(query): Query<HashMap<String, String>>| async move {
        if query.get("applicationId").is_none_or(|id| id != "app-1")
            || query.get("accessKey").is_none_or(|key| key != "pk_hush")
            || !headers.contains_key("referer")
        {
            return (
                StatusCode::FORBIDDEN,
                Json(json!({"errors": {"errorCode": 403}})),
            );
        }
        let found: Vec<usize> = match query.get("itemCode") {
            Some(code) => (0..PRODUCTS)
                .filter(|n| product(*n)["itemCode"] == code.as_str())
                .collect(),
            None => (0..PRODUCTS).collect(),
        };
        let (hits, page) = (number(&query, "hits").max(1), number(&query, "page").max(1));
        let pages = found.len().div_ceil(hits).min(100);
        if hits > 30 || page > 100 || query["formatVersion"] != "2" {
            let error =
                json!({"error": "wrong_parameter", "error_description": "page must be under 100"});
            return (StatusCode::BAD_REQUEST, Json(error));
        }
        let items: Vec<Value> = found
            .iter()
            .skip((page - 1) * hits)
            .take(hits)
            .map(|n| product(*n))
            .collect();
        let answer = json!({"count": found.len(), "page": page, "pageCount": pages, "hits": items.len(), "Items": items});
        (StatusCode::OK, Json(answer))
    };
    Router::new().route("/ichibams/api/IchibaItem/Search/{version}", get(search))
}

#[tokio::test]
async fn a_search_on_rakuten_finds_every_item_once_with_every_field() {
    let definition = definition("rakuten", &serve(service()).await);
    let found = walk(
        &definition,
        discover::seeds(&definition, &["時計".to_owned()]),
    )
    .await;
    assert_eq!(found.signals, []);
    assert_each_once(&found.listings, |n| format!("shop-{}:{n}", n % 9));
    assert_eq!(found.requests, 18);
    for listing in &found.listings {
        let n: usize = listing
            .item_id
            .rsplit(':')
            .next()
            .and_then(|n| n.parse().ok())
            .expect("a number");
        assert_eq!(listing.title, format!("ケストレル K&B {n}"));
        assert_eq!(listing.description.as_deref(), Some("新品 箱付き"));
        assert_eq!(money(listing), ((980 + n).to_string(), Some("JPY")));
        assert_eq!(listing.seller, Some(format!("時計屋{}", n % 9)));
        assert_eq!(
            images(listing),
            [format!("https://thumbnail.image.rakuten.co.jp/{n}.jpg")]
        );
        assert_eq!(
            listing.url.as_str(),
            format!("https://item.rakuten.co.jp/shop-{}/{n}/", n % 9)
        );
    }
}

#[tokio::test]
async fn an_item_on_rakuten_is_read_again_by_its_code_and_seen_to_be_gone() {
    let definition = definition("rakuten", &serve(service()).await);
    let page = "https://item.rakuten.co.jp/shop-1/10/"
        .parse()
        .expect("a URL");
    let found = walk(
        &definition,
        vec![discover::item(&definition, "shop-1:10", &page)],
    )
    .await;
    assert_eq!(found.listings[0].item_id, "shop-1:10");
    let gone = walk(
        &definition,
        vec![discover::item(&definition, "shop-1:99999", &page)],
    )
    .await;
    assert!(matches!(gone.signals[..], [Signal::Gone { .. }]));
}
