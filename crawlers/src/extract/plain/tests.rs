//! Pages in the manner of many shop programs, without structured data, and
//! what stands in them: `samples/pages` and `samples/layouts`, `*.html` beside
//! `*.json`.

mod amounts;
mod beside;
mod currency;
mod descriptions;
mod fields;
mod former;
mod named;
mod odd;
mod offered;
mod pictures;
mod shown;
mod stock;
mod wordings;

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};

use serde_json::Value;
use url::Url;

use crate::extract::read_page;
use crate::listing::Listing;

/// What is measured of a listing.
const FIELDS: [&str; 10] = [
    "title",
    "price",
    "currency",
    "images",
    "availability",
    "seller",
    "brand",
    "gtin",
    "mpn",
    "description",
];

/// A page, its name, and what stands in it.
type Sample = (String, String, Value);

fn pages(folder: &Path) -> Vec<Sample> {
    let mut pages = Vec::new();
    for file in std::fs::read_dir(folder).expect("the samples").flatten() {
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
        "brand" => text(listing.brand.clone()),
        "gtin" => text(listing.gtin.clone()),
        "mpn" => text(listing.mpn.clone()),
        "description" => text(listing.description.clone()),
        _ => text(listing.seller.clone()),
    }
}

/// Whether what was read is what stands there. Of a description the text must
/// be in it, and not much else.
fn is_right(field: &str, is: &Value, wanted: &Value) -> bool {
    match (field, is.as_str(), wanted.as_str()) {
        ("description", Some(is), Some(wanted)) => {
            is.contains(wanted) && is.chars().count() <= 2 * wanted.chars().count() + 100
        }
        _ => is == wanted,
    }
}

/// What came out of reading some pages.
#[derive(Default)]
struct Measured {
    /// Right and all, by field.
    fields: BTreeMap<&'static str, (usize, usize)>,
    wrong_prices: usize,
    /// Pages that show no product, and those that a listing was read from.
    others: (usize, usize),
}

impl Measured {
    fn of(folder: &Path) -> Self {
        let mut measured = Self::default();
        for sample in pages(folder) {
            measured.add(&sample);
        }
        println!("{}: {measured}", folder.display());
        measured
    }

    fn add(&mut self, (name, html, expected): &Sample) {
        let url = Url::parse(expected["url"].as_str().expect("a URL")).expect("a URL");
        let found = read_page(html.as_bytes(), Some("text/html; charset=utf-8"), &url);
        if expected["none"] == true {
            self.others.0 += 1;
            if let Some(listing) = found.first() {
                self.others.1 += 1;
                println!(
                    "{name}: a listing where none is: {:?} {:?}",
                    listing.title, listing.price
                );
            }
            return;
        }
        let listing = found.first().filter(|_| found.len() == 1);
        if listing.is_none() {
            println!("{name}: {} listings", found.len());
        }
        for field in FIELDS
            .into_iter()
            .filter(|field| expected.get(field).is_some())
        {
            let count = self.fields.entry(field).or_default();
            count.1 += 1;
            let Some(listing) = listing else { continue };
            let (is, wanted) = (value(listing, field), &expected[field]);
            if is_right(field, &is, wanted) {
                count.0 += 1;
            } else {
                self.wrong_prices += usize::from(field == "price" && !is.is_null());
                println!("{name}.{field}: {is} instead of {wanted}");
            }
        }
    }

    fn right_and_all(&self) -> (usize, usize) {
        let sum =
            |(right, all): (usize, usize), (one, of): &(usize, usize)| (right + one, all + of);
        self.fields.values().fold((0, 0), sum)
    }
}

impl fmt::Display for Measured {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (right, all) = self.right_and_all();
        write!(f, "{right} of {all} fields")?;
        for (field, (right, all)) in &self.fields {
            write!(f, ", {field} {right}/{all}")?;
        }
        let (others, listed) = self.others;
        write!(
            f,
            "; {} wrong prices; {listed} of {others} other pages listed",
            self.wrong_prices
        )
    }
}

fn samples(folder: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("src/extract/samples")
        .join(folder)
}

#[test]
fn pages_of_many_shop_programs_are_read_by_how_they_are_built() {
    for folder in ["pages", "layouts"] {
        let measured = Measured::of(&samples(folder));
        let (right, all) = measured.right_and_all();
        assert!(right * 100 >= all * 98, "{folder}: {measured}");
        assert_eq!(
            (measured.wrong_prices, measured.others.1),
            (0, 0),
            "{folder}"
        );
    }
}

#[test]
#[ignore = "measures the pages in the folder that MARKHOUND_PAGES names"]
fn pages_in_a_folder_are_measured() {
    let folder = std::env::var("MARKHOUND_PAGES").expect("MARKHOUND_PAGES");
    Measured::of(Path::new(&folder));
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

#[test]
fn what_bootstrap_calls_a_page_header_is_that_of_the_product() {
    let heading = "<h1><a href=/p/1>Copper pan <small>Thu, Dec. 10</small></a></h1>";
    for page in [
        format!("<main><div class=page-header>{heading}</div>"),
        format!("<div class=container><div class=page-header>{heading}</div>"),
    ] {
        let found = read(&format!(
            "<title>Copper pan :: Harbour</title>{page}<p class=price>18 €</p><button>Buy</button>"
        ));
        assert_eq!(found.title, "Copper pan");
    }
    let found = read(
        "<title>Copper pan - Harbour</title><div class=page-header><h1>Harbour</h1><ul><li>Pans</ul></div>
         <h2>Copper pan</h2><p class=price>18 €</p><button>Buy</button>",
    );
    assert_ne!(found.title, "Harbour", "the shop's own header");
}

#[test]
fn what_the_page_is_named_after_is_its_product_where_a_price_follows_on_it() {
    let page = |title: &str, heading: &str, between: &str| {
        let html = format!(
            "<title>{title}</title><nav><a href=/>Home</a></nav><h1>Online shop</h1>
             <div><img src=/1.jpg><div>{heading}{between}<h4>34,50 €</h4>
             <p>Enamelled by hand in a workshop near the coast, for two cups.</p></div></div>"
        );
        let url = Url::parse("https://shop.example/item/17").expect("a URL");
        let found = read_page(html.as_bytes(), Some("text/html"), &url);
        found.first().map(|found| found.title.clone())
    };
    let read = |between| page("Blue teapot | Shop", "<h3>Blue teapot</h3>", between);
    assert_eq!(read("").as_deref(), Some("Blue teapot"));
    assert_eq!(read("<a href=/p/2>Red teapot</a>"), None, "a list");
    assert_eq!(read("<h3>Red teapot</h3>"), None);
    assert_eq!(page("Online shop", "<h3>Blue teapot</h3>", ""), None);
}

#[test]
fn a_word_for_buying_within_another_buys_nothing() {
    for (text, buys) in [
        ("Kaufen", true),
        ("Jetzt verkaufen", false),
        ("Weiter einkaufen", false),
        ("Köp nu", true),
        ("Osta heti", true),
        ("Posta una recensione", false),
        ("ご購入手続きへ", true),
    ] {
        assert_eq!(super::clues::is_buying(text), buys, "{text}");
    }
}

#[test]
fn what_is_made_to_look_like_a_button_is_one() {
    for button in [
        "<div class='btn btn-primary'>Add to Cart</div>",
        "<span role=button>Add to Cart</span>",
        "<b-button>Add to Cart</b-button>",
    ] {
        let html = format!("<title>Pan</title><h1>Pan</h1><p>$18.00</p>{button}");
        assert_eq!(read(&html).title, "Pan");
    }
}

#[test]
fn a_number_in_brackets_behind_the_name_is_no_part_of_it_where_the_page_leaves_it_out() {
    for (title, heading, expected) in [
        ("Teapot, blue", "Teapot, blue (KI-1028)", "Teapot, blue"),
        (
            "Teapot, blue (large) - Shop",
            "Teapot, blue (large)",
            "Teapot, blue (large)",
        ),
        ("Shop", "Teapot (blue)", "Teapot (blue)"),
    ] {
        let found = read(&format!(
            "<title>{title}</title><h1>{heading}</h1><p class=price>18 €</p><button>Buy</button>"
        ));
        assert_eq!(found.title, expected);
    }
    let found = read(
        "<title>Teapot, blue</title><h2>Teapot, blue (KI-1028)</h2><p class=price>18 €</p>
         <button>Buy</button>",
    );
    assert_eq!(found.title, "Teapot, blue");
}

#[test]
fn where_pages_are_named_after_the_shop_the_heading_is_told_by_the_address() {
    let page = "<title>Simple Store</title><div id=top><h1>Simple Store</h1></div>
        <div id=content><h4>Enamel Teapot Blue</h4><p>Price: <b>18 €</b></p>
        <input name=quantity><button>Add to cart</button></div>";
    let title = |url: &str| {
        let url = Url::parse(url).expect("a URL");
        let found = crate::extract::read_page(page.as_bytes(), Some("text/html"), &url);
        found.first().map(|found| found.title.clone())
    };
    for url in [
        "https://shop.example/product/enamel-teapot-blue/",
        "https://shop.example/product/17-enamel_teapot_blue",
    ] {
        assert_eq!(title(url).as_deref(), Some("Enamel Teapot Blue"), "{url}");
    }
}

#[test]
fn a_description_goes_on_in_the_paragraphs_that_follow_and_ends_where_they_say_something_else() {
    let said = "<p>A pan for all that boils over.</p>
        <p>Two hands high, made of copper that darkens with the years in the garden.</p>";
    let more = "<p>It is cleaned with salt and with half a lemon.</p>";
    let page = |rest: &str| {
        read(&format!(
            "<title>Pan</title><h1>Pan</h1>{said} {more}{rest}<input name=qty><button>Buy</button>"
        ))
    };
    for rest in [
        "<p class=price>18 €</p><p>A last paragraph, which is of no use to anybody.</p>",
        "<p>In stock</p><p>18 €</p>",
        "<div>18 €</div>",
    ] {
        let described = page(rest).description.unwrap_or_default();
        assert!(described.starts_with("A pan for all"), "{described}");
        assert!(described.ends_with("half a lemon."), "{described}");
    }
}

#[test]
fn words_for_other_products_within_names_head_no_box_of_others() {
    for name in [
        "Notebook A5 dotted",
        "Wanderer backpack",
        "Manchester cap",
        "Accessories pouch",
        "Related by Lassen",
    ] {
        let found = read(&format!(
            "<title>{name} | Shop</title><h2>{name}</h2><p class=price>18 €</p><p>In stock</p>
             <button>Add to cart</button>"
        ));
        assert_eq!(found.title, name);
        assert!(
            found.price.is_some() && found.availability.is_some(),
            "{name}"
        );
    }
    for heading in [
        "Bekijk ook",
        "Andere Artikel",
        "Produktempfehlungen",
        "Das könnte Ihnen gefallen",
    ] {
        let found = read(&format!(
            "<title>Pan | Shop</title><h1>Pan</h1><input name=qty><button>Add to cart</button>
             <h2>{heading}</h2><div><b>18 €</b></div>"
        ));
        assert_eq!(found.price, None, "{heading}");
    }
}

#[test]
fn a_brand_is_looked_for_further_where_a_sentence_begins_like_its_label() {
    for (sentence, brand) in [
        (
            "Made by hand in a small workshop near the coast.",
            "Tellmark",
        ),
        ("Made by hand.", "Tellmark"),
        ("Made by Nordvik", "Nordvik"),
    ] {
        let found = read(&format!(
            "<title>Pan</title><h1>Pan</h1><p class=price>18 €</p><button>Buy</button>
             <p>{sentence}</p><table><tr><th>Brand</th><td>Tellmark</td></tr></table>"
        ));
        assert_eq!(found.brand.as_deref(), Some(brand), "{sentence}");
    }
}

#[test]
fn the_foot_of_a_box_and_a_summary_above_the_whole_are_read() {
    let found = read(
        "<title>Pan</title><h1>Pan</h1><div class=summaryDescription>A pan of copper for two eggs at most.</div>
         <p>Quantity: <select name=qty><option>1<option>2<option>3<option>4 and as many more as you like</select></p>
         <p>A pan of copper for two eggs at most.</p><p>It darkens with the years and is cleaned with salt.</p>
         <div class='card-footer'><span>18 €</span></div><button>Buy</button>",
    );
    assert_eq!(
        found.price.map(|price| price.amount.to_string()).as_deref(),
        Some("18")
    );
    let described = found.description.unwrap_or_default();
    assert!(described.ends_with("cleaned with salt."), "{described}");
}

#[test]
fn a_logo_and_a_way_home_are_no_product_with_a_page_of_its_own() {
    let found = read(
        "<title>Blue pan | Shop</title><div><a href='/'><img src=/logo.png></a>
         <ol><li><a href='/'>Home</a></li><li>Blue pan</li></ol>
         <h2>Blue pan</h2><img src=/pan.jpg alt='Blue pan' width=400>
         <div class='price-and-rating'><b>18 €</b></div><button>Add to cart</button></div>",
    );
    assert_eq!(
        found.price.map(|price| price.amount.to_string()).as_deref(),
        Some("18")
    );
    assert_eq!(found.images.len(), 1);
}

#[test]
fn data_of_other_products_beside_the_page_s_own_do_not_take_its_place() {
    let other = |name: &str| {
        format!(
            "<div itemscope itemtype='https://schema.org/Product'><h3 itemprop=name>{name}</h3></div>"
        )
    };
    let found = read(&format!(
        "<title>Blue pan</title><h1>Blue pan</h1><p class=price>18 €</p><button>Add to cart</button>
         <h2>Recommended</h2>{}{}",
        other("Candle"),
        other("Lamp")
    ));
    assert_eq!(found.title, "Blue pan");
}

#[test]
fn a_label_of_a_column_is_no_number_and_a_name_no_description() {
    let found = read(
        "<title>Pan</title><h1>Pan of copper, two hands high</h1><p class=price>18 €</p><button>Buy</button>
         <div class=title-desc>Pan of copper, two hands high</div>
         <table><tr><th>Model</th><th>Weight</th></tr></table>",
    );
    assert_eq!((found.mpn, found.description), (None, None));
}

#[test]
fn all_paragraphs_below_a_heading_of_descriptions_are_read() {
    let found = read(
        "<title>Pan</title><h1>Pan</h1><p class=price>18 €</p><button>Buy</button>
         <div id=product_description><h2>Product Description</h2></div>
         <p>A pan of copper for two eggs at most.</p><p>It darkens with the years.</p>
         <h2>Details</h2><p>Anything else that may be said of it at some length.</p>",
    );
    assert_eq!(
        found.description.as_deref(),
        Some("A pan of copper for two eggs at most. It darkens with the years.")
    );
}

#[test]
fn a_sidebar_of_the_product_is_no_frame() {
    let found = read(
        "<title>Pan of copper | Shop</title><form><div class=product-configuration><h2>Pan of copper</h2></div>
         <div class='product-configuration-sidebar'><h5>$<span id=price>12.90</span></h5>
         <input type=submit name=addcart value='Add to Cart'></div></form>",
    );
    assert_eq!(
        found.price.map(|price| price.amount.to_string()).as_deref(),
        Some("12.90")
    );
}

#[test]
fn what_a_heading_is_above_is_said_by_its_name_where_its_words_are_not_known() {
    let page = |described: &str| {
        read(&format!(
            "<title>Moss</title><main><h1>Moss</h1><p class=price>18 €</p><button>Buy</button>
             <div id=product_description><h2>Caisson</h2></div><p>{described}</p>
             <div id=reviews><h2>Caisson</h2></div>
             <p>Nobody has written anything about this moss so far, be the first of them all.</p>
             <div><h2>Caisson</h2></div></main>"
        ))
        .description
    };
    let said = "Grows in shade and on stones.";
    assert_eq!(page(said).as_deref(), Some(said));
    assert_eq!(page(""), None);
}

/// The price read of a small page with these things between title and button.
fn price_among(things: &str) -> Option<String> {
    let found = read(&format!(
        "<title>Pot</title><h1>Pot</h1>{things}<p>In stock</p><input name=qty>
         <button>Add to cart</button>"
    ));
    found.price.map(|price| price.amount.to_string())
}

#[test]
fn labels_that_stand_apart_say_which_of_several_amounts_is_asked() {
    let rows = "<dl><dt>Current bid</dt><dd>£31.00</dd><dt>Estimate</dt><dd>£40.00 - £60.00</dd>
        <dt>Buy it now</dt><dd><strong>£55.00</strong></dd><dt>Postage</dt><dd>£6.20</dd>
        <dt>Pay monthly</dt><dd>£4.58</dd><dt>Time left</dt><dd>2 days and some hours</dd></dl>";
    assert_eq!(price_among(rows).as_deref(), Some("55.00"));
    let without = rows.replace("Buy it now", "Reserve price");
    assert_eq!(price_among(&without), None);
}

#[test]
fn a_discount_is_the_price_left_where_only_an_old_price_stands_beside_it() {
    let left =
        "<span class='value original'>98.00 €</span> <span class='value discount'>79.50 €</span>";
    assert_eq!(price_among(left).as_deref(), Some("79.50"));
    let saved = "<s>98.00 €</s> <b class=price>79.50 €</b> <span class=discount>18.50 €</span>";
    assert_eq!(price_among(saved).as_deref(), Some("79.50"));
}

#[test]
fn a_price_beside_elements_with_other_prices_is_read() {
    let beside = "<div class=box><span class=old-price>9.50 €</span><br>Now only 8.00 €<br>
        <small>3.20 € per 100 g</small></div>";
    assert_eq!(price_among(beside).as_deref(), Some("8.00"));
}

#[test]
fn instalments_members_and_subscribers_prices_are_not_the_price() {
    for other in [
        "or 3 interest-free payments of £7.50",
        "£4.16 / month",
        "Members pay £18.00",
        "Subscribe &amp; save: £20.25",
        "ou 4 x 5,63 £",
        "Free delivery over £19.00",
    ] {
        let page = format!("<div><b>£22.50</b></div><div><b>{other}</b></div>");
        assert_eq!(price_among(&page).as_deref(), Some("22.50"), "{other}");
    }
}
