//! What is said of stock beside a button that sells, and what only seems to be.

use url::Url;

use crate::extract::read_page;
use crate::listing::Availability;
use Availability::{InStock, OutOfStock};

/// What is read of a page with these things between price and button.
fn stock(said: &str, button: &str) -> Option<Availability> {
    let url = Url::parse("https://shop.example/p/blue-pan").unwrap();
    let html = format!(
        "<title>Blue pan | Shop</title><body><h1>Blue pan</h1><p class=price>€34.50</p>{said}\
         <form><input name=quantity value=1>{button}</form></body>"
    );
    let found = read_page(html.as_bytes(), Some("text/html; charset=utf-8"), &url);
    assert_eq!(found.len(), 1, "{said}{button}");
    found[0].availability
}

const ADD: &str = "<button>Add to cart</button>";

#[test]
fn a_mark_that_styles_hide_says_nothing_beside_a_button_that_sells() {
    const GONE: &str = "<button disabled>Sold out</button>";
    for mark in [
        "<span class='badge price__badge-sold-out'>Sold out</span>",
        "<span class='visually-hidden'>Sold out</span>",
        "<span class='screen-reader-text'>Tükendi</span>",
    ] {
        assert_eq!(stock(mark, ADD), Some(InStock), "{mark}");
        assert_eq!(stock(mark, GONE), Some(OutOfStock), "{mark}");
    }
    // What all see counts more than that the button was left there.
    assert_eq!(stock("<p>Sold out</p>", ADD), Some(OutOfStock));
}

#[test]
fn a_word_set_off_in_a_sentence_means_what_the_sentence_says() {
    for (said, meaning) in [
        ("<p>Tuote ei ole <b>saatavilla</b>.</p>", OutOfStock),
        ("<p>Currently not <b>available</b></p>", OutOfStock),
        ("<p><i>Not</i> <b>in stock</b></p>", OutOfStock),
        ("<p>Not to be washed hot. <b>In stock</b></p>", InStock),
        ("<p>Back soon? No: <b>available</b> now</p>", InStock),
    ] {
        assert_eq!(stock(said, ADD), Some(meaning), "{said}");
    }
}

#[test]
fn what_is_said_of_one_choice_is_not_said_of_the_product() {
    let gone = "<span class=unavailable>Variant sold out</span>";
    for choices in [
        format!("<input type=radio id=a checked><label for=a>Blue {gone}</label>"),
        format!("<input type=radio id=a><label for=a>Red {gone}</label>"),
        format!("<div><label><input type=radio name=c checked>Blue {gone}</label></div>"),
    ] {
        assert_eq!(stock(&choices, ADD), Some(InStock), "{choices}");
    }
    assert_eq!(
        stock("<label>Stock: </label><b>Sold out</b>", ADD),
        Some(OutOfStock)
    );
}

#[test]
fn the_name_of_what_is_asked_is_no_answer() {
    let row = "<span class=availability-name>Verfügbarkeit</span> <span class=availability-value>Ausverkauft</span>";
    assert_eq!(
        stock(row, "<button>In den Warenkorb</button>"),
        Some(OutOfStock)
    );
}

#[test]
fn buttons_sell_in_the_words_of_many_shops() {
    for words in [
        "إضافة إلى السلة",
        "הוספה לסל",
        "הוסף לעגלה",
        "หยิบใส่ตะกร้า",
        "Στο καλάθι",
        "Kupi",
        "Kúpiť",
        "Læg i indkøbskurv",
        "Legg i handlevogn",
        "주문하기",
        "Đặt hàng",
        "添加到购物车",
        "Lägg till i kundvagnen",
        "Voeg toe aan winkelmandje",
        "Adaugă la coș",
        "Hozzáadás a bevásárlókocsihoz",
        "افزودن به سبد",
    ] {
        let button = format!("<button>{words}</button>");
        assert_eq!(stock("", &button), Some(InStock), "{words}");
    }
    for words in ["Заказать звонок", "View cart", "Add to wish list"] {
        let button = format!("<button>{words}</button>");
        assert_eq!(stock("", &button), None, "{words}");
    }
}

#[test]
fn a_button_is_not_believed_where_data_for_scripts_count_none() {
    let counted = |left: &str, asked: &str| {
        let data = format!(
            "<ul data-values='[[2, {{\"virtual_available\": {left}, \"inventory\": \"{asked}\"}}]]'></ul>"
        );
        stock(&data, ADD)
    };
    assert_eq!(counted("0.0", "always"), None);
    assert_eq!(counted("3.0", "always"), Some(InStock));
    assert_eq!(counted("0.0", "never"), Some(InStock));
}

#[test]
fn what_data_leave_open_on_stock_is_read_as_shown() {
    let data = |offers: &str| {
        format!(
            "<script type='application/ld+json'>{{\"@type\":\"Product\",\"name\":\"Blue pan\",\"offers\":[{offers}]}}</script>"
        )
    };
    let offer = |price: &str, stock: &str| {
        format!(
            r#"{{"price":"{price}","priceCurrency":"EUR","availability":"https://schema.org/{stock}"}}"#
        )
    };
    let (gone, there) = (offer("24.50", "OutOfStock"), offer("34.50", "InStock"));
    assert_eq!(stock(&data(&format!("{gone},{there}")), ADD), Some(InStock));
    assert_eq!(stock(&data(&gone), ADD), Some(OutOfStock));
    let few = data(&offer("34.50", "LimitedAvailability"));
    let said = format!("{few}<p>Sold out</p>");
    assert_eq!(stock(&said, ""), Some(OutOfStock));
    assert_eq!(stock(&few, ADD), Some(Availability::Limited));
}

#[test]
fn a_count_of_nothing_beside_words_of_stock_means_that_there_is_none() {
    for (said, meaning) in [
        ("<p>in stock <span class=badge>0</span></p>", OutOfStock),
        ("<p>in stock <span class=badge>11</span><br></p>", InStock),
        ("<p><b>0</b> <span>in stock</span></p>", OutOfStock),
        ("<div><b>In stock</b> <b>0</b></div>", OutOfStock),
        ("<label>In stock</label> <span>0 Items</span>", OutOfStock),
        ("<label>Auf Lager</label><div>0 Stück</div>", OutOfStock),
        // Counts of other things.
        ("<label>In stock</label> <span>0 reviews</span>", InStock),
        ("<p>In stock</p><p>0</p>", InStock),
        ("<p>In stock</p><p>Reviews <b>0</b></p>", InStock),
        ("<p>Reviews <b>0</b></p><p>In stock</p>", InStock),
        ("<label>In stock</label> <span>10 Items</span>", InStock),
    ] {
        assert_eq!(stock(said, ADD), Some(meaning), "{said}");
    }
}

#[test]
fn that_something_else_is_available_counts_less_than_that_the_article_is_gone() {
    const DISABLED: &str = "<button disabled>Unavailable</button>";
    for other in [
        "<p>(<a href='#tiers'>Bulk discounts available</a>)</p>",
        "<p>Sample available</p>",
        "<dl><dt>Gift wrapping:</dt><dd>Options available</dd></dl>",
        "<p>Muster verfügbar</p>",
    ] {
        let gone = format!("{other}<p><strong>Out of stock</strong></p>");
        assert_eq!(stock(&gone, ""), Some(OutOfStock), "{other}");
        assert_eq!(stock(other, DISABLED), Some(OutOfStock), "{other}");
        assert_eq!(stock(other, ADD), Some(InStock), "{other}");
    }
    // Here the article itself is meant.
    for said in ["<p>Availability: available</p>", "<p>In stock</p>"] {
        let other = format!("{said}<ul><li>Out of stock</li></ul>");
        assert_eq!(stock(&other, ADD), Some(InStock), "{other}");
    }
}
