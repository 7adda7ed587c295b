//! Lists that are told by where they stand in the menu.

use super::addresses::{cards, thing};
use super::walks::{all_nine, number};

#[tokio::test]
async fn lists_without_a_template_are_told_by_the_menu_that_names_them() {
    let shop = |path: &str| {
        let nav = "<p><a href='/login'>Log in</a> <a href='/basket'>Basket</a></p>\
             <nav class='main'><a href='/c-1/lamps/'>Lamps</a> <a href='/c-2/chairs/'>Chairs</a> \
             <a href='/c-3/tables/'>Tables</a> <a href='/contact/'>Contact</a></nav>";
        let address = |n: u32| format!("/thing-{n}-of-all");
        let body = match path {
            "/" | "/contact/" | "/login" | "/basket" => "<h1>Look around</h1>".into(),
            "/c-1/lamps/" => cards(0..3, address),
            "/c-2/chairs/" => cards(3..6, address),
            "/c-3/tables/" => cards(6..9, address),
            _ => thing(number(path, "/thing-", "-of-all")?),
        };
        Some(format!("{nav}{body}"))
    };
    let line = "category_links = { at = { css = \"nav.main > a\", attr = \"href\" } }";
    all_nine(shop, &[line]).await;
}

#[tokio::test]
async fn lists_and_products_of_one_form_are_told_by_menu_and_boxes() {
    let shop = |path: &str| {
        let nav =
            "<nav><a href='/shop/lamps~1'>Lamps</a> <a href='/shop/chairs~2'>Chairs</a></nav>";
        let address = |n: u32| format!("/shop/thing~1{n}");
        let body = match path {
            "/" => "<h1>Look around</h1>".into(),
            "/shop/lamps~1" => cards(0..5, address),
            "/shop/chairs~2" => cards(5..9, address),
            _ => thing(number(path, "/shop/thing~1", "")?),
        };
        Some(format!("{nav}{body}"))
    };
    let lines = [
        "url = \"/shop/*\"",
        "not = [\"/shop/lamps~1\", \"/shop/chairs~2\"]",
    ];
    all_nine(shop, &lines).await;
}

#[tokio::test]
async fn names_of_products_and_numbers_of_their_kind_are_told_from_those_of_lists() {
    let shop = |path: &str| {
        let nav =
            "<nav><a href='/en/lamps/c9001'>Lamps</a> <a href='/en/chairs/c9002'>Chairs</a></nav>";
        let address = |n: u32| format!("/en/thing-{n}-of-all/p700{n}");
        let body = match path {
            "/" => "<h1>Look around</h1>".into(),
            "/en/lamps/c9001" => cards(0..5, address),
            "/en/chairs/c9002" => cards(5..9, address),
            _ => thing(path.rsplit_once("/p700")?.1.parse().ok()?),
        };
        Some(format!("{nav}{body}"))
    };
    all_nine(shop, &["url = \"/en/*/p{id}\""]).await;
}

#[tokio::test]
async fn what_changes_the_language_or_stands_beside_log_ins_is_asked_last() {
    let shop = |path: &str| {
        let top = "<div><a href='/login'>Log in</a> <a href='/basket'>Basket</a> \
             <a href='/about-our-house/'>About</a> <a href='/?lang=de'>DE</a> \
             <a href='/action/changeCurrency/?code=EUR'>EUR</a></div>";
        let nav = "<nav><a href='/lamps/'>Lamps</a> <a href='/chairs/'>Chairs</a> \
             <a href='/tables/'>Tables</a></nav>";
        let address = |n: u32| format!("/thing-{n}-of-all/");
        let body = match path {
            "/" => format!("<h1>New</h1>{}", cards(0..2, address)),
            "/login" | "/basket" | "/about-our-house/" => "<h1>Look around</h1>".into(),
            "/lamps/" => cards(0..3, address),
            "/chairs/" => cards(3..6, address),
            "/tables/" => cards(6..9, address),
            _ => thing(number(path, "/thing-", "-of-all/")?),
        };
        Some(format!("{top}{nav}{body}"))
    };
    all_nine(shop, &["categories = [\"lamps\", \"chairs\", \"tables\"]"]).await;
}

#[tokio::test]
async fn the_way_to_further_pages_is_taken_from_lists_that_have_them() {
    let shop = |path: &str| {
        let nav = "<nav><a href='/shop'>All</a> <a href='/shop/lamps'>Lamps</a> \
             <a href='/shop/chairs'>Chairs</a></nav>";
        let address = |n: u32| format!("/shop/all/thing-{n}-of-all");
        let list = |range, next: &str| {
            let next = format!("<ul><li class='--next'><a href='{next}'>&#8594;</a></li></ul>");
            format!("{}{next}", cards(range, address))
        };
        let body = match path {
            "/" => "<h1>Look around</h1>".into(),
            "/shop" => cards(1..6, address),
            "/shop/lamps" => list(0..2, "/shop/lamps?start=2"),
            "/shop/lamps?start=2" => cards(2..4, address),
            "/shop/chairs" => list(4..7, "/shop/chairs?start=3"),
            "/shop/chairs?start=3" => cards(7..9, address),
            _ => thing(number(path, "/shop/all/thing-", "-of-all")?),
        };
        Some(format!("{nav}{body}"))
    };
    all_nine(shop, &["next = { css = \"li.--next > a\""]).await;
}
