//! What shop programs do that few others do.

use url::Url;

use crate::extract::read_page;
use crate::listing::{Availability, Listing};

fn listing(html: &str) -> Listing {
    let url = Url::parse("https://shop.example/p/9").unwrap();
    let mut found = read_page(html.as_bytes(), Some("text/html"), &url);
    assert_eq!(found.len(), 1, "{found:?}");
    found.remove(0)
}

#[test]
fn a_page_without_name_and_first_heading_is_named_by_the_heading_above_what_buys() {
    let page = |stock: u32| {
        listing(&format!(
            "<body><h2>Everything for the home</h2><div class='card' id='product-description'>\
             <div class='card-header'><h2>Burr grinder</h2></div><div class='card-body'>\
             <h3>€ 45.10</h3>Small batches, checked by hand.<p>in stock <span>{stock}</span></p>\
             <form action='/cart'><input type='submit' value='add to cart'></form></div></div>"
        ))
    };
    let found = page(7);
    assert_eq!(found.title, "Burr grinder");
    assert_eq!(found.availability, Some(Availability::InStock));
    // The whole box is called a description; it is none.
    assert_eq!(found.description, None);
    assert_eq!(page(0).availability, Some(Availability::OutOfStock));
}

#[test]
fn what_is_sold_out_needs_nothing_that_buys() {
    let found = listing(
        "<title>Oak board</title><body><h1>Oak board</h1><div class='box'>€ 3.45</div>\
         <strong>Item not available</strong><p>Item is sold out.</p><span>add to cart</span>",
    );
    assert_eq!(found.availability, Some(Availability::OutOfStock));
}

#[test]
fn the_whole_description_counts_before_the_short_one_and_a_line_of_law_is_none() {
    let whole = "A grinder made in small batches. Every one is checked by hand before it is sent.";
    let head = "<title>Grinder</title><meta property='og:type' content='product'>\
        <meta property='og:title' content='Grinder'><meta name='description' content='A grinder.'>";
    let body = "<body><h1>Grinder</h1><p class='price'>€ 45.10</p><button>Add to cart</button>";
    let found = listing(&format!(
        "{head}{body}<div class='product-description'>{whole}</div>"
    ));
    assert_eq!(found.description.as_deref(), Some(whole));
    let from = &found.provenance["description"];
    assert_eq!(
        (&*from.source, &*from.candidates[0].raw),
        ("page", "A grinder.")
    );
    let legal = "<p class='description'>© 2009 - 2017 by the makers of this shop. All rights.</p>";
    let found = listing(&format!("{head}{body}{legal}"));
    assert_eq!(found.description.as_deref(), Some("A grinder."));
}

#[test]
fn pictures_that_a_gallery_links_to_are_read_where_data_name_one_of_them() {
    let found = listing(
        "<title>Grinder</title><meta property='og:type' content='product'>\
         <meta property='og:title' content='Grinder'>\
         <meta property='og:image' content='/thumbs/burr-grinder-0.jpg__850x850_q85.jpg'>\
         <body><h1>Grinder</h1><p class='price'>€ 45.10</p><button>Add to cart</button>\
         <a data-imagelightbox='many' rel='gallery1' href='/media/burr-grinder-0.jpg'></a>\
         <a data-imagelightbox='many' rel='gallery1' href='/media/burr-grinder-1.jpg'></a>\
         <a href='/media/price-list.jpg'></a>",
    );
    let paths: Vec<&str> = found.images.iter().map(Url::path).collect();
    assert_eq!(
        paths,
        ["/media/burr-grinder-0.jpg", "/media/burr-grinder-1.jpg"]
    );
}

#[test]
fn an_amount_in_running_text_makes_no_article_a_product() {
    let page = |said: &str| {
        let html = format!(
            "<title>How to choose a blanket - Shop</title><body><main><article>\
             <h1>How to choose a blanket</h1><p>2026-03-14</p><p>{said}</p></article></main>"
        );
        let url = Url::parse("https://shop.example/2026/03/14/blanket").unwrap();
        read_page(html.as_bytes(), Some("text/html"), &url)
    };
    let text = "A good blanket is made by hand. It keeps warm for years";
    for said in [
        format!("{text}. (<span class=amount>€89.00</span>)"),
        format!("{text}. <b class=price>€89.00</b> is a good price."),
    ] {
        assert!(page(&said).is_empty(), "{said}");
    }
    let product = listing(&format!(
        "<title>Blanket</title><body><h1>Blanket</h1><p>{text}. Price: \
         <b class=price>€89.00</b></p><button>Add to cart</button>"
    ));
    let price = product.price.map(|price| price.amount.to_string());
    assert_eq!(price.as_deref(), Some("89.00"));
}

#[test]
fn a_page_s_program_says_which_currency_a_shared_sign_means() {
    let currency = |program: &str| {
        let found = listing(&format!(
            "<title>Blanket</title>{program}<body><h1>Blanket</h1><p class=price>$89.00</p>\
             <button>Add to cart</button>"
        ));
        found.price.and_then(|price| price.currency)
    };
    for program in [
        r#"<script>x = {"price":{"amount":"89.00","currencyCode":"AUD"}}</script>"#,
        r#"<script>x("\"currencyCode\",\"AUD\",\"__typename\"")</script>"#,
        r#"<script>Shopify.currency = {"active":"AUD","rate":"1.0"};</script>"#,
        "<input type=hidden value='{&quot;currencyCode&quot;:&quot;AUD&quot;}'>",
    ] {
        assert_eq!(currency(program).as_deref(), Some("AUD"), "{program}");
    }
    for program in [
        // A list of several, another sign's, and what a program falls back on.
        r#"<script>x = [{"currency":"AUD"},{"currency":"USD"}]</script>"#,
        r#"<script>x = {"currency":"EUR"}</script>"#,
        "<script>format({currency: 'AUD'})</script>",
        r#"<script>x = {"currency":"AUDIO"}</script>"#,
    ] {
        assert_eq!(currency(program), None, "{program}");
    }
}
