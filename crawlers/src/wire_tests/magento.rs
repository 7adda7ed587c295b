use axum::routing::post;
use axum::{Json, Router};
use serde_json::{Value, json};

use super::*;
use crate::{Availability, discover};

fn product(n: usize) -> Value {
    json!({
        "sku": format!("KT/{n}"), "name": format!("Kestrel &quot;{n}&quot;"), "url_key": format!("kestrel-{n}"),
        "canonical_url": null, "url_rewrites": [{"url": format!("watches/kestrel-{n}.html")}],
        "stock_status": if n.is_multiple_of(4) { "OUT_OF_STOCK" } else { "IN_STOCK" },
        "image": {"url": format!("https://cdn.shop.example/{n}.jpg")},
        "media_gallery": [{"url": format!("https://cdn.shop.example/{n}.jpg")}, {"url": format!("https://cdn.shop.example/{n}b.jpg")}],
        "description": {"html": "<p>Steel</p>"}, "short_description": {"html": ""},
        "price_range": {"minimum_price": {
            "final_price": {"value": 1000.25 + f64::from(u32::try_from(n).expect("small")), "currency": "EUR"},
            "regular_price": {"value": 1999, "currency": "EUR"}}}
    })
}

async fn graphql(Json(request): Json<Value>) -> Json<Value> {
    let variables = &request["variables"];
    let query = request["query"].as_str().unwrap_or_default();
    assert!(
        query.matches('{').count() == query.matches('}').count(),
        "{query}"
    );
    if let Some(sku) = variables["sku"].as_str() {
        let items: Vec<Value> = (0..PRODUCTS)
            .map(product)
            .filter(|p| p["sku"] == sku)
            .collect();
        return Json(json!({"data": {"products": {"total_count": items.len(), "items": items}}}));
    }
    let field = |name: &str| {
        variables[name]
            .as_u64()
            .and_then(|n| usize::try_from(n).ok())
    };
    let (Some(size), Some(page)) = (field("pageSize"), field("currentPage")) else {
        return Json(
            json!({"errors": [{"message": "Variable \"$pageSize\" of required type \"Int!\" was not provided."}]}),
        );
    };
    let pages = PRODUCTS.div_ceil(size);
    if page > pages {
        let message = format!(
            "currentPage value {page} specified is greater than the {pages} page(s) available."
        );
        return Json(
            json!({"errors": [{"message": message, "extensions": {"category": "graphql-input"}}], "data": {"products": null}}),
        );
    }
    let items: Vec<Value> = slice(page, size).map(product).collect();
    let info = json!({"current_page": page, "page_size": size, "total_pages": pages});
    Json(
        json!({"data": {"products": {"total_count": PRODUCTS, "page_info": info, "items": items}}}),
    )
}

#[tokio::test]
async fn a_magento_shop_is_walked_whole_by_posted_queries() {
    let base = serve(Router::new().route("/graphql", post(graphql))).await;
    let definition = definition("magento-graphql", &base);
    let found = walk(&definition, discover::seeds(&definition, &[])).await;
    assert_eq!(found.signals, []);
    assert_each_once(&found.listings, |n| format!("KT/{n}"));
    assert_eq!(found.requests, 6);
    for listing in &found.listings {
        let n: usize = listing
            .item_id
            .trim_start_matches("KT/")
            .parse()
            .expect("a number");
        assert_eq!(listing.title, format!("Kestrel \"{n}\""));
        assert_eq!(
            listing.url.as_str(),
            format!("{base}/watches/kestrel-{n}.html")
        );
        assert_eq!(money(listing), (format!("{}.25", 1000 + n), Some("EUR")));
        assert_eq!(listing.description.as_deref(), Some("Steel"));
        assert_eq!(listing.images.len(), 2);
        let stock = if n.is_multiple_of(4) {
            Availability::OutOfStock
        } else {
            Availability::InStock
        };
        assert_eq!(listing.availability, Some(stock));
    }
}

#[tokio::test]
async fn a_magento_product_is_asked_for_by_its_sku() {
    let base = serve(Router::new().route("/graphql", post(graphql))).await;
    let definition = definition("magento-graphql", &base);
    let page = format!("{base}/watches/kestrel-5.html")
        .parse()
        .expect("a URL");
    let found = walk(
        &definition,
        vec![discover::item(&definition, "KT/5", &page)],
    )
    .await;
    assert_eq!(
        (&*found.listings[0].item_id, &found.listings[0].url),
        ("KT/5", &page)
    );
    let gone = walk(
        &definition,
        vec![discover::item(&definition, "KT/none", &page)],
    )
    .await;
    assert!(matches!(gone.signals[..], [Signal::Gone { .. }]));
}
