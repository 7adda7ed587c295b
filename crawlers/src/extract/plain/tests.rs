//! Pages in the manner of many shop programs, without structured data, and
//! what stands in them: `samples/pages/*.html` beside `*.json`.

use std::path::{Path, PathBuf};

use serde_json::Value;
use url::Url;

use crate::extract::read_page;
use crate::listing::Listing;

const FIELDS: [&str; 6] = [
    "title",
    "price",
    "currency",
    "images",
    "availability",
    "seller",
];

fn pages(folder: &str) -> Vec<(String, String, Value)> {
    let folder: PathBuf = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("src/extract/samples")
        .join(folder);
    let mut pages = Vec::new();
    for file in std::fs::read_dir(&folder).expect("the samples").flatten() {
        let path = file.path();
        if path.extension().is_some_and(|e| e == "html") {
            let html = std::fs::read_to_string(&path).expect("a page");
            let expected =
                std::fs::read_to_string(path.with_extension("json")).expect("what stands in it");
            let name = path
                .file_stem()
                .unwrap_or_default()
                .to_string_lossy()
                .into_owned();
            pages.push((name, html, serde_json::from_str(&expected).expect("JSON")));
        }
    }
    pages.sort_by(|a, b| a.0.cmp(&b.0));
    pages
}

fn value(listing: &Listing, field: &str) -> Value {
    let text = |value: Option<String>| value.map_or(Value::Null, Value::String);
    match field {
        "title" => Value::String(listing.title.clone()),
        "price" => text(listing.price.as_ref().map(|price| price.amount.to_string())),
        "currency" => text(
            listing
                .price
                .as_ref()
                .and_then(|price| price.currency.clone()),
        ),
        "images" => listing
            .images
            .iter()
            .map(|url| Value::String(url.path().to_owned()))
            .collect(),
        "availability" => serde_json::to_value(listing.availability).expect("JSON"),
        _ => text(listing.seller.clone()),
    }
}

/// Right fields, all fields, wrong prices.
fn measure(folder: &str) -> (usize, usize, usize) {
    let (mut right, mut total, mut wrong_prices) = (0, 0, 0);
    for (name, html, expected) in pages(folder) {
        let url = Url::parse(expected["url"].as_str().expect("a URL")).expect("a URL");
        let found = read_page(html.as_bytes(), Some("text/html; charset=utf-8"), &url);
        if expected["none"] == true {
            total += 1;
            right += usize::from(found.is_empty());
            if let Some(listing) = found.first() {
                println!(
                    "{name}: a listing where none is: {:?} {:?}",
                    listing.title, listing.price
                );
            }
            continue;
        }
        total += FIELDS.len();
        let Some(listing) = found.first().filter(|_| found.len() == 1) else {
            println!("{name}: {} listings", found.len());
            continue;
        };
        for field in FIELDS {
            let (is, wanted) = (value(listing, field), &expected[field]);
            if is == *wanted {
                right += 1;
            } else {
                wrong_prices += usize::from(field == "price" && !is.is_null());
                println!("{name}.{field}: {is} instead of {wanted}");
            }
        }
    }
    println!("{folder}: {right} of {total} fields, {wrong_prices} wrong prices");
    (right, total, wrong_prices)
}

#[test]
fn pages_of_many_shop_programs_are_read_by_how_they_are_built() {
    let (right, total, wrong_prices) = measure("pages");
    assert!(right * 100 >= total * 95 && wrong_prices == 0);
}

fn read(html: &str) -> Listing {
    let url = Url::parse("https://shop.example/p/1").expect("a URL");
    let mut found = read_page(html.as_bytes(), Some("text/html; charset=utf-8"), &url);
    assert_eq!(found.len(), 1, "{html}");
    found.remove(0)
}

#[test]
fn a_standard_price_beside_a_sale_price_is_the_old_one_and_alone_the_price() {
    let page = |prices: &str| {
        read(&format!(
            "<title>Pot</title><h1>Pot</h1><div>{prices}</div><button>Add to cart</button>"
        ))
    };
    let amount = |listing: Listing| listing.price.map(|price| price.amount.to_string());
    let standard = "<span class='standard-price-value'>69.00 €</span>";
    let both = format!("{standard} <span class='for-sale-price'>54.90 €</span>");
    assert_eq!(amount(page(&both)).as_deref(), Some("54.90"));
    assert_eq!(amount(page(standard)).as_deref(), Some("69.00"));
}

#[test]
fn a_long_description_is_read_whole_with_and_without_a_name() {
    let text = "Clay from the river, <b>thrown</b> by hand and fired twice. ".repeat(9);
    let shop = "<title>Pot</title><h1>Pot</h1><p class=price>20 €</p><button>Buy</button>";
    for box_of_text in [
        format!("<div class=description>{text}</div>"),
        format!("<p>{text}</p>"),
    ] {
        let found = read(&format!("{shop}{box_of_text}"));
        let words = found.description.unwrap_or_default();
        assert_eq!(words.matches("thrown by hand and fired twice.").count(), 9);
    }
}

#[test]
fn a_slider_of_the_product_shows_it_even_where_a_server_scales_the_pictures() {
    let found = read(
        "<title>Pot</title><h1>Pot</h1><div class=product-slider>
         <img src='/scale?of=/a.jpg&w=900' alt=Pot width=900>
         <img src='/scale?of=/b.jpg&w=900' alt=Pot width=900>
         <img src='/scale?of=/a.jpg&w=90' alt=Pot width=90></div>
         <p class=price>20 €</p><button>Buy</button>",
    );
    assert_eq!(found.images.len(), 2);
}

#[test]
fn amounts_paid_several_times_of_a_quantity_or_in_the_cart_are_not_the_price() {
    for other in [
        "3 x 20.00 €",
        "3 x of 20.00 €",
        "ab 5 Stück 55.00 €",
        "10+ 50.00 €",
        "2 x Knife 45.00 €",
    ] {
        let found = read(&format!(
            "<title>Pot</title><h1>Pot</h1><div><span>60.00 €</span></div>
             <div><span>{other}</span></div><button>Buy</button>"
        ));
        let amount = found.price.map(|price| price.amount.to_string());
        assert_eq!(amount.as_deref(), Some("60.00"), "{other}");
    }
}

#[test]
fn an_article_number_and_a_unit_in_the_row_make_no_quantity_price() {
    let found = read(
        "<title>Board</title><h1>Board</h1><table><tr><td>HW-12</td><td>Stück</td>
         <td>CHF <span>78.00</span></td></tr></table><button>Buy</button>",
    );
    let amount = found.price.map(|price| price.amount.to_string());
    assert_eq!(amount.as_deref(), Some("78.00"));
}

#[test]
fn the_header_of_an_article_is_not_that_of_the_page() {
    let found = read(
        "<title>Moss</title><article><header><h1>Moss</h1>
         <p class=description>A guide to mosses of the hills.</p></header></article>
         <p class=price>18 €</p><button>Buy</button>",
    );
    assert_eq!(
        found.description.as_deref(),
        Some("A guide to mosses of the hills.")
    );
}
