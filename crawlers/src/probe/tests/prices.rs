//! Where a draft reads prices that stand at several places.

use super::addresses::number;
use super::*;

/// A shop of nine things in one list; every fourth had a higher price before, which the
/// list may show.
async fn with_offers(
    is_shown: bool,
    price: impl Fn(u32, bool) -> String + Send + Sync + 'static,
) -> Server {
    Server::open(move |_, path, _| {
        let is_offer = |n: u32| n % 4 == 1;
        let card = |n: u32| {
            let old = if is_shown && is_offer(n) { "<i>£99.00</i> " } else { "" };
            format!("<div class='card'><a href='/thing?number={n}'>Thing {n}</a> {old}<b>£1{n}.50</b></div>")
        };
        Some(html(&match number(path, "number") {
            Some(n) => format!(
                "<main><h1>Thing {n}</h1>{}<form><input name='quantity' value='1'>\
                 <input type='submit' value='Add to cart' title='Add to cart'></form></main>",
                price(n, is_offer(n))
            ),
            None if path == "/" => "<h1>Shop</h1><a href='/catalog/all'>All</a>".to_owned(),
            None => format!("<h1>All</h1>{}", (0..9).map(card).collect::<String>()),
        }))
    })
    .await
}

/// Prices at places of one name, the old one first.
fn of_one_name(around: &'static str) -> impl Fn(u32, bool) -> String + Send + Sync + 'static {
    move |n, is_offer| {
        let old = match is_offer {
            true => {
                "<dl class='shop_price'><dt>Regular price</dt><dd class='price'>£99.00</dd></dl>"
            }
            false => "",
        };
        format!("{old}<dl class='{around}'><dt>Our price</dt><dd class='price'>£1{n}.50</dd></dl>")
    }
}

#[tokio::test]
async fn a_product_that_a_list_shows_with_two_prices_is_a_sample() {
    let server = with_offers(true, of_one_name("net")).await;
    let report = server.probe().await;
    let draft = draft(&report);
    assert_eq!(prices(&walk(draft).await), nine("GBP"), "{}", draft.toml);
}

#[tokio::test]
async fn the_name_around_a_price_that_says_it_is_the_one_asked_is_kept() {
    let server = with_offers(false, of_one_name("sale_price")).await;
    let report = server.probe().await;
    let draft = draft(&report);
    let places = "price = [{ css = \"dl.sale_price > dd.price\" }, { css = \"dd.price\" }]";
    assert!(draft.toml.contains(places), "{}", draft.toml);
    assert_eq!(prices(&walk(draft).await), nine("GBP"), "{}", draft.toml);
}

#[tokio::test]
async fn where_prices_stand_at_different_places_all_are_tried_in_order() {
    let server = with_offers(true, |n, is_offer| match is_offer {
        true => format!("<p><del>£99.00</del> <b class='special'>£1{n}.50</b></p>"),
        false => format!("<p><span class='base'>£1{n}.50</span></p>"),
    })
    .await;
    let report = server.probe().await;
    let draft = draft(&report);
    let found = walk(draft).await;
    assert_eq!(prices(&found), nine("GBP"), "{}", draft.toml);
    // The button's title repeats what is written on it.
    let in_stock = Some(crate::listing::Availability::InStock);
    assert!(
        found.iter().all(|listing| listing.availability == in_stock),
        "{}",
        draft.toml
    );
}

#[tokio::test]
async fn a_price_is_named_by_itself_rather_than_by_what_stands_before_it() {
    let server = with_offers(false, |n, is_offer| {
        let old = match is_offer {
            true => "<p class='shown'>Old price: <span class='oldprice'>£99.00</span></p>",
            false => "",
        };
        format!(
            "<div class='prices'><div class='in_stock'>In stock</div>{old}\
             <p class='shown'>Price: <span class='currentprice'>£1{n}.50</span></p>\
             <p class='shown'>Shipping: <span class='pp_price'>£5.00</span></p></div>"
        )
    })
    .await;
    let report = server.probe().await;
    let draft = draft(&report);
    assert_eq!(prices(&walk(draft).await), nine("GBP"), "{}", draft.toml);
}

#[tokio::test]
async fn a_price_in_a_box_that_every_page_has_is_never_drafted() {
    // The box shows the offer of thing 5, which is a sample too.
    let server = with_offers(true, |n, is_offer| {
        let own = match is_offer {
            true => format!("<p class='cost'><strong><span class='old'>was £99.00</span> <span class='new'>now £1{n}.50</span></strong></p>"),
            false => format!("<p class='cost'><strong>£1{n}.50</strong></p>"),
        };
        format!("{own}<aside><div class='box'><span class='new'>now £15.50</span></div></aside>")
    })
    .await;
    let report = server.probe().await;
    let draft = draft(&report);
    for listing in &walk(draft).await {
        let price = listing.price.as_ref().map(|price| price.amount.to_string());
        let number = listing.title.trim_start_matches("Thing ");
        assert_eq!(price, Some(format!("1{number}.50")), "{}", draft.toml);
    }
}
