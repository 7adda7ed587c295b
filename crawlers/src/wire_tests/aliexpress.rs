use axum::extract::Query;
use axum::routing::get;
use axum::{Json, Router};
use serde_json::{Value, json};

use super::*;
use crate::discover;

fn product(n: usize) -> Value {
    let id = 1_005_006_000_000_000 + n;
    json!({
        "product_id": id, "product_title": format!("Kestrel style watch {n}"),
        "product_detail_url": format!("https://www.aliexpress.com/item/{id}.html?pdp_npi=4"),
        "product_main_image_url": format!("https://ae01.alicdn.com/kf/{n}a.jpg"),
        "product_small_image_urls": {"string": [format!("https://ae01.alicdn.com/kf/{n}a.jpg"), format!("https://ae01.alicdn.com/kf/{n}b.jpg")]},
        "sale_price": "168.00", "sale_price_currency": "CNY",
        "target_sale_price": format!("{}.45", 20 + n), "target_sale_price_currency": "USD", "shop_id": 900 + n % 5
    })
}

/// Refuses a request as the gateway does: with status 200.
fn refusal(query: &HashMap<String, String>) -> Option<Value> {
    let error =
        |code: &str| Some(json!({"error_response": {"type": "ISV", "code": code, "msg": "no"}}));
    if query.get("app_key").is_none_or(|key| key != "12345678") {
        return error("InvalidApiKey");
    }
    if query
        .get("timestamp")
        .is_none_or(|time| time != "1795435200000")
    {
        return error("IllegalTimestamp");
    }
    // The shape of a signature; its value is held against Python's in `fetch::signing`.
    let signed = query.get("sign").is_some_and(|sign| {
        sign.len() == 64
            && sign
                .bytes()
                .all(|b| b.is_ascii_digit() || (b'A'..=b'F').contains(&b))
    });
    if signed && query["sign_method"] == "sha256" {
        None
    } else {
        error("IncompleteSignature")
    }
}

fn answer(method: &str, items: &[Value], total: usize) -> Value {
    let result = if items.is_empty() {
        json!({"resp_code": 405, "resp_msg": "The result is empty"})
    } else {
        json!({"resp_code": 200, "resp_msg": "Call succeeds", "result": {
            "current_record_count": items.len(), "total_record_count": total, "products": {"product": items}
        }})
    };
    json!({ method: {"resp_result": result, "request_id": "1"} })
}

fn service() -> Router {
    let sync = |Query(query): Query<HashMap<String, String>>| async move {
        if let Some(refused) = refusal(&query) {
            return Json(refused);
        }
        if query["method"] == "aliexpress.affiliate.productdetail.get" {
            let n = number(&query, "product_ids").checked_sub(1_005_006_000_000_000);
            let items: Vec<Value> = n
                .filter(|n| *n < PRODUCTS)
                .map(product)
                .into_iter()
                .collect();
            return Json(answer(
                "aliexpress_affiliate_productdetail_get_response",
                &items,
                1,
            ));
        }
        let size = number(&query, "page_size").min(50);
        let items: Vec<Value> = slice(number(&query, "page_no"), size)
            .map(product)
            .collect();
        Json(answer(
            "aliexpress_affiliate_product_query_response",
            &items,
            PRODUCTS,
        ))
    };
    Router::new().route("/sync", get(sync))
}

#[tokio::test]
async fn a_search_on_aliexpress_finds_every_product_once_with_every_field() {
    let definition = definition("aliexpress", &serve(service()).await);
    let found = walk(
        &definition,
        discover::seeds(&definition, &["kestrel watch".to_owned()]),
    )
    .await;
    assert_eq!(found.signals, []);
    assert_each_once(&found.listings, |n| (1_005_006_000_000_000 + n).to_string());
    assert_eq!(found.requests, 11);
    for listing in &found.listings {
        let n = listing.item_id.parse::<usize>().expect("a number") - 1_005_006_000_000_000;
        assert_eq!(listing.title, format!("Kestrel style watch {n}"));
        assert_eq!(money(listing), (format!("{}.45", 20 + n), Some("USD")));
        assert_eq!(
            listing.url.as_str(),
            format!("https://www.aliexpress.com/item/{}.html", listing.item_id)
        );
        assert_eq!(listing.seller, Some(format!("shop {}", 900 + n % 5)));
        assert_eq!(
            images(listing),
            [
                format!("https://ae01.alicdn.com/kf/{n}a.jpg"),
                format!("https://ae01.alicdn.com/kf/{n}b.jpg")
            ]
        );
        // The other currency's price is kept, not taken.
        assert_eq!(listing.provenance["price"].candidates[0].raw, "168.00");
    }
}

#[tokio::test]
async fn a_product_on_aliexpress_is_read_again_and_seen_to_be_gone() {
    let definition = definition("aliexpress", &serve(service()).await);
    let page = "https://www.aliexpress.com/item/1005006000000003.html"
        .parse()
        .expect("a URL");
    let found = walk(
        &definition,
        vec![discover::item(&definition, "1005006000000003", &page)],
    )
    .await;
    assert_eq!(found.listings[0].item_id, "1005006000000003");
    let gone = walk(&definition, vec![discover::item(&definition, "7", &page)]).await;
    assert!(matches!(gone.signals[..], [Signal::Gone { .. }]));
}

#[tokio::test]
async fn a_refusal_with_status_200_is_blocked_and_no_empty_list() {
    let refuse = || async {
        Json(
            json!({"error_response": {"type": "ISV", "code": "ApiCallLimit", "msg": "This ban will last 1 seconds"}}),
        )
    };
    let base = serve(Router::new().route("/sync", get(refuse))).await;
    let definition = definition("aliexpress", &base);
    let found = walk(
        &definition,
        discover::seeds(&definition, &["kestrel".to_owned()]),
    )
    .await;
    assert!(matches!(found.signals[..], [Signal::Blocked { .. }]));
}
