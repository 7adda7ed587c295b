//! Which nodes are the page's products, and their offers in one shape.

use std::collections::VecDeque;

use serde_json::{Map, Value, json};

use super::MAX_PRODUCTS;
use super::graph::{Graph, plain};

/// The most nodes looked at below one page.
const MAX_NODES: usize = 20_000;
/// The types that stand for an article on offer.
const PRODUCT_TYPES: [&str; 9] = [
    "product",
    "productgroup",
    "individualproduct",
    "productmodel",
    "someproducts",
    "vehicle",
    "car",
    "book",
    "jewelrypiece",
];
/// Where other articles than the page's own are named.
const ELSEWHERE: [&str; 9] = [
    "isrelatedto",
    "issimilarto",
    "isaccessoryorsparepartfor",
    "isconsumablefor",
    "itemreviewed",
    "review",
    "reviews",
    "breadcrumb",
    "isvariantof",
];
/// Kinds of `priceSpecification` that say what is not asked any more.
const LIST_PRICES: [&str; 6] = [
    "listprice",
    "strikethroughprice",
    "msrp",
    "srp",
    "invoiceprice",
    "regularprice",
];

/// A product, and whether it stood in a list of several.
pub(super) struct Found {
    value: Value,
    in_list: bool,
}

/// All products anywhere in the blocks: alone, in lists, in `@graph`, as a
/// page's `mainEntity`, as what an offer offers. Breadth first, so that the
/// page's own comes first.
pub(super) fn find(blocks: Vec<Value>) -> Vec<Found> {
    let graph = Graph::of(&blocks);
    let mut found = Vec::new();
    let mut orphans = Vec::new();
    let mut looked_at = 0;
    for block in &blocks {
        let mut queue = VecDeque::from([(block, false)]);
        while let Some((node, in_list)) = queue.pop_front() {
            looked_at += 1;
            if looked_at > MAX_NODES || found.len() >= MAX_PRODUCTS {
                break;
            }
            let map = match node {
                Value::Array(items) => {
                    queue.extend(items.iter().map(|item| (item, in_list)));
                    continue;
                }
                Value::Object(map) => map,
                _ => continue,
            };
            let types = graph.types(map);
            let is = |kinds: &[&str]| types.iter().any(|kind| kinds.contains(&kind.as_str()));
            if is(&PRODUCT_TYPES) {
                // A mere reference is found where it leads to.
                if map.len() > 2 || !map.contains_key("@id") {
                    let value = shaped(graph.tree(node));
                    found.push(Found { value, in_list });
                }
            } else if is(&["offer", "aggregateoffer"]) {
                match offered(graph.tree(node)) {
                    Some(value) => found.push(Found { value, in_list }),
                    None => orphans.push(node),
                }
            } else {
                let in_list = in_list || is(&["itemlist", "offercatalog"]);
                queue.extend(below(map, &graph).map(|value| (value, in_list)));
            }
        }
    }
    drop_repeated(&mut found);
    adopt(&mut found, &orphans, &graph);
    found
}

/// What a node that is no product may hold products in.
fn below<'v>(map: &'v Map<String, Value>, graph: &Graph) -> impl Iterator<Item = &'v Value> {
    map.iter()
        .filter(|(key, value)| {
            let name = graph.name(key).to_ascii_lowercase();
            (value.is_object() || value.is_array()) && !ELSEWHERE.contains(&name.as_str())
        })
        .map(|(_, value)| value)
}

/// One node described twice is one product.
fn drop_repeated(found: &mut Vec<Found>) {
    let mut seen = std::collections::HashSet::new();
    found.retain(
        |product| match product.value.get("@id").and_then(Value::as_str) {
            Some(id) if !id.is_empty() => seen.insert(id.to_owned()),
            _ => true,
        },
    );
}

/// An offer that stands outside of the only product is that product's.
fn adopt(found: &mut [Found], orphans: &[&Value], graph: &Graph) {
    if let ([product], [offer]) = (&mut *found, orphans)
        && let Some(map) = product.value.as_object_mut()
        && !map.contains_key("offers")
    {
        map.insert("offers".to_owned(), json!([graph.tree(offer)]));
        let value = std::mem::take(&mut product.value);
        product.value = shaped(value);
    }
}

/// `{"@type": "Offer", "itemOffered": {product}}` turned the other way round.
fn offered(mut offer: Value) -> Option<Value> {
    let product = offer.as_object_mut()?.remove("itemOffered")?;
    let mut product = match product {
        Value::Array(items) => items.into_iter().next()?,
        other => other,
    };
    let map = product.as_object_mut()?;
    if !map.contains_key("name") {
        return None;
    }
    map.insert("offers".to_owned(), offer);
    Some(shaped(product))
}

/// The products the page is about, best first. Those in lists are others'
/// where there are some outside; so are all but the one that the page is
/// named after.
pub(super) fn of_the_page(mut found: Vec<Found>, names: &[String]) -> Vec<Value> {
    if found.iter().any(|product| !product.in_list) {
        found.retain(|product| !product.in_list);
    }
    if found.len() > 1 {
        let is_named = |product: &Found| {
            let name = squeezed(&text(&product.value, "name"));
            !name.is_empty() && names.contains(&name)
        };
        if found.iter().any(is_named) {
            found.retain(is_named);
        }
    }
    found.into_iter().map(|product| product.value).collect()
}

/// Whether two statements are of one article.
pub(super) fn same(one: &Value, other: &Value) -> bool {
    let agree = |key: &str| {
        let (a, b) = (squeezed(&text(one, key)), squeezed(&text(other, key)));
        !a.is_empty() && a == b
    };
    agree("sku") || agree("productID") || agree("name")
}

/// Letters and digits in lower case.
pub(in crate::extract) fn squeezed(text: &str) -> String {
    crate::extract::text::unescape(text)
        .chars()
        .take(500)
        .filter(|c| c.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .collect()
}

fn text(value: &Value, key: &str) -> String {
    match value.get(key) {
        Some(Value::Array(list)) => list.first().and_then(plain),
        Some(value) => plain(value),
        None => None,
    }
    .unwrap_or_default()
}

/// A product with its offers in one shape: a list, each with a plain `price`
/// where it states one, list prices out of the way.
fn shaped(mut product: Value) -> Value {
    let Some(map) = product.as_object_mut() else {
        return product;
    };
    inherit(map);
    let mut offers = listed(map.remove("offers").or_else(|| map.remove("offer")));
    if offers.is_empty() {
        for variant in listed(map.get("hasVariant").cloned()) {
            offers.extend(listed(variant.get("offers").cloned()));
        }
    }
    // `price` directly on the product is an invention many shops share.
    if offers.is_empty() && map.contains_key("price") {
        let keys = ["price", "priceCurrency", "availability"];
        let own: Map<String, Value> = keys
            .iter()
            .filter_map(|key| Some(((*key).to_owned(), map.get(*key)?.clone())))
            .collect();
        offers.push(Value::Object(own));
    }
    if offers.is_empty() {
        return product;
    }
    let offers: Vec<Value> = offers.into_iter().map(shaped_offer).collect();
    map.insert("offers".to_owned(), Value::Array(offers));
    product
}

/// What a group says holds for its variant, and the other way round.
fn inherit(map: &mut Map<String, Value>) {
    const SHARED: [&str; 6] = [
        "name",
        "brand",
        "image",
        "description",
        "manufacturer",
        "url",
    ];
    let group = map.get("isVariantOf").cloned();
    let variant = listed(map.get("hasVariant").cloned()).into_iter().next();
    for from in [group, variant].into_iter().flatten() {
        for key in SHARED {
            if !map.contains_key(key)
                && let Some(value) = from.get(key)
            {
                map.insert(key.to_owned(), value.clone());
            }
        }
    }
}

fn listed(value: Option<Value>) -> Vec<Value> {
    match value {
        Some(Value::Array(items)) => items
            .into_iter()
            .filter(Value::is_object)
            .take(super::MAX_VALUES)
            .collect(),
        Some(value @ Value::Object(_)) => vec![value],
        _ => Vec::new(),
    }
}

fn shaped_offer(mut offer: Value) -> Value {
    let Some(map) = offer.as_object_mut() else {
        return offer;
    };
    // An aggregate speaks for the offers in it, and takes from the first what
    // it does not say itself.
    let inner = listed(map.remove("offers")).into_iter().map(shaped_offer);
    let mut inner: Vec<Value> = inner.collect();
    let is_of_many = |one: &Value| least_quantity(one) > Some(1.0);
    if inner.iter().any(is_of_many) && !inner.iter().all(is_of_many) {
        // They are of one article; the lowest price is that of many pieces.
        inner.retain(|one| !is_of_many(one));
        if inner.iter().any(|one| one.get("price").is_some()) {
            map.remove("lowPrice");
            map.remove("highPrice");
        }
    }
    for one in inner {
        if let Value::Object(one) = one {
            let has_price = map.contains_key("price") || map.contains_key("lowPrice");
            for (key, value) in one {
                if !(map.contains_key(&key) || key == "price" && has_price) {
                    map.insert(key, value);
                }
            }
        }
    }
    for key in ["price", "lowPrice", "highPrice"] {
        if let Some(value) = map.remove(key)
            && let Some(value) = amount(value, map)
        {
            map.insert(key.to_owned(), value);
        }
    }
    let mut specifications = listed(map.remove("priceSpecification"));
    specifications.retain(|specification| !is_list_price(specification));
    // The price of one piece comes before that of ten.
    specifications.sort_by_key(|specification| specification.get("eligibleQuantity").is_some());
    if !specifications.is_empty() {
        map.insert(
            "priceSpecification".to_owned(),
            Value::Array(specifications),
        );
    }
    offer
}

/// From how many pieces on an offer holds.
fn least_quantity(offer: &Value) -> Option<f64> {
    let quantity = offer.get("eligibleQuantity")?;
    let quantity = quantity.get(0).unwrap_or(quantity);
    let stated = ["minValue", "value"]
        .iter()
        .find_map(|key| quantity.get(*key));
    stated
        .or(Some(quantity))
        .and_then(plain)?
        .trim()
        .parse()
        .ok()
}

/// A price that is an object: what amount it holds. `{}` and `null` are none.
fn amount(value: Value, offer: &mut Map<String, Value>) -> Option<Value> {
    match value {
        Value::Object(object) => {
            if let Some(currency) = ["priceCurrency", "currency"]
                .iter()
                .find_map(|key| object.get(*key))
            {
                offer.entry("priceCurrency").or_insert(currency.clone());
            }
            ["@value", "price", "value", "amount"]
                .iter()
                .find_map(|key| object.get(*key).and_then(plain))
                .map(Value::String)
        }
        Value::Array(items) => {
            let items: Vec<Value> = items
                .into_iter()
                .filter_map(|item| plain(&item))
                .map(Value::String)
                .collect();
            (!items.is_empty()).then_some(Value::Array(items))
        }
        Value::Null | Value::Bool(_) => None,
        plain => Some(plain),
    }
}

fn is_list_price(specification: &Value) -> bool {
    let kind = text(specification, "priceType").to_ascii_lowercase();
    LIST_PRICES.contains(&kind.rsplit(['/', '#', ':']).next().unwrap_or_default())
}
