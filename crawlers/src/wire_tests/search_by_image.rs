use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::routing::{get, post};
use axum::{Json, Router};
use bytes::Bytes;
use serde_json::{Value, json};

use super::*;
use crate::discover::{self, ImageQuery};

/// What was posted, with its offset and the marketplace.
type Posted = Log<(Value, usize, String)>;

fn marketplace(headers: &HeaderMap) -> String {
    let header = headers.get("x-ebay-c-marketplace-id");
    header
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default()
        .to_owned()
}

async fn search(
    State(posted): State<Posted>,
    headers: HeaderMap,
    Query(query): Query<HashMap<String, String>>,
    Json(body): Json<Value>,
) -> (StatusCode, Json<Value>) {
    if headers
        .get("authorization")
        .is_none_or(|value| value != "Bearer t1")
    {
        return (
            StatusCode::UNAUTHORIZED,
            Json(json!({"errors": [{"errorId": 1001}]})),
        );
    }
    let offset = number(&query, "offset");
    posted
        .lock()
        .expect("the log")
        .push((body, offset, marketplace(&headers)));
    let host = headers["host"].to_str().unwrap_or_default();
    let next =
        format!("http://{host}/buy/browse/v1/item_summary/search_by_image?limit=200&offset=200");
    let mut answer = json!({"total": 2, "itemSummaries": [{"itemId": format!("v1|{offset}|0")}]});
    if offset == 0 {
        answer["next"] = next.into();
    }
    (StatusCode::OK, Json(answer))
}

#[tokio::test]
async fn reference_photos_are_posted_to_ebay_page_after_page_and_lead_to_articles() {
    let posted = Posted::default();
    let item = |Path(id): Path<String>| async move {
        Json(
            json!({"itemId": id, "title": "Kestrel", "price": {"value": "9.99", "currency": "EUR"}}),
        )
    };
    let router = Router::new()
        .route("/buy/browse/v1/item_summary/search_by_image", post(search))
        .route("/buy/browse/v1/item/{id}", get(item))
        .route(
            "/identity/v1/oauth2/token",
            post(|| async { r#"{"access_token":"t1"}"# }),
        )
        .with_state(Arc::clone(&posted));
    let base = serve(router).await;
    let text = Definition::builtin_text("ebay")
        .expect("ebay")
        .replace("per_second = 2", "per_second = 1000");
    let chosen = [("marketplace".to_owned(), "EBAY_DE".to_owned())].into();
    let definition = Definition::parse_with(&text, "ebay", &chosen)
        .expect("a definition")
        .with_base(&base)
        .expect("a base");
    let image = |sku: &str, bytes: &'static [u8]| ImageQuery {
        sku: sku.to_owned(),
        bytes: Bytes::from_static(bytes),
    };
    let seeds = discover::seeds_by_image(
        &definition,
        &[image("K1", b"\xff\xd8\xff\xe0"), image("K2", b"")],
    );
    assert_eq!(seeds.len(), 1, "an empty picture is none");
    assert_eq!(seeds[0].query.as_deref(), Some("image:K1"));
    let found = walk(&definition, seeds).await;
    let ids: Vec<&str> = found
        .listings
        .iter()
        .map(|listing| &*listing.item_id)
        .collect();
    assert_eq!(ids.len(), 2);
    assert!(
        ids.contains(&"v1|0|0") && ids.contains(&"v1|200|0"),
        "{ids:?}"
    );
    let posted = posted.lock().expect("the log");
    let expected = |offset| (json!({"image": "/9j/4A=="}), offset, "EBAY_DE".to_owned());
    assert_eq!(*posted, [expected(0), expected(200)]);
}

#[test]
fn only_definitions_that_declare_it_search_by_pictures_and_only_by_small_ones() {
    let picture = |size: usize| ImageQuery {
        sku: "K".to_owned(),
        bytes: Bytes::from(vec![7; size]),
    };
    let ebay = Definition::builtin()
        .into_iter()
        .find(|d| d.id() == "ebay")
        .expect("ebay");
    assert!(ebay.can_search_by_image());
    assert_eq!(
        discover::seeds_by_image(
            &ebay,
            &[picture(9), picture(9), picture(4 * 1024 * 1024 + 1)]
        )
        .len(),
        1
    );
    let etsy = Definition::builtin()
        .into_iter()
        .find(|d| d.id() == "etsy")
        .expect("etsy");
    assert!(discover::seeds_by_image(&etsy, &[picture(9)]).is_empty());
}
