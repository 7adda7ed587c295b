//! What a page says of its product at length, in boxes of many kinds.

use url::Url;

use crate::extract::read_page;

const SAID: &str = "A small pan for two eggs, made by hand in a workshop near the coast. \
                    It darkens with the years and is cleaned with salt.";

/// The description on a page with this behind the button that buys.
fn described(inner: &str) -> Option<String> {
    let url = Url::parse("https://shop.example/p/blue-pan").unwrap();
    let html = format!(
        "<title>Blue pan | Shop</title><body><h1>Blue pan</h1><p class=price>€34.50</p>\
         <form><input name=quantity value=1><button>Add to cart</button></form>{inner}</body>"
    );
    let mut found = read_page(html.as_bytes(), Some("text/html; charset=utf-8"), &url);
    assert_eq!(found.len(), 1, "{inner}: {found:?}");
    found.remove(0).description
}

#[test]
fn running_text_describes_whatever_its_element_is() {
    for around in [
        "<article class='mt-4'>{}</article>",
        "<div class='product-explain'>{}</div>",
        "<div>{}</div>",
        "<section><div><div>{}</div></div></section>",
        "<h3>Details</h3><div><div>{}</div></div>",
        "<table><tr><td><b>Description:</b><br>{}</td></tr></table>",
        "<table><tr><td><font size=2><b>Description</b></font><br>{}</td></tr></table>",
        "<div class=note>Made on Mondays.</div><div>{}</div>",
    ] {
        for said in [SAID, &SAID.replace(". ", ".<br>")] {
            let inner = around.replace("{}", said);
            assert_eq!(described(&inner).as_deref(), Some(SAID), "{inner}");
        }
    }
}

#[test]
fn a_box_of_text_that_speaks_of_something_else_does_not_describe() {
    for other in [
        "<div>All prices include VAT, and are those of the day on which you order from us.</div>",
        "<div>We send all orders within two days, and shipping is free from 50 € on.</div>",
        "<div class=shipping>Everything that you order today leaves our house tomorrow at noon.</div>",
        "<h3>Returns</h3><div>Send us back within thirty days whatever you do not like to keep.</div>",
        "<section><h3>Returns</h3><div><div>Send us back within thirty days what you do not \
         like to keep.</div></div></section>",
        "<div>Model: HP-76. Colour: blue. Width: 21 cm. Height: 12 cm. Weight: 1.2 kg. Made: 2024.</div>",
        "<div><a href='/n'>More of Nordvik</a> that is made by hand in a workshop near the coast.</div>",
        "<div>Width 21 cm<br>Height 12 cm<br>Weight 1 kg<br>Colour blue<br>Surface enamelled steel</div>",
        "<footer><div>A shop for pans that are made by hand, in a street near the harbour.</div></footer>",
        "<div>This was added to our catalogue on Monday, 03. August 2020, and is sold since.</div>",
        "<div>Pans for two eggs, and by the dozen</div>",
    ] {
        assert_eq!(described(other), None, "{other}");
    }
}

#[test]
fn paragraphs_go_before_other_boxes_of_text() {
    let page = format!("<div>What we make is made by hand and meant to last.</div><p>{SAID}</p>");
    assert_eq!(described(&page).as_deref(), Some(SAID));
}

#[test]
fn tabs_properties_and_buttons_in_the_box_of_a_description_are_no_part_of_it() {
    for inside in [
        "<ul class=tabs><li class=on>Product info</li><li>Reviews <span>0</span></li></ul><div>{}</div>",
        "<div class=tabs><button>Description</button><button>Characteristics</button>\
         <button>Reviews</button></div><div>{}</div>",
        "<div>{}</div><div class=properties><div><span>Width</span><span>21 cm</span></div>\
         <div><span>Height</span><span>12 cm</span></div></div>",
        "<div class=rte>{}</div><div class='Product__ShareButtons'><span>Share</span></div>",
        "<div><div><h3>Detailed description</h3>{}</div><div><h3>Further data</h3>\
         <table><tr><th>EAN<span>:</span></th><td>4006381333931</td></tr></table></div></div>",
    ] {
        let inside = inside.replace("{}", &format!("<p>{SAID}</p>"));
        let page = format!("<div class=product-description>{inside}</div>");
        assert_eq!(described(&page).as_deref(), Some(SAID), "{inside}");
    }
    // What stands below a heading is no value of a property.
    let page = "<div class=description><div><h2>Details</h2><div>A pan for two, made by hand</div></div></div>";
    let said = "A pan for two, made by hand";
    assert_eq!(described(page).as_deref(), Some(said));
    // What is said beside each other in boxes is no list of properties.
    let page = "<div class=description><div><div>A pan for two that is made by hand.</div>\
                <div>It keeps warm for an hour.</div></div></div>";
    let said = "A pan for two that is made by hand. It keeps warm for an hour.";
    assert_eq!(described(page).as_deref(), Some(said));
}

#[test]
fn a_paragraph_of_labels_and_values_does_not_go_on_with_a_description() {
    let page = format!("<td><p>{SAID}</p><p>SKU: HP-2041<br>Brand: Harrow & Pine</p></td>");
    assert_eq!(described(&page).as_deref(), Some(SAID));
}
