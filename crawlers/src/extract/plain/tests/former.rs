//! Prices that are not asked any more.

use scraper::{Html, Selector};

use super::super::asked_text_of;
use super::wordings::amount;

/// What a selector of the first element finds, read as a price.
fn asked_text(html: &str) -> String {
    let page = Html::parse_fragment(html);
    let selector = Selector::parse("html > *").expect("a selector");
    let element = page.select(&selector).next().expect("an element");
    asked_text_of(element)
}

#[test]
fn a_price_without_the_discount_is_old_whatever_it_is_called() {
    for class in [
        "undiscounted",
        "product__info__price__undiscounted",
        "non-discounted",
        "discounted-from",
        "price-before-discount",
        "pre-discount",
        "price-without-discount",
        "price_no_discount",
        "no-discount-price",
    ] {
        for prices in [
            format!("<span>€34.50</span> <small class='{class}'>€49.00</small>"),
            format!("<small class='{class}'>€49.00</small> <span>€34.50</span>"),
        ] {
            let found = amount(&format!("<p class=price>{prices}</p>"));
            assert_eq!(found.as_deref(), Some("34.50"), "{prices}");
        }
    }
    // The names of a reduced price, and of a box in which nothing is reduced.
    for class in ["discounted", "discounted-price", "price-discount"] {
        let prices = format!("<span>€49.00</span> <b class='{class}'>€34.50</b>");
        let found = amount(&format!("<p class=price>{prices}</p>"));
        assert_eq!(found.as_deref(), Some("34.50"), "{prices}");
    }
    let found = amount("<div class='price no-discount'><b>€34.50</b> <i>€3.00</i></div>");
    assert_eq!(found, None);
}

#[test]
fn short_names_of_old_prices_count_within_a_price() {
    for class in [
        "was",
        "before",
        "compare",
        "list",
        "prev",
        "initial",
        "full-price",
        "uvp",
        "vorher",
        "price-previous",
        "price_normal",
        "price--compare",
    ] {
        let old = format!("<span class='{class}'>€49.00</span>");
        for prices in [
            format!("<b>€34.50</b> {old}"),
            format!("{old} <b>€34.50</b>"),
        ] {
            let found = amount(&format!("<p class=price>{prices}</p>"));
            assert_eq!(found.as_deref(), Some("34.50"), "{prices}");
        }
        let alone = format!("<p class=price><span class='{class}'>€34.50</span></p>");
        assert_eq!(amount(&alone).as_deref(), Some("34.50"), "{class}");
        let around = format!("<div class='{class}'><p class=price>€34.50</p><s>€49.00</s></div>");
        assert_eq!(amount(&around).as_deref(), Some("34.50"), "{class}");
    }
}

#[test]
fn an_amount_that_is_struck_out_is_old_wherever_it_is_said_again() {
    // In words that nobody knows.
    let twice = "<del>€49.00</del> <span class=screen-reader-text>Prius pretium: €49.00.</span>\
        <ins>€34.50</ins> <span class=screen-reader-text>Hodie pretium: €34.50.</span>";
    for open in ["<p class=price>", "<p>", "<div class='product-price'>"] {
        let end = format!(
            "</{}>",
            open[1..]
                .trim_end_matches('>')
                .split(' ')
                .next()
                .unwrap_or("p")
        );
        let found = amount(&format!("{open}{twice}{end}"));
        assert_eq!(found.as_deref(), Some("34.50"), "{open}");
    }
    let text = asked_text(&format!("<div>{twice}</div>"));
    assert_eq!(text, "€34.50 Hodie pretium: €34.50.");
    // A price that is as high as the struck one, or one that is struck and hidden.
    for prices in [
        "<s>€34.50</s> <b>€34.50</b> <small>€28.75 excl. VAT</small>",
        "<s style='display:none'>€34.50</s> <b>€34.50 today</b> <small>€28.75 excl. VAT</small>",
    ] {
        let found = amount(&format!("<p class=price>{prices}</p>"));
        assert_eq!(found.as_deref(), Some("34.50"), "{prices}");
    }
    let text = asked_text("<div><s>€34.50</s> <b>€34.50</b> <i>€28.75 net</i></div>");
    assert_eq!(text, "€34.50 €28.75 net");
    // Where nothing else is there, it is the price.
    let only = "<div><del>€49.00</del> <span>€49.00</span></div>";
    assert_eq!(amount(only).as_deref(), Some("49.00"));
}

#[test]
fn one_label_before_two_prices_tells_them_not_apart() {
    let label = "<span class=visually-hidden>Regular price: </span>";
    for name in ["regular-price", "old-price"] {
        let prices = format!(
            "<div><p><span class='{name}'>{label}€49.00</span> (-30%)</p>\
             <div class=product__price>{label}€34.50</div></div>"
        );
        assert_eq!(amount(&prices).as_deref(), Some("34.50"), "{name}");
    }
}
