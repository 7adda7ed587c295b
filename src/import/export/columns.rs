//! What exports call their columns.

/// Names of columns, as exports of shops and tools write them.
const NAMES: [(&str, &[&str]); 17] = [
    (
        "item_id",
        &[
            "id",
            "item",
            "itemid",
            "listing_id",
            "product_id",
            "asin",
            "sku",
        ],
    ),
    (
        "url",
        &[
            "link",
            "item_url",
            "listing_url",
            "product_url",
            "page",
            "address",
        ],
    ),
    (
        "title",
        &[
            "name",
            "item_title",
            "listing_title",
            "product",
            "product_name",
            "product_title",
        ],
    ),
    ("description", &["text", "body", "details"]),
    ("price", &["amount", "asking_price", "current_price"]),
    ("currency", &["currency_code", "price_currency"]),
    (
        "seller",
        &["seller_name", "vendor", "shop", "store", "merchant"],
    ),
    ("seller_since", &["member_since", "seller_registered"]),
    ("location", &["item_location", "ships_from", "city"]),
    (
        "images",
        &[
            "image",
            "image_url",
            "image_urls",
            "image_link",
            "pictures",
            "picture",
            "photos",
            "photo",
        ],
    ),
    ("availability", &["stock"]),
    ("brand", &["manufacturer"]),
    ("gtin", &["ean", "upc", "gtin13", "barcode"]),
    ("mpn", &["model", "model_number", "part_number"]),
    ("condition", &["item_condition", "state"]),
    // Ours, when our own output is read back: they say nothing new.
    ("provenance", &["source", "archive"]),
    ("event", &[]),
];

/// The column a name stands for: case, spaces and hyphens make no difference.
pub(super) fn column(cell: &str) -> Option<&'static str> {
    let name: String = cell
        .trim()
        .chars()
        .map(|c| match c {
            ' ' | '-' | '.' => '_',
            _ => c.to_ascii_lowercase(),
        })
        .collect();
    let known = |(column, others): &&(&'static str, &[&str])| {
        *column == name || others.contains(&name.as_str())
    };
    NAMES.iter().find(known).map(|(column, _)| *column)
}
