//! Pictures, descriptions and makers where shop programs show them in ways of their own.

use url::Url;

use crate::extract::read_page;
use crate::listing::Listing;

fn read(html: &str) -> Vec<Listing> {
    let url = Url::parse("https://shop.example/lamps/page/2/").unwrap();
    read_page(html.as_bytes(), Some("text/html; charset=utf-8"), &url)
}

/// What is read of a page of a product around this.
fn listing(inner: &str) -> Listing {
    let mut found = read(&format!(
        "<title>Blue pan | Shop</title><body>{inner}<p class=price>€ 18.00</p>\
         <form><input name=quantity value=1><button>Add to cart</button></form></body>"
    ));
    assert_eq!(found.len(), 1, "{inner}: {found:?}");
    found.remove(0)
}

fn images(inner: &str) -> Vec<String> {
    let found = listing(&format!("<h1>Blue pan</h1>{inner}"));
    let paths = found.images.iter().map(|url| url.path().to_owned());
    paths.collect()
}

#[test]
fn pictures_for_readers_without_scripts_are_read_where_a_script_writes_them() {
    let written = "<div id=productMainImage><script>document.write('<img src=/m/pan.jpg>')</script>\
        <noscript><a href='/popup?id=1'><img src='/m/pan.jpg' alt='Blue pan'></a></noscript></div>";
    assert_eq!(images(written), ["/m/pan.jpg"]);
    // Those that count visitors stand beside scripts as well.
    let counted = "<script>count()</script>\
        <noscript><img src='https://count.example/hit/7'><img src='/p.gif' width=1></noscript>";
    assert!(images(counted).is_empty());
    let alone = "<p>Pans</p><noscript><img src='/ad.jpg' alt='Blue pan'></noscript>";
    assert!(images(alone).is_empty());
}

#[test]
fn links_that_open_a_popup_and_small_frames_of_a_gallery_hide_no_picture() {
    let popup =
        "<a href='/large.php?id=7' class='popup_item_image'><img src='/i/7.jpg' width=550></a>";
    assert_eq!(images(popup), ["/i/7.jpg"]);
    let inside = "<div class=popup><img src='/i/offer.jpg' width=550></div>";
    assert!(images(inside).is_empty());
    let gallery = "<a class=cloud-zoom href='/l/pan_p1.jpg'><img src='/s/pan_p1.jpg'></a><ul>\
        <li><a class=cloud-zoom-gallery href='/l/pan_p2.jpg'><span class=artIcon>\
        <img src='/xs/pan_p2.jpg'></span></a></li></ul>";
    assert_eq!(images(gallery), ["/l/pan_p1.jpg", "/l/pan_p2.jpg"]);
}

#[test]
fn a_picture_of_a_button_is_none_of_the_product() {
    assert!(images("<img src='/b/sold_out.gif' alt='sold out'>").is_empty());
}

#[test]
fn a_heading_that_says_that_details_follow_is_no_part_of_them() {
    let text = "A small pan for two. It is made by hand.";
    let said = |heading: &str| {
        let inner =
            format!("<h1>Blue pan</h1><div class=box-description>{heading}<div>{text}</div></div>");
        listing(&inner).description.unwrap_or_default()
    };
    assert_eq!(said("<h2>Details</h2>"), text);
    assert_eq!(said("<h2>For cooks</h2>"), format!("For cooks {text}"));
}

#[test]
fn short_paragraphs_of_a_box_of_paragraphs_belong_to_the_description() {
    let said = |last: &str| {
        let text = "<p>A small pan for two people, made by hand.</p><p>It is light.</p>";
        listing(&format!(
            "<h1>Blue pan</h1><blockquote>{text}{last}</blockquote>"
        ))
        .description
    };
    let whole = "A small pan for two people, made by hand. It is light. 21 × 12 cm.";
    assert_eq!(said("<p>21 × 12 cm.</p>").as_deref(), Some(whole));
    // What names something else ends it.
    assert_eq!(said("<p>Brand: Nordvik</p>").as_deref(), None);
}

#[test]
fn a_maker_is_known_by_the_name_of_what_holds_it() {
    let brand =
        |before: &str, behind: &str| listing(&format!("{before}<h1>Blue pan</h1>{behind}")).brand;
    let linked = "<div class=manufacturer><a href='/nordvik-m-1/'><h3>Nordvik</h3></a></div>";
    assert_eq!(brand("", linked).as_deref(), Some("Nordvik"));
    let sign = "<div class=brand><a href='/nordvik-m-1/'><img src=/m.png alt=Nordvik></a></div>";
    assert_eq!(brand("", sign).as_deref(), Some("Nordvik"));
    assert_eq!(brand("<div class=brand><a href=/>Shop</a></div>", ""), None);
    assert_eq!(
        brand(
            "",
            "<p class=brand-colors>Red</p><p class=brand>by hand</p>"
        ),
        None
    );
}

#[test]
fn the_last_page_of_a_list_is_no_product_though_one_stands_on_it() {
    let page = |heading: &str, pages: &str| {
        read(&format!(
            "<title>Lamps | Shop</title><h1>Lamps</h1><div class=product_view_22>{heading}\
             <a href='/i/22.jpg'><img src='/i/22-s.jpg' alt='Desk lamp'></a><p>In stock</p>\
             <p class=price>€ 18.00</p><button>Add to cart</button></div>{pages}"
        ))
    };
    let linked = "<h2><a href='/lamps/desk-lamp/'>Desk lamp</a></h2>";
    let pages = "<p><a href='/lamps/'>1</a> <b>2</b></p>";
    assert!(page(linked, pages).is_empty());
    // A product with its maker's name above the price, and with pages of reviews.
    let maker = "<h2><a href='/brands/nordvik/'>Nordvik</a></h2>";
    assert_eq!(page(maker, pages).len(), 1);
    assert_eq!(page("<h2>Desk lamp</h2>", pages).len(), 1);
}
