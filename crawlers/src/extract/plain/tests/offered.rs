//! Products that neither the title of their page nor a heading names.

use url::Url;

use crate::extract::read_page;
use crate::listing::{Availability, Listing};

fn read(html: &str) -> Vec<Listing> {
    let url = Url::parse("https://shop.example/shop/item.do?id=7").unwrap();
    read_page(html.as_bytes(), Some("text/html; charset=utf-8"), &url)
}

/// A page of tables in a shop whose pages all have one title.
fn tables(cells: &str) -> String {
    format!(
        "<title>Pet Store Demo</title><body><a href='/help.html'><img src='/help.gif'></a>\
         <a href='/shop/list.do?c=1'>Kitchen</a>\
         <a href='/shop/group.do?id=3'><b>&lt;&lt; Blue pan</b></a><table>\
         <tr><td><img src='/images/item7.jpg'>A small pan for two.</td></tr>\
         <tr><td><b>EST-7</b></td></tr>{cells}<tr><td>12 in stock.</td></tr>\
         <tr><td>$37.95</td></tr><tr><td><a href='/shop/addItemToCart.do?id=7'>\
         <img src='/button_add.gif'></a></td></tr></table><a href='/help.html'>Help</a></body>"
    )
}

#[test]
fn what_is_set_off_above_the_price_and_said_twice_is_the_name() {
    let named = "<tr><td><b><font size='4'>Blue pan</font></b></td></tr>\
                 <tr><td><i>Blue pan</i></td></tr>";
    let found = read(&tables(named));
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(found[0].title, "Blue pan");
    let price = found[0].price.as_ref().expect("a price");
    assert_eq!(price.amount.to_string(), "37.95");
    assert_eq!(found[0].availability, Some(Availability::InStock));
    let images: Vec<&str> = found[0].images.iter().map(Url::path).collect();
    assert_eq!(images, ["/images/item7.jpg"]);
}

#[test]
fn a_page_without_a_certain_name_is_no_product() {
    let once = "<tr><td><b>Blue pan</b></td></tr>";
    let of_another = "<tr><td><b>Kitchen</b></td></tr><tr><td>Kitchen</td></tr>";
    let label = "<tr><td><b>Price:</b> Price</td></tr>";
    let nearer = "<tr><td><b>Blue pan</b></td></tr><tr><td>Blue pan</td></tr>\
                  <tr><td><b>Order summary</b></td></tr>";
    let several = "<tr><td><b>Blue pan</b></td></tr><tr><td>Blue pan</td></tr>\
                   <tr><td><a href='/shop/addItemToCart.do?id=8'><img src='/b.gif'></a></td></tr>";
    for cells in [once, of_another, label, nearer, several] {
        assert!(read(&tables(cells)).is_empty(), "{cells}");
    }
}

#[test]
fn a_small_heading_beside_the_price_names_where_the_text_repeats_it() {
    // What stands around the button is called one too.
    let page = |description: &str| {
        format!(
            "<title>Detail - Store</title><body><h2>Product details</h2><p>{description}</p>\
             <div class='card'><img src='/pic/7.jpg'><h5 class='card-title'>Blue pan</h5>\
             <ul><li>£27.00</li><li>Stock: 12</li></ul>\
             <form class='btn narrow' method='post'><button class='btn'>Buy</button></form></div>"
        )
    };
    let found = read(&page("Blue pan: 21 cm wide and light."));
    let titles: Vec<&str> = found.iter().map(|listing| listing.title.as_str()).collect();
    assert_eq!(titles, ["Blue pan"]);
    assert!(read(&page("It is 21 cm wide and light.")).is_empty());
}
