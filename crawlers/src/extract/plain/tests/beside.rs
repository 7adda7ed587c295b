//! Amounts beside the price, of lists, of tax, of auctions, and digits in pieces.

use url::Url;

use crate::extract::read_page;
use crate::listing::Listing;

fn read(html: &str) -> Vec<Listing> {
    let url = Url::parse("https://shop.example/p/blue-pan").unwrap();
    read_page(html.as_bytes(), Some("text/html; charset=utf-8"), &url)
}

/// The page of a product with this between its name and what buys it, and that around.
fn page(before: &str, inner: &str, behind: &str) -> String {
    format!(
        "<title>Blue pan | Shop</title><body>{before}<main><h1>Blue pan</h1><img src=/pan.jpg>{inner}\
         <form><input name=quantity value=1><button>Add to cart</button></form></main>{behind}</body>"
    )
}

fn amount_of(html: &str) -> Option<String> {
    let found = read(html);
    assert_eq!(found.len(), 1, "{html}: {found:?}");
    found[0]
        .price
        .as_ref()
        .map(|price| price.amount.to_string())
}

fn amount(inner: &str) -> Option<String> {
    amount_of(&page("", inner, ""))
}

#[test]
fn what_narrows_a_list_is_not_the_price_of_the_product_beside_it() {
    for filter in [
        "<div>Price €18.00 – €1,249.00</div>",
        "<div class=filter>Price €18.00 – €1,249.00</div>",
        "<div><h3>Price</h3><div>€18.00 – €1,249.00</div></div>",
        "<div><span>Price</span> <span>€18.00</span> - <span>€1,249.00</span></div>",
        "<div class=layered-nav><span>Price</span> <span>€18.00</span> - <span>€1,249.00</span></div>",
        "<div class='widget widget_price_filter'><h4>Filter by price</h4><div class=price_label>Price: \
         <span class=from>€18</span> — <span class=to>€1,249</span></div></div>",
        "<div><b>Price</b><label><input type=checkbox> €0 – €50</label></div>",
        "<div>Price: €18.00</div>",
    ] {
        for html in [
            page("", "<p class=price>€34.50</p>", filter),
            page(filter, "<p class=price>€34.50</p>", ""),
        ] {
            assert_eq!(amount_of(&html).as_deref(), Some("34.50"), "{html}");
        }
    }
    // The price of a product that differs by size.
    let range = amount("<p class=price>€18.00 – €24.00</p>");
    assert_eq!(range.as_deref(), Some("18.00"));
}

#[test]
fn a_price_outside_the_box_of_name_and_button_is_read_where_there_is_none_in_it() {
    let html = page("", "", "<div>Price: <b>€34.50</b></div>");
    assert_eq!(amount_of(&html).as_deref(), Some("34.50"));
}

#[test]
fn cards_and_what_narrows_them_make_no_product() {
    let card = |at: usize| {
        format!(
            "<li class=card><a href=/p/{at}><img src=/i/{at}.jpg>Pan {at}</a><b class=price>€9.50</b></li>"
        )
    };
    for filter in [
        "<div><h4>Price</h4><span>€18.00</span> - <span>€1,249.00</span></div>",
        "<div>Price €18.00 – €1,249.00</div>",
        "<div id=filter><span>Price</span> €18.00 - €1,249.00</div>",
    ] {
        for count in 2..=6 {
            let cards: String = (0..count).map(card).collect();
            let html = format!(
                "<title>Kitchen | Shop</title><body><h1>Kitchen</h1>{filter}<ul>{cards}</ul></body>"
            );
            assert!(read(&html).is_empty(), "{html}");
        }
    }
}

#[test]
fn a_price_that_only_its_name_calls_old_is_asked_where_the_other_is_the_same_without_tax() {
    for name in [
        "normal-price",
        "regular-price",
        "list-price",
        "price-original",
        "full-price",
        "standard-price",
        "retail-price",
    ] {
        for net in [
            "<div>excl. VAT: €28.00</div>",
            "<small>(€28.00 ex VAT)</small>",
            "<div class=net>€28.00</div>",
        ] {
            let found = amount(&format!("<p><span class={name}>€34.50</span> {net}</p>"));
            assert_eq!(found.as_deref(), Some("34.50"), "{name} {net}");
        }
    }
    let by_words = amount("<p>Regular price: €34.50</p><p>Excl. VAT: €28.00</p>");
    assert_eq!(by_words.as_deref(), Some("34.50"));
    // No tax makes so much of it, and what is struck out is not asked.
    for old in ["<p class=list-price>€49.00</p>", "<p><s>€34.50</s></p>"] {
        let found = amount(&format!("{old}<p>Excl. VAT: €28.00</p>"));
        assert_eq!(found.as_deref(), Some("28.00"), "{old}");
    }
}

#[test]
fn a_table_may_name_tax_in_its_rows_and_quantities_in_its_columns() {
    for (one, many, net, gross) in [
        ("1 pc", "from 12 pcs", "excl. VAT", "incl. VAT"),
        ("1+", "12+", "Net", "Gross"),
        ("1 ks", "od 12 ks", "bez DPH", "s DPH"),
    ] {
        let row = |name: &str, first: &str, second: &str| {
            format!("<tr><td>{name}</td><td>{first}</td><td>{second}</td></tr>")
        };
        let head = row("", one, many);
        let (net, gross) = (row(net, "€28.05", "€26.65"), row(gross, "€34.50", "€32.77"));
        for rows in [format!("{net}{gross}"), format!("{gross}{net}")] {
            let found = amount(&format!("<table>{head}{rows}</table>"));
            assert_eq!(found.as_deref(), Some("34.50"), "{head}{rows}");
        }
    }
}

#[test]
fn what_is_bid_for_is_listed_and_neither_bids_nor_estimates_are_its_price() {
    for (label, button) in [
        ("Current bid", "Bid"),
        ("Winning bid", "Place bid"),
        ("Hammer price", "Bid"),
        ("Startpreis", "Bieten"),
        ("Mise à prix", "Enchérir"),
        ("Aktuellt bud", "Lägg bud"),
    ] {
        for estimate in [
            "",
            "<p>Estimate €50 – €70</p>",
            "<p>No bids yet · Estimate €50 – €70</p>",
        ] {
            let html = format!(
                "<title>Blue pan | Shop</title><body><h1>Blue pan</h1><p>{label}: <b>€34.50</b></p>\
                 {estimate}<form><input name=bid value=36><button>{button}</button></form></body>"
            );
            assert_eq!(amount_of(&html), None, "{html}");
        }
    }
}

#[test]
fn digits_in_elements_called_a_price_are_pieces_of_one_amount() {
    let pieces = |name: &str, digits: &[&str]| -> String {
        let pieces = digits.iter().map(|piece| match piece.parse::<u32>() {
            Ok(_) => format!("<span class='{name}Integer'>{piece}</span>"),
            Err(_) => format!("<span class='{name}Group'>{piece}</span>"),
        });
        format!(
            "<p><span class='{name}Code'>€</span> {}</p>",
            pieces.collect::<String>()
        )
    };
    for (digits, expected) in [
        (&["6", ".", "874", ",", "45"][..], "6874.45"),
        (&["1", ".", "206", ".", "874", ",", "45"], "1206874.45"),
        (&["6", ",", "874"], "6874"),
        (&["189", ",", "75"], "189.75"),
    ] {
        for name in ["price-currency", "product-price-1-x-currency", "x-"] {
            let found = amount(&pieces(name, digits));
            assert_eq!(found.as_deref(), Some(expected), "{name} {digits:?}");
        }
    }
}

#[test]
fn members_pay_another_price_and_what_is_saved_is_none() {
    for (label, other) in [
        ("優惠價", "會員價"),
        ("優惠價", "VIP會員價"),
        ("优惠价", "节省："),
        ("销售价：", "节省："),
        ("售價", "節省"),
    ] {
        let found = amount(&format!(
            "<ul><li><span>{label}</span> <b>€34.50</b></li><li><span>{other}</span> <b>€31.05</b></li></ul>"
        ));
        assert_eq!(found.as_deref(), Some("34.50"), "{label} {other}");
    }
}

#[test]
fn from_one_piece_on_is_the_price() {
    for from in ["from", "från", "ab", "dès", "od"] {
        let tier = |count: u32, price: &str| {
            format!("<div><span>{from} {count}</span> <span>{price}</span></div>")
        };
        let tiers = [tier(1, "€34.50"), tier(5, "€32.77"), tier(10, "€31.05")].concat();
        for name in ["price", "box"] {
            let found = amount(&format!("<div class={name}>{tiers}</div>"));
            assert_eq!(found.as_deref(), Some("34.50"), "{from} {name}");
        }
    }
}

#[test]
fn of_two_amounts_the_one_that_nothing_is_said_of_is_the_price() {
    for other in [
        "+ 3 year warranty €9.90",
        "Gift wrapping: €3.00",
        "Geschenkverpackung: €3.00",
        "Mindestbestellwert: €100.00",
        "€15.50 left to free shipping",
        "Buy both together for €89.00",
        "Rent it for €4.00 per day",
        "Elsewhere: €40.00",
    ] {
        for inner in [
            format!("<div class=price><span>€34.50</span> <span>{other}</span></div>"),
            format!("<div><div>{other}</div><div>€34.50</div></div>"),
            format!("<div>€34.50</div><p>{other}</p>"),
        ] {
            assert_eq!(amount(&inner).as_deref(), Some("34.50"), "{inner}");
        }
    }
    // The words may say that it is the price, or there are none to choose by.
    for other in ["Kampanjpris 29 €", "Clearance price: €29", "€29.00"] {
        let found = amount(&format!("<div>€34.50</div><p>{other}</p>"));
        assert_ne!(found.as_deref(), Some("34.50"), "{other}");
    }
}
