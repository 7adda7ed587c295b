//! Where a draft reads prices that stand at several places.

use super::addresses::number;
use super::*;

/// A shop of nine things in one list; every fourth had a higher price before.
async fn with_offers(price: impl Fn(u32, bool) -> String + Send + Sync + 'static) -> Server {
    Server::open(move |_, path, _| {
        let is_offer = |n: u32| n % 4 == 1;
        let card = |n: u32| {
            let old = if is_offer(n) { "<i>£99.00</i> " } else { "" };
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

#[tokio::test]
async fn a_product_that_a_list_shows_with_two_prices_is_a_sample() {
    let server = with_offers(|n, is_offer| {
        let old = match is_offer {
            true => {
                "<dl class='normal_price'><dt>Regular price</dt><dd class='price'>£99.00</dd></dl>"
            }
            false => "",
        };
        format!(
            "{old}<dl class='sale_price'><dt>Our price</dt><dd class='price'>£1{n}.50</dd></dl>"
        )
    })
    .await;
    let report = server.probe().await;
    let draft = draft(&report);
    assert_eq!(prices(&walk(draft).await), nine("GBP"), "{}", draft.toml);
}
